/* Pages: opening, closing, navigation, dialogs: see page.h. */
#include "cdp/page.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/page_impl.h"
#include "cdp/screencast_impl.h"

#include <string.h>

enum { INIT_REPLIES = 24 };

/* ---- life ---- */

struct cdp_page *cdp_page_make(struct cdp_browser *browser, struct cdp_context *context,
	const struct cdp_page_opts *opts, const char *target_id)
{
	struct cdp_page *page = xcalloc(1, sizeof *page);

	page->browser = browser;
	page->context = context;
	(void)snprintf(page->target_id, sizeof page->target_id, "%s", target_id);
	if (opts)
		page->opts = *opts;
	page->opts.user_agent = copy_of(page->opts.user_agent);
	page->opts.locale = copy_of(page->opts.locale);
	page->opts.timezone = copy_of(page->opts.timezone);
	page->next = browser->pages;
	browser->pages = page;
	return page;
}

static void forget_typed(struct cdp_page *page)
{
	for (size_t i = 0; i < page->typed_count; i++) {
		free(page->typed[i].selector);
		secret_free(page->typed[i].text);
	}
	page->typed_count = 0;
}

void cdp_page_forget_typed_in(struct cdp_page *page, const struct cdp_frame *frame)
{
	if (page->focused == frame)
		page->focused = NULL;
	for (size_t i = 0; i < page->typed_count; i++)
		if (page->typed[i].frame == frame)
			page->typed[i].frame = NULL;
}

void cdp_page_destroy(struct cdp_page *page)
{
	struct cdp_browser *browser = page->browser;
	struct cdp_page **at = &browser->pages;

	while (*at != page)
		at = &(*at)->next;
	*at = page->next;
	if (page->cast)
		cdp_screencast_page_gone(page);
	forget_typed(page);
	while (page->called) {
		struct called *c = page->called;
		page->called = c->next;
		free(c->name);
		free(c->payload);
		free(c);
	}
	cdp_network_free(page);
	cdp_frames_free(page);
	cdp_sessions_free_of(browser->conn, page);
	while (page->scripts) {
		struct init_script *s = page->scripts;
		page->scripts = s->next;
		free(s->source);
		free(s);
	}
	free((char *)page->opts.user_agent);
	free((char *)page->opts.locale);
	free((char *)page->opts.timezone);
	free(page->dialog_prompt);
	free(page->dialog_text);
	cJSON_Delete(page->dialog);
	free(page->pending_url);
	for (size_t i = 0; i < page->origin_count; i++)
		free(page->origins[i]);
	free(page);
}

void cdp_page_free(struct cdp_page *page)
{
	if (!page)
		return;
	/* Answers within 60 ms, also for a page that hangs; what follows need not wait for it. */
	if (!page->closed)
		cdp_post(page->browser->conn, NULL, "Target.closeTarget",
			json_object(JSON_STR("targetId", page->target_id)));
	cdp_page_destroy(page);
}

void cdp_page_gone(struct cdp_page *page, enum error_code why)
{
	cdp_sessions_end_of(page->browser->conn, page, why);
	cJSON_Delete(page->dialog);
	page->dialog = NULL;
	if (why == ERR_CLOSED)
		page->closed = true;
}

void cdp_page_keep_script(struct cdp_page *page, const char *source, enum script_kind kind)
{
	struct init_script *script = xcalloc(1, sizeof *script), **at = &page->scripts;

	script->source = xstrdup(source);
	script->kind = kind;
	while (*at)
		at = &(*at)->next;
	*at = script;
}

bool cdp_page_service(struct cdp_page *page, struct deadline until, struct error *err)
{
	if (page->session->dead)
		return cdp_session_fail(page->session, err);
	return cdp_conn_wait(page->browser->conn, until, err);
}

/* ---- initialising a session ---- */

static cJSON *engine_script(void)
{
	AUTO(text) char *source = xasprintf("%s\n%s", cdp_engine_locate, cdp_engine_act);

	return json_object(
		JSON_STR("source", source),
		JSON_STR("worldName", CDP_WORLD),
		JSON_BOOL("runImmediately", true));
}

struct pipeline {
	struct cdp_page *page;
	struct cdp_session *session;
	struct cdp_reply **replies; /* NULL: nobody waits */
	size_t count;
};

