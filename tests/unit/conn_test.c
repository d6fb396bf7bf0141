/* The connection, against a fake browser: commands, replies, events, and all the ways it can end. */
#include "cdp/conn.h"

#include "cdp/base/buf.h"
#include "cdp/session.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

#include <malloc.h>
#include <pthread.h>

enum {
	SOON_MS = 10000, /* for what takes milliseconds */
	LOST_MS = 1000,  /* in which a lost connection must be noticed */
};

static cJSON *call(struct cdp_conn *conn, const char *method)
{
	struct error err = { 0 };
	cJSON *result = cdp_call(conn, NULL, method, NULL, deadline_in_ms(SOON_MS), &err);

	assert_ok(result, &err);
	return result;
}

static int int_at(const cJSON *json, const char *path)
{
	int64_t value = -1;

	assert_true(json_int(json, path, &value));
	return (int)value;
}

/* ---- commands and replies ---- */

static void answers_come_back(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct cdp_session *session = cdp_session_new(conn, "S", NULL);
	struct error err = { 0 };
	AUTO(json) cJSON *version = call(conn, "Browser.getVersion");
	AUTO(json) cJSON *value = cdp_call(conn, session, "Runtime.evaluate",
		json_object(JSON_STR("expression", "1+1")), deadline_in_ms(SOON_MS), &err);

	assert_string_equal(json_str(version, "product"), "Chrome/156");
	assert_ok(value, &err);
	assert_int_equal(int_at(value, "result.value"), 2);
}

static void ignores_what_it_does_not_know(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	AUTO(json) cJSON *first = call(conn, "Test.first");
	AUTO(json) cJSON *second = call(conn, "Test.second");

	assert_true(json_true(first, "first"));
	assert_true(json_true(second, "second"));
}

static void takes_members_in_any_order(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct cdp_session *session = cdp_session_new(conn, "S", NULL);
	AUTO(watch) struct cdp_watch *watch = cdp_watch_new(conn, session, "Test.happened");
	AUTO(json) cJSON *first = call(conn, "Test.first");
	AUTO(json) cJSON *second = call(conn, "Test.second");

	assert_true(json_true(first, "first"));
	for (int n = 1; n <= 2; n++) {
		AUTO(json) cJSON *event = cdp_watch_next(watch, deadline_in_ms(0), NULL);
		assert_int_equal(int_at(event, "n"), n);
	}
}

static void an_event_may_name_its_session_before_its_params(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct cdp_session *session = cdp_session_new(conn, "S", NULL);
	AUTO(watch) struct cdp_watch *of_session = cdp_watch_new(conn, session, "Test.happened");
	AUTO(watch) struct cdp_watch *of_browser = cdp_watch_new(conn, NULL, "Test.happened");
	AUTO(json) cJSON *answer = call(conn, "Test.go");
	AUTO(json) cJSON *event = cdp_watch_next(of_session, deadline_in_ms(0), NULL);
	AUTO(json) cJSON *wrong = cdp_watch_next(of_browser, deadline_in_ms(0), NULL);

	assert_int_equal(int_at(event, "n"), 1);
	assert_null(wrong);
}

static void a_thousand_commands_find_their_answers(void **state)
{
	enum { SESSIONS = 10, COMMANDS = 1000 };
	struct cdp_conn *conn = talk_connect(*state);
	struct cdp_session *sessions[SESSIONS];
	struct cdp_reply *replies[COMMANDS];

	for (int i = 0; i < SESSIONS; i++) {
		AUTO(text) char *name = xasprintf("SESSION-%d", i);
		sessions[i] = cdp_session_new(conn, name, NULL);
	}
	for (int i = 0; i < COMMANDS; i++)
		replies[i] = cdp_send(conn, sessions[i % SESSIONS], "Test.work", json_object(JSON_INT("n", i)));
	for (int i = 0; i < COMMANDS; i++) {
		struct error err = { 0 };
		AUTO(json) cJSON *answer = cdp_reply_wait(replies[i], deadline_in_ms(SOON_MS), &err);
		assert_ok(answer, &err);
		assert_int_equal(int_at(answer, "n"), i);
		assert_string_equal(json_str(answer, "session"), sessions[i % SESSIONS]->id);
	}
}

