#include "src/server.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/ending.h"
#include "src/stream.h"

#include <fcntl.h>
#include <libwebsockets.h>
#include <stdarg.h>
#include <string.h>

enum {
	PATH_MAX_SIZE = 512, QUERY_MAX = 2048, HEADER_MAX = 600, HEADERS_OUT_MAX = 6,
	CHUNK = 16384,
	REQUEST_S = 10,        /* for a request to arrive, whole */
	IDLE_S = 20,           /* between two requests of a connection */
	PING_S = 15,
	HEAD_ROOM = 2048,
	HEADERS_IN_MAX = 8192, /* of a request; the cookies of all servers on this machine come to each */
	LIVE_RX_MAX = 65536,
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

static struct server *server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* ---- the request ---- */

static bool copy_header(struct lws *wsi, enum lws_token_indexes token, char *out, size_t room)
{
	const int size = lws_hdr_copy(wsi, out, (int)room, token);

	if (size < 0)
		out[0] = '\0';
	return size > 0;
}

/* The names under which we may be asked for: a page of another name that resolves to us is not ours. */
static bool host_ok(const struct server *s, const char *host)
{
	static const char *const own[] = { "127.0.0.1", "localhost", "[::1]" };
	char wanted[64];

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		(void)snprintf(wanted, sizeof wanted, "%s:%d", own[i], s->port);
		if (!strcasecmp(host, wanted))
			return true;
	}
	return s->public_host && !strcasecmp(host, s->public_host);
}

/* "https://host": a page of ours. */
static bool origin_ok(const struct server *s, const char *origin)
{
	const char *host = strstr(origin, "://");

	return host && host_ok(s, host + 3);
}

static void read_query(struct exchange *x)
{
	char part[QUERY_MAX];
	size_t used = 0;

	for (int i = 0; lws_hdr_copy_fragment(x->wsi, part, sizeof part, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
		const size_t size = strlen(part);
		if (used + size + 2 > sizeof x->query)
			break;
		memcpy(x->query + used, part, size + 1); /* each with its NUL */
		used += size + 1;
	}
	x->query[used] = '\0';
}

static const char *query_raw(const struct exchange *x, const char *name)
{
	const size_t size = strlen(name);

	for (const char *at = x->query; *at; at += strlen(at) + 1)
		if (!strncmp(at, name, size) && at[size] == '=')
			return at + size + 1;
	return NULL;
}

/* The value of the cookie "gabbai" among COOKIES; NULL: it is not there. */
static const char *our_cookie(const char *cookies)
{
	static const char name[] = "gabbai=";

	for (const char *at = cookies; (at = strstr(at, name)); at++)
		if (at == cookies || at[-1] == ' ' || at[-1] == ';')
			return at + sizeof name - 1;
	return NULL;
}

static void read_grant(struct exchange *x)
{
	static const char bearer[] = "Bearer ";
	char text[HEADERS_IN_MAX];
	const char *link = query_raw(x, "link");

	if (copy_header(x->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, text, sizeof text) && !strncasecmp(text, bearer, sizeof bearer - 1)) {
		x->grant = access_of(x->server->access, text + sizeof bearer - 1, strlen(text) - (sizeof bearer - 1));
	} else if (link) {
		x->grant = access_of(x->server->access, link, strlen(link));
	} else if (copy_header(x->wsi, WSI_TOKEN_HTTP_COOKIE, text, sizeof text)) {
		const char *value = our_cookie(text);
		if (value)
			x->grant = access_of(x->server->access, value, strcspn(value, "; "));
	}
	secret_wipe(text, sizeof text);
}

static void read_method(struct exchange *x)
{
	static const struct { enum lws_token_indexes token; const char *name; } methods[] = {
		{ WSI_TOKEN_GET_URI, "GET" }, { WSI_TOKEN_HEAD_URI, "HEAD" }, { WSI_TOKEN_POST_URI, "POST" },
		{ WSI_TOKEN_PUT_URI, "PUT" },
		{ WSI_TOKEN_DELETE_URI, "DELETE" }, { WSI_TOKEN_PATCH_URI, "PATCH" }, { WSI_TOKEN_OPTIONS_URI, "OPTIONS" },
	};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (lws_hdr_total_length(x->wsi, methods[i].token))
			(void)snprintf(x->method, sizeof x->method, "%s", methods[i].name);
}

static void exchange_clear(struct exchange *x)
{
	struct server *s = x->server;

	for (struct exchange **at = &s->exchanges; x->is_on && *at; at = &(*at)->next)
		if (*at == x) {
			*at = x->next;
			break;
		}
	cJSON_Delete(x->body);
	buf_wipe(&x->body_text);
	buf_clear(&x->out);
	stream_free(x->stream);
	free(x->part_text);
	memset(x, 0, sizeof *x);
	x->server = s;
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";

	return !strncasecmp(type, json, sizeof json - 1) && strchr("; ", type[sizeof json - 1]);
}

static bool custom_header(struct lws *wsi, const char *name, char *out, size_t room)
{
	const int size = lws_hdr_custom_copy(wsi, out, (int)room, name, (int)strlen(name));

	if (size < 0)
		out[0] = '\0';
	return size > 0;
}

/* What Sec-Fetch-Site says (Fetch Metadata §2): an image of another port's page has our cookie and no Origin.  Who follows
 * a link from elsewhere navigates, and may. */
static bool is_fetched_from_elsewhere(struct lws *wsi)
{
	char site[32], mode[32];

	return custom_header(wsi, "sec-fetch-site:", site, sizeof site) && strcmp(site, "same-origin") != 0
		&& strcmp(site, "none") != 0
		&& !(custom_header(wsi, "sec-fetch-mode:", mode, sizeof mode) && !strcmp(mode, "navigate"));
}

/* A number and nothing else, -1 otherwise: what the client sees as its id is what we said. */
static int64_t whole_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text) ? strtoll(text, NULL, 10) : -1;
}

