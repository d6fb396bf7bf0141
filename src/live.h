/* The live view of a page, in the process that owns its browser: pictures go to all who look, and what the one who drives
 * does comes back.  Over a channel; the messages are those of the server's websocket (src/ui/openapi.json). */
#ifndef SRC_LIVE_H
#define SRC_LIVE_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>

struct cdp_page;
struct channel;
struct error;
struct live;

/* A page that is shown to be driven is driven by the first who looks; that of a run only by who says so. */
enum live_driver { LIVE_FIRST_DRIVES, LIVE_TAKER_DRIVES };

/* CHANNEL and PAGE are borrowed. */
struct live *live_open(struct channel *channel, struct cdp_page *page, enum live_driver who, struct error *err);
void live_close(struct live *live);

/* What PEER of the channel says: {"type": "view"} makes it one who looks.  False: it is nothing of a live view. */
bool live_take(struct live *live, int peer, const cJSON *message);

/* Whether the wheel may be taken from now on; it may at first. */
void live_let_drive(struct live *live, bool may);

/* Whether anybody looks, and whether somebody has the wheel. */
bool live_is_watched(const struct live *live);
bool live_is_driven(const struct live *live);

/* Sends what there is to be seen. */
void live_serve(struct live *live);

/* When to serve again, if nothing happens before. */
struct deadline live_pause(const struct live *live);

#endif
