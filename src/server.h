/* gabbai serve's one loop, over libwebsockets: HTTP, event streams, the live view's websocket, descriptors and timers.  It
 * never blocks and opens no secret: what takes time is done by children (src/jobs.h), and answered when they are.
 *
 * What comes and goes over it are exchanges (src/exchange.h). */
#ifndef SRC_SERVER_H
#define SRC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access;
struct error;
struct exchange;
struct lws;
struct route;
struct server;
struct store;

enum { CONNECTIONS_MAX = 1200 };

struct server_opts {
	const char *address;      /* "127.0.0.1"; IPv4 */
	int port;                 /* 0: any free one */
	const char *public_host;  /* "gabbai.example.org", behind a proxy; NULL: none */
	const char *cert, *key;   /* NULL: no TLS */
};

/* Opens the socket.  ACCESS and STORE stay the caller's. */
struct server *server_open(const struct server_opts *opts, struct access *access, struct store *store, struct error *err);
void server_close(struct server *server);
int server_port(const struct server *server);

/* Serves until server_stop(), which may be called from a signal handler. */
void server_run(struct server *server);
void server_stop(struct server *server);

/* ---- what it serves ---- */

/* ROUTES end with a NULL method.  OWNER is what their handlers get. */
void server_routes(struct server *server, const struct route *routes, void *owner);

/* All streams look whether they have something to say. */
void server_wake_streams(struct server *server);

/* ---- descriptors and websockets ---- */

/* READY is called when FD can be read, and returns false when it is to be closed and forgotten.  Takes FD. */
bool server_watch(struct server *server, int fd, bool (*ready)(void *owner, int fd), void *owner);

/* The live view: the functions are called for a websocket at /live of somebody with a grant for it. */
struct live_events {
	void *(*opened)(void *owner, struct exchange *x, struct lws *wsi); /* NULL: refused */
	void (*received)(void *view, const char *text, size_t size);
	/* The next message for the page; false: none.  *BINARY. */
	bool (*next)(void *view, const void **data, size_t *size, bool *binary);
	void (*closed)(void *view);
};

void server_live(struct server *server, const struct live_events *events, void *owner);
void server_live_writable(struct lws *wsi);

/* Every second. */
void server_on_tick(struct server *server, void (*tick)(void *owner), void *owner);

#endif
