/* Frames: trees, other processes, comings and goings, windows. */
#include "tests/lib/site.h"

static struct cdp_frame *frame_of(const char *part)
{
	struct cdp_frame *frame = NULL;

	for (const struct deadline until = soon(); !frame && !deadline_passed(until);) {
		frame = cdp_page_frame(site.page, part);
		if (!frame)
			(void)cdp_conn_wait(cdp_page_conn(site.page), deadline_in_ms(50), NULL);
	}
	if (!frame)
		fail_msg("no frame %s", part);
	return frame;
}

static void F01_tree_of_nested_frames(void **state)
{
	struct cdp_frame *frames[8];

	(void)state;
	const char *inner = doc("<iframe name=leaf src='about:blank'></iframe><p>inner");
	show(words("<iframe name=one src='/%s'></iframe><iframe name=two srcdoc='<p>two'></iframe>", inner));
	assert_int_equal(cdp_page_frames(site.page, frames, 8), 4);
	struct cdp_frame *one = cdp_page_frame(site.page, "one"), *leaf = cdp_page_frame(site.page, "leaf");
	struct cdp_frame *two = cdp_page_frame(site.page, "two"), *top = cdp_page_main_frame(site.page);
	assert_non_null(one);
	assert_non_null(leaf);
	assert_non_null(two);
	assert_ptr_equal(frames[0], top);
	assert_null(cdp_frame_parent(top));
	assert_ptr_equal(cdp_frame_parent(one), top);
	assert_ptr_equal(cdp_frame_parent(two), top);
	assert_ptr_equal(cdp_frame_parent(leaf), one);
	assert_string_equal(cdp_frame_name(one), "one");
	assert_contains(cdp_frame_url(one), "/shown");
	assert_string_equal(cdp_frame_url(leaf), "about:blank");
	assert_string_equal(cdp_frame_url(two), "about:srcdoc");
}

static void F02_frames_come_and_go(void **state)
{
	struct cdp_frame *frames[16];

	(void)state;
	show("<p id=p>top</p>");
	for (int i = 0; i < 5; i++) {
		assert_js("(() => { const f = document.createElement('iframe'); f.id = 'el'; f.name = 'kid';"
			"document.body.append(f); return 1 })()", "1");
		assert_int_equal(cdp_page_frames(site.page, frames, 16), 2);
		struct cdp_frame *kid = frame_of("kid");
		assert_js(words("new Promise(ok => { el.onload = () => ok(1); el.src = '%s' })",
			i % 2 ? there("echo") : here("echo")), "1");
		assert_contains(cdp_frame_url(kid), "/echo");
		assert_js("(el.remove(), 1)", "1");
		for (const struct deadline until = soon(); !cdp_frame_is_detached(kid) && !deadline_passed(until);)
			(void)cdp_conn_wait(cdp_page_conn(site.page), deadline_in_ms(50), NULL);
		assert_true(cdp_frame_is_detached(kid));
		assert_int_equal(cdp_page_frames(site.page, frames, 16), 1);
		const struct cdp_eval_opts opts = { .frame = kid, .timeout_ms = 2000 };
		AUTO(json) cJSON *value = cdp_page_eval(site.page, "1", &opts, &site.err);
		assert_fails(value != NULL, &site.err, ERR_CLOSED);
	}
}

static void F03_evaluate_in_a_frame_of_another_site(void **state)
{
	(void)state;
	show(words("<iframe name=other src='%s'></iframe>", there(doc("<p id=x>over there"))));
	struct cdp_frame *other = frame_of("localhost");
	assert_js("location.hostname", "\"127.0.0.1\"");
	assert_js_in(site.page, other, "location.hostname", "\"localhost\"");
	assert_js_in(site.page, other, "x.textContent", "\"over there\"");
	AUTO(text) char *text = cdp_page_text(site.page, "frame=localhost >> #x", SOON_MS, &site.err);
	assert_ok(text != NULL, &site.err);
	assert_string_equal(text, "over there");
}

static void F04_frame_that_changes_processes(void **state)
{
	(void)state;
	const char *far = there(doc("<p id=x>far")), *near = here(doc("<p id=x>near"));
	show(words("<iframe id=f name=kid src='%s'></iframe>", far));
	struct cdp_frame *kid = frame_of("kid");
	for (int i = 0; i < 6; i++) {
		assert_js_in(site.page, kid, "x.textContent", i % 2 ? "\"near\"" : "\"far\"");
		assert_js(words("new Promise(ok => { f.onload = () => ok(1); f.src = '%s' })", i % 2 ? far : near), "1");
		assert_ptr_equal(cdp_page_frame(site.page, "kid"), kid);
		assert_false(cdp_frame_is_detached(kid));
	}
}

