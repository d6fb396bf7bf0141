/* Schedules: each due run starts exactly once.  The clock is the test's; the store and the processes are real. */
#include "src/schedule.h"

#include "cdp/base/auto.h"
#include "src/ending.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static struct error err;

static struct store *opened(void)
{
	struct store *store = store_open(&err);

	assert_ok(store, &err);
	return store;
}

/* "2027-03-26T00:00Z" */
static int64_t moment(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%MZ", &tm));
	return timegm(&tm);
}

/* One of Jerusalem's, at once, three attempts, always caught up with; tests change what they are about. */
static struct schedule plain(const char *account, const char *cron)
{
	struct schedule s = { .cron = cron, .zone = "Asia/Jerusalem", .catch_up_s = SCHEDULE_ALWAYS,
		.quiet_from = SCHEDULE_NEVER_QUIET, .attempts_max = SCHEDULE_ATTEMPTS };

	assert_ok(account_read(account, &s.account, &err), &err);
	return s;
}

static int64_t added(struct store *store, const struct schedule *s, int64_t now)
{
	int64_t id = 0;

	assert_ok(schedule_add(store, s, now, &id, &err), &err);
	return id;
}

static int64_t number(struct store *store, const char *sql, int64_t value)
{
	AUTO(rows) struct rows *rows = store_ask(store, sql, SQL(SQL_INT(value)), &err);

	assert_ok(rows && rows_next(rows, &err), &err);
	return rows_int(rows, 0);
}

/* Looks at NOW: the one due run's id, or 0 for none; several fail. */
static int64_t look(struct store *store, int64_t now)
{
	struct due due[DUE_MAX];
	size_t count;

	assert_ok(schedule_look(store, schedule_self(), now, due, DUE_MAX, &count, &err), &err);
	assert_true(count <= 1);
	const int64_t id = count ? due[0].id : 0;
	if (count)
		due_clear(&due[0]);
	return id;
}

static void take(struct store *store, int64_t due, int64_t now)
{
	assert_ok(schedule_take(store, due, schedule_self(), now, &err), &err);
}

static void end(struct store *store, int64_t due, int code, int64_t now)
{
	assert_ok(schedule_end(store, due, 0, code, code ? "why" : NULL, now, &err), &err);
}

static char *status_of(struct store *store, int64_t due)
{
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT status FROM due_runs WHERE id = ?", SQL(SQL_INT(due)), &err);

	assert_ok(rows && rows_next(rows, &err), &err);
	return xstrdup(rows_text(rows, 0));
}

#define assert_status(store, due, wanted)                                                                    \
	do {                                                                                                 \
		char *status_ = status_of(store, due);                                                       \
		assert_string_equal(status_, wanted);                                                        \
		free(status_);                                                                               \
	} while (0)

/* ---- one schedule ---- */

static void is_started_when_it_is_due_and_not_before(void **state)
{
	AUTO(store) struct store *store = opened();
	const int64_t now = moment("2027-01-10T00:00Z"), due = moment("2027-01-10T05:30Z"); /* 07:30 in winter */
	const struct schedule s = plain("visa-cal", "30 7 * * *");

	(void)state;
	added(store, &s, now);
	assert_int_equal(schedule_wake(store), due);
	assert_int_equal(look(store, due - 1), 0);
	const int64_t id = look(store, due);
	assert_int_not_equal(id, 0);
	assert_int_equal(look(store, due), 0);
	take(store, id, due);
	assert_fails(schedule_take(store, id, schedule_self(), due, &err), &err, ERR_LOCKED);
	assert_int_equal(look(store, due + 1), 0);
	end(store, id, EXIT_OK, due + 10);
	assert_status(store, id, "done");
	assert_int_equal(look(store, due + 60), 0);
	assert_int_equal(schedule_wake(store), due + DAY);
}

