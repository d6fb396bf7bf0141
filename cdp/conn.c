/* The connection: see conn.h.
 *
 * A message is looked at before it is parsed: its id, its method and its session stand at its two ends.
 * A reply is parsed when its caller takes it, an event only when somebody wants it, and everything else
 * is dropped by name.  That is most of what a driver costs. */
#include "cdp/conn.h"

#include "cdp/base/log.h"
#include "cdp/redact.h"
#include "cdp/session.h"
#include "cdp/transport.h"

#include <stdatomic.h>
#include <string.h>

enum {
	BUCKETS = 256, /* commands in flight are few; a bench has 64 */
	COPY_MAX = 64 << 10, /* smaller messages are copied, larger ones handed over */
	WATCH_BYTES_MAX = 128 << 20,
};

struct cdp_reply {
	struct cdp_reply *next; /* struct cdp_reply, in its bucket */
	struct cdp_conn *conn;
	struct cdp_session *session;
	const char *method;
	int id;
	bool waiting;
	enum error_code failed; /* it will never come, because … */
	char *text; /* the whole message */
	size_t size;
};

struct message {
	struct message *next;
	size_t size;
	char text[];
};

struct cdp_watch {
	struct cdp_watch *next; /* struct cdp_watch, of the connection */
	struct cdp_conn *conn;
	struct cdp_session *session;
	struct message *first, **end;
	size_t count, bytes;
	bool overflown;
	size_t method_size;
	char method[];
};

struct cdp_conn {
	struct cdp_transport *transport;
	struct cdp_reply *buckets[BUCKETS];
	struct cdp_session *sessions, *latest;
	struct cdp_watch *watches;
	const struct cdp_event *events;
	void *events_owner;
	struct buf out;
	int last_id;
	unsigned long long messages;
	bool alive;
	atomic_bool woken;
	char why[160]; /* why it is not alive */
};

/* What stands at a message's ends. */
struct head {
	int64_t id; /* -1: an event */
	const char *method;
	size_t method_size;
	const char *session;
	size_t session_size;
};

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	return at;
}

/* The end of the JSON string whose opening quote is AT: its closing quote, or END. */
static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at : end;
}

/* The end of the value AT: the ',' or '}' of the object around it. */
static const char *value_end(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (*at == '"')
			at = string_end(at, end);
		else if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']' || *at == ',') && depth == 0)
			break;
		else if (*at == '}' || *at == ']')
			depth--;
	}
	return at < end ? at : end;
}

static void head_member(struct head *head, const char *name, size_t name_size, const char *value,
	const char *end)
{
	const bool text = *value == '"';
	const size_t size = text ? (size_t)(string_end(value, end) - value - 1) : 0;

	if (name_size == 2 && !memcmp(name, "id", 2))
		head->id = strtoll(value, NULL, 10);
	else if (text && name_size == 6 && !memcmp(name, "method", 6))
		head->method = value + 1, head->method_size = size;
	else if (text && name_size == 9 && !memcmp(name, "sessionId", 9))
		head->session = value + 1, head->session_size = size;
}

/* Any order, any white space. */
static void head_slow(struct head *head, const char *text, size_t size)
{
	const char *at = text, *end = text + size;

	*head = (struct head){ .id = -1 };
	at = skip_space(at, end);
	while (at < end && (*at == '{' || *at == ',')) {
		const char *name = skip_space(at + 1, end);
		if (name >= end || *name != '"')
			return;
		const char *name_end = string_end(name, end);
		const char *value = name_end < end ? skip_space(name_end + 1, end) : end;
		if (value >= end || *value != ':')
			return;
		value = skip_space(value + 1, end);
		if (value >= end)
			return;
		head_member(head, name + 1, (size_t)(name_end - name - 1), value, end);
		at = value_end(value, end);
	}
}

