/* The driver bench: our library as the program that ../shared/bench/run measures.
 *
 *	bench_cdp WORKLOAD    one JSON line on stdout; exit status 77: not a workload of ours
 *
 * The workloads and the environment (BENCH_WS, BENCH_URL, BENCH_N, …) are described in that bench's
 * README.  Each is written the way a user of the library would write it, over public headers only. */
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "cdp/storage.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	STEP_MS = 30000,
	DEPTH = 64,        /* commands in flight in "pipelined" */
	ROWS = 200,        /* of the accounts page */
	COOKIES = 200,
	COOKIE_SITES = 10,
	ITEMS = 20,        /* of the seeding page's localStorage */
	UNSUPPORTED = 77,
	EXTRA_MAX = 256,
};

#define ONE_PLUS_ONE "{\"expression\":\"1+1\",\"returnByValue\":true}"

struct result {
	long n;
	double *samples_us; /* n of them, owned; NULL: only the rate counts */
	double wall_us, cpu_s;
	char extra[EXTRA_MAX]; /* more members of the line, each with a comma in front */
};

struct run {
	const char *workload;
	struct cdp_browser *browser; /* NULL: the workload starts its own */
	long n, warmup;
	struct result result;
};

/* ---- clocks, quantiles, the line ---- */

static double seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t); /* both clocks exist on every Linux */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now_us(void)
{
	return seconds(CLOCK_MONOTONIC) * 1e6;
}

