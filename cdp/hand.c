/* A remote person's hand: what comes from a viewer becomes input.  See cdp_screencast_input().
 *
 * All input goes to the page's own session: Chromium finds the frame, also one of another process.  Nothing is waited for;
 * the answer to one command at a time tells whether the page still takes input. */
#include "cdp/base/error.h"
#include "cdp/screencast_impl.h"

#include <math.h>
#include <string.h>

enum {
	STALLED_US = 3000000,
	DOUBLE_US = 500000,   /* a second click this soon … */
	DOUBLE_PX = 5,        /* … and this near is a double click */
	TEXT_MAX = 256 << 10, /* of one message: a large paste */
	VALUES_MAX = 500,
	PLACE_MAX = 100000,   /* a coordinate */
};

/* ---- the page answers, or not ---- */

static void watch(struct cdp_screencast *cast, struct cdp_reply *reply)
{
	cast->hand_us = clock_us();
	if (cast->probe) {
		cdp_reply_free(reply);
		return;
	}
	cast->probe = reply;
	cast->probe_us = cast->hand_us;
}

static void tell_stalled(struct cdp_screencast *cast, bool stalled)
{
	if (stalled == cast->stalled)
		return;
	cast->stalled = stalled;
	cdp_screencast_tell(cast, TOLD_STALLED, json_object(JSON_STR("type", "stalled"), JSON_BOOL("stalled", stalled)));
}

static void take_copied(struct cdp_screencast *cast)
{
	AUTO(json) cJSON *text = cdp_eval_value(cdp_reply_wait(TAKE(cast->copying), DEADLINE_NEVER, NULL), NULL);

	if (cJSON_IsString(text))
		cdp_screencast_tell(cast, TOLD_COPIED,
			json_object(JSON_STR("type", "copied"), JSON_STR("text", text->valuestring)));
}

void cdp_hand_serve(struct cdp_screencast *cast)
{
	const struct tab *tab = cdp_screencast_tab(cast);

	if (cast->copying && cdp_reply_done(cast->copying))
		take_copied(cast);
	if (cast->probe && cdp_reply_done(cast->probe)) {
		cdp_reply_free(TAKE(cast->probe));
		tell_stalled(cast, false);
	}
	/* A page with a dialog waits for the person, not the other way round. */
	if (tab && tab->page->dialog)
		cast->probe_us = clock_us();
	else if (cast->probe && clock_us() - cast->probe_us >= STALLED_US)
		tell_stalled(cast, true);
}

struct deadline cdp_hand_pause(const struct cdp_screencast *cast)
{
	return cast->probe && !cast->stalled ? (struct deadline){ .at_us = cast->probe_us + STALLED_US } : DEADLINE_NEVER;
}

/* ---- mouse and fingers ---- */

static bool read_place(const struct cdp_screencast *cast, const cJSON *message, double *x, double *y, struct error *err)
{
	if (!json_num(message, "x", x) || !json_num(message, "y", y) || !(fabs(*x) <= PLACE_MAX) || !(fabs(*y) <= PLACE_MAX))
		return fail(err, ERR_INPUT, "there is no place on the page in it");
	*y -= cast->offset_top;
	return true;
}

static int64_t whole(const cJSON *message, const char *name, int64_t otherwise)
{
	int64_t value = otherwise;

	(void)json_int(message, name, &value); /* absent: OTHERWISE */
	return value;
}

static int count_click(struct cdp_screencast *cast, double x, double y)
{
	const int64_t now = clock_us();
	const bool more = now - cast->click_us < DOUBLE_US && fabs(x - cast->click_x) < DOUBLE_PX
		&& fabs(y - cast->click_y) < DOUBLE_PX;

	cast->clicks = more ? cast->clicks % 3 + 1 : 1;
	cast->click_us = now;
	cast->click_x = x;
	cast->click_y = y;
	return cast->clicks;
}

static const struct {
	const char *name;
	unsigned bit; /* of "buttons" */
} buttons[] = { { "left", 1 }, { "middle", 4 }, { "right", 2 } };

static const char *button_down(unsigned down)
{
	for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++)
		if (down & buttons[i].bit)
			return buttons[i].name;
	return "none";
}

