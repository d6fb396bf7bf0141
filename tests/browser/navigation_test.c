/* Going to places. */
#include "cdp/base/secret.h"
#include "tests/lib/site.h"

static bool visit(const char *path, int timeout_ms, struct cdp_visit *seen)
{
	const struct cdp_goto_opts opts = { .timeout_ms = timeout_ms };

	return cdp_page_goto(site.page, strstr(path, ":/") ? path : here(path), &opts, seen, &site.err);
}

static void N01_status_and_url(void **state)
{
	struct cdp_visit seen;

	(void)state;
	assert_ok(visit("echo?x=1", SOON_MS, &seen), &site.err);
	assert_int_equal(seen.status, 200);
	assert_int_equal(seen.redirects, 0);
	assert_false(seen.same_document);
	assert_string_equal(cdp_page_url(site.page), here("echo?x=1"));
	assert_js("document.readyState", "\"complete\"");
	go("about:blank");
}

static void N02_five_redirects(void **state)
{
	struct cdp_visit seen;

	(void)state;
	assert_ok(visit("redir?n=5", SOON_MS, &seen), &site.err);
	assert_int_equal(seen.status, 200);
	assert_int_equal(seen.redirects, 5);
	assert_string_equal(cdp_page_url(site.page), here("echo"));
}

static void N03_no_content(void **state)
{
	(void)state;
	show("<p id=p>stays</p>");
	assert_fails(visit("nocontent", SOON_MS, NULL), &site.err, ERR_NO_CONTENT);
	assert_js("p.textContent", "\"stays\"");
	assert_contains(cdp_page_url(site.page), "/shown");
}

static void N04_download(void **state)
{
	(void)state;
	show("<p id=p>stays</p>");
	assert_fails(visit("dl?name=a.bin&kb=1", SOON_MS, NULL), &site.err, ERR_DOWNLOAD);
	assert_js("p.textContent", "\"stays\"");
}

static void N05_error_status_is_a_response(void **state)
{
	static const struct { const char *path; int status; } pages[] = {
		{ "status?c=404", 404 },
		{ "status?c=500", 500 },
		{ "status?c=403&body=%3Cp%3Eno", 403 },
		{ "status?c=503", 503 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		struct cdp_visit seen;
		assert_ok(visit(pages[i].path, SOON_MS, &seen), &site.err);
		assert_int_equal(seen.status, pages[i].status);
	}
}

/* The browser's own page about an empty 404 comes late, and interrupts what is opened next. */
static void N05_next_page_after_an_empty_404(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_ok(visit("status?c=404", SOON_MS, NULL), &site.err);
		assert_ok(visit("status?c=403&body=%3Cp%3Eno", SOON_MS, NULL), &site.err);
	}
}

static void N06_servers_that_are_not_there(void **state)
{
	static const struct { const char *url, *words; } places[] = {
		{ "http://127.0.0.1:9/",     "net::ERR_CONNECTION_REFUSED|net::ERR_UNSAFE_PORT" },
		{ "http://no-such.invalid/", "net::ERR_NAME_NOT_RESOLVED|net::ERR_INTERNET_DISCONNECTED" },
		{ NULL,                      "net::ERR_CERT_"              },
	};

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		AUTO(text) char *wanted = xstrdup(places[i].words);
		char *either = strchr(wanted, '|');
		if (either)
			*either++ = '\0';
		assert_fails(visit(places[i].url ? places[i].url : secure("echo"), SOON_MS, NULL), &site.err, ERR_NAVIGATION);
		if (!either || !strstr(site.err.text, either))
			assert_contains(site.err.text, wanted);
		assert_ok(visit("echo", SOON_MS, NULL), &site.err);
	}
	assert_fails(visit("file:///etc/passwd", SOON_MS, NULL), &site.err, ERR_INPUT);
	assert_fails(visit("javascript:/1", SOON_MS, NULL), &site.err, ERR_INPUT);
}

static void N07_moves_within_a_document(void **state)
{
	struct cdp_visit seen;

	(void)state;
	show("<script>window.same = 1</script>");
	assert_ok(visit("shown#part", SOON_MS, &seen), &site.err);
	assert_true(seen.same_document);
	assert_ok(cdp_page_wait_url(site.page, "#part", soon(), &site.err), &site.err);
	assert_js("(history.pushState(0, 0, '/pushed'), setTimeout(() => history.replaceState(0, 0, '/replaced'), 100), 1)", "1");
	assert_ok(cdp_page_wait_url(site.page, "/replaced", soon(), &site.err), &site.err);
	assert_js("(navigation.addEventListener('navigate', e => e.intercept()), location.href = '/intercepted', 1)", "1");
	assert_ok(cdp_page_wait_url(site.page, "/intercepted", soon(), &site.err), &site.err);
	assert_js("window.same", "1");
}

/* The reply comes before the event that has the new URL. */
static void N07_url_right_after_goto_a_fragment(void **state)
{
	(void)state;
	show("<p>x");
	assert_ok(visit("shown#part", SOON_MS, NULL), &site.err);
	assert_contains(cdp_page_url(site.page), "#part");
}

