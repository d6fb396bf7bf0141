/* How a site answers when all is well, so that it is known again. */
#ifndef SRC_FORM_SUCCESS_H
#define SRC_FORM_SUCCESS_H

#include "src/form_source.h"

/* What is kept of ANSWER: {statusCodes, responseFields?, location?, shape?}, owned by the caller. */
cJSON *form_success(const struct form_answer *answer);

/* A number for what an answer's JSON has, apart from what differs each time: names, types, booleans and short words.  Owned by
 * the caller; NULL: it is no JSON. */
char *form_shape(const struct form_answer *answer);

/* The path of a redirect's address, with '*' for parts that have digits; owned by the caller, NULL: it is no redirect. */
char *form_location(const struct form_answer *answer);

#endif
