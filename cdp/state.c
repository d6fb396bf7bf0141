/* Signed-in states: see state.h. */
#include "cdp/state.h"

#include "cdp/base/error.h"
#include "cdp/conn.h"
#include "cdp/embed.h"
#include "cdp/network.h"
#include "cdp/page_impl.h"
#include "cdp/storage.h"

#include <string.h>
#include <time.h>

EMBED(cdp_state_script, "cdp/js/state.js");

enum { FRAMES_READ_MAX = 64 };

/* ---- cookies, as Playwright writes them ---- */

static cJSON *saved_cookie(const cJSON *cookie)
{
	const char *same_site = json_str(cookie, "sameSite");
	double expires = -1;

	(void)json_num(cookie, "expires", &expires);
	cJSON *saved = json_object(
		JSON_STR("name", json_str(cookie, "name")),
		JSON_STR("value", json_str(cookie, "value")),
		JSON_STR("domain", json_str(cookie, "domain")),
		JSON_STR("path", json_str(cookie, "path")),
		JSON_NUM("expires", expires),
		JSON_BOOL("httpOnly", json_true(cookie, "httpOnly")),
		JSON_BOOL("secure", json_true(cookie, "secure")),
		JSON_STR("sameSite", same_site ? same_site : "Lax"), /* what Chromium takes for none */
		JSON_STR("partitionKey", json_str(cookie, "partitionKey.topLevelSite")));
	if (json_at(cookie, "partitionKey"))
		json_add(saved, JSON_BOOL("_crHasCrossSiteAncestor", json_true(cookie, "partitionKey.hasCrossSiteAncestor")));
	return saved;
}

static cJSON *saved_cookies(const cJSON *cookies)
{
	cJSON *saved = cJSON_CreateArray();
	const cJSON *cookie;

	cJSON_ArrayForEach (cookie, cookies)
		json_add(saved, JSON_NODE(NULL, saved_cookie(cookie)));
	return saved;
}

/* The protocol's form; NULL when it has expired. */
static cJSON *protocol_cookie(const cJSON *saved)
{
	const char *site = json_str(saved, "partitionKey");
	double expires = -1;

	(void)json_num(saved, "expires", &expires);
	if (expires >= 0 && expires < (double)time(NULL))
		return NULL;
	cJSON *cookie = cJSON_Duplicate(saved, true);
	cJSON_DeleteItemFromObjectCaseSensitive(cookie, "_crHasCrossSiteAncestor");
	cJSON_DeleteItemFromObjectCaseSensitive(cookie, "partitionKey");
	if (expires < 0)
		cJSON_DeleteItemFromObjectCaseSensitive(cookie, "expires");
	if (site)
		json_add(cookie, JSON_NODE("partitionKey", json_object(
			JSON_STR("topLevelSite", site),
			JSON_BOOL("hasCrossSiteAncestor", json_true(saved, "_crHasCrossSiteAncestor")))));
	return cookie;
}

static bool put_cookies(struct cdp_page *page, const cJSON *saved, struct deadline until, struct error *err)
{
	AUTO(json) cJSON *cookies = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach (one, saved) {
		cJSON *cookie = protocol_cookie(one);
		if (cookie)
			json_add(cookies, JSON_NODE(NULL, cookie));
	}
	return !cJSON_GetArraySize(cookies) || cdp_cookies_set(page->browser, page->context, cookies, until, err);
}

/* ---- storage of one origin ---- */

static cJSON *run(struct cdp_frame *frame, const char *call, struct deadline until, struct error *err)
{
	AUTO(text) char *expression = xasprintf("%s.%s", cdp_state_script, call);

	return cdp_page_eval(frame->page, expression,
		&(struct cdp_eval_opts){ .frame = frame, .isolated = true, .timeout_ms = deadline_left_ms(until) }, err);
}

static bool is_empty(const cJSON *stored)
{
	return !cJSON_GetArraySize(json_at(stored, "localStorage")) && !cJSON_GetArraySize(json_at(stored, "sessionStorage"))
		&& !cJSON_GetArraySize(json_at(stored, "indexedDB"));
}

/* A document that may keep nothing (a sandbox, a policy) throws, and has nothing to save. */
static bool read_origin(struct cdp_frame *frame, cJSON *origins, struct deadline until, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *stored = run(frame, "read()", until, &why);

	if (stored && !is_empty(stored))
		json_add(origins, JSON_NODE(NULL, TAKE(stored)));
	if (stored || !why.code || why.code == ERR_SCRIPT || why.code == ERR_CLOSED || why.code == ERR_CONTEXT)
		return true;
	if (err)
		*err = why;
	return false;
}

static bool has_origin(const cJSON *origins, const char *origin)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, origins) {
		const char *its = json_str(one, "origin");
		if (its && !strcmp(its, origin))
			return true;
	}
	return false;
}

/* ---- empty documents in place of the network's ---- */

static bool empty_begin(struct cdp_page *page, struct deadline until, struct error *err)
{
	struct cdp_conn *conn = page->browser->conn;

	page->empty_documents = true;
	cdp_post(conn, page->session, "Network.setBypassServiceWorker", json_object(JSON_BOOL("bypass", true)));
	AUTO(json) cJSON *answer = cdp_call(conn, page->session, "Fetch.enable",
		json_object(JSON_NODE("patterns", json_array(JSON_NODE(NULL, json_object(JSON_STR("urlPattern", "*")))))), until, err);
	return answer != NULL;
}

