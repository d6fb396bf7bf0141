/* Accounts: see account.h. */
#include "src/account.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "scrapers/values.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

enum { BOOT_MAX = 64, DAY_S = 86400 };

static const char *const no_fields[] = { NULL };
const struct site account_forms = { .name = "form", .title = "Forms", .fields = no_fields };

static bool read_account(const char *text, bool any, struct site_account *out, struct error *err)
{
	const size_t size = strcspn(text, "/");
	AUTO(text) char *site = xstrndup(text, size);
	const char *name = text[size] ? text + size + 1 : "default";

	*out = (struct site_account){ .site = any && !strcmp(site, account_forms.name) ? &account_forms : site_find(site) };
	if (!out->site)
		return fail(err, ERR_SITE, "there is no site \"%s\"; see gabbai sites", site);
	if (!*name || strlen(name) >= ACCOUNT_NAME_MAX)
		return fail(err, ERR_INPUT, "an account's name has 1 to %d characters", ACCOUNT_NAME_MAX - 1);
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			return fail(err, ERR_INPUT, "an account's name has letters, digits, '.', '_' and '-', not \"%s\"", name);
	memcpy(out->name, name, strlen(name) + 1);
	return true;
}

bool account_read(const char *text, struct site_account *out, struct error *err)
{
	return read_account(text, false, out, err);
}

bool account_read_any(const char *text, struct site_account *out, struct error *err)
{
	return read_account(text, true, out, err);
}

/* ---- locks ---- */

int64_t process_started(long pid)
{
	AUTO(text) char *path = xasprintf("/proc/%ld/stat", pid);
	AUTO(file) FILE *f = fopen(path, "re");
	char text[1024];
	const size_t size = f ? fread(text, 1, sizeof text - 1, f) : 0;

	text[size] = '\0';
	/* The second field is a name in brackets that may hold anything; the third says whether it is dead, and only its parent
	 * has not asked yet; the 22nd is what we want. */
	const char *p = strrchr(text, ')');
	if (p && p[1] && strchr("ZX", p[2]))
		return 0;
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p, NULL, 10) : 0;
}

