/* Browsers, contexts and who is told of which event: see browser.h. */
#include "cdp/browser.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/conn.h"
#include "cdp/download.h"
#include "cdp/endpoint.h"
#include "cdp/page_impl.h"
#include "cdp/screencast_impl.h"

#include <poll.h>
#include <string.h>

enum {
	CLOSE_MS = 5000,         /* for Browser.close; then harder */
	DISPOSE_MS = 5000,       /* Target.disposeBrowserContext has been seen never to answer */
	BUSY_MS = 500,           /* before a busy endpoint is asked again; then twice as long */
};

struct cdp_page *cdp_page_of(struct cdp_session *session)
{
	return session ? session->owner : NULL;
}

static struct cdp_page *page_by_target(struct cdp_browser *browser, const char *id)
{
	for (struct cdp_page *p = browser->pages; p; p = p->next)
		if (!strcmp(p->target_id, id))
			return p;
	return NULL;
}

/* ---- targets ---- */

static void let_go(struct cdp_browser *browser, struct cdp_session *parent, const char *session_id)
{
	struct cdp_session *s = cdp_session_new(browser->conn, session_id, parent);

	/* A target that is detached while held stays frozen, so it is let run first. */
	cdp_post(browser->conn, s, "Runtime.runIfWaitingForDebugger", NULL);
	cdp_post(browser->conn, parent, "Target.detachFromTarget",
		json_object(JSON_STR("sessionId", session_id)));
	cdp_session_free(s);
}

static struct cdp_session *adopt(struct cdp_browser *browser, struct cdp_session *parent,
	const cJSON *params)
{
	struct cdp_session *s = cdp_session_new(browser->conn, json_str(params, "sessionId"), parent);
	const char *target = json_str(params, "targetInfo.targetId");
	const char *type = json_str(params, "targetInfo.type");

	(void)snprintf(s->target_id, sizeof s->target_id, "%s", target ? target : "");
	(void)snprintf(s->type, sizeof s->type, "%s", type ? type : "");
	return s;
}

/* A window: one we asked for, or one that a page of ours opened. */
static void page_attached(struct cdp_browser *browser, const cJSON *params)
{
	const char *target = json_str(params, "targetInfo.targetId");
	const char *opener = json_str(params, "targetInfo.openerId");
	struct cdp_page *page = page_by_target(browser, target);
	struct cdp_page *from = opener ? page_by_target(browser, opener) : NULL;

	if (!page && from) {
		page = cdp_page_make(browser, from->context, &from->opts, target);
		(void)snprintf(page->opener_id, sizeof page->opener_id, "%s", opener);
		page->is_popup_waiting = true;
		page->dialog_policy = from->dialog_policy;
		for (const struct init_script *s = from->scripts; s; s = s->next)
			cdp_page_keep_script(page, s->source, s->kind);
	}
	if (!page && browser->opening)
		page = cdp_page_make(browser, browser->opening->context, browser->opening->opts, target);
	if (!page || page->session) {
		let_go(browser, NULL, json_str(params, "sessionId"));
		return;
	}
	page->session = adopt(browser, NULL, params);
	page->session->owner = page;
	cdp_page_init_session(page, page->session, json_true(params, "waitingForDebugger"));
}

static void on_attached(void *owner, struct cdp_session *parent, const cJSON *params)
{
	struct cdp_browser *browser = owner;
	const char *type = json_str(params, "targetInfo.type");
	const char *id = json_str(params, "sessionId");
	struct cdp_page *page = cdp_page_of(parent);

	if (!id || !type || !json_str(params, "targetInfo.targetId"))
		return;
	if (!parent && !browser->popups)
		return; /* the answer to an attachToTarget of ours says the same */
	if (!parent && !strcmp(type, "page")) {
		page_attached(browser, params);
		return;
	}
	if (!page || (strcmp(type, "iframe") != 0 && strcmp(type, "worker") != 0)) {
		let_go(browser, parent, id);
		return;
	}
	struct cdp_session *s = adopt(browser, parent, params);
	s->owner = page;
	if (!strcmp(type, "iframe"))
		cdp_frame_local_to_remote(page, s, json_str(params, "targetInfo.parentFrameId"));
	cdp_page_init_session(page, s, json_true(params, "waitingForDebugger"));
}

static void on_detached(void *owner, struct cdp_session *parent, const cJSON *params)
{
	struct cdp_browser *browser = owner;
	const char *id = json_str(params, "sessionId");
	struct cdp_session *s = id ? cdp_session_find(browser->conn, id) : NULL;
	struct cdp_page *page = cdp_page_of(s);

	(void)parent; /* the session says it, too */
	if (!s)
		return;
	cdp_session_end(s, ERR_CLOSED);
	if (page && s == page->session)
		cdp_page_gone(page, ERR_CLOSED);
	else if (page)
		cdp_frame_remote_gone(page, s);
}

static void on_session_crashed(void *owner, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);

	(void)owner, (void)params;
	if (!page)
		return;
	if (session == page->session)
		cdp_page_gone(page, ERR_CRASHED);
	else
		cdp_session_end(session, ERR_CRASHED);
}

