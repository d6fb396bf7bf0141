/* Requests to a site's API, over libcurl. */
#ifndef SCRAPERS_FETCH_H
#define SCRAPERS_FETCH_H

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/* Where and whom to trust; the same as the browser's. */
struct fetch_network {
	const char *const *connect_to; /* "HOST:PORT:ADDR:PORT", HOST a pattern; NULL at the end; may be NULL */
	const char *cacert;            /* a PEM file trusted besides nothing else; NULL: the system's */
	const char *user_agent;
	const volatile sig_atomic_t *stop; /* not 0: end with ERR_CANCELLED; NULL: never */
};

enum { FETCH_BODY_MAX = 64 << 20, FETCH_TRIES = 3 };

struct fetch {
	const char *url;
	char *body;                 /* of the request, JSON; NULL: GET.  Owned */
	const char *const *headers; /* "Name: value", NULL at the end; shared */
	/* The answer. */
	int status;                 /* 0: none; see WHY */
	struct buf reply;
	char *why;                  /* libcurl's words; NULL: there was an answer.  Owned */
	/* Between tries. */
	int tries;
	long retry_after;           /* seconds, as the site asked for */
};

/* Does all COUNT requests, which are to one host, at most PARALLEL at a time, each up to FETCH_TRIES times: after network
 * errors, 429, 503, and 202 without a body.  False only when UNTIL passed or nothing could be started; what a single request
 * met stands in it. */
bool fetch_all(const struct fetch_network *network, struct fetch *list, size_t count, size_t parallel,
	struct deadline until, struct error *err);

void fetch_clear(struct fetch *fetch);

#endif
