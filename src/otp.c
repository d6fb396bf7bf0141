#include "src/otp.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "src/asked.h"
#include "src/child.h"
#include "src/interrupt.h"
#include "src/telegram.h"
#include "src/totp.h"
#include "src/wheel.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	CODE_MIN = 4,
	CODE_MAX = 16,
	LOOK_MS = 100,
	ANSWER_MAX = 256,
	CHOOSE_MS = 10000,   /* for a command to choose: those that only wait for a code never do */
	WEB_ATTEMPTS = 3,    /* as scrapers/code.c has it */
	TOTP_TRIES = 2, /* this step's code, and the next one's if the first was used before or is late */
};

/* ---- codes ---- */

/* A digit of Arabic (U+0660), Persian (U+06F0) or full-width (U+FF10) script at TEXT: its value and bytes. */
static int foreign_digit(const unsigned char *text, size_t left, size_t *bytes)
{
	if (left >= 2 && text[0] == 0xd9 && text[1] >= 0xa0 && text[1] <= 0xa9)
		return *bytes = 2, text[1] - 0xa0;
	if (left >= 2 && text[0] == 0xdb && text[1] >= 0xb0 && text[1] <= 0xb9)
		return *bytes = 2, text[1] - 0xb0;
	if (left >= 3 && text[0] == 0xef && text[1] == 0xbc && text[2] >= 0x90 && text[2] <= 0x99)
		return *bytes = 3, text[2] - 0x90;
	return -1;
}

struct secret *otp_normalise(const char *text, size_t size, int digits)
{
	char code[CODE_MAX + 1];
	size_t length = 0;

	for (size_t i = 0; i < size;) {
		size_t bytes = 1;
		const int digit = foreign_digit((const unsigned char *)text + i, size - i, &bytes);
		const char c = digit >= 0 ? (char)('0' + digit) : text[i];
		i += bytes;
		if (isspace((unsigned char)c) || c == '-')
			continue;
		if (!isalnum((unsigned char)c) || length == CODE_MAX)
			return NULL;
		code[length++] = c;
	}
	if (length < CODE_MIN || (digits >= CODE_MIN && length != (size_t)digits))
		return NULL;
	struct secret *secret = secret_new(code, length);
	secret_wipe(code, sizeof code);
	return secret;
}

/* ---- sources ---- */

struct source {
	const char *spec;
	struct child *child;
	struct buf text;
	bool spent;      /* it has nothing more to give */
	bool terminal;
	bool clock;
	bool chat;           /* CHILD asks a person, who is told when it is over */
	struct wheel *wheel; /* of "web" */
	int peer;            /* who is told what became of the answer */
};

struct question {
	const struct otp_plan *plan;
	const struct challenge *challenge;
	struct cdp_page *page;
	struct challenge_sight sight;
	bool told_expired, held, by_hand;
	int attempt;
	struct timespec asked;
	struct source sources[OTP_SOURCES_MAX];
	size_t count;
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

bool otp_plan_has(const struct otp_plan *plan, const char *source)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->sources[i], source))
			return true;
	return false;
}

static bool is_choice(const struct question *q)
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
		JSON_STR("kind", is_choice(q) ? "choose_method" : "code"),
		JSON_STR("channel", c->channel), JSON_STR("destination", c->destination), JSON_INT("digits", c->digits),
		JSON_INT("attempt", q->attempt), JSON_BOOL("canResend", c->resend != NULL), JSON_STR("message", c->message));

	if (c->expires_in)
		json_add(json, JSON_INT("expiresIn", c->expires_in));
	if (is_choice(q))
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

static void prompt(const struct question *q)
{
	if (is_choice(q))
		prompt_choice(q);
	else
		prompt_code(q);
	(void)fflush(stderr);
}

/* Who can say more than a code. */
static bool can_choose(const struct source *source)
{
	return source->terminal || source->child || source->wheel;
}

