#include "src/form_replay.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/form_body.h"
#include "src/form_code.h"
#include "src/form_pattern.h"
#include "src/form_replay_impl.h"
#include "src/form_report.h"
#include "src/form_site.h"
#include "src/form_socket.h"
#include "src/form_success.h"

#include <string.h>
#include <strings.h>

/* ---- requests ---- */

static void keep(struct replay *r, const char *id, struct form_answer *answer)
{
	if (r->got_count < REPLAY_ANSWERS_MAX && id) {
		r->got[r->got_count].id = id;
		r->got[r->got_count++].answer = *answer;
		*answer = (struct form_answer){ 0 };
	}
}

/* What comes before: the page, and what its scripts ask for. */
static bool prepare_one(struct replay *r, const cJSON *one, struct error *err)
{
	const char *own = json_str(one, "url");
	AUTO(form_answer) struct form_answer answer = { 0 }, last = { 0 };
	const struct form_http_request request = { .url = own ? own : r->request->url, .by_document = !own };

	if (own && !site_may_follow(r->request->url, own, err))
		return false;
	if (!form_http_send(r->http, &request, &answer, NULL, err) || !form_http_follow(r->http, &answer, &last, err))
		return false;
	struct form_answer *end = last.url ? &last : &answer;
	if (end->status >= 400)
		return fail(err, ERR_HTTP, "the page of the form answers %d %s", end->status, form_reason(end->status, end->reason));
	keep(r, json_str(one, "id"), end);
	return true;
}

struct ready {
	char *url, *type;
	cJSON *headers;
	struct buf body;
	bool has_body;
};

static void ready_clear(struct ready *ready)
{
	free(ready->url);
	free(ready->type);
	cJSON_Delete(ready->headers);
	buf_wipe(&ready->body);
}

static bool fail_lacking(const struct replay *r, struct error *err)
{
	return fail(err, ERR_LAYOUT, "the form is not as it was learned: %s is missing", r->missing ? r->missing : "something");
}

static bool make_url(struct replay *r, const cJSON *step, struct ready *out, struct error *err)
{
	AUTO(json) cJSON *url = replay_value(r, "", json_at(step, "url"));
	AUTO(json) cJSON *query = json_list(step, "query") ? body_map_items(json_list(step, "query"), replay_value, r) : NULL;
	struct buf text = { 0 };

	if (!cJSON_IsString(url) || (json_list(step, "query") && !query))
		return fail_lacking(r, err);
	buf_puts(&text, url->valuestring);
	if (query) {
		buf_putc(&text, '?');
		body_print_query(query, &text);
	}
	out->url = buf_take(&text);
	return true;
}

/* Everything that can be missing is found missing before anything is sent. */
static bool make_ready(struct replay *r, const cJSON *step, struct ready *out, struct error *err)
{
	const cJSON *body = json_at(step, "body");
	const cJSON *header;

	*out = (struct ready){ .headers = cJSON_CreateObject(), .has_body = body != NULL };
	if (!make_url(r, step, out, err))
		return false;
	cJSON_ArrayForEach(header, json_at(step, "headers")) {
		AUTO(json) cJSON *value = replay_value(r, header->string, header);
		if (!cJSON_IsString(value) || !header->string)
			return fail_lacking(r, err);
		json_add(out->headers, JSON_STR(header->string, value->valuestring));
	}
	AUTO(json) cJSON *document = body ? body_map(body, replay_value, r) : NULL;
	if (body && !document)
		return fail_lacking(r, err);
	return !body || body_print(document, &out->body, &out->type, err);
}

/* The learned endpoint is the page's own choice; beyond that, what is given goes nowhere else. */
static bool is_learned_host(const struct replay *r, const char *url)
{
	const char *learned = json_str(r->pattern, "apiEndpoint");

	return (site_is_http(url) || !strncasecmp(url, "ws", 2)) && (site_is_same(r->request->url, url) || (learned
		&& site_is_same(learned, url)));
}

static bool may_send(const struct replay *r, const char *url, struct error *err)
{
	AUTO(text) char *host = site_host(url);

	if (!is_learned_host(r, url))
		return fail(err, ERR_BLOCKED, "the request would go to %s, which is neither the form's site nor the one learned",
			host ? host : "no host");
	if (!strncasecmp(r->request->url, "https:", 6) && strncasecmp(url, "https:", 6) != 0 && strncasecmp(url, "wss:", 4) != 0)
		return fail(err, ERR_BLOCKED, "the request would go from https to http (%s)", host);
	return true;
}

