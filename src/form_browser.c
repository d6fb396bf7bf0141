#include "src/form_browser.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/browser.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "cdp/state.h"
#include "cdp/storage.h"
#include "scrapers/detect.h"
#include "src/form_capture.h"
#include "src/form_code.h"
#include "src/form_find.h"
#include "src/form_learn.h"
#include "src/form_page_code.h"
#include "src/form_pattern.h"
#include "src/form_report.h"
#include "src/form_site.h"
#include "src/form_socket.h"
#include "src/tab.h"

#include <string.h>

enum {
	STEPS_MAX = 6,
	SENT_MAX = 16,
	ANSWERS_MAX = 24,
	SCRIPTS_MAX = 12,
	STATE_MS = 10000,
	CAPTCHA_MS = 500,
	PAGE_ASKS_MS = 2000, /* for the page to show what its server has asked for */
};

struct browsing {
	const struct form_request *request;
	const struct form_opts *opts;
	const struct form_retriever *retriever;
	struct form_result *out;
	struct tab tab;
	struct cdp_page *page;
	cJSON *keys;      /* of fields that are still to be filled in */
	cJSON *fields;    /* of all forms so far */
	cJSON *cookies;   /* just before the last submission */
	bool has_password;
	struct form_sent sent[SENT_MAX];
	size_t sent_count;
	struct form_answer answers[ANSWERS_MAX], scripts[SCRIPTS_MAX];
	size_t answer_count, script_count;
	struct form_judge judge;
	struct form_sockets sockets;
	cJSON *otp;       /* what was learned of codes */
};

static int patience(const struct browsing *b)
{
	return b->opts->timeout_ms ? b->opts->timeout_ms : FORM_TIMEOUT_MS;
}

static struct deadline soon(const struct browsing *b)
{
	return deadline_in_ms(patience(b));
}

/* ---- before ---- */

static void add_key(cJSON *keys, const char *name)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, keys)
		if (!strcmp(one->valuestring, name))
			return;
	json_add(keys, JSON_STR(NULL, name));
}

static bool open_page(struct browsing *b, struct error *err)
{
	struct cdp_visit visit = { 0 };

	if (!tab_open(&b->tab, b->opts->program, NULL, false, err))
		return false;
	b->page = b->tab.page;
	form_sockets_open(&b->sockets, b->page);
	if (b->opts->state && !cdp_state_restore(b->page, b->opts->state, deadline_in_ms(STATE_MS), err))
		return false;
	if (!cdp_page_goto(b->page, b->request->url, &(struct cdp_goto_opts){ .timeout_ms = patience(b), .ready = CDP_PARSED },
		&visit, err))
		return false;
	if (visit.status == 429 || visit.status == 403)
		return fail(err, ERR_BLOCKED, "the page of the form answers %d %s", visit.status, form_reason(visit.status, ""));
	return visit.status < 400 || fail(err, visit.status < 500 ? ERR_LAYOUT : ERR_HTTP, "the page of the form answers %d %s",
		visit.status, form_reason(visit.status, ""));
}

/* What is seen after the last key is gone from the list: the next form's are left. */
static void take_fields(struct browsing *b, const cJSON *form)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, json_list(form, "fields")) {
		const char *key = json_str(field, "key");
		for (int i = cJSON_GetArraySize(b->keys) - 1; i >= 0; i--)
			if (!strcmp(cJSON_GetArrayItem(b->keys, i)->valuestring, key))
				cJSON_DeleteItemFromArray(b->keys, i);
		cJSON_AddItemToArray(b->fields, cJSON_Duplicate(field, true));
	}
	b->has_password = b->has_password || json_true(form, "password");
}

/* A password is often asked for on a second page. */
static bool may_come_later(const struct browsing *b)
{
	return b->request->is_step || (cJSON_GetArraySize(b->keys) > 1 && b->request->file_count == 0);
}

