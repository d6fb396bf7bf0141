/* The page of gabbai serve, in a real Chromium: from an account that is not connected to its results.  An error in the
 * console, or a report about the content security policy, fails the test. */
#include "cdp/browser.h"

#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/web.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>

enum { SOON_MS = 40000, PROGRAM_S = 280, LOOK_MS = 100 };

static struct cal cal;
static struct web web;
static struct cdp_browser *browser;
static struct cdp_page *page;
static struct error err;

/* Each error of a page is kept by the page itself. */
static const char watch_errors[] =
	"window.faults = [];"
	"addEventListener('error', e => faults.push(String(e.message)));"
	"addEventListener('unhandledrejection', e => faults.push(String(e.reason)));"
	"addEventListener('securitypolicyviolation', e => faults.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));"
	"{ const old = console.error; console.error = (...all) => { faults.push(all.join(' ')); old(...all) } }";

static struct deadline soon(void)
{
	return deadline_in_ms(SOON_MS);
}

static int start(void **state)
{
	(void)state;
	alarm(PROGRAM_S);
	cal_start(&cal, NULL);
	cal.keeps = true;
	web_start(&web, &cal, "otp1", (const char *const[]){ "--max-logins", "100", NULL });
	browser = cdp_browser_launch(&(struct cdp_launch_opts){ 0 }, soon(), &err);
	assert_ok(browser != NULL, &err);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cdp_browser_free(browser);
	const int code = web_stop(&web);
	cal_stop(&cal);
	return code;
}

static void go(const char *path)
{
	AUTO(text) char *url = xasprintf("http://127.0.0.1:%d%s", web.port, path);

	assert_ok(cdp_page_goto(page, url, NULL, NULL, &err), &err);
}

/* A browser that nobody has signed in with, and its page. */
static int open_page(void **state)
{
	static bool is_in;

	(void)state;
	page = cdp_page_open(browser, NULL, &(struct cdp_page_opts){ .width = 1280, .height = 900, .locale = "en-US" }, soon(), &err);
	assert_ok(page != NULL, &err);
	assert_ok(cdp_page_add_init_script(page, watch_errors, &err), &err);
	AUTO(text) char *first = xasprintf("/#t=%s", web.start);
	go(is_in ? "/" : first);
	is_in = true;
	return 0;
}

static int close_page(void **state)
{
	(void)state;
	AUTO(json) cJSON *faults = cdp_page_eval(page, "window.faults", NULL, &err);
	AUTO(text) char *text = faults ? json_print(faults) : xstrdup("no page");
	cdp_page_free(page);
	if (strcmp(text, "[]") != 0)
		fail_msg("the page had errors: %s", text);
	return 0;
}

static void see(const char *words)
{
	AUTO(text) char *selector = xasprintf("text=%s", words);
	const bool ok = cdp_page_wait(page, selector, &(struct cdp_wait_opts){ .timeout_ms = SOON_MS }, &err);

	if (ok)
		return;
	AUTO(json) cJSON *all = cdp_page_eval(page, "document.body.innerText.slice(0, 1500)", NULL, NULL);
	fail_msg("%s is not to be seen: %s", words, cJSON_IsString(all) ? all->valuestring : err.text);
}

static void press(const char *role, const char *name)
{
	AUTO(text) char *selector = xasprintf("role=%s[name=%s]", role, name);

	assert_ok(cdp_page_click(page, selector, &(struct cdp_click_opts){ .timeout_ms = SOON_MS }, &err), &err);
}

static void type(const char *selector, const char *text)
{
	assert_ok(cdp_page_type(page, selector, text, &(struct cdp_type_opts){ .timeout_ms = SOON_MS, .calm_ms = -1 }, &err), &err);
}

/* The code that the test phone has got, waited for. */
static char *phone_code(void)
{
	AUTO(text) char *phone = cal_file(&cal, "phone");

	for (const struct deadline until = soon(); !deadline_passed(until);) {
		AUTO(file) FILE *f = fopen(phone, "re");
		char line[512] = "", *at = NULL;
		while (f && fgets(line, sizeof line, f))
			at = strstr(line, "\"code\":\"");
		if (at)
			return xstrndup(at + 8, strcspn(at + 8, "\""));
		(void)poll(NULL, 0, LOOK_MS);
	}
	return xstrdup("none");
}

static void forget_messages(void)
{
	AUTO(text) char *phone = cal_file(&cal, "phone");

	(void)unlink(phone);
}

#define CODE_FIELD "input[autocomplete=one-time-code]"

static void an_account_is_connected_by_fields_of_the_page(void **state)
{
	(void)state;
	press("button", "Connect");
	press("button", "Guided");
	type("dialog[open] input[name=username]", "otp1");
	type("dialog[open] input[name=password]", "Wrong1234");
	press("button", "Sign in");
	see("refused");
	forget_messages();
	type("dialog[open] input[name=password]", "Secret123");
	press("button", "Sign in");
	type(CODE_FIELD, "999999");
	press("button", "Submit code");
	see("That code was wrong");
	AUTO(text) char *code = phone_code();
	type(CODE_FIELD, code);
	press("button", "Submit code");
	see("Connection successful! Session saved.");
}

