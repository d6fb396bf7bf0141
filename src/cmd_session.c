/* gabbai session list|show|verify|export|import|forget: saved sessions, in and out. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "cdp/state.h"
#include "src/account.h"
#include "src/crypt.h"
#include "src/definition.h"
#include "src/ending.h"
#include "src/output.h"
#include "src/prove.h"
#include "src/session.h"
#include "src/session_file.h"
#include "src/store.h"

#include <errno.h>
#include <string.h>

enum { CDP_MS = 15000 };

/* What all of them have open. */
struct desk {
	const struct options *options;
	struct keyring *ring;
	struct store *store;
	struct site_account account;
};

/* ---- looking ---- */

static void print_session(const cJSON *s)
{
	const char *used = json_str(s, "lastUsedAt"), *ends = json_str(s, "expiresAt"), *why = json_str(s, "lastError");
	int64_t cookies = 0;

	(void)json_int(s, "cookies", &cookies);
	printf("%s/%s  %s  %d cookies  used %.16s%s%.16s%s%s\n", json_str(s, "platform"), json_str(s, "account"),
		json_str(s, "status"), (int)cookies, used ? used : "never", ends ? "  ends " : "", ends ? ends : "",
		why ? "  " : "", why ? why : "");
}

static bool list(struct desk *d, struct error *err)
{
	AUTO(json) cJSON *all = session_list(d->store, err);
	const cJSON *one;

	if (!all)
		return false;
	if (d->options->json) {
		AUTO(text) char *text = json_print_pretty(all);
		printf("%s\n", text);
		return true;
	}
	cJSON_ArrayForEach (one, all)
		print_session(one);
	return true;
}

/* The session of the account that the command names, opened. */
static bool load(struct desk *d, struct session *out, struct error *err)
{
	if (!session_load(d->store, d->ring, &d->account, out, err))
		return false;
	return out->state || fail(err, ERR_SIGNED_OUT, "%s/%s has no saved session; gabbai connect %s makes one",
		d->account.site->name, d->account.name, d->account.site->name);
}

/* What it holds, by name and number: no value. */
static cJSON *summary(const struct session *session)
{
	cJSON *origins = cJSON_CreateArray(), *domains = cJSON_CreateObject();
	const cJSON *one;

	cJSON_ArrayForEach (one, json_list(session->state, "origins"))
		json_add(origins, JSON_NODE(NULL, json_object(
			JSON_STR("origin", json_str(one, "origin")),
			JSON_INT("localStorage", cJSON_GetArraySize(json_at(one, "localStorage"))),
			JSON_INT("sessionStorage", cJSON_GetArraySize(json_at(one, "sessionStorage"))),
			JSON_INT("indexedDB", cJSON_GetArraySize(json_at(one, "indexedDB"))))));
	cJSON_ArrayForEach (one, json_list(session->state, "cookies")) {
		cJSON *count = cJSON_GetObjectItemCaseSensitive(domains, json_str(one, "domain"));
		if (count)
			cJSON_SetNumberValue(count, count->valuedouble + 1);
		else
			cJSON_AddNumberToObject(domains, json_str(one, "domain"), 1);
	}
	return json_object(JSON_STR("status", session->status), JSON_NODE("cookies", domains), JSON_NODE("origins", origins),
		JSON_NODE("browser", cJSON_Duplicate(json_at(session->state, "x-gabbai"), true)));
}

static bool show(struct desk *d, struct error *err)
{
	struct session session = { 0 };

	if (!load(d, &session, err)) {
		session_clear(&session);
		return false;
	}
	AUTO(json) cJSON *what = summary(&session);
	AUTO(text) char *text = json_print_pretty(what);
	printf("%s\n", text);
	session_clear(&session);
	return true;
}

/* ---- proving ---- */

/* Proves STATE and saves what the site made of it; a state that is proven to be over is marked. */
static bool prove_and_save(struct desk *d, const cJSON *state, bool was_saved, struct error *err)
{
	struct error why = { 0 };
	char *url = NULL;
	AUTO(json) cJSON *fresh = prove_state(d->account.site, d->options, state, &url, &why);
	AUTO(text) char *where = url;

	if (fresh)
		return session_save(d->store, d->ring, &d->account, fresh, where, err);
	if (why.code == ERR_SIGNED_OUT && was_saved)
		(void)session_mark(d->store, &d->account, "needs_reconnect", why.text, where, NULL); /* the proof is what to tell */
	if (err)
		*err = why;
	return false;
}

static bool verify(struct desk *d, struct error *err)
{
	struct session session = { 0 };
	const bool ok = account_lock(d->store, &d->account, err) && load(d, &session, err)
		&& prove_and_save(d, session.state, true, err);

	session_clear(&session);
	account_unlock(d->store, &d->account);
	if (ok)
		printf("%s/%s: still signed in\n", d->account.site->name, d->account.name);
	return ok;
}

/* ---- out ---- */

static bool export(struct desk *d, struct error *err)
{
	const char *name = d->options->format_name ? d->options->format_name : "storagestate";
	const int format = session_format_find(name);
	struct session session = { 0 };
	const char *lost;

	if (format < 0)
		return fail(err, ERR_INPUT, "--format %s: there are storagestate, cookies.txt and gabbai", name);
	if (!load(d, &session, err)) {
		session_clear(&session);
		return false;
	}
	struct buf text = { 0 };
	session_file_write(session.state, (enum session_format)format, &text, &lost);
	session_clear(&session);
	if (*lost)
		log_line(LOG_WARN, "not everything is in this file: %s", lost);
	const bool ok = output_write(d->options->output, &text, err);
	buf_wipe(&text);
	return ok;
}

