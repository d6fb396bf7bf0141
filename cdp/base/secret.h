/* Passwords, codes, tokens: text that must never be seen.
 *
 * A struct secret lives in locked memory that no core dump holds, is wiped when it is cleared, and its
 * value is masked wherever secret_redact() is asked: in every log line and every error sentence.  One
 * process serves one account, so the list of known secrets is the process's. */
#ifndef CDP_BASE_SECRET_H
#define CDP_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret; /* opaque: a %s of it does not compile */

enum { SECRET_SIZE_MAX = 16384 }; /* a JWT with many claims is 4 KB */

/* A copy of TEXT[SIZE].  NULL when it is longer than SECRET_SIZE_MAX. */
struct secret *secret_new(const char *text, size_t size);
/* The value of an environment variable, which is overwritten and removed, so that neither children nor
 * /proc have it.  NULL: it is not set, empty, or too long. */
struct secret *secret_from_environment(const char *variable);
void secret_free(struct secret *secret); /* wipes */

static inline void auto_secret(struct secret **var)
{
	if (*var)
		secret_free(*var);
}

/* The value, NUL-terminated, for the one place that types or sends it.  Borrowed. */
const char *secret_reveal(const struct secret *secret);
size_t secret_size(const struct secret *secret);

/* Overwrites every known secret in TEXT[SIZE] with '*', also where it is JSON- or URL-escaped.  Values
 * shorter than 4 bytes are left alone: they would mask ordinary text. */
void secret_redact(char *text, size_t size);

/* Overwrites SIZE bytes in a way that the compiler keeps. */
void secret_wipe(void *data, size_t size);

#endif