static void head_session(struct head *head, const char *text, size_t size)
{
	static const char key[] = ",\"sessionId\":";
	const char *last = text + size - 2; /* the quote before the last brace */

	if (size < 4 || last[0] != '"' || last[1] != '}')
		return;
	const char *open = memrchr(text, '"', (size_t)(last - text));
	if (!open || open - text < (ptrdiff_t)sizeof key || memcmp(open - (sizeof key - 1), key, sizeof key - 1))
		return;
	head->session = open + 1;
	head->session_size = (size_t)(last - open - 1);
}

static void head_read(struct head *head, const char *text, size_t size)
{
	static const char id[] = "{\"id\":", method[] = "{\"method\":\"", params[] = "\",\"params\":";

	*head = (struct head){ .id = -1 };
	if (size > sizeof id && !memcmp(text, id, sizeof id - 1)) {
		head->id = strtoll(text + sizeof id - 1, NULL, 10);
		return; /* a reply is found by its id alone */
	}
	if (size > sizeof method && !memcmp(text, method, sizeof method - 1)) {
		const char *name = text + sizeof method - 1, *name_end = string_end(name - 1, text + size);
		if (text + size - name_end > (ptrdiff_t)sizeof params && !memcmp(name_end, params, sizeof params - 1)) {
			head->method = name;
			head->method_size = (size_t)(name_end - name);
			head_session(head, text, size);
			return;
		}
	}
	head_slow(head, text, size);
}

static struct cdp_session *session_of(struct cdp_conn *conn, const struct head *head)
{
	struct cdp_session *s = conn->latest;

	if (s && !strncmp(s->id, head->session, head->session_size) && !s->id[head->session_size])
		return s;
	for (s = conn->sessions; s; s = s->next)
		if (!strncmp(s->id, head->session, head->session_size) && !s->id[head->session_size])
			return conn->latest = s;
	return NULL;
}

static struct cdp_reply **reply_at(struct cdp_conn *conn, int64_t id)
{
	struct cdp_reply **at = &conn->buckets[(uint64_t)id % BUCKETS];

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void take_reply(struct cdp_conn *conn, int64_t id, struct buf *in)
{
	struct cdp_reply **at = reply_at(conn, id), *reply = *at;

	if (!reply)
		return; /* somebody gave up on it */
	*at = reply->next;
	reply->waiting = false;
	reply->size = in->size;
	if (in->size > COPY_MAX) {
		reply->text = buf_take(in);
		return;
	}
	reply->text = xmalloc(in->size + 1);
	memcpy(reply->text, in->data, in->size + 1);
}

static const struct cdp_event *event_of(const struct cdp_conn *conn, const struct head *head)
{
	for (const struct cdp_event *e = conn->events; e && e->method; e++)
		if (!strncmp(e->method, head->method, head->method_size) && !e->method[head->method_size])
			return e;
	return NULL;
}

static void watch_keep(struct cdp_watch *watch, const char *text, size_t size)
{
	if (watch->count >= CDP_WATCH_MAX || watch->bytes + size > WATCH_BYTES_MAX) {
		watch->overflown = true;
		return;
	}
	struct message *m = xmalloc(sizeof *m + size + 1);
	m->next = NULL;
	m->size = size;
	memcpy(m->text, text, size);
	m->text[size] = '\0';
	*watch->end = m;
	watch->end = &m->next;
	watch->count++;
	watch->bytes += size;
}

static void take_event(struct cdp_conn *conn, const struct head *head, const struct buf *in)
{
	struct cdp_session *session = head->session ? session_of(conn, head) : NULL;

	if (head->session && !session)
		return; /* of a session that we left */

	const struct cdp_event *event = event_of(conn, head);
	if (event) {
		AUTO(json) cJSON *message = json_parse(in->data, in->size, NULL);
		if (message)
			event->run(conn->events_owner, session, json_at(message, "params"));
	}
	for (struct cdp_watch *w = conn->watches; w; w = w->next)
		if (w->session == session && w->method_size == head->method_size
				&& !memcmp(w->method, head->method, head->method_size))
			watch_keep(w, in->data, in->size);
}

static void on_message(void *owner, struct buf *in)
{
	struct cdp_conn *conn = owner;
	struct head head;

	conn->messages++;
	if (log_wants(LOG_PROTOCOL))
		cdp_redact_log('<', in->data, in->size);
	head_read(&head, in->data, in->size);
	if (head.id >= 0)
		take_reply(conn, head.id, in);
	else if (head.method)
		take_event(conn, &head, in);
}

static void fail_waiting(struct cdp_conn *conn, const struct cdp_session *session, enum error_code why)
{
	for (int i = 0; i < BUCKETS; i++) {
		struct cdp_reply **at = &conn->buckets[i];
		while (*at) {
			struct cdp_reply *reply = *at;
			if (session && reply->session != session) {
				at = &reply->next;
				continue;
			}
			*at = reply->next;
			reply->waiting = false;
			reply->failed = why;
		}
	}
}

static void on_closed(void *owner, const char *why)
{
	struct cdp_conn *conn = owner;

	conn->alive = false;
	(void)snprintf(conn->why, sizeof conn->why, "%s", why);
	fail_waiting(conn, NULL, ERR_DISCONNECTED);
}

bool cdp_conn_fail_status(int status, const char *name, struct error *err)
{
	if (status == 401 || status == 403)
		return fail(err, ERR_LAUNCH, "%s does not let us in (HTTP %d): is the token right?", name, status);
	if (status == 429 || status == 503)
		return fail(err, ERR_LIMIT, "%s has too much to do (HTTP %d)", name, status);
	return fail(err, ERR_DISCONNECTED, "%s: HTTP %d", name, status);
}

struct cdp_conn *cdp_conn_open(const char *ws_url, const struct cdp_conn_opts *opts, struct deadline until, struct error *err)
{
	struct cdp_conn *conn = xcalloc(1, sizeof *conn);
	const struct cdp_transport_events events = { on_message, on_closed, conn };

