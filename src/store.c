/* The database: see store.h. */
#include "src/store.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/embed.h"
#include "src/place.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

EMBED(migration_001, "src/migrations/001_sessions.sql");
EMBED(migration_002, "src/migrations/002_results.sql");
EMBED(migration_003, "src/migrations/003_events.sql");
EMBED(migration_004, "src/migrations/004_forms.sql");
EMBED(migration_005, "src/migrations/005_schedules.sql");

enum { BUSY_MS = 5000 };

static const char *const migrations[] = { migration_001, migration_002, migration_003, migration_004, migration_005 };
enum { MIGRATIONS = sizeof migrations / sizeof *migrations };

struct store {
	sqlite3 *db;
	char *path;
};

struct rows {
	struct store *store;
	sqlite3_stmt *statement;
};

static bool fail_store(const struct store *store, struct error *err)
{
	const int code = store->db ? sqlite3_errcode(store->db) & 0xff : SQLITE_NOMEM;
	const char *words = store->db ? sqlite3_errmsg(store->db) : "out of memory";

	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fail(err, ERR_LOCKED, "%s: another process has been writing for %d s", store->path, BUSY_MS / 1000);
	case SQLITE_FULL:
		return fail(err, ERR_SYSTEM, "%s: the disk is full; what was saved before is intact", store->path);
	case SQLITE_IOERR:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return fail(err, ERR_SYSTEM, "%s: %s", store->path, words);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fail(err, ERR_STORE, "%s is damaged (%s); nothing was changed: put a copy from a backup in its place",
			store->path, words);
	default:
		return fail(err, ERR_STORE, "%s: %s", store->path, words);
	}
}

/* ---- statements ---- */

static bool bind(sqlite3_stmt *statement, const struct sql_value *v)
{
	int code = SQLITE_OK;

	for (int i = 1; v && v->kind != SQL_END && code == SQLITE_OK; v++, i++) {
		if (v->kind == SQL_IS_INT)
			code = sqlite3_bind_int64(statement, i, v->integer);
		else if (v->kind == SQL_IS_REAL)
			code = sqlite3_bind_double(statement, i, v->real);
		else if (!v->data)
			code = sqlite3_bind_null(statement, i);
		else if (v->kind == SQL_IS_TEXT)
			code = sqlite3_bind_text(statement, i, v->data, -1, SQLITE_TRANSIENT);
		else
			code = sqlite3_bind_blob64(statement, i, v->data, v->size, SQLITE_TRANSIENT);
	}
	return code == SQLITE_OK;
}

struct rows *store_ask(struct store *store, const char *sql, const struct sql_value *values, struct error *err)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK || !bind(statement, values)) {
		fail_store(store, err);
		sqlite3_finalize(statement);
		return NULL;
	}
	struct rows *rows = xcalloc(1, sizeof *rows);
	*rows = (struct rows){ store, statement };
	return rows;
}

bool rows_next(struct rows *rows, struct error *err)
{
	const int code = sqlite3_step(rows->statement);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		fail_store(rows->store, err);
	return code == SQLITE_ROW;
}

const char *rows_text(struct rows *rows, int column)
{
	return (const char *)sqlite3_column_text(rows->statement, column);
}

int64_t rows_int(struct rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

double rows_real(struct rows *rows, int column)
{
	return sqlite3_column_double(rows->statement, column);
}

bool rows_is_null(struct rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

const void *rows_blob(struct rows *rows, int column, size_t *size)
{
	const void *data = sqlite3_column_blob(rows->statement, column);

	*size = (size_t)sqlite3_column_bytes(rows->statement, column);
	return data;
}

void rows_free(struct rows *rows)
{
	if (rows)
		sqlite3_finalize(rows->statement);
	free(rows);
}

bool store_do(struct store *store, const char *sql, const struct sql_value *values, struct error *err)
{
	AUTO(rows) struct rows *rows = store_ask(store, sql, values, err);
	struct error why = { 0 };

	while (rows && rows_next(rows, &why))
		continue;
	if (why.code && err)
		*err = why;
	return rows && !why.code;
}

int store_changed(const struct store *store)
{
	return sqlite3_changes(store->db);
}

void store_tell(const struct store *store)
{
	AUTO(text) char *log = xasprintf("%s-wal", store->path);

	(void)utimensat(AT_FDCWD, log, NULL, AT_SYMLINK_NOFOLLOW); /* who is not told looks every second */
}

int64_t store_last_id(const struct store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

bool store_begin(struct store *store, struct error *err)
{
	store_rollback(store);
	return store_do(store, "BEGIN IMMEDIATE", NULL, err);
}

bool store_commit(struct store *store, struct error *err)
{
	return store_do(store, "COMMIT", NULL, err);
}

void store_rollback(struct store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		(void)store_do(store, "ROLLBACK", NULL, NULL); /* it ends the transaction whatever it answers */
}

/* ---- opening ---- */

static bool version_of(struct store *store, int *version, struct error *err)
{
	AUTO(rows) struct rows *rows = store_ask(store, "PRAGMA user_version", NULL, err);

	if (!rows || !rows_next(rows, err))
		return false;
	*version = (int)rows_int(rows, 0);
	return true;
}

static bool run_script(struct store *store, const char *sql, struct error *err)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail_store(store, err);
}

/* Several processes may come at the same time: who gets the lock looks again what is still to be done. */
static bool migrate(struct store *store, struct error *err)
{
	int version;

	if (!version_of(store, &version, err))
		return false;
	if (version == MIGRATIONS)
		return true;
	if (!store_begin(store, err) || !version_of(store, &version, err))
		return false;
	if (version < 0 || version > MIGRATIONS) {
		store_rollback(store);
		return fail(err, ERR_STORE, "%s was written by a newer gabbai (its schema is %d, and this one knows %d)", store->path,
			version, MIGRATIONS);
	}
	for (; version < MIGRATIONS; version++) {
		AUTO(text) char *mark = xasprintf("PRAGMA user_version = %d", version + 1);
		if (!run_script(store, migrations[version], err) || !run_script(store, mark, err)) {
			store_rollback(store);
			return false;
		}
	}
	return store_commit(store, err);
}

static bool set_up(struct store *store, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW;

	if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK)
		return fail_store(store, err);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return run_script(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", err)
		&& migrate(store, err);
}

struct store *store_open(struct error *err)
{
	char *path = place_of_data("gabbai.db", err);

	if (!path)
		return NULL;
	struct store *store = xcalloc(1, sizeof *store);
	store->path = path;
	const mode_t mask = umask(077);
	const bool ok = set_up(store, err);
	(void)umask(mask);
	if (ok)
		return store;
	store_free(store);
	return NULL;
}

void store_relax(struct store *store)
{
	/* Where either is refused, the disk is waited for. */
	(void)run_script(store, "PRAGMA synchronous = NORMAL", NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

void store_free(struct store *store)
{
	if (!store)
		return;
	sqlite3_close_v2(store->db);
	free(store->path);
	free(store);
}
