#include "src/form.h"

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/form_browser.h"
#include "src/form_code.h"
#include "src/form_http.h"
#include "src/form_pattern.h"
#include "src/form_replay.h"
#include "src/form_report.h"
#include "src/form_site.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

void form_result_clear(struct form_result *r)
{
	answer_challenge_clear(&r->challenge);
	free(r->endpoint);
	free(r->url);
	cJSON_Delete(r->data);
	free(r->error);
	free(r->not_learned);
	free(r->next_step);
	cJSON_Delete(r->state);
	*r = (struct form_result){ 0 };
}

static cJSON *challenge_json(const struct form_result *r)
{
	const struct answer_challenge *c = &r->challenge;
	cJSON *json = json_object(JSON_STR("type", c->type), JSON_STR("message", c->message), JSON_STR("destination", c->destination),
		JSON_STR("endpoint", r->endpoint));

	if (c->expires_in)
		json_add(json, JSON_INT("expiresIn", c->expires_in));
	if (c->retry_after)
		json_add(json, JSON_INT("retryAfter", c->retry_after));
	if (c->digits)
		json_add(json, JSON_INT("codeLength", c->digits));
	return json;
}

/* An OAuth sign-in elsewhere: the person's, in a browser (RFC 6749 §4.1.1, RFC 7636 §4.3). */
static cJSON *oauth_json(const char *url)
{
	if (!url || !strstr(url, "client_id=") || !strstr(url, "response_type="))
		return NULL;
	const char *type = strstr(url, "response_type=") + 14;
	const bool implicit = memmem(type, strcspn(type, "&#"), "token", 5) != NULL;
	AUTO(text) char *host = site_host(url);
	return json_object(JSON_STR("provider", host),
		JSON_STR("flow", strstr(url, "code_challenge=") ? "pkce" : implicit ? "implicit" : "code"));
}

cJSON *form_result_json(const struct form_result *r)
{
	cJSON *json = json_object(JSON_BOOL("success", r->success), JSON_STR("method", r->method), JSON_BOOL("learned", r->learned),
		JSON_BOOL("otpRequired", r->otp_required), JSON_NODE("otpChallenge", r->otp_required ? challenge_json(r) : NULL));

	if (r->status)
		json_add(json, JSON_INT("responseStatus", r->status));
	json_add(json, JSON_STR("responseUrl", r->url));
	json_add(json, JSON_NODE("responseData", r->data ? cJSON_Duplicate(r->data, true) : cJSON_CreateNull()));
	json_add(json, JSON_NUM("duration", (double)(int64_t)(r->duration_ms * 10) / 10));
	json_add(json, JSON_NODE("oauth", oauth_json(r->url)));
	json_add(json, JSON_STR("error", r->error));
	json_add(json, JSON_STR("notLearned", r->not_learned));
	if (r->next_step)
		json_add(json, JSON_NODE("previousStepData", json_object(JSON_STR("state", r->next_step))));
	return json;
}

/* ---- the road ---- */

static bool check(const struct form_request *request, const struct form_opts *opts, struct error *err)
{
	if (!site_is_http(request->url))
		return fail(err, ERR_INPUT, "the form's address is not one of http or https");
	const int64_t wait_s = opts->store ? form_pattern_wait(opts->store, request->url) : 0;
	if (wait_s)
		return fail(err, ERR_BLOCKED, "Rate limit exceeded. Retry after %" PRId64 " seconds.", wait_s);
	for (size_t i = 0; i < request->file_count; i++)
		if (access(request->files[i].path, R_OK) != 0)
			return fail_system(err, "reading %s", request->files[i].path);
	return true;
}

/* A password that is wrong and a code that nobody has say nothing about the pattern. */
static bool is_of_person(enum error_code code)
{
	return code == ERR_REFUSED || code == ERR_CODE_MISSING || code == ERR_CODE_CANCEL || code == ERR_CODE_WRONG
		|| code == ERR_CODE_TIMEOUT || code == ERR_CANCELLED || code == ERR_APPROVAL || code == ERR_BLOCKED;
}

/* True when the browser is to do it now. */
static bool replay(const struct form_request *request, const struct form_opts *opts, const struct form_retriever *retriever,
	struct form_pattern *pattern, struct form_result *out, bool *ok, struct error *err)
{
	struct error why = { 0 };

