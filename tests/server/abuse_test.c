/* Clients of gabbai serve that mean no good, or are very slow: the others notice nothing. */
#include "src/events.h"
#include "src/place.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/processes.h"
#include "tests/lib/web.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	HALF_OPEN = 100, DRIPPING = 40,
	DROPPED_MS = 30000,      /* what a client gets who does not say what it wants */
	DRIP_MS = 500,
	MUTATIONS = 200,
	FLOOD = 8000, FLOOD_TEXT = 1000, /* 8 MB of events for each that listens */
	DEAF = 8,
	GROWTH_KB = 16 << 10,    /* a fourth of what they have not read */
};

static struct cal cal;
static struct web web;
static char *data;

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	data = cal_file(&cal, "data");
	place_setup(data);
	web_start(&web, &cal, "", NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	const int code = web_stop(&web); /* not 0 when the sanitizers saw something */
	cal_stop(&cal);
	free(data);
	return code;
}

static void assert_alive(void)
{
	AUTO(reply) struct reply r = web_get(&web, "/healthz");

	assert_int_equal(r.status, 200);
}

/* ---- half a request ---- */

static bool is_closed(int fd)
{
	AUTO(buf) struct buf in = { 0 };
	bool closed;

	web_read(fd, &in, deadline_in_ms(0), &closed);
	return closed;
}

/* Some say nothing, some stop in the middle of a line, some go on one byte at a time, in the head or in the body. */
static void who_says_half_a_request_is_dropped(void **state)
{
	int fds[HALF_OPEN + 2 * DRIPPING], open = 0;
	const int count = HALF_OPEN + 2 * DRIPPING;
	AUTO(text) char *body = xasprintf("POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
		web.port);

	(void)state;
	for (int i = 0; i < count; i++) {
		fds[i] = web_connect(&web, i < HALF_OPEN / 2 ? "" : i < HALF_OPEN ? "GET /healthz HT" : i < HALF_OPEN + DRIPPING
			? "GET / HTTP/1.1\r\nX: " : body);
		assert_true(fds[i] >= 0);
	}
	const struct deadline until = deadline_in_ms(DROPPED_MS);
	do {
		struct pollfd none = { .fd = -1 };
		assert_alive();
		open = 0;
		for (int i = 0; i < count; i++) {
			if (fds[i] < 0)
				continue;
			if (is_closed(fds[i])) {
				close(fds[i]);
				fds[i] = -1;
				continue;
			}
			open++;
			if (i >= HALF_OPEN)
				(void)send(fds[i], " ", 1, MSG_NOSIGNAL | MSG_DONTWAIT); /* found out by the next look */
		}
		(void)poll(&none, 1, DRIP_MS);
	} while (open && !deadline_passed(until));
	if (open)
		for (int i = 0; i < count; i++)
			if (fds[i] >= 0)
				print_message("%s is still connected\n", i < HALF_OPEN / 2 ? "who says nothing" : i < HALF_OPEN ? "who stopped"
					: i < HALF_OPEN + DRIPPING ? "who drips headers" : "who drips a body");
	assert_int_equal(open, 0);
}

/* ---- who does not listen ---- */

static int64_t memory_kb(pid_t pid)
{
	size_t size;
	AUTO(text) char *status = process_text(pid, "status", &size);
	const char *at = strstr(status, "VmRSS:");

	return at ? strtoll(at + 6, NULL, 10) : 0;
}

/* A great many events, of which LAST is the last. */
static void flood(const char *last)
{
	struct error err = { 0 };
	char text[FLOOD_TEXT + 1];
	AUTO(store) struct store *store = store_open(&err);

	assert_ok(store != NULL, &err);
	memset(text, 'x', FLOOD_TEXT);
	text[FLOOD_TEXT] = '\0';
	assert_ok(store_begin(store, &err), &err);
	for (int i = 0; i < FLOOD; i++)
		assert_ok(events_add(store, 0, "session.changed", json_object(JSON_STR("site", text)), &err), &err);
	assert_ok(events_add(store, 0, "session.changed", json_object(JSON_STR("site", last)), &err), &err);
	assert_ok(store_commit(store, &err), &err);
}

/* How many events came, LAST among them. */
static int read_until(struct sse *stream, const char *last)
{
	int count = 0;

	for (bool seen = false; !seen; count++) {
		AUTO(event) struct sse_event e = { 0 };
		assert_true(sse_next(stream, &e, deadline_in_ms(WEB_MS)));
		seen = json_str(e.data, "site") && !strcmp(json_str(e.data, "site"), last);
	}
	return count;
}

static void who_does_not_listen_costs_little(void **state)
{
	struct sse deaf[DEAF];
	AUTO(sse) struct sse listens = { .fd = -1 };

	(void)state;
	for (int i = 0; i < DEAF; i++)
		assert_true(sse_open(&deaf[i], &web, &(struct ask){ .path = "/api/events" }));
	assert_true(sse_open(&listens, &web, &(struct ask){ .path = "/api/events" }));
	assert_alive();
	/* The first flood fills what has a size of its own: the sanitizer's memory of what was freed, the database's cache. */
	flood("the first flood");
	assert_true(read_until(&listens, "the first flood") > FLOOD);
	const int64_t before = memory_kb(web.pid);
	flood("the second flood");
	assert_true(read_until(&listens, "the second flood") > FLOOD);
	assert_alive();
	const int64_t after = memory_kb(web.pid);
	if (after - before > GROWTH_KB)
		fail_msg("from %d to %d kB", (int)before, (int)after);
	assert_true(read_until(&deaf[0], "the second flood") > 2 * FLOOD); /* who listens again has missed nothing */
	for (int i = 0; i < DEAF; i++)
		sse_close(&deaf[i]);
}

