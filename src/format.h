/* What a run prints: its record for people and programs. */
#ifndef SRC_FORMAT_H
#define SRC_FORMAT_H

#include "cdp/base/buf.h"
#include "scrapers/record.h"

#include <stdbool.h>

struct error;

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_IBS };

/* -1: no such format. */
int format_find(const char *name);

struct report {
	const char *site;
	const struct collection *collection;
	const struct error *failure; /* NULL: success, perhaps a partial one */
};

/* Appends the whole document.  Times are those of Asia/Jerusalem, where the sites with money are. */
void format_report(enum format format, const struct report *report, struct buf *out);

/* Words of the formats: "-12.30"; a field of CSV; text of a site on a terminal. */
void format_minor(struct buf *out, int64_t minor);
void format_csv_text(struct buf *out, const char *text);
void format_shown(struct buf *out, const char *text);

#endif
