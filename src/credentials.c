/* Credentials: see credentials.h. */
#include "src/credentials.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "scrapers/scrape.h"
#include "scrapers/values.h"
#include "src/account.h"
#include "src/child.h"
#include "src/crypt.h"
#include "src/store.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

enum {
	FILE_MAX = 8192,
	EXEC_MS = 60000,
	ROW_NAME_MAX = 2 * ACCOUNT_NAME_MAX,
	TAKEN_MAX = 256, /* some accounts of some sites, a few fields each */
};

/* What is sealed begins with where the value is: here, or as references say. */
static const char here[] = "value:";

/* ---- what the environment had: values and references ---- */

static struct {
	char *name;
	struct secret *value;
} taken[TAKEN_MAX];
static size_t taken_count;

/* GABBAI_<SITE>_, owned by the caller. */
static char *prefix_of(const struct site *site)
{
	char *prefix = xasprintf("GABBAI_%s_", site->name);

	for (char *p = prefix; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return prefix;
}

static bool is_credential(const char *variable, size_t size)
{
	if (size > 5 && !strncmp(variable + size - 5, "_FILE", 5))
		return false; /* says only where it is */
	for (size_t i = 0; i < site_count; i++) {
		AUTO(text) char *prefix = prefix_of(sites[i]);
		if (!strncmp(variable, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

void credentials_take(void)
{
	while (taken_count) {
		free(taken[--taken_count].name);
		secret_free(taken[taken_count].value);
	}
	for (char **at = environ; *at && taken_count < TAKEN_MAX;) {
		const size_t size = strcspn(*at, "=");
		if (!is_credential(*at, size)) {
			at++;
			continue;
		}
		char *name = xstrndup(*at, size);
		taken[taken_count].name = name;
		taken[taken_count++].value = secret_from_environment(name); /* the next one moves here */
	}
}

static const char *taken_value(const char *name)
{
	for (size_t i = 0; i < taken_count; i++)
		if (taken[i].value && !strcmp(taken[i].name, name))
			return secret_reveal(taken[i].value);
	return NULL;
}

/* ---- where values are ---- */

static char *variable(const struct site_account *account, const char *field)
{
	const bool named = strcmp(account->name, "default") != 0;
	char *name = xasprintf("GABBAI_%s_%s%s%s", account->site->name, named ? account->name : "", named ? "_" : "", field);

	for (char *p = name; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return name;
}

/* Without the end of the line that editors and printers add. */
static struct secret *trimmed(const char *text, size_t size)
{
	while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
		size--;
	return size ? secret_new(text, size) : NULL;
}

static struct secret *from_file(const char *path, struct error *err)
{
	char text[FILE_MAX];
	AUTO(file) FILE *f = fopen(path, "re");

	if (f)
		(void)setvbuf(f, NULL, _IONBF, 0); /* no copy that nobody wipes */
	const size_t size = f ? fread(text, 1, sizeof text, f) : 0;
	struct secret *secret = f && size < sizeof text ? trimmed(text, size) : NULL;
	if (!f)
		fail(err, ERR_INPUT, "credentials in %s: %s", path, strerror(errno));
	else if (!secret)
		fail(err, ERR_INPUT, "credentials in %s: the file is empty or too long", path);
	secret_wipe(text, sizeof text);
	return secret;
}

static struct secret *from_command(const char *json, struct error *err)
{
	AUTO(buf) struct buf out = { .size_max = FILE_MAX };
	struct child *child = child_start(json, NULL, err);

	if (!child)
		return NULL;
	(void)buf_reserve(&out, FILE_MAX - 1); /* so that it never moves */
	const bool ok = child_finish(child, &out, deadline_in_ms(EXEC_MS), err);
	struct secret *secret = ok ? trimmed(buf_text(&out), out.size) : NULL;
	if (out.data)
		secret_wipe(out.data, out.size);
	if (ok && !secret)
		fail(err, ERR_INPUT, "the command for credentials printed nothing");
	return secret;
}

static struct secret *from_variable(const char *name, struct error *err)
{
	struct secret *secret = secret_from_environment(name);

	if (!secret)
		fail(err, ERR_INPUT, "credentials in the variable %s: it is not set", name);
	return secret;
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* ---- in the environment ---- */

/* NULL without an error: nothing is set. */
static struct secret *from_environment(const struct site_account *account, const char *field, struct error *err)
{
	AUTO(text) char *name = variable(account, field);
	AUTO(text) char *file_name = xasprintf("%s_FILE", name);
	const char *value = taken_value(name);
	const char *path = getenv(file_name);

	if (path && *path)
		return from_file(path, err);
	if (!value || !*value)
		return NULL;
	if (starts_with(value, "file:"))
		return from_file(value + 5, err);
	if (starts_with(value, "exec:"))
		return from_command(value + 5, err);
	return secret_new(value, strlen(value));
}

/* ---- in the store ---- */

/* An account's name has no '/', so no two rows have the same. */
static struct sealed_for row_of(const struct site_account *account, const char *field, char name[ROW_NAME_MAX])
{
	(void)snprintf(name, ROW_NAME_MAX, "%s/%s", account->name, field);
	return (struct sealed_for){ "secrets", account->site->name, name };
}

struct secret *credential_resolve(const char *text, size_t size, struct error *err)
{
	const size_t mark = sizeof here - 1;

	if (starts_with(text, here))
		return secret_new(text + mark, size - mark);
	if (starts_with(text, "file:"))
		return from_file(text + 5, err);
	if (starts_with(text, "exec:"))
		return from_command(text + 5, err);
	return from_variable(text + 4, err);
}

struct secret *credential_look_up(const char *reference, struct error *err)
{
	return credential_reference_ok(reference, err) ? credential_resolve(reference, strlen(reference), err) : NULL;
}

static struct secret *open_row(const struct keyring *ring, const struct site_account *account, const char *field,
	struct rows *rows, struct error *err)
{
	char name[ROW_NAME_MAX];
	const struct sealed_for row = row_of(account, field, name);
	struct buf text = { 0 };
	size_t size;
	const void *blob = rows_blob(rows, 0, &size);
	struct secret *secret = unseal(ring, &row, blob, size, &text, err)
		? credential_resolve(buf_text(&text), text.size, err) : NULL;

	buf_wipe(&text);
	return secret;
}

/* NULL without an error: there is none. */
static struct secret *from_store(struct store *store, const struct keyring *ring, const struct site_account *account,
	const char *field, struct error *err)
{
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT value FROM secrets WHERE platform = ? AND account = ? AND field = ?",
		SQL(SQL_TEXT(account->site->name), SQL_TEXT(account->name), SQL_TEXT(field)), err);

	return rows && rows_next(rows, err) ? open_row(ring, account, field, rows, err) : NULL;
}

struct secret *credential_read(struct store *store, const struct keyring *ring, const struct site_account *account,
	const char *field, struct error *err)
{
	struct error why = { 0 };
	struct secret *secret = from_environment(account, field, &why);

	if (!secret && !why.code)
		secret = from_store(store, ring, account, field, &why);
	if (!secret && !why.code) {
		AUTO(text) char *name = variable(account, field);
		fail(&why, ERR_CREDENTIALS, "no %s is known for %s/%s: gabbai secret set it, or set %s or %s_FILE", field,
			account->site->name, account->name, name, name);
	}
	if (!secret && err)
		*err = why;
	return secret;
}

/* ---- keeping them ---- */

/* Whether FIELD is one of FIELDS (NULL: there are none), which are put behind what is KNOWN. */
static bool is_among(const char *const *fields, const char *field, struct buf *known)
{
	for (; fields && *fields; fields++) {
		if (!strcmp(*fields, field))
			return true;
		buf_printf(known, "%s, ", *fields);
	}
	return false;
}

bool credential_field_ok(const struct site *site, const char *field, struct error *err)
{
	AUTO(buf) struct buf known = { 0 };

	return is_among(site->fields, field, &known) || is_among(site->quick_fields, field, &known) || !strcmp(field, "totp")
		|| fail(err, ERR_INPUT, "%s knows no \"%s\"; it has %stotp", site->name, field, buf_text(&known));
}

bool credential_reference_ok(const char *text, struct error *err)
{
	if (starts_with(text, "env:")) {
		const char *name = text + 4;
		return (*name && !strchr(name, '=')) || fail(err, ERR_INPUT, "env: wants the name of a variable, like env:CAL_PASSWORD");
	}
	if (starts_with(text, "file:"))
		return text[5] == '/' || fail(err, ERR_INPUT, "file: wants a path from the root, like file:/run/secrets/cal");
	if (starts_with(text, "exec:")) {
		AUTO(json) cJSON *list = json_parse(text + 5, strlen(text + 5), NULL);
		return cJSON_IsArray(list)
			|| fail(err, ERR_INPUT, "exec: wants an array of words, like exec:[\"pass\",\"show\",\"bank\"]");
	}
	return fail(err, ERR_INPUT, "a reference is env:NAME, file:/PATH or exec:[…]");
}

static bool save(struct store *store, const struct keyring *ring, const struct site_account *account, const char *field,
	const struct buf *text, struct error *err)
{
	char name[ROW_NAME_MAX];
	const struct sealed_for row = row_of(account, field, name);
	AUTO(buf) struct buf blob = { 0 };

	return seal(ring, &row, buf_text(text), text->size, &blob, err) && store_do(store,
		"INSERT OR REPLACE INTO secrets (platform, account, field, value, key_id, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
		SQL(SQL_TEXT(account->site->name), SQL_TEXT(account->name), SQL_TEXT(field), SQL_BLOB(blob.data, blob.size),
			SQL_TEXT(keyring_id(ring)), SQL_INT(time(NULL))), err);
}

bool credential_save(struct store *store, const struct keyring *ring, const struct site_account *account, const char *field,
	const struct secret *value, struct error *err)
{
	struct buf text = { 0 };

	(void)buf_reserve(&text, sizeof here + secret_size(value)); /* so that no copy stays where it was before */
	buf_puts(&text, here);
	buf_append(&text, secret_reveal(value), secret_size(value));
	const bool ok = save(store, ring, account, field, &text, err);
	buf_wipe(&text);
	return ok;
}

bool credential_save_reference(struct store *store, const struct keyring *ring, const struct site_account *account,
	const char *field, const char *reference, struct error *err)
{
	AUTO(buf) struct buf text = { 0 };

	buf_puts(&text, reference);
	return save(store, ring, account, field, &text, err);
}

bool credential_forget(struct store *store, const struct site_account *account, const char *field, bool *found,
	struct error *err)
{
	const bool ok = store_do(store, "DELETE FROM secrets WHERE platform = ? AND account = ? AND field = ?",
		SQL(SQL_TEXT(account->site->name), SQL_TEXT(account->name), SQL_TEXT(field)), err);

	*found = ok && store_changed(store) > 0;
	return ok;
}

cJSON *credential_list(struct store *store, const char *site, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT platform, account, field, key_id, updated_at FROM secrets"
		" WHERE ?1 IS NULL OR platform = ?1 ORDER BY platform, account, field", SQL(SQL_TEXT(site)), &why);

	while (rows && rows_next(rows, &why)) {
		char updated[32];
		value_instant_text(rows_int(rows, 4), updated);
		json_add(list, JSON_NODE(NULL, json_object(
			JSON_STR("site", rows_text(rows, 0)),
			JSON_STR("account", rows_text(rows, 1)),
			JSON_STR("field", rows_text(rows, 2)),
			JSON_STR("keyId", rows_text(rows, 3)),
			JSON_STR("updatedAt", updated))));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}
