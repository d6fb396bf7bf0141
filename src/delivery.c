#include "src/delivery_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "scrapers/values.h"
#include "src/access.h"
#include "src/account.h"
#include "src/child.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/format.h"
#include "src/options.h"
#include "src/reach.h"
#include "src/results.h"
#include "src/store.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { LOADED_MAX = 16, CURRENCIES_MAX = 8, NAME_MAX_SIZE = 64 };

struct fetch_network delivery_network(const struct options *o)
{
	return (struct fetch_network){ .connect_to = o->connect_to, .cacert = o->cacert, .user_agent = "gabbai/" GABBAI_VERSION };
}

/* ---- keeping them ---- */

static bool check(const struct delivery *d, const struct kind *kind, struct error *err)
{
	int count = 0;

	while (count < DELIVERY_WORDS && d->words[count])
		count++;
	if (!*d->name || strlen(d->name) >= NAME_MAX_SIZE || strpbrk(d->name, " /\r\n"))
		return fail(err, ERR_INPUT, "a delivery's name is a word");
	if (count < kind->words_min || count > kind->words_max)
		return fail(err, ERR_INPUT, "delivery by %s wants %d to %d words behind it; see gabbai(1)", kind->name, kind->words_min,
			kind->words_max);
	if (kind->wants_secret && !d->secret)
		return fail(err, ERR_INPUT, "delivery by %s wants a secret", kind->name);
	if (d->format && format_find(d->format) < 0)
		return fail(err, ERR_INPUT, "--format %s: there are " FORMAT_NAMES, d->format);
	if (d->site && !site_find(d->site))
		return fail(err, ERR_SITE, "there is no site \"%s\"; see gabbai sites", d->site);
	return kind->check(d, err);
}

bool delivery_add(struct store *store, const struct keyring *ring, const struct delivery *d, struct error *err)
{
	const struct kind *kind = delivery_kind(d->kind, err);
	const char *site = d->site ? d->site : "";
	const struct sealed_for row = { "deliveries", site, d->name };
	AUTO(buf) struct buf blob = { 0 };

	if (!kind || !check(d, kind, err))
		return false;
	AUTO(json) cJSON *json = json_object(JSON_STR("0", d->words[0]), JSON_STR("1", d->words[1]), JSON_STR("2", d->words[2]),
		JSON_STR("secret", d->secret));
	AUTO(text) char *text = json_print(json);
	const bool sealed = seal(ring, &row, text, strlen(text), &blob, err);
	secret_wipe(text, strlen(text));
	return sealed && store_do(store, "INSERT OR REPLACE INTO deliveries (name, platform, kind, results, needs, format, new_only,"
		" value, key_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		SQL(SQL_TEXT(d->name), SQL_TEXT(site), SQL_TEXT(d->kind), SQL_INT(d->results), SQL_INT(d->needs), SQL_TEXT(d->format),
			SQL_INT(d->new_only || kind->speaks), SQL_BLOB(blob.data, blob.size), SQL_TEXT(keyring_id(ring)),
			SQL_INT(time(NULL))), err);
}

bool delivery_remove(struct store *store, const char *name, struct error *err)
{
	return store_do(store, "DELETE FROM deliveries WHERE name = ?", SQL(SQL_TEXT(name)), err)
		&& (store_changed(store) || fail(err, ERR_INPUT, "there is no delivery \"%s\"; see gabbai deliver list", name));
}

cJSON *delivery_list(struct store *store, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT name, kind, platform, results, needs, format, new_only, last_at,"
		" last_error FROM deliveries ORDER BY name", NULL, &why);
	char at[32];

	while (rows && rows_next(rows, &why)) {
		value_instant_text(rows_int(rows, 7), at);
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("name", rows_text(rows, 0)), JSON_STR("kind", rows_text(rows, 1)),
			JSON_STR("site", *rows_text(rows, 2) ? rows_text(rows, 2) : NULL), JSON_BOOL("results", rows_int(rows, 3)),
			JSON_BOOL("needs", rows_int(rows, 4)), JSON_STR("format", rows_text(rows, 5)),
			JSON_BOOL("newOnly", rows_int(rows, 6)), JSON_STR("lastAt", rows_is_null(rows, 7) ? NULL : at),
			JSON_STR("lastError", rows_text(rows, 8)))));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

