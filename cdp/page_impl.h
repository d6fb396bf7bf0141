/* What the library's own files know of browsers, pages and frames. */
#ifndef CDP_PAGE_IMPL_H
#define CDP_PAGE_IMPL_H

#include "cdp/browser.h"
#include "cdp/page.h"
#include "cdp/session.h"
#include "cdp/state.h"

enum {
	FRAMES_MAX = 512,        /* at a time; pages with more are advertisements all the way down */
	LOADERS_KEPT = 3,        /* a page that was asked for may have left for others before we look */
	TYPED_MAX = 16,          /* fields that are looked at again before a click */
	DIALOGS_MAX = 20,        /* in one document, in a row; then the page is closed */
	CONTEXT_RETRY_MS = 20,   /* between attempts when a document went away */
	ERROR_PAGE_MS = 1000,    /* that the browser takes to show its own page about a failure */
	RIVAL_MS = 300,          /* for a navigation that aborted another to be told of */
	BINDINGS_KEPT = 1000,
};

/* What a page being opened will be. */
struct opening {
	struct cdp_context *context;
	const struct cdp_page_opts *opts;
};

struct cdp_context {
	struct cdp_context *next; /* struct cdp_context, of the browser */
	struct cdp_browser *browser;
	char id[CDP_ID_MAX];
};

struct cdp_browser {
	struct cdp_conn *conn;
	struct cdp_process *process; /* NULL: attached */
	struct cdp_context *contexts;
	struct cdp_page *pages;
	char *version, *user_agent;
	bool popups; /* targets of the browser attach by themselves, held */
	const struct opening *opening; /* while cdp_page_open() waits for its target */
	struct cdp_download *downloads; /* download.c */
	char *download_dir;
};

struct cdp_frame {
	struct cdp_frame *next; /* struct cdp_frame, of the page: parents before children */
	struct cdp_page *page;
	struct cdp_frame *parent;
	struct cdp_session *session; /* the nearest of itself or its ancestors */
	char id[CDP_ID_MAX];
	char loader[CDP_ID_MAX];
	char before[LOADERS_KEPT][CDP_ID_MAX]; /* the loaders of the documents before, in a ring */
	char *url, *name;
	unsigned document; /* how many documents it has had */
	int world;         /* execution context of ours in this document; 0: not known */
	int page_context;  /* the page's own, where it had to be asked for; 0: not known */
	bool parsed, loaded, idle;
	bool detached;
	bool shown; /* a caller may hold a pointer: never freed before the page */
};

struct typed {
	struct cdp_frame *frame;
	unsigned document;
	char *selector;        /* without frames */
	struct secret *text;
};

enum script_kind {
	SCRIPT_SOURCE,
	SCRIPT_BINDING,        /* SOURCE is a binding's name, … */
	SCRIPT_HIDDEN_BINDING, /* … known in our own world only */
};

struct init_script {
	struct init_script *next;
	char *source;
	enum script_kind kind;
};

/* What a page said through a binding. */
struct called {
	struct called *next;
	char *name, *payload;
};

struct cdp_page {
	struct cdp_page *next; /* struct cdp_page, of the browser */
	struct cdp_browser *browser;
	struct cdp_context *context; /* NULL: the default one */
	struct cdp_session *session;
	char target_id[CDP_ID_MAX];
	char opener_id[CDP_ID_MAX];
	struct cdp_page_opts opts;   /* strings owned */
	struct cdp_frame *frames;    /* the main frame first */
	bool closed;
	bool is_popup_waiting;       /* not handed out yet */
	struct init_script *scripts; /* in order */
	struct called *called;       /* in order */
	int called_count;
	enum cdp_dialog_policy dialog_policy;
	char *dialog_prompt, *dialog_text;
	int dialogs, dialogs_in_row;
	cJSON *dialog; /* that waits for an answer; NULL: none */
	struct cdp_session *dialog_session;
	struct cdp_screencast *cast; /* that shows it; NULL: none */
	struct cdp_frame *focused; /* where a field was focused or clicked last; NULL: the main frame */
	struct typed typed[TYPED_MAX];
	size_t typed_count;
	char *pending_url;     /* the main frame's navigation under way */
	bool loading;          /* the main frame, from the first request to the last */
	unsigned within;       /* navigations of the main frame within a document */
	unsigned tree_changes; /* frames and documents that came or went */
	struct cdp_network *network;
	struct cdp_login *login; /* HTTP authentication */
	char *origins[CDP_STATE_ORIGINS_MAX]; /* that its frames have shown */
	size_t origin_count;
	bool empty_documents; /* in place of what the network would answer: see state.c */
};

/* browser.c */
struct cdp_page *cdp_page_of(struct cdp_session *session);

/* page.c */
struct cdp_page *cdp_page_make(struct cdp_browser *browser, struct cdp_context *context,
	const struct cdp_page_opts *opts, const char *target_id);
