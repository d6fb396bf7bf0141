/* Saved sessions on the Visa Cal test site: connect once, then nobody is needed. */
#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/program.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static struct cal cal;

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static int begin(void **state)
{
	(void)state;
	AUTO(text) char *data = cal_file(&cal, "data");
	folder_remove(data);
	cal_forget(&cal);
	return 0;
}

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cal_stop(&cal);
	return 0;
}

static int logins(void)
{
	return cal_seen(&cal, "/authentication/login");
}

static void end_all_sessions(void)
{
	AUTO(json) cJSON *ended = cal_ask(&cal, "https://connect.cal-online.co.il/_end");

	assert_non_null(ended);
}

static size_t transactions(const struct ran *ran)
{
	const cJSON *account;
	size_t count = 0;

	cJSON_ArrayForEach (account, json_at(ran->json, "accounts"))
		count += (size_t)cJSON_GetArraySize(json_at(account, "txns"));
	return count;
}

#define assert_code(ran, wanted)                                                                   \
	do {                                                                                       \
		if ((ran).code != (wanted))                                                        \
			fail_msg("exit code %d, not %d: %s", (ran).code, (wanted), (ran).err);     \
	} while (0)

static void the_second_run_needs_no_browser(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "otp6", "Secret123", NULL);
	assert_code(first, 0);
	assert_int_equal(logins(), 1);
	cal_forget(&cal);
	AUTO(ran) struct ran second = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	assert_code(second, 0);
	assert_int_equal(logins(), 0);
	assert_int_equal(cal_seen(&cal, "/index.html") + cal_seen(&cal, "/dashboard"), 0);
	assert_true(transactions(&first) > 0);
	assert_true(cJSON_Compare(first.json, second.json, true));
}

static void a_browser_takes_the_saved_session(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(first, 0);
	cal_forget(&cal);
	AUTO(ran) struct ran second = gabbai_cal(&cal, "", "", ARGS("--no-login", "--tier", "restored"));
	assert_code(second, 0);
	assert_int_equal(logins(), 0);
	assert_true(cJSON_Compare(first.json, second.json, true));
	/* What it saved then is good, too. */
	AUTO(ran) struct ran third = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	assert_code(third, 0);
}

static void an_ended_session_is_said_and_renewed(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(first, 0);
	end_all_sessions();
	AUTO(ran) struct ran over = gabbai_cal(&cal, "", "", ARGS("--no-login", "-f", "json"));
	assert_code(over, 4);
	assert_true(json_true(over.json, "needsReconnect"));
	assert_string_equal(json_str(over.json, "errorType"), "NEEDS_RECONNECT");
	cal_forget(&cal);
	AUTO(ran) struct ran renewed = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(renewed, 0);
	assert_int_equal(logins(), 1);
	AUTO(ran) struct ran again = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	assert_code(again, 0);
}

static void trouble_with_the_network_leaves_the_session_alone(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(first, 0);
	const int port = cal.port;
	cal.port = 9; /* nobody is there */
	AUTO(ran) struct ran gone = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	cal.port = port;
	assert_code(gone, 9);
	assert_false(json_true(gone.json, "needsReconnect"));
	AUTO(ran) struct ran back = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	assert_code(back, 0);
}

static void a_login_that_could_not_begin_says_nothing_of_the_session(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(first, 0);
	AUTO(ran) struct ran none = gabbai_cal(&cal, "", "", ARGS("--tier", "login"));
	assert_code(none, 4);
	AUTO(ran) struct ran list = gabbai_on(&cal, ARGS("session", "list", "--json"));
	assert_string_equal(json_str(list.json, "0.status"), "active");
}

static void a_session_that_dies_in_the_middle_is_renewed_once(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "one401", "Secret123", NULL);
	assert_code(first, 4);
	assert_int_equal(logins(), 1);
	/* A session that was cut off while it collected is not saved. */
	AUTO(ran) struct ran without = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	assert_code(without, 4);
	assert_int_equal(logins(), 1);
}

static void a_refused_password_is_not_tried_again(void **state)
{
	(void)state;
	AUTO(ran) struct ran refused = gabbai_cal(&cal, "dana", "Wrong123", NULL);
	assert_code(refused, 7);
	assert_string_equal(json_str(refused.json, "errorType"), "INVALID_PASSWORD");
	cal_forget(&cal);
	AUTO(ran) struct ran parked = gabbai_cal(&cal, "dana", "Wrong123", NULL);
	assert_code(parked, 7);
	assert_string_equal(json_str(parked.json, "errorType"), "PARKED");
	assert_int_equal(logins(), 0);
	AUTO(ran) struct ran mended = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(mended, 0);
}

static void a_day_has_only_so_many_logins(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "yossi", "Secret123", ARGS("--max-logins", "1"));
	assert_code(first, 0);
	cal_forget(&cal);
	AUTO(ran) struct ran second = gabbai_cal(&cal, "yossi", "Secret123", ARGS("--max-logins", "1", "--tier", "login"));
	assert_code(second, 7);
	assert_string_equal(json_str(second.json, "errorType"), "PARKED");
	assert_int_equal(logins(), 0);
	/* The saved session needs none. */
	AUTO(ran) struct ran third = gabbai_cal(&cal, "", "", ARGS("--max-logins", "1"));
	assert_code(third, 0);
}

static void an_account_is_one_run_s_at_a_time(void **state)
{
	(void)state;
	const pid_t pid = gabbai_start(&cal, "visa-cal", "hang", NULL, "hang");
	for (int i = 0; i < 200 && logins() == 0; i++)
		(void)poll(NULL, 0, 50);
	AUTO(ran) struct ran second = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(second, 11);
	assert_string_equal(json_str(second.json, "errorType"), "LOCKED");
	/* Who dies leaves no lock. */
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	AUTO(ran) struct ran third = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(third, 0);
}

static void another_key_opens_nothing_and_destroys_nothing(void **state)
{
	static const char other[] = "SESSION_ENCRYPTION_KEY=0000000000000000000000000000000000000000000000000000000000000001";

	(void)state;
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(first, 0);
	char *const set = xstrdup(other);
	putenv(set);
	AUTO(ran) struct ran wrong = gabbai_cal(&cal, "dana", "Secret123", NULL);
	unsetenv("SESSION_ENCRYPTION_KEY");
	free(set);
	assert_code(wrong, 12);
	assert_string_equal(json_str(wrong.json, "errorType"), "KEY_MISMATCH");
	AUTO(ran) struct ran right = gabbai_cal(&cal, "", "", ARGS("--no-login"));
	assert_code(right, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_second_run_needs_no_browser, begin),
		cmocka_unit_test_setup(a_browser_takes_the_saved_session, begin),
		cmocka_unit_test_setup(an_ended_session_is_said_and_renewed, begin),
		cmocka_unit_test_setup(trouble_with_the_network_leaves_the_session_alone, begin),
		cmocka_unit_test_setup(a_login_that_could_not_begin_says_nothing_of_the_session, begin),
		cmocka_unit_test_setup(a_session_that_dies_in_the_middle_is_renewed_once, begin),
		cmocka_unit_test_setup(a_refused_password_is_not_tried_again, begin),
		cmocka_unit_test_setup(a_day_has_only_so_many_logins, begin),
		cmocka_unit_test_setup(an_account_is_one_run_s_at_a_time, begin),
		cmocka_unit_test_setup(another_key_opens_nothing_and_destroys_nothing, begin),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
