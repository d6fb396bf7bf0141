/* A replay while it goes on: what form_replay.c shares with form_value.c. */
#ifndef SRC_FORM_REPLAY_IMPL_H
#define SRC_FORM_REPLAY_IMPL_H

#include "src/form_http.h"

enum { REPLAY_ANSWERS_MAX = 32 };

struct replay {
	const struct form_request *request;
	struct form_http *http;
	const cJSON *pattern;
	struct { const char *id; struct form_answer answer; } got[REPLAY_ANSWERS_MAX]; /* so far */
	size_t got_count;
	bool changed;  /* something that changes things has been sent */
	char *missing; /* a value that could not be had */
};

/* What stands in a pattern (form_learn.h), as it is to be sent now, for body_map() with a struct replay; NULL: it cannot be had,
 * and MISSING says what. */
cJSON *replay_value(void *replay, const char *name, const cJSON *node);

#endif