static void add(struct pipeline *p, const char *method, cJSON *params)
{
	struct cdp_reply *reply = cdp_send(p->page->browser->conn, p->session, method, params);

	if (p->replies && p->count < INIT_REPLIES)
		p->replies[p->count++] = reply;
	else
		cdp_reply_free(reply);
}

static cJSON *hidden_binding(const char *name)
{
	return json_object(JSON_STR("name", name), JSON_STR("executionContextName", CDP_WORLD));
}

static void add_script(struct pipeline *p, const struct init_script *script)
{
	switch (script->kind) {
	case SCRIPT_SOURCE:
		add(p, "Page.addScriptToEvaluateOnNewDocument",
			json_object(JSON_STR("source", script->source), JSON_BOOL("runImmediately", true)));
		break;
	case SCRIPT_BINDING:
		add(p, "Runtime.enable", NULL);
		add(p, "Runtime.addBinding", json_object(JSON_STR("name", script->source)));
		break;
	case SCRIPT_HIDDEN_BINDING:
		add(p, "Runtime.addBinding", hidden_binding(script->source));
		break;
	}
}

static void add_emulation(struct pipeline *p, bool is_page)
{
	const struct cdp_page_opts *o = &p->page->opts;

	if (is_page && !o->keep_visibility)
		add(p, "Emulation.setFocusEmulationEnabled", json_object(JSON_BOOL("enabled", true)));
	if (is_page && o->width && o->height)
		add(p, "Emulation.setDeviceMetricsOverride",
			json_object(JSON_INT("width", o->width), JSON_INT("height", o->height),
				JSON_INT("deviceScaleFactor", 1), JSON_BOOL("mobile", false)));
	if (o->user_agent)
		add(p, "Emulation.setUserAgentOverride",
			json_object(JSON_STR("userAgent", o->user_agent), JSON_STR("acceptLanguage", o->locale)));
	if (is_page && o->locale)
		add(p, "Emulation.setLocaleOverride", json_object(JSON_STR("locale", o->locale)));
	if (is_page && o->timezone)
		add(p, "Emulation.setTimezoneOverride", json_object(JSON_STR("timezoneId", o->timezone)));
}

/* Everything travels together and the target is let run last: awaiting one enable before that can
 * deadlock with a held target. */
static void init_session(struct pipeline *p, bool paused)
{
	const bool is_page = p->session == p->page->session;
	const bool is_worker = !strcmp(p->session->type, "worker");

	if (is_page)
		cdp_frame_main(p->page);
	if (!is_worker) {
		add(p, "Page.enable", NULL);
		add(p, "Page.setLifecycleEventsEnabled", json_object(JSON_BOOL("enabled", true)));
		add(p, "Page.addScriptToEvaluateOnNewDocument", engine_script());
		for (const struct init_script *s = p->page->scripts; s; s = s->next)
			add_script(p, s);
		add_emulation(p, is_page);
	}
	if (!p->page->opts.no_network) {
		add(p, "Network.configureDurableMessages", cdp_network_durable());
		add(p, "Network.enable", NULL);
		if (p->page->login)
			add(p, "Fetch.enable", json_object(JSON_BOOL("handleAuthRequests", true)));
	}
	if (!is_worker)
		add(p, "Target.setAutoAttach",
			json_object(JSON_BOOL("autoAttach", true), JSON_BOOL("waitForDebuggerOnStart", true),
				JSON_BOOL("flatten", true),
				JSON_NODE("filter",
					json_array(JSON_NODE(NULL, json_object(JSON_STR("type", "iframe"))),
						JSON_NODE(NULL, p->page->opts.no_network
							? NULL : json_object(JSON_STR("type", "worker"))),
						JSON_NODE(NULL, json_object(JSON_BOOL("exclude", true)))))));
	if (paused)
		add(p, "Runtime.runIfWaitingForDebugger", NULL);
}

void cdp_page_init_session(struct cdp_page *page, struct cdp_session *session, bool paused)
{
	struct pipeline p = { .page = page, .session = session };

	init_session(&p, paused);
}

/* Network.configureDurableMessages is young and Emulation differs between builds: what a browser does
 * not know is no reason to fail. */
static bool wait_all(struct pipeline *p, struct deadline until, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < p->count; i++) {
		struct error why = { 0 };
		AUTO(json) cJSON *answer = cdp_reply_wait(p->replies[i], until, &why);
		if (answer || why.code == ERR_PROTOCOL || !ok)
			continue;
		ok = false;
		if (err)
			*err = why;
	}
	return ok;
}

