/* Schedules and the clocks they are of.  The vectors are croniter's: make check-cron asks it again. */
#include "src/cron.h"

#include "cdp/base/auto.h"
#include "src/zone.h"
#include "tests/lib/asserts.h"

#include <stdlib.h>
#include <time.h>

static struct zone *zone_of(const char *name)
{
	struct error err = { 0 };
	struct zone *zone = zone_open(name, &err);

	assert_ok(zone, &err);
	return zone;
}

static struct cron cron_of(const char *text)
{
	struct error err = { 0 };
	struct cron cron;

	assert_ok(cron_read(text, &cron, &err), &err);
	return cron;
}

/* "2027-03-26T00:00Z" */
static int64_t moment(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%MZ", &tm));
	return timegm(&tm);
}

static const char *shown(int64_t at)
{
	static char text[32];
	const time_t t = at;
	struct tm tm;

	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%MZ", gmtime_r(&t, &tm));
	return text;
}

/* ---- reading ---- */

static const struct {
	const char *text;
	const char *says; /* NULL: it is good */
} texts[] = {
	{ "30 7 * * *", NULL },
	{ "  30\t7  * * * ", NULL },
	{ "0 9 * JAN,mar-May mon-FRI", NULL },
	{ "0-59/5,3 */2 1-31/10 * 7", NULL },
	{ "@Daily", NULL },
	{ "0 0 30 2 1", NULL },              /* each Monday of February */
	{ "", "5 fields" },
	{ "* * * *", "5 fields" },
	{ "0 0 7 * * *", "5 fields" },       /* seconds */
	{ "@reboot", "@hourly" },
	{ "60 * * * *", "minute" },
	{ "* 24 * * *", "hour" },
	{ "* * 0 * *", "day of the month" },
	{ "* * 32 * *", "day of the month" },
	{ "* * * 13 *", "month" },
	{ "* * * JANUARY *", "month" },
	{ "* * * * 8", "day of the week" },
	{ "* * * * FRI-MON", "day of the week" },
	{ "5/15 * * * *", "minute" },
	{ "*/0 * * * *", "minute" },
	{ "1,,2 * * * *", "minute" },
	{ "1, * * * *", "minute" },
	{ "9-3 * * * *", "minute" },
	{ "-5 * * * *", "minute" },
	{ "99999999999999999999 * * * *", "minute" },
	{ "0 0 30 2 *", "never" },
	{ "0 0 31 4,6,9,11 *", "never" },
};

static void what_is_no_schedule_says_which_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct error err = { 0 };
		struct cron cron;
		if (cron_read(texts[i].text, &cron, &err) != !texts[i].says)
			fail_msg("\"%s\": %s", texts[i].text, err.text);
		if (texts[i].says)
			assert_contains(err.text, texts[i].says);
	}
}

static void a_time_of_day_is_a_schedule(void **state)
{
	static const char *const wrong[] = { "7", "7:", "24:00", "07:60", "-1:00", "07:30:00", "07:30 ", "", "noon" };
	struct error err = { 0 };
	char text[CRON_DAILY_SIZE];

	(void)state;
	assert_ok(cron_read_daily("07:30", text, &err), &err);
	assert_string_equal(text, "30 7 * * *");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_fails(cron_read_daily(wrong[i], text, &err), &err, ERR_INPUT);
}

/* ---- when ---- */

static void is_due_when_croniter_says(void **state)
{
	AUTO(file) FILE *f = fopen("tests/unit/cron_vectors.txt", "re");
	char line[512];
	int count = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		char *rest = NULL, *name = strtok_r(line, "|", &rest), *from = strtok_r(NULL, "|", &rest);
		char *text = strtok_r(NULL, "|", &rest), *times = strtok_r(NULL, "|", &rest);
		if (*line == '#')
			continue;
		assert_non_null(times);
		AUTO(zone) struct zone *zone = zone_of(name);
		const struct cron cron = cron_of(text);
		int64_t at = moment(from);
		rest = NULL;
		for (char *wanted = strtok_r(times, " \n", &rest); wanted; wanted = strtok_r(NULL, " \n", &rest)) {
			assert_true(cron_next(&cron, zone, at, &at));
			if (at != moment(wanted))
				fail_msg("%s in %s: %s, not %s", text, name, shown(at), wanted);
		}
		count++;
	}
	assert_int_equal(count, 200);
}

/* Israel's changes of 2027: Friday 26 March 02:00 to 03:00, Sunday 31 October 02:00 to 01:00. */
static const struct {
	const char *text, *from;
	const char *times[4]; /* NULL at the end */
	const char *why;
} changes[] = {
	{ "30 2 * * *", "2027-03-25T12:00Z", { "2027-03-26T00:00Z", "2027-03-26T23:30Z" }, "jumped over: right after the jump" },
	{ "0,30 2 * * *", "2027-03-25T12:00Z", { "2027-03-26T00:00Z", "2027-03-26T23:00Z" }, "both at once, so once" },
	{ "30 2,3 * * *", "2027-03-25T12:00Z", { "2027-03-26T00:00Z", "2027-03-26T00:30Z" }, "and then as ever" },
	{ "30 * * * *", "2027-03-25T23:00Z", { "2027-03-25T23:30Z", "2027-03-26T00:30Z" }, "follows the clock: 01:30, 03:30" },
	{ "*/30 2 * * *", "2027-03-25T12:00Z", { "2027-03-26T23:00Z" }, "follows the clock, which never shows it" },
	{ "30 1 * * *", "2027-10-30T12:00Z", { "2027-10-30T22:30Z", "2027-10-31T23:30Z" }, "twice on the clock: the first time" },
	{ "30 * * * *", "2027-10-30T22:00Z", { "2027-10-30T22:30Z", "2027-10-30T23:30Z", "2027-10-31T00:30Z" }, "all of them" },
	{ "*/30 1 * * *", "2027-10-30T12:00Z", { "2027-10-30T22:00Z", "2027-10-30T22:30Z", "2027-10-30T23:00Z" }, "all of them" },
	{ "0 2 * * *", "2027-10-30T12:00Z", { "2027-10-31T00:00Z", "2027-11-01T00:00Z" }, "02:00 comes once, an hour later" },
};

