/* make bench-live: what the live view costs and how quickly it answers, at the driver; with its goals.
 *
 * From a key to its pixel is the time from cdp_screencast_input() to the first picture that was drawn after it, taken
 * and decoded by the viewer. */
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "cdp/screencast.h"

#include <string.h>
#include <time.h>

enum { KEYS = 60, OPENINGS = 10, STEP_MS = 15000, IDLE_MS = 5000, SCROLL_MS = 4000, CALM_MS = 600, LEAVE_MS = 4000 };

static struct cdp_browser *browser;
static struct cdp_page *page;
static bool missed;

/* ---- processor time of the browser and of us ---- */

static double seconds_of(const char *pid)
{
	AUTO(text) char *path = xasprintf("/proc/%s/stat", pid);
	AUTO(file) FILE *file = fopen(path, "re");
	char line[1024], *at = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	unsigned long user, system;

	if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* PID and what descends from it. */
static double seconds_below(const char *pid)
{
	AUTO(text) char *path = xasprintf("/proc/%s/task/%s/children", pid, pid);
	AUTO(file) FILE *file = fopen(path, "re");
	double sum = seconds_of(pid);
	char child[32];

	while (file && fscanf(file, "%31s", child) == 1)
		sum += seconds_below(child);
	return sum;
}

static double seconds(void)
{
	AUTO(text) char *pid = xasprintf("%d", (int)cdp_browser_pid(browser));

	return seconds_below(pid) + seconds_of("self");
}

/* ---- viewing ---- */

static int view(struct cdp_screencast *cast, struct deadline until, size_t *bytes)
{
	struct cdp_picture picture;
	int count = 0;

	while (!deadline_passed(until)) {
		while (cdp_screencast_next(cast, &picture)) {
			count++;
			*bytes += picture.size;
			cdp_screencast_acked(cast, picture.seq);
		}
		for (cJSON *message; (message = cdp_screencast_message(cast));)
			cJSON_Delete(message);
		(void)cdp_conn_wait(cdp_browser_conn(browser), deadline_sooner(until, cdp_screencast_pause(cast)), NULL);
	}
	return count;
}

static void settle(int ms)
{
	const struct deadline until = deadline_in_ms(ms);

	while (!deadline_passed(until))
		(void)cdp_conn_wait(cdp_browser_conn(browser), until, NULL);
}

static bool next(struct cdp_screencast *cast, struct cdp_picture *out)
{
	const struct deadline until = deadline_in_ms(STEP_MS);

	while (!cdp_screencast_next(cast, out)) {
		if (deadline_passed(until))
			return false;
		(void)cdp_conn_wait(cdp_browser_conn(browser), deadline_sooner(until, cdp_screencast_pause(cast)), NULL);
	}
	cdp_screencast_acked(cast, out->seq);
	return true;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const char *what, double value, const char *unit, double goal)
{
	const bool ok = value <= goal;

	missed = missed || !ok;
	printf("%-34s %8.1f %-9s goal %6.1f  %s\n", what, value, unit, goal, ok ? "ok" : "MISSED");
}

static void show(const char *html)
{
	AUTO(text) char *url = xasprintf("data:text/html,%s", html);
	struct error err = { 0 };

	if (cdp_page_goto(page, url, NULL, NULL, &err))
		return;
	(void)fprintf(stderr, "%s\n", err.text);
	exit(1);
}

static struct cdp_screencast *start(void)
{
	struct error err = { 0 };
	struct cdp_screencast *cast = cdp_screencast_start(page, NULL, deadline_in_ms(STEP_MS), &err);

	if (cast)
		return cast;
	(void)fprintf(stderr, "%s\n", err.text);
	exit(1);
}

static void do_json(struct cdp_screencast *cast, const char *text)
{
	AUTO(json) cJSON *message = cJSON_Parse(text);

	(void)cdp_screencast_input(cast, message, NULL); /* a lost one shows in the figures */
}

/* ---- what is measured ---- */

static void first_picture(void)
{
	double ms[OPENINGS];

	show("<h1>still</h1>");
	for (int i = 0; i < OPENINGS; i++) {
		struct cdp_picture picture;
		const int64_t begin = clock_us();
		struct cdp_screencast *cast = start();
		ms[i] = next(cast, &picture) ? (double)(clock_us() - begin) / 1000 : STEP_MS;
		cdp_screencast_free(cast);
	}
	qsort(ms, OPENINGS, sizeof *ms, by_size);
	print("first picture, p50", ms[OPENINGS / 2], "ms", 500);
	print("first picture, worst", ms[OPENINGS - 1], "ms", 500);
}

/* The one sharp change is the letter: the caret, which blinks, is not there. */
static void keys(void)
{
	double ms[KEYS];
	size_t bytes = 0;

	show("<style>input{font:40px sans-serif;width:90vw;caret-color:transparent}</style><input autofocus>");
	struct cdp_screencast *cast = start();
	(void)view(cast, deadline_in_ms(CALM_MS), &bytes);
	for (int i = 0; i < KEYS; i++) {
		struct cdp_picture picture;
		struct timespec now;
		(void)clock_gettime(CLOCK_REALTIME, &now); /* the clock of the pictures' times */
		const int64_t begin = clock_us();
		do_json(cast, "{\"type\":\"text\",\"text\":\"w\"}");
		bool ok = true;
		do
			ok = next(cast, &picture);
		while (ok && picture.timestamp < (double)now.tv_sec + (double)now.tv_nsec / 1e9);
		ms[i] = ok ? (double)(clock_us() - begin) / 1000 : STEP_MS;
		/* As somebody types who is quick. */
		(void)view(cast, deadline_in_ms(90 + i % 5 * 20), &bytes);
	}
	cdp_screencast_free(cast);
	qsort(ms, KEYS, sizeof *ms, by_size);
	print("key to pixel, p50", ms[KEYS / 2], "ms", 60);
	print("key to pixel, p95", ms[KEYS * 95 / 100], "ms", 200);
}

static void still(void)
{
	size_t bytes = 0;

	show("<h1>still</h1>");
	settle(LEAVE_MS); /* processes of pages before end, and take their times with them */
	const double before = seconds();
	const int64_t begin = clock_us();
	settle(IDLE_MS);
	const double bare = (seconds() - before) / (double)(clock_us() - begin) * 1e8;
	struct cdp_screencast *cast = start();
	(void)view(cast, deadline_in_ms(2 * CALM_MS), &bytes);
	const double shown = seconds();
	const int64_t from = clock_us();
	const int count = view(cast, deadline_in_ms(IDLE_MS), &bytes);
	const double busy = (seconds() - shown) / (double)(clock_us() - from) * 1e8;
	cdp_screencast_free(cast);
	print("still page: pictures in 5 s", count, "", 0);
	print("still page: browser and driver", busy, "% of core", bare + 2);
	printf("%-34s %8.1f %% of core\n", "  the same page, not shown", bare);
}

static void moving(const char *what, bool hand, double goal)
{
	size_t bytes = 0;
	int count = 0;

	show("<body style='margin:0;height:90000px;background:repeating-linear-gradient(45deg,white 0 9px,teal 9px 30px)'>"
		"<script>let n=0;(function f(){scrollTo(0,n+=9);requestAnimationFrame(f)})()</script>");
	struct cdp_screencast *cast = start();
	(void)view(cast, deadline_in_ms(CALM_MS), &bytes);
	bytes = 0;
	const double before = seconds();
	const int64_t begin = clock_us();
	for (int i = 0; i < 8; i++) {
		if (hand)
			do_json(cast, "{\"type\":\"mouse\",\"event\":\"move\",\"x\":9,\"y\":9}");
		count += view(cast, deadline_in_ms(SCROLL_MS / 8), &bytes);
	}
	const double took = (double)(clock_us() - begin) / 1e6;
	AUTO(text) char *name = xasprintf("scrolling, %s", what);
	print(name, count / took, "pictures/s", goal * 1.2);
	printf("%-34s %8.1f Mbit/s, %.1f %% of core\n", "", (double)bytes * 8 / took / 1e6, (seconds() - before) / took * 100);
	cdp_screencast_free(cast);
}

int main(void)
{
	struct error err = { 0 };

	browser = cdp_browser_launch(NULL, deadline_in_ms(20000), &err);
	page = browser ? cdp_page_open(browser, NULL, NULL, deadline_in_ms(STEP_MS), &err) : NULL;
	if (!page) {
		(void)fprintf(stderr, "%s\n", err.text);
		cdp_browser_free(browser);
		return 1;
	}
	first_picture();
	keys();
	still();
	moving("somebody does something", true, 12);
	moving("nobody does", false, 4);
	cdp_browser_free(browser);
	return missed;
}
