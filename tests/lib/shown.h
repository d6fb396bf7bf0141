/* What gabbai serve shows in its live view: as a viewer sees it, and, by a second connection to the browser, as it is. */
#ifndef TESTS_LIB_SHOWN_H
#define TESTS_LIB_SHOWN_H

#include "tests/lib/web.h"

struct cdp_browser;
struct cdp_page;

/* ---- the viewer ---- */

/* The HTTP status of a live view at PATH ("/live?…"): 101 when it is one. */
int shown_open(const char *path, struct ws *ws);
/* The next message of TYPE, owned by the caller.  Fails the test when it does not come. */
cJSON *shown_words(struct ws *ws, const char *type);
/* Waits for the next picture. */
void shown_picture(struct ws *ws);
void shown_click(struct ws *ws, int x, int y);

/* ---- the page ---- */

struct shown {
	struct cdp_browser *browser;
	struct cdp_page *page;
	const char *frame; /* whose address has this is what scripts run in; NULL: the main one */
};

/* The only browser that the server's children have open now, and its page of the site. */
void shown_find(struct shown *shown);
void shown_end(struct shown *shown);
/* A number, or a truth, of the page. */
double shown_value(struct shown *shown, const char *script);
/* Waits until it is WANTED. */
void shown_await(struct shown *shown, const char *script, double wanted);

#endif