static void on_session_reloaded(void *owner, struct cdp_session *session, const cJSON *params)
{
	(void)owner, (void)params;
	if (session)
		cdp_session_revive(session);
}

static void on_target_crashed(void *owner, struct cdp_session *session, const cJSON *params)
{
	const char *target = json_str(params, "targetId");
	struct cdp_page *page = target ? page_by_target(owner, target) : NULL;

	(void)session;
	if (page)
		cdp_page_gone(page, ERR_CRASHED);
}

static const struct cdp_event events[] = {
	{ "Target.attachedToTarget", on_attached },
	{ "Target.detachedFromTarget", on_detached },
	{ "Target.targetCrashed", on_target_crashed },
	{ "Inspector.targetCrashed", on_session_crashed },
	{ "Inspector.targetReloadedAfterCrash", on_session_reloaded },
	{ "Page.frameAttached", cdp_frame_attached },
	{ "Page.frameDetached", cdp_frame_detached },
	{ "Page.frameNavigated", cdp_frame_navigated },
	{ "Page.frameStartedNavigating", cdp_frame_started },
	{ "Page.frameStoppedLoading", cdp_frame_stopped },
	{ "Page.navigatedWithinDocument", cdp_frame_within },
	{ "Page.lifecycleEvent", cdp_frame_lifecycle },
	{ "Page.javascriptDialogOpening", cdp_page_on_dialog_opening },
	{ "Page.javascriptDialogClosed", cdp_page_on_dialog_closed },
	{ "Page.screencastFrame", cdp_screencast_on_frame },
	{ "Runtime.executionContextCreated", cdp_frame_context_created },
	{ "Runtime.bindingCalled", cdp_page_on_binding },
	{ "Network.requestWillBeSent", cdp_network_on_request },
	{ "Network.requestWillBeSentExtraInfo", cdp_network_on_request_extra },
	{ "Network.responseReceived", cdp_network_on_response },
	{ "Network.loadingFinished", cdp_network_on_finished },
	{ "Network.loadingFailed", cdp_network_on_failed },
	{ "Fetch.requestPaused", cdp_network_on_paused },
	{ "Fetch.authRequired", cdp_network_on_auth },
	{ "Browser.downloadWillBegin", cdp_download_on_begin },
	{ "Browser.downloadProgress", cdp_download_on_progress },
	{ NULL, NULL },
};

/* ---- connecting ---- */

static bool start(struct cdp_browser *browser, struct deadline until, struct error *err)
{
	struct cdp_reply *attached = NULL;

	cdp_conn_on_events(browser->conn, events, browser);
	struct cdp_reply *version = cdp_send(browser->conn, NULL, "Browser.getVersion", NULL);
	if (browser->popups)
		attached = cdp_send_text(browser->conn, NULL, "Target.setAutoAttach",
			"{\"autoAttach\":true,\"waitForDebuggerOnStart\":true,\"flatten\":true,"
			"\"filter\":[{\"type\":\"page\"},{\"exclude\":true}]}");
	AUTO(json) cJSON *answer = cdp_reply_wait(version, until, err);
	if (answer) {
		browser->version = copy_of(json_str(answer, "product"));
		browser->user_agent = copy_of(json_str(answer, "userAgent"));
	}
	if (!attached)
		return answer != NULL;
	AUTO(json) cJSON *attach_answer = cdp_reply_wait(attached, until, err);
	return answer && attach_answer;
}

static struct cdp_browser *connect_to(const char *url, const struct cdp_conn_opts *opts, struct cdp_process *process,
	bool popups, struct deadline until, struct error *err)
{
	struct cdp_browser *browser = xcalloc(1, sizeof *browser);

	browser->process = process;
	browser->popups = popups;
	browser->conn = cdp_conn_open(url, opts, until, err);
	if (browser->conn && start(browser, until, err))
		return browser;
	cdp_browser_free(browser);
	return NULL;
}

struct cdp_browser *cdp_browser_launch(const struct cdp_launch_opts *opts, struct deadline until,
	struct error *err)
{
	struct cdp_process *process = cdp_process_start(opts, until, err);

	return process ? connect_to(cdp_process_url(process), NULL, process, true, until, err) : NULL;
}

struct cdp_browser *cdp_browser_attach(const char *endpoint, const struct cdp_attach_opts *opts,
	struct deadline until, struct error *err)
{
	const struct cdp_attach_opts o = opts ? *opts : (struct cdp_attach_opts){ 0 };
	const struct cdp_conn_opts conn = { .headers = o.headers, .cacert = o.cacert };
	struct error why = { 0 };

	for (int pause_ms = BUSY_MS;; pause_ms *= 2) {
		AUTO(text) char *url = cdp_endpoint_find(endpoint, &conn, until, &why);
		struct cdp_browser *browser = url ? connect_to(url, &conn, NULL, o.popups, until, &why) : NULL;
		if (browser || why.code != ERR_LIMIT || deadline_left_ms(until) <= pause_ms) {
			if (!browser && err)
				*err = why;
			return browser;
		}
		(void)poll(NULL, 0, pause_ms);
		why = (struct error){ 0 };
	}
}

