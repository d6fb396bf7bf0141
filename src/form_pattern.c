#include "src/form_pattern.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/form.h"
#include "src/form_site.h"
#include "src/store.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
	PATTERN_MAX = 256 << 10, /* a query of GraphQL with all its fragments is 10 KB */
	FAILURES_MAX = 3,
	TRIES_MIN = 5,           /* before a rate says anything */
	WAIT_MAX_S = 86400,
};

void form_pattern_clear(struct form_pattern *pattern)
{
	free(pattern->id);
	cJSON_Delete(pattern->json);
	*pattern = (struct form_pattern){ 0 };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of fields and files, each once. */
static char *names_of(const struct form_request *r)
{
	const char *names[FORM_FIELDS_MAX + FORM_FILES_MAX];
	size_t count = 0;
	struct buf out = { 0 };

	for (size_t i = 0; i < r->field_count; i++)
		names[count++] = r->fields[i].name;
	for (size_t i = 0; i < r->file_count; i++)
		names[count++] = r->files[i].name;
	if (count)
		qsort(names, count, sizeof *names, by_text);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(names[i], names[i - 1]) != 0)
			buf_printf(&out, "%s%s", i ? "," : "", names[i]);
	return buf_take(&out);
}

bool form_pattern_find(struct store *store, const struct form_request *request, struct form_pattern *out, struct error *err)
{
	struct error why = { 0 };
	AUTO(text) char *url = site_kept(request->url);
	AUTO(text) char *names = names_of(request);
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT id, pattern, times_used, times_failed, failed_in_row FROM form_patterns"
		" WHERE form_url = ? AND form_selector = ? AND names = ?",
		SQL(SQL_TEXT(url), SQL_TEXT(request->selector ? request->selector : ""), SQL_TEXT(names)), &why);

	form_pattern_clear(out);
	if (rows && rows_next(rows, &why)) {
		const char *text = rows_text(rows, 1);
		*out = (struct form_pattern){ .id = xstrdup(rows_text(rows, 0)), .json = json_parse(text, strlen(text), NULL),
			.used = rows_int(rows, 2), .failed = rows_int(rows, 3), .failed_in_row = rows_int(rows, 4) };
	}
	if (why.code && err)
		*err = why;
	return !why.code;
}

bool form_pattern_is_good(const struct form_pattern *p)
{
	return p->json && p->failed_in_row < FAILURES_MAX && (p->used + p->failed < TRIES_MIN || p->used >= p->failed);
}

/* "form:example.com:1700000000123": no two of a moment. */
static char *new_id(const cJSON *json, const char *host)
{
	static const char *const prefixes[][2] = { { "graphql", "graphql" }, { "json-rpc", "json-rpc" },
		{ "server-action", "server-action" }, { "websocket", "ws" } };
	const char *type = json_str(json, "patternType"), *prefix = "form";
	struct timespec now;

	for (size_t i = 0; type && i < sizeof prefixes / sizeof *prefixes; i++)
		if (!strcmp(type, prefixes[i][0]))
			prefix = prefixes[i][1];
	clock_gettime(CLOCK_REALTIME, &now);
	return xasprintf("%s:%s:%" PRId64, prefix, host, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

bool form_pattern_save(struct store *store, const struct form_request *request, const cJSON *json, struct error *err)
{
	AUTO(text) char *host = site_host(request->url);
	AUTO(text) char *url = site_kept(request->url);
	AUTO(text) char *names = names_of(request);
	AUTO(text) char *text = json_print(json);
	AUTO(text) char *id = new_id(json, host);

	if (strlen(text) > PATTERN_MAX)
		return fail(err, ERR_LIMIT, "what was learned of the form has more than %d KB", PATTERN_MAX >> 10);
	return store_do(store,
		"INSERT OR REPLACE INTO form_patterns (id, domain, form_url, form_selector, names, pattern, learned_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		SQL(SQL_TEXT(id), SQL_TEXT(host), SQL_TEXT(url), SQL_TEXT(request->selector ? request->selector : ""), SQL_TEXT(names),
			SQL_TEXT(text), SQL_INT(time(NULL))), err);
}

bool form_pattern_update(struct store *store, const struct form_pattern *pattern, struct error *err)
{
	AUTO(text) char *text = json_print(pattern->json);

	return store_do(store, "UPDATE form_patterns SET pattern = ?2 WHERE id = ?1", SQL(SQL_TEXT(pattern->id), SQL_TEXT(text)),
		err);
}

bool form_pattern_count(struct store *store, const struct form_pattern *p, bool ok, bool drop, struct error *err)
{
	if (drop)
		return store_do(store, "DELETE FROM form_patterns WHERE id = ?", SQL(SQL_TEXT(p->id)), err);
	return store_do(store, ok
		? "UPDATE form_patterns SET times_used = times_used + 1, failed_in_row = 0, last_used = ?2 WHERE id = ?1"
		: "UPDATE form_patterns SET times_failed = times_failed + 1, failed_in_row = failed_in_row + 1, last_used = ?2"
			" WHERE id = ?1",
		SQL(SQL_TEXT(p->id), SQL_INT(time(NULL))), err);
}

int64_t form_pattern_wait(struct store *store, const char *url)
{
	struct error why = { 0 };
	AUTO(text) char *kept = site_kept(url);
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT until FROM form_limits WHERE form_url = ?", SQL(SQL_TEXT(kept)),
		&why);
	const int64_t until = rows && rows_next(rows, &why) ? rows_int(rows, 0) : 0, now = time(NULL);

	return until > now ? until - now : 0;
}

