/* Where the websocket of a browser is that runs somewhere. */
#ifndef CDP_ENDPOINT_H
#define CDP_ENDPOINT_H

#include "cdp/base/clock.h"

struct cdp_conn_opts;
struct error;

/* The websocket's address, owned by the caller: ADDRESS itself, or for "http://host:port" the path that its /json/version
 * names, at that host and port and with ADDRESS's query.  Errors are cdp_conn_open()'s. */
char *cdp_endpoint_find(const char *address, const struct cdp_conn_opts *opts, struct deadline until, struct error *err);

#endif
