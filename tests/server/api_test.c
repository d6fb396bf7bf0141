/* Who is let in to gabbai serve, and what is answered to requests that are wrong.  No browser is started: where somebody
 * must wait for a code, the test itself does. */
#include "cdp/base/error.h"
#include "src/access.h"
#include "src/account.h"
#include "src/asked.h"
#include "src/channel.h"
#include "src/place.h"
#include "src/exchange.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/web.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static struct cal cal;
static struct web web;
static char *data;

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	data = cal_file(&cal, "data");
	place_setup(data);
	web_start(&web, &cal, "", NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	const int code = web_stop(&web);
	cal_stop(&cal);
	free(data);
	return code;
}

/* ---- a question that the test asks ---- */

struct question {
	struct store *store;
	struct channel *channel;
	struct site_account account;
	struct asked asked;
};

static void ask_for_a_code(struct question *q, int64_t run)
{
	struct error err = { 0 };

	*q = (struct question){ 0 };
	assert_ok(account_read("visa-cal", &q->account, &err), &err);
	assert_ok((q->store = store_open(&err)) != NULL, &err);
	assert_ok((q->channel = channel_open(&err)) != NULL, &err);
	q->asked = (struct asked){ .store = q->store, .account = &q->account, .run = run };
	assert_ok(asked_begin(&q->asked, json_object(JSON_STR("kind", "code"), JSON_INT("digits", 6)), channel_path(q->channel), 60, &err), &err);
}

static void question_clear(struct question *q)
{
	asked_end(&q->asked, "cancelled", NULL);
	channel_close(q->channel);
	store_free(q->store);
}

/* A link to SUBJECT that is good for SECONDS more. */
static char *link_of(const char *subject, int seconds)
{
	struct error err = { 0 };
	AUTO(text) char *file = cal_file(&cal, "data/server-token");
	struct access *access = access_open(file, &err);

	assert_ok(access != NULL, &err);
	char *link = access_seal(access, SCOPE_QUESTION, subject, seconds);
	access_close(access);
	return link;
}

/* ---- tests ---- */

#define assert_status(reply, wanted, what)                                                                             \
	do {                                                                                                           \
		if ((reply).status != (wanted))                                                                        \
			fail_msg("%s: HTTP %d, not %d: %s", (what), (reply).status, (wanted), (reply).body ? (reply).body : ""); \
	} while (0)

static void the_printed_link_lets_one_browser_in(void **state)
{
	(void)state;
	AUTO(text) char *body = xasprintf("{\"token\":\"%s\"}", web.start);
	const struct ask ask = { .path = "/api/login", .body = body, .token = "" };
	AUTO(reply) struct reply first = web_ask(&web, &ask);
	AUTO(reply) struct reply second = web_ask(&web, &ask);
	AUTO(reply) struct reply none = web_ask(&web, &(struct ask){ .path = "/api/login", .body = "{}", .token = "" });
	AUTO(text) char *cookie = reply_header(&first, "set-cookie");

	assert_status(first, 204, "first");
	assert_status(second, 401, "second");
	assert_status(none, 401, "without a token");
	assert_non_null(cookie);
	assert_contains(cookie, "HttpOnly");
	assert_contains(cookie, "SameSite=Strict");
	cookie[strcspn(cookie, ";")] = '\0';
	/* Other servers on this machine have their cookies there, too, and some are long. */
	AUTO(text) char *many = xmalloc(3001);
	memset(many, 'x', 3000);
	many[3000] = '\0';
	const struct { char *headers; int status; } cases[] = {
		{ xasprintf("Cookie: %s\r\n", cookie), 200 },
		{ xasprintf("Cookie: a=b; %s; c=d\r\n", cookie), 200 },
		{ xasprintf("Cookie: notgabbai=1; %s\r\n", cookie), 200 },
		{ xasprintf("Cookie: long=%s; %s\r\n", many, cookie), 200 },
		{ xasprintf("Cookie: %sx\r\n", cookie), 401 },
		{ xasprintf("Cookie: x%s\r\n", cookie), 401 },
		{ xstrdup("Cookie: gabbai=\r\n"), 401 },
		{ xstrdup("Cookie: gabbai=1.99999999999.page.00\r\n"), 401 },
		{ xstrdup("Authorization: Basic YTpi\r\n"), 401 },
		{ xstrdup("Authorization: Bearer\r\n"), 401 },
		{ xstrdup("Authorization: Bearer wrong\r\n"), 401 },
		{ xasprintf("Authorization: Bearer %sx\r\n", web.token), 401 },
		{ xasprintf("Authorization: bearer %s\r\n", web.token), 200 },
		{ xstrdup(""), 401 },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(reply) struct reply r = web_ask(&web, &(struct ask){ .path = "/api/runs", .token = "", .headers = cases[i].headers });
		assert_status(r, cases[i].status, cases[i].headers);
		free(cases[i].headers);
	}
}

