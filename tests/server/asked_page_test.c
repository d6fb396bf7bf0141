/* What runs ask, on the page, and on the one behind a link for the phone, each in a Chromium that knows nothing else.  An error
 * in its console, or a report about the content security policy, fails the test. */
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <string.h>

#define CODE_FIELD "input[autocomplete=one-time-code]"

static struct cdp_browser *browser;
static struct cdp_context *context;
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

static void open_page(const char *path, int width, int height)
{
	static const char watch_errors[] =
		"window.faults = [];"
		"addEventListener('error', e => faults.push(String(e.message)));"
		"addEventListener('unhandledrejection', e => faults.push(String(e.reason)));"
		"addEventListener('securitypolicyviolation', e => faults.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));";
	AUTO(text) char *url = xasprintf("http://127.0.0.1:%d%s", web.port, path);

	context = cdp_context_new(browser, deadline_in_ms(WEB_MS), &err);
	assert_ok(context != NULL, &err);
	page = cdp_page_open(browser, context, &(struct cdp_page_opts){ .width = width, .height = height, .locale = "en-US" },
		deadline_in_ms(WEB_MS), &err);
	assert_ok(page != NULL, &err);
	assert_ok(cdp_page_add_init_script(page, watch_errors, &err), &err);
	assert_ok(cdp_page_goto(page, url, NULL, NULL, &err), &err);
}

/* As a phone would: without any cookie of ours. */
static void open_link(const char *id)
{
	AUTO(text) char *path = xasprintf("/api/otp/%s/link", id);
	AUTO(reply) struct reply link = web_post(&web, path, "{}");

	assert_status(link, 200);
	open_page(json_str(link.json, "url"), 390, 844);
}

static void close_page(void)
{
	AUTO(json) cJSON *faults = cdp_page_eval(page, "window.faults", NULL, &err);
	AUTO(text) char *text = faults ? json_print(faults) : xstrdup("no page");

	cdp_page_free(page);
	cdp_context_free(context);
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
	close_page();
}

static void an_approval_needs_nothing_to_be_typed(void **state)
{
	(void)state;
	web_start(&web, &cal, "push", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	open_link(id);
	see("The site wants something of you");
	see("Approve the sign-in in the app of the site");
	assert_int_equal(cdp_page_count(page, CODE_FIELD, &err), 0);
	cJSON_Delete(cal_ask(&cal, "https://connect.cal-online.co.il/_approve"));
	see("The site goes on.");
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
	close_page();
}

static void the_wheel_is_taken_and_given_back_on_the_page(void **state)
{
	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(text) char *code = phone_code();
	AUTO(text) char *first = xasprintf("/#t=%s", web.start);
	open_page(first, 1280, 900);
	press("Take the wheel"); /* of the dialog with the code */
	see("You are watching.");
	assert_ok(cdp_page_click(page, ".live-foot button", &(struct cdp_click_opts){ .timeout_ms = WEB_MS }, &err), &err);
	see("Give the wheel back");
	AUTO(reply) struct reply held = answer_code(id, code);
	assert_status(held, 409);
	press("Give the wheel back");
	see("You are watching.");
	assert_ok(cdp_page_click(page, ".wide-dialog .dialog-head button", &(struct cdp_click_opts){ .timeout_ms = WEB_MS }, &err), &err);
	submit(code);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
	close_page();
}

static void the_page_of_a_run_can_be_looked_at(void **state)
{
	int64_t run = 0;

	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(json) cJSON *asked = sse_await(&stream, "OTP_NEEDED");
	assert_true(json_int(asked, "runId", &run));
	AUTO(text) char *first = xasprintf("/#t=%s", web.start);
	open_page(first, 1280, 900);
	see("A code is wanted");
	press("Close");
	AUTO(text) char *there = xasprintf("location.hash = '#/runs/%d'", (int)run);
	AUTO(json) cJSON *went = cdp_page_eval(page, there, NULL, &err);
	press("Look at the page");
	see("You are watching.");
	AUTO(json) cJSON *picture = cdp_page_wait_eval(page, "document.querySelector('.live-over').hidden",
		&(struct cdp_eval_opts){ .timeout_ms = WEB_MS }, &err);
	assert_ok(picture != NULL, &err);
	close_page();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(after_a_wrong_code_the_same_page_takes_the_right_one),
		served_test(an_approval_needs_nothing_to_be_typed),
		served_test(the_wheel_is_taken_and_given_back_on_the_page),
		served_test(the_page_of_a_run_can_be_looked_at),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
