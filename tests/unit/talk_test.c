/* The fake browser itself: a conversation that goes wrong must fail, and say where. */
#include "tests/lib/talk.h"

#include "cdp/conn.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"
#include "tests/lib/talk_script.h"

#include <sys/wait.h>

enum { SOON_MS = 10000 }; /* for what takes milliseconds */

/* ---- matching ---- */

static const struct {
	const char *wanted;
	const char *got;
	const char *why; /* NULL: they match */
} matches[] = {
	{ "{}",                        "{\"a\":1}",                    NULL },
	{ "{\"a\":1}",                 "{\"b\":2,\"a\":1}",            NULL },
	{ "{\"a\":{\"b\":[1,{}]}}",    "{\"a\":{\"b\":[1,{\"c\":2}]}}", NULL },
	{ "{\"a\":\"x…\"}",            "{\"a\":\"xyz\"}",              NULL },
	{ "{\"a\":\"…y…\"}",           "{\"a\":\"xyz\"}",              NULL },
	{ "{\"a\":null}",              "{\"a\":null}",                 NULL },
	{ "{\"a\":1}",                 "{}",                           "p.a is missing, not 1" },
	{ "{\"a\":1}",                 "{\"a\":2}",                    "p.a is 2, not 1" },
	{ "{\"a\":1}",                 "{\"a\":\"1\"}",                "p.a is \"1\", not 1" },
	{ "{\"a\":true}",              "{\"a\":false}",                "p.a is false, not true" },
	{ "{\"a\":{\"b\":[1,2]}}",     "{\"a\":{\"b\":[1,3]}}",        "p.a.b.1 is 3, not 2" },
	{ "{\"a\":[1]}",               "{\"a\":[1,2]}",                "p.a is [1,2], not [1]" },
	{ "{\"a\":[]}",                "{\"a\":{}}",                   "p.a is {}, not []" },
	{ "{\"A\":1}",                 "{\"a\":1}",                    "p.A is missing, not 1" },
	{ "{\"a\":\"x…\"}",            "{\"a\":\"yx\"}",               "p.a is \"yx\", not \"x…\"" },
	{ "{\"a\":\"…x\"}",            "{\"a\":\"xy\"}",               "p.a is \"xy\", not \"…x\"" },
	{ "{\"a\":1}",                 "7",                            "p is 7, not {\"a\":1}" },
};

static void a_message_has_at_least_what_is_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		AUTO(json) cJSON *wanted = json_parse(matches[i].wanted, strlen(matches[i].wanted), NULL);
		AUTO(json) cJSON *got = json_parse(matches[i].got, strlen(matches[i].got), NULL);
		AUTO(buf) struct buf why = { 0 };
		const bool same = talk_matches(wanted, got, "p", &why);
		if (same != !matches[i].why || strcmp(buf_text(&why), matches[i].why ? matches[i].why : "") != 0)
			fail_msg("%s and %s: %s", matches[i].wanted, matches[i].got, buf_text(&why));
	}
	AUTO(buf) struct buf why = { 0 };
	AUTO(json) cJSON *wanted = json_parse("{\"a\":1}", 7, NULL);
	assert_false(talk_matches(wanted, NULL, "params", &why));
	assert_string_equal(buf_text(&why), "params is missing, not {\"a\":1}");
}

static void what_is_sent_is_filled_in(void **state)
{
	static const char message[] = "{\"id\":7,\"sessionId\":\"S\",\"params\":{\"a\":{\"b\":\"x\"}}}";
	AUTO(json) cJSON *json = json_parse(message, strlen(message), NULL);
	AUTO(buf) struct buf out = { 0 }, big = { 0 };

	(void)state;
	talk_expand(&out, "${id} ${session} ${params.a.b} ${params.a} ${n} ${nothing} ${", json, 5);
	assert_string_equal(buf_text(&out), "7 S \"x\" {\"b\":\"x\"} 5 null ${");
	talk_expand(&big, "<${big:2K}>", json, 0);
	assert_int_equal(big.size, 2050);
	for (size_t i = 0; i < 2048; i++)
		assert_int_equal(big.data[i + 1], 'a' + (int)(i % TALK_BIG_PERIOD));
}

/* ---- scripts that make no sense ---- */

