#include "src/view.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "src/api.h"
#include "src/asked.h"
#include "src/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { WORDS_MAX = 1 << 20, CHUNK = 65536 };

struct view {
	struct view *next, **here; /* of api->views */
	struct lws *wsi;      /* NULL: the page is gone */
	int fd;               /* -1: the other side is gone */
	struct buf in;        /* from the other side */
	struct buf words;     /* for the page: framed texts */
	struct buf picture;   /* for the page: the newest */
	struct buf now;       /* what is being sent */
	bool has_picture;
};

static void view_free(struct view *v)
{
	*v->here = v->next;
	if (v->next)
		v->next->here = v->here;
	buf_wipe(&v->in);
	buf_wipe(&v->words);
	buf_clear(&v->picture);
	buf_clear(&v->now);
	free(v);
}

static void say(struct view *v, const char *text)
{
	channel_frame(&v->words, text, strlen(text));
}

/* What the browser's process sends. */
static bool on_shown(void *owner, int fd)
{
	struct view *v = owner;
	AUTO(buf) struct buf message = { 0 };
	char chunk[CHUNK];
	bool broken = false;
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		(void)buf_append(&v->in, chunk, (size_t)n);
	const bool over = n == 0 || errno != EAGAIN;
	while (channel_unframe(&v->in, &message, &broken)) {
		if (message.size && message.data[0] == '{') {
			channel_frame(&v->words, message.data, message.size);
			continue;
		}
		buf_reset(&v->picture);
		buf_append(&v->picture, message.data, message.size);
		v->has_picture = true;
	}
	if (v->wsi)
		server_live_writable(v->wsi);
	if (!over && !broken && v->wsi && !v->words.full)
		return true;
	v->fd = -1;
	if (!v->wsi) {
		view_free(v);
		return false;
	}
	say(v, "{\"type\":\"end\",\"reason\":\"closed\"}");
	return false;
}

static void send_to_browser(struct view *v, const char *text, size_t size)
{
	struct buf out = { 0 };

	if (v->fd < 0)
		return;
	channel_frame(&out, text, size);
	/* A browser's process that does not read for so long has other troubles; its input is lost, as on a screen that hangs. */
	(void)!send(v->fd, out.data, out.size, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_wipe(&out);
}

/* The channel of a connect, by its site and account, or of a run, by its number or what it asks; owned by the caller.  NULL:
 * there is none, or it is not for who asks. */
static char *channel_of(struct api *api, const struct exchange *x)
{
	const char *site = exchange_query(x, "site"), *account = exchange_query(x, "account"), *id = exchange_query(x, "question");
	const char *run = exchange_query(x, "run");
	const struct access_grant *grant = exchange_grant(x);

	account = account ? account : "default";
	AUTO(text) char *subject = id || run ? xstrdup(id ? id : run) : xasprintf("%s/%s", site ? site : "", account);
	if (grant->scope == SCOPE_VIEW && strcmp(grant->subject, subject) != 0)
		return NULL;
	if (run)
		return api_run_channel(api, strtoll(run, NULL, 10));
	if (id)
		return asked_channel(api->store, id, NULL);
	return copy_of(site ? api_connect_channel(api, site, account) : NULL);
}

static void *opened(void *owner, struct exchange *x, struct lws *wsi)
{
	struct api *api = owner;
	struct error why = { 0 };
	AUTO(text) char *channel = channel_of(api, x);
	const int fd = channel ? channel_connect(channel, &why) : -1;
	if (fd < 0)
		return NULL;
	struct view *v = xcalloc(1, sizeof *v);
	*v = (struct view){ .wsi = wsi, .fd = fd, .in = { .size_max = 2 * CHANNEL_MESSAGE_MAX }, .words = { .size_max = WORDS_MAX },
		.next = api->views, .here = &api->views };
	if (v->next)
		v->next->here = &v->next;
	api->views = v;
	if (!server_watch(api->server, fd, on_shown, v)) {
		close(fd);
		view_free(v);
		return NULL;
	}
	send_to_browser(v, "{\"type\":\"view\"}", 15);
	return v;
}

static void received(void *owner, const char *text, size_t size)
{
	send_to_browser(owner, text, size);
}

static bool next(void *owner, const void **data, size_t *size, bool *binary)
{
	struct view *v = owner;
	bool broken;

	*binary = !channel_unframe(&v->words, &v->now, &broken);
	if (*binary) {
		if (!v->has_picture)
			return false;
		const struct buf was = v->now;
		v->now = v->picture;
		v->picture = was;
		v->has_picture = false;
	}
	*data = v->now.data;
	*size = v->now.size;
	return true;
}

static void closed(void *owner)
{
	struct view *v = owner;

	v->wsi = NULL;
	if (v->fd < 0)
		view_free(v);
	else
		(void)shutdown(v->fd, SHUT_RDWR); /* on_shown() frees it */
}

void views_free(struct api *api)
{
	while (api->views)
		view_free(api->views);
}

const struct live_events view_events = { opened, received, next, closed };
