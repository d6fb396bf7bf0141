/* Time zones by their names in the IANA database, several at once: /usr/share/zoneinfo (or $TZDIR) as RFC 8536 (TZif) has
 * it, and after the last change that a file lists, the rule at its end (POSIX TZ, with RFC 8536 §3.3.1).
 *
 * The C library knows one zone at a time, and takes a name that it does not know for UTC: a schedule that is silently an
 * hour late, or in another part of the world, is worse than one that is refused. */
#ifndef SRC_ZONE_H
#define SRC_ZONE_H

#include "scrapers/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct zone;

enum { ZONE_NAME_MAX = 64 };

/* ERR_INPUT: there is no zone NAME.  ERR_SYSTEM: its file cannot be read. */
struct zone *zone_open(const char *name, struct error *err);
/* From a file's bytes; NULL: they are none. */
struct zone *zone_read(const char *name, const char *bytes, size_t size);
void zone_free(struct zone *zone);

static inline void auto_zone(struct zone **zone)
{
	zone_free(*zone);
}

const char *zone_name(const struct zone *zone);

/* Seconds east of UTC at the moment AT, seconds since 1970. */
int64_t zone_offset(const struct zone *zone, int64_t at);

/* What its clocks show at AT. */
struct value_time zone_clock(const struct zone *zone, int64_t at);

/* The moments at which its clocks show LOCAL, seconds since 1970 as if the clocks were UTC's: none in the hour that is left
 * out, two in the one that comes twice.  *JUMP, when there is none: the moment when the clocks jump over it.  *SIZE_S: by how
 * much they jump (forward or back) around LOCAL; 0: they do not. */
int zone_moments(const struct zone *zone, int64_t local, int64_t out[2], int64_t *jump, int64_t *size_s);

/* The machine's own: $TZ, /etc/timezone, what /etc/localtime is a link to, or "UTC". */
void zone_default(char out[ZONE_NAME_MAX]);

/* Calendars: days since 1970 of a date (proleptic Gregorian), and back; the hour and so on stay 0. */
int64_t zone_day(int year, int month, int day);
struct value_time zone_date(int64_t day);

#endif
