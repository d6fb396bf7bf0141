/* Schedules in cron's language: five fields (minute, hour, day of month, month, day of week) with numbers, names (JAN, MON),
 * ranges, lists and steps, or @hourly, @daily (@midnight), @weekly, @monthly, @yearly (@annually); and when they are due.
 *
 * As Debian's cron (crontab(5), cron(8)) has it:
 *  - when neither day begins with '*', one that matches is enough; else both must;
 *  - a schedule whose minute or hour begins with '*' follows the clock: it is due whenever the clock shows its time, twice
 *    in an hour that comes twice, never in one that is left out;
 *  - any other is due at fixed times: those that the clock jumps over are due once, right after the jump, and those in an
 *    hour that comes twice are due the first time;
 *  - clocks that are changed by three hours or more are taken as they are.
 * There are no seconds, no @reboot, and no ranges that go backwards. */
#ifndef SRC_CRON_H
#define SRC_CRON_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct zone;

enum { CRON_DAILY_SIZE = 32 };

struct cron {
	uint64_t minutes;
	uint32_t hours, days, months, weekdays; /* bits; Sunday is 0 */
	bool any_day, any_weekday;              /* the field begins with '*' */
	bool follows;                           /* the clock: see above */
};

/* ERR_INPUT with a sentence that names the field.  One that never comes, like February 30th, is refused. */
bool cron_read(const char *text, struct cron *out, struct error *err);

/* "07:30": every day then. */
bool cron_read_daily(const char *text, char out[CRON_DAILY_SIZE], struct error *err);

/* The first moment after AFTER (seconds since 1970) when it is due on the clocks of ZONE; false: not in the next 40 years. */
bool cron_next(const struct cron *cron, const struct zone *zone, int64_t after, int64_t *next);

#endif
