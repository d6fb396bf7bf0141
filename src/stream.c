#include "src/stream.h"

#include "cdp/base/error.h"
#include "src/store.h"

#include <inttypes.h>
#include <string.h>

enum { KEPT = 512, SAY_MAX = 65536, BATCH = 100 };

struct event {
	int64_t id, run;
	char *name, *data;
};

struct events_feed {
	struct store *store;
	struct event ring[KEPT];
	size_t count, first;
	int64_t last;
};

struct stream {
	struct events_feed *feed;
	struct stream_opts opts;
	int64_t seen;
	bool begun, over, waits_for_run;
	char *failure;
};

/* ---- the feed ---- */

struct events_feed *feed_open(struct store *store)
{
	struct events_feed *feed = xcalloc(1, sizeof *feed);
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT max(id) FROM run_events", NULL, &why);

	feed->store = store;
	feed->last = rows && rows_next(rows, &why) ? rows_int(rows, 0) : 0;
	return feed;
}

static void event_clear(struct event *e)
{
	free(e->name);
	free(e->data);
}

void feed_close(struct events_feed *feed)
{
	for (size_t i = 0; feed && i < feed->count; i++)
		event_clear(&feed->ring[(feed->first + i) % KEPT]);
	free(feed);
}

static void keep(struct events_feed *feed, const struct event *e)
{
	if (feed->count == KEPT) {
		event_clear(&feed->ring[feed->first]);
		feed->first = (feed->first + 1) % KEPT;
		feed->count--;
	}
	feed->ring[(feed->first + feed->count++) % KEPT] = *e;
	feed->last = e->id;
}

static struct rows *events_after(struct store *store, int64_t id, struct error *err)
{
	return store_ask(store, "SELECT id, coalesce(run, 0), name, data FROM run_events WHERE id > ? ORDER BY id LIMIT ?",
		SQL(SQL_INT(id), SQL_INT(BATCH)), err);
}

bool feed_read(struct events_feed *feed, void (*each)(void *owner, int64_t run, const char *name, const cJSON *data), void *owner)
{
	bool any = false;

	for (size_t count = BATCH; count == BATCH;) {
		struct error why = { 0 };
		AUTO(rows) struct rows *rows = events_after(feed->store, feed->last, &why);
		for (count = 0; rows && rows_next(rows, &why); count++) {
			const struct event e = { rows_int(rows, 0), rows_int(rows, 1), xstrdup(rows_text(rows, 2)),
				xstrdup(rows_text(rows, 3)) };
			keep(feed, &e);
			AUTO(json) cJSON *data = each ? json_parse(e.data, strlen(e.data), NULL) : NULL;
			if (each)
				each(owner, e.run, e.name, data);
			any = true;
		}
	}
	return any;
}

int64_t feed_last(const struct events_feed *feed)
{
	return feed->last;
}

/* ---- a stream ---- */

struct stream *stream_new(struct events_feed *feed, const struct stream_opts *opts)
{
	struct stream *s = xcalloc(1, sizeof *s);

	*s = (struct stream){ .feed = feed, .opts = *opts, 		.seen = opts->from < 0 ? feed->last : opts->from,
		.waits_for_run = opts->as_run_stream && !opts->run };
	return s;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	cJSON_Delete(s->opts.snapshot);
	free(s->failure);
	free(s);
}

void stream_set_run(struct stream *s, int64_t run)
{
	s->opts.run = run;
	s->waits_for_run = false;
}

static void say(struct buf *out, int64_t id, const char *name, const char *data)
{
	if (id)
		buf_printf(out, "id: %" PRId64 "\n", id);
	buf_printf(out, "event: %s\ndata: ", name);
	buf_puts(out, data);
	buf_puts(out, "\n\n");
}

static void say_json(struct buf *out, int64_t id, const char *name, cJSON *data)
{
	AUTO(json) cJSON *own = data;
	AUTO(text) char *text = json_print(own);

	say(out, id, name, text);
}

