/* A page shown to a remote person, and driven by them.
 *
 * A screencast makes pictures of a page while it changes (none while it does not), tells what a viewer
 * must know besides (which field has the focus, dialogs, tabs, the address), and turns the person's mouse,
 * fingers, keys and words into input.  It follows windows that the page opens, and shows the newest.
 *
 *	struct cdp_screencast *cast = cdp_screencast_start(page, NULL, until, &err);
 *	for (;;) {
 *		struct cdp_picture picture;
 *		while (cdp_screencast_next(cast, &picture))
 *			send it;
 *		for (cJSON *message; (message = cdp_screencast_message(cast)); cJSON_Delete(message))
 *			send it;
 *		cdp_conn_wait(conn, cdp_screencast_pause(cast), NULL);
 *		what has come from the viewer: cdp_screencast_input(cast, message, &err);
 *	}
 *
 * Nothing here waits for the page but cdp_screencast_start(), and for a moment a new window: a page that hangs or
 * shows a dialog can still be looked at.  While a person drives, the verbs of page.h should rest, and the page's dialogs
 * are left to the person (CDP_ASK).  Pictures and words are kept in memory only; at most one picture of
 * each kind: the one given out last, and the newest one.
 *
 * The screencast borrows the page.  Free it before the browser; a page that is freed before it is a tab
 * that was closed.  One screencast a page. */
#ifndef CDP_SCREENCAST_H
#define CDP_SCREENCAST_H

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cdp_page;
struct cdp_screencast;
struct error;

/* Zero means the default. */
struct cdp_screencast_opts {
	int max_width, max_height; /* of pictures, in pixels; default: 1280 x 720 */
	int quality;               /* of JPEG, 1-100; default: 60 */
	int fps_active;            /* at most so many pictures a second while the person does something; default: 12 */
	int fps_idle;              /* and while not; default: 4 */
};

/* Begins.  The first picture comes within some hundred milliseconds, also of a still page.
 * ERR_INPUT when the page is shown already, and what conn.h lists.
 * Protocol: Page.startScreencast, Runtime.addBinding, Page.createIsolatedWorld. */
struct cdp_screencast *cdp_screencast_start(struct cdp_page *page, const struct cdp_screencast_opts *opts,
	struct deadline until, struct error *err);

/* No more pictures until cdp_screencast_refresh(); the page costs nothing by being shown.  Messages and input go
 * on.  For when nobody looks.  Protocol: Page.stopScreencast. */
void cdp_screencast_stop(struct cdp_screencast *cast);

/* Whether a person drives; at first one does.  While nobody does the page's dialogs are answered as they were before, and one
 * that is open is dismissed: the page does not stand still for those who only look. */
void cdp_screencast_driven(struct cdp_screencast *cast, bool driven);

/* Ends.  A dialog that is open is dismissed, new windows are again what cdp_page_next_popup() has to give. */
void cdp_screencast_free(struct cdp_screencast *cast);

AUTO_KIND(screencast, struct cdp_screencast *, cdp_screencast_free);

/* The page that is shown now, borrowed; NULL: all are closed. */
struct cdp_page *cdp_screencast_page(struct cdp_screencast *cast);

/* When to look again, if nothing happens on the connection before. */
struct deadline cdp_screencast_pause(const struct cdp_screencast *cast);

/* ---- pictures ---- */

struct cdp_picture {
	const unsigned char *jpeg; /* borrowed until the next call of cdp_screencast_next() or _free() */
	size_t size;
	uint32_t seq;              /* grows by one or more; 1 is the first */
	double timestamp;          /* when it was drawn, in seconds since 1970 */
	int width, height;         /* of the view, in CSS pixels: where input's x and y are */
	double scale;              /* the picture's pixels to one CSS pixel */
	double scroll_x, scroll_y; /* of the document, in CSS pixels */
};

/* The newest picture that was not given out yet.  False when there is none, or while the last one given out has not
 * been acknowledged: what comes meanwhile replaces what came before it. */
bool cdp_screencast_next(struct cdp_screencast *cast, struct cdp_picture *out);

/* The viewer has shown picture SEQ, and so all before it. */
void cdp_screencast_acked(struct cdp_screencast *cast, uint32_t seq);

/* Somebody joined: the last picture is given out again (one is made when there is none), and all that messages told. */
void cdp_screencast_refresh(struct cdp_screencast *cast);

/* What goes before the picture's bytes on the way to a viewer, little endian: u32 seq, u32 flags (0),
 * f64 timestamp, u16 width, u16 height, f32 scale, f32 scroll_x, f32 scroll_y. */
enum { CDP_PICTURE_HEADER = 32 };
void cdp_picture_header(const struct cdp_picture *picture, unsigned char out[CDP_PICTURE_HEADER]);

/* ---- messages ---- */

/* The next thing that viewers should know, owned by the caller; NULL: nothing new.  Of each type the newest counts.
 *
 *	{type:"status", url, title, loading}
 *	{type:"tabs", tabs:[{id, title, url, active}]}
 *	{type:"focus", editable, kind:"text|password|tel|email|number|select|none", inputmode, autocomplete,
 *	 rect:[x, y, width, height] in the view, options:[{label, value, selected, disabled?}], multiple, opened}: the
 *	 last three of "select" only; "opened" changes whenever the person opens the list.  Never a field's value.
 *	{type:"dialog", kind:"alert|confirm|prompt|beforeunload|none", message, defaultPrompt}: "none" when it is closed
 *	{type:"copied", text}
 *	{type:"stalled", stalled}: the page has not answered input for some seconds; false when it did after all
 *	{type:"end", reason:"closed|crashed|disconnected"}: the last one */
cJSON *cdp_screencast_message(struct cdp_screencast *cast);

/* ---- input ---- */

/* Does what MESSAGE of the person says, without waiting for the page.  ERR_INPUT when it makes no sense; nothing
 * was done then.  x and y are in CSS pixels of the view, modifiers are CDP_ALT and so on.
 *
 *	{type:"mouse", event:"move|down|up|wheel", x, y, button:0|1|2, clicks, modifiers, dx, dy}: clicks are counted here
 *	 when they are not given
 *	{type:"touch", event:"start|move|end|cancel", points:[{x, y, id}]}: of "end" those that were lifted; none: all
 *	{type:"text", text}: printable; commits what is composed.  Goes by Input.insertText into a field, and as key strokes
 *	 where no field has the focus, for pages that listen to keys
 *	{type:"compose", text}: an input method's text so far
 *	{type:"key", event:"down|up", key, code, modifiers}: named keys and shortcuts
 *	{type:"select", value} or {…, values}: of the list that has the focus
 *	{type:"dialog", accept, text}
 *	{type:"tab", id}
 *	{type:"nav", action:"back|reload"}
 *	{type:"copy"}: a "copied" message follows
 *	{type:"ack", seq}
 *	{type:"size", width, height, dpr}: of the viewer's picture; larger ones are not made
 *	{type:"visible", visible}
 *
 * Protocol: Input.dispatchMouseEvent, Input.dispatchTouchEvent, Input.insertText, Input.imeSetComposition,
 * Input.dispatchKeyEvent, Page.handleJavaScriptDialog, Page.reload, Runtime.evaluate. */
bool cdp_screencast_input(struct cdp_screencast *cast, const cJSON *message, struct error *err);

#endif
