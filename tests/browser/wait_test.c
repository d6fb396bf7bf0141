/* Waiting: for elements, for one of several outcomes, in hidden tabs, through shadow roots. */
#include "tests/lib/site.h"

static bool wait_for(const char *selector, enum cdp_state state, int timeout_ms)
{
	const struct cdp_wait_opts opts = { .timeout_ms = timeout_ms, .state = state };

	return cdp_page_wait(site.page, selector, &opts, &site.err);
}

static void W01_element_that_appears_late(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("(window.t0 = performance.now(), setTimeout(() => { document.body.innerHTML = '<p id=late>late';"
		"window.t1 = performance.now() }, 700), 1)", "1");
	const int64_t start = clock_ms();
	assert_ok(wait_for("#late", CDP_VISIBLE, SOON_MS), &site.err);
	assert_in_range(clock_ms() - start, 500, 5000);
	assert_js("performance.now() - t1 < 1000", "true");
}

static void W02_wait_that_survives_a_navigation(void **state)
{
	(void)state;
	show("<p>x");
	assert_js(words("(setTimeout(() => location.href = '/%s', 200), 1)",
		doc("<script>setTimeout(() => document.body.innerHTML += '<p id=there>there', 200)</script><p>y")), "1");
	assert_ok(wait_for("#there", CDP_VISIBLE, SOON_MS), &site.err);
	assert_js("there.textContent", "\"there\"");
}

static void W03_states(void **state)
{
	(void)state;
	show("<p id=p style='display:none'>p</p><button id=b disabled>b</button>");
	assert_ok(wait_for("#p", CDP_ATTACHED, 1000), &site.err);
	assert_ok(wait_for("#p", CDP_HIDDEN, 1000), &site.err);
	assert_fails(wait_for("#p", CDP_VISIBLE, 200), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_HIDDEN);
	assert_js("(setTimeout(() => p.style.display = 'block', 100), 1)", "1");
	assert_ok(wait_for("#p", CDP_VISIBLE, SOON_MS), &site.err);
	assert_fails(wait_for("#p", CDP_HIDDEN, 200), &site.err, ERR_TIMEOUT);
	assert_fails(wait_for("#p", CDP_DETACHED, 200), &site.err, ERR_TIMEOUT);
	assert_js("(setTimeout(() => p.style.visibility = 'hidden', 100), 1)", "1");
	assert_ok(wait_for("#p", CDP_HIDDEN, SOON_MS), &site.err);
	assert_js("(setTimeout(() => p.remove(), 100), 1)", "1");
	assert_ok(wait_for("#p", CDP_DETACHED, SOON_MS), &site.err);
	assert_fails(wait_for("#b", CDP_ENABLED, 200), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_DISABLED);
	assert_js("(setTimeout(() => b.disabled = false, 100), 1)", "1");
	assert_ok(wait_for("#b", CDP_ENABLED, SOON_MS), &site.err);
	assert_fails(wait_for("#nothing", CDP_ATTACHED, 200), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_NOT_FOUND);
}

static void W04_selector_that_makes_no_sense(void **state)
{
	static const char *const selectors[] = { "#[", "p >> ", "xpath=//[", "role=button[", ":::" };

	(void)state;
	show("<p>x");
	for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
		const int64_t start = clock_ms();
		assert_fails(wait_for(selectors[i], CDP_VISIBLE, 20000), &site.err, ERR_SELECTOR);
		assert_in_range(clock_ms() - start, 0, 5000);
	}
}

static void W05_several_where_one_is_meant(void **state)
{
	const struct cdp_click_opts opts = { .timeout_ms = SOON_MS, .strict = true };

	(void)state;
	show("<button id=one>go</button><button id=two>go</button>");
	assert_fails(cdp_page_click(site.page, "text=go", &opts, &site.err), &site.err, ERR_STRICT);
	assert_contains(site.err.text, "one");
	assert_contains(site.err.text, "two");
	assert_ok(cdp_page_click(site.page, "#two", &opts, &site.err), &site.err);
}

/* ---- outcomes ---- */

static const struct cdp_branch outcomes[] = {
	{ .name = "account", .selector = "#account" },
	{ .name = "refused", .selector = "text=wrong password" },
	{ .name = "code", .selector = "frame=kid >> #code" },
	{ .name = "blocked", .selector = "frame=kid >> text=blocked", .state = CDP_ATTACHED },
};

static void W09_race_of_four_outcomes(void **state)
{
	static const struct { const char *main_frame, *kid; bool other_site; } pages[] = {
		{ "<p id=account>me</p>",    "<p>nothing</p>",                         true  },
		{ "<p>wrong password</p>",   "<p>nothing</p>",                         false },
		{ "<p id=account style='display:none'></p>", "<input id=code>",            true  },
		{ "<p>nothing</p>",          "<p style='display:none'>blocked</p>",    false },
	};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct cdp_frame *where = NULL;
		const char *kid = doc(words("<body><template id=t>%s</template><script>setTimeout(() =>"
			"document.body.append(t.content.cloneNode(true)), %d)</script>", pages[i].kid, 100 * (i % 2)));
		show(words("%s<iframe name=kid src='%s'></iframe>", pages[i].main_frame, pages[i].other_site ? there(kid) : here(kid)));
		assert_int_equal(cdp_page_race(site.page, outcomes, 4, soon(), &where, &site.err), i);
		assert_ptr_equal(where, i < 2 ? cdp_page_main_frame(site.page) : cdp_page_frame(site.page, "kid"));
	}
}