void stream_fail(struct stream *s, const char *type, const char *message)
{
	AUTO(json) cJSON *json = json_object(JSON_STR("type", type), JSON_STR("message", message));

	if (s->waits_for_run)
		s->failure = json_print(json);
}

/* How far a run is, as people count who know its phases. */
static int percent_of(const char *phase)
{
	static const struct { const char *part; int percent; } steps[] = {
		{ "opening", 10 }, { "signing in", 20 }, { "code", 25 }, { "approval", 25 }, { "saved session", 20 },
		{ "cards", 45 }, { "reading", 65 },
	};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (strstr(phase, steps[i].part))
			return steps[i].percent;
	return 15;
}

/* The same event in the words of run-stream. */
static void say_as_run_stream(struct stream *s, struct buf *out, const struct event *e)
{
	AUTO(json) cJSON *data = json_parse(e->data, strlen(e->data), NULL);
	const char *phase = json_str(data, "phase");

	if (!strcmp(e->name, "run.phase") && phase) {
		json_add(data, JSON_STR("step", phase));
		json_add(data, JSON_STR("message", phase));
		json_add(data, JSON_INT("percent", percent_of(phase)));
		say_json(out, e->id, "progress", TAKE(data));
	} else if (!strcmp(e->name, "run.finished")) {
		const bool ok = json_true(data, "success");
		s->over = true;
		say_json(out, e->id, ok ? "complete" : "error", ok
			? json_object(JSON_STR("message", "complete"), JSON_INT("percent", 100),
				JSON_NODE("summary", cJSON_Duplicate(data, true)))
			: json_object(JSON_STR("message", json_str(data, "error")), JSON_STR("type", json_str(data, "errorType")),
				JSON_NODE("summary", cJSON_Duplicate(data, true))));
	} else if (!strcmp(e->name, "run.started")) {
		say(out, e->id, "progress", "{\"step\":\"started\",\"message\":\"started\",\"percent\":0}");
	} else {
		say(out, e->id, e->name, e->data);
	}
}

static void take(struct stream *s, struct buf *out, const struct event *e)
{
	s->seen = e->id;
	if ((s->opts.run || s->opts.questions) && e->run != s->opts.run)
		return;
	if (s->opts.questions && strncmp(e->name, "OTP_", 4) != 0)
		return;
	if (s->opts.as_run_stream)
		say_as_run_stream(s, out, e);
	else
		say(out, e->id, e->name, e->data);
}

/* From the database, for a stream that is further behind than the feed remembers. */
static void catch_up(struct stream *s, struct buf *out)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = events_after(s->feed->store, s->seen, &why);

	while (rows && rows_next(rows, &why)) {
		struct event e = { rows_int(rows, 0), rows_int(rows, 1), xstrdup(rows_text(rows, 2)), xstrdup(rows_text(rows, 3)) };
		take(s, out, &e);
		event_clear(&e);
	}
}

static void begin(struct stream *s, struct buf *out)
{
	s->begun = true;
	buf_puts(out, "retry: 2000\n\n");
	if (s->opts.snapshot)
		say_json(out, s->seen, "snapshot", TAKE(s->opts.snapshot));
}

bool stream_say(struct stream *s, struct buf *out)
{
	struct events_feed *feed = s->feed;

	if (!s->begun)
		begin(s, out);
	if (s->failure) {
		say(out, 0, "error", s->failure);
		return false;
	}
	while (!s->waits_for_run && !s->over && s->seen < feed->last && out->size < SAY_MAX) {
		if (!feed->count || feed->ring[feed->first].id > s->seen + 1) {
			const int64_t before = s->seen;
			catch_up(s, out);
			if (s->seen == before)
				s->seen = feed->last; /* what it missed is forgotten */
			continue;
		}
		for (size_t i = 0; i < feed->count && !s->over && out->size < SAY_MAX; i++) {
			const struct event *e = &feed->ring[(feed->first + i) % KEPT];
			if (e->id > s->seen)
				take(s, out, e);
		}
	}
	return !s->over;
}

void stream_ping(struct stream *s, struct buf *out)
{
	(void)s;
	buf_puts(out, ": ping\n\n");
}
