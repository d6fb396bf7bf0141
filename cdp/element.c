/* What a hand does to elements: see page.h.  Each verb finds its frame, has the page do the waiting and
 * the aiming (cdp/js/act.js), sends the input, and asks the page what became of it. */
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/page_impl.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SHOT_MS = 700,   /* for an event to arrive where it was sent; a busy page takes a frame or two */
	TYPE_TRIES = 3,
	TYPED_MS = 3000, /* for a field to become calm */
	GRACE_MS = 500,  /* over the page's own time-out, which knows more */
};

static struct deadline step(int timeout_ms)
{
	return deadline_in_ms(timeout_ms > 0 ? timeout_ms : CDP_STEP_MS);
}

static struct deadline with_grace(struct deadline until)
{
	return until.at_us == INT64_MAX ? until
		: (struct deadline){ .at_us = until.at_us + GRACE_MS * 1000 };
}

static struct cdp_conn *conn_of(const struct cdp_frame *frame)
{
	return frame->page->browser->conn;
}

/* ---- clicking ---- */

struct point {
	double x, y;          /* in the viewport of a frame */
	double width, height; /* of that viewport */
};

/* The frame that is the root of FRAME's process: itself or an ancestor. */
static struct cdp_frame *local_root(struct cdp_frame *frame)
{
	while (frame->parent && frame->parent->session == frame->session)
		frame = frame->parent;
	return frame;
}

static bool read_point(const cJSON *json, struct point *out)
{
	return json_num(json, "x", &out->x) && json_num(json, "y", &out->y)
		&& json_num(json, "width", &out->width) && json_num(json, "height", &out->height);
}

/* The corners of a box of a frame's owner, in the viewport of the process it is drawn in. */
struct quad {
	double x[4], y[4];
};

static bool read_quad(const cJSON *model, const char *name, struct quad *out)
{
	for (int i = 0; i < 4; i++) {
		char x[32], y[32];
		(void)snprintf(x, sizeof x, "model.%s.%d", name, 2 * i);
		(void)snprintf(y, sizeof y, "model.%s.%d", name, 2 * i + 1);
		if (!json_num(model, x, &out->x[i]) || !json_num(model, y, &out->y[i]))
			return false;
	}
	return true;
}

static bool measure_owner(struct cdp_frame *frame, int64_t node, struct quad *border, struct quad *content,
	struct deadline until, struct error *err)
{
	AUTO(json) cJSON *model = cdp_call(conn_of(frame), frame->parent->session, "DOM.getBoxModel",
		json_object(JSON_INT("backendNodeId", node)), until, err);

	return model && read_quad(model, "border", border) && read_quad(model, "content", content);
}

/* The frame's own process cannot scroll the pages around it; POINT is in the frame, behind the owner's
 * border and padding. */
static void scroll_owner(struct cdp_frame *frame, int64_t node, const struct quad *border,
	const struct quad *content, const struct point *point, struct deadline until)
{
	AUTO(json) cJSON *scrolled = cdp_call(conn_of(frame), frame->parent->session, "DOM.scrollIntoViewIfNeeded",
		json_object(JSON_INT("backendNodeId", node),
			JSON_NODE("rect", json_object(JSON_NUM("x", point->x + content->x[0] - border->x[0]),
				JSON_NUM("y", point->y + content->y[0] - border->y[0]), JSON_NUM("width", 1),
				JSON_NUM("height", 1)))), until, NULL); /* out of view, the click says so */
}

/* Moves POINT from FRAME's viewport to the one of its parent's process.  The frame is placed there, and
 * maybe scaled, by its owner's content quad. */
static bool through_owner(struct cdp_frame *frame, struct point *point, struct deadline until, struct error *err)
{
	AUTO(json) cJSON *owner = cdp_call(conn_of(frame), frame->parent->session, "DOM.getFrameOwner",
		json_object(JSON_STR("frameId", frame->id)), until, err);
	struct quad border, content;
	int64_t node;

	if (!owner || !json_int(owner, "backendNodeId", &node)
			|| !measure_owner(frame, node, &border, &content, until, err))
		return false;
	scroll_owner(frame, node, &border, &content, point, until);
	if (!measure_owner(frame, node, &border, &content, until, err))
		return false;
	const double u = point->width > 0 ? point->x / point->width : 0;
	const double v = point->height > 0 ? point->y / point->height : 0;
	point->x = content.x[0] + u * (content.x[1] - content.x[0]) + v * (content.x[3] - content.x[0]);
	point->y = content.y[0] + u * (content.y[1] - content.y[0]) + v * (content.y[3] - content.y[0]);
	return true;
}

