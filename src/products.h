/* Products, kept: the tables products and product_prices, for results.c.  A product is known by the site's
 * id.  What a run does not learn stays as an earlier one knew it; prices, commissions and temperatures have a
 * history, with a row only when something changed.  Errors: those of store.h. */
#ifndef SRC_PRODUCTS_H
#define SRC_PRODUCTS_H

#include <stdbool.h>
#include <stdint.h>

struct collection;
struct error;
struct results_query;
struct site_account;
struct store;

/* Within a transaction.  Adds to *NEW_ROWS how many were never seen before. */
bool products_save(struct store *store, const struct site_account *account, int64_t run, const struct collection *collection,
	int64_t *new_rows, struct error *err);

/* Adds to *OUT, by account and id; of QUERY, what is said of site, account and run counts. */
bool products_read(struct store *store, const struct results_query *query, struct collection *out, struct error *err);

#endif
