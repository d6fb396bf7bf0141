/* How far a run is, for whoever started it: what it did so far and how long that took, in one line that is written again on a
 * terminal, and in a line for each step elsewhere.  In the end one line has all of it.  --quiet and --events have none. */
#ifndef SRC_PROGRESS_H
#define SRC_PROGRESS_H

#include "cdp/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *site;
	bool stands;               /* on a terminal, which has the line */
	char step[96];             /* what it does now; "": nothing yet */
	int64_t began_ms, step_ms; /* clock_ms() */
	struct buf past;           /* the steps before, with their times */
};

/* SITE is borrowed.  PLAIN: a line for each step also on a terminal. */
void progress_begin(struct progress *progress, const char *site, bool plain);
void progress_step(struct progress *progress, const char *step);
/* Leaves the terminal to somebody else, until the next step. */
void progress_rest(const struct progress *progress);
void progress_end(struct progress *progress);

#endif