	conn->transport = cdp_transport_open(ws_url, opts, &events, until, err);
	if (!conn->transport) {
		free(conn);
		return NULL;
	}
	conn->alive = true;
	return conn;
}

void cdp_conn_free(struct cdp_conn *conn)
{
	if (!conn)
		return;
	cdp_transport_free(conn->transport);
	fail_waiting(conn, NULL, ERR_DISCONNECTED);
	while (conn->sessions) {
		struct cdp_session *s = conn->sessions;
		conn->sessions = s->next;
		free(s);
	}
	buf_clear(&conn->out);
	free(conn);
}

bool cdp_conn_alive(const struct cdp_conn *conn)
{
	return conn->alive;
}

static struct cdp_reply *reply_new(struct cdp_conn *conn, struct cdp_session *session, const char *method)
{
	struct cdp_reply *reply = xcalloc(1, sizeof *reply);

	reply->conn = conn;
	reply->session = session;
	reply->method = method;
	if (!conn->alive)
		reply->failed = ERR_DISCONNECTED;
	else if (session)
		reply->failed = session->dead;
	return reply;
}

static void send_message(struct cdp_reply *reply, const char *params)
{
	struct cdp_conn *conn = reply->conn;
	static const char room[CDP_SEND_PRE];

	reply->id = ++conn->last_id;
	reply->waiting = true;
	struct cdp_reply **bucket = &conn->buckets[reply->id % BUCKETS];
	reply->next = *bucket;
	*bucket = reply;

	buf_reset(&conn->out);
	(void)buf_append(&conn->out, room, sizeof room);
	(void)buf_printf(&conn->out, "{\"id\":%d,\"method\":\"%s\"", reply->id, reply->method);
	if (params) {
		(void)buf_puts(&conn->out, ",\"params\":");
		(void)buf_puts(&conn->out, params);
	}
	if (reply->session) {
		(void)buf_puts(&conn->out, ",\"sessionId\":\"");
		(void)buf_puts(&conn->out, reply->session->id);
		(void)buf_putc(&conn->out, '"');
	}
	(void)buf_putc(&conn->out, '}');
	if (log_wants(LOG_PROTOCOL))
		cdp_redact_log('>', conn->out.data + CDP_SEND_PRE, conn->out.size - CDP_SEND_PRE);
	cdp_transport_send(conn->transport, &conn->out);
	if (conn->out.room > COPY_MAX)
		buf_clear(&conn->out);
}

struct cdp_reply *cdp_send_text(struct cdp_conn *conn, struct cdp_session *session, const char *method,
	const char *params)
{
	struct cdp_reply *reply = reply_new(conn, session, method);

	if (!reply->failed)
		send_message(reply, params);
	return reply;
}

struct cdp_reply *cdp_send(struct cdp_conn *conn, struct cdp_session *session, const char *method,
	cJSON *params)
{
	AUTO(text) char *text = params ? json_print(params) : NULL;

	cJSON_Delete(params);
	return cdp_send_text(conn, session, method, text);
}

void cdp_post(struct cdp_conn *conn, struct cdp_session *session, const char *method, cJSON *params)
{
	cdp_reply_free(cdp_send(conn, session, method, params));
}

bool cdp_reply_done(const struct cdp_reply *reply)
{
	return !reply->waiting;
}

void cdp_reply_free(struct cdp_reply *reply)
{
	if (!reply)
		return;
	if (reply->waiting) {
		struct cdp_reply **at = reply_at(reply->conn, reply->id);
		*at = reply->next;
	}
	free(reply->text);
	free(reply);
}

static bool fail_with(const struct cdp_reply *reply, struct error *err)
{
	switch (reply->failed) {
	case ERR_DISCONNECTED:
		return fail(err, ERR_DISCONNECTED, "%s: %s", reply->method,
			reply->conn->alive ? "disconnected" : reply->conn->why);
	case ERR_CRASHED:
		return fail(err, ERR_CRASHED, "%s: the page crashed", reply->method);
	default:
		return fail(err, reply->failed, "%s: the page or frame is gone", reply->method);
	}
}

/* True when the reply's text is there. */
static bool wait_for(struct cdp_reply *reply, struct deadline until, struct error *err)
{
	while (reply->waiting) {
		struct error why;
		if (cdp_conn_wait(reply->conn, until, &why) || !reply->waiting)
			continue;
		if (why.code == ERR_TIMEOUT)
			return fail_timeout(err, ERR_NONE, "%s: no reply in time", reply->method);
		if (err)
			*err = why;
		return error_wrap(err, "%s", reply->method);
	}
	return reply->failed == ERR_NONE || fail_with(reply, err);
}

/* The browser's words for a document that went away, seen in Chromium 156. */
static const struct {
	const char *words;
	enum error_code code;
} refusals[] = {
	{ "Cannot find context with specified id", ERR_CONTEXT },
	{ "Execution context was destroyed", ERR_CONTEXT },
	{ "Inspected target navigated or closed", ERR_CONTEXT },
	{ "Promise was collected", ERR_CONTEXT },
	{ "Cannot find default execution context", ERR_CONTEXT },
	{ "uniqueContextId not found", ERR_CONTEXT },
	{ "Not attached to an active page", ERR_CONTEXT },
	{ "No frame for given id found", ERR_CONTEXT },
	{ "No frame with given id found", ERR_CONTEXT },
	{ "Frame with the given id was not found", ERR_CONTEXT },
	{ "Target crashed", ERR_CRASHED },
	{ "Target closed", ERR_CLOSED },
	{ "Session with given id not found", ERR_CLOSED },
	{ "No target with given id found", ERR_CLOSED },
	{ "No session with given id", ERR_CLOSED },
};

bool cdp_fail_refused(const char *method, const cJSON *error, struct error *err)
{
	const char *message = json_str(error, "message");
	const char *data = json_str(error, "data");

	for (size_t i = 0; message && i < sizeof refusals / sizeof *refusals; i++)
		if (strstr(message, refusals[i].words))
			return fail(err, refusals[i].code, "%s: %s", method, message);
	return fail(err, ERR_PROTOCOL, "%s: %s%s%s", method, message ? message : "refused",
		data ? ": " : "", data ? data : "");
}

cJSON *cdp_reply_wait(struct cdp_reply *reply, struct deadline until, struct error *err)
{
	AUTO(reply) struct cdp_reply *own = reply;

	if (!wait_for(reply, until, err))
		return NULL;

	AUTO(json) cJSON *message = json_parse(reply->text, reply->size, NULL);
	const cJSON *error = json_at(message, "error");
	if (!message)
		fail(err, ERR_PROTOCOL, "%s: a reply that is not JSON", reply->method);
	else if (error)
		cdp_fail_refused(reply->method, error, err);
	else {
		cJSON *result = json_take(message, "result");
		return result ? result : cJSON_CreateObject();
	}
	return NULL;
}

char *cdp_reply_wait_text(struct cdp_reply *reply, size_t *size, struct deadline until,
	struct error *err)
{
	AUTO(reply) struct cdp_reply *own = reply;

