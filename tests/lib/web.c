/* The server and its clients: see web.h. */
#include "tests/lib/web.h"

#include "cdp/base/error.h"
#include "tests/lib/asserts.h"
#include "tests/lib/processes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SAID_MAX = 6000, WORDS_MAX = 16, LOOK_MS = 20, CHUNK = 65536, CLOSE_FRAME = 8 };

/* ---- the server ---- */

static char *file_text(const struct cal *cal, const char *name)
{
	AUTO(text) char *path = cal_file(cal, name);
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[4096];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	return buf_take(&text);
}

char *web_stderr(const struct web *web)
{
	return file_text(web->cal, "serve.err");
}

/* The port and the token of "http://127.0.0.1:4711/#t=…". */
static bool read_link(struct web *web)
{
	static const char before[] = "http://127.0.0.1:";
	AUTO(text) char *said = file_text(web->cal, "serve");
	const char *at = strstr(said, before);
	const char *token = at ? strstr(at, "/#t=") : NULL;

	if (!token || !strchr(token, '\n'))
		return false;
	web->port = (int)strtol(at + sizeof before - 1, NULL, 10);
	web->start = xstrndup(token + 4, strcspn(token + 4, "\r\n"));
	return true;
}

void web_start(struct web *web, const struct cal *cal, const char *user, const char *const *more)
{
	const char *words[WORDS_MAX] = { "serve", "--listen", "127.0.0.1:0" };
	AUTO(text) char *out = cal_file(cal, "serve");
	bool ready = false;

	for (size_t count = 3; more && *more && count < WORDS_MAX - 1; more++)
		words[count++] = *more;
	(void)remove(out);
	*web = (struct web){ .cal = cal, .pid = gabbai_on_start_as(cal, user, words, "serve") };
	for (const struct deadline until = deadline_in_ms(WEB_MS); !(ready = read_link(web)) && !deadline_passed(until);)
		(void)poll(NULL, 0, LOOK_MS);
	if (!ready) {
		AUTO(text) char *why = web_stderr(web);
		fail_msg("gabbai serve does not start: %s", why);
	}
	AUTO(text) char *token = file_text(cal, "data/server-token");
	web->token = xstrndup(token, strcspn(token, "\r\n"));
}

int web_stop(struct web *web)
{
	int code = 0;

	if (web->pid > 0) {
		(void)kill(web->pid, SIGTERM);
		code = program_end(web->pid);
		AUTO(text) char *said = code ? web_stderr(web) : NULL;
		if (said)
			print_error("gabbai serve ended with %d: %s\n", code, strlen(said) > SAID_MAX ? said + strlen(said) - SAID_MAX : said);
	}
	free(web->start);
	free(web->token);
	*web = (struct web){ 0 };
	return code;
}

size_t web_browsers(const struct web *web)
{
	AUTO(text) char *word = xasprintf("%s/gabbai-run-", web->cal->folder);

	return processes_that_mention(word, NULL, 0);
}

bool web_has_no_browser(const struct web *web)
{
	for (const struct deadline until = deadline_in_ms(WEB_MS); web_browsers(web); (void)poll(NULL, 0, LOOK_MS))
		if (deadline_passed(until))
			return false;
	return true;
}

/* ---- connections ---- */

static bool send_all(int fd, const void *bytes, size_t size)
{
	const struct deadline until = deadline_in_ms(WEB_MS);
	const char *at = bytes;

	while (size && !deadline_passed(until)) {
		const ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n < 0) {
			(void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, deadline_left_ms(until));
			continue;
		}
		at += n;
		size -= (size_t)n;
	}
	return size == 0;
}

