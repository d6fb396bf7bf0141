/* gabbai submit: every kind of form in the browser, and the same once more over HTTP; what is kept, what is counted, and what
 * becomes of it when the site changes. */
#include "tests/lib/asserts.h"
#include "tests/lib/forms.h"

#include <stdio.h>
#include <stdlib.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define LOGIN     "-d", "username=" FORM_USER, "-d", "password=" FORM_PASSWORD

static const char *said(const struct ran *ran, const char *path)
{
	const char *text = json_str(ran->json, path);

	return text ? text : "";
}

#define assert_submitted(ran, method)                                                              \
	do {                                                                                       \
		if ((ran).code != 0 || !json_true((ran).json, "success")                           \
				|| strcmp(said(&(ran), "method"), (method)) != 0)                  \
			fail_msg("exit %d by %s, not by %s: %s\n%s", (ran).code, said(&(ran), "method"), (method), (ran).out, (ran).err); \
	} while (0)

/* ---- every kind of form ---- */

static const struct kind {
	const char *page;
	const char *args[20];
	const char *endpoint; /* where it goes, once each time */
	const char *type, *encoding;
	const char *part;     /* of the second request's body; NULL: any */
} kinds[] = {
	{ "plain", { "-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD }, "/plain", "rest", "urlencoded", "user=ada" },
	{ "csrf-hidden", { "-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD }, "/csrf-hidden", "rest", "urlencoded", "_csrf=" },
	{ "csrf-meta", { LOGIN }, "/api/login-header", "rest", "json", NULL },
	{ "csrf-cookie", { LOGIN }, "/api/login-header", "rest", "json", NULL },
	{ "csrf-api", { LOGIN }, "/api/login-token", "rest", "json", "\"csrfToken\":\"" },
	{ "spa-json", { LOGIN }, "/api/login", "rest", "json", "\"username\":\"ada" },
	{ "nested-json", { "-d", "email=" FORM_USER, "-d", "password=" FORM_PASSWORD, "-d", "remember=true" }, "/api/nested", "rest", "json",
		"\"remember\":true,\"context\":{\"client\":\"web\"" },
	{ "odd-names", { "-d", "login[user]=" FORM_USER, "-d", "pass\"word=" FORM_PASSWORD }, "/odd-names", "rest", "urlencoded",
		"a.b%3Ac=x%26y" },
	{ "two-forms", { "-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD }, "/two-forms", "rest", "urlencoded", NULL },
	{ "iframe", { "-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD }, "/iframe-inner", "rest", "urlencoded", NULL },
	{ "shadow", { LOGIN }, "/api/login", "rest", "json", NULL },
	{ "formless", { LOGIN }, "/api/login", "rest", "json", NULL },
	{ "angular", { LOGIN }, "/api/login", "rest", "json", NULL },
	{ "analytics-first", { LOGIN }, "/api/login", "rest", "json", NULL },
	{ "graphql", { LOGIN }, "/graphql", "graphql", "json", "mutation SignIn" },
	{ "json-rpc", { LOGIN }, "/rpc", "json-rpc", "json", "auth.signIn" },
	{ "server-action", { "-d", "email=" FORM_USER }, "/action", "server-action", "multipart", "1_email" },
	{ "two-step", { "-d", "email=" FORM_USER, "-d", "password=" FORM_PASSWORD }, "/api/second", "rest", "json", "flowToken" },
	{ "controls", { "-d", "name=Ada Lovelace", "-d", "country=Israel", "-d", "plan=Large", "-d", "colour=#ff8800", "-d", "terms=yes",
		"-d", "born=1990-12-10", "-d", "age=36", "-d", "note=two words" }, "/controls", "rest", "urlencoded",
		"country=IL&plan=l&colour=%23ff8800&terms=accepted&born=1990-12-10&age=36&note=two+words" },
	{ "async", { "-d", "report=of the year" }, "/api/queued", "rest", "json", "of the year" },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void assert_learned(const struct kind *k, const char *page)
{
	AUTO(text) char *url = xasprintf("https://forms.test/%s", page);
	AUTO(ran) struct ran shown = forms_run(ARGS("forms", "show", url));

	assert_string_equal(said(&shown, "0.patternType"), k->type);
	assert_string_equal(said(&shown, "0.encoding"), k->encoding);
	assert_lacks(shown.out, FORM_PASSWORD);
	assert_lacks(shown.out, FORM_USER);
}

static void a_form_is_learned_and_replayed(void **state)
{
	const struct kind *k = *state;
	AUTO(ran) struct ran first = forms_submit(k->page, k->args);

	assert_submitted(first, "browser");
	if (!json_true(first.json, "learned"))
		fail_msg("%s: not learned: %s", k->page, first.out);
	assert_int_equal(forms_seen("POST", k->endpoint, 0, NULL), 1);
	assert_learned(k, k->page);
	forms_forget();
	AUTO(ran) struct ran second = forms_submit(k->page, k->args);
	assert_submitted(second, "api");
	assert_int_equal(json_true(second.json, "learned"), false);
	assert_int_equal(forms_seen("POST", k->endpoint, 0, k->part), 1);
	assert_int_equal(forms_seen("POST", k->endpoint, 0, NULL), 1);
}

/* Nothing of what comes before or beside the form is sent again. */
static void analytics_are_not_the_submission(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("analytics-first", ARGS(LOGIN));
	assert_submitted(first, "browser");
	assert_int_equal(forms_seen("POST", "/collect", 0, NULL), 2);
	AUTO(ran) struct ran shown = forms_run(ARGS("forms", "show", "https://forms.test/analytics-first"));
	assert_contains(said(&shown, "0.apiEndpoint"), "/api/login");
}

/* What the site answered is there also when its head came long before its body. */
static void an_answer_that_takes_its_time_is_read_whole(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(ran) struct ran ran = forms_submit("late-body", ARGS(LOGIN));
		assert_submitted(ran, i ? "api" : "browser");
		assert_true(json_true(ran.json, "responseData.ok"));
		assert_true(*said(&ran, "responseData.token") != '\0');
	}
}

static void files_go_along(void **state)
{
	AUTO(text) char *file = xasprintf("document=@%s;type=text/plain;filename=year.txt", forms_document());

	(void)state;
	AUTO(ran) struct ran first = forms_submit("upload", ARGS("-d", "description=Confidential", "-F", file));
	assert_submitted(first, "browser");
	AUTO(ran) struct ran second = forms_submit("upload", ARGS("-d", "description=Confidential", "-F", file));
	assert_submitted(second, "api");
	assert_string_equal(said(&second, "responseData.filename"), "year.txt");
	AUTO(ran) struct ran none = forms_submit("upload", ARGS("-d", "description=Confidential"));
	assert_int_equal(none.code, 2);
	assert_string_equal(said(&none, "error"),
		"This form requires file uploads, but no files were provided. Please include files in the submission data.");
	assert_int_equal(forms_seen("POST", "/upload", 0, NULL), 2);
}

/* As the API of the requirement has it, from the standard input; files by base64. */
static void a_request_can_be_json(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = forms_submit_told("{\"url\":\"x\",\"fields\":{\"description\":\"Confidential\"},\"files\":{\"document\":"
		"{\"base64\":\"dGhlIGNvbnRlbnQgb2YgdGhlIGZpbGUK\",\"filename\":\"a.txt\"}}}", "upload", ARGS("-d", "@-"));
	assert_submitted(ran, "browser");
	assert_string_equal(said(&ran, "responseData.filename"), "a.txt");
	AUTO(ran) struct ran bad = forms_submit_told("{\"files\":{\"document\":{}}}", "upload", ARGS("-d", "@-"));
	assert_string_equal(said(&bad, "error"), "File upload for field \"document\" must provide either buffer, base64, or filePath");
}

static void values_need_not_be_arguments(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = forms_submit_told(FORM_PASSWORD "\n", "plain", ARGS("-d", "user=" FORM_USER, "-d", "password=@-"));
	assert_submitted(ran, "browser");
}

/* A replay is the browser's own request, as far as the site can see. */
static void a_replay_has_cookies_origin_and_agent(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(ran) struct ran ran = forms_submit("csrf-hidden", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD));
		assert_submitted(ran, i ? "api" : "browser");
		AUTO(text) char *origin = forms_header("/csrf-hidden", "origin");
		AUTO(text) char *referer = forms_header("/csrf-hidden", "referer");
		AUTO(text) char *agent = forms_header("/csrf-hidden", "user-agent");
		AUTO(text) char *cookie = forms_header("/csrf-hidden", "cookie");
		assert_string_equal(origin, "https://forms.test");
		assert_string_equal(referer, "https://forms.test/csrf-hidden");
		assert_contains(agent, "Mozilla/5.0");
		assert_contains(cookie, "sid=");
	}
}

/* ---- what went wrong ---- */

static const struct refusal {
	const char *page;
	const char *args[6];
	int code;
	const char *error;
	bool sent;
} refusals[] = {
	{ "plain", { "-d", "user=" FORM_USER, "-d", "password=not-this-one" }, 7, "the site shows its form again", true },
	{ "spa-json", { "-d", "username=" FORM_USER, "-d", "password=not-this-one" }, 7, "API request failed: 401 Unauthorized", true },
	{ "graphql", { "-d", "username=" FORM_USER, "-d", "password=not-this-one" }, 7, "Response does not match success indicators", true },
	{ "json-rpc", { "-d", "username=" FORM_USER, "-d", "password=not-this-one" }, 7, "Response does not match success indicators", true },
	{ "forbidden", { "-d", "report=of the year" }, 1, "API request failed: 403 Forbidden", true },
	{ "limited", { "-d", "report=of the year" }, 8, "Rate limit exceeded. Retry after 120 seconds.", true },
	{ "used-up", { "-d", "report=of the year" }, 8, "Rate limit exceeded. Retry after 90 seconds.", true },
	{ "captcha", { "-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD }, 8, "the form wants a captcha", false },
	{ "plain", { "-d", "user=" FORM_USER, "-d", "colour=red" }, 2, "the form has no field \"colour\"; nothing was submitted", false },
	{ "home", { "-d", "user=" FORM_USER }, 10, "No form found on page", false },
};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

/* None of these is a code that is wanted, none is learned, and none is sent twice. */
static void a_refusal_is_one(void **state)
{
	const struct refusal *r = *state;
	AUTO(ran) struct ran ran = forms_submit(r->page, r->args);

	if (ran.code != r->code || !strstr(said(&ran, "error"), r->error))
		fail_msg("%s: exit %d: %s", r->page, ran.code, ran.out);
	assert_int_equal(json_true(ran.json, "success"), false);
	assert_int_equal(json_true(ran.json, "learned"), false);
	assert_int_equal(json_true(ran.json, "otpRequired"), false);
	assert_lacks(ran.err, "not-this-one");
	AUTO(ran) struct ran list = forms_run(ARGS("forms", "list", "--json"));
	assert_int_equal(cJSON_GetArraySize(list.json), 0);
}

static void a_limit_is_obeyed_the_next_time(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("limited", ARGS("-d", "report=of the year"));
	AUTO(ran) struct ran second = forms_submit("limited", ARGS("-d", "report=of the year"));
	assert_int_equal(second.code, 8);
	assert_contains(said(&second, "error"), "Rate limit exceeded. Retry after 1");
	assert_int_equal(forms_seen("POST", "/limited", 0, NULL), 1);
	assert_int_equal(forms_seen("GET", "/limited", 0, NULL), 1);
}

static void a_wrong_password_is_sent_once_over_http(void **state)
{
	static const char *const pages[] = { "plain", "spa-json", "graphql", "json-rpc" };
	static const char *const paths[] = { "/plain", "/api/login", "/graphql", "/rpc" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *user = i ? "username=" FORM_USER : "user=" FORM_USER;
		AUTO(ran) struct ran good = forms_submit(pages[i], ARGS("-d", user, "-d", "password=" FORM_PASSWORD));
		assert_submitted(good, "browser");
		forms_forget();
		AUTO(ran) struct ran bad = forms_submit(pages[i], ARGS("-d", user, "-d", "password=not-this-one"));
		assert_int_equal(bad.code, 7);
		assert_string_equal(said(&bad, "method"), "api");
		assert_int_equal(forms_seen("POST", paths[i], 0, NULL), 1);
		AUTO(ran) struct ran again = forms_submit(pages[i], ARGS("-d", user, "-d", "password=" FORM_PASSWORD));
		assert_submitted(again, "api"); /* it said nothing about the pattern */
	}
}

/* What the site may have taken is not sent once more. */
static void no_answer_is_no_reason_to_submit_again(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("silent", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD));
	assert_submitted(first, "browser");
	forms_set("silent=1");
	forms_forget();
	AUTO(ran) struct ran second = forms_submit("silent", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD, "--timeout", "1s"));
	assert_int_equal(second.code, 9);
	assert_string_equal(said(&second, "method"), "api");
	assert_contains(said(&second, "error"), "it was not sent again");
	assert_int_equal(forms_seen("POST", "/silent", 0, NULL), 1);
	/* Its first use failed: that is a rate, too. */
	AUTO(ran) struct ran list = forms_run(ARGS("forms", "list", "--json"));
	double rate = -1;
	assert_true(json_num(list.json, "0.successRate", &rate));
	assert_true(rate == 0);
}

/* What was learned of some fields says nothing about others. */
static void other_fields_are_learned_by_themselves(void **state)
{
	(void)state;
	AUTO(ran) struct ran both = forms_submit("changing", ARGS("-d", "article=Engine", "-d", "count=3"));
	AUTO(ran) struct ran one = forms_submit("changing", ARGS("-d", "article=Engine"));
	assert_submitted(both, "browser");
	assert_submitted(one, "browser");
	AUTO(ran) struct ran both_again = forms_submit("changing", ARGS("-d", "count=5", "-d", "article=Loom"));
	AUTO(ran) struct ran one_again = forms_submit("changing", ARGS("-d", "article=Loom"));
	assert_submitted(both_again, "api");
	assert_submitted(one_again, "api");
	assert_int_equal(forms_seen("POST", "/api/order", 201, "\"article\":\"Loom\",\"count\":5"), 1);
	assert_int_equal(forms_seen("POST", "/api/order", 201, NULL), 4);
}

/* ---- what changes ---- */

static void a_changed_site_is_learned_again(void **state)
{
	static const struct { const char *mode, *refused, *taken; int status; } changes[] = {
		{ "field=1", "/api/order", "/api/order", 422 },
		{ "endpoint=1", "/api/order", "/api/v2/order", 404 },
		{ "csrf=1", "/api/order", "/api/order", 403 },
		{ "redirect=1", "/api/order", "/api/v2/order", 308 },
	};
	const char *const *order = ARGS("-d", "article=Difference Engine", "-d", "count=3");

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		forms_begin(state);
		AUTO(ran) struct ran first = forms_submit("changing", order);
		assert_submitted(first, "browser");
		forms_set(changes[i].mode);
		forms_forget();
		AUTO(ran) struct ran second = forms_submit("changing", order);
		assert_submitted(second, "browser");
		assert_true(json_true(second.json, "learned"));
		AUTO(ran) struct ran third = forms_submit("changing", order);
		assert_submitted(third, "api");
		/* Each was taken once, and the one that was not known has done nothing. */
		assert_int_equal(forms_seen("POST", changes[i].taken, 201, NULL), 2);
		const int browser_too = changes[i].status == 308; /* it is redirected as well */
		assert_int_equal(forms_seen("POST", changes[i].refused, changes[i].status, NULL), 1 + browser_too);
	}
}

static void a_new_build_of_the_site_is_no_change(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("server-action", ARGS("-d", "email=" FORM_USER));
	assert_submitted(first, "browser");
	forms_set("build=1");
	AUTO(ran) struct ran second = forms_submit("server-action", ARGS("-d", "email=" FORM_USER));
	assert_submitted(second, "api"); /* the action's id is read from the page each time */
}

static void what_scripts_make_is_left_to_them(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("hashed", ARGS(LOGIN));
	assert_submitted(first, "browser");
	assert_int_equal(json_true(first.json, "learned"), false);
	assert_contains(said(&first, "notLearned"), "is made by the page's scripts");
}

static void a_message_over_a_websocket_is_a_submission(void **state)
{
	static const char *const pages[][3] = { { "websocket", "websocket", "" }, { "socket-io", "socket.io", "42[" } };

	for (size_t i = 0; i < 2; i++) {
		forms_begin(state);
		AUTO(ran) struct ran first = forms_submit(pages[i][0], ARGS("-d", "message=Hello to the engine"));
		assert_submitted(first, "browser");
		assert_int_equal(forms_seen("SEND", "/ws", 0, "Hello to the engine"), 1);
		AUTO(ran) struct ran shown = forms_run(ARGS("forms", "show", "forms.test"));
		assert_string_equal(said(&shown, "0.patternType"), "websocket");
		assert_string_equal(said(&shown, "0.websocketPattern.protocol"), pages[i][1]);
		assert_string_equal(said(&shown, "0.websocketPattern.eventName"), "message.send");
		assert_lacks(shown.out, "Hello");
		forms_forget();
		AUTO(ran) struct ran second = forms_submit(pages[i][0], ARGS("-d", "message=Another one entirely"));
		assert_submitted(second, "api");
		assert_int_equal(forms_seen("SEND", "/ws", 0, pages[i][2]), 1);
		assert_int_equal(forms_seen("SEND", "/ws", 0, "Another one entirely"), 1);
	}
}

static void an_oauth_sign_in_is_told(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("oauth", ARGS("-d", "report=of the year"));
	assert_submitted(first, "browser");
	AUTO(ran) struct ran second = forms_submit("oauth", ARGS("-d", "report=of the year"));
	assert_submitted(second, "api");
	assert_string_equal(said(&second, "oauth.provider"), "accounts.other.test");
	assert_string_equal(said(&second, "oauth.flow"), "pkce");
}

/* ---- what is kept ---- */

static void forms_are_listed_and_forgotten(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("plain", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD));
	AUTO(ran) struct ran second = forms_submit("plain", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD));
	AUTO(ran) struct ran list = forms_run(ARGS("forms", "list", "--json"));
	int64_t used = 0;
	assert_int_equal(cJSON_GetArraySize(list.json), 1);
	assert_true(json_int(list.json, "0.timesUsed", &used));
	assert_int_equal(used, 1);
	assert_contains(said(&list, "0.id"), "form:forms.test:");
	AUTO(ran) struct ran gone = forms_run(ARGS("forms", "forget", "forms.test"));
	assert_int_equal(gone.code, 0);
	AUTO(ran) struct ran again = forms_run(ARGS("forms", "forget", "forms.test"));
	assert_int_equal(again.code, 2);
	AUTO(ran) struct ran third = forms_submit("plain", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD));
	assert_submitted(third, "browser");
}

static void a_session_goes_on(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("plain", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD,
		"--session", "ada"));
	assert_submitted(first, "browser");
	AUTO(text) char *one = forms_header("/plain", "cookie");
	AUTO(ran) struct ran second = forms_submit("plain", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD,
		"--session", "ada"));
	assert_submitted(second, "api");
	AUTO(text) char *two = forms_header("/plain", "cookie");
	assert_contains(one, "sid=");
	const char *sid = strstr(one, "sid=");
	AUTO(text) char *same = xstrndup(sid, strcspn(sid, ";"));
	assert_contains(two, same);
	AUTO(ran) struct ran list = forms_run(ARGS("session", "list", "--json"));
	assert_contains(list.out, "\"ada\"");
}

