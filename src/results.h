/* What was collected, kept: the tables transactions and cards, and through products.h products and
 * product_prices.
 *
 * A transaction is kept once, however often it is read.  One with an identifier of the site's is known by
 * it; the others, and pending ones that complete, by card, calendar date, amount and description, one to
 * one.  Its id stays the one it was first given.  What completed stays as it was first seen; what the site
 * says otherwise later is noted in the column anomalies.  A pending one that is neither listed any more nor
 * completed has vanished, and comes back when it does.
 *
 * Errors: those of store.h. */
#ifndef SRC_RESULTS_H
#define SRC_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

struct collection;
struct error;
struct site;
struct site_account;
struct store;

/* Keeps all of COLLECTION, or nothing.  Its transactions, which have ids (identity_assign()), get the ones
 * they are kept under.  RUN: of history_begin().  *NEW_ROWS: how many were never seen before. */
bool results_save_collection(struct store *store, const struct site_account *account, int64_t run,
	struct collection *collection, int64_t *new_rows, struct error *err);

/* What to read; NULL and 0: all. */
struct results_query {
	const char *site, *account;
	const char *number;       /* the card */
	const char *since, *until; /* YYYY-MM-DD, both included */
	bool pending;             /* also those */
	int64_t run;              /* what this one saw first */
	int64_t after;            /* what runs after this one saw first */
};

/* Adds what is kept to *OUT, in an order that depends on nothing else: by account, card, date and id.  What
 * two accounts see of one card is there once. */
bool results_read(struct store *store, const struct results_query *query, struct collection *out, struct error *err);

/* The one site of which anything is kept: NULL when there is none, and ERR_INPUT when there are several. */
const struct site *results_site(struct store *store, struct error *err);

#endif
