/* Codes on the server's page: wrong, late, cancelled, answered elsewhere, and through a crash of the server. */
#include "tests/lib/asserts.h"
#include "tests/lib/screen.h"

#include <signal.h>
#include <string.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static void answer_in_the_dialog(const char *code)
{
	type(CODE_FIELD, code);
	press("button", "Submit code");
}

/* What the last run has come to. */
static void assert_last_run(const char *part)
{
	wait_until_no_run();
	AUTO(reply) struct reply runs = web_get(&web, "/api/runs?limit=1");
	assert_contains(runs.body, part);
}

/* Asked before the page was opened; it is there, again after a reload, and a second tab may answer. */
static void a_code_that_was_asked_for_before_is_asked_for(void **state)
{
	(void)state;
	enter("otp1", NULL);
	need_a_code();
	AUTO(text) char *code = phone_code();
	visit("/");
	see_element(CODE_FIELD);
	assert_ok(cdp_page_reload(screen.page, NULL, NULL, &screen.err), &screen.err);
	see_element(CODE_FIELD);

	struct cdp_page *first = screen.page;
	screen.page = heard_open(screen.browser, 390);
	visit("/");
	answer_in_the_dialog(code);
	assert_last_run("\"exitCode\":0");
	heard_close(screen.page);
	screen.page = first;
	see_no_more("dialog");
	see("579 transactions");
}

static void a_wrong_code_is_said_to_be_wrong_and_the_next_one_counts(void **state)
{
	(void)state;
	enter("otp1", NULL);
	need_a_code();
	AUTO(text) char *code = phone_code();
	AUTO(text) char *wrong = wrong_code(code);
	type(CODE_FIELD, "12");
	press("button", "Submit code");
	see("A code has 4 to 10 digits or letters.");
	answer_in_the_dialog(wrong);
	see("That code was wrong. 2 tries left.");
	see_that("document.activeElement.matches('" CODE_FIELD "') && document.activeElement.getAttribute('aria-invalid') === 'true'");
	/* As messages have it, with words around. */
	AUTO(text) char *parts = xasprintf("%.3s-%s", code, code + 3);
	answer_in_the_dialog(parts);
	see("Code accepted.");
	see("579 transactions");
}

static void nobody_answers_and_the_page_says_so(void **state)
{
	(void)state;
	enter("otp1", ARGS("--otp-timeout", "4"));
	need_a_code();
	see_element(CODE_FIELD);
	see("The time for the code is over.");
	see_no_more("dialog");
	assert_last_run("OTP_TIMEOUT");
	press("link", "Runs");
	press("link", "Visa Cal");
	see("OTP_TIMEOUT");
	press("button", "Try again");
	see_element(CODE_FIELD);
}

static void a_run_can_be_cancelled_where_its_code_is_asked_for(void **state)
{
	(void)state;
	enter("otp1", NULL);
	need_a_code();
	press("button", "Cancel the run");
	see_no_more("dialog");
	assert_last_run("OTP_CANCELLED");
}

/* Who puts the question off is still asked, but not in the way. */
static void a_question_that_was_put_off_waits_in_a_banner(void **state)
{
	(void)state;
	enter("otp1", NULL);
	need_a_code();
	AUTO(text) char *code = phone_code();
	see_element(CODE_FIELD);
	assert_ok(cdp_page_press(screen.page, "Escape", &screen.err), &screen.err);
	see_no_more("dialog");
	see("Visa Cal waits for a code.");
	press("button", "Answer");
	answer_in_the_dialog(code);
	see("579 transactions");
}

/* The server dies and is started anew: the run does not notice, and the page comes back by itself. */
static void a_run_is_answered_after_the_server_was_started_anew(void **state)
{
	(void)state;
	enter("otp1", NULL);
	need_a_code();
	AUTO(text) char *code = phone_code();
	see_element(CODE_FIELD);
	AUTO(text) char *where = xasprintf("127.0.0.1:%d", web.port);
	assert_int_equal(kill(web.pid, SIGKILL), 0);
	(void)program_end(web.pid);
	web.pid = 0;
	(void)web_stop(&web);
	see("No connection to gabbai. Trying again…");

	web_start(&web, &cal, "otp1", ARGS("--listen", where));
	see_no_more("text=No connection to gabbai");
	answer_in_the_dialog(code);
	see("579 transactions");
	assert_last_run("\"exitCode\":0");
	assert_true(web_has_no_browser(&web));
}

/* The phone's page has one question, and nothing else. */
static void a_link_for_the_phone_answers_one_question(void **state)
{
	(void)state;
	enter("otp1", NULL);
	need_a_code();
	see_element(CODE_FIELD);
	press("button", "Answer on a phone");
	see_that("document.querySelector('#phone-link')?.value.startsWith(location.origin + '/o/')");
	AUTO(json) cJSON *link = cdp_page_eval(screen.page, "new URL(document.querySelector('#phone-link').value).pathname", NULL, &screen.err);
	assert_ok(link != NULL, &screen.err);
	AUTO(text) char *code = phone_code();
	AUTO(text) char *wrong = wrong_code(code);

	struct cdp_page *desk = screen.page;
	screen.page = heard_open(screen.browser, 390);
	visit(link->valuestring);
	answer_in_the_dialog(wrong);
	see("That code was wrong. 2 tries left.");
	answer_in_the_dialog(code);
	see("Code accepted.");
	assert_last_run("\"exitCode\":0");
	heard_close(screen.page);
	screen.page = desk;
	see_no_more("dialog");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		on_screen(a_code_that_was_asked_for_before_is_asked_for),
		on_screen(a_wrong_code_is_said_to_be_wrong_and_the_next_one_counts),
		on_screen(nobody_answers_and_the_page_says_so),
		on_screen(a_run_can_be_cancelled_where_its_code_is_asked_for),
		on_screen(a_question_that_was_put_off_waits_in_a_banner),
		on_screen(a_run_is_answered_after_the_server_was_started_anew),
		on_screen(a_link_for_the_phone_answers_one_question),
	};

	return screen_run(tests);
}
