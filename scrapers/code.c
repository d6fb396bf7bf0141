/* One code: sent the way that is wanted, asked for, typed, and the site's answer waited for.  It goes in once for each
 * answer; what the page does by itself is left to it. */
#include "scrapers/scrape_impl.h"

#include "cdp/conn.h"
#include "cdp/network.h"
#include "cdp/base/secret.h"

#include <string.h>

enum {
	CODE_TRIES = 3,
	RESENDS_MAX = 3,
	CODE_ENTRY_MS = 30000,
	REDRAWN_MS = 5000,
	AUTO_SUBMIT_MS = 300,
	SUBMIT_MS = 5000,
	RESENT_MS = 3000,
	RESEND_MS = 40000,    /* for a new code to be offered, … */
	RESEND_MAX_MS = 180000, /* … or as long as the page says, up to this */
	RESEND_GRACE_MS = 5000,
	SAME_WORDS_MS = 1500, /* an error that was there before counts again after this */
};

/* ---- the page that asks ---- */

static char *in_frame(const struct challenge *c, const char *selector)
{
	return cdp_frame_locator(c->frame, selector);
}

static bool press(struct scrape *s, const char *selector)
{
	AUTO(text) char *whole = in_frame(&s->challenge, selector);

	return cdp_page_click(s->page, whole, &(struct cdp_click_opts){ .timeout_ms = SCRAPE_STEP_MS }, &s->why);
}

/* And lets the page hear the site's answer: it may be a new page. */
static bool press_and_hear(struct scrape *s, const char *selector)
{
	const struct cdp_exchange_match answer = { .after = cdp_network_now(s->page), .finished = true };

	if (!press(s, selector))
		return false;
	/* Without a request there is nothing to wait for. */
	return cdp_network_wait(s->page, &answer, deadline_in_ms(RESENT_MS), &s->why) || s->why.code == ERR_TIMEOUT;
}

/* Waits until the page's challenge IS something.  False: not until UNTIL (*LATE), or the page is over. */
static bool await_challenge(struct scrape *s, bool (*is)(const struct challenge *), struct deadline until, bool *late)
{
	struct challenge_sight sight = { .again = DEADLINE_NEVER };

	for (;;) {
		if (challenge_may_differ(s->page, &sight) && !challenge_look(s->page, &sight, &s->challenge, &s->why))
			return false;
		if (is(&s->challenge))
			return true;
		*late = deadline_passed(until);
		if (*late || !scrape_idle(s, deadline_sooner(until, sight.again)))
			return false;
	}
}

static bool is_code(const struct challenge *c)
{
	return c->kind == CHALLENGE_CODE;
}

static bool can_resend(const struct challenge *c)
{
	return c->resend && !c->resend_disabled;
}

/* The fields as they are now: the page may have been drawn anew while somebody looked for a phone, or is
 * being drawn since a code was sent again. */
static bool find_fields(struct scrape *s)
{
	bool late = false;

	return await_challenge(s, is_code, deadline_in_ms(REDRAWN_MS), &late)
		|| (late && scrape_fail(s, ERR_CODE_TIMEOUT, "the page no longer waits for a code"));
}

/* ---- having it sent ---- */

/* The choice whose channel is wanted; -1: nobody said, or the page does not offer it. */
static int wanted_choice(const struct scrape *s)
{
	const cJSON *choice;
	int index = 0;

	cJSON_ArrayForEach(choice, json_list(s->challenge.verdict, "choices")) {
		const char *channel = json_str(choice, "channel");
		if (s->options.channel && channel && !strcmp(channel, s->options.channel))
			return index;
		index++;
	}
	return -1;
}

static bool decide(struct scrape *s, int *choice)
{
	*choice = wanted_choice(s);
	if (s->options.channel && *choice < 0)
		collection_warn(&s->result, "the site does not offer to send the code by %s", s->options.channel);
	if (s->options.channel || !s->host->choose || cJSON_GetArraySize(json_list(s->challenge.verdict, "choices")) < 2)
		return true;
	return s->host->choose(s->host->owner, &s->challenge, choice, &s->why);
}

/* Presses a choice.  *MARKED: that only marks it, and something else sends. */
static bool choose(struct scrape *s, const char *selector, bool *marked)
{
	AUTO(text) char *whole = in_frame(&s->challenge, selector);
	AUTO(text) char *checked = xasprintf("%s:checked", whole);

	if (!press(s, selector))
		return false;
	*marked = cdp_page_count(s->page, checked, NULL) > 0;
	return true;
}

