/* An exchange is one request and its answer.  Its handler answers it, makes it a stream, or keeps its number and answers
 * later; the exchange may be gone by then. */
#ifndef SRC_EXCHANGE_H
#define SRC_EXCHANGE_H

#include "cdp/base/json.h"
#include "src/access.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct exchange;
struct server;
struct stream;

enum {
	BODY_MAX = 2 << 20, /* an imported session is the largest that comes */
	PATH_PARTS_MAX = 8,
};

/* A route: handlers get the parts of the path that stand at "*". */
struct route {
	const char *method, *path; /* "/api/runs/" "*" "/events" as one text with stars */
	enum access_scope scope;   /* the least that may: SCOPE_NONE is everybody, SCOPE_QUESTION also who has its link */
	void (*run)(void *owner, struct exchange *x);
};

/* Borrowed until the answer; NULL: there is none. */
const char *exchange_part(const struct exchange *x, size_t number);
const char *exchange_query(const struct exchange *x, const char *name);
const cJSON *exchange_body(const struct exchange *x); /* an object */
bool exchange_has_etag(const struct exchange *x, const char *etag); /* If-None-Match */
const struct access_grant *exchange_grant(const struct exchange *x);
/* Basic authentication (RFC 7617), of a request without a body; false: there is none, or it does not fit. */
bool exchange_basic(const struct exchange *x, char *user, size_t user_room, char *password, size_t password_room);
/* "https://gabbai.example.org", as it was asked for; owned by the caller. */
char *exchange_base(const struct exchange *x);
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

/* Whether one more stream may be open: the server has so many, and each cookie and link fewer.  False: it was answered. */
bool exchange_may_stream(struct exchange *x);
/* Makes the exchange a text/event-stream of STREAM, which is taken. */
void exchange_stream(struct exchange *x, struct stream *stream);
struct stream *exchange_stream_of(struct exchange *x); /* NULL: it is none */

#endif
