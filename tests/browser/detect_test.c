/* What the detector of codes says of pages: our own in fixtures/pages/asks, whose first comment is what must be
 * found, and some that make it hard to look. */
#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "scrapers/detect.h"
#include "tests/lib/site.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static struct challenge found;
static struct challenge_sight sight;

/* A new document cannot tell of its changes before the second look. */
static void look(void)
{
	for (int looks = 0; looks == 0 || (found.is_partial && looks < 3); looks++)
		assert_ok(challenge_look(site.page, &sight, &found, &site.err), &site.err);
}

static int forget(void **state)
{
	challenge_clear(&found);
	sight = (struct challenge_sight){ .again = DEADLINE_NEVER };
	return site_page_end(state);
}

#define LOOKING(test) cmocka_unit_test_setup_teardown(test, site_page, forget)

/* Looks until KIND is found, for a moment. */
static void look_for(enum challenge_kind kind)
{
	const struct deadline until = deadline_in_ms(3000);

	for (look(); found.kind != kind && !deadline_passed(until); look())
		(void)cdp_conn_wait(cdp_page_conn(site.page), deadline_in_ms(50), NULL);
	assert_int_equal(found.kind, kind);
}

/* ---- the pages ---- */

static char *wanted_of(const char *file)
{
	AUTO(text) char *path = xasprintf("fixtures/pages/asks/%s", file);
	FILE *f = fopen(path, "re");
	char line[512] = "";

	assert_non_null(f);
	while (fgets(line, sizeof line, f) && strncmp(line, "<!-- ", 5) != 0)
		continue;
	fclose(f);
	line[strcspn(line, "\n") - 4] = '\0';
	return xstrdup(line + 5);
}

/* What the verdict says of NAME, as the comment would. */
static char *said(const char *name)
{
	static const struct { const char *name, *member; } texts[] = {
		{ "submit", "submit" }, { "resend", "resend" }, { "trust", "trustDevice" }, { "trigger", "trigger" },
		{ "channel", "channel" }, { "problem", "problem" },
	};
	struct buf out = { 0 };
	const cJSON *one;

	if (!strcmp(name, "digits"))
		return xasprintf("%d", found.digits);
	if (!strcmp(name, "disabled"))
		return xstrdup(found.disabled ? "" : "no");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(name, texts[i].name))
			return xstrdup(json_str(found.verdict, texts[i].member) ? json_str(found.verdict, texts[i].member) : "none");
	if (!strcmp(name, "choices")) {
		cJSON_ArrayForEach(one, json_list(found.verdict, "choices"))
			buf_printf(&out, "%s%s", out.size ? " " : "", json_str(one, "channel"));
		return buf_take(&out);
	}
	if (!strcmp(name, "others")) {
		int64_t digits = 0;
		const cJSON *field;
		cJSON_ArrayForEach(one, json_list(found.verdict, "others")) {
			cJSON_ArrayForEach(field, json_list(one, "fields"))
				buf_printf(&out, "%s%s", out.size ? " " : "", field->valuestring);
			(void)json_int(one, "digits", &digits); /* else 0 */
			const char *destination = json_str(one, "destination");
			buf_printf(&out, " %s %d %s", json_str(one, "channel"), (int)digits, destination ? destination : "");
		}
		return buf_take(&out);
	}
	for (size_t i = 0; i < found.field_count; i++)
		buf_printf(&out, "%s%s", i ? " " : "", found.fields[i]);
	return out.size ? buf_take(&out) : xstrdup("");
}

/* Prints what is not as WANTED says. */
static int differences(const char *file, char *wanted)
{
	int wrong = 0;
	char *rest = NULL;
	const char *kind = json_str(found.verdict, "kind");
	const char *first = strtok_r(wanted, ";", &rest);

	if (strcmp(kind ? kind : "none", first) != 0) {
		print_message("%s: is %s, not %s\n", file, kind ? kind : "none", first);
		return 1;
	}
	for (char *one = strtok_r(NULL, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
		one += strspn(one, " ");
		char *value = one + strcspn(one, " ");
		if (*value)
			*value++ = '\0';
		AUTO(text) char *is = said(one);
		if (!strcmp(is, value))
			continue;
		print_message("%s: %s is \"%s\", not \"%s\"\n", file, one, is, value);
		wrong++;
	}
	return wrong;
}

static void pages_say_what_they_want(void **state)
{
	DIR *dir = opendir("fixtures/pages/asks");
	int wrong = 0, pages = 0;

	(void)state;
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (!strstr(entry->d_name, ".html"))
			continue;
		AUTO(text) char *wanted = wanted_of(entry->d_name);
		go(here(words("asks/%s", entry->d_name)));
		look();
		wrong += differences(entry->d_name, wanted);
		pages++;
	}
	closedir(dir);
	assert_in_range(pages, 30, 1000);
	assert_int_equal(wrong, 0);
}