static double cpu_s(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static const char *env(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static long env_number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtol(value, NULL, 10) : otherwise;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts. */
static double quantile(double *values, long n, double q)
{
	qsort(values, (size_t)n, sizeof *values, compare);
	return values[(long)(q * (double)(n - 1) + 0.5)];
}

static double *samples(long n)
{
	return xcalloc((size_t)n, sizeof(double));
}

/* VmHWM: unlike ru_maxrss it does not start at the parent's peak. */
static long peak_rss_kb(void)
{
	AUTO(file) FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	while (status && fgets(line, sizeof line, status))
		if (!strncmp(line, "VmHWM:", 6))
			kb = strtol(line + 6, NULL, 10);
	return kb;
}

static void print_result(const char *workload, struct result *r)
{
	printf("{\"workload\":\"%s\",\"driver\":\"%s\",\"n\":%ld", workload, env("BENCH_DRIVER", "gabbai"), r->n);
	if (r->samples_us)
		printf(",\"median_us\":%.1f,\"p99_us\":%.1f", quantile(r->samples_us, r->n, .5),
			quantile(r->samples_us, r->n, .99));
	printf(",\"ops_per_s\":%.2f,\"driver_cpu_s\":%.6f,\"driver_peak_rss_kb\":%ld%s}\n",
		(double)r->n / (r->wall_us / 1e6), r->cpu_s, peak_rss_kb(), r->extra);
}

static void add_extra(struct result *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_extra(struct result *r, const char *format, ...)
{
	const size_t used = strlen(r->extra);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(r->extra + used, sizeof r->extra - used, format, args); /* EXTRA_MAX is ample */
	va_end(args);
}

/* ---- repeating ---- */

typedef bool (*op_fn)(void *what, double *sample_us, struct error *err);

/* Runs OP after warming up; what it leaves at 0 in its sample is timed here. */
static bool repeat(struct run *run, op_fn op, void *what, struct error *err)
{
	struct result *r = &run->result;
	double start = 0, cpu = 0;

	r->n = run->n;
	r->samples_us = samples(run->n);
	for (long i = -run->warmup; i < run->n; i++) {
		double own = 0;
		if (i == 0)
			cpu = cpu_s(), start = now_us();
		const double t = now_us();
		if (!op(what, &own, err))
			return false;
		if (i >= 0)
			r->samples_us[i] = own > 0 ? own : now_us() - t;
	}
	r->wall_us = now_us() - start;
	r->cpu_s = cpu_s() - cpu;
	return true;
}

/* A blank page that records no requests, for what is about one page only. */
static struct cdp_page *blank_page(struct run *run, struct error *err)
{
	return cdp_page_open(run->browser, NULL, &(struct cdp_page_opts){ .no_network = true },
		deadline_in_ms(STEP_MS), err);
}

/* ---- calls ---- */

static bool is_two(const cJSON *json, const char *path, struct error *err)
{
	int64_t value = 0;

	return (json_int(json, path, &value) && value == 2)
		|| (json && fail(err, ERR_PROTOCOL, "1+1 is %" PRId64, value));
}

static bool call_raw(void *page, double *sample_us, struct error *err)
{
	(void)sample_us;
	AUTO(json) cJSON *answer = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Runtime.evaluate",
		json_object(JSON_STR("expression", "1+1"), JSON_BOOL("returnByValue", true)),
		deadline_in_ms(STEP_MS), err);

	return is_two(answer, "result.value", err);
}

static bool rtt(struct run *run, struct error *err)
{
	AUTO(page) struct cdp_page *page = blank_page(run, err);

	return page && repeat(run, call_raw, page, err);
}

static bool call_eval(void *page, double *sample_us, struct error *err)
{
	(void)sample_us;
	AUTO(json) cJSON *value = cdp_page_eval(page, "1+1", NULL, err);

	return value && (value->valuedouble == 2 || fail(err, ERR_PROTOCOL, "1+1 is not 2"));
}

static bool rtt_api(struct run *run, struct error *err)
{
	AUTO(page) struct cdp_page *page = blank_page(run, err);

	return page && repeat(run, call_eval, page, err);
}

static bool call_browser(void *conn, double *sample_us, struct error *err)
{
	(void)sample_us;
	AUTO(json) cJSON *answer = cdp_call(conn, NULL, "Browser.getVersion", NULL, deadline_in_ms(STEP_MS), err);

	return answer != NULL;
}

static bool rtt_browser(struct run *run, struct error *err)
{
	return repeat(run, call_browser, cdp_browser_conn(run->browser), err);
}

/* N calls, DEPTH of them in flight: a ring of replies, the oldest waited for and replaced. */
static bool pipeline(struct cdp_page *page, long n, struct error *err)
{
	struct cdp_reply *ring[DEPTH] = { NULL };
	bool ok = true;

	for (long i = 0; i < n + DEPTH; i++) {
		struct cdp_reply **slot = &ring[i % DEPTH];
		if (*slot && !ok) {
			cdp_reply_free(TAKE(*slot));
		} else if (*slot) {
			AUTO(json) cJSON *answer = cdp_reply_wait(TAKE(*slot), deadline_in_ms(STEP_MS), err);
			ok = is_two(answer, "result.value", err);
		}
		if (ok && i < n)
			*slot = cdp_send_text(cdp_page_conn(page), cdp_page_session(page), "Runtime.evaluate",
				ONE_PLUS_ONE);
	}
	return ok;
}

static bool pipelined(struct run *run, struct error *err)
{
	AUTO(page) struct cdp_page *page = blank_page(run, err);

	if (!page || !pipeline(page, run->warmup, err))
		return false;
	const double cpu = cpu_s(), start = now_us();
	if (!pipeline(page, run->n, err))
		return false;
	run->result.n = run->n;
	run->result.wall_us = now_us() - start;
	run->result.cpu_s = cpu_s() - cpu;
	return true;
}

/* ---- big values ---- */

static const struct big {
	const char *workload, *expression;
	size_t characters, bytes; /* a Hebrew letter is two bytes to us */
} bigs[] = {
	{ "big16", "'x'.repeat(16<<20)", 16 << 20, 16 << 20 },
	{ "big1", "'x'.repeat(1<<20)", 1 << 20, 1 << 20 },
	/* 21 characters a cell, one of them Hebrew, cut in the middle of the last. */
	{ "big1html", "('<td class=\"a\">\\u05d0</td>\\n'.repeat(50000)).slice(0,1<<20)", 1 << 20, 1098508 },
};

struct big_call {
	struct cdp_page *page;
	size_t bytes;
};

static bool call_big(void *what, double *sample_us, struct error *err)
{
	const struct big_call *call = what;
	size_t size = 0;

	(void)sample_us;
	AUTO(text) char *text = cdp_page_eval_text(call->page, "s", &size, NULL, err);
	return text && (size == call->bytes || fail(err, ERR_PROTOCOL, "%zu bytes, not %zu", size, call->bytes));
}

static bool big(struct run *run, struct error *err)
{
	const struct big *b = bigs;
	AUTO(page) struct cdp_page *page = blank_page(run, err);

	while (strcmp(b->workload, run->workload) != 0)
		b++;
	AUTO(text) char *make = xasprintf("globalThis.s=%s;s.length", b->expression);
	AUTO(json) cJSON *length = page ? cdp_page_eval(page, make, NULL, err) : NULL;
	struct big_call call = { page, b->bytes };
	run->warmup = 0;
	if (!length || !repeat(run, call_big, &call, err))
		return false;
	add_extra(&run->result, ",\"bytes\":%zu,\"mib_per_s\":%.1f", b->characters,
		(double)run->n * (double)b->characters / 1048576 / (run->result.wall_us / 1e6));
	return true;
}

/* ---- events ---- */

/* Has the page log N lines and takes every event as it came. */
static bool log_and_take(struct cdp_page *page, struct cdp_watch *watch, long n, struct error *err)
{
	AUTO(text) char *params = xasprintf("{\"expression\":\"for(let i=0;i<%ld;i++)console.log('event '+i)\"}", n);
	AUTO(text) char *wanted = xasprintf("\"event %ld\"", n - 1);
	AUTO(reply) struct cdp_reply *reply = cdp_send_text(cdp_page_conn(page), cdp_page_session(page),
		"Runtime.evaluate", params);
	const struct deadline until = deadline_in_ms(STEP_MS);

	for (long i = 1;; i++) {
		size_t size = 0;
		AUTO(text) char *event = cdp_watch_next_text(watch, &size, until, err);
		if (!event)
			return false;
		if (i == n)
			return strstr(event, wanted) || fail(err, ERR_PROTOCOL, "the last event is %.200s", event);
	}
}

static bool events(struct run *run, struct error *err)
{
	AUTO(page) struct cdp_page *page = blank_page(run, err);
	if (!page)
		return false;

	AUTO(watch) struct cdp_watch *logged = cdp_watch_new(cdp_page_conn(page), cdp_page_session(page),
		"Runtime.consoleAPICalled");
	AUTO(json) cJSON *enabled = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Runtime.enable", NULL,
		deadline_in_ms(STEP_MS), err);
	if (!enabled || !log_and_take(page, logged, run->n / 10, err))
		return false;
	const double cpu = cpu_s(), start = now_us();
	if (!log_and_take(page, logged, run->n, err))
		return false;
	run->result.n = run->n;
	run->result.wall_us = now_us() - start;
	run->result.cpu_s = cpu_s() - cpu;
	return true;
}

/* ---- cold start ---- */

struct cold {
	long done;
	double *first_us;
};

static bool start_and_end(void *what, double *sample_us, struct error *err)
{
	struct cold *cold = what;
	const struct cdp_launch_opts opts = { .path = env("CHROMIUM", NULL), .run_root = env("BENCH_TMP", NULL) };
	const struct deadline until = deadline_in_ms(STEP_MS);
	const double start = now_us();

	(void)sample_us;
	AUTO(browser) struct cdp_browser *browser = cdp_browser_launch(&opts, until, err);
	struct cdp_page *page = browser ? cdp_page_open(browser, NULL, NULL, until, err) : NULL;
	AUTO(json) cJSON *value = page ? cdp_page_eval(page, "1+1", NULL, err) : NULL;
	if (value)
		cold->first_us[cold->done++] = now_us() - start;
	return value != NULL;
}

static bool coldstart_own(struct run *run, struct error *err)
{
	struct cold cold = { .first_us = samples(run->n) };

	run->warmup = 0;
	const bool ok = repeat(run, start_and_end, &cold, err);
	if (ok)
		add_extra(&run->result, ",\"first_eval_us\":%.0f", quantile(cold.first_us, run->n, .5));
	free(cold.first_us);
	return ok;
}

/* ---- the login flow ---- */

static bool are_rows(const cJSON *rows, struct error *err)
{
	const char *first = json_str(rows, "0.0"), *last = json_str(rows, "199.0");

	if (cJSON_GetArraySize(rows) == ROWS && first && last && !strcmp(first, "100000")
			&& !strcmp(last, "100199") && cJSON_GetArraySize(json_at(rows, "0")) == 6)
		return true;
	return fail(err, ERR_LAYOUT, "%d rows, the last one '%s'", cJSON_GetArraySize(rows), last ? last : "");
}

static bool sign_in(struct cdp_page *page, struct error *err)
{
	/* The next click looks at the fields again. */
	const struct cdp_type_opts at_once = { .calm_ms = -1 };
	AUTO(text) char *login = xasprintf("%s/login", env("BENCH_URL", ""));

	return cdp_page_goto(page, login, NULL, NULL, err)
		&& cdp_page_type(page, "#user", "demo-user", &at_once, err)
		&& cdp_page_type(page, "#password", "S3cret-pass!", &at_once, err)
		&& cdp_page_click(page, "#login", NULL, err)
		&& cdp_page_type(page, "#otp", "123456", &at_once, err)
		&& cdp_page_click(page, "#verify", NULL, err);
}

static bool flow_once(void *browser, double *sample_us, struct error *err)
{
	const struct deadline until = deadline_in_ms(STEP_MS);

	(void)sample_us;
	AUTO(context) struct cdp_context *context = cdp_context_new(browser, until, err);
	AUTO(page) struct cdp_page *page = context
		? cdp_page_open(browser, context, &(struct cdp_page_opts){ .no_network = true }, until, err) : NULL;
	if (!page || !sign_in(page, err))
		return false;
	AUTO(json) cJSON *rows = cdp_page_table(page, "#transactions tbody:has(> tr:nth-child(200))", 0, err);
	return rows && are_rows(rows, err);
}

static bool flow(struct run *run, struct error *err)
{
	if (!repeat(run, flow_once, run->browser, err))
		return false;
	add_extra(&run->result, ",\"rows\":%ld", ROWS * run->n);
	return true;
}

/* ---- many flows at once ---- */

/* A connection belongs to its thread, so every flow has one of each. */
struct worker {
	pthread_t thread;
	double us;
	bool ok;
	struct error err;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	const double start = now_us();
	double unused = 0;

	AUTO(browser) struct cdp_browser *browser = cdp_browser_attach(env("BENCH_WS", ""), NULL,
		deadline_in_ms(STEP_MS), &w->err);
	w->ok = browser && flow_once(browser, &unused, &w->err);
	w->us = now_us() - start;
	return NULL;
}

static bool scale(struct run *run, struct error *err)
{
	const long n = strtol(run->workload + strlen("scale"), NULL, 10);
	struct worker *workers = xcalloc((size_t)n, sizeof *workers);
	struct result *r = &run->result;
	double unused = 0;
	bool ok = flow_once(run->browser, &unused, err);

	const double cpu = cpu_s(), start = now_us();
	for (long i = 0; ok && i < n; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			abort();
	for (long i = 0; ok && i < n; i++)
		(void)pthread_join(workers[i].thread, NULL); /* it is joinable and not this one */
	*r = (struct result){ .n = n, .samples_us = samples(n), .wall_us = now_us() - start, .cpu_s = cpu_s() - cpu };
	for (long i = 0; ok && i < n; i++) {
		r->samples_us[i] = workers[i].us;
		if (!workers[i].ok) {
			*err = workers[i].err;
			ok = false;
		}
	}
	free(workers);
	add_extra(r, ",\"rows\":%ld,\"wall_us\":%.0f", ROWS * n, r->wall_us);
	return ok;
}

/* ---- a saved session ---- */

struct session_run {
	struct cdp_browser *browser;
	cJSON *cookies;
	long done, skip; /* the first SKIP are warm-up */
	double *set_us, *get_us, *state_us;
};

static cJSON *make_cookies(void)
{
	cJSON *cookies = cJSON_CreateArray();

	for (int i = 0; i < COOKIES; i++) {
		AUTO(text) char *name = xasprintf("cookie-%d", i);
		AUTO(text) char *value = xasprintf("value-%d-0123456789abcdef0123456789abcdef0123456789abcdef", i);
		AUTO(text) char *domain = xasprintf("site%d.test", i % COOKIE_SITES);
		json_add(cookies, JSON_NODE(NULL, json_object(
			JSON_STR("name", name),
			JSON_STR("value", value),
			JSON_STR("domain", domain),
			JSON_STR("path", "/"),
			JSON_BOOL("secure", true),
			JSON_BOOL("httpOnly", i % 2 == 1),
			JSON_STR("sameSite", "Lax"),
			JSON_INT("expires", 1893456000))));
	}
	return cookies;
}

static bool are_cookies(const cJSON *cookies, struct error *err)
{
	const cJSON *cookie;
	int count = 0;

	cJSON_ArrayForEach (cookie, cookies) {
		const char *name = json_str(cookie, "name");
		count += name && !strncmp(name, "cookie-", 7);
	}
	return count == COOKIES || fail(err, ERR_VALUE, "%d cookies", count);
}

/* The storage state: cookies and localStorage, as one would save them. */
static cJSON *capture(struct cdp_browser *browser, struct cdp_context *context, struct cdp_page *page,
	struct error *err)
{
	const struct deadline until = deadline_in_ms(STEP_MS);
	AUTO(json) cJSON *cookies = cdp_cookies_get(browser, context, until, err);
	AUTO(json) cJSON *items = cookies ? cdp_local_storage(cdp_page_main_frame(page), until, err) : NULL;

	if (!items)
		return NULL;
	return json_object(JSON_NODE("cookies", TAKE(cookies)), JSON_STR("origin", env("BENCH_URL", "")),
		JSON_NODE("localStorage", TAKE(items)));
}

static bool is_state(const cJSON *state, struct error *err)
{
	const int items = cJSON_GetArraySize(json_at(state, "localStorage"));

	return are_cookies(json_at(state, "cookies"), err)
		&& (items == ITEMS || fail(err, ERR_VALUE, "%d items in localStorage", items));
}

static bool session_once(void *what, double *sample_us, struct error *err)
{
	struct session_run *s = what;
	const struct deadline until = deadline_in_ms(STEP_MS);
	AUTO(text) char *seed = xasprintf("%s/seed", env("BENCH_URL", ""));
	AUTO(context) struct cdp_context *context = cdp_context_new(s->browser, until, err);
	AUTO(page) struct cdp_page *page = context
		? cdp_page_open(s->browser, context, &(struct cdp_page_opts){ .no_network = true }, until, err) : NULL;

	if (!page || !cdp_page_goto(page, seed, NULL, NULL, err))
		return false;
	const double t0 = now_us();
	if (!cdp_cookies_set(s->browser, context, s->cookies, until, err))
		return false;
	const double t1 = now_us();
	AUTO(json) cJSON *cookies = cdp_cookies_get(s->browser, context, until, err);
	if (!cookies || !are_cookies(cookies, err))
		return false;
	const double t2 = now_us();
	AUTO(json) cJSON *state = capture(s->browser, context, page, err);
	const double t3 = now_us();
	if (!state || !is_state(state, err))
		return false;
	if (s->done >= s->skip) {
		s->set_us[s->done - s->skip] = t1 - t0;
		s->get_us[s->done - s->skip] = t2 - t1;
		s->state_us[s->done - s->skip] = t3 - t2;
	}
	s->done++;
	*sample_us = t3 - t0;
	return true;
}

static bool session(struct run *run, struct error *err)
{
	const long n = run->n;
	struct session_run s = { .browser = run->browser, .cookies = make_cookies(), .skip = run->warmup,
		.set_us = samples(n), .get_us = samples(n), .state_us = samples(n) };
	const bool ok = repeat(run, session_once, &s, err);

	if (ok)
		add_extra(&run->result, ",\"cookies\":%ld,\"set_us\":%.0f,\"get_us\":%.0f,\"state_us\":%.0f",
			COOKIES * n, quantile(s.set_us, n, .5), quantile(s.get_us, n, .5),
			quantile(s.state_us, n, .5));
	cJSON_Delete(s.cookies);
	free(s.set_us);
	free(s.get_us);
	free(s.state_us);
	return ok;
}

/* ---- all of them ---- */

static const struct workload {
	const char *name;
	bool (*run)(struct run *run, struct error *err);
	long n, warmup; /* when the environment says nothing */
	bool own_browser;
} workloads[] = {
	{ "rtt",           rtt,           5000,  500,  false },
	{ "rtt_api",       rtt_api,       5000,  500,  false },
	{ "rtt_browser",   rtt_browser,   5000,  500,  false },
	{ "pipelined",     pipelined,     20000, 500,  false },
	{ "big16",         big,           5,     0,    false },
	{ "big1",          big,           50,    0,    false },
	{ "big1html",      big,           50,    0,    false },
	{ "events",        events,        50000, 0,    false },
	{ "coldstart_own", coldstart_own, 1,     0,    true  },
	{ "flow",          flow,          10,    2,    false },
	{ "scale10",       scale,         10,    0,    false },
	{ "scale40",       scale,         40,    0,    false },
	{ "session",       session,       20,    2,    false },
};

static const struct workload *workload_named(const char *name)
{
	for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	return NULL;
}

static bool run_workload(const struct workload *w, struct error *err)
{
	AUTO(browser) struct cdp_browser *browser = w->own_browser ? NULL
		: cdp_browser_attach(env("BENCH_WS", ""), NULL, deadline_in_ms(STEP_MS), err);
	struct run run = { .workload = w->name, .browser = browser, .n = env_number("BENCH_N", w->n),
		.warmup = env_number("BENCH_WARMUP", w->warmup) };

	if (!browser && !w->own_browser)
		return false;
	const bool ok = w->run(&run, err);
	if (ok)
		print_result(w->name, &run.result);
	free(run.result.samples_us);
	return ok;
}

int main(int argc, char **argv)
{
	const struct workload *w = argc == 2 ? workload_named(argv[1]) : NULL;
	struct error err = { 0 };

	if (!w)
		return UNSUPPORTED;
	if (run_workload(w, &err))
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "bench_cdp: %s: %s: %s\n", w->name, error_name(err.code), err.text);
	return EXIT_FAILURE;
}
