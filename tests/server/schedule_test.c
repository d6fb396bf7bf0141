/* Schedules at the server: added, paused, taken away; what is due is started once, by one of two servers. */
#include "src/account.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"
#include "tests/lib/standin.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>

/* The first column of SQL's first row, asked at the store that the server has open; "" for none.  Owned by the caller. */
static char *ask(const char *sql)
{
	AUTO(text) char *path = cal_file(&cal, "data/gabbai.db");
	sqlite3 *db;
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	const int code = sqlite3_step(statement);
	assert_true(code == SQLITE_ROW || code == SQLITE_DONE);
	const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	char *copy = xstrdup(text ? text : "");
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return copy;
}

static bool becomes(const char *sql, const char *wanted)
{
	for (const struct deadline until = deadline_in_ms(WEB_MS); !deadline_passed(until); (void)poll(NULL, 0, 100)) {
		AUTO(text) char *text = ask(sql);
		if (!strcmp(text, wanted))
			return true;
	}
	return false;
}

/* Each minute, and the last one is due now. */
static void make_due(void)
{
	AUTO(reply) struct reply added = web_post(&web, "/api/schedules", "{\"site\":\"visa-cal\",\"cron\":\"* * * * *\","
		"\"timezone\":\"Asia/Jerusalem\",\"jitter\":0}");
	assert_status(added, 201);
	free(ask("UPDATE schedules SET next_at = next_at - 120"));
}

static void schedules_are_added_paused_and_taken_away(void **state)
{
	(void)state;
	web_start(&web, &cal, "dana", NULL);
	AUTO(reply) struct reply added = web_post(&web, "/api/schedules", "{\"site\":\"visa-cal\",\"account\":\"family\","
		"\"daily\":\"07:30\",\"timezone\":\"Asia/Jerusalem\",\"quiet\":\"22:00-08:00\"}");
	assert_status(added, 201);
	assert_string_equal(json_str(added.json, "cron"), "30 7 * * *");
	assert_string_equal(json_str(added.json, "quiet"), "22:00-08:00");
	assert_int_equal(cJSON_GetArraySize(json_list(added.json, "next")), 5);
	AUTO(reply) struct reply paused = web_post(&web, "/api/schedules/1/pause", "{}");
	assert_status(paused, 200);
	AUTO(reply) struct reply all = web_get(&web, "/api/schedules?n=2");
	assert_true(json_true(all.json, "schedules.0.paused"));
	AUTO(reply) struct reply resumed = web_post(&web, "/api/schedules/1/resume", "{}");
	assert_status(resumed, 200);
	AUTO(reply) struct reply gone = web_ask(&web, &(struct ask){ .method = "DELETE", .path = "/api/schedules/1" });
	assert_status(gone, 200);
	AUTO(reply) struct reply again = web_ask(&web, &(struct ask){ .method = "DELETE", .path = "/api/schedules/1" });
	assert_status(again, 404);
}

static void what_is_no_schedule_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *body, *says;
	} bodies[] = {
		{ "{\"site\":\"visa-cal\"}", "cron or daily" },
		{ "{\"site\":\"visa-cal\",\"cron\":\"61 * * * *\"}", "minute" },
		{ "{\"site\":\"visa-cal\",\"daily\":\"7\"}", "07:30" },
		{ "{\"site\":\"visa-cal\",\"daily\":\"07:30\",\"timezone\":\"Asia/Nowhere\"}", "Asia/Nowhere" },
		{ "{\"site\":\"visa-cal\",\"daily\":\"07:30\",\"quiet\":\"night\"}", "22:00-08:00" },
		{ "{\"site\":\"visa-cal\",\"daily\":\"07:30\",\"attempts\":0}", "attempts" },
	};

	(void)state;
	web_start(&web, &cal, "dana", NULL);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		AUTO(reply) struct reply r = web_post(&web, "/api/schedules", bodies[i].body);
		assert_status(r, 422);
		assert_contains(r.body, bodies[i].says);
	}
	AUTO(reply) struct reply next = web_get(&web, "/api/schedules/next?daily=07:30&timezone=Asia/Jerusalem&n=3");
	assert_status(next, 200);
	assert_int_equal(cJSON_GetArraySize(json_list(next.json, "next")), 3);
	AUTO(reply) struct reply wrong = web_get(&web, "/api/schedules/next?cron=never");
	assert_status(wrong, 422);
}

