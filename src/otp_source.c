#include "src/otp_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/asked.h"
#include "src/child.h"
#include "src/telegram.h"
#include "src/totp.h"
#include "src/wheel.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

enum {
	ANSWER_MAX = 256,
	WEB_ATTEMPTS = 3, /* as scrapers/code.c has it */
};

static bool is_clock(const char *source)
{
	return !strcmp(source, "totp") || (!strncmp(source, "totp:", 5) && source[5]);
}

bool otp_source_ok(const char *source, struct error *err)
{
	if (!strcmp(source, "tty") || !strcmp(source, "web") || is_clock(source) || !strcmp(source, "telegram")
			|| (!strncmp(source, "file:", 5) && source[5]))
		return true;
	if (!strncmp(source, "exec:", 5)) {
		AUTO(json) cJSON *list = json_parse(source + 5, strlen(source + 5), NULL);
		return cJSON_IsArray(list) || fail(err, ERR_INPUT,
			"--otp exec: wants an array of words, like exec:[\"get-code\",\"bank\"]");
	}
	AUTO(secret) struct secret *code = otp_normalise(source, strlen(source), 0);
	return code || fail(err, ERR_INPUT, "--otp takes tty, web, telegram, exec:[…], file:PATH, totp or a code");
}

/* ---- what it is asked ---- */

bool otp_is_choice(const struct question *q)
{
	return q->challenge->kind == CHALLENGE_METHOD;
}

static cJSON *choices_json(const struct challenge *c)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach(one, json_list(c->verdict, "choices"))
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("label", json_str(one, "label")),
			JSON_STR("channel", json_str(one, "channel")), JSON_STR("destination", json_str(one, "destination")))));
	return list;
}

static cJSON *challenge_json(const struct question *q)
{
	const struct challenge *c = q->challenge;
	cJSON *json = json_object(JSON_STR("title", q->plan->site), JSON_STR("site", q->plan->site),
		JSON_STR("kind", otp_is_choice(q) ? "choose_method" : "code"),
		JSON_STR("channel", c->channel), JSON_STR("destination", c->destination), JSON_INT("digits", c->digits),
		JSON_INT("attempt", q->attempt), JSON_BOOL("canResend", c->resend != NULL), JSON_STR("message", c->message));

	if (c->expires_in)
		json_add(json, JSON_INT("expiresIn", c->expires_in));
	if (otp_is_choice(q))
		json_add(json, JSON_NODE("choices", choices_json(c)));
	return json;
}

static void prompt_choice(const struct question *q)
{
	const cJSON *one;
	int number = 0;

	fprintf(stderr, "%s can send a one-time code:\n", q->plan->site);
	cJSON_ArrayForEach(one, json_list(q->challenge->verdict, "choices")) {
		const char *label = json_str(one, "label"), *channel = json_str(one, "channel");
		fprintf(stderr, "  %d) %s\n", ++number, label && *label ? label : channel ? channel : "?");
	}
	fprintf(stderr, "Which (1 to %d, or nothing for the site's own choice)? ", number);
}

static void prompt_code(const struct question *q)
{
	const struct challenge *c = q->challenge;
	const bool known = c->channel && strcmp(c->channel, "unknown") != 0;

	if (q->attempt > 1)
		fprintf(stderr, "The site did not take that code%s%s.\n", c->message ? ": " : "", c->message ? c->message : "");
	fprintf(stderr, "%s sent a one-time code%s%s%s%s", q->plan->site,
		c->destination ? " to " : "", c->destination ? c->destination : "",
		known ? " by " : "", known ? c->channel : "");
	if (c->expires_in)
		fprintf(stderr, ", good for %d:%02d minutes", c->expires_in / 60, c->expires_in % 60);
	fprintf(stderr, ".%s Code: ", c->resend ? " (r: have it sent again.)" : "");
}

void otp_prompt(const struct question *q)
{
	if (otp_is_choice(q))
		prompt_choice(q);
	else
		prompt_code(q);
	(void)fflush(stderr);
}

/* Who can say more than a code. */
struct wheel *otp_wheel_begin(const struct otp_plan *plan, struct cdp_page *page, bool may_drive, struct error *err)
{
	struct wheel *wheel = plan->wheel ? plan->wheel : wheel_open(NULL, page, may_drive, err);

	if (!wheel)
		return NULL;
	wheel_begin(wheel, may_drive);
	wheel_listen(wheel, true);
	return wheel;
}

