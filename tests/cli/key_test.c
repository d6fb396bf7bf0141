/* gabbai key: every row opens, and goes on to do so whenever a rotation ends. */
#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/secret.h"
#include "src/account.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/session.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"
#include "tests/lib/home.h"
#include "tests/lib/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

/* gabbai key VERB in the place of the test's own; MORE is another variable. */
static struct ran key(void **state, const char *verb, const char *more)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);

	return gabbai(ARGS(data, config, more ? more : "X=y"), ARGS("key", verb, "--json"));
}

/* COUNT secrets and as many sessions, sealed with the key that is there or KEY (NULL: made). */
static void fill(int count, const char *key_text)
{
	struct error err = { 0 };

	if (key_text)
		setenv("SESSION_ENCRYPTION_KEY", key_text, 1);
	catch_stderr();
	AUTO(store) struct store *store = store_open(&err);
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	AUTO(text) char *said = caught_stderr();
	AUTO(secret) struct secret *value = secret_new("correct horse", 13);
	AUTO(json) cJSON *session = json_object(JSON_STR("token", "battery staple"));
	assert_ok(store && ring && store_begin(store, &err), &err);
	for (int i = 0; i < count; i++) {
		AUTO(text) char *name = xasprintf("visa-cal/n%d", i);
		struct site_account account;
		assert_ok(account_read(name, &account, &err) && credential_save(store, ring, &account, "password", value, &err)
			&& session_save(store, ring, &account, session, NULL, &err), &err);
	}
	assert_ok(store_commit(store, &err), &err);
}

/* All COUNT rows open, and have one key. */
static void assert_whole(void **state, int count)
{
	struct error err = { 0 };
	AUTO(ran) struct ran check = key(state, "check", NULL);
	int64_t rows = 0, open = 0;

	if (check.code != 0)
		fail_msg("key check: exit code %d: %s", check.code, check.err);
	assert_true(json_int(check.json, "rows", &rows) && json_int(check.json, "open", &open));
	assert_int_equal(rows, count);
	assert_int_equal(open, count);
	AUTO(store) struct store *store = store_open(&err);
	AUTO(rows) struct rows *keys = store_ask(store, "SELECT count(DISTINCT id), max(id) FROM (SELECT substr(state, 2, 8) AS id FROM"
		" integration_sessions UNION ALL SELECT substr(value, 2, 8) FROM secrets UNION ALL SELECT CAST(key_id AS BLOB) FROM secrets"
		" UNION ALL SELECT CAST(key_id AS BLOB) FROM integration_sessions)", NULL, &err);
	assert_ok(keys && rows_next(keys, &err), &err);
	assert_int_equal(rows_int(keys, 0), count ? 1 : 0);
}

static void a_new_key_is_printed_and_nothing_else(void **state)
{
	AUTO(ran) struct ran one = key(state, "new", NULL), two = key(state, "new", NULL);

	assert_int_equal(one.code, 0);
	assert_int_equal(strlen(one.out), 65);
	assert_int_equal(strspn(one.out, "0123456789abcdef"), 64);
	assert_string_equal(one.err, "");
	assert_string_not_equal(one.out, two.out);
	AUTO(text) char *config = home_file(state, "config");
	assert_int_not_equal(access(config, F_OK), 0);
}

static void a_key_s_id_is_no_part_of_it(void **state)
{
	AUTO(ran) struct ran ran = key(state, "show-id", "SESSION_ENCRYPTION_KEY=" KEY_A);

	assert_int_equal(ran.code, 0);
	assert_int_equal(strlen(ran.out), KEY_ID_SIZE + 1);
	ran.out[KEY_ID_SIZE] = '\0';
	assert_null(strstr(KEY_A, ran.out));
}

static struct ran about(void **state, const char *more)
{
	AUTO(text) char *data_dir = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);

	return gabbai(ARGS(data_dir, config, more ? more : "X=y"), ARGS("about", "--json"));
}