	if (!wait_for(reply, until, err))
		return NULL;
	*size = reply->size;
	return TAKE(reply->text);
}

cJSON *cdp_call(struct cdp_conn *conn, struct cdp_session *session, const char *method, cJSON *params,
	struct deadline until, struct error *err)
{
	return cdp_reply_wait(cdp_send(conn, session, method, params), until, err);
}

struct cdp_watch *cdp_watch_new(struct cdp_conn *conn, struct cdp_session *session, const char *method)
{
	const size_t size = strlen(method);
	struct cdp_watch *watch = xcalloc(1, sizeof *watch + size + 1);

	watch->conn = conn;
	watch->session = session;
	watch->end = &watch->first;
	watch->method_size = size;
	memcpy(watch->method, method, size);
	watch->next = conn->watches;
	conn->watches = watch;
	return watch;
}

void cdp_watch_free(struct cdp_watch *watch)
{
	if (!watch)
		return;
	struct cdp_watch **at = &watch->conn->watches;
	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	while (watch->first) {
		struct message *m = watch->first;
		watch->first = m->next;
		free(m);
	}
	free(watch);
}

static struct message *next_message(struct cdp_watch *watch, struct deadline until, struct error *err)
{
	while (!watch->first) {
		if (watch->overflown) {
			fail(err, ERR_LIMIT, "more %s events than are kept", watch->method);
			return NULL;
		}
		if (watch->session && watch->session->dead) {
			cdp_session_fail(watch->session, err);
			return NULL;
		}
		if (!cdp_conn_wait(watch->conn, until, err)) {
			error_wrap(err, "waiting for %s", watch->method);
			return NULL;
		}
	}
	struct message *m = watch->first;
	watch->first = m->next;
	if (!watch->first)
		watch->end = &watch->first;
	watch->count--;
	watch->bytes -= m->size;
	return m;
}

cJSON *cdp_watch_next(struct cdp_watch *watch, struct deadline until, struct error *err)
{
	struct message *m = next_message(watch, until, err);
	if (!m)
		return NULL;

	AUTO(json) cJSON *event = json_parse(m->text, m->size, err);
	free(m);
	if (!event)
		return NULL;
	cJSON *params = json_take(event, "params");
	return params ? params : cJSON_CreateObject();
}

char *cdp_watch_next_text(struct cdp_watch *watch, size_t *size, struct deadline until,
	struct error *err)
{
	struct message *m = next_message(watch, until, err);
	if (!m)
		return NULL;

