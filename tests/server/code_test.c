/* Codes that people bring to gabbai serve: the first, the wrong, the late, and none at all. */
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <string.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

enum { RIVALS = 20 };

static void of_many_answers_at_once_the_first_counts(void **state)
{
	int fds[RIVALS], taken = 0, late = 0;

	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(text) char *code = phone_code();
	AUTO(text) char *head = xasprintf("POST /api/otp/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n{\"code\":\"%s\"", id, web.port, web.token, strlen(code) + 11, code);
	for (int i = 0; i < RIVALS; i++)
		fds[i] = web_connect(&web, head);
	for (int i = 0; i < RIVALS; i++)
		assert_int_equal(write(fds[i], "}", 1), 1);
	for (int i = 0; i < RIVALS; i++) {
		AUTO(buf) struct buf in = { 0 };
		bool closed;
		for (const struct deadline until = deadline_in_ms(WEB_MS); !strstr(buf_text(&in), "}") && !deadline_passed(until);)
			web_read(fds[i], &in, deadline_in_ms(20), &closed);
		taken += strstr(buf_text(&in), " 200 ") != NULL;
		late += strstr(buf_text(&in), " 409 ") != NULL;
		if (!strstr(buf_text(&in), " 200 ") && !strstr(buf_text(&in), " 409 "))
			print_message("%s\n", buf_text(&in));
		close(fds[i]);
	}
	assert_int_equal(taken, 1);
	assert_int_equal(late, RIVALS - 1);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
}

static void a_wrong_code_is_asked_for_again(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	static const char *const shapes[] = { "{\"code\":\"12\"}", "{\"code\":\"12345678901234567890\"}", "{\"code\":\"<script>\"}",
		"{\"choice\":0}", "{}" };
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		AUTO(reply) struct reply r = answer(id, shapes[i]);
		assert_status(r, 422);
	}
	AUTO(reply) struct reply unknown = answer_code("qaaaaaaaaaaaaaaaaaa", "123456");
	assert_status(unknown, 404);
	AUTO(text) char *code = phone_code();
	AUTO(text) char *wrong = xstrdup(code);
	wrong[0] = wrong[0] == '9' ? '0' : (char)(wrong[0] + 1);
	AUTO(reply) struct reply first = answer_code(id, wrong);
	assert_status(first, 200);
	AUTO(json) cJSON *answered = sse_await(&stream, "OTP_RESULT");
	assert_result(answered, id, "answered");
	AUTO(json) cJSON *rejected = sse_await(&stream, "OTP_RESULT");
	assert_result(rejected, id, "rejected");
	AUTO(text) char *next = next_question(&stream);
	assert_string_not_equal(next, id);
	AUTO(reply) struct reply old = answer_code(id, code);
	assert_status(old, 409);
	/* From a terminal this time. */
	AUTO(ran) struct ran submitted = gabbai_on(&cal, ARGS("otp", "submit", next, code));
	assert_int_equal(submitted.code, 0);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
}

static void guessing_has_an_end(void **state)
{
	int status = 0;

	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	for (int i = 0; i < 12 && status != 429; i++) {
		AUTO(reply) struct reply r = answer(id, "{\"code\":\"x\"}");
		status = r.status;
		AUTO(text) char *wait = reply_header(&r, "retry-after");
		assert_true(status == 422 || (status == 429 && wait));
	}
	assert_int_equal(status, 429);
}

static void a_person_who_cancels_ends_the_run(void **state)
{
	int64_t code = 0;

	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(text) char *path = xasprintf("/api/otp/%s", id);
	AUTO(reply) struct reply cancelled = web_ask(&web, &(struct ask){ .path = path, .method = "DELETE" });
	assert_status(cancelled, 200);
	AUTO(json) cJSON *result = sse_await(&stream, "OTP_RESULT");
	assert_result(result, id, "cancelled");
	AUTO(json) cJSON *failed = sse_await(&stream, "error");
	assert_string_equal(json_str(failed, "type"), "OTP_CANCELLED");
	assert_true(json_int(failed, "summary.exitCode", &code));
	assert_int_equal(code, 5);
	AUTO(reply) struct reply gone = answer_code(id, "123456");
	assert_status(gone, 404);
	assert_true(web_has_no_browser(&web));
}

static void nobody_is_waited_for_for_ever(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", ARGS("--otp-timeout", "2"));
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(json) cJSON *result = sse_await(&stream, "OTP_RESULT");
	assert_result(result, id, "timeout");
	AUTO(json) cJSON *failed = sse_await(&stream, "error");
	assert_string_equal(json_str(failed, "type"), "OTP_TIMEOUT");
}

static void a_way_is_chosen_and_a_code_sent_again(void **state)
{
	(void)state;
	web_start(&web, &cal, "otptel", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *needed = sse_await(&stream, "OTP_NEEDED");
	assert_string_equal(json_str(needed, "kind"), "choose_method");
	assert_non_null(json_str(needed, "choices.1.label"));
	const char *id = json_str(needed, "requestId");
	AUTO(reply) struct reply none = answer(id, "{\"choice\":9}");
	AUTO(reply) struct reply chosen = answer(id, "{\"choice\":1}");
	assert_status(none, 422);
	assert_status(chosen, 200);
	AUTO(text) char *next = next_question(&stream);
	AUTO(text) char *code = phone_code();
	AUTO(reply) struct reply answered = answer_code(next, code);
	assert_status(answered, 200);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
}

static void a_message_that_never_came_is_sent_again(void **state)
{
	(void)state;
	web_start(&web, &cal, "otpresnd", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *needed = sse_await(&stream, "OTP_NEEDED");
	assert_true(json_true(needed, "canResend"));
	AUTO(reply) struct reply again = answer(json_str(needed, "requestId"), "{\"resend\":true}");
	assert_status(again, 200);
	AUTO(text) char *next = next_question(&stream);
	AUTO(text) char *code = phone_code();
	AUTO(reply) struct reply answered = answer_code(next, code);
	assert_status(answered, 200);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(of_many_answers_at_once_the_first_counts),
		served_test(a_wrong_code_is_asked_for_again),
		served_test(guessing_has_an_end),
		served_test(a_person_who_cancels_ends_the_run),
		served_test(nobody_is_waited_for_for_ever),
		served_test(a_way_is_chosen_and_a_code_sent_again),
		served_test(a_message_that_never_came_is_sent_again),
	};

	return served_run(tests);
}
