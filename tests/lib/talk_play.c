/* The fake browser's side of a conversation: see talk.h.
 *
 * What the driver sends waits in the inbox until the script stands at a line that wants a message, or at
 * its end.  So a script means the same however fast either side is.  The process lives for one
 * connection and frees nothing: what is left goes with it. */
#include "tests/lib/talk.h"
#include "tests/lib/talk_script.h"

#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum {
	PLAY_MS = 20000,   /* of a whole conversation: longer than any test may take */
	HISTORY = 8,       /* messages shown before a complaint */
	SHOWN_MAX = 1000,  /* bytes of a message in a complaint */
	BUFFER = 128 << 10,
	EXIT_FAULTED = 2,
};

struct heard {
	struct heard *next;
	cJSON *json;
	const char *method, *session; /* session: NULL for the browser */
	const cJSON *params;
	long long id;
	char *text;
	char *name; /* "as …" */
};

struct out {
	struct out *next;
	enum { MESSAGE, BYTES, CORK, UNCORK, CLOSE, DROP, DIE } kind;
	struct buf data; /* LWS_PRE bytes, then the message */
	size_t sent, fragment;
};

struct play {
	struct talk_opts opts;
	struct lws_context *context;
	struct lws *wsi; /* NULL: no driver yet */
	int report;
	struct talk_line *at;    /* what is done next; NULL: the end */
	struct talk_line *rules[64]; /* auto, auto! and ignore; the last one that matches counts */
	size_t rule_count;
	struct heard *inbox, **inbox_end;
	struct heard *last;   /* that matched a > */
	struct heard *kept;   /* with a name */
	struct heard **collected;
	long collected_count;
	struct out *queue, **queue_end;
	size_t fragment;      /* 0: one frame a message */
	lws_sorted_usec_list_t pause, end;
	bool paused, show, faulted;
	int heard_count;
	char *history[HISTORY];
	size_t history_count;
	struct buf in;
};

/* ---- complaining ---- */

static _Noreturn void leave(const struct play *p)
{
	_exit(p->faulted ? EXIT_FAULTED : 0);
}

static void say(const struct play *p, const char *text)
{
	if (write(p->report, text, strlen(text)) < 0)
		_exit(1);
}

static void remember(struct play *p, const char *direction, const char *text)
{
	if (p->show)
		(void)fprintf(stderr, "%s %.*s\n", direction, SHOWN_MAX, text);
	char **slot = &p->history[p->history_count++ % HISTORY];
	free(*slot);
	*slot = xasprintf("    %s %.*s\n", direction, SHOWN_MAX, text);
}

/* WHAT happened, the line that wanted something else, and what came before. */
static _Noreturn void complain(struct play *p, const char *what, const struct heard *heard, const char *why)
{
	AUTO(buf) struct buf text = { 0 };
	const size_t first = p->history_count > HISTORY ? p->history_count - HISTORY : 0;

	if (p->at)
		(void)buf_printf(&text, "%s:%d: %s\n  the script: %.*s\n", p->at->file, p->at->number, what,
			SHOWN_MAX, p->at->whole);
	else
		(void)buf_printf(&text, "after the script's end: %s\n", what);
	if (heard)
		(void)buf_printf(&text, "  the driver: > %s %.*s\n", heard->method, SHOWN_MAX, heard->text);
	if (why && *why)
		(void)buf_printf(&text, "  because:    %s\n", why);
	(void)buf_puts(&text, "  the last messages:\n");
	for (size_t i = first; i < p->history_count; i++)
		(void)buf_puts(&text, p->history[i % HISTORY]);
	say(p, buf_text(&text));
	_exit(1);
}

static void on_end(lws_sorted_usec_list_t *end)
{
	struct play *p = lws_container_of(end, struct play, end);

	complain(p, p->wsi ? "the conversation stopped here" : "nobody connected", NULL, NULL);
}

/* ---- sending ---- */