void cdp_browser_free(struct cdp_browser *browser)
{
	if (!browser)
		return;
	while (browser->pages)
		cdp_page_destroy(browser->pages);
	while (browser->contexts) {
		struct cdp_context *context = browser->contexts;
		browser->contexts = context->next;
		free(context);
	}
	cdp_downloads_free(browser);
	if (browser->process && browser->conn && cdp_conn_alive(browser->conn)) {
		AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Browser.close", NULL,
			deadline_in_ms(CLOSE_MS), NULL); /* when it fails, the process is ended harder */
	}
	const bool polite = browser->conn && cdp_conn_alive(browser->conn);
	cdp_conn_free(browser->conn);
	cdp_process_stop(browser->process, deadline_in_ms(polite || !browser->conn ? CLOSE_MS : 500));
	free(browser->version);
	free(browser->user_agent);
	free(browser);
}

struct cdp_conn *cdp_browser_conn(struct cdp_browser *browser)
{
	return browser->conn;
}

const char *cdp_browser_version(const struct cdp_browser *browser)
{
	return browser->version ? browser->version : "";
}

const char *cdp_browser_user_agent(const struct cdp_browser *browser)
{
	return browser->user_agent ? browser->user_agent : "";
}

bool cdp_browser_is_shell(const struct cdp_browser *browser)
{
	return browser->process && cdp_process_is_shell(browser->process);
}

pid_t cdp_browser_pid(const struct cdp_browser *browser)
{
	return browser->process ? cdp_process_pid(browser->process) : 0;
}

/* ---- contexts ---- */

struct cdp_context *cdp_context_new(struct cdp_browser *browser, struct deadline until,
	struct error *err)
{
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Target.createBrowserContext",
		json_object(JSON_BOOL("disposeOnDetach", true)), until, err);
	const char *id = json_str(answer, "browserContextId");

	if (answer && !id)
		fail(err, ERR_PROTOCOL, "Target.createBrowserContext: no browserContextId");
	if (!id)
		return NULL;
	struct cdp_context *context = xcalloc(1, sizeof *context);
	(void)snprintf(context->id, sizeof context->id, "%s", id);
	context->browser = browser;
	context->next = browser->contexts;
	browser->contexts = context;
	return context;
}

void cdp_context_free(struct cdp_context *context)
{
	struct cdp_browser *browser = context ? context->browser : NULL;

	if (!context)
		return;
	for (struct cdp_page *p = browser->pages, *next; p; p = next) {
		next = p->next;
		if (p->context == context)
			cdp_page_gone(p, ERR_CLOSED);
	}
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Target.disposeBrowserContext",
		json_object(JSON_STR("browserContextId", context->id)), deadline_in_ms(DISPOSE_MS),
		NULL); /* it goes with the connection at the latest */
	struct cdp_context **at = &browser->contexts;
	while (*at != context)
		at = &(*at)->next;
	*at = context->next;
	free(context);
}

/* ---- tabs ---- */

/* Whether a page answers at all. */
static bool answers(struct cdp_browser *browser, const char *target, int patience_ms)
{
	const struct deadline until = deadline_in_ms(patience_ms);
	AUTO(json) cJSON *attached = cdp_call(browser->conn, NULL, "Target.attachToTarget",
		json_object(JSON_STR("targetId", target), JSON_BOOL("flatten", true)), until, NULL);
	const char *id = json_str(attached, "sessionId");
	if (!id)
		return false;

	struct cdp_session *s = cdp_session_new(browser->conn, id, NULL);
	AUTO(json) cJSON *value = cdp_call(browser->conn, s, "Runtime.evaluate",
		json_object(JSON_STR("expression", "1")), until, NULL);
	cdp_post(browser->conn, NULL, "Target.detachFromTarget", json_object(JSON_STR("sessionId", id)));
	cdp_session_free(s);
	return value != NULL;
}

cJSON *cdp_browser_tabs(struct cdp_browser *browser, int patience_ms, struct error *err)
{
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Target.getTargets", NULL,
		deadline_in_ms(CDP_CALL_MS), err);
	const cJSON *info;

	if (!answer)
		return NULL;
	cJSON *tabs = cJSON_CreateArray();
	cJSON_ArrayForEach (info, json_list(answer, "targetInfos")) {
		const char *id = json_str(info, "targetId"), *type = json_str(info, "type");
		if (!id || !type || strcmp(type, "page") != 0)
			continue;
		json_add(tabs, JSON_NODE(NULL, json_object(
			JSON_STR("targetId", id),
			JSON_STR("url", json_str(info, "url")),
			JSON_STR("title", json_str(info, "title")),
			JSON_STR("contextId", json_str(info, "browserContextId")),
			JSON_BOOL("sick", !answers(browser, id, patience_ms)))));
	}
	return tabs;
}