static void exchange_begin(struct exchange *x, struct lws *wsi, const char *path)
{
	char text[HEADER_MAX];

	x->server = server_of(wsi);
	exchange_clear(x);
	x->wsi = wsi;
	x->number = ++x->server->last_number;
	x->is_on = true;
	x->next = x->server->exchanges;
	x->server->exchanges = x;
	x->body_text.size_max = BODY_MAX;
	read_method(x);
	(void)snprintf(x->path, sizeof x->path, "%s", path);
	read_query(x);
	read_grant(x);
	x->has_json_type = copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, text, sizeof text) && is_json(text);
	x->is_cross = (copy_header(wsi, WSI_TOKEN_ORIGIN, text, sizeof text) && !origin_ok(x->server, text))
		|| is_fetched_from_elsewhere(wsi);
	(void)copy_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, x->known_etag, sizeof x->known_etag);
	x->last_event = custom_header(wsi, "last-event-id:", text, sizeof text) ? whole_number(text) : -1;
}

/* ---- answers ---- */

static void answer(struct exchange *x, int status, const char *type)
{
	x->status = status;
	x->type = type;
	x->answered = true;
	lws_callback_on_writable(x->wsi);
}

void exchange_text(struct exchange *x, int status, const char *type, char *text, size_t size)
{
	x->out = (struct buf){ .data = text, .size = size, .room = size };
	answer(x, status, type);
}

void exchange_json(struct exchange *x, int status, cJSON *json)
{
	AUTO(json) cJSON *own = json;
	char *text = json_print(own);

	exchange_text(x, status, status >= 400 && json_str(own, "type") ? "application/problem+json" : "application/json", text,
		strlen(text));
}

void exchange_header(struct exchange *x, const char *name, const char *value)
{
	struct header *h = x->headers;

	while (h < x->headers + x->header_count && strncmp(h->name, name, strlen(name)) != 0)
		h++;
	if (h == x->headers + HEADERS_OUT_MAX)
		return;
	if (h == x->headers + x->header_count)
		x->header_count++;
	(void)snprintf(h->name, sizeof h->name, "%s:", name);
	(void)snprintf(h->value, sizeof h->value, "%s", value);
}