static void a_look_at_the_key_makes_none(void **state)
{
	AUTO(text) char *file = home_file(state, "config/gabbai/key");
	AUTO(ran) struct ran none = about(state, NULL);
	assert_int_equal(none.code, 0);
	assert_null(json_at(none.json, "key.id"));
	assert_null(json_at(none.json, "key.error"));
	assert_int_not_equal(access(file, F_OK), 0);

	AUTO(ran) struct ran given = about(state, "SESSION_ENCRYPTION_KEY=" KEY_A), id = key(state, "show-id", "SESSION_ENCRYPTION_KEY=" KEY_A);
	id.out[KEY_ID_SIZE] = '\0';
	assert_string_equal(json_str(given.json, "key.id"), id.out);
	assert_string_equal(json_str(given.json, "key.source"), "environment");

	AUTO(ran) struct ran made = key(state, "show-id", NULL), own = about(state, NULL);
	made.out[KEY_ID_SIZE] = '\0';
	assert_string_equal(json_str(own.json, "key.id"), made.out);
	assert_string_equal(json_str(own.json, "key.source"), "file");
	assert_int_equal(access(file, F_OK), 0);

	AUTO(ran) struct ran bad = about(state, "SESSION_ENCRYPTION_KEY=short");
	assert_int_equal(bad.code, 0);
	assert_contains(json_str(bad.json, "key.error"), "no key");
	assert_lacks(bad.out, "short");
}

static void all_rows_open_with_their_key(void **state)
{
	fill(3, NULL);
	assert_whole(state, 6);
}

static void a_row_that_does_not_open_is_named(void **state)
{
	struct error err = { 0 };

	fill(3, NULL);
	AUTO(store) struct store *store = store_open(&err);
	assert_ok(store_do(store, "UPDATE secrets SET value = (SELECT value FROM secrets WHERE account = 'n0') WHERE account = 'n1'", NULL,
		&err), &err);
	AUTO(ran) struct ran check = key(state, "check", NULL);
	assert_int_equal(check.code, 12);
	assert_contains(check.err, "n1/password");
	assert_string_equal(json_str(check.json, "failed.0.account"), "n1/password");
	assert_string_equal(json_str(check.json, "failed.0.errorType"), "TAMPERED");
	assert_null(json_at(check.json, "failed.1"));

	/* Nor is anything sealed anew. */
	size_t size;
	AUTO(text) char *before = home_read(state, "config/gabbai/key", &size);
	AUTO(ran) struct ran rotate = key(state, "rotate", NULL);
	assert_int_equal(rotate.code, 12);
	AUTO(text) char *after = home_read(state, "config/gabbai/key", &size);
	assert_string_equal(before, after);
}

static void another_key_opens_nothing_and_both_are_named(void **state)
{
	fill(2, KEY_A);
	AUTO(ran) struct ran check = key(state, "check", "SESSION_ENCRYPTION_KEY=" KEY_B);
	int64_t open = -1;

	assert_int_equal(check.code, 12);
	assert_true(json_int(check.json, "open", &open) && open == 0);
	assert_string_equal(json_str(check.json, "failed.0.errorType"), "KEY_MISMATCH");
	assert_contains(check.err, json_str(check.json, "keyId"));
	assert_contains(check.err, json_str(check.json, "failed.0.keyId"));
}

static void a_key_of_the_environment_is_changed_with_the_old_one_beside(void **state)
{
	fill(2, KEY_A);
	setenv("SESSION_ENCRYPTION_KEY_OLD", KEY_A, 1);
	AUTO(ran) struct ran rotate = key(state, "rotate", "SESSION_ENCRYPTION_KEY=" KEY_B);
	unsetenv("SESSION_ENCRYPTION_KEY_OLD");
	assert_int_equal(rotate.code, 0);
	AUTO(ran) struct ran check = key(state, "check", "SESSION_ENCRYPTION_KEY=" KEY_B);
	assert_int_equal(check.code, 0);
	AUTO(ran) struct ran old = key(state, "check", "SESSION_ENCRYPTION_KEY=" KEY_A);
	assert_int_equal(old.code, 12);
	AUTO(text) char *config = home_file(state, "config");
	assert_int_not_equal(access(config, F_OK), 0);
}

static void a_key_of_the_file_is_changed_with_it(void **state)
{
	size_t size;

	fill(2, NULL);
	AUTO(text) char *before = home_read(state, "config/gabbai/key", &size);
	AUTO(ran) struct ran rotate = key(state, "rotate", NULL);
	assert_int_equal(rotate.code, 0);
	assert_whole(state, 4);
	AUTO(text) char *after = home_read(state, "config/gabbai/key", &size);
	assert_int_equal(size, 65);
	assert_string_not_equal(before, after);
}

