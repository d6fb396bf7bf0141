#include "src/telegram.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/child.h"
#include "src/otp.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum {
	POLL_S = 2,         /* the bot's server keeps a request so long: what is answered elsewhere is noticed after it */
	REQUEST_MS = 15000,
	ERRORS_MAX = 30,    /* in a row; a minute and more */
	AGAIN_MS = 2000,
	CLOCKS_DIFFER_S = 60,
};

struct asking {
	const struct telegram *telegram;
	const char *question;
	int digits;
};

void telegram_clear(struct telegram *t)
{
	free(t->api);
	free(t->chat);
	secret_free(t->token);
	*t = (struct telegram){ 0 };
}

/* METHOD with BODY (taken): what the server answers, owned by the caller. */
static cJSON *call(const struct telegram *t, const char *method, cJSON *body)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	AUTO(json) cJSON *own = body;
	char *url = xasprintf("%s/bot%s/%s", t->api, secret_reveal(t->token), method);
	struct fetch f = { .url = url, .body = json_print(own), .headers = headers };
	struct error why = { 0 };
	cJSON *answer = fetch_all(&t->network, &f, 1, 1, deadline_in_ms(REQUEST_MS), &why) && f.status == 200
		? json_parse(buf_text(&f.reply), f.reply.size, NULL) : NULL;

	if (!answer)
		log_line(LOG_DEBUG, "telegram %s: %s", method, f.why ? f.why : why.code ? why.text : "no answer of the right kind");
	secret_wipe(url, strlen(url));
	if (f.reply.data)
		secret_wipe(f.reply.data, f.reply.size); /* answers have codes */
	free(url);
	fetch_clear(&f);
	return answer;
}

static bool say(const struct telegram *t, const char *text)
{
	AUTO(json) cJSON *answer = call(t, "sendMessage", json_object(JSON_STR("chat_id", t->chat), JSON_STR("text", text)));

	return json_true(answer, "ok");
}

/* From the configured chat, and not from before the question. */
static bool is_ours(const struct telegram *t, const cJSON *update, int64_t since)
{
	int64_t chat = 0, date = 0;
	AUTO(text) char *number = json_int(update, "message.chat.id", &chat) ? xasprintf("%" PRId64, chat) : xstrdup("");

	return !strcmp(number, t->chat) && json_int(update, "message.date", &date) && date >= since - CLOCKS_DIFFER_S;
}

/* Prints the answer: true when TEXT is one. */
static bool take(const struct asking *a, const char *text)
{
	const bool again = (text[0] == 'r' || text[0] == 'R') && (!text[1] || !strcasecmp(text, "resend"));
	AUTO(secret) struct secret *code = again ? NULL : otp_normalise(text, strlen(text), a->digits);

	if (!again && !code) {
		say(a->telegram, "That is not a code of the right form. Please send the code alone.");
		return false;
	}
	const char *answer = again ? "resend" : secret_reveal(code);
	if (write(1, answer, strlen(answer)) < 0)
		return true; /* nobody waits any more */
	say(a->telegram, again ? "It is sent again." : "Thank you, it is on its way.");
	return true;
}

/* Nobody wants the answer any more. */
static bool is_left(int in)
{
	return poll(&(struct pollfd){ .fd = in, .events = POLLIN }, 1, 0) != 0;
}

static bool look(const struct asking *a, const cJSON *updates, int64_t since, int64_t *next)
{
	const cJSON *update;
	int64_t id;

	cJSON_ArrayForEach(update, json_list(updates, "result")) {
		const char *text = json_str(update, "message.text");
		if (json_int(update, "update_id", &id) && id >= *next)
			*next = id + 1;
		if (text && is_ours(a->telegram, update, since) && take(a, text))
			return true;
	}
	return false;
}

/* So that the answer is not read a second time. */
static void forget(const struct telegram *t, int64_t next)
{
	cJSON_Delete(call(t, "getUpdates", json_object(JSON_INT("offset", next), JSON_INT("timeout", 0), JSON_INT("limit", 1))));
}

static void ask(void *owner, int in)
{
	const struct asking *a = owner;
	const int64_t since = time(NULL);
	int64_t next = 0;
	int errors = 0;

	if (!say(a->telegram, a->question)) {
		log_line(LOG_WARN, "the question could not be sent by telegram");
		return;
	}
	while (!is_left(in) && errors < ERRORS_MAX) {
		cJSON *body = json_object(JSON_INT("timeout", POLL_S), JSON_NODE("allowed_updates",
			json_array(JSON_STR(NULL, "message"))));
		if (next)
			json_add(body, JSON_INT("offset", next));
		AUTO(json) cJSON *updates = call(a->telegram, "getUpdates", body);
		errors = updates ? 0 : errors + 1;
		if (look(a, updates, since, &next)) {
			forget(a->telegram, next);
			return;
		}
		if (!updates)
			(void)poll(&(struct pollfd){ .fd = in, .events = POLLIN }, 1, AGAIN_MS); /* looked at next */
	}
	if (next)
		forget(a->telegram, next);
	if (is_left(in))
		say(a->telegram, "No code is wanted any more.");
}

struct child *telegram_ask(const struct telegram *telegram, const char *question, int digits, struct error *err)
{
	struct asking asking = { telegram, question, digits };

	return child_call(ask, &asking, "telegram", err);
}
