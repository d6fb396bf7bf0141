/* The parts of the learner that need neither browser nor network: bodies, sources, sites, verdicts, and what is learned. */
#include "cdp/base/secret.h"
#include "src/form_body.h"
#include "src/form_judge.h"
#include "src/form_learn.h"
#include "src/form_site.h"
#include "tests/lib/asserts.h"

#include <stdio.h>

/* ---- bodies ---- */

static void bodies_are_taken_apart_and_put_together(void **state)
{
	static const struct { const char *type, *body, *encoding, *again; } cases[] = {
		{ "application/x-www-form-urlencoded", "a=1&b=x+y%21&c=", "urlencoded", "a=1&b=x+y%21&c=" },
		{ "application/json;charset=utf-8", "{\"a\": [1, true, null, \"x\"]}", "json", "{\"a\":[1,true,null,\"x\"]}" },
		{ "application/vnd.api+json", "{\"a\":1}", "json", "{\"a\":1}" },
		{ "text/plain;charset=UTF-8", "{\"a\":1}", "json", "{\"a\":1}" }, /* so that nobody is asked first */
		{ NULL, "[1]", "json", "[1]" },
		{ "text/plain", "hello", "text", "hello" },
		{ "application/json", "{broken", "text", "{broken" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(json) cJSON *document = body_parse(cases[i].type, cases[i].body, strlen(cases[i].body));
		AUTO(buf) struct buf out = { 0 };
		AUTO(text) char *type = NULL;
		assert_string_equal(json_str(document, "encoding"), cases[i].encoding);
		assert_true(body_print(document, &out, &type, NULL));
		assert_string_equal(buf_text(&out), cases[i].again);
	}
}

static void a_body_has_limits(void **state)
{
	enum { DEEP = 5000, LARGE = 2 << 20 };
	char *deep = xmalloc(2 * DEEP + 1), *large = xmalloc(LARGE + 1);

	(void)state;
	memset(deep, '[', DEEP);
	memset(deep + DEEP, ']', DEEP);
	deep[2 * DEEP] = '\0';
	memset(large, 'a', LARGE);
	large[LARGE] = '\0';
	assert_null(body_parse("application/json", deep, 2 * DEEP));
	assert_null(body_parse("text/plain", large, LARGE));
	free(deep);
	free(large);
}

/* ---- sites ---- */

static void sites_are_told_apart(void **state)
{
	static const struct { const char *a, *b; bool same; } cases[] = {
		{ "https://example.com/", "https://example.com:8443/x", true },
		{ "https://www.example.com/", "https://api.example.com/", true },
		{ "https://example.com/", "https://example.com.evil.test/", false },
		{ "https://example.com/", "https://notexample.com/", false },
		{ "https://a.co.il/", "https://b.co.il/", false },
		{ "https://www.bank.co.il/", "https://id.bank.co.il/", true },
		{ "https://one.pages.dev/", "https://two.pages.dev/", false },
		{ "https://one.github.io/", "https://two.github.io/", false },
		{ "https://10.0.0.1/", "https://20.0.0.1/", false },
		{ "https://localhost/", "https://127.0.0.1/", false },
		{ "https://example.com/", "https://example.com@evil.test/", false },
		{ "https://EXAMPLE.com/", "https://example.COM/", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (site_is_same(cases[i].a, cases[i].b) != cases[i].same)
			fail_msg("%s and %s: %d", cases[i].a, cases[i].b, !cases[i].same);
}

static void a_code_goes_to_its_site_alone(void **state)
{
	static const struct { const char *base, *endpoint; bool may; } cases[] = {
		{ "https://example.com/login", "/verify", true },
		{ "https://example.com/login", "verify", true },
		{ "https://example.com/login", "https://id.example.com/verify", true },
		{ "https://example.com/login", "//evil.test/verify", false },
		{ "https://example.com/login", "http://example.com/verify", false },
		{ "http://example.com/login", "/verify", false },
		{ "http://127.0.0.1:8080/login", "/verify", true },
		{ "http://localhost:8080/login", "/verify", true },
		{ "https://example.com/login", "file:///etc/passwd", false },
		{ "https://example.com/login", "javascript:alert(1)", false },
		{ "https://example.com/login", "gopher://example.com/", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(text) char *url = site_resolve(cases[i].base, cases[i].endpoint);
		struct error err = { 0 };
		if ((url && site_may_tell(cases[i].base, url, &err)) != cases[i].may)
			fail_msg("%s from %s: %d", cases[i].endpoint, cases[i].base, !cases[i].may);
	}
}

static void addresses_are_kept_without_what_is_secret(void **state)
{
	static const char *const cases[][2] = {
		{ "https://a.test/x#frag", "https://a.test/x" },
		{ "https://a.test/x?next=/home&lang=en", "https://a.test/x?next=/home&lang=en" },
		{ "https://a.test/reset?token=8f14e45fceea167a5a36dedd4bea2543&x=1", "https://a.test/reset?token=*&x=1" },
		{ "https://a.test/x?mail=ada%40example.com", "https://a.test/x?mail=*" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(text) char *kept = site_kept(cases[i][0]);
		assert_string_equal(kept, cases[i][1]);
	}
}

/* ---- sources ---- */

static struct form_answer answer_of(const char *type, const char *body)
{
	return (struct form_answer){ .url = xstrdup("https://a.test/login"), .status = 200, .type = xstrdup(type), .body = xstrdup(body),
		.body_size = strlen(body), .headers = json_array(JSON_NODE(NULL, json_object(JSON_STR("name", "X-Token"),
			JSON_STR("value", "from-a-header-77")))) };
}

static void values_are_found_where_they_came_from(void **state)
{
	static const struct { const char *type, *body, *value, *kind, *name; } cases[] = {
		{ "text/html", "<html><input type=hidden name=_csrf value=abc123>", "abc123", "input", "_csrf" },
		{ "text/html", "<html><meta name=\"csrf-token\" content='a&amp;b1'>", "a&b1", "meta", "csrf-token" },
		{ "application/json", "{\"data\":[{\"t\":\"abc123\"}]}", "abc123", "member", NULL },
		{ "application/json", "{\"id\":17}", "17", "member", NULL },
		{ "text/html", "<html><script>window.config = {\"nonce\": \"abc123\"}</script>", "abc123", "text", NULL },
		{ "text/html", "<html>", "from-a-header-77", "header", "X-Token" },
		{ "text/html", "<html><body>nothing", "abc123", NULL, NULL },
		/* Two of one name: the one that leads back. */
		{ "text/html", "<html><input name=t value=one><form data-t=\"x\"><input name=t value=two99>", "two99", "text", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(form_answer) struct form_answer answer = answer_of(cases[i].type, cases[i].body);
		AUTO(json) cJSON *source = source_find(&answer, cases[i].value);
		if (!cases[i].kind) {
			assert_null(source);
			continue;
		}
		AUTO(text) char *again = source ? source_get(source, &answer) : NULL;
		if (!source || strcmp(json_str(source, "$"), cases[i].kind) != 0 || strcmp(again ? again : "", cases[i].value) != 0)
			fail_msg("%zu: %s", i, source ? json_str(source, "$") : "not found");
		if (cases[i].name)
			assert_string_equal(json_str(source, "name"), cases[i].name);
	}
}

/* ---- verdicts ---- */

static const struct verdict {
	int status;
	const char *body;
	enum form_outcome outcome;
	const char *says;
} verdicts[] = {
	{ 200, "{\"ok\":true}", FORM_DONE, NULL },
	{ 200, "{\"success\":false}", FORM_FAILED, "Response does not match success indicators" },
	{ 200, "{\"errors\":[{\"message\":\"no\"}],\"data\":null}", FORM_FAILED, "Response does not match success indicators" },
	{ 200, "{\"errors\":[]}", FORM_DONE, NULL },
	{ 200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1}}", FORM_FAILED, "Response does not match success indicators" },
	{ 202, "{\"status\":\"queued\",\"job\":\"4\"}", FORM_DONE, NULL },
	{ 202, "", FORM_DONE, NULL }, /* Hotmart's token endpoint, to those it does not like */
	{ 401, "{\"error\":\"Incorrect password\"}", FORM_FAILED, "API request failed: 401 Unauthorized" },
	{ 403, "<html>Forbidden</html>", FORM_FAILED, "API request failed: 403 Forbidden" },
	{ 404, "", FORM_UNKNOWN, "API request failed: 404 Not Found" },
	{ 404, "{\"error\":\"There is no such user\"}", FORM_FAILED, "API request failed: 404 Not Found" },
	{ 404, "<html>Not found. Your account</html>", FORM_UNKNOWN, "API request failed: 404 Not Found" },
	{ 419, "", FORM_UNKNOWN, "API request failed: 419 Page Expired" },
	{ 422, "{\"error\":\"missing field\"}", FORM_UNKNOWN, "API request failed: 422 Unprocessable Content" },
	{ 422, "{\"error\":\"missing, or wrong password\"}", FORM_FAILED, "API request failed: 422 Unprocessable Content" },
	{ 429, "", FORM_FAILED, "Rate limit exceeded. Retry after 60 seconds." },
	{ 500, "", FORM_FAILED, "API request failed: 500 Internal Server Error" },
	{ 428, "", FORM_ASKED, NULL },
	/* Words that only look like it. */
	{ 400, "{\"error\":\"photo upload failed\"}", FORM_FAILED, "API request failed: 400 Bad Request" },
	{ 200, "{\"message\":\"Your laptop was hotplugged\"}", FORM_DONE, NULL },
	{ 200, "{\"id\":\"62fa9c\",\"message\":\"2fa62b was saved\"}", FORM_DONE, NULL },
	{ 200, "{\"message\":\"The reset token was sent to your webhook\"}", FORM_DONE, NULL },
	{ 200, "{\"requires2FA\":\"false\",\"user\":\"ada\"}", FORM_DONE, NULL },
	{ 200, "{\"challenge_type\":\"captcha\"}", FORM_DONE, NULL },
	{ 200, "\"just a text\"", FORM_DONE, NULL },
	{ 200, "{\"message\":[\"a\",1]}", FORM_DONE, NULL },
	/* And those that are. */
	{ 202, "{\"status\":\"pending_verification\",\"message\":\"Please enter the code sent to your email\"}", FORM_ASKED, NULL },
	{ 200, "{\"data\":{\"login\":{\"requires2FA\":true,\"mfaToken\":\"x1y2\"}}}", FORM_ASKED, NULL },
	{ 401, "{\"error\":\"Verification code required. Check your email.\"}", FORM_ASKED, NULL },
};

static void answers_are_judged(void **state)
{
	struct form_judge judge = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		const struct verdict *v = &verdicts[i];
		AUTO(form_answer) struct form_answer answer = answer_of(*v->body == '<' ? "text/html" : "application/json", v->body);
		AUTO(answer_challenge) struct answer_challenge challenge = { 0 };
		struct error err = { 0 };
		int64_t wait_s;
		answer.status = v->status;
		const enum form_outcome outcome = form_judge(&judge, &(struct form_case){ .answer = &answer, .has_password = true },
			&challenge, &wait_s, &err);
		if (outcome != v->outcome || (v->says && strcmp(err.text, v->says) != 0))
			fail_msg("%d %s: %d %s", v->status, v->body, outcome, err.text);
	}
	form_judge_clear(&judge);
}

/* What no word tells is known from the last time, and only as it was then. */
static void a_known_challenge_is_seen_again(void **state)
{
	static const struct { int status; const char *body; enum form_outcome outcome; } cases[] = {
		{ 200, "{\"zwischenschritt\":\"zz\",\"next\":\"b\"}", FORM_ASKED },
		{ 201, "{\"zwischenschritt\":\"zz\",\"next\":\"b\"}", FORM_DONE },
		{ 200, "{\"next\":\"b\"}", FORM_DONE },
	};
	static const char learned[] = "{\"detectionIndicators\":{\"statusCodes\":[200],\"responseFields\":[\"zwischenschritt\"],"
		"\"responseValues\":{}},\"otpEndpoint\":\"https://a.test/verify\"}";
	AUTO(json) cJSON *otp = json_parse(learned, sizeof learned - 1, NULL);
	struct form_judge judge = { 0 };

	(void)state;
	assert_non_null(otp);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(form_answer) struct form_answer answer = answer_of("application/json", cases[i].body);
		AUTO(answer_challenge) struct answer_challenge challenge = { 0 };
		struct error err = { 0 };
		int64_t wait_s;
		answer.status = cases[i].status;
		assert_int_equal(form_judge(&judge, &(struct form_case){ .answer = &answer, .otp = otp }, &challenge, &wait_s, &err),
			cases[i].outcome);
	}
	form_judge_clear(&judge);
}

static void limits_are_read_in_all_their_forms(void **state)
{
	static const struct { int status; const char *name, *value; int64_t least, most; } cases[] = {
		{ 429, "Retry-After", "120", 120, 120 },
		{ 429, "X-RateLimit-Reset", "4102444800", 86400, 86400 }, /* in 2100: no more than a day */
		{ 429, "RateLimit-Reset", "30", 30, 30 },
		{ 429, "Retry-After", "soon", 60, 60 },
		{ 429, "Retry-After", "-5", 60, 60 },
		{ 429, "Other", "1", 60, 60 },
		{ 503, "Retry-After", "10", 10, 10 },
		{ 200, "Retry-After", "10", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(form_answer) struct form_answer answer = { .status = cases[i].status, .headers = json_array(JSON_NODE(NULL,
			json_object(JSON_STR("name", cases[i].name), JSON_STR("value", cases[i].value)))) };
		const int64_t wait_s = form_wait_s(&answer);
		if (wait_s < cases[i].least || wait_s > cases[i].most)
			fail_msg("%d %s: %s is %d", cases[i].status, cases[i].name, cases[i].value, (int)wait_s);
	}
}

/* ---- learning ---- */

static cJSON *learn(const char *const *fields, const char *type, const char *body, const char *page, char **why)
{
	struct form_request request = { .url = (char[]){ "https://a.test/login" } };
	AUTO(form_answer) struct form_answer before = answer_of("text/html", page);
	struct form_sent sent = { .method = xstrdup("POST"), .url = xstrdup("https://a.test/api/login"), .body = xstrdup(body),
		.headers = json_object(JSON_STR("Content-Type", type), JSON_STR("Cookie", "sid=SECRETCOOKIE"),
			JSON_STR("Authorization", "Bearer abcdef0123456789abcdef")),
		.answer = answer_of("application/json", "{\"ok\":true}") };
	AUTO(json) cJSON *cookies = json_array(JSON_NODE(NULL, json_object(JSON_STR("name", "sid"), JSON_STR("value", "SECRETCOOKIE"),
		JSON_STR("domain", "a.test"))), JSON_NODE(NULL, json_object(JSON_STR("name", "auth"),
		JSON_STR("value", "abcdef0123456789abcdef"), JSON_STR("domain", "a.test"))));

	for (; *fields; fields += 2)
		assert_true(form_request_add(&request, fields[0], fields[1], NULL));
	cJSON *pattern = form_learn(&(struct form_lesson){ .request = &request, .answers = &before, .answer_count = 1, .sent = &sent,
		.sent_count = 1, .cookies = cookies, .page_url = "https://a.test/login" }, why);
	form_sent_clear(&sent);
	request.url = NULL;
	form_request_clear(&request);
	return pattern;
}

static void no_pattern_has_a_value(void **state)
{
	static const char *const fields[] = { "user", "ada@example.com", "password", "Planted-Secret-1", "plan", "gold", NULL };
	static const char *const bodies[][2] = {
		{ "application/x-www-form-urlencoded", "user=ada%40example.com&password=Planted-Secret-1&plan=gold&csrf=tok3ntok3ntok3n1" },
		{ "application/json", "{\"u\":\"ADA@EXAMPLE.COM\",\"p\":\"Planted-Secret-1\",\"plan\":\"gold\",\"csrf\":\"tok3ntok3ntok3n1\"}" },
		{ "application/json",
			"{\"query\":\"mutation { login(user: \\\"ada@example.com\\\", password: \\\"Planted-Secret-1\\\", plan: \\\"gold\\\") { ok } }\"}" },
		{ "application/json", "{\"inner\":\"{\\\"user\\\":\\\"ada@example.com\\\",\\\"x\\\":[\\\"Planted-Secret-1\\\",\\\"gold\\\"]}\"}" },
		{ "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nada@example.com\r\n"
			"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nPlanted-Secret-1\r\n"
			"--b\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\ngold\r\n--b--\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		AUTO(text) char *why = NULL;
		AUTO(json) cJSON *pattern = learn(fields, bodies[i][0], bodies[i][1], "<html><input name=csrf value=tok3ntok3ntok3n1>", &why);
		if (!pattern)
			fail_msg("%zu: %s", i, why);
		AUTO(text) char *text = json_print(pattern);
		static const char *const planted[] = { "ada@", "ADA@", "Planted", "gold", "SECRETCOOKIE", "abcdef0123456789", "tok3n" };
		for (size_t k = 0; k < sizeof planted / sizeof *planted; k++)
			if (strstr(text, planted[k]))
				fail_msg("%zu: %s is in %s", i, planted[k], text);
	}
}

/* What a page makes of a password in ways that are not known is left to the page. */
static void what_is_not_understood_is_not_learned(void **state)
{
	static const char *const fields[] = { "user", "ada@example.com", "password", "Planted-Secret-1", NULL };
	static const char *const bodies[] = {
		"{\"user\":\"ada@example.com\",\"password\":\"UGxhbnRlZC1TZWNyZXQtMQ==\"}",
		"{\"user\":\"ada@example.com\",\"password\":\"5f4dcc3b5aa765d61d8327deb882cf99\"}",
		"{\"user\":\"ada@example.com\"}",
		"{\"user\":\"ada@example.com\",\"password\":\"Planted-Secret-1\",\"proof\":\"k3j4h5k3j4h5k3j4h5k3j4h5\"}",
		"{\"user\":\"ada@example.com\",\"password\":\"Planted-Secret-1\",\"x\":{\"$\":\"field\",\"name\":\"user\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		AUTO(text) char *why = NULL;
		AUTO(json) cJSON *pattern = learn(fields, "application/json", bodies[i], "<html>", &why);
		if (pattern)
			fail_msg("%zu was learned", i);
		assert_non_null(why);
		assert_lacks(why, "Planted");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_taken_apart_and_put_together),
		cmocka_unit_test(a_body_has_limits),
		cmocka_unit_test(sites_are_told_apart),
		cmocka_unit_test(a_code_goes_to_its_site_alone),
		cmocka_unit_test(addresses_are_kept_without_what_is_secret),
		cmocka_unit_test(values_are_found_where_they_came_from),
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(a_known_challenge_is_seen_again),
		cmocka_unit_test(limits_are_read_in_all_their_forms),
		cmocka_unit_test(no_pattern_has_a_value),
		cmocka_unit_test(what_is_not_understood_is_not_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
