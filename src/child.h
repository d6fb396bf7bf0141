/* Commands of the user's: an argv as a JSON array, no shell.  What is given on their stdin and what they
 * print is theirs and ours alone. */
#ifndef SRC_CHILD_H
#define SRC_CHILD_H

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"

#include <stdbool.h>

struct child;
struct error;

/* Starts ARGV_JSON ("[\"pass\",\"show\",\"x\"]") with INPUT (NULL: nothing) on its stdin.  ERR_INPUT. */
struct child *child_start(const char *argv_json, const char *input, struct error *err);

/* The same with a function of ours in a process of its own, which has the caller's memory and no descriptor of it but 0, 1, 2
 * and IN: one that is readable (at its end) when nobody wants its answer any more. */
struct child *child_call(void (*run)(void *owner, int in), void *owner, const char *name, struct error *err);

/* Closes its IN, and does not wait: what it still has to say it says alone. */
void child_leave(struct child *child);

/* Takes what it has printed so far, without waiting; true when it has ended. */
bool child_poll(struct child *child, struct buf *out);

/* Waits for its end and frees it.  False with ERR_INPUT when it ended badly or in no time. */
bool child_finish(struct child *child, struct buf *out, struct deadline until, struct error *err);

/* Ends it if it still runs, and frees it. */
void child_free(struct child *child);

#endif
