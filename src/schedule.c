#include "src/schedule.h"

#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/cron.h"
#include "src/ending.h"
#include "src/events.h"
#include "src/store.h"
#include "src/zone.h"

#include <string.h>

enum {
	DAY_S = 86400,
	GRACE_S = 600,             /* a scheduler that looks each five minutes has missed nothing */
	RETRY_S = 300, RETRY_FACTOR = 4, RETRY_MAX_S = 7200,
	AGAIN_S = 60,              /* after what could not be started */
	MISSED_MAX = 100,          /* counted at most */
	JITTER_SHARE = 10,         /* of the time until the next one, at most a tenth */
	KEPT = 400,                /* rows of a schedule: a year and more of daily ones */
	SCHEDULES_MAX = 500,
};

struct schedule_self schedule_self(void)
{
	return (struct schedule_self){ getpid(), process_started(getpid()) };
}

void due_clear(struct due *due)
{
	cJSON_Delete(due->words);
	*due = (struct due){ 0 };
}

static void tell(struct store *store, int64_t id)
{
	/* Who watches hears of it with the next one. */
	(void)events_add(store, 0, "schedule.changed", json_object(JSON_INT("scheduleId", id)), NULL);
}

/* ---- when ---- */

/* What a schedule's times follow from. */
struct times {
	struct cron cron;
	struct zone *zone;
};

static void times_clear(struct times *t)
{
	zone_free(t->zone);
	t->zone = NULL;
}

static bool times_read(const char *cron, const char *zone, struct times *out, struct error *err)
{
	*out = (struct times){ 0 };
	return cron_read(cron, &out->cron, err) && (out->zone = zone_open(zone, err)) != NULL;
}

static bool next_of(const struct times *t, int64_t after, int64_t *next, struct error *err)
{
	return cron_next(&t->cron, t->zone, after, next) || fail(err, ERR_INPUT, "the schedule is never due again");
}

/* The last due time from FIRST to NOW, and how many come before it: looked for from behind, in steps that grow, since a
 * machine may have been off for a year. */
static bool latest_of(const struct times *t, int64_t first, int64_t now, int64_t *latest, int *before)
{
	int64_t from = now, at;

	for (int64_t span = 3600; from > first - 1; span *= 8) {
		from = now - span > first - 1 ? now - span : first - 1;
		if (cron_next(&t->cron, t->zone, from, &at) && at <= now)
			break;
		if (from == first - 1)
			return false;
	}
	for (*latest = at; cron_next(&t->cron, t->zone, *latest, &at) && at <= now;)
		*latest = at;
	*before = 0;
	for (at = first - 1; *before < MISSED_MAX && cron_next(&t->cron, t->zone, at, &at) && at < *latest;)
		++*before;
	return true;
}

/* The same for everybody who asks: a scheduler that begins anew must not throw the dice again. */
static int64_t jitter_of(int64_t schedule, int64_t due, int64_t next, int jitter_s)
{
	const int64_t share = (next - due) / JITTER_SHARE, max = jitter_s < share ? jitter_s : share;
	uint64_t x = (uint64_t)schedule * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)due;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9); /* splitmix64 */
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return max > 0 ? (int64_t)((x ^ x >> 31) % (uint64_t)(max + 1)) : 0;
}