static int connect_to(const struct web *web)
{
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)web->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) {
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int web_connect(const struct web *web, const char *part)
{
	const int fd = connect_to(web);

	if (fd >= 0)
		(void)send_all(fd, part, strlen(part)); /* who has closed already is found out by reading */
	return fd;
}

/* More of what is said; false: it was closed, or nothing came. */
static bool read_more(int fd, struct buf *in, struct deadline until, bool *closed)
{
	char chunk[CHUNK];

	for (;;) {
		const ssize_t n = recv(fd, chunk, sizeof chunk, 0);
		if (n > 0)
			return buf_append(in, chunk, (size_t)n);
		*closed = n == 0 || errno != EAGAIN;
		if (*closed || deadline_passed(until))
			return false;
		(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, deadline_left_ms(until));
	}
}

void web_read(int fd, struct buf *in, struct deadline until, bool *closed)
{
	*closed = false;
	while (read_more(fd, in, until, closed))
		;
}

/* ---- requests ---- */

void reply_clear(struct reply *r)
{
	free(r->head);
	free(r->body);
	cJSON_Delete(r->json);
	*r = (struct reply){ 0 };
}

char *reply_header(const struct reply *r, const char *name)
{
	AUTO(text) char *wanted = xasprintf("\r\n%s:", name);
	const char *at = r->head ? strcasestr(r->head, wanted) : NULL;

	if (!at)
		return NULL;
	at += strlen(wanted);
	at += strspn(at, " ");
	return xstrndup(at, strcspn(at, "\r\n"));
}

/* The bytes of ASK. */
static void write_ask(const struct web *web, const struct ask *a, struct buf *out)
{
	const char *method = a->method ? a->method : a->body ? "POST" : "GET";
	const char *token = a->token ? a->token : web->token;

	buf_printf(out, "%s %s HTTP/1.1\r\n", method, a->path);
	if (!a->host)
		buf_printf(out, "Host: 127.0.0.1:%d\r\n", web->port);
	else if (*a->host)
		buf_printf(out, "Host: %s\r\n", a->host);
	if (*token)
		buf_printf(out, "Authorization: Bearer %s\r\n", token);
	if (a->body && (!a->type || *a->type))
		buf_printf(out, "Content-Type: %s\r\n", a->type ? a->type : "application/json");
	if (a->body)
		buf_printf(out, "Content-Length: %zu\r\n", strlen(a->body));
	if (a->headers)
		buf_puts(out, a->headers);
	buf_puts(out, "\r\n");
	if (a->body)
		buf_puts(out, a->body);
}

static const char *head_end(const struct buf *in)
{
	return in->size ? memmem(in->data, in->size, "\r\n\r\n", 4) : NULL;
}

static struct reply read_reply(int fd, bool is_head)
{
	const struct deadline until = deadline_in_ms(WEB_MS);
	AUTO(buf) struct buf in = { 0 };
	struct reply r = { 0 };
	bool closed = false;
	const char *end;

	while (!(end = head_end(&in)) && read_more(fd, &in, until, &closed))
		;
	if (!end)
		return r;
	const size_t head = (size_t)(end - in.data) + 4;
	r.head = xstrndup(in.data, head);
	r.status = strlen(r.head) > 12 ? (int)strtol(r.head + 9, NULL, 10) : 0;
	AUTO(text) char *length = reply_header(&r, "content-length");
	const size_t size = is_head || r.status == 204 || r.status == 304 ? 0 : length ? (size_t)strtoll(length, NULL, 10) : SIZE_MAX;
	while (in.size - head < size && read_more(fd, &in, until, &closed))
		;
	r.size = in.size - head;
	r.body = xmalloc(r.size + 1);
	memcpy(r.body, in.data + head, r.size);
	r.body[r.size] = '\0';
	r.json = json_parse(r.body, r.size, NULL);
	return r;
}

struct reply web_raw(const struct web *web, const void *bytes, size_t size)
{
	AUTO(fd) int fd = connect_to(web);

	if (fd < 0)
		return (struct reply){ 0 };
	(void)send_all(fd, bytes, size); /* an answer may come before all of it was read */
	return read_reply(fd, size > 5 && !memcmp(bytes, "HEAD ", 5));
}

struct reply web_ask(const struct web *web, const struct ask *ask)
{
	AUTO(buf) struct buf out = { 0 };

	write_ask(web, ask, &out);
	return web_raw(web, out.data, out.size);
}

struct reply web_get(const struct web *web, const char *path)
{
	return web_ask(web, &(struct ask){ .path = path });
}

struct reply web_post(const struct web *web, const char *path, const char *body)
{
	return web_ask(web, &(struct ask){ .path = path, .body = body });
}

/* ---- event streams ---- */

void sse_event_clear(struct sse_event *e)
{
	cJSON_Delete(e->data);
	*e = (struct sse_event){ 0 };
}

/* Sends ASK and takes the head of what is answered: its status. */
static int open_and_read_head(int *fd, struct buf *in, const struct web *web, const struct ask *ask)
{
	const struct deadline until = deadline_in_ms(WEB_MS);
	AUTO(buf) struct buf out = { 0 };
	const char *end = NULL;
	bool closed = false;

	write_ask(web, ask, &out);
	*fd = connect_to(web);
	if (*fd < 0 || !send_all(*fd, out.data, out.size))
		return 0;
	while (!(end = head_end(in)) && read_more(*fd, in, until, &closed))
		;
	if (!end || in->size < 12)
		return 0;
	const int status = (int)strtol(in->data + 9, NULL, 10);
	const size_t head = (size_t)(end - in->data) + 4;
	memmove(in->data, in->data + head, in->size - head + 1);
	in->size -= head;
	return status;
}

bool sse_open(struct sse *s, const struct web *web, const struct ask *ask)
{
	*s = (struct sse){ .fd = -1 };
	s->status = open_and_read_head(&s->fd, &s->in, web, ask);
	return s->status == 200;
}

void sse_close(struct sse *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_clear(&s->in);
	*s = (struct sse){ .fd = -1 };
}

/* The block of lines that ends with an empty one, taken out of what has come; NULL: it is not all there. */
static char *take_block(struct buf *in)
{
	const char *end = in->size ? memmem(in->data, in->size, "\n\n", 2) : NULL;
	const size_t size = end ? (size_t)(end - in->data) : 0;
	char *block = end ? xstrndup(in->data, size) : NULL;

	if (end) {
		memmove(in->data, in->data + size + 2, in->size - size - 1);
		in->size -= size + 2;
	}
	return block;
}

static const char *line_of(const char *block, const char *name)
{
	for (const char *at = block; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (!strncmp(at, name, strlen(name)))
			return at + strlen(name);
	return NULL;
}

bool sse_next(struct sse *s, struct sse_event *e, struct deadline until)
{
	bool closed = false;

	for (;;) {
		AUTO(text) char *block = take_block(&s->in);
		const char *name = block ? line_of(block, "event: ") : NULL;
		const char *data = block ? line_of(block, "data: ") : NULL, *id = block ? line_of(block, "id: ") : NULL;
		if (name && data) {
			*e = (struct sse_event){ .id = id ? strtoll(id, NULL, 10) : 0, .data = json_parse(data, strcspn(data, "\n"), NULL) };
			(void)snprintf(e->name, sizeof e->name, "%.*s", (int)strcspn(name, "\n"), name);
			return true;
		}
		if (!block && !read_more(s->fd, &s->in, until, &closed))
			return false;
	}
}

cJSON *sse_await(struct sse *s, const char *name)
{
	const struct deadline until = deadline_in_ms(WEB_MS);
	AUTO(buf) struct buf before = { 0 };

	for (;;) {
		AUTO(event) struct sse_event e = { 0 };
		if (!sse_next(s, &e, until))
			fail_msg("no event %s after:%s", name, buf_text(&before));
		if (!strcmp(e.name, name))
			return TAKE(e.data);
		AUTO(text) char *data = e.data ? json_print(e.data) : xstrdup("");
		buf_printf(&before, "\n%s %.300s", e.name, data);
	}
}

/* ---- websockets (RFC 6455) ---- */

int ws_open(struct ws *ws, const struct web *web, const struct ask *ask, const char *protocol)
{
	struct ask own = *ask;
	AUTO(text) char *headers = xasprintf("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s%s%s", *protocol ? "Sec-WebSocket-Protocol: " : "", protocol,
		*protocol ? "\r\n" : "", ask->headers ? ask->headers : "");

	*ws = (struct ws){ .fd = -1 };
	own.headers = headers;
	return open_and_read_head(&ws->fd, &ws->in, web, &own);
}

void ws_close(struct ws *ws)
{
	if (ws->fd >= 0)
		close(ws->fd);
	buf_clear(&ws->in);
	*ws = (struct ws){ .fd = -1 };
}

/* Frames of clients are masked (§5.3); a mask of zeros is one, too. */
bool ws_send(struct ws *ws, const char *text)
{
	const size_t size = strlen(text);
	const unsigned char head[] = { 0x81, size < 126 ? (unsigned char)(0x80 | size) : 0xfe, (unsigned char)(size >> 8), (unsigned char)size };
	static const unsigned char mask[4];

	return send_all(ws->fd, head, size < 126 ? 2 : 4) && send_all(ws->fd, mask, sizeof mask) && send_all(ws->fd, text, size);
}

/* The first frame of what has come: its kind, or -1 when it is not all there. */
static int take_frame(struct buf *in, struct buf *data, bool *is_last)
{
	const unsigned char *at = (const unsigned char *)in->data;
	size_t head = 2;

	if (in->size < 2)
		return -1;
	uint64_t size = at[1] & 0x7f;
	const size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
	if (in->size < head + more)
		return -1;
	if (more)
		size = 0;
	for (size_t i = 0; i < more; i++)
		size = size << 8 | at[head + i];
	head += more;
	if (in->size - head < size)
		return -1;
	const int kind = at[0] & 0x0f;
	*is_last = at[0] & 0x80;
	buf_append(data, at + head, (size_t)size);
	memmove(in->data, in->data + head + size, in->size - head - (size_t)size + 1);
	in->size -= head + (size_t)size;
	return kind;
}

bool ws_next(struct ws *ws, struct ws_message *m, struct deadline until)
{
	bool closed = false, is_last = false;

	buf_reset(&m->data);
	for (;;) {
		const int kind = take_frame(&ws->in, &m->data, &is_last);
		if (kind == CLOSE_FRAME)
			return false;
		if (kind > CLOSE_FRAME) {
			buf_reset(&m->data); /* a ping; they never come amid a message of ours */
			continue;
		}
		if (kind > 0)
			m->is_binary = kind == 2;
		if (kind >= 0 && is_last)
			return true;
		if (kind < 0 && !read_more(ws->fd, &ws->in, until, &closed))
			return false;
	}
}
