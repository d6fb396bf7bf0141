/* Saved sessions: one row of integration_sessions an account, its state (cdp/state.h) sealed.
 *
 * Nothing is written over what cannot be opened: a wrong key or a damaged row is an error for whoever
 * loads, and saving over it needs gabbai session forget first. */
#ifndef SRC_SESSION_H
#define SRC_SESSION_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct site_account;
struct error;
struct keyring;
struct store;

struct session {
	char *status; /* "active", "expired", "needs_reconnect", "error" or "not_connected" */
	cJSON *state; /* NULL: none is saved */
};

void session_clear(struct session *session);

/* What is saved of ACCOUNT; "not_connected" when there is nothing.  ERR_KEY, ERR_TAMPERED. */
bool session_load(struct store *store, const struct keyring *ring, const struct site_account *account, struct session *out,
	struct error *err);

/* Whether what is saved of ACCOUNT, if anything, opens.  ERR_KEY, ERR_TAMPERED, with what to do. */
bool session_opens(struct store *store, const struct keyring *ring, const struct site_account *account, struct error *err);

/* Saves STATE, which has been proven, as active.  STATE's "x-gabbai" tells of the browser.  ERR_KEY,
 * ERR_TAMPERED: it would be over what does not open. */
bool session_save(struct store *store, const struct keyring *ring, const struct site_account *account, const cJSON *state,
	const char *url, struct error *err);

/* It was used, and good. */
bool session_used(struct store *store, const struct site_account *account, struct error *err);

/* It is proven to be over (or, with another STATUS, something else); the state itself stays. */
bool session_mark(struct store *store, const struct site_account *account, const char *status, const char *why, const char *url,
	struct error *err);

/* *FOUND: whether there was one. */
bool session_forget(struct store *store, const struct site_account *account, bool *found, struct error *err);

/* What may be shown of all sessions, an array of {platform, account, status, needsReconnect, cookies,
 * createdAt, updatedAt, lastUsedAt, expiresAt, lastError, lastUrl, keyId}. */
cJSON *session_list(struct store *store, struct error *err);

/* When a state ends by itself: the soonest end of a cookie that only the site can read, in seconds since
 * 1970; 0: not known. */
int64_t session_expiry(const cJSON *state);

#endif
