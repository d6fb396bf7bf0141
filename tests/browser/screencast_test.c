/* A page shown to a remote person: pictures, what is told besides, and input with the bugs that others had. */
#include "cdp/screencast.h"
#include "tests/lib/site.h"

#include <math.h>
#include <time.h>

enum {
	FIRST_MS = 500,  /* for the first picture; a loaded machine has thrice that */
	STILL_MS = 1000,
	WAIT_MS = 40,
};

static struct cdp_screencast *cast;
static cJSON *told[16]; /* the newest message of each type, in order of appearance */

static void forget_told(void)
{
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		cJSON_Delete(TAKE(told[i]));
}

static void cast_start(const struct cdp_screencast_opts *opts)
{
	forget_told();
	cast = cdp_screencast_start(site.page, opts, soon(), &site.err);
	assert_ok(cast != NULL, &site.err);
}

static int cast_end(void **state)
{
	cdp_screencast_free(TAKE(cast));
	forget_told();
	return site_page_end(state);
}

#define CAST(test) cmocka_unit_test_setup_teardown(test, site_page, cast_end)

static void keep(cJSON *message)
{
	size_t i = 0;

	while (told[i] && strcmp(json_str(told[i], "type"), json_str(message, "type")) != 0)
		i++;
	cJSON_Delete(told[i]);
	told[i] = message;
}

static const cJSON *said(const char *type)
{
	for (size_t i = 0; told[i]; i++)
		if (!strcmp(json_str(told[i], "type"), type))
			return told[i];
	return NULL;
}

static void take_messages(void)
{
	for (cJSON *message; (message = cdp_screencast_message(cast));)
		keep(message);
}

/* Lets things happen for a moment, as a server would; takes messages. */
static void turn(struct deadline until)
{
	take_messages();
	(void)cdp_conn_wait(cdp_browser_conn(site.browser), deadline_sooner(until, cdp_screencast_pause(cast)), NULL);
}

/* Serves the viewer until then: how many pictures it got; the last one in OUT. */
static int watch(struct deadline until, bool acking, struct cdp_picture *out)
{
	int count = 0;

	while (!deadline_passed(until)) {
		while (cdp_screencast_next(cast, out)) {
			count++;
			if (acking)
				cdp_screencast_acked(cast, out->seq);
		}
		take_messages();
		(void)cdp_conn_wait(cdp_browser_conn(site.browser), deadline_sooner(until, cdp_screencast_pause(cast)), NULL);
	}
	return count;
}

static void next_picture(struct cdp_picture *out)
{
	const struct deadline until = soon();

	while (!cdp_screencast_next(cast, out)) {
		assert_false(deadline_passed(until));
		turn(until);
	}
	cdp_screencast_acked(cast, out->seq);
}

/* Not the same one again. */
static void next_after(struct cdp_picture *picture)
{
	const uint32_t seq = picture->seq;

	do
		next_picture(picture);
	while (picture->seq == seq);
}

/* The value at PATH of the message TYPE becomes WANTED (as JSON). */
static void wait_told(const char *type, const char *path, const char *wanted)
{
	const struct deadline until = soon();

	for (;;) {
		const cJSON *value = json_at(said(type), path);
		AUTO(text) char *is = value ? json_print(value) : xstrdup("absent");
		if (!strcmp(is, wanted))
			return;
		if (deadline_passed(until))
			fail_msg("%s of %s is %s, not %s", path, type, is, wanted);
		turn(deadline_sooner(until, deadline_in_ms(WAIT_MS)));
	}
}

/* A message of the viewer's, "type" first: its JSON. */
static void does(const char *text)
{
	AUTO(json) cJSON *message = json_parse(text, strlen(text), &site.err);

	assert_ok(message != NULL, &site.err);
	assert_ok(cdp_screencast_input(cast, message, &site.err), &site.err);
}

static void press(const char *key)
{
	does(words("{\"type\":\"key\",\"event\":\"down\",\"key\":\"%s\",\"modifiers\":0}", key));
	does(words("{\"type\":\"key\",\"event\":\"up\",\"key\":\"%s\",\"modifiers\":0}", key));
}

static void types(const char *text)
{
	for (; *text; text++)
		does(words("{\"type\":\"text\",\"text\":\"%c\"}", *text));
}

static void click_at(double x, double y)
{
	does(words("{\"type\":\"mouse\",\"event\":\"move\",\"x\":%g,\"y\":%g}", x, y));
	does(words("{\"type\":\"mouse\",\"event\":\"down\",\"x\":%g,\"y\":%g,\"button\":0}", x, y));
	does(words("{\"type\":\"mouse\",\"event\":\"up\",\"x\":%g,\"y\":%g,\"button\":0}", x, y));
}

