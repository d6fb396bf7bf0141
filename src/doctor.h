/* What may be wrong with this installation, looked at piece by piece. */
#ifndef SRC_DOCTOR_H
#define SRC_DOCTOR_H

#include "cdp/base/json.h"

#include <stdbool.h>

struct options;

struct doctor_plan {
	bool offline; /* no site is asked what time it is */
	bool fix;     /* mends what only gabbai can have left: permissions, folders of dead runs */
};

/* An array of {name, status: "pass" | "warn" | "fail", detail, fix: what to do about it}; owned by the caller.  Nothing in it is
 * secret. */
cJSON *doctor_look(const struct options *options, const struct doctor_plan *plan);

#endif
