/* The page behind a link for the phone, in a real Chromium that knows nothing else.  An error in its console, or a report
 * about the content security policy, fails the test. */
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <string.h>

#define CODE_FIELD "input[autocomplete=one-time-code]"

static struct cdp_browser *browser;
static struct cdp_page *page;
static struct error err;

static int start(void **state)
{
	assert_int_equal(served_start(state), 0);
	browser = cdp_browser_launch(&(struct cdp_launch_opts){ 0 }, deadline_in_ms(WEB_MS), &err);
	assert_ok(browser != NULL, &err);
	return 0;
}

static int stop(void **state)
{
	cdp_browser_free(browser);
	return served_stop(state);
}

/* Opens the link to the question ID as a phone would: without any cookie of ours. */
static void open_link(const char *id)
{
	static const char watch_errors[] =
		"window.faults = [];"
		"addEventListener('error', e => faults.push(String(e.message)));"
		"addEventListener('unhandledrejection', e => faults.push(String(e.reason)));"
		"addEventListener('securitypolicyviolation', e => faults.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));";
	AUTO(text) char *path = xasprintf("/api/otp/%s/link", id);
	AUTO(reply) struct reply link = web_post(&web, path, "{}");

	assert_status(link, 200);
	AUTO(text) char *url = xasprintf("http://127.0.0.1:%d%s", web.port, json_str(link.json, "url"));
	page = cdp_page_open(browser, NULL, &(struct cdp_page_opts){ .width = 390, .height = 844, .locale = "en-US" },
		deadline_in_ms(WEB_MS), &err);
	assert_ok(page != NULL, &err);
	assert_ok(cdp_page_add_init_script(page, watch_errors, &err), &err);
	assert_ok(cdp_page_goto(page, url, NULL, NULL, &err), &err);
}

static void close_link(void)
{
	AUTO(json) cJSON *faults = cdp_page_eval(page, "window.faults", NULL, &err);
	AUTO(text) char *text = faults ? json_print(faults) : xstrdup("no page");

	cdp_page_free(page);
	if (strcmp(text, "[]") != 0)
		fail_msg("the page had errors: %s", text);
}

static void see(const char *words)
{
	AUTO(text) char *selector = xasprintf("text=%s", words);
	const bool ok = cdp_page_wait(page, selector, &(struct cdp_wait_opts){ .timeout_ms = WEB_MS }, &err);

	if (ok)
		return;
	AUTO(json) cJSON *all = cdp_page_eval(page, "document.body.innerText.slice(0, 1500)", NULL, NULL);
	fail_msg("%s is not to be seen: %s", words, cJSON_IsString(all) ? all->valuestring : err.text);
}

static void press(const char *name)
{
	AUTO(text) char *selector = xasprintf("role=button[name=%s]", name);

	assert_ok(cdp_page_click(page, selector, &(struct cdp_click_opts){ .timeout_ms = WEB_MS }, &err), &err);
}

static void submit(const char *code)
{
	assert_ok(cdp_page_type(page, CODE_FIELD, code, &(struct cdp_type_opts){ .timeout_ms = WEB_MS, .calm_ms = -1 }, &err), &err);
	press("Submit code");
}

/* ---- tests ---- */

static void after_a_wrong_code_the_same_page_takes_the_right_one(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(text) char *code = phone_code();
	open_link(id);
	submit(code[0] == '0' ? "111111" : "000000");
	see("That code was wrong");
	AUTO(text) char *next = next_question(&stream);
	assert_string_not_equal(next, id);
	submit(code);
	see("Code accepted");
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
	close_link();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(after_a_wrong_code_the_same_page_takes_the_right_one),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
