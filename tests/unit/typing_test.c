/* Typing, and who gets to see what was typed, against a fake browser. */
#include "cdp/page.h"

#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/storage.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"
#include "tests/lib/talk.h"

enum { SOON_MS = 10000 }; /* for what takes milliseconds */

/* ---- what is seen ---- */

/* Nothing but the password is known to be a secret: the others are masked by where they stand. */
static const char *const planted[] = {
	"PASSWORD-Zk93", "USER-Nq72", "CODE-493817", "493817", "COOKIE-Vq81", "HEADER-Mx55", "TOKEN-Hs47",
	"PASSWORD", "Zk93",
};

static void log_in(struct talk *talk, const struct secret *password, const struct secret *code)
{
	static const char *const boxes[] = { "#code" };
	struct cdp_page *page = talk_open(talk, NULL);
	struct error err = { 0 };
	AUTO(json) cJSON *cookies = json_array(JSON_NODE(NULL, json_object(JSON_STR("name", "sid"),
		JSON_STR("value", "COOKIE-Vq81"), JSON_STR("domain", "a.test"))));

	assert_ok(cdp_cookies_set(talk->browser, NULL, cookies, deadline_in_ms(SOON_MS), &err), &err);
	assert_ok(cdp_page_authenticate(page, "http://a.test", "USER-Nq72", password, &err), &err);
	assert_ok(cdp_page_goto(page, "http://a.test/?token=TOKEN-Hs47", NULL, NULL, &err), &err);
	assert_ok(cdp_page_type(page, "#user", "USER-Nq72", NULL, &err), &err);
	assert_ok(cdp_page_type_secret(page, "#password", password, NULL, &err), &err);
	assert_ok(cdp_page_fill(page, "#again", "USER-Nq72", NULL, &err), &err);
	cdp_page_on_dialog(page, CDP_ACCEPT, "CODE-493817");
	assert_ok(cdp_page_type_code(page, NULL, boxes, 1, code, deadline_in_ms(SOON_MS), &err), &err);
	assert_ok(cdp_page_click(page, "#go", NULL, &err), &err);
	AUTO(json) cJSON *value = cdp_page_eval(page, "send('USER-Nq72', 'TOKEN-Hs47')", NULL, &err);
	assert_ok(value, &err);
	talk_next(talk);
}

static void nothing_of_a_login_is_in_the_log(void **state)
{
	AUTO(secret) struct secret *password = secret_new("PASSWORD-Zk93", 13);
	AUTO(secret) struct secret *code = secret_new("493817", 6);

	for (int json = 0; json <= 1; json++) {
		struct talk *talk = talk_begin(state, "nothing_of_a_login_is_in_the_log", NULL);
		catch_stderr();
		log_setup(LOG_PROTOCOL, json);
		log_in(talk, password, code);
		talk_finish(state);
		log_setup(LOG_WARN, false);
		AUTO(text) char *text = caught_stderr();
		assert_contains(text, "Input.dispatchKeyEvent"); /* the log was on */
		assert_contains(text, "Fetch.continueWithAuth");
		for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
			assert_lacks(text, planted[i]);
	}
}

/* Key by key it is a secret, too. */
static void no_letter_of_a_password_is_in_the_log(void **state)
{
	AUTO(secret) struct secret *password = secret_new("PASSWORD-Zk93", 13);
	AUTO(secret) struct secret *code = secret_new("493817", 6);
	char *line, *rest = NULL;
	int keys = 0;

	catch_stderr();
	log_setup(LOG_PROTOCOL, false);
	log_in(*state, password, code);
	log_setup(LOG_WARN, false);
	AUTO(text) char *text = caught_stderr();
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *start = strchr(line, '{');
		AUTO(json) cJSON *message = start ? json_parse(start, strlen(start), NULL) : NULL;
		const char *method = json_str(message, "method");
		if (!method || strncmp(method, "Input.", 6) != 0 || !json_str(message, "params.text"))
			continue;
		assert_string_equal(json_str(message, "params.text"), "*");
		if (strcmp(method, "Input.dispatchKeyEvent") != 0)
			continue;
		assert_string_equal(json_str(message, "params.key"), "*");
		assert_string_equal(json_str(message, "params.code"), "*");
		assert_string_equal(json_str(message, "params.windowsVirtualKeyCode"), "*");
		keys++;
	}
	assert_in_range(keys, 9 + 13 + 6, 100); /* user, password and code */
}