/* Pages of a heading, a sentence and one field, which has no name: only what they say tells them apart. */
static const struct {
	enum challenge_kind kind;
	const char *heading, *text, *label, *attributes;
} sentences[] = {
	/* A code that merely is a code is not one of now. */
	{ CHALLENGE_NONE, "Pay for parking", "Enter the code on the sign", "Code", "maxlength=6 inputmode=numeric" },
	{ CHALLENGE_CODE, "Almost there", "Open Authy and enter the code", "Code", "maxlength=6 inputmode=numeric" },
	{ CHALLENGE_NONE, "С возвращением", "Введите ваш код доступа", "Код", "type=password maxlength=4" },
	{ CHALLENGE_CODE, "Подтверждение", "Код отправлен на номер •••45", "Код", "type=password maxlength=4" },
	/* Of a television, of people, by post. */
	{ CHALLENGE_NONE, "TV verbinden", "Geben Sie den Code ein, der auf Ihrem TV erscheint", "Code", "maxlength=8" },
	{ CHALLENGE_NONE, "Uitnodiging", "Vul de code in die je van je organisator hebt ontvangen", "Code", "" },
	{ CHALLENGE_NONE, "הצטרפות לקבוצה", "הזינו את הקוד שקיבלתם מהמורה", "קוד", "" },
	{ CHALLENGE_CODE, "אימות", "הזינו את הקוד שקיבלתם במסרון", "קוד", "" },
	{ CHALLENGE_NONE, "Activer mon compte", "Indiquez le code reçu par courrier postal", "Code d'activation", "maxlength=8" },
	{ CHALLENGE_CODE, "Activer mon compte", "Nous vous avons envoyé un code par e-mail", "Code d'activation", "maxlength=8" },
	/* What is called a recovery code may have been sent just now. */
	{ CHALLENGE_CODE, "Recupera tu cuenta", "Te enviamos un código de recuperación a m***@example.com", "Código", "maxlength=6" },
	{ CHALLENGE_RECOVERY, "Sin teléfono", "Introduce uno de tus códigos de recuperación", "Código de recuperación", "" },
	/* A number to send a code to is no code. */
	{ CHALLENGE_NONE, "휴대폰 인증", "인증번호를 받을 휴대폰 번호를 입력하세요", "휴대폰 번호", "type=tel" },
	{ CHALLENGE_CODE, "휴대폰 인증", "문자로 보낸 번호를 입력하세요", "번호", "type=tel maxlength=6" },
	/* A key that types is touched. */
	{ CHALLENGE_WEBAUTHN, "Second factor", "Plug in your key and touch it", "Yubico OTP", "" },
	/* Hebrew has a hyphen of its own. */
	{ CHALLENGE_CODE, "אישור תשלום", "הזינו את הסיסמה החד־פעמית שנשלחה לנייד", "סיסמה", "type=password maxlength=6" },
	/* Words of one language are not those of another. */
	{ CHALLENGE_CODE, "Double authentification", "Recopiez les 6 chiffres de votre application", "Code", "" },
};

