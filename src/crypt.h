/* Sealing: AES-256-GCM (NIST SP 800-38D) with a random nonce, bound to the row it is for.
 *
 * A sealed blob is version (1 byte), key id (8 hexadecimal digits), nonce (12), ciphertext, tag (16).  Its
 * additional data are the row's table, platform and account, the key id and the version, so a blob that
 * was moved to another row does not open.
 *
 * Keys are 64 hexadecimal digits.  The one that seals is, in this order: session-encryption-key in
 * $CREDENTIALS_DIRECTORY, the file that SESSION_ENCRYPTION_KEY_FILE names, SESSION_ENCRYPTION_KEY, and the
 * file "key" among what the user sets, which is made when there is none.  SESSION_ENCRYPTION_KEY_OLD (or
 * _OLD_FILE) has more keys that open, with commas between. */
#ifndef SRC_CRYPT_H
#define SRC_CRYPT_H

#include "cdp/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct error;
struct keyring;
struct secret;

enum { KEY_ID_SIZE = 8, SEALED_EXTRA = 1 + KEY_ID_SIZE + 12 + 16 };

/* What a blob is for.  No strings with NUL, so no two rows have the same additional data. */
struct sealed_for {
	const char *table, *platform, *account;
};

/* ERR_KEY: not a key, or a file that others can read.  A key that was made is told on stderr.  Once a
 * process, since keys are taken out of its environment. */
struct keyring *keyring_open(struct error *err);
/* The same, but makes no key: when there is none the ring is empty, its id and source are NULL, and nothing can be sealed. */
struct keyring *keyring_open_known(struct error *err);
void keyring_free(struct keyring *ring);

static inline void auto_keyring(struct keyring **ring)
{
	keyring_free(*ring);
}

/* Of the key that seals; borrowed. */
const char *keyring_id(const struct keyring *ring);
/* Where it is from: "service" ($CREDENTIALS_DIRECTORY), "environment" (also a file that it names) or "file" (our own). */
const char *keyring_source(const struct keyring *ring);

/* Changing the key goes in three steps: renew, seal all rows with it, settle.  A process that ends in
 * between leaves keys that open every row.
 *
 * When the key is from the user's own file, renew makes a new one, which seals from now on, and the file
 * holds both; one that holds several already, since a change was cut short, goes on with its first.  Settle
 * leaves only the one that seals, and each other one in a file beside it, named by its id.  A key from
 * elsewhere stays as it is: who sets it changes it.  ERR_LOCKED: another process changes it as well. */
bool keyring_renew(struct keyring *ring, struct error *err);
bool keyring_settle(struct keyring *ring, struct error *err);

/* A new key as text; NULL with ERR_SYSTEM when there is no randomness. */
struct secret *key_new(struct error *err);

/* Appends the sealed TEXT[SIZE] to OUT. */
bool seal(const struct keyring *ring, const struct sealed_for *row, const void *text, size_t size, struct buf *out,
	struct error *err);

/* The text; its bytes are the caller's to wipe (buf_wipe).  ERR_KEY: sealed with a key that is not known.
 * ERR_TAMPERED: damaged, or not this row's. */
bool unseal(const struct keyring *ring, const struct sealed_for *row, const void *blob, size_t size, struct buf *out,
	struct error *err);

/* A fingerprint of TEXT[SIZE] that only who has the key can make (HMAC-SHA256, 16 hexadecimal digits). */
char *key_fingerprint(const struct keyring *ring, const void *text, size_t size);

#endif
