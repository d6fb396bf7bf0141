/* Connecting an account on the server's page, in each of the ways that guided is not: with the hands in the live view, in a
 * window of the server's machine, and by importing a session.  Each ends in results that are shown. */
#include "tests/lib/asserts.h"
#include "tests/lib/screen.h"

#include <string.h>
#include <unistd.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define SITE_FRAME "connect.cal-online"

/* What is connected is collected without signing in, and shown. */
static void collect_and_look(void)
{
	see("\"Connected\"");
	const int logins = cal_seen(&cal, "/authentication/login");
	press("button", "Collect now");
	see("/[0-9]+ transactions/");
	wait_until_no_run();
	assert_int_equal(cal_seen(&cal, "/authentication/login"), logins);
	press("link", "Results");
	see("Spending by month");
	see("Upcoming debits");
	see_that("[...document.querySelectorAll('svg.chart')].filter(chart => chart.querySelectorAll('rect').length > 3).length > 2");
	press("link", "Transactions");
	see_that("document.querySelectorAll('tbody tr').length > 20");
}

/* ---- the live view ---- */

/* Where a point of the site's page is in the picture. */
static void press_in_view(struct shown *shown, const char *frame, const char *selector)
{
	double x, y;

	shown_find(shown, frame, selector, &x, &y);
	AUTO(json) cJSON *room = cdp_page_eval(shown->page, "[innerWidth, innerHeight]", NULL, &screen.err);
	assert_ok(room != NULL, &screen.err);
	AUTO(json) cJSON *box = cdp_page_eval(screen.page, "(() => { const r = document.querySelector('.live canvas').getBoundingClientRect();"
		" return [r.left, r.top, r.width, r.height]; })()", NULL, &screen.err);
	assert_ok(box != NULL, &screen.err);
	double at[2];
	const double point[] = { x, y };
	for (int i = 0; i < 2; i++)
		at[i] = cJSON_GetArrayItem(box, i)->valuedouble
			+ point[i] * cJSON_GetArrayItem(box, i + 2)->valuedouble / cJSON_GetArrayItem(room, i)->valuedouble;
	heard_press_at(screen.page, at[0], at[1]);
}

static void type_in_view(struct shown *shown, const char *frame, const char *selector, const char *text)
{
	AUTO(text) char *holds = xasprintf("document.querySelector(\"%s\").value === '%s'", selector, text);

	press_in_view(shown, frame, selector);
	AUTO(json) cJSON *focused = cdp_page_wait_eval(shown->page, "document.hasFocus()", &(struct cdp_eval_opts){
		.timeout_ms = SCREEN_MS }, &screen.err);
	assert_ok(focused != NULL, &screen.err);
	type_keys(text);
	AUTO(json) cJSON *typed = cdp_page_wait_eval(shown->page, holds, &(struct cdp_eval_opts){ .timeout_ms = SCREEN_MS,
		.frame = cdp_page_frame(shown->page, frame) }, &screen.err);
	assert_ok(typed != NULL, &screen.err);
}

static void a_person_signs_in_with_the_hands_in_the_live_view(void **state)
{
	struct shown shown = { 0 };

	(void)state;
	enter("", NULL);
	press("button", "Connect");
	press("button", "Live view");
	see("A browser window has opened... Complete the login process...");
	see_that("document.querySelector('.live-over').hidden && document.querySelector('.live canvas').width > 300");
	assert_int_equal((int)number_of("+document.querySelector('.finish .primary').disabled"), 1);

	shown_open(&shown);
	press_in_view(&shown, NULL, "#ccLoginDesktopBtn, #ccLoginMobileBtn:not([hidden])");
	press_in_view(&shown, SITE_FRAME, "#regular-login");
	type_in_view(&shown, SITE_FRAME, "input[formcontrolname=userName]", "otp1");
	type_in_view(&shown, SITE_FRAME, "input[formcontrolname=password]", "Secret123");
	/* Whoever looks over a shoulder sees dots: the field over the picture is one for passwords, too. */
	see_that("document.querySelector('.live-sink').type === 'password' && !document.querySelector('.live-sink').value.includes('S')");
	press_in_view(&shown, SITE_FRAME, "regular-login button[type=submit]");
	AUTO(text) char *code = phone_code();
	type_in_view(&shown, SITE_FRAME, "input[formcontrolname=otp]", code);
	press_in_view(&shown, SITE_FRAME, "form.code-form button[type=submit]");
	see("Login detected!");
	shown_close(&shown);
	press("button", "I Finished Login");
	see("Connection successful! Session saved.");
	see_no_more("dialog");
	collect_and_look();
}