/* In the middle of the element of the main frame. */
static void click_on(const char *selector)
{
	AUTO(text) char *at = js_in(cdp_screencast_page(cast), NULL,
		words("(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector('%s').getBoundingClientRect())", selector));
	AUTO(json) cJSON *point = json_parse(at, strlen(at), NULL);

	click_at(cJSON_GetArrayItem(point, 0)->valuedouble, cJSON_GetArrayItem(point, 1)->valuedouble);
}

/* ---- pictures ---- */

static void first_picture_of_a_still_page(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show("<p>still");
	const int64_t begin = clock_ms();
	cast_start(NULL);
	next_picture(&picture);
	assert_in_range(clock_ms() - begin, 0, 3 * FIRST_MS);
	assert_memory_equal(picture.jpeg, "\xff\xd8\xff", 3);
	assert_memory_equal(picture.jpeg + picture.size - 2, "\xff\xd9", 2);
	assert_int_equal(picture.seq, 1);
	assert_js("innerWidth", words("%d", picture.width));
	assert_js("innerHeight", words("%d", picture.height));
	assert_true(picture.scale > 0.2 && picture.scale <= 1);
	assert_true(fabs(picture.timestamp - (double)time(NULL)) < 100);

	unsigned char header[CDP_PICTURE_HEADER];
	cdp_picture_header(&picture, header);
	assert_memory_equal(header, "\1\0\0\0\0\0\0\0", 8);
	assert_int_equal(header[16] | header[17] << 8, picture.width);
}

static void still_page_has_no_pictures(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show("<p>still");
	cast_start(NULL);
	next_picture(&picture);
	(void)watch(deadline_in_ms(STILL_MS), true, &picture);
	assert_int_equal(watch(deadline_in_ms(STILL_MS), true, &picture), 0);
	assert_int_equal(watch(deadline_in_ms(STILL_MS), true, &picture), 0);
}

/* A page that never stops. */
static const char moving[] = "<div id=d style='width:300px;height:300px'></div><script>let n = 0;"
	"(function f() { d.style.background = `hsl(${++n * 7}, 90%, 50%)`; requestAnimationFrame(f) })()</script>";

static void newest_wins_for_a_viewer_that_never_acknowledges(void **state)
{
	struct cdp_picture picture, later;

	(void)state;
	show(moving);
	cast_start(NULL);
	assert_int_equal(watch(deadline_in_ms(STILL_MS), false, &picture), 1);
	const uint32_t first = picture.seq;
	/* The browser stops sending, too. */
	const unsigned long long messages = cdp_conn_messages(cdp_browser_conn(site.browser));
	assert_int_equal(watch(deadline_in_ms(STILL_MS), false, &later), 0);
	assert_in_range(cdp_conn_messages(cdp_browser_conn(site.browser)) - messages, 0, 3);

	cdp_screencast_acked(cast, first);
	next_picture(&later);
	assert_in_range(later.seq, first + 1, first + 4);
}

static void pictures_a_second_are_capped(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show(moving);
	cast_start(NULL);
	(void)watch(deadline_in_ms(STILL_MS), true, &picture); /* the browser's first three */
	assert_in_range(watch(deadline_in_ms(2 * STILL_MS), true, &picture), 4, 13);
	int count = 0;
	for (int i = 0; i < 4; i++) {
		does("{\"type\":\"mouse\",\"event\":\"move\",\"x\":5,\"y\":5}");
		count += watch(deadline_in_ms(STILL_MS / 2), true, &picture);
	}
	assert_in_range(count, 9, 36);
}

/* Pictures that the browser had no leave to send are lost: the last state must be seen all the same. */
static void last_state_of_a_burst_is_seen(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show("<body style='margin:0;background:#fff'><script>function burst() { let n = 0; (function f() {"
		"document.body.style.background = ++n < 20 ? `rgb(${n * 9},0,0)` : '#0000ff'; if (n < 20) requestAnimationFrame(f) })() }</script>");
	cast_start(NULL);
	next_picture(&picture);
	(void)watch(deadline_in_ms(STILL_MS), true, &picture);
	assert_js("burst()", "null");
	(void)watch(deadline_in_ms(2 * STILL_MS), true, &picture);
	/* As large as the picture of that very state. */
	const size_t size = picture.size;
	AUTO(text) char *seen = xmalloc(size);
	memcpy(seen, picture.jpeg, size);
	cdp_screencast_stop(cast);
	cdp_screencast_refresh(cast);
	next_after(&picture);
	assert_int_equal(picture.size, size);
	assert_memory_equal(picture.jpeg, seen, size);
}

static void who_joins_late_gets_picture_and_state(void **state)
{
	struct cdp_picture picture, again;

	(void)state;
	show("<title>late</title><p>still");
	cast_start(NULL);
	next_picture(&picture);
	wait_told("status", "title", "\"late\"");
	(void)watch(deadline_in_ms(STILL_MS), true, &picture);
	forget_told();
	cdp_screencast_refresh(cast);
	assert_true(cdp_screencast_next(cast, &again));
	assert_int_equal(again.seq, picture.seq);
	take_messages();
	assert_string_equal(json_str(said("status"), "title"), "late");
	assert_string_equal(json_str(said("focus"), "kind"), "none");
	assert_int_equal(cJSON_GetArraySize(json_list(said("tabs"), "tabs")), 1);
	assert_false(cdp_screencast_next(cast, &again));
}