static bool mouse(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	static const char *const types[][2] = {
		{ "move", "mouseMoved" }, { "down", "mousePressed" }, { "up", "mouseReleased" }, { "wheel", "mouseWheel" },
	};
	const char *event = json_str(message, "event"), *type = NULL;
	const int64_t button = whole(message, "button", 0);
	double x, y, dx = 0, dy = 0;

	for (size_t i = 0; event && i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i][0], event))
			type = types[i][1];
	if (!type || button < 0 || button > 2)
		return fail(err, ERR_INPUT, "not an event of a mouse");
	if (!read_place(cast, message, &x, &y, err))
		return false;
	(void)json_num(message, "dx", &dx);
	(void)json_num(message, "dy", &dy);
	const bool down = *event == 'd', up = *event == 'u', wheel = *event == 'w';
	if (down) {
		const int counted = count_click(cast, x, y), given = (int)whole(message, "clicks", 0);
		cast->buttons |= buttons[button].bit;
		cast->clicks = given > 0 && given <= 3 ? given : counted;
	} else if (up) {
		cast->buttons &= ~buttons[button].bit;
	}
	struct cdp_reply *reply = cdp_send(cast->conn, tab->page->session, "Input.dispatchMouseEvent",
		json_object(JSON_STR("type", type), JSON_NUM("x", x), JSON_NUM("y", y),
			JSON_STR("button", down || up ? buttons[button].name : wheel ? "none" : button_down(cast->buttons)),
			JSON_INT("buttons", cast->buttons), JSON_INT("clickCount", down || up ? cast->clicks : 0),
			JSON_INT("modifiers", whole(message, "modifiers", 0) & 15),
			JSON_NODE("deltaX", wheel ? cJSON_CreateNumber(dx) : NULL),
			JSON_NODE("deltaY", wheel ? cJSON_CreateNumber(dy) : NULL)));
	if (down || up)
		watch(cast, reply);
	else
		cdp_reply_free(reply);
	cast->hand_us = clock_us();
	return true;
}

static size_t touch_at(const struct cdp_screencast *cast, int64_t id)
{
	size_t i = 0;

	while (i < cast->touch_count && cast->touches[i].id != id)
		i++;
	return i;
}

/* The points that MESSAGE names are where it says, or lifted. */
static bool take_points(struct cdp_screencast *cast, const cJSON *message, bool lifted, struct error *err)
{
	const cJSON *points = json_list(message, "points"), *point;

	cJSON_ArrayForEach (point, points) {
		struct cdp_touch touch = { .id = whole(point, "id", 0) };
		const size_t at = touch_at(cast, touch.id);
		if (lifted && at < cast->touch_count) {
			memmove(&cast->touches[at], &cast->touches[at + 1], (cast->touch_count - at - 1) * sizeof *cast->touches);
			cast->touch_count--;
		} else if (!lifted) {
			if (!read_place(cast, point, &touch.x, &touch.y, err))
				return false;
			if (at == TOUCHES_MAX)
				return fail(err, ERR_INPUT, "more than %d fingers", TOUCHES_MAX);
			cast->touches[at] = touch;
			cast->touch_count += at == cast->touch_count;
		}
	}
	if (lifted && !cJSON_GetArraySize(points))
		cast->touch_count = 0;
	return true;
}

static struct cdp_reply *send_touch(struct cdp_screencast *cast, struct tab *tab, const char *type, bool with_points)
{
	cJSON *points = cJSON_CreateArray();

	for (size_t i = 0; with_points && i < cast->touch_count; i++)
		json_add(points, JSON_NODE(NULL, json_object(JSON_NUM("x", cast->touches[i].x), JSON_NUM("y", cast->touches[i].y),
			JSON_INT("id", cast->touches[i].id))));
	return cdp_send(cast->conn, tab->page->session, "Input.dispatchTouchEvent",
		json_object(JSON_STR("type", type), JSON_NODE("touchPoints", points)));
}