static void what_is_due_is_started_once_by_one_of_two_servers(void **state)
{
	struct web other = { 0 };

	(void)state;
	web_start(&web, &cal, "dana", NULL);
	web_start(&other, &cal, "dana", NULL);
	make_due();
	assert_true(becomes("SELECT status FROM due_runs ORDER BY id LIMIT 1", "done"));
	free(ask("UPDATE schedules SET paused = 1"));
	assert_true(becomes("SELECT count(*) FROM due_runs WHERE status IN ('waiting', 'claimed', 'running')", "0"));
	AUTO(text) char *runs = ask("SELECT count(*) FROM runs");
	AUTO(text) char *first = ask("SELECT attempts || ' ' || exit_code || ' ' || (run IS NOT NULL) FROM due_runs ORDER BY id LIMIT 1");
	AUTO(text) char *dues = ask("SELECT count(*) FROM due_runs WHERE attempts > 0");
	assert_string_equal(first, "1 0 1");
	assert_string_equal(runs, dues);
	(void)web_stop(&other);
}

/* The run is a process of its own: it ends as it would have, and the next server finds its row. */
static void a_server_that_is_killed_takes_no_due_run_with_it(void **state)
{
	(void)state;
	web_start(&web, &cal, "dana", NULL);
	make_due();
	assert_true(becomes("SELECT status FROM due_runs", "running"));
	free(ask("UPDATE schedules SET paused = 1"));
	assert_int_equal(kill(web.pid, SIGKILL), 0);
	assert_int_equal(waitpid(web.pid, NULL, 0), web.pid);
	web.pid = 0;
	(void)web_stop(&web); /* what is left of it here */
	web_start(&web, &cal, "dana", NULL);
	assert_true(becomes("SELECT status || ' ' || attempts FROM due_runs", "done 1"));
	AUTO(text) char *runs = ask("SELECT count(*) FROM runs");
	assert_string_equal(runs, "1");
}

static void without_the_scheduler_nothing_starts(void **state)
{
	(void)state;
	web_start(&web, &cal, "dana", (const char *[]){ "--no-scheduler", NULL });
	make_due();
	AUTO(reply) struct reply status = web_get(&web, "/api/status");
	assert_false(json_true(status.json, "scheduler"));
	for (const struct deadline until = deadline_in_ms(2500); !deadline_passed(until); (void)poll(NULL, 0, 100)) {
		AUTO(text) char *count = ask("SELECT count(*) FROM due_runs");
		assert_string_equal(count, "0");
	}
}

/* ---- without a server ---- */

static void run_due_collects_what_is_due_and_tells(void **state)
{
	static const char *const add[] = { "schedule", "add", "visa-cal", "--cron", "* * * * *", "--tz", "Asia/Jerusalem", "--otp",
		NULL, NULL };
	const char *words[sizeof add / sizeof *add];
	AUTO(text) char *phone = cal_file(&cal, "phone");
	AUTO(text) char *source = xasprintf("exec:[\"sh\",\"-c\",\"sleep 0.3; tail -n 1 %s | sed 's/.*code...//; s/[^0-9].*//'\"]", phone);

	(void)state;
	memcpy(words, add, sizeof add);
	words[8] = source;
	cal.keeps = true;
	AUTO(ran) struct ran added = gabbai_on(&cal, words);
	assert_int_equal(added.code, 0);
	assert_contains(added.out, "visa-cal/default");
	AUTO(ran) struct ran nothing = gabbai_on(&cal, (const char *[]){ "schedule", "run-due", NULL });
	assert_int_equal(nothing.code, 0);
	assert_string_equal(nothing.out, "");
	struct standin service;
	standin_start(&service, cal.folder, false);
	AUTO(text) char *topic = xasprintf("http://127.0.0.1:%d/topic", service.port);
	AUTO(ran) struct ran told = gabbai_on(&cal, (const char *[]){ "deliver", "add", "phone", "ntfy", topic, NULL });
	assert_int_equal(told.code, 0);
	free(ask("UPDATE schedules SET next_at = next_at - 120, jitter_s = 0"));
	const pid_t pid = gabbai_on_start_as(&cal, "dana", (const char *[]){ "schedule", "run-due", NULL }, "due");
	assert_int_equal(program_end(pid), 0);
	AUTO(text) char *status = ask("SELECT group_concat(status) FROM (SELECT DISTINCT status FROM due_runs)");
	assert_string_equal(status, "done");
	AUTO(text) char *rows = ask("SELECT count(*) > 10 FROM transactions");
	assert_string_equal(rows, "1");
	AUTO(json) cJSON *heard = standin_heard(&service);
	standin_stop(&service);
	assert_int_equal(cJSON_GetArraySize(heard), 1);
	assert_contains(json_str(heard, "0.body"), "new transactions: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(schedules_are_added_paused_and_taken_away),
		served_test(what_is_no_schedule_is_refused_with_the_reason),
		served_test(what_is_due_is_started_once_by_one_of_two_servers),
		served_test(a_server_that_is_killed_takes_no_due_run_with_it),
		served_test(without_the_scheduler_nothing_starts),
		served_test(run_due_collects_what_is_due_and_tells),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return served_run(tests);
}