/* ---- nonsense ---- */

/* The same numbers each time. */
static unsigned dice(unsigned *seed, unsigned sides)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % sides;
}

static void mutate(struct buf *request, unsigned *seed)
{
	static const char *const pieces[] = { "\r\n", "\r\n\r\n", "\n", "\0\0", "%00", "../", "HTTP/2.0",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Content-Length: 7\r\n",
		"Transfer-Encoding: chunked\r\n", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n",
		"Upgrade: websocket\r\n", "{\"a\":", "[[[[[[[[[[[[", "\xff\xfe", ":", "Host: x\r\n", "Cookie: gabbai=\r\n",
			"?link=&a=%", "Expect: 100-continue\r\n" };

	for (unsigned times = 1 + dice(seed, 4); times; times--) {
		const size_t at = dice(seed, (unsigned)request->size);
		const char *piece = pieces[dice(seed, sizeof pieces / sizeof *pieces)];
		const size_t size = *piece ? strlen(piece) : 2;
		AUTO(text) char *rest = xmalloc(request->size - at + 1);
		const size_t rest_size = request->size - at;
		memcpy(rest, request->data + at, rest_size);
		switch (dice(seed, 4)) {
		case 0: /* one byte is another one */
			request->data[at] = (char)dice(seed, 256);
			break;
		case 1: /* some are gone */
			request->size = at + 1;
			buf_append(request, rest, rest_size > 20 ? rest_size - 20 : 0);
			break;
		case 2: /* some are there twice */
			buf_append(request, rest, rest_size);
			break;
		default: /* something comes between */
			request->size = at;
			buf_append(request, piece, size);
			buf_append(request, rest, rest_size);
		}
	}
}

static void nonsense_does_no_harm(void **state)
{
	static const char *const requests[] = {
		"POST /api/otp/x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"code\":\"123456\"}",
		"GET /api/transactions?site=visa-cal&q=x&limit=5&since=2026-01-01 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: a=b; gabbai=%s\r\n\r\n",
		"GET /live?site=visa-cal HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: gabbai-live\r\n"
			"Origin: http://127.0.0.1:1\r\n\r\n",
	};
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < MUTATIONS; i++) {
		AUTO(buf) struct buf request = { 0 }, in = { 0 };
		bool closed;
		buf_printf(&request, requests[i % 3], web.port, web.token);
		mutate(&request, &seed);
		buf_append(&request, "", 0);
		AUTO(fd) int fd = web_connect(&web, "");
		assert_true(fd >= 0);
		(void)send(fd, request.data, request.size, MSG_NOSIGNAL); /* it may have been refused already */
		web_read(fd, &in, deadline_in_ms(3), &closed);
		if (i % 20 == 19)
			assert_alive();
	}
	assert_alive();
	assert_int_equal(kill(web.pid, 0), 0);
}

/* ---- many streams ---- */

static void one_browser_has_so_many_streams(void **state)
{
	enum { STREAMS = 32, WITH_TOKEN = 40 };
	struct sse streams[STREAMS + WITH_TOKEN];

	(void)state;
	AUTO(text) char *login = xasprintf("{\"token\":\"%s\"}", web.token);
	AUTO(reply) struct reply in = web_ask(&web, &(struct ask){ .path = "/api/login", .body = login, .token = "" });
	AUTO(text) char *cookie = reply_header(&in, "set-cookie");
	assert_non_null(cookie);
	cookie[strcspn(cookie, ";")] = '\0';
	AUTO(text) char *headers = xasprintf("Cookie: %s\r\n", cookie);
	const struct ask listen = { .path = "/api/events", .token = "", .headers = headers };
	for (int i = 0; i < STREAMS; i++)
		assert_true(sse_open(&streams[i], &web, &listen));
	AUTO(reply) struct reply more = web_ask(&web, &listen);
	AUTO(text) char *wait = reply_header(&more, "retry-after");
	assert_int_equal(more.status, 429);
	assert_non_null(wait);
	assert_contains(json_str(more.json, "detail"), "close some");
	/* The others, and calls, notice nothing. */
	for (int i = STREAMS; i < STREAMS + WITH_TOKEN; i++)
		assert_true(sse_open(&streams[i], &web, &(struct ask){ .path = "/api/events" }));
	AUTO(reply) struct reply call = web_ask(&web, &(struct ask){ .path = "/api/runs", .token = "", .headers = headers });
	assert_int_equal(call.status, 200);
	/* Who closes one has room for another. */
	sse_close(&streams[0]);
	bool again = false;
	for (const struct deadline until = deadline_in_ms(DROPPED_MS); !again && !deadline_passed(until);) {
		again = sse_open(&streams[0], &web, &listen);
		if (!again)
			sse_close(&streams[0]);
	}
	assert_true(again);
	for (int i = 0; i < STREAMS + WITH_TOKEN; i++)
		sse_close(&streams[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_listen_costs_little),
		cmocka_unit_test(nonsense_does_no_harm),
		cmocka_unit_test(who_says_half_a_request_is_dropped),
		cmocka_unit_test(one_browser_has_so_many_streams),
	};

	setenv("ASAN_OPTIONS", "quarantine_size_mb=8", 0);
	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
