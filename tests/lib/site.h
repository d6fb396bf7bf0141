/* The general test site and one browser, for a whole test program.
 *
 *	static void clicks(void **state)
 *	{
 *		(void)state;
 *		show("<button id=b onclick='window.n = 1'>b</button>");
 *		assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
 *		assert_js("window.n", "1");
 *	}
 *	static const struct CMUnitTest tests[] = { PAGE(clicks) };
 *	int main(void) { return site_run(tests); }
 *
 * The server is $BUILD/fixture-server (default build/release) on free ports; 127.0.0.1 and localhost are
 * two sites to the browser.  TEST=pattern runs only those tests, KNOWN=1 those that are known to fail. */
#ifndef TESTS_LIB_SITE_H
#define TESTS_LIB_SITE_H

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"

#include <sys/types.h>

enum {
	SOON_MS = 10000,   /* what must happen, on a loaded machine too */
	PROGRAM_S = 120,   /* then a test program that hangs is ended */
};

extern struct site {
	int port, http_port; /* with and without TLS */
	struct cdp_browser *browser;
	struct cdp_page *page; /* a new one for each PAGE() test */
	struct error err;
} site;

/* More flags for the browser, NULL at the end; before site_run(). */
extern const char *const *site_flags;

int site_start(void **state); /* server and browser */
int site_serve(void **state); /* the server alone */
int site_stop(void **state);
int site_page(void **state);
int site_page_end(void **state);

#define PAGE(test) cmocka_unit_test_setup_teardown(test, site_page, site_page_end)
#define site_run(tests)                                                                            \
	(cmocka_set_test_filter(getenv("TEST")), cmocka_run_group_tests(tests, site_start, site_stop))

static inline struct deadline soon(void)
{
	return deadline_in_ms(SOON_MS);
}

/* What follows is borrowed until some calls later. */
const char *words(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *here(const char *path);   /* http://127.0.0.1:PORT/path */
const char *there(const char *path);  /* http://localhost:PORT/path */
const char *secure(const char *path); /* https://127.0.0.1:PORT/path */
const char *doc(const char *html);    /* the path of a document with this content; it calls itself /shown */
const char *encoded(const char *text); /* for a query */

/* Goes there, or fails the test. */
void go(const char *url);
void show(const char *html);

/* The expression's value as JSON text, owned by the caller; fails the test when there is none. */
char *js_in(struct cdp_page *page, struct cdp_frame *frame, const char *expression);

#define assert_js_in(page, frame, expression, wanted)                                              \
	do {                                                                                       \
		char *js_ = js_in((page), (frame), (expression));                                  \
		if (strcmp(js_, (wanted)) != 0)                                                    \
			fail_msg("%s is %s, not %s", (expression), js_, (wanted));                 \
		free(js_);                                                                         \
	} while (0)
#define assert_js(expression, wanted) assert_js_in(site.page, NULL, expression, wanted)

/* The same, but it may take a while. */
#define assert_js_soon(expression)                                                                 \
	do {                                                                                       \
		cJSON *js_ = cdp_page_wait_eval(site.page, (expression),                           \
			&(struct cdp_eval_opts){ .timeout_ms = SOON_MS }, &site.err);              \
		assert_ok(js_ != NULL, &site.err);                                                 \
		cJSON_Delete(js_);                                                                 \
	} while (0)

/* The requests the server has seen, an array owned by the caller; and forgetting them. */
cJSON *journal_read(void);

/* Processes: those whose command line contains PART and that descend from PARENT. */
size_t descendants(pid_t parent, const char *part, pid_t *out, size_t max);

/* Stops (SIGSTOP) the renderer of PAGE, and no other: its pid; 0 when it was not found. */
pid_t stop_renderer(struct cdp_browser *browser, struct cdp_page *page);

#endif
