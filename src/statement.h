/* A collection as those who keep books want it: statements, each of one account in one currency.
 *
 *	for (struct statement s = { 0 }; statement_next(collection, &s);)
 *		for (const struct transaction *t = NULL; (t = statement_row(&s, t));)
 *			… */
#ifndef SRC_STATEMENT_H
#define SRC_STATEMENT_H

#include "scrapers/record.h"

#include <stdbool.h>
#include <stddef.h>

struct statement {
	const struct account *account;
	const char *currency; /* ISO 4217; "XXX" for those that have no name there */
	char *name;           /* "7431", "spouse-7431", "7431-USD": the same whatever is in it */
	size_t account_at, row_at;
};

/* The next one; begins with { 0 }.  What is in it is good until the next call; the last one frees it. */
bool statement_next(const struct collection *collection, struct statement *s);

/* The row behind BEFORE (NULL: the first); NULL at the end. */
const struct transaction *statement_row(const struct statement *s, const struct transaction *before);

/* What a reader wants to know beside date, amount and name, joined by "; ": the whole name when NAME_MAX
 * characters (0: any number) do not hold it, memo, category, installment, original amount, and that it is
 * pending.  Owned by the caller. */
char *statement_remarks(const struct transaction *t, size_t name_max);

/* TEXT as one line of at most MAX characters (0: any number): white space and controls become single spaces.
 * Owned by the caller. */
char *statement_line(const char *text, size_t max);

/* Of a symbol or code as the site writes it. */
const char *statement_currency(const char *symbol);

#endif