static void nobody_looks(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show(moving);
	cast_start(NULL);
	next_picture(&picture);
	does("{\"type\":\"visible\",\"visible\":false}");
	(void)watch(deadline_in_ms(STILL_MS / 4), true, &picture);
	assert_int_equal(watch(deadline_in_ms(STILL_MS), true, &picture), 0);
	does("{\"type\":\"visible\",\"visible\":true}");
	assert_true(watch(deadline_in_ms(STILL_MS), true, &picture) > 1);
}

/* ---- the 13 ---- */

/* 1: derived from the character, its key code is the one of Delete. */
static void L01_a_full_stop_is_typed(void **state)
{
	(void)state;
	show("<input id=i autofocus><script>onkeydown = e => window.last = e.code</script>");
	cast_start(NULL);
	wait_told("focus", "kind", "\"text\"");
	types("a.b,'");
	assert_js_soon("i.value == `a.b,'`");
	press("Home");
	press("Delete");
	assert_js_soon("i.value == `.b,'`");
	assert_js("last", "\"Delete\"");
}

/* 2 */
static void L02_nothing_is_lost_or_doubled(void **state)
{
	(void)state;
	show("<input id=i><script>window.n = 0; i.oninput = () => n++</script>");
	cast_start(NULL);
	click_on("#i");
	types("aabbccddee");
	assert_js_soon("i.value == 'aabbccddee'");
	assert_js("n", "10");
	press("Backspace");
	assert_js_soon("i.value == 'aabbccdde'");
	assert_js("n", "11");
}

/* 3 */
static void L03_paste_and_copy_where_keys_are_swallowed(void **state)
{
	(void)state;
	show("<p id=p>mark me</p><input id=i><script>addEventListener('keydown', e => e.preventDefault(), true)</script>");
	cast_start(NULL);
	click_on("#i");
	wait_told("focus", "editable", "true");
	does("{\"type\":\"text\",\"text\":\"pasted \\u05e9\\u05dc\\u05d5\\u05dd 12\"}");
	assert_js_soon("i.value == 'pasted שלום 12'");
	assert_js("i.setSelectionRange(7, 11)", "null");
	does("{\"type\":\"copy\"}");
	wait_told("copied", "text", "\"שלום\"");
	assert_js("(i.blur(), getSelection().selectAllChildren(p))", "null");
	wait_told("focus", "kind", "\"none\"");
	does("{\"type\":\"copy\"}");
	wait_told("copied", "text", "\"mark me\"");
}

/* Nothing of a password is copied. */
static void L03_passwords_stay(void **state)
{
	(void)state;
	show("<input id=i type=password value=planted autofocus><script>i.focus(); i.select()</script>");
	cast_start(NULL);
	wait_told("focus", "kind", "\"password\"");
	does("{\"type\":\"copy\"}");
	wait_told("copied", "text", "\"\"");
	AUTO(text) char *all = json_print(said("focus"));
	assert_lacks(all, "planted");
}

/* 4: the viewer's own focus is its page's affair; here, a click is enough for the keys to arrive, also after another window
 * had them. */
static void L04_a_click_brings_the_keys_back(void **state)
{
	(void)state;
	show("<input id=a><input id=b>");
	cast_start(NULL);
	click_on("#a");
	types("1");
	assert_js_soon("a.value == '1'");
	AUTO(page) struct cdp_page *other = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
	assert_ok(other != NULL, &site.err);
	click_on("#b");
	types("2");
	press("Tab");
	assert_js_soon("b.value == '2'");
	assert_js("document.activeElement != b", "true");
}

/* 5 */
static void L05_lists_are_chosen_from(void **state)
{
	(void)state;
	show("<title>t</title><select id=s><option value=x>Ex</option><option value=y selected>Why</option><option disabled>No</option></select>"
		"<button id=b onclick='window.hit = 1'>b</button>"
		"<script>window.seen = []; for (const t of ['input', 'change']) s.addEventListener(t, () => seen.push(t + s.value))</script>");
	cast_start(NULL);
	wait_told("status", "title", "\"t\"");
	click_on("#s");
	wait_told("focus", "kind", "\"select\"");
	assert_string_equal(json_str(said("focus"), "options.0.label"), "Ex");
	assert_true(json_true(said("focus"), "options.1.selected"));
	assert_true(json_true(said("focus"), "options.2.disabled"));
	does("{\"type\":\"select\",\"value\":\"x\"}");
	assert_js_soon("seen.length == 2");
	assert_js("seen", "[\"inputx\",\"changex\"]");
	wait_told("focus", "options.0.selected", "true");
	/* No list of the browser's own is in the way of the next click. */
	click_on("#b");
	assert_js_soon("window.hit");
	click_on("#s");
	wait_told("focus", "opened", "2");
	press("ArrowDown");
	assert_js_soon("s.value == 'y'");
}

