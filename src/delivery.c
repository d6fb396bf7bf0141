#include "src/delivery.h"

#include "cdp/base/buf.h"
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
#include "src/mail.h"
#include "src/options.h"
#include "src/output.h"
#include "src/reach.h"
#include "src/results.h"
#include "src/store.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <time.h>

enum { SEND_MS = 40000, LOADED_MAX = 16, HEADER_MAX = 8, CURRENCIES_MAX = 8, NAME_MAX_SIZE = 64 };

#define TELEGRAM_API "https://api.telegram.org"

/* ---- what there is ---- */

/* One, opened. */
struct loaded {
	char *name, *platform, *format;
	const struct kind *kind;
	bool results, needs, new_only;
	char *words[DELIVERY_WORDS]; /* NULL: not given */
	struct secret *secret;       /* NULL: none */
};

/* What is to be said. */
struct news {
	const char *event;           /* "results", "needs" or "test" */
	const char *reason;          /* of "needs": "code", "reconnect", … */
	const struct site_account *account; /* NULL: none */
	int64_t run;
	char *title, *text, *link;   /* link may be NULL */
	struct buf body;             /* for machines … */
	const char *type;            /* … of this type */
	const char *format;          /* of results: the format's name */
};

struct kind {
	const char *name;
	int words_min, words_max;
	bool wants_secret;           /* else it may have one */
	bool speaks;                 /* messages for people, which never tell more than counts */
	const char *format;          /* of results; NULL: has to be said */
	bool (*check)(const struct delivery *d, struct error *err);
	bool (*send)(const struct loaded *d, const struct fetch_network *network, const struct news *news, struct error *err);
};

struct fetch_network delivery_network(const struct options *o)
{
	return (struct fetch_network){ .connect_to = o->connect_to, .cacert = o->cacert, .user_agent = "gabbai/" GABBAI_VERSION };
}

/* ---- sending ---- */

static bool post(const struct fetch_network *network, const char *url, const char *const *headers, const char *body,
	struct buf *reply, struct error *err)
{
	struct fetch f = { .url = url, .body = xstrdup(body), .headers = headers };
	struct error why = { 0 };

	if (fetch_all(network, &f, 1, 1, deadline_in_ms(SEND_MS), &why)) {
		if (f.why)
			fail(&why, ERR_NETWORK, "%s", f.why);
		else if (f.status < 200 || f.status > 299)
			fail(&why, ERR_HTTP, "HTTP %d", f.status);
	}
	if (reply && !why.code)
		buf_append(reply, buf_text(&f.reply), f.reply.size);
	secret_wipe(f.body, strlen(f.body));
	fetch_clear(&f);
	if (why.code && err)
		*err = why;
	return !why.code;
}

/* "sha256=…" of "TIMESTAMP.BODY". */
static char *signature(const struct secret *secret, int64_t timestamp, const struct buf *body)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	AUTO(buf) struct buf text = { 0 };
	struct buf out = { 0 };

	buf_printf(&text, "%" PRId64 ".", timestamp);
	buf_append(&text, buf_text(body), body->size);
	HMAC(EVP_sha256(), secret_reveal(secret), (int)secret_size(secret), (const unsigned char *)text.data, text.size, mac, &size);
	buf_puts(&out, "X-Gabbai-Signature: sha256=");
	for (unsigned int i = 0; i < size; i++)
		buf_printf(&out, "%02x", mac[i]);
	return buf_take(&out);
}

static bool send_webhook(const struct loaded *d, const struct fetch_network *network, const struct news *n, struct error *err)
{
	const int64_t now = time(NULL);
	AUTO(text) char *type = xasprintf("Content-Type: %s", n->type);
	AUTO(text) char *event = xasprintf("X-Gabbai-Event: %s", n->event);
	AUTO(text) char *id = xasprintf("X-Gabbai-Delivery: %s/%s/%" PRId64 "/%s", d->name, n->event, n->run,
		n->reason ? n->reason : "");
	AUTO(text) char *stamp = xasprintf("X-Gabbai-Timestamp: %" PRId64, now);
	AUTO(text) char *signed_by = d->secret ? signature(d->secret, now, &n->body) : NULL;
	const char *const headers[] = { type, event, id, stamp, signed_by, NULL };

	return post(network, d->words[0], headers, buf_text(&n->body), NULL, err);
}

