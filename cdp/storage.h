/* Cookies and what pages store.
 *
 * A cookie is a JSON object as the protocol has it (Network.Cookie): name, value, domain, path, expires
 * (seconds since 1970; -1: ends with the session), httpOnly, secure, sameSite ("Strict", "Lax", "None"),
 * partitionKey ({topLevelSite, hasCrossSiteAncestor}). */
#ifndef CDP_STORAGE_H
#define CDP_STORAGE_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>

struct cdp_browser;
struct cdp_context;
struct cdp_frame;
struct error;

/* All cookies of CONTEXT (NULL: the default one): an array, owned by the caller.
 * Protocol: Storage.getCookies. */
cJSON *cdp_cookies_get(struct cdp_browser *browser, struct cdp_context *context, struct deadline until,
	struct error *err);

/* Sets COOKIES, an array, and reads them back: the browser drops what it does not like without a word.
 * ERR_VALUE names the first that was dropped, with a likely reason; the others are set.
 * Protocol: Storage.setCookies, Storage.getCookies. */
bool cdp_cookies_set(struct cdp_browser *browser, struct cdp_context *context, const cJSON *cookies,
	struct deadline until, struct error *err);

/* Deletes the cookies with this name and domain (NULL: any), and nothing else. */
bool cdp_cookies_delete(struct cdp_browser *browser, struct cdp_context *context, const char *name,
	const char *domain, struct deadline until, struct error *err);

/* The items of a frame's localStorage or sessionStorage: an object, owned by the caller. */
cJSON *cdp_local_storage(struct cdp_frame *frame, struct deadline until, struct error *err);
cJSON *cdp_session_storage(struct cdp_frame *frame, struct deadline until, struct error *err);

#endif
