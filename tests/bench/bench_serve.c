/* make bench-serve: a server with many pages that look, API calls at a steady pace, and five runs that wait for a code on
 * the test site.  Prints what pages missed (nothing, it must be), how long calls took, and what the server needed.
 *
 * Events are written to the store by a process of their own, as runs do it.  A call's time counts from the moment it was due,
 * so one that waits for others is not forgiven.  SECONDS=60, PAGES=1000. */
#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "src/events.h"
#include "src/place.h"
#include "src/store.h"
#include "tests/lib/program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	RUNS = 5,
	CALLS_A_SECOND = 50, CALLS_MAX = 64,
	EVENTS_A_SECOND = 5,
	LOOK_S = 5,            /* between two looks whether all runs still wait */
	START_MS = 20000, WAIT_MS = 180000, SETTLE_MS = 5000, LAST_MS = 30000,
	CHUNK = 65536, READY_MAX = 256, LINE_MAX_SIZE = 80,
	P99_MS = 50, IDLE_KB = 20000, SLOPE_KB_MIN = 64, /* the goals */
};

static const char *const users[RUNS] = { "otp1", "otp6", "otpframe", "otplast", "otpresnd" };

/* An event stream. */
struct page {
	int fd;
	char line[LINE_MAX_SIZE]; /* its beginning */
	size_t used;
	int64_t seen;             /* the last id; 0: none yet */
	int64_t lost;
	bool has_snapshot;
};

/* A connection for calls, one at a time. */
struct call {
	int fd;                   /* -1: it is not open */
	bool busy;
	int64_t due_us;
	size_t what;
	struct buf in;
};

struct times {
	int *us;
	size_t count, room;
};

static struct {
	struct cal cal;
	pid_t server, writer;
	int port, epoll;
	char *token;
	struct page *pages;
	int page_count, closed;
	struct call calls[CALLS_MAX];
	struct times call_times, event_times, by_what[8];
	int64_t failed, skipped, runs_waiting;
	int64_t refused[8]; /* of failed, by what was asked: answered, but not with 200; the others were closed */
	int refusal[8];     /* with what, the last one */
	bool starts_runs;
} bench;

static const char *const asked[] = { "/api/status", "/api/otp", "/api/sites", "/api/runs?limit=20", "/api/transactions?limit=50",
	"/healthz", "/api/transactions/summary", "/ui/index.html" };
enum { ASKED = sizeof asked / sizeof *asked, OTP = 1, START_RUN = ASKED };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench-serve: %s\n", what);
	if (bench.server > 0)
		(void)kill(bench.server, SIGTERM);
	cal_stop(&bench.cal);
	exit(2);
}

/* ---- times ---- */

static void times_add(struct times *t, int64_t us)
{
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 4096;
		t->us = xrealloc(t->us, t->room * sizeof *t->us);
	}
	t->us[t->count++] = (int)us;
}

static int by_size(const void *a, const void *b)
{
	const int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Sorts T. */
static double percentile_ms(struct times *t, double part)
{
	if (!t->count)
		return 0;
	qsort(t->us, t->count, sizeof *t->us, by_size);
	return t->us[(size_t)(part * (double)(t->count - 1))] / 1000.0;
}

/* ---- connections ---- */

static int open_connection(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)bench.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0)
		die("no connection to the server");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	return fd;
}

static void watch(int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(bench.epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll");
}

static void request(int fd, const char *method, const char *path, const char *body)
{
	AUTO(text) char *text = xasprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", method, path, bench.port, bench.token,
		body ? strlen(body) : 0, body ? body : "");

	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		die("a request was not taken");
}

/* ---- pages ---- */

static void page_line(struct page *p)
{
	int64_t id, us;

	p->line[p->used] = '\0';
	if (!strcmp(p->line, "event: snapshot")) {
		p->has_snapshot = true;
	} else if (sscanf(p->line, "id: %" SCNd64, &id) == 1) {
		p->lost += p->seen && id > p->seen + 1 ? id - p->seen - 1 : 0;
		p->lost += p->seen && id <= p->seen; /* twice is as bad */
		p->seen = id;
	} else if (sscanf(p->line, "data: {\"us\":%" SCNd64, &us) == 1) {
		times_add(&bench.event_times, clock_us() - us);
	}
	p->used = 0;
}

