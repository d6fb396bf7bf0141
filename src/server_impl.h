/* The inside of the server, for its three parts: server.c has the loop, request.c what comes, response.c what goes. */
#ifndef SRC_SERVER_IMPL_H
#define SRC_SERVER_IMPL_H

#include "cdp/base/buf.h"
#include "src/exchange.h"
#include "src/server.h"

#include <libwebsockets.h>

enum {
	PATH_MAX_SIZE = 512, QUERY_MAX = 2048, HEADER_MAX = 600, HEADERS_OUT_MAX = 6,
	HEADERS_IN_MAX = 8192, /* of a request; the cookies of all servers on this machine come to each */
	PING_S = 15,
	STREAMS_MAX = CONNECTIONS_MAX - 100, /* who calls has connections left */
	BEARER_STREAMS_MAX = 32, /* of one cookie or link; a browser has six connections to us, a person some browsers' tabs */
	STREAM_RETRY_S = 30,
};

struct header {
	char name[32], value[HEADER_MAX];
};

/* What a connection is doing; lws keeps it, zeroed at first. */
struct exchange {
	struct exchange *next; /* of the server's, while it is on */
	struct server *server;
	struct lws *wsi;
	uint64_t number;
	/* The request. */
	char method[8], path[PATH_MAX_SIZE], query[QUERY_MAX];
	char *parts[PATH_PARTS_MAX];
	char *part_text;
	struct access_grant grant;
	int64_t last_event; /* -1: none was given */
	bool is_cross, has_json_type, closes, is_on;
	char known_etag[24];
	struct buf body_text;
	cJSON *body;
	/* The answer. */
	int status;
	const char *type;
	struct buf out;
	size_t sent;
	struct header headers[HEADERS_OUT_MAX];
	size_t header_count;
	bool answered, head_sent;
	struct stream *stream;
	int silent_s;
	bool receives; /* its body is on its way … */
	int receives_s; /* … since so long */
};

struct server {
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct access *access;
	struct store *store;
	const struct route *routes;
	void *routes_owner;
	struct exchange *exchanges;
	uint64_t last_number;
	int port;
	char *public_host;
	bool tls;
	volatile bool stopped;
	const struct live_events *live;
	void *live_owner;
	void (*tick)(void *owner);
	void *tick_owner;
	lws_sorted_usec_list_t timer;
};

/* ---- src/request.c ---- */

/* A request has come, for PATH: it is answered, given to its handler, or its body is waited for. */
void exchange_begin(struct exchange *x, struct lws *wsi, const char *path);
/* All of it is there. */
void exchange_dispatch(struct exchange *x);
/* Over: the connection's memory is as new. */
void exchange_clear(struct exchange *x);

/* A websocket's request, for as long as the call: what it asks with, and what it may. */
struct exchange exchange_of_websocket(struct server *server, struct lws *wsi);
/* Whether it may be the live view: whoever has no grant, or comes from another page, gets none. */
bool exchange_may_look(const struct exchange *x);

/* ---- src/response.c ---- */

/* The connection takes something.  -1: it is to be closed. */
int exchange_writable(struct exchange *x);

#endif
