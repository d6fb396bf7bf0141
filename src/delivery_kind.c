#include "src/delivery_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/account.h"
#include "src/child.h"
#include "src/format.h"
#include "src/mail.h"
#include "src/output.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <time.h>

enum { SEND_MS = 40000 };

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

const struct kind *delivery_kind(const char *name, struct error *err)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	fail(err, ERR_INPUT, "there is no delivery by \"%s\"; there are file, webhook, ntfy, telegram, email and exec", name);
	return NULL;
}

bool delivery_wants_secret(const char *name, bool *wants, struct error *err)
{
	const struct kind *kind = delivery_kind(name, err);

	if (kind)
		*wants = kind->wants_secret;
	return kind != NULL;
}
