/* Pictures and tabs: see screencast.h.
 *
 * Chromium sends a picture when something was drawn, and stops when three of them are not acknowledged; what is drawn
 * then is never sent.  So an acknowledgement is a leave to send one more: leaves are given at the pace that is wanted
 * and only to a viewer that keeps up, and where one may have come too late for the last state, the cast is begun
 * again, which sends a picture of now. */
#include "cdp/base/error.h"
#include "cdp/screencast_impl.h"

#include <math.h>
#include <openssl/evp.h>
#include <string.h>

enum {
	WINDOW = 3,          /* pictures that Chromium 156 sends without an acknowledgement */
	BURST_US = 400000,   /* pictures nearer than this may have had others between them */
	QUIET_US = 80000,    /* a page that draws uses its leaves within this time, … */
	UNUSED = 2,          /* … one of so many at least */
	RESTART_US = 1000000, /* a page that draws slowly must not look like one that has ended, again and again */
	HAND_US = 1500000,   /* somebody who did something still looks what becomes of it */
	FIRST_US = 400000,   /* a page that has sent no picture is asked for one after this */
	POPUP_MS = 1000,     /* a new window says who it is at once, or hangs */
	DATA_MAX = 32 << 20, /* base64 of a picture; 4096 x 4096 of the worst JPEG has less */
	SIDE_MAX = 4096,
};

/* ---- messages ---- */

void cdp_screencast_tell(struct cdp_screencast *cast, enum told kind, cJSON *message)
{
	if (cast->told[kind] && kind != TOLD_COPIED && cJSON_Compare(cast->told[kind], message, true)) {
		cJSON_Delete(message);
		return;
	}
	cJSON_Delete(cast->told[kind]);
	cast->told[kind] = message;
	cast->waiting[kind] = true;
}

static void tell_status(struct cdp_screencast *cast, const struct tab *tab)
{
	cdp_screencast_tell(cast, TOLD_STATUS, json_object(JSON_STR("type", "status"),
		JSON_STR("url", cdp_page_url(tab->page)), JSON_STR("title", tab->title ? tab->title : ""),
		JSON_BOOL("loading", tab->page->loading)));
}

static void tell_tabs(struct cdp_screencast *cast)
{
	cJSON *tabs = cJSON_CreateArray();

	for (size_t i = 0; i < cast->tab_count; i++) {
		const struct tab *t = &cast->tabs[i];
		json_add(tabs, JSON_NODE(NULL, json_object(JSON_STR("id", t->page->target_id),
			JSON_STR("title", t->title ? t->title : ""), JSON_STR("url", cdp_page_url(t->page)),
			JSON_BOOL("active", i == cast->active))));
	}
	cdp_screencast_tell(cast, TOLD_TABS, json_object(JSON_STR("type", "tabs"), JSON_NODE("tabs", tabs)));
}

/* MEMBERS (may be NULL) of a message of this TYPE; "none" is its kind without them. */
static cJSON *message_of(const char *type, const cJSON *members)
{
	cJSON *message = members ? cJSON_Duplicate(members, true) : json_object(JSON_STR("kind", "none"));

	json_add(message, JSON_STR("type", type));
	return message;
}

static void tell_focus(struct cdp_screencast *cast, const struct tab *tab)
{
	cJSON *message = message_of("focus", tab->focus);

	cJSON_DeleteItemFromObjectCaseSensitive(message, "keys"); /* for us alone */
	if (!tab->focus)
		json_add(message, JSON_BOOL("editable", false));
	cdp_screencast_tell(cast, TOLD_FOCUS, message);
}

static void tell_dialog(struct cdp_screencast *cast, const struct tab *tab)
{
	if (tab->page->dialog || cast->told[TOLD_DIALOG])
		cdp_screencast_tell(cast, TOLD_DIALOG, message_of("dialog", tab->page->dialog));
}

static void tell_end(struct cdp_screencast *cast)
{
	const char *why = !cdp_conn_alive(cast->conn) ? "disconnected" : cast->ended == ERR_CRASHED ? "crashed" : "closed";

	cdp_screencast_tell(cast, TOLD_END, json_object(JSON_STR("type", "end"), JSON_STR("reason", why)));
}

/* ---- the browser's cast ---- */

