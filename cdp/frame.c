/* The frame tree, kept from events.
 *
 * A frame's id is also the id of its target when it lives in a process of its own (an OOPIF).  Its
 * session is the nearest one of itself and its ancestors.  What makes it hard is frames that swap
 * between processes, with events from two sessions in either order; the rules: the object stays; only
 * "remove" removes; an event of a session that a frame has left is not for it. */
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/page_impl.h"

#include <string.h>

struct cdp_frame *cdp_frame_find(struct cdp_page *page, const char *id)
{
	for (struct cdp_frame *f = page->frames; f; f = f->next)
		if (!strcmp(f->id, id))
			return f;
	return NULL;
}

static size_t count_frames(const struct cdp_page *page)
{
	size_t count = 0;

	for (const struct cdp_frame *f = page->frames; f; f = f->next)
		count += !f->detached;
	return count;
}

static void append(struct cdp_page *page, struct cdp_frame *frame)
{
	struct cdp_frame **at = &page->frames;

	while (*at)
		at = &(*at)->next;
	frame->next = NULL;
	*at = frame;
}

/* NULL when the page has too many. */
static struct cdp_frame *frame_new(struct cdp_page *page, struct cdp_session *session, const char *id,
	struct cdp_frame *parent)
{
	if (count_frames(page) >= FRAMES_MAX)
		return NULL;

	struct cdp_frame *frame = xcalloc(1, sizeof *frame);
	frame->page = page;
	frame->parent = parent;
	frame->session = session;
	frame->url = xstrdup("");
	frame->name = xstrdup("");
	(void)snprintf(frame->id, sizeof frame->id, "%s", id);
	append(page, frame);
	return frame;
}

/* A frame that was removed is there again: below PARENT, and so behind it in the list. */
static void revive(struct cdp_frame *frame, struct cdp_frame *parent)
{
	struct cdp_frame **at = &frame->page->frames;

	if (!frame->detached)
		return;
	while (*at != frame)
		at = &(*at)->next;
	*at = frame->next;
	append(frame->page, frame);
	frame->parent = parent;
	frame->detached = false;
}

void cdp_frame_main(struct cdp_page *page)
{
	if (!page->frames)
		(void)frame_new(page, page->session, page->target_id, NULL);
}

static void set_loader(struct cdp_frame *frame, const char *loader)
{
	memmove(frame->before[1], frame->before[0], sizeof frame->before - sizeof frame->before[0]);
	memcpy(frame->before[0], frame->loader, sizeof frame->loader);
	(void)snprintf(frame->loader, sizeof frame->loader, "%s", loader ? loader : "");
}

bool cdp_frame_had(const struct cdp_frame *frame, const char *loader)
{
	bool had = !strcmp(frame->loader, loader);

	for (size_t i = 0; i < LOADERS_KEPT; i++)
		had = had || !strcmp(frame->before[i], loader);
	return had;
}

static void set_text(char **text, const char *value)
{
	if (value && strcmp(*text, value) != 0) {
		free(*text);
		*text = xstrdup(value);
	}
}

static bool is_below(const struct cdp_frame *frame, const struct cdp_frame *above)
{
	for (const struct cdp_frame *f = frame->parent; f; f = f->parent)
		if (f == above)
			return true;
	return false;
}

static void frame_free(struct cdp_frame *frame)
{
	free(frame->url);
	free(frame->name);
	free(frame);
}

/* Detaches FRAME and what is below it; frames that nobody asked for are freed. */
static void remove_below(struct cdp_page *page, struct cdp_frame *above, bool itself)
{
	for (struct cdp_frame *f = page->frames; f; f = f->next)
		if ((itself && f == above) || is_below(f, above))
			f->detached = true;
	page->tree_changes++;
	for (struct cdp_frame **at = &page->frames; *at;) {
		struct cdp_frame *f = *at;
		if (!f->detached || f->shown || f == page->frames) {
			at = &f->next;
			continue;
		}
		/* Parents come first, so a freed parent's children are freed in the same pass; those that are
		 * shown keep no way up. */
		for (struct cdp_frame *c = f->next; c; c = c->next)
			if (c->parent == f)
				c->parent = NULL;
		*at = f->next;
		cdp_page_forget_typed_in(page, f);
		frame_free(f);
	}
}

void cdp_frames_free(struct cdp_page *page)
{
	while (page->frames) {
		struct cdp_frame *f = page->frames;
		page->frames = f->next;
		frame_free(f);
	}
}

