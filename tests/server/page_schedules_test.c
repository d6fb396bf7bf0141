/* Schedules in the page: one is set, says when it is due, is paused, and taken away. */
#include "tests/lib/asserts.h"
#include "tests/lib/screen.h"

static void a_schedule_is_set_paused_and_taken_away(void **state)
{
	(void)state;
	enter("dana", NULL);
	press("link", "Schedules");
	see("No schedules yet");
	type("#schedule-zone", "Asia/Jerusalem");
	see_that("document.querySelectorAll('.next li').length === 5");
	press("button", "Set the schedule");
	see("Daily at");
	see_that("document.querySelector('tbody tr th').textContent === 'Visa Cal'");
	see_that("document.querySelector('tbody tr').textContent.includes('07:30')");
	AUTO(reply) struct reply all = web_get(&web, "/api/schedules");
	assert_string_equal(json_str(all.json, "schedules.0.cron"), "30 7 * * *");
	assert_string_equal(json_str(all.json, "schedules.0.quiet"), "22:00-08:00");
	press("button", "Pause");
	see("Paused");
	press("button", "Go on");
	see_that("!document.querySelector('tbody').textContent.includes('Paused')");
	press("button", "Take away");
	press_element("dialog[open] button.danger");
	see("No schedules yet");
}

static void what_is_typed_says_when_or_why_not(void **state)
{
	(void)state;
	enter("dana", NULL);
	visit("/#/schedules");
	press_element("input[name=how][value=cron]");
	type("#schedule-cron", "30 2 26 3 *");
	type("#schedule-zone", "Asia/Jerusalem");
	see_that("document.querySelector('.next li time')?.dateTime === '2027-03-26T00:00:00.000Z'"); /* right after the jump */
	type("#schedule-cron", "61 * * * *");
	see("the minute");
	see_that("document.querySelectorAll('.next li').length === 0");
	type("#schedule-cron", "0 9 * * MON");
	see_that("document.querySelectorAll('.next li').length === 5");
}

static void what_others_add_is_seen(void **state)
{
	(void)state;
	enter("dana", NULL);
	press("link", "Schedules");
	see("No schedules yet");
	AUTO(reply) struct reply added = web_post(&web, "/api/schedules", "{\"site\":\"hotmart\",\"cron\":\"0 6 * * MON\","
		"\"timezone\":\"America/Sao_Paulo\"}");
	assert_status(added, 201);
	see("0 6 * * MON");
	see("America/Sao_Paulo");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		on_screen(a_schedule_is_set_paused_and_taken_away),
		on_screen(what_is_typed_says_when_or_why_not),
		on_screen(what_others_add_is_seen),
	};

	return screen_run(tests);
}
