#include "src/cron.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "src/zone.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	DAY_S = 86400,
	DAYS_MAX = 40 * 366,      /* February 29th on a given weekday comes each 28 years, and over 2100 each 40 */
	SMALL_JUMP_S = 3 * 3600,  /* larger ones are no summer time */
	TEXT_MAX = 256,
};

/* ---- fields ---- */

static const char *const month_names[] = { "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
	NULL };
static const char *const weekday_names[] = { "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL };

static const struct field {
	const char *title;
	int low, high;
	const char *const *names; /* the first is LOW; NULL: there are none */
} fields[] = {
	{ "minute", 0, 59, NULL },
	{ "hour", 0, 23, NULL },
	{ "day of the month", 1, 31, NULL },
	{ "month", 1, 12, month_names },
	{ "day of the week", 0, 7, weekday_names }, /* 7 is Sunday, too */
};
enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static bool read_value(const struct field *f, const char **text, int *out)
{
	const char *p = *text;

	for (int i = 0; f->names && f->names[i]; i++)
		if (!strncasecmp(p, f->names[i], 3) && !isalnum((unsigned char)p[3])) {
			*out = f->low + i;
			*text = p + 3;
			return true;
		}
	if (!isdigit((unsigned char)*p))
		return false;
	for (*out = 0; isdigit((unsigned char)*p) && *out < 1000; p++)
		*out = *out * 10 + (*p - '0');
	*text = p;
	return *out >= f->low && *out <= f->high;
}

/* "*", "*" "/5", "3", "1-5", "1-31/2". */
static bool read_part(const struct field *f, const char **text, uint64_t *bits)
{
	const char *p = *text;
	int low = f->low, high = f == &fields[WEEKDAY] ? 6 : f->high, step = 1;
	const bool star = *p == '*';
	bool range = star;

	if (star) {
		p++;
	} else {
		if (!read_value(f, &p, &low))
			return false;
		high = low;
		if (*p == '-') {
			p++;
			range = true;
			if (!read_value(f, &p, &high) || high < low)
				return false;
		}
	}
	if (*p == '/') {
		char *end;
		const long value = isdigit((unsigned char)p[1]) ? strtol(p + 1, &end, 10) : 0;
		if (!range || value < 1 || value > f->high)
			return false;
		step = (int)value;
		p = end;
	}
	for (int i = low; i <= high; i += step)
		*bits |= UINT64_C(1) << (f == &fields[WEEKDAY] ? i % 7 : i);
	*text = p;
	return true;
}

static bool read_field(const struct field *f, const char *text, uint64_t *bits)
{
	*bits = 0;
	for (;; text++) {
		if (!read_part(f, &text, bits))
			return false;
		if (*text != ',')
			return !*text;
	}
}

/* ---- whole lines ---- */

static const struct {
	const char *name, *means;
} shortcuts[] = {
	{ "@hourly", "0 * * * *" }, { "@daily", "0 0 * * *" }, { "@midnight", "0 0 * * *" }, { "@weekly", "0 0 * * 0" },
	{ "@monthly", "0 0 1 * *" }, { "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" },
};

/* Whether the calendar has such a day: of a month that is too short only the weekday can be meant. */
static bool can_come(const struct cron *c)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (!c->any_day && !c->any_weekday)
		return true;
	for (int month = 1; month <= 12; month++)
		for (int day = 1; day <= days[month - 1]; day++)
			if (c->months >> month & 1 && c->days >> day & 1)
				return true;
	return false;
}

static bool split(char *text, char *words[FIELDS + 1], size_t *count)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		if (*count == FIELDS + 1)
			return false;
		words[(*count)++] = word;
	}
	return *count == FIELDS;
}

