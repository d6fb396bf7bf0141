/* What the mouse does. */
#include "tests/lib/site.h"

#define COUNTS "onclick='window.n = (window.n || 0) + 1; window.sure = event.isTrusted'"

static bool click(const char *selector, int timeout_ms)
{
	const struct cdp_click_opts opts = { .timeout_ms = timeout_ms };

	return cdp_page_click(site.page, selector, &opts, &site.err);
}

/* Clicks #b, once and truly. */
static void click_on(const char *html)
{
	show(html);
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("[window.n, window.sure]", "[1,true]");
}

static void A01_plain_button(void **state)
{
	(void)state;
	click_on("<button id=b " COUNTS ">b</button>");
}

static void A02_link_over_two_lines(void **state)
{
	(void)state;
	click_on("<div style='width:140px'>some words before <a href='#x' " COUNTS "><span id=b>a link that is broken</span></a></div>");
}

static void A03_one_pixel(void **state)
{
	(void)state;
	click_on("<div id=b style='position:absolute;left:77px;top:33px;width:1px;height:1px;background:red' " COUNTS "></div>");
}

static void A04_rotated(void **state)
{
	(void)state;
	click_on("<button id=b style='margin:120px;transform:rotate(37deg) skew(10deg)' " COUNTS ">turned</button>");
}

static void A05_svg(void **state)
{
	(void)state;
	click_on("<svg width=100 height=100><circle id=b cx=50 cy=50 r=30 fill=red " COUNTS " /></svg>");
}

static void A06_outside_of_the_view(void **state)
{
	(void)state;
	click_on("<div style='height:3000px'></div><button id=b " COUNTS ">b</button>");
	click_on("<div style='height:200px;width:200px;overflow:auto'><div style='height:900px;width:900px'></div>"
		"<button id=b style='margin-left:700px' " COUNTS ">b</button></div>");
	click_on("<style>html{scroll-behavior:smooth}</style><div style='height:3000px'></div><button id=b " COUNTS ">b</button>"
		"<div style='height:3000px'></div>");
}

static void A07_sticky_header(void **state)
{
	(void)state;
	click_on("<div style='position:fixed;top:0;left:0;right:0;height:120px;background:#ccc'>header</div>"
		"<div style='height:300px'></div><button id=b " COUNTS ">b</button><div style='height:3000px'></div>"
		"<script>scrollTo(0, 290)</script>");
}

static void A08_moving_button(void **state)
{
	(void)state;
	click_on("<style>@keyframes go { from { margin-left: 0 } to { margin-left: 300px } }"
		"#b { animation: go 500ms linear forwards }</style><button id=b " COUNTS ">b</button>"
		"<script>b.onanimationend = () => window.stopped = performance.now();"
		"b.addEventListener('click', () => window.clicked = performance.now())</script>");
	assert_js("window.clicked >= window.stopped", "true");
}

/* Two looks less than one of the script's steps apart see it standing still. */
static void A08_button_that_a_script_moves(void **state)
{
	(void)state;
	click_on("<button id=b style='position:absolute;left:0' " COUNTS ">b</button>"
		"<script>let x = 0; const t = setInterval(() => { b.style.left = ++x * 5 + 'px'; if (x == 40) clearInterval(t) }, 10);"
		"b.addEventListener('click', () => window.x = x)</script>");
	assert_js("window.x", "40");
}

#define OVERLAY "<div id=overlay style='position:fixed;inset:0;background:#0008'>wait</div>"

static void A09_overlay_that_goes_away(void **state)
{
	(void)state;
	click_on(OVERLAY "<button id=b " COUNTS ">b</button><script>overlay.onclick = () => window.wrong = 1;"
		"setTimeout(() => overlay.remove(), 600)</script>");
	assert_js("window.wrong === undefined", "true");
}

static void A10_overlay_for_ever(void **state)
{
	(void)state;
	show(OVERLAY "<button id=b " COUNTS ">b</button>");
	assert_fails(click("#b", 1000), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_COVERED);
	assert_contains(site.err.text, "overlay");
	assert_js("window.n === undefined", "true");
}

