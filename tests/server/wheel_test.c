/* What only the person can do: approving in an app, and driving the page of a run that waits. */
#include "cdp/base/error.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"
#include "tests/lib/viewer.h"

#include <string.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

/* The next question of the stream, which is of KIND; owned by the caller. */
static cJSON *question_of(struct sse *stream, const char *kind)
{
	AUTO(json) cJSON *needed = sse_await(stream, "OTP_NEEDED");

	assert_string_equal(json_str(needed, "kind"), kind);
	return TAKE(needed);
}

static void assert_next_result(struct sse *stream, const char *id, const char *status)
{
	AUTO(json) cJSON *result = sse_await(stream, "OTP_RESULT");

	assert_result(result, id, status);
}

static void assert_error(struct sse *stream, const char *type)
{
	AUTO(json) cJSON *failed = sse_await(stream, "error");

	assert_string_equal(json_str(failed, "type"), type);
}

/* ---- approvals ---- */

static void an_approval_is_asked_for_and_goes_away_by_itself(void **state)
{
	(void)state;
	web_start(&web, &cal, "push", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = question_of(&stream, "approval");
	const char *id = json_str(asked, "requestId");
	assert_string_equal(json_str(asked, "channel"), "app");
	AUTO(reply) struct reply listed = web_get(&web, "/api/otp");
	assert_string_equal(json_str(listed.json, "requests.0.requestId"), id);
	AUTO(ran) struct ran list = gabbai_on(&cal, ARGS("otp", "list"));
	assert_contains(list.out, id);
	assert_contains(list.out, "app");
	AUTO(reply) struct reply code = answer_code(id, "123456");
	assert_status(code, 422);
	cJSON_Delete(cal_ask(&cal, "https://connect.cal-online.co.il/_approve"));
	assert_next_result(&stream, id, "answered");
	assert_next_result(&stream, id, "accepted");
	AUTO(json) cJSON *complete = sse_await(&stream, "complete"); /* later than the site's word */
	assert_true(json_true(complete, "summary.success"));
}

static void an_approval_can_be_cancelled(void **state)
{
	(void)state;
	web_start(&web, &cal, "push", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = question_of(&stream, "approval");
	AUTO(ran) struct ran cancelled = gabbai_on(&cal, ARGS("otp", "cancel", json_str(asked, "requestId")));
	assert_int_equal(cancelled.code, 0);
	assert_next_result(&stream, json_str(asked, "requestId"), "cancelled");
	assert_error(&stream, "OTP_CANCELLED");
	assert_true(web_has_no_browser(&web));
}

static void an_approval_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	web_start(&web, &cal, "push", ARGS("--otp-timeout", "2"));
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = question_of(&stream, "approval");
	assert_next_result(&stream, json_str(asked, "requestId"), "timeout");
	assert_error(&stream, "APPROVAL_TIMEOUT");
}

/* ---- the site's word ---- */

static void the_last_wrong_code_is_rejected_too(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	for (int i = 0; i < 3; i++) {
		AUTO(text) char *id = next_question(&stream);
		AUTO(text) char *code = phone_code();
		AUTO(reply) struct reply wrong = answer_code(id, code[0] == '0' ? "111111" : "000000");
		assert_status(wrong, 200);
		assert_next_result(&stream, id, "answered");
		assert_next_result(&stream, id, "rejected");
	}
	assert_error(&stream, "INVALID_OTP");
}

/* ---- the wheel ---- */

#define LOGIN_FRAME "connect.cal-online"

static double middle_of(struct viewed *shown, const char *expression, const char *start, const char *size)
{
	AUTO(text) char *own = xasprintf("(r => r.%s + r.%s / 2)((%s).getBoundingClientRect())", start, size, expression);
	AUTO(text) char *frame = xasprintf("document.querySelector('iframe').getBoundingClientRect().%s", start);
	const double inside = viewed_value(shown, own);

	shown->frame = NULL;
	const double middle = inside + viewed_value(shown, frame);
	shown->frame = LOGIN_FRAME;
	return middle;
}

/* Clicks at the middle of the element that EXPRESSION is in the login's frame. */
static void click_element(struct ws *ws, struct viewed *shown, const char *expression)
{
	shown->frame = LOGIN_FRAME;
	viewer_click(ws, (int)middle_of(shown, expression, "x", "width"), (int)middle_of(shown, expression, "y", "height"));
}

/* Waits until the viewer is told of an address with PART in it. */
static void await_address(struct ws *ws, const char *part)
{
	for (bool there = false; !there;) {
		AUTO(json) cJSON *status = viewer_words(ws, "status");
		there = json_str(status, "url") && strstr(json_str(status, "url"), part);
	}
}

static void drive(struct ws *ws, bool take)
{
	assert_true(ws_send(ws, take ? "{\"type\":\"drive\",\"take\":true}" : "{\"type\":\"drive\",\"take\":false}"));
	for (bool driver = !take; driver != take;) {
		AUTO(json) cJSON *role = viewer_words(ws, "role");
		driver = json_true(role, "driver");
	}
}

static void a_person_types_the_code_into_the_page(void **state)
{
	static const char field[] = "document.querySelector('input[autocomplete=one-time-code], .fields input')";
	AUTO(ws) struct ws viewer = { .fd = -1 };
	struct viewed shown = { 0 };

	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = question_of(&stream, "code");
	const char *id = json_str(asked, "requestId");
	AUTO(text) char *code = phone_code();
	assert_non_null(json_str(asked, "view"));
	assert_int_equal(viewer_open(json_str(asked, "view"), &viewer), 101);
	AUTO(json) cJSON *role = viewer_words(&viewer, "role");
	assert_false(json_true(role, "driver")); /* who only looks drives nothing */
	assert_true(json_true(role, "isRun"));
	viewer_picture(&viewer);
	viewed_find(&shown);
	AUTO(text) char *value = xasprintf("%s.value.length", field);
	click_element(&viewer, &shown, field);
	assert_true(ws_send(&viewer, "{\"type\":\"text\",\"text\":\"1\"}"));
	drive(&viewer, true);
	assert_int_equal((int)viewed_value(&shown, value), 0); /* what was sent before was heard before */

	/* While somebody drives, nobody types over them. */
	AUTO(reply) struct reply other = answer_code(id, code);
	assert_status(other, 409);
	click_element(&viewer, &shown, field);
	AUTO(text) char *text = xasprintf("{\"type\":\"text\",\"text\":\"%s\"}", code);
	assert_true(ws_send(&viewer, text));
	viewed_await(&shown, value, (double)strlen(code));
	viewed_await(&shown, "!document.querySelector('button[type=submit]').disabled", 1);
	click_element(&viewer, &shown, "document.querySelector('button[type=submit]')");
	await_address(&viewer, "dashboard");
	viewed_end(&shown);
	drive(&viewer, false);
	AUTO(json) cJSON *answered = sse_await(&stream, "OTP_RESULT");
	assert_result(answered, id, "answered");
	assert_string_equal(json_str(answered, "message"), "done in the page");
	assert_next_result(&stream, id, "accepted");
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_true(json_true(complete, "summary.success"));
	AUTO(json) cJSON *end = viewer_words(&viewer, "end");
	assert_non_null(end);
	assert_true(web_has_no_browser(&web));
}

static void the_wheel_comes_back_from_who_hangs_up(void **state)
{
	static const char say_something[] = "(window.said = 0, setTimeout(() => { alert('hello'); window.said = 1; }, 100), 1)";
	AUTO(ws) struct ws viewer = { .fd = -1 };
	struct viewed viewed = { 0 };

	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = question_of(&stream, "code");
	AUTO(text) char *code = phone_code();
	assert_int_equal(viewer_open(json_str(asked, "view"), &viewer), 101);
	viewer_picture(&viewer);
	viewed_find(&viewed);
	cdp_page_on_dialog(viewed.page, CDP_ASK, NULL); /* this connection answers none */
	assert_int_equal((int)viewed_value(&viewed, say_something), 1);
	viewed_await(&viewed, "window.said", 1); /* the run's own affair, while nobody drives */
	drive(&viewer, true);
	assert_int_equal((int)viewed_value(&viewed, say_something), 1);
	AUTO(json) cJSON *dialog = viewer_words(&viewer, "dialog");
	assert_string_equal(json_str(dialog, "message"), "hello");
	assert_true(ws_send(&viewer, "{\"type\":\"dialog\",\"accept\":true}"));
	viewed_await(&viewed, "window.said", 1);
	viewed_end(&viewed);
	AUTO(reply) struct reply held = answer_code(json_str(asked, "requestId"), code);
	assert_status(held, 409);
	ws_close(&viewer);
	int status = 409;
	for (const struct deadline until = deadline_in_ms(WEB_MS); status == 409 && !deadline_passed(until);) {
		AUTO(reply) struct reply r = answer_code(json_str(asked, "requestId"), code);
		status = r.status; /* it takes a moment to see that nobody is there */
	}
	assert_int_equal(status, 200);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_true(json_true(complete, "summary.success"));
}

static void a_captcha_waits_for_somebody_at_the_wheel(void **state)
{
	AUTO(ws) struct ws viewer = { .fd = -1 };
	struct viewed shown = { 0 };

	(void)state;
	web_start(&web, &cal, "captcha", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = question_of(&stream, "wheel");
	assert_int_equal(viewer_open(json_str(asked, "view"), &viewer), 101);
	drive(&viewer, true);
	viewed_find(&shown);
	click_element(&viewer, &shown, "document.querySelector('#recaptcha-anchor')");
	viewed_await(&shown, "document.querySelector('#recaptcha-anchor').checked", 1);
	viewed_end(&shown);
	drive(&viewer, false); /* it was not enough: the run waits on */
	AUTO(reply) struct reply listed = web_get(&web, "/api/otp");
	assert_string_equal(json_str(listed.json, "requests.0.requestId"), json_str(asked, "requestId"));
	AUTO(text) char *path = xasprintf("/api/otp/%s", json_str(asked, "requestId"));
	AUTO(reply) struct reply cancelled = web_ask(&web, &(struct ask){ .path = path, .method = "DELETE" });
	assert_status(cancelled, 200);
	assert_error(&stream, "OTP_CANCELLED");
}

/* ---- a run that works ---- */

/* The last phase of the run at PATH; *VIEW: where it can be looked at (NULL: nowhere).  Owned by the caller. */
static char *phase_of(const char *path, char **view)
{
	AUTO(reply) struct reply r = web_get(&web, path);
	const cJSON *phases = json_at(r.json, "phases");
	const cJSON *last = cJSON_GetArrayItem(phases, cJSON_GetArraySize(phases) - 1);

	assert_status(r, 200);
	free(*view);
	*view = copy_of(json_str(r.json, "view"));
	return xstrdup(json_str(last, "phase") ? json_str(last, "phase") : "");
}

static void a_run_that_works_lets_go_of_the_page(void **state)
{
	AUTO(ws) struct ws viewer = { .fd = -1 };
	AUTO(text) char *view = NULL;
	int64_t run = 0;

	(void)state;
	web_start(&web, &cal, "slow9", NULL); /* the login answers after 9 s */
	AUTO(sse) struct sse all = { .fd = -1 }, stream = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *started = sse_await(&all, "run.started");
	assert_true(json_int(started, "runId", &run));
	AUTO(text) char *path = xasprintf("/api/runs/%d", (int)run);
	for (const struct deadline until = deadline_in_ms(WEB_MS); !cal_seen(&cal, "/authentication/login");)
		assert_false(deadline_passed(until));
	AUTO(text) char *before = phase_of(path, &view);
	assert_string_equal(before, "signing in");
	assert_non_null(view);
	assert_int_equal(viewer_open(view, &viewer), 101);
	viewer_picture(&viewer);
	drive(&viewer, true);
	await_address(&viewer, "dashboard"); /* the site goes on, and the run does not see it */
	AUTO(text) char *held = phase_of(path, &view);
	assert_string_equal(held, "signing in");
	drive(&viewer, false);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_true(json_true(complete, "summary.success"));
	AUTO(text) char *after = phase_of(path, &view);
	assert_string_equal(after, "reading transactions");
	assert_null(view);
	assert_true(web_has_no_browser(&web));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(an_approval_is_asked_for_and_goes_away_by_itself),
		served_test(an_approval_can_be_cancelled),
		served_test(an_approval_is_not_waited_for_for_ever),
		served_test(the_last_wrong_code_is_rejected_too),
		served_test(a_person_types_the_code_into_the_page),
		served_test(the_wheel_comes_back_from_who_hangs_up),
		served_test(a_captcha_waits_for_somebody_at_the_wheel),
		served_test(a_run_that_works_lets_go_of_the_page),
	};

	return served_run(tests);
}
