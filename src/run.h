/* One run of one account: lock, saved session, the cheapest tier that works, session saved again, record. */
#ifndef SRC_RUN_H
#define SRC_RUN_H

#include "src/account.h"
#include "src/options.h"

#include <stdbool.h>
#include <stdint.h>

struct error;

/* What is collected is in *OUT also when the run fails.  *RUN_ID is its row in the table runs, 0 when it got none. */
bool run_account(const struct site_account *account, const struct options *options, struct collection *out, int64_t *run_id,
	struct error *err);

#endif