static void nobody_changes_the_key_while_a_run_goes_on(void **state)
{
	struct error err = { 0 };
	struct site_account account;
	AUTO(store) struct store *store = store_open(&err);

	fill(1, NULL);
	assert_ok(account_read("visa-cal/n0", &account, &err) && account_lock(store, &account, &err), &err);
	AUTO(ran) struct ran busy = key(state, "rotate", NULL);
	account_unlock(store, &account);
	assert_int_equal(busy.code, 11);
	AUTO(ran) struct ran rotate = key(state, "rotate", NULL);
	assert_int_equal(rotate.code, 0);
}

static void what_is_parked_stays_parked(void **state)
{
	struct error err = { 0 };
	struct site_account account;
	AUTO(store) struct store *store = store_open(&err);

	fill(1, NULL);
	assert_ok(account_read("visa-cal", &account, &err) && account_park(store, &account, "old", "refused", &err), &err);
	AUTO(ran) struct ran rotate = key(state, "rotate", NULL);
	assert_int_equal(rotate.code, 0);
	assert_fails(account_begin_login(store, &account, "other", 4, &err), &err, ERR_PARKED);
}

/* ---- killed ---- */

static pid_t rotate_start(void)
{
	const char *build = getenv("BUILD");
	AUTO(text) char *program = xasprintf("%s/gabbai", build ? build : "build/release");
	const pid_t pid = fork();

	if (pid == 0) {
		const int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execl(program, program, "key", "rotate", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void a_rotation_that_is_killed_leaves_old_or_new_and_never_both(void **state)
{
	enum { ROWS = 1000, KILLS = 30 };
	int status, killed = 0;

	fill(ROWS / 2, NULL);
	const int64_t began = clock_ms();
	assert_int_equal(waitpid(rotate_start(), &status, 0) > 0 && status == 0, 1);
	const int whole_ms = (int)(clock_ms() - began) + 1;
	srandom((unsigned)began);
	for (int i = 0; i < KILLS; i++) {
		const pid_t pid = rotate_start();
		(void)poll(NULL, 0, (int)(random() % whole_ms));
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		killed += WIFSIGNALED(status);
		assert_whole(state, ROWS);
	}
	print_message("%d of %d were killed\n", killed, KILLS);
	assert_true(killed > 0);
	AUTO(ran) struct ran rotate = key(state, "rotate", NULL);
	assert_int_equal(rotate.code, 0);
	assert_whole(state, ROWS);
	size_t size;
	AUTO(text) char *file = home_read(state, "config/gabbai/key", &size);
	assert_int_equal(size, 65);
}

static void rotations_at_the_same_time_do_not_harm(void **state)
{
	enum { AT_ONCE = 4, ROWS = 100 };
	pid_t pids[AT_ONCE];

	fill(ROWS / 2, NULL);
	for (int i = 0; i < AT_ONCE; i++)
		pids[i] = rotate_start();
	for (int i = 0, status; i < AT_ONCE; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 11));
	}
	assert_whole(state, ROWS);
}

static int end(void **state)
{
	(void)catch_teardown(state);
	return home_end(state);
}

#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, home_begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_HOME(a_new_key_is_printed_and_nothing_else),
		AT_HOME(a_key_s_id_is_no_part_of_it),
		AT_HOME(a_look_at_the_key_makes_none),
		AT_HOME(all_rows_open_with_their_key),
		AT_HOME(a_row_that_does_not_open_is_named),
		AT_HOME(another_key_opens_nothing_and_both_are_named),
		AT_HOME(a_key_of_the_environment_is_changed_with_the_old_one_beside),
		AT_HOME(a_key_of_the_file_is_changed_with_it),
		AT_HOME(nobody_changes_the_key_while_a_run_goes_on),
		AT_HOME(what_is_parked_stays_parked),
		AT_HOME(a_rotation_that_is_killed_leaves_old_or_new_and_never_both),
		AT_HOME(rotations_at_the_same_time_do_not_harm),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
