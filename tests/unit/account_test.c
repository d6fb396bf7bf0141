/* Accounts: names, locks, parking, and how often a day. */
#include "src/account.h"

#include "tests/lib/asserts.h"
#include "tests/lib/home.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct site_account dana, noa;
static struct store *store;

static int begin(void **state)
{
	struct error err = { 0 };

	(void)home_begin(state);
	assert_ok((store = store_open(&err)) && account_read("visa-cal/dana", &dana, &err) && account_read("visa-cal/noa", &noa, &err),
		&err);
	return 0;
}

static int end(void **state)
{
	store_free(store);
	return home_end(state);
}

/* ---- names ---- */

static const struct {
	const char *text, *name; /* NULL: refused */
	enum error_code code;
} names[] = {
	{ "visa-cal", "default", ERR_NONE },
	{ "visa-cal/dana", "dana", ERR_NONE },
	{ "visa-cal/Dana_2.b-c", "Dana_2.b-c", ERR_NONE },
	{ "visa-cal/123456789012345678901234567890123456789012345678901234567890123",
		"123456789012345678901234567890123456789012345678901234567890123", ERR_NONE },
	{ "visa-cal/1234567890123456789012345678901234567890123456789012345678901234", NULL, ERR_INPUT },
	{ "visa-cal/", NULL, ERR_INPUT },
	{ "visa-cal/a/b", NULL, ERR_INPUT },
	{ "visa-cal/a b", NULL, ERR_INPUT },
	{ "visa-cal/a'b", NULL, ERR_INPUT },
	{ "visa-cal/דנה", NULL, ERR_INPUT },
	{ "visa_cal", NULL, ERR_SITE },
	{ "", NULL, ERR_SITE },
	{ "/dana", NULL, ERR_SITE },
	{ "Visa-Cal", NULL, ERR_SITE },
};

static void a_name_is_taken_or_refused_in_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct site_account account;
		struct error err = { 0 };
		if (account_read(names[i].text, &account, &err) != (names[i].name != NULL) || err.code != names[i].code)
			fail_msg("\"%s\": %s", names[i].text, error_name(err.code));
		if (names[i].name)
			assert_string_equal(account.name, names[i].name);
	}
}

/* ---- locks ---- */