/* Goes on with the way to send the code that is wanted, else with the one that the page offers first. */
static bool choose_method(struct scrape *s)
{
	int choice;
	bool marked = true;

	if (s->method_chosen || !s->challenge.submit)
		return scrape_fail(s, ERR_LAYOUT, "the page asks again how to send the code");
	if (!decide(s, &choice))
		return false;
	s->method_chosen = true;
	scrape_step(s, "having the code sent");
	const cJSON *one = choice < 0 ? NULL : cJSON_GetArrayItem(json_list(s->challenge.verdict, "choices"), choice);
	AUTO(text) char *selector = copy_of(json_str(one, "selector"));
	AUTO(text) char *submit = xstrdup(s->challenge.submit);
	if (selector && !choose(s, selector, &marked))
		return false;
	return !marked || press(s, submit);
}

/* Where the page sends a code only when it is told to. */
static bool have_it_sent(struct scrape *s)
{
	if (!s->challenge.trigger || s->triggered)
		return true;
	s->triggered = true;
	scrape_step(s, "having the code sent");
	return press_and_hear(s, s->challenge.trigger) && find_fields(s);
}

/* Waits until the page lets us ask for another code, and asks. */
static bool resend(struct scrape *s)
{
	const int said_ms = s->challenge.resend_in * 1000 + RESEND_GRACE_MS;
	const int wait_ms = said_ms > RESEND_MAX_MS ? RESEND_MAX_MS : said_ms > RESEND_MS ? said_ms : RESEND_MS;
	bool late = false;

	if (await_challenge(s, can_resend, deadline_in_ms(wait_ms), &late))
		return press_and_hear(s, s->challenge.resend);
	return late && scrape_fail(s, ERR_CODE_WRONG, "a new code is wanted, and the site offers none");
}

/* A code from somebody, who may have it sent again first. */
static bool get_code(struct scrape *s, int attempt, struct secret **code)
{
	for (int sent = 0;; sent++) {
		if (s->host->ask_code(s->host->owner, &s->challenge, attempt, code, &s->why))
			return true;
		if (s->why.code != ERR_CODE_AGAIN || sent == RESENDS_MAX)
			return false;
		scrape_step(s, "having the code sent again");
		if (!resend(s) || !find_fields(s))
			return false;
	}
}

/* ---- typing ---- */

/* "Trust this device": so that the next login wants no code. */
static bool tick(struct scrape *s, const char *selector)
{
	AUTO(text) char *whole = in_frame(&s->challenge, selector);

	return cdp_page_check(s->page, whole, true, SCRAPE_STEP_MS, &s->why);
}

/* Whether a request since BEFORE takes the code to the site, rather than news of a page that always talks. */
static bool has_sent(struct scrape *s, const struct secret *code, unsigned long long before)
{
	struct cdp_exchange_match post = { .method = "POST", .after = before };

	for (const struct cdp_exchange *x; (x = cdp_network_find(s->page, &post)); post.after = x->number)
		if ((x->type && !strcmp(x->type, "Document")) || (x->post_data && strstr(x->post_data, secret_reveal(code))))
			return true;
	return false;
}

/* What the page says against the code before this one may stand there still. */
static bool is_new_problem(const struct challenge *before, const struct challenge *after)
{
	return after->problem && (!before->problem || !before->message || !after->message
		|| strcmp(before->message, after->message) != 0);
}

/* Many pages go on at the last digit; to submit once more would be at the person's risk. */
static bool goes_on_by_itself(struct scrape *s, const struct secret *code, unsigned long long before)
{
	const struct deadline until = deadline_in_ms(AUTO_SUBMIT_MS);
	struct error why = { 0 };
	AUTO(challenge) struct challenge after = { 0 };

	do {
		if (has_sent(s, code, before))
			return true;
	} while (cdp_conn_wait(cdp_page_conn(s->page), until, &why));
	return has_sent(s, code, before)
		|| (challenge_detect(s->page, &after, &why)
			&& (after.kind != CHALLENGE_CODE || !after.filled || is_new_problem(&s->challenge, &after)));
}

/* A control that went away, or was locked, was pressed by the page itself. */
static bool submit_code(struct scrape *s)
{
	AUTO(text) char *whole = cdp_frame_is_detached(s->challenge.frame) ? NULL : in_frame(&s->challenge, s->challenge.submit);

	return !whole || cdp_page_click(s->page, whole, &(struct cdp_click_opts){ .timeout_ms = SUBMIT_MS }, &s->why)
		|| (s->why.code == ERR_TIMEOUT && s->why.cause != ERR_COVERED) || s->why.code == ERR_CLOSED;
}

