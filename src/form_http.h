/* Requests of forms over HTTP: as the page would send them, with its cookies, and its redirects followed within the site. */
#ifndef SRC_FORM_HTTP_H
#define SRC_FORM_HTTP_H

#include "cdp/base/buf.h"
#include "scrapers/client.h"
#include "src/form.h"
#include "src/form_judge.h"
#include "src/form_source.h"

struct form_http {
	const struct form_opts *opts;
	struct client *client;
	struct form_judge judge;
	const char *user_agent, *language; /* the browser's; NULL */
	struct fetch_network *network;     /* owned */
	char *page;                        /* the form's address, for Origin and Referer */
};

/* Begins with the cookies of OPTS' session.  USER_AGENT and LANGUAGE are borrowed. */
void form_http_open(struct form_http *http, const struct form_opts *opts, const char *page, const char *user_agent,
	const char *language);
void form_http_close(struct form_http *http);

static inline void auto_form_http(struct form_http *http)
{
	form_http_close(http);
}

struct form_http_request {
	const char *method, *url;
	const cJSON *headers;  /* an object of texts; NULL */
	const char *type;      /* of the body */
	const struct buf *body; /* NULL: none */
	bool by_document;      /* as the browser asks for a page */
};

/* Sends it once and fills FIRST; *SENT (may be NULL): whether it may have reached the site.  ERR_NETWORK, ERR_TIMEOUT, ERR_LIMIT,
 * ERR_CANCELLED. */
bool form_http_send(struct form_http *http, const struct form_http_request *request, struct form_answer *first, bool *sent,
	struct error *err);

/* Goes where FIRST leads, by GET, as long as that is the same site, and fills LAST; without a redirect LAST stays empty.
 * ERR_BLOCKED: it leads elsewhere. */
bool form_http_follow(struct form_http *http, const struct form_answer *first, struct form_answer *last, struct error *err);

#endif