static void a_late_answer_is_ignored(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	AUTO(json) cJSON *none = cdp_call(conn, NULL, "Test.slow", json_object(JSON_INT("n", 1)),
		deadline_in_ms(30), &err);

	assert_fails(none != NULL, &err, ERR_TIMEOUT);
	assert_contains(err.text, "Test.slow");
	AUTO(json) cJSON *quick = call(conn, "Test.quick");
	assert_int_equal(int_at(quick, "n"), 2);
	AUTO(json) cJSON *again = cdp_call(conn, NULL, "Test.slow", json_object(JSON_INT("n", 3)),
		deadline_in_ms(SOON_MS), &err);
	assert_int_equal(int_at(again, "n"), 3);
}

/* lws runs what is due and then sleeps: a deadline that comes in between must not be slept over. */
static void a_deadline_that_is_due_ends_the_wait(void **state)
{
	enum { TIMES = 2000 };
	struct cdp_conn *conn = talk_connect(*state);

	for (int i = 0; i < TIMES; i++) {
		const struct deadline at = { .at_us = clock_us() + i % 50 };
		const int64_t start = clock_ms();
		struct error err = { 0 };
		while (cdp_conn_wait(conn, at, &err))
			;
		assert_fails(false, &err, ERR_TIMEOUT);
		assert_true(clock_ms() - start < LOST_MS);
	}
	AUTO(json) cJSON *last = call(conn, "Test.last");
}

static void what_does_not_fit_the_socket_is_sent_later(void **state)
{
	enum { LARGE = 8 << 20 };
	struct cdp_conn *conn = talk_connect(*state);
	AUTO(text) char *large = xmalloc(LARGE + 1);
	struct cdp_reply *small = NULL;
	struct error err = { 0 };

	memset(large, 'x', LARGE);
	large[LARGE] = '\0';
	struct cdp_reply *first = cdp_send(conn, NULL, "Test.large",
		json_object(JSON_STR("text", large), JSON_STR("end", "of it")));
	for (int n = 0; n < 3; n++) {
		cdp_reply_free(small);
		small = cdp_send(conn, NULL, "Test.small", json_object(JSON_INT("n", n)));
	}
	AUTO(json) cJSON *got_large = cdp_reply_wait(first, deadline_in_ms(SOON_MS), &err);
	assert_ok(got_large, &err);
	AUTO(json) cJSON *got_small = cdp_reply_wait(small, deadline_in_ms(SOON_MS), &err);
	assert_int_equal(int_at(got_small, "n"), 2);
}

static void a_reply_can_be_had_as_text(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	size_t size = 0;
	AUTO(text) char *text = cdp_reply_wait_text(cdp_send_text(conn, NULL, "Test.one", "{\"a\":1}"), &size,
		deadline_in_ms(SOON_MS), &err);

	assert_ok(text, &err);
	assert_int_equal(size, strlen(text));
	assert_contains(text, "as it came \\u00e9");
	struct cdp_reply *reply = cdp_send(conn, NULL, "Test.two", NULL);
	while (!cdp_reply_done(reply))
		assert_ok(cdp_conn_wait(conn, deadline_in_ms(SOON_MS), &err), &err);
	AUTO(json) cJSON *result = cdp_reply_wait(reply, deadline_in_ms(0), &err); /* it is there */
	assert_true(json_true(result, "small"));
}

static void a_reply_that_is_cut_is_an_error(void **state)
{
	static const struct {
		const char *method;
		bool good;
	} cases[] = {
		{ "Test.one",   false }, /* half of its JSON */
		{ "Test.two",   true  }, /* a result of another type */
		{ "Test.three", true  }, /* neither result nor error: an empty result */
		{ "Test.four",  false }, /* an error without words */
	};
	struct cdp_conn *conn = talk_connect(*state);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error err = { 0 };
		AUTO(json) cJSON *result = cdp_call(conn, NULL, cases[i].method, NULL, deadline_in_ms(SOON_MS), &err);
		if (cases[i].good)
			assert_ok(result, &err);
		else
			assert_fails(result != NULL, &err, ERR_PROTOCOL);
	}
}

