/* Tabs of a browser in which nothing goes wrong: errors in the console, exceptions and reports about the content security
 * policy fail the test.  Answers of a server that say no are no errors of its page. */
#ifndef TESTS_LIB_HEARD_H
#define TESTS_LIB_HEARD_H

#include <stdbool.h>

struct cdp_browser;
struct cdp_page;

/* A tab of WIDTH CSS pixels. */
struct cdp_page *heard_open(struct cdp_browser *browser, int width);
/* Closes it.  Fails the test when there were any errors, in whatever document. */
void heard_close(struct cdp_page *page);
/* Presses the left button of the mouse at a point of the tab, wherever that leads. */
void heard_press_at(struct cdp_page *page, double x, double y);

/* From now on the tab is so large, and whoever looks likes it DARK or light. */
void heard_look(struct cdp_page *page, int width, int height, bool dark);

#endif
