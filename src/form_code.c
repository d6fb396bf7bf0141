#include "src/form_code.h"

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "scrapers/detect.h"
#include "src/form_body.h"
#include "src/form_site.h"
#include "src/interrupt.h"

#include <poll.h>
#include <string.h>
#include <strings.h>

enum {
	NESTED_MAX = 4,    /* a code by mail, then one by message: more is a loop */
	RESENDS_MAX = 3,
	APPROVAL_EACH_MS = 2000,
};

struct codes {
	struct form_http *http;
	const struct form_retriever *retriever;
	const cJSON *otp;
	struct answer_challenge *challenge;
	struct form_answer at;   /* what asked, and whatever came after */
	struct deadline expires;
	char *endpoint;
	char *resend;            /* where another code is to be had; NULL: not known */
	cJSON **learned;
	int attempt;
	size_t name;             /* of default_names: those before are not what the site calls it */
};

/* Where nobody says under which name the code goes, the usual ones, as far as the site refuses those before. */
static const char *const default_names[] = { "code", "otp", "token", "verification_code", "auth_code" };
enum { DEFAULT_NAMES = sizeof default_names / sizeof *default_names };

/* ---- where and how ---- */

static const char *field_of(const struct codes *c)
{
	const char *learned = json_str(c->otp, "otpFieldName");

	return c->challenge->field ? c->challenge->field : learned ? learned : default_names[c->name];
}

static const char *method_of(const struct codes *c)
{
	const char *learned = json_str(c->otp, "otpMethod");

	return c->challenge->method && strcmp(c->challenge->method, "GET") != 0 ? c->challenge->method : learned ? learned : "POST";
}

static const char *encoding_of(const struct codes *c)
{
	const char *said = c->challenge->encoding, *learned = json_str(c->otp, "otpEncoding");

	if (said)
		return strcasestr(said, "urlencoded") ? "urlencoded" : strcasestr(said, "multipart") ? "multipart" : "json";
	if (learned)
		return learned;
	return form_answer_is_html(&c->at) ? "urlencoded" : "json";
}

/* ---- learning ---- */

/* The first code's is what is seen again at the same place. */
static void learn(struct codes *c)
{
	if (c->learned && !*c->learned)
		*c->learned = form_code_pattern(c->challenge, &c->at, c->endpoint, field_of(c), method_of(c), encoding_of(c));
}

static void learn_name(struct codes *c)
{
	if (c->learned && *c->learned && c->name) {
		cJSON_DeleteItemFromObjectCaseSensitive(*c->learned, "otpFieldName");
		json_add(*c->learned, JSON_STR("otpFieldName", default_names[c->name]));
		c->name = 0;
	}
}

/* ---- another code ---- */

/* An address in a member that is called after sending again. */
static const char *resend_member(const cJSON *json, int depth)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, json) {
		if (cJSON_IsString(one) && one->string && strcasestr(one->string, "resend")
				&& (*one->valuestring == '/' || site_is_http(one->valuestring)))
			return one->valuestring;
		const char *inner = depth < 4 && (cJSON_IsObject(one) || cJSON_IsArray(one)) ? resend_member(one, depth + 1) : NULL;
		if (inner)
			return inner;
	}
	return NULL;
}

/* What the answer says of where the code goes, and is no address of HTTP, is not taken for something that it does not say. */
static bool says_odd_endpoint(const struct codes *c)
{
	static const char *const names[] = { "otpEndpoint", "verification_url", "verify_url" };
	AUTO(json) cJSON *json = form_answer_json(&c->at);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const cJSON *said = cJSON_IsObject(json) ? cJSON_GetObjectItemCaseSensitive(json, names[i]) : NULL;
		AUTO(text) char *whole = cJSON_IsString(said) ? site_resolve(c->at.url, said->valuestring) : NULL;
		if (said && !cJSON_IsNull(said) && (!whole || !site_is_http(whole)))
			return true;
	}
	return false;
}

static void note_challenge(struct codes *c)
{
	AUTO(json) cJSON *json = form_answer_json(&c->at);
	const char *resend = resend_member(json, 0);

	free(c->endpoint);
	c->endpoint = form_code_endpoint(c->challenge, c->otp, &c->at);
	if (resend) {
		free(c->resend);
		c->resend = site_resolve(c->at.url, resend);
	}
	c->expires = c->challenge->expires_in > 0 ? deadline_in_ms(c->challenge->expires_in * 1000LL) : DEADLINE_NEVER;
}

