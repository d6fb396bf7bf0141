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
	REQUEST_MS = 15000,
	ERRORS_MAX = 30,    /* in a row; a minute and more */
	LOOK_MS = 1500,     /* Telegram refuses a second one that waits for the same bot's messages, so nobody waits there */
	OLD_S = 900,        /* nobody waits for an answer so long */
};

struct asking {
	const struct telegram *telegram;
	const char *question;
	int digits;
	int64_t message;    /* the question's number in the chat; answers have higher ones */
	int64_t seen;       /* the last update that was looked at */
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

/* The person's app opens an answer to this very message. */
static bool say_question(struct asking *a)
{
	AUTO(json) cJSON *answer = call(a->telegram, "sendMessage", json_object(JSON_STR("chat_id", a->telegram->chat),
		JSON_STR("text", a->question), JSON_NODE("reply_markup", json_object(JSON_BOOL("force_reply", true)))));

	(void)json_int(answer, "result.message_id", &a->message); /* 0: everything is an answer to it */
	return json_true(answer, "ok");
}

/* From the configured chat, after the question, and no answer to another one: several runs may ask at once. */
static bool is_ours(const struct asking *a, const cJSON *update)
{
	int64_t chat = 0, number = 0, to;
	AUTO(text) char *name = json_int(update, "message.chat.id", &chat) ? xasprintf("%" PRId64, chat) : xstrdup("");

	return !strcmp(name, a->telegram->chat) && json_int(update, "message.message_id", &number) && number > a->message
		&& (!json_int(update, "message.reply_to_message.message_id", &to) || to == a->message || !a->message);
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

/* True when the answer is there.  *OLD: the first update that is not to be forgotten yet.  Younger ones stay, since they may
 * be for somebody else. */
static bool look(struct asking *a, const cJSON *updates, int64_t *old)
{
	const int64_t now = time(NULL);
	const cJSON *update;
	int64_t id, date;

	cJSON_ArrayForEach(update, json_list(updates, "result")) {
		const char *text = json_str(update, "message.text");
		if (!json_int(update, "update_id", &id))
			continue;
		if (!json_int(update, "message.date", &date) || date < now - OLD_S)
			*old = id + 1;
		if (id <= a->seen)
			continue;
		a->seen = id;
		if (text && is_ours(a, update) && take(a, text))
			return true;
	}
	return false;
}

static void ask(void *owner, int in)
{
	struct asking *a = owner;
	int64_t old = 0;
	int errors = 0;

	if (!say_question(a)) {
		log_line(LOG_WARN, "the question could not be sent by telegram");
		return;
	}
	while (!is_left(in) && errors < ERRORS_MAX) {
		cJSON *body = json_object(JSON_INT("timeout", 0), JSON_NODE("allowed_updates", json_array(JSON_STR(NULL, "message"))));
		if (old)
			json_add(body, JSON_INT("offset", old));
		AUTO(json) cJSON *updates = call(a->telegram, "getUpdates", body);
		errors = updates ? 0 : errors + 1;
		if (look(a, updates, &old))
			return;
		(void)poll(&(struct pollfd){ .fd = in, .events = POLLIN }, 1, LOOK_MS); /* looked at next */
	}
	if (is_left(in))
		say(a->telegram, "No code is wanted any more.");
}

struct child *telegram_ask(const struct telegram *telegram, const char *question, int digits, struct error *err)
{
	struct asking asking = { .telegram = telegram, .question = question, .digits = digits };

	return child_call(ask, &asking, "telegram", err);
}