void exchange_problem(struct exchange *x, int status, const char *error_type, const char *format, ...)
{
	char detail[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	secret_redact(detail, strlen(detail));
	AUTO(text) char *slug = xasprintf("/problems/%s", error_type ? error_type : "about");
	for (char *c = slug; *c; c++)
		*c = *c == '_' ? '-' : *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	cJSON *json = json_object(JSON_STR("type", error_type ? slug : "about:blank"), JSON_INT("status", status),
		JSON_STR("title", detail), JSON_STR("detail", detail), JSON_STR("message", detail), JSON_BOOL("success", false),
		JSON_STR("errorType", error_type));
	if (error_type && !strcmp(error_type, "NEEDS_RECONNECT"))
		json_add(json, JSON_BOOL("needsReconnect", true));
	exchange_json(x, status, json);
}

void exchange_failed(struct exchange *x, const struct error *err)
{
	static const struct { enum error_code code; int status; } statuses[] = {
		{ ERR_INPUT, 400 }, { ERR_SITE, 404 }, { ERR_LOCKED, 409 }, { ERR_CODE_AGAIN, 409 }, { ERR_CODE_TIMEOUT, 404 },
		{ ERR_PARKED, 423 }, { ERR_SIGNED_OUT, 428 }, { ERR_CREDENTIALS, 428 }, { ERR_LIMIT, 413 }, { ERR_CLOSED, 404 },
	};
	int status = 500;

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (statuses[i].code == err->code)
			status = statuses[i].status;
	const bool is_answer = err->code == ERR_CODE_AGAIN || err->code == ERR_CODE_TIMEOUT || err->code == ERR_SITE;
	exchange_problem(x, status, is_answer ? NULL : ending_of(err).type, "%s", err->text);
}

void exchange_let_in(struct exchange *x)
{
	AUTO(text) char *sealed = access_seal(x->server->access, SCOPE_ALL, "page", COOKIE_S);
	AUTO(text) char *cookie = xasprintf("gabbai=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", sealed, COOKIE_S,
		x->server->tls || x->server->public_host ? "; Secure" : "");

	exchange_header(x, "set-cookie", cookie);
	exchange_text(x, 204, NULL, xstrdup(""), 0);
}

void exchange_stream(struct exchange *x, struct stream *stream)
{
	x->stream = stream;
	answer(x, 200, "text/event-stream");
}

struct stream *exchange_stream_of(struct exchange *x)
{
	return x->stream;
}

uint64_t exchange_number(const struct exchange *x)
{
	return x->number;
}

struct exchange *exchange_find(struct server *s, uint64_t number)
{
	for (struct exchange *x = s->exchanges; x; x = x->next)
		if (x->number == number)
			return x;
	return NULL;
}

const char *exchange_part(const struct exchange *x, size_t number)
{
	return number < PATH_PARTS_MAX ? x->parts[number] : NULL;
}

const char *exchange_query(const struct exchange *x, const char *name)
{
	return query_raw(x, name);
}

int64_t exchange_last_event(const struct exchange *x)
{
	const char *text = query_raw(x, "lastEventId");

	return x->last_event >= 0 ? x->last_event : text ? whole_number(text) : -1;
}

const cJSON *exchange_body(const struct exchange *x)
{
	return x->body;
}

bool exchange_has_etag(const struct exchange *x, const char *etag)
{
	return !strcmp(x->known_etag, etag);
}

const struct access_grant *exchange_grant(const struct exchange *x)
{
	return &x->grant;
}

/* ---- routing ---- */

/* Whether PATH is the route's, and what stands at its stars. */
static bool matches(struct exchange *x, const char *pattern)
{
	size_t part = 0;

	free(x->part_text);
	x->part_text = xstrdup(x->path);
	memset(x->parts, 0, sizeof x->parts);
	for (char *at = x->part_text;; pattern++) {
		if (*pattern == '*' && part < PATH_PARTS_MAX) {
			const size_t size = strcspn(at, "/");
			if (!size)
				return false;
			x->parts[part++] = at;
			at += size;
			if (!pattern[1])
				return !*at;
			if (*at != pattern[1])
				return false;
			*at++ = '\0';
			pattern++;
		} else if (*pattern != *at) {
			return false;
		} else if (!*pattern) {
			return true;
		} else {
			at++;
		}
	}
}

static bool may(const struct access_grant *grant, enum access_scope least)
{
	return least == SCOPE_NONE || grant->scope == SCOPE_ALL || (least == SCOPE_QUESTION && grant->scope == SCOPE_QUESTION);
}

static const struct route *route_of(struct exchange *x, bool *known_path)
{
	const char *method = strcmp(x->method, "HEAD") ? x->method : "GET";

	*known_path = false;
	for (const struct route *r = x->server->routes; r->method; r++) {
		if (!matches(x, r->path))
			continue;
		*known_path = true;
		if (!strcmp(r->method, method))
			return r;
	}
	return NULL;
}

static bool changes(const struct exchange *x)
{
	return strcmp(x->method, "GET") && strcmp(x->method, "HEAD");
}

/* What is wrong with the request before anybody looks what it wants.  False: it was answered. */
static bool admitted(struct exchange *x, const struct route *route, bool known_path)
{
	char host[HEADER_MAX];

	if (!copy_header(x->wsi, WSI_TOKEN_HOST, host, sizeof host) || !host_ok(x->server, host))
		exchange_problem(x, 421, NULL, "this server is not known by that name");
	else if (x->is_cross && (changes(x) || x->grant.scope != SCOPE_NONE))
		exchange_problem(x, 403, NULL, "pages of other origins may not ask");
	else if (!known_path)
		exchange_problem(x, 404, NULL, "there is no %s", x->path);
	else if (!route)
		exchange_problem(x, 405, NULL, "%s is not for %s", x->path, x->method);
	else if (x->grant.expired && !may(&x->grant, route->scope))
		exchange_problem(x, 410, NULL, "this link has expired");
	else if (x->grant.scope == SCOPE_NONE && !may(&x->grant, route->scope))
		exchange_problem(x, 401, NULL, "open the link that gabbai serve printed, or send its token");
	else if (!may(&x->grant, route->scope))
		exchange_problem(x, 403, NULL, "this link is not for that");
	else
		return true;
	x->closes = true;
	return false;
}

static bool body_ok(struct exchange *x)
{
	if (x->body_text.full)
		exchange_problem(x, 413, NULL, "more than %d bytes", BODY_MAX);
	else if (x->body_text.size && !x->has_json_type)
		exchange_problem(x, 415, NULL, "bodies are application/json");
	else if (x->body_text.size && !(x->body = json_parse(x->body_text.data, x->body_text.size, NULL)))
		exchange_problem(x, 400, NULL, "the body is not JSON");
	else if (x->body && !cJSON_IsObject(x->body))
		exchange_problem(x, 400, NULL, "the body is not a JSON object");
	else
		return true;
	return false;
}

static void dispatch(struct exchange *x)
{
	bool known;
	const struct route *route = route_of(x, &known);

	if (admitted(x, route, known) && body_ok(x))
		route->run(x->server->routes_owner, x);
	buf_wipe(&x->body_text);
}

/* ---- sending ---- */

static bool add_header(struct exchange *x, const char *name, const char *value, unsigned char **at, unsigned char *end)
{
	return !lws_add_http_header_by_name(x->wsi, (const unsigned char *)name, (const unsigned char *)value,
		(int)strlen(value), at, end);
}

static bool send_head(struct exchange *x)
{
	static const struct { const char *name, *value; } always[] = {
		{ "x-content-type-options:", "nosniff" }, { "referrer-policy:", "no-referrer" }, { "x-frame-options:", "DENY" },
		{ "cross-origin-opener-policy:", "same-origin" }, { "cross-origin-resource-policy:", "same-origin" },
		{ "content-security-policy:", "default-src 'self'; img-src 'self' blob: data:; connect-src 'self'; style-src 'self';"
			" script-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'" },
	};
	unsigned char room[LWS_PRE + HEAD_ROOM + HEADERS_OUT_MAX * HEADER_MAX], *start = room + LWS_PRE, *at = start;
	unsigned char *end = room + sizeof room - 1;
	const size_t length = x->stream ? LWS_ILLEGAL_HTTP_CONTENT_LEN : x->out.size;
	const char *cache = x->stream ? "no-cache, no-transform" : "no-store";
	bool ok = !lws_add_http_common_headers(x->wsi, (unsigned)x->status, x->type, length, &at, end);

	for (size_t i = 0; i < x->header_count; i++) {
		if (!strcmp(x->headers[i].name, "cache-control:"))
			cache = NULL;
		ok = ok && add_header(x, x->headers[i].name, x->headers[i].value, &at, end);
	}
	ok = ok && (!cache || add_header(x, "cache-control:", cache, &at, end))
		&& (!x->stream || add_header(x, "x-accel-buffering:", "no", &at, end));
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		ok = ok && add_header(x, always[i].name, always[i].value, &at, end);
	return ok && !lws_finalize_write_http_header(x->wsi, start, &at, end);
}

/* -1 closes the connection. */
static int send_some(struct exchange *x)
{
	const bool is_head = !strcmp(x->method, "HEAD");
	const size_t left = is_head ? 0 : x->out.size - x->sent;
	const size_t size = left > CHUNK ? CHUNK : left;
	const bool last = size == left;

	if (left) {
		AUTO(text) char *chunk = xmalloc(LWS_PRE + size + 1);
		memcpy(chunk + LWS_PRE, x->out.data + x->sent, size);
		if (lws_write(x->wsi, (unsigned char *)chunk + LWS_PRE, size, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)size)
			return -1;
		x->sent += size;
	}
	if (!last) {
		lws_callback_on_writable(x->wsi);
		return 0;
	}
	const bool closes = x->closes;
	struct lws *wsi = x->wsi;
	exchange_clear(x);
	return closes || lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* What a stream has to say now, at most one write. */
static int send_stream(struct exchange *x)
{
	struct buf text = { 0 };
	unsigned char pre[LWS_PRE] = { 0 };

	buf_append(&text, pre, LWS_PRE);
	const bool goes_on = stream_say(x->stream, &text);
	if (text.size == LWS_PRE && x->silent_s >= PING_S)
		stream_ping(x->stream, &text);
	const size_t size = text.size - LWS_PRE;
	int result = 0;
	if (size) {
		x->silent_s = 0;
		if (lws_write(x->wsi, (unsigned char *)text.data + LWS_PRE, size, LWS_WRITE_HTTP) < (int)size)
			result = -1;
		else
			lws_callback_on_writable(x->wsi); /* there may be more */
	}
	buf_clear(&text);
	return goes_on ? result : -1;
}

static int on_writable(struct exchange *x)
{
	if (!x->is_on || !x->answered)
		return 0;
	if (!x->head_sent) {
		if (!send_head(x))
			return -1;
		x->head_sent = true;
		if (x->stream && !strcmp(x->method, "HEAD"))
			return -1; /* that was all */
		if (x->stream)
			(void)lws_http_mark_sse(x->wsi); /* it has no deadline any more */
		lws_callback_on_writable(x->wsi);
		return 0;
	}
	return x->stream ? send_stream(x) : send_some(x);
}

void server_wake_streams(struct server *s)
{
	for (struct exchange *x = s->exchanges; x; x = x->next)
		if (x->stream)
			lws_callback_on_writable(x->wsi);
}

/* ---- libwebsockets ---- */

static int on_request(struct exchange *x, struct lws *wsi, const char *path)
{
	char length[24];

	exchange_begin(x, wsi, path);
	const bool has_length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
	const int64_t size = has_length && copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length)
		? whole_number(length) : -1;
	const bool has_body = has_length && size != 0;
	const bool chunked = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
	if (!has_body && !chunked) {
		dispatch(x);
		return 0;
	}
	bool known;
	const struct route *route = route_of(x, &known);
	if (chunked) {
		exchange_problem(x, 411, NULL, "bodies say their length first");
		x->closes = true;
	} else if (size < 0) {
		exchange_problem(x, 400, NULL, "Content-Length is a number");
		x->closes = true;
	} else if (size > BODY_MAX) {
		exchange_problem(x, 413, NULL, "the body is too large");
		x->closes = true;
	} else {
		x->receives = admitted(x, route, known);
	}
	return 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct exchange *x = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return -1; /* a websocket that names no protocol, or this one: only "gabbai-live" is one */
	case LWS_CALLBACK_HTTP:
		return on_request(x, wsi, in);
	case LWS_CALLBACK_HTTP_BODY:
		if (!x->answered)
			(void)buf_append(&x->body_text, in, size); /* too much is found out at the end */
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		x->receives = false;
		if (!x->answered) {
			lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
			dispatch(x);
		}
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return on_writable(x);
	case LWS_CALLBACK_CLOSED_HTTP:
		if (x && x->server)
			exchange_clear(x);
		return 0;
	default:
		return 0;
	}
}