/* ---- sending ---- */

/* "data.login.mfaToken" goes back as mfaToken, as JSON of the kind that forms have, or as a header. */
static cJSON *items_of(const struct codes *c, const struct secret *code)
{
	cJSON *items = cJSON_CreateArray();

	for (size_t i = 0; i < c->challenge->carried_count; i++) {
		const struct answer_carried *one = &c->challenge->carried[i];
		if (one->place != ANSWER_HEADER && strcmp(one->name, field_of(c)) != 0)
			json_add(items, JSON_NODE(NULL, json_object(JSON_STR("name", one->name), JSON_STR("value",
				secret_reveal(one->value)))));
	}
	if (code)
		json_add(items, JSON_NODE(NULL, json_object(JSON_STR("name", field_of(c)), JSON_STR("value", secret_reveal(code)))));
	return items;
}

static cJSON *document_of(const struct codes *c, const struct secret *code)
{
	cJSON *items = items_of(c, code);
	const cJSON *one;

	if (strcmp(encoding_of(c), "json") != 0)
		return json_object(JSON_STR("encoding", encoding_of(c)), JSON_NODE("items", items));
	cJSON *json = cJSON_CreateObject();
	cJSON_ArrayForEach(one, items)
		json_add(json, JSON_STR(json_str(one, "name"), json_str(one, "value")));
	cJSON_Delete(items);
	return json_object(JSON_STR("encoding", "json"), JSON_NODE("json", json));
}

static cJSON *headers_of(const struct codes *c)
{
	cJSON *headers = cJSON_CreateObject();

	for (size_t i = 0; i < c->challenge->carried_count; i++)
		if (c->challenge->carried[i].place == ANSWER_HEADER)
			json_add(headers, JSON_STR(c->challenge->carried[i].name, secret_reveal(c->challenge->carried[i].value)));
	if (!strcmp(encoding_of(c), "json"))
		json_add(headers, JSON_STR("Accept", "application/json"));
	return headers;
}

static bool send_to(struct codes *c, const char *url, const struct secret *code, struct form_answer *out, struct error *err)
{
	AUTO(json) cJSON *document = document_of(c, code);
	AUTO(json) cJSON *headers = headers_of(c);
	AUTO(text) char *type = NULL;
	struct buf body = { 0 };
	const struct form_http_request request = { .method = code ? method_of(c) : "POST", .url = url, .headers = headers,
		.body = &body, .by_document = strcmp(encoding_of(c), "json") != 0 };
	struct form_http_request whole = request;
	struct form_answer last = { 0 };

	bool ok = body_print(document, &body, &type, err);
	whole.type = type;
	ok = ok && form_http_send(c->http, &whole, out, NULL, err) && form_http_follow(c->http, out, &last, err);
	buf_wipe(&body);
	if (last.url) {
		form_answer_clear(out);
		*out = last;
	}
	return ok;
}

static bool have_it_sent_again(struct codes *c, struct error *err)
{
	AUTO(form_answer) struct form_answer answer = { 0 };

	if (!c->resend)
		return fail(err, ERR_CODE_TIMEOUT, "the code has expired, and the site says nowhere how to have another one sent");
	if (!site_may_tell(c->at.url, c->resend, err) || !send_to(c, c->resend, NULL, &answer, err))
		return false;
	if (answer.status >= 400)
		return fail(err, ERR_CODE_WRONG, "a new code is wanted, and the site sends none: %d %s", answer.status,
			form_reason(answer.status, answer.reason));
	c->challenge->problem = PROBLEM_NONE;
	c->expires = c->challenge->expires_in > 0 ? deadline_in_ms(c->challenge->expires_in * 1000LL) : DEADLINE_NEVER;
	return true;
}

/* ---- asking ---- */

static void shown(const struct codes *c, struct challenge *out)
{
	*out = (struct challenge){
		.kind = CHALLENGE_CODE, .problem = c->challenge->problem, .digits = c->challenge->digits,
		.resend = c->resend ? "resend" : NULL, .channel = c->challenge->type, .destination = c->challenge->destination,
		.message = c->challenge->message, .expires_in = c->challenge->expires_in, .retry_after = c->challenge->retry_after,
	};
}

