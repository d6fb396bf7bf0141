/* gabbai report: what strangers may read of a run, and no more. */
#include "cdp/base/auto.h"
#include "src/account.h"
#include "src/events.h"
#include "src/history.h"
#include "src/schedule.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"
#include "tests/lib/program.h"

#include <time.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static struct ran told(void **state, const char *const *words)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);

	return gabbai(ARGS(data, config), words);
}

static const char *const personal[] = { "dana.levi", "4580", "123456789", "dana@example.org", "token=abc", "Secret", "05•-•••1234",
	"1234567" };
static const char *const kept[] = { "run.phase", "reading the cards", "https://connect.cal-online.co.il/col-rest/*/login", "TIMEOUT",
	"\"exitCode\":\t9", "\"name\":\t\"browser\"", "#pay: covered by div.cookie" };

static void it_says_how_it_went_and_not_whose_it_was(void **state)
{
	struct error err = { 0 };
	struct site_account account;
	AUTO(store) struct store *store = store_open(&err);

	assert_ok(store && account_read("visa-cal/dana.levi", &account, &err), &err);
	const int64_t run = history_begin(store, &account, &err);
	assert_ok(run, &err);
	assert_ok(events_add(store, run, "run.phase", json_object(JSON_STR("phase", "reading the cards"),
		JSON_STR("account", "dana.levi")), &err), &err);
	assert_ok(events_add(store, run, "OTP_NEEDED", json_object(JSON_STR("destination", "05•-•••1234"),
		JSON_STR("message", "Secret words of the site")), &err), &err);
	(void)(fail)(&err, ERR_TIMEOUT, "#pay: covered by div.cookie at https://connect.cal-online.co.il/col-rest/1234567/login?token=abc"
		" for dana@example.org, id 123456789, card 4580-1234");
	assert_true(history_end(store, run, "login", &err, 0, 0, NULL));
	AUTO(ran) struct ran ran = told(state, ARGS("report", "1"));
	assert_int_equal(ran.code, 0);
	for (size_t i = 0; i < sizeof personal / sizeof *personal; i++)
		assert_lacks(ran.out, personal[i]);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		assert_contains(ran.out, kept[i]);
	AUTO(ran) struct ran none = told(state, ARGS("report", "7"));
	assert_int_equal(none.code, 2);
}

/* And gabbai doctor, of schedules that nobody looks at. */
static void a_schedule_that_nobody_looks_at_is_found(void **state)
{
	struct error err = { 0 };
	struct schedule s = { .cron = "0 * * * *", .zone = "UTC", .catch_up_s = SCHEDULE_ALWAYS, .quiet_from = SCHEDULE_NEVER_QUIET,
		.attempts_max = 1 };
	AUTO(store) struct store *store = store_open(&err);
	int64_t id;

	assert_ok(store && account_read("visa-cal", &s.account, &err) && schedule_add(store, &s, time(NULL) - 7200, &id, &err), &err);
	AUTO(ran) struct ran ran = told(state, ARGS("doctor", "--json", "--offline"));
	assert_contains(ran.out, "nobody looks at the schedules");
	assert_int_equal(ran.code, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_says_how_it_went_and_not_whose_it_was, home_begin, home_end),
		cmocka_unit_test_setup_teardown(a_schedule_that_nobody_looks_at_is_found, home_begin, home_end),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