static bool take_tree(struct cdp_page *page, const cJSON *answer, struct error *err)
{
	if (!json_str(answer, "frameTree.frame.id"))
		return fail(err, ERR_PROTOCOL, "Page.getFrameTree: no frame in the tree");
	cdp_frame_tree(page, page->session, json_at(answer, "frameTree"));
	return true;
}

static bool init_and_wait(struct cdp_page *page, struct deadline until, struct error *err)
{
	struct cdp_reply *replies[INIT_REPLIES];
	struct pipeline p = { .page = page, .session = page->session, .replies = replies };
	struct cdp_reply *tree = cdp_send(page->browser->conn, page->session, "Page.getFrameTree", NULL);

	init_session(&p, false);
	AUTO(json) cJSON *answer = cdp_reply_wait(tree, until, err);
	const bool ok = wait_all(&p, until, answer ? err : NULL);
	return answer && ok && take_tree(page, answer, err);
}

/* A page that attached by itself was initialised on the spot; only its tree is missing. */
static bool wait_initialised(struct cdp_page *page, struct deadline until, struct error *err)
{
	struct cdp_conn *conn = page->browser->conn;
	struct cdp_reply *focus = page->opts.keep_visibility ? NULL
		: cdp_send(conn, page->session, "Emulation.setFocusEmulationEnabled",
			json_object(JSON_BOOL("enabled", true)));
	AUTO(json) cJSON *answer = cdp_call(conn, page->session, "Page.getFrameTree", NULL, until, err);

	const bool ok = answer && take_tree(page, answer, err);
	if (!focus)
		return ok;
	AUTO(json) cJSON *focused = cdp_reply_wait(focus, until, ok ? err : NULL);
	return ok && focused;
}

static bool attach(struct cdp_page *page, struct deadline until, struct error *err)
{
	struct cdp_browser *browser = page->browser;
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Target.attachToTarget",
		json_object(JSON_STR("targetId", page->target_id), JSON_BOOL("flatten", true)), until, err);
	const char *id = json_str(answer, "sessionId");

	if (!id)
		return answer && fail(err, ERR_PROTOCOL, "Target.attachToTarget: no sessionId");
	page->session = cdp_session_new(browser->conn, id, NULL);
	(void)snprintf(page->session->target_id, sizeof page->session->target_id, "%s", page->target_id);
	(void)snprintf(page->session->type, sizeof page->session->type, "page");
	page->session->owner = page;
	return init_and_wait(page, until, err);
}

struct cdp_page *cdp_page_open(struct cdp_browser *browser, struct cdp_context *context,
	const struct cdp_page_opts *opts, struct deadline until, struct error *err)
{
	const struct opening opening = { context, opts };

	/* A blank page first: one created with an address would load it before it is initialised. */
	browser->opening = &opening;
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Target.createTarget",
		json_object(JSON_STR("url", "about:blank"),
			JSON_STR("browserContextId", context ? context->id : NULL)), until, err);
	browser->opening = NULL;
	const char *id = json_str(answer, "targetId");
	if (answer && !id)
		fail(err, ERR_PROTOCOL, "Target.createTarget: no targetId");
	if (!id)
		return NULL;

	struct cdp_page *page = browser->pages;
	while (page && strcmp(page->target_id, id) != 0)
		page = page->next;
	if (!page)
		page = cdp_page_make(browser, context, opts, id);
	const bool ok = page->session ? wait_initialised(page, until, err) : attach(page, until, err);
	if (ok)
		return page;
	cdp_page_free(page);
	return NULL;
}

struct cdp_page *cdp_page_attach(struct cdp_browser *browser, const char *target_id,
	const struct cdp_page_opts *opts, struct deadline until, struct error *err)
{
	struct cdp_page *page = cdp_page_make(browser, NULL, opts, target_id);

	if (attach(page, until, err))
		return page;
	page->closed = true; /* it is not ours to close */
	cdp_page_destroy(page);
	return NULL;
}