void cdp_page_init_session(struct cdp_page *page, struct cdp_session *session, bool paused);
void cdp_page_gone(struct cdp_page *page, enum error_code why);
/* Waits for anything to happen, like cdp_conn_wait(), or fails since the page is gone. */
bool cdp_page_service(struct cdp_page *page, struct deadline until, struct error *err);
void cdp_page_keep_script(struct cdp_page *page, const char *source, enum script_kind kind);
void cdp_page_on_binding(void *browser, struct cdp_session *session, const cJSON *params);
/* What a binding was called with, owned by the caller; NULL: nothing yet. */
char *cdp_page_take_binding(struct cdp_page *page, const char *name);
void cdp_page_forget_typed_in(struct cdp_page *page, const struct cdp_frame *frame);
void cdp_page_on_dialog_opening(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_page_on_dialog_closed(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_page_destroy(struct cdp_page *page); /* without a word to the browser */

/* frame.c */
void cdp_frame_attached(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_frame_detached(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_frame_navigated(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_frame_within(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_frame_lifecycle(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_frame_stopped(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_frame_started(void *browser, struct cdp_session *session, const cJSON *params);
/* The page's main frame, whose id is the target's, before the first event tells of others. */
void cdp_frame_main(struct cdp_page *page);
/* Whether FRAME shows the document of LOADER, or showed it a moment ago. */
bool cdp_frame_had(const struct cdp_frame *frame, const char *loader);
void cdp_frame_tree(struct cdp_page *page, struct cdp_session *session, const cJSON *tree);
void cdp_frame_local_to_remote(struct cdp_page *page, struct cdp_session *session,
	const char *parent_id);
bool cdp_frame_matches(const struct cdp_frame *frame, const char *part);
void cdp_frame_remote_gone(struct cdp_page *page, struct cdp_session *session);
struct cdp_frame *cdp_frame_find(struct cdp_page *page, const char *id);
/* "https://host:port" of an address of the web, owned by the caller; NULL for all others. */
char *cdp_origin_of(const char *url);
void cdp_frames_free(struct cdp_page *page);

/* eval.c */
extern const char cdp_engine_locate[], cdp_engine_act[]; /* cdp/js */
#define CDP_WORLD "gabbai"

/* Calls gabbai.FUNCTION(ARGS…) in FRAME's world.  ARGS is a JSON array, taken.  Repeats on lost contexts
 * until UNTIL.  An answer with "fail" stays an answer. */
cJSON *cdp_frame_call(struct cdp_frame *frame, const char *function, cJSON *args, struct deadline until,
	struct error *err);
/* The same once, without waiting; NULL when the world is not known (cdp_frame_ask_world). */
struct cdp_reply *cdp_frame_send(struct cdp_frame *frame, const char *function, const cJSON *args);
/* Documents without scripts of their own do not get the engine by themselves: WHY tells, and what is sent
 * after this finds it. */
bool cdp_engine_missing(const struct cdp_frame *frame, const struct error *why);
void cdp_frame_post_engine(struct cdp_frame *frame);
struct cdp_reply *cdp_frame_ask_world(struct cdp_frame *frame);
bool cdp_frame_take_world(struct cdp_frame *frame, unsigned document, struct cdp_reply *reply,
	struct error *err);
/* The value in a reply to Runtime.evaluate; takes RESULT. */
cJSON *cdp_eval_value(cJSON *result, struct error *err);
void cdp_frame_context_created(void *browser, struct cdp_session *session, const cJSON *params);
bool cdp_frame_world(struct cdp_frame *frame, struct deadline until, struct error *err);

/* storage.c */
struct cdp_reply *cdp_cookies_ask(struct cdp_browser *browser, struct cdp_context *context);

/* locate.c */
struct cdp_place {
	struct cdp_frame *frame;
	char *selector; /* for that frame alone; owned */
};
/* Finds the frame that a selector means: at once when it names one, else where it matches first. */
bool cdp_page_place(struct cdp_page *page, const char *selector, enum cdp_state state,
	struct deadline until, struct cdp_place *out, struct error *err);
static inline void auto_place(struct cdp_place *place)
{
	free(place->selector);
}
/* Fills ERR from an answer with "fail"; true when the answer has none. */
bool cdp_answer_ok(const cJSON *answer, const char *verb, const char *selector, struct error *err);

/* element.c */
/* Types into a selector of FRAME alone, and reads back: see cdp_page_type(). */
bool cdp_type_verified(struct cdp_frame *frame, const char *selector, const char *text,
	const struct cdp_type_opts *opts, struct deadline until, struct error *err);

/* input.c */
/* Sends key events for TEXT to SESSION; the last one's reply, or NULL for no text. */
struct cdp_reply *cdp_keys_send(struct cdp_page *page, struct cdp_session *session, const char *text);
/* The session whose frame has the focus. */
struct cdp_session *cdp_page_focused_session(struct cdp_page *page);
bool cdp_key_press(struct cdp_page *page, struct cdp_session *session, const char *key,
	struct deadline until, struct error *err);
/* One key's going DOWN or up, as a person's browser names it (KeyboardEvent.key and .code; CODE may be NULL).
 * NULL: there is no such key, or it only types, which is not what this is for. */
struct cdp_reply *cdp_key_send(struct cdp_page *page, const char *name, const char *code, unsigned modifiers, bool down);
struct cdp_reply *cdp_mouse_send(struct cdp_page *page, struct cdp_session *session, const char *type,
	double x, double y, int buttons, int count, bool right, unsigned modifiers);

/* network.c */
cJSON *cdp_network_durable(void); /* parameters of Network.configureDurableMessages */
void cdp_network_free(struct cdp_page *page);
void cdp_network_on_request(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_network_on_request_extra(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_network_on_response(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_network_on_finished(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_network_on_failed(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_network_on_paused(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_network_on_auth(void *browser, struct cdp_session *session, const cJSON *params);
/* Status and redirects of the document request LOADER; false when it is not known. */
bool cdp_network_visit(struct cdp_page *page, const char *loader, struct cdp_visit *visit);

#endif
