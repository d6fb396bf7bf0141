/* What gabbai serve shows in its live view: as a viewer sees it, and, by a second connection to the browser, as it is. */
#ifndef TESTS_LIB_VIEWER_H
#define TESTS_LIB_VIEWER_H

#include "tests/lib/web.h"

struct cdp_browser;
struct cdp_page;

/* ---- the viewer ---- */

/* The HTTP status of a live view at PATH ("/live?…"): 101 when it is one. */
int viewer_open(const char *path, struct ws *ws);
/* The next message of TYPE, owned by the caller.  Fails the test when it does not come. */
cJSON *viewer_words(struct ws *ws, const char *type);
/* Waits for the next picture. */
void viewer_picture(struct ws *ws);
void viewer_click(struct ws *ws, int x, int y);

/* ---- the page ---- */

struct viewed {
	struct cdp_browser *browser;
	struct cdp_page *page;
	const char *frame; /* whose address has this is what scripts run in; NULL: the main one */
};

/* The only browser that the server's children have open now, and its page of the site. */
void viewed_find(struct viewed *shown);
void viewed_end(struct viewed *shown);
/* A number, or a truth, of the page. */
double viewed_value(struct viewed *shown, const char *script);
/* Waits until it is WANTED. */
void viewed_await(struct viewed *shown, const char *script, double wanted);

#endif