static bool is_late_password(const cJSON *keys, const cJSON *form)
{
	const cJSON *key;

	cJSON_ArrayForEach(key, keys) {
		const cJSON *field;
		bool there = false;
		cJSON_ArrayForEach(field, json_list(form, "fields"))
			there = there || !strcmp(json_str(field, "key"), key->valuestring);
		if (!there && !strcasestr(key->valuestring, "pass") && !strcasestr(key->valuestring, "pwd"))
			return false;
	}
	return !json_true(form, "password");
}

static bool find(struct browsing *b, struct form_found *found, struct error *err)
{
	if (!form_find(b->page, b->keys, b->request->selector, may_come_later(b), soon(b), found, err))
		return false;
	if (found->matched == cJSON_GetArraySize(b->keys) || b->request->is_step || b->sent_count
			|| is_late_password(b->keys, found->form))
		return true;
	return form_find(b->page, b->keys, b->request->selector, false, deadline_in_ms(0), found, err);
}

/* A captcha in the way is said before anything is typed. */
static bool is_free(struct browsing *b, struct error *err)
{
	AUTO(challenge) struct challenge challenge = { 0 };

	if (!challenge_detect(b->page, &challenge, err))
		return false;
	return challenge.kind != CHALLENGE_CAPTCHA || fail(err, ERR_BLOCKED, "the form wants a captcha, which only a person can do;"
		" nothing was submitted");
}

/* ---- submitting ---- */

static void note_before(struct browsing *b)
{
	if (b->answer_count)
		return; /* what the later steps are made of is in the answers to the earlier ones */
	const unsigned long long now = cdp_network_now(b->page);
	b->answer_count = form_capture_answers(b->page, now, "Document XHR Fetch", b->answers, ANSWERS_MAX);
	b->script_count = form_capture_answers(b->page, now, "Script", b->scripts, SCRIPTS_MAX);
}

static void take_cookies(struct browsing *b)
{
	cJSON_Delete(b->cookies);
	b->cookies = cdp_cookies_get(b->tab.browser, b->tab.context, deadline_in_ms(STATE_MS), NULL);
}

static bool fail_not_sent(struct browsing *b, const struct form_found *found, struct error *err)
{
	AUTO(text) char *invalid = err->code == ERR_LAYOUT ? form_invalid(b->page, found) : NULL;

	return invalid ? fail(err, ERR_INPUT, "the page did not take what was filled in: %s", invalid) : false;
}

static bool submit(struct browsing *b, struct form_found *found, struct error *err)
{
	struct form_sent sent[FORM_SENT_MAX];

	if (!form_fill(b->page, found, b->request, patience(b), err))
		return false;
	note_before(b);
	take_cookies(b);
	const unsigned long long before = cdp_network_now(b->page);
	const int wanted = cJSON_GetArraySize(json_list(found->form, "fields"));
	take_fields(b, found->form);
	form_sockets_forget(&b->sockets);
	if (!form_press(b->page, found, patience(b), err))
		return false;
	if (!form_capture_wait(b->page, &b->sockets, b->request, before, wanted, soon(b), err))
		return fail_not_sent(b, found, err);
	size_t count = form_capture_take(b->page, b->request, before, sent);
	if (!count && b->sockets.best.url) {
		sent[count++] = b->sockets.best;
		b->sockets.best = (struct form_sent){ 0 };
	}
	for (size_t i = 0; i < count; i++)
		if (b->sent_count < SENT_MAX)
			b->sent[b->sent_count++] = sent[i];
		else
			form_sent_clear(&sent[i]);
	return true;
}

/* ---- how it ended ---- */

/* The last document that the page shows, as an answer. */
static void take_page(struct browsing *b, struct form_answer *out)
{
	struct form_answer list[1] = { 0 };

	if (form_capture_answers(b->page, cdp_network_now(b->page), "Document", list, 1) && list[0].url)
		*out = list[0];
}

