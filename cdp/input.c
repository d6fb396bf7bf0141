/* Keys and the mouse as Chromium wants them: see page.h.
 *
 * A key down event with "text" makes keydown, keypress, beforeinput and input, all trusted; what is not
 * on a US keyboard goes by Input.insertText, as an input method would. */
#include "cdp/base/error.h"
#include "cdp/page_impl.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct key {
	const char *name; /* KeyboardEvent.key */
	const char *code; /* KeyboardEvent.code */
	int vk;           /* windowsVirtualKeyCode */
	const char *text; /* what it types */
	int location;
};

static const struct key named[] = {
	{ "Enter", "Enter", 13, "\r", 0 },
	{ "Tab", "Tab", 9, NULL, 0 },
	{ "Escape", "Escape", 27, NULL, 0 },
	{ "Backspace", "Backspace", 8, NULL, 0 },
	{ "Delete", "Delete", 46, NULL, 0 },
	{ "Insert", "Insert", 45, NULL, 0 },
	{ "ArrowLeft", "ArrowLeft", 37, NULL, 0 },
	{ "ArrowUp", "ArrowUp", 38, NULL, 0 },
	{ "ArrowRight", "ArrowRight", 39, NULL, 0 },
	{ "ArrowDown", "ArrowDown", 40, NULL, 0 },
	{ "Home", "Home", 36, NULL, 0 },
	{ "End", "End", 35, NULL, 0 },
	{ "PageUp", "PageUp", 33, NULL, 0 },
	{ "PageDown", "PageDown", 34, NULL, 0 },
	{ "Space", "Space", 32, " ", 0 },
	{ "Shift", "ShiftLeft", 16, NULL, 1 },
	{ "Control", "ControlLeft", 17, NULL, 1 },
	{ "Alt", "AltLeft", 18, NULL, 1 },
	{ "Meta", "MetaLeft", 91, NULL, 1 },
	{ "F1", "F1", 112, NULL, 0 },
	{ "F2", "F2", 113, NULL, 0 },
	{ "F3", "F3", 114, NULL, 0 },
	{ "F4", "F4", 115, NULL, 0 },
	{ "F5", "F5", 116, NULL, 0 },
	{ "F6", "F6", 117, NULL, 0 },
	{ "F7", "F7", 118, NULL, 0 },
	{ "F8", "F8", 119, NULL, 0 },
	{ "F9", "F9", 120, NULL, 0 },
	{ "F10", "F10", 121, NULL, 0 },
	{ "F11", "F11", 122, NULL, 0 },
	{ "F12", "F12", 123, NULL, 0 },
	{ "ContextMenu", "ContextMenu", 93, NULL, 0 },
	{ "Numpad0", "Numpad0", 96, "0", 3 },
	{ "Numpad1", "Numpad1", 97, "1", 3 },
	{ "Numpad5", "Numpad5", 101, "5", 3 },
	{ "NumpadEnter", "NumpadEnter", 13, "\r", 3 },
};

/* The printable keys of a US keyboard that are not letters or digits. */
static const struct {
	char plain, shifted;
	const char *code;
	int vk;
} marks[] = {
	{ '`', '~', "Backquote", 192 },    { '-', '_', "Minus", 189 },      { '=', '+', "Equal", 187 },
	{ '[', '{', "BracketLeft", 219 },  { ']', '}', "BracketRight", 221 }, { '\\', '|', "Backslash", 220 },
	{ ';', ':', "Semicolon", 186 },    { '\'', '"', "Quote", 222 },     { ',', '<', "Comma", 188 },
	{ '.', '>', "Period", 190 },       { '/', '?', "Slash", 191 },      { ' ', ' ', "Space", 32 },
};

static const char digit_marks[] = ")!@#$%^&*(";

struct stroke {
	char key[8];
	char code[16];
	int vk;
	bool shift;
};

