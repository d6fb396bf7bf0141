/* Evaluating and waiting in documents that come and go, against a fake browser. */
#include "cdp/page.h"

#include "cdp/base/buf.h"
#include "cdp/conn.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum { SHORT_MS = 80 }; /* for what never comes */

/* ---- values ---- */

static const struct {
	const char *result; /* of Runtime.evaluate */
	const char *json;   /* what becomes of it; NULL: an error … */
	enum error_code code;
	const char *words;  /* … with these */
} values[] = {
	{ "{\"result\":{\"type\":\"number\",\"value\":7}}", "7", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"string\",\"value\":\"\"}}", "\"\"", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"boolean\",\"value\":false}}", "false", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"object\",\"subtype\":\"null\",\"value\":null}}", "null", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"undefined\"}}", "null", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"object\",\"value\":{\"a\":[1,{}]}}}", "{\"a\":[1,{}]}", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"number\",\"unserializableValue\":\"NaN\"}}", "\"NaN\"", ERR_NONE, NULL },
	{ "{\"result\":{\"type\":\"bigint\",\"unserializableValue\":\"12n\"}}", "\"12n\"", ERR_NONE, NULL },
	{ "{}", "null", ERR_NONE, NULL },
	/* what is thrown */
	{ "{\"result\":{},\"exceptionDetails\":{\"text\":\"Uncaught\",\"lineNumber\":4,\"columnNumber\":6,\"url\":"
		"\"http://a.test/x.js\",\"exception\":{\"description\":\"TypeError: no\\n    at f (x.js:5)\"}}}",
		NULL, ERR_SCRIPT, "TypeError: no (http://a.test/x.js:5:7)" },
	{ "{\"exceptionDetails\":{\"text\":\"Uncaught\",\"exception\":{\"type\":\"string\",\"value\":\"words\"}}}",
		NULL, ERR_SCRIPT, "words" },
	{ "{\"exceptionDetails\":{\"text\":\"Uncaught\",\"exception\":{\"type\":\"object\",\"value\":{\"code\":7}}}}",
		NULL, ERR_SCRIPT, "{\"code\":7}" },
	{ "{\"exceptionDetails\":{\"text\":\"Uncaught (in promise)\"}}", NULL, ERR_SCRIPT, "Uncaught (in promise)" },
	{ "{\"exceptionDetails\":{}}", NULL, ERR_SCRIPT, "an exception without words" },
	{ "{\"exceptionDetails\":{\"exception\":{\"description\":\"\"}}}", NULL, ERR_SCRIPT, "script:1:1" },
	{ "{\"exceptionDetails\":\"strange\"}", NULL, ERR_SCRIPT, "an exception without words" },
};

static struct talk *begin_results(void **state)
{
	AUTO(buf) struct buf script = { 0 };

	(void)buf_puts(&script, "include page.talk\n");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		(void)buf_printf(&script, "> Runtime.evaluate @S\n< %s\n", values[i].result);
	return talk_begin_text(state, script.data);
}

static void values_are_what_the_page_has(void **state)
{
	struct cdp_page *page = talk_open(begin_results(state), NULL);

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct error err = { 0 };
		AUTO(json) cJSON *value = cdp_page_eval(page, "x", NULL, &err);
		if (!values[i].json) {
			assert_fails(value != NULL, &err, values[i].code);
			assert_contains(err.text, values[i].words);
			assert_null(strchr(err.text, '\n'));
			continue;
		}
		assert_ok(value, &err);
		AUTO(text) char *text = json_print(value);
		assert_string_equal(text, values[i].json);
	}
}

