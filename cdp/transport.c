/* The websocket: see transport.h.  Measured advice for libwebsockets 4.1: no permessage-deflate on
 * loopback, a large receive buffer, few descriptors, TCP_NODELAY, and write at once when the socket
 * takes it, since a round through WRITEABLE costs a poll(). */
#include "cdp/transport.h"

#include "cdp/base/error.h"
#include "cdp/conn.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum {
	RX_SIZE = 128 << 10, /* one read; larger gains nothing on 16 MB results */
	WHY_MAX = 200,
};

_Static_assert((int)CDP_SEND_PRE >= LWS_PRE, "libwebsockets writes its header in front of the payload");

struct queued {
	struct queued *next;
	size_t size;
	unsigned char data[]; /* LWS_PRE bytes, then the message */
};

struct watched {
	struct lws *wsi; /* NULL: the slot is free */
	bool ready;
};

struct cdp_transport {
	struct lws_context *context;
	struct lws *wsi; /* NULL before and after the connection */
	struct cdp_transport_events events;
	const char *const *headers; /* until the handshake is over; NULL: none */
	int status; /* of HTTP, when it was no handshake; 0: none */
	bool established;
	bool closed; /* events.closed was called, or is about to */
	struct buf in;
	struct queued *queue, **queue_end;
	struct watched fds[CDP_FDS_MAX];
	lws_sorted_usec_list_t alarm;
	int64_t alarm_at_us; /* 0: not set */
	char why[WHY_MAX];
};

static void lost(struct cdp_transport *t, const char *why)
{
	t->wsi = NULL;
	if (t->closed)
		return;
	t->closed = true;
	(void)lws_snprintf(t->why, sizeof t->why, "%s", why);
	if (t->established)
		t->events.closed(t->events.owner, t->why);
}

static bool write_now(struct cdp_transport *t, unsigned char *data, size_t size)
{
	return lws_write(t->wsi, data, size, LWS_WRITE_TEXT) >= (int)size;
}

/* False: the connection is broken. */
static bool write_queue(struct cdp_transport *t)
{
	while (t->queue && !lws_send_pipe_choked(t->wsi)) {
		struct queued *first = t->queue;
		if (!write_now(t, first->data + LWS_PRE, first->size))
			return false;
		t->queue = first->next;
		if (!t->queue)
			t->queue_end = &t->queue;
		free(first);
	}
	if (t->queue)
		lws_callback_on_writable(t->wsi);
	return true;
}

static void receive(struct cdp_transport *t, const void *data, size_t size)
{
	const size_t left = lws_remaining_packet_payload(t->wsi);

	if (t->in.size == 0)
		(void)buf_reserve(&t->in, size + left); /* told by the append below when too large */
	if (!buf_append(&t->in, data, size))
		return;
	if (left || !lws_is_final_fragment(t->wsi))
		return;
	t->events.message(t->events.owner, &t->in);
	if (t->in.room > RX_SIZE)
		buf_clear(&t->in);
	else
		buf_reset(&t->in);
}

static void fd_readable(struct cdp_transport *t, const struct lws *wsi)
{
	for (int i = 0; i < CDP_FDS_MAX; i++)
		if (t->fds[i].wsi == wsi)
			t->fds[i].ready = true;
}

static void fd_gone(struct cdp_transport *t, const struct lws *wsi)
{
	for (int i = 0; i < CDP_FDS_MAX; i++)
		if (t->fds[i].wsi == wsi)
			t->fds[i] = (struct watched){ .ready = true };
}

static struct cdp_transport *transport_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* False: they do not fit. */
static bool add_headers(const struct cdp_transport *t, struct lws *wsi, unsigned char **at, unsigned char *end)
{
	for (const char *const *header = t->headers; header && *header; header++) {
		const char *value = strchr(*header, ':') + 1;
		AUTO(text) char *name = xstrndup(*header, (size_t)(value - *header));
		value += strspn(value, " ");
		if (lws_add_http_header_by_name(wsi, (unsigned char *)name, (const unsigned char *)value, (int)strlen(value), at, end))
			return false;
	}
	return true;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct cdp_transport *t = transport_of(wsi);
	const int one = 1;

	(void)user; /* no per-connection memory of lws is used */
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(t, wsi, in, *(unsigned char **)in + size) ? 0 : -1;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		t->established = true;
		(void)setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		t->status = (int)lws_http_client_http_response(wsi);
		lost(t, in ? in : "no answer");
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		receive(t, in, size);
		if (t->in.full) {
			lost(t, "a message of more than 256 MB");
			return -1;
		}
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_queue(t) ? 0 : -1;
	case LWS_CALLBACK_CLIENT_CLOSED:
		lost(t, "the browser closed the connection");
		break;
	default:
		break;
	}
	return 0;
}

