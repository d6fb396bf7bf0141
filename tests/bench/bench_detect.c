/* make bench-detect: what the detector of codes costs a page (tests/bench/shop.js), in ms of its main thread.
 *
 * "first" is the first verdict in a renderer of its own: all tasks from the definition of the detector to its answer,
 * by Performance.getMetrics, without what an empty evaluation takes; beside it the verdict alone, by the page's own
 * clock (of 0.1 ms).  Then later verdicts, batches of changes, and the looks of a page that nothing happens on. */
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/embed.h"
#include "cdp/page.h"
#include "scrapers/detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

EMBED(bench_shop, "tests/bench/shop.js");

enum { STEP_MS = 15000, CALM_MS = 400, ROUNDS = 10, ROUNDS_MAX = 100, LATER = 20, BATCHES = 40, SAMPLES_MAX = 4096 };

struct samples {
	double ms[SAMPLES_MAX];
	size_t count;
};

static struct cdp_browser *browser;
static struct cdp_page *page;
static struct error err;

static void die(const char *what)
{
	(void)fprintf(stderr, "%s: %s\n", what, err.text);
	exit(1);
}

static void add(struct samples *s, double ms)
{
	if (s->count < SAMPLES_MAX)
		s->ms[s->count++] = ms;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double part(struct samples *s, double share)
{
	qsort(s->ms, s->count, sizeof *s->ms, by_size);
	return s->count ? s->ms[(size_t)(share * (double)(s->count - 1) + 0.5)] : 0;
}

static void print_samples(const char *name, struct samples *s)
{
	printf("  %-44s %7.2f %7.2f %7.2f %7.2f   (%zu)\n", name, part(s, 0), part(s, 0.5), part(s, 0.95), part(s, 1), s->count);
}

/* ---- the page ---- */

static cJSON *eval(const char *expression, bool isolated)
{
	cJSON *value = cdp_page_eval(page, expression, &(struct cdp_eval_opts){ .isolated = isolated, .timeout_ms = STEP_MS }, &err);

	if (!value)
		die(expression);
	return value;
}

static void run(const char *expression)
{
	AUTO(json) cJSON *value = eval(expression, false);
}

static double number(const char *expression, bool isolated)
{
	AUTO(json) cJSON *value = eval(expression, isolated);

	return cJSON_IsNumber(value) ? value->valuedouble : 0;
}

/* All time that the tasks of the page's main thread have taken. */
static double task_ms(void)
{
	AUTO(json) cJSON *answer = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Performance.getMetrics", NULL,
		deadline_in_ms(STEP_MS), &err);
	const cJSON *metric;
	double value = 0;

	cJSON_ArrayForEach(metric, json_list(answer, "metrics")) {
		const char *name = json_str(metric, "name");
		if (name && !strcmp(name, "TaskDuration"))
			(void)json_num(metric, "value", &value); /* else 0 */
	}
	return value * 1000;
}

static void rest(int ms)
{
	const struct deadline until = deadline_in_ms(ms);

	while (!deadline_passed(until))
		(void)cdp_conn_wait(cdp_page_conn(page), until, NULL); /* nothing is waited for */
}

static struct cdp_context *open_shop(bool code)
{
	struct cdp_context *context = cdp_context_new(browser, deadline_in_ms(STEP_MS), &err);
	page = context ? cdp_page_open(browser, context, NULL, deadline_in_ms(STEP_MS), &err) : NULL;
	if (!page)
		die("a page");
	AUTO(text) char *fill = xasprintf("(%s)(%s)", bench_shop, code ? "true" : "false");
	const double elements = number(fill, false);
	if (elements < 5000)
		die("the page is too small");
	AUTO(json) cJSON *on = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Performance.enable", NULL, deadline_in_ms(STEP_MS), &err);
	rest(CALM_MS);
	return context;
}

static void close_shop(struct cdp_context *context)
{
	cdp_page_free(TAKE(page));
	cdp_context_free(context);
}

static void detect(bool code)
{
	enum { TRIES = 5 }; /* a busy machine may not answer in time */
	AUTO(challenge) struct challenge found = { 0 };

	for (int i = 0; i < TRIES; i++) {
		if (!challenge_detect(page, &found, &err))
			die("detect");
		if ((found.kind == CHALLENGE_CODE) == code)
			return;
	}
	(void)fprintf(stderr, "the page %s a code, which is not found so\n", code ? "wants" : "does not want");
	exit(1);
}

