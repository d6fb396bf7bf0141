/* A browser that runs somewhere else (--browser-url), as services offer them. */
#ifndef SRC_REMOTE_H
#define SRC_REMOTE_H

#include "cdp/base/clock.h"

struct cdp_browser;
struct error;
struct options;

/* Connects to it, with the headers of --browser-headers.  ERR_INPUT: it is on another machine and without TLS, which needs
 * --insecure; ERR_LAUNCH: it does not let us in; ERR_NETWORK: not there, or busy all the time. */
struct cdp_browser *remote_attach(const struct options *options, struct deadline until, struct error *err);

/* Its address without what follows the '?', where services have their tokens; owned by the caller. */
char *remote_name(const struct options *options);

#endif
