#include "src/form_judge.h"

#include "cdp/base/error.h"
#include "scrapers/html.h"
#include "src/form_success.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { WAIT_UNKNOWN_S = 60, WAIT_MAX_S = 86400, DELTA_MAX = 100000000 /* more is a moment */, HEADERS_MAX = 100 };

void form_judge_clear(struct form_judge *judge)
{
	answer_book_free(judge->book);
	*judge = (struct form_judge){ 0 };
}

const char *form_reason(int status, const char *said)
{
	static const struct { int status; const char *words; } all[] = {
		{ 200, "OK" }, { 202, "Accepted" }, { 302, "Found" }, { 303, "See Other" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 402, "Payment Required" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" }, { 408, "Request Timeout" }, { 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" }, { 413, "Content Too Large" }, { 415, "Unsupported Media Type" }, { 419, "Page Expired" },
		{ 422, "Unprocessable Content" }, { 423, "Locked" }, { 428, "Precondition Required" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	/* Many servers say nothing, and HTTP/2 has no place for it. */
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].status == status)
			return all[i].words;
	return said;
}

/* ---- limits ---- */

static int64_t seconds_of(const char *value)
{
	char *end;
	const long long number = strtoll(value, &end, 10);
	const int64_t now = time(NULL);

	if (end != value && (!*end || *end == '.' || *end == ';' || *end == ','))
		return number > DELTA_MAX ? number - now : number;
	const time_t at = curl_getdate(value, NULL);
	return at > 0 ? at - now : -1;
}

static int64_t header_seconds(const struct form_answer *a, const char *const *names)
{
	for (; *names; names++) {
		const char *value = form_answer_header(a, *names);
		const int64_t seconds = value ? seconds_of(value) : -1;
		if (seconds > 0)
			return seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S;
	}
	return 0;
}

static bool is_used_up(const struct form_answer *a)
{
	const char *left = form_answer_header(a, "x-ratelimit-remaining");

	left = left ? left : form_answer_header(a, "ratelimit-remaining");
	return left && !strcmp(left, "0");
}

int64_t form_wait_s(const struct form_answer *a)
{
	static const char *const after[] = { "retry-after", NULL };
	static const char *const reset[] = { "retry-after", "x-ratelimit-reset", "ratelimit-reset", NULL };

	if (a->status == 429 || (a->status == 403 && is_used_up(a))) {
		const int64_t seconds = header_seconds(a, reset);
		return seconds ? seconds : WAIT_UNKNOWN_S;
	}
	if (a->status == 503)
		return header_seconds(a, after);
	return is_used_up(a) ? header_seconds(a, reset) : 0;
}

/* ---- challenges ---- */

static bool ask_book(struct form_judge *judge, const struct form_answer *a, struct answer_challenge *out)
{
	struct answer_header headers[HEADERS_MAX];
	struct answer answer = { .status = a->status, .headers = headers, .content_type = a->type, .body = a->body ? a->body : "",
		.body_size = a->body_size, .now = time(NULL) };
	const cJSON *one;

	if (!judge->book)
		judge->book = answer_book_new(NULL, NULL);
	cJSON_ArrayForEach(one, a->headers)
		if (answer.header_count < HEADERS_MAX)
			headers[answer.header_count++] = (struct answer_header){ json_str(one, "name"), json_str(one, "value") };
	return judge->book && answer_challenge(judge->book, &answer, out);
}

static bool has_number(const cJSON *list, int number)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
		if (one->valuedouble == number)
			return true;
	return false;
}

/* As it was the time before: the status, and all members that told of it. */
static bool is_known_challenge(const cJSON *otp, const struct form_answer *a)
{
	const cJSON *indicators = json_at(otp, "detectionIndicators"), *one;
	AUTO(json) cJSON *json = form_answer_json(a);
	bool any = false;

	if (!has_number(json_list(indicators, "statusCodes"), a->status))
		return false;
	cJSON_ArrayForEach(one, json_list(indicators, "responseFields")) {
		if (!cJSON_IsString(one) || !json_at(json, one->valuestring))
			return false;
		any = true;
	}
	cJSON_ArrayForEach(one, json_at(indicators, "responseValues"))
		if (!one->string || !json_true(json, one->string))
			return false;
	return any;
}

/* ---- refusals ---- */

static bool says_any(const struct form_answer *a, const char *const *words)
{
	for (; a->body && *words; words++)
		if (strcasestr(a->body, *words))
			return true;
	return false;
}