struct tab *cdp_screencast_tab(struct cdp_screencast *cast)
{
	return cast->tab_count ? &cast->tabs[cast->active] : NULL;
}

static int smaller(int side, int view)
{
	return view > 0 && view < side ? view : side;
}

static cJSON *start_params(const struct cdp_screencast *cast)
{
	const struct cdp_screencast_opts *o = &cast->opts;

	return json_object(JSON_STR("format", "jpeg"), JSON_INT("quality", o->quality),
		JSON_INT("maxWidth", smaller(o->max_width, cast->view_width)),
		JSON_INT("maxHeight", smaller(o->max_height, cast->view_height)));
}

static void begin_flight(struct cdp_screencast *cast)
{
	cast->running = true;
	cast->lost = false;
	cast->burst = cast->in_flight = cast->unused = 0;
	cast->leave_us = cast->restart_us = clock_us();
}

void cdp_screencast_restart(struct cdp_screencast *cast)
{
	struct tab *tab = cdp_screencast_tab(cast);

	if (!tab)
		return;
	if (cast->running)
		cdp_post(cast->conn, tab->page->session, "Page.stopScreencast", NULL);
	begin_flight(cast);
	cdp_post(cast->conn, tab->page->session, "Page.startScreencast", start_params(cast));
}

void cdp_screencast_stop(struct cdp_screencast *cast)
{
	struct tab *tab = cdp_screencast_tab(cast);

	if (tab && cast->running)
		cdp_post(cast->conn, tab->page->session, "Page.stopScreencast", NULL);
	cast->running = false;
	cast->lost = false;
	cast->in_flight = 0;
}

void cdp_screencast_on_frame(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	struct cdp_screencast *cast = page ? page->cast : NULL;
	const struct tab *tab = cast ? cdp_screencast_tab(cast) : NULL;
	const char *data = json_str(params, "data");
	const int64_t now = clock_us();
	int64_t flight;

	(void)browser;
	if (!tab || tab->page != page || !cast->running || !data || strlen(data) > DATA_MAX
			|| !json_int(params, "sessionId", &flight))
		return;
	if (flight != cast->flight_id)
		cast->in_flight = 0;
	cast->flight_id = flight;
	cast->in_flight++;
	cast->burst = now - cast->frame_us < BURST_US ? cast->burst + 1 : 1;
	cast->lost = cast->burst >= WINDOW || cast->in_flight >= WINDOW;
	cast->frame_us = now;
	cast->unused = 0;
	cJSON_Delete(cast->newest);
	cast->newest = cJSON_Duplicate(params, true);
	cast->newest_seq++;
}

static int64_t pace_us(const struct cdp_screencast *cast, int64_t now)
{
	return 1000000 / (now - cast->hand_us < HAND_US ? cast->opts.fps_active : cast->opts.fps_idle);
}

/* The viewer has all that there is. */
static bool keeps_up(const struct cdp_screencast *cast)
{
	return !cast->newest && cast->acked_seq >= cast->last.seq;
}

static void give_leave(struct cdp_screencast *cast, const struct tab *tab)
{
	const int64_t now = clock_us();

	if (!cast->in_flight || !keeps_up(cast) || now < cast->leave_us + pace_us(cast, now))
		return;
	cast->in_flight--;
	cast->unused++;
	cast->leave_us = now;
	cdp_post(cast->conn, tab->page->session, "Page.screencastFrameAck",
		json_object(JSON_INT("sessionId", cast->flight_id)));
}

/* When a picture that may have been lost is asked for; INT64_MAX: none was, or it may come by itself. */
static int64_t lost_us(const struct cdp_screencast *cast)
{
	if (!cast->running || !keeps_up(cast))
		return INT64_MAX;
	if (!cast->last.jpeg)
		return cast->leave_us + FIRST_US;
	if (!cast->lost || (cast->unused < UNUSED && cast->in_flight))
		return INT64_MAX;
	const int64_t quiet = cast->leave_us + QUIET_US, pause = cast->restart_us + RESTART_US;
	return quiet > pause ? quiet : pause;
}

static void serve_pictures(struct cdp_screencast *cast)
{
	const struct tab *tab = cdp_screencast_tab(cast);

	if (!tab || !cast->running)
		return;
	give_leave(cast, tab);
	if (clock_us() >= lost_us(cast))
		cdp_screencast_restart(cast);
}