static void clocks_that_change_are_taken_as_debians_cron_does(void **state)
{
	AUTO(zone) struct zone *zone = zone_of("Asia/Jerusalem");

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const struct cron cron = cron_of(changes[i].text);
		int64_t at = moment(changes[i].from);
		for (size_t k = 0; changes[i].times[k]; k++) {
			assert_true(cron_next(&cron, zone, at, &at));
			if (at != moment(changes[i].times[k]))
				fail_msg("%s: %s, not %s (%s)", changes[i].text, shown(at), changes[i].times[k], changes[i].why);
		}
	}
}

static const char *const zones[] = { "Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin",
	"America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran", "Pacific/Apia", "America/Nuuk", "UTC", "Asia/Kathmandu",
	"Antarctica/Troll" };
enum { ZONES = sizeof zones / sizeof *zones };

/* From 2026 to 2030, in zones that jump by half an hour, by two, at midnight, or over midnight. */
static void a_fixed_time_is_due_once_each_day(void **state)
{
	static const char *const daily[] = { "30 7 * * *", "0 0 * * *", "30 0 * * *", "15 1 * * *", "30 2 * * *", "45 23 * * *" };
	const int64_t begin = moment("2026-01-01T12:00Z"), end = moment("2031-01-01T12:00Z");

	(void)state;
	for (size_t z = 0; z < ZONES; z++) {
		AUTO(zone) struct zone *zone = zone_of(zones[z]);
		for (size_t d = 0; d < sizeof daily / sizeof *daily; d++) {
			const struct cron cron = cron_of(daily[d]);
			int64_t at = begin, last = 0;
			int count = 0;
			for (; cron_next(&cron, zone, at, &at) && at < end; last = at, count++)
				if (last && (at - last < 21 * 3600 || at - last > 27 * 3600))
					fail_msg("%s in %s: %lld s after the one before, at %s", daily[d], zones[z], (long long)(at - last),
						shown(at));
			assert_int_equal(count, 5 * 365 + 1);
		}
	}
}

static void the_rarest_day_is_found(void **state)
{
	AUTO(zone) struct zone *zone = zone_of("UTC");
	const struct cron leap = cron_of("0 0 29 2 *");
	int64_t at = moment("2096-03-01T00:00Z");

	(void)state;
	assert_true(cron_next(&leap, zone, at, &at));
	assert_int_equal(at, moment("2104-02-29T00:00Z")); /* 2100 is none */
}

/* ---- zones ---- */

/* The C library as the oracle, hour by hour for a while and then in larger steps. */
static void clocks_are_those_of_the_c_library(void **state)
{
	const int64_t begin = moment("1970-01-02T00:00Z"), end = moment("2150-01-01T00:00Z");

	(void)state;
	for (size_t z = 0; z < ZONES; z++) {
		AUTO(zone) struct zone *zone = zone_of(zones[z]);
		setenv("TZ", zones[z], 1);
		tzset();
		for (int64_t at = begin; at < end; at += 13 * 3600 + 1801) {
			const time_t t = at;
			struct tm tm;
			(void)localtime_r(&t, &tm);
			const struct value_time clock = zone_clock(zone, at);
			if (zone_offset(zone, at) != tm.tm_gmtoff || clock.year != tm.tm_year + 1900 || clock.month != tm.tm_mon + 1
					|| clock.day != tm.tm_mday || clock.hour != tm.tm_hour || clock.minute != tm.tm_min)
				fail_msg("%s at %s: %lld, not %ld", zones[z], shown(at), (long long)zone_offset(zone, at), tm.tm_gmtoff);
		}
	}
	unsetenv("TZ");
	tzset();
}

static void a_zone_that_is_none_is_refused(void **state)
{
	static const char *const names[] = { "", "Asia/Jerusalm", "../../../etc/passwd", "/etc/localtime", "Asia", "tzdata.zi",
		"Asia//Jerusalem", "UTC;x", "zone.tab" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct error err = { 0 };
		assert_fails(zone_open(names[i], &err), &err, ERR_INPUT);
	}
}

static void the_machines_own_zone_can_be_told(void **state)
{
	char name[ZONE_NAME_MAX];

	(void)state;
	setenv("TZ", ":Asia/Jerusalem", 1);
	zone_default(name);
	assert_string_equal(name, "Asia/Jerusalem");
	unsetenv("TZ");
	zone_default(name);
	zone_free(zone_of(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_schedule_says_which_field),
		cmocka_unit_test(a_time_of_day_is_a_schedule),
		cmocka_unit_test(is_due_when_croniter_says),
		cmocka_unit_test(clocks_that_change_are_taken_as_debians_cron_does),
		cmocka_unit_test(a_fixed_time_is_due_once_each_day),
		cmocka_unit_test(the_rarest_day_is_found),
		cmocka_unit_test(clocks_are_those_of_the_c_library),
		cmocka_unit_test(a_zone_that_is_none_is_refused),
		cmocka_unit_test(the_machines_own_zone_can_be_told),
	};

	return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
