/* Sessions and events, for the library's own files.  A session is the browser's name for "this client
 * talks to that target"; a session object lives as long as the page it belongs to, so that a late
 * reply meets a dead session and never freed memory. */
#ifndef CDP_SESSION_H
#define CDP_SESSION_H

#include "cdp/base/error.h"
#include "cdp/conn.h"

enum { CDP_ID_MAX = 64 }; /* Chromium's ids are 32 hex digits */

struct cdp_session {
	struct cdp_session *next; /* struct cdp_session, all of a connection */
	struct cdp_conn *conn;
	struct cdp_session *parent; /* NULL: attached from the browser */
	enum error_code dead;       /* ERR_NONE while it lives */
	char id[CDP_ID_MAX];
	char target_id[CDP_ID_MAX];
	char type[32];              /* "page", "iframe", "worker", … */
	void *owner;                /* struct cdp_page, of pages and their frames and workers */
};

/* What the layer above wants to be told as it happens.  The function must not wait. */
struct cdp_event {
	const char *method;
	void (*run)(void *owner, struct cdp_session *session, const cJSON *params);
};

/* EVENTS ends with a NULL method and stays valid. */
void cdp_conn_on_events(struct cdp_conn *conn, const struct cdp_event *events, void *owner);

struct cdp_session *cdp_session_new(struct cdp_conn *conn, const char *id, struct cdp_session *parent);
struct cdp_session *cdp_session_find(struct cdp_conn *conn, const char *id);

/* No command of this session will be answered any more: fails those that wait. */
void cdp_session_end(struct cdp_session *session, enum error_code why);

/* A crashed page that was navigated again lives again. */
void cdp_session_revive(struct cdp_session *session);

/* Forgets the session.  No watch of it may be left. */
void cdp_session_free(struct cdp_session *session);

/* The sessions of one owner: ended, freed, one after the other (NULL: the first). */
void cdp_sessions_end_of(struct cdp_conn *conn, const void *owner, enum error_code why);
void cdp_sessions_free_of(struct cdp_conn *conn, const void *owner);
struct cdp_session *cdp_session_next_of(struct cdp_conn *conn, const void *owner,
	struct cdp_session *after);

/* The error that DEAD means. */
bool cdp_session_fail(const struct cdp_session *session, struct error *err);

/* Fills ERR from the "error" of a reply, with the code for the browser's words.  Always false. */
bool cdp_fail_refused(const char *method, const cJSON *error, struct error *err);

#endif