/* 6 */
static void L06_dialogs_are_left_to_the_person(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show("<button id=b onclick='window.said = [confirm(\"sure?\"), prompt(\"name?\", \"me\"), alert(\"bye\")]'>b</button>");
	cast_start(NULL);
	next_picture(&picture);
	click_on("#b");
	wait_told("dialog", "kind", "\"confirm\"");
	assert_string_equal(json_str(said("dialog"), "message"), "sure?");
	does("{\"type\":\"dialog\",\"accept\":true}");
	wait_told("dialog", "kind", "\"prompt\"");
	assert_string_equal(json_str(said("dialog"), "defaultPrompt"), "me");
	does("{\"type\":\"dialog\",\"accept\":true,\"text\":\"you\"}");
	wait_told("dialog", "kind", "\"alert\"");
	does("{\"type\":\"dialog\",\"accept\":true}");
	wait_told("dialog", "kind", "\"none\"");
	assert_js_soon("window.said");
	assert_js("said", "[true,\"you\",null]");
}

/* The page must not stand still for ever. */
static void L06_the_end_dismisses_a_dialog(void **state)
{
	(void)state;
	show("<button id=b onclick='window.said = confirm(\"sure?\")'>b</button>");
	cast_start(NULL);
	click_on("#b");
	wait_told("dialog", "kind", "\"confirm\"");
	cdp_screencast_free(TAKE(cast));
	assert_js_soon("window.said === false");
	assert_js("confirm('again?')", "false");
}

/* 7 */
static void L07_new_windows_are_shown(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show(words("<button id=b onclick='window.w = window.open(\"%s\")'>b</button>",
		here(doc("<title>second</title><input id=i autofocus><button id=c onclick=window.close()>c</button>"))));
	cast_start(NULL);
	next_picture(&picture);
	click_on("#b");
	wait_told("tabs", "tabs.1.title", "\"second\"");
	assert_true(json_true(said("tabs"), "tabs.1.active"));
	next_after(&picture);
	struct cdp_page *second = cdp_screencast_page(cast);
	assert_ptr_not_equal(second, site.page);
	wait_told("focus", "kind", "\"text\"");
	types("hi");
	AUTO(json) cJSON *typed = cdp_page_wait_eval(second, "i.value == 'hi'", NULL, &site.err);
	assert_ok(typed != NULL, &site.err);

	does(words("{\"type\":\"tab\",\"id\":\"%s\"}", cdp_page_target(site.page)));
	wait_told("tabs", "tabs.0.active", "true");
	assert_ptr_equal(cdp_screencast_page(cast), site.page);
	wait_told("focus", "kind", "\"none\"");
	next_after(&picture); /* though it is not in front */
	does(words("{\"type\":\"tab\",\"id\":\"%s\"}", cdp_page_target(second)));
	wait_told("tabs", "tabs.1.active", "true");
	click_on("#c");
	wait_told("tabs", "tabs.1", "absent");
	assert_ptr_equal(cdp_screencast_page(cast), site.page);
	next_picture(&picture);
}

/* 8 */
static void L08_the_keyboard_that_a_field_wants(void **state)
{
	static const struct {
		const char *html, *kind, *inputmode, *autocomplete;
		bool editable;
	} cases[] = {
		{ "<input id=i>",                                                           "text",     "",        "",              true },
		{ "<input id=i inputmode=numeric autocomplete=one-time-code maxlength=6>",  "text",     "numeric", "one-time-code", true },
		{ "<input id=i type=tel autocomplete=tel>",                                 "tel",      "",        "tel",           true },
		{ "<input id=i type=email>",                                                "email",    "",        "",              true },
		{ "<input id=i type=password autocomplete=current-password value=planted>", "password", "",        "current-password", true },
		{ "<input id=i type=number>",                                               "number",   "",        "",              true },
		{ "<textarea id=i></textarea>",                                             "text",     "",        "",              true },
		{ "<div id=i contenteditable inputmode=decimal>x</div>",                    "text",     "decimal", "",              true },
	};

	(void)state;
	show("<p>x");
	cast_start(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		go(here(doc(cases[i].html)));
		wait_told("focus", "kind", "\"none\"");
		assert_js("i.focus()", "null");
		wait_told("focus", "kind", words("\"%s\"", cases[i].kind));
		const cJSON *focus = said("focus");
		assert_int_equal(json_true(focus, "editable"), cases[i].editable);
		assert_string_equal(json_str(focus, "inputmode"), cases[i].inputmode);
		assert_string_equal(json_str(focus, "autocomplete"), cases[i].autocomplete);
		AUTO(text) char *all = json_print(focus);
		assert_lacks(all, "planted");
		AUTO(text) char *rect = json_print(json_at(focus, "rect"));
		assert_js("(b => [b.x, b.y, b.width, b.height].map(Math.round))(i.getBoundingClientRect())", rect);
		assert_js("i.blur()", "null");
		wait_told("focus", "kind", "\"none\"");
	}
	go(here(doc("<button id=i>b</button><input type=checkbox><input readonly id=r>")));
	assert_js("i.focus()", "null");
	(void)cdp_conn_wait(cdp_browser_conn(site.browser), deadline_in_ms(WAIT_MS), NULL);
	wait_told("focus", "kind", "\"none\"");
}

