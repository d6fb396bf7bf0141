/* A stand-in for other people's services: what it hears over HTTP or SMTP it keeps, and answers as it is told. */
#ifndef TESTS_LIB_STANDIN_H
#define TESTS_LIB_STANDIN_H

#include "cdp/base/json.h"

#include <sys/types.h>

struct standin {
	pid_t pid;     /* 0: it is not running */
	int port;
	char *folder;  /* borrowed: its files are there */
};

/* Listens on a free port of 127.0.0.1; SMTP: speaks that, else HTTP. */
void standin_start(struct standin *standin, char *folder, bool smtp);
void standin_stop(struct standin *standin);

/* From now on each request is answered with STATUS and the JSON of the file NAME ("": {"ok":true}) in its folder, when that is
 * there. */
void standin_answer(const struct standin *standin, int status, const char *name);
/* The same for requests whose path ends with LAST. */
void standin_answer_to(const struct standin *standin, const char *last, int status, const char *name);

/* What it has heard: an array of {method, path, head, body}, owned by the caller; of SMTP one for each message, with all that
 * was said as its body. */
cJSON *standin_heard(const struct standin *standin);
void standin_forget(const struct standin *standin);

/* The value of the header NAME of what was HEARD, owned by the caller; NULL: it is not there. */
char *standin_header(const cJSON *heard, const char *name);

#endif
