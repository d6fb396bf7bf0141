/* How long and how many: in members, in headers and in sentences. */
#include "scrapers/answer_reading.h"

#include "scrapers/plain.h"
#include "scrapers/values.h"

#include <ctype.h>
#include <curl/curl.h>
#include <time.h>

enum { EPOCH_MIN = 1000000000 }; /* 2001: a smaller number is no moment of ours */

static int in_range(double seconds)
{
	return seconds >= 1 && seconds <= SECONDS_MAX ? (int)seconds : 0;
}

/* ---- moments ---- */

/* Seconds east of Greenwich that "+02:00", "-0530" or "Z" at the end of an ISO 8601 text says; nothing is UTC. */
static int zone_of(const char *text)
{
	const char *const t = strpbrk(text, "T ");
	const char *const sign = t ? strpbrk(t, "+-") : NULL;
	unsigned hours, minutes = 0;

	if (!sign || sscanf(sign + 1, "%2u%*1[:]%2u", &hours, &minutes) < 1)
		return 0;
	if (strlen(sign) == 5)
		(void)sscanf(sign + 3, "%2u", &minutes);
	return (int)(hours * 3600 + minutes * 60) * (*sign == '-' ? -1 : 1);
}

static int64_t moment_of(const char *value)
{
	struct value_time t;

	if (is_all_digits(value)) {
		const double number = strtod(value, NULL);
		return number < EPOCH_MIN ? 0 : (int64_t)(number < EPOCH_MIN * 100.0 ? number : number / 1000);
	}
	if (isdigit((unsigned char)*value)) {
		if (!value_time(value, &t) || strlen(value) <= 10)
			return 0;
		struct tm tm = { .tm_year = t.year - 1900, .tm_mon = t.month - 1, .tm_mday = t.day, .tm_hour = t.hour,
			.tm_min = t.minute, .tm_sec = t.second };
		return (int64_t)timegm(&tm) - zone_of(value);
	}
	/* RFC 9110 §5.6.7, all three ways. */
	return isalpha((unsigned char)*value) && strchr(value, ':') ? (int64_t)curl_getdate(value, NULL) : 0;
}

int seconds_until(const struct reading *r, const char *value)
{
	const int64_t moment = strlen(value) <= 64 ? moment_of(value) : 0;

	return r->now && moment > 0 ? in_range((double)(moment - r->now)) : 0;
}

/* ---- durations ---- */