/* The request itself was wrong, not what the person gave: the page has changed. */
static bool is_unknown(const struct form_answer *a)
{
	static const char *const wrong_request[] = { "csrf", "xsrf", "forgery", "token mismatch", "page expired", "missing",
		"required", "unknown field", "unknown param", "unknown arg", "unexpected", "unrecognized", "unsupported",
		"not allowed", "no such route",
		"cannot query field", "bad request", "malformed", NULL };
	static const char *const wrong_person[] = { "incorrect", "wrong", "invalid credential", "invalid password",
		"invalid username",
		"locked", "blocked", "captcha", "too many", "suspend", NULL };

	static const char *const of_person[] = { "account", "user", "email", "e-mail", "customer", "member", NULL };

	switch (a->status) {
	case 404: case 410: /* some say so of the person: once more would be another try of theirs */
		return form_answer_is_html(a) || !says_any(a, of_person);
	case 405: case 415: case 419: case 501:
		return true;
	case 400: case 403: case 422:
		return says_any(a, wrong_request) && !says_any(a, wrong_person);
	default:
		return false;
	}
}

static bool says_no(const cJSON *value)
{
	static const char *const words[] = { "error", "failed", "failure", "fail", "denied", "rejected" };

	if (cJSON_IsFalse(value))
		return true;
	for (size_t i = 0; cJSON_IsString(value) && i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(value->valuestring, words[i]))
			return true;
	return false;
}

/* Errors of GraphQL, of JSON-RPC, and of those who answer everything with 200. */
static bool has_error(const cJSON *json)
{
	const cJSON *errors = json_at(json, "errors"), *error = json_at(json, "error");

	return (cJSON_IsArray(errors) && cJSON_GetArraySize(errors) > 0) || (cJSON_IsObject(errors) && errors->child)
		|| cJSON_IsObject(error) || cJSON_IsTrue(error) || (cJSON_IsString(error) && *error->valuestring)
		|| says_no(json_at(json, "success")) || says_no(json_at(json, "ok")) || says_no(json_at(json, "status"));
}

static bool asks_password(const struct form_answer *a)
{
	struct html html;
	struct html_piece piece;

	if (!a->body || !form_answer_is_html(a))
		return false;
	html_init(&html, a->body, a->body_size);
	while (html_next(&html, &piece)) {
		AUTO(text) char *type = piece.kind == HTML_OPEN && html_is(&piece, "input") ? html_attribute(&piece, "type") : NULL;
		if (type && !strcasecmp(type, "password"))
			return true;
	}
	return false;
}

/* ---- success ---- */

static bool lacks_all(const cJSON *fields, const cJSON *json)
{
	const cJSON *one;

	if (!cJSON_GetArraySize(fields))
		return false;
	cJSON_ArrayForEach(one, fields)
		if (cJSON_IsString(one) && cJSON_GetObjectItemCaseSensitive(json, one->valuestring))
			return false;
	return true;
}

/* Exactly as when it was learned: there is no need to look for words. */
static bool is_as_learned(const struct form_case *c)
{
	const char *shape = json_str(c->success, "shape");
	AUTO(text) char *own = shape && has_number(json_list(c->success, "statusCodes"), c->answer->status) ? form_shape(c->answer)
		: NULL;

	return own && !strcmp(own, shape);
}

static enum form_outcome refused(const struct form_case *c, struct error *err)
{
	const struct form_answer *a = c->answer;
	const bool password = c->has_password && (a->status == 401 || a->status == 403 || a->status == 400 || a->status == 422);

	fail(err, password ? ERR_REFUSED : a->status >= 500 ? ERR_HTTP : ERR_VALUE, "API request failed: %d %s", a->status,
		form_reason(a->status, a->reason));
	return is_unknown(a) ? FORM_UNKNOWN : FORM_FAILED;
}

enum form_outcome form_judge(struct form_judge *judge, const struct form_case *c, struct answer_challenge *challenge,
	int64_t *wait_s, struct error *err)
{
	const struct form_answer *a = c->answer;
	AUTO(json) cJSON *json = NULL;

	*wait_s = form_wait_s(a);
	if (a->status == 429 || (*wait_s && a->status == 403)) {
		fail(err, ERR_BLOCKED, "Rate limit exceeded. Retry after %" PRId64 " seconds.", *wait_s);
		return FORM_FAILED;
	}
	if (is_as_learned(c))
		return FORM_DONE;
	if (ask_book(judge, a, challenge) || (c->otp && is_known_challenge(c->otp, a)) || a->status == 428) {
		challenge->kind = challenge->kind ? challenge->kind : CHALLENGE_CODE;
		challenge->type = challenge->type ? challenge->type : "unknown";
		return FORM_ASKED;
	}
	if (a->status >= 400)
		return refused(c, err);
	if (c->has_password && asks_password(a)) {
		fail(err, ERR_REFUSED, "the site shows its form again: it did not take what was given");
		return FORM_FAILED;
	}
	json = form_answer_json(a);
	if (!has_error(json) && !lacks_all(json_list(c->success, "responseFields"), json))
		return FORM_DONE;
	fail(err, c->has_password && has_error(json) ? ERR_REFUSED : ERR_VALUE, "Response does not match success indicators");
	return FORM_FAILED;
}
