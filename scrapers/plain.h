/* Texts in the letters in which they are compared: lower case, without accents, with one kind of dash, quote, digit and
 * space.  The same rules as in selectors/otp.js, for texts that no page shows. */
#ifndef SCRAPERS_PLAIN_H
#define SCRAPERS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Owned by the caller. */
char *plain_text(const char *text, size_t size);

/* A name as words: "user[otp_attempt]" is "user otp attempt", "requires2FA" is "requires 2 fa".  Owned by the caller. */
char *plain_name(const char *name);

/* TEXT as people see it: without controls and the marks that only turn the direction of writing, with one kind of
 * space and of digits; bytes that are no UTF-8 are taken for Latin-1.  Owned by the caller. */
char *plain_shown(const char *text);

/* The character at *AT, which moves on, at most to END; a byte that is no UTF-8 is itself. */
unsigned plain_next(const char **at, const char *end);

/* Of Hebrew, Arabic, Thai, Japanese, Chinese or Korean, where a word may stand in the middle of others. */
bool plain_is_unbounded(unsigned c);

#endif
