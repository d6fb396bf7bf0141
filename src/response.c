/* Answers: made by handlers, sent as the connection takes them. */
#include "src/server_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/ending.h"
#include "src/stream.h"

#include <stdarg.h>
#include <string.h>

enum { CHUNK = 16384, HEAD_ROOM = 2048 };

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

bool exchange_may_stream(struct exchange *x)
{
	int all = 0, own = 0;

	for (const struct exchange *other = x->server->exchanges; other; other = other->next) {
		all += other->stream != NULL;
		own += other->stream && other->grant.bearer == x->grant.bearer;
	}
	const bool is_own = x->grant.bearer && own >= BEARER_STREAMS_MAX;
	if (!is_own && all < STREAMS_MAX)
		return true;
	AUTO(text) char *seconds = xasprintf("%d", STREAM_RETRY_S);
	exchange_header(x, "retry-after", seconds);
	exchange_problem(x, 429, NULL, is_own ? "%d pages of this browser or link listen already: close some"
		: "%d pages listen already", is_own ? own : all);
	return false;
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

int exchange_writable(struct exchange *x)
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