/* A process that has ACCOUNT's lock, and keeps it until it is killed. */
static pid_t hold(const struct site_account *account)
{
	int ready[2];
	char c;

	assert_int_equal(pipe(ready), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		struct store *own = store_open(NULL);
		const bool ok = own && account_lock(own, account, NULL) && write(ready[1], "x", 1) == 1;
		(void)poll(NULL, 0, ok ? 30000 : 0);
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void end_process(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_lock_is_one_process_s_until_it_ends(void **state)
{
	struct error err = { 0 };
	const pid_t pid = hold(&dana);
	const bool taken = account_lock(store, &dana, &err), other = account_lock(store, &noa, NULL);

	(void)state;
	account_unlock(store, &dana); /* which is not ours, and stays */
	struct error still = { 0 }, any = { 0 };
	const bool taken_then = account_lock(store, &dana, &still), all_free = account_all_free(store, &any);
	end_process(pid);
	assert_fails(taken, &err, ERR_LOCKED);
	assert_contains(err.text, "visa-cal/dana");
	assert_fails(taken_then, &still, ERR_LOCKED);
	assert_fails(all_free, &any, ERR_LOCKED);
	assert_true(other);
	struct error none = { 0 };
	assert_ok(account_lock(store, &dana, &none), &none);
	assert_ok(account_all_free(store, &none), &none);
}

static void a_lock_can_be_given_back(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_ok(account_lock(store, &dana, &err), &err);
	account_unlock(store, &dana);
	const pid_t pid = hold(&dana);
	end_process(pid);
}

/* A number is used again: it counts together with when the process began, and since which start of the machine. */
static void the_lock_of_another_process_of_the_same_number_is_stale(void **state)
{
	static const char *const changes[] = { "UPDATE locks SET started = started - 1", "UPDATE locks SET boot = 'another'" };
	struct error err = { 0 };
	const pid_t pid = hold(&dana);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(store) struct store *own = store_open(&err);
		const bool ok = store_do(own, changes[i], NULL, &err) && account_lock(own, &dana, &err)
			&& store_do(own, "UPDATE locks SET pid = ?, started = ?",
				SQL(SQL_INT(pid), SQL_INT(process_started(pid))), &err);
		if (!ok)
			end_process(pid);
		assert_ok(ok, &err);
	}
	assert_false(account_lock(store, &dana, NULL)); /* it was put back */
	end_process(pid);
}

static void of_many_processes_one_gets_the_lock(void **state)
{
	enum { PROCESSES = 8 };
	pid_t pids[PROCESSES];
	int said[2], got = 0;
	char answers[PROCESSES];

	(void)state;
	assert_int_equal(pipe(said), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct store *own = store_open(NULL);
			struct error err = { 0 };
			const char c = account_lock(own, &dana, &err) ? '1' : err.code == ERR_LOCKED ? '0' : 'x';
			(void)!write(said[1], &c, 1);
			(void)poll(NULL, 0, 30000);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(read(said[0], &answers[i], 1), 1);
	for (int i = 0; i < PROCESSES; i++)
		end_process(pids[i]);
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_not_equal(answers[i], 'x');
		got += answers[i] == '1';
	}
	assert_int_equal(got, 1);
	close(said[0]);
	close(said[1]);
}

static void a_process_is_told_by_when_it_began(void **state)
{
	(void)state;
	assert_true(process_started(getpid()) > 0);
	assert_int_equal(process_started(getpid()), process_started(getpid()));
	const pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_started(pid), 0);
}

/* ---- care ---- */

static void what_was_refused_is_parked_until_it_changes(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_ok(account_begin_login(store, &dana, "old", 4, &err), &err);
	assert_ok(account_park(store, &dana, "old", "the site refused the password", &err), &err);
	assert_fails(account_begin_login(store, &dana, "old", 4, &err), &err, ERR_PARKED);
	assert_contains(err.text, "the site refused the password");
	assert_fails(account_begin_login(store, &dana, "old", 4, &err), &err, ERR_PARKED);
	struct error none = { 0 };
	assert_ok(account_begin_login(store, &noa, "old", 4, &none), &none);
	assert_ok(account_begin_login(store, &dana, "new", 4, &none), &none);
	assert_ok(account_begin_login(store, &dana, "old", 4, &none), &none); /* it is parked no more */
}

static void a_person_can_unpark(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_ok(account_park(store, &dana, "old", "blocked", &err), &err);
	assert_false(account_begin_login(store, &dana, "old", 4, NULL));
	assert_ok(account_unpark(store, &dana, &err) && account_begin_login(store, &dana, "old", 4, &err), &err);
	assert_ok(account_unpark(store, &noa, &err), &err); /* of which nothing is known */
}

/* Fingerprints are made with the key. */
static void what_is_parked_stays_so_when_the_key_changes(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_ok(account_park(store, &dana, "old", "blocked", &err) && account_keep_parked(store, &err), &err);
	assert_fails(account_begin_login(store, &dana, "new", 4, &err), &err, ERR_PARKED);
	struct error none = { 0 };
	assert_ok(account_unpark(store, &dana, &none) && account_begin_login(store, &dana, "new", 4, &none), &none);
}

static void a_day_has_only_so_many_logins(void **state)
{
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_ok(account_begin_login(store, &dana, "x", 3, &err), &err);
	assert_fails(account_begin_login(store, &dana, "x", 3, &err), &err, ERR_PARKED);
	assert_contains(err.text, "3 times today");
	assert_fails(account_begin_login(store, &dana, "changed", 3, &err), &err, ERR_PARKED);
	assert_fails(account_begin_login(store, &noa, "x", 0, &err), &err, ERR_PARKED);
	struct error none = { 0 };
	assert_ok(store_do(store, "UPDATE accounts SET login_day = login_day - 1", NULL, &none), &none);
	assert_ok(account_begin_login(store, &dana, "x", 1, &none), &none);
	assert_false(account_begin_login(store, &dana, "x", 1, NULL));
	assert_ok(account_unpark(store, &dana, &none) && account_begin_login(store, &dana, "x", 1, &none), &none);
}

/* ---- what is known ---- */

static void all_that_is_known_is_told(void **state)
{
	struct error err = { 0 };

	(void)state;
	AUTO(json) cJSON *none = account_list(store, NULL, NULL, &err);
	assert_int_equal(cJSON_GetArraySize(none), 0);
	assert_ok(account_begin_login(store, &dana, "x", 4, &err) && account_park(store, &dana, "x", "refused", &err)
		&& store_do(store, "INSERT INTO runs (platform, account, started_at, pid, pid_started) VALUES ('visa-cal', 'noa', 0, ?, ?),"
			" ('visa-cal', 'gone', 0, 1, 0)", SQL(SQL_INT(getpid()), SQL_INT(process_started(getpid()))), &err), &err);
	AUTO(json) cJSON *all = account_list(store, "visa-cal", NULL, &err);
	int64_t logins;
	assert_int_equal(cJSON_GetArraySize(all), 3);
	assert_string_equal(json_str(all, "0.account"), "dana");
	assert_string_equal(json_str(all, "0.status"), "not_connected");
	assert_string_equal(json_str(all, "0.parked"), "refused");
	assert_true(json_int(all, "0.loginsToday", &logins) && logins == 1);
	assert_null(json_at(all, "0.lastRun"));
	assert_string_equal(json_str(all, "1.lastRun.errorType"), "INTERRUPTED");
	assert_string_equal(json_str(all, "2.account"), "noa");
	assert_non_null(json_str(all, "2.lastRun.startedAt"));
	assert_null(json_at(all, "2.lastRun.errorType"));
	AUTO(json) cJSON *one = account_list(store, "visa-cal", "noa", &err);
	assert_int_equal(cJSON_GetArraySize(one), 1);
	AUTO(json) cJSON *other = account_list(store, "hotmart", NULL, &err);
	assert_int_equal(cJSON_GetArraySize(other), 0);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(a_name_is_taken_or_refused_in_a_sentence),
		WITH_STORE(a_lock_is_one_process_s_until_it_ends),
		WITH_STORE(a_lock_can_be_given_back),
		WITH_STORE(the_lock_of_another_process_of_the_same_number_is_stale),
		WITH_STORE(of_many_processes_one_gets_the_lock),
		WITH_STORE(a_process_is_told_by_when_it_began),
		WITH_STORE(what_was_refused_is_parked_until_it_changes),
		WITH_STORE(a_person_can_unpark),
		WITH_STORE(what_is_parked_stays_so_when_the_key_changes),
		WITH_STORE(a_day_has_only_so_many_logins),
		WITH_STORE(all_that_is_known_is_told),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
