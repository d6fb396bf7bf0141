/* A person in front of the server's page: see screen.h. */
#include "tests/lib/screen.h"

#include "cdp/base/json.h"
#include "tests/lib/asserts.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROGRAM_S = 280, LOOK_MS = 100 };

struct screen screen;

static struct deadline soon(void)
{
	return deadline_in_ms(SCREEN_MS);
}

int screen_start(void **state)
{
	(void)alarm(PROGRAM_S);
	/* Before there is a folder for the server's browsers: this one is none of them. */
	screen.browser = cdp_browser_launch(&(struct cdp_launch_opts){ 0 }, soon(), &screen.err);
	assert_ok(screen.browser != NULL, &screen.err);
	return served_start(state);
}

int screen_stop(void **state)
{
	cdp_browser_free(screen.browser);
	return served_stop(state);
}

int screen_tab(void **state)
{
	(void)state;
	screen.page = heard_open(screen.browser, 1280);
	return 0;
}

int screen_tab_end(void **state)
{
	(void)state;
	heard_close(screen.page);
	screen.page = NULL;
	return 0;
}

int screen_begin(void **state)
{
	return served_begin(state) || screen_tab(state);
}

/* The server ends first: what the page has of that is no fault of its own, and it may be asked until then. */
int screen_end(void **state)
{
	const int failed = screen_tab_end(state);

	return served_end(state) || failed;
}

void enter(const char *user, const char *const *more)
{
	web_start(&web, &cal, user, more);
	AUTO(text) char *first = xasprintf("/#t=%s", web.start);
	visit(first);
}

void visit(const char *path)
{
	AUTO(text) char *url = xasprintf("http://127.0.0.1:%d%s", web.port, path);

	assert_ok(cdp_page_goto(screen.page, url, NULL, NULL, &screen.err), &screen.err);
}

/* ---- looking ---- */

static void is_not_there(const char *what)
{
	AUTO(json) cJSON *all = cdp_page_eval(screen.page, "document.body.innerText.slice(0, 1500)", NULL, NULL);

	fail_msg("%s is not to be seen (%s): %s", what, screen.err.text, cJSON_IsString(all) ? all->valuestring : "");
}

void see(const char *words)
{
	AUTO(text) char *selector = xasprintf("text=%s", words);

	see_element(selector);
}

void see_element(const char *selector)
{
	if (!cdp_page_wait(screen.page, selector, &(struct cdp_wait_opts){ .timeout_ms = SCREEN_MS }, &screen.err))
		is_not_there(selector);
}

void see_no_more(const char *selector)
{
	assert_ok(cdp_page_wait(screen.page, selector, &(struct cdp_wait_opts){ .timeout_ms = SCREEN_MS, .state = CDP_HIDDEN },
		&screen.err), &screen.err);
}

void see_that(const char *expression)
{
	AUTO(json) cJSON *yes = cdp_page_wait_eval(screen.page, expression, &(struct cdp_eval_opts){ .timeout_ms = SCREEN_MS },
		&screen.err);

	if (!yes)
		is_not_there(expression);
}

double number_of(const char *expression)
{
	AUTO(json) cJSON *value = cdp_page_eval(screen.page, expression, NULL, &screen.err);

	assert_ok(value != NULL, &screen.err);
	assert_true(cJSON_IsNumber(value));
	return value->valuedouble;
}

/* ---- doing ---- */

void press(const char *role, const char *name)
{
	AUTO(text) char *selector = xasprintf("role=%s[name=%s]", role, name);

	press_element(selector);
}

void press_element(const char *selector)
{
	if (!cdp_page_click(screen.page, selector, &(struct cdp_click_opts){ .timeout_ms = SCREEN_MS }, &screen.err))
		is_not_there(selector);
}

void type(const char *selector, const char *text)
{
	if (!cdp_page_type(screen.page, selector, text, &(struct cdp_type_opts){ .timeout_ms = SCREEN_MS, .calm_ms = -1 }, &screen.err))
		is_not_there(selector);
}

void type_keys(const char *text)
{
	for (; *text; text++)
		assert_ok(cdp_page_press(screen.page, (const char[]){ *text, '\0' }, &screen.err), &screen.err);
}

void forget_messages(void)
{
	AUTO(text) char *phone = cal_file(&cal, "phone");

	(void)unlink(phone);
}