/* ---- descriptors ---- */

struct watched {
	bool (*ready)(void *owner, int fd);
	void *owner;
	int fd;
	bool done;
};

static int on_fd(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct watched *w = lws_get_opaque_user_data(wsi);

	(void)user, (void)in, (void)size;
	if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION)
		return -1; /* a client asks for it by name */
	if (reason == LWS_CALLBACK_RAW_RX_FILE && w) {
		w->done = !w->ready(w->owner, w->fd);
		return w->done ? -1 : 0;
	}
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE && w) {
		lws_set_opaque_user_data(wsi, NULL);
		if (!w->done && !server_of(wsi)->stopped) /* the other end is closed: the owner has not seen it yet */
			(void)w->ready(w->owner, w->fd);
		free(w);
	}
	return 0;
}

bool server_watch(struct server *s, int fd, bool (*ready)(void *owner, int fd), void *owner)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	struct lws *wsi = lws_adopt_descriptor_vhost(s->vhost, LWS_ADOPT_RAW_FILE_DESC, (lws_sock_file_fd_type){ .filefd = fd },
		"fd", NULL);
	if (!wsi)
		return false;
	struct watched *w = xcalloc(1, sizeof *w);
	*w = (struct watched){ ready, owner, fd };
	lws_set_opaque_user_data(wsi, w);
	return true;
}

