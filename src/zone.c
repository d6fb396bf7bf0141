#include "src/zone.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_SIZE_MAX = 1 << 20,   /* the largest is 4 KB */
	CHANGES_MAX = 4096,        /* the most there are is 240 */
	TYPES_MAX = 256,           /* an index is a byte */
	HEADER = 44,
	TIME_MAX = 167,            /* hours, or minutes: RFC 8536 §3.3.1 */
	DAY_S = 86400,
	NEAR_S = 26 * 3600,        /* further than any clock is from UTC: changes around a local time are within it */
};

/* A rule's moment in a year, "M3.4.4/26": the fourth Thursday of March at 26:00. */
struct rule_date {
	char kind;          /* 'M'; 'J': day 1 to 365, never February 29th; 'D': day 0 to 365 */
	int month, week, day;
	int64_t time_s;     /* on the clock that holds until then */
};

/* What holds after the last change: "IST-2IDT,M3.4.4/26,M10.5.0". */
struct rule {
	bool is_there, changes;
	int64_t standard_s, summer_s; /* east of UTC */
	struct rule_date starts, ends;
};

struct zone {
	char name[ZONE_NAME_MAX];
	int64_t *at;         /* when clocks change … */
	unsigned char *to;   /* … and to which of the offsets */
	size_t count;
	int64_t offsets[TYPES_MAX];
	int64_t first_s;     /* before all changes */
	struct rule rule;
};

/* ---- calendars ---- */

