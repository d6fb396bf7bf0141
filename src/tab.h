/* A tab of Chromium as a run wants it: in a browser of our own, or in a context of one that runs. */
#ifndef SRC_TAB_H
#define SRC_TAB_H

#include "cdp/base/json.h"

#include <stdbool.h>

struct cdp_browser;
struct cdp_context;
struct cdp_page;
struct error;
struct options;

struct tab {
	struct cdp_browser *browser;
	struct cdp_context *context;
	struct cdp_page *page; /* NULL: there is none */
	bool released;         /* the browser is ending */
	bool full;             /* set it: not chromium-headless-shell, even where the site's definition allows it */
};

/* Opens it.  DEFINITION (of the site) says language and time zone.  HEADED: a window that a person sees.  An
 * interrupt ends its waits. */
bool tab_open(struct tab *tab, const struct options *options, const cJSON *definition, bool headed, struct error *err);

/* A browser of our own begins to end; tab_close() waits for it. */
void tab_release(struct tab *tab);
void tab_close(struct tab *tab);

static inline void auto_tab(struct tab *tab)
{
	tab_close(tab);
}

/* The state of what it shows, which it leaves for that (cdp/state.h), with what its browser is. */
cJSON *tab_take_state(struct tab *tab, const cJSON *definition, struct error *err);

#endif