/* 9 */
static void L09_input_methods_and_hebrew(void **state)
{
	(void)state;
	show("<input id=i autofocus><script>window.seen = []; for (const t of ['compositionstart', 'compositionend'])"
		"i.addEventListener(t, e => seen.push(t + e.data))</script>");
	cast_start(NULL);
	wait_told("focus", "kind", "\"text\"");
	does("{\"type\":\"text\",\"text\":\"\\u05e9\\u05dc\"}");
	assert_js_soon("i.value == 'של'");
	does("{\"type\":\"compose\",\"text\":\"\\u304b\"}");
	does("{\"type\":\"compose\",\"text\":\"\\u304b\\u3093\"}");
	assert_js_soon("i.value == 'שלかん'");
	does("{\"type\":\"text\",\"text\":\"\\u6f22\"}");
	assert_js_soon("i.value == 'של漢'");
	assert_js_soon("seen.join() == 'compositionstart,compositionend漢'");
	/* One that is given up leaves nothing. */
	does("{\"type\":\"compose\",\"text\":\"\\u304b\"}");
	assert_js_soon("i.value == 'של漢か'");
	does("{\"type\":\"compose\",\"text\":\"\"}");
	assert_js_soon("i.value == 'של漢'");
	/* A shortcut is its place on the keyboard, whatever is written there. */
	does("{\"type\":\"key\",\"event\":\"down\",\"key\":\"\\u05e9\",\"code\":\"KeyA\",\"modifiers\":2}");
	does("{\"type\":\"key\",\"event\":\"up\",\"key\":\"\\u05e9\",\"code\":\"KeyA\",\"modifiers\":2}");
	press("Delete");
	assert_js_soon("i.value == ''");
}

static void metrics(int width, int height, double dpr, bool mobile)
{
	AUTO(json) cJSON *set = cdp_call(cdp_browser_conn(site.browser), cdp_page_session(site.page),
		"Emulation.setDeviceMetricsOverride", json_object(JSON_INT("width", width), JSON_INT("height", height),
		JSON_NUM("deviceScaleFactor", dpr), JSON_BOOL("mobile", mobile)), soon(), &site.err);

	assert_ok(set != NULL, &site.err);
}

/* 10 */
static void L10_places_are_right_at_every_scale(void **state)
{
	static const struct {
		int width, height;
		double dpr;
		bool mobile;
	} cases[] = {
		{ 1000, 600, 1, false }, { 1000, 600, 2, false }, { 1000, 600, 3, false },
		{ 390, 844, 3, true }, { 844, 390, 3, true }, { 2400, 1600, 1, false },
	};
	struct cdp_picture picture;

	(void)state;
	show("<meta name=viewport content='width=device-width'><body style='margin:0;height:3000px'>"
		"<button id=b style='position:absolute;left:170px;top:900px;width:30px;height:20px'>b</button>"
		"<script>onclick = e => window.at = [e.target.id, e.clientX, e.clientY]</script>");
	cast_start(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		metrics(cases[i].width, cases[i].height, cases[i].dpr, cases[i].mobile);
		do
			next_picture(&picture);
		while (picture.width != cases[i].width || picture.height != cases[i].height);
		assert_true(fabs(picture.scale * cases[i].width) <= 1281);
		assert_js("(window.at = null, void scrollTo(0, 800), new Promise(r => requestAnimationFrame(() => setTimeout(r))))", "null");
		/* What is seen at a place of the picture is there in its view. */
		click_at(185, 110);
		assert_js_soon("at");
		assert_js("at", "[\"b\",185,110]");
		do
			next_picture(&picture);
		while (picture.scroll_y != 800);
		assert_js("void scrollTo(0, 0)", "null");
	}
}

/* A page that was zoomed into with two fingers. */
static void L10_places_are_right_in_a_pinched_page(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show("<meta name=viewport content='width=device-width'><body style='margin:0'>"
		"<button id=b style='position:absolute;left:100px;top:60px;width:30px;height:20px'>b</button>"
		"<script>onclick = e => window.at = [e.target.id, Math.round(e.clientX), Math.round(e.clientY)]</script>");
	metrics(400, 800, 2, true);
	cast_start(NULL);
	next_picture(&picture);
	AUTO(json) cJSON *set = cdp_call(cdp_browser_conn(site.browser), cdp_page_session(site.page),
		"Emulation.setPageScaleFactor", json_object(JSON_NUM("pageScaleFactor", 2)), soon(), &site.err);
	assert_ok(set != NULL, &site.err);
	do
		next_picture(&picture);
	while (picture.width != 200);
	assert_int_equal(picture.height, 400);
	click_at(110, 70);
	assert_js_soon("window.at");
	assert_js("at", "[\"b\",110,70]");
}

