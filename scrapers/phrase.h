/* The vocabulary of selectors/otp.json, and texts in the form in which it is looked for: the same rules as in
 * selectors/otp.js, for texts that no page shows.
 *
 * A list is phrases separated by commas.  A whole word is meant; * at its edge lets it go on; ... stands for up to
 * forty other bytes.  Scripts without clear ends of words are found anywhere. */
#ifndef SCRAPERS_PHRASE_H
#define SCRAPERS_PHRASE_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

/* Lower case, without accents, with one kind of dash, quote, digit and space.  Owned by the caller. */
char *phrase_plain(const char *text, size_t size);

/* A name as words: "user[otp_attempt]" is "user otp attempt", "requires2FA" is "requires 2 fa".  Owned by the caller. */
char *phrase_name(const char *name);

/* The vocabulary with all its texts plain.  Owned by the caller. */
cJSON *phrase_book(void);

/* The first phrase of LISTS, a list or an object of lists by language, that stands in the plain TEXT.  Outputs, which may
 * be NULL: where it starts, and where it ends. */
bool phrase_said(const cJSON *lists, const char *text, const char **start, const char **end);

/* Whether the plain TEXT as a whole is one of LIST. */
bool phrase_is(const cJSON *list, const char *text);

/* The character at *AT, which moves on; a broken byte is itself. */
unsigned phrase_char(const char **at, const char *end);

/* Hebrew, Arabic, Thai, Japanese, Chinese, Korean: a word may stand in the middle of others. */
bool phrase_is_unbounded(unsigned c);

#endif
