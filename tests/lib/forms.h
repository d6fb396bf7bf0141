/* gabbai submit on the test site of forms (fixtures/forms), as a user runs it. */
#ifndef TESTS_LIB_FORMS_H
#define TESTS_LIB_FORMS_H

#include "tests/lib/program.h"

#define FORM_USER     "ada.lovelace@example.com"
#define FORM_PASSWORD "Analytical-Engine-1843"
#define FORM_CODE     "246810"

/* For a whole test program, and for one test: nothing is learned, nothing seen, and the site is as always. */
int forms_start(void **state);
int forms_stop(void **state);
int forms_begin(void **state);

/* Submits https://forms.test/PAGE with ARGS (NULL at the end), in JSON. */
struct ran forms_submit(const char *page, const char *const *args);
/* The same with INPUT on the standard input. */
struct ran forms_submit_told(const char *input, const char *page, const char *const *args);
/* Any other command, such as { "forms", "list", "--json" }. */
struct ran forms_run(const char *const *words);

/* Changes the site: "field=1". */
void forms_set(const char *mode);

/* How many requests of METHOD the site has seen at PATH, with a status of STATUS (0: any) and PART in the body (NULL: any). */
int forms_seen(const char *method, const char *path, int status, const char *part);

/* The value of HEADER of the last request to PATH, owned by the caller; "": none. */
char *forms_header(const char *path, const char *header);

/* Forgets what was seen so far. */
void forms_forget(void);

/* The folder of the test's data, and the path of a file with some content. */
const char *forms_folder(void);
const char *forms_document(void);

#endif