/* ---- how it ended ---- */

static enum form_replay_end fail_send(const struct replay *r, bool sent, struct error *err)
{
	if (!sent)
		return r->changed ? REPLAY_FAILED : REPLAY_NOT_SENT;
	if (err->code != ERR_CANCELLED)
		error_wrap(err, "the form was sent, and what became of it is not known, so it was not sent again");
	return REPLAY_FAILED;
}

static bool is_home(const cJSON *success, const struct form_answer *answer)
{
	const char *wanted = json_str(success, "location");
	AUTO(text) char *location = wanted ? form_location(answer) : NULL;

	return location && !strcmp(wanted, location);
}

/* Redirected to another place than always, and that is the form's. */
static bool is_back(const struct replay *r, const cJSON *success, const struct form_answer *first)
{
	AUTO(text) char *location = form_location(first);
	const char *path = strstr(r->request->url, "://");

	path = path ? path + 3 + strcspn(path + 3, "/?#") : "/";
	return json_str(success, "location") && location && !is_home(success, first)
		&& strlen(location) == strcspn(path, "?#") && !strncmp(location, path, strlen(location));
}

static void count_limit(const struct replay *r, int64_t wait_s)
{
	if (wait_s > 0 && r->http->opts->store)
		form_pattern_limit(r->http->opts->store, r->request->url, wait_s);
}

/* What asks for a code is answered, unless the caller wants to. */
static enum form_replay_end go_through_code(struct replay *r, const struct form_retriever *retriever,
	struct form_pattern *pattern, const struct form_answer *asks, struct form_result *out, struct error *err)
{
	const cJSON *otp = json_at(pattern->json, "otpPattern");
	AUTO(form_answer) struct form_answer last = { 0 };
	AUTO(json) cJSON *learned = NULL;

	report_challenge(out, form_code_endpoint(&out->challenge, otp, asks));
	if (r->http->opts->no_retry || (r->request->is_step && (!retriever || !retriever->ask))) {
		report_answer(out, asks);
		report_next_step(out, r->http->opts, client_cookies(r->http->client), asks, otp);
		return REPLAY_DONE;
	}
	struct answer_challenge challenge = { 0 };
	(void)form_judge(&r->http->judge, &(struct form_case){ .answer = asks, .otp = otp }, &challenge, &(int64_t){ 0 }, err);
	const bool ok = form_code(r->http, retriever, otp, asks, &challenge, &last, &learned, err);
	answer_challenge_clear(&challenge);
	report_answer(out, &last);
	if (ok && learned && !otp) {
		cJSON_DeleteItemFromObjectCaseSensitive(pattern->json, "requiresOTP");
		json_add(pattern->json, JSON_BOOL("requiresOTP", true));
		json_add(pattern->json, JSON_NODE("otpPattern", TAKE(learned)));
		if (r->http->opts->store)
			(void)form_pattern_update(r->http->opts->store, pattern, NULL); /* then it is learned the next time */
	}
	out->success = ok;
	return ok ? REPLAY_DONE : REPLAY_FAILED;
}

