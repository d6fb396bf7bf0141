#include "src/server_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"

#include <fcntl.h>
#include <string.h>

enum {
	REQUEST_S = 10, /* for a request to arrive, whole */
	IDLE_S = 20,    /* between two requests of a connection */
	LIVE_RX_MAX = 65536,
};

static struct server *server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

struct exchange *exchange_find(struct server *s, uint64_t number)
{
	for (struct exchange *x = s->exchanges; x; x = x->next)
		if (x->number == number)
			return x;
	return NULL;
}

void server_wake_streams(struct server *s)
{
	for (struct exchange *x = s->exchanges; x; x = x->next)
		if (x->stream)
			lws_callback_on_writable(x->wsi);
}

/* ---- HTTP ---- */

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct exchange *x = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return -1; /* a websocket that names no protocol, or this one: only "gabbai-live" is one */
	case LWS_CALLBACK_HTTP:
		exchange_begin(x, wsi, in);
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		if (!x->answered)
			(void)buf_append(&x->body_text, in, size); /* too much is found out at the end */
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		x->receives = false;
		if (!x->answered) {
			lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
			exchange_dispatch(x);
		}
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return exchange_writable(x);
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
		const struct exchange x = exchange_of_websocket(s, wsi);
		return exchange_may_look(&x) ? 0 : -1;
	}
	case LWS_CALLBACK_ESTABLISHED: {
		struct exchange x = exchange_of_websocket(s, wsi);
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