struct cdp_page *cdp_page_next_popup(struct cdp_page *page, struct deadline until, struct error *err)
{
	for (;;) {
		for (struct cdp_page *p = page->browser->pages; p; p = p->next) {
			if (!p->is_popup_waiting || strcmp(p->opener_id, page->target_id) != 0)
				continue;
			p->is_popup_waiting = false;
			if (!p->closed)
				(void)wait_initialised(p, until, NULL); /* one that closed at once is told by its calls */
			return p;
		}
		if (!cdp_page_service(page, until, err)) {
			error_wrap(err, "waiting for a new window");
			return NULL;
		}
	}
}

struct cdp_conn *cdp_page_conn(struct cdp_page *page)
{
	return page->browser->conn;
}

struct cdp_session *cdp_page_session(struct cdp_page *page)
{
	return page->session;
}

const char *cdp_page_target(const struct cdp_page *page)
{
	return page->target_id;
}

const char *cdp_page_url(const struct cdp_page *page)
{
	return page->frames && page->frames->url ? page->frames->url : "";
}

unsigned cdp_page_changes(const struct cdp_page *page)
{
	return page->tree_changes;
}

bool cdp_page_is_closed(const struct cdp_page *page)
{
	return page->closed;
}

/* ---- scripts and bindings ---- */

static bool send_script(struct cdp_page *page, struct error *err)
{
	struct cdp_reply *replies[INIT_REPLIES];
	struct init_script *last = page->scripts;

	while (last->next)
		last = last->next;
	for (struct cdp_session *s = cdp_session_next_of(page->browser->conn, page, NULL); s;
			s = cdp_session_next_of(page->browser->conn, page, s)) {
		struct pipeline p = { .page = page, .session = s, .replies = replies };
		if (!strcmp(s->type, "worker") || s->dead)
			continue;
		add_script(&p, last);
		if (!wait_all(&p, deadline_in_ms(CDP_CALL_MS), s == page->session ? err : NULL)
				&& s == page->session)
			return false;
	}
	return true;
}

bool cdp_page_add_init_script(struct cdp_page *page, const char *source, struct error *err)
{
	cdp_page_keep_script(page, source, SCRIPT_SOURCE);
	return send_script(page, err);
}

bool cdp_page_add_binding(struct cdp_page *page, const char *name, struct error *err)
{
	cdp_page_keep_script(page, name, SCRIPT_BINDING);
	return send_script(page, err);
}

bool cdp_page_add_hidden_binding(struct cdp_page *page, const char *name, struct error *err)
{
	for (const struct init_script *s = page->scripts; s; s = s->next)
		if (s->kind == SCRIPT_HIDDEN_BINDING && !strcmp(s->source, name))
			return true;
	cdp_page_keep_script(page, name, SCRIPT_HIDDEN_BINDING);
	return send_script(page, err);
}

void cdp_frame_add_hidden_binding(struct cdp_frame *frame, const char *name)
{
	if (!frame->session->dead)
		cdp_post(frame->page->browser->conn, frame->session, "Runtime.addBinding", hidden_binding(name));
}

void cdp_page_on_binding(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *name = json_str(params, "name"), *payload = json_str(params, "payload");

	(void)browser;
	if (!page || !name || !payload || page->called_count >= BINDINGS_KEPT)
		return;
	struct called *c = xcalloc(1, sizeof *c), **at = &page->called;
	c->name = xstrdup(name);
	c->payload = xstrdup(payload);
	while (*at)
		at = &(*at)->next;
	*at = c;
	page->called_count++;
}

char *cdp_page_take_binding(struct cdp_page *page, const char *name)
{
	for (struct called **at = &page->called; *at; at = &(*at)->next) {
		struct called *c = *at;
		if (strcmp(c->name, name) != 0)
			continue;
		char *payload = c->payload;
		*at = c->next;
		page->called_count--;
		free(c->name);
		free(c);
		return payload;
	}
	return NULL;
}

char *cdp_page_next_binding(struct cdp_page *page, const char *name, struct deadline until,
	struct error *err)
{
	for (;;) {
		char *payload = cdp_page_take_binding(page, name);
		if (payload)
			return payload;
		if (!cdp_page_service(page, until, err)) {
			error_wrap(err, "waiting for window.%s()", name);
			return NULL;
		}
	}
}

/* ---- navigation ---- */

