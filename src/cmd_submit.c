/* gabbai submit URL -d name=value: a form, filled in and submitted. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/account.h"
#include "src/asked.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/form.h"
#include "src/form_site.h"
#include "src/session.h"
#include "src/store.h"
#include "src/totp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	INPUT_MAX = 64 << 20,
	LINE_MAX_SIZE = 4096,
	SHOWN_MAX = 2000,
	PERSON_MS = 600000, /* --timeout when it is not given */
};

struct submission {
	const struct options *options;
	struct form_request request;
	struct form_result result;
	struct store *store;
	struct keyring *ring;
	struct site_account session, place; /* PLACE: under which codes are asked for */
	struct session saved;
	struct totp totp;
	struct asked asked;
	struct otp_plan otp;
	char *host;
	bool no_retry;                      /* as the JSON said it */
};

/* ---- what is to be submitted ---- */

static cJSON *read_json(struct error *err)
{
	struct buf text = { .size_max = INPUT_MAX };
	char chunk[16384];

	for (size_t n; (n = fread(chunk, 1, sizeof chunk, stdin)) > 0;)
		buf_append(&text, chunk, n);
	secret_wipe(chunk, sizeof chunk);
	cJSON *json = text.full ? NULL : json_parse(buf_text(&text), text.size, err);
	if (text.full)
		fail(err, ERR_LIMIT, "the standard input has more than %d MB", INPUT_MAX >> 20);
	buf_wipe(&text);
	return json;
}

static bool add_line(struct form_request *request, const char *name, struct error *err)
{
	char line[LINE_MAX_SIZE] = "";

	if (isatty(0))
		fprintf(stderr, "%s: ", name);
	const bool ok = fgets(line, sizeof line, stdin) || fail(err, ERR_INPUT, "the field \"%s\" is wanted on the standard input",
		name);
	line[strcspn(line, "\r\n")] = '\0';
	const bool added = ok && form_request_add(request, name, line, err);
	secret_wipe(line, sizeof line);
	return added;
}

/* "name=value", "name=@-", "name=@env:X", or "@-": a request as the API has it. */
static bool add_data(struct submission *s, const char *text, struct error *err)
{
	const char *equals = strchr(text, '=');
	AUTO(text) char *name = equals ? xstrndup(text, (size_t)(equals - text)) : NULL;

	if (!strcmp(text, "@-")) {
		AUTO(json) cJSON *json = read_json(err);
		const cJSON *retry = json_at(json, "autoRetryOnOTP");
		s->no_retry = s->no_retry || cJSON_IsFalse(retry);
		return json && form_request_read(&s->request, json, getenv("TMPDIR"), err);
	}
	if (!equals)
		return fail(err, ERR_INPUT, "-d wants NAME=VALUE, or @- for JSON on the standard input");
	if (equals[1] != '@')
		return form_request_add(&s->request, name, equals + 1, err);
	if (!strcmp(equals + 1, "@-"))
		return add_line(&s->request, name, err);
	if (equals[2] == '@') /* "@@x" is "@x" */
		return form_request_add(&s->request, name, equals + 2, err);
	AUTO(secret) struct secret *value = credential_look_up(equals + 2, err);
	return value ? form_request_add(&s->request, name, secret_reveal(value), err) : error_wrap(err, "-d %s", name);
}

/* The part of "PATH;type=image/png;filename=x.png" that is called NAME, owned by the caller; NULL. */
static char *part_of(const char *text, const char *name)
{
	AUTO(text) char *mark = xasprintf(";%s=", name);
	const char *at = strstr(text, mark);

	return at ? xstrndup(at + strlen(mark), strcspn(at + strlen(mark), ";")) : NULL;
}

