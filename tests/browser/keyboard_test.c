/* Keys, fields, codes, choices, files. */
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "tests/lib/catch.h"
#include "tests/lib/site.h"

#include <fcntl.h>

static bool type(const char *selector, const char *text)
{
	const struct cdp_type_opts opts = { .timeout_ms = SOON_MS };

	return cdp_page_type(site.page, selector, text, &opts, &site.err);
}

static void press(const char *keys)
{
	AUTO(text) char *list = xstrdup(keys);
	char *rest = list;

	for (char *key; (key = strsep(&rest, " "));)
		assert_ok(cdp_page_press(site.page, key, &site.err), &site.err);
}

static void K01_events_of_a_typed_character(void **state)
{
	static const char *const fields[] = { "<input id=i>", "<textarea id=i></textarea>", "<div id=i contenteditable>x</div>" };

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		show(words("%s<script>window.log = []; for (const t of ['keydown', 'keypress', 'beforeinput', 'input', 'keyup'])"
			"i.addEventListener(t, e => log.push(t + (e.isTrusted ? '' : '!') + (e.key || e.data || '')))</script>", fields[i]));
		assert_ok(type("#i", "aZ"), &site.err);
		assert_js("log.join(' ')", "\"keydowna keypressa beforeinputa inputa keyupa"
			" keydownZ keypressZ beforeinputZ inputZ keyupZ\"");
		assert_js("i.value ?? i.textContent", "\"aZ\"");
	}
}

static void K02_text_that_no_keyboard_has(void **state)
{
	(void)state;
	show("<meta charset=utf-8><input id=i><textarea id=t></textarea>");
	assert_ok(type("#i", "é漢😀ß€ שלום"), &site.err);
	assert_js("i.value", "\"é漢😀ß€ שלום\"");
	assert_ok(type("#t", "one\ntwo \"q\" \\ é"), &site.err);
	assert_js("t.value.split('\\n').length", "2");
	AUTO(text) char *value = cdp_page_value(site.page, "#t", SOON_MS, &site.err);
	assert_ok(value != NULL, &site.err);
	assert_string_equal(value, "one\ntwo \"q\" \\ é");
}

static void K03_keys_that_edit(void **state)
{
	(void)state;
	show("<form onsubmit='window.sent = 1; return false'><input id=i><input id=j><button>go</button></form>");
	assert_ok(type("#i", "hello"), &site.err);
	press("Home x End y ArrowLeft Backspace");
	assert_js("i.value", "\"xhelly\"");
	press("Tab");
	assert_js("document.activeElement.id", "\"j\"");
	press("Shift+Tab");
	assert_js("document.activeElement.id", "\"i\"");
	press("Enter");
	assert_js("window.sent", "1");
	assert_js("(i.onkeydown = e => window.key = [e.key, e.code, e.location, e.keyCode], 1)", "1");
	press("Numpad5");
	assert_js("window.key.join()", "\"5,Numpad5,3,101\"");
	press("Escape");
	assert_js("window.key[0]", "\"Escape\"");
	assert_fails(cdp_page_press(site.page, "NoSuchKey", &site.err), &site.err, ERR_INPUT);
}

static void K03_select_all(void **state)
{
	(void)state;
	show("<input id=i>");
	assert_ok(type("#i", "hello"), &site.err);
	press("Control+A z");
	assert_js("i.value", "\"z\"");
}

/* As React does: the value's setter is watched, and events that come without a change are dropped. */
static void K04_fill_of_a_watched_field(void **state)
{
	(void)state;
	show("<input id=i><script>window.state = ''; let seen = ''; const d ="
		"Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');"
		"Object.defineProperty(i, 'value', { get() { return d.get.call(this) }, set(v) { seen = '' + v; d.set.call(this, v) } });"
		"i.addEventListener('input', () => { const now = d.get.call(i); if (now !== seen) { seen = now; window.state = now } })"
		"</script>");
	assert_ok(cdp_page_fill(site.page, "#i", "filled", NULL, &site.err), &site.err);
	assert_js("[window.state, i.value]", "[\"filled\",\"filled\"]");
	assert_ok(cdp_page_fill(site.page, "#i", "again", NULL, &site.err), &site.err);
	assert_js("window.state", "\"again\"");
	assert_ok(cdp_page_fill(site.page, "#i", "", NULL, &site.err), &site.err);
	assert_js("window.state", "\"\"");
}

