/* A page: documents, frames, and what a person does with them.
 *
 * Selectors.  A selector is a text; each line is an alternative, the first that matches anything wins.
 * An alternative is CSS, or "text=…", "role=button[name=…]", "label=…", "placeholder=…", "title=…",
 * "alt=…", "testid=…", "xpath=…", with parts joined by " >> " (cdp/js/locate.js has the grammar).  Open
 * shadow roots are looked through.  It is looked for in the main frame, or, after "frame=PART >> ", in
 * all frames whose URL or name contains PART; "frame=* >> " means every frame.
 *
 * Verbs wait until the element is there, visible, still, enabled and not covered, as far as the verb
 * needs it, and resolve the selector anew at each attempt, so a document that goes away under them is no
 * error.  They fail with ERR_TIMEOUT, whose cause says what was missing (ERR_NOT_FOUND, ERR_HIDDEN,
 * ERR_UNSTABLE, ERR_DISABLED, ERR_COVERED), at once with ERR_SELECTOR or ERR_STRICT, and with what
 * conn.h lists. */
#ifndef CDP_PAGE_H
#define CDP_PAGE_H

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct cdp_browser;
struct cdp_conn;
struct cdp_context;
struct cdp_frame;
struct cdp_page;
struct cdp_session;
struct error;
struct secret;

enum {
	CDP_STEP_MS = 30000, /* of a verb whose options name no time */
	CDP_CALM_MS = 150,   /* how long a typed field must keep its value */
};

struct cdp_page_opts {
	bool no_network;          /* do not record requests: fewer messages, but no statuses and bodies */
	bool keep_visibility;     /* do not emulate focus: hidden tabs stay hidden, and hang */
	const char *user_agent;   /* NULL: the browser's own */
	const char *locale;       /* "he-IL" */
	const char *timezone;     /* "Asia/Jerusalem" */
	int width, height;        /* of the viewport, in CSS pixels; 0: the window's */
};

/* Opens a page in CONTEXT (NULL: the browser's default one).
 * Protocol: Target.createTarget, Page.enable, Page.addScriptToEvaluateOnNewDocument, … */
struct cdp_page *cdp_page_open(struct cdp_browser *browser, struct cdp_context *context,
	const struct cdp_page_opts *opts, struct deadline until, struct error *err);

/* Takes over an open page of the browser by its target id.  Protocol: Target.attachToTarget. */
struct cdp_page *cdp_page_attach(struct cdp_browser *browser, const char *target_id,
	const struct cdp_page_opts *opts, struct deadline until, struct error *err);

/* The next window that PAGE opened, or NULL with ERR_TIMEOUT.  Owned by the caller. */
struct cdp_page *cdp_page_next_popup(struct cdp_page *page, struct deadline until, struct error *err);

/* Closes the page, also one that hangs or has a dialog open.  Protocol: Target.closeTarget. */
void cdp_page_free(struct cdp_page *page);

AUTO_KIND(page, struct cdp_page *, cdp_page_free);

struct cdp_conn *cdp_page_conn(struct cdp_page *page);
struct cdp_session *cdp_page_session(struct cdp_page *page);
const char *cdp_page_target(const struct cdp_page *page);
const char *cdp_page_url(const struct cdp_page *page); /* of the main frame; borrowed until it moves */
bool cdp_page_is_closed(const struct cdp_page *page);

/* ---- navigation ---- */

enum cdp_ready {
	CDP_LOADED,    /* the load event: the default */
	CDP_COMMITTED, /* the new document is there, empty */
	CDP_PARSED,    /* DOMContentLoaded */
	CDP_IDLE,      /* and no request for 500 ms; never on pages that poll */
};

struct cdp_goto_opts {
	int timeout_ms; /* default: CDP_STEP_MS */
	enum cdp_ready ready;
};

struct cdp_visit {
	int status;         /* of the last response; 0: not of HTTP, or requests are not recorded */
	int redirects;      /* by the server, before the last response */
	bool same_document; /* only the fragment changed */
};

/* Navigates and waits.  A response with an error status is a success; see VISIT (may be NULL).
 * ERR_NAVIGATION (the text has net::ERR_…), ERR_NO_CONTENT (204, page unchanged), ERR_DOWNLOAD,
 * ERR_INTERRUPTED (naming the other URL), ERR_INPUT (not http, https, about:blank or data). */
bool cdp_page_goto(struct cdp_page *page, const char *url, const struct cdp_goto_opts *opts,
	struct cdp_visit *visit, struct error *err);
