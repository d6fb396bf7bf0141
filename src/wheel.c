#include "src/wheel.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "src/channel.h"
#include "src/live.h"

#include <string.h>

struct wheel {
	struct cdp_page *page;
	struct channel *channel;
	int slot;          /* of the channel in the connection's wait */
	struct live *live; /* NULL: nobody has looked yet */
	bool may_look, was_held;
};

struct wheel *wheel_open(struct cdp_page *page, bool may_look, struct error *err)
{
	struct channel *channel = channel_open(err);

	if (!channel)
		return NULL;
	struct wheel *w = xcalloc(1, sizeof *w);
	*w = (struct wheel){ .page = page, .channel = channel, .may_look = may_look,
		.slot = page ? cdp_conn_add_fd(cdp_page_conn(page), channel_fd(channel)) : -1 };
	return w;
}

void wheel_close(struct wheel *w)
{
	if (!w)
		return;
	live_close(w->live);
	if (w->slot >= 0)
		cdp_conn_remove_fd(cdp_page_conn(w->page), w->slot);
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
	if (w->live)
		live_serve(w->live);
	return NULL;
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