static void what_is_connected_is_collected_and_shown(void **state)
{
	(void)state;
	press("button", "Collect now");
	see("579 transactions");
	press("link", "Results");
	see("Spending by month");
	press("link", "Transactions");
	AUTO(json) cJSON *rows = cdp_page_wait_eval(page, "document.querySelectorAll('tbody tr').length > 20",
		&(struct cdp_eval_opts){ .timeout_ms = SOON_MS }, &err);
	assert_ok(rows != NULL, &err);
}

/* Starts a run that needs a code, from elsewhere. */
static void need_a_code(void)
{
	AUTO(reply) struct reply forgotten = web_ask(&web, &(struct ask){ .method = "DELETE",
		.path = "/api/integrations/visa-cal/session" });

	forget_messages();
	AUTO(reply) struct reply started = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	for (const struct deadline until = soon(); started.status == 409 && !deadline_passed(until);) { /* the one before is ending */
		(void)poll(NULL, 0, LOOK_MS);
		reply_clear(&started);
		started = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	}
	assert_int_equal(started.status, 202);
	AUTO(text) char *code = phone_code(); /* the site has sent one: the question comes at once */
	assert_string_not_equal(code, "none");
}

static bool some_run_is_on(void)
{
	AUTO(reply) struct reply sites = web_get(&web, "/api/sites");
	const char *at = sites.body;

	while ((at = strstr(at, "\"running\":")) && !strncmp(at + 10, "null", 4))
		at++;
	return at != NULL;
}

static void wait_until_no_run(void)
{
	const struct deadline until = soon();

	while (some_run_is_on() && !deadline_passed(until))
		(void)poll(NULL, 0, LOOK_MS);
	assert_false(some_run_is_on());
}

/* Asked before the page was opened; it is there within a second, again after a reload, and a second tab may answer. */
static void a_code_that_was_asked_for_before_is_asked_for(void **state)
{
	(void)state;
	need_a_code();
	go("/");
	AUTO(text) char *code = phone_code();
	assert_ok(cdp_page_wait(page, CODE_FIELD, &(struct cdp_wait_opts){ .timeout_ms = SOON_MS }, &err), &err);
	assert_ok(cdp_page_reload(page, NULL, NULL, &err), &err);
	assert_ok(cdp_page_wait(page, CODE_FIELD, &(struct cdp_wait_opts){ .timeout_ms = SOON_MS }, &err), &err);

	struct cdp_page *first = page;
	page = cdp_page_open(browser, NULL, &(struct cdp_page_opts){ .width = 390, .height = 844, .locale = "en-US" }, soon(), &err);
	assert_ok(page != NULL, &err);
	go("/");
	type(CODE_FIELD, code);
	press("button", "Submit code");
	wait_until_no_run();
	cdp_page_free(page);
	page = first;
	assert_ok(cdp_page_wait(page, CODE_FIELD, &(struct cdp_wait_opts){ .timeout_ms = SOON_MS, .state = CDP_DETACHED }, &err), &err);
}

static void a_run_can_be_cancelled_where_its_code_is_asked_for(void **state)
{
	(void)state;
	need_a_code();
	go("/");
	press("button", "Cancel the run");
	wait_until_no_run();
	AUTO(reply) struct reply runs = web_get(&web, "/api/runs?limit=1");
	assert_contains(runs.body, "OTP_CANCELLED");
}

/* The phone's page has one question, and nothing else. */
static void a_link_for_the_phone_answers_one_question(void **state)
{
	(void)state;
	need_a_code();
	AUTO(reply) struct reply list = web_get(&web, "/api/otp");
	for (const struct deadline until = soon(); !json_str(list.json, "requests.0.requestId") && !deadline_passed(until);) {
		reply_clear(&list);
		list = web_get(&web, "/api/otp");
	}
	AUTO(text) char *path = xasprintf("/api/otp/%s/link", json_str(list.json, "requests.0.requestId"));
	AUTO(reply) struct reply link = web_post(&web, path, "{}");
	AUTO(text) char *code = phone_code();
	go(json_str(link.json, "url"));
	type(CODE_FIELD, code);
	press("button", "Submit code");
	wait_until_no_run();
	AUTO(reply) struct reply runs = web_get(&web, "/api/runs?limit=1");
	assert_contains(runs.body, "\"exitCode\":0");
}

static void hebrew_reads_from_the_right(void **state)
{
	(void)state;
	press("link", "Settings");
	assert_ok(cdp_page_check(page, "input[name=language][value=he]", true, SOON_MS, &err), &err);
	AUTO(json) cJSON *right = cdp_page_wait_eval(page, "document.documentElement.dir === 'rtl' && document.documentElement.lang === 'he'",
		&(struct cdp_eval_opts){ .timeout_ms = SOON_MS }, &err);
	assert_ok(right != NULL, &err);
	AUTO(json) cJSON *back = cdp_page_eval(page, "localStorage.clear()", NULL, &err);
}

#define ON_PAGE(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_PAGE(an_account_is_connected_by_fields_of_the_page),
		ON_PAGE(what_is_connected_is_collected_and_shown),
		ON_PAGE(a_code_that_was_asked_for_before_is_asked_for),
		ON_PAGE(a_run_can_be_cancelled_where_its_code_is_asked_for),
		ON_PAGE(a_link_for_the_phone_answers_one_question),
		ON_PAGE(hebrew_reads_from_the_right),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