static const struct {
	const char *reply; /* of which ${id} is the id */
	const char *text;  /* NULL: an error … */
	size_t size;
	enum error_code code;
} texts[] = {
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"plain\"}}", "plain", 5, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"\"}}", "", 0, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"a\\\"b\\\\c\\/d\\n\\t\\r\\b\\f\"}}",
		"a\"b\\c/d\n\t\r\b\f", 12, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"\\u00e9\\u20ac\"}}", "é€", 5, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"a\\u0000b\"}}", "a\0b", 3, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"\\ud83d\\ude00x\"}}", "😀x", 5, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"\\n\\n\\ud83d\\ude00\\ud83d\\ude00\"}}", "\n\n😀😀", 10, ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"\\ud83d!\\ude00\"}}", "\xef\xbf\xbd!\xef\xbf\xbd", 7,
		ERR_NONE },
	{ "\"result\":{\"result\":{\"type\":\"number\",\"value\":7}}", NULL, 0, ERR_SCRIPT },
	{ "\"result\":{\"result\":{\"type\":\"undefined\"}}", NULL, 0, ERR_SCRIPT },
	{ "\"result\":{\"result\":{},\"exceptionDetails\":{\"text\":\"Uncaught\"}}", NULL, 0, ERR_SCRIPT },
	{ "\"error\":{\"code\":-32000,\"message\":\"Object reference chain is too long\"}", NULL, 0, ERR_PROTOCOL },
	{ "\"error\":{\"code\":-32000,\"message\":\"Execution context was destroyed.\"}", NULL, 0, ERR_CONTEXT },
	{ "\"error\":{\"code\":-32000,\"message\":\"Target crashed\"}", NULL, 0, ERR_CRASHED },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"cut", NULL, 0, ERR_PROTOCOL },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"cut\\u12", NULL, 0, ERR_PROTOCOL },
	{ "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"cut\\", NULL, 0, ERR_PROTOCOL },
};

static void texts_are_had_without_a_copy(void **state)
{
	AUTO(buf) struct buf script = { 0 };

	(void)buf_puts(&script, "include page.talk\n");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		(void)buf_printf(&script, "> Runtime.evaluate @S\nraw {\"id\":${id},%s}\n", texts[i].reply);
	struct talk *talk = talk_begin_text(state, script.data);
	struct cdp_page *page = talk_open(talk, NULL);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct error err = { 0 };
		size_t size = 0;
		AUTO(text) char *text = cdp_page_eval_text(page, "x", &size, NULL, &err);
		if (!texts[i].text && (text || err.code != texts[i].code || !err.text[0]))
			fail_msg("%s is %s, not %s: %s", texts[i].reply, error_name(err.code), error_name(texts[i].code), err.text);
		if (!texts[i].text)
			continue;
		assert_ok(text, &err);
		if (size != texts[i].size || memcmp(text, texts[i].text, size + 1) != 0)
			fail_msg("%s is %zu bytes: %s", texts[i].reply, size, text);
	}
}

/* ---- contexts that go ---- */