/* https://howardhinnant.github.io/date_algorithms.html, days_from_civil and civil_from_days. */
int64_t zone_day(int year, int month, int day)
{
	const int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	const int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct value_time zone_date(int64_t day)
{
	const int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	const int64_t shown = month < 10 ? month + 3 : month - 9;

	return (struct value_time){ .year = (int)(year + era * 400 + (shown <= 2)), .month = (int)shown,
		.day = (int)(of_year - (153 * month + 2) / 5 + 1) };
}

static int64_t floor_day(int64_t seconds)
{
	return seconds >= 0 ? seconds / DAY_S : -((DAY_S - 1 - seconds) / DAY_S);
}

/* ---- the rule at a file's end ---- */

/* A number of "26", or with minutes and seconds, "2:30:15", signed. */
static bool read_time(const char **text, int64_t *seconds)
{
	const char *p = *text;
	const int sign = *p == '-' ? -1 : 1;
	int64_t unit = 3600, sum = 0;

	p += *p == '-' || *p == '+';
	if (!isdigit((unsigned char)*p))
		return false;
	for (; unit && isdigit((unsigned char)*p); unit /= 60) {
		char *end;
		const long value = strtol(p, &end, 10);
		if (value > TIME_MAX)
			return false;
		sum += value * unit;
		p = end;
		if (*p != ':')
			break;
		p++;
	}
	*seconds = sign * sum;
	*text = p;
	return true;
}

/* "IST", or "<+03>". */
static bool skip_name(const char **text)
{
	const char *p = *text;

	if (*p == '<') {
		p = strchr(p, '>');
		*text = p ? p + 1 : *text;
		return p != NULL;
	}
	while (isalpha((unsigned char)*p))
		p++;
	const bool ok = p > *text;
	*text = p;
	return ok;
}

static bool read_rule_date(const char **text, struct rule_date *out)
{
	const char *p = *text;
	int used = 0;

	*out = (struct rule_date){ .time_s = 7200 };
	if (*p++ != ',')
		return false;
	if (sscanf(p, "M%d.%d.%d%n", &out->month, &out->week, &out->day, &used) == 3 && used)
		out->kind = 'M';
	else if (sscanf(p, "J%d%n", &out->day, &used) == 1 && used)
		out->kind = 'J';
	else if (isdigit((unsigned char)*p) && sscanf(p, "%d%n", &out->day, &used) == 1 && used)
		out->kind = 'D';
	else
		return false;
	p += used;
	if (out->day < 0 || out->day > 366 || (out->kind == 'J' && !out->day))
		return false;
	if (out->kind == 'M' && (out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5 || out->day < 0 || out->day > 6))
		return false;
	if (*p == '/') {
		p++;
		if (!read_time(&p, &out->time_s))
			return false;
	}
	*text = p;
	return true;
}

static bool read_rule(const char *text, struct rule *out)
{
	int64_t west;

	*out = (struct rule){ .is_there = true };
	if (!skip_name(&text) || !read_time(&text, &west))
		return false;
	out->standard_s = -west;
	out->summer_s = out->standard_s + 3600;
	if (!*text)
		return true;
	out->changes = skip_name(&text);
	if (out->changes && *text && *text != ',') {
		if (!read_time(&text, &west))
			return false;
		out->summer_s = -west;
	}
	return out->changes && read_rule_date(&text, &out->starts) && read_rule_date(&text, &out->ends) && !*text;
}

/* The moment of DATE in YEAR, as the clock shows it that holds until then. */
static int64_t rule_local(const struct rule_date *date, int year)
{
	int64_t day = zone_day(year, 1, 1);
	const bool leap = zone_day(year, 3, 1) - zone_day(year, 2, 28) == 2;

	if (date->kind == 'J') {
		day += date->day - 1 + (leap && date->day >= 60);
	} else if (date->kind == 'D') {
		day += date->day;
	} else {
		const int64_t first = zone_day(year, date->month, 1);
		const int64_t next = date->month == 12 ? zone_day(year + 1, 1, 1) : zone_day(year, date->month + 1, 1);
		const int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
		day = first + (date->day - weekday + 7) % 7 + 7 * ((int64_t)date->week - 1);
		while (day >= next)
			day -= 7;
	}
	return day * DAY_S + date->time_s;
}

static int64_t rule_offset(const struct rule *rule, int64_t at)
{
	if (!rule->changes)
		return rule->standard_s;
	const int year = zone_date(floor_day(at + rule->standard_s)).year;
	const int64_t starts = rule_local(&rule->starts, year) - rule->standard_s;
	const int64_t ends = rule_local(&rule->ends, year) - rule->summer_s;
	const bool summer = starts < ends ? at >= starts && at < ends : at >= starts || at < ends; /* or the southern half */

	return summer ? rule->summer_s : rule->standard_s;
}

/* ---- the file ---- */

static int64_t number(const char *bytes, size_t size)
{
	uint64_t value = (unsigned char)*bytes & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return (int64_t)value;
}

/* The six counts of a header, in its order. */
enum { UT_COUNT, STD_COUNT, LEAP_COUNT, TIME_COUNT, TYPE_COUNT, CHAR_COUNT, COUNTS };

static bool read_header(const char *at, size_t left, size_t counts[COUNTS])
{
	if (left < HEADER || memcmp(at, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < COUNTS; i++) {
		counts[i] = (size_t)number(at + 20 + 4 * i, 4);
		if (counts[i] > FILE_SIZE_MAX)
			return false;
	}
	return true;
}

static size_t block_size(const size_t counts[COUNTS], size_t moment)
{
	return counts[TIME_COUNT] * (moment + 1) + counts[TYPE_COUNT] * 6 + counts[CHAR_COUNT] + counts[LEAP_COUNT] * (moment + 4)
		+ counts[STD_COUNT] + counts[UT_COUNT];
}

/* The second block, which has moments of eight bytes, and what comes after it; files of version 1 are refused, since
 * nobody has made one in twenty years. */
static bool read_file(struct zone *zone, const char *bytes, size_t size)
{
	size_t counts[COUNTS], skip;
	const char *at = bytes, *const end = bytes + size;

	if (!read_header(at, size, counts) || at[4] < '2')
		return false;
	skip = HEADER + block_size(counts, 4);
	if (skip > size || !read_header(at + skip, size - skip, counts))
		return false;
	at += skip + HEADER;
	if (block_size(counts, 8) > (size_t)(end - at) || counts[TIME_COUNT] > CHANGES_MAX || !counts[TYPE_COUNT]
			|| counts[TYPE_COUNT] > TYPES_MAX)
		return false;
	zone->count = counts[TIME_COUNT];
	zone->at = xcalloc(zone->count + 1, sizeof *zone->at);
	zone->to = xcalloc(zone->count + 1, 1);
	for (size_t i = 0; i < zone->count; i++) {
		zone->at[i] = number(at + 8 * i, 8);
		zone->to[i] = (unsigned char)at[8 * zone->count + i];
		if (zone->to[i] >= counts[TYPE_COUNT] || (i && zone->at[i] <= zone->at[i - 1]))
			return false;
	}
	const char *types = at + 9 * zone->count;
	for (size_t i = 0; i < counts[TYPE_COUNT]; i++) {
		zone->offsets[i] = number(types + 6 * i, 4);
		if (zone->offsets[i] < -NEAR_S || zone->offsets[i] > NEAR_S)
			return false;
	}
	zone->first_s = zone->offsets[0];
	at += block_size(counts, 8);
	if (end - at < 2 || *at != '\n' || end[-1] != '\n')
		return true; /* there is no rule: the last offset holds */
	AUTO(text) char *rule = xstrndup(at + 1, (size_t)(end - at - 2));
	return !*rule || read_rule(rule, &zone->rule);
}

struct zone *zone_read(const char *name, const char *bytes, size_t size)
{
	struct zone *zone = xcalloc(1, sizeof *zone);

	(void)snprintf(zone->name, sizeof zone->name, "%s", name);
	if (read_file(zone, bytes, size))
		return zone;
	zone_free(zone);
	return NULL;
}

/* Names are relative and stay below the folder. */
static bool is_name(const char *name)
{
	if (!isalpha((unsigned char)*name) || strlen(name) >= ZONE_NAME_MAX || strstr(name, "//"))
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_+-/", *p))
			return false;
	return true;
}

struct zone *zone_open(const char *name, struct error *err)
{
	const char *folder = getenv("TZDIR");
	AUTO(text) char *path = xasprintf("%s/%s", folder && *folder == '/' ? folder : "/usr/share/zoneinfo", name);
	AUTO(buf) struct buf file = { .size_max = FILE_SIZE_MAX };
	AUTO(file) FILE *f = is_name(name) ? fopen(path, "re") : NULL;
	char chunk[4096];

	if (!f && (!is_name(name) || errno == ENOENT))
		return fail(err, ERR_INPUT, "there is no time zone \"%s\"; they are called like Asia/Jerusalem or UTC%s", name,
			is_name(name) ? ", and are in the package tzdata" : ""), NULL;
	if (!f)
		return fail_system(err, "reading %s", path), NULL;
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		(void)buf_append(&file, chunk, n); /* one that is too long is none */
	struct zone *zone = file.size && !file.full ? zone_read(name, file.data, file.size) : NULL;
	if (!zone)
		fail(err, ERR_INPUT, "%s is no time zone", path);
	return zone;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->at);
	free(zone->to);
	free(zone);
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* ---- clocks ---- */

int64_t zone_offset(const struct zone *zone, int64_t at)
{
	size_t low = 0, high = zone->count; /* the first change after AT */

	while (low < high) {
		const size_t middle = (low + high) / 2;
		if (zone->at[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->count && zone->rule.is_there)
		return rule_offset(&zone->rule, at);
	return low ? zone->offsets[zone->to[low - 1]] : zone->first_s;
}

struct value_time zone_clock(const struct zone *zone, int64_t at)
{
	const int64_t local = at + zone_offset(zone, at), day = floor_day(local), second = local - day * DAY_S;
	struct value_time t = zone_date(day);

	t.hour = (int)(second / 3600);
	t.minute = (int)(second / 60 % 60);
	t.second = (int)(second % 60);
	return t;
}

int zone_moments(const struct zone *zone, int64_t local, int64_t out[2], int64_t *jump, int64_t *size_s)
{
	const int64_t before = zone_offset(zone, local - NEAR_S), after = zone_offset(zone, local + NEAR_S);
	int count = 0;

	*size_s = after > before ? after - before : before - after;
	if (zone_offset(zone, local - before) == before)
		out[count++] = local - before;
	if (after != before && zone_offset(zone, local - after) == after)
		out[count++] = local - after;
	if (count)
		return count;
	/* Before the change with the new offset, after it with the old one: it lies between. */
	int64_t low = local - after, high = local - before;
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;
		if (zone_offset(zone, middle) == before)
			low = middle + 1;
		else
			high = middle;
	}
	*jump = low;
	return 0;
}

void zone_default(char out[ZONE_NAME_MAX])
{
	static const char folder[] = "zoneinfo/";
	const char *tz = getenv("TZ");
	char text[512] = "";
	AUTO(file) FILE *f = fopen("/etc/timezone", "re");

	(void)snprintf(out, ZONE_NAME_MAX, "UTC");
	if (tz && is_name(tz + (*tz == ':'))) {
		(void)snprintf(out, ZONE_NAME_MAX, "%s", tz + (*tz == ':'));
		return;
	}
	if (f && fgets(text, sizeof text, f))
		text[strcspn(text, " \r\n")] = '\0';
	if (!is_name(text)) {
		const ssize_t size = readlink("/etc/localtime", text, sizeof text - 1);
		text[size > 0 ? size : 0] = '\0';
		const char *at = strstr(text, folder);
		memmove(text, at ? at + sizeof folder - 1 : "", at ? strlen(at + sizeof folder - 1) + 1 : 1);
	}
	if (is_name(text))
		memcpy(out, text, strlen(text) + 1); /* a name fits */
}