static void new_document(struct cdp_frame *frame)
{
	frame->document++;
	frame->world = frame->page_context = 0;
	frame->parsed = frame->loaded = frame->idle = false;
	frame->page->tree_changes++;
}


void cdp_frame_attached(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "frameId"), *parent_id = json_str(params, "parentFrameId");
	struct cdp_frame *parent = page && parent_id ? cdp_frame_find(page, parent_id) : NULL;

	(void)browser;
	if (!page || !id || !parent || parent->detached)
		return;
	struct cdp_frame *frame = cdp_frame_find(page, id);
	if (frame && !frame->parent)
		return; /* the main frame is nobody's child */
	if (frame) { /* back from a process of its own */
		revive(frame, parent);
		frame->session = session;
		new_document(frame);
		return;
	}
	(void)frame_new(page, session, id, parent);
	page->tree_changes++;
}

void cdp_frame_detached(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "frameId"), *reason = json_str(params, "reason");
	struct cdp_frame *frame = page && id ? cdp_frame_find(page, id) : NULL;

	(void)browser;
	if (!frame || !frame->parent || (reason && !strcmp(reason, "swap")))
		return;
	if (session != frame->session && session != frame->parent->session)
		return;
	remove_below(page, frame, true);
}

char *cdp_origin_of(const char *url)
{
	const char *host = !strncmp(url, "https://", 8) ? url + 8 : !strncmp(url, "http://", 7) ? url + 7 : NULL;

	return host && *host ? xstrndup(url, (size_t)(host + strcspn(host, "/?#") - url)) : NULL;
}

static void remember_origin(struct cdp_page *page, const char *url)
{
	AUTO(text) char *origin = cdp_origin_of(url);

	for (size_t i = 0; origin && i < page->origin_count; i++)
		if (!strcmp(page->origins[i], origin))
			return;
	if (origin && page->origin_count < CDP_STATE_ORIGINS_MAX)
		page->origins[page->origin_count++] = TAKE(origin);
}

void cdp_frame_navigated(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const cJSON *info = json_at(params, "frame");
	const char *id = json_str(info, "id"), *type = json_str(params, "type");
	const char *fragment = json_str(info, "urlFragment"), *url = json_str(info, "url");
	const char *loader = json_str(info, "loaderId"), *parent = json_str(info, "parentId");

	(void)browser;
	if (!page || !id)
		return;
	struct cdp_frame *frame = cdp_frame_find(page, id);
	if (!frame && !parent && page->frames && session == page->session) {
		/* The main frame got another id (a prerendered page came to life): it is the same frame. */
		frame = page->frames;
		(void)snprintf(frame->id, sizeof frame->id, "%s", id);
	}
	struct cdp_frame *above = parent ? cdp_frame_find(page, parent) : NULL;
	if (!frame && above && !above->detached)
		frame = frame_new(page, session, id, above);
	if (!frame || frame->session != session || frame->detached)
		return;

	remove_below(page, frame, false);
	new_document(frame);
	set_loader(frame, loader);
	AUTO(text) char *whole = xasprintf("%s%s", url ? url : "", fragment ? fragment : "");
	set_text(&frame->url, whole);
	set_text(&frame->name, json_str(info, "name"));
	if (!json_str(info, "unreachableUrl"))
		remember_origin(page, frame->url);
	if (frame == page->frames) {
		page->dialogs_in_row = 0;
		free(page->pending_url);
		page->pending_url = NULL;
	}
	/* A page from the back/forward cache was loaded before and says nothing more. */
	if (type && !strcmp(type, "BackForwardCacheRestore"))
		frame->parsed = frame->loaded = frame->idle = true;
}

void cdp_frame_started(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "frameId"), *url = json_str(params, "url");

	(void)browser;
	if (!page || !page->frames || !id || !url || strcmp(page->frames->id, id) != 0)
		return;
	free(page->pending_url);
	page->pending_url = xstrdup(url);
	page->loading = true;
}

void cdp_frame_within(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "frameId"), *url = json_str(params, "url");
	struct cdp_frame *frame = page && id ? cdp_frame_find(page, id) : NULL;

	(void)browser;
	if (!frame || !url || frame->session != session)
		return;
	set_text(&frame->url, url);
	if (frame == page->frames)
		page->within++;
}

void cdp_frame_lifecycle(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "frameId"), *name = json_str(params, "name");
	const char *loader = json_str(params, "loaderId");
	struct cdp_frame *frame = page && id ? cdp_frame_find(page, id) : NULL;

	(void)browser;
	if (!frame || !name || !loader || strcmp(frame->loader, loader) != 0)
		return;
	if (!strcmp(name, "DOMContentLoaded"))
		frame->parsed = true;
	else if (!strcmp(name, "load"))
		frame->loaded = true;
	else if (!strcmp(name, "networkIdle"))
		frame->idle = true;
}

