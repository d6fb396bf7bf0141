/* See viewer.h. */
#include "tests/lib/viewer.h"

#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <poll.h>
#include <string.h>

enum { PICTURE_HEAD = 32 };

int viewer_open(const char *path, struct ws *ws)
{
	AUTO(text) char *origin = xasprintf("Origin: http://127.0.0.1:%d\r\n", web.port);

	return ws_open(ws, &web, &(struct ask){ .path = path, .headers = origin }, "gabbai-live");
}

cJSON *viewer_words(struct ws *ws, const char *type)
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

void viewer_picture(struct ws *ws)
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

void viewed_find(struct viewed *s)
{
	struct error err = { 0 };
	AUTO(text) char *url = xasprintf("http://127.0.0.1:%d", cal_browser_port(&cal));

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

double viewed_value(struct viewed *s, const char *script)
{
	struct error err = { 0 };
	const struct cdp_eval_opts opts = { .frame = s->frame ? cdp_page_frame(s->page, s->frame) : NULL };
	AUTO(json) cJSON *value = cdp_page_eval(s->page, script, &opts, &err);

	assert_ok(value != NULL, &err);
	return cJSON_IsNumber(value) ? value->valuedouble : cJSON_IsTrue(value);
}

void viewer_click(struct ws *ws, int x, int y)
{
	static const char *const events[] = { "move", "down", "up" };

	for (size_t i = 0; i < 3; i++) {
		AUTO(text) char *text = xasprintf("{\"type\":\"mouse\",\"event\":\"%s\",\"x\":%d,\"y\":%d,\"button\":0,"
			"\"clicks\":1,\"modifiers\":0}", events[i], x, y);
		assert_true(ws_send(ws, text));
	}
}

void viewed_await(struct viewed *s, const char *script, double wanted)
{
	for (const struct deadline until = deadline_in_ms(WEB_MS); viewed_value(s, script) != wanted; (void)poll(NULL, 0, 20))
		if (deadline_passed(until))
			fail_msg("%s is %g, not %g", script, viewed_value(s, script), wanted);
}

void viewed_end(struct viewed *s)
{
	cdp_browser_free(s->browser);
	*s = (struct viewed){ 0 };
}