static void page_read(struct page *p)
{
	char chunk[CHUNK];
	const ssize_t n = recv(p->fd, chunk, sizeof chunk, 0);

	if (n <= 0) {
		close(p->fd);
		p->fd = -1;
		bench.closed++;
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (chunk[i] == '\n')
			page_line(p);
		else if (p->used < sizeof p->line - 1)
			p->line[p->used++] = chunk[i];
	}
}

/* ---- calls ---- */

static void call_begin(size_t what, const char *method, const char *path, const char *body, int64_t due_us)
{
	struct call *c = NULL;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct call *one = &bench.calls[i];
		if (!one->busy && (!c || (one->fd >= 0 && c->fd < 0)))
			c = one;
	}
	if (!c) {
		bench.skipped++;
		return;
	}
	if (c->fd < 0) {
		c->fd = open_connection();
		watch(c->fd, c);
	}
	c->busy = true;
	c->what = what;
	c->due_us = due_us;
	buf_reset(&c->in);
	request(c->fd, method, path, body);
}

static void start_runs(void)
{
	for (int i = 0; i < RUNS; i++) {
		AUTO(text) char *body = xasprintf("{\"site\":\"visa-cal\",\"account\":\"%c\"}", 'a' + i);
		call_begin(START_RUN, "POST", "/api/runs", body, clock_us());
	}
}

static void call_done(struct call *c, const char *body)
{
	const int64_t us = clock_us() - c->due_us;
	int status = 0;

	(void)sscanf(buf_text(&c->in), "HTTP/1.1 %d", &status);
	c->busy = false;
	if (c->what == START_RUN)
		return; /* 202, or 409 when it is on */
	if (status != 200) {
		bench.failed++;
		bench.refused[c->what]++;
		bench.refusal[c->what] = status;
	}
	times_add(&bench.call_times, us);
	times_add(&bench.by_what[c->what], us);
	if (c->what != OTP)
		return;
	bench.runs_waiting = 0;
	for (const char *at = body; (at = strstr(at, "\"requestId\"")); at++)
		bench.runs_waiting++;
}

static void call_close(struct call *c)
{
	bench.failed += c->busy;
	close(c->fd);
	c->fd = -1;
	c->busy = false;
}

static void call_read(struct call *c)
{
	char chunk[CHUNK];
	const ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);

	if (n <= 0) {
		call_close(c);
		return;
	}
	buf_append(&c->in, chunk, (size_t)n);
	const char *end = strstr(buf_text(&c->in), "\r\n\r\n"), *length = strstr(buf_text(&c->in), "content-length: ");
	if (!end || !length || length > end)
		return;
	const size_t whole = (size_t)(end + 4 - c->in.data) + (size_t)strtoul(length + 16, NULL, 10);
	if (c->in.size >= whole && c->busy)
		call_done(c, end);
}

/* ---- the server ---- */

static int64_t status_kb(const char *name)
{
	AUTO(text) char *path = xasprintf("/proc/%d/status", (int)bench.server);
	AUTO(file) FILE *f = fopen(path, "re");
	char line[256];
	int64_t kb = 0;

	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, name, strlen(name)))
			kb = strtoll(line + strlen(name), NULL, 10);
	return kb;
}

