#include "src/channel.h"

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { HEAD = 4, OUT_MAX = 2 * CHANNEL_MESSAGE_MAX, CHUNK = 65536, LISTENER = CHANNEL_PEERS_MAX };

struct peer {
	int fd; /* -1: nobody */
	struct buf in, out;
};

struct channel {
	char *path;
	int listener, epoll;
	struct peer peers[CHANNEL_PEERS_MAX];
};

/* ---- messages ---- */

void channel_frame(struct buf *out, const void *data, size_t size)
{
	const unsigned char head[HEAD] = { (unsigned char)size, (unsigned char)(size >> 8), (unsigned char)(size >> 16),
		(unsigned char)(size >> 24) };

	buf_append(out, head, HEAD);
	buf_append(out, data, size);
}

bool channel_unframe(struct buf *in, struct buf *message, bool *broken)
{
	const unsigned char *head = (const unsigned char *)in->data;

	*broken = false;
	if (in->size < HEAD)
		return false;
	const size_t size = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
	*broken = size > CHANNEL_MESSAGE_MAX;
	if (*broken || in->size < HEAD + size)
		return false;
	buf_reset(message);
	buf_append(message, in->data + HEAD, size);
	memmove(in->data, in->data + HEAD + size, in->size - HEAD - size + 1);
	in->size -= HEAD + size;
	secret_wipe(in->data + in->size, HEAD + size); /* it may have held a code */
	return true;
}

/* ---- sockets ---- */

/* Paths of sockets are short: a long one is reached through its folder. */
static bool address(const char *path, struct sockaddr_un *out, int *folder)
{
	const char *slash = strrchr(path, '/');
	AUTO(text) char *parent = xstrndup(path, slash ? (size_t)(slash - path) : 0);

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*folder = -1;
	if (strlen(path) < sizeof out->sun_path) {
		memcpy(out->sun_path, path, strlen(path));
		return true;
	}
	*folder = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const int size = snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", *folder, slash ? slash + 1 : path);
	return *folder >= 0 && (size_t)size < sizeof out->sun_path;
}

static int socket_at(const char *path, bool listens)
{
	struct sockaddr_un to;
	int folder;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok = fd >= 0 && address(path, &to, &folder);

	if (ok && listens) {
		const mode_t mask = umask(0177);
		ok = bind(fd, (struct sockaddr *)&to, sizeof to) == 0 && listen(fd, CHANNEL_PEERS_MAX) == 0;
		umask(mask);
	} else if (ok) {
		ok = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
	}
	const int why = errno;
	if (fd >= 0 && folder >= 0)
		close(folder);
	if (fd >= 0 && !ok)
		close(fd);
	errno = why;
	return ok ? fd : -1;
}

static bool watch(struct channel *c, int fd, uint32_t number, uint32_t events, int how)
{
	return epoll_ctl(c->epoll, how, fd, &(struct epoll_event){ .events = events, .data.u32 = number }) == 0;
}

struct channel *channel_open_at(const char *name, struct error *err)
{
	static unsigned count;
	AUTO(text) char *any = xasprintf("run-%d-%u.sock", (int)getpid(), ++count);
	AUTO(text) char *path = place_of_data(name ? name : any, err);

	if (!path)
		return NULL;
	(void)unlink(path); /* of a process before us that had our number */
	struct channel *c = xcalloc(1, sizeof *c);
	c->path = TAKE(path);
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->listener = socket_at(c->path, true);
	for (size_t i = 0; i < CHANNEL_PEERS_MAX; i++)
		c->peers[i].fd = -1;
	if (c->epoll >= 0 && c->listener >= 0 && watch(c, c->listener, LISTENER, EPOLLIN, EPOLL_CTL_ADD))
		return c;
	fail_system(err, "listening at %s", c->path);
	channel_close(c);
	return NULL;
}

static void drop(struct peer *p)
{
	if (p->fd < 0)
		return;
	close(p->fd);
	p->fd = -1;
	buf_wipe(&p->in);
	buf_wipe(&p->out);
}

void channel_close(struct channel *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CHANNEL_PEERS_MAX; i++)
		drop(&c->peers[i]);
	if (c->listener >= 0) {
		(void)unlink(c->path);
		close(c->listener);
	}
	if (c->epoll >= 0)
		close(c->epoll);
	free(c->path);
	free(c);
}

const char *channel_path(const struct channel *c)
{
	return c->path;
}

int channel_fd(const struct channel *c)
{
	return c->epoll;
}

/* ---- the one that waits ---- */