static bool asks_person(const struct question *q)
{
	for (size_t i = 0; i < q->count; i++)
		if ((q->sources[i].terminal || q->sources[i].wheel || q->sources[i].chat) && !q->sources[i].spent)
			return true;
	return false;
}

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
		: xstrdup(is_choice(q) ? "How shall the code be sent?" : "Please enter the code sent to your phone");
	const int wait_ms = q->plan->wait_ms ? q->plan->wait_ms : OTP_WAIT_MS;

	source->spent = !q->plan->asked;
	if (source->spent)
		return true;
	cJSON *request = challenge_json(q);
	cJSON_DeleteItemFromObjectCaseSensitive(request, "site"); /* the row says it by its name */
	cJSON_DeleteItemFromObjectCaseSensitive(request, "message");
	json_add(request, JSON_STR("message", message));
	json_add(request, JSON_INT("maxAttempts", WEB_ATTEMPTS));
	const bool may_look = q->page && !is_choice(q);
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

	source->spent = is_choice(q) || !q->plan->telegram;
	if (source->spent)
		return true;
	source->chat = true;
	source->child = telegram_ask(q->plan->telegram, text, c->digits, err);
	return source->child != NULL;
}

static bool start_source(struct question *q, const char *spec, struct error *err)
{
	struct source *source = &q->sources[q->count++];

	*source = (struct source){ .spec = spec, .terminal = !strcmp(spec, "tty"), .clock = is_clock(spec),
		.text = { .size_max = ANSWER_MAX } };
	if (source->terminal) {
		source->spent = q->plan->no_input;
		if (!source->spent)
			prompt(q);
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

/* What is sent by a message is not what a clock says. */
static bool is_sent(const char *channel)
{
	static const char *const sent[] = { "sms", "email", "whatsapp", "call" };

	for (size_t i = 0; channel && i < sizeof sent / sizeof *sent; i++)
		if (!strcmp(channel, sent[i]))
			return true;
	return false;
}

static bool start(struct question *q, struct error *err)
{
	clock_gettime(CLOCK_REALTIME, &q->asked);
	for (size_t i = 0; i < q->plan->count; i++)
		if (!start_source(q, q->plan->sources[i], err))
			return false;
	if (q->plan->count)
		return true;
	if (q->plan->totp && q->attempt <= TOTP_TRIES && !is_sent(q->challenge->channel))
		return start_source(q, "totp", err);
	if (!q->plan->no_input && isatty(0))
		return start_source(q, "tty", err);
	return true;
}

static void stop(struct question *q)
{
	for (size_t i = 0; i < q->count; i++) {
		if (q->sources[i].chat && q->sources[i].child)
			child_leave(q->sources[i].child);
		else
			child_free(q->sources[i].child);
		otp_wheel_end(q->plan, q->sources[i].wheel);
		if (q->sources[i].text.data)
			secret_wipe(q->sources[i].text.data, q->sources[i].text.room);
		buf_clear(&q->sources[i].text);
	}
}

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
	if (is_choice(q))
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
		reply(source, 422, is_choice(q) ? "that is none of the choices" : "that is not a code of the right form");
	}
	return false;
}

/* True when SOURCE's text is an answer now. */
static bool has_answered(struct question *q, struct source *source, bool *cancelled)
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

/* "resend", or "r": no code, but a wish. */
static bool is_again(const struct source *source)
{
	const char *text = buf_text(&source->text);
	const size_t size = strcspn(text, " \r\n");

	return (size == 1 && tolower((unsigned char)*text) == 'r') || (size == 6 && !strncasecmp(text, "resend", 6));
}

/* An answer that is no code is said so, and waited on: it is no try. */
static struct secret *answer_of(const struct question *q, struct source *source)
{
	const char *text = buf_text(&source->text);
	struct secret *code = otp_normalise(text, strcspn(text, "\n"), q->challenge->digits);

