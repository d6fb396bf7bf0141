/* Renderers that die or hang, many tabs, and secrets that must not be seen. */
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/storage.h"
#include "tests/lib/catch.h"
#include "tests/lib/site.h"

#include <signal.h>

static void crash(struct cdp_page *page)
{
	cdp_post(cdp_page_conn(page), cdp_page_session(page), "Page.crash", NULL);
}

static void X01_crash_under_an_evaluation(void **state)
{
	(void)state;
	show("<p>x");
	crash(site.page);
	const int64_t start = clock_ms();
	AUTO(json) cJSON *value = cdp_page_eval(site.page, "new Promise(() => 0)", NULL, &site.err);
	assert_fails(value != NULL, &site.err, ERR_CRASHED);
	assert_in_range(clock_ms() - start, 0, 5000);
	assert_fails(cdp_page_click(site.page, "p", NULL, &site.err), &site.err, ERR_CRASHED);
	AUTO(page) struct cdp_page *other = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
	assert_ok(other != NULL, &site.err);
	assert_js_in(other, NULL, "1 + 1", "2");
}

static void X01_crash_under_a_wait(void **state)
{
	(void)state;
	show("<p>x");
	crash(site.page);
	const int64_t start = clock_ms();
	assert_fails(cdp_page_wait(site.page, "#never", NULL, &site.err), &site.err, ERR_CRASHED);
	assert_in_range(clock_ms() - start, 0, 5000);
}

static void X01_crash_under_a_navigation(void **state)
{
	(void)state;
	show("<p>x");
	const int64_t start = clock_ms();
	assert_fails(cdp_page_goto(site.page, "chrome://crash", NULL, NULL, &site.err), &site.err, ERR_INPUT);
	crash(site.page);
	const bool went = cdp_page_goto(site.page, here("slow?ms=500"), NULL, NULL, &site.err);
	if (!went && site.err.code != ERR_CRASHED)
		fail_msg("%s", site.err.text);
	assert_in_range(clock_ms() - start, 0, 8000);
}

static void X01_page_lives_again_after_a_navigation(void **state)
{
	(void)state;
	show("<p>x");
	crash(site.page);
	AUTO(json) cJSON *value = cdp_page_eval(site.page, "new Promise(() => 0)", NULL, &site.err);
	assert_fails(value != NULL, &site.err, ERR_CRASHED);
	show("<button id=b onclick='window.n = 1'>again</button>");
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	assert_js("window.n", "1");
}

static void X01_crash_of_a_frame_of_another_site(void **state)
{
	(void)state;
	show(words("<iframe name=kid src='%s'></iframe><p id=p>fine", there(doc("<p>x"))));
	struct cdp_frame *kid = cdp_page_frame(site.page, "kid");
	assert_non_null(kid);
	assert_js_in(site.page, kid, "1", "1");
	pid_t pids[32];
	const size_t count = descendants(cdp_browser_pid(site.browser), "--type=renderer", pids, 32);
	pid_t sick = 0;
	const struct cdp_eval_opts brief = { .frame = kid, .timeout_ms = 300 };
	for (size_t i = 0; i < count && !sick; i++) {
		kill(pids[i], SIGSTOP);
		AUTO(json) cJSON *answer = cdp_page_eval(site.page, "1", &brief, NULL);
		sick = answer ? 0 : pids[i];
		if (answer)
			kill(pids[i], SIGCONT);
	}
	assert_true(sick > 0);
	kill(sick, SIGKILL);
	const int64_t start = clock_ms();
	const struct cdp_eval_opts opts = { .frame = kid, .timeout_ms = SOON_MS };
	AUTO(json) cJSON *value = cdp_page_eval(site.page, "new Promise(() => 0)", &opts, &site.err);
	assert_true(!value && (site.err.code == ERR_CRASHED || site.err.code == ERR_CLOSED));
	assert_in_range(clock_ms() - start, 0, 5000);
	assert_js("p.textContent", "\"fine\"");
}

static void X02_renderer_that_is_stopped(void **state)
{
	(void)state;
	struct cdp_page *sick = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
	assert_ok(sick != NULL, &site.err);
	assert_ok(cdp_page_goto(sick, there("echo"), NULL, NULL, &site.err), &site.err);
	show("<p>x");
	assert_true(stop_renderer(site.browser, sick) > 0);
	AUTO(json) cJSON *value = cdp_page_eval(sick, "1", &(struct cdp_eval_opts){ .timeout_ms = 300 }, &site.err);
	assert_fails(value != NULL, &site.err, ERR_TIMEOUT);
	assert_fails(cdp_page_click(sick, "p", &(struct cdp_click_opts){ .timeout_ms = 500 }, &site.err), &site.err, ERR_TIMEOUT);
	assert_js("1 + 1", "2");
	const int64_t start = clock_ms();
	cdp_page_free(sick);
	assert_in_range(clock_ms() - start, 0, 8000);
	assert_js("1 + 1", "2");
}

