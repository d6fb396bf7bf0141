/* alert, confirm, prompt: nobody is there to press a button. */
#include "cdp/capture.h"
#include "tests/lib/site.h"

static void D01_alert_in_an_evaluation(void **state)
{
	const char *last = NULL;

	(void)state;
	show("<p>x");
	assert_js("(alert('from inside'), 7)", "7");
	assert_int_equal(cdp_page_dialogs(site.page, &last), 1);
	assert_string_equal(last, "from inside");
}

static void D02_policies(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("[confirm('?'), prompt('?', 'dflt')]", "[false,null]");
	cdp_page_on_dialog(site.page, CDP_ACCEPT, "my words");
	assert_js("[confirm('?'), prompt('?', 'dflt')]", "[true,\"my words\"]");
	cdp_page_on_dialog(site.page, CDP_DISMISS, NULL);
	assert_js("[confirm('?'), prompt('?', 'dflt')]", "[false,null]");
	assert_int_equal(cdp_page_dialogs(site.page, NULL), 6);
}

static void D03_five_alerts_in_a_row(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("[1, 2, 3, 4, 5].map(n => (alert(n), n)).length", "5");
	assert_int_equal(cdp_page_dialogs(site.page, NULL), 5);
	show("<script>for (let i = 0; i < 5; i++) alert(i)</script><p>y");
	assert_int_equal(cdp_page_dialogs(site.page, NULL), 10);
}

static void D04_dialog_of_a_frame_of_another_site(void **state)
{
	(void)state;
	show(words("<iframe name=kid src='%s'></iframe>", there(doc("<p>x"))));
	struct cdp_frame *kid = cdp_page_frame(site.page, "kid");
	assert_non_null(kid);
	assert_js_in(site.page, kid, "(alert('x'), 3)", "3"); /* Chromium may not show it at all */
	assert_js("1", "1");
}

/* The page's own time passes while its dialog is open: nobody services the connection. */
static void D05_page_closed_with_a_dialog_open(void **state)
{
	(void)state;
	struct cdp_page *page = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
	assert_ok(page != NULL, &site.err);
	assert_js_in(page, NULL, "(setTimeout(() => { for (;;) alert('again') }, 10), 1)", "1");
	const int64_t start = clock_ms();
	(void)usleep(200000);
	cdp_page_free(page);
	assert_in_range(clock_ms() - start, 0, 8000);
	assert_js("1 + 1", "2");
}

static void D06_dialog_during_a_picture(void **state)
{
	size_t size = 0;

	(void)state;
	show("<p>picture");
	assert_js("(setTimeout(() => alert('now'), 0), requestAnimationFrame(() => alert('frame')), 1)", "1");
	AUTO(text) char *picture = (char *)cdp_page_screenshot(site.page, &(struct cdp_shot_opts){ .timeout_ms = SOON_MS },
		&size, &site.err);
	assert_ok(picture != NULL, &site.err);
	assert_true(size > 100);
	assert_memory_equal(picture, "\x89PNG", 4);
}

static void D07_a_dialog_that_is_left_open(void **state)
{
	(void)state;
	show("<p>x");
	assert_fails(cdp_page_answer_dialog(site.page, true, NULL, &site.err), &site.err, ERR_INPUT);
	cdp_page_on_dialog(site.page, CDP_ASK, NULL);
	assert_js("(setTimeout(() => { window.said = prompt('who?', 'me') }, 0), 1)", "1");
	const struct deadline until = soon();
	while (!cdp_page_dialog(site.page))
		assert_ok(cdp_conn_wait(cdp_page_conn(site.page), until, &site.err), &site.err);
	assert_string_equal(json_str(cdp_page_dialog(site.page), "kind"), "prompt");
	assert_string_equal(json_str(cdp_page_dialog(site.page), "message"), "who?");
	assert_string_equal(json_str(cdp_page_dialog(site.page), "defaultPrompt"), "me");
	assert_ok(cdp_page_answer_dialog(site.page, true, "you", &site.err), &site.err);
	assert_js_soon("window.said == 'you'");
	assert_null(cdp_page_dialog(site.page));
}

static const struct CMUnitTest tests[] = {
	PAGE(D01_alert_in_an_evaluation),
	PAGE(D02_policies),
	PAGE(D03_five_alerts_in_a_row),
	PAGE(D04_dialog_of_a_frame_of_another_site),
	PAGE(D05_page_closed_with_a_dialog_open),
	PAGE(D06_dialog_during_a_picture),
	PAGE(D07_a_dialog_that_is_left_open),
};

int main(void)
{
	return site_run(tests);
}