static bool is_quiet(const struct zone *zone, int from, int to, int64_t now)
{
	const struct value_time clock = zone_clock(zone, now);
	const int minute = clock.hour * 60 + clock.minute;

	if (from == SCHEDULE_NEVER_QUIET || from == to)
		return false;
	return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* When the quiet hours are over. */
static int64_t quiet_until(const struct zone *zone, int to, int64_t now)
{
	AUTO(text) char *daily = xasprintf("%d %d * * *", to % 60, to / 60);
	struct cron cron;
	int64_t at;

	return cron_read(daily, &cron, NULL) && cron_next(&cron, zone, now, &at) ? at : now + DAY_S;
}

/* ---- adding and changing ---- */

bool schedule_read_hours(const char *text, int *from, int *to)
{
	int h1, m1, h2, m2, used = 0;

	if (sscanf(text, "%2d:%2d-%2d:%2d%n", &h1, &m1, &h2, &m2, &used) != 4 || !used || text[used] || h1 < 0 || h1 > 23 || h2 < 0
			|| h2 > 23 || m1 < 0 || m1 > 59 || m2 < 0 || m2 > 59)
		return false;
	*from = h1 * 60 + m1;
	*to = h2 * 60 + m2;
	return true;
}

bool schedule_add(struct store *store, const struct schedule *s, int64_t now, int64_t *id, struct error *err)
{
	AUTO(text) char *words = s->words ? json_print(s->words) : xstrdup("[]");
	struct times times = { 0 };
	int64_t next;
	const bool quiet = s->quiet_from != SCHEDULE_NEVER_QUIET;
	const bool ok = times_read(s->cron, s->zone, &times, err)
		&& next_of(&times, now, &next, err)
		&& store_do(store, "INSERT INTO schedules (platform, account, cron, zone, jitter_s, catch_up_s, quiet_from, quiet_to,"
			" attempts_max, words, next_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			SQL(SQL_TEXT(s->account.site->name), SQL_TEXT(s->account.name), SQL_TEXT(s->cron), SQL_TEXT(s->zone),
				SQL_INT(s->jitter_s), SQL_INT(s->catch_up_s), quiet ? SQL_INT(s->quiet_from) : SQL_NULL,
				quiet ? SQL_INT(s->quiet_to) : SQL_NULL, SQL_INT(s->attempts_max), SQL_TEXT(words), SQL_INT(next),
				SQL_INT(now)), err);

	times_clear(&times);
	if (!ok)
		return false;
	*id = store_last_id(store);
	tell(store, *id);
	return true;
}

static bool changed(struct store *store, int64_t id, struct error *err)
{
	if (!store_changed(store))
		return fail(err, ERR_INPUT, "there is no schedule %lld; see gabbai schedule list", (long long)id);
	tell(store, id);
	return true;
}

bool schedule_remove(struct store *store, int64_t id, struct error *err)
{
	return store_do(store, "DELETE FROM schedules WHERE id = ?", SQL(SQL_INT(id)), err) && changed(store, id, err);
}

/* What the schedule's row says of its times. */
static bool times_of(struct store *store, int64_t id, struct times *out, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT cron, zone FROM schedules WHERE id = ?", SQL(SQL_INT(id)), &why);

	*out = (struct times){ 0 };
	if (rows && rows_next(rows, &why))
		return times_read(rows_text(rows, 0), rows_text(rows, 1), out, err);
	if (why.code && err)
		*err = why;
	return why.code ? false : fail(err, ERR_INPUT, "there is no schedule %lld; see gabbai schedule list", (long long)id);
}

bool schedule_pause(struct store *store, int64_t id, bool paused, int64_t now, struct error *err)
{
	struct times times;
	int64_t next = now;
	const bool ok = times_of(store, id, &times, err) && next_of(&times, now, &next, err)
		&& store_do(store, "UPDATE schedules SET paused = ?2, next_at = ?3 WHERE id = ?1",
			SQL(SQL_INT(id), SQL_INT(paused), SQL_INT(next)), err)
		&& changed(store, id, err)
		&& (!paused || store_do(store, "UPDATE due_runs SET status = 'skipped', why = 'paused', ended_at = ?2"
			" WHERE schedule = ?1 AND status = 'waiting'", SQL(SQL_INT(id), SQL_INT(now)), err));

	times_clear(&times);
	return ok;
}

/* ---- what there is ---- */

static void add_moment(cJSON *json, const char *name, int64_t at)
{
	char text[32];

	value_instant_text(at, text);
	json_add(json, JSON_STR(name, text));
}