static int on_fd(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	(void)user, (void)in, (void)size; /* the owner of the descriptor reads it */
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		fd_readable(transport_of(wsi), wsi);
	else if (reason == LWS_CALLBACK_RAW_CLOSE_FILE)
		fd_gone(transport_of(wsi), wsi);
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "cdp", .callback = on_socket, .rx_buffer_size = RX_SIZE },
	{ .name = "fd", .callback = on_fd },
	{ .name = NULL },
};

/* lws runs what is due before it sleeps, so an alarm that rings there must keep it from sleeping. */
static void on_alarm(lws_sorted_usec_list_t *alarm)
{
	struct cdp_transport *t = lws_container_of(alarm, struct cdp_transport, alarm);

	t->alarm_at_us = 0;
	lws_cancel_service(t->context);
}

struct address {
	bool tls;
	char *host;
	int port;
	char *path; /* with the query */
};

static void address_clear(struct address *a)
{
	free(a->host);
	free(a->path);
}

static char *url_part(CURLU *url, CURLUPart part, unsigned flags)
{
	char *text = NULL;

	if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
		return NULL;
	char *own = xstrdup(text);
	curl_free(text);
	return own;
}

static bool address_read(const char *text, struct address *out, struct error *err)
{
	CURLU *url = curl_url();
	bool ok = url && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
	AUTO(text) char *scheme = ok ? url_part(url, CURLUPART_SCHEME, 0) : NULL;
	AUTO(text) char *host = ok ? url_part(url, CURLUPART_HOST, 0) : NULL;
	AUTO(text) char *port = ok ? url_part(url, CURLUPART_PORT, 0) : NULL;
	AUTO(text) char *path = ok ? url_part(url, CURLUPART_PATH, 0) : NULL;
	AUTO(text) char *query = ok ? url_part(url, CURLUPART_QUERY, 0) : NULL;

	curl_url_cleanup(url);
	if (!scheme || !host || (strcmp(scheme, "ws") != 0 && strcmp(scheme, "wss") != 0))
		return fail(err, ERR_INPUT, "the browser's address begins with ws://, wss://, http:// or https://");
	out->tls = scheme[2] == 's';
	out->host = TAKE(host);
	out->port = port ? (int)strtol(port, NULL, 10) : out->tls ? 443 : 80;
	out->path = xasprintf("%s%s%s", path ? path : "/", query ? "?" : "", query ? query : "");
	return true;
}

/* No control characters, which would begin another header. */
static bool headers_ok(const char *const *headers, struct error *err)
{
	for (; headers && *headers; headers++) {
		const char *colon = strchr(*headers, ':');
		if (!colon || colon == *headers)
			return fail(err, ERR_INPUT, "a header for the browser's endpoint has no name");
		for (const char *s = *headers; *s; s++)
			if ((unsigned char)*s < ' ' || *s == 0x7f)
				return fail(err, ERR_INPUT, "a header for the browser's endpoint has a control character");
	}
	return true;
}

static bool fail_closed(const struct cdp_transport *t, const struct address *a, struct error *err)
{
	AUTO(text) char *name = xasprintf("%s:%d", a->host, a->port);

	return t->status && t->status != 101 ? cdp_conn_fail_status(t->status, name, err)
		: fail(err, ERR_DISCONNECTED, "connecting to %s: %s", name, t->why);
}

static bool connect_to(struct cdp_transport *t, const char *url, struct deadline until,
	struct error *err)
{
	struct address a = { 0 };

	if (!address_read(url, &a, err))
		return false;

	const struct lws_client_connect_info info = {
		.context = t->context,
		.address = a.host,
		.port = a.port,
		.path = a.path,
		.host = a.host,
		.ssl_connection = a.tls ? LCCSCF_USE_SSL : 0,
		.local_protocol_name = "cdp",
		.pwsi = &t->wsi,
		.opaque_user_data = t,
	};
	if (!lws_client_connect_via_info(&info) && !t->closed)
		lost(t, "no connection");
	while (!t->established && !t->closed && !deadline_passed(until))
		cdp_transport_service(t, until);
	const bool timed_out = !t->established && !t->closed;
	if (timed_out)
		fail_timeout(err, ERR_DISCONNECTED, "%s:%d does not answer", a.host, a.port);
	else if (t->closed)
		(void)fail_closed(t, &a, err);
	address_clear(&a);
	return t->established && !t->closed;
}

