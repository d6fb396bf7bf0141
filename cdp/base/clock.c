/* The clock: see clock.h. */
#include "cdp/base/clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
	return clock_us() / 1000;
}

struct deadline deadline_in_ms(int64_t ms)
{
	if (ms < 0 || ms > INT64_MAX / 2000)
		return DEADLINE_NEVER;
	return (struct deadline){ .at_us = clock_us() + ms * 1000 };
}

struct deadline deadline_sooner(struct deadline a, struct deadline b)
{
	return a.at_us < b.at_us ? a : b;
}

bool deadline_passed(struct deadline d)
{
	return d.at_us != INT64_MAX && clock_us() >= d.at_us;
}

int64_t deadline_left_us(struct deadline d)
{
	if (d.at_us == INT64_MAX)
		return INT64_MAX;

	const int64_t left = d.at_us - clock_us();
	return left > 0 ? left : 0;
}

int deadline_left_ms(struct deadline d)
{
	const int64_t left = deadline_left_us(d);

	return left >= (int64_t)INT_MAX * 1000 ? INT_MAX : (int)((left + 999) / 1000);
}