/* 11 */
static void L11_a_frame_of_another_site(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show(words("<body style='margin:0'><iframe name=kid style='position:absolute;left:50px;top:40px;border:5px solid;"
		"width:300px;height:200px' src='%s'></iframe>"
		"<input id=own style='position:absolute;top:300px'>",
		there(doc("<body style='margin:0'><input id=i inputmode=numeric style='position:absolute;left:10px;top:20px;width:100px;height:30px'>"
			"<select id=s style='position:absolute;top:100px'><option>1<option>2</select>"))));
	struct cdp_frame *kid = cdp_page_frame(site.page, "kid");
	assert_non_null(kid);
	cast_start(NULL);
	next_picture(&picture);
	click_at(55 + 20, 45 + 30);
	wait_told("focus", "inputmode", "\"numeric\"");
	AUTO(text) char *rect = json_print(json_at(said("focus"), "rect"));
	assert_string_equal(rect, "[65,65,108,36]");
	types("4");
	does("{\"type\":\"text\",\"text\":\"2\"}");
	does("{\"type\":\"compose\",\"text\":\"x\"}");
	does("{\"type\":\"text\",\"text\":\"!\"}");
	press("Home");
	press("Delete");
	const struct deadline until = soon();
	for (;;) {
		AUTO(text) char *value = js_in(site.page, kid, "i.value");
		if (!strcmp(value, "\"2!\""))
			break;
		assert_false(deadline_passed(until));
		turn(deadline_in_ms(WAIT_MS));
	}
	click_at(55 + 10, 45 + 110);
	wait_told("focus", "kind", "\"select\"");
	does("{\"type\":\"select\",\"value\":\"2\"}");
	wait_told("focus", "options.1.selected", "true");
	assert_js_in(site.page, kid, "s.value", "\"2\"");
	click_on("#own");
	wait_told("focus", "kind", "\"text\"");
	assert_string_equal(json_str(said("focus"), "inputmode"), "");
	assert_js("document.querySelector('iframe').remove()", "null");
	types("z");
	assert_js_soon("own.value == 'z'");
}

static void L11_the_focus_goes_with_its_frame(void **state)
{
	(void)state;
	show(words("<iframe name=kid src='%s'></iframe>", there(doc("<input id=i autofocus><script>i.focus()</script>"))));
	struct cdp_frame *kid = cdp_page_frame(site.page, "kid");
	cast_start(NULL);
	AUTO(text) char *focused = js_in(site.page, kid, "i.focus()");
	wait_told("focus", "kind", "\"text\"");
	assert_js("document.querySelector('iframe').remove()", "null");
	wait_told("focus", "kind", "\"none\"");
}

/* 12 */
static void L12_a_moving_page_is_not_starved(void **state)
{
	struct cdp_picture picture;

	(void)state;
	show(moving);
	cast_start(NULL);
	(void)watch(deadline_in_ms(STILL_MS), true, &picture);
	assert_js("window.n0 = n, 0", "0");
	const int64_t begin = clock_ms();
	(void)watch(deadline_in_ms(STILL_MS), true, &picture);
	AUTO(text) char *frames = js_in(site.page, NULL, "n - n0");
	const int64_t ms = clock_ms() - begin;
	/* It draws many times for each picture that is made of it. */
	assert_true(strtol(frames, NULL, 10) * 1000 / ms >= 12);
}

/* 13: what can be seen here of it: nothing is written, and nobody else gets the page. */
static void L13_one_screencast_a_page(void **state)
{
	(void)state;
	show("<p>x");
	cast_start(NULL);
	assert_fails(cdp_screencast_start(site.page, NULL, soon(), &site.err) != NULL, &site.err, ERR_INPUT);
}

/* ---- the rest ---- */

