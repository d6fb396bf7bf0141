/* The page of gabbai serve as a person has it: in a real Chromium, looked at and pressed.
 *
 *	static void a_card_is_there(void **state)
 *	{
 *		(void)state;
 *		enter("dana", NULL);
 *		press("button", "Collect now");
 *		see("579 transactions");
 *	}
 *	static const struct CMUnitTest tests[] = { on_screen(a_card_is_there) };
 *	int main(void) { return screen_run(tests); }
 *
 * Each test has an empty store and a server of its own (see served.h).  An error in the console of a page, or a report about
 * the content security policy, fails its test.  What is waited for comes within SCREEN_MS, or the test fails. */
#ifndef TESTS_LIB_SCREEN_H
#define TESTS_LIB_SCREEN_H

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "tests/lib/served.h"
#include "tests/lib/heard.h"

enum { SCREEN_MS = 40000 };

extern struct screen {
	struct cdp_browser *browser;
	struct cdp_page *page; /* the tab in front */
	struct error err;
} screen;

int screen_start(void **state); /* the site and the browser */
int screen_stop(void **state);
int screen_begin(void **state); /* an empty store, and a tab */
int screen_end(void **state);
int screen_tab(void **state);   /* the tab alone */
int screen_tab_end(void **state);

#define on_screen(test) cmocka_unit_test_setup_teardown(test, screen_begin, screen_end)
#define screen_run(tests)                                                                          \
	(cmocka_set_test_filter(getenv("TEST")), cmocka_run_group_tests(tests, screen_start, screen_stop))

/* Starts the server with the credentials of USER and MORE options (as web_start), and opens its start link. */
void enter(const char *user, const char *const *more);
/* Goes to a path of the server. */
void visit(const char *path);

/* ---- looking ---- */

void see(const char *words);
void see_element(const char *selector);
void see_no_more(const char *selector);
/* The expression becomes true. */
void see_that(const char *expression);
double number_of(const char *expression);

/* ---- doing ---- */

void press(const char *role, const char *name);
void press_element(const char *selector);
void type(const char *selector, const char *text);
/* Presses the keys of TEXT one after the other, wherever the focus is. */
void type_keys(const char *text);

#define CODE_FIELD "input[autocomplete=one-time-code]"

/* The messages to the test phone are forgotten. */
void forget_messages(void);
/* A code that the test phone has not got, owned by the caller. */
char *wrong_code(const char *code);

/* A run has begun and the site has sent a code; nobody has asked the page for it. */
void need_a_code(void);
void wait_until_no_run(void);

/* The browser page of the site in the server's browser, over a connection of its own: where things are in it. */
struct shown {
	struct cdp_browser *browser;
	struct cdp_page *page;
};

void shown_open(struct shown *shown);
void shown_close(struct shown *shown);
/* The middle of what SELECTOR finds, still and visible, in CSS pixels of the site's page. */
void shown_find(struct shown *shown, const char *frame, const char *selector, double *x, double *y);

#endif
