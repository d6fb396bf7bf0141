/* Growing text. */
#include "cdp/base/buf.h"

#include "tests/lib/asserts.h"

#include <stdint.h>

static void starts_as_nothing(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	assert_null(buf.data);
	AUTO(text) char *taken = buf_take(&buf);
	assert_string_equal(taken, "");
	buf_clear(&buf);
	buf_clear(&buf);
}

static void keeps_what_is_appended_in_order(void **state)
{
	AUTO(buf) struct buf buf = { 0 };

	(void)state;
	assert_true(buf_puts(&buf, "one"));
	assert_true(buf_putc(&buf, ' '));
	assert_true(buf_append(&buf, "two\0three", 9));
	assert_true(buf_printf(&buf, " %d%s", 4, ""));
	assert_int_equal(buf.size, 15);
	assert_memory_equal(buf.data, "one two\0three 4", 16);
}

static void ends_with_a_nul_at_every_size(void **state)
{
	AUTO(buf) struct buf buf = { 0 };

	(void)state;
	for (size_t size = 0; size < 1000; size++) {
		assert_int_equal(buf.size, size);
		assert_int_equal(strlen(buf_text(&buf)), size);
		assert_true(buf_putc(&buf, 'x'));
		assert_true(buf.room > buf.size);
	}
}

static void nothing_appended_is_still_text(void **state)
{
	AUTO(buf) struct buf buf = { 0 };

	(void)state;
	assert_true(buf_append(&buf, NULL, 0));
	assert_string_equal(buf.data, "");
}

static void an_append_over_the_maximum_changes_nothing(void **state)
{
	AUTO(buf) struct buf buf = { .size_max = 5 };

	(void)state;
	assert_true(buf_puts(&buf, "1234"));
	assert_false(buf_puts(&buf, "56"));
	assert_string_equal(buf.data, "1234");
	assert_true(buf.full);
	assert_false(buf_putc(&buf, '5')); /* it would fit: full is for good */
	assert_false(buf_printf(&buf, "%s", ""));
	assert_string_equal(buf.data, "1234");

	buf_reset(&buf);
	assert_false(buf.full);
	assert_true(buf_puts(&buf, "12345"));
	assert_string_equal(buf.data, "12345");
}

static void every_kind_of_append_may_use_the_maximum_whole(void **state)
{
	AUTO(buf) struct buf appended = { .size_max = 4 }, printed = { .size_max = 4 };

	(void)state;
	assert_true(buf_puts(&appended, "1234"));
	assert_true(buf_printf(&printed, "%d", 1234));
	assert_string_equal(printed.data, "1234");
	assert_false(buf_printf(&printed, "%d", 5));
}

static void a_size_that_overflows_is_too_large(void **state)
{
	AUTO(buf) struct buf buf = { 0 }, limited = { .size_max = 100 };

	(void)state;
	assert_true(buf_puts(&buf, "x"));
	assert_false(buf_reserve(&buf, SIZE_MAX));
	assert_string_equal(buf.data, "x");
	assert_true(buf_puts(&limited, "x"));
	assert_false(buf_reserve(&limited, SIZE_MAX - 1));
	assert_false(buf_reserve(&limited, 1)); /* full */
}

static void what_is_reserved_does_not_move(void **state)
{
	AUTO(buf) struct buf buf = { 0 };

	(void)state;
	assert_true(buf_reserve(&buf, 100000));
	const char *before = buf.data;
	for (int i = 0; i < 100000; i++)
		assert_true(buf_putc(&buf, 'x'));
	assert_ptr_equal(buf.data, before);
}

static void taking_leaves_an_empty_buffer_with_its_maximum(void **state)
{
	AUTO(buf) struct buf buf = { .size_max = 3 };

	(void)state;
	assert_true(buf_puts(&buf, "abc"));
	assert_false(buf_putc(&buf, 'd'));
	AUTO(text) char *taken = buf_take(&buf);
	assert_string_equal(taken, "abc");
	assert_null(buf.data);
	assert_true(buf_puts(&buf, "xyz"));
	assert_false(buf_putc(&buf, '!'));
	assert_string_equal(taken, "abc");
}

static void resetting_keeps_the_memory(void **state)
{
	AUTO(buf) struct buf buf = { 0 };

	(void)state;
	assert_true(buf_puts(&buf, "some text that is longer than the first room of a buffer, sixty-four"));
	const size_t room = buf.room;
	buf_reset(&buf);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.size, 0);
	assert_int_equal(buf.room, room);
}

static void long_formats_grow(void **state)
{
	AUTO(buf) struct buf buf = { 0 };

	(void)state;
	assert_true(buf_printf(&buf, "%-5000s|", "x"));
	assert_true(buf_printf(&buf, "%05d", 42));
	assert_int_equal(buf.size, 5006);
	assert_string_equal(buf.data + 5000, "|00042");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_as_nothing),
		cmocka_unit_test(keeps_what_is_appended_in_order),
		cmocka_unit_test(ends_with_a_nul_at_every_size),
		cmocka_unit_test(nothing_appended_is_still_text),
		cmocka_unit_test(an_append_over_the_maximum_changes_nothing),
		cmocka_unit_test(every_kind_of_append_may_use_the_maximum_whole),
		cmocka_unit_test(a_size_that_overflows_is_too_large),
		cmocka_unit_test(what_is_reserved_does_not_move),
		cmocka_unit_test(taking_leaves_an_empty_buffer_with_its_maximum),
		cmocka_unit_test(resetting_keeps_the_memory),
		cmocka_unit_test(long_formats_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