bool cron_read(const char *text, struct cron *out, struct error *err)
{
	char copy[TEXT_MAX], *words[FIELDS + 1];
	uint64_t bits[FIELDS];
	size_t count = 0;

	for (size_t i = 0; *text == '@' && i < sizeof shortcuts / sizeof *shortcuts; i++)
		if (!strcasecmp(text, shortcuts[i].name))
			return cron_read(shortcuts[i].means, out, err);
	if (*text == '@')
		return fail(err, ERR_INPUT, "\"%.40s\": there are @hourly, @daily, @weekly, @monthly and @yearly", text);
	if (strlen(text) >= sizeof copy)
		return fail(err, ERR_INPUT, "a schedule has less than %d characters", TEXT_MAX);
	memcpy(copy, text, strlen(text) + 1);
	if (!split(copy, words, &count))
		return fail(err, ERR_INPUT, "\"%.80s\" has %s5 fields: minute, hour, day of the month, month and day of the week", text,
			count > FIELDS ? "more than " : "not ");
	for (size_t i = 0; i < FIELDS; i++)
		if (!read_field(&fields[i], words[i], &bits[i]))
			return fail(err, ERR_INPUT, "the %s \"%.40s\" is none: %d to %d%s, as in 5, 1-5, 1,3, */2 or 1-9/2", fields[i].title,
				words[i], fields[i].low, fields[i].high, fields[i].names ? " or its name" : "");
	*out = (struct cron){ .minutes = bits[MINUTE], .hours = (uint32_t)bits[HOUR], .days = (uint32_t)bits[DAY],
		.months = (uint32_t)bits[MONTH], .weekdays = (uint32_t)bits[WEEKDAY], .any_day = *words[DAY] == '*',
		.any_weekday = *words[WEEKDAY] == '*', .follows = *words[MINUTE] == '*' || *words[HOUR] == '*' };
	return can_come(out) || fail(err, ERR_INPUT, "\"%.80s\" never comes: no such month has that day", text);
}

bool cron_read_daily(const char *text, char out[CRON_DAILY_SIZE], struct error *err)
{
	int hour, minute, used = 0;

	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || !used || text[used] || !isdigit((unsigned char)*text)
			|| hour > 23 || minute < 0 || minute > 59)
		return fail(err, ERR_INPUT, "\"%.20s\" is no time of day like 07:30", text);
	(void)snprintf(out, CRON_DAILY_SIZE, "%d %d * * *", minute, hour);
	return true;
}

/* ---- when ---- */

static bool has_day(const struct cron *c, int64_t day)
{
	const struct value_time date = zone_date(day);
	const int weekday = (int)(((day + 4) % 7 + 7) % 7);
	const bool by_day = c->days >> date.day & 1, by_weekday = c->weekdays >> weekday & 1;

	if (!(c->months >> date.month & 1))
		return false;
	return c->any_day || c->any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

/* The first moment after AFTER when the clocks' time LOCAL counts; INT64_MAX: none. */
static int64_t moment_after(const struct cron *c, const struct zone *zone, int64_t local, int64_t after)
{
	int64_t moments[2], jump, size_s;
	const int count = zone_moments(zone, local, moments, &jump, &size_s);
	const bool follows = c->follows || size_s >= SMALL_JUMP_S;

	if (!count)
		return !follows && jump > after ? jump : INT64_MAX;
	for (int i = 0; i < (follows ? count : 1); i++)
		if (moments[i] > after)
			return moments[i];
	return INT64_MAX;
}

static int64_t first_of_day(const struct cron *c, const struct zone *zone, int64_t day, int64_t after)
{
	int64_t first = INT64_MAX;

	for (int hour = 0; hour < 24; hour++)
		for (int minute = 0; c->hours >> hour & 1 && minute < 60; minute++) {
			const int64_t local = day * DAY_S + hour * 3600 + minute * 60;
			if (!(c->minutes >> minute & 1))
				continue;
			const int64_t moment = moment_after(c, zone, local, after);
			first = moment < first ? moment : first;
		}
	return first;
}

bool cron_next(const struct cron *c, const struct zone *zone, int64_t after, int64_t *next)
{
	const int64_t local = after + zone_offset(zone, after), today = (local - (local % DAY_S + DAY_S) % DAY_S) / DAY_S;

	/* From the day before, since clocks that go back at midnight show its end again. */
	for (int64_t day = today - 1; day < today + DAYS_MAX; day++) {
		const int64_t first = has_day(c, day) ? first_of_day(c, zone, day, after) : INT64_MAX;
		if (first == INT64_MAX)
			continue;
		/* And for the same reason the day after may come first. */
		const int64_t second = has_day(c, day + 1) ? first_of_day(c, zone, day + 1, after) : INT64_MAX;
		*next = first < second ? first : second;
		return true;
	}
	return false;
}
