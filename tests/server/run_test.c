/* Runs by way of gabbai serve: started, watched, stopped, and outliving it. */
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

/* The whole story of the requirements, and what everybody else hears of it meanwhile. */
static void a_run_asks_for_its_code_and_is_complete(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 }, all = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(json) cJSON *empty = sse_await(&all, "snapshot");
	assert_int_equal(cJSON_GetArraySize(json_at(empty, "runs")), 0);
	assert_true(stream_run(&stream));
	AUTO(reply) struct reply second = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	assert_status(second, 409);
	AUTO(json) cJSON *progress = sse_await(&stream, "progress");
	assert_non_null(json_str(progress, "step"));
	AUTO(text) char *id = next_question(&stream);

	/* Who comes now is asked, too. */
	AUTO(sse) struct sse late = { .fd = -1 };
	assert_true(sse_open(&late, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(json) cJSON *snapshot = sse_await(&late, "snapshot");
	assert_string_equal(json_str(snapshot, "otp.0.requestId"), id);
	assert_string_equal(json_str(snapshot, "otp.0.site"), "visa-cal");
	assert_string_equal(json_str(snapshot, "runs.0.site"), "visa-cal");
	AUTO(reply) struct reply asked = web_get(&web, "/api/otp");
	assert_string_equal(json_str(asked.json, "requests.0.requestId"), id);

	AUTO(text) char *code = phone_code();
	AUTO(text) char *body = xasprintf("{\"requestId\":\"%s\",\"code\":\"%s\"}", id, code);
	AUTO(reply) struct reply submitted = web_post(&web, "/api/scrapers/submit-otp", body);
	assert_status(submitted, 200);
	assert_true(json_true(submitted.json, "success"));
	AUTO(json) cJSON *result = sse_await(&stream, "OTP_RESULT");
	assert_result(result, id, "answered");
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	int64_t percent = 0, run = 0;
	assert_true(json_int(complete, "percent", &percent) && percent == 100);
	assert_true(json_true(complete, "summary.success") && json_int(complete, "summary.runId", &run));
	AUTO(event) struct sse_event over = { 0 };
	assert_false(sse_next(&stream, &over, deadline_in_ms(WEB_MS))); /* that was its end */

	/* What comes again after an id begins with the one that follows it, and is what was said. */
	AUTO(buf) struct buf first = { 0 }, again = { 0 };
	int64_t middle = 0;
	for (bool finished = false; !finished;) {
		AUTO(event) struct sse_event e = { 0 };
		assert_true(sse_next(&all, &e, deadline_in_ms(WEB_MS)));
		finished = !strcmp(e.name, "run.finished");
		if (middle)
			buf_printf(&first, "%d %s\n", (int)e.id, e.name);
		if (!strcmp(e.name, "OTP_NEEDED"))
			middle = e.id;
	}
	AUTO(text) char *known = xasprintf("Last-Event-ID: %d\r\n", (int)middle);
	AUTO(sse) struct sse back = { .fd = -1 };
	assert_true(sse_open(&back, &web, &(struct ask){ .path = "/api/events", .headers = known }));
	for (bool finished = false; !finished;) {
		AUTO(event) struct sse_event e = { 0 };
		assert_true(sse_next(&back, &e, deadline_in_ms(WEB_MS)));
		finished = !strcmp(e.name, "run.finished");
		buf_printf(&again, "%d %s\n", (int)e.id, e.name);
	}
	assert_string_equal(buf_text(&first), buf_text(&again));

	/* It is history now. */
	AUTO(text) char *path = xasprintf("/api/runs/%d", (int)run);
	AUTO(reply) struct reply told = web_get(&web, path);
	assert_status(told, 200);
	assert_non_null(json_str(told.json, "endedAt"));
	assert_non_null(json_str(told.json, "phases.0.phase"));
	AUTO(reply) struct reply late_code = answer_code(id, code);
	assert_status(late_code, 409);

	/* From now on the saved session is enough, and what was collected is there. */
	AUTO(reply) struct reply scraped = { 0 };
	for (const struct deadline until = deadline_in_ms(WEB_MS); !scraped.status || scraped.status == 409;) {
		assert_false(deadline_passed(until)); /* the run's process has last things to do */
		reply_clear(&scraped);
		scraped = web_post(&web, "/api/scraper/visa-cal/scrape", "{}");
	}
	assert_status(scraped, 200);
	assert_true(json_true(scraped.json, "success"));
	AUTO(reply) struct reply listed = web_get(&web, "/api/transactions?site=visa-cal&limit=5");
	AUTO(reply) struct reply file = web_get(&web, "/api/export?format=csv&site=visa-cal");
	AUTO(ran) struct ran export = gabbai_on(&cal, ARGS("export", "visa-cal", "-f", "csv"));
	AUTO(reply) struct reply summary = web_get(&web, "/api/transactions/summary?months=12");
	int64_t total = 0;
	assert_int_equal(cJSON_GetArraySize(json_at(listed.json, "transactions")), 5);
	assert_true(json_int(listed.json, "total", &total) && total > 5);
	assert_status(file, 200);
	assert_string_equal(file.body, export.out);
	int lines = -1; /* the first has the names */
	for (const char *at = file.body; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, total);
	AUTO(text) char *disposition = reply_header(&file, "content-disposition");
	assert_non_null(disposition);
	assert_contains(disposition, "gabbai.csv");
	assert_non_null(json_str(summary.json, "byMonth.0.month"));
	assert_true(web_has_no_browser(&web));
}

static void without_a_session_one_has_to_connect(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(reply) struct reply r = web_post(&web, "/api/scraper/visa-cal/scrape", "{}");
	assert_status(r, 428);
	assert_true(json_true(r.json, "needsReconnect"));
	assert_false(json_true(r.json, "success"));
	assert_non_null(json_str(r.json, "message"));
	assert_int_equal(cal_seen(&cal, "/authentication/login"), 0);
}

static void a_run_can_be_stopped(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse all = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(reply) struct reply started = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	assert_status(started, 202);
	AUTO(json) cJSON *asked = sse_await(&all, "OTP_NEEDED");
	int64_t run = 0, code = 0;
	assert_true(json_int(asked, "runId", &run));
	AUTO(text) char *path = xasprintf("/api/runs/%d", (int)run);
	AUTO(reply) struct reply stopped = web_ask(&web, &(struct ask){ .path = path, .method = "DELETE" });
	assert_status(stopped, 202);
	AUTO(json) cJSON *finished = sse_await(&all, "run.finished");
	assert_true(json_int(finished, "exitCode", &code));
	assert_int_equal(code, 130);
	assert_true(web_has_no_browser(&web));
	AUTO(reply) struct reply asked_now = web_get(&web, "/api/otp");
	assert_int_equal(cJSON_GetArraySize(json_at(asked_now.json, "requests")), 0);
	int status = 0;
	for (const struct deadline until = deadline_in_ms(WEB_MS); status != 404 && !deadline_passed(until);) {
		AUTO(reply) struct reply again = web_ask(&web, &(struct ask){ .path = path, .method = "DELETE" });
		status = again.status; /* 202 while the process has last things to do */
	}
	assert_int_equal(status, 404);
}

/* ---- the server's end ---- */

static void a_question_outlives_the_server(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	(void)kill(web.pid, SIGKILL);
	(void)waitpid(web.pid, NULL, 0);
	web.pid = 0;
	(void)web_stop(&web);
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse all = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(json) cJSON *snapshot = sse_await(&all, "snapshot");
	assert_string_equal(json_str(snapshot, "otp.0.requestId"), id);
	AUTO(text) char *code = phone_code();
	AUTO(reply) struct reply answered = answer_code(id, code);
	assert_status(answered, 200);
	AUTO(json) cJSON *finished = sse_await(&all, "run.finished");
	assert_true(json_true(finished, "success"));
	assert_true(web_has_no_browser(&web));
}

/* Kills a run as the machine would, without a word, once it has told its pid and its question: the question's id. */
static char *kill_run(struct sse *all, int64_t *run)
{
	AUTO(json) cJSON *started = sse_await(all, "run.started");
	int64_t pid = 0;

	assert_true(json_int(started, "pid", &pid) && json_int(started, "runId", run));
	char *id = next_question(all);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	return id;
}

static void assert_interrupted(int64_t run)
{
	AUTO(text) char *path = xasprintf("/api/runs/%d", (int)run);
	AUTO(reply) struct reply told = web_get(&web, path);
	AUTO(reply) struct reply asked = web_get(&web, "/api/otp");

	assert_status(told, 200);
	assert_non_null(json_str(told.json, "endedAt"));
	assert_string_equal(json_str(told.json, "errorType"), "INTERRUPTED");
	assert_int_equal(cJSON_GetArraySize(json_at(asked.json, "requests")), 0);
	assert_true(web_has_no_browser(&web));
}

static void a_run_that_is_killed_has_ended(void **state)
{
	int64_t run = 0;

	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse all = { .fd = -1 }, stream = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	assert_true(stream_run(&stream));
	AUTO(text) char *id = kill_run(&all, &run);
	AUTO(json) cJSON *failed = sse_await(&stream, "error");
	assert_string_equal(json_str(failed, "type"), "INTERRUPTED");
	AUTO(json) cJSON *finished = sse_await(&all, "run.finished");
	assert_string_equal(json_str(finished, "errorType"), "INTERRUPTED");
	AUTO(json) cJSON *result = sse_await(&all, "OTP_RESULT");
	assert_result(result, id, "gone");
	assert_interrupted(run);
}

/* One that another server has started. */
static void a_stranger_that_is_killed_has_ended(void **state)
{
	int64_t run = 0;

	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse all = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(reply) struct reply started = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	assert_status(started, 202);
	(void)kill(web.pid, SIGKILL);
	(void)waitpid(web.pid, NULL, 0);
	web.pid = 0;
	(void)web_stop(&web);
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse again = { .fd = -1 };
	assert_true(sse_open(&again, &web, &(struct ask){ .path = "/api/events", .headers = "Last-Event-ID: 0\r\n" }));
	AUTO(text) char *id = kill_run(&again, &run);
	AUTO(json) cJSON *finished = sse_await(&again, "run.finished");
	assert_string_equal(json_str(finished, "errorType"), "INTERRUPTED");
	AUTO(json) cJSON *result = sse_await(&again, "OTP_RESULT");
	assert_result(result, id, "gone");
	assert_interrupted(run);
}

/* "Try again" is not told that the run before, which is over, still has to end. */
static void whoever_hears_of_the_end_can_begin_the_next_one(void **state)
{
	(void)state;
	web_start(&web, &cal, "waf", NULL);
	AUTO(sse) struct sse all = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	for (int i = 0; i < 3; i++) {
		AUTO(reply) struct reply began = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
		assert_status(began, 202);
		AUTO(json) cJSON *finished = sse_await(&all, "run.finished");
		assert_string_equal(json_str(finished, "errorType"), "WAF_BLOCKED");
	}
}

static void a_server_that_ends_takes_its_runs_along(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	(void)kill(web.pid, SIGTERM);
	assert_int_equal(program_end(web.pid), 0);
	web.pid = 0;
	assert_true(web_has_no_browser(&web));
	AUTO(ran) struct ran list = gabbai_on(&cal, ARGS("otp", "list", "--json"));
	assert_lacks(list.out, id);
}

/* Its output is more than a pipe holds. */
static void a_run_that_prints_is_heard_to_its_end(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp6", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(text) char *code = phone_code();
	AUTO(reply) struct reply answered = answer_code(id, code);
	assert_status(answered, 200);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete"); /* now it prints */
	(void)kill(web.pid, SIGTERM);
	assert_int_equal(program_end(web.pid), 0);
	web.pid = 0;
	AUTO(text) char *log = web_stderr(&web);
	assert_lacks(log, "does not end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(a_run_asks_for_its_code_and_is_complete),
		served_test(without_a_session_one_has_to_connect),
		served_test(a_run_can_be_stopped),
		served_test(a_question_outlives_the_server),
		served_test(a_run_that_is_killed_has_ended),
		served_test(a_stranger_that_is_killed_has_ended),
		served_test(whoever_hears_of_the_end_can_begin_the_next_one),
		served_test(a_server_that_ends_takes_its_runs_along),
		served_test(a_run_that_prints_is_heard_to_its_end),
	};

	return served_run(tests);
}
