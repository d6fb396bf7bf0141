/* Downloads: files that the browser saves.
 * Protocol: Browser.setDownloadBehavior, Browser.downloadWillBegin, Browser.downloadProgress. */
#ifndef CDP_DOWNLOAD_H
#define CDP_DOWNLOAD_H

#include "cdp/base/clock.h"
#include "cdp/session.h"

#include <stdbool.h>

struct cdp_browser;
struct cdp_context;

/* Without this, downloads are refused.  From now on the downloads of CONTEXT (NULL: the default one) go
 * to DIR, an absolute path. */
bool cdp_download_allow(struct cdp_browser *browser, struct cdp_context *context, const char *dir,
	struct error *err);

/* Waits for the next download to be complete and gives its file the name that the site suggests, made
 * safe, and unique in DIR.  Its path, owned by the caller.  ERR_NETWORK when it was cut off. */
char *cdp_download_next(struct cdp_browser *browser, struct deadline until, struct error *err);

/* For the library's own files. */
void cdp_download_on_begin(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_download_on_progress(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_downloads_free(struct cdp_browser *browser);

#endif
