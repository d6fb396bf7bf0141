/* What has the focus in a page that is shown to a person.  Each document of each frame gets cdp/js/live.js in our own
 * world, which tells by a hidden binding; nothing is asked again while nothing changes.  Nothing here waits. */
#include "cdp/embed.h"
#include "cdp/screencast_impl.h"

#include <string.h>

EMBED(cdp_engine_live, "cdp/js/live.js");

enum {
	TRIES = 10,    /* documents come and go while we ask */
	AGAIN_MS = 50,
};

static const char binding[] = "gabbaiLive";

/* ---- documents ---- */

static void spot_free(struct spot *spot)
{
	cdp_reply_free(spot->asked);
	free(spot);
}

static struct spot *spot_of(struct tab *tab, const struct cdp_frame *frame)
{
	for (struct spot *s = tab->spots; s; s = s->next)
		if (!strcmp(s->frame_id, frame->id))
			return s;
	struct spot *s = xcalloc(1, sizeof *s);
	(void)snprintf(s->frame_id, sizeof s->frame_id, "%s", frame->id);
	s->document = frame->document - 1;
	s->next = tab->spots;
	return tab->spots = s;
}

static void spot_ask(struct spot *spot, struct cdp_frame *frame)
{
	spot->again = DEADLINE_NEVER;
	cdp_reply_free(spot->asked);
	spot->installing = frame->world != 0;
	if (!spot->installing) {
		spot->asked = cdp_frame_ask_world(frame);
		return;
	}
	/* A binding by the world's name is not known in all of the documents that follow. */
	cdp_post(frame->page->browser->conn, frame->session, "Runtime.addBinding",
		json_object(JSON_STR("name", binding), JSON_INT("executionContextId", frame->world)));
	AUTO(text) char *expression = xasprintf("%s(\"%s\")", cdp_engine_live, frame->id);
	spot->asked = cdp_send(frame->page->browser->conn, frame->session, "Runtime.evaluate",
		json_object(JSON_STR("expression", expression), JSON_INT("contextId", frame->world)));
}

static void spot_look(struct spot *spot, struct cdp_frame *frame)
{
	if (spot->document != frame->document) {
		spot->document = frame->document;
		spot->tries = 0;
		spot_ask(spot, frame);
	} else if (spot->asked && cdp_reply_done(spot->asked)) {
		struct cdp_reply *reply = TAKE(spot->asked);
		const bool installing = spot->installing;
		AUTO(json) cJSON *done = installing ? cdp_reply_wait(reply, DEADLINE_NEVER, NULL) : NULL;
		if (installing && done)
			return;
		if (!installing && cdp_frame_take_world(frame, spot->document, reply, NULL)) {
			spot_ask(spot, frame);
			return;
		}
		/* The document changes, which will be told; or it has just done so. */
		frame->world = 0;
		spot->again = ++spot->tries < TRIES ? deadline_in_ms(AGAIN_MS) : DEADLINE_NEVER;
	} else if (!spot->asked && deadline_passed(spot->again)) {
		spot_ask(spot, frame);
	}
}

/* ---- what documents tell ---- */

static void forget_placing(struct placing *p)
{
	cJSON_Delete(p->focus);
	cdp_reply_free(p->asked);
	*p = (struct placing){ .focus = NULL };
}

static void set_focus(struct tab *tab, cJSON *focus)
{
	cJSON_Delete(tab->focus);
	tab->focus = focus;
}

/* The root of FRAME's process, if the frame that holds it is in another. */
static struct cdp_frame *held_root(struct cdp_frame *frame)
{
	while (frame->parent && frame->parent->session == frame->session)
		frame = frame->parent;
	return frame->parent ? frame : NULL;
}

static void place_in(struct tab *tab, struct cdp_frame *root)
{
	struct placing *p = &tab->placing;

	(void)snprintf(p->frame_id, sizeof p->frame_id, "%s", root->id);
	p->measuring = false;
	p->asked = cdp_send(tab->page->browser->conn, root->parent->session, "DOM.getFrameOwner",
		json_object(JSON_STR("frameId", root->id)));
}

static void move_rect(cJSON *focus, double x, double y)
{
	cJSON *rect = cJSON_GetObjectItemCaseSensitive(focus, "rect");
	cJSON *left = cJSON_GetArrayItem(rect, 0), *top = cJSON_GetArrayItem(rect, 1);

	if (!left || !top)
		return;
	cJSON_SetNumberValue(left, left->valuedouble + x);
	cJSON_SetNumberValue(top, top->valuedouble + y);
}