static void N08_page_that_goes_on_by_itself(void **state)
{
	(void)state;
	const char *second = doc("<button id=b onclick='window.n = 1'>second</button>");
	const char *first = doc(words("<p>first</p><script>addEventListener('DOMContentLoaded', () => location.replace('/%s'))</script>",
		second));
	const bool went = visit(first, SOON_MS, NULL);
	assert_true(went || site.err.code == ERR_INTERRUPTED);
	assert_ok(cdp_page_click(site.page, "text=second", NULL, &site.err), &site.err);
	assert_js("window.n", "1");
}

static void N09_click_then_look_in_the_next_page(void **state)
{
	(void)state;
	for (int i = 0; i < 25; i++) {
		show(words("<a id=a href='/slow?ms=%d'>go</a><p id=slow style='display:none'>not this</p>", i % 5 * 20));
		assert_ok(cdp_page_click(site.page, "#a", NULL, &site.err), &site.err);
		assert_ok(cdp_page_wait(site.page, "#slow", NULL, &site.err), &site.err);
		AUTO(text) char *text = cdp_page_text(site.page, "#slow", SOON_MS, &site.err);
		assert_ok(text != NULL, &site.err);
		assert_string_equal(text, "slow but here");
	}
}

static void N10_another_navigation_takes_over(void **state)
{
	(void)state;
	show("<p>x");
	assert_js(words("(setTimeout(() => location.href = '%s', 300), 1)", here("echo?taken=over")), "1");
	assert_fails(visit("hang", SOON_MS, NULL), &site.err, ERR_INTERRUPTED);
	assert_contains(site.err.text, "taken=over");
	assert_ok(cdp_page_wait_url(site.page, "taken=over", soon(), &site.err), &site.err);
	assert_ok(visit("echo", SOON_MS, NULL), &site.err);
}

static void N11_frame_without_content(void **state)
{
	(void)state;
	assert_ok(visit(doc("<iframe src='/nocontent'></iframe><p>x"), SOON_MS, NULL), &site.err);
}

/* There is no load event after window.stop(), only Page.frameStoppedLoading. */
static void N11_page_that_stops_itself(void **state)
{
	(void)state;
	assert_ok(visit(doc("<img src='/hang'><script>setTimeout(() => window.stop(), 200)</script>"), 3000, NULL), &site.err);
}

static void N12_subresource_that_never_comes(void **state)
{
	const struct cdp_goto_opts parsed = { .timeout_ms = SOON_MS, .ready = CDP_PARSED };

	(void)state;
	const char *page = here(doc("<p id=p>here</p><img src='/hang'>"));
	assert_fails(visit(page, 500, NULL), &site.err, ERR_TIMEOUT);
	assert_contains(site.err.text, "load");
	assert_ok(cdp_page_goto(site.page, page, &parsed, NULL, &site.err), &site.err);
	assert_js("p.textContent", "\"here\"");
	assert_fails(visit("hang", 500, NULL), &site.err, ERR_TIMEOUT);
	assert_ok(visit("echo", SOON_MS, NULL), &site.err);
}

static void N13_back(void **state)
{
	(void)state;
	assert_ok(visit("echo?page=1", SOON_MS, NULL), &site.err);
	assert_ok(visit("echo?page=2", SOON_MS, NULL), &site.err);
	assert_ok(cdp_page_go_back(site.page, NULL, &site.err), &site.err);
	assert_contains(cdp_page_url(site.page), "page=1");
	assert_js("location.search", "\"?page=1\"");
}

static void N14_reload(void **state)
{
	struct cdp_visit seen;

	(void)state;
	assert_ok(visit("status?c=201&body=x", SOON_MS, NULL), &site.err);
	assert_js("window.old = 1", "1");
	assert_ok(cdp_page_reload(site.page, NULL, &seen, &site.err), &site.err);
	assert_int_equal(seen.status, 201);
	assert_js("window.old === undefined", "true");
}

#define ASKS "<button id=b>b</button><script>addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 1 })</script>"

static void N15_page_that_asks_before_it_is_left(void **state)
{
	(void)state;
	show(ASKS);
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	assert_ok(visit("echo?left", SOON_MS, NULL), &site.err);
	assert_contains(cdp_page_url(site.page), "left");
	assert_int_equal(cdp_page_dialogs(site.page, NULL), 1);
}

static void N15_stays_when_told_to(void **state)
{
	(void)state;
	show(ASKS);
	cdp_page_on_dialog(site.page, CDP_STAY, NULL);
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	const int64_t start = clock_ms();
	const bool left = visit("echo?left", 5000, NULL);
	assert_false(left);
	assert_true(site.err.code == ERR_NAVIGATION || site.err.code == ERR_INTERRUPTED);
	assert_in_range(clock_ms() - start, 0, 4000);
	assert_contains(cdp_page_url(site.page), "/shown");
}

/* Page.navigate is answered before the dialog is closed: the next one must not fail with it. */
static void N15_leaves_after_staying(void **state)
{
	(void)state;
	show(ASKS);
	cdp_page_on_dialog(site.page, CDP_STAY, NULL);
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	assert_false(visit("echo?left", 5000, NULL));
	cdp_page_on_dialog(site.page, CDP_DISMISS, NULL);
	assert_ok(visit("echo?left", SOON_MS, NULL), &site.err);
}

