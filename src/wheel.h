/* The person's hand in a run: what they say comes over a channel, and through it they may look at the page and take the wheel.
 * While somebody has it the run keeps its hands off the page; it is given back by saying so, or by going away. */
#ifndef SRC_WHEEL_H
#define SRC_WHEEL_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <sys/types.h>

struct cdp_page;
struct error;
struct wheel;

enum { WHEEL_HELD_MS = 300000 };

/* The name of a run's own channel, by its process; owned by the caller. */
char *wheel_name(pid_t pid);

/* NAME: of the channel among the data; NULL: any.  MAY_LOOK: the page is shown to who asks.  PAGE NULL: there is none.  NULL with
 * ERR_SYSTEM. */
struct wheel *wheel_open(const char *name, struct cdp_page *page, bool may_look, struct error *err);
void wheel_close(struct wheel *wheel); /* NULL: nothing */

/* For others to find it: a path, as the table otp_requests has it.  Borrowed. */
const char *wheel_channel(const struct wheel *wheel);

/* The connection's wait ends when somebody says something, for those who hear it then. */
void wheel_listen(struct wheel *wheel, bool listens);

/* A new wait for the person: nobody has had the wheel in it, and MAY_DRIVE says whether they may. */
void wheel_begin(struct wheel *wheel, bool may_drive);

/* What somebody says that is no matter of the view, owned by the caller, and who; NULL: nothing now.  Never waits but for the
 * first picture. */
cJSON *wheel_next(struct wheel *wheel, int *peer);
void wheel_reply(struct wheel *wheel, int peer, int status, const char *message);
/* For who answers what is not asked any more: the store knows what became of it. */
void wheel_hang_up(struct wheel *wheel, int peer);

/* Whether somebody has the wheel, and whether anybody has had it since wheel_begin(). */
bool wheel_is_held(const struct wheel *wheel);
bool wheel_was_held(const struct wheel *wheel);

/* Waits as cdp_conn_wait() does, and shows the page to who looks.  While somebody has the wheel it goes on waiting, and *HELD
 * is true then.  ERR_CODE_TIMEOUT: they did not give it back in time. */
bool wheel_wait(struct wheel *wheel, struct deadline until, bool *held, struct error *err);

/* When to ask wheel_next() again, if nothing happens before: UNTIL at the latest. */
struct deadline wheel_pause(const struct wheel *wheel, struct deadline until);

#endif