/* What Chromium says, and what it means. */
static const struct {
	const char *words;
	enum error_code code;
} refusals[] = {
	{ "Cannot find context with specified id",            ERR_CONTEXT  },
	{ "Execution context was destroyed.",                 ERR_CONTEXT  },
	{ "Inspected target navigated or closed",             ERR_CONTEXT  },
	{ "Promise was collected",                            ERR_CONTEXT  },
	{ "Cannot find default execution context",            ERR_CONTEXT  },
	{ "Not attached to an active page",                   ERR_CONTEXT  },
	{ "No frame with given id found",                     ERR_CONTEXT  },
	{ "Frame with the given id was not found.",           ERR_CONTEXT  },
	{ "Target crashed",                                   ERR_CRASHED  },
	{ "Target closed",                                    ERR_CLOSED   },
	{ "Session with given id not found.",                 ERR_CLOSED   },
	{ "No target with given id found",                    ERR_CLOSED   },
	{ "'Nothing.here' wasn't found",                      ERR_PROTOCOL },
	{ "Invalid parameters",                               ERR_PROTOCOL },
};

static void what_the_browser_says_has_a_code(void **state)
{
	AUTO(buf) struct buf script = { 0 };

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		(void)buf_printf(&script, "> Test.refused\n<! {\"code\":-32000,\"message\":\"%s\",\"data\":\"more\"}\n",
			refusals[i].words);
	struct talk *talk = talk_begin_text(state, script.data);
	struct cdp_conn *conn = talk_connect(talk);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct error err = { 0 };
		AUTO(json) cJSON *result = cdp_call(conn, NULL, "Test.refused", NULL, deadline_in_ms(SOON_MS), &err);
		assert_fails(result != NULL, &err, refusals[i].code);
		assert_contains(err.text, "Test.refused: ");
		assert_contains(err.text, refusals[i].words);
	}
}

/* ---- large messages ---- */

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
size_t __sanitizer_get_current_allocated_bytes(void);

static size_t memory_used(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t memory_used(void)
{
	unsigned long size = 0, resident = 0;
	AUTO(file) FILE *file = fopen("/proc/self/statm", "re");

	assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2);
	return resident * 4096;
}
#endif

static void get_large(struct cdp_conn *conn, size_t large)
{
	enum { SPARE = 10 << 20 };
	static const char key[] = "\"value\":\"";
	const size_t before = memory_used();
	struct error err = { 0 };
	size_t size = 0;
	char *text = cdp_reply_wait_text(cdp_send(conn, NULL, "Runtime.evaluate", NULL), &size,
		deadline_in_ms(SOON_MS), &err);

	assert_ok(text, &err);
	const char *value = strstr(text, key);
	assert_non_null(value);
	value += sizeof key - 1;
	assert_memory_equal(value, "abcdefghijklmnopqrstuvw", TALK_BIG_PERIOD);
	assert_true(!memcmp(value, value + TALK_BIG_PERIOD, large - TALK_BIG_PERIOD));
	assert_string_equal(value + large, "\"}}}");
	assert_int_equal(value + large + 4 - text, size);
	free(text);
	assert_true(memory_used() < before + SPARE);
}

static void a_hundred_megabytes_come_in_fragments(void **state)
{
	get_large(talk_connect(*state), 100 << 20);
}

static void a_large_message_comes_whole(void **state)
{
	get_large(talk_connect(*state), 8 << 20);
}

static void a_message_of_half_a_gigabyte_is_refused(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	AUTO(json) cJSON *result = cdp_call(conn, NULL, "Test.one", NULL, deadline_in_ms(SOON_MS), &err);

	assert_fails(result != NULL, &err, ERR_DISCONNECTED);
	assert_contains(err.text, "256 MB");
	assert_false(cdp_conn_alive(conn));
}

/* ---- events ---- */

static void a_watch_keeps_events_from_its_making_on(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	AUTO(json) cJSON *before = call(conn, "Test.before");
	AUTO(watch) struct cdp_watch *watch = cdp_watch_new(conn, NULL, "Test.happened");
	struct cdp_watch *forgotten = cdp_watch_new(conn, NULL, "Test.happened");
	AUTO(json) cJSON *after = call(conn, "Test.after");

	AUTO(json) cJSON *first = cdp_watch_next(watch, deadline_in_ms(0), &err);
	assert_int_equal(int_at(first, "n"), 1);
	size_t size = 0;
	AUTO(text) char *second = cdp_watch_next_text(watch, &size, deadline_in_ms(0), &err);
	assert_contains(second, "\"n\":2");
	assert_int_equal(size, strlen(second));
	AUTO(json) cJSON *third = cdp_watch_next(watch, deadline_in_ms(0), &err); /* without parameters */
	assert_true(cJSON_IsObject(third) && !third->child);
	AUTO(json) cJSON *none = cdp_watch_next(watch, deadline_in_ms(10), &err);
	assert_fails(none != NULL, &err, ERR_TIMEOUT);
	assert_contains(err.text, "Test.happened");
	cdp_watch_free(forgotten); /* with events that nobody took */
	cdp_watch_free(NULL);
}

