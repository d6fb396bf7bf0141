/* WCAG 2.2 AA as far as a program can see it: axe-core on every view and dialog of the server's page, in both languages, light
 * and dark, on a phone and on a desk. */
#include "tests/lib/asserts.h"
#include "tests/lib/screen.h"

#include "cdp/base/buf.h"
#include "cdp/base/json.h"

#include <string.h>

#define ALL     "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
#define COLOURS "{ type: 'rule', values: ['color-contrast'] }"
#define AXE     "build/npm/node_modules/axe-core/axe.min.js"

static char *axe;           /* the program's text */
static struct buf wrong;    /* what was found, a line each */
static const char *language;

static int load_axe(void **state)
{
	AUTO(file) FILE *f = fopen(AXE, "re");
	struct buf text = { 0 };
	char chunk[65536];

	if (!f)
		return 0;
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	axe = buf_take(&text);
	return screen_start(state);
}

static int forget_axe(void **state)
{
	free(axe);
	return axe ? screen_stop(state) : 0;
}

/* ---- judging ---- */

/* What the page can be looked at with.  In the dark, colours alone are others. */
static const struct { int width, height; bool dark; const char *only; } looks[] = {
	{ 1280, 900, false, ALL }, { 1280, 900, true, COLOURS }, { 390, 844, false, ALL }, { 390, 844, true, COLOURS },
};

/* Of long tables and charts the first of each kind are as good as all, and much faster. */
static const char shorten[] =
	"document.querySelectorAll('tbody tr:nth-child(n+7), svg.chart rect:nth-of-type(n+12)').forEach(el => el.remove()), 1";

static const char judge[] =
	"axe.run(document, { runOnly: %s, resultTypes: ['violations'], iframes: false, preload: false })"
	".then(found => found.violations.flatMap(v => v.nodes.map(node => v.id + ' at ' + node.target.join(' ') + ': '"
	" + node.any.concat(node.all, node.none).map(c => c.message).join('; '))))";

/* Judges what is shown now, which is called NAME here. */
static void look(const char *name)
{
	AUTO(json) cJSON *there = cdp_page_eval(screen.page, axe, &(struct cdp_eval_opts){ 0 }, &screen.err);

	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		heard_look(screen.page, looks[i].width, looks[i].height, looks[i].dark);
		AUTO(text) char *script = xasprintf(judge, looks[i].only);
		AUTO(json) cJSON *shorter = cdp_page_eval(screen.page, shorten, NULL, &screen.err);
		assert_ok(shorter != NULL, &screen.err);
		AUTO(json) cJSON *found = cdp_page_eval(screen.page, script, NULL, &screen.err);
		assert_ok(found != NULL, &screen.err);
		const cJSON *one;
		cJSON_ArrayForEach(one, found)
			buf_printf(&wrong, "\n%s, %s, %d px, %s: %s", name, language, looks[i].width, looks[i].dark ? "dark" : "light", one->valuestring);
	}
	heard_look(screen.page, 1280, 900, false);
}

static void assert_nothing_wrong(void)
{
	AUTO(text) char *text = buf_take(&wrong);

	if (text && *text)
		fail_msg("what axe-core found:%s", text);
}

static void escape(void)
{
	assert_ok(cdp_page_press(screen.page, "Escape", &screen.err), &screen.err);
	see_no_more("dialog");
}

/* The page in LANGUAGE from now on. */
static void speak(const char *code)
{
	AUTO(text) char *script = xasprintf("localStorage.setItem('gabbai.language', '%s')", code);
	AUTO(json) cJSON *done = cdp_page_eval(screen.page, script, NULL, &screen.err);
	AUTO(text) char *spoken = xasprintf("document.documentElement.lang === '%s' && !!document.querySelector('.card, .login')", code);

	language = code;
	visit("/");
	see_that(spoken);
}

static const char *const languages[] = { "en", "he" };
#define FOR_LANGUAGES for (size_t l_ = 0; l_ < 2; l_++)

/* ---- what there is to see ---- */

static bool has_axe(void)
{
	if (!axe)
		print_message("no axe-core (" AXE "): tools/npm tests/peer/page.json installs it\n");
	return axe != NULL;
}

static int begin(void **state)
{
	return axe ? screen_begin(state) : 0;
}

static int end(void **state)
{
	buf_clear(&wrong);
	return axe ? screen_end(state) : 0;
}