/* Takes the content of TEXT, whose first LWS_PRE bytes are free; NULL for none. */
static void queue(struct play *p, int kind, struct buf *text)
{
	struct out *out = xcalloc(1, sizeof *out);

	out->kind = kind;
	if (text) {
		out->data = *text;
		*text = (struct buf){ 0 };
	}
	out->sent = LWS_PRE;
	out->fragment = p->fragment ? p->fragment : SIZE_MAX;
	*p->queue_end = out;
	p->queue_end = &out->next;
	lws_callback_on_writable(p->wsi);
}

static struct buf message_new(void)
{
	static const char room[LWS_PRE];
	struct buf text = { 0 };

	(void)buf_append(&text, room, sizeof room);
	return text;
}

static void send_text(struct play *p, struct buf *text)
{
	remember(p, "<", text->data + LWS_PRE);
	queue(p, MESSAGE, text);
}

static void put_session(struct buf *text, const char *session)
{
	if (session)
		(void)buf_printf(text, ",\"sessionId\":\"%s\"", session);
	(void)buf_putc(text, '}');
}

static void send_reply(struct play *p, const struct heard *to, const char *member, const char *json)
{
	struct buf text = message_new();

	(void)buf_printf(&text, "{\"id\":%lld,\"%s\":", to->id, member);
	talk_expand(&text, json ? json : "{}", to->json, 0);
	put_session(&text, to->session);
	send_text(p, &text);
}

static void send_event(struct play *p, const struct talk_line *line, long n)
{
	struct buf text = message_new();

	(void)buf_printf(&text, "{\"method\":\"%s\",\"params\":", line->word);
	talk_expand(&text, line->json ? line->json : "{}", p->last ? p->last->json : NULL, n);
	put_session(&text, line->session);
	send_text(p, &text);
}

static void send_raw(struct play *p, const struct talk_line *line, long n)
{
	struct buf text = message_new();

	talk_expand(&text, line->word, p->last ? p->last->json : NULL, n);
	send_text(p, &text);
}

/* \xNN, \r and \n are what they are in C. */
static void send_bytes(struct play *p, const struct talk_line *line)
{
	AUTO(buf) struct buf filled = { 0 };
	struct buf out = message_new();

	talk_expand(&filled, line->word, p->last ? p->last->json : NULL, 0);
	for (const char *text = filled.data; *text; text++) {
		char hex[3] = "";
		if (*text != '\\' || !text[1]) {
			(void)buf_putc(&out, *text);
		} else if (text[1] == 'x' && text[2] && text[3]) {
			memcpy(hex, text + 2, 2);
			(void)buf_putc(&out, (char)strtol(hex, NULL, 16));
			text += 3;
		} else {
			text++;
			(void)buf_putc(&out, *text == 'r' ? '\r' : '\n');
		}
	}
	remember(p, "<", "(bytes)");
	queue(p, BYTES, &out);
}

/* True when OUT is done; false: it needs another turn.  -1 of lws: the driver is gone, which is seen
 * when it hangs up. */
static bool write_message(struct play *p, struct out *out)
{
	const size_t left = out->data.size - out->sent;
	const size_t size = left < out->fragment ? left : out->fragment;
	int flags = out->sent > LWS_PRE ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT;

	if (out->kind == BYTES)
		flags = LWS_WRITE_RAW;
	else if (size < left)
		flags |= LWS_WRITE_NO_FIN;
	/* The header goes over what was sent before. */
	(void)lws_write(p->wsi, (unsigned char *)out->data.data + out->sent, size,
		(enum lws_write_protocol)flags);
	out->sent += size;
	return out->sent == out->data.size;
}

static void set_option(const struct play *p, int level, int option, const void *value, socklen_t size)
{
	if (setsockopt(lws_get_socket_fd(p->wsi), level, option, value, size) != 0)
		_exit(1);
}

