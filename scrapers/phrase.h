/* Many lists of phrases, looked for in one text at once.
 *
 * A list is phrases separated by commas, or an object of such lists by language.  A whole word is meant; * at its edge
 * lets it go on; ... stands for up to forty other bytes.  Scripts without clear ends of words (Hebrew, Arabic, Chinese,
 * Japanese, Korean) are found anywhere.  Texts are plain ones: see plain.h.
 *
 * A book is made once, and then only read: looking costs the length of the text, hardly the number of phrases. */
#ifndef SCRAPERS_PHRASE_H
#define SCRAPERS_PHRASE_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct phrase_book;

enum {
	PHRASE_LISTS_MAX = 128,
	PHRASE_HITS_MAX = 40, /* whose places are kept; a sentence has fewer */
};

/* The lists at PATHS of WORDS; a list's number below is its index in PATHS.  ERR_INPUT: one of them is missing or no list. */
struct phrase_book *phrase_book_new(const cJSON *words, const char *const *paths, size_t count, struct error *err);
void phrase_book_free(struct phrase_book *book);
AUTO_KIND(phrase_book, struct phrase_book *, phrase_book_free);

struct phrase_hit {
	uint16_t list;
	uint16_t rank;       /* 0 for the first phrase of its list */
	uint32_t start, end; /* bytes of the text */
};

struct phrase_hits {
	uint64_t said[PHRASE_LISTS_MAX / 64], whole[PHRASE_LISTS_MAX / 64];
	struct phrase_hit hits[PHRASE_HITS_MAX]; /* as they stand in the text */
	size_t count;
};

/* All that is said in the plain TEXT. */
void phrase_look(const struct phrase_book *book, const char *text, struct phrase_hits *out);

/* A phrase of LIST stands in the text; it is the text. */
static inline bool phrase_said(const struct phrase_hits *hits, int list)
{
	return hits->said[list / 64] >> (list % 64) & 1;
}

static inline bool phrase_is(const struct phrase_hits *hits, int list)
{
	return hits->whole[list / 64] >> (list % 64) & 1;
}

/* The next hit of LIST after AFTER, which is NULL for the first; NULL: none. */
const struct phrase_hit *phrase_next(const struct phrase_hits *hits, int list, const struct phrase_hit *after);

/* Whether a phrase of LIST begins exactly at AT, in the plain TEXT, whatever stands before: "s" in "30s". */
bool phrase_begins(const struct phrase_book *book, int list, const char *text, const char *at);

#endif
