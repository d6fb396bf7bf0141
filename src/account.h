/* Accounts: whose turn it is, and how careful we have to be.
 *
 * An account is SITE or SITE/NAME; without a name it is "default".  One process works on an account at a
 * time; wrong credentials park it until they change; and a day has only so many logins. */
#ifndef SRC_ACCOUNT_H
#define SRC_ACCOUNT_H

#include "cdp/base/json.h"
#include "scrapers/scrape.h"
#include "src/store.h"

#include <stdbool.h>

struct error;

enum { ACCOUNT_NAME_MAX = 64, LOGINS_A_DAY = 4 };

struct site_account {
	const struct site *site;
	char name[ACCOUNT_NAME_MAX];
};

#define ACCOUNT_SQL(a) SQL(SQL_TEXT((a)->site->name), SQL_TEXT((a)->name))

/* ERR_SITE: no such site.  ERR_INPUT: a name has letters, digits, '.', '_' and '-'. */
bool account_read(const char *text, struct site_account *out, struct error *err);
/* The same, and "form/NAME": sessions and clocks' secrets for gabbai submit, which no run knows. */
bool account_read_any(const char *text, struct site_account *out, struct error *err);
extern const struct site account_forms;

/* ERR_LOCKED while another process that lives has it; the lock of one that died is taken over. */
bool account_lock(struct store *store, const struct site_account *account, struct error *err);
void account_unlock(struct store *store, const struct site_account *account);

/* ERR_LOCKED while a process that lives works on any account. */
bool account_all_free(struct store *store, struct error *err);

/* Whether a login with the credentials of FINGERPRINT may be tried, of at most MAX a day, and counts it.
 * ERR_PARKED.  An account that was parked for other credentials is so no more. */
bool account_begin_login(struct store *store, const struct site_account *account, const char *fingerprint, int max,
	struct error *err);

bool account_park(struct store *store, const struct site_account *account, const char *fingerprint, const char *why,
	struct error *err);
/* Also forgets the day's logins. */
bool account_unpark(struct store *store, const struct site_account *account, struct error *err);

/* Fingerprints are made with the key: when that changes, what is parked stays so until it is unparked. */
bool account_keep_parked(struct store *store, struct error *err);

/* What is known of the accounts of SITE, or of the one of that NAME (NULL: of all): an array of {site, account, status,
 * needsReconnect, lastUsedAt, expiresAt, lastError, parked, parkedAt, loginsToday, lastRun: {id, startedAt,
 * endedAt, rows, newRows, tier, exitCode, errorType, error}}.  A run that has not ended has no endedAt; "errorType"
 * INTERRUPTED says that its process is gone. */
cJSON *account_list(struct store *store, const char *site, const char *name, struct error *err);

/* Whether the site wants the full browser for this account, and remembering it. */
bool account_wants_full(struct store *store, const struct site_account *account);
void account_remember_full(struct store *store, const struct site_account *account);

/* This process, so that another one with the same number is not taken for it. */
int64_t process_started(long pid); /* clock ticks since the machine's start; 0: there is none */

#endif