static bool type_code(struct scrape *s, const struct secret *code)
{
	const unsigned long long before = cdp_network_now(s->page);
	const struct challenge *c = &s->challenge;

	if (!find_fields(s))
		return false;
	s->submitted = before;
	if (c->trust_device && !tick(s, c->trust_device))
		return false;
	if (!cdp_page_type_code(s->page, c->frame, c->fields, c->field_count, code, deadline_in_ms(CODE_ENTRY_MS), &s->why))
		return false;
	return !c->submit || goes_on_by_itself(s, code, before) || submit_code(s);
}

/* ---- the site's answer ---- */

enum verdict { ACCEPTED, REJECTED, FAILED };

/* What the page says against the code; words that stood there before count only when they stay. */
static bool is_rejected(const struct scrape *s, const char *words_before, struct deadline same_words)
{
	const struct challenge *c = &s->challenge;
	const bool said_before = c->message && words_before && !strcmp(c->message, words_before);

	return c->problem && (!said_before || deadline_passed(same_words));
}

/* After a code: one of the outcomes, or what the page says against the code. */
static enum verdict await_verdict(struct scrape *s, struct race *race, const char *words_before, int *index)
{
	const struct deadline same_words = deadline_in_ms(SAME_WORDS_MS);

	for (;;) {
		const int found = race_step(s, race, deadline_passed(same_words) ? DEADLINE_NEVER : same_words);
		if (found == RACE_FAILED)
			return FAILED;
		if (found >= 0 && race->outcomes[found].challenge != CHALLENGE_CODE) {
			*index = race_settle(s, race, found);
			return *index >= 0 ? ACCEPTED : FAILED;
		}
		if (is_rejected(s, words_before, same_words))
			return REJECTED;
		if (race->over) {
			scrape_fail(s, ERR_TIMEOUT, "the site did not say whether it took the code");
			return FAILED;
		}
	}
}

/* What was answered to the person meanwhile is no answer to us. */
static bool typed_by_hand(struct scrape *s)
{
	s->submitted = cdp_network_now(s->page);
	return true;
}

static void judge(struct scrape *s, bool accepted)
{
	if (s->host->judged)
		s->host->judged(s->host->owner, accepted, accepted ? NULL : s->challenge.message);
}

/* One code, from the question to the site's answer. */
static enum verdict try_code(struct scrape *s, struct race *race, int attempt, int timeout_ms, int *index)
{
	AUTO(secret) struct secret *code = NULL;
	AUTO(text) char *words = copy_of(s->challenge.message);

	scrape_step(s, attempt == 1 ? "waiting for the code" : "waiting for another code");
	if (!get_code(s, attempt, &code))
		return FAILED;
	if (code)
		scrape_step(s, "typing the code");
	if (code ? !type_code(s, code) : !typed_by_hand(s))
		return FAILED;
	race_begin(s, race, deadline_in_ms(timeout_ms));
	return await_verdict(s, race, words, index);
}

static void fail_refused(struct scrape *s)
{
	const struct challenge *c = &s->challenge;
	AUTO(text) char *later = !c->retry_after ? xstrdup("")
		: xasprintf("; it takes another one in %d %s", c->retry_after > 90 ? (c->retry_after + 59) / 60 : c->retry_after,
			c->retry_after > 90 ? "minutes" : "seconds");

	scrape_fail(s, ERR_CODE_WRONG, "the site refused the code: %s%s", c->message ? c->message : "no reason", later);
}

int scrape_enter_code(struct scrape *s, const struct scrape_outcome *outcomes, size_t count, int timeout_ms)
{
	static const struct scrape_outcome wanted[] = { { .challenge = CHALLENGE_CODE } };
	AUTO(race) struct race race;

	if (!race_prepare(s, &race, outcomes, count))
		return -1;
	if (s->challenge.kind == CHALLENGE_METHOD && (!choose_method(s) || scrape_race(s, wanted, 1, timeout_ms) < 0))
		return -1;
	if (!have_it_sent(s))
		return -1;
	for (int attempt = 1; attempt <= CODE_TRIES; attempt++) {
		int index = -1;
		switch (try_code(s, &race, attempt, timeout_ms, &index)) {
		case ACCEPTED:
			judge(s, true);
			return index;
		case FAILED:
			return -1;
		case REJECTED:
			judge(s, false);
			break;
		}
		if (s->challenge.problem == PROBLEM_TOO_MANY)
			break;
		if (s->challenge.problem == PROBLEM_EXPIRED && attempt < CODE_TRIES && !resend(s))
			return -1;
	}
	fail_refused(s);
	return -1;
}