bool cdp_page_reload(struct cdp_page *page, const struct cdp_goto_opts *opts, struct cdp_visit *visit,
	struct error *err);
bool cdp_page_go_back(struct cdp_page *page, const struct cdp_goto_opts *opts, struct error *err);

/* Waits until the main frame's URL contains PART. */
bool cdp_page_wait_url(struct cdp_page *page, const char *part, struct deadline until,
	struct error *err);

/* Answers HTTP authentication of ORIGIN ("https://host:port") only, once a request.  PASSWORD must
 * outlive the page.  Protocol: Fetch.enable. */
bool cdp_page_authenticate(struct cdp_page *page, const char *origin, const char *user,
	const struct secret *password, struct error *err);

/* ---- frames ---- */

/* The frames, parents before children.  Write at most MAX; returns how many there are.  A frame that is
 * removed later stays a valid pointer until the page is freed, and answers ERR_CLOSED. */
size_t cdp_page_frames(struct cdp_page *page, struct cdp_frame **out, size_t max);
struct cdp_frame *cdp_page_main_frame(struct cdp_page *page);
/* The first frame whose URL or name contains PART. */
struct cdp_frame *cdp_page_frame(struct cdp_page *page, const char *part);
const char *cdp_frame_id(const struct cdp_frame *frame);
const char *cdp_frame_url(const struct cdp_frame *frame);
const char *cdp_frame_name(const struct cdp_frame *frame);
struct cdp_frame *cdp_frame_parent(const struct cdp_frame *frame);
bool cdp_frame_is_detached(const struct cdp_frame *frame);
/* SELECTOR as it is to be looked for in FRAME, owned by the caller. */
char *cdp_frame_locator(const struct cdp_frame *frame, const char *selector);
/* Grows with every frame and document that comes or goes. */
unsigned cdp_page_changes(const struct cdp_page *page);

/* ---- JavaScript ---- */

struct cdp_eval_opts {
	struct cdp_frame *frame; /* default: the main frame */
	int timeout_ms;          /* default: CDP_STEP_MS */
	bool isolated;           /* in our own world: sees the DOM, not the page's variables */
	bool no_gesture;         /* do not count as a person's doing */
};

/* The value of the expression, promises awaited: JSON values as they are; undefined, functions and
 * symbols as null; NaN, -0, Infinity and bigint as strings ("NaN", "-0", "12n"); dates and DOM nodes as
 * empty objects (use JSON.stringify() in the page); cycles are ERR_PROTOCOL.  Not repeated when the document goes
 * away (ERR_CONTEXT).  What is thrown is ERR_SCRIPT with message, URL, line and column.
 * Protocol: Runtime.evaluate. */
cJSON *cdp_page_eval(struct cdp_page *page, const char *expression, const struct cdp_eval_opts *opts,
	struct error *err);

/* The value of an expression that is a string, without parsing or copying megabytes. */
char *cdp_page_eval_text(struct cdp_page *page, const char *expression, size_t *size,
	const struct cdp_eval_opts *opts, struct error *err);

/* The value of FUNCTION ("function () { … }") for the element that holds FRAME, which is its `this`, in our own world
 * of the parent's document.  ERR_INPUT for the main frame.
 * Protocol: DOM.getFrameOwner, DOM.resolveNode, Runtime.callFunctionOn. */
cJSON *cdp_frame_owner(struct cdp_frame *frame, const char *function, struct deadline until, struct error *err);

/* Calls FUNCTION with the closed shadow root of each element of the array that is HOSTS, an expression in our own world;
 * `this` is the element.  How many had one, of HOSTS_MAX at most; -1 with ERR filled.  A page cannot notice.
 * Protocol: DOM.describeNode, DOM.resolveNode, Runtime.callFunctionOn. */
int cdp_frame_closed_roots(struct cdp_frame *frame, const char *hosts, const char *function, size_t hosts_max,
	struct deadline until, struct error *err);

/* Evaluates until the value is truthy, also in later documents. */
cJSON *cdp_page_wait_eval(struct cdp_page *page, const char *expression,
	const struct cdp_eval_opts *opts, struct error *err);

/* Runs SOURCE in every later document of every frame and popup before the page's own scripts.
 * Protocol: Page.addScriptToEvaluateOnNewDocument. */
bool cdp_page_add_init_script(struct cdp_page *page, const char *source, struct error *err);

