/* Values that the page did not get from the person: where in earlier answers they stood, and having them from there again. */
#ifndef SRC_FORM_SOURCE_H
#define SRC_FORM_SOURCE_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

/* An answer of the site, of the browser's or ours. */
struct form_answer {
	char *url;
	int status;
	char reason[64];  /* "Not Found"; "" */
	char *type;       /* its media type; NULL: not said */
	char *body;       /* NULL: none, or too large */
	size_t body_size;
	cJSON *headers;   /* an array of {name, value} */
};

void form_answer_clear(struct form_answer *answer);

static inline void auto_form_answer(struct form_answer *answer)
{
	form_answer_clear(answer);
}

const char *form_answer_header(const struct form_answer *answer, const char *name); /* the first; NULL */
bool form_answer_is_html(const struct form_answer *answer);
cJSON *form_answer_json(const struct form_answer *answer); /* owned by the caller; NULL: it is none */

/* Where VALUE stands in ANSWER: {"$": "input" or "meta" or "header", "name"}, {"$": "member", "path"}, or {"$": "text",
 * "before", "after"}; NULL: nowhere.  Owned by the caller. */
cJSON *source_find(const struct form_answer *answer, const char *value);

/* What stands there now, owned by the caller; NULL: nothing. */
char *source_get(const cJSON *source, const struct form_answer *answer);

/* Whether VALUE looks as if it were made for this one page: a token, an id, a hash. */
bool source_is_made(const char *name, const char *value);

#endif