static void boot_id(char out[BOOT_MAX])
{
	AUTO(file) FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	out[f ? fread(out, 1, BOOT_MAX - 1, f) : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/* Whether the process lives that a row's columns pid, started and boot tell of. */
static bool is_alive(struct rows *rows, const char *boot)
{
	return !strcmp(rows_text(rows, 2), boot) && process_started((long)rows_int(rows, 0)) == rows_int(rows, 1);
}

/* Within a transaction: ROWS are locks, and none of another process that lives. */
static bool look_at_locks(struct rows *locks, const char *boot, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = locks;

	while (rows && !why.code && rows_next(rows, &why))
		if (is_alive(rows, boot) && rows_int(rows, 0) != getpid())
			fail(&why, ERR_LOCKED, "%s/%s: another run works on it (process %lld)", rows_text(rows, 3), rows_text(rows, 4),
				(long long)rows_int(rows, 0));
	if (why.code && err)
		*err = why;
	return rows && !why.code;
}

bool account_lock(struct store *store, const struct site_account *a, struct error *err)
{
	char boot[BOOT_MAX];

	boot_id(boot);
	const bool ok = store_begin(store, err)
		&& look_at_locks(store_ask(store,
			"SELECT pid, started, boot, platform, account FROM locks WHERE platform = ? AND account = ?", ACCOUNT_SQL(a), err),
			boot, err)
		&& store_do(store, "INSERT OR REPLACE INTO locks (platform, account, pid, started, boot) VALUES (?, ?, ?, ?, ?)",
			SQL(SQL_TEXT(a->site->name), SQL_TEXT(a->name), SQL_INT(getpid()), SQL_INT(process_started(getpid())),
				SQL_TEXT(boot)), err)
		&& store_commit(store, err);
	if (!ok)
		store_rollback(store);
	return ok;
}

void account_unlock(struct store *store, const struct site_account *a)
{
	/* A lock that stays is taken over when this process is gone. */
	(void)store_do(store, "DELETE FROM locks WHERE platform = ? AND account = ? AND pid = ?",
		SQL(SQL_TEXT(a->site->name), SQL_TEXT(a->name), SQL_INT(getpid())), NULL);
}

bool account_all_free(struct store *store, struct error *err)
{
	char boot[BOOT_MAX];

	boot_id(boot);
	return look_at_locks(store_ask(store, "SELECT pid, started, boot, platform, account FROM locks", NULL, err), boot, err);
}

/* ---- care ---- */

static bool check_login(struct store *store, const struct site_account *a, const char *fingerprint, int max, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT parked, parked_for, login_day, logins FROM accounts WHERE platform = ? AND account = ?", ACCOUNT_SQL(a), &why);

	const bool known = rows && rows_next(rows, &why);
	const char *parked = known ? rows_text(rows, 0) : NULL, *parked_for = known ? rows_text(rows, 1) : NULL;
	const int64_t logins = known && rows_int(rows, 2) == time(NULL) / DAY_S ? rows_int(rows, 3) : 0;
	if (parked && (!parked_for || !strcmp(parked_for, fingerprint)))
		fail(&why, ERR_PARKED, "%s/%s is parked, so that it is not blocked: %s; change its credentials, or gabbai unpark it",
			a->site->name, a->name, parked);
	else if (!why.code && logins >= max)
		fail(&why, ERR_PARKED, "%s/%s has logged in %d times today, and that is the most; gabbai unpark it to go on",
			a->site->name, a->name, max);
	if (why.code && err)
		*err = why;
	return !why.code;
}

bool account_begin_login(struct store *store, const struct site_account *a, const char *fingerprint, int max, struct error *err)
{
	const bool ok = store_begin(store, err) && check_login(store, a, fingerprint, max, err)
		&& store_do(store,
			"INSERT INTO accounts (platform, account, login_day, logins) VALUES (?1, ?2, ?3, 1)"
			" ON CONFLICT (platform, account) DO UPDATE SET parked = NULL, parked_at = NULL, parked_for = NULL,"
			" logins = CASE login_day WHEN ?3 THEN logins + 1 ELSE 1 END, login_day = ?3",
			SQL(SQL_TEXT(a->site->name), SQL_TEXT(a->name), SQL_INT(time(NULL) / DAY_S)), err)
		&& store_commit(store, err);
	if (!ok)
		store_rollback(store);
	return ok;
}

bool account_park(struct store *store, const struct site_account *a, const char *fingerprint, const char *why, struct error *err)
{
	return store_do(store, "INSERT INTO accounts (platform, account, parked, parked_at, parked_for) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (platform, account) DO UPDATE SET parked = ?3, parked_at = ?4, parked_for = ?5",
		SQL(SQL_TEXT(a->site->name), SQL_TEXT(a->name), SQL_TEXT(why), SQL_INT(time(NULL)), SQL_TEXT(fingerprint)), err);
}

bool account_unpark(struct store *store, const struct site_account *a, struct error *err)
{
	return store_do(store, "UPDATE accounts SET parked = NULL, parked_at = NULL, parked_for = NULL, logins = 0"
		" WHERE platform = ? AND account = ?", ACCOUNT_SQL(a), err);
}

bool account_keep_parked(struct store *store, struct error *err)
{
	return store_do(store, "UPDATE accounts SET parked_for = NULL WHERE parked IS NOT NULL", NULL, err);
}

/* ---- what is known ---- */

static void add_moment(cJSON *json, const char *name, struct rows *rows, int column)
{
	char text[32];

	if (rows_is_null(rows, column))
		return;
	value_instant_text(rows_int(rows, column), text);
	json_add(json, JSON_STR(name, text));
}

/* Columns of the question below, in its order. */
enum {
	SITE, NAME, STATUS, USED, EXPIRES, LAST_ERROR, PARKED, PARKED_AT, LOGINS, STARTED, ENDED, TIER, EXIT, ERROR_TYPE, ERROR_TEXT,
	PID, PID_STARTED, RUN, ROWS, NEW_ROWS,
};

static cJSON *last_run(struct rows *rows)
{
	if (rows_is_null(rows, STARTED))
		return NULL;
	const bool gone = rows_is_null(rows, ENDED)
		&& process_started((long)rows_int(rows, PID)) != rows_int(rows, PID_STARTED);
	cJSON *run = json_object(JSON_INT("id", rows_int(rows, RUN)), JSON_STR("tier", rows_text(rows, TIER)),
		JSON_INT("rows", rows_int(rows, ROWS)), JSON_INT("newRows", rows_int(rows, NEW_ROWS)),
		JSON_NODE("exitCode", rows_is_null(rows, EXIT) ? NULL : cJSON_CreateNumber((double)rows_int(rows, EXIT))),
		JSON_STR("errorType", gone ? "INTERRUPTED" : rows_text(rows, ERROR_TYPE)),
		JSON_STR("error", rows_text(rows, ERROR_TEXT)));
	add_moment(run, "startedAt", rows, STARTED);
	add_moment(run, "endedAt", rows, ENDED);
	return run;
}

cJSON *account_list(struct store *store, const char *site, const char *name, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store,
		"WITH known AS (SELECT platform, account FROM integration_sessions UNION SELECT platform, account FROM accounts"
		" UNION SELECT platform, account FROM secrets UNION SELECT platform, account FROM runs)"
		" SELECT k.platform, k.account, coalesce(s.status, 'not_connected'), s.last_used_at, s.expires_at, s.last_error,"
		" a.parked, a.parked_at, CASE a.login_day WHEN ?3 THEN a.logins ELSE 0 END, r.started_at, r.ended_at, r.tier,"
		" r.exit_code, r.error_type, r.error, r.pid, r.pid_started, r.id, r.rows_seen, r.rows_new"
		" FROM known k LEFT JOIN integration_sessions s USING (platform, account) LEFT JOIN accounts a USING (platform, account)"
		" LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE platform = k.platform AND account = k.account)"
		" WHERE (?1 IS NULL OR k.platform = ?1) AND (?2 IS NULL OR k.account = ?2) ORDER BY k.platform, k.account",
		SQL(SQL_TEXT(site), SQL_TEXT(name), SQL_INT(time(NULL) / DAY_S)), &why);

	while (rows && rows_next(rows, &why)) {
		cJSON *one = json_object(JSON_STR("site", rows_text(rows, SITE)), JSON_STR("account", rows_text(rows, NAME)),
			JSON_STR("status", rows_text(rows, STATUS)),
			JSON_BOOL("needsReconnect", !strcmp(rows_text(rows, STATUS), "needs_reconnect")),
			JSON_STR("lastError", rows_text(rows, LAST_ERROR)), JSON_STR("parked", rows_text(rows, PARKED)),
			JSON_INT("loginsToday", rows_int(rows, LOGINS)), JSON_NODE("lastRun", last_run(rows)));
		add_moment(one, "lastUsedAt", rows, USED);
		add_moment(one, "expiresAt", rows, EXPIRES);
		add_moment(one, "parkedAt", rows, PARKED_AT);
		json_add(list, JSON_NODE(NULL, one));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

bool account_wants_full(struct store *store, const struct site_account *a)
{
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT full_browser FROM accounts WHERE platform = ? AND account = ?",
		ACCOUNT_SQL(a), NULL);

	return rows && rows_next(rows, NULL) && rows_int(rows, 0);
}

void account_remember_full(struct store *store, const struct site_account *a)
{
	/* What is not remembered is found out again. */
	(void)store_do(store, "INSERT INTO accounts (platform, account, full_browser) VALUES (?1, ?2, 1)"
		" ON CONFLICT (platform, account) DO UPDATE SET full_browser = 1", ACCOUNT_SQL(a), NULL);
}
