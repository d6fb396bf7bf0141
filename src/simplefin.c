#include "src/simplefin.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "scrapers/scrape.h"
#include "src/format.h"
#include "src/results.h"
#include "src/statement.h"
#include "src/store.h"
#include "src/zone.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

enum { TOKEN_BYTES = 24, TOKEN_SIZE = 2 * TOKEN_BYTES + 1, HASH_SIZE = 65, NOON_S = 43200, DAY_S = 86400 };

/* ---- tokens ---- */

static void to_hex(const unsigned char *bytes, size_t size, char *out)
{
	for (size_t i = 0; i < size; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool new_token(char out[TOKEN_SIZE], struct error *err)
{
	unsigned char bytes[TOKEN_BYTES];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return fail(err, ERR_SYSTEM, "the system has no random numbers");
	to_hex(bytes, sizeof bytes, out);
	return true;
}

static void hash_of(const char *text, char out[HASH_SIZE])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	(void)EVP_Digest(text, strlen(text), hash, &size, EVP_sha256(), NULL);
	to_hex(hash, size, out);
}

static char *base64(const char *text)
{
	const size_t size = strlen(text);
	char *out = xmalloc((size + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)size);
	return out;
}

char *simplefin_new(struct store *store, const char *site, const char *url, int64_t now, struct error *err)
{
	char token[TOKEN_SIZE], hash[HASH_SIZE];

	if (!new_token(token, err))
		return NULL;
	hash_of(token, hash);
	if (!store_do(store, "INSERT INTO simplefin (platform, claim, created_at, claim_until) VALUES (?, ?, ?, ?)",
			SQL(SQL_TEXT(site), SQL_TEXT(hash), SQL_INT(now), SQL_INT(now + SIMPLEFIN_CLAIM_S)), err))
		return NULL;
	AUTO(text) char *claim = xasprintf("%s/simplefin/claim/%s", url, token);
	char *setup = base64(claim);
	secret_wipe(claim, strlen(claim));
	secret_wipe(token, sizeof token);
	return setup;
}

char *simplefin_claim(struct store *store, const char *token, int64_t now, struct error *err)
{
	char password[TOKEN_SIZE], claim[HASH_SIZE], hash[HASH_SIZE];
	struct error why = { 0 };

	if (!new_token(password, err))
		return NULL;
	hash_of(token, claim);
	hash_of(password, hash);
	int64_t id = 0;
	AUTO(rows) struct rows *rows = store_ask(store, "UPDATE simplefin SET claim = NULL, password = ?2, claimed_at = ?3"
		" WHERE claim = ?1 AND claim_until > ?3 RETURNING id",
		SQL(SQL_TEXT(claim), SQL_TEXT(hash), SQL_INT(now)), &why);
	while (rows && rows_next(rows, &why)) /* to its end, which is when it is written */
		id = rows_int(rows, 0);
	if (why.code && err)
		*err = why;
	char *access = id && !why.code ? xasprintf("%" PRId64 ":%s", id, password) : NULL;
	secret_wipe(password, sizeof password);
	return access;
}

bool simplefin_may(struct store *store, const char *id, const char *password, int64_t now, char **site)
{
	char hash[HASH_SIZE];
	struct error why = { 0 };
	bool ok = false;

	hash_of(password, hash);
	struct rows *rows = store_ask(store, "SELECT password, platform FROM simplefin WHERE id = ? AND password IS NOT NULL",
		SQL(SQL_TEXT(id)), &why);
	if (rows && rows_next(rows, &why) && strlen(rows_text(rows, 0)) == HASH_SIZE - 1
			&& CRYPTO_memcmp(rows_text(rows, 0), hash, HASH_SIZE - 1) == 0) {
		*site = copy_of(rows_text(rows, 1));
		ok = true;
	}
	rows_free(rows);
	if (ok) /* for people who look which one is of use; nobody waits for it */
		(void)store_do(store, "UPDATE simplefin SET used_at = ?2 WHERE id = ?1", SQL(SQL_TEXT(id), SQL_INT(now)), NULL);
	return ok;
}

bool simplefin_remove(struct store *store, int64_t id, struct error *err)
{
	return store_do(store, "DELETE FROM simplefin WHERE id = ?", SQL(SQL_INT(id)), err)
		&& (store_changed(store) || fail(err, ERR_INPUT, "there is no SimpleFIN access %" PRId64, id));
}

cJSON *simplefin_list(struct store *store, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT id, platform, created_at, claimed_at, used_at FROM simplefin"
		" ORDER BY id", NULL, &why);
	char created[32], claimed[32], used[32];

	while (rows && rows_next(rows, &why)) {
		value_instant_text(rows_int(rows, 2), created);
		value_instant_text(rows_int(rows, 3), claimed);
		value_instant_text(rows_int(rows, 4), used);
		json_add(list, JSON_NODE(NULL, json_object(JSON_INT("id", rows_int(rows, 0)), JSON_STR("site", rows_text(rows, 1)),
			JSON_STR("createdAt", created), JSON_STR("claimedAt", rows_is_null(rows, 3) ? NULL : claimed),
			JSON_STR("usedAt", rows_is_null(rows, 4) ? NULL : used))));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

/* ---- accounts ---- */

/* Noon of the day, so that no reader's clock shifts it to another. */
static int64_t posted(const struct transaction *t)
{
	return zone_day(t->bought.year, t->bought.month, t->bought.day) * DAY_S + NOON_S;
}

static cJSON *transaction_json(const struct transaction *t)
{
	AUTO(buf) struct buf amount = { 0 };

	format_minor(&amount, t->charged_minor);
	cJSON *json = json_object(JSON_STR("id", t->id), JSON_INT("posted", t->pending ? 0 : posted(t)),
		JSON_STR("amount", buf_text(&amount)), JSON_STR("description", t->description), JSON_STR("payee", t->description),
		JSON_STR("memo", *t->memo ? t->memo : NULL), JSON_INT("transacted_at", posted(t)));
	if (t->pending)
		json_add(json, JSON_BOOL("pending", true));
	return json;
}

static bool is_asked_for(const struct simplefin_query *q, const struct transaction *t)
{
	return !q->balances_only && (!q->start || posted(t) >= q->start) && (!q->end || posted(t) < q->end);
}

/* A balance is known of a card, in the currency that is paid in. */
static cJSON *account_json(const struct simplefin_query *q, const struct site *site, const struct statement *s, int64_t now)
{
	const bool known = s->account->has_balance && !strcmp(s->currency, RECORD_CURRENCY);
	AUTO(text) char *id = xasprintf("%s:%s", site->name, s->name);
	AUTO(text) char *name = xasprintf("%s %s", site->title, s->name);
	AUTO(buf) struct buf balance = { 0 };
	cJSON *list = cJSON_CreateArray();

	format_minor(&balance, known ? s->account->balance_minor : 0);
	for (const struct transaction *t = NULL; (t = statement_row(s, t));)
		if (is_asked_for(q, t))
			json_add(list, JSON_NODE(NULL, transaction_json(t)));
	return json_object(JSON_NODE("org", json_object(JSON_STR("domain", site->name), JSON_STR("name", site->title),
			JSON_STR("sfin-url", "https://gabbai.invalid/simplefin"))),
		JSON_STR("id", id), JSON_STR("name", name), JSON_STR("currency", s->currency), JSON_STR("balance", buf_text(&balance)),
		JSON_STR("available-balance", buf_text(&balance)), JSON_INT("balance-date", now), JSON_NODE("transactions", list));
}

cJSON *simplefin_accounts(struct store *store, const struct simplefin_query *q, int64_t now, struct error *err)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < site_count; i++) {
		struct collection c = { 0 };
		if (sites[i]->has_products || (q->site && strcmp(q->site, sites[i]->name) != 0))
			continue;
		const bool ok = results_read(store, &(struct results_query){ .site = sites[i]->name, .pending = q->pending }, &c, err);
		for (struct statement s = { 0 }; ok && statement_next(&c, &s);)
			json_add(list, JSON_NODE(NULL, account_json(q, sites[i], &s, now)));
		collection_clear(&c);
		if (!ok)
			return NULL;
	}
	return json_object(JSON_NODE("errors", cJSON_CreateArray()), JSON_NODE("accounts", TAKE(list)));
}
