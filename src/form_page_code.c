#include "src/form_page_code.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/conn.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "scrapers/scrape.h"
#include "src/form_body.h"
#include "src/form_capture.h"
#include "src/form_code.h"
#include "src/form_judge.h"

#include <string.h>

enum { LOOK_MS = 60, ASKS_MS = 5000 };

static const char *const no_fields[] = { NULL };
static const struct site form_site = { .name = "form", .title = "The site", .fields = no_fields };

/* ---- what is shown ---- */

static bool is_question(enum challenge_kind kind)
{
	return kind == CHALLENGE_CODE || kind == CHALLENGE_METHOD || kind == CHALLENGE_PUSH || kind == CHALLENGE_RECOVERY;
}

bool form_page_asks(struct cdp_page *page, int wait_ms, struct error *err)
{
	const struct deadline until = deadline_in_ms(wait_ms);
	struct challenge_sight sight = { .again = DEADLINE_NEVER };
	AUTO(challenge) struct challenge challenge = { 0 };

	for (;;) {
		struct error why = { 0 };
		if (challenge_may_differ(page, &sight) && !challenge_look(page, &sight, &challenge, err))
			return false;
		if (is_question(challenge.kind))
			return true;
		if (deadline_passed(until) && !challenge.is_partial)
			return false;
		if (!cdp_conn_wait(cdp_page_conn(page), deadline_in_ms(LOOK_MS), &why) && why.code != ERR_TIMEOUT)
			return false;
	}
}

void form_page_challenge(struct cdp_page *page, struct answer_challenge *out)
{
	static const char *const types[] = { "sms", "email", "totp", "call", "whatsapp", "push" };
	AUTO(challenge) struct challenge c = { 0 };

	answer_challenge_clear(out);
	if (!challenge_detect(page, &c, NULL))
		return;
	out->kind = c.kind;
	out->type = c.kind == CHALLENGE_PUSH ? "push" : c.kind == CHALLENGE_RECOVERY ? "backup_code" : "unknown";
	for (size_t i = 0; c.channel && i < sizeof types / sizeof *types; i++)
		if (!strcmp(c.channel, types[i]))
			out->type = types[i];
	out->message = copy_of(c.message);
	out->destination = copy_of(c.destination);
	out->expires_in = c.expires_in;
	out->retry_after = c.retry_after;
	out->digits = c.digits ? c.digits : !strcmp(out->type, "totp") ? 6 : 0;
}

/* ---- what the page does with a code ---- */

struct host {
	const struct form_page_code *code;
	struct secret *last; /* the code that was typed last */
};

static bool ask_code(void *owner, const struct challenge *challenge, int attempt, struct secret **code, struct error *err)
{
	struct host *host = owner;
	const struct form_retriever *r = host->code->retriever;

	if (!r || !r->ask)
		return fail(err, ERR_CODE_MISSING, "nobody");
	if (!r->ask(r->owner, host->code->page, challenge, attempt, code, err))
		return false;
	secret_free(host->last);
	host->last = *code ? secret_new(secret_reveal(*code), secret_size(*code)) : NULL; /* NULL: typed by hand */
	return true;
}

static void on_step(void *owner, const char *step)
{
	(void)owner, (void)step;
}

struct named {
	const char *value, *name;
	char *found;
};

static cJSON *find_name(void *user, const char *name, const cJSON *value)
{
	struct named *n = user;

	if (cJSON_IsString(value) && !strcmp(value->valuestring, n->value) && !n->found)
		n->found = xstrdup(name);
	return cJSON_CreateNull();
}

/* The request that took the code, and under which name. */
static void learn(const struct host *host, unsigned long long before, const struct answer_challenge *challenge,
	struct form_answer *last, cJSON **learned)
{
	struct form_request request = { .fields = { { .name = (char[]){ "code" }, .value = host->last } }, .field_count = 1 };
	struct form_sent sent[FORM_SENT_MAX];
	const size_t count = host->last ? form_capture_take(host->code->page, &request, before, sent) : 0;
	struct form_sent *end = count ? &sent[count - 1] : NULL;

	if (end) {
		AUTO(json) cJSON *document = end->body ? body_parse(form_sent_type(end), end->body, strlen(end->body)) : NULL;
		struct named n = { .value = secret_reveal(host->last) };
		cJSON_Delete(document ? body_map(document, find_name, &n) : NULL);
		const char *encoding = json_str(document, "encoding");
		*learned = form_code_pattern(challenge, host->code->asks, end->url, n.found ? n.found : "code", end->method,
			encoding && strcmp(encoding, "text") != 0 ? encoding : "json");
		free(n.found);
		*last = end->answer;
		end->answer = (struct form_answer){ 0 };
	}
	for (size_t i = 0; i < count; i++)
		form_sent_clear(&sent[i]);
}

/* The requirement has the status of the answer to the code, where there is one. */
static bool fail_wrong(struct form_answer *last, const struct error *why, struct error *err)
{
	return fail(err, ERR_CODE_WRONG, "OTP verification failed: %d %s (%s)", last->status, form_reason(last->status, last->reason),
		why->text);
}

bool form_page_code(const struct form_page_code *code, const struct answer_challenge *challenge, struct form_answer *last,
	cJSON **learned, struct error *err)
{
	static const struct scrape_outcome asked[] = { { .challenge = CHALLENGE_CODE }, { .challenge = CHALLENGE_METHOD },
		{ .challenge = CHALLENGE_RECOVERY }, { .challenge = CHALLENGE_PUSH } };
	static const struct scrape_outcome over[] = { { .settled = true } };
	struct host host = { .code = code };
	const struct scrape_host doors = { .owner = &host, .ask_code = ask_code, .on_step = on_step };
	const struct scrape_options options = { .approval_ms = code->retriever ? code->retriever->approval_ms : 0 };
	AUTO(json) cJSON *definition = cJSON_CreateObject();
	struct scrape *s = scrape_new(&form_site, definition, code->page, &doors, &options);
	const unsigned long long before = cdp_network_now(code->page);
	struct error why = { 0 };

	const int what = scrape_race(s, asked, sizeof asked / sizeof *asked, ASKS_MS);
	const bool ok = what >= 0 && (what == 3 ? scrape_race(s, over, 1, options.approval_ms + code->timeout_ms)
		: scrape_enter_code(s, over, 1, code->timeout_ms)) >= 0;
	if (!ok)
		why = scrape_reason(s);
	learn(&host, before, challenge, last, learned);
	scrape_free(s);
	secret_free(host.last);
	if (ok)
		return true;
	return why.code == ERR_CODE_WRONG && last->status ? fail_wrong(last, &why, err) : form_code_failed(&why, err);
}