/* ---- the live view ---- */

struct live_session {
	void *view;
	struct buf in;
};

static int on_live(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct live_session *session = user;
	struct server *s = server_of(wsi);

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: {
		/* Whoever has no grant, or comes from another page, gets no websocket. */
		struct exchange x = { .server = s, .wsi = wsi };
		char path[PATH_MAX_SIZE], host[HEADER_MAX], origin[HEADER_MAX];
		read_query(&x);
		read_grant(&x);
		return copy_header(wsi, WSI_TOKEN_GET_URI, path, sizeof path) && !strcmp(path, "/live")
			&& copy_header(wsi, WSI_TOKEN_HOST, host, sizeof host) && host_ok(s, host)
			&& copy_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin) && origin_ok(s, origin)
			&& (x.grant.scope == SCOPE_ALL || x.grant.scope == SCOPE_VIEW) ? 0 : -1;
	}
	case LWS_CALLBACK_ESTABLISHED: {
		struct exchange x = { .server = s, .wsi = wsi };
		read_query(&x);
		read_grant(&x);
		session->in = (struct buf){ .size_max = LIVE_RX_MAX };
		session->view = s->live ? s->live->opened(s->live_owner, &x, wsi) : NULL;
		return session->view ? 0 : -1;
	}
	case LWS_CALLBACK_RECEIVE:
		if (!session->view || lws_frame_is_binary(wsi) || !buf_append(&session->in, in, size))
			return -1;
		if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi)) {
			s->live->received(session->view, buf_text(&session->in), session->in.size);
			secret_wipe(session->in.data, session->in.size);
			buf_reset(&session->in);
		}
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE: {
		const void *data;
		size_t bytes;
		bool binary;
		if (!session->view || !s->live->next(session->view, &data, &bytes, &binary))
			return 0;
		AUTO(text) char *room = xmalloc(LWS_PRE + bytes + 1);
		memcpy(room + LWS_PRE, data, bytes);
		if (lws_write(wsi, (unsigned char *)room + LWS_PRE, bytes, binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < (int)bytes)
			return -1;
		lws_callback_on_writable(wsi);
		return 0;
	}
	case LWS_CALLBACK_CLOSED:
		if (session->view)
			s->live->closed(session->view);
		session->view = NULL;
		buf_wipe(&session->in);
		return 0;
	default:
		return 0;
	}
}

