/* What a page asked for and what it got.
 *
 * Requests are recorded as they happen (unless the page was opened with no_network), the last
 * CDP_EXCHANGES_MAX of them.  Bodies stay in the browser until they are asked for, also after a
 * navigation, as far as its buffers go (Network.configureDurableMessages). */
#ifndef CDP_NETWORK_H
#define CDP_NETWORK_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct cdp_page;
struct error;

enum { CDP_EXCHANGES_MAX = 2000 };

struct cdp_exchange {
	unsigned long long number; /* counts up from 1 in a page */
	const char *method, *url;
	const char *type;          /* "Document", "XHR", "Fetch", … */
	const char *mime;          /* NULL: no response yet */
	const char *failure;       /* net::ERR_…, NULL: none */
	int status;                /* 0: no response yet */
	double started_s;          /* since 1970 */
	double took_s;             /* until it was complete or failed; 0: not yet */
	int redirects;             /* responses before this one, in a chain */
	bool from_cache;
	bool finished;             /* the body is complete, or it failed */
	const cJSON *request_headers, *response_headers; /* names as sent; as far as known */
	const char *post_data;     /* NULL: none, or too long to be told */
};

/* What to look for; NULL and 0 match everything. */
struct cdp_exchange_match {
	const char *url_part;
	const char *method;
	unsigned long long after; /* only those with a higher number */
	bool answered;            /* with a response or a failure */
	bool finished;
};

/* The number of the latest request so far: "after" this moment. */
unsigned long long cdp_network_now(const struct cdp_page *page);

/* The first that matches, now; NULL when there is none.  Borrowed until the next call that waits. */
const struct cdp_exchange *cdp_network_find(struct cdp_page *page, const struct cdp_exchange_match *match);

/* The same, waiting for it. */
const struct cdp_exchange *cdp_network_wait(struct cdp_page *page, const struct cdp_exchange_match *match,
	struct deadline until, struct error *err);

/* A header's value, whatever the case of its name; NULL. */
const char *cdp_exchange_header(const cJSON *headers, const char *name);

/* The response body: *SIZE bytes, owned by the caller.  Waits until it is complete.
 * Protocol: Network.getResponseBody. */
char *cdp_network_body(struct cdp_page *page, unsigned long long number, size_t *size,
	struct deadline until, struct error *err);

/* Requests whose URL matches one of COUNT patterns ("*" matches anything) are not made.
 * Protocol: Network.setBlockedURLs. */
bool cdp_network_block(struct cdp_page *page, const char *const *patterns, size_t count,
	struct error *err);

#endif
