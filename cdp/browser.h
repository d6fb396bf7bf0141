/* A browser: one that we start, or one that runs somewhere.
 *
 *	struct error err;
 *	struct cdp_browser *browser = cdp_browser_launch(NULL, deadline_in_ms(20000), &err);
 *	struct cdp_page *page = browser ? cdp_page_open(browser, NULL, NULL, deadline_in_ms(10000), &err) : NULL;
 *
 * A browser has contexts (cookies and storage of their own, like incognito windows), contexts have
 * pages.  Freeing a browser frees what is left of both. */
#ifndef CDP_BROWSER_H
#define CDP_BROWSER_H

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/json.h"
#include "cdp/process.h"

#include <stdbool.h>

struct cdp_browser;
struct cdp_conn;
struct cdp_context;
struct error;

struct cdp_attach_opts {
	/* New windows that pages open become pages too, held until they are initialised.  Off, since the
	 * browser then tells us of everybody's windows, and holds those too until we let them go. */
	bool popups;
	const char *const *headers; /* as in struct cdp_conn_opts (conn.h) */
	const char *cacert;
};

/* Starts Chromium (see process.h) and connects to it.  Popups are seen. */
struct cdp_browser *cdp_browser_launch(const struct cdp_launch_opts *opts, struct deadline until,
	struct error *err);

/* Connects to ENDPOINT: "ws://host:port/…", "wss://…", or "http://host:port", where /json/version is
 * asked and its answer's path taken, with our own host, port and query: what others call themselves is
 * often out of reach.  One that is busy (HTTP 429, 503) is asked again until UNTIL.  ERR_DISCONNECTED, ERR_INPUT;
 * ERR_LAUNCH: it does not let us in; ERR_LIMIT: it was busy all the time.  No error says what follows the '?' of an address,
 * which is where services have their tokens. */
struct cdp_browser *cdp_browser_attach(const char *endpoint, const struct cdp_attach_opts *opts,
	struct deadline until, struct error *err);

/* Ends a browser that we started (Browser.close, which keeps its cookies, then harder), or leaves one
 * that we attached to.  All its contexts and pages must not be used any more. */
void cdp_browser_free(struct cdp_browser *browser);

AUTO_KIND(browser, struct cdp_browser *, cdp_browser_free);

struct cdp_conn *cdp_browser_conn(struct cdp_browser *browser);
const char *cdp_browser_version(const struct cdp_browser *browser); /* "Chrome/156.0.8078.79"; borrowed */
const char *cdp_browser_user_agent(const struct cdp_browser *browser);
pid_t cdp_browser_pid(const struct cdp_browser *browser); /* 0: not ours */
bool cdp_browser_is_shell(const struct cdp_browser *browser); /* ours, and chromium-headless-shell */

/* The browser's open tabs: an array of {targetId, url, title, contextId, sick}; "sick" are those whose
 * page did not answer within PATIENCE_MS (a stopped renderer, a sleeping tab).  Protocol:
 * Target.getTargets, Target.attachToTarget, Runtime.evaluate. */
cJSON *cdp_browser_tabs(struct cdp_browser *browser, int patience_ms, struct error *err);

/* A context of its own, gone with the connection.  Protocol: Target.createBrowserContext. */
struct cdp_context *cdp_context_new(struct cdp_browser *browser, struct deadline until,
	struct error *err);
/* Closes its pages, too.  Protocol: Target.disposeBrowserContext. */
void cdp_context_free(struct cdp_context *context);

AUTO_KIND(context, struct cdp_context *, cdp_context_free);

#endif