/* The next step of the way up; what cannot be measured is told where it is known to be. */
static void place_on(struct tab *tab)
{
	struct placing *p = &tab->placing;

	if (!p->focus || !cdp_reply_done(p->asked))
		return;
	struct cdp_frame *root = cdp_frame_find(tab->page, p->frame_id);
	AUTO(json) cJSON *answer = cdp_reply_wait(TAKE(p->asked), DEADLINE_NEVER, NULL);
	int64_t node;
	double x, y;
	if (answer && root && root->parent && !p->measuring && json_int(answer, "backendNodeId", &node)) {
		p->measuring = true;
		p->asked = cdp_send(tab->page->browser->conn, root->parent->session, "DOM.getBoxModel",
			json_object(JSON_INT("backendNodeId", node)));
		return;
	}
	if (answer && root && root->parent && p->measuring && json_num(answer, "model.content.0", &x)
			&& json_num(answer, "model.content.1", &y)) {
		move_rect(p->focus, x, y);
		root = held_root(root->parent);
		if (root) {
			place_in(tab, root);
			return;
		}
	}
	set_focus(tab, TAKE(p->focus));
	forget_placing(p);
}

static bool is_none(const cJSON *focus)
{
	const char *kind = json_str(focus, "kind");

	return !kind || !strcmp(kind, "none");
}

static void take_focus(struct tab *tab, struct cdp_frame *frame, cJSON *focus)
{
	const bool ours = !strcmp(tab->focus_frame, frame->id);
	struct cdp_frame *root = held_root(frame);

	/* That another frame has no focus is nothing new. */
	if (is_none(focus) && !ours && *tab->focus_frame) {
		cJSON_Delete(focus);
		return;
	}
	forget_placing(&tab->placing);
	if (is_none(focus)) {
		*tab->focus_frame = '\0';
		set_focus(tab, NULL);
		cJSON_Delete(focus);
		return;
	}
	(void)snprintf(tab->focus_frame, sizeof tab->focus_frame, "%s", frame->id);
	if (!root) {
		set_focus(tab, focus);
		return;
	}
	tab->placing.focus = focus;
	place_in(tab, root);
}

static void take_call(struct tab *tab, const char *text)
{
	AUTO(json) cJSON *call = json_parse(text, strlen(text), NULL);
	const char *id = json_str(call, "frame"), *title = json_str(call, "title");
	struct cdp_frame *frame = id ? cdp_frame_find(tab->page, id) : NULL;

	if (!frame || frame->detached)
		return;
	if (json_true(call, "here"))
		(void)snprintf(tab->here, sizeof tab->here, "%s", id);
	if (title && frame == tab->page->frames) {
		free(tab->title);
		tab->title = xstrdup(title);
	}
	cJSON *focus = json_take(call, "focus");
	if (focus)
		take_focus(tab, frame, focus);
}

/* ---- a look ---- */

static struct cdp_frame *frame_there(struct tab *tab, const char *id)
{
	struct cdp_frame *frame = *id ? cdp_frame_find(tab->page, id) : NULL;

	return frame && !frame->detached ? frame : NULL;
}

/* A document that is gone has no focus any more; the new one says for itself. */
static void forget_gone(struct tab *tab)
{
	struct cdp_frame *frame = frame_there(tab, tab->focus_frame);
	const struct spot *spot = frame ? spot_of(tab, frame) : NULL;

	if (*tab->focus_frame && (!frame || spot->document != frame->document)) {
		*tab->focus_frame = '\0';
		set_focus(tab, NULL);
		forget_placing(&tab->placing);
	}
	for (struct spot **at = &tab->spots; *at;) {
		struct spot *s = *at;
		if (frame_there(tab, s->frame_id)) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		spot_free(s);
	}
}

void cdp_focus_serve(struct cdp_screencast *cast, struct tab *tab)
{
	char *call;

	(void)cast;
	if (!tab->looked || tab->tree_changes != tab->page->tree_changes) {
		tab->looked = true;
		tab->tree_changes = tab->page->tree_changes;
		forget_gone(tab);
		for (struct cdp_frame *f = tab->page->frames; f; f = f->next)
			if (!f->detached)
				spot_look(spot_of(tab, f), f);
	}
	for (struct spot *s = tab->spots; s; s = s->next) {
		struct cdp_frame *frame = frame_there(tab, s->frame_id);
		if (frame)
			spot_look(s, frame);
	}
	while ((call = cdp_page_take_binding(tab->page, binding))) {
		take_call(tab, call);
		free(call);
	}
	place_on(tab);
}

struct cdp_reply *cdp_focus_call(struct tab *tab, const char *frame_id, const char *function, const cJSON *args)
{
	struct cdp_frame *frame = frame_there(tab, frame_id);
	AUTO(text) char *name = xasprintf("live.%s", function);

	return frame && frame->world && !frame->session->dead ? cdp_frame_send(frame, name, args) : NULL;
}

/* GONE: nothing can be said to the page any more. */
void cdp_focus_end(struct tab *tab, bool gone)
{
	for (struct cdp_frame *f = gone ? NULL : tab->page->frames; f; f = f->next)
		if (!f->detached && f->world && !f->session->dead)
			cdp_post(f->page->browser->conn, f->session, "Runtime.evaluate",
				json_object(JSON_STR("expression", "gabbai.live?.stop()"), JSON_INT("contextId", f->world)));
	while (tab->spots) {
		struct spot *s = tab->spots;
		tab->spots = s->next;
		spot_free(s);
	}
	forget_placing(&tab->placing);
	set_focus(tab, NULL);
	free(tab->title);
	tab->title = NULL;
}