static void N16_http_authentication(void **state)
{
	AUTO(secret) struct secret *right = secret_new("secret", 6), *wrong = secret_new("wrong!", 6);
	struct cdp_visit seen;

	(void)state;
	AUTO(text) char *origin = xstrdup(here(""));
	origin[strlen(origin) - 1] = '\0';
	assert_ok(cdp_page_authenticate(site.page, origin, "user", wrong, &site.err), &site.err);
	assert_ok(visit("auth", SOON_MS, &seen), &site.err);
	assert_int_equal(seen.status, 401);
	assert_ok(cdp_page_authenticate(site.page, origin, "user", right, &site.err), &site.err);
	assert_ok(visit("auth", SOON_MS, &seen), &site.err);
	assert_int_equal(seen.status, 200);
	assert_js("document.title", "\"in\"");
}

/* net::ERR_INVALID_AUTH_CREDENTIALS instead of the 401. */
static void N16_no_authentication_is_a_response(void **state)
{
	struct cdp_visit seen;

	(void)state;
	assert_ok(visit("auth", SOON_MS, &seen), &site.err);
	assert_int_equal(seen.status, 401);
}

static void N17_password_is_for_its_origin_only(void **state)
{
	AUTO(secret) struct secret *right = secret_new("secret", 6);
	struct cdp_visit seen;

	(void)state;
	assert_ok(cdp_page_authenticate(site.page, words("http://127.0.0.1:%d", site.http_port), "user", right, &site.err), &site.err);
	assert_true(!visit(there("auth"), SOON_MS, &seen) || seen.status == 401); /* see N16 */
}

static void N18_meta_refresh(void **state)
{
	(void)state;
	const char *last = doc("<script>history.replaceState(0, 0, '/last')</script>");
	const bool went = visit(doc(words("<meta http-equiv=refresh content='0;url=/%s'>", last)), SOON_MS, NULL);
	assert_true(went || site.err.code == ERR_INTERRUPTED);
	assert_ok(cdp_page_wait_url(site.page, "/last", soon(), &site.err), &site.err);
}

static void N22_frame_that_goes_away_under_a_wait(void **state)
{
	(void)state;
	show(words("<iframe id=f name=kid src='%s'></iframe>", there(doc("<p>x"))));
	assert_js("(setTimeout(() => f.remove(), 200), 1)", "1");
	const struct cdp_wait_opts opts = { .timeout_ms = 1500 };
	const int64_t start = clock_ms();
	const bool found = cdp_page_wait(site.page, "frame=kid >> #never", &opts, &site.err);
	assert_false(found);
	assert_true(site.err.code == ERR_CLOSED || site.err.code == ERR_TIMEOUT);
	assert_in_range(clock_ms() - start, 0, 5000);
	assert_js("1", "1");
}

/* Whichever of the two is first: what was asked for is there. */
static void a_page_that_goes_there_by_itself_is_no_failure(void **state)
{
	AUTO(text) char *url = xstrdup(here("/slow?ms=30"));

	(void)state;
	for (int delay_ms = 0; delay_ms < 60; delay_ms += 4) {
		AUTO(text) char *leave = xasprintf("(setTimeout(() => location.replace('%s'), %d), 1)", url, delay_ms);
		show("<p>");
		assert_js(leave, "1");
		assert_ok(cdp_page_goto(site.page, url, NULL, NULL, &site.err), &site.err);
		assert_string_equal(cdp_page_url(site.page), url);
	}
}

static const struct CMUnitTest tests[] = {
	PAGE(a_page_that_goes_there_by_itself_is_no_failure),
	PAGE(N16_no_authentication_is_a_response), /* before the browser knows a password */
	PAGE(N01_status_and_url),
	PAGE(N02_five_redirects),
	PAGE(N03_no_content),
	PAGE(N04_download),
	PAGE(N05_error_status_is_a_response),
	PAGE(N06_servers_that_are_not_there),
	PAGE(N07_moves_within_a_document),
	PAGE(N08_page_that_goes_on_by_itself),
	PAGE(N09_click_then_look_in_the_next_page),
	PAGE(N10_another_navigation_takes_over),
	PAGE(N11_frame_without_content),
	PAGE(N12_subresource_that_never_comes),
	PAGE(N13_back),
	PAGE(N14_reload),
	PAGE(N15_page_that_asks_before_it_is_left),
	PAGE(N15_stays_when_told_to),
	PAGE(N16_http_authentication),
	PAGE(N17_password_is_for_its_origin_only),
	PAGE(N18_meta_refresh),
	PAGE(N22_frame_that_goes_away_under_a_wait),
	PAGE(N05_next_page_after_an_empty_404),
	PAGE(N15_leaves_after_staying),
	PAGE(N07_url_right_after_goto_a_fragment),
	PAGE(N11_page_that_stops_itself),
};

int main(void)
{
	return site_run(tests);
}
