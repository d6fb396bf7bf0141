/* A service that rents out browsers, as browserless does: a websocket on a port, a token, a queue that is full, a limit of
 * time after which the connection ends with garbage.  A process of its own; each connection has a Chromium of its own. */
#ifndef TESTS_LIB_ENDPOINT_H
#define TESTS_LIB_ENDPOINT_H

#include <sys/types.h>

struct endpoint_plan {
	const char *token;     /* as ?token=…, or in the header X-Token */
	const char *const *flags; /* of its browsers, NULL at the end */
	int busy;              /* so many requests get 429 first */
	int cut;               /* the connection of this number, from 1, is cut; 0: none */
	const char *cut_at;    /* … when its browser has said this */
};

struct endpoint {
	pid_t pid;
	int port;
};

void endpoint_start(struct endpoint *endpoint, const struct endpoint_plan *plan);
void endpoint_stop(struct endpoint *endpoint);

#endif
