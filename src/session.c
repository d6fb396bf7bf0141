/* Saved sessions: see session.h. */
#include "src/session.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/account.h"
#include "src/crypt.h"
#include "src/store.h"

#include <string.h>
#include <time.h>

static const char table[] = "integration_sessions";

static struct sealed_for row_of(const struct site_account *a)
{
	return (struct sealed_for){ table, a->site->name, a->name };
}

void session_clear(struct session *session)
{
	free(session->status);
	cJSON_Delete(session->state);
	*session = (struct session){ 0 };
}

static cJSON *open_state(const struct keyring *ring, const struct site_account *account, struct rows *rows, struct error *err)
{
	struct buf text = { 0 };
	const struct sealed_for row = row_of(account);
	size_t size;
	const void *blob = rows_blob(rows, 1, &size);

	if (!unseal(ring, &row, blob, size, &text, err))
		return NULL;
	cJSON *state = json_parse(text.data, text.size, err);
	buf_wipe(&text);
	return state;
}

bool session_load(struct store *store, const struct keyring *ring, const struct site_account *account, struct session *out,
	struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT status, state FROM integration_sessions WHERE platform = ? AND account = ?", ACCOUNT_SQL(account), &why);
	const bool there = rows && rows_next(rows, &why);
	const bool has_state = there && !rows_is_null(rows, 1);
	cJSON *state = has_state ? open_state(ring, account, rows, &why) : NULL;

	if (why.code) {
		if (err)
			*err = why;
		return false;
	}
	*out = (struct session){ .status = xstrdup(there ? rows_text(rows, 0) : "not_connected"), .state = state };
	return true;
}

bool session_opens(struct store *store, const struct keyring *ring, const struct site_account *account, struct error *err)
{
	struct session session = { 0 };
	struct error why = { 0 };
	const bool ok = session_load(store, ring, account, &session, &why);

	session_clear(&session);
	if (why.code == ERR_KEY || why.code == ERR_TAMPERED)
		error_wrap(&why, "only gabbai session forget %s/%s gives up a session that does not open", account->site->name,
			account->name);
	if (!ok && err)
		*err = why;
	return ok;
}

int64_t session_expiry(const cJSON *state)
{
	const cJSON *cookie;
	double soonest = 0, expires;

	cJSON_ArrayForEach (cookie, json_list(state, "cookies"))
		if (json_true(cookie, "httpOnly") && json_num(cookie, "expires", &expires) && expires > 0
				&& (soonest <= 0 || expires < soonest))
			soonest = expires;
	return (int64_t)soonest;
}

bool session_save(struct store *store, const struct keyring *ring, const struct site_account *account, const cJSON *state,
	const char *url, struct error *err)
{
	AUTO(text) char *text = json_print(state);
	AUTO(text) char *browser = json_at(state, "x-gabbai") ? json_print(json_at(state, "x-gabbai")) : NULL;
	AUTO(buf) struct buf blob = { 0 };
	const struct sealed_for row = row_of(account);
	const int64_t now = time(NULL), expiry = session_expiry(state);

	const bool sealed = session_opens(store, ring, account, err) && seal(ring, &row, text, strlen(text), &blob, err);
	explicit_bzero(text, strlen(text));
	return sealed && store_do(store,
		"INSERT INTO integration_sessions (platform, account, status, state, key_id, cookie_count, expires_at, last_used_at,"
		" last_url, fingerprint, created_at, updated_at) VALUES (?1, ?2, 'active', ?3, ?4, ?5, nullif(?6, 0), ?7, ?8, ?9, ?7, ?7)"
		" ON CONFLICT (platform, account) DO UPDATE SET status = 'active', state = ?3, key_id = ?4, cookie_count = ?5,"
		" expires_at = nullif(?6, 0), last_used_at = ?7, last_error = NULL, last_url = ?8, fingerprint = ?9, updated_at = ?7",
		SQL(SQL_TEXT(account->site->name), SQL_TEXT(account->name), SQL_BLOB(blob.data, blob.size), SQL_TEXT(keyring_id(ring)),
			SQL_INT(cJSON_GetArraySize(json_at(state, "cookies"))), SQL_INT(expiry), SQL_INT(now), SQL_TEXT(url),
			SQL_TEXT(browser)), err);
}

bool session_used(struct store *store, const struct site_account *account, struct error *err)
{
	return store_do(store, "UPDATE integration_sessions SET status = 'active', last_used_at = ?3, last_error = NULL"
		" WHERE platform = ?1 AND account = ?2",
		SQL(SQL_TEXT(account->site->name), SQL_TEXT(account->name), SQL_INT(time(NULL))), err);
}

bool session_mark(struct store *store, const struct site_account *account, const char *status, const char *why, const char *url,
	struct error *err)
{
	return store_do(store, "UPDATE integration_sessions SET status = ?3, last_error = ?4, last_url = ?5, updated_at = ?6"
		" WHERE platform = ?1 AND account = ?2",
		SQL(SQL_TEXT(account->site->name), SQL_TEXT(account->name), SQL_TEXT(status), SQL_TEXT(why), SQL_TEXT(url),
			SQL_INT(time(NULL))), err);
}

bool session_forget(struct store *store, const struct site_account *account, bool *found, struct error *err)
{
	const bool ok = store_do(store, "DELETE FROM integration_sessions WHERE platform = ? AND account = ?",
		ACCOUNT_SQL(account), err);

	*found = ok && store_changed(store) > 0;
	return ok;
}

static void add_moment(cJSON *json, const char *name, struct rows *rows, int column)
{
	char text[32];

	if (rows_is_null(rows, column))
		return;
	value_instant_text(rows_int(rows, column), text);
	json_add(json, JSON_STR(name, text));
}

cJSON *session_list(struct store *store, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT platform, account, status, cookie_count, last_error, last_url, key_id, created_at, updated_at, last_used_at,"
		" expires_at FROM integration_sessions ORDER BY platform, account", NULL, &why);

	while (rows && rows_next(rows, &why)) {
		cJSON *one = json_object(
			JSON_STR("platform", rows_text(rows, 0)),
			JSON_STR("account", rows_text(rows, 1)),
			JSON_STR("status", rows_text(rows, 2)),
			JSON_BOOL("needsReconnect", !strcmp(rows_text(rows, 2), "needs_reconnect")),
			JSON_INT("cookies", rows_int(rows, 3)),
			JSON_STR("lastError", rows_text(rows, 4)),
			JSON_STR("lastUrl", rows_text(rows, 5)),
			JSON_STR("keyId", rows_text(rows, 6)));
		add_moment(one, "createdAt", rows, 7);
		add_moment(one, "updatedAt", rows, 8);
		add_moment(one, "lastUsedAt", rows, 9);
		add_moment(one, "expiresAt", rows, 10);
		json_add(list, JSON_NODE(NULL, one));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}
