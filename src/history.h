/* What ran, when, and how it ended: the table runs. */
#ifndef SRC_HISTORY_H
#define SRC_HISTORY_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct site_account;
struct error;
struct store;

/* Runs that never said how they ended and whose process is gone (killed, crashed, the machine restarted) have ended with
 * INTERRUPTED, and whoever watches is told (run.finished).  All functions that read do it first. */
bool history_settle(struct store *store, struct error *err);

/* A run begins: its id; 0 with ERR filled. */
int64_t history_begin(struct store *store, const struct site_account *account, struct error *err);

/* TIER: the last one tried.  FAILURE NULL: it went well. */
bool history_end(struct store *store, int64_t id, const char *tier, const struct error *failure, int64_t rows_seen,
	int64_t rows_new, struct error *err);

/* The process of a run that goes on; 0: it does not. */
long history_process(struct store *store, int64_t id);

/* The last MAX runs of SITE (NULL: of all), newest first: an array of {id, site, account, startedAt, endedAt, tier,
 * exitCode, errorType, error, rows, newRows}. */
cJSON *history_list(struct store *store, const char *site, int max, struct error *err);

/* One run as such an object; ERR_INPUT: there is none. */
cJSON *history_run(struct store *store, int64_t id, struct error *err);

#endif
