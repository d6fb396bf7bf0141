#include "src/history.h"

#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/account.h"
#include "src/ending.h"
#include "src/events.h"

#include <stdlib.h>
#include <time.h>

enum { OPEN_MAX = 64 };

struct gone {
	int64_t id;
	char *site, *account;
};

/* Runs that never said how they ended, and whose process is no more. */
static size_t find_gone(struct store *store, struct gone gone[OPEN_MAX], struct error *err)
{
	size_t count = 0;
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT id, pid, pid_started, platform, account FROM runs"
		" WHERE ended_at IS NULL", NULL, err);

	while (rows && count < OPEN_MAX && rows_next(rows, err))
		if (process_started((long)rows_int(rows, 1)) != rows_int(rows, 2))
			gone[count++] = (struct gone){ rows_int(rows, 0), xstrdup(rows_text(rows, 3)), xstrdup(rows_text(rows, 4)) };
	return count;
}

/* Of several who find out, one tells. */
static bool tell_gone(struct store *store, const struct gone *run, struct error *err)
{
	static const char type[] = "INTERRUPTED", why[] = "its process ended";

	if (!store_do(store, "UPDATE runs SET ended_at = ?2, error_type = ?3, error = ?4 WHERE id = ?1 AND ended_at IS NULL",
			SQL(SQL_INT(run->id), SQL_INT(time(NULL)), SQL_TEXT(type), SQL_TEXT(why)), err))
		return false;
	return !store_changed(store) || events_add(store, run->id, "run.finished", json_object(JSON_INT("runId", run->id),
		JSON_STR("site", run->site), JSON_STR("account", run->account), JSON_BOOL("success", false),
		JSON_STR("errorType", type), JSON_STR("error", why), JSON_INT("rows", 0), JSON_INT("newRows", 0)), err);
}

bool history_settle(struct store *store, struct error *err)
{
	struct error why = { 0 };
	struct gone gone[OPEN_MAX];
	const size_t count = find_gone(store, gone, &why);

	for (size_t i = 0; i < count; i++) {
		if (!why.code)
			(void)tell_gone(store, &gone[i], &why); /* looked at below */
		free(gone[i].site);
		free(gone[i].account);
	}
	if (why.code && err)
		*err = why;
	return !why.code;
}

int64_t history_begin(struct store *store, const struct site_account *a, struct error *err)
{
	const bool ok = history_settle(store, err)
		&& store_do(store, "INSERT INTO runs (platform, account, started_at, pid, pid_started) VALUES (?, ?, ?, ?, ?)",
			SQL(SQL_TEXT(a->site->name), SQL_TEXT(a->name), SQL_INT(time(NULL)), SQL_INT(getpid()),
				SQL_INT(process_started(getpid()))), err);

	return ok ? store_last_id(store) : 0;
}

bool history_end(struct store *store, int64_t id, const char *tier, const struct error *failure, int64_t rows_seen,
	int64_t rows_new, struct error *err)
{
	const struct ending ending = failure ? ending_of(failure) : (struct ending){ EXIT_OK, NULL };

	return store_do(store, "UPDATE runs SET ended_at = ?2, tier = ?3, exit_code = ?4, error_type = ?5, error = ?6,"
		" rows_seen = ?7, rows_new = ?8 WHERE id = ?1",
		SQL(SQL_INT(id), SQL_INT(time(NULL)), SQL_TEXT(tier), SQL_INT(ending.code), SQL_TEXT(ending.type),
			SQL_TEXT(failure ? failure->text : NULL), SQL_INT(rows_seen), SQL_INT(rows_new)), err);
}

long history_process(struct store *store, int64_t id)
{
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT pid, pid_started FROM runs WHERE id = ? AND ended_at IS NULL",
		SQL(SQL_INT(id)), NULL);
	const long pid = rows && rows_next(rows, NULL) ? (long)rows_int(rows, 0) : 0;

	return pid > 0 && process_started(pid) == rows_int(rows, 1) ? pid : 0;
}

#define RUN_COLUMNS "id, platform, account, started_at, ended_at, tier, exit_code, error_type, error, rows_seen, rows_new"

static cJSON *run_object(struct rows *rows)
{
	char start[32], end[32];

	value_instant_text(rows_int(rows, 3), start);
	value_instant_text(rows_int(rows, 4), end);
	return json_object(
		JSON_INT("id", rows_int(rows, 0)),
		JSON_STR("site", rows_text(rows, 1)),
		JSON_STR("account", rows_text(rows, 2)),
		JSON_STR("startedAt", start),
		JSON_STR("endedAt", rows_is_null(rows, 4) ? NULL : end),
		JSON_STR("tier", rows_text(rows, 5)),
		JSON_NODE("exitCode", rows_is_null(rows, 6) ? NULL : cJSON_CreateNumber((double)rows_int(rows, 6))),
		JSON_STR("errorType", rows_text(rows, 7)),
		JSON_STR("error", rows_text(rows, 8)),
		JSON_INT("rows", rows_int(rows, 9)),
		JSON_INT("newRows", rows_int(rows, 10)));
}

cJSON *history_list(struct store *store, const char *site, int max, struct error *err)
{
	struct error why = { 0 };
	(void)history_settle(store, NULL); /* what cannot be written is told as it is */
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT " RUN_COLUMNS " FROM runs WHERE ?1 IS NULL OR platform = ?1"
		" ORDER BY id DESC LIMIT ?2", SQL(SQL_TEXT(site), SQL_INT(max)), &why);

	while (rows && rows_next(rows, &why))
		json_add(list, JSON_NODE(NULL, run_object(rows)));
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

cJSON *history_run(struct store *store, int64_t id, struct error *err)
{
	struct error why = { 0 };
	(void)history_settle(store, NULL); /* see history_list() */
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT " RUN_COLUMNS " FROM runs WHERE id = ?", SQL(SQL_INT(id)), &why);
	const bool there = rows && rows_next(rows, &why);

	if (there)
		return run_object(rows);
	if (!why.code)
		fail(&why, ERR_INPUT, "there is no run %lld; see gabbai history", (long long)id);
	if (err)
		*err = why;
	return NULL;
}