static const struct {
	const char *script;
	const char *words;
} nonsense[] = {
	{ "# fine\n\nsay hello",                      "(text):3: an unknown verb: say" },
	{ ">",                                        "(text):1: a word is missing" },
	{ "> A.b {\"a\":}",                           "(text):1: not JSON: {\"a\":}" },
	{ "> A.b {\"a\":1",                           "(text):1: not JSON" },
	{ "> A.b\n< {\"a\":1} more",                  "(text):2: more than was expected: more" },
	{ "> A.b\n< {\n\t\"a\":1,\n\t\"b\":x}\n> C.d", "(text):2: not JSON" },
	{ "delay soon",                               "(text):1: a number is missing" },
	{ "collect A.b",                              "(text):1: a number is missing" },
	{ "collect 3",                                "(text):1: a word is missing" },
	{ "answer sideways {}",                       "(text):1: not an order: sideways" },
	{ "include no such file",                     "(text):1: cannot be included: no such file" },
};

static void a_script_that_makes_no_sense_is_not_played(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
		catch_stderr();
		struct talk *talk = talk_start_text(nonsense[i].script, NULL);
		AUTO(text) char *said = caught_stderr();
		assert_null(talk);
		assert_contains(said, nonsense[i].words);
	}
	catch_stderr();
	struct talk *talk = talk_start("there_is_no_such_talk", NULL);
	AUTO(text) char *said = caught_stderr();
	assert_null(talk);
	assert_contains(said, "fixtures/cdp/there_is_no_such_talk.talk");
}

/* ---- conversations that go wrong ---- */

/* Sends a command or two, and what the conversation complains about. */
static char *complaint(const char *script, bool second)
{
	struct talk *talk = talk_start_text(script, NULL);
	struct cdp_conn *conn = talk_connect(talk);
	struct cdp_session *none = NULL;
	AUTO(json) cJSON *first = cdp_call(conn, none, "Test.first", json_object(JSON_INT("a", 1)),
		deadline_in_ms(SOON_MS), NULL);
	AUTO(json) cJSON *next = second ? cdp_call(conn, none, "Test.second", NULL, deadline_in_ms(SOON_MS), NULL) : NULL;

	return talk_end(talk, NULL);
}

static const struct {
	const char *script;
	bool second;
	const char *words[4]; /* all of them */
} wrongs[] = {
	{ "> Test.first {\"a\":2}\n< {}", false,
		{ "(text):1: the driver sends something else", "the script: > Test.first {\"a\":2}",
			"the driver: > Test.first {\"id\":1,\"method\":\"Test.first\",\"params\":{\"a\":1}}",
			"because:    params.a is 1, not 2" } },
	{ "# one\n> Test.other\n< {}", false,
		{ "(text):2:", "the script: > Test.other", "it is another method", NULL } },
	{ "> Test.first @S\n< {}", false, { "(text):1:", "it is for session ''", NULL, NULL } },
	{ "> Test.first\n< {}\n\n> Test.second {\"b\":1}\n< {}", true,
		{ "(text):4:", "params is missing, not {\"b\":1}", "the last messages:", "< {\"id\":1,\"result\":{}}" } },
	{ "> Test.first\n< {}", true, { "after the script's end", "> Test.second", NULL, NULL } },
	{ "> Test.first\n< {}\n> Test.second", false, { "(text):3: the driver hung up", "> Test.second", NULL, NULL } },
	{ "> Test.first\n< nobody {}", false, { "(text):2: there is no such message to answer", "nobody", NULL, NULL } },
	{ "< {}", false, { "(text):1: there is no such message to answer", NULL, NULL, NULL } },
};

static void what_goes_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		AUTO(text) char *report = complaint(wrongs[i].script, wrongs[i].second);
		if (!report)
			fail_msg("nothing is wrong with %s", wrongs[i].script);
		for (int k = 0; k < 4 && wrongs[i].words[k]; k++)
			assert_contains(report, wrongs[i].words[k]);
	}
}

static void what_goes_right_has_no_complaint(void **state)
{
	static const char *const scripts[] = {
		"> Test.first\n< {}",
		"> Test.first {\"a\":1}\n< {}\n* Test.happened\ndelay 5\n* Test.happened",
		"auto Test.first {\"a\":1}",
		"auto! Test.… {\"code\":-1,\"message\":\"no\"}",
		"> Test.first\nclose",
		"> Test.first\ndie",
		"> Test.first\ndrop",
		"collect 1 Test.first\nanswer straight {\"a\":${params.a}}",
		"> Test.fi…\ntogether\n< {}\n* Test.happened\napart",
	};

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		AUTO(text) char *report = complaint(scripts[i], false);
		if (report)
			fail_msg("%s: %s", scripts[i], report);
	}
}