/* AIM's point, as the page that said it has it, in the viewport of the whole page. */
static bool to_page(struct cdp_frame *frame, const cJSON *aim, struct point *point, struct deadline until,
	struct error *err)
{
	int64_t up = 0;

	if (!read_point(aim, point))
		return fail(err, ERR_PROTOCOL, "the page did not say where to click");
	(void)json_int(aim, "up", &up); /* absent: it is in FRAME itself */
	for (; up > 0 && frame->parent; up--)
		frame = frame->parent;
	while (frame->parent) {
		if (!through_owner(frame, point, until, err))
			return false;
		frame = local_root(frame->parent);
		AUTO(json) cJSON *view = frame->parent ? cdp_frame_call(frame, "view", cJSON_CreateArray(), until, err) : NULL;
		if (frame->parent && (!view || !json_num(view, "width", &point->width)
				|| !json_num(view, "height", &point->height)))
			return false;
	}
	return true;
}

/* Types again what a page lost between typing and clicking. */
static bool retype(struct cdp_frame *frame, const char *selector, struct deadline until,
	struct error *err)
{
	struct cdp_page *page = frame->page;

	for (size_t i = 0; i < page->typed_count; i++) {
		struct typed *t = &page->typed[i];
		if (t->frame != frame || t->document != frame->document || strcmp(t->selector, selector) != 0)
			continue;
		AUTO(text) char *own = xstrdup(selector);
		return cdp_type_verified(frame, own, secret_reveal(t->text),
			&(struct cdp_type_opts){ .calm_ms = CDP_CALM_MS }, until, err);
	}
	return fail(err, ERR_VALUE, "%s lost its value", selector);
}

enum outcome { DONE, AGAIN, GIVE_UP };

/* A page that goes away under a click is what many clicks are for. */
static bool moved_on(const struct error *why)
{
	return why->code == ERR_CONTEXT || why->code == ERR_CLOSED;
}

static enum outcome shoot(struct cdp_frame *frame, const char *selector, const struct point *at,
	const struct cdp_click_opts *o, struct deadline until, struct error *err)
{
	struct cdp_page *page = frame->page;
	struct cdp_session *s = page->session;
	const int count = o->count > 1 ? o->count : 1, button = o->right ? 2 : 1;
	struct cdp_reply *up = NULL;

	cdp_reply_free(cdp_mouse_send(page, s, "mouseMoved", at->x, at->y, 0, 0, false, o->modifiers));
	for (int i = 1; i <= count; i++) {
		cdp_reply_free(up);
		cdp_reply_free(cdp_mouse_send(page, s, "mousePressed", at->x, at->y, button, i, o->right, o->modifiers));
		up = cdp_mouse_send(page, s, "mouseReleased", at->x, at->y, 0, i, o->right, o->modifiers);
	}
	AUTO(json) cJSON *args = json_array(JSON_INT(NULL, SHOT_MS));
	struct cdp_reply *shot = cdp_frame_send(frame, "shot", args);
	struct error why = { 0 };
	AUTO(json) cJSON *released = cdp_reply_wait(up, until, &why);
	if (!released) {
		cdp_reply_free(shot);
		if (moved_on(&why))
			return DONE;
		if (err)
			*err = why;
		return GIVE_UP;
	}
	AUTO(json) cJSON *verdict = cdp_eval_value(cdp_reply_wait(shot, until, &why), &why);
	if (json_true(verdict, "hit") || (!verdict && moved_on(&why)))
		return DONE;
	if (!verdict) {
		if (err)
			*err = why;
		return GIVE_UP;
	}
	const char *cover = json_str(verdict, "covered");
	fail_timeout(err, ERR_COVERED, "clicking %s: covered by %s", selector,
		cover ? cover : "something in another frame");
	return AGAIN;
}