static void a_field_that_keeps_nothing_is_an_error(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	AUTO(secret) struct secret *password = secret_new("סוד-hunter2", strlen("סוד-hunter2"));
	struct error err = { 0 };

	assert_fails(cdp_page_type_secret(page, "#password", password, NULL, &err), &err, ERR_VALUE);
	assert_contains(err.text, "#password");
	assert_contains(err.text, "11 characters typed, 5 kept");
	assert_lacks(err.text, "hunter2");
}

/* ---- what is sent ---- */

static void keys_are_those_of_a_keyboard(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_type(page, "#x", "aZ@é😀\n", NULL, &err), &err);
}

static void a_lost_value_is_typed_again_before_the_click(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_type(page, "#user", "dana", NULL, &err), &err);
	assert_ok(cdp_page_click(page, "#go", NULL, &err), &err);
}

static bool enter_code(struct cdp_page *page, size_t count, const char *digits, struct error *err)
{
	static const char *const boxes[] = { "#b1", "#b2" };
	AUTO(secret) struct secret *code = secret_new(digits, strlen(digits));

	return cdp_page_type_code(page, NULL, boxes, count, code, deadline_in_ms(SOON_MS), err);
}

static void a_code_is_entered(void **state)
{
	static const char *const ends[] = {
		/* the boxes hold it */
		"< {\"result\":{\"type\":\"object\",\"value\":{\"took\":true}}}\n"
		"> Runtime.evaluate {\"expression\":\"gabbai.codeKept(…\"}\n"
		"< {\"result\":{\"type\":\"object\",\"value\":{\"kept\":true,\"length\":2}}}",
		/* the page submitted itself on the last digit */
		"* Page.frameNavigated {\"frame\":{\"id\":\"T\",\"loaderId\":\"L1\",\"url\":\"http://a.test/home\"}} @S\n"
		"<! {\"code\":-32000,\"message\":\"Inspected target navigated or closed\"}",
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct talk *talk = talk_begin(state, "a_code_is_entered", ends[i]);
		struct error err = { 0 };
		assert_ok(enter_code(talk_open(talk, NULL), 2, "42", &err), &err);
		talk_finish(state);
	}
}

static void a_page_that_reloads_has_no_code_yet(void **state)
{
	struct error err = { 0 };

	assert_ok(enter_code(talk_open(*state, NULL), 2, "42", &err), &err);
}

static void a_login_is_for_one_origin(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	AUTO(secret) struct secret *password = secret_new("hunter2", 7);
	struct error err = { 0 };

	assert_ok(cdp_page_authenticate(page, "http://a.test", "dana", password, &err), &err);
	talk_next(*state);
	talk_next(*state);
}

/* Tests that start conversations of their own, and catch stderr. */
static int end_all(void **state)
{
	log_setup(LOG_WARN, false);
	(void)catch_teardown(state);
	return talk_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_of_a_login_is_in_the_log, end_all),
		cmocka_unit_test_prestate_setup_teardown(no_letter_of_a_password_is_in_the_log, talk_setup, end_all,
			(char[]){ "nothing_of_a_login_is_in_the_log" }),
		TALK(a_field_that_keeps_nothing_is_an_error),
		TALK(keys_are_those_of_a_keyboard),
		TALK(a_lost_value_is_typed_again_before_the_click),
		cmocka_unit_test_teardown(a_code_is_entered, end_all),
		TALK(a_page_that_reloads_has_no_code_yet),
		TALK(a_login_is_for_one_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
