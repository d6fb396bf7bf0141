/* Connecting an account from the page: guided, by import, and in the live view. */
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/processes.h"
#include "tests/lib/served.h"

#include <dirent.h>
#include <poll.h>
#include <string.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define CONNECT "/api/integrations/visa-cal/connect"
#define PLANTED "Planted-Pass-4711"

enum { PICTURE_HEAD = 32, PROCESSES_MAX = 64, COOKIE_MIN = 12 };

/* Waits until the connect is in STATE, and says MESSAGE (NULL: anything) and ERROR (NULL: none): its status, owned by the caller. */
static cJSON *await_state(struct sse *all, const char *state, const char *message, bool refused)
{
	for (;;) {
		AUTO(json) cJSON *data = sse_await(all, "connect.changed");
		const char *is = json_str(data, "state"), *says = json_str(data, "message");
		const bool has_error = json_str(data, "error") || json_str(data, "guided.error");
		if (!strcmp(is, state) && (!message || (says && strstr(says, message))) && has_error == refused)
			return TAKE(data);
		if (!strcmp(is, "failed") && strcmp(state, "failed") != 0)
			fail_msg("it failed: %s", says ? says : "");
	}
}

static void start_connecting(struct sse *all, const char *body)
{
	web_start(&web, &cal, "", NULL);
	assert_true(sse_open(all, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(reply) struct reply started = web_post(&web, CONNECT "/start", body);
	AUTO(reply) struct reply second = web_post(&web, CONNECT "/start", body);
	assert_status(started, 202);
	assert_status(second, 409);
}

static void fill(const char *password, bool remember)
{
	AUTO(text) char *body = xasprintf("{\"values\":{\"username\":\"otp6\",\"password\":\"%s\"},\"remember\":%s}", password,
		remember ? "true" : "false");
	AUTO(reply) struct reply filled = web_post(&web, CONNECT "/fill", body);

	assert_status(filled, 200);
}

/* ---- what must be nowhere ---- */

static void assert_not_in_commands(const char *secret)
{
	pid_t pids[PROCESSES_MAX];
	const size_t count = processes_that_mention(cal.folder, pids, PROCESSES_MAX);

	assert_true(count > 1);
	for (size_t i = 0; i < count && i < PROCESSES_MAX; i++) {
		size_t size;
		AUTO(text) char *words = process_text(pids[i], "cmdline", &size);
		if (memmem(words, size, secret, strlen(secret)))
			fail_msg("a secret in the arguments of process %d", (int)pids[i]);
	}
}

/* In the database and its log, which has what was changed since. */
static void assert_not_in_files(const char *secret)
{
	static const char *const names[] = { "data/gabbai.db", "data/gabbai.db-wal", "serve", "serve.err" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO(text) char *path = cal_file(&cal, names[i]);
		AUTO(file) FILE *f = fopen(path, "re");
		AUTO(buf) struct buf text = { 0 };
		char chunk[8192];
		for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
			buf_append(&text, chunk, n);
		if (text.size && memmem(text.data, text.size, secret, strlen(secret)))
			fail_msg("%.20s… is in %s", secret, names[i]);
	}
}

static bool scrapes(void)
{
	AUTO(reply) struct reply r = web_post(&web, "/api/scraper/visa-cal/scrape", "{}");

	if (r.status != 200)
		print_message("HTTP %d: %s\n", r.status, r.body);
	return r.status == 200;
}

/* ---- guided, and import ---- */

static void a_person_is_guided_and_nothing_secret_is_left(void **state)
{
	AUTO(sse) struct sse all = { .fd = -1 };

	(void)state;
	start_connecting(&all, "{\"via\":\"guided\"}");
	AUTO(json) cJSON *wanted = await_state(&all, "waiting", "Fill in", false);
	assert_string_equal(json_str(wanted, "guided.fields.0.name"), "username");
	assert_string_equal(json_str(wanted, "guided.fields.1.type"), "password");
	AUTO(reply) struct reply half = web_post(&web, CONNECT "/fill", "{\"values\":{\"username\":\"otp6\"}}");
	assert_status(half, 422);
	fill(PLANTED, false);
	AUTO(json) cJSON *refused = await_state(&all, "waiting", "Fill in", true);
	assert_non_null(json_str(refused, "guided.error"));
	AUTO(reply) struct reply status = web_get(&web, CONNECT "/status");
	assert_string_equal(json_str(status.json, "state"), "waiting");
	assert_null(json_at(status.json, "channel"));
	fill("Secret123", true);
	AUTO(text) char *id = next_question(&all);
	AUTO(text) char *code = phone_code();
	const char *const secrets[] = { PLANTED, "Secret123", web.token };
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		assert_not_in_commands(secrets[i]);
	AUTO(reply) struct reply answered = answer_code(id, code);
	assert_status(answered, 200);
	assert_not_in_commands(code);
	AUTO(json) cJSON *verifying = await_state(&all, "verifying", "Verifying login and saving session...", false);
	AUTO(json) cJSON *connected = await_state(&all, "connected", "Connection successful! Session saved.", false);
	assert_true(verifying && connected);
	assert_true(web_has_no_browser(&web));

	/* The session is one, leaves by the export, and comes back by the import. */
	assert_true(scrapes());
	AUTO(ran) struct ran exported = gabbai_on(&cal, ARGS("session", "export", "visa-cal", "-f", "gabbai"));
	assert_int_equal(exported.code, 0);
	assert_non_null(json_at(exported.json, "cookies.0"));
	AUTO(reply) struct reply forgotten = web_ask(&web, &(struct ask){ .path = "/api/integrations/visa-cal/session", .method = "DELETE" });
	assert_status(forgotten, 200);
	AUTO(reply) struct reply none = web_get(&web, "/api/integrations/visa-cal/status");
	assert_false(json_true(none.json, "connected"));
	AUTO(reply) struct reply nonsense = web_post(&web, CONNECT "/import", "{\"state\":\"no cookies\"}");
	assert_true(nonsense.status >= 400 && nonsense.status < 500);
	AUTO(text) char *state_text = json_print(exported.json);
	AUTO(text) char *body = xasprintf("{\"state\":%s}", state_text);
	AUTO(reply) struct reply imported = web_post(&web, CONNECT "/import", body);
	assert_status(imported, 200);
	assert_true(scrapes());

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		assert_not_in_files(secrets[i]);
	const cJSON *cookie;
	cJSON_ArrayForEach(cookie, json_at(exported.json, "cookies"))
		if (json_str(cookie, "value") && strlen(json_str(cookie, "value")) >= COOKIE_MIN)
			assert_not_in_files(json_str(cookie, "value"));
}

/* ---- live ---- */

static int open_view(struct ws *ws)
{
	AUTO(text) char *origin = xasprintf("Origin: http://127.0.0.1:%d\r\n", web.port);

	return ws_open(ws, &web, &(struct ask){ .path = "/live?site=visa-cal", .headers = origin }, "gabbai-live");
}

/* The next message of TYPE, owned by the caller; pictures are acknowledged meanwhile. */
static cJSON *await_words(struct ws *ws, const char *type)
{
	AUTO(message) struct ws_message m = { 0 };

	while (ws_next(ws, &m, deadline_in_ms(WEB_MS))) {
		AUTO(json) cJSON *json = m.is_binary ? NULL : json_parse(m.data.data, m.data.size, NULL);
		if (json_str(json, "type") && !strcmp(json_str(json, "type"), type))
			return TAKE(json);
	}
	fail_msg("no %s", type);
	return NULL;
}

static void await_picture(struct ws *ws)
{
	AUTO(message) struct ws_message m = { 0 };

	while (ws_next(ws, &m, deadline_in_ms(WEB_MS)))
		if (m.is_binary) {
			assert_true(m.data.size > PICTURE_HEAD + 2);
			assert_memory_equal(m.data.data + PICTURE_HEAD, "\xff\xd8", 2); /* a JPEG */
			return;
		}
	fail_msg("no picture");
}

/* The page that is shown, by a second connection. */
struct shown {
	struct cdp_browser *browser;
	struct cdp_page *page;
};

static int browser_port(void)
{
	DIR *dir = opendir(cal.folder);
	int port = 0;

	for (const struct dirent *entry; dir && !port && (entry = readdir(dir));) {
		if (strncmp(entry->d_name, "gabbai-run-", 11) != 0)
			continue;
		AUTO(text) char *path = xasprintf("%s/%s/profile/DevToolsActivePort", cal.folder, entry->d_name);
		AUTO(file) FILE *f = fopen(path, "re");
		char line[16] = "";
		if (f && fgets(line, sizeof line, f))
			port = (int)strtol(line, NULL, 10);
	}
	if (dir)
		closedir(dir);
	return port;
}

static void look(struct shown *s)
{
	struct error err = { 0 };
	AUTO(text) char *url = xasprintf("http://127.0.0.1:%d", browser_port());

	s->browser = cdp_browser_attach(url, NULL, deadline_in_ms(WEB_MS), &err);
	assert_ok(s->browser != NULL, &err);
	AUTO(json) cJSON *tabs = cdp_browser_tabs(s->browser, WEB_MS, &err);
	const cJSON *tab, *shown = NULL;
	cJSON_ArrayForEach(tab, tabs)
		if (json_str(tab, "url") && strstr(json_str(tab, "url"), "cal-online"))
			shown = tab;
	assert_non_null(shown);
	s->page = cdp_page_attach(s->browser, json_str(shown, "targetId"), NULL, deadline_in_ms(WEB_MS), &err);
	assert_ok(s->page != NULL, &err);
}

static double value_of(struct shown *s, const char *script)
{
	struct error err = { 0 };
	AUTO(json) cJSON *value = cdp_page_eval(s->page, script, NULL, &err);

	assert_ok(value != NULL, &err);
	return cJSON_IsNumber(value) ? value->valuedouble : cJSON_IsTrue(value);
}

static void click_at(struct ws *ws, int x, int y)
{
	static const char *const events[] = { "move", "down", "up" };

	for (size_t i = 0; i < 3; i++) {
		AUTO(text) char *text = xasprintf("{\"type\":\"mouse\",\"event\":\"%s\",\"x\":%d,\"y\":%d,\"button\":0,"
			"\"clicks\":1,\"modifiers\":0}", events[i], x, y);
		assert_true(ws_send(ws, text));
	}
}

static void await_value(struct shown *s, const char *script, double wanted)
{
	for (const struct deadline until = deadline_in_ms(WEB_MS); value_of(s, script) != wanted; (void)poll(NULL, 0, 20))
		if (deadline_passed(until))
			fail_msg("%s is %g, not %g", script, value_of(s, script), wanted);
}

static void one_drives_and_others_look_on(void **state)
{
	AUTO(sse) struct sse all = { .fd = -1 };
	AUTO(ws) struct ws first = { .fd = -1 }, second = { .fd = -1 };
	struct shown shown = { 0 };

	(void)state;
	start_connecting(&all, "{\"via\":\"live\"}");
	AUTO(json) cJSON *waiting = await_state(&all, "waiting", "A browser window has opened", false);
	assert_non_null(waiting);
	assert_int_equal(open_view(&first), 101);
	AUTO(json) cJSON *alone = await_words(&first, "role");
	assert_true(json_true(alone, "driver"));
	await_picture(&first);
	AUTO(reply) struct reply early = web_post(&web, CONNECT "/complete", "{}");
	assert_status(early, 200);
	AUTO(json) cJSON *not_yet = await_state(&all, "waiting", "Login not detected", false);
	assert_non_null(not_yet);

	look(&shown);
	assert_true(value_of(&shown, "(() => { window.clicks = 0; addEventListener('click', e => { window.clicks++; e.preventDefault();"
		" e.stopImmediatePropagation(); }, true); const i = document.createElement('input'); i.id = 'planted';"
		" i.style = 'position:fixed;left:0;top:0;width:300px;height:60px;z-index:99999'; document.body.append(i); return true; })()") == 1);
	assert_int_equal(open_view(&second), 101);
	AUTO(json) cJSON *onlooker = await_words(&second, "role");
	assert_false(json_true(onlooker, "driver"));
	click_at(&second, 30, 30);
	assert_true(ws_send(&second, "{\"type\":\"text\",\"text\":\"not mine\"}"));
	assert_true(ws_send(&second, "{\"type\":\"drive\",\"take\":true}"));
	AUTO(json) cJSON *driver = await_words(&second, "role");
	assert_true(json_true(driver, "driver"));
	assert_int_equal((int)value_of(&shown, "window.clicks"), 0); /* what it sent before was heard before */
	click_at(&second, 30, 30);
	await_value(&shown, "window.clicks", 1);
	assert_true(ws_send(&second, "{\"type\":\"text\",\"text\":\"mine \xd7\xa9\"}"));
	await_value(&shown, "document.querySelector('#planted').value === 'mine \xd7\xa9'", 1);
	cdp_browser_free(shown.browser);

	/* Nobody looks for a while; then somebody does again. */
	ws_close(&first);
	ws_close(&second);
	AUTO(ws) struct ws third = { .fd = -1 };
	assert_int_equal(open_view(&third), 101);
	await_picture(&third);
	AUTO(reply) struct reply cancelled = web_post(&web, CONNECT "/cancel", "{}");
	assert_status(cancelled, 200);
	AUTO(json) cJSON *over = await_words(&third, "end");
	assert_non_null(over);
	AUTO(json) cJSON *ended = await_state(&all, "cancelled", NULL, true);
	assert_non_null(ended);
	assert_true(web_has_no_browser(&web));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(a_person_is_guided_and_nothing_secret_is_left),
		served_test(one_drives_and_others_look_on),
	};

	return served_run(tests);
}