static void K05_field_that_is_mounted_again(void **state)
{
	(void)state;
	show("<div id=root></div><script>const draw = () => root.innerHTML = '<input id=i>'; draw();"
		"root.addEventListener('focusin', () => setTimeout(draw, 120), { once: true })</script>");
	assert_ok(type("#i", "stays put"), &site.err);
	assert_js("i.value", "\"stays put\"");
}

static void K05_field_that_is_wiped(void **state)
{
	(void)state;
	show("<input id=i><script>i.addEventListener('focus', () => setTimeout(() => i.value = '', 130), { once: true })</script>");
	assert_ok(type("#i", "stays"), &site.err);
	assert_js("i.value", "\"stays\"");
}

static void K05_field_with_a_mask(void **state)
{
	(void)state;
	show("<input id=i><script>i.oninput = () => i.value = i.value.replace(/\\D/g, '').replace(/(\\d{4})(?=\\d)/g, '$1-')</script>");
	assert_ok(type("#i", "1234567812345678"), &site.err);
	assert_js("i.value", "\"1234-5678-1234-5678\"");
}

static void K05_field_that_takes_nothing(void **state)
{
	(void)state;
	show("<input id=i oninput='this.value = \"\"'>");
	assert_fails(type("#i", "planted-value"), &site.err, ERR_VALUE);
	assert_lacks(site.err.text, "planted-value");
}

static void K05_wiped_before_the_click(void **state)
{
	(void)state;
	show("<input id=i><button id=b onclick='window.sent = i.value'>b</button>");
	assert_ok(type("#i", "typed"), &site.err);
	assert_js("(i.value = '', 1)", "1");
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	assert_js("window.sent", "\"typed\"");
}

/* ---- codes ---- */

static const char *const boxes[] = { "#d0", "#d1", "#d2", "#d3", "#d4", "#d5" };

static void enter_code(const char *kind)
{
	AUTO(secret) struct secret *code = secret_new("719304", 6);

	go(here(words("otp.html?kind=%s", kind)));
	assert_ok(cdp_page_type_code(site.page, NULL, boxes, strcmp(kind, "single") ? 6 : 1, code, soon(), &site.err), &site.err);
}

static void check_code(const char *kind)
{
	enter_code(kind);
	assert_js("window.entered()", "\"719304\"");
}

static void K06_code_with_a_jump(void **state)
{
	(void)state;
	check_code("sync");
}

static void K06_code_with_a_late_jump(void **state)
{
	(void)state;
	check_code("late30");
}

static void K06_code_with_a_very_late_jump(void **state)
{
	(void)state;
	check_code("late150");
}

static void K06_code_without_a_jump(void **state)
{
	(void)state;
	check_code("nojump");
}

static void K06_code_in_one_field(void **state)
{
	(void)state;
	check_code("single");
}

static void K06_code_whose_keys_are_captured(void **state)
{
	(void)state;
	check_code("captured");
}

static void K06_code_that_submits_itself(void **state)
{
	(void)state;
	enter_code("submit");
	assert_ok(cdp_page_wait_url(site.page, "code=719304", soon(), &site.err), &site.err);
}

static void K06_code_that_takes_a_paste_only(void **state)
{
	(void)state;
	check_code("paste");
}

static void K06_code_in_a_frame_of_another_site(void **state)
{
	AUTO(secret) struct secret *code = secret_new("719304", 6);

	(void)state;
	show(words("<iframe name=kid src='%s'></iframe>", there("otp.html?kind=sync")));
	struct cdp_frame *kid = cdp_page_frame(site.page, "kid");
	assert_non_null(kid);
	assert_ok(cdp_page_type_code(site.page, kid, boxes, 6, code, soon(), &site.err), &site.err);
	assert_js_in(site.page, kid, "window.entered()", "\"719304\"");
}

static void K06_code_that_is_entered_again(void **state)
{
	AUTO(secret) struct secret *code = secret_new("882255", 6);

	(void)state;
	check_code("sync");
	assert_ok(cdp_page_type_code(site.page, NULL, boxes, 6, code, soon(), &site.err), &site.err);
	assert_js("window.entered()", "\"882255\"");
}

