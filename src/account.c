/* Accounts: see account.h. */
#include "src/account.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

enum { BOOT_MAX = 64, DAY_S = 86400 };

bool account_read(const char *text, struct site_account *out, struct error *err)
{
	const size_t size = strcspn(text, "/");
	AUTO(text) char *site = xstrndup(text, size);
	const char *name = text[size] ? text + size + 1 : "default";

	*out = (struct site_account){ .site = site_find(site) };
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

/* ---- locks ---- */

int64_t process_started(long pid)
{
	AUTO(text) char *path = xasprintf("/proc/%ld/stat", pid);
	AUTO(file) FILE *f = fopen(path, "re");
	char text[1024];
	const size_t size = f ? fread(text, 1, sizeof text - 1, f) : 0;

	text[size] = '\0';
	/* The second field is a name in brackets that may hold anything; the 22nd is what we want. */
	const char *p = strrchr(text, ')');
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

static bool is_alive(struct rows *rows, const char *boot)
{
	return !strcmp(rows_text(rows, 2), boot) && process_started((long)rows_int(rows, 0)) == rows_int(rows, 1);
}

/* Within a transaction: who has it. */
static bool look_at_lock(struct store *store, const struct site_account *a, const char *boot, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT pid, started, boot FROM locks WHERE platform = ? AND account = ?",
		ACCOUNT_SQL(a), &why);

	if (rows && rows_next(rows, &why) && is_alive(rows, boot) && rows_int(rows, 0) != getpid())
		fail(&why, ERR_LOCKED, "%s/%s: another run works on it (process %lld)", a->site->name, a->name,
			(long long)rows_int(rows, 0));
	if (why.code && err)
		*err = why;
	return !why.code;
}

bool account_lock(struct store *store, const struct site_account *a, struct error *err)
{
	char boot[BOOT_MAX];

	boot_id(boot);
	const bool ok = store_begin(store, err) && look_at_lock(store, a, boot, err)
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

/* ---- care ---- */

static bool check_login(struct store *store, const struct site_account *a, const char *fingerprint, int max, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT parked, parked_for, login_day, logins FROM accounts WHERE platform = ? AND account = ?", ACCOUNT_SQL(a), &why);

	if (rows && rows_next(rows, &why)) {
		const char *parked = rows_text(rows, 0), *parked_for = rows_text(rows, 1);
		if (parked && (!parked_for || !strcmp(parked_for, fingerprint)))
			fail(&why, ERR_PARKED, "%s/%s is parked, so that it is not blocked: %s; change its credentials, or gabbai unpark it",
				a->site->name, a->name, parked);
		else if (rows_int(rows, 2) == time(NULL) / DAY_S && rows_int(rows, 3) >= max)
			fail(&why, ERR_PARKED, "%s/%s has logged in %d times today, and that is the most; gabbai unpark it to go on",
				a->site->name, a->name, max);
	}
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