static void sentences_say_what_they_want(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		show(words("<header>Example</header><main><h1>%s</h1><p>%s</p><form><label>%s <input %s></label><button>OK</button></form></main>"
			"<div>Code PROMO10</div>", sentences[i].heading, sentences[i].text, sentences[i].label, sentences[i].attributes));
		look();
		if (found.kind == sentences[i].kind)
			continue;
		print_message("\"%s\": %d, not %d\n", sentences[i].text, (int)found.kind, (int)sentences[i].kind);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* ---- being told ---- */

/* The value in our own world, owned by the caller. */
static cJSON *inside(const char *expression)
{
	const struct cdp_eval_opts opts = { .isolated = true, .timeout_ms = SOON_MS };
	cJSON *value = cdp_page_eval(site.page, expression, &opts, &site.err);

	assert_ok(value != NULL, &site.err);
	return value;
}

static int64_t number_inside(const char *expression)
{
	AUTO(json) cJSON *value = inside(expression);

	assert_true(cJSON_IsNumber(value));
	return (int64_t)value->valuedouble;
}

/* Waits until a look may find something else; false: nothing until UNTIL. */
static bool is_told(struct deadline until)
{
	struct error why = { 0 };

	while (!challenge_may_differ(site.page, &sight))
		if (!cdp_conn_wait(cdp_page_conn(site.page), until, &why))
			return false;
	return true;
}

/* The page has looked N times more, or has told, and so stopped looking: what it had to say has been said. */
static void page_looks(int n)
{
	const int64_t before = number_inside("gabbaiOtp.cost().ticks");

	while (number_inside("gabbaiOtp.cost().told ? 1e9 : gabbaiOtp.cost().ticks") < before + n)
		(void)cdp_conn_wait(cdp_page_conn(site.page), deadline_in_ms(20), NULL);
}

/* ---- pages that make it hard ---- */

static const char code_form[] = "<h1>Two-step verification</h1><p>We sent a code to ***12</p>"
	"<form onsubmit='return false'><input id=code name=otp maxlength=6><button id=go>Verify</button></form>";

static void a_strict_policy_does_not_matter(void **state)
{
	(void)state;
	show(words("<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; require-trusted-types-for 'script'\">%s", code_form));
	look();
	assert_int_equal(found.kind, CHALLENGE_CODE);
	assert_string_equal(found.fields[0], "#code");
}

static void what_the_page_has_replaced_does_not_matter(void **state)
{
	(void)state;
	show(words("%s<script>"
		"for (const type of [Array, Map, Set, String, RegExp, Element, Node, Document, HTMLInputElement, EventTarget])"
		"	for (const name of Object.getOwnPropertyNames(type.prototype))"
		"		if (name !== 'constructor') try { Object.defineProperty(type.prototype, name, { get() { window.touched = name; throw 1 },"
		"			configurable: true }) } catch {}"
		"JSON = MutationObserver = getComputedStyle = setTimeout = clearTimeout = performance = undefined</script>", code_form));
	look();
	assert_int_equal(found.kind, CHALLENGE_CODE);
	assert_string_equal(found.submit, "#go");
	page_looks(2);
	AUTO(json) cJSON *none = inside("(document.getElementById('code').value = '1', document.querySelector('form').append('Wrong code'), null)");
	assert_true(is_told(soon()));
	look();
	assert_true(found.filled);
	assert_js("window.touched === undefined", "true");
}

static void looking_does_nothing(void **state)
{
	(void)state;
	show(words("<script>window.seen = [];"
		"for (const type of ['focus', 'blur', 'focusin', 'input', 'beforeinput', 'change', 'click', 'keydown', 'mousedown',"
		"	'mousemove', 'paste', 'scroll', 'selectionchange', 'submit'])"
		"	addEventListener(type, () => seen.push(type), true);"
		"new MutationObserver(list => seen.push('mutation')).observe(document, { subtree: true, childList: true, attributes: true })"
		"</script>%s<script>seen.length = 0</script>", code_form));
	assert_js("(new Promise(done => setTimeout(() => { seen.length = 0; done(1) }, 200)))", "1");
	for (int i = 0; i < 5; i++)
		look();
	page_looks(3);
	assert_js("typeof gabbaiOtpChanged", "\"undefined\"");
	assert_js("seen.join() + document.activeElement.localName + code.value + Object.keys(window).filter(k => /gabbai/.test(k))",
		"\"body\"");
}

static void a_field_that_comes_later_is_found(void **state)
{
	(void)state;
	show("<main id=main><h1>Sign in</h1><form><input name=user placeholder=Username><input type=password></form></main>");
	look();
	assert_int_equal(found.kind, CHALLENGE_NONE);
	assert_js("(setTimeout(() => main.innerHTML = `<p>Enter the 6-digit code we sent</p><input id=late>`, 100), 1)", "1");
	look_for(CHALLENGE_CODE);
	assert_string_equal(found.fields[0], "#late");
}

/* All phrases of the vocabulary, as pages get it, are plain, and are found where they stand: by their keys.  Those with
 * a star inside a part mean nothing. */
static void all_phrases_are_found(void **state)
{
	(void)state;
	show(code_form);
	look();
	assert_true(number_inside("Object.values(gabbaiOtp.lists()).flat().length") > 7000);
	AUTO(json) cJSON *lost = inside("Object.entries(gabbaiOtp.lists()).flatMap(([concept, list]) => list"
		".filter(one => !/.\\*[^.]/.test(one))"
		".filter(one => one !== gabbaiOtp.plain(one)"
		"	|| !gabbaiOtp.said('so ' + one.replaceAll('*', '').replaceAll('...', ' or ') + ' it is', concept))"
		".map(one => concept + ': ' + one))");
	AUTO(text) char *text = json_print(lost);
	assert_string_equal(text, "[]");
}

/* What was found before is kept only as long as nothing has happened to it. */
static void changes_are_seen(void **state)
{
	static const struct { const char *change, *member, *value; } changes[] = {
		{ "code.value = '123456'", "filled", "true" },
		{ "code.disabled = true", "disabled", "true" },
		{ "code.disabled = false", "disabled", "false" },
		{ "document.forms[0].insertAdjacentHTML('afterbegin', '<p role=alert>Wrong code</p>')", "problem", "\"wrong\"" },
		{ "document.querySelector('[role=alert]').textContent = 'The code has expired'", "problem", "\"expired\"" },
		{ "document.forms[0].insertAdjacentHTML('beforeend', '<a id=again href=#>Resend code</a>')", "resend", "\"#again\"" },
		{ "document.forms[0].style.display = 'none'", "kind", "\"none\"" },
		{ "document.forms[0].style.display = ''", "kind", "\"code\"" },
		{ "document.forms[0].remove()", "kind", "\"none\"" },
	};

	(void)state;
	show(code_form);
	look();
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		assert_js(words("(%s, 1)", changes[i].change), "1");
		look();
		const cJSON *member = json_at(found.verdict, changes[i].member);
		AUTO(text) char *is = member ? json_print(member) : xstrdup("\"none\"");
		if (strcmp(is, changes[i].value) != 0)
			fail_msg("%s: %s is %s, not %s", changes[i].change, changes[i].member, is, changes[i].value);
	}
}

