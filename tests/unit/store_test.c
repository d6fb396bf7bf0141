/* The database: made, migrated, refused, full, busy. */
#include "src/store.h"

#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct store *opened(void)
{
	struct error err = { 0 };
	struct store *store = store_open(&err);

	assert_ok(store, &err);
	return store;
}

static int64_t number(struct store *store, const char *sql)
{
	struct error err = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, sql, NULL, &err);

	assert_ok(rows && rows_next(rows, &err), &err);
	return rows_int(rows, 0);
}

static bool put(struct store *store, const char *account, const void *blob, size_t size, struct error *err)
{
	return store_do(store, "INSERT OR REPLACE INTO secrets (platform, account, field, value, key_id, updated_at)"
		" VALUES ('visa-cal', ?, 'password', ?, 'none', 0)", SQL(SQL_TEXT(account), SQL_BLOB(blob, size)), err);
}

/* ---- opening ---- */

static void a_database_is_made_of_nothing(void **state)
{
	static const char *const files[] = { "data", "data/gabbai.db", "data/gabbai.db-wal" };
	const mode_t mask = umask(0);

	AUTO(store) struct store *store = opened();
	(void)umask(mask);
	assert_true(number(store, "PRAGMA user_version") > 0);
	assert_int_equal(number(store, "PRAGMA synchronous"), 2);
	assert_int_equal(number(store, "SELECT count(*) FROM sqlite_master WHERE name IN ('integration_sessions', 'secrets', 'accounts',"
		" 'locks', 'runs')"), 5);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		AUTO(text) char *path = home_file(state, files[i]);
		struct stat st;
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, S_ISDIR(st.st_mode) ? 0700 : 0600);
	}
}

static void what_was_saved_is_there_again(void **state)
{
	struct error err = { 0 };
	AUTO(store) struct store *store = opened();
	size_t size;

	(void)state;
	assert_ok(put(store, "dana", "a\0b", 3, &err), &err);
	assert_int_equal(store_changed(store), 1);
	AUTO(store) struct store *again = opened();
	AUTO(rows) struct rows *rows = store_ask(again, "SELECT value, NULL, account FROM secrets", NULL, &err);
	assert_true(rows_next(rows, &err));
	assert_memory_equal(rows_blob(rows, 0, &size), "a\0b", 3);
	assert_int_equal(size, 3);
	assert_true(rows_is_null(rows, 1));
	assert_null(rows_text(rows, 1));
	assert_string_equal(rows_text(rows, 2), "dana");
	assert_false(rows_next(rows, &err));
	assert_int_equal(err.code, ERR_NONE);
}

/* Ten at once: one makes it, and none sees half of it. */
static void many_processes_can_come_first(void **state)
{
	enum { PROCESSES = 10 };

	(void)state;
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			struct store *store = store_open(NULL);
			_exit(!store || !put(store, "x", "y", 1, NULL));
		}
	for (int i = 0, status; i < PROCESSES; i++)
		assert_true(wait(&status) > 0 && status == 0);
}