void otp_wheel_end(const struct otp_plan *plan, struct wheel *wheel)
{
	if (wheel != plan->wheel) {
		wheel_close(wheel);
	} else if (wheel) {
		wheel_begin(wheel, true);
		wheel_listen(wheel, false);
	}
}

/* The question is kept where everybody sees it, and the channel takes the answer. */
static bool ask_web(struct question *q, struct source *source, struct error *err)
{
	const struct challenge *c = q->challenge;
	AUTO(text) char *message = q->attempt > 1
		? xasprintf("The code was not accepted%s%s", c->message ? ": " : "", c->message ? c->message : "")
		: xstrdup(otp_is_choice(q) ? "How shall the code be sent?" : "Please enter the code sent to your phone");
	const int wait_ms = q->plan->wait_ms ? q->plan->wait_ms : OTP_WAIT_MS;

	source->spent = !q->plan->asked;
	if (source->spent)
		return true;
	cJSON *request = challenge_json(q);
	cJSON_DeleteItemFromObjectCaseSensitive(request, "site"); /* the row says it by its name */
	cJSON_DeleteItemFromObjectCaseSensitive(request, "message");
	json_add(request, JSON_STR("message", message));
	json_add(request, JSON_INT("maxAttempts", WEB_ATTEMPTS));
	const bool may_look = q->page && !otp_is_choice(q); /* over HTTP there is no page to be shown */
	json_add(request, JSON_BOOL("canDrive", may_look));
	source->wheel = otp_wheel_begin(q->plan, q->page, may_look, err);
	if (source->wheel)
		return asked_begin(q->plan->asked, request, wheel_channel(source->wheel), wait_ms / 1000, err);
	cJSON_Delete(request);
	return false;
}

/* A choice of ways is not asked for there. */
static bool ask_chat(struct question *q, struct source *source, struct error *err)
{
	const struct challenge *c = q->challenge;
	AUTO(text) char *text = xasprintf("%s%s asks for a one-time code%s%s. Please answer with the code alone%s.",
		q->attempt > 1 ? "The code was not accepted. " : "", q->plan->site, c->destination ? ", sent to " : "",
		c->destination ? c->destination : "", c->resend ? ", or r to have it sent again" : "");

	source->spent = otp_is_choice(q) || !q->plan->telegram;
	if (source->spent)
		return true;
	source->chat = true;
	source->child = telegram_ask(q->plan->telegram, text, c->digits, err);
	return source->child != NULL;
}

bool otp_source_start(struct question *q, const char *spec, struct error *err)
{
	struct source *source = &q->sources[q->count++];

	*source = (struct source){ .spec = spec, .terminal = !strcmp(spec, "tty"), .clock = is_clock(spec),
		.text = { .size_max = ANSWER_MAX } };
	if (source->terminal) {
		source->spent = q->plan->no_input;
		if (!source->spent)
			otp_prompt(q);
		return true;
	}
	if (source->clock) {
		source->spent = !q->plan->totp || q->attempt > TOTP_TRIES;
		return true;
	}
	if (!strcmp(spec, "web"))
		return ask_web(q, source, err);
	if (!strcmp(spec, "telegram"))
		return ask_chat(q, source, err);
	if (!strncmp(spec, "exec:", 5)) {
		AUTO(json) cJSON *request = challenge_json(q);
		AUTO(text) char *json = json_print(request);
		source->child = child_start(spec + 5, json, err);
		return source->child != NULL;
	}
	/* The same code again would only use up a try. */
	if (strncmp(spec, "file:", 5) != 0)
		source->spent = q->attempt > 1;
	return true;
}

void otp_source_stop(const struct question *q, struct source *source)
{
	if (source->chat && source->child)
		child_leave(source->child);
	else
		child_free(source->child);
	otp_wheel_end(q->plan, source->wheel);
	if (source->text.data)
		secret_wipe(source->text.data, source->text.room);
	buf_clear(&source->text);
}

/* ---- what it answers ---- */

/* What is read from the terminal so far; the line is there when it ends with its end. */
static bool read_terminal(struct source *source, bool *cancelled)
{
	char chunk[ANSWER_MAX];

	while (poll(&(struct pollfd){ .fd = 0, .events = POLLIN }, 1, 0) > 0) {
		const ssize_t n = read(0, chunk, sizeof chunk);
		if (n > 0)
			buf_append(&source->text, chunk, (size_t)n);
		secret_wipe(chunk, sizeof chunk);
		if (n <= 0) {
			*cancelled = source->text.size == 0;
			source->spent = true;
			return source->text.size > 0;
		}
		if (strchr(buf_text(&source->text), '\n'))
			return true;
	}
	return false;
}

