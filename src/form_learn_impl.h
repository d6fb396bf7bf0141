/* A pattern while it is learned: what form_learn.c shares with form_given.c (what the person gave), form_made.c (what the page
 * made, and of what) and form_kind.c (what kind of request it is). */
#ifndef SRC_FORM_LEARN_IMPL_H
#define SRC_FORM_LEARN_IMPL_H

#include "src/form_learn.h"

enum { LEARN_ANSWERS_MAX = 64 };

struct learning {
	const struct form_lesson *lesson;
	size_t step;                 /* of lesson->sent, which is being learned */
	bool is_header;
	bool used[LEARN_ANSWERS_MAX];      /* of lesson->answers */
	cJSON *mapping, *dynamic;
	char *why;
};

/* Leaves the first reason why it cannot be learned.  Always NULL. */
cJSON *learn_give_up(struct learning *l, const char *name, const char *what);

/* ---- form_given.c: each owned by the caller, NULL: it is not that ---- */

/* The control that was filled in with the field KEY. */
const cJSON *given_control(const struct form_lesson *lesson, const char *key);

/* A control that offers values sends its own word for what was given. */
cJSON *given_choice(struct learning *l, const char *name, const char *text);

/* The field whose value TEXT is. */
cJSON *given_field(struct learning *l, const char *name, const char *text, bool is_number);

/* A text with given values in it. */
cJSON *given_around(struct learning *l, const char *name, const char *text);

/* A boolean, which may be a box that was ticked.  Never NULL. */
cJSON *given_boolean(struct learning *l, const char *name, const cJSON *value);

/* ---- form_made.c ---- */

/* How TEXT, which looks made for this visit, is to be had again; NULL: it is not known. */
cJSON *made_of(struct learning *l, const char *name, const char *text);

/* Where TEXT stands in an earlier answer; NULL: nowhere. */
cJSON *made_of_answer(struct learning *l, const char *text);

/* ---- form_kind.c ---- */

/* Adds to PATTERN what kind of request SENT is, and what those who look at it want to know. */
void learn_kind(cJSON *pattern, const struct form_sent *sent);

#endif