	if (!code && source->terminal && !source->spent) {
		fprintf(stderr, "That is not a code%s. Code: ", q->challenge->digits ? " of the right length" : "");
		(void)fflush(stderr);
	}
	buf_reset(&source->text);
	return code;
}

/* "2", "sms", or an empty line: the page's own choice, which is -1.  False when it is none of them. */
static bool choice_of(const struct question *q, struct source *source, int *choice)
{
	const cJSON *list = json_list(q->challenge->verdict, "choices");
	AUTO(text) char *word = xstrndup(buf_text(&source->text), strcspn(buf_text(&source->text), " \r\n"));
	char *end;
	const long number = strtol(word, &end, 10);

	buf_reset(&source->text);
	if (!*word)
		return *choice = -1, true;
	for (int i = 0; i < cJSON_GetArraySize(list); i++) {
		const char *channel = json_str(cJSON_GetArrayItem(list, i), "channel");
		if ((!*end && number == i + 1) || (channel && !strcasecmp(channel, word)))
			return *choice = i, true;
	}
	if (source->terminal && !source->spent)
		prompt(q);
	return false;
}

static bool all_spent(const struct question *q)
{
	for (size_t i = 0; i < q->count; i++)
		if (!q->sources[i].spent)
			return false;
	return true;
}

static bool has_wheel(const struct question *q, bool (*is)(const struct wheel *wheel))
{
	for (size_t i = 0; i < q->count; i++)
		if (q->sources[i].wheel && is(q->sources[i].wheel))
			return true;
	return false;
}

/* Looks again once the page says something new.  A code that has expired is still asked for: the person decides. */
static bool still_wanted(struct question *q, struct error *err)
{
	AUTO(challenge) struct challenge now = { 0 };

	if (!q->page)
		return true;
	if (!q->sight.has_looked) /* the challenge is what was seen last */
		q->sight = (struct challenge_sight){ .has_looked = true, .documents = cdp_page_changes(q->page),
			.again = DEADLINE_NEVER };
	if (!challenge_may_differ(q->page, &q->sight))
		return true;
	if (!challenge_look(q->page, &q->sight, &now, err))
		return false;
	if (now.problem == PROBLEM_EXPIRED && !q->told_expired && q->challenge->problem != PROBLEM_EXPIRED) {
		q->told_expired = true;
		log_line(LOG_WARN, "%s: the code has expired%s", q->plan->site,
			now.resend ? "; the answer \"r\" has a new one sent" : "");
	}
	/* Whoever has had the wheel has done it there. */
	q->by_hand = now.kind != q->challenge->kind && !now.is_partial && has_wheel(q, wheel_was_held);
	return now.kind == q->challenge->kind || now.is_partial || q->by_hand
		|| fail(err, ERR_CODE_TIMEOUT, "the page no longer waits for a code");
}

/* What an answer is taken for: false when it is none. */
typedef bool (*take_fn)(struct question *q, struct source *source, void *out, struct error *err);

static bool nobody(const struct question *q, struct error *err)
{
	if (q->attempt > 1)
		return fail(err, ERR_CODE_WRONG, "the site refused the code: %s",
			q->challenge->message ? q->challenge->message : "no reason");
	return fail(err, ERR_CODE_MISSING, "the site wants a one-time code, and there is nobody to ask; see --otp");
}

static struct deadline patience(const struct otp_plan *plan)
{
	return deadline_in_ms(plan->wait_ms ? plan->wait_ms : OTP_WAIT_MS);
}

/* The run's hands are off the page while somebody drives it, who has as much time as for the code. */
static void see_wheel(struct question *q, struct deadline *until)
{
	const bool held = has_wheel(q, wheel_is_held);

	if (held && !q->held)
		*until = patience(q->plan);
	q->held = held;
}

static struct deadline next_look(const struct question *q)
{
	struct deadline next = deadline_in_ms(LOOK_MS);

	for (size_t i = 0; i < q->count; i++)
		if (q->sources[i].wheel)
			next = wheel_pause(q->sources[i].wheel, next);
	return next;
}