/* A document that stops itself never loads. */
void cdp_frame_stopped(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "frameId");
	struct cdp_frame *frame = page && id ? cdp_frame_find(page, id) : NULL;

	(void)browser;
	if (frame && frame == page->frames)
		page->loading = false;
	if (frame && frame->session == session && *frame->loader)
		frame->parsed = frame->loaded = true;
}

/* The tree as Page.getFrameTree tells it; frames that events told of since are newer. */
void cdp_frame_tree(struct cdp_page *page, struct cdp_session *session, const cJSON *tree)
{
	const cJSON *info = json_at(tree, "frame"), *child;
	const char *id = json_str(info, "id"), *parent = json_str(info, "parentId");

	if (!id)
		return;
	struct cdp_frame *frame = cdp_frame_find(page, id), *above = parent ? cdp_frame_find(page, parent) : NULL;
	if (!frame && above)
		frame = frame_new(page, session, id, above);
	if (!frame && !parent && page->frames && !*page->frames->loader) {
		frame = page->frames; /* a page that was prerendered: its frame is not called as its target */
		(void)snprintf(frame->id, sizeof frame->id, "%s", id);
	}
	if (!frame)
		return;
	if (!*frame->loader) {
		set_loader(frame, json_str(info, "loaderId"));
		set_text(&frame->url, json_str(info, "url"));
		set_text(&frame->name, json_str(info, "name"));
	}
	cJSON_ArrayForEach (child, json_list(tree, "childFrames"))
		cdp_frame_tree(page, session, child);
}

void cdp_frame_local_to_remote(struct cdp_page *page, struct cdp_session *session, const char *parent_id)
{
	struct cdp_frame *frame = cdp_frame_find(page, session->target_id);
	struct cdp_frame *parent = parent_id ? cdp_frame_find(page, parent_id) : NULL;
	const bool below = parent && !parent->detached && parent != frame;

	if (!frame && below)
		frame = frame_new(page, session, session->target_id, parent);
	else if (frame && below)
		revive(frame, parent);
	if (!frame || frame->detached || frame == page->frames)
		return;
	remove_below(page, frame, false);
	frame->session = session;
	new_document(frame);
}

void cdp_frame_remote_gone(struct cdp_page *page, struct cdp_session *session)
{
	struct cdp_frame *frame = cdp_frame_find(page, session->target_id);

	/* It goes on in its parent's process, or is removed; which of the two, the parent's session says. */
	if (!frame || frame->session != session || !frame->parent)
		return;
	remove_below(page, frame, false);
	frame->session = frame->parent->session;
	new_document(frame);
}

/* ---- what callers see ---- */

size_t cdp_page_frames(struct cdp_page *page, struct cdp_frame **out, size_t max)
{
	size_t count = 0;

	for (struct cdp_frame *f = page->frames; f; f = f->next) {
		if (f->detached)
			continue;
		if (count < max) {
			out[count] = f;
			f->shown = true;
		}
		count++;
	}
	return count;
}

struct cdp_frame *cdp_page_main_frame(struct cdp_page *page)
{
	return page->frames;
}

bool cdp_frame_matches(const struct cdp_frame *frame, const char *part)
{
	return !frame->detached
		&& (!strcmp(part, "*") || strstr(frame->url, part) || !strcmp(frame->name, part));
}

struct cdp_frame *cdp_page_frame(struct cdp_page *page, const char *part)
{
	for (struct cdp_frame *f = page->frames; f; f = f->next) {
		if (!cdp_frame_matches(f, part))
			continue;
		f->shown = true;
		return f;
	}
	return NULL;
}

const char *cdp_frame_id(const struct cdp_frame *frame)
{
	return frame->id;
}

const char *cdp_frame_url(const struct cdp_frame *frame)
{
	return frame->url;
}

const char *cdp_frame_name(const struct cdp_frame *frame)
{
	return frame->name;
}

char *cdp_frame_locator(const struct cdp_frame *frame, const char *selector)
{
	return frame->parent ? xasprintf("frame=%s >> %s", frame->url, selector) : xstrdup(selector);
}

struct cdp_frame *cdp_frame_parent(const struct cdp_frame *frame)
{
	return frame->parent;
}

bool cdp_frame_is_detached(const struct cdp_frame *frame)
{
	return frame->detached;
}