	out->method = "api";
	const enum form_replay_end end = form_replay(request, opts, retriever, pattern, out, &why);
	const bool unfit = end == REPLAY_UNKNOWN || (end == REPLAY_NOT_SENT && why.code == ERR_LAYOUT);
	const bool counts = end == REPLAY_DONE || !is_of_person(why.code);
	*ok = end == REPLAY_DONE;
	if (counts)
		(void)form_pattern_count(opts->store, pattern, *ok, unfit || why.code == ERR_VALUE,
			NULL); /* what cannot be counted has been submitted all the same */
	if (*ok || end == REPLAY_FAILED) {
		if (!*ok && err)
			*err = why;
		return false;
	}
	log_line(LOG_INFO, "what was learned of the form does not hold any more (%s): once more in the browser", why.text);
	const struct form_result none = { 0 };
	form_result_clear(out);
	*out = none;
	return true;
}

/* What the step before was asked for, if it was a code. */
static bool go_on(const struct form_request *request, const struct form_opts *opts, const struct form_retriever *retriever,
	struct form_result *out, struct error *err)
{
	AUTO(json) cJSON *cookies = NULL, *otp = NULL;
	AUTO(form_answer) struct form_answer asks = { 0 }, last = { 0 };
	AUTO(form_http) struct form_http http = { 0 };
	struct answer_challenge challenge = { 0 };
	int64_t wait_s;

	if (!report_read_step(opts, request->previous, request->url, &cookies, &asks, &otp, err))
		return false;
	form_http_open(&http, opts, request->url, NULL, NULL);
	client_add_cookies(http.client, cookies);
	out->method = "api";
	const struct form_case c = { .answer = &asks, .otp = otp };
	if (form_judge(&http.judge, &c, &out->challenge, &wait_s, err) != FORM_ASKED)
		return fail(err, ERR_INPUT, "the step before wants no code, and there are no fields to submit");
	report_challenge(out, form_code_endpoint(&out->challenge, otp, &asks));
	(void)form_judge(&http.judge, &c, &challenge, &wait_s, err);
	const bool ok = form_code(&http, retriever, otp, &asks, &challenge, &last, NULL, err);
	answer_challenge_clear(&challenge);
	report_answer(out, &last);
	out->success = ok;
	return ok;
}

/* The next step is one of the same visitor's. */
static void leave_cookies(const struct form_opts *opts, struct form_result *out)
{
	const struct form_answer answer = { .url = out->url, .status = out->status };

	if (out->url)
		report_next_step(out, opts, cJSON_Duplicate(json_list(out->state, "cookies"), true), &answer, NULL);
}

/* A step with fields of its own goes on with the cookies of the one before. */
static cJSON *state_of_step(const struct form_request *request, const struct form_opts *opts, struct error *err)
{
	AUTO(json) cJSON *cookies = NULL, *otp = NULL;
	AUTO(form_answer) struct form_answer answer = { 0 };

	if (!report_read_step(opts, request->previous, request->url, &cookies, &answer, &otp, err))
		return NULL;
	return json_object(JSON_NODE("cookies", TAKE(cookies)), JSON_NODE("origins", cJSON_CreateArray()));
}

static bool submit(const struct form_request *request, const struct form_opts *given, const struct form_retriever *retriever,
	struct form_result *out, struct error *err)
{
	AUTO(form_pattern) struct form_pattern pattern = { 0 };
	AUTO(json) cJSON *state = NULL;
	struct form_opts own = *given;
	const struct form_opts *opts = &own;
	bool ok = false;

	if (!check(request, opts, err))
		return false;
	if (request->previous && !request->field_count && !request->file_count)
		return go_on(request, opts, retriever, out, err);
	if (request->previous && !(own.state = state = state_of_step(request, opts, err)))
		return false;
	if (opts->store && !opts->browser_only && !form_pattern_find(opts->store, request, &pattern, err))
		return false;
	if (!form_pattern_is_good(&pattern) || replay(request, opts, retriever, &pattern, out, &ok, err))
		ok = form_browser(request, opts, retriever, out, err);
	if (ok && request->is_step && !out->next_step)
		leave_cookies(opts, out);
	return ok;
}

bool form_submit(const struct form_request *request, const struct form_opts *opts, const struct form_retriever *retriever,
	struct form_result *out, struct error *err)
{
	const int64_t began = clock_us();
	struct error why = { 0 };
	const bool ok = submit(request, opts, retriever, out, &why);

	out->duration_ms = (double)(clock_us() - began) / 1000;
	if (ok)
		return true;
	out->success = false;
	out->error = xstrdup(why.text);
	if (err)
		*err = why;
	return false;
}
