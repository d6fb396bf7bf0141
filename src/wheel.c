#include "src/wheel.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "src/channel.h"
#include "src/live.h"

#include <string.h>

struct wheel {
	struct cdp_page *page; /* NULL: there is none to be shown */
	struct channel *channel;
	int slot;          /* of the channel in the connection's wait; -1: it does not wait for it */
	struct live *live; /* NULL: nobody has looked yet */
	bool may_look, may_drive, was_held;
};

char *wheel_name(pid_t pid)
{
	return xasprintf("run-%d.sock", (int)pid);
}

struct wheel *wheel_open(const char *name, struct cdp_page *page, bool may_look, struct error *err)
{
	struct channel *channel = channel_open_at(name, err);

	if (!channel)
		return NULL;
	struct wheel *w = xcalloc(1, sizeof *w);
	*w = (struct wheel){ .page = page, .channel = channel, .slot = -1, .may_look = may_look, .may_drive = true };
	return w;
}

void wheel_listen(struct wheel *w, bool listens)
{
	struct cdp_conn *conn = w->page ? cdp_page_conn(w->page) : NULL;

	if (!conn)
		return; /* whoever asks looks by itself */
	if (listens && w->slot < 0) {
		w->slot = cdp_conn_add_fd(conn, channel_fd(w->channel));
	} else if (!listens && w->slot >= 0) {
		cdp_conn_remove_fd(conn, w->slot);
		w->slot = -1;
	}
}

void wheel_begin(struct wheel *w, bool may_drive)
{
	w->was_held = false;
	w->may_drive = may_drive;
	if (w->live)
		live_let_drive(w->live, may_drive);
}

void wheel_close(struct wheel *w)
{
	if (!w)
		return;
	live_close(w->live);
	wheel_listen(w, false);
	channel_close(w->channel);
	free(w);
}

const char *wheel_channel(const struct wheel *w)
{
	return channel_path(w->channel);
}

void wheel_reply(struct wheel *w, int peer, int status, const char *message)
{
	AUTO(json) cJSON *json = json_object(JSON_INT("status", status), JSON_STR("message", message));

	(void)channel_send_json(w->channel, peer, json); /* who is gone is not told */
}

/* Whether MESSAGE is one of the view.  A run that nobody looks at has none. */
static bool take_view(struct wheel *w, int peer, const cJSON *message)
{
	const char *type = json_str(message, "type");
	struct error why = { 0 };

	if (!type)
		return false;
	if (!w->live && w->may_look && !strcmp(type, "view")
			&& !(w->live = live_open(w->channel, w->page, LIVE_TAKER_DRIVES, &why)))
		log_line(LOG_WARN, "the page cannot be shown: %s", why.text);
	if (w->live)
		live_let_drive(w->live, w->may_drive);
	if (!w->live || !live_take(w->live, peer, message))
		wheel_reply(w, peer, 422, "this is not understood here");
	w->was_held = w->was_held || wheel_is_held(w);
	return true;
}

cJSON *wheel_next(struct wheel *w, int *peer)
{
	for (cJSON *message; (message = channel_next(w->channel, peer)); cJSON_Delete(message))
		if (!take_view(w, *peer, message))
			return message;
	if (!w->live)
		return NULL;
	live_serve(w->live);
	if (!live_is_watched(w->live)) { /* the page is as if nobody had looked */
		live_close(w->live);
		w->live = NULL;
	}
	return NULL;
}

void wheel_hang_up(struct wheel *w, int peer)
{
	channel_hang_up(w->channel, peer);
}

/* Nobody is asked anything now. */
static void hear(struct wheel *w)
{
	int peer;

	for (cJSON *message; (message = wheel_next(w, &peer)); cJSON_Delete(message))
		wheel_hang_up(w, peer);
}

static bool await_return(struct wheel *w, struct error *err)
{
	const struct deadline until = deadline_in_ms(WHEEL_HELD_MS);
	struct error why = { 0 };

	while (wheel_is_held(w)) {
		if (deadline_passed(until))
			return fail(err, ERR_CODE_TIMEOUT, "the wheel was not given back in time");
		if (!cdp_conn_wait(cdp_page_conn(w->page), wheel_pause(w, until), &why) && why.code != ERR_TIMEOUT) {
			if (err)
				*err = why;
			return false;
		}
		hear(w);
	}
	return true;
}

bool wheel_wait(struct wheel *w, struct deadline until, bool *held, struct error *err)
{
	struct cdp_conn *conn = cdp_page_conn(w->page);

	if (w->slot >= 0) /* something is asked, and who asks hears it */
		return cdp_conn_wait(conn, wheel_pause(w, until), err);
	wheel_listen(w, true);
	bool ok = cdp_conn_wait(conn, wheel_pause(w, until), err);
	hear(w);
	*held = wheel_is_held(w);
	if (*held)
		ok = await_return(w, err);
	wheel_listen(w, false);
	return ok;
}

bool wheel_is_held(const struct wheel *w)
{
	return w->live && live_is_driven(w->live);
}

bool wheel_was_held(const struct wheel *w)
{
	return w->was_held;
}

struct deadline wheel_pause(const struct wheel *w, struct deadline until)
{
	return w->live ? deadline_sooner(until, live_pause(w->live)) : until;
}
