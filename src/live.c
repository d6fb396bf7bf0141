#include "src/live.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/page.h"
#include "cdp/screencast.h"
#include "src/channel.h"

#include <string.h>

enum { OPEN_MS = 10000, NOBODY = -1 };

struct viewer {
	bool looks;
	uint32_t sent, acked; /* pictures */
};

struct live {
	struct channel *channel;
	struct cdp_page *page;
	struct cdp_screencast *cast;
	struct viewer viewers[CHANNEL_PEERS_MAX];
	enum live_driver who;
	int driver;           /* a peer, or NOBODY */
	bool stays;           /* nobody may take the wheel now */
	int count;            /* of those who look */
	struct buf picture;   /* the last one, as it is sent */
	uint32_t seq;
};

/* The page of a run is its own again when nobody drives it. */
static void set_driver(struct live *l, int driver)
{
	l->driver = driver;
	if (l->who == LIVE_TAKER_DRIVES)
		cdp_screencast_driven(l->cast, driver != NOBODY);
}

struct live *live_open(struct channel *channel, struct cdp_page *page, enum live_driver who, struct error *err)
{
	struct cdp_screencast *cast = cdp_screencast_start(page, NULL, deadline_in_ms(OPEN_MS), err);

	if (!cast)
		return NULL;
	struct live *l = xcalloc(1, sizeof *l);
	*l = (struct live){ .channel = channel, .page = page, .cast = cast, .who = who, .driver = NOBODY };
	set_driver(l, NOBODY);
	cdp_screencast_stop(cast); /* nobody looks yet */
	return l;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	cdp_screencast_free(l->cast);
	buf_clear(&l->picture);
	free(l);
}

static void tell(struct live *l, int peer, const cJSON *message)
{
	(void)channel_send_json(l->channel, peer, message); /* one who is gone is found out by live_serve() */
}

static void tell_all(struct live *l, const cJSON *message)
{
	for (int i = 0; i < CHANNEL_PEERS_MAX; i++)
		if (l->viewers[i].looks)
			tell(l, i, message);
}

/* Each hears whether they drive, whether anybody does, and how many look. */
static void tell_roles(struct live *l)
{
	for (int i = 0; i < CHANNEL_PEERS_MAX; i++) {
		if (!l->viewers[i].looks)
			continue;
		AUTO(json) cJSON *role = json_object(JSON_STR("type", "role"), JSON_BOOL("driver", l->driver == i),
			JSON_BOOL("driven", l->driver != NOBODY), JSON_BOOL("isRun", l->who == LIVE_TAKER_DRIVES),
			JSON_INT("viewers", l->count));
		tell(l, i, role);
	}
}

static void join(struct live *l, int peer)
{
	l->viewers[peer] = (struct viewer){ .looks = true };
	l->count++;
	if (l->driver == NOBODY && l->who == LIVE_FIRST_DRIVES)
		set_driver(l, peer);
	cdp_screencast_refresh(l->cast);
	tell_roles(l);
}

static void leave(struct live *l, int peer)
{
	l->viewers[peer].looks = false;
	l->count--;
	if (l->driver == peer)
		set_driver(l, NOBODY);
	for (int i = 0; i < CHANNEL_PEERS_MAX && l->driver == NOBODY && l->who == LIVE_FIRST_DRIVES; i++)
		if (l->viewers[i].looks)
			set_driver(l, i);
	if (!l->count)
		cdp_screencast_stop(l->cast);
	tell_roles(l);
}

static void drive(struct live *l, int peer, bool take)
{
	set_driver(l, take && !l->stays ? peer : l->driver == peer ? NOBODY : l->driver);
	tell_roles(l);
}

void live_let_drive(struct live *l, bool may)
{
	l->stays = !may;
}

bool live_is_watched(const struct live *l)
{
	return l->count > 0;
}

bool live_is_driven(const struct live *l)
{
	return l->driver != NOBODY;
}

static void ack(struct live *l, int peer, const cJSON *message)
{
	int64_t seq = 0;

	if (!json_int(message, "seq", &seq) || seq < 0 || seq > UINT32_MAX)
		return;
	l->viewers[peer].acked = (uint32_t)seq;
	cdp_screencast_acked(l->cast, (uint32_t)seq); /* the fastest sets the pace; each has one picture on its way at most */
}

bool live_take(struct live *l, int peer, const cJSON *message)
{
	const char *type = json_str(message, "type");
	struct error why = { 0 };

	if (!strcmp(type, "view")) {
		/* Said once by each: the one who had this number before has hung up since live_serve() looked. */
		if (l->viewers[peer].looks)
			leave(l, peer);
		join(l, peer);
		return true;
	}
	if (!l->viewers[peer].looks)
		return false;
	if (!strcmp(type, "ack"))
		ack(l, peer, message);
	else if (!strcmp(type, "drive"))
		drive(l, peer, json_true(message, "take"));
	else if (l->driver == peer)
		(void)cdp_screencast_input(l->cast, message, &why); /* what makes no sense does nothing */
	return true;
}

static void take_picture(struct live *l)
{
	struct cdp_picture p;
	unsigned char head[CDP_PICTURE_HEADER];

	if (!l->count || !cdp_screencast_next(l->cast, &p))
		return;
	cdp_picture_header(&p, head);
	buf_reset(&l->picture);
	buf_append(&l->picture, head, sizeof head);
	buf_append(&l->picture, p.jpeg, p.size);
	l->seq = p.seq;
}

void live_serve(struct live *l)
{
	for (int i = 0; i < CHANNEL_PEERS_MAX; i++)
		if (l->viewers[i].looks && !channel_has(l->channel, i))
			leave(l, i);
	take_picture(l);
	for (cJSON *message; (message = cdp_screencast_message(l->cast)); cJSON_Delete(message))
		tell_all(l, message);
	for (int i = 0; i < CHANNEL_PEERS_MAX; i++) {
		struct viewer *v = &l->viewers[i];
		if (!v->looks || v->sent == l->seq || v->acked != v->sent || !l->picture.size)
			continue;
		v->sent = l->seq;
		(void)channel_send(l->channel, i, l->picture.data, l->picture.size); /* see tell() */
	}
}

struct deadline live_pause(const struct live *l)
{
	return cdp_screencast_pause(l->cast);
}