static cJSON *last_run(struct store *store, int64_t id)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT due_at, started_at, status, attempts, missed, run, exit_code, why,"
		" start_at FROM due_runs WHERE schedule = ? ORDER BY due_at DESC LIMIT 1", SQL(SQL_INT(id)), &why);

	if (!rows || !rows_next(rows, &why))
		return NULL;
	cJSON *run = json_object(JSON_STR("status", rows_text(rows, 2)), JSON_INT("attempts", rows_int(rows, 3)),
		JSON_INT("missed", rows_int(rows, 4)), JSON_STR("why", rows_text(rows, 7)));
	add_moment(run, "due", rows_int(rows, 0));
	if (!rows_is_null(rows, 1))
		add_moment(run, "startedAt", rows_int(rows, 1));
	if (!strcmp(rows_text(rows, 2), "waiting"))
		add_moment(run, "startsAt", rows_int(rows, 8));
	if (!rows_is_null(rows, 5))
		json_add(run, JSON_INT("runId", rows_int(rows, 5)));
	if (!rows_is_null(rows, 6))
		json_add(run, JSON_INT("exitCode", rows_int(rows, 6)));
	return run;
}

static cJSON *next_times(const char *cron, const char *zone, int count, int64_t now)
{
	cJSON *list = cJSON_CreateArray();
	struct times times;
	char text[32];

	for (bool ok = times_read(cron, zone, &times, NULL); ok && count > 0; count--)
		if ((ok = cron_next(&times.cron, times.zone, now, &now))) {
			value_instant_text(now, text);
			json_add(list, JSON_STR(NULL, text));
		}
	times_clear(&times);
	return list;
}

static cJSON *describe(struct store *store, struct rows *rows, int count, int64_t now)
{
	const char *words = rows_text(rows, 10);
	cJSON *json = json_object(JSON_INT("id", rows_int(rows, 0)), JSON_STR("site", rows_text(rows, 1)),
		JSON_STR("account", rows_text(rows, 2)), JSON_STR("cron", rows_text(rows, 3)), JSON_STR("timezone", rows_text(rows, 4)),
		JSON_INT("jitter", rows_int(rows, 5)), JSON_INT("catchUp", rows_int(rows, 6)),
		JSON_INT("attempts", rows_int(rows, 9)), JSON_BOOL("paused", rows_int(rows, 11)),
		JSON_NODE("options", json_parse(words, strlen(words), NULL)),
		JSON_NODE("next", rows_int(rows, 11) ? cJSON_CreateArray()
			: next_times(rows_text(rows, 3), rows_text(rows, 4), count, now)),
		JSON_NODE("lastRun", last_run(store, rows_int(rows, 0))));

	if (!rows_is_null(rows, 7)) {
		AUTO(text) char *quiet = xasprintf("%02d:%02d-%02d:%02d", (int)rows_int(rows, 7) / 60, (int)rows_int(rows, 7) % 60,
			(int)rows_int(rows, 8) / 60, (int)rows_int(rows, 8) % 60);
		json_add(json, JSON_STR("quiet", quiet));
	}
	return json;
}

cJSON *schedule_list(struct store *store, int64_t id, int count, int64_t now, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT id, platform, account, cron, zone, jitter_s, catch_up_s, quiet_from,"
		" quiet_to, attempts_max, words, paused FROM schedules WHERE ?1 = 0 OR id = ?1 ORDER BY id", SQL(SQL_INT(id)), &why);

	while (rows && rows_next(rows, &why))
		json_add(list, JSON_NODE(NULL, describe(store, rows, count, now)));
	if (!why.code && id && !cJSON_GetArraySize(list))
		fail(&why, ERR_INPUT, "there is no schedule %lld; see gabbai schedule list", (long long)id);
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

/* ---- a scheduler looks ---- */

static bool is_gone(struct schedule_self self, int64_t pid, int64_t started)
{
	return (pid != self.pid || started != self.started) && process_started((long)pid) != started;
}