static void W09_race_over_a_navigation(void **state)
{
	(void)state;
	show("<p>x");
	assert_js(words("(setTimeout(() => location.href = '/%s', 200), 1)", doc("<p id=account>me")), "1");
	assert_int_equal(cdp_page_race(site.page, outcomes, 4, soon(), NULL, &site.err), 0);
}

static void W10_race_that_nobody_wins(void **state)
{
	static const struct cdp_branch none[] = {
		{ .name = "missing", .selector = "#missing" },
		{ .name = "unseen", .selector = "#unseen" },
		{ .name = "off", .selector = "#off", .state = CDP_ENABLED },
	};

	(void)state;
	show("<p id=unseen style='display:none'>u</p><button id=off disabled>off</button>");
	const int64_t start = clock_ms();
	const int index = cdp_page_race(site.page, none, 3, deadline_in_ms(500), NULL, &site.err);
	assert_fails(index >= 0, &site.err, ERR_TIMEOUT);
	assert_in_range(clock_ms() - start, 300, 5000);
	for (size_t i = 0; i < 3; i++)
		assert_contains(site.err.text, none[i].name);
	assert_contains(site.err.text, "nothing matches");
	assert_contains(site.err.text, "hidden");
	assert_contains(site.err.text, "disabled");
}

static void W11_value_that_becomes_true_in_a_later_document(void **state)
{
	(void)state;
	show("<p>x");
	assert_js(words("(setTimeout(() => location.href = '/%s', 200), 1)", doc("<script>window.ready = 'yes'</script>")), "1");
	assert_js_soon("window.ready === 'yes'");
}

static void W12_hidden_tab(void **state)
{
	(void)state;
	show("<button id=b onclick='window.n = 1'>b</button><script>setTimeout(() => document.body.append(Object.assign("
		"document.createElement('p'), {id: 'late', textContent: 'late'})), 200)</script>");
	AUTO(page) struct cdp_page *front = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
	assert_ok(front != NULL, &site.err);
	AUTO(json) cJSON *done = cdp_call(cdp_page_conn(front), cdp_page_session(front), "Page.bringToFront", NULL, soon(), &site.err);
	assert_ok(done != NULL, &site.err);
	assert_ok(wait_for("#late", CDP_VISIBLE, SOON_MS), &site.err);
	const struct cdp_click_opts opts = { .timeout_ms = SOON_MS };
	assert_ok(cdp_page_click(site.page, "#b", &opts, &site.err), &site.err);
	assert_js("window.n", "1");
	assert_js("new Promise(ok => requestAnimationFrame(() => ok('painted')))", "\"painted\"");
}

static void S09_through_three_shadow_roots(void **state)
{
	static const char *const selectors[] = { "#deep", "text=deep inside",
		"role=button[name=\"deep inside\"]", "#a >> #deep" };

	(void)state;
	show("<div id=a><span id=slotted>slotted text</span></div><script>"
		"const r1 = a.attachShadow({mode: 'open'}); r1.innerHTML = '<slot></slot><div id=b></div>';"
		"const r2 = r1.getElementById('b').attachShadow({mode: 'open'}); r2.innerHTML = '<div id=c></div>';"
		"const r3 = r2.getElementById('c').attachShadow({mode: 'open'}); r3.innerHTML = '<button id=deep>deep inside</button>';"
		"r3.getElementById('deep').onclick = () => window.n = (window.n || 0) + 1</script>");
	int clicks = 0;
	for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
		assert_ok(cdp_page_click(site.page, selectors[i], &(struct cdp_click_opts){ .timeout_ms = 5000 }, &site.err), &site.err);
		assert_js("window.n", words("%d", ++clicks));
	}
	AUTO(text) char *text = cdp_page_text(site.page, "#slotted", SOON_MS, &site.err);
	assert_ok(text != NULL, &site.err);
	assert_string_equal(text, "slotted text");
}

static const struct CMUnitTest tests[] = {
	PAGE(W01_element_that_appears_late),
	PAGE(W02_wait_that_survives_a_navigation),
	PAGE(W03_states),
	PAGE(W04_selector_that_makes_no_sense),
	PAGE(W05_several_where_one_is_meant),
	PAGE(W09_race_of_four_outcomes),
	PAGE(W09_race_over_a_navigation),
	PAGE(W10_race_that_nobody_wins),
	PAGE(W11_value_that_becomes_true_in_a_later_document),
	PAGE(W12_hidden_tab),
	PAGE(S09_through_three_shadow_roots),
};

int main(void)
{
	return site_run(tests);
}