static bool get_code(struct codes *c, struct secret **code, struct error *err)
{
	struct challenge challenge;
	struct error why = { 0 };

	if (!c->retriever || !c->retriever->ask) {
		fail(&why, ERR_CODE_MISSING, "nobody");
		return form_code_failed(&why, err);
	}
	for (int sent = 0;; sent++) {
		why = (struct error){ 0 };
		shown(c, &challenge);
		if (c->retriever->ask(c->retriever->owner, NULL, &challenge, c->attempt, code, &why)) {
			if (!deadline_passed(c->expires))
				return true;
			secret_free(TAKE(*code)); /* it came too late */
		} else if (why.code != ERR_CODE_AGAIN) {
			return form_code_failed(&why, err);
		}
		if (sent == RESENDS_MAX)
			return fail(err, ERR_CODE_TIMEOUT, "the code expired before it came");
		if (!have_it_sent_again(c, err))
			return false;
	}
}

/* ---- approvals ---- */

static bool pause_ms(int ms, struct error *err)
{
	(void)poll(NULL, 0, ms);
	return !interrupt_signal || fail(err, ERR_CANCELLED, "interrupted");
}

/* Asks the site again until somebody has tapped. */
static bool await_approval(struct codes *c, struct error *err)
{
	const int patience_ms = c->retriever ? c->retriever->approval_ms : 0;
	const struct deadline until = deadline_in_ms(patience_ms);

	if (!patience_ms || !c->challenge->endpoint)
		return fail(err, ERR_APPROVAL, "the site wants an approval in its app");
	while (!deadline_passed(until)) {
		struct form_answer answer = { 0 };
		struct answer_challenge again = { 0 };
		struct error why = { 0 };
		int64_t wait_s;
		if (!pause_ms(APPROVAL_EACH_MS, err) || !send_to(c, c->endpoint, NULL, &answer, err))
			return false;
		const enum form_outcome outcome = form_judge(&c->http->judge, &(struct form_case){ .answer = &answer }, &again, &wait_s,
			&why);
		const bool waits = outcome == FORM_ASKED && again.kind == CHALLENGE_PUSH;
		answer_challenge_clear(&again);
		form_answer_clear(&c->at);
		c->at = answer;
		if (waits || (outcome == FORM_DONE && answer.status == 202))
			continue;
		return outcome == FORM_DONE || fail(err, ERR_APPROVAL, "the sign-in was not approved: %d %s", answer.status,
			form_reason(answer.status, answer.reason));
	}
	return fail(err, ERR_APPROVAL, "nobody approved the sign-in in the app in time");
}

/* ---- the site's word ---- */

enum word { TAKEN, AGAIN, ANOTHER, MISNAMED, OVER };

static bool is_same_challenge(const struct answer_challenge *a, const struct answer_challenge *b)
{
	return !strcmp(a->type, b->type) && !strcmp(a->endpoint ? a->endpoint : "", b->endpoint ? b->endpoint : "");
}

static bool may_be_misnamed(const struct codes *c)
{
	return !c->challenge->field && !json_str(c->otp, "otpFieldName") && c->name + 1 < DEFAULT_NAMES;
}

static enum word hear(struct codes *c, struct form_answer *answer, struct error *err)
{
	struct answer_challenge next = { 0 };
	int64_t wait_s;
	const enum form_outcome outcome = form_judge(&c->http->judge, &(struct form_case){ .answer = answer }, &next, &wait_s, err);
	const enum code_problem problem = next.problem;

	if (outcome == FORM_DONE && problem == PROBLEM_NONE)
		return TAKEN;
	if (answer->status == 429 || problem == PROBLEM_TOO_MANY || answer->status == 423) {
		answer_challenge_clear(&next);
		return OVER;
	}
	/* A request that the site does not understand is no try. */
	if (outcome == FORM_UNKNOWN && (answer->status == 400 || answer->status == 422) && may_be_misnamed(c))
		return MISNAMED;
	if (outcome == FORM_ASKED && problem == PROBLEM_NONE && answer->status < 400 && !is_same_challenge(&next, c->challenge)) {
		answer_challenge_clear(c->challenge);
		*c->challenge = next;
		return ANOTHER;
	}
	if (outcome == FORM_ASKED && next.carried_count) { /* the next try's own ids */
		next.type = c->challenge->type;
		answer_challenge_clear(c->challenge);
		*c->challenge = next;
	} else {
		answer_challenge_clear(&next);
	}
	c->challenge->problem = problem ? problem : answer->status == 410 ? PROBLEM_EXPIRED : PROBLEM_WRONG;
	return AGAIN;
}