static void the_page_tells_when_it_wants_something_else(void **state)
{
	static const char *const changes[] = {
		"setTimeout(() => main.innerHTML = `%s`, 100)",             /* it appears */
		"setTimeout(() => document.querySelector('input').value = '1', 100)", /* no mutation at all */
		"setTimeout(() => document.body.className = 'off', 100)",   /* hidden by a style sheet */
		"setTimeout(() => location.reload(), 100)",
	};

	(void)state;
	show("<style>.off main { display: none }</style><main id=main><h1>Sign in</h1><button>Go</button></main>");
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		look();
		AUTO(text) char *change = xasprintf(changes[i], code_form);
		AUTO(text) char *result = js_in(site.page, NULL, change);
		if (!is_told(soon()))
			fail_msg("nothing was told of: %s", changes[i]);
	}
}

/* A clock that ticks, a list that grows, a form that waits: no word goes over the wire. */
static void nothing_is_said_while_nothing_changes(void **state)
{
	enum { QUIET_MS = 600, ROUNDS = 6 };

	(void)state;
	show(words("<p id=clock>0</p><ul id=list></ul>%s<script>setInterval(() => { clock.textContent++; list.append("
		"document.createElement('li')) }, 20)</script>", code_form));
	look_for(CHALLENGE_CODE);
	look();
	/* The browser has some last words about the loading of the page. */
	unsigned long long before = 0, after = cdp_conn_messages(cdp_page_conn(site.page));
	for (int round = 0; round < ROUNDS && after != before; round++) {
		before = after;
		assert_false(is_told(deadline_in_ms(QUIET_MS)));
		after = cdp_conn_messages(cdp_page_conn(site.page));
	}
	assert_int_equal(before, after);
}

/* ---- changes that are told ---- */

static void the_page_tells_when_the_verdict_changes(void **state)
{
	static const struct { const char *change; bool told; } changes[] = {
		{ "document.title = 'Bank (1)'", false },
		{ "history.replaceState(null, '', '#here')", false },
		{ "news.textContent = 'It rains'", false },
		{ "left.textContent = '4:58'", false },
		{ "left.textContent = '9:59'", true }, /* a new code was sent */
		{ "chat.innerHTML = '<p>hello</p>'.repeat(200)", false },
		{ "code.value = '1'", true },
		{ "code.value = '12'", false },
		{ "code.value = ''", true },
		{ "code.disabled = true", true },
		{ "code.disabled = false", true },
		{ "again.setAttribute('aria-disabled', 'true')", true },
		{ "document.styleSheets[0].insertRule('form { display: none }')", true },
		{ "document.styleSheets[0].deleteRule(0)", true },
		{ "document.styleSheets[0].insertRule('h1 { color: red }')", false },
		{ "code.insertAdjacentHTML('afterend', '<p role=alert>Wrong code</p>')", true },
		{ "document.querySelector('[role=alert]').textContent = 'The code has expired'", true },
		{ "document.forms[0].remove()", true },
	};
	AUTO(text) char *html = xasprintf("<style></style><p id=news>The sun shines</p>%s<div id=chat></div>"
		"<script>go.insertAdjacentHTML('afterend', '<p>Time left: <b id=left>4:59</b></p><a id=again href=#>Resend code</a>')"
		"</script>", code_form);

	(void)state;
	show(html);
	look();
	assert_int_equal(found.kind, CHALLENGE_CODE);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		assert_js(words("(%s, 1)", changes[i].change), "1");
		if (!changes[i].told)
			page_looks(3);
		if (is_told(changes[i].told ? soon() : deadline_in_ms(0)) != changes[i].told)
			fail_msg("%s: %s", changes[i].change, changes[i].told ? "nothing is told" : "is told");
		look();
	}
}

