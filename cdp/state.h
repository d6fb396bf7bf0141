/* A signed-in state: what a site keeps in a browser, taken out of one and put into another.
 *
 * A state is a JSON object of Playwright's storageState, with what that leaves out: {cookies: [{name, value,
 * domain, path, expires, httpOnly, secure, sameSite, partitionKey?, _crHasCrossSiteAncestor?}], origins:
 * [{origin, localStorage: [{name, value}], sessionStorage: […], indexedDB: [{name, version, stores}]}]}.
 * Storage that is partitioned by the site around a frame is not part of it. */
#ifndef CDP_STATE_H
#define CDP_STATE_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>

struct cdp_page;
struct error;

enum {
	CDP_STATE_MAX = 16 << 20, /* bytes of a state as text: more is no session but a cache */
	CDP_STATE_ORIGINS_MAX = 64,
};

/* Takes the state of PAGE's context: all its cookies, and the storage of every origin that the page has
 * shown.  Origins that it no longer shows are read from empty documents in the same tab, without a word to
 * the network: only with LEAVE, since the page is gone then.  Owned by the caller.  ERR_LIMIT.
 * Protocol: Storage.getCookies, Runtime.evaluate, Fetch.fulfillRequest. */
cJSON *cdp_state_capture(struct cdp_page *page, bool leave, struct deadline until, struct error *err);

/* Puts STATE into PAGE and its context, before any script of a site runs, without a word to the network,
 * and reads it back.  The page is blank before, and shows an empty document of the last origin after.  Cookies
 * that have expired meanwhile are left out.
 * ERR_VALUE names what did not stay.  Protocol: Storage.setCookies, Fetch.fulfillRequest, Runtime.evaluate. */
bool cdp_state_restore(struct cdp_page *page, const cJSON *state, struct deadline until, struct error *err);

#endif
