/* gabbai is killed at random moments of runs on both sites: nothing of it lives on, the database is whole,
 * and the next run works.
 *
 * CRASHES=50 kills so often (default: 10), SEED=… at the same moments as before. */
#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/processes.h"
#include "tests/lib/program.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CRASHES = 10,     /* $CRASHES */
	GONE_MS = 3000, /* then nothing of a run may live */
	EARLY_MS = 150, /* while it opens the database and starts the browser */
};

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static struct cal cal;

static const struct {
	const char *site, *user;
} runs[] = {
	{ "visa-cal", "dana" },
	{ "hotmart", "maria" },
	{ "visa-cal", "otp6" },
	{ "hotmart", "nova" },
};
enum { RUNS = sizeof runs / sizeof *runs };

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	setenv("XDG_RUNTIME_DIR", cal.folder, 1);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unsetenv("XDG_RUNTIME_DIR");
	cal_stop(&cal);
	return 0;
}

/* ---- the database, past gabbai ---- */

AUTO_KIND(sqlite, sqlite3 *, sqlite3_close);
AUTO_KIND(statement, sqlite3_stmt *, sqlite3_finalize);

/* The first value that SQL finds, with PID for its "?", owned by the caller; "" when there is none. */
static char *ask_database(const char *sql, pid_t pid)
{
	AUTO(text) char *path = cal_file(&cal, "data/gabbai.db");
	sqlite3 *opened = NULL;
	sqlite3_stmt *prepared = NULL;

	if (access(path, F_OK) != 0)
		return xstrdup("");
	const int code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, NULL);
	AUTO(sqlite) sqlite3 *db = opened;
	if (code != SQLITE_OK || sqlite3_busy_timeout(db, 5000) != SQLITE_OK
			|| sqlite3_prepare_v2(db, sql, -1, &prepared, NULL) != SQLITE_OK) {
		/* Killed before the tables were made, all at once. */
		assert_string_equal(sqlite3_errstr(sqlite3_errcode(db)), "SQL logic error");
		return xstrdup("");
	}
	AUTO(statement) sqlite3_stmt *statement = prepared;
	if (sqlite3_bind_parameter_count(statement))
		(void)sqlite3_bind_int(statement, 1, pid);
	const int step = sqlite3_step(statement);
	assert_true(step == SQLITE_ROW || step == SQLITE_DONE);
	const char *text = step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	return xstrdup(text ? text : "");
}

static void assert_whole(void)
{
	AUTO(text) char *said = ask_database("PRAGMA integrity_check", 0);

	assert_true(!*said || !strcmp(said, "ok"));
}

static bool has_session(const char *site)
{
	AUTO(text) char *sql = xasprintf("SELECT status FROM integration_sessions WHERE platform = '%s' AND state IS NOT NULL", site);
	AUTO(text) char *status = ask_database(sql, 0);

	assert_true(!*status || !strcmp(status, "active"));
	return *status;
}

/* ---- what lives on ---- */

static void assert_nothing_lives(void)
{
	const struct deadline until = deadline_in_ms(GONE_MS);
	pid_t pids[64] = { 0 };

	/* The site's own server mentions the folder, too. */
	while (processes_that_mention(cal.folder, pids, 64) > 1) {
		if (deadline_passed(until)) {
			size_t size;
			AUTO(text) char *line = process_text(pids[0] == cal.pid ? pids[1] : pids[0], "cmdline", &size);
			for (size_t i = 0; i + 1 < size; i++)
				line[i] = line[i] ? line[i] : ' ';
			fail_msg("it still lives: %s", line);
		}
		(void)poll(NULL, 0, 20);
	}
}

static int run_folders(void)
{
	DIR *dir = opendir(cal.folder);
	int count = 0;

	for (const struct dirent *entry; dir && (entry = readdir(dir));)
		count += !strncmp(entry->d_name, "gabbai-run-", 11);
	if (dir)
		closedir(dir);
	return count;
}

/* ---- killing ---- */

/* How long a run takes from its login on. */
static int64_t whole_run_ms(int i)
{
	const int64_t began = clock_ms();

	assert_int_equal(program_end(gabbai_start(&cal, runs[i].site, runs[i].user, NULL, "run")), 0);
	return clock_ms() - began;
}

