/* What was collected, for looking through it: pages of transactions, sums, products and their prices. */
#ifndef SRC_BROWSE_H
#define SRC_BROWSE_H

#include "cdp/base/json.h"

#include <stdint.h>

struct error;
struct store;

enum { BROWSE_MAX = 5000 };

struct browse_filter {
	const char *site, *account, *card, *since, *until, *text, *category; /* NULL: any; dates "YYYY-MM-DD" */
	bool pending;         /* those that are not completed, too */
	int64_t limit, offset; /* limit 0: 500 */
};

/* {total, transactions: […]}, the newest first.  Those that vanished are left out. */
cJSON *browse_transactions(struct store *store, const struct browse_filter *filter, struct error *err);

/* {byMonth: [{month, currency, category, amountMinor}], upcoming: [{date, card, currency, amountMinor}],
 * merchants: [{description, currency, amountMinor, count}]} of the last MONTHS. */
cJSON *browse_summary(struct store *store, int64_t months, struct error *err);

cJSON *browse_products(struct store *store, const struct browse_filter *filter, struct error *err);
cJSON *browse_prices(struct store *store, const char *product, struct error *err);

#endif
