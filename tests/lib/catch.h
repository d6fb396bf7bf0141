/* What the program writes to stderr, for a test to read. */
#ifndef TESTS_LIB_CATCH_H
#define TESTS_LIB_CATCH_H

/* From now on stderr is kept. */
void catch_stderr(void);

/* Gives stderr back.  What was written since, owned by the caller. */
char *caught_stderr(void);

/* For a test that failed in between, cmocka's words about it included: shows what was caught. */
int catch_teardown(void **state);

/* A test that catches stderr. */
#define CATCHING(test) cmocka_unit_test_teardown(test, catch_teardown)

#endif
