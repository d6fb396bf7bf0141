/* A collection for people and programs: what a run prints, and what is exported later. */
#ifndef SRC_FORMAT_H
#define SRC_FORMAT_H

#include "cdp/base/buf.h"
#include "scrapers/record.h"

#include <stdbool.h>

struct error;

enum format {
	FORMAT_TABLE, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_IBS, FORMAT_OFX, FORMAT_QIF, FORMAT_LEDGER, FORMAT_BEANCOUNT,
	FORMAT_MONEYMAN,
};

/* -1: no such format. */
int format_find(const char *name);

/* Whether it can tell of products, and not of accounts alone. */
bool format_has_products(enum format format);

/* The names of all, for a sentence. */
#define FORMAT_NAMES "table, json, ndjson, csv, ibs, ofx, qif, ledger, beancount and moneyman"

struct report {
	const char *site;
	const struct collection *collection;
	const struct error *failure; /* NULL: success, perhaps a partial one */
	bool bom;      /* csv begins with a byte order mark */
	bool ofx_sgml; /* ofx is 1.0.2, not 2.1.1 */
};

/* Appends the whole document.  Times are those of Asia/Jerusalem, where the sites with money are. */
void format_report(enum format format, const struct report *report, struct buf *out);

/* Words of the formats: "-12.30"; a field of CSV; text of a site on a terminal. */
void format_minor(struct buf *out, int64_t minor);
void format_csv_text(struct buf *out, const char *text);
void format_shown(struct buf *out, const char *text);

#endif