/* How a US keyboard types C; false when it cannot. */
static bool stroke_of(char c, struct stroke *out)
{
	const char *mark = c ? strchr(digit_marks, c) : NULL;

	*out = (struct stroke){ .key = { c } };
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
		out->shift = c <= 'Z';
		out->vk = c & ~0x20;
		(void)snprintf(out->code, sizeof out->code, "Key%c", out->vk);
		return true;
	}
	if ((c >= '0' && c <= '9') || mark) {
		const int digit = mark ? (int)(mark - digit_marks) : c - '0';
		out->shift = mark != NULL;
		out->vk = '0' + digit;
		(void)snprintf(out->code, sizeof out->code, "Digit%d", digit);
		return true;
	}
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (c != marks[i].plain && c != marks[i].shifted)
			continue;
		out->shift = c != marks[i].plain;
		out->vk = marks[i].vk;
		(void)snprintf(out->code, sizeof out->code, "%s", marks[i].code);
		return true;
	}
	return false;
}

/* Shortcuts of editing, which without a desktop's own bindings only the command itself brings about. */
static cJSON *editing_command(const struct key *key, unsigned modifiers)
{
	static const char *const commands[][2] = {
		{ "a", "selectAll" }, { "c", "copy" }, { "x", "cut" }, { "v", "paste" }, { "z", "undo" },
	};

	for (size_t i = 0; modifiers == CDP_CONTROL && i < sizeof commands / sizeof *commands; i++)
		if (!strcasecmp(key->name, commands[i][0]))
			return json_array(JSON_STR(NULL, commands[i][1]));
	return NULL;
}

static struct cdp_reply *send_key(struct cdp_page *page, struct cdp_session *session, const char *type,
	const struct key *key, unsigned modifiers)
{
	const bool down = !strcmp(type, "keyDown");

	return cdp_send(page->browser->conn, session, "Input.dispatchKeyEvent",
		json_object(
			JSON_STR("type", down && !key->text ? "rawKeyDown" : type),
			JSON_STR("key", key->name),
			JSON_STR("code", key->code),
			JSON_INT("windowsVirtualKeyCode", key->vk),
			JSON_INT("modifiers", (int)modifiers),
			JSON_INT("location", key->location),
			JSON_BOOL("isKeypad", key->location == 3),
			JSON_STR("text", down ? key->text : NULL),
			JSON_STR("unmodifiedText", down ? key->text : NULL),
			JSON_NODE("commands", down ? editing_command(key, modifiers) : NULL)));
}

static struct cdp_reply *type_char(struct cdp_page *page, struct cdp_session *session,
	const struct stroke *s)
{
	const struct key key = { .name = s->key, .code = s->code, .vk = s->vk, .text = s->key };
	const unsigned modifiers = s->shift ? CDP_SHIFT : 0;

	cdp_reply_free(send_key(page, session, "keyDown", &key, modifiers));
	return send_key(page, session, "keyUp", &key, modifiers);
}

/* The length of the UTF-8 character at TEXT. */
static size_t char_size(const char *text)
{
	size_t size = 1;

	while (((unsigned char)text[size] & 0xc0) == 0x80)
		size++;
	return size;
}

struct cdp_reply *cdp_keys_send(struct cdp_page *page, struct cdp_session *session, const char *text)
{
	struct cdp_reply *last = NULL;

	while (*text) {
		const size_t size = char_size(text);
		struct stroke stroke;
		cdp_reply_free(last);
		if (size == 1 && stroke_of(*text, &stroke)) {
			last = type_char(page, session, &stroke);
		} else if (*text == '\n') {
			cdp_reply_free(send_key(page, session, "keyDown", &named[0], 0));
			last = send_key(page, session, "keyUp", &named[0], 0);
		} else {
			AUTO(text) char *one = xstrndup(text, size);
			last = cdp_send(page->browser->conn, session, "Input.insertText",
				json_object(JSON_STR("text", one)));
		}
		text += size;
	}
	return last;
}

static const struct {
	const char *name;
	unsigned bit;
} modifier_names[] = {
	{ "Control+", CDP_CONTROL },
	{ "Shift+", CDP_SHIFT },
	{ "Alt+", CDP_ALT },
	{ "Meta+", CDP_META },
};

static bool find_key(const char *name, struct key *out, struct stroke *stroke)
{
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (strcmp(named[i].name, name) != 0)
			continue;
		*out = named[i];
		if (!strncmp(name, "Numpad", 6) && out->text && out->text[0] != '\r')
			out->name = out->text;
		else if (!strcmp(name, "NumpadEnter"))
			out->name = "Enter";
		else if (!strcmp(name, "Space"))
			out->name = " ";
		return true;
	}
	if (!*name || name[1] || !stroke_of(*name, stroke))
		return false;
	*out = (struct key){ .name = stroke->key, .code = stroke->code, .vk = stroke->vk, .text = stroke->key };
	return true;
}

