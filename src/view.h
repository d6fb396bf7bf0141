/* The live view on the server: what a page's websocket says goes to the process that has the browser, and what that shows
 * goes to the page.  A slow page misses pictures, never words. */
#ifndef SRC_VIEW_H
#define SRC_VIEW_H

#include "src/server.h"

struct api;

/* For server_live() with a struct api. */
extern const struct live_events view_events;

/* Those whose other side had not heard of the end yet.  After server_close(). */
void views_free(struct api *api);

#endif