/* The overlay comes with the mouse: after every check. */
static void A11_overlay_at_the_last_moment(void **state)
{
	(void)state;
	show("<button id=b " COUNTS ">b</button><script>"
		"addEventListener('mousemove', () => { if (window.once) return; window.once = 1;"
		"const o = document.createElement('div'); o.id = 'o'; o.style = 'position:fixed;inset:0';"
		"for (const t of ['mousedown', 'mouseup', 'click']) o.addEventListener(t, () => window.wrong = t);"
		"document.body.append(o); setTimeout(() => o.remove(), 400) }, true)</script>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("[window.once, window.n, window.wrong === undefined]", "[1,1,true]");
}

static void A12_waits_until_enabled(void **state)
{
	static const struct { const char *html, *free; } pages[] = {
		{ "<button id=b disabled " COUNTS ">b</button>",                            "b.disabled = false"                      },
		{ "<fieldset id=f disabled><button id=b " COUNTS ">b</button></fieldset>",  "f.disabled = false"                      },
		{ "<button id=b aria-disabled=true " COUNTS ">b</button>",                  "b.setAttribute(\"aria-disabled\", false)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		click_on(words("%s<script>addEventListener('click', () => window.early = !window.free, true);"
			"setTimeout(() => { %s; window.free = true }, 400)</script>", pages[i].html, pages[i].free));
		assert_js("window.early", "false");
	}
	show("<button id=b disabled>b</button>");
	assert_fails(click("#b", 500), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_DISABLED);
}