/* A file counts when it was written after the question. */
static bool read_answer_file(const struct question *q, struct source *source)
{
	char text[ANSWER_MAX];
	struct stat st;
	AUTO(file) FILE *f = fopen(source->spec + 5, "re");

	if (!f || fstat(fileno(f), &st) != 0 || st.st_size == 0)
		return false;
	if (st.st_mtim.tv_sec < q->asked.tv_sec
			|| (st.st_mtim.tv_sec == q->asked.tv_sec && st.st_mtim.tv_nsec < q->asked.tv_nsec))
		return false;
	buf_reset(&source->text);
	buf_append(&source->text, text, fread(text, 1, sizeof text, f));
	secret_wipe(text, sizeof text);
	return source->text.size > 0;
}

/* The code of this step, unless it is about to end or was refused. */
static bool read_clock(const struct question *q, struct source *source)
{
	const struct totp *totp = q->plan->totp;
	const time_t now = time(NULL);

	if (totp_left_s(totp, now) < TOTP_MARGIN_S
			|| (q->attempt > 1 && totp_step(totp, now) == totp_step(totp, q->asked.tv_sec)))
		return false;
	AUTO(secret) struct secret *code = totp_code(totp, now);
	buf_append(&source->text, secret_reveal(code), secret_size(code));
	source->spent = true;
	return true;
}

static void reply(struct source *source, int status, const char *message)
{
	wheel_reply(source->wheel, source->peer, status, message);
}

/* What somebody has sent as ANSWER, as the terminal would have it; NULL: it is nothing that was asked for. */
static char *web_answer(const struct question *q, const cJSON *answer)
{
	const char *code = json_str(answer, "code");
	int64_t choice = 0;

	if (json_true(answer, "resend"))
		return q->challenge->resend ? xstrdup("resend") : NULL;
	if (otp_is_choice(q))
		return json_int(answer, "choice", &choice) && choice >= 0
			&& choice < cJSON_GetArraySize(json_list(q->challenge->verdict, "choices"))
			? xasprintf("%d", (int)choice + 1) : NULL;
	AUTO(secret) struct secret *good = code ? otp_normalise(code, strlen(code), q->challenge->digits) : NULL;
	return good ? xstrdup(code) : NULL;
}

/* The first answer counts; each is told what became of it. */
static bool read_channel(struct question *q, struct source *source, bool *cancelled)
{
	for (cJSON *message; (message = wheel_next(source->wheel, &source->peer));) {
		AUTO(json) cJSON *answer = message;
		const char *id = json_str(answer, "requestId");
		if (!id || strcmp(id, q->plan->asked->id) != 0) {
			wheel_hang_up(source->wheel, source->peer);
			continue;
		}
		if (json_true(answer, "cancel")) {
			*cancelled = source->spent = true;
			reply(source, 200, "cancelled");
			asked_end(q->plan->asked, "cancelled", NULL);
			return false;
		}
		if (wheel_is_held(source->wheel)) {
			reply(source, 409, "somebody has the wheel; the code goes into the page, or they give it back first");
			continue;
		}
		char *text = web_answer(q, answer);
		if (text) {
			buf_puts(&source->text, text);
			secret_wipe(text, strlen(text));
			free(text);
			source->spent = true;
			reply(source, 200, "OTP submitted successfully");
			asked_end(q->plan->asked, "answered", NULL);
			return true;
		}
		reply(source, 422, otp_is_choice(q) ? "that is none of the choices" : "that is not a code of the right form");
	}
	return false;
}

bool otp_source_poll(struct question *q, struct source *source, bool *cancelled)
{
	if (source->spent || (q->held && !source->wheel))
		return false;
	if (source->terminal)
		return read_terminal(source, cancelled);
	if (source->clock)
		return read_clock(q, source);
	if (source->wheel)
		return read_channel(q, source, cancelled);
	if (source->child) {
		source->spent = child_poll(source->child, &source->text) || (source->chat && source->text.size > 0);
		return source->spent && source->text.size > 0;
	}
	if (!strncmp(source->spec, "file:", 5))
		return read_answer_file(q, source);
	buf_puts(&source->text, source->spec);
	source->spent = true;
	return true;
}
