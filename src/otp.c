#include "src/otp_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "src/asked.h"
#include "src/interrupt.h"
#include "src/wheel.h"

#include <ctype.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	LOOK_MS = 100,
	CHOOSE_MS = 10000, /* for a command to choose: those that only wait for a code never do */
};

bool otp_plan_has(const struct otp_plan *plan, const char *source)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->sources[i], source))
			return true;
	return false;
}

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
		if (!otp_source_start(q, q->plan->sources[i], err))
			return false;
	if (q->plan->count)
		return true;
	if (q->plan->totp && q->attempt <= TOTP_TRIES && !is_sent(q->challenge->channel))
		return otp_source_start(q, "totp", err);
	if (!q->plan->no_input && isatty(0))
		return otp_source_start(q, "tty", err);
	return true;
}

static void stop(struct question *q)
{
	for (size_t i = 0; i < q->count; i++)
		otp_source_stop(q, &q->sources[i]);
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
		otp_prompt(q);
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
			if (!otp_source_poll(q, &q->sources[i], &cancelled))
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
