/* Schedules, and that each due run starts exactly once, with however many schedulers look at one store.
 *
 * A due time becomes a row of due_runs (unique by schedule and time), waits for its start, is claimed by one scheduler, and
 * taken by the run itself when that begins; each step is one transaction that finds the row as the step before left it.  A
 * scheduler that ends between claiming and the run's beginning leaves a claim that the next one takes over.  A run that has
 * begun is not begun again when it is interrupted, since nobody knows what it has sent to the site; it is tried again after
 * failures that pass (exit codes 9 and 11), some time later, and so often at most.
 *
 * Whoever calls says what time it is, so nothing here waits, and a clock that jumps is met as it comes: what the clock passed
 * over is caught up with once, by its latest, and what it comes to a second time has its row already. */
#ifndef SRC_SCHEDULE_H
#define SRC_SCHEDULE_H

#include "cdp/base/json.h"
#include "src/account.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct store;

enum {
	SCHEDULE_JITTER_S = 900, SCHEDULE_ATTEMPTS = 3, SCHEDULE_ALWAYS = -1,
	SCHEDULE_NEVER_QUIET = -1,
	DUE_MAX = 16,              /* that are started at a time; the others follow */
};

struct schedule {
	struct site_account account;
	const char *cron, *zone;
	int64_t jitter_s;
	int64_t catch_up_s;        /* SCHEDULE_ALWAYS: however late */
	int quiet_from, quiet_to;  /* minutes of the day; SCHEDULE_NEVER_QUIET: there are no quiet hours */
	int attempts_max;
	const cJSON *words;        /* of the command line; NULL: none */
};

/* A process, so that another one with the same number is not taken for it. */
struct schedule_self {
	int64_t pid, started;
};

/* Zero: this process. */
struct schedule_self schedule_self(void);

/* "22:00-08:00", as minutes of the day. */
bool schedule_read_hours(const char *text, int *from, int *to);

/* ERR_INPUT: the schedule or its zone is none.  *ID. */
bool schedule_add(struct store *store, const struct schedule *schedule, int64_t now, int64_t *id, struct error *err);

/* ERR_INPUT: there is no schedule ID. */
bool schedule_remove(struct store *store, int64_t id, struct error *err);
/* What was due while it was paused is not caught up with. */
bool schedule_pause(struct store *store, int64_t id, bool paused, int64_t now, struct error *err);

/* All (ID 0) or one: an array of {id, site, account, cron, timezone, jitter, catchUp, quiet, attempts, paused, options, next:
 * [moments, COUNT of them], lastRun: {due, startedAt, status, attempts, missed, runId, exitCode, why}}. */
cJSON *schedule_list(struct store *store, int64_t id, int count, int64_t now, struct error *err);

/* ---- for schedulers ---- */

struct due {
	int64_t id;
	struct site_account account;
	bool no_login;             /* quiet hours: what wants a code waits until they are over */
	cJSON *words;              /* owned; NULL: none */
};

void due_clear(struct due *due);

/* Claims what is to be started at NOW, MAX at most: *COUNT of OUT.  Also ends what nobody works on any more. */
bool schedule_look(struct store *store, struct schedule_self self, int64_t now, struct due *out, size_t max, size_t *count,
	struct error *err);

/* When there is something to look at again; INT64_MAX: never, as it is now. */
int64_t schedule_wake(struct store *store);

/* It has not begun, and may a minute later; WHY NULL: there was no room, else that counts as an attempt. */
bool schedule_give_back(struct store *store, int64_t due, const char *why, int64_t now, struct error *err);

/* ---- for the run ---- */

/* It begins.  ERR_LOCKED: another process has begun it, or it was given up. */
bool schedule_take(struct store *store, int64_t due, struct schedule_self self, int64_t now, struct error *err);
/* It has ended with CODE (src/ending.h); WHY NULL: well.  RUN 0: it has no row. */
bool schedule_end(struct store *store, int64_t due, int64_t run, int code, const char *why, int64_t now, struct error *err);

/* Words for `gabbai` that start it: "run", "visa-cal/x", …; NULL at the end; TEXTS keeps some of them. */
enum { DUE_WORDS_MAX = 48 };
struct due_words {
	const char *list[DUE_WORDS_MAX];
	char account[160], number[24];
};
void due_command(const struct due *due, struct due_words *out);

#endif
