/* All that is sealed in the database, whatever table it is in. */
#ifndef SRC_SEALED_H
#define SRC_SEALED_H

#include "cdp/base/json.h"

#include <stdbool.h>

struct error;
struct keyring;
struct store;

/* Opens every row: {rows, open, keyId, failed: [{table, platform, account, keyId, errorType, error}]}. */
cJSON *sealed_check(struct store *store, const struct keyring *ring, struct error *err);

/* Seals every row with the keyring's first key, and opens it again; *COUNT: how many.  Within a transaction of
 * the caller's.  ERR_KEY and ERR_TAMPERED name the row that does not open. */
bool sealed_renew(struct store *store, const struct keyring *ring, int *count, struct error *err);

#endif
