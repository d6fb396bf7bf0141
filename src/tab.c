/* A tab of Chromium: see tab.h. */
#include "src/tab.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "cdp/state.h"
#include "src/interrupt.h"
#include "src/options.h"
#include "src/remote.h"
#include "src/trust.h"

#include <string.h>

enum { LAUNCH_MS = 30000, OPEN_MS = 15000, STATE_MS = 10000, FLAGS_MAX = 8 };

/* "HOST:PORT:ADDRESS:PORT" as Chromium's "MAP HOST ADDRESS:PORT". */
static void map_rules(const char *const *rules, struct buf *out)
{
	for (; *rules; rules++) {
		const char *host_end = strchr(*rules, ':'), *address = strchr(host_end + 1, ':') + 1;
		buf_printf(out, "%sMAP %.*s %s", out->size ? ", " : "", (int)(host_end - *rules), *rules, address);
		if (host_end == *rules)
			buf_printf(out, "MAP * %s", address);
	}
}

static struct cdp_browser *launch(const struct options *o, const cJSON *definition, bool headed, bool full, struct error *err)
{
	AUTO(buf) struct buf rules = { 0 };
	AUTO(text) char *keys = o->cacert ? trust_keys(o->cacert, err) : NULL;
	AUTO(text) char *trust = keys ? xasprintf("--ignore-certificate-errors-spki-list=%s", keys) : NULL;
	const char *flags[FLAGS_MAX] = { NULL };
	size_t count = 0;

	if (o->cacert && !keys)
		return NULL;
	map_rules(o->connect_to, &rules);
	AUTO(text) char *map = rules.size ? xasprintf("--host-resolver-rules=%s", buf_text(&rules)) : NULL;
	if (map)
		flags[count++] = map;
	if (trust)
		flags[count++] = trust;
	const struct cdp_launch_opts opts = {
		.path = o->browser,
		.flags = flags,
		.timezone = json_str(definition, "timezone"),
		.language = json_str(definition, "locale"),
		.headed = headed,
		.shell = json_true(definition, "shell") && !full,
	};
	cdp_process_sweep(NULL);
	if (geteuid() == 0)
		log_line(LOG_INFO, "running as root, so Chromium runs without its sandbox");
	return cdp_browser_launch(&opts, deadline_in_ms(LAUNCH_MS), err);
}

/* A window that a person sees is the only one: not beside the blank one that the browser began with. */
static void close_others(struct tab *tab)
{
	AUTO(json) cJSON *targets = cdp_call(cdp_browser_conn(tab->browser), NULL, "Target.getTargets", NULL,
		deadline_in_ms(OPEN_MS), NULL);
	const cJSON *one;

	cJSON_ArrayForEach(one, json_list(targets, "targetInfos")) {
		const char *type = json_str(one, "type"), *id = json_str(one, "targetId");
		if (type && id && !strcmp(type, "page") && strcmp(id, cdp_page_target(tab->page)) != 0)
			cdp_post(cdp_browser_conn(tab->browser), NULL, "Target.closeTarget", json_object(JSON_STR("targetId", id)));
	}
}

bool tab_open(struct tab *tab, const struct options *o, const cJSON *definition, bool headed, struct error *err)
{
	const struct cdp_page_opts page = {
		.locale = json_str(definition, "locale"),
		.timezone = json_str(definition, "timezone"),
	};

	tab->released = false;
	tab->browser = o->browser_url ? remote_attach(o, deadline_in_ms(LAUNCH_MS), err)
		: launch(o, definition, headed, tab->full, err);
	if (!tab->browser)
		return false;
	interrupt_wakes(cdp_browser_conn(tab->browser));
	tab->context = cdp_context_new(tab->browser, deadline_in_ms(OPEN_MS), err);
	tab->page = tab->context ? cdp_page_open(tab->browser, tab->context, &page, deadline_in_ms(OPEN_MS), err) : NULL;
	if (tab->page && headed && !o->browser_url)
		close_others(tab);
	return tab->page != NULL;
}

void tab_release(struct tab *tab)
{
	tab->released = true;
	if (cdp_browser_pid(tab->browser))
		cdp_post(cdp_browser_conn(tab->browser), NULL, "Browser.close", NULL);
}

void tab_close(struct tab *tab)
{
	interrupt_wakes(NULL);
	if (tab->page)
		cdp_page_free(TAKE(tab->page));
	if (tab->context)
		cdp_context_free(TAKE(tab->context));
	if (tab->browser)
		cdp_browser_free(TAKE(tab->browser));
}

/* NULL when the page cannot say. */
static cJSON *viewport_of(struct tab *tab)
{
	return cdp_page_eval(tab->page, "({ width: innerWidth, height: innerHeight })",
		&(struct cdp_eval_opts){ .isolated = true, .timeout_ms = STATE_MS }, NULL);
}

cJSON *tab_take_state(struct tab *tab, const cJSON *definition, struct error *err)
{
	AUTO(json) cJSON *viewport = viewport_of(tab);
	cJSON *state = cdp_state_capture(tab->page, true, deadline_in_ms(STATE_MS), err);

	if (state)
		json_add(state, JSON_NODE("x-gabbai", json_object(
			JSON_STR("userAgent", cdp_browser_user_agent(tab->browser)),
			JSON_STR("locale", json_str(definition, "locale")),
			JSON_STR("timezone", json_str(definition, "timezone")),
			JSON_NODE("viewport", TAKE(viewport)))));
	return state;
}