static void a_watch_has_an_end(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	AUTO(watch) struct cdp_watch *watch = cdp_watch_new(conn, NULL, "Test.happened");
	AUTO(json) cJSON *answer = call(conn, "Test.go");
	struct error err = { 0 };
	int kept = 0;

	for (;; kept++) {
		size_t size;
		AUTO(text) char *event = cdp_watch_next_text(watch, &size, deadline_in_ms(0), &err);
		if (!event)
			break;
		AUTO(text) char *expected = kept % 1000 ? NULL : xasprintf("{\"n\":%d}", kept);
		if (expected)
			assert_contains(event, expected);
	}
	assert_fails(false, &err, ERR_LIMIT);
	assert_int_equal(kept, CDP_WATCH_MAX);
}

/* ---- the end of a connection ---- */

static void all_calls_fail_soon(struct cdp_conn *conn, struct cdp_session *const *sessions)
{
	static const char *const methods[] = { "Test.one", "Test.two", "Test.three" };
	AUTO(watch) struct cdp_watch *watch = cdp_watch_new(conn, NULL, "Test.happened");
	struct cdp_reply *replies[3];
	struct error err = { 0 };

	for (int i = 0; i < 3; i++)
		replies[i] = cdp_send(conn, sessions[i], methods[i], NULL);
	const struct deadline soon = deadline_in_ms(LOST_MS);
	for (int i = 0; i < 3; i++) {
		AUTO(json) cJSON *result = cdp_reply_wait(replies[i], soon, &err);
		assert_fails(result != NULL, &err, ERR_DISCONNECTED);
		assert_contains(err.text, methods[i]);
	}
	assert_false(cdp_conn_alive(conn));
	AUTO(json) cJSON *later = cdp_call(conn, NULL, "Test.later", NULL, soon, &err);
	assert_fails(later != NULL, &err, ERR_DISCONNECTED);
	AUTO(json) cJSON *event = cdp_watch_next(watch, soon, &err);
	assert_fails(event != NULL, &err, ERR_DISCONNECTED);
	assert_fails(cdp_conn_wait(conn, soon, &err), &err, ERR_DISCONNECTED);
	assert_false(deadline_passed(soon));
}

static void a_lost_connection_fails_all_calls(void **state)
{
	static const char *const ends[] = { "close", "drop", "die" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct talk *talk = talk_begin(state, "the_browser_goes", ends[i]);
		struct cdp_conn *conn = talk_connect(talk);
		struct cdp_session *const sessions[] = {
			cdp_session_new(conn, "A", NULL), cdp_session_new(conn, "B", NULL), NULL,
		};
		all_calls_fail_soon(conn, sessions);
		talk_finish(state);
	}
}

static void what_came_before_the_end_counts(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	AUTO(watch) struct cdp_watch *watch = cdp_watch_new(conn, NULL, "Test.happened");
	struct cdp_reply *one = cdp_send(conn, NULL, "Test.one", NULL), *two = cdp_send(conn, NULL, "Test.two", NULL);
	struct error err = { 0 };
	AUTO(json) cJSON *lost = cdp_reply_wait(two, deadline_in_ms(LOST_MS), &err);

	assert_fails(lost != NULL, &err, ERR_DISCONNECTED);
	AUTO(json) cJSON *answer = cdp_reply_wait(one, deadline_in_ms(LOST_MS), &err);
	assert_int_equal(int_at(answer, "n"), 1);
	AUTO(json) cJSON *event = cdp_watch_next(watch, deadline_in_ms(LOST_MS), &err);
	assert_int_equal(int_at(event, "n"), 1);
}

static void http_in_the_middle_is_a_hang_up(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	AUTO(json) cJSON *result = cdp_call(conn, NULL, "Test.one", NULL, deadline_in_ms(LOST_MS), &err);

	assert_fails(result != NULL, &err, ERR_DISCONNECTED);
}