static bool send_ntfy(const struct loaded *d, const struct fetch_network *network, const struct news *n, struct error *err)
{
	const char *topic = strrchr(d->words[0], '/') + 1;
	AUTO(text) char *base = xstrndup(d->words[0], (size_t)(topic - d->words[0]));
	AUTO(json) cJSON *json = json_object(JSON_STR("topic", topic), JSON_STR("title", n->title), JSON_STR("message", n->text),
		JSON_STR("click", n->link), JSON_INT("priority", strcmp(n->event, "needs") ? 3 : 4));
	AUTO(text) char *body = json_print(json);
	AUTO(text) char *token = d->secret ? xasprintf("Authorization: Bearer %s", secret_reveal(d->secret)) : NULL;
	const char *const headers[] = { "Content-Type: application/json", token, NULL };
	const bool ok = post(network, base, headers, body, NULL, err);

	if (token)
		secret_wipe(token, strlen(token));
	return ok;
}

static bool send_telegram(const struct loaded *d, const struct fetch_network *network, const struct news *n, struct error *err)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	AUTO(text) char *text = xasprintf("%s\n%s%s%s", n->title, n->text, n->link ? "\n" : "", n->link ? n->link : "");
	AUTO(json) cJSON *json = json_object(JSON_STR("chat_id", d->words[0]), JSON_STR("text", text),
		JSON_BOOL("disable_web_page_preview", true)); /* whose fetching would use up a link */
	AUTO(text) char *body = json_print(json);
	AUTO(text) char *url = xasprintf("%s/bot%s/sendMessage", d->words[1] ? d->words[1] : TELEGRAM_API, secret_reveal(d->secret));
	const bool ok = post(network, url, headers, body, NULL, err);

	secret_wipe(url, strlen(url));
	return ok;
}

static char *mail_user(const char *server)
{
	const char *begin = strstr(server, "://"), *at = strrchr(server, '@');

	if (!begin || !at)
		return NULL;
	begin += 3;
	char *user = xstrndup(begin, (size_t)(at - begin));
	char *encoded = strstr(user, "%40");
	if (encoded) {
		*encoded = '@';
		memmove(encoded + 1, encoded + 3, strlen(encoded + 3) + 1);
	}
	return user;
}

static bool send_email(const struct loaded *d, const struct fetch_network *network, const struct news *n, struct error *err)
{
	AUTO(text) char *user = mail_user(d->words[0]);
	AUTO(text) char *text = xasprintf("%s\n%s%s%s", n->text, n->link ? "\n" : "", n->link ? n->link : "", n->link ? "\n" : "");
	AUTO(text) char *file = xasprintf("gabbai-%" PRId64 ".%s", n->run, n->format ? n->format : "txt");
	const bool attaches = d->format && n->body.size && !strcmp(n->event, "results");

	return mail_send(network, &(struct mail){ .server = d->words[0], .password = d->secret, .to = d->words[1],
		.from = d->words[2] ? d->words[2] : user && strchr(user, '@') ? user : d->words[1], .subject = n->title, .text = text,
		.name = file, .type = n->type, .attached = attaches ? n->body.data : NULL, .attached_size = n->body.size }, err);
}

static bool send_exec(const struct loaded *d, const struct fetch_network *network, const struct news *n, struct error *err)
{
	AUTO(buf) struct buf out = { .size_max = 65536 };
	struct child *child = child_start(d->words[0], buf_text(&n->body), err);

	(void)network;
	return child && child_finish(child, &out, deadline_in_ms(SEND_MS), err);
}

/* ---- files ---- */

/* PATH with what stands in braces filled in. */
static char *path_of(const char *path, const struct news *n)
{
	char today[16];
	AUTO(text) char *run = xasprintf("%" PRId64, n->run);
	struct buf out = { 0 };

	value_date_text(value_now(RECORD_ZONE), today);
	const struct { const char *name, *value; } marks[] = { { "{site}", n->account->site->name },
		{ "{account}", n->account->name }, { "{date}", today }, { "{run}", run } };
	while (*path) {
		size_t i = 0;
		while (i < 4 && strncmp(path, marks[i].name, strlen(marks[i].name)) != 0)
			i++;
		if (i < 4)
			buf_puts(&out, marks[i].value);
		else
			buf_putc(&out, *path);
		path += i < 4 ? strlen(marks[i].name) : 1;
	}
	return buf_take(&out);
}