static bool has_word(const char *text, const char *word)
{
	const size_t size = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at++)
		if ((at == text || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
	return false;
}

/* "4:59", "00:05:00"; *END is what comes after.  0: no such. */
static int clock_of(const char *text, const char **end)
{
	int parts[3], count = 0;
	char *stop;

	for (const char *at = text; count < 3 && isdigit((unsigned char)*at); at = stop + 1) {
		const long part = strtol(at, &stop, 10);
		if (part > 99 || (count && stop - at != 2) || (count && part > 59))
			return 0;
		parts[count++] = (int)part;
		*end = stop;
		if (*stop != ':')
			break;
	}
	if (count < 2 || **end == ':' || isdigit((unsigned char)**end))
		return 0;
	return in_range(count == 2 ? parts[0] * 60 + parts[1] : parts[0] * 3600 + parts[1] * 60 + parts[2]);
}

/* "PT5M30S" (ISO 8601, RFC 3339 appendix A). */
static int period_of(const char *text)
{
	double seconds = 0;
	char *stop;

	if (strncmp(text, "PT", 2) != 0)
		return 0;
	for (const char *at = text + 2; isdigit((unsigned char)*at); at = stop + 1) {
		const double number = strtod(at, &stop);
		const char unit = *stop;
		if (unit != 'H' && unit != 'M' && unit != 'S')
			return 0;
		seconds += number * (unit == 'H' ? 3600 : unit == 'M' ? 60 : 1);
	}
	return in_range(seconds);
}

static int number_of(const struct said *name, double number)
{
	if (has_word(name->plain, "minutes") || has_word(name->plain, "min") || has_word(name->plain, "mins"))
		number *= 60;
	else if (has_word(name->plain, "hours"))
		number *= 3600;
	else if (has_word(name->plain, "ms") || strstr(name->plain, "milli") || number > SECONDS_MAX)
		number /= 1000;
	else if (number >= 60000 && number < SECONDS_MAX)
		number /= 1000; /* a minute of milliseconds; a day of seconds is a day */
	return in_range(number);
}

int seconds_of(const struct reading *r, const struct said *name, const char *value)
{
	char *end;
	const char *stop;
	const double number = isdigit((unsigned char)*value) ? strtod(value, &end) : 0;

	if (number >= EPOCH_MIN && !*end)
		return seconds_until(r, value);
	if (number > 0 && (!*end || !strcmp(end, "s") || !strcmp(end, "sec")))
		return number_of(name, number);
	if (strlen(value) > 64)
		return 0;
	if (clock_of(value, &stop) && !*stop)
		return clock_of(value, &stop);
	if (period_of(value))
		return period_of(value);
	if (moment_of(value))
		return seconds_until(r, value);
	AUTO(said) struct said said = said_in(r, value, strlen(value));
	return seconds_said(r, &said);
}

/* ---- sentences ---- */

static const struct {
	enum word_list list;
	int seconds;
} units[] = { { LIST_HOURS, 3600 }, { LIST_MINUTES, 60 }, { LIST_SECONDS, 1 } };

/* The seconds of one of the unit whose name comes next: after a blank, a dash, a number again in letters. */
static int unit_at(const struct reading *r, const char *plain, const char *at)
{
	const char *const closed = !strncmp(at, " (", 2) ? strchr(at, ')') : NULL;

	at = closed ? closed + 1 : at;
	at += *at == ' ' || *at == '-';
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (phrase_begins(r->book, (int)units[i].list, plain, at))
			return units[i].seconds;
	return 0;
}

/* "until 14:30" is no duration. */
static bool is_time_of_day(const struct reading *r, const struct said *said, const char *from, const char *end)
{
	for (const struct phrase_hit *hit = NULL; (hit = phrase_next(&said->hits, LIST_UNTIL, hit));)
		if (said->plain + hit->end <= from && from - (said->plain + hit->end) <= 2)
			return true;
	return phrase_begins(r->book, LIST_UNTIL, said->plain, end + (*end == ' '));
}

int seconds_said(const struct reading *r, const struct said *said)
{
	static const int numbers[] = { 1, 2, 3, 5, 10, 15, 20, 30, 60 };
	const char *const plain = said->plain;
	const char *stop;

	for (const char *s = plain; (s = strpbrk(s, "0123456789")); s += strspn(s, "0123456789:")) {
		const int clock = clock_of(s, &stop);
		if (clock && (s == plain || s[-1] != ':') && !is_time_of_day(r, said, s, stop))
			return clock;
		const size_t size = strspn(s, "0123456789");
		const int unit = size <= 5 && (s == plain || !strchr(".,:*", s[-1])) ? unit_at(r, plain, s + size) : 0;
		if (unit && in_range(strtod(s, NULL) * unit))
			return in_range(strtod(s, NULL) * unit);
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		for (const struct phrase_hit *hit = NULL; (hit = phrase_next(&said->hits, LIST_NUMBERS + (int)i, hit));) {
			const int unit = unit_at(r, plain, plain + hit->end);
			if (unit && !(numbers[i] == 1 && unit == 1)) /* "a second code" */
				return in_range((double)numbers[i] * unit);
		}
	return says(said, LIST_TWO_MINUTES) ? 120 : 0;
}

static bool digits_follow(const struct reading *r, const char *plain, const char *at)
{
	return phrase_begins(r->book, LIST_DIGITS, plain, at)
		|| ((*at == ' ' || *at == '-') && phrase_begins(r->book, LIST_DIGITS, plain, at + 1));
}

int digits_said(const struct reading *r, const struct said *said)
{
	const char *const plain = said->plain;

	for (const char *s = plain; (s = strpbrk(s, "0123456789")); s += strspn(s, "0123456789")) {
		const size_t size = strspn(s, "0123456789");
		const int number = size <= 2 ? (int)strtol(s, NULL, 10) : 0;
		if (number >= 4 && number <= 10 && (s == plain || !strchr(".,:*", s[-1])) && digits_follow(r, plain, s + size))
			return number;
	}
	for (int i = 0; i <= LIST_EIGHT - LIST_FOUR; i++)
		for (const struct phrase_hit *hit = NULL; (hit = phrase_next(&said->hits, LIST_FOUR + i, hit));)
			if (digits_follow(r, plain, plain + hit->end))
				return 4 + i;
	return 0;
}
