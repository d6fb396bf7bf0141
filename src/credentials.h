/* Credentials from the environment: GABBAI_<SITE>_<FIELD>, or the same with _FILE for a file's name; for an
 * account with a name GABBAI_<SITE>_<NAME>_<FIELD>.  A value may also be a reference: "file:PATH" or
 * "exec:[\"pass\",\"show\",\"bank\"]". */
#ifndef SRC_CREDENTIALS_H
#define SRC_CREDENTIALS_H

#include "cdp/base/secret.h"

struct site_account;
struct error;

/* Takes what the environment has of all sites, and removes it there: neither programs that we start nor /proc
 * have it.  Before anything is started. */
void credentials_take(void);

/* The value, owned by the caller.  NULL with ERR_CREDENTIALS (nothing set; the sentence says what to
 * set) or ERR_INPUT (a reference that gives nothing). */
struct secret *credential_read(const struct site_account *account, const char *field, struct error *err);

#endif