	char *text = (char *)m;
	*size = m->size;
	memmove(text, m->text, m->size + 1);
	return text;
}

bool cdp_conn_wait(struct cdp_conn *conn, struct deadline until, struct error *err)
{
	if (atomic_exchange(&conn->woken, false))
		return fail(err, ERR_CANCELLED, "cancelled");
	if (!conn->alive)
		return fail(err, ERR_DISCONNECTED, "%s", conn->why);
	cdp_transport_service(conn->transport, until);
	if (atomic_exchange(&conn->woken, false))
		return fail(err, ERR_CANCELLED, "cancelled");
	if (!conn->alive)
		return fail(err, ERR_DISCONNECTED, "%s", conn->why);
	if (deadline_passed(until))
		return fail_timeout(err, ERR_NONE, "no answer in time");
	return true;
}

unsigned long long cdp_conn_messages(const struct cdp_conn *conn)
{
	return conn->messages;
}

void cdp_conn_wake(struct cdp_conn *conn)
{
	atomic_store(&conn->woken, true);
	cdp_transport_wake(conn->transport);
}

int cdp_conn_add_fd(struct cdp_conn *conn, int fd)
{
	return cdp_transport_add_fd(conn->transport, fd);
}

bool cdp_conn_fd_ready(struct cdp_conn *conn, int slot)
{
	return cdp_transport_fd_ready(conn->transport, slot);
}

void cdp_conn_remove_fd(struct cdp_conn *conn, int slot)
{
	cdp_transport_remove_fd(conn->transport, slot);
}

void cdp_conn_on_events(struct cdp_conn *conn, const struct cdp_event *events, void *owner)
{
	conn->events = events;
	conn->events_owner = owner;
}

struct cdp_session *cdp_session_new(struct cdp_conn *conn, const char *id, struct cdp_session *parent)
{
	struct cdp_session *s = xcalloc(1, sizeof *s);