/* ---- opening them ---- */

static void loaded_clear(struct loaded *d)
{
	free(d->name);
	free(d->platform);
	free(d->format);
	for (size_t i = 0; i < DELIVERY_WORDS; i++)
		free(d->words[i]);
	secret_free(d->secret);
	*d = (struct loaded){ 0 };
}

static bool read_value(const struct keyring *ring, struct rows *rows, struct loaded *d, struct error *err)
{
	const struct sealed_for row = { "deliveries", d->platform, d->name };
	struct buf text = { 0 };
	size_t size;
	const void *blob = rows_blob(rows, 7, &size);
	bool ok = unseal(ring, &row, blob, size, &text, err);
	AUTO(json) cJSON *json = ok ? json_parse(buf_text(&text), text.size, err) : NULL;
	static const char *const names[DELIVERY_WORDS] = { "0", "1", "2" };

	buf_wipe(&text);
	for (size_t i = 0; json && i < DELIVERY_WORDS; i++)
		d->words[i] = copy_of(json_str(json, names[i]));
	char *secret = json ? (char *)(uintptr_t)json_str(json, "secret") : NULL;
	if (secret) {
		d->secret = credential_resolve(secret, strlen(secret), err);
		secret_wipe(secret, strlen(secret));
	}
	return json && (!secret || d->secret);
}

/* Those that want what WHERE says, of SITE; what does not open is logged and left out. */
static size_t load(struct store *store, const struct keyring *ring, const char *where, const char *text,
	struct loaded out[LOADED_MAX])
{
	struct error why = { 0 };
	AUTO(text) char *sql = xasprintf("SELECT name, platform, kind, results, needs, format, new_only, value FROM deliveries"
		" WHERE %s ORDER BY name", where);
	AUTO(rows) struct rows *rows = store_ask(store, sql, SQL(SQL_TEXT(text)), &why);
	size_t count = 0;

	while (rows && count < LOADED_MAX && rows_next(rows, &why)) {
		struct loaded *d = &out[count];
		struct error closed = { 0 };
		*d = (struct loaded){ .name = xstrdup(rows_text(rows, 0)), .platform = xstrdup(rows_text(rows, 1)),
			.kind = delivery_kind(rows_text(rows, 2), &closed), .results = rows_int(rows, 3) != 0,
			.needs = rows_int(rows, 4) != 0, .format = copy_of(rows_text(rows, 5)), .new_only = rows_int(rows, 6) != 0 };
		if (d->kind && read_value(ring, rows, d, &closed)) {
			count++;
			continue;
		}
		log_line(LOG_WARN, "the delivery \"%s\": %s", d->name, closed.text);
		loaded_clear(d);
	}
	if (why.code)
		log_line(LOG_WARN, "deliveries: %s", why.text);
	return count;
}

static void note(struct store *store, const struct loaded *d, const struct error *why)
{
	if (why)
		log_line(LOG_WARN, "the delivery \"%s\" did not arrive: %s", d->name, why->text);
	(void)store_do(store, "UPDATE deliveries SET last_at = ?2, last_error = ?3 WHERE name = ?1",
		SQL(SQL_TEXT(d->name), SQL_INT(time(NULL)), SQL_TEXT(why ? why->text : NULL)), NULL); /* it was logged */
}

/* ---- words ---- */

static void news_clear(struct news *n)
{
	free(n->title);
	free(n->text);
	free(n->link);
	buf_clear(&n->body);
}

/* "Visa Cal", or "Visa Cal/family". */
static char *title_of(const struct site_account *a)
{
	const bool named = strcmp(a->name, "default") != 0;

	return xasprintf("%s%s%s", a->site->title, named ? "/" : "", named ? a->name : "");
}