static cJSON *aim_args(const char *selector, const struct cdp_click_opts *o, struct deadline until)
{
	return json_array(JSON_STR(NULL, selector),
		JSON_NODE(NULL, json_object(JSON_BOOL("force", o->force), JSON_BOOL("strict", o->strict),
			JSON_STR("last", o->right ? "contextmenu" : o->count > 1 ? "dblclick" : NULL))),
		JSON_INT(NULL, deadline_left_ms(until)));
}

static enum outcome click_once(struct cdp_frame *frame, const char *selector,
	const struct cdp_click_opts *o, struct deadline until, struct error *err)
{
	AUTO(json) cJSON *aim = cdp_frame_call(frame, "aim", aim_args(selector, o, until), with_grace(until), err);
	struct point at;

	if (!aim || !cdp_answer_ok(aim, "clicking", selector, err))
		return GIVE_UP;
	if (json_str(aim, "retype"))
		return retype(frame, json_str(aim, "retype"), until, err) ? AGAIN : GIVE_UP;
	if (!to_page(frame, aim, &at, until, err))
		return err->code == ERR_PROTOCOL ? GIVE_UP : AGAIN;
	frame->page->focused = frame;
	return shoot(frame, selector, &at, o, with_grace(until), err);
}

bool cdp_page_click(struct cdp_page *page, const char *selector, const struct cdp_click_opts *opts,
	struct error *err)
{
	const struct cdp_click_opts o = opts ? *opts : (struct cdp_click_opts){ 0 };
	const struct deadline until = step(o.timeout_ms);
	struct error last = { 0 };

	for (;;) {
		AUTO(place) struct cdp_place place = { 0 };
		struct error why = { 0 };
		enum outcome outcome = GIVE_UP;
		if (cdp_page_place(page, selector, CDP_VISIBLE, until, &place, &why))
			outcome = click_once(place.frame, place.selector, &o, until, &why);
		if (outcome == DONE)
			return true;
		/* A frame that was replaced while we aimed is looked for again. */
		const bool frame_gone = outcome == GIVE_UP && why.code == ERR_CLOSED && place.frame
			&& place.frame->detached && !page->session->dead;
		if (outcome == AGAIN && why.code)
			last = why;
		if ((outcome == GIVE_UP && !frame_gone) || deadline_passed(until)) {
			/* What covered it the last time says more than that time is over. */
			if (err)
				*err = why.code == ERR_TIMEOUT && last.code && why.cause == ERR_NONE ? last : why;
			return false;
		}
	}
}

bool cdp_page_hover(struct cdp_page *page, const char *selector, const struct cdp_click_opts *opts,
	struct error *err)
{
	const struct cdp_click_opts o = { .force = opts && opts->force };
	const struct deadline until = step(opts ? opts->timeout_ms : 0);
	AUTO(place) struct cdp_place place = { 0 };
	struct point at;

	if (!cdp_page_place(page, selector, CDP_VISIBLE, until, &place, err))
		return false;
	AUTO(json) cJSON *aim = cdp_frame_call(place.frame, "aim", aim_args(place.selector, &o, until),
		with_grace(until), err);
	if (!aim || !cdp_answer_ok(aim, "hovering over", selector, err))
		return false;
	if (json_str(aim, "retype"))
		return fail(err, ERR_VALUE, "a field lost its value");
	if (!to_page(place.frame, aim, &at, until, err))
		return false;
	AUTO(json) cJSON *moved = cdp_reply_wait(
		cdp_mouse_send(page, page->session, "mouseMoved", at.x, at.y, 0, 0, false, 0), until, err);
	AUTO(json) cJSON *disarmed = moved ? cdp_frame_call(place.frame, "disarm", cJSON_CreateArray(), until, err)
		: NULL;
	return disarmed != NULL;
}

/* ---- typing ---- */

static void remember(struct cdp_frame *frame, const char *selector, const char *text)
{
	struct cdp_page *page = frame->page;
	size_t i = 0;

	while (i < page->typed_count
			&& !(page->typed[i].frame == frame && !strcmp(page->typed[i].selector, selector)))
		i++;
	if (i == TYPED_MAX)
		return;
	/* What is remembered may be what is remembered again: the old goes last. */
	const struct typed old = i < page->typed_count ? page->typed[i] : (struct typed){ 0 };
	page->typed[i] = (struct typed){
		.frame = frame,
		.document = frame->document,
		.selector = xstrdup(selector),
		.text = secret_new(text, strlen(text)),
	};
	if (i == page->typed_count)
		page->typed_count++;
	free(old.selector);
	secret_free(old.text);
}