static void F05_frame_removed_under_an_evaluation(void **state)
{
	(void)state;
	show(words("<iframe id=f name=kid src='%s'></iframe>", there(doc("<p>x"))));
	struct cdp_frame *kid = frame_of("kid");
	assert_js_in(site.page, kid, "1", "1");
	assert_js("(setTimeout(() => f.remove(), 300), 1)", "1");
	const int64_t start = clock_ms();
	const struct cdp_eval_opts opts = { .frame = kid, .timeout_ms = SOON_MS };
	AUTO(json) cJSON *value = cdp_page_eval(site.page, "new Promise(() => 0)", &opts, &site.err);
	assert_fails(value != NULL, &site.err, ERR_CLOSED);
	assert_in_range(clock_ms() - start, 0, 5000);
	assert_js("document.querySelectorAll('iframe').length", "0");
}

static void F06_frames_of_every_kind(void **state)
{
	static const char *const kinds[] = { "srcdoc", "data", "javascript", "blank", "shadow", "deep", "deeper" };

	(void)state;
	const char *deep = there(doc(words("<p>deep text</p><iframe name=deeper src='%s'></iframe>", here(doc("<p>deeper text")))));
	show(words("<iframe name=srcdoc srcdoc='<p>srcdoc text'></iframe>"
		"<iframe name=data src='data:text/html,<p>data text'></iframe>"
		"<iframe name=javascript src='javascript:\"<p>javascript text\"'></iframe>"
		"<iframe name=blank></iframe><iframe name=deep src='%s'></iframe><div id=host></div>"
		"<script>frames.blank.document.body.innerHTML = '<p>blank text';"
		"host.attachShadow({mode: 'open'}).innerHTML = '<iframe name=shadow srcdoc=\"<p>shadow text\"></iframe>'</script>",
		deep));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const char *wanted = words("%s text", kinds[i]);
		AUTO(text) char *text = cdp_page_text(site.page, words("frame=* >> text=%s", wanted), SOON_MS, &site.err);
		assert_ok(text != NULL, &site.err);
		assert_string_equal(text, wanted);
	}
}

/* The button is outside of the frame's view, and maybe the frame outside of the page's. */
static void click_in_frame(const char *height_above, const char *style)
{
	const char *inner = there(doc("<body style='height:3000px'><div style='height:1700px'></div>"
		"<button id=b onclick='window.n = (window.n || 0) + 1; window.sure = event.isTrusted'>b</button>"));
	show(words("<div style='height:%s'></div><iframe name=kid style='%s;width:300px;height:200px' src='%s'></iframe>"
		"<div style='height:2000px'></div>", height_above, style, inner));
	const struct cdp_click_opts opts = { .timeout_ms = 3000 };
	struct cdp_frame *kid = frame_of("kid");
	assert_ok(cdp_page_click(site.page, "frame=kid >> #b", &opts, &site.err), &site.err);
	assert_js_in(site.page, kid, "[window.n, window.sure]", "[1,true]");
}

static void F07_click_inside_padded_frame(void **state)
{
	(void)state;
	click_in_frame("10px", "padding:31px;border:17px solid red;margin:40px");
}

static void F07_click_inside_frame_out_of_view(void **state)
{
	(void)state;
	click_in_frame("1200px", "margin:40px");
}

/* Chromium brings the button of another process into view as if the frame had no padding and no border:
 * it stays below the page's edge. */
static void F07_click_inside_padded_frame_out_of_view(void **state)
{
	(void)state;
	click_in_frame("1200px", "padding:31px;border:17px solid red;margin:40px");
}

static void F08_click_inside_a_turned_frame(void **state)
{
	(void)state;
	const char *inner = there(doc("<button id=b style='margin:40px' onclick='window.n = (window.n || 0) + 1'>b</button>"));
	show(words("<iframe name=kid style='transform:rotate(20deg) scale(1.3);margin:150px;width:300px;height:200px' src='%s'>"
		"</iframe>", inner));
	const struct cdp_click_opts opts = { .timeout_ms = 3000 };
	struct cdp_frame *kid = frame_of("kid");
	const bool clicked = cdp_page_click(site.page, "frame=kid >> #b", &opts, &site.err);
	assert_js_in(site.page, kid, "window.n || 0", clicked ? "1" : "0"); /* never a lie */
}