	s->conn = conn;
	s->parent = parent;
	(void)snprintf(s->id, sizeof s->id, "%s", id);
	s->next = conn->sessions;
	conn->sessions = s;
	return s;
}

struct cdp_session *cdp_session_find(struct cdp_conn *conn, const char *id)
{
	const struct head head = { .session = id, .session_size = strlen(id) };

	return session_of(conn, &head);
}

void cdp_session_end(struct cdp_session *session, enum error_code why)
{
	session->dead = why;
	fail_waiting(session->conn, session, why);
}

void cdp_session_revive(struct cdp_session *session)
{
	if (session->dead == ERR_CRASHED)
		session->dead = ERR_NONE;
}

void cdp_session_free(struct cdp_session *session)
{
	struct cdp_session **at = &session->conn->sessions;

	fail_waiting(session->conn, session, ERR_CLOSED);
	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	if (session->conn->latest == session)
		session->conn->latest = NULL;
	free(session);
}

struct cdp_session *cdp_session_next_of(struct cdp_conn *conn, const void *owner,
	struct cdp_session *after)
{
	struct cdp_session *s = after ? after->next : conn->sessions;

	while (s && s->owner != owner)
		s = s->next;
	return s;
}

void cdp_sessions_end_of(struct cdp_conn *conn, const void *owner, enum error_code why)
{
	for (struct cdp_session *s = NULL; (s = cdp_session_next_of(conn, owner, s));)
		cdp_session_end(s, why);
}

void cdp_sessions_free_of(struct cdp_conn *conn, const void *owner)
{
	for (struct cdp_session *s; (s = cdp_session_next_of(conn, owner, NULL));)
		cdp_session_free(s);
}

bool cdp_session_fail(const struct cdp_session *session, struct error *err)
{
	if (session->dead == ERR_CRASHED)
		return fail(err, ERR_CRASHED, "the page crashed");
	return fail(err, ERR_CLOSED, "the page or frame is gone");
}