static void machine_body(struct news *n)
{
	AUTO(json) cJSON *json = json_object(JSON_STR("event", n->event), JSON_STR("reason", n->reason),
		JSON_STR("site", n->account ? n->account->site->name : NULL), JSON_STR("account", n->account ? n->account->name : NULL),
		JSON_STR("title", n->title), JSON_STR("message", n->text), JSON_STR("link", n->link));
	if (n->run)
		json_add(json, JSON_INT("runId", n->run));
	AUTO(text) char *text = json_print(json);
	buf_puts(&n->body, text);
	n->type = "application/json";
}

/* "3 new transactions: -214.50 ILS, -20.00 USD". */
static char *summary(const struct collection *c)
{
	struct { const char *name; int64_t minor; } sums[CURRENCIES_MAX];
	size_t currencies = 0, rows = 0;
	struct buf out = { 0 };

	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->accounts[i].count; k++) {
			const struct transaction *t = &c->accounts[i].list[k];
			const char *name = value_currency(t->charged_currency ? t->charged_currency : t->original_currency);
			size_t at = 0;
			rows++;
			while (at < currencies && strcmp(sums[at].name, name) != 0)
				at++;
			if (at == CURRENCIES_MAX)
				continue;
			if (at == currencies) {
				sums[currencies].name = name;
				sums[currencies++].minor = 0;
			}
			sums[at].minor += t->charged_minor;
		}
	if (c->product_count)
		buf_printf(&out, "%zu new products", c->product_count);
	if (rows || !c->product_count)
		buf_printf(&out, "%zu new transaction%s", rows, rows == 1 ? "" : "s");
	for (size_t i = 0; i < currencies; i++) {
		buf_puts(&out, i ? ", " : ": ");
		format_minor(&out, sums[i].minor);
		buf_printf(&out, " %s", sums[i].name);
	}
	return buf_take(&out);
}

/* ---- links to the server ---- */

/* For this run's questions and nothing else; or to the page.  NULL: there is no server. */
static char *link_to(struct store *store, int64_t question_of)
{
	AUTO(text) char *url = NULL;
	AUTO(text) char *token_file = NULL;

	if (!reach_find(store, &url, &token_file))
		return NULL;
	if (!question_of)
		return xasprintf("%s/integrations", url);
	struct access *access = access_open(token_file, NULL);
	if (!access)
		return NULL;
	AUTO(text) char *subject = xasprintf("%" PRId64, question_of);
	AUTO(text) char *sealed = access_seal(access, SCOPE_QUESTION, subject, LINK_QUESTION_S);
	access_close(access);
	return xasprintf("%s/o/%s", url, sealed);
}

/* ---- results ---- */

static bool set_delivered(struct store *store, const struct loaded *d, const struct delivery_run *run, int64_t up_to,
	struct error *err)
{
	return store_do(store, "INSERT OR REPLACE INTO delivered (delivery, platform, account, run) VALUES (?, ?, ?, ?)",
		SQL(SQL_TEXT(d->name), SQL_TEXT(run->account->site->name), SQL_TEXT(run->account->name), SQL_INT(up_to)), err);
}

static int64_t delivered_up_to(struct store *store, const struct loaded *d, const struct delivery_run *run)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT run FROM delivered WHERE delivery = ? AND platform = ? AND account = ?",
		SQL(SQL_TEXT(d->name), SQL_TEXT(run->account->site->name), SQL_TEXT(run->account->name)), &why);

	if (rows && rows_next(rows, &why))
		return rows_int(rows, 0);
	(void)set_delivered(store, d, run, run->id - 1, NULL); /* so that this one's is not lost when it does not arrive */
	return run->id - 1;
}

static bool read_rows(struct store *store, const struct delivery_run *run, bool new_only, int64_t after, struct collection *out,
	struct error *err)
{
	/* A pending one is told when it is new: when it completes it is new no more. */
	const struct results_query query = { .site = run->account->site->name, .account = run->account->name, .pending = new_only,
		.after = new_only ? after : 0 };

