/* What tests of gabbai serve on the Visa Cal test site share: a site for all of them, an empty store for each. */
#ifndef TESTS_LIB_SERVED_H
#define TESTS_LIB_SERVED_H

#include "tests/lib/program.h"
#include "tests/lib/web.h"

extern struct cal cal;
extern struct web web; /* each test starts it; it is stopped after it */

int served_start(void **state);
int served_stop(void **state);
int served_begin(void **state);
int served_end(void **state);

#define served_test(test) cmocka_unit_test_setup_teardown(test, served_begin, served_end)
/* TEST=pattern runs only those tests. */
#define served_run(tests)                                                                              \
	(cmocka_set_test_filter(getenv("TEST")), cmocka_run_group_tests(tests, served_start, served_stop))

/* The code of the last message to the test phone, owned by the caller. */
char *phone_code(void);

/* Starts a run as the requirements have it, and listens. */
bool stream_run(struct sse *stream);
/* The id of the question that the stream asks next, owned by the caller. */
char *next_question(struct sse *stream);
struct reply answer(const char *id, const char *body);
struct reply answer_code(const char *id, const char *code);

/* RESULT is of the question ID and says STATUS. */
void assert_result(const cJSON *result, const char *id, const char *status);

#define assert_status(reply, wanted)                                                                         \
	do {                                                                                                 \
		if ((reply).status != (wanted))                                                              \
			fail_msg("HTTP %d, not %d: %s", (reply).status, (wanted), (reply).body ? (reply).body : ""); \
	} while (0)

#endif
