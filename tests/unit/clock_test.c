/* Moments and durations. */
#include "cdp/base/clock.h"

#include "tests/lib/asserts.h"

#include <limits.h>

static void the_clock_goes_forward(void **state)
{
	const int64_t start_us = clock_us(), start_ms = clock_ms();
	int64_t now = start_us;

	(void)state;
	while (now < start_us + 2000) { /* 2 ms of it */
		const int64_t next = clock_us();
		assert_true(next >= now);
		now = next;
	}
	assert_in_range(clock_ms() - start_ms, 1, 60000);
}

static void a_deadline_passes_when_its_time_is_over(void **state)
{
	const int64_t start = clock_us();
	const struct deadline d = deadline_in_ms(3);

	(void)state;
	while (!deadline_passed(d))
		assert_true(clock_us() - start < 60000000);
	assert_true(clock_us() - start >= 3000);
	assert_int_equal(deadline_left_us(d), 0);
	assert_int_equal(deadline_left_ms(d), 0);
}

static void no_time_is_over_at_once(void **state)
{
	(void)state;
	assert_true(deadline_passed(deadline_in_ms(0)));
	assert_true(deadline_passed((struct deadline){ 0 }));
	assert_int_equal(deadline_left_us((struct deadline){ .at_us = INT64_MIN / 2 }), 0);
}

static const struct {
	int64_t ms;
	bool never;
} lengths[] = {
	{ -1, true },
	{ INT64_MIN, true },
	{ INT64_MAX, true },      /* would overflow in microseconds */
	{ INT64_MAX / 1000, true },
	{ 0, false },
	{ 1, false },
	{ 365LL * 24 * 3600 * 1000, false },
};

static void negative_and_endless_durations_mean_never(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		const struct deadline d = deadline_in_ms(lengths[i].ms);
		assert_int_equal(d.at_us == INT64_MAX, lengths[i].never);
		assert_true(d.at_us > 0);
	}
}

static void never_is_never_over(void **state)
{
	(void)state;
	assert_false(deadline_passed(DEADLINE_NEVER));
	assert_true(deadline_left_us(DEADLINE_NEVER) == INT64_MAX);
	assert_int_equal(deadline_left_ms(DEADLINE_NEVER), INT_MAX);
}

static void the_nearer_deadline_wins(void **state)
{
	const struct deadline near = { .at_us = 5 }, far = { .at_us = 6 };

	(void)state;
	assert_int_equal(deadline_sooner(near, far).at_us, 5);
	assert_int_equal(deadline_sooner(far, near).at_us, 5);
	assert_int_equal(deadline_sooner(near, DEADLINE_NEVER).at_us, 5);
	assert_true(deadline_sooner(DEADLINE_NEVER, DEADLINE_NEVER).at_us == INT64_MAX);
}

static void what_is_left_is_rounded_up(void **state)
{
	const struct deadline d = deadline_in_ms(60000);

	(void)state;
	assert_in_range(deadline_left_us(d), 1, 60000000);
	assert_in_range(deadline_left_ms(d), 1, 60000);
	/* Half a millisecond is not over yet, so it must not be 0: a poll() of 0 ms would spin. */
	for (int i = 0; i < 1000; i++) {
		const struct deadline soon = { .at_us = clock_us() + 500 };
		const int left = deadline_left_ms(soon);
		assert_true(left == 1 || deadline_passed(soon));
	}
}

static void a_long_time_fits_an_int(void **state)
{
	(void)state;
	assert_int_equal(deadline_left_ms(deadline_in_ms((int64_t)INT_MAX * 10)), INT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_goes_forward),
		cmocka_unit_test(a_deadline_passes_when_its_time_is_over),
		cmocka_unit_test(no_time_is_over_at_once),
		cmocka_unit_test(negative_and_endless_durations_mean_never),
		cmocka_unit_test(never_is_never_over),
		cmocka_unit_test(the_nearer_deadline_wins),
		cmocka_unit_test(what_is_left_is_rounded_up),
		cmocka_unit_test(a_long_time_fits_an_int),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
