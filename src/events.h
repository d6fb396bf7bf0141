/* What happens in runs, in the table run_events, for whoever watches: the server's pages, --events. */
#ifndef SRC_EVENTS_H
#define SRC_EVENTS_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct store;

enum { EVENTS_KEPT = 20000 };

/* RUN 0: of none.  Takes DATA, which holds nothing secret. */
bool events_add(struct store *store, int64_t run, const char *name, cJSON *data, struct error *err);

/* The last event's id; 0: there is none yet, or it cannot be read. */
int64_t events_last(struct store *store);

/* Forgets all but the last EVENTS_KEPT. */
void events_prune(struct store *store);

#endif