/* ---- tabs ---- */

void cdp_screencast_activate(struct cdp_screencast *cast, size_t index)
{
	const bool running = cast->running;

	if (index == cast->active)
		return;
	cdp_screencast_stop(cast);
	cast->active = index;
	cast->composing = false;
	cast->buttons = 0;
	cast->touch_count = 0;
	if (running)
		cdp_screencast_restart(cast);
}

static void tab_add(struct cdp_screencast *cast, struct cdp_page *page, bool followed)
{
	cast->tabs[cast->tab_count++] = (struct tab){ .page = page, .followed = followed };
	page->cast = cast;
	page->dialog_policy = cast->watched ? cast->policy : CDP_ASK;
}

static void tab_end(struct cdp_screencast *cast, struct tab *tab)
{
	struct cdp_page *page = tab->page;

	cdp_focus_end(tab, page->session->dead != ERR_NONE);
	page->cast = NULL;
	if (page->dialog_policy == CDP_ASK)
		page->dialog_policy = cast->policy;
	(void)cdp_page_answer_dialog(page, false, NULL, NULL); /* mostly there is none */
}

void cdp_screencast_driven(struct cdp_screencast *cast, bool driven)
{
	cast->watched = !driven;
	for (size_t i = 0; i < cast->tab_count; i++) {
		cast->tabs[i].page->dialog_policy = driven ? CDP_ASK : cast->policy;
		if (!driven)
			(void)cdp_page_answer_dialog(cast->tabs[i].page, false, NULL, NULL); /* mostly there is none */
	}
}

/* Whoever asked for this screencast may ask for the window. */
static void give_back(struct cdp_screencast *cast, struct cdp_page *page)
{
	page->is_popup_waiting = true;
	(void)snprintf(page->opener_id, sizeof page->opener_id, "%s", cast->root_id);
}

static void tab_remove(struct cdp_screencast *cast, size_t index)
{
	const bool running = cast->running, shown = index == cast->active;

	tab_end(cast, &cast->tabs[index]);
	memmove(&cast->tabs[index], &cast->tabs[index + 1], (cast->tab_count - index - 1) * sizeof *cast->tabs);
	cast->tab_count--;
	if (index < cast->active || cast->active == cast->tab_count)
		cast->active -= cast->active > 0;
	if (!shown)
		return;
	cast->running = false;
	if (cast->tab_count && running)
		cdp_screencast_restart(cast);
}

void cdp_screencast_page_gone(struct cdp_page *page)
{
	struct cdp_screencast *cast = page->cast;

	for (size_t i = 0; i < cast->tab_count; i++) {
		if (cast->tabs[i].page != page)
			continue;
		if (!cast->ended)
			cast->ended = ERR_CLOSED;
		tab_remove(cast, i);
		return;
	}
}

/* The page that opened the first window nobody has asked for. */
static struct cdp_page *opener(struct cdp_screencast *cast)
{
	struct cdp_browser *browser = cast->tab_count ? cast->tabs[0].page->browser : NULL;

	for (const struct cdp_page *p = browser ? browser->pages : NULL; p; p = p->next)
		for (size_t i = 0; p->is_popup_waiting && i < cast->tab_count; i++)
			if (!strcmp(p->opener_id, cast->tabs[i].page->target_id))
				return cast->tabs[i].page;
	return NULL;
}

static void follow(struct cdp_screencast *cast)
{
	struct cdp_page *from;

	while (cast->tab_count < TABS_MAX && (from = opener(cast))) {
		struct cdp_page *page = cdp_page_next_popup(from, deadline_in_ms(POPUP_MS), NULL);
		if (!page)
			return;
		tab_add(cast, page, true);
		cdp_screencast_activate(cast, cast->tab_count - 1);
	}
}

static void serve_tabs(struct cdp_screencast *cast)
{
	follow(cast);
	for (size_t i = cast->tab_count; i-- > 0;) {
		const enum error_code dead = cast->tabs[i].page->session->dead;
		if (!dead)
			continue;
		struct cdp_page *followed = cast->tabs[i].followed ? cast->tabs[i].page : NULL;
		cast->ended = dead;
		tab_remove(cast, i);
		cdp_page_free(followed);
	}
	for (size_t i = 0; i < cast->tab_count; i++)
		cdp_focus_serve(cast, &cast->tabs[i]);
}