static void an_empty_page(void **state)
{
	(void)state;
	if (!has_axe())
		skip();
	web_start(&web, &cal, "", NULL);
	visit("/");
	see_element(".login");
	FOR_LANGUAGES {
		speak(languages[l_]);
		look("login");
	}
	AUTO(text) char *first = xasprintf("/#t=%s", web.start);
	visit(first);
	see_element(".card");
	FOR_LANGUAGES {
		speak(languages[l_]);
		look("integrations, nothing connected");
		visit("/#/runs");
		see_element(".empty");
		look("no runs");
		visit("/#/schedules");
		see_element(".next li");
		look("no schedules");
		visit("/#/results");
		see_element(".empty");
		look("no results");
		visit("/#/results/products");
		see_element(".empty");
		look("no products");
		visit("/#/settings");
		see_element("input[name=language]");
		look("settings");
	}
	assert_nothing_wrong();
}

static void views_with_results(void **state)
{
	(void)state;
	if (!has_axe())
		skip();
	AUTO(ran) struct ran cards = gabbai_cal(&cal, "yossi", "Secret123", NULL);
	AUTO(ran) struct ran products = gabbai_hotmart(&cal, "maria", "Secret123", (const char *const[]){ "--limit", "8", NULL });
	AUTO(ran) struct ran failed = gabbai_on(&cal, (const char *const[]){ "run", "visa-cal/other", "--no-login", NULL });
	assert_int_equal(cards.code, 0);
	assert_int_equal(products.code, 0);
	assert_int_equal(failed.code, 4);
	AUTO(ran) struct ran daily = gabbai_on(&cal, (const char *const[]){ "schedule", "add", "visa-cal", "--daily", "07:30", NULL });
	assert_int_equal(daily.code, 0);
	enter("", NULL);
	see_element(".card");
	FOR_LANGUAGES {
		speak(languages[l_]);
		press_element(".card summary");
		look("integrations, and the menu of one");
		press_element(".menu-items .danger-text");
		see_element("dialog");
		look("forget");
		escape();
		visit("/#/runs");
		see_element("tbody tr");
		look("runs");
		press_element("tbody tr:first-child a");
		see_element(".cause");
		look("a run that failed");
		visit("/#/runs");
		press_element("tbody tr:last-child a");
		see_element(".phases");
		look("a run");
		visit("/#/schedules");
		see_element("tbody tr");
		look("schedules");
		visit("/#/results");
		see_element("svg.chart");
		look("overview");
		visit("/#/results/transactions");
		see_element("tbody tr");
		look("transactions");
		visit("/#/results/products");
		see_element("tbody tr");
		press_element("tbody tr:nth-child(2) button");
		see_element("tr.detail svg.chart, tr.detail .note, tr.detail p");
		look("products, the prices of one");
	}
	assert_nothing_wrong();
}

static void dialogs(void **state)
{
	(void)state;
	if (!has_axe())
		skip();
	enter("otp1", NULL);
	see_element(".card");
	FOR_LANGUAGES {
		speak(languages[l_]);
		press_element(".card .primary");
		see_element(".ways");
		look("how to connect");
		press_element(".ways li:nth-child(3) button");
		see_element("#import-text");
		look("import");
		escape();
		press_element(".card .primary");
		press_element(".ways li:nth-child(1) button");
		see_element("dialog input[name=password]");
		look("guided");
		press_element(".connect-foot button:first-child");
		press_element(".ways li:nth-child(2) button");
		see_that("!!document.querySelector('.live-over')?.hidden");
		look("live view");
		press_element(".connect-foot button:last-child");
		see_element(".ending");
		look("cancelled");
		escape();
	}
	need_a_code();
	see_element(CODE_FIELD);
	AUTO(reply) struct reply list = web_get(&web, "/api/otp");
	AUTO(text) char *path = xasprintf("/api/otp/%s/link", json_str(list.json, "requests.0.requestId"));
	AUTO(reply) struct reply link = web_post(&web, path, "{}");
	FOR_LANGUAGES {
		speak(languages[l_]);
		see_element(CODE_FIELD);
		press_element(".phone-link button");
		see_element("#phone-link");
		look("a code is wanted, and a link for the phone");
		escape();
		see_element(".banners button");
		look("a banner");
		visit(json_str(link.json, "url"));
		see_element(CODE_FIELD);
		type(CODE_FIELD, "12");
		press_element("form button[type=submit]");
		see_that("document.querySelector('.otp .error').textContent.length > 5");
		look("the phone's page, with a code of the wrong form");
		visit("/o/nothing");
		see_element(".ending");
		look("a link that does not work");
	}
	assert_nothing_wrong();
}

#define seen(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = { seen(an_empty_page), seen(views_with_results), seen(dialogs) };

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, load_axe, forget_axe);
}
