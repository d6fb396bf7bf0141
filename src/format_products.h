/* Products as a run prints them. */
#ifndef SRC_FORMAT_PRODUCTS_H
#define SRC_FORMAT_PRODUCTS_H

#include "cdp/base/buf.h"
#include "cdp/base/json.h"
#include "scrapers/record.h"

cJSON *format_product(const char *site, const struct product *product);
void format_products_csv(const char *site, const struct collection *collection, struct buf *out);
void format_products_table(const struct collection *collection, struct buf *out);

#endif
