/* All that is sealed: see sealed.h. */
#include "src/sealed.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/store.h"

#include <string.h>

/* Where sealed blobs are.  NAME is SQL for the third part of what they are bound to (crypt.h). */
static const struct column {
	const char *table, *blob, *name;
} columns[] = {
	{ "integration_sessions", "state", "account" },
	{ "secrets", "value", "account || '/' || field" },
	{ "deliveries", "value", "name" },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* One of them, copied out of the database. */
struct sealed {
	const struct column *column;
	int64_t id; /* the table's rowid; the next one is looked for behind it */
	char *platform, *name, *key_id;
	struct buf blob;
};

static void sealed_clear(struct sealed *s)
{
	free(s->platform);
	free(s->name);
	free(s->key_id);
	buf_clear(&s->blob);
	s->platform = s->name = s->key_id = NULL;
}

static struct sealed_for row_of(const struct sealed *s)
{
	return (struct sealed_for){ s->column->table, s->platform, s->name };
}

/* The row of S's table behind S, or with WHICH "=" the same one again.  False at the end, and when it fails. */
static bool read_row(struct store *store, const char *which, struct sealed *s, struct error *err)
{
	AUTO(text) char *sql = xasprintf("SELECT rowid, platform, %s, key_id, %s FROM %s WHERE rowid %s ? AND %s IS NOT NULL"
		" ORDER BY rowid LIMIT 1", s->column->name, s->column->blob, s->column->table, which, s->column->blob);
	AUTO(rows) struct rows *rows = store_ask(store, sql, SQL(SQL_INT(s->id)), err);
	size_t size;

	sealed_clear(s);
	if (!rows || !rows_next(rows, err))
		return false;
	s->id = rows_int(rows, 0);
	s->platform = xstrdup(rows_text(rows, 1));
	s->name = xstrdup(rows_text(rows, 2));
	s->key_id = copy_of(rows_text(rows, 3));
	const void *blob = rows_blob(rows, 4, &size);
	buf_append(&s->blob, blob, size);
	return true;
}

static bool next_row(struct store *store, struct sealed *s, struct error *err)
{
	return read_row(store, ">", s, err);
}

/* ---- looking ---- */

static bool opens(const struct keyring *ring, const struct sealed *s, struct error *err)
{
	const struct sealed_for row = row_of(s);
	struct buf text = { 0 };
	const bool ok = unseal(ring, &row, s->blob.data, s->blob.size, &text, err);

	buf_wipe(&text);
	return ok;
}

static cJSON *failure(const struct sealed *s, const struct error *why)
{
	return json_object(JSON_STR("table", s->column->table), JSON_STR("platform", s->platform), JSON_STR("account", s->name),
		JSON_STR("keyId", s->key_id), JSON_STR("errorType", ending_of(why).type), JSON_STR("error", why->text));
}

cJSON *sealed_check(struct store *store, const struct keyring *ring, struct error *err)
{
	AUTO(json) cJSON *failed = cJSON_CreateArray();
	struct error why = { 0 };
	int rows = 0;

	for (size_t i = 0; i < COLUMNS && !why.code; i++) {
		struct sealed s = { .column = &columns[i], .id = INT64_MIN };
		for (; next_row(store, &s, &why); rows++) {
			struct error closed = { 0 };
			if (!opens(ring, &s, &closed))
				json_add(failed, JSON_NODE(NULL, failure(&s, &closed)));
		}
		sealed_clear(&s);
	}
	if (!why.code)
		return json_object(JSON_INT("rows", rows), JSON_INT("open", rows - cJSON_GetArraySize(failed)),
			JSON_STR("keyId", keyring_id(ring)), JSON_NODE("failed", TAKE(failed)));
	if (err)
		*err = why;
	return NULL;
}

/* ---- sealing anew ---- */

static bool write_row(struct store *store, const struct keyring *ring, const struct sealed *s, const struct buf *text,
	struct error *err)
{
	const struct sealed_for row = row_of(s);
	AUTO(buf) struct buf blob = { 0 };
	AUTO(text) char *sql = xasprintf("UPDATE %s SET %s = ?, key_id = ? WHERE rowid = ?", s->column->table, s->column->blob);

	return seal(ring, &row, buf_text(text), text->size, &blob, err)
		&& store_do(store, sql, SQL(SQL_BLOB(blob.data, blob.size), SQL_TEXT(keyring_id(ring)), SQL_INT(s->id)), err);
}

/* What is in the database now opens, and is TEXT. */
static bool is_written(struct store *store, const struct keyring *ring, struct sealed *s, const struct buf *text,
	struct error *err)
{
	struct buf now = { 0 };

	if (!read_row(store, "=", s, err))
		return false;
	const struct sealed_for row = row_of(s);
	const bool opened = unseal(ring, &row, s->blob.data, s->blob.size, &now, err);
	const bool same = opened && now.size == text->size && !memcmp(buf_text(&now), buf_text(text), text->size);
	buf_wipe(&now);
	return same || (opened && fail(err, ERR_STORE, "%s of %s/%s is not as it was written", s->column->table, s->platform,
		s->name));
}

static bool renew_row(struct store *store, const struct keyring *ring, struct sealed *s, struct error *err)
{
	const struct sealed_for row = row_of(s);
	struct buf text = { 0 };
	const bool ok = unseal(ring, &row, s->blob.data, s->blob.size, &text, err)
		&& write_row(store, ring, s, &text, err)
		&& is_written(store, ring, s, &text, err);

	buf_wipe(&text);
	return ok;
}

bool sealed_renew(struct store *store, const struct keyring *ring, int *count, struct error *err)
{
	struct error why = { 0 };

	*count = 0;
	for (size_t i = 0; i < COLUMNS && !why.code; i++) {
		struct sealed s = { .column = &columns[i], .id = INT64_MIN };
		while (next_row(store, &s, &why) && renew_row(store, ring, &s, &why))
			++*count;
		sealed_clear(&s);
	}
	if (why.code && err)
		*err = why;
	return !why.code;
}