/* 0; -1 to close the connection. */
static int flush(struct play *p)
{
	const int on = 1, off = 0;
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	while (p->queue && !lws_send_pipe_choked(p->wsi)) {
		struct out *out = p->queue;
		switch (out->kind) {
		case MESSAGE:
		case BYTES:
			if (!write_message(p, out))
				continue;
			break;
		case CORK:
			set_option(p, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
			break;
		case UNCORK:
			set_option(p, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
			break;
		case CLOSE:
			lws_close_reason(p->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
			return -1;
		case DROP:
			set_option(p, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
			leave(p);
		case DIE:
			leave(p);
		}
		p->queue = out->next;
		if (!p->queue)
			p->queue_end = &p->queue;
		buf_clear(&out->data);
		free(out);
	}
	if (p->queue)
		lws_callback_on_writable(p->wsi);
	return 0;
}

/* ---- the script ---- */

static struct heard *named(const struct play *p, const char *name)
{
	for (struct heard *h = p->kept; h; h = h->next)
		if (!strcmp(h->name, name))
			return h;
	return NULL;
}

static const struct heard *answered(struct play *p, const struct talk_line *line)
{
	const struct heard *to = line->word ? named(p, line->word) : p->last;

	if (!to)
		complain(p, "there is no such message to answer", NULL, line->word);
	return to;
}

static void shuffle(struct heard **list, long count)
{
	unsigned long random = 20240601; /* any; the same each time */

	for (long i = count - 1; i > 0; i--) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		const long j = (long)((random >> 33) % (unsigned long)(i + 1));
		struct heard *other = list[j];
		list[j] = list[i];
		list[i] = other;
	}
}

static void answer_all(struct play *p, const struct talk_line *line)
{
	if (!strcmp(line->word, "shuffled"))
		shuffle(p->collected, p->collected_count);
	for (long i = 0; i < p->collected_count; i++)
		send_reply(p, p->collected[!strcmp(line->word, "reversed") ? p->collected_count - 1 - i : i],
			"result", line->json);
	p->collected_count = 0;
}

static void play(struct play *p);

static void on_pause(lws_sorted_usec_list_t *pause)
{
	struct play *p = lws_container_of(pause, struct play, pause);

	p->paused = false;
	play(p);
}

/* A line that wants nothing from the driver. */
static void perform(struct play *p, struct talk_line *line)
{
	switch (line->verb) {
	case TALK_ANSWER:
		send_reply(p, answered(p, line), "result", line->json);
		break;
	case TALK_REFUSE:
		send_reply(p, answered(p, line), "error", line->json);
		break;
	case TALK_EVENT:
		for (long n = 0; n < line->times; n++)
			send_event(p, line, n);
		break;
	case TALK_RAW:
		for (long n = 0; n < line->times; n++)
			send_raw(p, line, n);
		break;
	case TALK_BYTES:
		send_bytes(p, line);
		break;
	case TALK_AUTO:
	case TALK_AUTO_REFUSE:
	case TALK_IGNORE:
		if (p->rule_count == sizeof p->rules / sizeof *p->rules)
			complain(p, "too many rules", NULL, NULL);
		p->rules[p->rule_count++] = line;
		break;
	case TALK_ANSWER_ALL:
		answer_all(p, line);
		break;
	case TALK_DELAY:
		p->paused = true;
		lws_sul_schedule(p->context, 0, &p->pause, on_pause, line->count * LWS_US_PER_MS);
		break;
	case TALK_FRAGMENTS:
		p->fragment = (size_t)line->count;
		break;
	case TALK_TOGETHER:
		queue(p, CORK, NULL);
		break;
	case TALK_APART:
		queue(p, UNCORK, NULL);
		break;
	case TALK_CLOSE:
		queue(p, CLOSE, NULL);
		break;
	case TALK_DROP:
		queue(p, DROP, NULL);
		break;
	case TALK_DIE:
		queue(p, DIE, NULL);
		break;
	case TALK_HTTP:    /* was there from the start */
	case TALK_EXPECT:
	case TALK_COLLECT: /* they want something */
		break;
	}
}

static bool wants_message(const struct talk_line *line)
{
	return !line || line->verb == TALK_EXPECT || line->verb == TALK_COLLECT;
}

/* ---- what the driver says ---- */

static bool is_expected(const struct talk_line *line, const struct heard *heard, struct buf *why)
{
	if (!talk_text_matches(line->word, heard->method)) {
		(void)buf_puts(why, "it is another method");
		return false;
	}
	if (line->session && strcmp(line->session, heard->session ? heard->session : "") != 0) {
		(void)buf_printf(why, "it is for session '%s'", heard->session ? heard->session : "");
		return false;
	}
	if (!line->json)
		return true;
	AUTO(json) cJSON *wanted = json_parse(line->json, strlen(line->json), NULL);
	return talk_matches(wanted, heard->params, "params", why);
}

static void take_expected(struct play *p, const struct talk_line *line, struct heard *heard)
{
	p->last = heard;
	if (!line->name)
		return;
	heard->name = line->name;
	heard->next = p->kept;
	p->kept = heard;
}

/* True when the script goes on. */
static bool collect(struct play *p, const struct talk_line *line, struct heard *heard)
{
	if (!p->collected_count)
		p->collected = xrealloc(p->collected, sizeof *p->collected * (size_t)(line->count + 1));
	p->collected[p->collected_count++] = heard;
	return p->collected_count >= line->count;
}

static bool follow_rule(struct play *p, const struct heard *heard)
{
	for (size_t i = p->rule_count; i-- > 0;) {
		const struct talk_line *rule = p->rules[i];
		if (!talk_text_matches(rule->word, heard->method))
			continue;
		if (rule->verb != TALK_IGNORE)
			send_reply(p, heard, rule->verb == TALK_AUTO ? "result" : "error", rule->json);
		return true;
	}
	return false;
}

/* Instead of the answer. */
static void do_fault(struct play *p, const struct heard *heard)
{
	p->faulted = true;
	switch (p->opts.fault) {
	case TALK_FAULT_ERROR:
		send_reply(p, heard, "error", "{\"code\":-32000,\"message\":\"a fault on purpose\"}");
		break;
	case TALK_FAULT_EMPTY:
		send_reply(p, heard, "result", "{}");
		break;
	case TALK_FAULT_STRANGE:
		send_reply(p, heard, "result", "{\"targetId\":7,\"sessionId\":{},\"frameTree\":[],"
			"\"executionContextId\":\"x\",\"result\":\"x\",\"loaderId\":[1],\"product\":null}");
		break;
	case TALK_FAULT_DIE:
		queue(p, DIE, NULL);
		break;
	default:
		break; /* silence */
	}
}

/* The line that wants the message: the next one, or, when something goes wrong on purpose, one further
 * down.  A message that went wrong may come again, so its line stays. */
static struct talk_line *line_for(const struct play *p, const struct heard *heard, struct buf *why)
{
	for (struct talk_line *line = p->at; line; line = line->next) {
		if (wants_message(line) && is_expected(line, heard, why))
			return line;
		if (!p->opts.fault)
			break;
	}
	return NULL;
}

static void hear(struct play *p, struct heard *heard)
{
	AUTO(buf) struct buf why = { 0 };
	struct talk_line *line = line_for(p, heard, &why);

	if (p->opts.fault && ++p->heard_count == p->opts.fault_at) {
		do_fault(p, heard);
	} else if (line) {
		if (line->verb == TALK_COLLECT && !collect(p, line, heard))
			return;
		take_expected(p, line, heard);
		p->at = line->next;
	} else if (!follow_rule(p, heard)) {
		if (!p->opts.fault)
			complain(p, "the driver sends something else", heard, buf_text(&why));
		send_reply(p, heard, "error", "{\"code\":-32601,\"message\":\"not in this conversation\"}");
	}
}

/* Goes on until it has to wait for something. */
static void play(struct play *p)
{
	while (p->wsi && !p->paused) {
		if (!wants_message(p->at)) {
			struct talk_line *line = p->at;
			perform(p, line);
			p->at = line->next;
			continue;
		}
		struct heard *heard = p->inbox;
		if (!heard)
			return;
		p->inbox = heard->next;
		if (!p->inbox)
			p->inbox_end = &p->inbox;
		heard->next = NULL;
		hear(p, heard);
	}
}

static void take_message(struct play *p)
{
	struct heard *heard = xcalloc(1, sizeof *heard);
	int64_t id = -1;

	heard->json = json_parse(p->in.data, p->in.size, NULL);
	heard->method = json_str(heard->json, "method");
	heard->session = json_str(heard->json, "sessionId");
	heard->params = json_at(heard->json, "params");
	heard->text = xstrdup(p->in.data);
	remember(p, ">", heard->text);
	if (!heard->method || !json_int(heard->json, "id", &id)) {
		heard->method = "";
		complain(p, "the driver sends what is not a command", heard, NULL);
	}
	heard->id = id;
	*p->inbox_end = heard;
	p->inbox_end = &heard->next;
	buf_clear(&p->in);
	play(p);
}

/* The driver may hang up when the script wants nothing more of it. */
static void hung_up(struct play *p)
{
	p->wsi = NULL;
	if (p->opts.fault)
		leave(p);
	while (p->at && !wants_message(p->at))
		p->at = p->at->next;
	if (p->at)
		complain(p, "the driver hung up", NULL, NULL);
	leave(p);
}

/* GET /json/version, which the script's "http" line answers. */
static int answer_http(struct play *p, struct lws *wsi, const char *path)
{
	const struct talk_line *line = p->at;
	unsigned char head[LWS_PRE + 1024], *start = head + LWS_PRE, *at = start;

	while (line && line->verb != TALK_HTTP)
		line = line->next;
	if (!line || strcmp(path, "/json/version") != 0)
		return lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL) ? -1 : 0;
	const size_t size = strlen(line->json);
	if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, "application/json", size, &at, head + sizeof head)
			|| lws_finalize_write_http_header(wsi, start, &at, head + sizeof head)
			|| at + size >= head + sizeof head)
		return -1;
	memcpy(start, line->json, size);
	if (lws_write(wsi, start, size, LWS_WRITE_HTTP_FINAL) != (int)size)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct play *p = lws_context_user(lws_get_context(wsi));

	(void)user; /* one connection a process */
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return answer_http(p, wsi, in);
	case LWS_CALLBACK_ESTABLISHED:
		p->wsi = wsi;
		play(p);
		break;
	case LWS_CALLBACK_RECEIVE:
		(void)buf_append(&p->in, in, size);
		if (!lws_remaining_packet_payload(wsi) && lws_is_final_fragment(wsi))
			take_message(p);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return flush(p);
	case LWS_CALLBACK_CLOSED:
		hung_up(p);
		break;
	default:
		break;
	}
	return 0;
}