/* Who claimed and is gone leaves it to others; who ran and is gone was interrupted. */
static bool settle(struct store *store, struct schedule_self self, int64_t now, struct error *err)
{
	struct error why = { 0 };
	struct { int64_t id; bool runs; } gone[DUE_MAX];
	size_t count = 0;
	struct rows *rows = store_ask(store, "SELECT id, pid, pid_started, status = 'running' FROM due_runs"
		" WHERE status IN ('claimed', 'running')", NULL, &why);

	while (rows && count < DUE_MAX && rows_next(rows, &why))
		if (is_gone(self, rows_int(rows, 1), rows_int(rows, 2))) {
			gone[count].id = rows_int(rows, 0);
			gone[count++].runs = rows_int(rows, 3) != 0;
		}
	rows_free(rows);
	for (size_t i = 0; i < count && !why.code; i++)
		(void)store_do(store, gone[i].runs ? "UPDATE due_runs SET status = 'failed', why = 'interrupted: its process ended',"
			" ended_at = ?2 WHERE id = ?1" : "UPDATE due_runs SET status = 'waiting', start_at = ?2 WHERE id = ?1",
			SQL(SQL_INT(gone[i].id), SQL_INT(now)), &why);
	if (why.code && err)
		*err = why;
	return !why.code;
}

/* One schedule's row. */
struct planned {
	int64_t id, next_at, catch_up_s, due, next;
	int jitter_s, missed;
	char cron[256], zone[ZONE_NAME_MAX];
	bool is_due;
};

static size_t read_planned(struct store *store, struct planned **out, struct error *err)
{
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT id, next_at, catch_up_s, jitter_s, cron, zone FROM schedules"
		" WHERE paused = 0 ORDER BY id", NULL, err);
	size_t count = 0;

	*out = xcalloc(SCHEDULES_MAX, sizeof **out);
	for (; rows && count < SCHEDULES_MAX && rows_next(rows, err); count++) {
		struct planned *p = &(*out)[count];
		*p = (struct planned){ .id = rows_int(rows, 0), .next_at = rows_int(rows, 1), .catch_up_s = rows_int(rows, 2),
			.jitter_s = (int)rows_int(rows, 3) };
		(void)snprintf(p->cron, sizeof p->cron, "%s", rows_text(rows, 4));
		(void)snprintf(p->zone, sizeof p->zone, "%s", rows_text(rows, 5));
	}
	return count;
}

static bool has_row(struct store *store, int64_t schedule, int64_t due, bool *has, struct error *err)
{
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT 1 FROM due_runs WHERE schedule = ? AND due_at = ?",
		SQL(SQL_INT(schedule), SQL_INT(due)), err);
	struct error why = { 0 };

	*has = rows && rows_next(rows, &why);
	if (why.code && err)
		*err = why;
	return rows && !why.code;
}

/* What P is due at, if anything, and when it is to be looked at again.  A zone that is no more there is a schedule that
 * waits for it. */
static bool find_due(struct store *store, struct planned *p, int64_t now, struct error *err)
{
	struct times times;
	bool has = true, ok = times_read(p->cron, p->zone, &times, NULL);

	p->next = p->next_at;
	if (ok && p->next_at <= now && latest_of(&times, p->next_at, now, &p->due, &p->missed)) {
		if (!has_row(store, p->id, p->due, &has, err))
			ok = false;
		p->is_due = ok && !has;
	}
	/* After a clock that was wrong there are rows for times to come. */
	int64_t at = now;
	for (has = ok; ok && has && cron_next(&times.cron, times.zone, at, &at);) {
		p->next = at;
		ok = has_row(store, p->id, at, &has, err);
	}
	times_clear(&times);
	return ok || !err || !err->code;
}

/* What is open of a schedule whose next time has come: what runs keeps it from starting, what waits gives way to it. */
static bool supersede(struct store *store, int64_t schedule, int64_t now, bool *busy, struct error *err)
{
	struct error why = { 0 };
	struct rows *rows = store_ask(store, "SELECT 1 FROM due_runs WHERE schedule = ? AND status IN ('claimed', 'running')",
		SQL(SQL_INT(schedule)), &why);

	*busy = rows && rows_next(rows, &why);
	rows_free(rows);
	if (why.code && err)
		*err = why;
	return !why.code && store_do(store, "UPDATE due_runs SET status = CASE attempts WHEN 0 THEN 'skipped' ELSE 'failed' END,"
		" why = coalesce(why || '; ', '') || 'the next one is due', ended_at = ?2 WHERE schedule = ?1 AND status = 'waiting'",
		SQL(SQL_INT(schedule), SQL_INT(now)), err);
}

