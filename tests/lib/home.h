/* A place of a test's own: folders for data and configuration, and nothing of keys in the environment.
 *
 * Give both to cmocka_unit_test_setup_teardown(); *state is the folder's path. */
#ifndef TESTS_LIB_HOME_H
#define TESTS_LIB_HOME_H

#include <stddef.h>

int home_begin(void **state); /* GABBAI_DATA_DIR is its "data", XDG_CONFIG_HOME its "config" */
int home_end(void **state);

/* The path of NAME in it, owned by the caller. */
char *home_file(void **state, const char *name);

/* The content of NAME, owned by the caller; fails the test when it is not there. */
char *home_read(void **state, const char *name, size_t *size);
void home_write(void **state, const char *name, const void *content, size_t size);

#endif
