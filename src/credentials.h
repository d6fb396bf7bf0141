/* Credentials, from the environment or the store.
 *
 * In the environment: GABBAI_<SITE>_<FIELD>, or the same with _FILE for a file's name; for an account with
 * a name GABBAI_<SITE>_<NAME>_<FIELD>.  In the store: the table secrets, sealed, each bound to its table,
 * site, account and field.  In both a value may be a reference, which is looked up in each run:
 * "file:PATH" or "exec:[\"pass\",\"show\",\"bank\"]", and in the store also "env:NAME".
 *
 * Each site knows its fields; "totp" (totp.h) is every site's. */
#ifndef SRC_CREDENTIALS_H
#define SRC_CREDENTIALS_H

#include "cdp/base/json.h"
#include "cdp/base/secret.h"

#include <stdbool.h>

struct error;
struct keyring;
struct site;
struct site_account;
struct store;

/* Takes what the environment has of all sites, and removes it there: neither programs that we start nor /proc
 * have it.  Before anything is started; once more forgets what was taken before. */
void credentials_take(void);

/* The value, owned by the caller: the environment's, else the store's.  NULL with ERR_CREDENTIALS (there is
 * none; the sentence says what to set), ERR_INPUT (a reference that gives nothing), ERR_KEY or ERR_TAMPERED. */
struct secret *credential_read(struct store *store, const struct keyring *ring, const struct site_account *account,
	const char *field, struct error *err);

/* ERR_INPUT: SITE knows no such field; the sentence has those that it knows. */
bool credential_field_ok(const struct site *site, const char *field, struct error *err);

/* Whether TEXT is a reference that can be kept: "env:NAME", "file:/PATH" or "exec:[…]".  ERR_INPUT. */
bool credential_reference_ok(const char *text, struct error *err);

/* The value that TEXT stands for, as it is sealed: "value:" and the value itself, or a reference.  ERR_INPUT. */
struct secret *credential_resolve(const char *text, size_t size, struct error *err);

/* What a reference means now, owned by the caller.  ERR_INPUT: it gives nothing. */
struct secret *credential_look_up(const char *reference, struct error *err);

/* Seals and saves the value of FIELD, or a REFERENCE that is ok, over what was there. */
bool credential_save(struct store *store, const struct keyring *ring, const struct site_account *account, const char *field,
	const struct secret *value, struct error *err);
bool credential_save_reference(struct store *store, const struct keyring *ring, const struct site_account *account,
	const char *field, const char *reference, struct error *err);

/* *FOUND: whether there was one. */
bool credential_forget(struct store *store, const struct site_account *account, const char *field, bool *found,
	struct error *err);

/* What may be shown of those of SITE (NULL: of all): an array of {site, account, field, keyId, updatedAt}. */
cJSON *credential_list(struct store *store, const char *site, struct error *err);

#endif
