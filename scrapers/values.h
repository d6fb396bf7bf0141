/* Money and dates as sites write them. */
#ifndef SCRAPERS_VALUES_H
#define SCRAPERS_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* AMOUNT in hundredths, rounded to the nearest.  False when it is no number that money can be. */
bool value_minor(double amount, int64_t *minor);

/* ISO 4217 for a currency's symbol or code; what is not known stays as it is. */
const char *value_currency(const char *symbol);

/* TEXT without white space at its ends, and one space wherever it has more, as pages show it; owned by the
 * caller.  NULL: there is nothing in it. */
char *value_line(const char *text);

/* The first number of a text that a page shows, whichever of '.' and ',' its language puts where: "(1,234)",
 * "4,7", "150°".  The last of them parts decimals unless three digits follow it. */
bool value_number(const char *text, double *out);

/* An amount with its currency ("R$ 1.234,50", "from $97"), in hundredths.  *CURRENCY is ISO 4217, owned by the
 * caller; false when either is missing. */
bool value_money(const char *text, int64_t *minor, char **currency);

/* A moment of a calendar, in no zone. */
struct value_time {
	int year, month, day, hour, minute, second;
};

/* Reads "2026-01-05T13:05:00", "2026-01-05 …" or "2026-01-05". */
bool value_time(const char *text, struct value_time *out);

/* Adds months; the day is cut down to the month's last. */
struct value_time value_add_months(struct value_time t, int months);

/* Seconds since 1970 of T as the clocks of ZONE (IANA) show it. */
int64_t value_instant(struct value_time t, const char *zone);

/* What the clocks of ZONE show now. */
struct value_time value_now(const char *zone);

/* "2026-01-05". */
void value_date_text(struct value_time t, char out[16]);

/* "2026-01-04T22:00:00.000Z". */
void value_instant_text(int64_t instant, char out[32]);

#endif