/* Back to the network, with the last empty document still there. */
static void empty_end(struct cdp_page *page)
{
	struct cdp_conn *conn = page->browser->conn;

	page->empty_documents = false;
	cdp_post(conn, page->session, "Fetch.disable", NULL);
	if (page->login)
		cdp_post(conn, page->session, "Fetch.enable", json_object(JSON_BOOL("handleAuthRequests", true)));
	cdp_post(conn, page->session, "Network.setBypassServiceWorker", json_object(JSON_BOOL("bypass", false)));
}

static bool go_empty(struct cdp_page *page, const char *origin, struct deadline until, struct error *err)
{
	AUTO(text) char *url = xasprintf("%s/", origin);

	return cdp_page_goto(page, url,
		&(struct cdp_goto_opts){ .ready = CDP_COMMITTED, .timeout_ms = deadline_left_ms(until) }, NULL, err);
}

/* ---- taking ---- */

static bool is_partitioned(struct cdp_frame *frame, struct deadline until)
{
	AUTO(json) cJSON *answer = frame->parent ? cdp_call(frame->page->browser->conn, frame->session,
		"Storage.getStorageKey", json_object(JSON_STR("frameId", frame->id)), until, NULL) : NULL;
	const char *key = json_str(answer, "storageKey");

	return frame->parent && (!key || strchr(key, '^'));
}

static bool read_shown(struct cdp_page *page, cJSON *origins, struct deadline until, struct error *err)
{
	struct cdp_frame *frames[FRAMES_READ_MAX];
	size_t count = cdp_page_frames(page, frames, FRAMES_READ_MAX);

	count = count < FRAMES_READ_MAX ? count : FRAMES_READ_MAX;
	for (size_t i = 0; i < count; i++) {
		AUTO(text) char *origin = cdp_origin_of(frames[i]->url);
		if (origin && !has_origin(origins, origin) && !is_partitioned(frames[i], until)
				&& !read_origin(frames[i], origins, until, err))
			return false;
	}
	return true;
}

static bool is_shown(struct cdp_page *page, const char *origin)
{
	for (const struct cdp_frame *f = page->frames; f; f = f->next) {
		AUTO(text) char *its = f->detached ? NULL : cdp_origin_of(f->url);
		if (its && !strcmp(its, origin))
			return true;
	}
	return false;
}

/* Origins the page has been to.  An empty document is one of them, so the list is copied first. */
static bool read_left(struct cdp_page *page, cJSON *origins, struct deadline until, struct error *err)
{
	char *left[CDP_STATE_ORIGINS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < page->origin_count; i++)
		if (!has_origin(origins, page->origins[i]) && !is_shown(page, page->origins[i]))
			left[count++] = xstrdup(page->origins[i]);
	bool ok = !count || empty_begin(page, until, err);
	for (size_t i = 0; i < count; i++) {
		ok = ok && go_empty(page, left[i], until, err) && read_origin(page->frames, origins, until, err);
		free(left[i]);
	}
	if (count)
		empty_end(page);
	return ok;
}

cJSON *cdp_state_capture(struct cdp_page *page, bool leave, struct deadline until, struct error *err)
{
	AUTO(json) cJSON *origins = cJSON_CreateArray();
	AUTO(reply) struct cdp_reply *asked = cdp_cookies_ask(page->browser, page->context);

	if (!read_shown(page, origins, until, err) || (leave && !read_left(page, origins, until, err)))
		return NULL;
	AUTO(json) cJSON *cookies = cdp_reply_wait(TAKE(asked), until, err);
	if (!cookies)
		return NULL;
	cJSON *state = json_object(JSON_NODE("cookies", saved_cookies(json_at(cookies, "cookies"))),
		JSON_NODE("origins", TAKE(origins)));
	AUTO(text) char *text = json_print(state);
	if (strlen(text) <= CDP_STATE_MAX)
		return state;
	fail(err, ERR_LIMIT, "the page keeps more than %d MB", CDP_STATE_MAX >> 20);
	cJSON_Delete(state);
	return NULL;
}

/* ---- putting back ---- */

static bool write_origin(struct cdp_page *page, const cJSON *saved, struct deadline until, struct error *err)
{
	const char *origin = json_str(saved, "origin");
	AUTO(text) char *text = json_print(saved);
	AUTO(text) char *call = xasprintf("write(%s)", text);

	if (!origin || (strncmp(origin, "https://", 8) != 0 && strncmp(origin, "http://", 7) != 0))
		return fail(err, ERR_VALUE, "\"%s\" is no origin of the web", origin ? origin : "");
	if (!go_empty(page, origin, until, err))
		return false;
	AUTO(json) cJSON *lost = run(page->frames, call, until, err);
	if (!lost)
		return error_wrap(err, "%s", origin);
	const char *name = json_str(lost, "0");
	return !name || fail(err, ERR_VALUE, "%s did not keep \"%s\"", origin, name);
}

bool cdp_state_restore(struct cdp_page *page, const cJSON *state, struct deadline until, struct error *err)
{
	const cJSON *origins = json_list(state, "origins"), *one;

	if (!put_cookies(page, json_list(state, "cookies"), until, err))
		return false;
	if (!cJSON_GetArraySize(origins))
		return true;
	bool ok = empty_begin(page, until, err);
	cJSON_ArrayForEach (one, origins)
		ok = ok && write_origin(page, one, until, err);
	empty_end(page);
	return ok;
}
