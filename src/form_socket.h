/* Forms that are sent over a websocket: what went over those of a page, and the same once more. */
#ifndef SRC_FORM_SOCKET_H
#define SRC_FORM_SOCKET_H

#include "src/form_capture.h"
#include "src/form_http.h"

enum { FORM_SOCKETS_MAX = 8 };

/* The websockets of a page, from the opening on. */
struct form_sockets {
	struct cdp_watch *created, *sent, *received;
	struct { char *id, *url; } list[FORM_SOCKETS_MAX];
	size_t count;
	char *id;              /* of the one that took the form; NULL: none yet */
	struct form_sent best; /* what it took, and what came back */
};

void form_sockets_open(struct form_sockets *sockets, struct cdp_page *page);
void form_sockets_clear(struct form_sockets *sockets);

/* What was sent so far was not the form. */
void form_sockets_forget(struct form_sockets *sockets);

/* Looks at what has come: true when a message with values of REQUEST was sent and another one came back. */
bool form_sockets_look(struct form_sockets *sockets, const struct form_request *request);

/* The prefix of socket.io's and its like ("42") before the JSON of a message; the rest is at *JSON. */
size_t form_socket_prefix(const char *text, const char **json);

/* Sends TEXT to URL and fills ANSWER with what comes back.  *SENT: it may have reached the site. */
bool form_socket_send(struct form_http *http, const char *url, const char *text, struct form_answer *answer, bool *sent,
	struct error *err);

#endif