static bool write_due(struct store *store, const struct planned *p, int64_t now, struct error *err)
{
	const int64_t late = now - p->due;
	const bool missed = p->catch_up_s >= 0 && late > p->catch_up_s + GRACE_S;
	const int64_t start = late > GRACE_S ? now : p->due + jitter_of(p->id, p->due, p->next, p->jitter_s);
	bool busy;

	if (!supersede(store, p->id, now, &busy, err))
		return false;
	const char *why = missed ? "it was missed" : busy ? "the run before it is still going on" : NULL;
	return store_do(store, "INSERT INTO due_runs (schedule, due_at, start_at, status, missed, why, ended_at)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			SQL(SQL_INT(p->id), SQL_INT(p->due), SQL_INT(start), SQL_TEXT(why ? "skipped" : "waiting"), SQL_INT(p->missed),
				SQL_TEXT(why), why ? SQL_INT(now) : SQL_NULL), err)
		&& store_do(store, "DELETE FROM due_runs WHERE schedule = ?1 AND status IN ('done', 'failed', 'skipped')"
			" AND id NOT IN (SELECT id FROM due_runs WHERE schedule = ?1 ORDER BY id DESC LIMIT ?2)",
			SQL(SQL_INT(p->id), SQL_INT(KEPT)), err);
}

static bool plan(struct store *store, int64_t now, struct error *err)
{
	struct error why = { 0 };
	struct planned *list = NULL;
	const size_t count = read_planned(store, &list, &why);

	for (size_t i = 0; i < count && !why.code; i++) {
		struct planned *p = &list[i];
		if (!find_due(store, p, now, &why) || (p->is_due && !write_due(store, p, now, &why)))
			break;
		if (p->next != p->next_at)
			(void)store_do(store, "UPDATE schedules SET next_at = ?2 WHERE id = ?1", SQL(SQL_INT(p->id), SQL_INT(p->next)),
				&why);
	}
	free(list);
	if (why.code && err)
		*err = why;
	return !why.code;
}

/* Of other runs of the same account that are under way. */
#define ACCOUNT_BUSY "EXISTS (SELECT 1 FROM due_runs o JOIN schedules t ON t.id = o.schedule" \
	" WHERE o.status IN ('claimed', 'running') AND t.platform = s.platform AND t.account = s.account)"

static size_t read_waiting(struct store *store, int64_t now, struct due *out, bool *quiet, size_t max, struct error *err)
{
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT d.id, s.platform || '/' || s.account, s.words, s.zone,"
		" coalesce(s.quiet_from, -1), coalesce(s.quiet_to, -1)"
		" FROM due_runs d JOIN schedules s ON s.id = d.schedule WHERE d.status = 'waiting' AND d.start_at <= ? AND s.paused = 0"
		" AND NOT " ACCOUNT_BUSY " ORDER BY d.start_at, d.id", SQL(SQL_INT(now)), err);
	size_t count = 0;

	while (rows && count < max && rows_next(rows, err)) {
		struct due *due = &out[count];
		*due = (struct due){ .id = rows_int(rows, 0) };
		if (!account_read(rows_text(rows, 1), &due->account, NULL))
			continue; /* of a site that this gabbai does not know */
		AUTO(zone) struct zone *zone = zone_open(rows_text(rows, 3), NULL);
		quiet[count] = zone && is_quiet(zone, (int)rows_int(rows, 4), (int)rows_int(rows, 5), now);
		due->no_login = quiet[count];
		due->words = json_parse(rows_text(rows, 2), strlen(rows_text(rows, 2)), NULL);
		count++;
	}
	return count;
}