static double cpu_s(void)
{
	AUTO(text) char *path = xasprintf("/proc/%d/stat", (int)bench.server);
	AUTO(file) FILE *f = fopen(path, "re");
	unsigned long user = 0, system = 0;

	if (!f || fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* How long it was ready to run, and the machine had no CPU for it. */
static double starved_s(void)
{
	AUTO(text) char *path = xasprintf("/proc/%d/schedstat", (int)bench.server);
	AUTO(file) FILE *f = fopen(path, "re");
	unsigned long long ns = 0;

	return f && fscanf(f, "%*u %llu", &ns) == 1 ? (double)ns / 1e9 : 0;
}

static void start_server(void)
{
	AUTO(text) char *cert = cal_file(&bench.cal, "cert.pem");
	char *data = cal_file(&bench.cal, "data"); /* place.c keeps it */
	AUTO(text) char *out = cal_file(&bench.cal, "serve");
	AUTO(text) char *token = cal_file(&bench.cal, "data/server-token");
	AUTO(text) char *data_env = xasprintf("GABBAI_DATA_DIR=%s", data);
	AUTO(text) char *config_env = xasprintf("XDG_CONFIG_HOME=%s/config", bench.cal.folder);
	AUTO(text) char *site = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", bench.cal.port);
	AUTO(text) char *frame = xasprintf("*.calconnect-id.co.il:443:127.0.0.1:%d", bench.cal.port);
	const char *env[2 * RUNS + 3] = { data_env, config_env };
	char *own[2 * RUNS];
	char line[256] = "", secret[256] = "";

	for (int i = 0; i < RUNS; i++) {
		env[2 + 2 * i] = own[2 * i] = xasprintf("GABBAI_VISA_CAL_%c_USERNAME=%s", 'A' + i, users[i]);
		env[3 + 2 * i] = own[2 * i + 1] = xasprintf("GABBAI_VISA_CAL_%c_PASSWORD=Secret123", 'A' + i);
	}
	bench.server = gabbai_begin(env, (const char *[]){ "serve", "--listen", "127.0.0.1:0", "--cacert", cert, "--connect-to", site,
		"--connect-to", frame, NULL }, out);
	for (const struct deadline until = deadline_in_ms(START_MS); !strchr(line, '\n') && !deadline_passed(until);) {
		AUTO(file) FILE *f = fopen(out, "re");
		(void)(f && fgets(line, sizeof line, f));
		(void)poll(NULL, 0, 20);
	}
	AUTO(file) FILE *f = fopen(token, "re");
	if (sscanf(line, "http://127.0.0.1:%d/", &bench.port) != 1 || !f || !fgets(secret, sizeof secret, f))
		die("the server did not start");
	secret[strcspn(secret, "\n")] = '\0';
	bench.token = xstrdup(secret);
	place_setup(data);
	for (int i = 0; i < 2 * RUNS; i++)
		free(own[i]);
}

/* ---- events, written as runs write them ---- */

static pid_t start_writer(void)
{
	const pid_t pid = fork();
	struct error err = { 0 };

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)close_range(3, ~0U, 0); /* a connection that is held here would never end for epoll */
	struct store *store = store_open(&err);
	for (int64_t next = clock_ms(); store; next += 1000 / EVENTS_A_SECOND) {
		while (clock_ms() < next)
			(void)poll(NULL, 0, (int)(next - clock_ms()));
		if (!events_add(store, 0, "bench.tick", json_object(JSON_INT("us", clock_us())), &err))
			break;
	}
	fprintf(stderr, "bench-serve: %s\n", err.text);
	_exit(1);
}

/* The id of the last event that anybody has written. */
static int64_t last_event(void)
{
	struct error err = { 0 };
	struct store *store = store_open(&err);

	if (!store)
		die(err.text);
	const int64_t last = events_last(store);
	store_free(store);
	return last;
}

/* ---- the loop ---- */

/* Lets everything happen, for that long at most. */
static void serve(int ms)
{
	struct epoll_event ready[READY_MAX];
	const int n = epoll_wait(bench.epoll, ready, READY_MAX, ms < 0 ? 0 : ms);

	for (int i = 0; i < n; i++) {
		void *what = ready[i].data.ptr;
		if ((struct call *)what >= bench.calls && (struct call *)what < bench.calls + CALLS_MAX)
			call_read(what);
		else
			page_read(what);
	}
}

static void serve_for(int ms)
{
	for (const struct deadline until = deadline_in_ms(ms); !deadline_passed(until);)
		serve(deadline_left_ms(until));
}

static void await_runs(void)
{
	const struct deadline until = deadline_in_ms(WAIT_MS);

	while (bench.runs_waiting < RUNS && !deadline_passed(until)) {
		start_runs(); /* those that are on are refused; one that failed, on a busy machine, begins anew */
		serve_for(1000 * LOOK_S);
		call_begin(OTP, "GET", asked[OTP], NULL, clock_us());
		serve_for(500);
	}
	if (bench.runs_waiting < RUNS)
		die("the runs do not come to their codes");
}

static void open_pages(void)
{
	const struct deadline until = deadline_in_ms(WAIT_MS);
	int ready = 0;

	bench.pages = xcalloc((size_t)bench.page_count, sizeof *bench.pages);
	for (int i = 0; i < bench.page_count; i++) {
		bench.pages[i].fd = open_connection();
		request(bench.pages[i].fd, "GET", "/api/events", NULL);
		watch(bench.pages[i].fd, &bench.pages[i]);
		serve(0);
	}
	while (ready < bench.page_count && !deadline_passed(until)) {
		serve(100);
		for (ready = 0; ready < bench.page_count && bench.pages[ready].has_snapshot; ready++)
			continue;
	}
	if (ready < bench.page_count)
		die("not every page got its snapshot");
}

/* Kilobytes a minute, least squares over the second half. */
static double slope(const int64_t *kb, size_t count)
{
	const size_t first = count / 2;
	const double n = (double)(count - first);
	double x = 0, y = 0, xx = 0, xy = 0;

	for (size_t i = first; i < count; i++) {
		x += (double)i;
		y += (double)kb[i];
		xx += (double)i * (double)i;
		xy += (double)i * (double)kb[i];
	}
	return n < 3 ? 0 : 60 * (n * xy - x * y) / (n * xx - x * x);
}

static void measure(int seconds, int64_t *kb, size_t *samples)
{
	const int64_t began = clock_us();
	int64_t calls = 0, looks = 0;

	for (int64_t now; (now = clock_us() - began) < (int64_t)seconds * 1000000;) {
		for (; calls * 1000000 / CALLS_A_SECOND <= now; calls++) {
			const size_t what = (size_t)calls % ASKED;
			call_begin(what, "GET", asked[what], NULL, began + calls * 1000000 / CALLS_A_SECOND);
		}
		if (now / 1000000 >= (int64_t)*samples && *samples < (size_t)seconds)
			kb[(*samples)++] = status_kb("VmRSS:");
		if (now / 1000000 / LOOK_S > looks) {
			looks = now / 1000000 / LOOK_S;
			if (bench.runs_waiting < RUNS)
				start_runs(); /* a question is waited for five minutes */
		}
		serve((int)((calls * 1000000 / CALLS_A_SECOND - now) / 1000));
	}
}

/* The runs are ended while all look: what they say last is an event, too. */
static void end_runs(void)
{
	AUTO(rows) struct rows *rows = NULL;
	struct error err = { 0 };
	struct store *store = store_open(&err);

	rows = store ? store_ask(store, "SELECT id FROM otp_requests WHERE status = 'pending'", NULL, &err) : NULL;
	while (rows && rows_next(rows, &err)) {
		AUTO(text) char *path = xasprintf("/api/otp/%s", rows_text(rows, 0));
		call_begin(START_RUN, "DELETE", path, NULL, clock_us());
	}
	rows_free(TAKE(rows));
	store_free(store);
	serve_for(SETTLE_MS);
}

/* What pages have not got, after they had time for it. */
static int64_t lost(void)
{
	const int64_t last = last_event();
	const struct deadline until = deadline_in_ms(LAST_MS);
	int64_t count = 0;

	for (bool behind = true; behind && !deadline_passed(until);) {
		serve(100);
		behind = false;
		for (int i = 0; i < bench.page_count; i++)
			behind = behind || (bench.pages[i].fd >= 0 && bench.pages[i].seen < last);
	}
	for (int i = 0; i < bench.page_count; i++)
		count += bench.pages[i].lost + (bench.pages[i].seen < last ? last - bench.pages[i].seen : 0);
	return count;
}

static int number(const char *name, int otherwise)
{
	const char *text = getenv(name);
	const int value = text ? (int)strtol(text, NULL, 10) : 0;

	return value > 0 ? value : otherwise;
}

static const char *verdict(bool ok)
{
	return ok ? "" : "   MISSED";
}

int main(void)
{
	const int seconds = number("SECONDS", 60);
	const struct rlimit files = { 8192, 8192 };
	size_t samples = 0;
	double load = 0;

	bench.page_count = number("PAGES", 1000);
	bench.epoll = epoll_create1(EPOLL_CLOEXEC);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (size_t i = 0; i < CALLS_MAX; i++)
		bench.calls[i].fd = -1;
	cal_start(&bench.cal, NULL);
	start_server();
	serve_for(1000);
	const int64_t idle = status_kb("VmRSS:");
	await_runs();
	open_pages();
	bench.call_times.count = bench.by_what[OTP].count = 0;
	bench.failed = 0;
	memset(bench.refused, 0, sizeof bench.refused);
	const int64_t before = last_event();
	bench.writer = start_writer();
	serve_for(SETTLE_MS);
	int64_t *kb = xcalloc((size_t)seconds, sizeof *kb);
	const double cpu = cpu_s(), starved = starved_s();
	measure(seconds, kb, &samples);
	const double used = (cpu_s() - cpu) / seconds, starved_part = (starved_s() - starved) / seconds;
	(void)kill(bench.writer, SIGKILL);
	(void)waitpid(bench.writer, NULL, 0);
	const int64_t waiting = bench.runs_waiting;
	end_runs();
	const int64_t missed = lost(), events = last_event() - before;
	const double rise = slope(kb, samples), p99 = percentile_ms(&bench.call_times, 0.99);
	(void)getloadavg(&load, 1);

	printf("%d pages, %d calls/s and %d events/s beside %" PRId64 " runs that wait, %d s; the machine's load %.1f\n",
		bench.page_count, CALLS_A_SECOND, EVENTS_A_SECOND, waiting, seconds, load);
	printf("events lost     %" PRId64 " of %" PRId64 " (%" PRId64 " to each page), pages closed %d%s\n", missed,
		events * bench.page_count, events, bench.closed, verdict(!missed && !bench.closed));
	printf("event to page   p50 %.1f ms, p99 %.1f ms, from before it is written\n", percentile_ms(&bench.event_times, 0.5),
		percentile_ms(&bench.event_times, 0.99));
	printf("calls           %zu, p50 %.1f ms, p99 %.1f ms, longest %.1f ms; failed %" PRId64 ", not made %" PRId64 "%s\n",
		bench.call_times.count, percentile_ms(&bench.call_times, 0.5), p99, percentile_ms(&bench.call_times, 1), bench.failed,
		bench.skipped, verdict(p99 < P99_MS && !bench.failed && !bench.skipped));
	for (size_t i = 0; i < ASKED; i++) {
		printf("  %-26s p50 %6.1f ms, p99 %6.1f ms", asked[i], percentile_ms(&bench.by_what[i], 0.5),
			percentile_ms(&bench.by_what[i], 0.99));
		if (bench.refused[i])
			printf(", HTTP %d and the like: %" PRId64, bench.refusal[i], bench.refused[i]);
		putchar('\n');
	}
	printf("memory          %.1f MB idle%s, %.1f with all pages, %.1f at the end, %+.0f KB/min in the second half%s\n",
		(double)idle / 1024, verdict(idle < IDLE_KB), samples ? (double)kb[0] / 1024 : 0,
		samples ? (double)kb[samples - 1] / 1024 : 0, rise, verdict(rise < SLOPE_KB_MIN));
	printf("CPU             %.1f %% of one; for %.1f %% of the time it waited for one\n", 100 * used, 100 * starved_part);

	(void)kill(bench.server, SIGTERM);
	const int code = program_end(bench.server);
	cal_stop(&bench.cal);
	return code == 0 && !missed && !bench.closed && p99 < P99_MS && !bench.failed && idle < IDLE_KB && rise < SLOPE_KB_MIN ? 0 : 1;
}
