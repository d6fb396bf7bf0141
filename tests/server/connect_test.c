/* Connecting an account from the page: guided, by import, and in the live view. */
#include "cdp/base/error.h"
#include "tests/lib/asserts.h"
#include "tests/lib/processes.h"
#include "tests/lib/served.h"
#include "tests/lib/viewer.h"

#include <string.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define CONNECT "/api/integrations/visa-cal/connect"
#define VIEW "/live?site=visa-cal"
#define PLANTED "Planted-Pass-4711"

enum { PROCESSES_MAX = 64, MUCH = 400000, COOKIE_MIN = 12 };

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
	/* What sites keep in a browser can be much. */
	AUTO(text) char *much = xcalloc(1, MUCH + 1);
	memset(much, 'x', MUCH);
	cJSON_AddItemToArray((cJSON *)(uintptr_t)json_at(exported.json, "origins.0.localStorage"),
		json_object(JSON_STR("name", "cache"), JSON_STR("value", much)));
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

static void values(const char *text)
{
	AUTO(text) char *body = xasprintf("{\"values\":{%s}}", text);
	AUTO(reply) struct reply filled = web_post(&web, CONNECT "/fill", body);

	assert_status(filled, 200);
}

/* What the site's form does not take is said, and the site's other login is there, too. */
static void a_form_that_refuses_is_told_and_a_code_alone_does(void **state)
{
	AUTO(sse) struct sse all = { .fd = -1 };

	(void)state;
	AUTO(ran) struct ran dana = gabbai_cal(&cal, "dana", "Secret123", NULL);
	const char *last4 = json_str(dana.json, "accounts.0.accountNumber");
	assert_non_null(last4);
	start_connecting(&all, "{\"via\":\"guided\"}");
	AUTO(json) cJSON *wanted = await_state(&all, "waiting", "Fill in", false);
	assert_string_equal(json_str(wanted, "guided.quickFields.0.name"), "id");
	assert_string_equal(json_str(wanted, "guided.quickFields.1.type"), "tel");
	values("\"username\":\"otp6\",\"password\":\"abc\"");
	AUTO(json) cJSON *refused = await_state(&all, "waiting", "Fill in", true);
	assert_contains(json_str(refused, "guided.error"), "does not take this");
	assert_int_equal(cal_seen(&cal, "/authentication/login"), 1); /* dana's */
	AUTO(reply) struct reply half = web_post(&web, CONNECT "/fill", "{\"values\":{\"id\":\"111111118\"}}");
	assert_status(half, 422);
	AUTO(text) char *quick = xasprintf("\"id\":\"111111118\",\"last4\":\"%s\"", last4);
	values(quick);
	AUTO(text) char *id = next_question(&all);
	AUTO(text) char *code = phone_code();
	AUTO(reply) struct reply answered = answer_code(id, code);
	assert_status(answered, 200);
	AUTO(json) cJSON *connected = await_state(&all, "connected", "Connection successful! Session saved.", false);
	assert_non_null(connected);
	assert_true(scrapes());
}

/* ---- live ---- */

static void one_drives_and_others_look_on(void **state)
{
	AUTO(sse) struct sse all = { .fd = -1 };
	AUTO(ws) struct ws first = { .fd = -1 }, second = { .fd = -1 };
	struct viewed shown = { 0 };

	(void)state;
	start_connecting(&all, "{\"via\":\"live\"}");
	AUTO(json) cJSON *waiting = await_state(&all, "waiting", "A browser window has opened", false);
	assert_non_null(waiting);
	assert_int_equal(viewer_open(VIEW, &first), 101);
	AUTO(json) cJSON *alone = viewer_words(&first, "role");
	assert_true(json_true(alone, "driver"));
	viewer_picture(&first);
	AUTO(reply) struct reply early = web_post(&web, CONNECT "/complete", "{}");
	assert_status(early, 200);
	AUTO(json) cJSON *not_yet = await_state(&all, "waiting", "Login not detected", false);
	assert_non_null(not_yet);

	viewed_find(&shown);
	assert_true(viewed_value(&shown, "(() => { window.clicks = 0; addEventListener('click', e => { window.clicks++; e.preventDefault();"
		" e.stopImmediatePropagation(); }, true); const i = document.createElement('input'); i.id = 'planted';"
		" i.style = 'position:fixed;left:0;top:0;width:300px;height:60px;z-index:99999'; document.body.append(i); return true; })()") == 1);
	assert_int_equal(viewer_open(VIEW, &second), 101);
	AUTO(json) cJSON *onlooker = viewer_words(&second, "role");
	assert_false(json_true(onlooker, "driver"));
	viewer_click(&second, 30, 30);
	assert_true(ws_send(&second, "{\"type\":\"text\",\"text\":\"not mine\"}"));
	assert_true(ws_send(&second, "{\"type\":\"drive\",\"take\":true}"));
	AUTO(json) cJSON *driver = viewer_words(&second, "role");
	assert_true(json_true(driver, "driver"));
	assert_int_equal((int)viewed_value(&shown, "window.clicks"), 0); /* what it sent before was heard before */
	viewer_click(&second, 30, 30);
	viewed_await(&shown, "window.clicks", 1);
	assert_true(ws_send(&second, "{\"type\":\"text\",\"text\":\"mine \xd7\xa9\"}"));
	viewed_await(&shown, "document.querySelector('#planted').value === 'mine \xd7\xa9'", 1);
	viewed_end(&shown);

	/* Nobody looks for a while; then somebody does again. */
	ws_close(&first);
	ws_close(&second);
	AUTO(ws) struct ws third = { .fd = -1 };
	assert_int_equal(viewer_open(VIEW, &third), 101);
	viewer_picture(&third);
	AUTO(reply) struct reply cancelled = web_post(&web, CONNECT "/cancel", "{}");
	assert_status(cancelled, 200);
	AUTO(json) cJSON *over = viewer_words(&third, "end");
	assert_non_null(over);
	AUTO(json) cJSON *ended = await_state(&all, "cancelled", NULL, false);
	assert_non_null(ended);
	assert_true(web_has_no_browser(&web));
	/* It is what the person wanted. */
	AUTO(text) char *log = web_stderr(&web);
	for (const struct deadline until = deadline_in_ms(WEB_MS); !strstr(log, "was cancelled") && !deadline_passed(until);) {
		free(log);
		log = web_stderr(&web);
	}
	assert_contains(log, "connect visa-cal/default was cancelled");
	assert_lacks(log, "error:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(a_person_is_guided_and_nothing_secret_is_left),
		served_test(a_form_that_refuses_is_told_and_a_code_alone_does),
		served_test(one_drives_and_others_look_on),
	};

	return served_run(tests);
}