static void fingers(void **state)
{
	(void)state;
	show("<meta name=viewport content='width=device-width'><body style='margin:0'>"
		"<button id=b style='position:absolute;left:100px;top:60px;width:80px;height:50px' onclick='window.hit = 1'>b</button>"
		"<script>window.seen = []; for (const t of ['touchstart', 'touchend', 'touchcancel'])"
		"addEventListener(t, e => seen.push(t + e.touches.length + e.isTrusted))</script>");
	cast_start(NULL);
	does("{\"type\":\"touch\",\"event\":\"start\",\"points\":[{\"x\":120,\"y\":80,\"id\":7}]}");
	does("{\"type\":\"touch\",\"event\":\"end\",\"points\":[{\"x\":120,\"y\":80,\"id\":7}]}");
	assert_js_soon("window.hit");
	does("{\"type\":\"touch\",\"event\":\"start\",\"points\":[{\"x\":120,\"y\":80,\"id\":1}]}");
	does("{\"type\":\"touch\",\"event\":\"start\",\"points\":[{\"x\":160,\"y\":90,\"id\":2}]}");
	does("{\"type\":\"touch\",\"event\":\"end\",\"points\":[{\"x\":120,\"y\":80,\"id\":1}]}");
	does("{\"type\":\"touch\",\"event\":\"cancel\",\"points\":[]}");
	assert_js_soon("seen.at(-1) == 'touchcancel0true'");
	/* One finger stays. */
	assert_js("seen.join()", "\"touchstart1true,touchend0true,touchstart1true,touchstart2true,"
		"touchend1true,touchend0true,touchstart1true,touchcancel0true\"");
}

static void clicks_are_counted_and_the_wheel_scrolls(void **state)
{
	(void)state;
	show("<body style='margin:0;height:5000px'><p id=p>word</p><script>window.seen = [];"
		"for (const t of ['click', 'dblclick', 'contextmenu', 'auxclick'])"
		"addEventListener(t, e => seen.push(t + e.detail + e.button + e.ctrlKey))</script>");
	cast_start(NULL);
	click_on("#p");
	click_on("#p");
	assert_js_soon("seen.length == 3");
	assert_js("seen.join()", "\"click10false,click20false,dblclick20false\"");
	assert_js("seen.length = 0", "0");
	does("{\"type\":\"mouse\",\"event\":\"down\",\"x\":300,\"y\":90,\"button\":1,\"modifiers\":2}");
	does("{\"type\":\"mouse\",\"event\":\"up\",\"x\":300,\"y\":90,\"button\":1,\"modifiers\":2}");
	assert_js_soon("seen.join() == 'auxclick11true'");
	does("{\"type\":\"mouse\",\"event\":\"wheel\",\"x\":300,\"y\":90,\"dx\":0,\"dy\":400}");
	assert_js_soon("scrollY == 400");
}

static void dragging_marks_text(void **state)
{
	(void)state;
	show("<title>t</title><body style='margin:0'><p style='margin:0;font:20px monospace'>some words to mark</p>");
	cast_start(NULL);
	wait_told("status", "title", "\"t\"");
	does("{\"type\":\"mouse\",\"event\":\"down\",\"x\":1,\"y\":10,\"button\":0}");
	does("{\"type\":\"mouse\",\"event\":\"move\",\"x\":60,\"y\":10}");
	does("{\"type\":\"mouse\",\"event\":\"move\",\"x\":500,\"y\":10}");
	does("{\"type\":\"mouse\",\"event\":\"up\",\"x\":500,\"y\":10,\"button\":0}");
	assert_js_soon("String(getSelection()) == 'some words to mark'");
	does("{\"type\":\"copy\"}");
	wait_told("copied", "text", "\"some words to mark\"");
}

/* Fields made of parts, and pages that listen to keys without any field, get real strokes. */
static void text_where_no_text_field_is(void **state)
{
	(void)state;
	show("<input type=date id=d><p id=p>keys</p><script>window.code = '';"
		"onkeydown = e => { if (document.activeElement != d) code += e.key }</script>");
	cast_start(NULL);
	assert_js("d.focus()", "null");
	wait_told("focus", "editable", "true");
	types("02032026");
	assert_js_soon("d.value == '2026-02-03' || d.value == '2026-03-02'");
	assert_js("d.blur()", "null");
	wait_told("focus", "kind", "\"none\"");
	types("4829");
	assert_js_soon("code == '4829'");
}

static void status_follows_the_page(void **state)
{
	(void)state;
	show("<title>one</title><p>x");
	cast_start(NULL);
	wait_told("status", "title", "\"one\"");
	wait_told("status", "loading", "false");
	assert_js("document.title = 'changed'", "\"changed\"");
	wait_told("status", "title", "\"changed\"");
	const char *second = here(doc("<title>two</title><p>y"));
	go(second);
	wait_told("status", "title", "\"two\"");
	wait_told("status", "loading", "false");
	assert_js("void history.pushState(0, '', '/later')", "null");
	wait_told("status", "url", words("\"%s\"", here("/later")));
	does("{\"type\":\"nav\",\"action\":\"back\"}");
	wait_told("status", "url", words("\"%s\"", here("/shown")));
	does("{\"type\":\"nav\",\"action\":\"reload\"}");
	wait_told("status", "title", "\"Not found\""); /* what the server has there */
	wait_told("status", "loading", "false");
}

static void a_page_that_hangs_is_stalled(void **state)
{
	(void)state;
	show("<p>x<script>onmousedown = () => { const end = Date.now() + 4000; while (Date.now() < end); }</script>");
	cast_start(NULL);
	click_at(10, 10);
	wait_told("stalled", "stalled", "true");
	wait_told("stalled", "stalled", "false");
}