static void a_link_is_for_what_one_run_asks(void **state)
{
	struct question mine, other;

	(void)state;
	ask_for_a_code(&mine, 1);
	ask_for_a_code(&other, 12);
	AUTO(text) char *path = xasprintf("/api/otp/%s/link", mine.asked.id);
	AUTO(reply) struct reply made = web_post(&web, path, "{}");
	assert_status(made, 200, "link");
	const char *url = json_str(made.json, "url");
	assert_true(url && !strncmp(url, "/o/", 3));
	const char *link = url + 3;
	AUTO(reply) struct reply listed = web_ask(&web, &(struct ask){ .path = "/api/otp", .token = link });
	assert_status(listed, 200, "list");
	assert_int_equal(cJSON_GetArraySize(json_at(listed.json, "requests")), 1);
	assert_string_equal(json_str(listed.json, "requests.0.requestId"), mine.asked.id);
	AUTO(reply) struct reply all = web_get(&web, "/api/otp");
	assert_int_equal(cJSON_GetArraySize(json_at(all.json, "requests")), 2);

	AUTO(text) char *others = xasprintf("/api/otp/%s", other.asked.id);
	AUTO(text) char *submit = xasprintf("{\"requestId\":\"%s\",\"code\":\"123456\"}", other.asked.id);
	const struct ask outside[] = {
		{ .path = others, .body = "{\"code\":\"123456\"}" },
		{ .path = others, .method = "DELETE" },
		{ .path = "/api/scrapers/submit-otp", .body = submit },
		{ .path = "/api/runs" },
		{ .path = "/api/runs/1/events" },
		{ .path = "/api/sites" },
		{ .path = "/api/status" },
		{ .path = "/api/transactions" },
		{ .path = "/api/export" },
		{ .path = "/api/runs", .body = "{\"site\":\"visa-cal\"}" },
		{ .path = "/api/integrations/visa-cal/connect/start", .body = "{}" },
		{ .path = "/api/integrations/visa-cal/session", .method = "DELETE" },
		{ .path = path, .body = "{}" },
	};
	for (size_t i = 0; i < COUNT(outside); i++) {
		struct ask ask = outside[i];
		ask.token = link;
		AUTO(reply) struct reply r = web_ask(&web, &ask);
		assert_status(r, 403, ask.path);
	}
	/* Its stream tells of its run's questions only. */
	AUTO(text) char *events = xasprintf("/api/events?link=%s", link);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(sse_open(&stream, &web, &(struct ask){ .path = events, .token = "" }));
	AUTO(json) cJSON *snapshot = sse_await(&stream, "snapshot");
	assert_int_equal(cJSON_GetArraySize(snapshot), 1);
	assert_int_equal(cJSON_GetArraySize(json_at(snapshot, "otp")), 1);
	assert_string_equal(json_str(snapshot, "otp.0.requestId"), mine.asked.id);
	question_clear(&other);
	question_clear(&mine);
	AUTO(json) cJSON *ended = sse_await(&stream, "OTP_RESULT");
	assert_string_equal(json_str(ended, "requestId"), mine.asked.id);

	/* What was changed is no link, and one that has expired says so. */
	AUTO(text) char *late = link_of("1", -1);
	AUTO(text) char *forged = xstrdup(link);
	forged[0] = forged[0] == '1' ? '2' : '1';
	AUTO(reply) struct reply expired = web_ask(&web, &(struct ask){ .path = "/api/otp", .token = late });
	AUTO(reply) struct reply wrong = web_ask(&web, &(struct ask){ .path = "/api/otp", .token = forged });
	assert_status(expired, 410, "expired");
	assert_status(wrong, 401, "forged");
}