/* Makes window.NAME(text) known to the page; what it is called with is kept until asked for.  Whatever
 * arrives is a hint by the page, never a fact.  Protocol: Runtime.addBinding. */
bool cdp_page_add_binding(struct cdp_page *page, const char *name, struct error *err);
char *cdp_page_next_binding(struct cdp_page *page, const char *name, struct deadline until,
	struct error *err);

/* The same for scripts of our own world (isolated): the page can neither see nor call it.  Without Runtime.enable, which
 * pages may notice, the browser gives it to the documents that are there: a later one has to be given it by
 * cdp_frame_add_hidden_binding().  Once more for the same name is no error. */
bool cdp_page_add_hidden_binding(struct cdp_page *page, const char *name, struct error *err);
void cdp_frame_add_hidden_binding(struct cdp_frame *frame, const char *name);

/* ---- waiting ---- */

enum cdp_state { CDP_VISIBLE, CDP_ATTACHED, CDP_ENABLED, CDP_HIDDEN, CDP_DETACHED };

struct cdp_wait_opts {
	int timeout_ms; /* default: CDP_STEP_MS */
	enum cdp_state state;
};

bool cdp_page_wait(struct cdp_page *page, const char *selector, const struct cdp_wait_opts *opts,
	struct error *err);

struct cdp_branch {
	const char *name;     /* for the error; default: the selector */
	const char *selector; /* NULL: never true */
	enum cdp_state state; /* CDP_VISIBLE, CDP_ATTACHED or CDP_ENABLED */
};

/* Waits for the first of COUNT outcomes in all the frames they name at once, and returns its index; -1
 * with ERR_TIMEOUT says of each branch what was seen.  *FRAME (may be NULL): where. */
int cdp_page_race(struct cdp_page *page, const struct cdp_branch *branches, size_t count,
	struct deadline until, struct cdp_frame **frame, struct error *err);

/* The same for callers that wait for other things, too: the pages are asked when it begins, and tell by
 * themselves.  Look, look at the rest, and cdp_conn_wait() until cdp_race_pause(). */
enum { CDP_RACE_ON = -2 };
struct cdp_race;

/* PAGE and BRANCHES are borrowed until it is freed.  More than 32 branches are a mistake of the caller's. */
struct cdp_race *cdp_race_new(struct cdp_page *page, const struct cdp_branch *branches, size_t count, struct deadline until);
/* Ends it: the pages stop watching. */
void cdp_race_free(struct cdp_race *race);

AUTO_KIND(cdp_race, struct cdp_race *, cdp_race_free);

/* A branch's index; CDP_RACE_ON: none is true yet; -1 with ERR filled, as above. */
int cdp_race_look(struct cdp_race *race, struct cdp_frame **frame, struct error *err);
/* When to look again, if nothing happens before. */
struct deadline cdp_race_pause(const struct cdp_race *race);

/* How many elements match now, in all the frames the selector names.  -1 with ERR filled. */
int cdp_page_count(struct cdp_page *page, const char *selector, struct error *err);

/* ---- doing ---- */

struct cdp_click_opts {
	int timeout_ms;  /* default: CDP_STEP_MS */
	int count;       /* 2: double click; default: 1 */
	bool right;      /* the right button */
	unsigned modifiers; /* CDP_SHIFT … */
	bool force;      /* click where it is, whatever its state */
	bool strict;     /* ERR_STRICT when several match */
};

enum { CDP_ALT = 1, CDP_CONTROL = 2, CDP_META = 4, CDP_SHIFT = 8 };

/* Clicks as a hand would: scrolls there, moves, presses, releases, and checks at the very moment of the
 * event that it hit.  When it did not, nothing else was clicked, and it tries again.  Fields typed into
 * before are checked once more first, and typed again if the page has lost their values.
 * Protocol: Input.dispatchMouseEvent. */
bool cdp_page_click(struct cdp_page *page, const char *selector, const struct cdp_click_opts *opts,
	struct error *err);
bool cdp_page_hover(struct cdp_page *page, const char *selector, const struct cdp_click_opts *opts,
	struct error *err);

struct cdp_type_opts {
	int timeout_ms; /* default: CDP_STEP_MS */
	int calm_ms;    /* the value must stand this long; default: CDP_CALM_MS; -1: only until the next
	                 * click, which looks again anyway */
	bool append;    /* keep what is in the field */
	bool strict;
};

