/* gabbai serve's one loop, over libwebsockets: HTTP, event streams, the live view's websocket, descriptors and timers.  It
 * never blocks and opens no secret: what takes time is done by children (src/jobs.h), and answered when they are.
 *
 * An exchange is one request and its answer.  Its handler answers it, makes it a stream, or keeps its number and answers
 * later; the exchange may be gone by then. */
#ifndef SRC_SERVER_H
#define SRC_SERVER_H

#include "cdp/base/json.h"
#include "src/access.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct exchange;
struct lws;
struct server;
struct store;

enum {
	BODY_MAX = 2 << 20,       /* an imported session is the largest that comes */
	CONNECTIONS_MAX = 1200,
	PATH_PARTS_MAX = 8,
};

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

/* ---- exchanges ---- */

/* A route: handlers get the parts of the path that stand at "*". */
struct route {
	const char *method, *path; /* "/api/runs/" "*" "/events" as one text with stars */
	enum access_scope scope;   /* the least that may: SCOPE_NONE is everybody, SCOPE_QUESTION also who has its link */
	void (*run)(void *owner, struct exchange *x);
};

/* ROUTES end with a NULL method.  OWNER is what their handlers get. */
void server_routes(struct server *server, const struct route *routes, void *owner);

/* Borrowed until the answer; NULL: there is none. */
const char *exchange_part(const struct exchange *x, size_t number);
const char *exchange_query(const struct exchange *x, const char *name);
const cJSON *exchange_body(const struct exchange *x); /* an object */
bool exchange_has_etag(const struct exchange *x, const char *etag); /* If-None-Match */
const struct access_grant *exchange_grant(const struct exchange *x);
/* What the client of an event stream has seen; -1: it does not say. */
int64_t exchange_last_event(const struct exchange *x);

/* Answers.  JSON and TEXT are taken. */
void exchange_json(struct exchange *x, int status, cJSON *json);
void exchange_text(struct exchange *x, int status, const char *type, char *text, size_t size);
/* A header of the answer, before it: VALUE is copied, and replaces one of the same name. */
void exchange_header(struct exchange *x, const char *name, const char *value);
/* RFC 9457.  ERROR_TYPE (NULL: none) is one of the table in README. */
void exchange_problem(struct exchange *x, int status, const char *error_type, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* What ERR means for HTTP. */
void exchange_failed(struct exchange *x, const struct error *err);
/* The cookie that lets a browser in. */
void exchange_let_in(struct exchange *x);

/* For an answer later: its number, and who has it now (NULL: nobody any more). */
uint64_t exchange_number(const struct exchange *x);
struct exchange *exchange_find(struct server *server, uint64_t number);

/* ---- event streams (src/stream.c) ---- */

struct stream;
/* Makes the exchange a text/event-stream of STREAM, which is taken. */
void exchange_stream(struct exchange *x, struct stream *stream);
struct stream *exchange_stream_of(struct exchange *x); /* NULL: it is none */
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