static enum form_outcome judge(struct browsing *b, struct form_answer *end, struct error *err)
{
	const struct form_sent *last = &b->sent[b->sent_count - 1];
	struct form_case c = { .answer = &last->answer, .has_password = b->has_password };
	int64_t wait_s = 0;
	enum form_outcome outcome = form_judge(&b->judge, &c, &b->out->challenge, &wait_s, err);

	if (outcome == FORM_DONE && last->answer.status >= 300 && last->answer.status < 400) {
		take_page(b, end);
		c.answer = end;
		if (end->url && site_is_same(b->request->url, end->url))
			outcome = form_judge(&b->judge, &c, &b->out->challenge, &wait_s, err);
	}
	if (wait_s > 0 && b->opts->store)
		form_pattern_limit(b->opts->store, b->request->url, wait_s);
	return outcome;
}

/* ---- codes ---- */

/* The page shows a field for the code: whatever it does with it, it does itself. */
static bool page_asks(struct browsing *b, int wait_ms, struct error *err)
{
	return form_page_asks(b->page, wait_ms, err);
}

static bool code_over_http(struct browsing *b, const struct form_answer *asks, struct error *err)
{
	AUTO(form_http) struct form_http http = { 0 };
	AUTO(form_answer) struct form_answer last = { 0 };
	struct answer_challenge challenge = { 0 };
	int64_t wait_s;

	form_http_open(&http, b->opts, b->request->url, cdp_browser_user_agent(b->tab.browser), NULL);
	take_cookies(b);
	client_add_cookies(http.client, b->cookies);
	(void)form_judge(&http.judge, &(struct form_case){ .answer = asks }, &challenge, &wait_s, err);
	const bool ok = form_code(&http, b->retriever, NULL, asks, &challenge, &last, &b->otp, err);
	answer_challenge_clear(&challenge);
	report_answer(b->out, &last);
	cJSON_Delete(b->cookies);
	b->cookies = client_cookies(http.client);
	return ok;
}

static bool leave_to_caller(struct browsing *b, const struct form_answer *asks)
{
	report_answer(b->out, asks);
	take_cookies(b);
	report_next_step(b->out, b->opts, cJSON_Duplicate(b->cookies, true), asks, NULL);
	return true;
}

static bool go_through_code(struct browsing *b, const struct form_answer *asks, bool on_page, struct error *err)
{
	const struct form_page_code code = { .page = b->page, .retriever = b->retriever, .asks = asks, .url = b->request->url,
		.timeout_ms = patience(b) };

	report_challenge(b->out, form_code_endpoint(&b->out->challenge, NULL, asks));
	if (b->opts->no_retry || (b->request->is_step && (!b->retriever || !b->retriever->ask)))
		return leave_to_caller(b, asks);
	if (!on_page && !page_asks(b, PAGE_ASKS_MS, NULL))
		return code_over_http(b, asks, err);
	AUTO(form_answer) struct form_answer last = { 0 };
	const bool ok = form_page_code(&code, &b->out->challenge, &last, &b->otp, err);
	AUTO(form_answer) struct form_answer page = { 0 };
	if (last.status >= 300 && last.status < 400)
		take_page(b, &page);
	if (last.url)
		report_answer(b->out, page.url ? &page : &last);
	return ok;
}

/* ---- learning ---- */