/* Once, until it was asked; and what comes back to what was answered is nothing new. */
static void the_page_tells_once(void **state)
{
	(void)state;
	show(code_form);
	look();
	page_looks(2);
	assert_false(is_told(deadline_in_ms(0)));
	const int64_t judged = number_inside("gabbaiOtp.cost().judged");
	page_looks(2);
	assert_int_equal(number_inside("gabbaiOtp.cost().judged"), judged);
	assert_js("(code.value = '1', 1)", "1");
	assert_true(is_told(soon()));
	const int64_t ticks = number_inside("gabbaiOtp.cost().ticks");
	assert_js("(code.disabled = true, 1)", "1");
	assert_js("new Promise(done => setTimeout(() => done(1), 300))", "1");
	assert_int_equal(number_inside("gabbaiOtp.cost().ticks"), ticks);
	assert_false(is_told(deadline_in_ms(0)));
	look();
	assert_true(found.disabled);
	assert_js("(code.disabled = false, code.disabled = true, 1)", "1");
	page_looks(2);
	assert_false(is_told(deadline_in_ms(0)));
}

static void codes_in_frames(void **state)
{
	static const struct { const char *style; enum challenge_kind kind; } frames[] = {
		{ "width:400px;height:300px", CHALLENGE_CODE },
		{ "display:none", CHALLENGE_NONE },
		{ "visibility:hidden", CHALLENGE_NONE },
		{ "opacity:0", CHALLENGE_NONE },
		{ "width:1px;height:1px", CHALLENGE_NONE },
		{ "position:absolute;left:-5000px", CHALLENGE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
		for (int other = 0; other < 2; other++) {
			AUTO(text) char *kid = xstrdup(other ? there(doc(code_form)) : here(doc(code_form)));
			show(words("<p>Bank</p><iframe id=kid style='%s' src='%s'></iframe>", frames[i].style, kid));
			look_for(frames[i].kind);
			if (found.kind != CHALLENGE_CODE)
				continue;
			AUTO(json) cJSON *way = challenge_frames(&found);
			assert_int_equal(cJSON_GetArraySize(way), 1);
			assert_string_equal(cJSON_GetArrayItem(way, 0)->valuestring, "#kid");
		}
}

/* Only the driver sees into it, and can type there. */
static void a_code_is_typed_into_a_closed_shadow_root(void **state)
{
	AUTO(secret) struct secret *code = secret_new("482913", 6);

	(void)state;
	show("<x-code style='display:block;height:90px'></x-code><script>customElements.define('x-code', class extends HTMLElement {"
		"connectedCallback() { const root = this.attachShadow({ mode: 'closed' });"
		"root.innerHTML = '<label>Verification code <input id=c maxlength=6 inputmode=numeric></label><button>Verify</button>';"
		"root.firstChild.lastChild.oninput = e => window.typed = e.target.value } })</script>");
	look();
	assert_int_equal(found.kind, CHALLENGE_CODE);
	assert_ok(cdp_page_type_code(site.page, found.frame, found.fields, found.field_count, code, soon(), &site.err), &site.err);
	assert_js("window.typed", "\"482913\"");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LOOKING(pages_say_what_they_want),
		LOOKING(sentences_say_what_they_want),
		LOOKING(a_strict_policy_does_not_matter),
		LOOKING(what_the_page_has_replaced_does_not_matter),
		LOOKING(looking_does_nothing),
		LOOKING(a_field_that_comes_later_is_found),
		LOOKING(all_phrases_are_found),
		LOOKING(changes_are_seen),
		LOOKING(the_page_tells_when_it_wants_something_else),
		LOOKING(nothing_is_said_while_nothing_changes),
		LOOKING(the_page_tells_when_the_verdict_changes),
		LOOKING(the_page_tells_once),
		LOOKING(codes_in_frames),
		LOOKING(a_code_is_typed_into_a_closed_shadow_root),
	};

	return site_run(tests);
}
