/* Navigation, against a fake browser: the orders in which its events may come. */
#include "cdp/page.h"

#include "cdp/conn.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum { SHORT_MS = 200 }; /* for what never comes, after what does */

static bool go(struct cdp_page *page, const char *url, struct cdp_visit *visit, struct error *err)
{
	return cdp_page_goto(page, url, NULL, visit, err);
}

static void a_document_loads(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_frame *frame = cdp_page_main_frame(page);
	struct cdp_visit visit = { .status = 77, .same_document = true };
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/", &visit, &err), &err);
	assert_string_equal(cdp_page_url(page), "http://a.test/"); /* not before it was there */
	assert_ptr_equal(cdp_page_main_frame(page), frame);
	assert_int_equal(visit.status, 0);
	assert_false(visit.same_document);
	talk_next(*state);
}

static void events_come_before_the_reply(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
}

/* How far a document gets, and what is waited for. */
static const struct {
	enum cdp_ready ready;
	const char *reached; /* NULL: no more than the commit */
	const char *missing; /* in the error; NULL: it is enough */
} levels[] = {
	{ CDP_COMMITTED, NULL,               NULL },
	{ CDP_PARSED,    NULL,               "DOMContentLoaded" },
	{ CDP_PARSED,    "DOMContentLoaded", NULL },
	{ CDP_PARSED,    "load",             NULL }, /* a document that is loaded has been parsed */
	{ CDP_LOADED,    "DOMContentLoaded", "load" },
	{ CDP_LOADED,    "load",             NULL },
	{ CDP_IDLE,      "load",             "a quiet network" },
	{ CDP_IDLE,      "networkIdle",      "a quiet network" }, /* quiet before it was loaded */
};

static void each_level_is_waited_for(void **state)
{
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		AUTO(text) char *line = levels[i].reached
			? xasprintf("* Page.lifecycleEvent {\"frameId\":\"T\",\"loaderId\":\"L1\",\"name\":\"%s\"} @S",
				levels[i].reached)
			: xstrdup("# nothing more");
		struct talk *talk = talk_begin(state, "each_level_is_waited_for", line);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		const bool ok = cdp_page_goto(page, "http://a.test/", &(struct cdp_goto_opts){
			.ready = levels[i].ready,
			.timeout_ms = levels[i].missing ? SHORT_MS : 0 }, NULL, &err);
		if (!levels[i].missing) {
			assert_ok(ok, &err);
		} else {
			assert_fails(ok, &err, ERR_TIMEOUT);
			assert_contains(err.text, levels[i].missing);
			assert_contains(err.text, "http://a.test/");
		}
		talk_finish(state);
	}
}

static void the_load_of_another_document_does_not_count(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const struct cdp_goto_opts brief = { .timeout_ms = SHORT_MS };
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
	assert_fails(cdp_page_goto(page, "http://b.test/", &brief, NULL, &err), &err, ERR_TIMEOUT);
	assert_contains(err.text, "load");
	assert_string_equal(cdp_page_url(page), "http://b.test/");
}

static void never(struct talk *talk, const char *words)
{
	struct cdp_page *page = talk_open(talk, NULL);
	struct error err = { 0 };

	assert_fails(cdp_page_goto(page, "http://a.test/", &(struct cdp_goto_opts){ .timeout_ms = SHORT_MS }, NULL,
		&err), &err, ERR_TIMEOUT);
	assert_contains(err.text, words);
	assert_contains(err.text, "http://a.test/");
}

static void the_response_never_comes(void **state)
{
	never(*state, "the response");
}

static void the_browser_does_not_even_answer(void **state)
{
	never(*state, "Page.navigate");
}

static void only_the_fragment_changes(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_visit visit = { 0 };
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/#part", &visit, &err), &err);
	assert_true(visit.same_document);
	assert_string_equal(cdp_page_url(page), "http://a.test/#part");
}