static void learn(struct browsing *b)
{
	const struct form_lesson lesson = { .request = b->request, .fields = b->fields, .has_password = b->has_password,
		.answers = b->answers, .answer_count = b->answer_count, .scripts = b->scripts, .script_count = b->script_count,
		.sent = b->sent, .sent_count = b->sent_count, .cookies = b->cookies, .page_url = b->request->url };
	struct error why = { 0 };
	AUTO(json) cJSON *pattern = form_learn(&lesson, &b->out->not_learned);

	if (!pattern || !b->opts->store)
		return;
	if (b->out->otp_required) {
		const cJSON *steps = json_list(pattern, "steps");
		cJSON *last = (cJSON *)(uintptr_t)json_at(cJSON_GetArrayItem(steps, cJSON_GetArraySize(steps) - 1), "success");
		cJSON_DeleteItemFromObjectCaseSensitive(last, "shape"); /* it is that of a question */
		cJSON_DeleteItemFromObjectCaseSensitive(last, "responseFields");
		json_add(pattern, JSON_BOOL("requiresOTP", true));
		json_add(pattern, JSON_NODE("otpPattern", TAKE(b->otp)));
	}
	b->out->learned = form_pattern_save(b->opts->store, b->request, pattern, &why);
	if (!b->out->learned)
		b->out->not_learned = xstrdup(why.text);
}

/* ---- the whole of it ---- */

static bool all_steps(struct browsing *b, struct error *err)
{
	for (int step = 0; step < STEPS_MAX; step++) {
		AUTO(form_found) struct form_found found = { 0 };
		AUTO(form_answer) struct form_answer end = { 0 };
		if (!find(b, &found, err) || (!step && !is_free(b, err)) || !submit(b, &found, err))
			return false;
		const struct form_answer *answer = &b->sent[b->sent_count - 1].answer;
		const bool more = cJSON_GetArraySize(b->keys) > 0 && !b->request->is_step;
		/* The form's next page has a field for a password: that is no refusal. */
		const bool had_password = b->has_password;
		b->has_password = had_password && !more;
		enum form_outcome outcome = judge(b, &end, err);
		b->has_password = had_password;
		bool on_page = false;
		if (outcome == FORM_DONE && !more && page_asks(b, 0, err)) {
			on_page = true;
			outcome = FORM_ASKED;
			form_page_challenge(b->page, &b->out->challenge);
		}
		if (outcome == FORM_ASKED)
			return go_through_code(b, end.url ? &end : answer, on_page, err);
		report_answer(b->out, end.url ? &end : answer);
		if (outcome != FORM_DONE)
			return false;
		if (!more)
			return true;
	}
	return fail(err, ERR_LAYOUT, "the form has more than %d pages", STEPS_MAX);
}

static void take_state(struct browsing *b)
{
	if (!b->out->state)
		b->out->state = cdp_state_capture(b->page, true, deadline_in_ms(STATE_MS), NULL);
}

static void browsing_clear(struct browsing *b)
{
	form_sockets_clear(&b->sockets);
	tab_close(&b->tab);
	cJSON_Delete(b->keys);
	cJSON_Delete(b->fields);
	cJSON_Delete(b->cookies);
	cJSON_Delete(b->otp);
	for (size_t i = 0; i < b->sent_count; i++)
		form_sent_clear(&b->sent[i]);
	for (size_t i = 0; i < b->answer_count; i++)
		form_answer_clear(&b->answers[i]);
	for (size_t i = 0; i < b->script_count; i++)
		form_answer_clear(&b->scripts[i]);
	form_judge_clear(&b->judge);
}

bool form_browser(const struct form_request *request, const struct form_opts *opts, const struct form_retriever *retriever,
	struct form_result *out, struct error *err)
{
	struct browsing b = { .request = request, .opts = opts, .retriever = retriever, .out = out, .keys = cJSON_CreateArray(),
		.fields = cJSON_CreateArray() };
	struct error why = { 0 };

	out->method = "browser";
	for (size_t i = 0; i < request->field_count; i++)
		add_key(b.keys, request->fields[i].name);
	for (size_t i = 0; i < request->file_count; i++)
		add_key(b.keys, request->files[i].name);
	const bool ok = open_page(&b, &why) && all_steps(&b, &why);
	out->success = ok && (!out->otp_required || !out->next_step);
	if (ok) {
		learn(&b);
		if (opts->state || request->is_step)
			take_state(&b);
	}
	browsing_clear(&b);
	if (!ok && err)
		*err = why;
	return ok;
}
