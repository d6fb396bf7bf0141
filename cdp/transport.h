/* The websocket to the browser, over libwebsockets.
 *
 * A transport has its own lws_context and belongs to the thread that made it; nothing happens but inside
 * cdp_transport_service().  Other descriptors (a terminal, a pipe to the child) can be waited for in the
 * same place.  Only cdp_transport_wake() may be called from elsewhere, also from a signal handler. */
#ifndef CDP_TRANSPORT_H
#define CDP_TRANSPORT_H

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct cdp_conn_opts;
struct cdp_transport;
struct error;

enum {
	CDP_SEND_PRE = 32,                /* bytes that a message to send keeps free at its front */
	CDP_MESSAGE_MAX = 256 << 20,      /* what a page may make the browser send in one message */
	CDP_FDS_MAX = 8,                  /* stdin, control channel, the browser's stderr, inotify, … */
};

struct cdp_transport_events {
	/* A whole message.  The function may take the text out of IN by buf_take(). */
	void (*message)(void *owner, struct buf *in);
	/* The connection is gone; WHY is a sentence.  Called once. */
	void (*closed)(void *owner, const char *why);
	void *owner;
};

/* Connects to URL, "ws://host:port/path" or "wss://…".  OPTS (may be NULL) and errors are cdp_conn_open()'s (conn.h). */
struct cdp_transport *cdp_transport_open(const char *url, const struct cdp_conn_opts *opts,
	const struct cdp_transport_events *events, struct deadline until, struct error *err);
void cdp_transport_free(struct cdp_transport *transport);

/* Sends the message in OUT behind its first CDP_SEND_PRE bytes, now or as soon as the socket takes it.
 * The memory of OUT can be used again at once. */
void cdp_transport_send(struct cdp_transport *transport, struct buf *out);

/* Sleeps until something happened or UNTIL, and lets it happen. */
void cdp_transport_service(struct cdp_transport *transport, struct deadline until);

void cdp_transport_wake(struct cdp_transport *transport);

/* Has service() return when FD is readable.  The slot is for the two below; -1 when there are too many. */
int cdp_transport_add_fd(struct cdp_transport *transport, int fd);
bool cdp_transport_fd_ready(struct cdp_transport *transport, int slot); /* and forgets that it was */
void cdp_transport_remove_fd(struct cdp_transport *transport, int slot);

#endif