	return results_read(store, &query, out, err);
}

static const char *type_of(const char *format)
{
	static const struct { const char *format, *type; } types[] = { { "json", "application/json" }, { "ibs", "application/json" },
		{ "moneyman", "application/json" }, { "ndjson", "application/x-ndjson" }, { "csv", "text/csv; charset=utf-8" },
		{ "ofx", "application/x-ofx" } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].format, format))
			return types[i].type;
	return "text/plain; charset=utf-8";
}

static bool deliver_results(struct store *store, const struct loaded *d, const struct options *o, const struct delivery_run *run,
	struct error *err)
{
	const char *format = d->format ? d->format : d->kind->format;
	const struct fetch_network network = delivery_network(o);
	struct collection fresh = { 0 }, all = { 0 };
	const int64_t after = delivered_up_to(store, d, run);
	bool ok = read_rows(store, run, true, after, &fresh, err) && (d->new_only || read_rows(store, run, false, 0, &all, err));
	const bool nothing = !fresh.product_count && !fresh.count;

	if (ok && !(nothing && d->new_only)) {
		struct news n = { .event = "results", .account = run->account, .run = run->id, .title = title_of(run->account),
			.text = summary(&fresh), .link = link_to(store, 0), .type = type_of(format), .format = format };
		format_report((enum format)format_find(format), &(struct report){ .site = run->account->site->name,
			.collection = d->new_only ? &fresh : &all }, &n.body);
		ok = d->kind->send(d, &network, &n, err);
		news_clear(&n);
	}
	collection_clear(&fresh);
	collection_clear(&all);
	return ok && set_delivered(store, d, run, run->id, err);
}

/* ---- when a person is needed ---- */

static const struct {
	int code;
	const char *reason, *words;
} needs[] = {
	{ EXIT_RECONNECT, "reconnect", "sign in again" },
	{ EXIT_NO_CODE, "code", "a code was wanted, and nobody answered" },
	{ EXIT_WRONG_CODE, "code", "the codes were refused" },
	{ EXIT_REFUSED, "parked", "nothing is tried until you do something" },
	{ EXIT_BLOCKED, "blocked", "the site does not let programs in" },
	{ EXIT_SITE, "changed", "the site is not as it was" },
};

/* The run before it ended the same, so it was told. */
static bool was_told(struct store *store, const struct delivery_run *run)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT exit_code FROM runs WHERE platform = ? AND account = ? AND id < ?"
		" AND exit_code IS NOT NULL ORDER BY id DESC LIMIT 1",
		SQL(SQL_TEXT(run->account->site->name), SQL_TEXT(run->account->name), SQL_INT(run->id)), &why);

	return rows && rows_next(rows, &why) && rows_int(rows, 0) == run->code;
}

static bool is_needed(struct store *store, const struct delivery_run *run, struct news *n)
{
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		if (needs[i].code != run->code || was_told(store, run))
			continue;
		AUTO(text) char *title = title_of(run->account);
		AUTO(text) char *why = xstrdup(run->why ? run->why : "");
		secret_redact(why, strlen(why));
		*n = (struct news){ .event = "needs", .reason = needs[i].reason, .account = run->account, .run = run->id,
			.title = xasprintf("%s needs you", title), .text = xasprintf("%s: %s", needs[i].words, why),
			.link = link_to(store, 0) };
		machine_body(n);
		return true;
	}
	return false;
}

