#include "scrapers/socket.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "scrapers/client.h"
#include "scrapers/fetch_impl.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <poll.h>
#include <string.h>
#include <strings.h>

enum { KEY_BYTES = 16, KEY_TEXT = 24, HEAD_MAX = 16384, POLL_MS = 200, CHUNK = 8192 };
enum opcode { MORE, TEXT, BINARY, CLOSE = 8, PING, PONG };

struct socket {
	const struct fetch_network *network;
	CURL *easy;
	struct curl_slist *connect_to;
	curl_socket_t fd;
	struct buf in; /* what has come and was not taken yet */
};

void socket_free(struct socket *s)
{
	if (!s)
		return;
	curl_easy_cleanup(s->easy);
	curl_slist_free_all(s->connect_to);
	buf_wipe(&s->in);
	free(s);
}

/* ---- bytes ---- */

static bool await(struct socket *s, short events, struct deadline until, struct error *err)
{
	struct pollfd fd = { .fd = s->fd, .events = events };

	if (s->network->stop && *s->network->stop)
		return fail(err, ERR_CANCELLED, "interrupted");
	if (deadline_passed(until))
		return fail_timeout(err, ERR_NONE, "the websocket said nothing in time");
	const int left_ms = deadline_left_ms(until);
	(void)poll(&fd, 1, left_ms < POLL_MS ? left_ms : POLL_MS);
	return true;
}

static bool send_all(struct socket *s, const void *data, size_t size, struct deadline until, struct error *err)
{
	for (const char *at = data; size > 0;) {
		size_t sent = 0;
		const CURLcode code = curl_easy_send(s->easy, at, size, &sent);
		if (code != CURLE_OK && code != CURLE_AGAIN)
			return fail(err, ERR_NETWORK, "the websocket: %s", curl_easy_strerror(code));
		at += sent;
		size -= sent;
		if (size && !await(s, POLLOUT, until, err))
			return false;
	}
	return true;
}

static bool receive_more(struct socket *s, struct deadline until, struct error *err)
{
	char chunk[CHUNK];

	for (;;) {
		size_t got = 0;
		const CURLcode code = curl_easy_recv(s->easy, chunk, sizeof chunk, &got);
		if (code == CURLE_OK && got)
			return buf_append(&s->in, chunk, got) || fail(err, ERR_LIMIT, "a message of the websocket is too long");
		if (code != CURLE_AGAIN)
			return fail(err, ERR_CLOSED, "the site closed the websocket");
		if (!await(s, POLLIN, until, err))
			return false;
	}
}

static void take(struct socket *s, size_t size)
{
	memmove(s->in.data, s->in.data + size, s->in.size - size);
	s->in.size -= size;
	s->in.data[s->in.size] = '\0';
}

/* ---- opening (RFC 6455 §4) ---- */

static void accept_of(const char *key, char out[32])
{
	unsigned char digest[SHA_DIGEST_LENGTH];
	AUTO(text) char *text = xasprintf("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);

	SHA1((const unsigned char *)text, strlen(text), digest);
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof digest);
}

static char *http_of(const char *url)
{
	if (!strncasecmp(url, "wss://", 6))
		return xasprintf("https://%s", url + 6);
	return !strncasecmp(url, "ws://", 5) ? xasprintf("http://%s", url + 5) : NULL;
}

static char *cookies_for(struct client *client, const char *url)
{
	AUTO(json) cJSON *all = client_cookies(client);
	struct buf out = { 0 };
	const cJSON *one;

	cJSON_ArrayForEach(one, all) {
		AUTO(text) char *value = client_cookie(client, url, json_str(one, "name"));
		if (value)
			buf_printf(&out, "%s%s=%s", out.size ? "; " : "", json_str(one, "name"), value);
	}
	return buf_take(&out);
}

static bool shake_hands(struct socket *s, struct client *client, const char *http, const char *origin, struct deadline until,
	struct error *err)
{
	unsigned char random[KEY_BYTES];
	char key[KEY_TEXT + 1], wanted[32];
	const char *host = strstr(http, "://") + 3, *path = host + strcspn(host, "/?#");
	AUTO(text) char *cookies = cookies_for(client, http);
	struct buf out = { 0 };

	if (RAND_bytes(random, sizeof random) != 1)
		return fail(err, ERR_SYSTEM, "the system has no random numbers");
	EVP_EncodeBlock((unsigned char *)key, random, sizeof random);
	accept_of(key, wanted);
	buf_printf(&out, "GET %s%s HTTP/1.1\r\nHost: %.*s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nOrigin: %s\r\n",
		*path == '/' ? "" : "/", path, (int)(path - host), host, key, origin);
	if (s->network->user_agent)
		buf_printf(&out, "User-Agent: %s\r\n", s->network->user_agent);
	if (*cookies)
		buf_printf(&out, "Cookie: %s\r\n", cookies);
	buf_puts(&out, "\r\n");
	const bool sent = send_all(s, out.data, out.size, until, err);
	buf_wipe(&out);
	secret_wipe(cookies, strlen(cookies));
	const char *end = NULL;
	while (sent && !(end = strstr(buf_text(&s->in), "\r\n\r\n")))
		if (s->in.size > HEAD_MAX || !receive_more(s, until, err))
			return s->in.size > HEAD_MAX ? fail(err, ERR_LIMIT, "the websocket's answer is too long") : false;
	if (!sent)
		return false;
	AUTO(text) char *head = xstrndup(s->in.data, (size_t)(end - s->in.data));
	take(s, strlen(head) + 4);
	return (!strncmp(head, "HTTP/1.1 101", 12) && strstr(head, wanted))
		|| fail(err, ERR_HTTP, "the site takes no websocket here: %.40s", head);
}