static bool url_allowed(const char *url)
{
	static const char *const schemes[] = { "http://", "https://", "data:", "blob:" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (!strncasecmp(url, schemes[i], strlen(schemes[i])))
			return true;
	return !strcmp(url, "about:blank");
}

static struct deadline step_deadline(int timeout_ms)
{
	return deadline_in_ms(timeout_ms > 0 ? timeout_ms : CDP_STEP_MS);
}

static const char *const ready_words[] = {
	[CDP_LOADED] = "load",
	[CDP_COMMITTED] = "the response",
	[CDP_PARSED] = "DOMContentLoaded",
	[CDP_IDLE] = "a quiet network",
};

static bool is_ready(const struct cdp_frame *frame, enum cdp_ready ready)
{
	switch (ready) {
	case CDP_LOADED:
		return frame->loaded;
	case CDP_PARSED:
		return frame->parsed || frame->loaded;
	case CDP_IDLE:
		return frame->idle && frame->loaded;
	case CDP_COMMITTED:
		break;
	}
	return true;
}

/* But for the slash that a browser adds to a bare host. */
static bool same_url(const char *seen, const char *asked)
{
	const size_t length = strlen(asked);

	return !strncmp(seen, asked, length) && (!seen[length] || !strcmp(seen + length, "/"));
}

/* Waits until the frame shows the document LOADER, another of the same address, or one that followed it.
 * DOCUMENT is the one before. */
static bool wait_document(struct cdp_page *page, const char *loader, unsigned document, const char *url,
	enum cdp_ready ready, struct deadline until, struct error *err)
{
	struct cdp_frame *frame = page->frames;
	bool ours = false;

	for (;;) {
		if (cdp_frame_had(frame, loader) || (frame->document != document && same_url(frame->url, url)))
			ours = true;
		else if (!ours && frame->document != document)
			return fail(err, ERR_INTERRUPTED, "%s: interrupted by %s", url, frame->url);
		if (ours && is_ready(frame, ready))
			return true;
		struct error why;
		if (cdp_page_service(page, until, &why))
			continue;
		if (why.code == ERR_TIMEOUT)
			return fail_timeout(err, ERR_NONE, "%s: still waiting for %s", url,
				ours ? ready_words[ready] : ready_words[CDP_COMMITTED]);
		if (err)
			*err = why;
		return error_wrap(err, "%s", url);
	}
}

/* The browser's own page about the failure comes after the answer; left alone, it would interrupt what is
 * opened next. */
static void wait_error_page(struct cdp_page *page, const char *loader)
{
	const struct deadline until = deadline_in_ms(ERROR_PAGE_MS);

	while (loader && strcmp(page->frames->loader, loader) != 0)
		if (!cdp_page_service(page, until, NULL))
			return;
}

/* A navigation that took over may be told of a moment after the end of ours. */
static void wait_rival(struct cdp_page *page, const char *url, unsigned document)
{
	const struct deadline until = deadline_in_ms(RIVAL_MS);

	while (page->frames->document == document && (!page->pending_url || same_url(page->pending_url, url)))
		if (!cdp_page_service(page, until, NULL))
			return;
}

/* What the browser says instead of a document. */
static bool navigation_failed(struct cdp_page *page, const char *url, const cJSON *answer,
	unsigned document, struct cdp_visit *visit, struct error *err)
{
	const char *why = json_str(answer, "errorText");
	const char *loader = json_str(answer, "loaderId");

	if (json_true(answer, "isDownload"))
		return fail(err, ERR_DOWNLOAD, "%s is a download", url);
	/* A 404 or 500 without a body is a response all the same. */
	if (!strcmp(why, "net::ERR_HTTP_RESPONSE_CODE_FAILURE")) {
		(void)cdp_network_visit(page, loader, visit);
		wait_error_page(page, loader);
		return true;
	}
	struct cdp_visit seen = { 0 };
	if (!strcmp(why, "net::ERR_INVALID_AUTH_CREDENTIALS") && loader && cdp_network_visit(page, loader, &seen)
			&& seen.status == 401) {
		wait_error_page(page, loader);
		*visit = seen;
		return true;
	}
	if (strcmp(why, "net::ERR_ABORTED") != 0) {
		wait_error_page(page, loader);
		return fail(err, ERR_NAVIGATION, "%s: %s", url, why);
	}

	if (loader && cdp_network_visit(page, loader, &seen) && (seen.status == 204 || seen.status == 205)) {
		*visit = seen;
		return fail(err, ERR_NO_CONTENT, "%s has no content (HTTP %d)", url, seen.status);
	}
	wait_rival(page, url, document);
	if (page->pending_url && !same_url(page->pending_url, url))
		return fail(err, ERR_INTERRUPTED, "%s: interrupted by %s", url, page->pending_url);
	if (page->frames->document != document)
		return fail(err, ERR_INTERRUPTED, "%s: interrupted by %s", url, page->frames->url);
	return fail(err, ERR_NAVIGATION, "%s: %s", url, why);
}

/* A page that goes to the very address by itself takes over what we began; it is where we wanted to be. */
static bool is_taken_there(struct cdp_page *page, const char *url, unsigned document, enum cdp_ready ready,
	struct deadline until, struct cdp_visit *visit)
{
	const struct cdp_frame *frame = page->frames;

	if (frame->document == document || !same_url(frame->url, url))
		return false;
	while (!is_ready(frame, ready))
		if (!cdp_page_service(page, until, NULL))
			return false;
	(void)cdp_network_visit(page, frame->loader, visit); /* not recorded: stays 0 */
	return true;
}

/* The new address is told a moment after the answer. */
static void wait_within(struct cdp_page *page, unsigned within)
{
	const struct deadline until = deadline_in_ms(RIVAL_MS);

	while (page->within == within)
		if (!cdp_page_service(page, until, NULL))
			return;
}

bool cdp_page_goto(struct cdp_page *page, const char *url, const struct cdp_goto_opts *opts,
	struct cdp_visit *visit, struct error *err)
{
	const struct deadline until = step_deadline(opts ? opts->timeout_ms : 0);
	struct cdp_visit own = { 0 };

	if (!visit)
		visit = &own;
	*visit = (struct cdp_visit){ 0 };
	if (!url_allowed(url))
		return fail(err, ERR_INPUT, "%s: only http and https addresses are opened", url);
	cdp_session_revive(page->session);
	forget_typed(page);
	page->dialogs_in_row = 0;

	const unsigned document = page->frames ? page->frames->document : 0, within = page->within;
	AUTO(json) cJSON *answer = cdp_call(page->browser->conn, page->session, "Page.navigate",
		json_object(JSON_STR("url", url)), until, err);
	if (!answer)
		return error_wrap(err, "opening %s", url);

	const char *loader = json_str(answer, "loaderId");
	const enum cdp_ready ready = opts ? opts->ready : CDP_LOADED;
	if (json_str(answer, "errorText")) {
		struct error why = { 0 };
		if (navigation_failed(page, url, answer, document, visit, &why))
			return true;
		if (!strcmp(json_str(answer, "errorText"), "net::ERR_ABORTED")
				&& is_taken_there(page, url, document, ready, until, visit))
			return true;
		if (err)
			*err = why;
		return false;
	}
	if (!loader) {
		visit->same_document = true;
		wait_within(page, within);
		return true;
	}
	AUTO(text) char *wanted = xstrdup(loader);
	if (!wait_document(page, wanted, document, url, ready, until, err))
		return false;
	/* Not recorded: stays 0. */
	(void)cdp_network_visit(page, cdp_frame_had(page->frames, wanted) ? wanted : page->frames->loader, visit);
	return true;
}

/* Waits for the document after DOCUMENT, whichever it is. */
static bool wait_next_document(struct cdp_page *page, unsigned document, const char *what,
	const struct cdp_goto_opts *opts, struct cdp_visit *visit, struct deadline until, struct error *err)
{
	struct cdp_frame *frame = page->frames;
	const enum cdp_ready ready = opts ? opts->ready : CDP_LOADED;

	while (frame->document == document || !is_ready(frame, ready)) {
		if (!cdp_page_service(page, until, err))
			return error_wrap(err, "%s", what);
	}
	if (visit)
		(void)cdp_network_visit(page, frame->loader, visit); /* not recorded: stays 0 */
	return true;
}

bool cdp_page_reload(struct cdp_page *page, const struct cdp_goto_opts *opts, struct cdp_visit *visit,
	struct error *err)
{
	const struct deadline until = step_deadline(opts ? opts->timeout_ms : 0);
	const unsigned document = page->frames->document;

	forget_typed(page);
	cdp_session_revive(page->session);
	AUTO(json) cJSON *answer = cdp_call(page->browser->conn, page->session, "Page.reload", NULL, until,
		err);
	return answer && wait_next_document(page, document, "reloading", opts, visit, until, err);
}

bool cdp_page_go_back(struct cdp_page *page, const struct cdp_goto_opts *opts, struct error *err)
{
	const struct deadline until = step_deadline(opts ? opts->timeout_ms : 0);
	const unsigned document = page->frames->document, within = page->within;
	AUTO(json) cJSON *history = cdp_call(page->browser->conn, page->session,
		"Page.getNavigationHistory", NULL, until, err);
	int64_t current, id;

	if (!history)
		return false;
	if (!json_int(history, "currentIndex", &current) || current < 1)
		return fail(err, ERR_INPUT, "there is no page to go back to");
	AUTO(text) char *path = xasprintf("entries.%d.id", (int)current - 1);
	if (!json_int(history, path, &id))
		return fail(err, ERR_PROTOCOL, "the navigation history has no %s", path);
	forget_typed(page);
	AUTO(json) cJSON *answer = cdp_call(page->browser->conn, page->session,
		"Page.navigateToHistoryEntry", json_object(JSON_INT("entryId", id)), until, err);
	if (!answer)
		return false;
	while (page->within == within && page->frames->document == document)
		if (!cdp_page_service(page, until, err))
			return error_wrap(err, "going back");
	return page->within != within || wait_next_document(page, document, "going back", opts, NULL, until, err);
}

bool cdp_page_wait_url(struct cdp_page *page, const char *part, struct deadline until,
	struct error *err)
{
	while (!strstr(cdp_page_url(page), part)) {
		if (!cdp_page_service(page, until, err))
			return error_wrap(err, "waiting for an address with '%s', at %s", part, cdp_page_url(page));
	}
	return true;
}

/* ---- dialogs ---- */

void cdp_page_on_dialog_opening(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *type = json_str(params, "type");
	const char *message = json_str(params, "message");

	(void)browser;
	if (!page || !type)
		return;
	const bool leaving = !strcmp(type, "beforeunload");
	const bool accept = leaving ? page->dialog_policy != CDP_STAY : page->dialog_policy == CDP_ACCEPT;
	free(page->dialog_text);
	page->dialog_text = copy_of(message);
	page->dialogs++;
	if (page->dialog_policy == CDP_ASK) {
		cJSON_Delete(page->dialog);
		page->dialog = json_object(JSON_STR("kind", type), JSON_STR("message", message ? message : ""),
			JSON_STR("defaultPrompt", json_str(params, "defaultPrompt")));
		page->dialog_session = session;
		return;
	}
	cdp_post(page->browser->conn, session, "Page.handleJavaScriptDialog",
		json_object(JSON_BOOL("accept", accept),
			JSON_STR("promptText", accept && !strcmp(type, "prompt") ? page->dialog_prompt : NULL)));
	if (++page->dialogs_in_row > DIALOGS_MAX)
		cdp_post(page->browser->conn, NULL, "Target.closeTarget",
			json_object(JSON_STR("targetId", page->target_id)));
}

static void forget_dialog(struct cdp_page *page)
{
	cJSON_Delete(page->dialog);
	page->dialog = NULL;
}

void cdp_page_on_dialog_closed(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);

	(void)browser, (void)params;
	if (page && page->dialog_session == session)
		forget_dialog(page);
}

const cJSON *cdp_page_dialog(const struct cdp_page *page)
{
	return page->dialog;
}

bool cdp_page_answer_dialog(struct cdp_page *page, bool accept, const char *text, struct error *err)
{
	if (!page->dialog)
		return fail(err, ERR_INPUT, "no dialog is open");
	const bool prompt = !strcmp(json_str(page->dialog, "kind"), "prompt");
	forget_dialog(page);
	cdp_post(page->browser->conn, page->dialog_session, "Page.handleJavaScriptDialog",
		json_object(JSON_BOOL("accept", accept), JSON_STR("promptText", accept && prompt ? text : NULL)));
	return true;
}

void cdp_page_on_dialog(struct cdp_page *page, enum cdp_dialog_policy policy, const char *prompt)
{
	page->dialog_policy = policy;
	free(page->dialog_prompt);
	page->dialog_prompt = copy_of(prompt);
}

int cdp_page_dialogs(const struct cdp_page *page, const char **last)
{
	if (last)
		*last = page->dialog_text;
	return page->dialogs;
}