static void F10_init_scripts_and_bindings_everywhere(void **state)
{
	(void)state;
	assert_ok(cdp_page_add_binding(site.page, "tell", &site.err), &site.err);
	assert_ok(cdp_page_add_init_script(site.page, "window.planted = 42", &site.err), &site.err);
	const char *kid = there(doc("<script>tell('kid' + window.planted)</script>"));
	show(words("<script>tell('top' + window.planted)</script><iframe name=kid src='%s'></iframe>"
		"<a id=a target=_blank rel=opener href='/%s'>pop</a>", kid, doc("<script>tell('popup' + window.planted)</script>")));
	for (int i = 0; i < 2; i++) {
		AUTO(text) char *said = cdp_page_next_binding(site.page, "tell", soon(), &site.err);
		assert_ok(said != NULL, &site.err);
		assert_true(!strcmp(said, "top42") || !strcmp(said, "kid42"));
	}
	assert_ok(cdp_page_click(site.page, "#a", NULL, &site.err), &site.err);
	AUTO(page) struct cdp_page *popup = cdp_page_next_popup(site.page, soon(), &site.err);
	assert_ok(popup != NULL, &site.err);
	AUTO(text) char *said = cdp_page_next_binding(popup, "tell", soon(), &site.err);
	assert_ok(said != NULL, &site.err);
	assert_string_equal(said, "popup42");
	show("<script>tell('next' + window.planted)</script>");
	AUTO(text) char *next = cdp_page_next_binding(site.page, "tell", soon(), &site.err);
	assert_ok(next != NULL, &site.err);
	assert_string_equal(next, "next42");
}

static void F11_popup_is_a_page_with_the_same_settings(void **state)
{
	(void)state;
	const struct cdp_page_opts opts = { .user_agent = "Special/1.0", .timezone = "Asia/Jerusalem" };
	AUTO(page) struct cdp_page *page = cdp_page_open(site.browser, NULL, &opts, soon(), &site.err);
	assert_ok(page != NULL, &site.err);
	assert_ok(cdp_page_goto(page, here(doc("<button id=b onclick='w = window.open(\"/echo\"); window.ok = !!w'>b</button>")),
		NULL, NULL, &site.err), &site.err);
	assert_ok(cdp_page_click(page, "#b", NULL, &site.err), &site.err);
	AUTO(page) struct cdp_page *popup = cdp_page_next_popup(page, soon(), &site.err);
	assert_ok(popup != NULL, &site.err);
	assert_ok(cdp_page_wait_url(popup, "/echo", soon(), &site.err), &site.err);
	assert_js_in(page, NULL, "window.ok", "true");
	assert_js_in(popup, NULL, "navigator.userAgent", "\"Special/1.0\"");
	assert_js_in(popup, NULL, "Intl.DateTimeFormat().resolvedOptions().timeZone", "\"Asia/Jerusalem\"");
	AUTO(text) char *body = cdp_page_text(popup, "body", SOON_MS, &site.err);
	assert_ok(body != NULL, &site.err);
	assert_contains(body, "Special/1.0"); /* its first request, too */
}

static void F12_popup_that_closes_at_once(void **state)
{
	(void)state;
	show("<button id=b onclick='window.open(\"about:blank\").close(); window.n = 1'>b</button>");
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	assert_js("window.n", "1");
	AUTO(page) struct cdp_page *popup = cdp_page_next_popup(site.page, deadline_in_ms(500), &site.err);
	assert_js("1 + 1", "2");
}

static const struct CMUnitTest tests[] = {
	PAGE(F01_tree_of_nested_frames),
	PAGE(F02_frames_come_and_go),
	PAGE(F03_evaluate_in_a_frame_of_another_site),
	PAGE(F04_frame_that_changes_processes),
	PAGE(F05_frame_removed_under_an_evaluation),
	PAGE(F06_frames_of_every_kind),
	PAGE(F07_click_inside_padded_frame),
	PAGE(F07_click_inside_frame_out_of_view),
	PAGE(F08_click_inside_a_turned_frame),
	PAGE(F10_init_scripts_and_bindings_everywhere),
	PAGE(F11_popup_is_a_page_with_the_same_settings),
	PAGE(F12_popup_that_closes_at_once),
	PAGE(F07_click_inside_padded_frame_out_of_view),
};

int main(void)
{
	return site_run(tests);
}