_Noreturn void talk_play(struct talk_line *lines, const struct talk_opts *opts, int report)
{
	struct play p = { .at = lines, .report = report, .show = getenv("GABBAI_TALK") };
	static const struct lws_protocols protocols[] = {
		{ .name = "cdp", .callback = on_socket, .rx_buffer_size = BUFFER },
		{ .name = NULL },
	};
	const struct lws_context_creation_info info = {
		.port = 0, /* any that is free */
		.iface = "127.0.0.1",
		.protocols = protocols,
		.user = &p,
		.pt_serv_buf_size = BUFFER,
		.fd_limit_per_thread = 8,
	};

	if (opts)
		p.opts = *opts;
	p.inbox_end = &p.inbox;
	p.queue_end = &p.queue;
	lws_set_log_level(0, NULL);
	p.context = lws_create_context(&info);
	struct lws_vhost *vhost = p.context ? lws_get_vhost_by_name(p.context, "default") : NULL;
	if (!vhost)
		_exit(1);
	AUTO(text) char *port = xasprintf("port %d\n", lws_get_vhost_listen_port(vhost));
	say(&p, port);
	lws_sul_schedule(p.context, 0, &p.end, on_end, PLAY_MS * LWS_US_PER_MS);
	while (lws_service(p.context, 0) >= 0)
		;
	_exit(1);
}
