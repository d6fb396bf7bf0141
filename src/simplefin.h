/* What was collected, for programs that pull it by SimpleFIN (https://www.simplefin.org/protocol.html), such as Actual: a
 * setup token is claimed once, and gives an address with a password that reads, and does nothing else.  Of tokens and
 * passwords the store has hashes; they are 192 random bits, so a hash without salt is enough. */
#ifndef SRC_SIMPLEFIN_H
#define SRC_SIMPLEFIN_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct store;

enum { SIMPLEFIN_CLAIM_S = 86400 };

/* A setup token for SITE (NULL: all) at the server at URL, owned by the caller; good for a day. */
char *simplefin_new(struct store *store, const char *site, const char *url, int64_t now, struct error *err);

/* Claims TOKEN: "ID:PASSWORD", owned by the caller.  NULL without an error: there is no such token any more. */
char *simplefin_claim(struct store *store, const char *token, int64_t now, struct error *err);

/* Whose data ID with PASSWORD may read; *SITE is owned by the caller, NULL for all.  False: none. */
bool simplefin_may(struct store *store, const char *id, const char *password, int64_t now, char **site);

bool simplefin_remove(struct store *store, int64_t id, struct error *err);
/* An array of {id, site, createdAt, claimedAt, usedAt}. */
cJSON *simplefin_list(struct store *store, struct error *err);

struct simplefin_query {
	const char *site;         /* NULL: all */
	int64_t start, end;       /* of "posted", the end not included; 0: not said */
	bool pending, balances_only;
};

/* The account set. */
cJSON *simplefin_accounts(struct store *store, const struct simplefin_query *query, int64_t now, struct error *err);

#endif
