/* What the files of a screencast share: screencast.c has its life, pictures and tabs; focus.c what has the focus;
 * hand.c the person's input. */
#ifndef CDP_SCREENCAST_IMPL_H
#define CDP_SCREENCAST_IMPL_H

#include "cdp/page_impl.h"
#include "cdp/screencast.h"

enum {
	TABS_MAX = 16,     /* a page that opens more is not shown them */
	TOUCHES_MAX = 10,
};

/* A message that was told, and whether it waits to be taken.  Of each kind the newest counts. */
enum told { TOLD_STATUS, TOLD_TABS, TOLD_FOCUS, TOLD_DIALOG, TOLD_COPIED, TOLD_STALLED, TOLD_END, TOLD_COUNT };

/* A frame whose document our script watches, or will. */
struct spot {
	struct spot *next; /* struct spot, of a tab */
	char frame_id[CDP_ID_MAX];
	unsigned document;       /* that of the frame it was made for */
	struct cdp_reply *asked; /* for our world, then for the script's run; NULL: done */
	bool installing;         /* ASKED is the latter */
	int tries;
	struct deadline again;   /* when it failed */
};

/* A focus that is told once its place is known: the frames around it may be drawn in other processes. */
struct placing {
	cJSON *focus;            /* NULL: nothing is placed */
	char frame_id[CDP_ID_MAX]; /* whose owner is measured */
	struct cdp_reply *asked;
	bool measuring;          /* ASKED is the box, not the node */
};

struct tab {
	struct cdp_page *page;
	unsigned tree_changes;         /* at the last look */
	bool looked;
	bool followed;                 /* a window that another tab opened: not the caller's */
	struct spot *spots;
	char *title;
	cJSON *focus;                     /* NULL: none */
	char focus_frame[CDP_ID_MAX];     /* that has it */
	char here[CDP_ID_MAX];            /* the frame that was touched last */
	struct placing placing;
};

struct cdp_screencast {
	struct cdp_conn *conn;
	struct cdp_screencast_opts opts;
	struct tab tabs[TABS_MAX];
	size_t tab_count, active;
	char root_id[CDP_ID_MAX];    /* target of the page that was asked for */
	enum cdp_dialog_policy policy; /* of that page, before */
	bool watched;              /* nobody drives: dialogs are answered by that policy */
	enum error_code ended;       /* why there is no tab any more */

	/* Pictures. */
	bool running;             /* the active tab's are made */
	cJSON *newest;            /* Page.screencastFrame's params; NULL: none that was not given out */
	uint32_t newest_seq;
	struct cdp_picture last;  /* its jpeg is owned */
	double offset_top;        /* of the view in it, in CSS pixels */
	bool again;               /* the last one is to be given out again */
	uint32_t acked_seq;       /* by the viewer */
	int in_flight;            /* pictures that the browser has no acknowledgement of */
	int64_t flight_id;        /* the browser's number of the running cast */
	int burst;                /* pictures one behind the other */
	int unused;               /* leaves since the last picture */
	bool lost;                /* the browser may have had a picture and no leave to send it */
	int64_t leave_us, frame_us; /* when the browser got its last leave, when its last picture came */
	int64_t restart_us;       /* when its cast began */
	int64_t hand_us;          /* when the person did something last */
	int view_width, view_height; /* of the viewer's picture, in pixels; 0: not known */

	/* Messages. */
	cJSON *told[TOLD_COUNT];  /* the last of each, to tell those who join */
	bool waiting[TOLD_COUNT];

	/* Input. */
	unsigned buttons;         /* that are down, as CDP counts them */
	int clicks;
	int64_t click_us;
	double click_x, click_y;
	struct cdp_touch {
		int64_t id;
		double x, y;
	} touches[TOUCHES_MAX];
	size_t touch_count;
	bool composing;
	struct cdp_reply *probe;  /* the answer to some input; NULL: none is waited for */
	int64_t probe_us;
	bool stalled;
	struct cdp_reply *copying;
};

/* screencast.c */
void cdp_screencast_on_frame(void *browser, struct cdp_session *session, const cJSON *params);
void cdp_screencast_page_gone(struct cdp_page *page); /* freed under the screencast */
struct tab *cdp_screencast_tab(struct cdp_screencast *cast); /* the active one; NULL: none */
/* Makes MESSAGE (taken) the newest of its kind, unless it says what is known. */
void cdp_screencast_tell(struct cdp_screencast *cast, enum told kind, cJSON *message);
void cdp_screencast_activate(struct cdp_screencast *cast, size_t index);
/* A picture of now comes, whether anything changes or not. */
void cdp_screencast_restart(struct cdp_screencast *cast);

/* focus.c */
void cdp_focus_serve(struct cdp_screencast *cast, struct tab *tab);
void cdp_focus_end(struct tab *tab, bool gone);
/* Calls gabbai.live.FUNCTION in the frame; NULL when that is not possible. */
struct cdp_reply *cdp_focus_call(struct tab *tab, const char *frame_id, const char *function, const cJSON *args);

/* hand.c */
void cdp_hand_serve(struct cdp_screencast *cast);
struct deadline cdp_hand_pause(const struct cdp_screencast *cast);

#endif