static bool touch(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *event = json_str(message, "event");
	const bool start = event && !strcmp(event, "start"), move = event && !strcmp(event, "move");
	const bool end = event && !strcmp(event, "end"), cancel = event && !strcmp(event, "cancel");

	if (!start && !move && !end && !cancel)
		return fail(err, ERR_INPUT, "not an event of fingers");
	if (!take_points(cast, message, end, err))
		return false;
	if (cancel)
		cast->touch_count = 0;
	if ((start || move) && !cast->touch_count)
		return fail(err, ERR_INPUT, "no finger in it");
	/* The protocol lifts all fingers or none; those that stay come back. */
	struct cdp_reply *reply = NULL;
	if (end || cancel)
		reply = send_touch(cast, tab, cancel ? "touchCancel" : "touchEnd", false);
	if (cast->touch_count) {
		cdp_reply_free(reply);
		reply = send_touch(cast, tab, move ? "touchMove" : "touchStart", true);
	}
	if (move)
		cdp_reply_free(reply);
	else
		watch(cast, reply);
	cast->hand_us = clock_us();
	return true;
}

/* ---- words and keys ---- */

static const char *text_of(const cJSON *message, struct error *err)
{
	const char *text = json_str(message, "text");

	if (!text || strlen(text) > TEXT_MAX)
		return fail(err, ERR_INPUT, text ? "too much text" : "no text in it"), NULL;
	return text;
}

/* A field gets words as an input method would give them: the page sees beforeinput and input, and nothing twice.
 * Where there is no field, somebody may listen to keys. */
static bool text(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *words = text_of(message, err);
	const bool field = json_true(tab->focus, "editable") && !json_true(tab->focus, "keys");

	if (!words)
		return false;
	if (!*words && !cast->composing)
		return true;
	watch(cast, field || cast->composing
		? cdp_send(cast->conn, tab->page->session, "Input.insertText", json_object(JSON_STR("text", words)))
		: cdp_keys_send(tab->page, tab->page->session, words));
	cast->composing = false;
	return true;
}

/* In UTF-16, as the protocol counts. */
static int units(const char *utf8)
{
	int count = 0;

	for (; *utf8; utf8++)
		count += ((unsigned char)*utf8 & 0xc0) != 0x80 ? 1 + ((unsigned char)*utf8 >= 0xf0) : 0;
	return count;
}

static bool compose(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *words = text_of(message, err);

	if (!words)
		return false;
	cast->composing = *words != '\0';
	watch(cast, cdp_send(cast->conn, tab->page->session, "Input.imeSetComposition",
		json_object(JSON_STR("text", words), JSON_INT("selectionStart", units(words)),
			JSON_INT("selectionEnd", units(words)))));
	return true;
}

static bool key(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *name = json_str(message, "key"), *event = json_str(message, "event");
	const bool down = event && !strcmp(event, "down"), up = event && !strcmp(event, "up");

	if (!name || (!down && !up))
		return fail(err, ERR_INPUT, "not an event of a key");
	struct cdp_reply *reply = cdp_key_send(tab->page, name, json_str(message, "code"),
		(unsigned)whole(message, "modifiers", 0) & 15, down);
	if (!reply)
		return fail(err, ERR_INPUT, "neither a key with a name nor a shortcut: text is sent as text");
	watch(cast, reply);
	return true;
}

/* ---- lists, dialogs, tabs ---- */

static bool choose(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *kind = json_str(tab->focus, "kind"), *one = json_str(message, "value");
	const cJSON *several = json_list(message, "values"), *value;

	if (!kind || strcmp(kind, "select") != 0)
		return fail(err, ERR_INPUT, "no list has the focus");
	if ((!one && !several) || cJSON_GetArraySize(several) > VALUES_MAX)
		return fail(err, ERR_INPUT, "no values in it");
	cJSON *values = cJSON_CreateArray();
	if (!several)
		json_add(values, JSON_STR(NULL, one));
	cJSON_ArrayForEach (value, several)
		if (cJSON_IsString(value))
			json_add(values, JSON_STR(NULL, value->valuestring));
	AUTO(json) cJSON *args = json_array(JSON_NODE(NULL, values));
	struct cdp_reply *reply = cdp_focus_call(tab, tab->focus_frame, "select", args);
	if (!reply)
		return fail(err, ERR_INPUT, "the list is gone");
	watch(cast, reply);
	return true;
}

