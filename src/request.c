/* Requests: who asks for what, whether they may, and within which limits. */
#include "src/server_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/stream.h"

#include <string.h>

/* ---- what came ---- */

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

void exchange_clear(struct exchange *x)
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

static void read_request(struct exchange *x, struct lws *wsi, const char *path)
{
	char text[HEADER_MAX];

	x->server = lws_context_user(lws_get_context(wsi));
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
/* ---- for handlers ---- */

bool exchange_basic(const struct exchange *x, char *user, size_t user_room, char *password, size_t password_room)
{
	static const char basic[] = "Basic ";
	char text[HEADER_MAX], plain[HEADER_MAX];
	bool ok = false;

	if (!copy_header(x->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, text, sizeof text) || strncasecmp(text, basic, sizeof basic - 1) != 0)
		return false;
	const int size = lws_b64_decode_string(text + sizeof basic - 1, plain, (int)sizeof plain - 1);
	const char *colon = size > 0 ? memchr(plain, ':', (size_t)size) : NULL;
	if (colon && !memchr(plain, '\0', (size_t)size)) {
		plain[size] = '\0';
		ok = (size_t)(colon - plain) < user_room && strlen(colon + 1) < password_room;
	}
	if (ok) {
		(void)snprintf(user, user_room, "%.*s", (int)(colon - plain), plain);
		(void)snprintf(password, password_room, "%s", colon + 1);
	}
	secret_wipe(text, sizeof text);
	secret_wipe(plain, sizeof plain);
	return ok;
}

char *exchange_base(const struct exchange *x)
{
	const struct server *s = x->server;
	char host[HEADER_MAX];

	(void)copy_header(x->wsi, WSI_TOKEN_HOST, host, sizeof host);
	const bool by_proxy = s->public_host && !strcasecmp(host, s->public_host);
	return xasprintf("%s://%s", s->tls || by_proxy ? "https" : "http", host);
}

uint64_t exchange_number(const struct exchange *x)
{
	return x->number;
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

void exchange_dispatch(struct exchange *x)
{
	bool known;
	const struct route *route = route_of(x, &known);

	if (admitted(x, route, known) && body_ok(x))
		route->run(x->server->routes_owner, x);
	buf_wipe(&x->body_text);
}

/* ---- arriving ---- */

void exchange_begin(struct exchange *x, struct lws *wsi, const char *path)
{
	char length[24];

	read_request(x, wsi, path);
	const bool has_length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
	const int64_t size = has_length && copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length)
		? whole_number(length) : -1;
	const bool has_body = has_length && size != 0;
	const bool chunked = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
	if (!has_body && !chunked) {
		exchange_dispatch(x);
		return;
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
}

struct exchange exchange_of_websocket(struct server *s, struct lws *wsi)
{
	struct exchange x = { .server = s, .wsi = wsi };

	read_query(&x);
	read_grant(&x);
	return x;
}

bool exchange_may_look(const struct exchange *x)
{
	char path[PATH_MAX_SIZE], host[HEADER_MAX], origin[HEADER_MAX];

	return copy_header(x->wsi, WSI_TOKEN_GET_URI, path, sizeof path) && !strcmp(path, "/live")
		&& copy_header(x->wsi, WSI_TOKEN_HOST, host, sizeof host) && host_ok(x->server, host)
		&& copy_header(x->wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin) && origin_ok(x->server, origin)
		&& (x->grant.scope == SCOPE_ALL || x->grant.scope == SCOPE_VIEW);
}
