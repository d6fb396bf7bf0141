/* The server's page, from an account that is not connected to its results; the other ways to connect are in
 * page_connect_test.c, and codes in page_code_test.c. */
#include "tests/lib/asserts.h"
#include "tests/lib/screen.h"

#include <string.h>

static void an_account_is_connected_by_fields_of_the_page_and_collected(void **state)
{
	(void)state;
	enter("otp1", NULL);
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
	see_no_more("dialog");

	press("button", "Collect now");
	see("579 transactions");
	press("link", "Results");
	see("Spending by month");
	press("link", "Transactions");
	see_that("document.querySelectorAll('tbody tr').length > 20");
}

static void who_has_no_link_is_asked_for_it(void **state)
{
	(void)state;
	web_start(&web, &cal, "", NULL);
	/* Whoever came in before has a cookie that another server's token sealed. */
	visit("/");
	see("Open the link that gabbai serve printed");
	type("#token", "http://127.0.0.1:7070/#t=nothing");
	press("button", "Continue");
	see_that("document.querySelector('#token-error').textContent.length > 5");
	AUTO(text) char *link = xasprintf("http://127.0.0.1:%d/#t=%s", web.port, web.start);
	type("#token", link);
	press("button", "Continue");
	see("Integrations");
	see_that("!location.href.includes('t=') && !document.cookie");
}

static void a_run_that_fails_says_why_and_what_to_do(void **state)
{
	(void)state;
	enter("blocked", NULL);
	AUTO(reply) struct reply run = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	assert_status(run, 202);
	see("\"Paused\"");
	press("link", "Runs");
	press("link", "Visa Cal");
	see("The site has blocked the account.");
	see("ACCOUNT_BLOCKED");
	see("Opening the login");
	/* Steps take seconds: "3:20" would be a moment read in the wrong unit. */
	see_that("[...document.querySelectorAll('.phases .amount')].every(time => !time.textContent.includes(':'))");
	press_element("text=What the browser saw");
	see("There is no picture: something secret may have been on the page.");
	see("The page, as HTML");
}

static void a_picture_of_what_failed_is_behind_a_click(void **state)
{
	(void)state;
	enter("waf", NULL);
	AUTO(reply) struct reply run = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	assert_status(run, 202);
	see("\"Blocked by the site\"");
	visit("/#/runs/1");
	press_element("text=What the browser saw");
	see_that("document.querySelector('.shot img')?.naturalWidth > 300");
}

static void hebrew_reads_from_the_right(void **state)
{
	(void)state;
	enter("", NULL);
	press("link", "Settings");
	assert_ok(cdp_page_check(screen.page, "input[name=language][value=he]", true, SCREEN_MS, &screen.err), &screen.err);
	see_that("document.documentElement.dir === 'rtl' && document.documentElement.lang === 'he'");
	visit("/");
	see_that("document.documentElement.dir === 'rtl' && document.querySelector('h1')?.textContent === 'חיבורים'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		on_screen(an_account_is_connected_by_fields_of_the_page_and_collected),
		on_screen(who_has_no_link_is_asked_for_it),
		on_screen(a_run_that_fails_says_why_and_what_to_do),
		on_screen(a_picture_of_what_failed_is_behind_a_click),
		on_screen(hebrew_reads_from_the_right),
	};

	return screen_run(tests);
}