static bool add_file(struct submission *s, const char *text, struct error *err)
{
	const char *at = strstr(text, "=@");

	if (!at)
		return fail(err, ERR_INPUT, "-F wants NAME=@PATH");
	AUTO(text) char *name = xstrndup(text, (size_t)(at - text));
	AUTO(text) char *path = xstrndup(at + 2, strcspn(at + 2, ";"));
	AUTO(text) char *type = part_of(at + 2, "type");
	AUTO(text) char *filename = part_of(at + 2, "filename");
	return form_request_add_file(&s->request, name, path, filename, type, err);
}

/* What the step before has left, as it printed it, or only the part that matters. */
static bool read_previous(struct submission *s, const char *text, struct error *err)
{
	AUTO(file) FILE *f = *text == '@' ? fopen(text + 1, "re") : NULL;
	AUTO(buf) struct buf content = { .size_max = INPUT_MAX };
	char chunk[4096];

	if (*text == '@' && !f)
		return fail_system(err, "reading %s", text + 1);
	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&content, chunk, n);
	const char *whole = f ? buf_text(&content) : text;
	AUTO(json) cJSON *json = json_parse(whole, strlen(whole), NULL);
	const char *inner = json_str(json, "previousStepData.state");
	inner = inner ? inner : json_str(json, "state");
	s->request.previous = inner ? xstrdup(inner) : xstrndup(whole, strcspn(whole, " \r\n"));
	return true;
}

static bool read_request(struct submission *s, struct error *err)
{
	const struct options *o = s->options;

	if (o->word_count > 2 || (o->word_count < 2 && !o->data_count))
		return fail(err, ERR_INPUT, "submit wants the address of one form");
	if (o->word_count == 2)
		s->request.url = xstrdup(o->words[1]);
	s->request.selector = copy_of(o->form);
	s->request.is_step = o->step || o->previous;
	for (size_t i = 0; i < o->data_count; i++)
		if (!add_data(s, o->data[i], err))
			return false;
	for (size_t i = 0; i < o->file_count; i++)
		if (!add_file(s, o->files[i], err))
			return false;
	if (o->previous && !read_previous(s, o->previous, err))
		return false;
	return s->request.url || fail(err, ERR_INPUT, "submit wants the address of one form");
}

/* ---- what it is done with ---- */

static bool open_ring(struct submission *s, struct error *err)
{
	if (!s->ring)
		s->ring = keyring_open(err);
	return s->ring != NULL;
}

static bool load_session(struct submission *s, struct error *err)
{
	const char *name = s->options->state;
	AUTO(text) char *own = name ? xasprintf("%s%s", strchr(name, '/') ? "" : "form/", name) : NULL;

	return !name || (account_read_any(own, &s->session, err) && open_ring(s, err)
		&& session_load(s->store, s->ring, &s->session, &s->saved, err));
}

/* "totp:NAME", a secret that is stored as form/NAME totp, or as a site's. */
static bool load_clock(struct submission *s, struct error *err)
{
	const char *name = NULL;
	struct site_account account;

	for (size_t i = 0; i < s->otp.count; i++)
		if (!strncmp(s->otp.sources[i], "totp:", 5))
			name = s->otp.sources[i] + 5;
		else if (!strcmp(s->otp.sources[i], "totp"))
			name = "default";
	if (!name)
		return true;
	AUTO(text) char *own = xasprintf("%s%s", strchr(name, '/') ? "" : "form/", name);
	if (!account_read_any(own, &account, err) || !open_ring(s, err))
		return false;
	AUTO(secret) struct secret *text = credential_read(s->store, s->ring, &account, "totp", err);
	if (!text || !totp_read(secret_reveal(text), &s->totp, err))
		return false;
	s->otp.totp = &s->totp;
	return true;
}

static bool ask(void *owner, struct cdp_page *page, const struct challenge *challenge, int attempt, struct secret **code,
	struct error *err)
{
	struct submission *s = owner;

	return otp_ask(&s->otp, page, challenge, attempt, code, err);
}