static bool fail_wrong(const struct form_answer *answer, struct error *err)
{
	return fail(err, ERR_CODE_WRONG, "OTP verification failed: %d %s", answer->status, form_reason(answer->status,
		answer->reason));
}

/* One challenge, up to three codes.  *NEXT: there is another one behind it. */
static bool answer_one(struct codes *c, bool *next, struct error *err)
{
	*next = false;
	note_challenge(c);
	if (!c->endpoint || says_odd_endpoint(c))
		return fail(err, ERR_BLOCKED, "the site says nowhere that it can be understood where the code is to go");
	if (!site_may_tell(c->at.url, c->endpoint, err))
		return false;
	learn(c);
	if (c->challenge->kind == CHALLENGE_PUSH)
		return await_approval(c, err);
	if (c->challenge->kind == CHALLENGE_WEBAUTHN)
		return fail(err, ERR_APPROVAL, "the site asks for a security key or passkey");
	for (c->attempt = 1; c->attempt <= FORM_CODE_TRIES; c->attempt++) {
		AUTO(secret) struct secret *code = NULL;
		AUTO(form_answer) struct form_answer answer = { 0 };
		struct error why = { 0 };
		if (!get_code(c, &code, &why)) {
			/* Who has no other code leaves it at the site's word about the last. */
			if (c->attempt > 1 && (why.code == ERR_CODE_MISSING || why.code == ERR_CODE_WRONG))
				return fail_wrong(&c->at, err);
			if (err)
				*err = why;
			return false;
		}
		enum word word;
		for (;; c->name++) {
			form_answer_clear(&answer);
			if (!send_to(c, c->endpoint, code, &answer, err))
				return false;
			word = hear(c, &answer, &why);
			if (word != MISNAMED)
				break;
		}
		if (word == AGAIN && c->challenge->problem == PROBLEM_EXPIRED && c->attempt < FORM_CODE_TRIES
				&& !have_it_sent_again(c, err))
			return false;
		char *url = word == AGAIN ? TAKE(c->at.url) : NULL; /* what is relative stays so to the first answer */
		form_answer_clear(&c->at);
		c->at = answer;
		answer = (struct form_answer){ 0 };
		if (url) {
			free(c->at.url);
			c->at.url = url;
		}
		if (word == TAKEN || word == ANOTHER)
			learn_name(c);
		if (word == TAKEN || word == ANOTHER)
			return *next = word == ANOTHER, true;
		if (word == OVER)
			break;
	}
	return fail_wrong(&c->at, err);
}

static cJSON *copy_headers(const struct form_answer *answer)
{
	return cJSON_Duplicate(answer->headers, true);
}

bool form_code(struct form_http *http, const struct form_retriever *retriever, const cJSON *otp, const struct form_answer *answer,
	struct answer_challenge *challenge, struct form_answer *last, cJSON **learned, struct error *err)
{
	struct codes c = { .http = http, .retriever = retriever, .otp = otp, .challenge = challenge, .learned = learned,
		.expires = DEADLINE_NEVER };
	bool ok = false, next = true;

	c.at = (struct form_answer){ .url = xstrdup(answer->url), .status = answer->status, .type = copy_of(answer->type),
		.body = answer->body ? xstrndup(answer->body, answer->body_size) : NULL,
		.body_size = answer->body ? strnlen(answer->body, answer->body_size) : 0, .headers = copy_headers(answer) };
	for (int i = 0; next && i < NESTED_MAX; i++) {
		ok = answer_one(&c, &next, err);
		c.otp = NULL; /* what was learned is of the first */
	}
	if (ok && next)
		ok = fail(err, ERR_CODE_WRONG, "the site asks for one code after the other");
	free(c.endpoint);
	free(c.resend);
	form_answer_clear(last);
	*last = c.at;
	return ok;
}
