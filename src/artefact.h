/* What is left of a run that failed, for whoever looks into why: the page, its requests, what happened, and a picture where
 * nothing secret can be in it.
 *
 * All of it is made unreadable where it may be secret before it is written: see artefact.js for pages; requests have neither
 * queries nor bodies nor headers that could carry a token.  There is no picture of a page with a field for a password or a
 * code, filled or not, nor with anything typed into any other field, nor with a secret that we know in its text.  The files
 * are in the folder for state, 0600, of the last ARTEFACT_RUNS_MAX runs and ARTEFACT_DAYS_MAX days. */
#ifndef SRC_ARTEFACT_H
#define SRC_ARTEFACT_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cdp_page;
struct error;
struct store;

enum { ARTEFACT_RUNS_MAX = 20, ARTEFACT_DAYS_MAX = 14 };

/* A run that has failed. */
struct artefact_of {
	int64_t run;
	const char *site, *account, *tier;
	const struct error *why;
	struct store *store;
	struct cdp_page *page; /* as it is now; NULL: there is none */
};

/* Keeps what can be had within some seconds.  What cannot is left out; a failure is of the folder. */
bool artefact_keep(const struct artefact_of *of, struct error *err);

/* Those of RUN: an array of {name, type, size}, empty when there are none; NULL with ERR filled. */
cJSON *artefact_list(int64_t run, struct error *err);

/* The media type of one of their names; NULL: it is none of those. */
const char *artefact_type(const char *name);

/* One of them: *SIZE bytes and a NUL, owned by the caller.  NULL with ERR_INPUT: there is none. */
char *artefact_read(int64_t run, const char *name, size_t *size, struct error *err);

/* Forgets those of RUN: of an older store, when RUN has just begun. */
void artefact_forget(int64_t run);

#endif