static bool answer(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	(void)cast;
	return cdp_page_answer_dialog(tab->page, json_true(message, "accept"), json_str(message, "text"), err);
}

static bool show_tab(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *id = json_str(message, "id");

	(void)tab;
	for (size_t i = 0; id && i < cast->tab_count; i++) {
		if (strcmp(cast->tabs[i].page->target_id, id) != 0)
			continue;
		cdp_screencast_activate(cast, i);
		return true;
	}
	return fail(err, ERR_INPUT, "there is no such tab");
}

static bool navigate(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	const char *action = json_str(message, "action");
	const bool back = action && !strcmp(action, "back");

	if (!back && (!action || strcmp(action, "reload") != 0))
		return fail(err, ERR_INPUT, "not a way to go");
	cast->hand_us = clock_us();
	if (back)
		cdp_post(cast->conn, tab->page->session, "Runtime.evaluate", json_object(JSON_STR("expression", "history.back()")));
	else
		cdp_post(cast->conn, tab->page->session, "Page.reload", NULL);
	return true;
}

static bool copy(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	AUTO(json) cJSON *none = cJSON_CreateArray();
	const char *frame = *tab->focus_frame ? tab->focus_frame : *tab->here ? tab->here : tab->page->frames->id;
	struct cdp_reply *reply = cdp_focus_call(tab, frame, "selection", none);

	(void)message;
	if (!reply)
		reply = cdp_focus_call(tab, tab->page->frames->id, "selection", none);
	if (!reply)
		return fail(err, ERR_INPUT, "there is no document to copy from");
	cdp_reply_free(cast->copying);
	cast->copying = reply;
	return true;
}

/* ---- the viewer ---- */

static bool ack(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	int64_t seq;

	(void)tab;
	if (!json_int(message, "seq", &seq) || seq < 0 || seq > UINT32_MAX)
		return fail(err, ERR_INPUT, "no number of a picture in it");
	cdp_screencast_acked(cast, (uint32_t)seq);
	return true;
}

static bool resize(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	double width, height, dpr = 1;

	(void)tab;
	(void)json_num(message, "dpr", &dpr);
	if (!json_num(message, "width", &width) || !json_num(message, "height", &height) || !(width >= 1) || !(height >= 1)
			|| !(width <= PLACE_MAX) || !(height <= PLACE_MAX) || !(dpr > 0 && dpr <= 10))
		return fail(err, ERR_INPUT, "not a size");
	const int across = (int)ceil(width * dpr), down = (int)ceil(height * dpr);
	if (across == cast->view_width && down == cast->view_height)
		return true;
	cast->view_width = across;
	cast->view_height = down;
	if (cast->running)
		cdp_screencast_restart(cast);
	return true;
}

static bool look(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err)
{
	(void)tab, (void)err;
	if (json_true(message, "visible"))
		cdp_screencast_refresh(cast);
	else
		cdp_screencast_stop(cast);
	return true;
}

static const struct {
	const char *type;
	bool (*run)(struct cdp_screencast *cast, struct tab *tab, const cJSON *message, struct error *err);
} inputs[] = {
	{ "mouse", mouse },
	{ "touch", touch },
	{ "text", text },
	{ "compose", compose },
	{ "key", key },
	{ "select", choose },
	{ "dialog", answer },
	{ "tab", show_tab },
	{ "nav", navigate },
	{ "copy", copy },
	{ "ack", ack },
	{ "size", resize },
	{ "visible", look },
};

bool cdp_screencast_input(struct cdp_screencast *cast, const cJSON *message, struct error *err)
{
	const char *type = json_str(message, "type");
	struct tab *tab = cdp_screencast_tab(cast);

	if (!tab)
		return fail(err, ERR_CLOSED, "the page is closed");
	for (size_t i = 0; type && i < sizeof inputs / sizeof *inputs; i++)
		if (!strcmp(inputs[i].type, type))
			return inputs[i].run(cast, tab, message, err);
	return fail(err, ERR_INPUT, "there is no input of this type");
}
