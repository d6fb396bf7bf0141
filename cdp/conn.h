/* A connection to a browser: commands, their replies, events.
 *
 * This is the raw Chrome DevTools Protocol, for what the rest of the library has no words for.  One
 * websocket to the browser carries all sessions ("flat"): a command names the session it is for, NULL
 * being the browser itself.
 *
 * Waiting is servicing: a call that waits lets everything else happen, too, until its reply, its
 * deadline, cdp_conn_wake() or the end of the connection.  A connection belongs to the thread that made
 * it.
 *
 * Errors that all waiting calls share: ERR_TIMEOUT (naming the method), ERR_CANCELLED, ERR_DISCONNECTED,
 * ERR_CRASHED and ERR_CLOSED (the session's page died or went away), ERR_CONTEXT (the document went away
 * under an evaluation), ERR_PROTOCOL (with the browser's words). */
#ifndef CDP_CONN_H
#define CDP_CONN_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct cdp_conn;
struct cdp_reply;
struct cdp_session;
struct cdp_watch;
struct error;

enum {
	CDP_CALL_MS = 30000, /* what a command may take when nobody says otherwise */
	CDP_WATCH_MAX = 200000, /* events a watch keeps; then it fails with ERR_LIMIT */
};

/* What endpoints of others may want. */
struct cdp_conn_opts {
	const char *const *headers; /* of the handshake: "Name: value", NULL at the end.  Secrets: they are told nowhere */
	const char *cacert;         /* a PEM file that is trusted, for wss://; NULL: the system's */
};

/* Connects to a browser's websocket endpoint.  OPTS may be NULL.  ERR_DISCONNECTED, ERR_TIMEOUT, ERR_INPUT; ERR_LAUNCH: it
 * does not let us in (HTTP 401 or 403); ERR_LIMIT: it has too much to do (HTTP 429 or 503). */
struct cdp_conn *cdp_conn_open(const char *ws_url, const struct cdp_conn_opts *opts, struct deadline until, struct error *err);
/* An endpoint of that NAME answered with this STATUS of HTTP instead of a websocket.  Always false. */
bool cdp_conn_fail_status(int status, const char *name, struct error *err);
void cdp_conn_free(struct cdp_conn *conn);
bool cdp_conn_alive(const struct cdp_conn *conn);

/* Sends METHOD with PARAMS (taken; NULL for none), waits for the reply.  Its "result" object, owned by
 * the caller; NULL with ERR filled. */
cJSON *cdp_call(struct cdp_conn *conn, struct cdp_session *session, const char *method, cJSON *params,
	struct deadline until, struct error *err);

/* The same without waiting, so that several commands travel together.  METHOD must stay valid until the
 * reply is freed or waited for. */
struct cdp_reply *cdp_send(struct cdp_conn *conn, struct cdp_session *session, const char *method,
	cJSON *params);

/* With the parameters as ready JSON text, for what is sent thousands of times. */
struct cdp_reply *cdp_send_text(struct cdp_conn *conn, struct cdp_session *session, const char *method,
	const char *params);

bool cdp_reply_done(const struct cdp_reply *reply);

/* Waits for the reply and frees it ("takes REPLY"). */
cJSON *cdp_reply_wait(struct cdp_reply *reply, struct deadline until, struct error *err);

/* Waits, and gives the whole reply as text: *SIZE bytes, owned by the caller, not copied and not parsed.
 * For results of megabytes.  Takes REPLY. */
char *cdp_reply_wait_text(struct cdp_reply *reply, size_t *size, struct deadline until,
	struct error *err);

/* Forgets the reply; one that comes later is ignored. */
void cdp_reply_free(struct cdp_reply *reply);

AUTO_KIND(reply, struct cdp_reply *, cdp_reply_free);

/* Sends and does not care. */
void cdp_post(struct cdp_conn *conn, struct cdp_session *session, const char *method, cJSON *params);

/* Events are kept by a watch from the moment it is made: watch, act, wait.  SESSION NULL means the
 * browser's own events.  METHOD is copied. */
struct cdp_watch *cdp_watch_new(struct cdp_conn *conn, struct cdp_session *session, const char *method);
void cdp_watch_free(struct cdp_watch *watch);

AUTO_KIND(watch, struct cdp_watch *, cdp_watch_free);

/* The next event's "params", owned by the caller. */
cJSON *cdp_watch_next(struct cdp_watch *watch, struct deadline until, struct error *err);

/* The next event as it came, "{"method":…}", owned by the caller. */
char *cdp_watch_next_text(struct cdp_watch *watch, size_t *size, struct deadline until,
	struct error *err);

/* Services the connection once: returns after something happened.  False with ERR_TIMEOUT,
 * ERR_CANCELLED or ERR_DISCONNECTED. */
bool cdp_conn_wait(struct cdp_conn *conn, struct deadline until, struct error *err);

/* How many messages have come: what was looked at while none came needs no second look. */
unsigned long long cdp_conn_messages(const struct cdp_conn *conn);

/* Makes the current or the next wait fail with ERR_CANCELLED.  From any thread or signal handler. */
void cdp_conn_wake(struct cdp_conn *conn);

/* Lets cdp_conn_wait() return when FD can be read.  -1: too many. */
int cdp_conn_add_fd(struct cdp_conn *conn, int fd);
bool cdp_conn_fd_ready(struct cdp_conn *conn, int slot);
void cdp_conn_remove_fd(struct cdp_conn *conn, int slot);

#endif