static void no_other_name_and_no_other_origin_is_served(void **state)
{
	static const char *const paths[] = { "/", "/integrations", "/ui/index.html", "/o/x", "/healthz", "/openapi.json", "/api/runs", "/api/events",
		"/api/otp", "/nothing" };
	AUTO(text) char *twice = xasprintf("Host: 127.0.0.1:%d\r\n", web.port);

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		AUTO(reply) struct reply evil = web_ask(&web, &(struct ask){ .path = paths[i], .host = "evil.example" });
		AUTO(reply) struct reply port = web_ask(&web, &(struct ask){ .path = paths[i], .host = "127.0.0.1:1" });
		AUTO(reply) struct reply none = web_ask(&web, &(struct ask){ .path = paths[i], .host = "" });
		AUTO(reply) struct reply two = web_ask(&web, &(struct ask){ .path = paths[i], .host = "evil.example", .headers = twice });
		assert_status(evil, 421, paths[i]);
		assert_status(port, 421, paths[i]);
		assert_true(none.status == 421 || none.status == 400 || none.status == 0);
		assert_true(two.status == 421 || two.status == 400);
	}
	AUTO(text) char *localhost = xasprintf("localhost:%d", web.port);
	AUTO(reply) struct reply good = web_ask(&web, &(struct ask){ .path = "/healthz", .host = localhost });
	assert_status(good, 200, "localhost");

	AUTO(text) char *own = xasprintf("Origin: http://127.0.0.1:%d\r\n", web.port);
	AUTO(text) char *other_port = xasprintf("Origin: http://127.0.0.1:%d\r\n", web.port + 1);
	const struct { const char *headers; int get, post; } origins[] = {
		{ own, 200, 404 },
		{ "Origin: http://evil.example\r\n", 403, 403 },
		{ "Origin: null\r\n", 403, 403 },
		{ other_port, 403, 403 },
		{ "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n", 200, 404 },
		{ "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n", 200, 404 },
		{ "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n", 403, 403 }, /* an <img> of another port has our cookie */
		{ "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", 403, 403 },
	};
	for (size_t i = 0; i < COUNT(origins); i++) {
		AUTO(reply) struct reply get = web_ask(&web, &(struct ask){ .path = "/api/runs", .headers = origins[i].headers });
		AUTO(reply) struct reply post = web_ask(&web, &(struct ask){ .path = "/api/otp/nobody", .body = "{\"code\":\"123456\"}",
			.headers = origins[i].headers });
		AUTO(reply) struct reply stream = web_ask(&web, &(struct ask){ .path = "/api/events", .method = "HEAD", .headers = origins[i].headers });
		assert_status(get, origins[i].get, origins[i].headers);
		assert_status(post, origins[i].post, origins[i].headers);
		assert_status(stream, origins[i].get, origins[i].headers);
	}
}