static cJSON *focus(struct cdp_frame *frame, const char *selector, const struct cdp_type_opts *o,
	struct deadline until, struct error *err)
{
	AUTO(json) cJSON *answer = cdp_frame_call(frame, "focus",
		json_array(JSON_STR(NULL, selector),
			JSON_NODE(NULL, json_object(JSON_BOOL("clear", !o->append), JSON_BOOL("strict", o->strict))),
			JSON_INT(NULL, deadline_left_ms(until))), with_grace(until), err);

	if (!answer || !cdp_answer_ok(answer, "typing into", selector, err))
		return NULL;
	frame->page->focused = frame;
	return TAKE(answer);
}

/* Whether the field holds TEXT: 1, 0, or -1 with ERR filled.  *LENGTH: what it holds instead. */
static int is_kept(struct cdp_frame *frame, const char *selector, const char *text, int calm_ms,
	struct deadline until, int64_t *length, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *answer = cdp_frame_call(frame, "typed",
		json_array(JSON_STR(NULL, selector), JSON_STR(NULL, text),
			JSON_INT(NULL, calm_ms < 0 ? 0 : calm_ms ? calm_ms : CDP_CALM_MS), JSON_INT(NULL, TYPED_MS)),
		deadline_sooner(with_grace(until), deadline_in_ms(TYPED_MS + GRACE_MS)), &why);

	if (!answer) {
		if (err)
			*err = why;
		return -1;
	}
	*length = -1;
	(void)json_int(answer, "length", length);
	return json_true(answer, "kept");
}