/* Lets the browser do what it does; without one, anything else happen. */
static bool idle(const struct question *q, struct error *err)
{
	struct error why = { 0 };

	if (!q->page) {
		(void)poll(NULL, 0, LOOK_MS);
		return !interrupt_signal || fail(err, ERR_CANCELLED, "interrupted");
	}
	if (cdp_conn_wait(cdp_page_conn(q->page), next_look(q), &why) || why.code == ERR_TIMEOUT)
		return true;
	if (err)
		*err = why;
	return false;
}

/* Waits for the first answer that TAKE takes. */
static bool wait_answer(struct question *q, take_fn take, void *out, struct deadline until, struct error *err)
{
	for (;;) {
		bool cancelled = false;
		for (size_t i = 0; i < q->count; i++) {
			struct error why = { 0 };
			if (!has_answered(q, &q->sources[i], &cancelled))
				continue;
			if (take(q, &q->sources[i], out, &why))
				return true;
			if (why.code) {
				if (err)
					*err = why;
				return false;
			}
		}
		if (cancelled)
			return fail(err, ERR_CODE_CANCEL, "no code was entered");
		if (all_spent(q))
			return nobody(q, err);
		if (deadline_passed(until))
			return fail(err, ERR_CODE_TIMEOUT, "nobody answered with a code in time");
		if (!idle(q, err))
			return false;
		see_wheel(q, &until);
		if (!q->held && !still_wanted(q, err))
			return false;
		if (q->by_hand)
			return true;
	}
}

static bool take_code(struct question *q, struct source *source, void *out, struct error *err)
{
	struct secret **code = out;

	if (is_again(source))
		return fail(err, ERR_CODE_AGAIN, "the code is to be sent again");
	return (*code = answer_of(q, source)) != NULL;
}

static bool take_choice(struct question *q, struct source *source, void *out, struct error *err)
{
	(void)err;
	return choice_of(q, source, out);
}

/* Tells those who were asked elsewhere that it is over. */
static void end_question(struct question *q, bool answered, const struct error *why)
{
	bool waits = false;

	for (size_t i = 0; i < q->count; i++)
		waits = waits || (q->sources[i].wheel && !q->sources[i].spent);
	stop(q);
	if (waits)
		asked_end(q->plan->asked, answered || why->code == ERR_CODE_AGAIN ? "answered"
			: why->code == ERR_CODE_CANCEL ? "cancelled" : "timeout",
			q->by_hand ? "done in the page" : answered ? "answered elsewhere" : why->text);
}

bool otp_ask(const struct otp_plan *plan, struct cdp_page *page, const struct challenge *challenge, int attempt,
	struct secret **code, struct error *err)
{
	struct question q = { .plan = plan, .challenge = challenge, .page = page, .attempt = attempt };
	struct error why = { 0 };

	*code = NULL;
	const bool ok = start(&q, &why) && wait_answer(&q, take_code, code, patience(plan), &why);
	end_question(&q, ok, &why);
	if (!ok && err)
		*err = why;
	return ok;
}

bool otp_choose(const struct otp_plan *plan, struct cdp_page *page, const struct challenge *challenge, int *choice,
	struct error *err)
{
	struct question q = { .plan = plan, .challenge = challenge, .page = page, .attempt = 1 };
	struct error why = { 0 };
	bool ok = start(&q, &why);

	for (size_t i = 0; i < q.count; i++)
		q.sources[i].spent = q.sources[i].spent || !can_choose(&q.sources[i]);
	*choice = -1;
	if (ok && !all_spent(&q))
		ok = wait_answer(&q, take_choice, choice, asks_person(&q) ? patience(plan) : deadline_in_ms(CHOOSE_MS), &why)
			|| why.code == ERR_CODE_MISSING || why.code == ERR_CODE_TIMEOUT; /* then the page decides */
	end_question(&q, ok && *choice >= 0, &why);
	if (!ok && err)
		*err = why;
	return ok;
}
