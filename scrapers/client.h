/* One request after another as a browser's tab makes them, over libcurl: cookies are kept between them.  Nothing is tried
 * twice and no redirect is followed: that is for whoever knows what a request does. */
#ifndef SCRAPERS_CLIENT_H
#define SCRAPERS_CLIENT_H

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/json.h"
#include "scrapers/answer.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct error;
struct fetch_network;

enum { CLIENT_REPLY_MAX = 8 << 20, CLIENT_HEADERS_MAX = 100 };

/* NETWORK is borrowed and stays. */
struct client *client_new(const struct fetch_network *network);
void client_free(struct client *client);
AUTO_KIND(client, struct client *, client_free);

struct client_request {
	const char *method;         /* NULL: GET */
	const char *url;            /* http or https */
	const char *const *headers; /* "Name: value", NULL at the end; may be NULL */
	const char *body;           /* NULL: none */
	size_t body_size;
};

struct client_reply {
	int status;       /* 0: there was no answer */
	char reason[64];  /* "Not Found"; "" with HTTP/2, which has none */
	struct buf body;
	struct answer_header headers[CLIENT_HEADERS_MAX]; /* owned */
	size_t header_count;
	bool sent;        /* something of the request may have reached the site, also when it failed */
	double ms;
};

void client_reply_clear(struct client_reply *reply);

static inline void auto_client_reply(struct client_reply *reply)
{
	client_reply_clear(reply);
}

/* The first header of this name; NULL. */
const char *client_header(const struct client_reply *reply, const char *name);

/* Sends REQUEST and fills OUT, which the caller clears in any case.  ERR_NETWORK with libcurl's words, ERR_TIMEOUT,
 * ERR_LIMIT (an answer of more than CLIENT_REPLY_MAX), ERR_INPUT (another scheme), ERR_CANCELLED. */
bool client_send(struct client *client, const struct client_request *request, struct deadline until,
	struct client_reply *out, struct error *err);

/* Cookies, as cdp/storage.h has them: an array. */
void client_add_cookies(struct client *client, const cJSON *cookies);
cJSON *client_cookies(struct client *client);

/* The value of the cookie of this name that URL's host would be sent, owned by the caller; NULL. */
char *client_cookie(struct client *client, const char *url, const char *name);

#endif