static const struct {
	int code;
	bool again;
} codes[] = {
	{ EXIT_OK, false }, { EXIT_FAILED, false }, { EXIT_USAGE, false }, { EXIT_PARTIAL, false }, { EXIT_RECONNECT, false },
	{ EXIT_NO_CODE, false }, { EXIT_WRONG_CODE, false }, { EXIT_REFUSED, false }, { EXIT_BLOCKED, false },
	{ EXIT_TEMPORARY, true }, { EXIT_SITE, false }, { EXIT_LOCKED, true }, { EXIT_KEY, false }, { EXIT_BROWSER, false },
	{ EXIT_INTERRUPTED, false }, { EXIT_TERMINATED, false },
};

static void what_passes_alone_is_tried_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		AUTO(store) struct store *store = opened();
		int64_t now = moment("2027-01-10T05:00Z");
		const struct schedule s = plain("visa-cal", "30 7 * * *");
		const int64_t schedule = added(store, &s, now);
		const int64_t id = look(store, now += 30 * MINUTE);
		take(store, id, now);
		end(store, id, codes[i].code, now);
		if ((look(store, now + 299) != 0) || (look(store, now + 300) == id) != codes[i].again)
			fail_msg("after exit code %d it was %stried again", codes[i].code, codes[i].again ? "not " : "");
		assert_ok(schedule_remove(store, schedule, &err), &err);
	}
}

static void tries_again_later_each_time_and_so_often_at_most(void **state)
{
	static const int waits[] = { 300, 1200, 4800, 7200, 7200 };
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T05:00Z");
	struct schedule s = plain("visa-cal", "30 7 * * *");

	(void)state;
	s.attempts_max = 6;
	added(store, &s, now);
	const int64_t id = look(store, now += 30 * MINUTE);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		take(store, id, now);
		end(store, id, EXIT_TEMPORARY, now);
		assert_int_equal(schedule_wake(store), now + waits[i]);
		assert_int_equal(look(store, now + waits[i] - 1), 0);
		assert_int_equal(look(store, now += waits[i]), id);
	}
	take(store, id, now);
	end(store, id, EXIT_TEMPORARY, now);
	assert_status(store, id, "failed");
	assert_int_equal(number(store, "SELECT attempts FROM due_runs WHERE id = ?", id), 6);
}

