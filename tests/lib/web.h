/* gabbai serve, and its clients over plain sockets: they can be as wrong as a test wants. */
#ifndef TESTS_LIB_WEB_H
#define TESTS_LIB_WEB_H

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/json.h"
#include "tests/lib/program.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { WEB_MS = 45000 }; /* for anything to happen, on a machine that is busy */

/* ---- the server ---- */

struct web {
	const struct cal *cal;
	pid_t pid;     /* 0: it is not running */
	int port;
	char *start;   /* of its link: good for one login */
	char *token;   /* of the API */
};

/* Starts it on a free port with the credentials of USER and with MORE options (NULL at the end, or NULL).  It prints to the
 * files "serve" and "serve.err" of CAL's folder.  Fails the test when it does not start. */
void web_start(struct web *web, const struct cal *cal, const char *user, const char *const *more);
/* Asks it to end: its exit code. */
int web_stop(struct web *web);
/* What it and its children have said on the standard error so far, owned by the caller. */
char *web_stderr(const struct web *web);
/* How many processes of browsers that it or its children started live. */
size_t web_browsers(const struct web *web);
/* Waits until there is none; false: in vain. */
bool web_has_no_browser(const struct web *web);

/* ---- requests ---- */

struct reply {
	int status;    /* 0: the connection was closed without an answer */
	char *head;    /* status line and headers, each with its CR LF */
	char *body;
	size_t size;
	cJSON *json;   /* of the body; NULL: it is none */
};

void reply_clear(struct reply *reply);

static inline void auto_reply(struct reply *reply)
{
	reply_clear(reply);
}

/* The value of a header ("etag"), owned by the caller; NULL: it is not there. */
char *reply_header(const struct reply *reply, const char *name);

/* Who asks, and how: a member that is NULL is as a good client has it. */
struct ask {
	const char *method;  /* GET, or POST with a body */
	const char *path;
	const char *body;
	const char *token;   /* of the API; "": none is sent */
	const char *host;    /* "": none is sent */
	const char *type;    /* of the body: application/json; "": none is sent */
	const char *headers; /* more of them, each with CR LF */
};

struct reply web_ask(const struct web *web, const struct ask *ask);
struct reply web_get(const struct web *web, const char *path);
struct reply web_post(const struct web *web, const char *path, const char *body);
/* Sends BYTES as they are. */
struct reply web_raw(const struct web *web, const void *bytes, size_t size);

/* An open connection, on which PART was sent; -1: refused. */
int web_connect(const struct web *web, const char *part);
/* What it says until it is closed, or until UNTIL; *CLOSED. */
void web_read(int fd, struct buf *in, struct deadline until, bool *closed);

/* ---- event streams ---- */

struct sse {
	int fd;
	int status;
	struct buf in;
};

struct sse_event {
	int64_t id;       /* 0: none */
	char name[32];
	cJSON *data;
};

void sse_event_clear(struct sse_event *event);

static inline void auto_event(struct sse_event *event)
{
	sse_event_clear(event);
}

/* Whether it is a stream; STATUS tells why it is none. */
bool sse_open(struct sse *sse, const struct web *web, const struct ask *ask);
void sse_close(struct sse *sse);

static inline void auto_sse(struct sse *sse)
{
	sse_close(sse);
}

/* The next event.  False: the stream has ended, or nothing came until UNTIL. */
bool sse_next(struct sse *sse, struct sse_event *event, struct deadline until);
/* The data of the next event NAME, owned by the caller; those before it are dropped.  Fails the test when it does not come. */
cJSON *sse_await(struct sse *sse, const char *name);

/* ---- websockets ---- */

struct ws {
	int fd;
	struct buf in;
};

struct ws_message {
	bool is_binary;
	struct buf data;
};

static inline void auto_message(struct ws_message *message)
{
	buf_clear(&message->data);
}

/* The HTTP status: 101 when it is one; 0: the connection was closed.  PROTOCOL "": none is asked for. */
int ws_open(struct ws *ws, const struct web *web, const struct ask *ask, const char *protocol);
void ws_close(struct ws *ws);

static inline void auto_ws(struct ws *ws)
{
	ws_close(ws);
}

bool ws_send(struct ws *ws, const char *text);
/* The next message; false: closed, or none until UNTIL. */
bool ws_next(struct ws *ws, struct ws_message *message, struct deadline until);

#endif