void server_live(struct server *s, const struct live_events *events, void *owner)
{
	s->live = events;
	s->live_owner = owner;
}

void server_live_writable(struct lws *wsi)
{
	lws_callback_on_writable(wsi);
}

/* ---- life ---- */

static const struct lws_protocols protocols[] = {
	{ .name = "http", .callback = on_http, .per_session_data_size = sizeof(struct exchange) },
	{ .name = "gabbai-live", .callback = on_live, .per_session_data_size = sizeof(struct live_session), .rx_buffer_size = 4096 },
	{ .name = "fd", .callback = on_fd },
	{ .name = NULL },
};

static void on_timer(lws_sorted_usec_list_t *timer)
{
	struct server *s = lws_container_of(timer, struct server, timer);

	lws_sul_schedule(s->context, 0, &s->timer, on_timer, LWS_US_PER_SEC);
	for (struct exchange *x = s->exchanges; x; x = x->next) {
		if (x->stream && x->head_sent && ++x->silent_s >= PING_S)
			lws_callback_on_writable(x->wsi);
		/* lws's own deadline begins anew with each byte. */
		if (x->receives && ++x->receives_s > REQUEST_S)
			lws_set_timeout(x->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
	}
	if (s->tick)
		s->tick(s->tick_owner);
}

void server_on_tick(struct server *s, void (*tick)(void *owner), void *owner)
{
	s->tick = tick;
	s->tick_owner = owner;
}

struct server *server_open(const struct server_opts *o, struct access *access, struct store *store, struct error *err)
{
	struct server *s = xcalloc(1, sizeof *s);
	const struct lws_context_creation_info info = {
		.port = o->port ? o->port : 0,
		.iface = o->address,
		.protocols = protocols,
		.user = s,
		/* With IPv6 libwebsockets would take 127.0.0.1 for nobody's, and listen at all addresses. */
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_DISABLE_IPV6
			| (o->cert ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.ssl_cert_filepath = o->cert,
		.ssl_private_key_filepath = o->key,
		.alpn = "http/1.1",
		.server_string = "gabbai",
		.timeout_secs = REQUEST_S,
		.keepalive_timeout = IDLE_S,
		.max_http_header_data = HEADERS_IN_MAX,
		.max_http_header_pool = CONNECTIONS_MAX,
		.fd_limit_per_thread = CONNECTIONS_MAX + 64,
		.vhost_name = "gabbai",
	};

	*s = (struct server){ .access = access, .store = store, .public_host = copy_of(o->public_host), .tls = o->cert != NULL };
	lws_set_log_level(0, NULL); /* we say ourselves what went wrong */
	s->context = lws_create_context(&info);
	s->vhost = s->context ? lws_get_vhost_by_name(s->context, "gabbai") : NULL;
	if (!s->vhost) {
		fail(err, ERR_SYSTEM, "cannot listen at %s port %d: is another server there?", o->address, o->port);
		server_close(s);
		return NULL;
	}
	s->port = o->port ? o->port : lws_get_vhost_listen_port(s->vhost);
	lws_sul_schedule(s->context, 0, &s->timer, on_timer, LWS_US_PER_SEC);
	return s;
}

void server_close(struct server *s)
{
	if (!s)
		return;
	if (s->context)
		lws_context_destroy(s->context);
	free(s->public_host);
	free(s);
}

int server_port(const struct server *s)
{
	return s->port;
}

void server_routes(struct server *s, const struct route *routes, void *owner)
{
	s->routes = routes;
	s->routes_owner = owner;
}

void server_run(struct server *s)
{
	while (!s->stopped && lws_service(s->context, 0) >= 0)
		;
}

void server_stop(struct server *s)
{
	s->stopped = true;
	if (s->context)
		lws_cancel_service(s->context);
}
