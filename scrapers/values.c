#include "scrapers/values.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MONEY_MAX = 1000000000 };

bool value_minor(double amount, int64_t *minor)
{
	if (!isfinite(amount) || fabs(amount) > MONEY_MAX)
		return false;
	*minor = (int64_t)llround(amount * 100);
	return true;
}

/* Longer ones before those that they end with. */
static const char *const symbols[][2] = {
	{ "MX$", "MXN" }, { "COP", "COP" }, { "R$", "BRL" }, { "₪", "ILS" }, { "ש\"ח", "ILS" }, { "NIS", "ILS" }, { "€", "EUR" },
	{ "£", "GBP" }, { "¥", "JPY" }, { "$", "USD" }, { "BRL", "BRL" }, { "USD", "USD" }, { "EUR", "EUR" }, { "ILS", "ILS" },
};

const char *value_currency(const char *symbol)
{
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (!strcmp(symbol, symbols[i][0]))
			return symbols[i][1];
	return symbol;
}

char *value_line(const char *text)
{
	struct buf line = { 0 };

	for (const char *p = text ? text : ""; *p; p++) {
		if (!isspace((unsigned char)*p))
			buf_putc(&line, *p);
		else if (line.size && line.data[line.size - 1] != ' ')
			buf_putc(&line, ' ');
	}
	if (line.size && line.data[line.size - 1] == ' ')
		line.data[--line.size] = '\0';
	if (line.size)
		return buf_take(&line);
	buf_clear(&line);
	return NULL;
}

bool value_number(const char *text, double *out)
{
	const char *first = text ? strpbrk(text, "0123456789") : NULL;
	char plain[32];
	size_t size = 0;

	if (!first)
		return false;
	const size_t run = strspn(first, "0123456789.,");
	const char *mark = NULL; /* the last '.' or ',' that digits follow */
	for (size_t i = 0; i + 1 < run; i++)
		if (!isdigit((unsigned char)first[i]))
			mark = first + i;
	if (mark && strspn(mark + 1, "0123456789") == 3)
		mark = NULL; /* of thousands */
	for (size_t i = 0; i < run && size < sizeof plain - 1; i++)
		if (isdigit((unsigned char)first[i]) || first + i == mark)
			plain[size++] = first + i == mark ? '.' : first[i];
	plain[size] = '\0';
	*out = strtod(plain, NULL) * (first > text && first[-1] == '-' ? -1 : 1);
	return true;
}

bool value_money(const char *text, int64_t *minor, char **currency)
{
	double amount;

	for (size_t i = 0; text && i < sizeof symbols / sizeof *symbols; i++) {
		if (!strstr(text, symbols[i][0]))
			continue;
		if (!value_number(text, &amount) || !value_minor(amount, minor))
			return false;
		*currency = xstrdup(symbols[i][1]);
		return true;
	}
	return false;
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool value_time(const char *text, struct value_time *out)
{
	struct value_time t = { 0 };
	int end = 0;

	if (!text || sscanf(text, "%4d-%2d-%2d%n", &t.year, &t.month, &t.day, &end) != 3 || end != 10)
		return false;
	if (text[end] && (text[end] != 'T' && text[end] != ' '))
		return false;
	if (text[end] && sscanf(text + end + 1, "%2d:%2d:%2d", &t.hour, &t.minute, &t.second) < 2)
		return false;
	if (t.year < 1900 || t.month < 1 || t.month > 12 || t.day < 1 || t.day > month_days(t.year, t.month)
			|| t.hour < 0 || t.hour > 23 || t.minute < 0 || t.minute > 59 || t.second < 0 || t.second > 60)
		return false;
	*out = t;
	return true;
}

struct value_time value_add_months(struct value_time t, int months)
{
	const int count = t.year * 12 + t.month - 1 + months;

	t.year = count / 12;
	t.month = count % 12 + 1;
	if (t.day > month_days(t.year, t.month))
		t.day = month_days(t.year, t.month);
	return t;
}

/* The C library knows one zone at a time; ours is put back by leave(). */
static char *enter(const char *zone)
{
	char *before = getenv("TZ") ? xstrdup(getenv("TZ")) : NULL;

	setenv("TZ", zone, 1);
	tzset();
	return before;
}

static void leave(char *before)
{
	if (before)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(before);
}

int64_t value_instant(struct value_time t, const char *zone)
{
	struct tm tm = { .tm_year = t.year - 1900, .tm_mon = t.month - 1, .tm_mday = t.day, .tm_hour = t.hour,
		.tm_min = t.minute, .tm_sec = t.second, .tm_isdst = -1 };
	char *before = enter(zone);
	const time_t at = mktime(&tm);

	leave(before);
	return at;
}

struct value_time value_now(const char *zone)
{
	const time_t now = time(NULL);
	char *before = enter(zone);
	struct tm tm;

	(void)localtime_r(&now, &tm);
	leave(before);
	return (struct value_time){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
}

void value_date_text(struct value_time t, char out[16])
{
	(void)snprintf(out, 16, "%04u-%02u-%02u", (unsigned)t.year % 10000U, (unsigned)t.month % 100U, (unsigned)t.day % 100U);
}

void value_instant_text(int64_t instant, char out[32])
{
	const time_t at = instant;
	struct tm tm;

	(void)gmtime_r(&at, &tm);
	(void)strftime(out, 32, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
}
