/* Pages, against a fake browser: how they open, close, crash, and what they ask. */
#include "cdp/page.h"

#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/network.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum {
	SOON_MS = 10000, /* for what takes milliseconds */
	LOST_MS = 1000,  /* in which a crash must be noticed */
};

/* A page in a browser that holds new windows. */
static struct cdp_page *open_window(struct talk *talk)
{
	struct error err = { 0 };

	talk->page = cdp_page_open(talk_attach(talk, true), NULL, NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(talk->page, &err);
	return talk->page;
}

static struct deadline soon(void)
{
	return deadline_in_ms(SOON_MS);
}

/* ---- opening ---- */

static void a_page_opens_in_order(void **state)
{
	struct talk *talk = *state;
	struct cdp_page *page = talk_open(talk, NULL);
	struct cdp_frame *frames[4];

	assert_string_equal(cdp_browser_version(talk->browser), "Chrome/156.0.8078.79");
	assert_string_equal(cdp_page_target(page), "T");
	assert_string_equal(cdp_page_url(page), "about:blank");
	assert_int_equal(cdp_page_frames(page, frames, 4), 2);
	assert_string_equal(cdp_frame_name(frames[0]), "top");
	assert_string_equal(cdp_frame_url(frames[1]), "http://a.test/in");
	assert_ptr_equal(cdp_frame_parent(frames[1]), frames[0]);
	assert_false(cdp_page_is_closed(page));
	talk->page = NULL;
	cdp_page_free(page);
	talk_next(talk);
}

static void a_page_opens_as_it_is_wanted(void **state)
{
	char agent[] = "Own/1.0";
	const struct cdp_page_opts opts = {
		.no_network = true,
		.keep_visibility = true,
		.user_agent = agent,
		.locale = "he-IL",
		.timezone = "Asia/Jerusalem",
		.width = 800,
		.height = 600,
	};

	(void)talk_open(*state, &opts);
	memset(agent, 'x', sizeof agent - 1); /* the page has a copy */
}

static void a_held_window_is_let_run_last(void **state)
{
	assert_string_equal(cdp_page_url(open_window(*state)), "about:blank");
}

static void a_window_that_attaches_late_opens_all_the_same(void **state)
{
	struct error err = { 0 };
	AUTO(json) cJSON *value = cdp_page_eval(open_window(*state), "1", NULL, &err);

	assert_ok(value, &err);
}

static void windows_of_others_are_let_go(void **state)
{
	(void)talk_attach(*state, true);
	talk_next(*state);
	talk_next(*state);
}

static void an_open_page_is_taken_over(void **state)
{
	struct talk *talk = *state;
	struct error err = { 0 };

	talk->page = cdp_page_attach(talk_attach(talk, false), "T", NULL, soon(), &err);
	assert_ok(talk->page, &err);
	assert_string_equal(cdp_page_url(talk->page), "http://a.test/");
	talk_next(talk);
}

static void opening_without_an_answer_has_an_error(void **state)
{
	struct cdp_browser *browser = talk_attach(*state, false);

	for (int i = 0; i < 3; i++) {
		struct error err = { 0 };
		assert_fails(cdp_page_open(browser, NULL, NULL, soon(), &err) != NULL, &err, ERR_PROTOCOL);
	}
	struct error err = { 0 };
	assert_fails(cdp_context_new(browser, soon(), &err) != NULL, &err, ERR_PROTOCOL);
}

static void a_tree_without_frames_is_no_page(void **state)
{
	struct talk *talk = *state;
	struct error err = { 0 };

	talk->page = cdp_page_open(talk_attach(talk, false), NULL, NULL, soon(), &err);
	assert_fails(talk->page != NULL, &err, ERR_PROTOCOL);
}

/* ---- new windows ---- */

static void a_popup_is_a_page(void **state)
{
	struct cdp_page *page = open_window(*state);
	struct error err = { 0 };

	assert_ok(cdp_page_add_init_script(page, "early()", &err), &err);
	AUTO(json) cJSON *opened = cdp_page_eval(page, "window.open('/new')", NULL, &err);
	assert_ok(opened, &err);
	AUTO(page) struct cdp_page *popup = cdp_page_next_popup(page, soon(), &err);
	assert_ok(popup, &err);
	assert_string_equal(cdp_page_target(popup), "T2");
	assert_string_equal(cdp_page_url(popup), "http://a.test/new"); /* the event is newer than the tree */
	AUTO(page) struct cdp_page *none = cdp_page_next_popup(page, deadline_in_ms(10), &err);
	assert_fails(none != NULL, &err, ERR_TIMEOUT);
}

static void a_popup_that_closes_at_once_is_a_closed_page(void **state)
{
	struct cdp_page *page = open_window(*state);
	struct error err = { 0 };
	AUTO(json) cJSON *opened = cdp_page_eval(page, "window.open('/new')", NULL, &err);

	assert_ok(opened, &err);
	AUTO(page) struct cdp_page *popup = cdp_page_next_popup(page, soon(), &err);
	assert_ok(popup, &err);
	assert_true(cdp_page_is_closed(popup));
	assert_string_equal(cdp_page_url(popup), "");
	AUTO(json) cJSON *value = cdp_page_eval(popup, "1", NULL, &err);
	assert_fails(value != NULL, &err, ERR_CLOSED);
	assert_fails(cdp_page_goto(popup, "http://a.test/", NULL, NULL, &err), &err, ERR_CLOSED);
	assert_fails(cdp_page_reload(popup, NULL, NULL, &err), &err, ERR_CLOSED);
	assert_fails(cdp_page_click(popup, "#x", NULL, &err), &err, ERR_CLOSED);
	assert_fails(cdp_page_wait(popup, "#x", NULL, &err), &err, ERR_CLOSED);
}

/* ---- the end of a page ---- */

static void a_crash_fails_what_waits(void **state)
{
	static const char *const words[] = {
		"* Inspector.targetCrashed {} @S",
		"* Target.targetCrashed {\"targetId\":\"T\",\"status\":\"crashed\",\"errorCode\":11}",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct talk *talk = talk_begin(state, "a_crash_fails_what_waits", words[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		const struct deadline lost = deadline_in_ms(LOST_MS);
		struct error err = { 0 };
		AUTO(json) cJSON *value = cdp_page_eval(page, "crash()", NULL, &err);
		assert_fails(value != NULL, &err, ERR_CRASHED);
		AUTO(json) cJSON *later = cdp_page_eval(page, "1", NULL, &err);
		assert_fails(later != NULL, &err, ERR_CRASHED);
		assert_false(deadline_passed(lost));
		assert_false(cdp_page_is_closed(page));
		/* Another document brings it back to life. */
		assert_ok(cdp_page_goto(page, "http://a.test/", NULL, NULL, &err), &err);
		AUTO(json) cJSON *again = cdp_page_eval(page, "1", NULL, &err);
		assert_ok(again, &err);
		talk_finish(state);
	}
}

static bool wait_goto(struct cdp_page *page, struct error *err)
{
	return cdp_page_goto(page, "http://a.test/", NULL, NULL, err);
}

static bool wait_reload(struct cdp_page *page, struct error *err)
{
	return cdp_page_reload(page, NULL, NULL, err);
}

static bool wait_element(struct cdp_page *page, struct error *err)
{
	return cdp_page_wait(page, "#never", NULL, err);
}

static bool wait_hidden(struct cdp_page *page, struct error *err)
{
	return cdp_page_wait(page, "#always", &(struct cdp_wait_opts){ .state = CDP_HIDDEN }, err);
}

static bool wait_click(struct cdp_page *page, struct error *err)
{
	return cdp_page_click(page, "#never", NULL, err);
}

static bool wait_url(struct cdp_page *page, struct error *err)
{
	return cdp_page_wait_url(page, "never", soon(), err);
}

static bool wait_true(struct cdp_page *page, struct error *err)
{
	AUTO(json) cJSON *value = cdp_page_wait_eval(page, "false", NULL, err);

	return value != NULL;
}

static bool wait_binding(struct cdp_page *page, struct error *err)
{
	AUTO(text) char *payload = cdp_page_next_binding(page, "never", soon(), err);

	return payload != NULL;
}

static bool wait_popup(struct cdp_page *page, struct error *err)
{
	AUTO(page) struct cdp_page *popup = cdp_page_next_popup(page, soon(), err);

	return popup != NULL;
}

static bool wait_request(struct cdp_page *page, struct error *err)
{
	return cdp_network_wait(page, &(struct cdp_exchange_match){ .url_part = "never" }, soon(), err) != NULL;
}

static const struct {
	const char *name;
	bool (*run)(struct cdp_page *page, struct error *err);
} waits[] = {
	{ "goto", wait_goto },
	{ "reload", wait_reload },
	{ "an element", wait_element },
	{ "an element to hide", wait_hidden },
	{ "click", wait_click },
	{ "a url", wait_url },
	{ "a condition", wait_true },
	{ "a binding", wait_binding },
	{ "a popup", wait_popup },
	{ "a request", wait_request },
};

static void a_crash_ends_every_wait(void **state)
{
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		struct talk *talk = talk_begin(state, "a_crash_ends_every_wait", NULL);
		struct cdp_page *page = talk_open(talk, NULL);
		const struct deadline lost = deadline_in_ms(LOST_MS);
		struct error err = { 0 };
		cdp_post(cdp_page_conn(page), NULL, "Test.crash", NULL);
		if (waits[i].run(page, &err) || err.code != ERR_CRASHED || deadline_passed(lost))
			fail_msg("waiting for %s: %s %s", waits[i].name, error_name(err.code), err.text);
		talk_finish(state);
	}
}

static void a_crash_ends_going_back(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_fails(cdp_page_go_back(page, &(struct cdp_goto_opts){ .timeout_ms = LOST_MS }, &err), &err, ERR_CRASHED);
}

static void a_crash_ends_waiting_for_a_body(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	size_t size;

	talk_next(*state);
	cdp_post(cdp_page_conn(page), NULL, "Test.crash", NULL);
	AUTO(text) char *body = cdp_network_body(page, cdp_network_now(page), &size, deadline_in_ms(LOST_MS), &err);
	assert_fails(body != NULL, &err, ERR_CRASHED);
}

static void a_closed_page_fails_what_waits(void **state)
{
	struct talk *talk = *state;
	struct cdp_page *page = talk_open(talk, NULL);
	const struct deadline lost = deadline_in_ms(LOST_MS);
	struct error err = { 0 };
	AUTO(json) cJSON *value = cdp_page_eval(page, "close()", NULL, &err);

	assert_fails(value != NULL, &err, ERR_CLOSED);
	assert_false(deadline_passed(lost));
	assert_true(cdp_page_is_closed(page));
	assert_fails(cdp_page_goto(page, "http://a.test/", NULL, NULL, &err), &err, ERR_CLOSED);
	talk_next(talk); /* the browser itself goes on */
}

static void the_browser_dies_between_events(void **state)
{
	static const char *const ends[] = { "die", "drop" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct talk *talk = talk_begin(state, "the_browser_dies_between_events", ends[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		cdp_post(cdp_page_conn(page), NULL, "Test.go", NULL);
		talk_wait_gone(talk);
		AUTO(json) cJSON *value = cdp_page_eval(page, "1", &(struct cdp_eval_opts){ .timeout_ms = LOST_MS }, &err);
		assert_fails(value != NULL, &err, ERR_DISCONNECTED);
		talk_finish(state);
	}
}

/* ---- dialogs ---- */

static void a_dialog_is_answered_at_once(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const char *last = NULL;
	struct error err = { 0 };

	assert_int_equal(cdp_page_dialogs(page, &last), 0);
	assert_null(last);
	AUTO(json) cJSON *value = cdp_page_eval(page, "alert('hello')", NULL, &err);
	assert_ok(value, &err);
	assert_int_equal(cdp_page_dialogs(page, &last), 1);
	assert_string_equal(last, "hello");
}

static void dialogs_are_answered_as_is_wanted(void **state)
{
	static const struct {
		enum cdp_dialog_policy policy;
		const char *prompt;
	} rounds[] = { { CDP_DISMISS, "not this" }, { CDP_ACCEPT, "42" }, { CDP_STAY, NULL } };
	struct cdp_page *page = talk_open(*state, NULL);

	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
		cdp_page_on_dialog(page, rounds[i].policy, rounds[i].prompt);
		talk_next(*state);
		talk_next(*state);
	}
	assert_int_equal(cdp_page_dialogs(page, NULL), 9);
}

static void a_page_of_endless_dialogs_is_closed(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	assert_int_equal(cdp_page_dialogs(page, NULL), 21);
	talk_next(*state);
}

static void a_dialog_in_a_frame_of_its_own_process(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const char *last = NULL;

	talk_next(*state);
	assert_int_equal(cdp_page_dialogs(page, &last), 1);
	assert_string_equal(last, "from the frame");
	talk_next(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(a_page_opens_in_order),
		TALK(a_page_opens_as_it_is_wanted),
		TALK(a_held_window_is_let_run_last),
		TALK(a_window_that_attaches_late_opens_all_the_same),
		TALK(windows_of_others_are_let_go),
		TALK(an_open_page_is_taken_over),
		TALK(opening_without_an_answer_has_an_error),
		TALK(a_tree_without_frames_is_no_page),
		TALK(a_popup_is_a_page),
		TALK(a_popup_that_closes_at_once_is_a_closed_page),
		TALKS(a_crash_fails_what_waits),
		TALKS(a_crash_ends_every_wait),
		TALK(a_crash_ends_going_back),
		TALK(a_crash_ends_waiting_for_a_body),
		TALK(a_closed_page_fails_what_waits),
		TALKS(the_browser_dies_between_events),
		TALK(a_dialog_is_answered_at_once),
		TALK(dialogs_are_answered_as_is_wanted),
		TALK(a_page_of_endless_dialogs_is_closed),
		TALK(a_dialog_in_a_frame_of_its_own_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
