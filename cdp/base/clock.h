/* One clock, CLOCK_MONOTONIC, and moments on it.
 *
 * A duration is a number with a unit in its name; a moment is a struct deadline.  Deadlines are passed
 * down: of the step's and the run's, the nearer one wins. */
#ifndef CDP_BASE_CLOCK_H
#define CDP_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t at_us; /* on CLOCK_MONOTONIC; INT64_MAX: never */
};

#define DEADLINE_NEVER ((struct deadline){ .at_us = INT64_MAX })

int64_t clock_us(void);
int64_t clock_ms(void);

struct deadline deadline_in_ms(int64_t ms); /* negative: never */
struct deadline deadline_sooner(struct deadline a, struct deadline b);
bool deadline_passed(struct deadline d);
int64_t deadline_left_us(struct deadline d); /* 0 when passed, INT64_MAX for never */
int deadline_left_ms(struct deadline d);     /* rounded up, at most INT_MAX */

#endif