static bool send_file(const struct loaded *d, const struct fetch_network *network, const struct news *n, struct error *err)
{
	(void)network;
	if (strcmp(n->event, "results") != 0)
		return true;
	AUTO(text) char *path = path_of(d->words[0], n);
	return output_write(path, &n->body, err);
}

/* ---- kinds ---- */

/* What is sent in the clear stays on this machine. */
static bool check_url(const char *url, struct error *err)
{
	static const char *const good[] = { "https://", "http://127.0.0.1:", "http://127.0.0.1/", "http://localhost:",
		"http://[::1]:" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!strncmp(url, good[i], strlen(good[i])) && url[strlen(good[i])] && !strpbrk(url, " \r\n"))
			return true;
	return fail(err, ERR_INPUT, "%.60s: wants https://", url);
}

static bool check_webhook(const struct delivery *d, struct error *err)
{
	return check_url(d->words[0], err);
}

static bool check_ntfy(const struct delivery *d, struct error *err)
{
	const char *path = strstr(d->words[0], "://"), *slash = path ? strchr(path + 3, '/') : NULL;

	return check_url(d->words[0], err)
		&& ((slash && slash[1] && strrchr(slash, '/')[1])
			|| fail(err, ERR_INPUT, "ntfy wants the topic, like https://ntfy.sh/topic"));
}

static bool check_telegram(const struct delivery *d, struct error *err)
{
	const char *chat = d->words[0];

	return ((strspn(chat, "-0123456789") == strlen(chat) && *chat)
			|| fail(err, ERR_INPUT, "telegram wants the number of a chat; your bot's getUpdates has it"))
		&& (!d->words[1] || check_url(d->words[1], err));
}

static bool check_email(const struct delivery *d, struct error *err)
{
	return !strncmp(d->words[0], "smtps://", 8) || !strncmp(d->words[0], "smtp://", 7)
		|| fail(err, ERR_INPUT, "email wants a server like smtps://me%%40example.org@smtp.example.org");
}

static bool check_exec(const struct delivery *d, struct error *err)
{
	AUTO(json) cJSON *list = json_parse(d->words[0], strlen(d->words[0]), NULL);

	return cJSON_IsArray(list) || fail(err, ERR_INPUT, "exec wants an array of words, like '[\"/usr/local/bin/import\"]'");
}

static bool check_file(const struct delivery *d, struct error *err)
{
	if (*d->words[0] != '/')
		return fail(err, ERR_INPUT, "file wants a path from the root");
	if (d->new_only && !strstr(d->words[0], "{run}") && !strstr(d->words[0], "{date}"))
		return fail(err, ERR_INPUT, "a file of new rows alone is written over by the next: put {run} or {date} into its name");
	return d->format || fail(err, ERR_INPUT, "file wants -f FORMAT");
}

static const struct kind kinds[] = {
	{ "file", 1, 1, false, false, NULL, check_file, send_file },
	{ "webhook", 1, 1, true, false, "json", check_webhook, send_webhook },
	{ "ntfy", 1, 1, false, true, "json", check_ntfy, send_ntfy },
	{ "telegram", 1, 2, true, true, "json", check_telegram, send_telegram },
	{ "email", 2, 3, false, true, "csv", check_email, send_email },
	{ "exec", 1, 1, false, false, "json", check_exec, send_exec },
};

static const struct kind *kind_of(const char *name, struct error *err)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	fail(err, ERR_INPUT, "there is no delivery by \"%s\"; there are file, webhook, ntfy, telegram, email and exec", name);
	return NULL;
}

bool delivery_wants_secret(const char *name, bool *wants, struct error *err)
{
	const struct kind *kind = kind_of(name, err);

	if (kind)
		*wants = kind->wants_secret;
	return kind != NULL;
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
	const struct kind *kind = kind_of(d->kind, err);
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
			.kind = kind_of(rows_text(rows, 2), &closed), .results = rows_int(rows, 3) != 0, .needs = rows_int(rows, 4) != 0,
			.format = copy_of(rows_text(rows, 5)), .new_only = rows_int(rows, 6) != 0 };
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