/* ---- what is measured ---- */

static const char judging[] = "gabbaiOtp.cost().verdictMs", observing[] = "gabbaiOtp.cost().observerMs";

static void first_verdicts(bool code, int rounds)
{
	static struct samples whole, inside;

	whole.count = inside.count = 0;
	for (int i = 0; i < rounds; i++) {
		struct cdp_context *context = open_shop(code);
		(void)number("1", true);
		const double before = task_ms();
		(void)number("1", true);
		const double nothing = task_ms() - before, start = task_ms();
		detect(code);
		add(&whole, task_ms() - start - nothing);
		add(&inside, number(judging, true));
		close_shop(context);
	}
	print_samples("first, with the detector and its words", &whole);
	print_samples("  of it the verdict", &inside);
}

static void later_verdicts(bool code)
{
	static struct samples later;

	later.count = 0;
	for (int i = 0; i < LATER; i++) {
		run("document.forms[1].append(document.createElement('p')), document.body.offsetWidth");
		const double before = number(judging, true);
		detect(code);
		add(&later, number(judging, true) - before);
	}
	print_samples("later ones", &later);
}

/* Each batch finds a verdict that nothing has made old yet. */
static void batches(bool code, const char *name, const char *change)
{
	static struct samples spent;

	spent.count = 0;
	for (int i = 0; i < BATCHES; i++) {
		AUTO(text) char *one = xasprintf("((i) => { %s })(%d)", change, i);
		detect(code);
		const double before = number(observing, true);
		run(one);
		add(&spent, number(observing, true) - before);
	}
	print_samples(name, &spent);
}

/* The clock of a page has 0.1 ms, so many looks are measured as one. */
static void looks(void)
{
	AUTO(json) cJSON *listening = eval("(gabbaiOtp.listen('nobody'), null)", true);
	static struct samples idle;

	idle.count = 0;
	rest(CALM_MS);
	for (int i = 0; i < 5; i++) {
		const double ms = number("gabbaiOtp.cost().tickMs", true), n = number("gabbaiOtp.cost().ticks", true);
		rest(1000);
		add(&idle, (number("gabbaiOtp.cost().tickMs", true) - ms) / (number("gabbaiOtp.cost().ticks", true) - n));
	}
	print_samples("a look while nothing happens", &idle);
}

static void measure(bool code, int rounds)
{
	struct cdp_context *context = open_shop(code);

	printf("%s, %.0f elements:%*s     min     p50     p95     max\n", code ? "a page that wants a code" : "a page that wants none",
		number("document.querySelectorAll('*').length", false), code ? 1 : 3, "");
	close_shop(context);
	first_verdicts(code, rounds);
	context = open_shop(code);
	detect(code);
	later_verdicts(code);
	batches(code, "a clock ticks", "document.querySelector('.clock').textContent = '12:00:' + i");
	batches(code, "a spinner turns", "document.querySelector('.spinner').style.transform = 'rotate(' + i + 'deg)'");
	batches(code, "300 messages come to a chat", "for (let n = 0; n < 300; n++) document.querySelector('.messages').insertAdjacentHTML("
		"'beforeend', '<li class=message><span class=who>Bob</span> <span>Hello ' + n + '</span></li>')");
	batches(code, "800 changes of classes and texts", "document.querySelectorAll('.review').forEach(one => { for (let n = 0; n < 4; n++)"
		" one.className = 'review a' + i + n; for (let n = 0; n < 4; n++) one.querySelector('strong').textContent = 'User ' + i + n })");
	batches(code, "a list is drawn anew", "const list = document.querySelector('.reviews'); list.innerHTML = list.innerHTML");
	detect(code);
	looks();
	close_shop(context);
}

int main(void)
{
	const char *wanted = getenv("ROUNDS");
	const long rounds = wanted ? strtol(wanted, NULL, 10) : ROUNDS;

	browser = cdp_browser_launch(NULL, deadline_in_ms(STEP_MS), &err);
	if (!browser)
		die("a browser");
	for (int code = 1; code >= 0; code--)
		measure(code, rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : (int)rounds);
	cdp_browser_free(browser);
	return 0;
}