static void serve(struct cdp_screencast *cast)
{
	serve_tabs(cast);
	serve_pictures(cast);
	cdp_hand_serve(cast);
	const struct tab *tab = cdp_screencast_tab(cast);
	if (!tab || !cdp_conn_alive(cast->conn)) {
		tell_end(cast);
		return;
	}
	tell_status(cast, tab);
	tell_tabs(cast);
	tell_focus(cast, tab);
	tell_dialog(cast, tab);
}

/* ---- life ---- */

static int option(int value, int usual, int max)
{
	return value <= 0 ? usual : value < max ? value : max;
}

struct cdp_screencast *cdp_screencast_start(struct cdp_page *page, const struct cdp_screencast_opts *opts,
	struct deadline until, struct error *err)
{
	const struct cdp_screencast_opts o = opts ? *opts : (struct cdp_screencast_opts){ 0 };

	if (page->cast)
		return fail(err, ERR_INPUT, "the page is shown already"), NULL;
	struct cdp_screencast *cast = xcalloc(1, sizeof *cast);
	cast->conn = page->browser->conn;
	cast->opts = (struct cdp_screencast_opts){
		.max_width = option(o.max_width, 1280, SIDE_MAX),
		.max_height = option(o.max_height, 720, SIDE_MAX),
		.quality = option(o.quality, 60, 100),
		.fps_active = option(o.fps_active, 12, 60),
		.fps_idle = option(o.fps_idle, 4, 60),
	};
	cast->hand_us = -HAND_US;
	cast->policy = page->dialog_policy;
	(void)snprintf(cast->root_id, sizeof cast->root_id, "%s", page->target_id);
	tab_add(cast, page, false);
	begin_flight(cast);
	AUTO(json) cJSON *answer = cdp_call(cast->conn, page->session, "Page.startScreencast", start_params(cast), until, err);
	if (answer)
		return cast;
	cdp_screencast_free(cast);
	return NULL;
}

void cdp_screencast_free(struct cdp_screencast *cast)
{
	if (!cast)
		return;
	cdp_screencast_stop(cast);
	for (size_t i = 0; i < cast->tab_count; i++) {
		tab_end(cast, &cast->tabs[i]);
		if (cast->tabs[i].followed)
			give_back(cast, cast->tabs[i].page);
	}
	for (size_t i = 0; i < TOLD_COUNT; i++)
		cJSON_Delete(cast->told[i]);
	cdp_reply_free(cast->probe);
	cdp_reply_free(cast->copying);
	cJSON_Delete(cast->newest);
	free((unsigned char *)(uintptr_t)cast->last.jpeg);
	free(cast);
}

struct cdp_page *cdp_screencast_page(struct cdp_screencast *cast)
{
	struct tab *tab = cdp_screencast_tab(cast);

	return tab ? tab->page : NULL;
}

static bool has_picture(const struct cdp_screencast *cast)
{
	return cast->newest ? cast->acked_seq >= cast->last.seq : cast->again && cast->last.jpeg;
}

struct deadline cdp_screencast_pause(const struct cdp_screencast *cast)
{
	struct deadline pause = cdp_hand_pause(cast);
	const int64_t now = clock_us();
	bool waiting = has_picture(cast);

	for (size_t i = 0; i < TOLD_COUNT; i++)
		waiting = waiting || cast->waiting[i];
	if (waiting)
		return (struct deadline){ .at_us = now };
	if (cast->running && cast->in_flight && keeps_up(cast))
		pause = deadline_sooner(pause, (struct deadline){ .at_us = cast->leave_us + pace_us(cast, now) });
	pause = deadline_sooner(pause, (struct deadline){ .at_us = lost_us(cast) });
	for (size_t i = 0; i < cast->tab_count; i++)
		for (const struct spot *s = cast->tabs[i].spots; s; s = s->next)
			if (!s->asked && s->tries)
				pause = deadline_sooner(pause, s->again);
	return pause;
}

/* ---- pictures ---- */

/* The width of a JPEG in pixels (ITU T.81, B.2.2); 0: it is none. */
static int jpeg_width(const unsigned char *jpeg, size_t size)
{
	for (size_t at = 2; at + 9 < size && jpeg[at] == 0xff;) {
		const unsigned marker = jpeg[at + 1];
		const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
		if (frame)
			return jpeg[at + 7] << 8 | jpeg[at + 8];
		at += 2 + (size_t)(jpeg[at + 2] << 8 | jpeg[at + 3]);
	}
	return 0;
}

