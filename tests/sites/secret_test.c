/* Stored credentials on the Visa Cal test site: a run needs nothing else, not even for codes that a clock makes. */
#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"
#include "tests/lib/program.h"

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static struct cal cal;

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

/* Stores VALUE in the place that CAL keeps. */
static void store(const char *account, const char *field, const char *value)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", cal.folder);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", cal.folder);
	AUTO(ran) struct ran ran = gabbai_told(value, ARGS(data, config), ARGS("secret", "set", account, field));

	assert_int_equal(ran.code, 0);
}

static void assert_collected(const struct ran *ran)
{
	if (ran->code != 0)
		fail_msg("exit code %d: %s", ran->code, ran->err);
	assert_true(json_true(ran->json, "success"));
	assert_lacks(ran->err, "Secret123");
}

static void what_is_stored_is_enough(void **state)
{
	(void)state;
	store("visa-cal", "username", "dana\n");
	store("visa-cal", "password", "Secret123\n");
	AUTO(ran) struct ran first = gabbai_on(&cal, ARGS("run", "visa-cal", "-f", "ibs"));
	assert_collected(&first);

	/* The key changes; the session and the secrets are there. */
	AUTO(ran) struct ran rotate = gabbai_on(&cal, ARGS("key", "rotate"));
	assert_int_equal(rotate.code, 0);
	cal_forget(&cal);
	AUTO(ran) struct ran again = gabbai_on(&cal, ARGS("run", "visa-cal", "-f", "ibs"));
	assert_collected(&again);
	assert_int_equal(cal_seen(&cal, "/authentication/login"), 0);
	AUTO(ran) struct ran status = gabbai_on(&cal, ARGS("status", "visa-cal", "--json"));
	assert_string_equal(json_str(status.json, "0.status"), "active");
	assert_string_equal(json_str(status.json, "0.lastRun.tier"), "direct");
}

static void a_clock_s_codes_are_typed_without_asking(void **state)
{
	(void)state;
	store("visa-cal/app", "username", "otpapp\n");
	store("visa-cal/app", "password", "Secret123\n");
	AUTO(ran) struct ran without = gabbai_on(&cal, ARGS("run", "visa-cal/app", "-f", "ibs"));
	assert_int_equal(without.code, 5);
	store("visa-cal/app", "totp", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n");
	AUTO(ran) struct ran with = gabbai_on(&cal, ARGS("run", "visa-cal/app", "-f", "ibs"));
	assert_collected(&with);
}

static void a_clock_that_is_wrong_is_told(void **state)
{
	(void)state;
	store("visa-cal/wrong", "username", "otpapp\n");
	store("visa-cal/wrong", "password", "Secret123\n");
	store("visa-cal/wrong", "totp", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP\n");
	AUTO(ran) struct ran ran = gabbai_on(&cal, ARGS("run", "visa-cal/wrong", "-f", "ibs"));
	assert_int_equal(ran.code, 6);
	assert_int_equal(cal_seen(&cal, "/otp/verify") <= 3, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_stored_is_enough),
		cmocka_unit_test(a_clock_s_codes_are_typed_without_asking),
		cmocka_unit_test(a_clock_that_is_wrong_is_told),
	};

	return cmocka_run_group_tests_name("secret on the site", tests, start, stop);
}