/* SQL of somebody else's, past store.h. */
static void change(void **state, const char *sql)
{
	AUTO(text) char *path = home_file(state, "data/gabbai.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_refused_and_untouched(void **state, enum error_code code, const char *says)
{
	struct error err = { 0 };
	size_t size, size_after;
	AUTO(text) char *before = home_read(state, "data/gabbai.db", &size);
	AUTO(store) struct store *store = store_open(&err);

	assert_fails(store, &err, code);
	assert_contains(err.text, "gabbai.db");
	assert_contains(err.text, says);
	AUTO(text) char *after = home_read(state, "data/gabbai.db", &size_after);
	assert_int_equal(size_after, size);
	assert_memory_equal(after, before, size);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
	store_free(opened());
	change(state, "PRAGMA user_version = 9999");
	assert_refused_and_untouched(state, ERR_STORE, "newer gabbai");
}

static void a_schema_of_less_than_nothing_is_refused(void **state)
{
	store_free(opened());
	change(state, "PRAGMA user_version = -1");
	assert_refused_and_untouched(state, ERR_STORE, "schema");
}

static void a_file_that_is_no_database_is_refused_and_left_alone(void **state)
{
	static const char *const contents[] = { "not a database at all, but long enough to have a header of one hundred bytes, "
		"as SQLite's files begin with; it goes on for a while", "SQLite format 3\0and then nothing of use" };
	static const size_t sizes[] = { 130, 40 };

	for (size_t i = 0; i < 2; i++) {
		home_write(state, "data/gabbai.db", contents[i], sizes[i]);
		assert_refused_and_untouched(state, ERR_STORE, "damaged");
	}
}

/* All pages but the first are overwritten: who needs one has an error, when it opens the database or later,
 * and nothing is made up. */
static void a_damaged_page_is_an_error(void **state)
{
	struct error err = { 0 };
	size_t size;

	store_free(opened());
	AUTO(text) char *content = home_read(state, "data/gabbai.db", &size);
	memset(content + 4096, 0xa5, size - 4096);
	home_write(state, "data/gabbai.db", content, size);
	AUTO(store) struct store *store = store_open(&err);
	assert_fails(store && put(store, "dana", "x", 1, &err), &err, ERR_STORE);
	assert_contains(err.text, "damaged");
	store_free(TAKE(store));
	size_t size_after;
	AUTO(text) char *after = home_read(state, "data/gabbai.db", &size_after);
	assert_int_equal(size_after, size);
	assert_memory_equal(after, content, size);
}

static void a_link_is_not_followed(void **state)
{
	struct error err = { 0 };
	AUTO(text) char *link = home_file(state, "data/gabbai.db");
	AUTO(text) char *elsewhere = home_file(state, "elsewhere.db");

	home_write(state, "data/x", "", 0);
	assert_int_equal(symlink(elsewhere, link), 0);
	AUTO(store) struct store *store = store_open(&err);
	assert_fails(store, &err, ERR_SYSTEM);
	assert_int_not_equal(access(elsewhere, F_OK), 0);
}

/* ---- transactions ---- */

static void what_is_not_committed_did_not_happen(void **state)
{
	struct error err = { 0 };
	AUTO(store) struct store *store = opened();

	(void)state;
	assert_ok(put(store, "before", "x", 1, &err), &err);
	assert_ok(store_begin(store, &err) && put(store, "one", "x", 1, &err), &err);
	store_rollback(store);
	store_rollback(store);
	assert_ok(store_begin(store, &err) && put(store, "two", "x", 1, &err), &err);
	assert_ok(store_begin(store, &err) && put(store, "three", "x", 1, &err) && store_commit(store, &err), &err);
	assert_int_equal(number(store, "SELECT count(*) FROM secrets"), 2);
	assert_int_equal(number(store, "SELECT count(*) FROM secrets WHERE account IN ('one', 'two')"), 0);
}

static void what_a_killed_process_did_is_undone(void **state)
{
	enum { TRIES = 10 };
	AUTO(store) struct store *store = opened();

	(void)state;
	for (int i = 0; i < TRIES; i++) {
		const pid_t pid = fork();
		if (pid == 0) {
			struct store *own = store_open(NULL);
			(void)(own && store_begin(own, NULL) && put(own, "half", "x", 1, NULL) && raise(SIGKILL));
			_exit(1);
		}
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
	}
	struct error err = { 0 };
	assert_ok(put(store, "whole", "x", 1, &err), &err);
	assert_int_equal(number(store, "SELECT count(*) FROM secrets"), 1);
}

static void wrong_sql_is_an_error(void **state)
{
	struct error err = { 0 };
	AUTO(store) struct store *store = opened();

	(void)state;
	assert_fails(store_do(store, "INSERT INTO nowhere VALUES (1)", NULL, &err), &err, ERR_STORE);
	assert_contains(err.text, "nowhere");
	assert_fails(store_do(store, "INSERT INTO secrets (platform) VALUES (1)", NULL, &err), &err, ERR_STORE);
	assert_false(store_do(store, "SELECT", NULL, NULL));
}

/* ---- others, and the disk ---- */

static void another_process_that_writes_is_waited_for_and_then_named(void **state)
{
	struct error err = { 0 };
	AUTO(store) struct store *store = opened();
	int ready[2];
	char c;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		struct store *own = store_open(NULL);
		const bool ok = own && store_begin(own, NULL) && put(own, "theirs", "x", 1, NULL) && write(ready[1], "x", 1) == 1;
		(void)poll(NULL, 0, ok ? 30000 : 0); /* until we are killed */
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	const bool began = store_begin(store, &err);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_fails(began, &err, ERR_LOCKED);
	struct error none = { 0 };
	assert_ok(put(store, "ours", "x", 1, &none), &none);
	close(ready[0]);
	close(ready[1]);
}

/* A file may be only so long, which is how a full disk looks; in a child, since the limit is a process's. */
static void a_full_disk_is_named_and_costs_nothing_old(void **state)
{
	struct error err = { 0 };
	AUTO(store) struct store *store = opened();
	int status;

	(void)state;
	assert_ok(put(store, "old", "x", 1, &err), &err);
	const pid_t pid = fork();
	if (pid == 0) {
		const struct rlimit limit = { 256 * 1024, 256 * 1024 };
		struct store *own = store_open(NULL);
		char *much = xcalloc(1, 1024 * 1024);
		struct error full = { 0 };
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		const bool wrote = put(own, "old", much, 1024 * 1024, &full);
		const bool goes_on = put(own, "small", "x", 1, NULL);
		_exit(wrote ? 1 : full.code != ERR_SYSTEM ? 2 : !strstr(full.text, "gabbai.db") ? 3 : !goes_on ? 4 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(number(store, "SELECT count(*) FROM secrets"), 2);
	assert_int_equal(number(store, "SELECT length(value) FROM secrets WHERE account = 'old'"), 1);
	AUTO(rows) struct rows *rows = store_ask(store, "PRAGMA integrity_check", NULL, &err);
	assert_true(rows_next(rows, &err));
	assert_string_equal(rows_text(rows, 0), "ok");
}

#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, home_begin, home_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_HOME(a_database_is_made_of_nothing),
		AT_HOME(what_was_saved_is_there_again),
		AT_HOME(many_processes_can_come_first),
		AT_HOME(a_newer_schema_is_refused_and_left_alone),
		AT_HOME(a_schema_of_less_than_nothing_is_refused),
		AT_HOME(a_file_that_is_no_database_is_refused_and_left_alone),
		AT_HOME(a_damaged_page_is_an_error),
		AT_HOME(a_link_is_not_followed),
		AT_HOME(what_is_not_committed_did_not_happen),
		AT_HOME(what_a_killed_process_did_is_undone),
		AT_HOME(wrong_sql_is_an_error),
		AT_HOME(another_process_that_writes_is_waited_for_and_then_named),
		AT_HOME(a_full_disk_is_named_and_costs_nothing_old),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