/* ---- in ---- */

static cJSON *read_file(const char *path, const cJSON *domains, int *dropped, struct error *err)
{
	AUTO(file) FILE *f = !strcmp(path, "-") ? fdopen(dup(0), "r") : fopen(path, "re");
	struct buf text = { .size_max = SESSION_FILE_MAX };
	char chunk[16384];
	cJSON *state = NULL;

	for (size_t n; f && !text.full && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	secret_wipe(chunk, sizeof chunk);
	if (!f)
		fail(err, ERR_INPUT, "%s: %s", path, strerror(errno));
	else if (text.full)
		fail(err, ERR_INPUT, "%s: more than %d MB", path, SESSION_FILE_MAX >> 20);
	else if (!(state = session_file_read(buf_text(&text), text.size, domains, dropped, err)))
		error_wrap(err, "%s", path);
	buf_wipe(&text);
	return state;
}

/* From a tab of the person's own browser that shows the site. */
static cJSON *read_browser(const char *url, const cJSON *domains, int *dropped, struct error *err)
{
	AUTO(browser) struct cdp_browser *browser = cdp_browser_attach(url, NULL, deadline_in_ms(CDP_MS), err);
	AUTO(json) cJSON *tabs = browser ? cdp_browser_tabs(browser, CDP_MS / 5, err) : NULL;
	const cJSON *tab;

	cJSON_ArrayForEach (tab, tabs) {
		AUTO(json) cJSON *probe = json_object(JSON_NODE("origins", json_array(JSON_NODE(NULL,
			json_object(JSON_STR("origin", json_str(tab, "url")))))));
		session_keep_domains(probe, domains, dropped);
		if (!cJSON_GetArraySize(json_at(probe, "origins")) || json_true(tab, "sick"))
			continue;
		struct cdp_page *page = cdp_page_attach(browser, json_str(tab, "targetId"), NULL, deadline_in_ms(CDP_MS), err);
		cJSON *state = page ? cdp_state_capture(page, false, deadline_in_ms(CDP_MS), err) : NULL;
		if (state)
			session_keep_domains(state, domains, dropped);
		return state;
	}
	if (tabs)
		fail(err, ERR_INPUT, "no tab of the browser shows the site");
	return NULL;
}

static bool import(struct desk *d, struct error *err)
{
	const struct options *o = d->options;
	AUTO(json) cJSON *definition = definition_read(d->account.site, err);
	const cJSON *domains = json_list(definition, "domains");
	int dropped = 0;

	if (!definition)
		return false;
	if (!o->cdp && o->word_count < 4)
		return fail(err, ERR_INPUT, "session import wants SITE and FILE, or SITE and --cdp URL");
	AUTO(json) cJSON *state = o->cdp ? read_browser(o->cdp, domains, &dropped, err)
		: read_file(o->words[3], domains, &dropped, err);
	if (!state)
		return false;
	if (dropped)
		log_line(LOG_INFO, "%d cookies and origins of other sites were left out", dropped);
	const bool ok = account_lock(d->store, &d->account, err) && prove_and_save(d, state, false, err);
	account_unlock(d->store, &d->account);
	if (ok)
		printf("%s/%s: connected\n", d->account.site->name, d->account.name);
	return ok;
}

static bool forget(struct desk *d, struct error *err)
{
	bool found;

	if (!session_forget(d->store, &d->account, &found, err))
		return false;
	printf("%s/%s: %s\n", d->account.site->name, d->account.name, found ? "forgotten" : "there was no session");
	return true;
}

/* ---- the command ---- */

static const struct {
	const char *name;
	bool wants_account, wants_key;
	bool (*run)(struct desk *desk, struct error *err);
} verbs[] = {
	{ "list",   false, false, list   },
	{ "show",   true,  true,  show   },
	{ "verify", true,  true,  verify },
	{ "export", true,  true,  export },
	{ "import", true,  true,  import },
	{ "forget", true,  false, forget },
};

static bool run_verb(size_t i, struct desk *d, struct error *err)
{
	if (verbs[i].wants_account && d->options->word_count < 3)
		return fail(err, ERR_INPUT, "session %s wants SITE or SITE/ACCOUNT", verbs[i].name);
	return (!verbs[i].wants_account || account_read(d->options->words[2], &d->account, err))
		&& (!verbs[i].wants_key || (d->ring = keyring_open(err)) != NULL)
		&& (d->store = store_open(err)) != NULL
		&& verbs[i].run(d, err);
}

int cmd_session(const struct options *o)
{
	struct error err = { 0 };
	struct desk d = { .options = o };

	for (size_t i = 0; o->word_count > 1 && i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(o->words[1], verbs[i].name) != 0)
			continue;
		const bool ok = run_verb(i, &d, &err);
		store_free(d.store);
		keyring_free(d.ring);
		return ok ? EXIT_OK : command_failed(&err);
	}
	fail(&err, ERR_INPUT, "session wants list, show, verify, export, import or forget");
	return command_failed(&err);
}