/* ---- secrets ---- */

static void K07_password_is_nowhere(void **state)
{
	AUTO(secret) struct secret *password = secret_new("Pl4nted&Secret", 14);
	const struct cdp_type_opts opts = { .timeout_ms = SOON_MS };

	(void)state;
	show("<input id=p type=password><input id=never oninput='this.value = \"\"'>");
	catch_stderr();
	log_setup(LOG_PROTOCOL, false);
	const bool typed = cdp_page_type_secret(site.page, "#p", password, &opts, &site.err);
	struct error why = { 0 };
	const bool wrong = cdp_page_type_secret(site.page, "#never", password, &opts, &why);
	log_setup(LOG_ERROR, false);
	AUTO(text) char *log = caught_stderr();
	assert_ok(typed, &site.err);
	assert_fails(wrong, &why, ERR_VALUE);
	assert_contains(log, "dispatchKeyEvent");
	assert_lacks(log, "Pl4nted");
	assert_lacks(log, "Secret");
	assert_lacks(why.text, "Pl4nted");
	assert_js("p.value", "\"Pl4nted&Secret\"");
}

static void K08_fields_with_forms(void **state)
{
	(void)state;
	show("<input id=d type=date><input id=t type=time><input id=c type=color><input id=r type=range max=10><input id=n type=number>");
	assert_ok(cdp_page_fill(site.page, "#d", "2026-02-28", NULL, &site.err), &site.err);
	assert_ok(cdp_page_fill(site.page, "#t", "23:59", NULL, &site.err), &site.err);
	assert_ok(cdp_page_fill(site.page, "#c", "#ff0080", NULL, &site.err), &site.err);
	assert_ok(cdp_page_fill(site.page, "#r", "7", NULL, &site.err), &site.err);
	assert_ok(cdp_page_fill(site.page, "#n", "12.5", NULL, &site.err), &site.err);
	assert_js("[d, t, c, r, n].map(e => e.value).join()", "\"2026-02-28,23:59,#ff0080,7,12.5\"");
	assert_fails(cdp_page_fill(site.page, "#d", "28/02/2026", NULL, &site.err), &site.err, ERR_VALUE);
}

static void K09_read_only_that_becomes_writable(void **state)
{
	(void)state;
	show("<input id=i readonly><script>setTimeout(() => i.readOnly = false, 300)</script>");
	assert_ok(type("#i", "late"), &site.err);
	assert_js("i.value", "\"late\"");
}

/* What pages that fear autofill do. */
static void K09_read_only_until_it_has_the_focus(void **state)
{
	(void)state;
	show("<input id=i readonly onfocus=\"this.removeAttribute('readonly')\">");
	assert_ok(type("#i", "written"), &site.err);
	assert_js("i.value", "\"written\"");
}

/* ---- choices and files ---- */

static bool choose(const struct cdp_choice *choices, size_t count, int timeout_ms)
{
	return cdp_page_select(site.page, "#s", choices, count, timeout_ms, &site.err);
}

static void K11_select(void **state)
{
	(void)state;
	show("<select id=s onchange='window.changes = (window.changes || 0) + 1'><option value=a>Alpha<option value=b>Beta"
		"<option value=c>Gamma<option value=x disabled>Off</select>");
	assert_ok(choose(&(struct cdp_choice){ .value = "b" }, 1, SOON_MS), &site.err);
	assert_js("[s.value, window.changes]", "[\"b\",1]");
	assert_ok(choose(&(struct cdp_choice){ .label = "Gamma" }, 1, SOON_MS), &site.err);
	assert_js("s.value", "\"c\"");
	assert_ok(choose(&(struct cdp_choice){ .index = 0 }, 1, SOON_MS), &site.err);
	assert_js("s.value", "\"a\"");
	assert_fails(choose(&(struct cdp_choice){ .value = "x" }, 1, 500), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_DISABLED);
	assert_fails(choose(&(struct cdp_choice){ .value = "none" }, 1, 500), &site.err, ERR_TIMEOUT);
	assert_int_equal(site.err.cause, ERR_NOT_FOUND);
	assert_js("s.value", "\"a\"");
}

