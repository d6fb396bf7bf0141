/* A run that waits for its person: what they say comes over a channel, and through it they may look at the page and take the
 * wheel.  While somebody has it the run keeps its hands off the page; it is given back by saying so, or by going away. */
#ifndef SRC_WHEEL_H
#define SRC_WHEEL_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>

struct cdp_page;
struct error;
struct wheel;

/* The connection's wait ends when somebody says something.  MAY_LOOK: the page is shown to who asks.  PAGE NULL: there is
 * none to be shown.  NULL with ERR_SYSTEM. */
struct wheel *wheel_open(struct cdp_page *page, bool may_look, struct error *err);
void wheel_close(struct wheel *wheel); /* NULL: nothing */

/* For others to find it: a path, as the table otp_requests has it.  Borrowed. */
const char *wheel_channel(const struct wheel *wheel);

/* What somebody says that is no matter of the view, owned by the caller, and who; NULL: nothing now.  Never waits but for the
 * first picture. */
cJSON *wheel_next(struct wheel *wheel, int *peer);
void wheel_reply(struct wheel *wheel, int peer, int status, const char *message);

/* Whether somebody has the wheel, and whether anybody has had it. */
bool wheel_is_held(const struct wheel *wheel);
bool wheel_was_held(const struct wheel *wheel);

/* When to ask wheel_next() again, if nothing happens before: UNTIL at the latest. */
struct deadline wheel_pause(const struct wheel *wheel, struct deadline until);

#endif