static void A13_replaced_all_the_time(void **state)
{
	(void)state;
	show("<div id=root></div><script>const draw = () => root.innerHTML = '<button id=b>b</button>'; draw();"
		"root.onclick = e => { if (e.target.id == 'b') window.n = (window.n || 0) + 1 };"
		"setInterval(draw, 150); addEventListener('mousemove', draw, { once: true })</script>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("window.n", "1");
}

/* What is hit matches, but it is never the element that was aimed at. */
static void A13_replaced_at_every_move(void **state)
{
	(void)state;
	show("<div id=root></div><script>const draw = () => root.innerHTML = '<button id=b>b</button>'; draw();"
		"root.onclick = e => { if (e.target.id == 'b') window.n = (window.n || 0) + 1 };"
		"addEventListener('mousemove', draw)</script>");
	assert_ok(click("#b", 3000), &site.err);
	assert_js("window.n", "1");
}

static void A14_removed_by_its_own_mousedown(void **state)
{
	(void)state;
	show("<button id=b onmousedown='window.n = 1; this.remove()'>b</button>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("window.n", "1");
}

static void A15_click_that_navigates(void **state)
{
	(void)state;
	show("<a id=b href='/echo?from=link'>b</a>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_ok(cdp_page_wait_url(site.page, "from=link", soon(), &site.err), &site.err);
	show("<form action='/echo'><input name=q value=get><button id=b>b</button></form>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_ok(cdp_page_wait_url(site.page, "q=get", soon(), &site.err), &site.err);
	show("<form action='/echo' method=post><input name=q value=posted><button id=b>b</button></form>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_ok(cdp_page_wait_url(site.page, "/echo", soon(), &site.err), &site.err);
	AUTO(text) char *body = cdp_page_text(site.page, "body", SOON_MS, &site.err);
	assert_ok(body != NULL, &site.err);
	assert_contains(body, "q=posted");
}

static void A15_click_that_opens_an_alert(void **state)
{
	const char *last = NULL;

	(void)state;
	show("<button id=b onclick='alert(\"hello\"); window.n = 1'>b</button>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("window.n", "1");
	assert_int_equal(cdp_page_dialogs(site.page, &last), 1);
	assert_string_equal(last, "hello");
}

static void A16_check_and_uncheck(void **state)
{
	(void)state;
	show("<label><input type=checkbox id=c> agree</label><input type=radio name=r id=r1 checked><input type=radio name=r id=r2>"
		"<label for=hid>hidden</label><input type=checkbox id=hid style='opacity:0;position:absolute;left:-1000px'>"
		"<div id=s role=switch aria-checked=false onclick='this.ariaChecked = this.ariaChecked != \"true\"'>switch</div>");
	assert_ok(cdp_page_check(site.page, "text=agree", true, SOON_MS, &site.err), &site.err);
	assert_ok(cdp_page_check(site.page, "#c", true, SOON_MS, &site.err), &site.err);
	assert_js("c.checked", "true");
	assert_ok(cdp_page_check(site.page, "#c", false, SOON_MS, &site.err), &site.err);
	assert_js("c.checked", "false");
	assert_fails(cdp_page_check(site.page, "#r1", false, 1000, &site.err), &site.err, ERR_INPUT);
	assert_ok(cdp_page_check(site.page, "#s", true, SOON_MS, &site.err), &site.err);
	assert_js("s.ariaChecked", "\"true\"");
	assert_ok(cdp_page_check(site.page, "text=hidden", true, SOON_MS, &site.err), &site.err);
	assert_js("hid.checked", "true");
}

static void A16_radio_button(void **state)
{
	(void)state;
	show("<input type=radio name=r id=r1 checked><input type=radio name=r id=r2>");
	assert_ok(cdp_page_check(site.page, "#r2", true, SOON_MS, &site.err), &site.err);
	assert_js("[r1.checked, r2.checked]", "[false,true]");
}

static void A17_buttons_and_modifiers(void **state)
{
	(void)state;
	show("<button id=b>b</button><script>window.log = [];"
		"for (const t of ['click', 'dblclick', 'contextmenu', 'auxclick']) b.addEventListener(t, e => { e.preventDefault();"
		"log.push([t, e.button, e.detail, e.shiftKey, e.ctrlKey].join()) })</script>");
	assert_ok(cdp_page_click(site.page, "#b", &(struct cdp_click_opts){ .count = 2 }, &site.err), &site.err);
	assert_js("log.splice(0).join(' ')", "\"click,0,1,false,false click,0,2,false,false dblclick,0,2,false,false\"");
	assert_ok(cdp_page_click(site.page, "#b", &(struct cdp_click_opts){ .right = true }, &site.err), &site.err);
	assert_js("log.splice(0).sort().join(' ')", "\"auxclick,2,1,false,false contextmenu,2,0,false,false\"");
	assert_ok(cdp_page_click(site.page, "#b", &(struct cdp_click_opts){ .modifiers = CDP_SHIFT | CDP_CONTROL }, &site.err), &site.err);
	assert_js("log.splice(0).join(' ')", "\"click,0,1,true,true\"");
}

static void A18_menu_that_hovering_opens(void **state)
{
	(void)state;
	show("<style>#m { display: none } #top:hover #m { display: block }</style>"
		"<div id=top style='width:100px'>menu<div id=m><button id=b " COUNTS ">b</button></div></div>");
	assert_ok(cdp_page_hover(site.page, "#top", NULL, &site.err), &site.err);
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("window.n", "1");
}

static void A21_frame_that_is_covered(void **state)
{
	(void)state;
	show(words("<iframe name=kid src='%s'></iframe>" OVERLAY, here(doc("<button id=b " COUNTS ">b</button>"))));
	assert_fails(click("frame=kid >> #b", 1000), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_COVERED);
	show(words("<iframe name=kid src='%s'></iframe>" OVERLAY, there(doc("<button id=b " COUNTS ">b</button>"))));
	assert_fails(click("frame=kid >> #b", 2000), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_COVERED);
}

static void A22_label_that_takes_no_events(void **state)
{
	(void)state;
	show("<button " COUNTS "><span id=b style='pointer-events:none'>label</span></button>");
	assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("window.n", "1");
}

static void A23_two_hundred_clicks(void **state)
{
	(void)state;
	show("<button id=b " COUNTS ">b</button>");
	const int64_t start = clock_ms();
	for (int i = 0; i < 200; i++)
		assert_ok(click("#b", SOON_MS), &site.err);
	assert_js("window.n", "200");
	assert_in_range(clock_ms() - start, 0, 40000);
}

static const struct CMUnitTest tests[] = {
	PAGE(A01_plain_button),
	PAGE(A02_link_over_two_lines),
	PAGE(A03_one_pixel),
	PAGE(A04_rotated),
	PAGE(A05_svg),
	PAGE(A06_outside_of_the_view),
	PAGE(A07_sticky_header),
	PAGE(A08_moving_button),
	PAGE(A09_overlay_that_goes_away),
	PAGE(A10_overlay_for_ever),
	PAGE(A11_overlay_at_the_last_moment),
	PAGE(A12_waits_until_enabled),
	PAGE(A13_replaced_all_the_time),
	PAGE(A14_removed_by_its_own_mousedown),
	PAGE(A15_click_that_navigates),
	PAGE(A15_click_that_opens_an_alert),
	PAGE(A16_check_and_uncheck),
	PAGE(A17_buttons_and_modifiers),
	PAGE(A18_menu_that_hovering_opens),
	PAGE(A21_frame_that_is_covered),
	PAGE(A22_label_that_takes_no_events),
	PAGE(A23_two_hundred_clicks),
	PAGE(A16_radio_button),
	PAGE(A13_replaced_at_every_move),
};

/* It hits, but while the button moves: two frames may see it in one place. */
static const struct CMUnitTest known_failing[] = {
	PAGE(A08_button_that_a_script_moves),
};

int main(void)
{
	return getenv("KNOWN") ? site_run(known_failing) : site_run(tests);
}