char *wrong_code(const char *code)
{
	char *wrong = xstrdup(code);

	wrong[0] = wrong[0] == '9' ? '0' : (char)(wrong[0] + 1);
	return wrong;
}

/* ---- runs ---- */

void need_a_code(void)
{
	AUTO(reply) struct reply forgotten = web_ask(&web, &(struct ask){ .method = "DELETE",
		.path = "/api/integrations/visa-cal/session" });
	const struct deadline until = soon();

	forget_messages();
	for (;;) {
		AUTO(reply) struct reply started = web_post(&web, "/api/runs", "{\"site\":\"visa-cal\"}");
		if (started.status == 202)
			break;
		assert_int_equal(started.status, 409); /* the one before is ending */
		assert_false(deadline_passed(until));
		(void)poll(NULL, 0, LOOK_MS);
	}
	AUTO(text) char *code = phone_code();
	assert_non_null(code);
}

static bool some_run_is_on(void)
{
	AUTO(reply) struct reply sites = web_get(&web, "/api/sites");
	const char *at = sites.body;

	while ((at = at ? strstr(at, "\"running\":") : NULL) && !strncmp(at + 10, "null", 4))
		at++;
	return at != NULL;
}

void wait_until_no_run(void)
{
	const struct deadline until = soon();

	while (some_run_is_on() && !deadline_passed(until))
		(void)poll(NULL, 0, LOOK_MS);
	assert_false(some_run_is_on());
}

/* ---- the site in the server's browser ---- */

/* The id of the site's tab, owned by the caller; NULL: it is not open yet. */
static char *site_tab(struct cdp_browser *browser)
{
	AUTO(json) cJSON *list = cdp_browser_tabs(browser, SCREEN_MS, NULL);
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
		if (json_str(one, "url") && strstr(json_str(one, "url"), "cal-online"))
			return xstrdup(json_str(one, "targetId"));
	return NULL;
}

void shown_open(struct shown *s)
{
	struct error err = { 0 };

	for (const struct deadline until = soon(); !s->page; (void)poll(NULL, 0, LOOK_MS)) {
		AUTO(text) char *url = xasprintf("http://127.0.0.1:%d", cal_browser_port(&cal));
		s->browser = cdp_browser_attach(url, NULL, until, &err);
		AUTO(text) char *target = s->browser ? site_tab(s->browser) : NULL;
		s->page = target ? cdp_page_attach(s->browser, target, NULL, until, &err) : NULL;
		if (!s->page)
			shown_close(s);
		if (deadline_passed(until))
			fail_msg("no browser of the server's shows the site: %s", err.text);
	}
}

void shown_close(struct shown *s)
{
	cdp_browser_free(s->browser);
	*s = (struct shown){ 0 };
}

void shown_find(struct shown *s, const char *frame, const char *selector, double *x, double *y)
{
	static const char corner[] = "function () { const r = this.getBoundingClientRect();"
		" return [r.left + this.clientLeft, r.top + this.clientTop]; }";
	struct error err = { 0 };
	AUTO(text) char *whole = frame ? xasprintf("frame=%s >> %s", frame, selector) : xstrdup(selector);
	AUTO(text) char *script = xasprintf("(async () => { const at = () => { const r = document.querySelector(\"%s\").getBoundingClientRect();"
		" return [r.left + r.width / 2, r.top + r.height / 2]; }; let a = at(), b; do { b = a;"
		" await new Promise(then => setTimeout(then, 100)); a = at(); } while (String(a) !== String(b)); return a; })()", selector);

	assert_ok(cdp_page_wait(s->page, whole, &(struct cdp_wait_opts){ .timeout_ms = SCREEN_MS, .state = CDP_ENABLED }, &err), &err);
	struct cdp_frame *in = frame ? cdp_page_frame(s->page, frame) : NULL;
	AUTO(json) cJSON *point = cdp_page_eval(s->page, script, &(struct cdp_eval_opts){ .frame = in }, &err);
	assert_ok(point != NULL, &err);
	AUTO(json) cJSON *base = in ? cdp_frame_owner(in, corner, soon(), &err) : NULL;
	assert_ok(!in || base, &err);
	*x = cJSON_GetArrayItem(point, 0)->valuedouble + (base ? cJSON_GetArrayItem(base, 0)->valuedouble : 0);
	*y = cJSON_GetArrayItem(point, 1)->valuedouble + (base ? cJSON_GetArrayItem(base, 1)->valuedouble : 0);
}
