/* Connecting an account: a person signs in once, and the session is saved after a second browser has proven it.
 *
 * The person sits before a window (headed), sees the page through the server's live view (live), or fills in fields that
 * this program types for them (guided).  How it gets on, everybody hears as "connect.changed"; what they say comes over a
 * channel: {"type": "finished"}, {"type": "fill", "values": {…}, "remember": bool}, {"type": "cancel"}, and what
 * src/live.h takes. */
#ifndef SRC_CONNECT_H
#define SRC_CONNECT_H

#include <stdbool.h>

struct error;
struct options;
struct site_account;

enum connect_via { CONNECT_HEADED, CONNECT_LIVE, CONNECT_GUIDED };

/* False with ERR_SIGNED_OUT when nobody has signed in, ERR_CODE_CANCEL when they did not want to; nothing is changed then. */
bool connect_account(const struct site_account *account, const struct options *options, enum connect_via via, struct error *err);

#endif
