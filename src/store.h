/* The database: SQLite in WAL mode, in gabbai.db among the data, for one process at a time and for many.
 *
 * Values are bound, never pasted:
 *
 *	store_do(store, "UPDATE accounts SET parked = ? WHERE platform = ?", SQL(SQL_TEXT(why), SQL_TEXT(site)), err)
 *
 * Errors of all functions: ERR_STORE (what is there cannot be read), ERR_LOCKED (somebody else writes for
 * more than five seconds), ERR_SYSTEM (the disk is full or broken; the old content is intact). */
#ifndef SRC_STORE_H
#define SRC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct rows;
struct store;

enum sql_kind { SQL_END, SQL_IS_TEXT, SQL_IS_INT, SQL_IS_REAL, SQL_IS_BLOB };

struct sql_value {
	enum sql_kind kind;
	const void *data; /* NULL: NULL */
	size_t size;
	int64_t integer;
	double real;
};

#define SQL_TEXT(text)       ((struct sql_value){ .kind = SQL_IS_TEXT, .data = (text) })
#define SQL_INT(number)      ((struct sql_value){ .kind = SQL_IS_INT, .integer = (number) })
#define SQL_REAL(number)     ((struct sql_value){ .kind = SQL_IS_REAL, .real = (number) })
#define SQL_BLOB(bytes, n)   ((struct sql_value){ .kind = SQL_IS_BLOB, .data = (bytes), .size = (n) })
#define SQL_NULL             ((struct sql_value){ .kind = SQL_IS_TEXT })
#define SQL(...)             ((const struct sql_value[]){ __VA_ARGS__, { .kind = SQL_END } })

/* Opens the database, and makes or migrates it.  One written by a newer gabbai is ERR_STORE. */
struct store *store_open(struct error *err);
void store_free(struct store *store);
/* What follows may be lost when the machine's power fails, though never half: it need not wait for the disk.  For counts. */
void store_relax(struct store *store);

static inline void auto_store(struct store **store)
{
	store_free(*store);
}

/* One statement without rows.  VALUES may be NULL. */
bool store_do(struct store *store, const char *sql, const struct sql_value *values, struct error *err);
/* How many rows the last store_do() changed. */
int store_changed(const struct store *store);
/* Touches the database's log, for those who watch it with inotify (IN_ATTRIB): its own writes come before a commit can be
 * seen.  After the commit. */
void store_tell(const struct store *store);
int64_t store_last_id(const struct store *store);

/* A statement's rows; NULL only when it could not be started. */
struct rows *store_ask(struct store *store, const char *sql, const struct sql_value *values, struct error *err);
/* False at the end, and when it fails: then ERR is filled, which must be clear before. */
bool rows_next(struct rows *rows, struct error *err);
/* Of the row, by its number from 0; borrowed until the next row. */
const char *rows_text(struct rows *rows, int column); /* NULL: NULL */
int64_t rows_int(struct rows *rows, int column);
double rows_real(struct rows *rows, int column);
bool rows_is_null(struct rows *rows, int column);
const void *rows_blob(struct rows *rows, int column, size_t *size);
void rows_free(struct rows *rows);

static inline void auto_rows(struct rows **rows)
{
	rows_free(*rows);
}

/* All that follows counts together or not at all.  What is not committed is undone by the next begin, or
 * the end of the process. */
bool store_begin(struct store *store, struct error *err);
bool store_commit(struct store *store, struct error *err);
void store_rollback(struct store *store);

#endif