/* Key events for a frame in another process go to its own session; the field typed into last tells. */
struct cdp_session *cdp_page_focused_session(struct cdp_page *page)
{
	const struct cdp_frame *f = page->focused;

	return f && !f->detached && !f->session->dead ? f->session : page->session;
}

bool cdp_key_press(struct cdp_page *page, struct cdp_session *session, const char *name,
	struct deadline until, struct error *err)
{
	unsigned modifiers = 0;
	struct stroke stroke = { .shift = false };
	struct key key;

	for (size_t i = 0; i < sizeof modifier_names / sizeof *modifier_names; i++) {
		const size_t size = strlen(modifier_names[i].name);
		if (strncmp(name, modifier_names[i].name, size) != 0)
			continue;
		modifiers |= modifier_names[i].bit;
		name += size;
		i = (size_t)-1; /* in any order */
	}
	/* "Control+A" is the key, not a capital. */
	const char letter[] = { (char)tolower((unsigned char)*name), '\0' };
	if (!find_key((modifiers & ~(unsigned)CDP_SHIFT) && name[0] && !name[1] ? letter : name, &key, &stroke))
		return fail(err, ERR_INPUT, "there is no key '%s'", name);
	if (stroke.shift)
		modifiers |= CDP_SHIFT;
	if (modifiers & ~(unsigned)CDP_SHIFT)
		key.text = NULL; /* a shortcut types nothing */

	cdp_reply_free(send_key(page, session, "keyDown", &key, modifiers));
	struct error why = { 0 };
	AUTO(json) cJSON *answer = cdp_reply_wait(send_key(page, session, "keyUp", &key, modifiers), until, &why);
	/* The key may have closed the document it was for. */
	if (answer || why.code == ERR_CONTEXT)
		return true;
	if (err)
		*err = why;
	return false;
}

/* On a Hebrew keyboard the key of Control+A is called by its letter there; its place is what counts. */
static bool shortcut_of(const char *name, const char *code, struct stroke *out)
{
	if (code && !strncmp(code, "Key", 3) && code[3] >= 'A' && code[3] <= 'Z' && !code[4])
		return stroke_of((char)tolower((unsigned char)code[3]), out);
	if (code && !strncmp(code, "Digit", 5) && isdigit((unsigned char)code[5]) && !code[6])
		return stroke_of(code[5], out);
	return *name && !name[1] && stroke_of((char)tolower((unsigned char)*name), out);
}

struct cdp_reply *cdp_key_send(struct cdp_page *page, const char *name, const char *code, unsigned modifiers, bool down)
{
	const bool typing = (modifiers & ~(unsigned)CDP_SHIFT) == 0;
	struct stroke stroke;
	struct key key;

	if (name[0] && name[1] && (unsigned char)name[0] < 0x80 && find_key(name, &key, &stroke)) {
		if (!typing)
			key.text = NULL;
	} else if (!typing && shortcut_of(name, code, &stroke)) {
		key = (struct key){ .name = stroke.key, .code = stroke.code, .vk = stroke.vk };
		/* Of a Mac, the same is done with another key. */
		if ((modifiers & (CDP_META | CDP_CONTROL)) == CDP_META)
			modifiers ^= CDP_META | CDP_CONTROL;
	} else {
		return NULL;
	}
	return send_key(page, page->session, down ? "keyDown" : "keyUp", &key, modifiers);
}

struct cdp_reply *cdp_mouse_send(struct cdp_page *page, struct cdp_session *session, const char *type,
	double x, double y, int buttons, int count, bool right, unsigned modifiers)
{
	return cdp_send(page->browser->conn, session, "Input.dispatchMouseEvent",
		json_object(JSON_STR("type", type), JSON_NUM("x", x), JSON_NUM("y", y),
			JSON_STR("button", !strcmp(type, "mouseMoved") ? "none" : right ? "right" : "left"),
			JSON_INT("buttons", buttons), JSON_INT("clickCount", count),
			JSON_INT("modifiers", (int)modifiers)));
}