static const struct CMUnitTest single[] = {
	cmocka_unit_test_setup(analytics_are_not_the_submission, forms_begin),
	cmocka_unit_test_setup(an_answer_that_takes_its_time_is_read_whole, forms_begin),
	cmocka_unit_test_setup(files_go_along, forms_begin),
	cmocka_unit_test_setup(a_request_can_be_json, forms_begin),
	cmocka_unit_test_setup(values_need_not_be_arguments, forms_begin),
	cmocka_unit_test_setup(a_replay_has_cookies_origin_and_agent, forms_begin),
	cmocka_unit_test_setup(a_limit_is_obeyed_the_next_time, forms_begin),
	cmocka_unit_test_setup(a_wrong_password_is_sent_once_over_http, forms_begin),
	cmocka_unit_test_setup(no_answer_is_no_reason_to_submit_again, forms_begin),
	cmocka_unit_test_setup(other_fields_are_learned_by_themselves, forms_begin),
	cmocka_unit_test_setup(a_changed_site_is_learned_again, forms_begin),
	cmocka_unit_test_setup(a_new_build_of_the_site_is_no_change, forms_begin),
	cmocka_unit_test_setup(what_scripts_make_is_left_to_them, forms_begin),
	cmocka_unit_test_setup(a_message_over_a_websocket_is_a_submission, forms_begin),
	cmocka_unit_test_setup(an_oauth_sign_in_is_told, forms_begin),
	cmocka_unit_test_setup(forms_are_listed_and_forgotten, forms_begin),
	cmocka_unit_test_setup(a_session_goes_on, forms_begin),
};
enum { SINGLE = sizeof single / sizeof *single };

int main(void)
{
	struct CMUnitTest tests[KINDS + REFUSALS + SINGLE];
	char *names[KINDS + REFUSALS];
	size_t count = 0;

	for (size_t i = 0; i < KINDS; i++, count++) {
		names[count] = xasprintf("a_form_is_learned_and_replayed: %s", kinds[i].page);
		tests[count] = (struct CMUnitTest){ names[count], a_form_is_learned_and_replayed, forms_begin, NULL,
			(void *)(uintptr_t)&kinds[i] };
	}
	for (size_t i = 0; i < REFUSALS; i++, count++) {
		names[count] = xasprintf("a_refusal_is_one: %s", refusals[i].page);
		tests[count] = (struct CMUnitTest){ names[count], a_refusal_is_one, forms_begin, NULL, (void *)(uintptr_t)&refusals[i] };
	}
	memcpy(tests + count, single, sizeof single);
	cmocka_set_test_filter(getenv("TEST"));
	const int failed = _cmocka_run_group_tests("forms", tests, count + SINGLE, forms_start, forms_stop);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	return failed;
}