struct cdp_transport *cdp_transport_open(const char *url, const struct cdp_conn_opts *opts,
	const struct cdp_transport_events *events, struct deadline until, struct error *err)
{
	if (opts && !headers_ok(opts->headers, err))
		return NULL;
	struct cdp_transport *t = xcalloc(1, sizeof *t);

	t->events = *events;
	t->headers = opts ? opts->headers : NULL;
	t->in.size_max = CDP_MESSAGE_MAX;
	t->queue_end = &t->queue;
	lws_set_log_level(0, NULL);
	const struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.user = t,
		.pt_serv_buf_size = RX_SIZE,
		.fd_limit_per_thread = 4 + CDP_FDS_MAX,
		.client_ssl_ca_filepath = opts ? opts->cacert : NULL,
		.http_proxy_address = "", /* else lws takes $http_proxy, also for loopback */
		.options = strncmp(url, "wss:", 4) == 0 ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
	};
	t->context = lws_create_context(&info);
	if (!t->context) {
		fail(err, ERR_SYSTEM, "libwebsockets does not start");
		free(t);
		return NULL;
	}
	const bool connected = connect_to(t, url, until, err);
	t->headers = NULL;
	if (connected)
		return t;
	cdp_transport_free(t);
	return NULL;
}

void cdp_transport_free(struct cdp_transport *t)
{
	if (!t)
		return;
	t->closed = true; /* nobody wants to hear of it any more */
	lws_sul_cancel(&t->alarm);
	lws_context_destroy(t->context);
	while (t->queue) {
		struct queued *first = t->queue;
		t->queue = first->next;
		free(first);
	}
	buf_clear(&t->in);
	free(t);
}

static void enqueue(struct cdp_transport *t, const void *message, size_t size)
{
	struct queued *q = xmalloc(sizeof *q + LWS_PRE + size);

	q->next = NULL;
	q->size = size;
	memcpy(q->data + LWS_PRE, message, size);
	*t->queue_end = q;
	t->queue_end = &q->next;
	lws_callback_on_writable(t->wsi);
}

void cdp_transport_send(struct cdp_transport *t, struct buf *out)
{
	unsigned char *message = (unsigned char *)out->data + CDP_SEND_PRE;
	const size_t size = out->size - CDP_SEND_PRE;

	if (!t->wsi || t->closed)
		return;
	if (t->queue || lws_send_pipe_choked(t->wsi))
		enqueue(t, message, size);
	else if (!write_now(t, message, size))
		lost(t, "the browser closed the connection");
}

void cdp_transport_service(struct cdp_transport *t, struct deadline until)
{
	const int64_t left = deadline_left_us(until);

	if (left != INT64_MAX && (t->alarm_at_us == 0 || until.at_us < t->alarm_at_us)) {
		lws_sul_schedule(t->context, 0, &t->alarm, on_alarm, left > 0 ? left : 1);
		t->alarm_at_us = until.at_us;
	}
	(void)lws_service(t->context, 0); /* its failures arrive as a closed connection */
}

void cdp_transport_wake(struct cdp_transport *t)
{
	lws_cancel_service(t->context);
}

int cdp_transport_add_fd(struct cdp_transport *t, int fd)
{
	int slot = 0;

	while (slot < CDP_FDS_MAX && t->fds[slot].wsi)
		slot++;
	if (slot == CDP_FDS_MAX)
		return -1;

	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* lws closes what it is given */
	if (own < 0)
		return -1;
	t->fds[slot].ready = false;
	t->fds[slot].wsi = lws_adopt_descriptor_vhost(lws_get_vhost_by_name(t->context, "default"),
		LWS_ADOPT_RAW_FILE_DESC, (lws_sock_file_fd_type){ .filefd = own }, "fd", NULL);
	if (t->fds[slot].wsi)
		return slot;
	close(own);
	return -1;
}

bool cdp_transport_fd_ready(struct cdp_transport *t, int slot)
{
	const bool ready = slot >= 0 && t->fds[slot].ready;

	if (ready)
		t->fds[slot].ready = false;
	return ready;
}

void cdp_transport_remove_fd(struct cdp_transport *t, int slot)
{
	if (slot < 0 || !t->fds[slot].wsi)
		return;
	struct lws *wsi = t->fds[slot].wsi;
	t->fds[slot] = (struct watched){ 0 };
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}