static void X06_twelve_tabs_of_which_three_are_sick(void **state)
{
	enum { TABS = 12, DIALOG = 3, CRASHED = 6, HANGS = 9 };
	struct cdp_page *tabs[TABS];

	(void)state;
	for (int i = 0; i < TABS; i++) {
		tabs[i] = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
		assert_ok(tabs[i] != NULL, &site.err);
	}
	/* A crash or a hang takes its whole process: those two have sites of their own. */
	const char *path = doc("<button id=b onclick='window.n = 1'>b</button>");
	for (int i = 0; i < TABS; i++) {
		const char *url = i == CRASHED ? words("http://crash.localhost:%d/%s", site.http_port, path)
			: i == HANGS ? words("http://hang.localhost:%d/%s", site.http_port, path) : here(path);
		assert_ok(cdp_page_goto(tabs[i], url, NULL, NULL, &site.err), &site.err);
	}
	assert_js_in(tabs[DIALOG], NULL, "(setTimeout(() => { for (let i = 0; i < 5; i++) alert(i) }, 0), 1)", "1");
	assert_js_in(tabs[HANGS], NULL, "(setTimeout(() => { for (;;); }, 0), 1)", "1");
	crash(tabs[CRASHED]);
	const struct cdp_click_opts opts = { .timeout_ms = SOON_MS };
	for (int i = 0; i < TABS; i++) {
		if (i == CRASHED || i == HANGS)
			continue;
		assert_ok(cdp_page_click(tabs[i], "#b", &opts, &site.err), &site.err);
		assert_js_in(tabs[i], NULL, "window.n", "1");
	}
	AUTO(json) cJSON *value = cdp_page_eval(tabs[HANGS], "1", &(struct cdp_eval_opts){ .timeout_ms = 300 }, &site.err);
	assert_fails(value != NULL, &site.err, ERR_TIMEOUT);
	const int64_t start = clock_ms();
	for (int i = 0; i < TABS; i++)
		cdp_page_free(tabs[i]);
	assert_in_range(clock_ms() - start, 0, 15000);
	show("<p>x");
}

/* ---- secrets ---- */

#define PASSWORD "Pl4nt3dPassw0rd"
#define CODE     "839201"
#define COOKIE   "pl4nt3dC00kie"
#define TOKEN    "pl4nt3dT0ken"

static bool log_in(const struct secret *password, const struct secret *code)
{
	static const char *const boxes[] = { "#d0", "#d1", "#d2", "#d3", "#d4", "#d5" };
	struct error *err = &site.err;
	AUTO(json) cJSON *cookies = json_array(JSON_NODE(NULL, json_object(JSON_STR("name", "sid"), JSON_STR("value", COOKIE),
		JSON_STR("domain", "127.0.0.1"), JSON_STR("path", "/"))));
	const char *send = words("fetch('/echo?access=" TOKEN "', {method: 'POST', headers: {authorization: 'Bearer " TOKEN "',"
		"'x-auth-token': '" TOKEN "'}, body: JSON.stringify({password: p.value})}).then(r => r.text()).then(t => (window.got = t).length)");

	if (!cdp_cookies_set(site.browser, NULL, cookies, soon(), err)
			|| !cdp_page_goto(site.page, here(doc("<form><input id=p type=password></form>")), NULL, NULL, err)
			|| !cdp_page_type_secret(site.page, "#p", password, NULL, err))
		return false;
	AUTO(json) cJSON *sent = cdp_page_eval(site.page, send, NULL, err);
	if (!sent)
		return false;
	AUTO(json) cJSON *got = cdp_page_eval(site.page, "window.got", NULL, err);
	AUTO(json) cJSON *all = cdp_cookies_get(site.browser, NULL, soon(), err);
	AUTO(text) char *value = cdp_page_value(site.page, "#p", SOON_MS, err);
	return got && all && value && cdp_page_goto(site.page, here("otp.html?kind=sync"), NULL, NULL, err)
		&& cdp_page_type_code(site.page, NULL, boxes, 6, code, soon(), err);
}

static void X07_planted_secrets_are_nowhere(void **state)
{
	static const char *const planted[] = { PASSWORD, COOKIE, TOKEN };
	AUTO(secret) struct secret *password = secret_new(PASSWORD, strlen(PASSWORD));
	AUTO(secret) struct secret *code = secret_new(CODE, strlen(CODE));

	(void)state;
	catch_stderr();
	log_setup(LOG_PROTOCOL, false);
	const bool done = log_in(password, code);
	log_setup(LOG_ERROR, false);
	AUTO(text) char *log = caught_stderr();
	assert_ok(done, &site.err);
	assert_true(strlen(log) > 5000);
	assert_contains(log, "Input.dispatchKeyEvent");
	for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
		const char *hit = strstr(log, planted[i]);
		if (hit)
			fail_msg("%s is in the log: %.*s", planted[i], 200, hit - log > 120 ? hit - 120 : log);
	}
	assert_lacks(log, CODE);
	/* Digit by digit, in order: what keys were pressed must not be seen either. */
	assert_lacks(log, "\"key\":\"8\"");
	assert_lacks(log, "Digit8");
}

static const struct CMUnitTest tests[] = {
	PAGE(X01_crash_under_an_evaluation),
	PAGE(X01_crash_under_a_wait),
	PAGE(X01_crash_under_a_navigation),
	PAGE(X01_page_lives_again_after_a_navigation),
	PAGE(X01_crash_of_a_frame_of_another_site),
	PAGE(X02_renderer_that_is_stopped),
	PAGE(X06_twelve_tabs_of_which_three_are_sick),
	PAGE(X07_planted_secrets_are_nowhere),
};

int main(void)
{
	return site_run(tests);
}