static void no_code_is_asked_for_in_quiet_hours(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T00:00Z"); /* 02:00 there */
	struct schedule s = plain("visa-cal", "0 3 * * *");
	struct due due[DUE_MAX];
	size_t count;

	(void)state;
	s.quiet_from = 22 * 60;
	s.quiet_to = 8 * 60;
	s.attempts_max = 1;
	added(store, &s, now);
	assert_ok(schedule_look(store, schedule_self(), now += HOUR, due, DUE_MAX, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_true(due[0].no_login);
	take(store, due[0].id, now);
	end(store, due[0].id, EXIT_RECONNECT, now);
	due_clear(&due[0]);
	assert_int_equal(schedule_wake(store), moment("2027-01-10T06:00Z")); /* 08:00 */
	assert_ok(schedule_look(store, schedule_self(), moment("2027-01-10T06:00Z"), due, DUE_MAX, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_false(due[0].no_login);
	struct due_words words;
	due_command(&due[0], &words);
	for (size_t i = 0; words.list[i]; i++)
		assert_string_not_equal(words.list[i], "--no-login");
	take(store, due[0].id, now);
	end(store, due[0].id, EXIT_RECONNECT, now);
	assert_status(store, due[0].id, "failed");
	due_clear(&due[0]);
}

static void one_that_goes_on_keeps_the_next_from_starting(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T00:00Z");
	const struct schedule s = plain("visa-cal", "0 * * * *"), other = plain("visa-cal", "30 * * * *");

	(void)state;
	added(store, &s, now);
	const int64_t first = look(store, now += HOUR);
	take(store, first, now);
	assert_int_equal(look(store, now += HOUR), 0);
	assert_int_equal(number(store, "SELECT count(*) FROM due_runs WHERE status = 'skipped' AND why LIKE '%going on' AND ?", 1), 1);
	added(store, &other, now);
	assert_int_equal(look(store, now += 30 * MINUTE), 0); /* of the same account: it waits */
	end(store, first, EXIT_OK, now);
	assert_int_not_equal(look(store, now + 1), 0);
}

static void one_that_never_begins_is_given_up(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T00:00Z");
	const struct schedule s = plain("visa-cal", "0 * * * *");

	(void)state;
	added(store, &s, now);
	const int64_t id = look(store, now += HOUR);
	for (int i = 1; i < SCHEDULE_ATTEMPTS; i++) {
		assert_ok(schedule_give_back(store, id, "it did not begin", now, &err), &err);
		assert_int_equal(look(store, now += MINUTE), id);
	}
	assert_ok(schedule_give_back(store, id, "it did not begin", now, &err), &err);
	assert_int_equal(look(store, now += MINUTE), 0);
	assert_status(store, id, "failed");
	take(store, look(store, now + HOUR), now + HOUR); /* the next one is another matter */
}

static void one_that_nobody_took_gives_way_to_the_next(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T00:00Z");
	struct schedule s = plain("visa-cal", "0 * * * *");

	(void)state;
	added(store, &s, now);
	const int64_t first = look(store, now += HOUR);
	assert_ok(schedule_give_back(store, first, NULL, now, &err), &err);
	assert_int_equal(schedule_wake(store), now + 60);
	const int64_t second = look(store, now += HOUR);
	assert_true(second && second != first);
	assert_status(store, first, "skipped");
	assert_fails(schedule_take(store, first, schedule_self(), now, &err), &err, ERR_LOCKED);
}

static const struct {
	int64_t down_s, catch_up_s;
	bool started;
} downs[] = {
	{ HOUR, SCHEDULE_ALWAYS, true }, { DAY, SCHEDULE_ALWAYS, true }, { 30 * DAY, SCHEDULE_ALWAYS, true },
	{ 400 * DAY, SCHEDULE_ALWAYS, true },
	{ 5 * MINUTE, 0, true },  /* late, and not missed */
	{ HOUR, 0, false }, { HOUR, 2 * HOUR, true }, { 5 * HOUR, 2 * HOUR, false },
};

static void what_was_missed_is_caught_up_with_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof downs / sizeof *downs; i++) {
		AUTO(store) struct store *store = opened();
		int64_t now = moment("2027-01-10T05:29Z");
		struct schedule s = plain("visa-cal", "30 7 * * *");
		s.catch_up_s = downs[i].catch_up_s;
		const int64_t schedule = added(store, &s, now);
		now += MINUTE + downs[i].down_s;
		const int64_t id = look(store, now);
		if ((id != 0) != downs[i].started)
			fail_msg("%lld s later it was %sstarted", (long long)downs[i].down_s, id ? "" : "not ");
		assert_int_equal(number(store, "SELECT count(*) FROM due_runs WHERE ?", 1), 1);
		if (id) {
			take(store, id, now);
			end(store, id, EXIT_OK, now);
		}
		assert_int_equal(look(store, now + 1), 0);
		assert_ok(schedule_remove(store, schedule, &err), &err);
	}
}

static void a_clock_that_was_wrong_neither_stops_nor_repeats_it(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T05:00Z");
	const struct schedule s = plain("visa-cal", "30 7 * * *");

	(void)state;
	added(store, &s, now);
	const int64_t ahead = look(store, now + 365 * DAY); /* a battery that is empty */
	take(store, ahead, now + 365 * DAY);
	end(store, ahead, EXIT_OK, now + 365 * DAY);
	assert_int_equal(look(store, now), 0); /* set right */
	assert_int_equal(schedule_wake(store), now + 30 * MINUTE);
	const int64_t id = look(store, now += 30 * MINUTE);
	assert_int_not_equal(id, 0);
	take(store, id, now);
	end(store, id, EXIT_OK, now);
	for (int64_t at = now - 2 * HOUR; at <= now + HOUR; at += 10 * MINUTE)
		assert_int_equal(look(store, at), 0); /* set back by two hours, and once more over the same time */
}

static void what_is_paused_waits_and_catches_nothing_up(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T05:00Z");
	const struct schedule s = plain("visa-cal", "30 7 * * *");
	const int64_t id = added(store, &s, now);

	(void)state;
	assert_ok(schedule_pause(store, id, true, now, &err), &err);
	assert_int_equal(schedule_wake(store), INT64_MAX);
	assert_int_equal(look(store, now += 3 * DAY), 0);
	assert_ok(schedule_pause(store, id, false, now, &err), &err);
	assert_int_equal(look(store, now), 0);
	assert_int_not_equal(look(store, now + 30 * MINUTE), 0);
	assert_fails(schedule_pause(store, 999, true, now, &err), &err, ERR_INPUT);
	assert_fails(schedule_remove(store, 999, &err), &err, ERR_INPUT);
}

static void a_start_is_late_by_the_same_for_everybody(void **state)
{
	AUTO(store) struct store *store = opened();
	int64_t now = moment("2027-01-10T00:00Z"), due = moment("2027-01-10T05:30Z"), late[20], most = 0;
	struct schedule s = plain("visa-cal", "30 7 * * *");

	(void)state;
	s.jitter_s = 900;
	added(store, &s, now);
	for (int i = 0; i < 20; i++, due += DAY) {
		assert_int_equal(look(store, due - 1), 0);
		int64_t id = look(store, due);
		late[i] = id ? 0 : schedule_wake(store) - due;
		assert_in_range(late[i], 0, 900);
		if (!id) {
			AUTO(store) struct store *again = opened();
			assert_int_equal(look(again, due + late[i] - 1), 0);
			id = look(again, due + late[i]);
		}
		assert_int_not_equal(id, 0);
		take(store, id, due + late[i]);
		end(store, id, EXIT_OK, due + late[i]);
		most = late[i] > most ? late[i] : most;
	}
	assert_true(most > 60); /* some are */
	struct schedule often = plain("visa-cal/often", "*/5 * * * *");
	often.jitter_s = 900;
	added(store, &often, due - HOUR);
	assert_int_not_equal(look(store, due - 55 * MINUTE + 30), 0); /* a tenth of the time between two at most */
}

static void what_is_no_schedule_is_not_added(void **state)
{
	AUTO(store) struct store *store = opened();
	struct schedule s = plain("visa-cal", "30 7 * *");
	int64_t id;

	(void)state;
	assert_fails(schedule_add(store, &s, 0, &id, &err), &err, ERR_INPUT);
	s = plain("visa-cal", "30 7 * * *");
	s.zone = "Asia/Tel_Aviw";
	assert_fails(schedule_add(store, &s, 0, &id, &err), &err, ERR_INPUT);
}

/* ---- a year ---- */

/* All processes of the year are ours; one that dies leaves its number to another, which has begun at another time. */
static void dies(struct store *store, int64_t due)
{
	assert_ok(store_do(store, "UPDATE due_runs SET pid_started = 1 WHERE id = ?", SQL(SQL_INT(due)), &err), &err);
}

enum {
	SCHEDULERS = 2, SCHEDULES = 3, DAYS = 366, RESTARTS = 50, JUMPS = 20, RUNNING_MAX = 8,
	BEGIN_S = 1798754400, /* 2027-01-01T00:00 in Jerusalem */
};

static const struct {
	const char *account, *cron;
	int hour, minute, jitter_s;
} daily[SCHEDULES] = {
	{ "visa-cal/jump", "30 2 * * *", 2, 30, 0 },  /* what 26 March leaves out */
	{ "visa-cal/twice", "30 1 * * *", 1, 30, 0 }, /* what 31 October has twice */
	{ "hotmart", "30 7 * * *", 7, 30, 900 },
};

static struct year {
	int64_t real, skew;       /* real time goes on; the clock shows both together */
	unsigned dice;
	struct store *stores[SCHEDULERS];
	bool is_up[SCHEDULERS];
	int64_t up_at[SCHEDULERS]; /* one that is down, in real time */
	struct { int64_t id, ends_at; int scheduler; } running[RUNNING_MAX];
	/* By schedule and day: when it is due, how often it began, whether it has a row in the model. */
	int64_t due[SCHEDULES][DAYS];
	int begun[SCHEDULES][DAYS];
	bool rowed[SCHEDULES][DAYS], in_peace[SCHEDULES][DAYS];
	int64_t next[SCHEDULES];
	int restarts, jumps, begins, killed_before, killed_during;
} year;

static int roll(int sides)
{
	year.dice = year.dice * 1103515245U + 12345U; /* the C standard's own example */
	return (int)(year.dice / 65536U % (unsigned)sides);
}

/* The model's due times are the C library's, but for the two days that it has no say in. */
static void make_year(void)
{
	setenv("TZ", "Asia/Jerusalem", 1);
	tzset();
	for (int s = 0; s < SCHEDULES; s++)
		for (int d = 0; d < DAYS; d++) {
			struct tm tm = { .tm_year = 127, .tm_mday = 1 + d, .tm_hour = daily[s].hour, .tm_min = daily[s].minute, .tm_isdst = -1 };
			year.due[s][d] = mktime(&tm);
		}
	unsetenv("TZ");
	tzset();
	year.due[0][84] = moment("2027-03-26T00:00Z");  /* right after the jump */
	year.due[1][303] = moment("2027-10-30T22:30Z"); /* the first time */
}

static int day_of(int schedule, int64_t due)
{
	for (int d = 0; d < DAYS; d++)
		if (year.due[schedule][d] == due)
			return d;
	fail_msg("schedule %d is not due at %lld", schedule, (long long)due);
	return -1;
}

/* What a look at NOW should make of it, if nothing is ever lost or done twice. */
static void model_look(int64_t now)
{
	for (int s = 0; s < SCHEDULES; s++) {
		int latest = -1;
		for (int d = 0; d < DAYS && year.due[s][d] <= now; d++)
			latest = d;
		if (year.next[s] <= now && latest >= 0 && year.due[s][latest] >= year.next[s])
			year.rowed[s][latest] = true;
		year.next[s] = INT64_MAX;
		for (int d = 0; d < DAYS && year.next[s] == INT64_MAX; d++)
			if (year.due[s][d] > now && !year.rowed[s][d])
				year.next[s] = year.due[s][d];
	}
}

static void begin_run(int scheduler, const struct due *due, int64_t now)
{
	struct store *store = year.stores[scheduler];

	for (int i = 0; i < RUNNING_MAX; i++) {
		if (year.running[i].id)
			continue;
		take(store, due->id, now);
		year.running[i].id = due->id;
		year.running[i].scheduler = scheduler;
		year.running[i].ends_at = year.real + (1 + roll(20)) * MINUTE;
		const int s = (int)number(store, "SELECT schedule FROM due_runs WHERE id = ?", due->id) - 1;
		year.begun[s][day_of(s, number(store, "SELECT due_at FROM due_runs WHERE id = ?", due->id))]++;
		year.begins++;
		return;
	}
	fail_msg("too many run");
}

/* It goes down, and what it started with it; for so long. */
static void goes_down(int scheduler, int64_t for_s)
{
	year.is_up[scheduler] = false;
	year.up_at[scheduler] = year.real + for_s;
	year.restarts++;
	for (int i = 0; i < RUNNING_MAX; i++)
		if (year.running[i].id && year.running[i].scheduler == scheduler) {
			dies(year.stores[0], year.running[i].id);
			year.running[i].id = 0;
			year.killed_during++;
		}
}

static void scheduler_looks(int scheduler)
{
	const int64_t now = year.real + year.skew;
	struct due due[DUE_MAX];
	size_t count;

	model_look(now);
	assert_ok(schedule_look(year.stores[scheduler], schedule_self(), now, due, DUE_MAX, &count, &err), &err);
	const bool dies_now = count && year.restarts < RESTARTS && roll(12) == 0; /* before what it claimed has begun */
	for (size_t i = 0; i < count; i++) {
		if (dies_now)
			dies(year.stores[scheduler], due[i].id);
		else
			begin_run(scheduler, &due[i], now);
		due_clear(&due[i]);
	}
	if (dies_now) {
		year.killed_before++;
		goes_down(scheduler, (1 + roll(18)) * HOUR);
	}
}

static void runs_end(void)
{
	for (int i = 0; i < RUNNING_MAX; i++)
		if (year.running[i].id && year.running[i].ends_at <= year.real) {
			end(year.stores[0], year.running[i].id, EXIT_OK, year.real + year.skew);
			year.running[i].id = 0;
		}
}

/* To the next moment when something happens: a due run, the end of one, a scheduler that comes up; half a day at most. */
static void time_goes_on(void)
{
	int64_t next = year.real + 12 * HOUR;
	const int64_t wake = schedule_wake(year.stores[0]);

	if (wake != INT64_MAX && wake - year.skew < next && (year.is_up[0] || year.is_up[1]))
		next = wake - year.skew;
	for (int i = 0; i < RUNNING_MAX; i++)
		if (year.running[i].id && year.running[i].ends_at < next)
			next = year.running[i].ends_at;
	for (int i = 0; i < SCHEDULERS; i++)
		if (!year.is_up[i] && year.up_at[i] < next)
			next = year.up_at[i];
	const int64_t before = year.real + year.skew;
	year.real = next > year.real ? next : year.real + MINUTE;
	/* What the clock comes to while somebody looks and nothing jumps has to be started. */
	for (int s = 0; s < SCHEDULES; s++)
		for (int d = 0; d < DAYS; d++)
			if (year.due[s][d] > before && year.due[s][d] <= year.real + year.skew && (year.is_up[0] || year.is_up[1]))
				year.in_peace[s][d] = true;
}

static void chance(void)
{
	static const int64_t jumps[] = { HOUR, -HOUR, DAY, -DAY, 3 * DAY, -3 * DAY, 90 * MINUTE, -25 * HOUR, 7 * DAY, -7 * DAY };

	const int which = roll(SCHEDULERS);
	if (year.restarts < RESTARTS && year.is_up[which] && roll(16) == 0)
		goes_down(which, roll(3) ? (1 + roll(120)) * MINUTE : (1 + roll(60)) * HOUR);
	if (year.jumps < JUMPS && roll(40) == 0) {
		/* Each forward jump is taken back by the next, so that the year is one. */
		year.skew += jumps[year.jumps % 10];
		year.jumps++;
	}
}

static void a_year_of_restarts_jumps_and_summer_time(void **state)
{
	(void)state;
	memset(&year, 0, sizeof year);
	year.dice = 20270326;
	year.real = BEGIN_S;
	make_year();
	for (int i = 0; i < SCHEDULERS; i++) {
		year.stores[i] = opened();
		/* No machine loses its power here, and a disk would take ten times as long. */
		assert_ok(store_do(year.stores[i], "PRAGMA synchronous = OFF", NULL, &err), &err);
		year.up_at[i] = year.real;
	}
	for (int s = 0; s < SCHEDULES; s++) {
		struct schedule one = plain(daily[s].account, daily[s].cron);
		one.jitter_s = daily[s].jitter_s;
		assert_int_equal(added(year.stores[0], &one, year.real), s + 1);
		year.next[s] = year.due[s][0];
	}
	while (year.real + year.skew < year.due[2][DAYS - 2]) {
		for (int i = 0; i < SCHEDULERS; i++)
			year.is_up[i] = year.is_up[i] || year.up_at[i] <= year.real;
		runs_end();
		for (int i = 0; i < SCHEDULERS; i++) /* both at the same time */
			if (year.is_up[i])
				scheduler_looks(i);
		chance();
		time_goes_on();
	}

	int due = 0, once = 0, gave_way = 0, missed = 0;
	for (int s = 0; s < SCHEDULES; s++)
		for (int d = 0; d < DAYS - 2; d++) {
			const int64_t skipped = number(year.stores[0], "SELECT count(*) FROM due_runs WHERE status = 'skipped' AND due_at = ?",
				year.due[s][d]);
			due++;
			if (year.begun[s][d] > 1)
				fail_msg("schedule %d, day %d: begun %d times", s, d, year.begun[s][d]);
			if (year.begun[s][d] && !year.rowed[s][d])
				fail_msg("schedule %d, day %d: begun, and not due", s, d);
			if (year.rowed[s][d] && !year.begun[s][d] && !skipped)
				fail_msg("schedule %d, day %d: due, and never begun", s, d);
			if (year.in_peace[s][d] && !year.begun[s][d] && !skipped)
				fail_msg("schedule %d, day %d: the clock came to it while somebody looked, and it was never begun", s, d);
			once += year.begun[s][d];
			gave_way += !year.begun[s][d] && year.rowed[s][d];
			missed += !year.rowed[s][d];
		}
	print_message("%d due times: %d begun once, %d of those that were missed have one that stands for them, %d gave way to the"
		" next or met one that ran; %d restarts (%d between claim and begin, %d runs killed), %d jumps\n", due, once,
		missed, gave_way, year.restarts, year.killed_before, year.killed_during, year.jumps);
	assert_int_equal(year.restarts, RESTARTS);
	assert_int_equal(year.jumps, JUMPS);
	assert_true(year.killed_before >= 5 && gave_way <= 5);
	assert_true(year.begun[0][84] == 1 && year.begun[1][303] == 1); /* the two days of the change */
	for (int i = 0; i < SCHEDULERS; i++)
		store_free(year.stores[i]);
}

/* ---- two at once ---- */

/* A scheduler of its own process: what it claims it also takes and ends.  How many it could take, as its exit code. */
static void race(int64_t now)
{
	struct store *store = store_open(NULL);
	struct due due[4];
	size_t count;
	int taken = 0, idle = 0;

	while (store && idle < 3) {
		if (!schedule_look(store, schedule_self(), now, due, 4, &count, NULL))
			_exit(255);
		idle = count ? 0 : idle + 1;
		for (size_t i = 0; i < count; i++) {
			taken += schedule_take(store, due[i].id, schedule_self(), now, NULL);
			(void)schedule_end(store, due[i].id, 0, EXIT_OK, NULL, now, NULL);
			due_clear(&due[i]);
		}
	}
	_exit(store ? taken : 255);
}

static void two_schedulers_start_each_of_two_hundred_once(void **state)
{
	enum { ACCOUNTS = 200 };
	AUTO(store) struct store *store = opened();
	const int64_t now = moment("2027-01-10T05:00Z");
	pid_t pids[2];
	int sum = 0, status;

	(void)state;
	assert_ok(store_begin(store, &err), &err);
	for (int i = 0; i < ACCOUNTS; i++) {
		AUTO(text) char *account = xasprintf("visa-cal/a%d", i);
		const struct schedule s = plain(account, "30 7 * * *");
		added(store, &s, now);
	}
	assert_ok(store_commit(store, &err), &err);
	for (int i = 0; i < 2; i++)
		if ((pids[i] = fork()) == 0)
			race(now + 30 * MINUTE);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
		sum += WEXITSTATUS(status);
	}
	assert_int_equal(sum, ACCOUNTS);
	assert_int_equal(number(store, "SELECT count(*) FROM due_runs WHERE status = 'done' AND attempts = ?", 1), ACCOUNTS);
}

#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, home_begin, home_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_HOME(is_started_when_it_is_due_and_not_before),
		AT_HOME(what_passes_alone_is_tried_again),
		AT_HOME(tries_again_later_each_time_and_so_often_at_most),
		AT_HOME(no_code_is_asked_for_in_quiet_hours),
		AT_HOME(one_that_goes_on_keeps_the_next_from_starting),
		AT_HOME(one_that_never_begins_is_given_up),
		AT_HOME(one_that_nobody_took_gives_way_to_the_next),
		AT_HOME(what_was_missed_is_caught_up_with_once),
		AT_HOME(a_clock_that_was_wrong_neither_stops_nor_repeats_it),
		AT_HOME(what_is_paused_waits_and_catches_nothing_up),
		AT_HOME(a_start_is_late_by_the_same_for_everybody),
		AT_HOME(what_is_no_schedule_is_not_added),
		AT_HOME(a_year_of_restarts_jumps_and_summer_time),
		AT_HOME(two_schedulers_start_each_of_two_hundred_once),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
