#include "src/form_socket.h"

#include "cdp/base/error.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "scrapers/fetch.h"
#include "scrapers/socket.h"
#include "src/form_site.h"

#include <string.h>

enum { SWITCHED = 101, ANSWER_MS = 5000, PREFIX_MAX = 8 };

void form_sockets_open(struct form_sockets *s, struct cdp_page *page)
{
	struct cdp_conn *conn = cdp_page_conn(page);
	struct cdp_session *session = cdp_page_session(page);

	s->created = cdp_watch_new(conn, session, "Network.webSocketCreated");
	s->sent = cdp_watch_new(conn, session, "Network.webSocketFrameSent");
	s->received = cdp_watch_new(conn, session, "Network.webSocketFrameReceived");
}

void form_sockets_clear(struct form_sockets *s)
{
	cdp_watch_free(s->created);
	cdp_watch_free(s->sent);
	cdp_watch_free(s->received);
	for (size_t i = 0; i < s->count; i++) {
		free(s->list[i].id);
		free(s->list[i].url);
	}
	free(s->id);
	form_sent_clear(&s->best);
	*s = (struct form_sockets){ 0 };
}

static cJSON *next(struct cdp_watch *watch)
{
	return watch ? cdp_watch_next(watch, deadline_in_ms(0), NULL) : NULL;
}

static void take_created(struct form_sockets *s)
{
	for (cJSON *event; (event = next(s->created));) {
		AUTO(json) cJSON *own = event;
		if (s->count == FORM_SOCKETS_MAX || !json_str(own, "requestId") || !json_str(own, "url"))
			continue;
		s->list[s->count].id = xstrdup(json_str(own, "requestId"));
		s->list[s->count++].url = xstrdup(json_str(own, "url"));
	}
}

void form_sockets_forget(struct form_sockets *s)
{
	take_created(s);
	for (cJSON *event; (event = next(s->sent)) || (event = next(s->received));)
		cJSON_Delete(event);
}

size_t form_socket_prefix(const char *text, const char **json)
{
	const size_t size = strspn(text, "0123456789");

	*json = text + (size <= PREFIX_MAX && size && strchr("[{", text[size]) ? size : 0);
	return (size_t)(*json - text);
}

static const char *url_of(const struct form_sockets *s, const char *id)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->list[i].id, id))
			return s->list[i].url;
	return NULL;
}

static void take_sent(struct form_sockets *s, const struct form_request *request, const cJSON *event)
{
	const char *id = json_str(event, "requestId"), *text = json_str(event, "response.payloadData"), *json;
	const char *url = id ? url_of(s, id) : NULL;

	if (!url || !text)
		return;
	(void)form_socket_prefix(text, &json);
	const int overlap = form_overlap(request, NULL, NULL, json);
	if (overlap <= s->best.overlap)
		return;
	form_sent_clear(&s->best);
	free(s->id);
	s->id = xstrdup(id);
	s->best = (struct form_sent){ .method = xstrdup("SEND"), .url = xstrdup(url), .headers = cJSON_CreateObject(),
		.body = xstrdup(text), .overlap = overlap, .by_socket = true };
}

/* The first that comes back over the same one. */
static void take_received(struct form_sockets *s, const cJSON *event)
{
	const char *id = json_str(event, "requestId"), *text = json_str(event, "response.payloadData"), *json;

	if (!s->id || !id || strcmp(id, s->id) != 0 || !text || s->best.answer.url)
		return;
	(void)form_socket_prefix(text, &json);
	s->best.answer = (struct form_answer){ .url = xstrdup(s->best.url), .status = SWITCHED, .type = xstrdup("application/json"),
		.body = xstrdup(json), .body_size = strlen(json), .headers = cJSON_CreateArray() };
}

bool form_sockets_look(struct form_sockets *s, const struct form_request *request)
{
	take_created(s);
	for (cJSON *event; (event = next(s->sent)); cJSON_Delete(event))
		take_sent(s, request, event);
	for (cJSON *event; (event = next(s->received)); cJSON_Delete(event))
		take_received(s, event);
	return s->best.answer.url != NULL;
}

/* ---- once more ---- */

bool form_socket_send(struct form_http *http, const char *url, const char *text, struct form_answer *answer, bool *sent,
	struct error *err)
{
	AUTO(text) char *origin = site_origin(http->page);
	const struct deadline until = deadline_in_ms(http->opts->timeout_ms ? http->opts->timeout_ms : FORM_TIMEOUT_MS);
	AUTO(socket) struct socket *socket = socket_open(http->network, http->client, url, origin ? origin : "null", until, err);
	const char *json;

	if (!socket)
		return false;
	*sent = true;
	if (!socket_send(socket, text, until, err))
		return false;
	struct error why = { 0 };
	AUTO(text) char *said = socket_receive(socket, deadline_sooner(until, deadline_in_ms(ANSWER_MS)), &why);
	if (!said)
		return fail(err, why.code, "%s", why.code == ERR_CLOSED ? "WebSocket closed without receiving expected response"
			: why.code == ERR_TIMEOUT ? "WebSocket submission timeout" : why.text);
	(void)form_socket_prefix(said, &json);
	*answer = (struct form_answer){ .url = xstrdup(url), .status = SWITCHED, .type = xstrdup("application/json"),
		.body = xstrdup(json), .body_size = strlen(json), .headers = cJSON_CreateArray() };
	return true;
}