struct socket *socket_open(const struct fetch_network *network, struct client *client, const char *url, const char *origin,
	struct deadline until, struct error *err)
{
	AUTO(text) char *http = http_of(url);
	AUTO(socket) struct socket *s = xcalloc(1, sizeof *s);

	*s = (struct socket){ .network = network, .easy = curl_easy_init(), .in = { .size_max = SOCKET_TEXT_MAX + HEAD_MAX } };
	if (!http || strpbrk(http, " \r\n"))
		return fail(err, ERR_INPUT, "a websocket's address begins with ws:// or wss://"), NULL;
	s->connect_to = fetch_connections(network, http);
	fetch_prepare(s->easy, network, http);
	curl_easy_setopt(s->easy, CURLOPT_CONNECT_TO, s->connect_to);
	curl_easy_setopt(s->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(s->easy, CURLOPT_SSL_ENABLE_ALPN, 0L); /* HTTP/2 has other websockets */
	const CURLcode code = curl_easy_perform(s->easy);
	if (code != CURLE_OK || curl_easy_getinfo(s->easy, CURLINFO_ACTIVESOCKET, &s->fd) != CURLE_OK)
		return fail(err, ERR_NETWORK, "the websocket: %s", curl_easy_strerror(code)), NULL;
	return shake_hands(s, client, http, origin, until, err) ? TAKE(s) : NULL;
}

/* ---- frames (§5) ---- */

static bool send_frame(struct socket *s, enum opcode opcode, const char *data, size_t size, struct deadline until,
	struct error *err)
{
	unsigned char mask[4], head[14] = { (unsigned char)(0x80 | opcode) };
	size_t head_size = 2;
	struct buf out = { 0 };

	if (RAND_bytes(mask, sizeof mask) != 1)
		return fail(err, ERR_SYSTEM, "the system has no random numbers");
	head[1] = (unsigned char)(0x80 | (size < 126 ? size : size < 65536 ? 126 : 127));
	for (int shift = size < 126 ? 0 : size < 65536 ? 16 : 64; shift > 0; head_size++)
		head[head_size] = (unsigned char)((uint64_t)size >> (shift -= 8));
	buf_append(&out, head, head_size);
	buf_append(&out, mask, sizeof mask);
	for (size_t i = 0; i < size; i++)
		buf_putc(&out, (char)(data[i] ^ mask[i % 4]));
	const bool ok = send_all(s, out.data, out.size, until, err);
	buf_wipe(&out);
	return ok;
}

bool socket_send(struct socket *s, const char *text, struct deadline until, struct error *err)
{
	return send_frame(s, TEXT, text, strlen(text), until, err);
}

/* One frame from the site, appended to OUT; *OPCODE has 0x80 when it is the last of its message. */
static bool receive_frame(struct socket *s, struct buf *out, int *opcode, struct deadline until, struct error *err)
{
	uint64_t size = 0;
	size_t head = 2;

	while (s->in.size < 2)
		if (!receive_more(s, until, err))
			return false;
	const int length = s->in.data[1] & 0x7f;
	const size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
	if (s->in.data[1] & 0x80)
		return fail(err, ERR_HTTP, "the websocket does not speak as a server");
	for (head += more; s->in.size < head;)
		if (!receive_more(s, until, err))
			return false;
	for (size_t i = 0; i < more; i++)
		size = size << 8 | (unsigned char)s->in.data[2 + i];
	size = more ? size : (uint64_t)length;
	if (size > SOCKET_TEXT_MAX)
		return fail(err, ERR_LIMIT, "a message of the websocket has more than %d KB", SOCKET_TEXT_MAX >> 10);
	while (s->in.size < head + size)
		if (!receive_more(s, until, err))
			return false;
	*opcode = (unsigned char)s->in.data[0];
	const bool fits = buf_append(out, s->in.data + head, (size_t)size);
	take(s, head + (size_t)size);
	return fits || fail(err, ERR_LIMIT, "a message of the websocket is too long");
}

char *socket_receive(struct socket *s, struct deadline until, struct error *err)
{
	AUTO(buf) struct buf text = { .size_max = SOCKET_TEXT_MAX };

	for (;;) {
		AUTO(buf) struct buf frame = { .size_max = SOCKET_TEXT_MAX };
		int opcode = 0;
		if (!receive_frame(s, &frame, &opcode, until, err))
			return NULL;
		switch (opcode & 0x0f) {
		case CLOSE:
			return fail(err, ERR_CLOSED, "the site closed the websocket"), NULL;
		case PING:
			if (!send_frame(s, PONG, buf_text(&frame), frame.size, until, err))
				return NULL;
			break;
		case MORE: case TEXT:
			if (!buf_append(&text, buf_text(&frame), frame.size))
				return fail(err, ERR_LIMIT, "a message of the websocket is too long"), NULL;
			if (opcode & 0x80)
				return buf_take(&text);
			break;
		default:
			break;
		}
	}
}