static void a_navigation_is_aborted(void **state)
{
	static const char *const answers[] = {
		"{\"frameId\":\"T\",\"loaderId\":\"L1\",\"errorText\":\"net::ERR_ABORTED\"}",
		"{\"frameId\":\"T\",\"errorText\":\"net::ERR_ABORTED\"}", /* a dismissed beforeunload */
	};

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct talk *talk = talk_begin(state, "a_navigation_is_aborted", answers[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		assert_fails(go(page, "http://a.test", NULL, &err), &err, ERR_NAVIGATION);
		assert_contains(err.text, "net::ERR_ABORTED");
		assert_string_equal(cdp_page_url(page), "about:blank");
		talk_finish(state);
	}
}

static void a_response_without_content_changes_nothing(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_visit visit = { 0 };
	struct error err = { 0 };

	assert_fails(go(page, "http://a.test/204", &visit, &err), &err, ERR_NO_CONTENT);
	assert_int_equal(visit.status, 204);
	assert_string_equal(cdp_page_url(page), "about:blank");
}

static void a_navigation_becomes_a_download(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_fails(go(page, "http://a.test/file", NULL, &err), &err, ERR_DOWNLOAD);
	assert_string_equal(cdp_page_url(page), "about:blank");
}

static void the_browser_shows_its_own_error_page_late(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_fails(go(page, "http://refused.test/", NULL, &err), &err, ERR_NAVIGATION);
	assert_contains(err.text, "net::ERR_CONNECTION_REFUSED");
	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
}

static void an_error_without_a_body_is_a_response(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_visit visit = { 0 };
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/missing", &visit, &err), &err);
	assert_int_equal(visit.status, 404);
	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
}

static void another_navigation_takes_over(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_fails(go(page, "http://a.test/", NULL, &err), &err, ERR_INTERRUPTED);
	assert_contains(err.text, "http://a.test/");
	assert_contains(err.text, "http://b.test/#x");
}

static void an_aborted_navigation_names_what_took_over(void **state)
{
	static const char *const others[] = {
		"Page.frameStartedNavigating {\"frameId\":\"T\",\"loaderId\":\"L2\",\"url\":\"http://b.test/\"}",
		"Page.frameNavigated {\"frame\":{\"id\":\"T\",\"loaderId\":\"L2\",\"url\":\"http://b.test/\"}}",
	};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct talk *talk = talk_begin(state, "an_aborted_navigation_names_what_took_over", others[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		assert_fails(go(page, "http://a.test/", NULL, &err), &err, ERR_INTERRUPTED);
		assert_contains(err.text, "http://b.test/");
		talk_finish(state);
	}
}

static void a_page_that_goes_on_by_itself_was_there(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
	assert_string_equal(cdp_page_url(page), "http://a.test/home");
}

static void a_page_goes_on_while_it_is_waited_for(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
	assert_string_equal(cdp_page_url(page), "http://a.test/home");
}

static void redirects_are_counted(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_visit visit = { 0 };
	struct error err = { 0 };

	assert_ok(go(page, "http://a.test/1", &visit, &err), &err);
	assert_int_equal(visit.redirects, 2);
	assert_int_equal(visit.status, 203);
}

static void going_back_may_say_little(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_go_back(page, NULL, &err), &err);
	assert_string_equal(cdp_page_url(page), "http://a.test/");
	assert_ok(cdp_page_go_back(page, NULL, &err), &err);
	assert_string_equal(cdp_page_url(page), "http://a.test/#before");
	assert_fails(cdp_page_go_back(page, NULL, &err), &err, ERR_INPUT);
	assert_fails(cdp_page_go_back(page, NULL, &err), &err, ERR_INPUT);
}

static void a_reload_is_another_document(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_reload(page, NULL, NULL, &err), &err);
	assert_string_equal(cdp_page_url(page), "http://a.test/");
}

static void other_schemes_are_not_opened(void **state)
{
	static const char *const urls[] = {
		"", "javascript:alert(1)", "file:///etc/passwd", "chrome://version", "chrome-error://x", "about:config",
		" http://a.test/", "httpx://a.test/", "view-source:http://a.test/", "ftp://a.test/",
	};
	struct cdp_page *page = talk_open(*state, NULL);

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct error err = { 0 };
		assert_fails(go(page, urls[i], NULL, &err), &err, ERR_INPUT);
	}
	talk_next(*state); /* and nothing was sent */
}

static void the_main_frame_gets_another_id(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct cdp_frame *frame = cdp_page_main_frame(page), *frames[4];
	struct error err = { 0 };

	talk_next(*state);
	assert_ptr_equal(cdp_page_main_frame(page), frame);
	assert_int_equal(cdp_page_frames(page, frames, 4), 1);
	assert_string_equal(cdp_frame_id(frame), "T-PRERENDERED");
	assert_string_equal(cdp_page_url(page), "http://a.test/early");
	assert_ok(go(page, "http://a.test/", NULL, &err), &err);
}

static void an_address_is_waited_for(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	cdp_post(cdp_page_conn(page), NULL, "Test.go", NULL);
	assert_ok(cdp_page_wait_url(page, "/three", deadline_in_ms(10000), &err), &err);
	assert_fails(cdp_page_wait_url(page, "/four", deadline_in_ms(10), &err), &err, ERR_TIMEOUT);
	assert_contains(err.text, "/four");
	assert_contains(err.text, "http://a.test/three"); /* where it is instead */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(a_document_loads),
		TALK(events_come_before_the_reply),
		TALKS(each_level_is_waited_for),
		TALK(the_load_of_another_document_does_not_count),
		TALK(the_response_never_comes),
		TALK(the_browser_does_not_even_answer),
		TALK(only_the_fragment_changes),
		TALKS(a_navigation_is_aborted),
		TALK(a_response_without_content_changes_nothing),
		TALK(a_navigation_becomes_a_download),
		TALK(the_browser_shows_its_own_error_page_late),
		TALK(an_error_without_a_body_is_a_response),
		TALK(another_navigation_takes_over),
		TALKS(an_aborted_navigation_names_what_took_over),
		TALK(a_page_that_goes_on_by_itself_was_there),
		TALK(a_page_goes_on_while_it_is_waited_for),
		TALK(redirects_are_counted),
		TALK(going_back_may_say_little),
		TALK(a_reload_is_another_document),
		TALK(other_schemes_are_not_opened),
		TALK(the_main_frame_gets_another_id),
		TALK(an_address_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