void form_pattern_limit(struct store *store, const char *url, int64_t seconds)
{
	AUTO(text) char *kept = site_kept(url);

	/* A site that cannot be remembered says so again. */
	(void)store_do(store, "INSERT OR REPLACE INTO form_limits (form_url, until) VALUES (?, ?)",
		SQL(SQL_TEXT(kept), SQL_INT(time(NULL) + (seconds > WAIT_MAX_S ? WAIT_MAX_S : seconds))), NULL);
}

/* ---- for people ---- */

static void add_moment(cJSON *json, const char *name, int64_t at)
{
	char text[32];

	value_instant_text(at, text);
	json_add(json, JSON_STR(name, text));
}

static cJSON *shown(struct rows *rows)
{
	const char *text = rows_text(rows, 4);
	const int64_t used = rows_int(rows, 6), failed = rows_int(rows, 7);
	AUTO(json) cJSON *pattern = json_parse(text, strlen(text), NULL);
	cJSON *json = json_object(JSON_STR("id", rows_text(rows, 0)), JSON_STR("domain", rows_text(rows, 1)),
		JSON_STR("formUrl", rows_text(rows, 2)), JSON_STR("formSelector", *rows_text(rows, 3) ? rows_text(rows, 3) : NULL));
	const cJSON *member;

	cJSON_ArrayForEach(member, pattern)
		cJSON_AddItemToObject(json, member->string, cJSON_Duplicate(member, true));
	add_moment(json, "learnedAt", rows_int(rows, 5));
	json_add(json, JSON_INT("timesUsed", used));
	json_add(json, JSON_NUM("successRate", used + failed ? (double)used / (double)(used + failed) : 1));
	if (!rows_is_null(rows, 8))
		add_moment(json, "lastUsed", rows_int(rows, 8));
	return json;
}

cJSON *form_pattern_list(struct store *store, const char *which, struct error *err)
{
	struct error why = { 0 };
	AUTO(text) char *url = which ? site_kept(which) : NULL;
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT id, domain, form_url, form_selector, pattern, learned_at, times_used,"
		" times_failed, last_used FROM form_patterns WHERE ?1 IS NULL OR id = ?1 OR form_url = ?2 OR domain = ?1"
		" ORDER BY form_url, id",
		SQL(SQL_TEXT(which), SQL_TEXT(url)), &why);

	while (rows && rows_next(rows, &why))
		json_add(list, JSON_NODE(NULL, shown(rows)));
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

bool form_pattern_forget(struct store *store, const char *which, int *count, struct error *err)
{
	AUTO(text) char *url = site_kept(which);

	if (!store_do(store, "DELETE FROM form_patterns WHERE id = ?1 OR form_url = ?2 OR domain = ?1",
			SQL(SQL_TEXT(which), SQL_TEXT(url)), err))
		return false;
	*count = store_changed(store);
	return true;
}