static void a_websocket_is_for_our_pages(void **state)
{
	AUTO(text) char *origin = xasprintf("Origin: http://127.0.0.1:%d\r\n", web.port);
	const struct { const char *why, *token, *host, *headers, *protocol, *path; } cases[] = {
		{ "no token", "", NULL, origin, "gabbai-live", "/live?site=visa-cal" },
		{ "a wrong token", "wrong", NULL, origin, "gabbai-live", "/live?site=visa-cal" },
		{ "another name", NULL, "evil.example", origin, "gabbai-live", "/live?site=visa-cal" },
		{ "another origin", NULL, NULL, "Origin: http://evil.example\r\n", "gabbai-live", "/live?site=visa-cal" },
		{ "no origin", NULL, NULL, NULL, "gabbai-live", "/live?site=visa-cal" },
		{ "no protocol", "", "evil.example", NULL, "", "/live?site=visa-cal" },
		{ "the protocol of requests", "", "evil.example", NULL, "http", "/live?site=visa-cal" },
		{ "the protocol of descriptors", "", "evil.example", NULL, "fd", "/live?site=visa-cal" },
		{ "an unknown protocol", NULL, NULL, origin, "chat", "/live?site=visa-cal" },
		{ "another path", NULL, NULL, origin, "gabbai-live", "/api/events" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO(ws) struct ws ws = { .fd = -1 };
		const int status = ws_open(&ws, &web, &(struct ask){ .path = cases[i].path, .token = cases[i].token, .host = cases[i].host,
			.headers = cases[i].headers }, cases[i].protocol);
		if (status == 101)
			fail_msg("a websocket with %s is let in", cases[i].why);
	}
	/* With all of it there is nothing to see: no account is being connected. */
	AUTO(ws) struct ws ws = { .fd = -1 };
	AUTO(message) struct ws_message message = { 0 };
	if (ws_open(&ws, &web, &(struct ask){ .path = "/live?site=visa-cal", .headers = origin }, "gabbai-live") == 101)
		assert_false(ws_next(&ws, &message, deadline_in_ms(WEB_MS)));
}

static void what_is_wrong_with_a_request_is_said(void **state)
{
	static const struct { struct ask ask; int status; } cases[] = {
		{ { .path = "/api/otp/x", .body = "{\"code\":\"123456\"}" }, 404 },
		{ { .path = "/api/otp/x", .body = "{\"code\":\"123456\"}", .type = "" }, 415 },
		{ { .path = "/api/otp/x", .body = "{\"code\":\"123456\"}", .type = "text/plain" }, 415 },
		{ { .path = "/api/otp/x", .body = "{\"code\":\"123456\"}", .type = "application/x-www-form-urlencoded" }, 415 },
		{ { .path = "/api/otp/x", .body = "{\"code\":\"123456\"}", .type = "application/jsonx" }, 415 },
		{ { .path = "/api/otp/x", .body = "{\"code\":\"123456\"}", .type = "application/json; charset=utf-8" }, 404 },
		{ { .path = "/api/runs", .body = "" }, 400 },
		{ { .path = "/api/runs", .method = "POST" }, 400 },
		{ { .path = "/api/runs", .body = "{" }, 400 },
		{ { .path = "/api/runs", .body = "{} x" }, 400 },
		{ { .path = "/api/runs", .body = "[]" }, 400 },
		{ { .path = "/api/runs", .body = "null" }, 400 },
		{ { .path = "/api/runs", .body = "{}" }, 400 },
		{ { .path = "/api/runs", .body = "{\"site\":1}" }, 400 },
		{ { .path = "/api/runs", .body = "{\"site\":\"--help\"}" }, 404 },
		{ { .path = "/api/runs", .body = "{\"site\":\"no-such\"}" }, 404 },
		{ { .path = "/api/runs", .body = "{\"site\":\"visa-cal\",\"account\":\"../x\"}" }, 400 },
		{ { .path = "/api/scrapers/run-stream", .body = "{}" }, 400 },
		{ { .path = "/api/scrapers/run-stream", .body = "{\"options\":{\"companyId\":\"noSuch\"}}" }, 404 },
		{ { .path = "/api/scraper/no-such/scrape", .body = "{}" }, 404 },
		{ { .path = "/api/scrapers/submit-otp", .body = "{}" }, 400 },
		{ { .path = "/api/scrapers/submit-otp", .body = "{\"requestId\":\"nobody\"}" }, 422 },
		{ { .path = "/api/scrapers/submit-otp", .body = "{\"requestId\":\"nobody\",\"code\":\"123456\"}" }, 404 },
		{ { .path = "/api/otp/y", .body = "{}" }, 422 },
		{ { .path = "/api/otp/y", .body = "{\"code\":123456}" }, 422 },
		{ { .path = "/api/otp/qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", .body = "{\"code\":\"123456\"}" }, 404 },
		{ { .path = "/api/otp/y/link", .body = "{}" }, 404 },
		{ { .path = "/api/runs/x" }, 404 },
		{ { .path = "/api/runs/999999" }, 404 },
		{ { .path = "/api/runs/999999/events" }, 404 },
		{ { .path = "/api/runs/99999999999999999999999999" }, 404 },
		{ { .path = "/api/runs/999999", .method = "DELETE" }, 404 },
		{ { .path = "/api/export?format=no-such" }, 400 },
		{ { .path = "/api/export?format=--help" }, 422 },
		{ { .path = "/api/export?format=csv&site=-o" }, 422 },
		{ { .path = "/api/integrations/visa-cal/connect/start", .body = "{\"via\":\"--help\"}" }, 422 },
		{ { .path = "/api/integrations/no-such/connect/start", .body = "{}" }, 404 },
		{ { .path = "/api/integrations/visa-cal/connect/fill", .body = "{}" }, 422 },
		{ { .path = "/api/integrations/visa-cal/connect/complete", .body = "{}" }, 404 },
		{ { .path = "/api/integrations/visa-cal/connect/complete", .method = "POST" }, 404 },
		{ { .path = "/api/integrations/visa-cal/connect/cancel", .body = "{}" }, 404 },
		{ { .path = "/api/integrations/visa-cal/connect/import", .body = "{}" }, 422 },
		{ { .path = "/api/nothing" }, 404 },
		{ { .path = "/api/runs/1/events/more" }, 404 },
		{ { .path = "/api/runs/" }, 404 },
		{ { .path = "/api/runs", .method = "PUT" }, 405 },
		{ { .path = "/api/runs", .method = "PATCH", .body = "{}" }, 405 },
		{ { .path = "/api/runs", .method = "OPTIONS" }, 405 },
		{ { .path = "/healthz", .method = "POST", .body = "{}" }, 405 },
		{ { .path = "/", .method = "DELETE" }, 405 },
		{ { .path = "/ui/no-such.js" }, 404 },
		{ { .path = "/ui/" }, 404 },
		{ { .path = "/api/runs", .body = "{}", .headers = "Transfer-Encoding: chunked\r\n" }, 411 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct ask *ask = &cases[i].ask;
		AUTO(text) char *what = xasprintf("%s %s %s (%s)", ask->method ? ask->method : "", ask->path, ask->body ? ask->body : "",
			ask->type ? ask->type : "");
		AUTO(reply) struct reply r = web_ask(&web, ask);
		assert_status(r, cases[i].status, what);
		AUTO(text) char *type = reply_header(&r, "content-type");
		if (!type || strcmp(type, "application/problem+json") != 0 || !json_str(r.json, "type") || !json_str(r.json, "title"))
			fail_msg("%s: no problem of RFC 9457: %s%s", what, r.head, r.body);
		int64_t status = 0;
		assert_true(json_int(r.json, "status", &status) && status == cases[i].status);
	}
}

static void too_large_a_body_is_not_read(void **state)
{
	AUTO(text) char *said = xasprintf("POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n{",
		web.port, BODY_MAX + 1);
	static const char *const lengths[] = { "-1", "abc", "1x", "99999999999999999999", "+2", "0x2" };

	(void)state;
	AUTO(reply) struct reply r = web_raw(&web, said, strlen(said));
	assert_status(r, 413, "one byte too many");
	for (size_t i = 0; i < COUNT(lengths); i++) {
		AUTO(text) char *odd = xasprintf("POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		"Content-Type: application/json\r\nContent-Length: %s\r\n\r\n{}",
			web.port, lengths[i]);
		AUTO(reply) struct reply answer = web_raw(&web, odd, strlen(odd));
		if (answer.status != 400 && answer.status != 413)
			fail_msg("Content-Length: %s: HTTP %d", lengths[i], answer.status);
	}
	/* The largest that may come does. */
	AUTO(text) char *padded = xmalloc(BODY_MAX + 1);
	memset(padded, ' ', BODY_MAX);
	memcpy(padded, "{}", 2);
	padded[BODY_MAX] = '\0';
	AUTO(reply) struct reply large = web_post(&web, "/api/login", padded);
	assert_status(large, 401, "the largest body");
}

static void paths_lead_nowhere_else(void **state)
{
	static const char *const paths[] = { "/ui/../data/gabbai.db", "/ui/%2e%2e/gabbai.db", "/ui/..%2fgabbai.db",
		"/ui/%2e%2e%2fgabbai.db", "//etc/passwd",
		"/ui//etc/passwd", "/ui/..\\gabbai.db", "/ui/..%5cgabbai.db", "/ui/index.html%00.js", "/ui/%00",
			"/../../../../etc/passwd", "/ui/....//etc/passwd",
		"/o/../api/status", "/ui/%252e%252e/gabbai.db", "/ui/~", "/%2e%2e/%2e%2e/etc/passwd", "/ui/%zz" };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		AUTO(reply) struct reply r = web_ask(&web, &(struct ask){ .path = paths[i], .token = "" });
		if (r.status == 200 || r.status >= 500)
			fail_msg("%s: HTTP %d: %s", paths[i], r.status, r.body);
	}
	AUTO(reply) struct reply alive = web_get(&web, "/healthz");
	assert_status(alive, 200, "alive");
}

static void values_make_no_headers(void **state)
{
	static const char *const paths[] = {
		"/api/export?format=csv%0d%0aX-Planted:%201", "/api/export?format=csv%0aX-Planted:%201",
			"/api/export?format=csv&site=visa-cal%0d%0aX-Planted:1",
		"/ui/x%0d%0aX-Planted:%201", "/nothing%0d%0aX-Planted:%201", "/o/x%0d%0aX-Planted:%201", "/api/runs?site=%0d%0aX-Planted:1",
		"/api/integrations/visa-cal/status?account=x%0d%0aX-Planted:1", "/api/events%0d%0aX-Planted:1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		AUTO(reply) struct reply r = web_ask(&web, &(struct ask){ .path = paths[i] });
		AUTO(text) char *planted = reply_header(&r, "X-Planted");
		if (planted)
			fail_msg("%s: %s", paths[i], r.head);
	}
}

static void every_answer_has_its_guards(void **state)
{
	static const struct ask asks[] = {
		{ .path = "/" }, { .path = "/", .method = "HEAD" }, { .path = "/ui/index.html" }, { .path = "/healthz" }, { .path = "/api/runs" },
		{ .path = "/api/runs", .token = "" }, { .path = "/nothing" }, { .path = "/", .host = "evil.example" },
			{ .path = "/api/runs", .body = "{" },
		{ .path = "/api/events", .method = "HEAD" }, { .path = "/api/login", .body = "{}" }, { .path = "/api/export" },
	};
	static const struct { const char *name, *part; } guards[] = {
		{ "content-security-policy", "default-src 'self'" }, { "content-security-policy", "frame-ancestors 'none'" },
		{ "x-content-type-options", "nosniff" }, { "referrer-policy", "no-referrer" }, { "cross-origin-resource-policy", "same-origin" },
		{ "cache-control", "no-" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(asks); i++) {
		AUTO(reply) struct reply r = web_ask(&web, &asks[i]);
		for (size_t j = 0; j < COUNT(guards); j++) {
			AUTO(text) char *value = reply_header(&r, guards[j].name);
			if (!value || !strstr(value, guards[j].part))
				fail_msg("%s: %s without %s: %s", asks[i].path, guards[j].name, guards[j].part, r.head);
		}
		AUTO(text) char *open = reply_header(&r, "access-control-allow-origin");
		assert_null(open);
	}
}

static void what_is_known_is_not_sent_again(void **state)
{
	(void)state;
	AUTO(reply) struct reply whole = web_get(&web, "/ui/index.html");
	AUTO(text) char *etag = reply_header(&whole, "etag");
	assert_status(whole, 200, "whole");
	assert_non_null(etag);
	AUTO(text) char *known = xasprintf("If-None-Match: %s\r\n", etag);
	AUTO(reply) struct reply again = web_ask(&web, &(struct ask){ .path = "/ui/index.html", .headers = known });
	AUTO(reply) struct reply other = web_ask(&web, &(struct ask){ .path = "/ui/index.html", .headers = "If-None-Match: \"other\"\r\n" });
	assert_status(again, 304, "known");
	assert_int_equal(again.size, 0);
	assert_status(other, 200, "another");
	AUTO(reply) struct reply head = web_ask(&web, &(struct ask){ .path = "/ui/index.html", .method = "HEAD" });
	AUTO(text) char *length = reply_header(&head, "content-length");
	assert_status(head, 200, "HEAD");
	assert_non_null(length);
	assert_int_equal(strtol(length, NULL, 10), whole.size);
	assert_int_equal(head.size, 0);
}

/* One connection, many requests, sent before the first is answered. */
static void requests_in_a_row_are_answered_in_order(void **state)
{
	AUTO(buf) struct buf in = { 0 }, out = { 0 };
	static const char *const paths[] = { "/healthz", "/api/runs", "/nothing", "/healthz" };
	bool closed;

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		buf_printf(&out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n\r\n", paths[i], web.port, web.token);
	AUTO(fd) int fd = web_connect(&web, out.data);
	for (const struct deadline until = deadline_in_ms(WEB_MS); !strstr(buf_text(&in), "404 "); web_read(fd, &in, deadline_in_ms(50), &closed))
		if (deadline_passed(until))
			fail_msg("answers: %s", buf_text(&in));
	const char *health = strstr(buf_text(&in), "{\"ok\":true}"), *runs = strstr(buf_text(&in), "{\"runs\":[]}");
	assert_true(health && runs && health < runs && runs < strstr(buf_text(&in), "404 "));
}

/* A browser that comes back after the database was made anew must not wait for the numbers of the old one. */
static void a_stream_from_another_life_begins_anew(void **state)
{
	(void)state;
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(sse_open(&stream, &web, &(struct ask){ .path = "/api/events", .headers = "Last-Event-ID: 999999999\r\n" }));
	AUTO(json) cJSON *snapshot = sse_await(&stream, "snapshot");
	assert_non_null(json_at(snapshot, "sites.0"));
	AUTO(sse) struct sse odd = { .fd = -1 };
	assert_true(sse_open(&odd, &web, &(struct ask){ .path = "/api/events", .headers = "Last-Event-ID: x\r\n" }));
	AUTO(json) cJSON *fresh = sse_await(&odd, "snapshot");
	assert_non_null(fresh);
}

/* The server reads no key; whoever reads it tells of it. */
static void the_server_tells_of_itself(void **state)
{
	int64_t bytes = 0;

	(void)state;
	AUTO(ran) struct ran id = gabbai_on(&cal, (const char *[]){ "key", "show-id", NULL });
	assert_int_equal(id.code, 0);
	id.out[strcspn(id.out, "\n")] = '\0';
	for (int i = 0; i < 2; i++) { /* asked for, and remembered */
		AUTO(reply) struct reply r = web_get(&web, "/api/status");
		assert_status(r, 200, "status");
		assert_string_equal(json_str(r.json, "key.id"), id.out);
		assert_string_equal(json_str(r.json, "key.source"), "file");
		assert_string_equal(json_str(r.json, "dataDir"), data);
		assert_true(json_int(r.json, "storeBytes", &bytes) && bytes > 4096);
		assert_non_null(json_str(r.json, "version"));
		assert_contains(json_str(r.json, "browser.path"), "chrom");
		assert_contains(json_str(r.json, "browser.version"), "Chrom");
	}
}

static void a_check_up_is_answered_whatever_it_finds(void **state)
{
	AUTO(reply) struct reply r = web_get(&web, "/api/doctor");

	(void)state;
	assert_status(r, 200, "doctor");
	assert_true(cJSON_GetArraySize(json_list(r.json, "checks")) > 8);
	assert_string_equal(json_str(json_list(r.json, "checks")->child, "name"), "browser");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_printed_link_lets_one_browser_in),
		cmocka_unit_test(a_link_is_for_what_one_run_asks),
		cmocka_unit_test(no_other_name_and_no_other_origin_is_served),
		cmocka_unit_test(a_websocket_is_for_our_pages),
		cmocka_unit_test(what_is_wrong_with_a_request_is_said),
		cmocka_unit_test(too_large_a_body_is_not_read),
		cmocka_unit_test(paths_lead_nowhere_else),
		cmocka_unit_test(values_make_no_headers),
		cmocka_unit_test(every_answer_has_its_guards),
		cmocka_unit_test(what_is_known_is_not_sent_again),
		cmocka_unit_test(requests_in_a_row_are_answered_in_order),
		cmocka_unit_test(a_stream_from_another_life_begins_anew),
		cmocka_unit_test(the_server_tells_of_itself),
		cmocka_unit_test(a_check_up_is_answered_whatever_it_finds),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