static enum form_replay_end end_step(struct replay *r, const struct form_retriever *retriever, struct form_pattern *pattern,
	const cJSON *step, bool is_last, struct form_answer *first, struct form_result *out, struct error *err)
{
	const cJSON *success = json_at(step, "success"), *otp = json_at(pattern->json, "otpPattern");
	AUTO(form_answer) struct form_answer last = { 0 };
	int64_t wait_s = 0;
	struct form_case c = { .answer = first, .success = success, .otp = is_last ? otp : NULL,
		.has_password = json_true(pattern->json, "password") };

	if (is_home(success, first) && !otp) { /* as always: what the page there says is for the person */
		struct error why = { 0 };
		if (is_last)
			(void)form_http_follow(r->http, first, &last, &why); /* it has been taken; where it leads may be elsewhere */
		report_answer(out, last.url ? &last : first);
		if (why.code && !last.url)
			report_location(out, first);
		return REPLAY_DONE;
	}
	/* The same is to be sent to another address (RFC 9110 §15.4.8): nothing has been done with it here. */
	if ((first->status == 307 || first->status == 308) && !r->changed) {
		fail(err, ERR_LAYOUT, "the site wants the form sent elsewhere: %d %s", first->status, first->reason);
		return REPLAY_UNKNOWN;
	}
	enum form_outcome outcome = form_judge(&r->http->judge, &c, &out->challenge, &wait_s, err);
	if (outcome == FORM_DONE && form_answer_header(first, "location") && first->status >= 300 && first->status < 400) {
		if (!form_http_follow(r->http, first, &last, err)) {
			error_wrap(err, "the form was taken, and then");
			return REPLAY_FAILED;
		}
		c.answer = last.url ? &last : first;
		c.success = NULL;
		outcome = form_judge(&r->http->judge, &c, &out->challenge, &wait_s, err);
	}
	const struct form_answer *end = last.url ? &last : first;
	count_limit(r, wait_s);
	if (outcome == FORM_ASKED)
		return go_through_code(r, retriever, pattern, end, out, err);
	report_answer(out, end);
	if (outcome == FORM_DONE && is_back(r, success, first)) {
		fail(err, c.has_password ? ERR_REFUSED : ERR_VALUE, "Response does not match success indicators");
		outcome = FORM_FAILED;
	}
	return outcome == FORM_DONE ? REPLAY_DONE : outcome == FORM_UNKNOWN && !r->changed ? REPLAY_UNKNOWN : REPLAY_FAILED;
}

static bool send_message(struct replay *r, const cJSON *step, const struct ready *ready, struct form_answer *answer, bool *sent,
	struct error *err)
{
	AUTO(text) char *text = xasprintf("%s%s", json_str(step, "prefix"), buf_text(&ready->body));
	const bool ok = form_socket_send(r->http, ready->url, text, answer, sent, err);

	secret_wipe(text, strlen(text));
	return ok;
}

static enum form_replay_end do_step(struct replay *r, const struct form_retriever *retriever, struct form_pattern *pattern,
	const cJSON *step, bool is_last, struct form_result *out, struct error *err)
{
	struct ready ready;
	AUTO(form_answer) struct form_answer first = { 0 };
	const char *method = json_str(step, "method");
	bool sent = false;

	if (!make_ready(r, step, &ready, err) || !may_send(r, ready.url, err)) {
		ready_clear(&ready);
		return r->changed ? REPLAY_FAILED : REPLAY_NOT_SENT;
	}
	const bool ok = json_str(step, "prefix") ? send_message(r, step, &ready, &first, &sent, err)
		: form_http_send(r->http, &(struct form_http_request){ .method = method, .url = ready.url,
		.headers = ready.headers, .type = ready.type, .body = ready.has_body ? &ready.body : NULL,
		.by_document = json_true(step, "byDocument") }, &first, &sent, err);
	ready_clear(&ready);
	if (!ok)
		return fail_send(r, sent, err);
	const enum form_replay_end end = end_step(r, retriever, pattern, step, is_last, &first, out, err);
	r->changed = true;
	keep(r, json_str(step, "id"), &first);
	return end;
}

enum form_replay_end form_replay(const struct form_request *request, const struct form_opts *opts,
	const struct form_retriever *retriever, struct form_pattern *pattern, struct form_result *out, struct error *err)
{
	AUTO(form_http) struct form_http http = { 0 };
	struct replay r = { .request = request, .http = &http, .pattern = pattern->json };
	enum form_replay_end end = REPLAY_NOT_SENT;
	const cJSON *one;
	bool ok = true;

	form_http_open(&http, opts, request->url, json_str(pattern->json, "userAgent"), json_str(pattern->json, "language"));
	cJSON_ArrayForEach(one, json_list(pattern->json, "prepare"))
		ok = ok && prepare_one(&r, one, err);
	if (ok && !json_list(pattern->json, "steps"))
		ok = fail(err, ERR_LAYOUT, "nothing was learned of the form");
	const cJSON *steps = ok ? json_list(pattern->json, "steps") : NULL;
	cJSON_ArrayForEach(one, steps) {
		end = do_step(&r, retriever, pattern, one, !one->next, out, err);
		if (end != REPLAY_DONE)
			break;
	}
	if (end == REPLAY_DONE) {
		out->success = out->success || !out->otp_required;
		out->state = json_object(JSON_NODE("cookies", client_cookies(http.client)), JSON_NODE("origins", cJSON_CreateArray()));
	}
	for (size_t i = 0; i < r.got_count; i++)
		form_answer_clear(&r.got[i].answer);
	free(r.missing);
	return end;
}