static bool claim(struct store *store, struct schedule_self self, int64_t now, struct due *out, size_t max, size_t *count,
	struct error *err)
{
	struct error why = { 0 };
	bool quiet[DUE_MAX];
	const size_t waiting = read_waiting(store, now, out, quiet, max < DUE_MAX ? max : DUE_MAX, &why);

	for (size_t i = 0; i < waiting; i++) {
		/* Of two of one account the first. */
		if (!why.code && store_do(store, "UPDATE due_runs SET status = 'claimed', pid = ?2, pid_started = ?3, no_login = ?4"
				" WHERE id = ?1 AND status = 'waiting' AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = due_runs.schedule"
				" AND " ACCOUNT_BUSY ")",
				SQL(SQL_INT(out[i].id), SQL_INT(self.pid), SQL_INT(self.started), SQL_INT(quiet[i])), &why)
				&& store_changed(store)) {
			if (*count != i)
				out[*count] = out[i];
			++*count;
		} else {
			due_clear(&out[i]);
		}
	}
	if (why.code && err)
		*err = why;
	return !why.code;
}

/* Whether there is nothing to write: most looks are so, and keep nobody from writing. */
static bool is_idle(struct store *store, struct schedule_self self, int64_t now)
{
	struct error why = { 0 };
	struct planned *list = NULL;
	const size_t count = read_planned(store, &list, &why);
	bool idle = true;

	for (size_t i = 0; i < count && idle && !why.code; i++)
		idle = list[i].next_at > now && find_due(store, &list[i], now, &why) && list[i].next == list[i].next_at;
	free(list);
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT pid, pid_started, status = 'waiting' FROM due_runs"
		" WHERE status IN ('claimed', 'running') OR (status = 'waiting' AND start_at <= ?)", SQL(SQL_INT(now)), &why);
	while (idle && rows && rows_next(rows, &why))
		idle = !rows_int(rows, 2) && !is_gone(self, rows_int(rows, 0), rows_int(rows, 1));
	return idle && !why.code;
}

bool schedule_look(struct store *store, struct schedule_self self, int64_t now, struct due *out, size_t max, size_t *count,
	struct error *err)
{
	*count = 0;
	if (is_idle(store, self, now))
		return true;
	if (store_begin(store, err) && settle(store, self, now, err) && plan(store, now, err)
			&& claim(store, self, now, out, max, count, err) && store_commit(store, err))
		return true;
	store_rollback(store);
	for (; *count; --*count)
		due_clear(&out[*count - 1]);
	return false;
}

int64_t schedule_wake(struct store *store)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT min(at) FROM (SELECT next_at AS at FROM schedules WHERE paused = 0"
		" UNION ALL SELECT d.start_at FROM due_runs d JOIN schedules s ON s.id = d.schedule"
		" WHERE d.status = 'waiting' AND s.paused = 0 AND NOT " ACCOUNT_BUSY ")", NULL, &why);

	return rows && rows_next(rows, &why) && !rows_is_null(rows, 0) ? rows_int(rows, 0) : INT64_MAX;
}

bool schedule_give_back(struct store *store, int64_t due, const char *why, int64_t now, struct error *err)
{
	/* What never begins would be started for ever. */
	return store_do(store, "UPDATE due_runs SET attempts = attempts + (?3 IS NOT NULL), start_at = ?2, why = ?3, status = CASE"
		" WHEN ?3 IS NOT NULL AND attempts + 1 >= (SELECT attempts_max FROM schedules WHERE id = schedule) THEN 'failed'"
		" ELSE 'waiting' END WHERE id = ?1 AND status = 'claimed'",
		SQL(SQL_INT(due), SQL_INT(now + AGAIN_S), SQL_TEXT(why)), err);
}

/* ---- the run ---- */