static void a_lost_context_is_found_again(void **state)
{
	static const char *const words[] = {
		"Cannot find context with specified id",
		"Execution context was destroyed.",
		"Inspected target navigated or closed",
		"Promise was collected",
		"uniqueContextId not found",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct talk *talk = talk_begin(state, "a_lost_context_is_found_again", words[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		assert_int_equal(cdp_page_count(page, "#x", &err), 3);
		assert_int_equal(cdp_page_count(page, "#x", &err), 4);
		talk_finish(state);
	}
}

static void a_new_document_is_asked(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_int_equal(cdp_page_count(page, "#x", &err), 3);
}

static void a_document_without_the_engine_gets_it(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_int_equal(cdp_page_count(page, "#x", &err), 3);
}

static void a_document_that_never_stays_is_a_time_out(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	AUTO(text) char *text = cdp_page_text(page, "#x", SHORT_MS, &err);

	assert_fails(text != NULL, &err, ERR_TIMEOUT);
	assert_int_equal(err.cause, ERR_CONTEXT);
}

static void a_world_without_a_number_is_an_error(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	AUTO(text) char *text = cdp_page_text(page, "#x", SHORT_MS, &err);

	assert_fails(text != NULL, &err, ERR_PROTOCOL);
}

static void what_callers_evaluate_is_not_repeated(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	size_t size;
	AUTO(json) cJSON *value = cdp_page_eval(page, "pay()", NULL, &err);

	assert_fails(value != NULL, &err, ERR_CONTEXT);
	AUTO(text) char *text = cdp_page_eval_text(page, "text()", &size, NULL, &err);
	assert_fails(text != NULL, &err, ERR_CONTEXT);
	talk_next(*state);
}

static void our_own_world_is_asked_for_once(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const struct cdp_eval_opts isolated = { .isolated = true, .no_gesture = true };
	struct error err = { 0 };
	AUTO(json) cJSON *one = cdp_page_eval(page, "document.title", &isolated, &err);
	AUTO(json) cJSON *two = cdp_page_eval(page, "document.title", &isolated, &err);

	assert_string_equal(json_str(one, ""), "one");
	assert_string_equal(json_str(two, ""), "two");
}

/* ---- waiting ---- */

static void a_condition_is_waited_for_in_later_documents(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	AUTO(json) cJSON *value = cdp_page_wait_eval(page, "window.done", NULL, &err);

	assert_ok(value, &err);
	assert_string_equal(json_str(value, ""), "yes");
}

static void a_wait_is_asked_again_in_a_new_document(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_wait(page, "#late", NULL, &err), &err);
}

static void a_race_over_two_frames(void **state)
{
	const struct cdp_branch branches[] = {
		{ .selector = NULL },
		{ .selector = "#home" },
		{ .selector = "frame=pay.test >> #code", .state = CDP_ENABLED },
	};
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_frame *where = NULL;
	struct error err = { 0 };

	talk_next(*state);
	assert_int_equal(cdp_page_race(page, branches, 3, deadline_in_ms(10000), &where, &err), 2);
	assert_string_equal(cdp_frame_url(where), "http://pay.test/");
	talk_next(*state);
}

static void a_race_says_what_it_saw(void **state)
{
	const struct cdp_branch branches[] = {
		{ .name = "the menu", .selector = "#menu" },
		{ .selector = "#code" },
		{ .name = "the payment", .selector = "frame=nowhere >> #x" },
	};
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_int_equal(cdp_page_race(page, branches, 3, deadline_in_ms(500), NULL, &err), -1);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_int_equal(err.cause, ERR_HIDDEN);
	assert_string_equal(err.text, "the menu: 1 match, hidden; #code: nothing matches; the payment: no such frame");
}

static void a_wrong_selector_fails_at_once(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const struct deadline soon = deadline_in_ms(1000);
	struct error err = { 0 };

	assert_fails(cdp_page_wait(page, "#[", NULL, &err), &err, ERR_SELECTOR);
	assert_contains(err.text, "'#[' is not CSS");
	assert_false(deadline_passed(soon));
}

/* ---- clicking ---- */

static void a_click_that_ends_the_document_is_done(void **state)
{
	static const char *const ends[] = {
		"<! release {\"code\":-32000,\"message\":\"Inspected target navigated or closed\"}",
		"< release {}\n<! shot {\"code\":-32000,\"message\":\"Execution context was destroyed.\"}",
		"* Target.detachedFromTarget {\"sessionId\":\"S\",\"targetId\":\"T\"}",
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct talk *talk = talk_begin(state, "a_click_that_ends_the_document_is_done", ends[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		assert_ok(cdp_page_click(page, "#go", NULL, &err), &err);
		talk_finish(state);
	}
}

static void a_click_that_was_covered_is_tried_again(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_click(page, "#go", NULL, &err), &err);
}

static void a_click_without_an_aim_has_an_error(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_fails(cdp_page_click(page, "#go", &(struct cdp_click_opts){ .timeout_ms = SHORT_MS }, &err), &err,
		ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALKS(values_are_what_the_page_has),
		TALKS(texts_are_had_without_a_copy),
		TALKS(a_lost_context_is_found_again),
		TALK(a_new_document_is_asked),
		TALK(a_document_without_the_engine_gets_it),
		TALK(a_document_that_never_stays_is_a_time_out),
		TALK(a_world_without_a_number_is_an_error),
		TALK(what_callers_evaluate_is_not_repeated),
		TALK(our_own_world_is_asked_for_once),
		TALK(a_condition_is_waited_for_in_later_documents),
		TALK(a_wait_is_asked_again_in_a_new_document),
		TALK(a_race_over_two_frames),
		TALK(a_race_says_what_it_saw),
		TALK(a_wrong_selector_fails_at_once),
		TALKS(a_click_that_ends_the_document_is_done),
		TALK(a_click_that_was_covered_is_tried_again),
		TALK(a_click_without_an_aim_has_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