void delivery_after_run(struct store *store, const struct keyring *ring, const struct options *o, const struct delivery_run *run)
{
	const bool has_results = run->code == EXIT_OK || run->code == EXIT_PARTIAL;
	const struct fetch_network network = delivery_network(o);
	struct loaded list[LOADED_MAX];
	struct news n = { 0 };

	if (!has_results && !is_needed(store, run, &n))
		return;
	const size_t count = load(store, ring, has_results ? "results AND platform IN ('', ?)" : "needs AND platform IN ('', ?)",
		run->account->site->name, list);
	for (size_t i = 0; i < count; i++) {
		struct error why = { 0 };
		const bool ok = has_results ? deliver_results(store, &list[i], o, run, &why)
			: list[i].kind->send(&list[i], &network, &n, &why);
		note(store, &list[i], ok ? NULL : &why);
		loaded_clear(&list[i]);
	}
	news_clear(&n);
}

/* What a process of its own tells. */
struct telling {
	const struct loaded *list;
	size_t count;
	const struct fetch_network *network;
	const struct news *news;
};

static void tell_all(void *owner, int in)
{
	const struct telling *t = owner;

	(void)in;
	for (size_t i = 0; i < t->count; i++) {
		struct error why = { 0 };
		if (!t->list[i].kind->send(&t->list[i], t->network, t->news, &why))
			log_line(LOG_WARN, "the delivery \"%s\" did not arrive: %s", t->list[i].name, why.text);
	}
}

void delivery_question(struct store *store, const struct keyring *ring, const struct options *o,
	const struct site_account *account, int64_t run, const cJSON *request)
{
	const struct fetch_network network = delivery_network(o);
	struct loaded list[LOADED_MAX];
	const size_t count = load(store, ring, "needs AND platform IN ('', ?)", account->site->name, list);
	const char *destination = json_str(request, "destination");
	AUTO(text) char *title = count ? title_of(account) : NULL;

	if (!count)
		return;
	struct news n = { .event = "needs", .reason = "code", .account = account, .run = run,
		.title = xasprintf("%s: a code is wanted", title),
		.text = xasprintf("A code was sent%s%s.", destination ? " to " : "", destination ? destination : ""),
		.link = link_to(store, run) };
	machine_body(&n);
	struct telling telling = { list, count, &network, &n };
	struct error why = { 0 };
	struct child *child = child_call(tell_all, &telling, "a delivery", &why);
	if (child)
		child_leave(child);
	else
		log_line(LOG_WARN, "nobody was told that a code is wanted: %s", why.text);
	for (size_t i = 0; i < count; i++)
		loaded_clear(&list[i]);
	news_clear(&n);
}

bool delivery_test(struct store *store, const struct keyring *ring, const struct options *o, const char *name, struct error *err)
{
	const struct fetch_network network = delivery_network(o);
	struct loaded list[LOADED_MAX];
	const size_t count = load(store, ring, "name = ?", name, list);
	struct news n = { .event = "test", .title = xstrdup("gabbai: a test"),
		.text = xstrdup("This is what it looks like when gabbai has something to say."), .link = link_to(store, 0) };
	struct error why = { 0 };

	machine_body(&n);
	const bool ok = count ? list[0].kind->send(&list[0], &network, &n, &why)
		: fail(&why, ERR_INPUT, "there is no delivery \"%s\" that can be opened; see gabbai deliver list", name);
	if (count)
		note(store, &list[0], ok ? NULL : &why);
	for (size_t i = 0; i < count; i++)
		loaded_clear(&list[i]);
	news_clear(&n);
	if (!ok && err)
		*err = why;
	return ok;
}

bool delivery_telegram(struct store *store, const struct keyring *ring, const char *site, char **chat, char **api,
	struct secret **token, struct error *err)
{
	struct loaded list[LOADED_MAX];
	const size_t count = load(store, ring, "kind = 'telegram' AND platform IN ('', ?)", site, list);

	if (count) {
		*chat = TAKE(list[0].words[0]);
		*api = list[0].words[1] ? TAKE(list[0].words[1]) : xstrdup(TELEGRAM_API);
		*token = TAKE(list[0].secret);
	}
	for (size_t i = 0; i < count; i++)
		loaded_clear(&list[i]);
	return count || fail(err, ERR_INPUT, "no telegram is known: gabbai deliver add NAME telegram CHAT");
}