static void rules_follow_their_lines(void **state)
{
	static const char script[] = "auto Test.… {\"by\":\"rule\"}\nauto Test.a {\"by\":\"later rule\"}\n"
		"> Test.b\n< {\"by\":\"line\"}\n";
	static const struct {
		const char *method;
		const char *by;
	} calls[] = {
		{ "Test.a", "later rule" }, { "Test.c", "rule" }, { "Test.b", "line" }, { "Test.b", "rule" },
	};
	struct talk *talk = talk_begin_text(state, script);

	struct cdp_conn *conn = talk_connect(talk);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		struct error err = { 0 };
		AUTO(json) cJSON *answer = cdp_call(conn, NULL, calls[i].method, NULL, deadline_in_ms(SOON_MS), &err);
		assert_ok(answer, &err);
		assert_string_equal(json_str(answer, "by"), calls[i].by);
	}
}

static void answers_come_in_the_order_that_is_asked_for(void **state)
{
	static const char *const orders[] = { "straight", "reversed" };

	for (int reversed = 0; reversed <= 1; reversed++) {
		AUTO(text) char *script = xasprintf("collect 5 Test.work\n* Test.happened {\"all\":true}\n"
			"times 3 * Test.happened {\"n\":${n}}\nanswer %s {\"n\":${params.n}}\n", orders[reversed]);
		struct talk *talk = talk_begin_text(state, script);
		struct cdp_conn *conn = talk_connect(talk);
		struct cdp_reply *replies[5];
		for (int i = 0; i < 5; i++)
			replies[i] = cdp_send(conn, NULL, "Test.work", json_object(JSON_INT("n", i)));
		struct cdp_reply *first = replies[reversed ? 4 : 0], *last = replies[reversed ? 0 : 4];
		while (!cdp_reply_done(first)) {
			assert_false(cdp_reply_done(last));
			assert_true(cdp_conn_wait(conn, deadline_in_ms(SOON_MS), NULL));
		}
		for (int i = 0; i < 5; i++) {
			AUTO(json) cJSON *answer = cdp_reply_wait(replies[i], deadline_in_ms(SOON_MS), NULL);
			int64_t n = -1;
			assert_true(json_int(answer, "n", &n) && n == i);
		}
		talk_finish(state);
	}
}

static void a_fault_is_for_one_message(void **state)
{
	static const char script[] = "> Test.first\n< {\"n\":1}\n> Test.second\n< {\"n\":2}\n> Test.third\n< {\"n\":3}\n";
	const struct talk_opts opts = { .fault = TALK_FAULT_ERROR, .fault_at = 2 };
	struct talk *talk = talk_start_text(script, &opts);
	struct error err = { 0 };
	bool faulted = false;

	*state = talk;
	struct cdp_conn *conn = talk_connect(talk);
	AUTO(json) cJSON *first = cdp_call(conn, NULL, "Test.first", NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(first, &err);
	AUTO(json) cJSON *second = cdp_call(conn, NULL, "Test.second", NULL, deadline_in_ms(SOON_MS), &err);
	assert_fails(second != NULL, &err, ERR_PROTOCOL);
	AUTO(json) cJSON *again = cdp_call(conn, NULL, "Test.second", NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(again, &err);
	AUTO(json) cJSON *third = cdp_call(conn, NULL, "Test.third", NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(third, &err);
	*state = NULL;
	AUTO(text) char *report = talk_end(talk, &faulted);
	assert_null(report);
	assert_true(faulted);
}

static void nothing_is_left_behind(void **state)
{
	(void)state;
	AUTO(text) char *report = complaint("> Test.first\n< {}", false);
	assert_null(report);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, dead or alive */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_at_least_what_is_wanted),
		cmocka_unit_test(what_is_sent_is_filled_in),
		CATCHING(a_script_that_makes_no_sense_is_not_played),
		cmocka_unit_test(what_goes_wrong_is_told_with_its_line),
		cmocka_unit_test(what_goes_right_has_no_complaint),
		TALKS(rules_follow_their_lines),
		TALKS(answers_come_in_the_order_that_is_asked_for),
		TALKS(a_fault_is_for_one_message),
		cmocka_unit_test(nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