/* Types key by key into the field, replacing its content, and reads back what it holds: a page that
 * wiped, moved or reformatted it is typed into again, three times; then ERR_VALUE, with lengths only.
 * Spaces and punctuation that a mask adds do not count.  Protocol: Input.dispatchKeyEvent. */
bool cdp_page_type(struct cdp_page *page, const char *selector, const char *text,
	const struct cdp_type_opts *opts, struct error *err);
bool cdp_page_type_secret(struct cdp_page *page, const char *selector, const struct secret *text,
	const struct cdp_type_opts *opts, struct error *err);

/* The same in one stroke, without key events; also for dates, colours, ranges: ERR_VALUE when the field
 * does not take the form.  Protocol: Input.insertText. */
bool cdp_page_fill(struct cdp_page *page, const char *selector, const char *text,
	const struct cdp_type_opts *opts, struct error *err);

/* Presses a key by its name ("Enter", "ArrowDown", "a", "Control+A") where the focus is.
 * Protocol: Input.dispatchKeyEvent. */
bool cdp_page_press(struct cdp_page *page, const char *key, struct error *err);

/* Enters a one-time code: FIELDS are the selectors of its one field or its boxes, in reading order, in
 * FRAME (NULL: the main frame).  Right on pages that jump late, not at all, or submit on the last digit;
 * true only when the fields hold the code or the page has moved on.  ERR_VALUE otherwise. */
bool cdp_page_type_code(struct cdp_page *page, struct cdp_frame *frame, const char *const *fields,
	size_t count, const struct secret *code, struct deadline until, struct error *err);

struct cdp_choice {
	const char *value; /* by value, … */
	const char *label; /* … by what is to be read, … */
	int index;         /* … or by number, when both are NULL */
};

/* Chooses options of a <select>, waiting for late ones. */
bool cdp_page_select(struct cdp_page *page, const char *selector, const struct cdp_choice *choices,
	size_t count, int timeout_ms, struct error *err);

/* Makes a checkbox, radio button or switch be CHECKED, by clicking, and looks that it is.  A radio button
 * cannot be unchecked: ERR_INPUT. */
bool cdp_page_check(struct cdp_page *page, const char *selector, bool checked, int timeout_ms,
	struct error *err);

/* Gives files to a file input, visible or not.  A missing file is ERR_INPUT.
 * Protocol: DOM.setFileInputFiles. */
bool cdp_page_upload(struct cdp_page *page, const char *selector, const char *const *paths, size_t count,
	int timeout_ms, struct error *err);

/* ---- reading ---- */

/* Text as a person reads it, a field's value, an attribute: owned by the caller. */
char *cdp_page_text(struct cdp_page *page, const char *selector, int timeout_ms, struct error *err);
char *cdp_page_value(struct cdp_page *page, const char *selector, int timeout_ms, struct error *err);
char *cdp_page_attribute(struct cdp_page *page, const char *selector, const char *name, int timeout_ms,
	struct error *err);
/* The cells of a table, an array of rows, in one round trip. */
cJSON *cdp_page_table(struct cdp_page *page, const char *selector, int timeout_ms, struct error *err);

/* ---- dialogs ---- */

enum cdp_dialog_policy {
	CDP_DISMISS, /* the default; leaving a page is accepted */
	CDP_ACCEPT,
	CDP_STAY,    /* dismiss, and also stay when a page asks whether to leave */
	CDP_ASK,     /* left open until cdp_page_answer_dialog(); the page stands still as long */
};

/* How alert, confirm, prompt and beforeunload are answered, at once and for all frames.  PROMPT (may be
 * NULL) is what prompt() gets when accepted.  Protocol: Page.handleJavaScriptDialog. */
void cdp_page_on_dialog(struct cdp_page *page, enum cdp_dialog_policy policy, const char *prompt);

/* How many dialogs there have been, and the last one's text (borrowed; NULL: none). */
int cdp_page_dialogs(const struct cdp_page *page, const char **last);

/* The dialog that waits for an answer: {kind:"alert|confirm|prompt|beforeunload", message, defaultPrompt}, borrowed
 * until the next wait; NULL: none. */
const cJSON *cdp_page_dialog(const struct cdp_page *page);

/* Answers it; TEXT (may be NULL) is what an accepted prompt() gets.  ERR_INPUT when none is open.
 * Protocol: Page.handleJavaScriptDialog. */
bool cdp_page_answer_dialog(struct cdp_page *page, bool accept, const char *text, struct error *err);

#endif