static void kill_after(int i, int64_t ms)
{
	const pid_t pid = gabbai_start(&cal, runs[i].site, runs[i].user, ARGS("--tier", "login", "--max-logins", "1000"), "run");

	(void)poll(NULL, 0, (int)ms);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_nothing_lives();
	assert_whole();

	AUTO(text) char *unfinished = ask_database("SELECT count(*) FROM runs WHERE pid = ? AND ended_at IS NULL", pid);
	/* What is saved is one session, the old one or the new one, and both are good. */
	const bool saved = has_session(runs[i].site);
	const pid_t next = gabbai_start(&cal, runs[i].site, runs[i].user, saved ? ARGS("--no-login") : NULL, "next");
	const int code = program_end(next);
	if (code != 0) {
		AUTO(text) char *path = cal_file(&cal, "next.err");
		AUTO(file) FILE *f = fopen(path, "re");
		char text[1024];
		text[fread(text, 1, sizeof text - 1, f)] = '\0';
		fail_msg("%s as %s, killed after %d ms: the next run ends with %d: %s", runs[i].site, runs[i].user, (int)ms, code, text);
	}
	assert_true(has_session(runs[i].site));

	AUTO(text) char *type = ask_database("SELECT error_type FROM runs WHERE pid = ?", pid);
	if (!strcmp(unfinished, "1"))
		assert_string_equal(type, "INTERRUPTED");
	AUTO(text) char *open = ask_database("SELECT count(*) FROM runs WHERE ended_at IS NULL", 0);
	AUTO(text) char *locks = ask_database("SELECT count(*) FROM locks", 0);
	assert_string_equal(open, "0");
	assert_string_equal(locks, "0");
}

static void a_run_may_die_at_any_moment(void **state)
{
	const char *crashes = getenv("CRASHES"), *seed = getenv("SEED");
	const int count = crashes ? (int)strtol(crashes, NULL, 10) : CRASHES;
	unsigned dice = seed ? (unsigned)strtoul(seed, NULL, 10) : (unsigned)clock_ms();
	AUTO(text) char *data = cal_file(&cal, "data");
	AUTO(text) char *config = cal_file(&cal, "config");
	int64_t run_ms[RUNS];

	(void)state;
	print_message("SEED=%u\n", dice);
	for (int i = 0; i < RUNS; i++) {
		folder_remove(data);
		run_ms[i] = whole_run_ms(i);
	}
	for (int n = 0; n < count; n++) {
		const int i = n % RUNS;
		if (rand_r(&dice) % 3 == 0) {
			folder_remove(data);
			folder_remove(config); /* with the key */
		}
		const bool early = rand_r(&dice) % 4 == 0;
		const int64_t ms = (int64_t)rand_r(&dice) % (early ? EARLY_MS : run_ms[i] * 11 / 10);
		kill_after(i, ms);
	}
	/* What they left behind is swept by the next one that starts a browser. */
	AUTO(ran) struct ran last = gabbai_cal(&cal, "dana", "Secret123", ARGS("--tier", "restored"));
	assert_int_equal(last.code, 0);
	assert_int_equal(run_folders(), 0);
}

/* What it started to be told a code ends with it. */
static void whoever_fetches_a_code_ends_too(void **state)
{
	AUTO(text) char *never = cal_file(&cal, "never");
	AUTO(text) char *source = xasprintf("exec:[\"tail\",\"-f\",\"%s\"]", never);
	AUTO(file) FILE *made = fopen(never, "we");
	const struct deadline until = deadline_in_ms(30000);
	pid_t pids[4];

	(void)state;
	assert_non_null(made);
	const pid_t pid = gabbai_start(&cal, "hotmart", "lost", ARGS("--tier", "login", "--otp", source), "run");
	while (processes_that_mention(never, pids, 4) < 2 && !deadline_passed(until))
		(void)poll(NULL, 0, 20);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_nothing_lives();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_fetches_a_code_ends_too),
		cmocka_unit_test(a_run_may_die_at_any_moment),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
