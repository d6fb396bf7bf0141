/* cmocka, and what our own results need: failures that show the error's sentence.
 *
 * cmocka's fail() is a macro; ours is called as (fail)(&err, …) in tests. */
#ifndef TESTS_LIB_ASSERTS_H
#define TESTS_LIB_ASSERTS_H

#include "cdp/base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The result was true; otherwise the test fails with the sentence in ERR. */
#define assert_ok(result, err)                                                                     \
	do {                                                                                       \
		if (!(result))                                                                     \
			fail_msg("%s: %s: %s", #result, error_name((err)->code), (err)->text);     \
	} while (0)

/* The result was false, with this code and a sentence. */
#define assert_fails(result, err, wanted)                                                          \
	do {                                                                                       \
		if (result)                                                                        \
			fail_msg("%s succeeded", #result);                                         \
		if ((err)->code != (wanted) || !(err)->text[0])                                    \
			fail_msg("%s, not %s: %s", error_name((err)->code), error_name(wanted),    \
				(err)->text);                                                      \
	} while (0)

#define assert_contains(text, part)                                                                \
	do {                                                                                       \
		if (!strstr((text), (part)))                                                       \
			fail_msg("'%s' is not in: %s", (part), (text));                            \
	} while (0)

#define assert_lacks(text, part)                                                                   \
	do {                                                                                       \
		if (strstr((text), (part)))                                                        \
			fail_msg("'%s' is in: %s", (part), (text));                                \
	} while (0)

#endif