static void the_end_is_told(void **state)
{
	AUTO(json) cJSON *key = cJSON_Parse("{\"type\":\"text\",\"text\":\"x\"}");

	(void)state;
	show("<p>x");
	cast_start(NULL);
	cdp_post(cdp_browser_conn(site.browser), cdp_page_session(site.page), "Page.crash", NULL);
	wait_told("end", "reason", "\"crashed\"");
	assert_null(cdp_screencast_page(cast));
	assert_fails(cdp_screencast_input(cast, key, &site.err), &site.err, ERR_CLOSED);
}

static void a_page_freed_before(void **state)
{
	(void)state;
	show("<p>x");
	cast_start(NULL);
	cdp_page_free(TAKE(site.page));
	wait_told("end", "reason", "\"closed\"");
}

static void windows_are_given_back(void **state)
{
	(void)state;
	show(words("<button id=b onclick='window.open(\"%s\")'>b</button>", here(doc("<title>second</title>"))));
	cast_start(NULL);
	click_on("#b");
	wait_told("tabs", "tabs.1.title", "\"second\"");
	cdp_screencast_free(TAKE(cast));
	AUTO(page) struct cdp_page *second = cdp_page_next_popup(site.page, soon(), &site.err);
	assert_ok(second != NULL, &site.err);
	assert_js_in(second, NULL, "document.title", "\"second\"");
}

static void nonsense_is_refused(void **state)
{
	static const char *const cases[] = {
		"{}", "{\"type\":\"fly\"}", "{\"type\":\"mouse\",\"event\":\"down\"}", "{\"type\":\"mouse\",\"event\":\"bite\",\"x\":1,\"y\":1}",
		"{\"type\":\"mouse\",\"event\":\"down\",\"x\":1e9,\"y\":1}", "{\"type\":\"mouse\",\"event\":\"down\",\"x\":1,\"y\":1,\"button\":9}",
		"{\"type\":\"text\"}", "{\"type\":\"key\",\"event\":\"down\",\"key\":\"a\"}", "{\"type\":\"key\",\"event\":\"down\",\"key\":\"NoSuch\"}",
		"{\"type\":\"select\",\"value\":\"x\"}", "{\"type\":\"dialog\",\"accept\":true}", "{\"type\":\"tab\",\"id\":\"x\"}",
		"{\"type\":\"nav\",\"action\":\"away\"}", "{\"type\":\"ack\"}", "{\"type\":\"size\",\"width\":0,\"height\":5}",
		"{\"type\":\"touch\",\"event\":\"start\",\"points\":[]}", "{\"type\":\"touch\",\"event\":\"start\",\"points\":[{\"id\":1}]}",
	};

	(void)state;
	show("<p>x");
	cast_start(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(json) cJSON *message = cJSON_Parse(cases[i]);
		assert_non_null(message);
		if (cdp_screencast_input(cast, message, &site.err))
			fail_msg("%s was done", cases[i]);
		assert_int_equal(site.err.code, ERR_INPUT);
	}
}

static const struct CMUnitTest tests[] = {
	CAST(first_picture_of_a_still_page),
	CAST(still_page_has_no_pictures),
	CAST(newest_wins_for_a_viewer_that_never_acknowledges),
	CAST(pictures_a_second_are_capped),
	CAST(last_state_of_a_burst_is_seen),
	CAST(who_joins_late_gets_picture_and_state),
	CAST(nobody_looks),
	CAST(L01_a_full_stop_is_typed),
	CAST(L02_nothing_is_lost_or_doubled),
	CAST(L03_paste_and_copy_where_keys_are_swallowed),
	CAST(L03_passwords_stay),
	CAST(L04_a_click_brings_the_keys_back),
	CAST(L05_lists_are_chosen_from),
	CAST(L06_dialogs_are_left_to_the_person),
	CAST(L06_the_end_dismisses_a_dialog),
	CAST(L07_new_windows_are_shown),
	CAST(L08_the_keyboard_that_a_field_wants),
	CAST(L09_input_methods_and_hebrew),
	CAST(L10_places_are_right_at_every_scale),
	CAST(L10_places_are_right_in_a_pinched_page),
	CAST(L11_a_frame_of_another_site),
	CAST(L11_the_focus_goes_with_its_frame),
	CAST(L12_a_moving_page_is_not_starved),
	CAST(L13_one_screencast_a_page),
	CAST(fingers),
	CAST(clicks_are_counted_and_the_wheel_scrolls),
	CAST(dragging_marks_text),
	CAST(text_where_no_text_field_is),
	CAST(status_follows_the_page),
	CAST(a_page_that_hangs_is_stalled),
	CAST(the_end_is_told),
	CAST(a_page_freed_before),
	CAST(windows_are_given_back),
	CAST(nonsense_is_refused),
};

int main(void)
{
	return site_run(tests);
}