static bool begin(struct submission *s, struct error *err)
{
	const struct options *o = s->options;

	s->otp = o->otp;
	s->no_retry = s->no_retry || o->no_retry;
	if (!read_request(s, err) || !(s->store = store_open(err)) || !load_session(s, err) || !load_clock(s, err))
		return false;
	if (!o->state)
		store_relax(s->store); /* only counts, and what can be learned again */
	if ((s->request.is_step || s->no_retry || s->request.previous) && !open_ring(s, err))
		return false;
	s->host = site_host(s->request.url);
	s->otp.site = s->host ? s->host : "the site";
	s->place = (struct site_account){ .site = &account_forms };
	(void)snprintf(s->place.name, sizeof s->place.name, "%s", s->otp.site);
	s->asked = (struct asked){ .store = s->store, .account = &s->place };
	s->otp.asked = &s->asked;
	return true;
}

/* ---- what came of it ---- */

static void print_text(const struct form_result *r)
{
	printf("%s by %s in %.0f ms", r->success ? "submitted" : r->otp_required ? "a code is wanted: submitted" : "not submitted",
		r->method ? r->method : "nobody", r->duration_ms);
	if (r->status)
		printf(": HTTP %d", r->status);
	printf("%s\n", r->learned ? ", learned" : "");
	if (r->not_learned)
		log_line(LOG_INFO, "the next one needs the browser, too: %s", r->not_learned);
	AUTO(text) char *data = r->data ? json_print(r->data) : NULL;
	if (data)
		printf("%.*s\n", SHOWN_MAX, data);
}

static void print_json(const struct form_result *r, const struct error *why)
{
	AUTO(json) cJSON *json = form_result_json(r);

	if (!r->success && why->code)
		json_add(json, JSON_STR("errorType", ending_of(why).type));
	AUTO(text) char *text = json_print_pretty(json);
	printf("%s\n", text);
}

static bool save_session(struct submission *s, struct error *err)
{
	if (!s->options->state || !s->result.success || !s->result.state || s->options->no_save)
		return true;
	return session_save(s->store, s->ring, &s->session, s->result.state, s->result.url, err)
		|| error_wrap(err, "submitted, and the session was not saved");
}

static void end(struct submission *s)
{
	form_result_clear(&s->result);
	form_request_clear(&s->request);
	session_clear(&s->saved);
	totp_clear(&s->totp);
	store_free(s->store);
	keyring_free(s->ring);
	free(s->host);
}

int cmd_submit(const struct options *o)
{
	struct submission s = { .options = o };
	struct error err = { 0 };
	bool ok = begin(&s, &err);

	if (ok) {
		AUTO(json) cJSON *none = json_object(JSON_NODE("cookies", cJSON_CreateArray()),
			JSON_NODE("origins", cJSON_CreateArray()));
		const struct form_opts opts = { .program = o, .store = o->no_save ? NULL : s.store, .ring = s.ring,
			.no_retry = s.no_retry,
			.timeout_ms = o->timeout_ms < PERSON_MS ? o->timeout_ms : 0,
			.browser_only = o->browser_only, .state = s.saved.state ? s.saved.state : o->state ? none : NULL };
		const struct form_retriever retriever = { .owner = &s, .ask = ask,
			.approval_ms = o->no_input && !o->otp.count ? 0 : o->otp.wait_ms ? o->otp.wait_ms : OTP_WAIT_MS };
		ok = form_submit(&s.request, &opts, &retriever, &s.result, &err);
		if (*s.asked.id)
			asked_end(&s.asked, ok ? "accepted" : err.code == ERR_CODE_WRONG ? "rejected" : "cancelled", NULL);
	}
	if (!s.result.method && !ok)
		s.result.error = s.result.error ? s.result.error : xstrdup(err.text);
	if (o->json)
		print_json(&s.result, &err);
	else if (ok)
		print_text(&s.result);
	ok = ok && save_session(&s, &err);
	const int code = ok ? s.result.success ? EXIT_OK : EXIT_NO_CODE : command_failed(&err);
	end(&s);
	return code;
}