static void a_session_that_ends_fails_its_calls(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct cdp_session *a = cdp_session_new(conn, "A", NULL), *b = cdp_session_new(conn, "B", NULL);
	AUTO(watch) struct cdp_watch *watch = cdp_watch_new(conn, a, "Test.happened");
	struct cdp_reply *one = cdp_send(conn, a, "Test.one", NULL);
	AUTO(reply) struct cdp_reply *two = cdp_send(conn, b, "Test.two", NULL);
	struct error err = { 0 };
	AUTO(json) cJSON *three = call(conn, "Test.three"); /* both are under way */

	cdp_session_end(a, ERR_CLOSED);
	assert_true(cdp_reply_done(one));
	assert_false(cdp_reply_done(two));
	AUTO(json) cJSON *failed = cdp_reply_wait(one, deadline_in_ms(0), &err);
	assert_fails(failed != NULL, &err, ERR_CLOSED);
	AUTO(json) cJSON *later = cdp_call(conn, a, "Test.later", NULL, deadline_in_ms(0), &err);
	assert_fails(later != NULL, &err, ERR_CLOSED);
	AUTO(json) cJSON *event = cdp_watch_next(watch, DEADLINE_NEVER, &err);
	assert_fails(event != NULL, &err, ERR_CLOSED);
	AUTO(json) cJSON *other = cdp_call(conn, b, "Test.four", NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(other, &err);
}

/* ---- ending a wait from elsewhere ---- */

static void *wake(void *conn)
{
	cdp_conn_wake(conn);
	return NULL;
}

static void a_wait_can_be_ended(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wake, conn), 0);
	AUTO(json) cJSON *first = cdp_call(conn, NULL, "Test.slow", NULL, deadline_in_ms(SOON_MS), &err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_fails(first != NULL, &err, ERR_CANCELLED);
	assert_contains(err.text, "Test.slow");
	cdp_conn_wake(conn); /* before the wait, and it counts once */
	AUTO(json) cJSON *second = cdp_call(conn, NULL, "Test.slow", NULL, deadline_in_ms(SOON_MS), &err);
	assert_fails(second != NULL, &err, ERR_CANCELLED);
	AUTO(json) cJSON *quick = call(conn, "Test.quick");
	assert_true(json_true(quick, "ok"));
}

static void other_descriptors_end_a_wait(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct error err = { 0 };
	int ends[2], slots[32], count = 0;

	assert_int_equal(pipe(ends), 0);
	const int slot = cdp_conn_add_fd(conn, ends[0]);
	assert_true(slot >= 0);
	assert_false(cdp_conn_fd_ready(conn, slot));
	assert_int_equal(write(ends[1], "x", 1), 1);
	while (!cdp_conn_fd_ready(conn, slot))
		assert_ok(cdp_conn_wait(conn, deadline_in_ms(SOON_MS), &err), &err);
	cdp_conn_remove_fd(conn, slot);
	assert_false(cdp_conn_fd_ready(conn, slot));

	while (count < 32 && (slots[count] = cdp_conn_add_fd(conn, ends[0])) >= 0)
		count++;
	assert_in_range(count, 1, 31); /* there is an end to it */
	while (count > 0)
		cdp_conn_remove_fd(conn, slots[--count]);
	cdp_conn_remove_fd(conn, -1);
	assert_false(cdp_conn_fd_ready(conn, -1));
	AUTO(json) cJSON *last = call(conn, "Test.last"); /* the descriptors took nothing with them */
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(a_hundred_megabytes_come_in_fragments), /* first: it measures memory */
		TALK(a_large_message_comes_whole),
		TALK(answers_come_back),
		TALK(ignores_what_it_does_not_know),
		TALK(takes_members_in_any_order),
		TALK(an_event_may_name_its_session_before_its_params),
		TALK(a_thousand_commands_find_their_answers),
		TALK(a_late_answer_is_ignored),
		TALK_OF(a_deadline_that_is_due_ends_the_wait, "other_descriptors_end_a_wait"),
		TALK(what_does_not_fit_the_socket_is_sent_later),
		TALK(a_reply_can_be_had_as_text),
		TALK(a_reply_that_is_cut_is_an_error),
		TALKS(what_the_browser_says_has_a_code),
		TALK(a_message_of_half_a_gigabyte_is_refused),
		TALK(a_watch_keeps_events_from_its_making_on),
		TALK(a_watch_has_an_end),
		TALKS(a_lost_connection_fails_all_calls),
		TALK(what_came_before_the_end_counts),
		TALK(http_in_the_middle_is_a_hang_up),
		TALK(a_session_that_ends_fails_its_calls),
		TALK(a_wait_can_be_ended),
		TALK(other_descriptors_end_a_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