bool schedule_take(struct store *store, int64_t due, struct schedule_self self, int64_t now, struct error *err)
{
	return store_do(store, "UPDATE due_runs SET status = 'running', pid = ?2, pid_started = ?3, started_at = ?4,"
			" attempts = attempts + 1, why = NULL WHERE id = ?1 AND status = 'claimed'",
			SQL(SQL_INT(due), SQL_INT(self.pid), SQL_INT(self.started), SQL_INT(now)), err)
		&& (store_changed(store) || fail(err, ERR_LOCKED, "the due run %lld was started already", (long long)due));
}

struct outcome {
	const char *status;
	int64_t start_at; /* of one that waits again */
	int attempts;     /* to take back: one that did not count */
};

/* What becomes of a due run that has ended with CODE: ROWS is it and its schedule. */
static struct outcome outcome_of(struct rows *rows, int code, int64_t now)
{
	const int attempts = (int)rows_int(rows, 0);
	const bool passes = code == EXIT_TEMPORARY || code == EXIT_LOCKED;
	int64_t wait = RETRY_S;

	if (code == EXIT_OK || code == EXIT_PARTIAL)
		return (struct outcome){ "done", now, 0 };
	if (rows_int(rows, 2) && code == EXIT_RECONNECT) {
		AUTO(zone) struct zone *zone = zone_open(rows_text(rows, 3), NULL);
		return (struct outcome){ "waiting", zone ? quiet_until(zone, (int)rows_int(rows, 4), now) : now + DAY_S, 1 };
	}
	if (!passes || attempts >= rows_int(rows, 1))
		return (struct outcome){ "failed", now, 0 };
	for (int i = 1; i < attempts && wait < RETRY_MAX_S; i++)
		wait *= RETRY_FACTOR;
	return (struct outcome){ "waiting", now + (wait < RETRY_MAX_S ? wait : RETRY_MAX_S), 0 };
}

bool schedule_end(struct store *store, int64_t due, int64_t run, int code, const char *why, int64_t now, struct error *err)
{
	struct error unread = { 0 };
	struct rows *rows = store_ask(store, "SELECT d.attempts, s.attempts_max, d.no_login, s.zone, coalesce(s.quiet_to, 0), s.id"
		" FROM due_runs d JOIN schedules s ON s.id = d.schedule WHERE d.id = ? AND d.status = 'running'", SQL(SQL_INT(due)),
		&unread);
	const bool there = rows && rows_next(rows, &unread);
	const struct outcome outcome = there ? outcome_of(rows, code, now) : (struct outcome){ 0 };
	const int64_t schedule = there ? rows_int(rows, 5) : 0;

	rows_free(rows);
	if (unread.code && err)
		*err = unread;
	if (!there)
		return !unread.code; /* the schedule was removed meanwhile */
	const bool ended = strcmp(outcome.status, "waiting") != 0;
	if (!store_do(store, "UPDATE due_runs SET status = ?2, start_at = CASE ?2 WHEN 'waiting' THEN ?3 ELSE start_at END,"
			" attempts = attempts - ?4, run = nullif(?5, 0), exit_code = ?6, why = ?7, ended_at = ?8 WHERE id = ?1"
			" AND status = 'running'",
			SQL(SQL_INT(due), SQL_TEXT(outcome.status), SQL_INT(outcome.start_at), SQL_INT(outcome.attempts), SQL_INT(run),
				SQL_INT(code), SQL_TEXT(why), ended ? SQL_INT(now) : SQL_NULL), err))
		return false;
	tell(store, schedule);
	return true;
}

void due_command(const struct due *due, struct due_words *out)
{
	size_t count = 0;
	const cJSON *word;

	(void)snprintf(out->account, sizeof out->account, "%s/%s", due->account.site->name, due->account.name);
	(void)snprintf(out->number, sizeof out->number, "%lld", (long long)due->id);
	const char *const words[] = { "run", out->account, "--due", out->number, "--no-input", due->no_login ? "--no-login" : NULL };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i])
			out->list[count++] = words[i];
	cJSON_ArrayForEach(word, due->words)
		if (cJSON_IsString(word) && count < DUE_WORDS_MAX - 1)
			out->list[count++] = word->valuestring;
	out->list[count] = NULL;
}
