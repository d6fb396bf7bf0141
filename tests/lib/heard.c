/* Tabs whose console is heard: see heard.h. */
#include "tests/lib/heard.h"

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"

#include <string.h>

enum { TAB_MS = 40000 };

/* What a browser's console would show in red.  It is kept from outside, so that it outlives the document. */
static const char *const events[] = { "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" };

enum { TABS_MAX = 4, FAULTS = sizeof events / sizeof *events };

static struct { const struct cdp_page *page; struct cdp_watch *watches[FAULTS]; } tabs[TABS_MAX];

static struct deadline soon(void)
{
	return deadline_in_ms(TAB_MS);
}

struct cdp_page *heard_open(struct cdp_browser *browser, int width)
{
	struct error err = { 0 };
	struct cdp_page *page = cdp_page_open(browser, NULL, &(struct cdp_page_opts){ .width = width, .height = 900,
		.locale = "en-US" }, soon(), &err);
	size_t n = 0;

	assert_ok(page != NULL, &err);
	while (n < TABS_MAX && tabs[n].page)
		n++;
	assert_true(n < TABS_MAX);
	tabs[n].page = page;
	for (size_t i = 0; i < FAULTS; i++)
		tabs[n].watches[i] = cdp_watch_new(cdp_page_conn(page), cdp_page_session(page), events[i]);
	static const char *const domains[] = { "Runtime.enable", "Log.enable" };
	for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
		AUTO(json) cJSON *done = cdp_call(cdp_page_conn(page), cdp_page_session(page), domains[i], NULL, soon(), &err);
		assert_ok(done != NULL, &err);
	}
	return page;
}

/* Answers of the server that say no are no fault of the page. */
static bool is_fault(const cJSON *event)
{
	const char *type = json_str(event, "type"), *level = json_str(event, "entry.level"), *source = json_str(event, "entry.source");

	if (level)
		return !strcmp(level, "error") && strcmp(source, "network") != 0;
	return !type || !strcmp(type, "error") || !strcmp(type, "assert");
}

void heard_close(struct cdp_page *page)
{
	struct error err = { 0 };
	AUTO(buf) struct buf found = { 0 };
	size_t n = 0;

	while (n < TABS_MAX && tabs[n].page != page)
		n++;
	assert_true(n < TABS_MAX);
	AUTO(json) cJSON *last = cdp_page_eval(page, "console.error('the last one'), 1", NULL, &err);
	assert_ok(last != NULL, &err);
	for (size_t i = 0; i < FAULTS; i++) {
		cJSON *event;
		while ((event = cdp_watch_next(tabs[n].watches[i], deadline_in_ms(0), NULL))) {
			AUTO(json) cJSON *own = event;
			AUTO(text) char *text = json_print(own);
			if (is_fault(own))
				buf_printf(&found, "\n%.600s", text);
		}
		cdp_watch_free(tabs[n].watches[i]);
	}
	tabs[n].page = NULL;
	cdp_page_free(page);
	/* The one of ours proves that they are heard. */
	const char *ours = strstr(buf_text(&found), "the last one");
	if (!ours || strchr(buf_text(&found) + 1, '\n'))
		fail_msg("the page had errors:%s", buf_text(&found));
}

void heard_press_at(struct cdp_page *page, double x, double y)
{
	static const char *const kinds[] = { "mouseMoved", "mousePressed", "mouseReleased" };
	struct error err = { 0 };

	for (size_t i = 0; i < 3; i++) {
		AUTO(json) cJSON *done = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Input.dispatchMouseEvent",
			json_object(JSON_STR("type", kinds[i]), JSON_NUM("x", x), JSON_NUM("y", y), JSON_STR("button", i ? "left" : "none"),
				JSON_INT("clickCount", i > 0)), soon(), &err);
		assert_ok(done != NULL, &err);
	}
}

void heard_look(struct cdp_page *page, int width, int height, bool dark)
{
	cJSON *features = cJSON_CreateArray();
	struct error err = { 0 };

	/* What changes is there at once. */
	json_add(features, JSON_NODE(NULL, json_object(JSON_STR("name", "prefers-reduced-motion"), JSON_STR("value", "reduce"))));
	json_add(features, JSON_NODE(NULL, json_object(JSON_STR("name", "prefers-color-scheme"), JSON_STR("value", dark ? "dark" : "light"))));
	AUTO(json) cJSON *sized = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Emulation.setDeviceMetricsOverride",
		json_object(JSON_INT("width", width), JSON_INT("height", height), JSON_INT("deviceScaleFactor", 1), JSON_BOOL("mobile", false)),
		soon(), &err);
	assert_ok(sized != NULL, &err);
	AUTO(json) cJSON *liked = cdp_call(cdp_page_conn(page), cdp_page_session(page), "Emulation.setEmulatedMedia",
		json_object(JSON_NODE("features", features)), soon(), &err);
	assert_ok(liked != NULL, &err);
}