static void K11_select_several(void **state)
{
	static const struct cdp_choice both[] = { { .value = "a" }, { .label = "Gamma" } };

	(void)state;
	show("<select id=s multiple><option value=a>Alpha<option value=b selected>Beta<option value=c>Gamma</select>");
	assert_ok(choose(both, 2, SOON_MS), &site.err);
	assert_js("[...s.selectedOptions].map(o => o.value).join()", "\"a,c\"");
}

static void K11_select_options_that_are_late(void **state)
{
	(void)state;
	show("<select id=s></select><script>setTimeout(() => s.innerHTML = '<option value=q>Q<option value=w>W', 300)</script>");
	assert_ok(choose(&(struct cdp_choice){ .value = "w" }, 1, SOON_MS), &site.err);
	assert_js("s.value", "\"w\"");
}

static void make_file(char *path, const char *content)
{
	AUTO(fd) int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
}

static void K12_files(void **state)
{
	char one[] = "/tmp/gabbai-test-XXXXXX", two[] = "/tmp/gabbai-test-XXXXXX";
	const char *const paths[] = { one, two };

	(void)state;
	make_file(one, "first");
	make_file(two, "second");
	show(words("<input type=file id=f multiple onchange='window.changed = 1'><input type=file id=h style='display:none'>"
		"<iframe name=kid src='%s'></iframe>", there(doc("<input type=file id=k>"))));
	assert_ok(cdp_page_upload(site.page, "#f", paths, 2, SOON_MS, &site.err), &site.err);
	assert_js("Promise.all([...f.files].map(x => x.text())).then(t => t.join())", "\"first,second\"");
	assert_js("window.changed", "1");
	assert_ok(cdp_page_upload(site.page, "#h", paths, 1, SOON_MS, &site.err), &site.err);
	assert_js("h.files[0].text()", "\"first\"");
	assert_ok(cdp_page_upload(site.page, "frame=kid >> #k", paths + 1, 1, SOON_MS, &site.err), &site.err);
	assert_js_in(site.page, cdp_page_frame(site.page, "kid"), "k.files[0].text()", "\"second\"");
	(void)unlink(one);
	(void)unlink(two);
	assert_fails(cdp_page_upload(site.page, "#f", paths, 1, 1000, &site.err), &site.err, ERR_INPUT);
}

static void K13_page_that_steals_the_focus(void **state)
{
	(void)state;
	show("<input id=i><input id=thief><script>i.addEventListener('focus', () => setTimeout(() => thief.focus(), 5),"
		"{ once: true })</script>");
	assert_ok(type("#i", "where it belongs"), &site.err);
	assert_js("i.value", "\"where it belongs\"");
}

static const struct CMUnitTest tests[] = {
	PAGE(K01_events_of_a_typed_character),
	PAGE(K02_text_that_no_keyboard_has),
	PAGE(K03_keys_that_edit),
	PAGE(K04_fill_of_a_watched_field),
	PAGE(K05_field_that_is_mounted_again),
	PAGE(K05_field_that_is_wiped),
	PAGE(K05_field_with_a_mask),
	PAGE(K05_field_that_takes_nothing),
	PAGE(K06_code_with_a_jump),
	PAGE(K06_code_with_a_late_jump),
	PAGE(K06_code_with_a_very_late_jump),
	PAGE(K06_code_without_a_jump),
	PAGE(K06_code_in_one_field),
	PAGE(K06_code_whose_keys_are_captured),
	PAGE(K06_code_that_submits_itself),
	PAGE(K06_code_that_takes_a_paste_only),
	PAGE(K06_code_in_a_frame_of_another_site),
	PAGE(K06_code_that_is_entered_again),
	PAGE(K07_password_is_nowhere),
	PAGE(K08_fields_with_forms),
	PAGE(K09_read_only_that_becomes_writable),
	PAGE(K09_read_only_until_it_has_the_focus),
	PAGE(K11_select),
	PAGE(K11_select_several),
	PAGE(K11_select_options_that_are_late),
	PAGE(K12_files),
	PAGE(K13_page_that_steals_the_focus),
	PAGE(K05_wiped_before_the_click),
	PAGE(K03_select_all),
};

int main(void)
{
	return site_run(tests);
}
