/* Codes that a clock makes: RFC 6238 over RFC 4226, as authenticator apps do. */
#ifndef SRC_TOTP_H
#define SRC_TOTP_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct secret;

enum totp_hash { TOTP_SHA1, TOTP_SHA256, TOTP_SHA512 };

enum { TOTP_MARGIN_S = 3 }; /* a code with less time left is too old when the site looks at it */

struct totp {
	struct secret *key; /* Base32, capital letters, nothing between them */
	enum totp_hash hash;
	int digits;         /* 6 to 8 */
	int period_s;
};

void totp_clear(struct totp *totp);

static inline void auto_totp(struct totp *totp)
{
	totp_clear(totp);
}

/* TEXT is "otpauth://totp/Label?secret=…&algorithm=SHA1&digits=6&period=30", or the Base32 secret alone.
 * Spaces, dashes, small letters and missing padding are fine.  ERR_INPUT, without a word of the secret. */
bool totp_read(const char *text, struct totp *out, struct error *err);

/* The code at the moment AT (seconds since 1970), owned by the caller. */
struct secret *totp_code(const struct totp *totp, int64_t at);

/* Which step AT is in, and how many seconds are left of it. */
int64_t totp_step(const struct totp *totp, int64_t at);
int totp_left_s(const struct totp *totp, int64_t at);

#endif