/* ---- import ---- */

static void paste(const char *text)
{
	AUTO(json) cJSON *string = cJSON_CreateString(text);
	AUTO(text) char *literal = json_print(string);
	AUTO(text) char *script = xasprintf("(() => { const field = document.querySelector('#import-text'); field.value = %s;"
		" field.dispatchEvent(new Event('input')); return 1; })()", literal);

	see_element("#import-text");
	AUTO(json) cJSON *done = cdp_page_eval(screen.page, script, NULL, &screen.err);
	assert_ok(done != NULL, &screen.err);
}

static void a_session_from_elsewhere_is_imported(void **state)
{
	(void)state;
	/* Connected in a terminal, exported, and forgotten. */
	enter("dana", NULL);
	AUTO(reply) struct reply run = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
	assert_status(run, 202);
	see("\"Connected\"");
	wait_until_no_run();
	AUTO(ran) struct ran exported = gabbai_on(&cal, ARGS("session", "export", "visa-cal", "-f", "gabbai"));
	assert_int_equal(exported.code, 0);
	(void)web_stop(&web);
	served_begin(state);

	enter("", NULL);
	press("button", "Connect");
	press("button", "Import");
	paste("{ \"cookies\": ");
	see("This is not whole JSON");
	paste("no cookies");
	see("There is no cookie in this text");
	assert_int_equal((int)number_of("+[...document.querySelectorAll('dialog .primary')].at(-1).disabled"), 1);
	/* One that is nobody's: well-formed, and refused by the proof. */
	paste("{\"cookies\":[{\"name\":\"x\",\"value\":\"y\",\"domain\":\"www.cal-online.co.il\",\"path\":\"/\",\"expires\":-1,"
		"\"httpOnly\":false,\"secure\":true,\"sameSite\":\"Lax\"}],\"origins\":[]}");
	see("Found: One cookie");
	press("button", "Check and save");
	see_that("document.querySelector('#import-error').textContent.length > 10");
	paste(exported.out);
	press("button", "Check and save");
	see("Connection successful! Session saved.");
	see_no_more("dialog");
	collect_and_look();
}

/* ---- a window on the machine of the server ---- */

static void a_window_opens_where_there_is_a_display(void **state)
{
	struct shown shown = { 0 };

	(void)state;
	if (access("/usr/bin/Xvfb", X_OK) != 0) {
		print_message("no Xvfb on this machine\n");
		skip();
	}
	enter("", NULL);
	press("button", "Connect");
	press("button", "Open a browser window here");
	see("A browser window has opened... Complete the login process...");
	shown_open(&shown);
	static const char *const steps[][2] = {
		{ "#ccLoginDesktopBtn", NULL }, { "frame=connect >> #regular-login", NULL },
		{ "frame=connect >> input[formcontrolname=userName]", "dana" },
		{ "frame=connect >> input[formcontrolname=password]", "Secret123" },
		{ "frame=connect >> regular-login button[type=submit]", NULL },
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		assert_ok(steps[i][1] ? cdp_page_type(shown.page, steps[i][0], steps[i][1], NULL, &screen.err)
			: cdp_page_click(shown.page, steps[i][0], NULL, &screen.err), &screen.err);
	AUTO(json) cJSON *agent = cdp_page_eval(shown.page, "navigator.userAgent", NULL, NULL);
	assert_true(!agent || !strstr(agent->valuestring, "Headless")); /* NULL: the window has done its work */
	shown_close(&shown);
	see("Connection successful! Session saved.");
	see_no_more("dialog");
	collect_and_look();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		on_screen(a_person_signs_in_with_the_hands_in_the_live_view),
		on_screen(a_session_from_elsewhere_is_imported),
		on_screen(a_window_opens_where_there_is_a_display),
	};

	return screen_run(tests);
}