static double number(const cJSON *json, const char *path, double otherwise)
{
	double value = otherwise;

	(void)json_num(json, path, &value); /* absent: OTHERWISE */
	return value;
}

/* The newest picture becomes the last one; false when it is none. */
static bool decode(struct cdp_screencast *cast)
{
	AUTO(json) cJSON *params = TAKE(cast->newest);
	const char *data = json_str(params, "data");
	const size_t length = strlen(data);
	unsigned char *jpeg = xmalloc(length / 4 * 3 + 4);
	const int got = EVP_DecodeBlock(jpeg, (const unsigned char *)data, (int)length);
	const double page_scale = number(params, "metadata.pageScaleFactor", 1);

	if (got < 4 || page_scale <= 0) {
		free(jpeg);
		return false;
	}
	const double width = number(params, "metadata.deviceWidth", 0) / page_scale;
	free((unsigned char *)(uintptr_t)cast->last.jpeg);
	cast->last = (struct cdp_picture){
		.jpeg = jpeg,
		.size = (size_t)got - (data[length - 1] == '=') - (data[length - 2] == '='),
		.seq = cast->newest_seq,
		.timestamp = number(params, "metadata.timestamp", 0),
		.width = (int)lround(width),
		.height = (int)lround(number(params, "metadata.deviceHeight", 0) / page_scale),
		.scroll_x = number(params, "metadata.scrollOffsetX", 0),
		.scroll_y = number(params, "metadata.scrollOffsetY", 0),
	};
	cast->last.scale = width > 0 ? jpeg_width(jpeg, cast->last.size) / width : 1;
	cast->offset_top = number(params, "metadata.offsetTop", 0) / page_scale;
	return true;
}

bool cdp_screencast_next(struct cdp_screencast *cast, struct cdp_picture *out)
{
	serve(cast);
	if (!has_picture(cast) || (cast->newest && !decode(cast)))
		return false;
	cast->again = false;
	*out = cast->last;
	return true;
}

void cdp_screencast_acked(struct cdp_screencast *cast, uint32_t seq)
{
	if (seq > cast->acked_seq && seq <= cast->last.seq)
		cast->acked_seq = seq;
	serve_pictures(cast);
}

void cdp_screencast_refresh(struct cdp_screencast *cast)
{
	cast->acked_seq = cast->last.seq;
	cast->again = cast->last.jpeg != NULL;
	for (size_t i = 0; i < TOLD_COUNT; i++)
		cast->waiting[i] = cast->told[i] && i != TOLD_COPIED;
	if (!cast->running)
		cdp_screencast_restart(cast);
}

static void put(unsigned char *out, const void *value, size_t size)
{
	memcpy(out, value, size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < size / 2; i++) {
		const unsigned char low = out[i];
		out[i] = out[size - 1 - i];
		out[size - 1 - i] = low;
	}
#endif
}

void cdp_picture_header(const struct cdp_picture *picture, unsigned char out[CDP_PICTURE_HEADER])
{
	const uint32_t flags = 0;
	const uint16_t width = (uint16_t)picture->width, height = (uint16_t)picture->height;
	const float scale = (float)picture->scale, scroll_x = (float)picture->scroll_x, scroll_y = (float)picture->scroll_y;

	put(out, &picture->seq, sizeof picture->seq);
	put(out + 4, &flags, sizeof flags);
	put(out + 8, &picture->timestamp, sizeof picture->timestamp);
	put(out + 16, &width, sizeof width);
	put(out + 18, &height, sizeof height);
	put(out + 20, &scale, sizeof scale);
	put(out + 24, &scroll_x, sizeof scroll_x);
	put(out + 28, &scroll_y, sizeof scroll_y);
}

cJSON *cdp_screencast_message(struct cdp_screencast *cast)
{
	serve(cast);
	for (size_t i = 0; i < TOLD_COUNT; i++) {
		if (!cast->waiting[i])
			continue;
		cast->waiting[i] = false;
		return cJSON_Duplicate(cast->told[i], true);
	}
	return NULL;
}