static void take_peer(struct channel *c)
{
	const int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (uint32_t i = 0; fd >= 0 && i < CHANNEL_PEERS_MAX; i++) {
		if (c->peers[i].fd >= 0)
			continue;
		c->peers[i] = (struct peer){ .fd = fd, .in = { .size_max = CHANNEL_MESSAGE_MAX + HEAD + CHUNK },
			.out = { .size_max = OUT_MAX } };
		if (!watch(c, fd, i, EPOLLIN, EPOLL_CTL_ADD))
			drop(&c->peers[i]);
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void hear(struct peer *p)
{
	char chunk[CHUNK];

	for (;;) {
		const ssize_t n = read(p->fd, chunk, sizeof chunk);
		if (n > 0 && buf_append(&p->in, chunk, (size_t)n)) {
			secret_wipe(chunk, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EAGAIN)
			return;
		drop(p);
		return;
	}
}

/* What the socket takes now; the rest when it takes more. */
static bool flush_to(struct channel *c, int peer)
{
	struct peer *p = &c->peers[peer];

	while (p->out.size) {
		const ssize_t n = send(p->fd, p->out.data, p->out.size, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return watch(c, p->fd, (uint32_t)peer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
		if (n < 0) {
			drop(p);
			return false;
		}
		memmove(p->out.data, p->out.data + n, p->out.size - (size_t)n);
		p->out.size -= (size_t)n;
	}
	return watch(c, p->fd, (uint32_t)peer, EPOLLIN, EPOLL_CTL_MOD);
}

static void serve(struct channel *c)
{
	struct epoll_event events[CHANNEL_PEERS_MAX + 1];
	const int count = epoll_wait(c->epoll, events, CHANNEL_PEERS_MAX + 1, 0);

	for (int i = 0; i < count; i++) {
		const uint32_t number = events[i].data.u32;
		if (number == LISTENER) {
			take_peer(c);
			continue;
		}
		if (c->peers[number].fd >= 0 && (events[i].events & EPOLLOUT))
			(void)flush_to(c, (int)number); /* one that is gone is dropped there */
		if (c->peers[number].fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
			hear(&c->peers[number]);
	}
}

cJSON *channel_next(struct channel *c, int *peer)
{
	AUTO(buf) struct buf message = { 0 };

	serve(c);
	for (int i = 0; i < CHANNEL_PEERS_MAX; i++) {
		struct peer *p = &c->peers[i];
		bool broken = false;
		while (p->fd >= 0 && channel_unframe(&p->in, &message, &broken)) {
			cJSON *json = json_parse(message.data, message.size, NULL);
			secret_wipe(message.data, message.size);
			if (json) {
				*peer = i;
				return json;
			}
		}
		if (broken)
			drop(p);
	}
	return NULL;
}

bool channel_has(const struct channel *c, int peer)
{
	return c->peers[peer].fd >= 0;
}

void channel_hang_up(struct channel *c, int peer)
{
	drop(&c->peers[peer]);
}

bool channel_send(struct channel *c, int peer, const void *data, size_t size)
{
	struct peer *p = &c->peers[peer];

	if (p->fd < 0)
		return false;
	channel_frame(&p->out, data, size);
	if (p->out.full) {
		drop(p);
		return false;
	}
	return flush_to(c, peer);
}

bool channel_send_json(struct channel *c, int peer, const cJSON *json)
{
	AUTO(text) char *text = json_print(json);

	return channel_send(c, peer, text, strlen(text));
}

/* ---- the peer ---- */

int channel_connect(const char *path, struct error *err)
{
	const int fd = socket_at(path, false);

	if (fd < 0)
		fail(err, ERR_CLOSED, "nobody waits there any more");
	return fd;
}

cJSON *channel_ask(const char *path, const cJSON *question, int timeout_ms, struct error *err)
{
	const struct deadline until = deadline_in_ms(timeout_ms);
	AUTO(fd) int fd = channel_connect(path, err);
	AUTO(text) char *text = json_print(question);
	struct buf out = { 0 }, in = { .size_max = CHANNEL_MESSAGE_MAX };
	AUTO(buf) struct buf message = { 0 };
	cJSON *answer = NULL;
	bool broken = fd < 0;

	channel_frame(&out, text, strlen(text));
	secret_wipe(text, strlen(text));
	if (!broken)
		broken = send(fd, out.data, out.size, MSG_NOSIGNAL) != (ssize_t)out.size;
	buf_wipe(&out);
	while (!broken && !answer && !deadline_passed(until)) {
		char chunk[4096];
		(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, deadline_left_ms(until)); /* read() tells */
		const ssize_t n = read(fd, chunk, sizeof chunk);
		if (n > 0)
			buf_append(&in, chunk, (size_t)n);
		else
			broken = n == 0 || errno != EAGAIN;
		if (channel_unframe(&in, &message, &broken))
			answer = json_parse(message.data, message.size, NULL);
	}
	buf_clear(&in);
	if (!answer && fd >= 0)
		fail(err, ERR_CLOSED, broken ? "nobody waits there any more" : "no answer in time");
	return answer;
}