/* Characters, as the page counts them. */
static int characters(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

typedef struct cdp_reply *(*type_fn)(struct cdp_page *page, struct cdp_session *session, const char *text);

static bool enter(struct cdp_frame *frame, const char *selector, const char *text,
	const struct cdp_type_opts *o, type_fn type, struct deadline until, struct error *err)
{
	int64_t length = -1;

	for (int try = 0; try < TYPE_TRIES; try++) {
		AUTO(json) cJSON *focused = focus(frame, selector, o, until, err);
		if (!focused)
			return false;
		if (!*text && !json_true(focused, "empty")
				&& !cdp_key_press(frame->page, frame->session, "Delete", until, err))
			return false;
		struct cdp_reply *last = type(frame->page, frame->session, text);
		struct error why = { 0 };
		AUTO(json) cJSON *typed = last ? cdp_reply_wait(last, until, &why) : NULL;
		if (last && !typed && !moved_on(&why)) {
			if (err)
				*err = why;
			return error_wrap(err, "typing into %s", selector);
		}
		if (o->append)
			return true; /* what it should hold now, only the page knows */
		const int kept = is_kept(frame, selector, text, o->calm_ms, until, &length, err);
		if (kept < 0)
			return false;
		if (kept) {
			remember(frame, selector, text);
			return true;
		}
	}
	return fail(err, ERR_VALUE, "%s does not keep what is typed: %d characters typed, %d kept",
		selector, characters(text), (int)length);
}

bool cdp_type_verified(struct cdp_frame *frame, const char *selector, const char *text,
	const struct cdp_type_opts *opts, struct deadline until, struct error *err)
{
	return enter(frame, selector, text, opts, cdp_keys_send, until, err);
}

bool cdp_page_type(struct cdp_page *page, const char *selector, const char *text,
	const struct cdp_type_opts *opts, struct error *err)
{
	const struct cdp_type_opts o = opts ? *opts : (struct cdp_type_opts){ 0 };
	const struct deadline until = step(o.timeout_ms);
	AUTO(place) struct cdp_place place = { 0 };

	return cdp_page_place(page, selector, CDP_VISIBLE, until, &place, err)
		&& cdp_type_verified(place.frame, place.selector, text, &o, until, err);
}

bool cdp_page_type_secret(struct cdp_page *page, const char *selector, const struct secret *text,
	const struct cdp_type_opts *opts, struct error *err)
{
	return cdp_page_type(page, selector, secret_reveal(text), opts, err);
}

static struct cdp_reply *insert(struct cdp_page *page, struct cdp_session *session, const char *text)
{
	return *text ? cdp_send(page->browser->conn, session, "Input.insertText",
		json_object(JSON_STR("text", text))) : NULL;
}

bool cdp_page_fill(struct cdp_page *page, const char *selector, const char *text,
	const struct cdp_type_opts *opts, struct error *err)
{
	const struct cdp_type_opts o = opts ? *opts : (struct cdp_type_opts){ 0 };
	const struct deadline until = step(o.timeout_ms);
	AUTO(place) struct cdp_place place = { 0 };

	if (!cdp_page_place(page, selector, CDP_VISIBLE, until, &place, err))
		return false;
	AUTO(json) cJSON *set = cdp_frame_call(place.frame, "set",
		json_array(JSON_STR(NULL, place.selector), JSON_STR(NULL, text),
			JSON_NODE(NULL, json_object(JSON_BOOL("strict", o.strict))),
			JSON_INT(NULL, deadline_left_ms(until))), with_grace(until), err);
	if (!set || !cdp_answer_ok(set, "filling", selector, err))
		return false;
	return !json_true(set, "typeIt") || enter(place.frame, place.selector, text, &o, insert, until, err);
}

bool cdp_page_press(struct cdp_page *page, const char *key, struct error *err)
{
	return cdp_key_press(page, cdp_page_focused_session(page), key, deadline_in_ms(CDP_STEP_MS), err);
}

/* ---- choosing ---- */

bool cdp_page_select(struct cdp_page *page, const char *selector, const struct cdp_choice *choices,
	size_t count, int timeout_ms, struct error *err)
{
	const struct deadline until = step(timeout_ms);
	AUTO(place) struct cdp_place place = { 0 };

	if (!cdp_page_place(page, selector, CDP_VISIBLE, until, &place, err))
		return false;
	cJSON *wanted = cJSON_CreateArray();
	for (size_t i = 0; i < count; i++)
		json_add(wanted, JSON_NODE(NULL, json_object(JSON_STR("value", choices[i].value),
			JSON_STR("label", choices[i].label),
			JSON_NODE("index", choices[i].value || choices[i].label ? NULL
				: cJSON_CreateNumber(choices[i].index)))));
	AUTO(json) cJSON *answer = cdp_frame_call(place.frame, "select",
		json_array(JSON_STR(NULL, place.selector), JSON_NODE(NULL, wanted),
			JSON_NODE(NULL, cJSON_CreateObject()), JSON_INT(NULL, deadline_left_ms(until))),
		with_grace(until), err);
	return answer && cdp_answer_ok(answer, "choosing in", selector, err);
}

static int is_checked(struct cdp_page *page, const char *selector, struct deadline until, bool *radio,
	struct error *err)
{
	AUTO(place) struct cdp_place place = { 0 };

	if (!cdp_page_place(page, selector, CDP_ATTACHED, until, &place, err))
		return -1;
	AUTO(json) cJSON *answer = cdp_frame_call(place.frame, "checked",
		json_array(JSON_STR(NULL, place.selector), JSON_NODE(NULL, cJSON_CreateObject()),
			JSON_INT(NULL, deadline_left_ms(until))), with_grace(until), err);
	if (!answer || !cdp_answer_ok(answer, "checking", selector, err))
		return -1;
	*radio = json_true(answer, "radio");
	return json_true(answer, "checked");
}

bool cdp_page_check(struct cdp_page *page, const char *selector, bool checked, int timeout_ms,
	struct error *err)
{
	const struct deadline until = step(timeout_ms);
	bool radio = false;
	int is = is_checked(page, selector, until, &radio, err);

	if (is < 0 || is == checked)
		return is >= 0;
	if (radio && !checked)
		return fail(err, ERR_INPUT, "%s is a radio button: another one must be checked instead", selector);
	if (!cdp_page_click(page, selector, &(struct cdp_click_opts){ .timeout_ms = deadline_left_ms(until) }, err))
		return false;
	is = is_checked(page, selector, until, &radio, err);
	if (is >= 0 && is != checked)
		return fail(err, ERR_VALUE, "%s was clicked and is %schecked still", selector, checked ? "un" : "");
	return is == checked;
}

bool cdp_page_upload(struct cdp_page *page, const char *selector, const char *const *paths, size_t count,
	int timeout_ms, struct error *err)
{
	const struct deadline until = step(timeout_ms);
	AUTO(place) struct cdp_place place = { 0 };
	struct stat st;

	for (size_t i = 0; i < count; i++)
		if (stat(paths[i], &st) != 0 || !S_ISREG(st.st_mode))
			return fail(err, ERR_INPUT, "%s is not a file", paths[i]);
	if (!cdp_page_wait(page, selector,
			&(struct cdp_wait_opts){ .timeout_ms = deadline_left_ms(until), .state = CDP_ATTACHED }, err)
			|| !cdp_page_place(page, selector, CDP_ATTACHED, until, &place, err)
			|| !cdp_frame_world(place.frame, until, err))
		return false;

	AUTO(json) cJSON *name = cJSON_CreateString(place.selector);
	AUTO(text) char *quoted = json_print(name);
	AUTO(text) char *expression = xasprintf("gabbai.find(%s)[0]", quoted);
	AUTO(json) cJSON *found = cdp_call(conn_of(place.frame), place.frame->session, "Runtime.evaluate",
		json_object(JSON_STR("expression", expression), JSON_INT("contextId", place.frame->world),
			JSON_STR("objectGroup", CDP_WORLD)), until, err);
	const char *object = json_str(found, "result.objectId");
	if (!object)
		return found ? fail(err, ERR_NOT_FOUND, "%s: nothing matches", selector) : false;

	cJSON *files = cJSON_CreateArray();
	for (size_t i = 0; i < count; i++) {
		AUTO(text) char *absolute = realpath(paths[i], NULL);
		json_add(files, JSON_STR(NULL, absolute ? absolute : paths[i]));
	}
	AUTO(json) cJSON *answer = cdp_call(conn_of(place.frame), place.frame->session, "DOM.setFileInputFiles",
		json_object(JSON_NODE("files", files), JSON_STR("objectId", object)), until, err);
	cdp_post(conn_of(place.frame), place.frame->session, "Runtime.releaseObjectGroup",
		json_object(JSON_STR("objectGroup", CDP_WORLD)));
	return answer != NULL || error_wrap(err, "giving files to %s", selector);
}

/* ---- reading ---- */

static cJSON *read_value(struct cdp_page *page, const char *selector, const char *what, int timeout_ms,
	struct error *err)
{
	const struct deadline until = step(timeout_ms);
	AUTO(place) struct cdp_place place = { 0 };

	if (!cdp_page_place(page, selector, CDP_ATTACHED, until, &place, err))
		return NULL;
	AUTO(json) cJSON *answer = cdp_frame_call(place.frame, "read",
		json_array(JSON_STR(NULL, place.selector), JSON_STR(NULL, what),
			JSON_INT(NULL, deadline_left_ms(until))), with_grace(until), err);
	if (!answer || !cdp_answer_ok(answer, "reading", selector, err))
		return NULL;
	cJSON *value = json_take(answer, "value");
	return value ? value : cJSON_CreateNull();
}

static char *read_string(struct cdp_page *page, const char *selector, const char *what, int timeout_ms,
	struct error *err)
{
	AUTO(json) cJSON *value = read_value(page, selector, what, timeout_ms, err);

	if (cJSON_IsString(value))
		return xstrdup(value->valuestring);
	if (value)
		fail(err, ERR_NOT_FOUND, "%s has no %s", selector, what);
	return NULL;
}

char *cdp_page_text(struct cdp_page *page, const char *selector, int timeout_ms, struct error *err)
{
	return read_string(page, selector, "text", timeout_ms, err);
}

char *cdp_page_value(struct cdp_page *page, const char *selector, int timeout_ms, struct error *err)
{
	return read_string(page, selector, "value", timeout_ms, err);
}

char *cdp_page_attribute(struct cdp_page *page, const char *selector, const char *name, int timeout_ms,
	struct error *err)
{
	AUTO(text) char *what = xasprintf("attr:%s", name);

	return read_string(page, selector, what, timeout_ms, err);
}

cJSON *cdp_page_table(struct cdp_page *page, const char *selector, int timeout_ms, struct error *err)
{
	return read_value(page, selector, "table", timeout_ms, err);
}
