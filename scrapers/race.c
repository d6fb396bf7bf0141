/* How a step turns out.  The pages watch for their elements and the detector for its challenges, each by itself;
 * addresses and answers come with the connection's events.  So nothing is asked while nothing changes. */
#include "scrapers/scrape_impl.h"

#include "cdp/conn.h"
#include "cdp/network.h"

#include <string.h>

enum {
	ELEMENT_MS = 200,    /* for an element's word beside a status */
	STANDING_MS = 1000,  /* that a page shows what no module knows, before it is believed */
	SETTLED_MS = 600,    /* and that it shows nothing to be answered */
};

bool race_prepare(struct scrape *s, struct race *race, const struct scrape_outcome *outcomes, size_t count)
{
	*race = (struct race){ .outcomes = outcomes, .count = count, .given_up = DEADLINE_NEVER, .settled = DEADLINE_NEVER };
	for (size_t i = 0; i < count && i < OUTCOMES_MAX; i++) {
		race->asks_detector = race->asks_detector || outcomes[i].challenge != CHALLENGE_NONE || outcomes[i].settled;
		if (!outcomes[i].target)
			continue;
		char *selector = scrape_selectors(s, outcomes[i].target);
		if (!selector)
			return false;
		race->texts[race->branch_count] = selector;
		race->outcome[race->branch_count] = i;
		race->branches[race->branch_count++] = (struct cdp_branch){ .name = outcomes[i].target, .selector = selector,
			.state = scrape_state(s, outcomes[i].target) };
	}
	return true;
}

void race_unstand(struct race *race, bool in_time)
{
	if (race->told)
		race->told->stood(race->told->owner, in_time);
	race->told = NULL;
}

void race_clear(struct race *race)
{
	race_unstand(race, true);
	cdp_race_free(race->elements);
	for (size_t i = 0; i < race->branch_count; i++)
		free(race->texts[i]);
}

void race_begin(struct scrape *s, struct race *race, struct deadline until)
{
	cdp_race_free(race->elements);
	race->elements = cdp_race_new(s->page, race->branches, race->branch_count, until);
	race->until = until;
	race->over = false;
	race->settled = DEADLINE_NEVER;
	race->sight = (struct challenge_sight){ .again = DEADLINE_NEVER };
}

/* ---- looking ---- */

/* The status with which a request was answered since the last typing; 0: not yet. */
static int answered(struct scrape *s, const char *request)
{
	AUTO(text) char *path = xasprintf("requests.%s", request);
	const char *part = scrape_text(s, path);
	const struct cdp_exchange *x = !*part ? NULL : cdp_network_find(s->page, &(struct cdp_exchange_match){
		.url_part = part, .method = "POST", .after = s->submitted, .answered = true });

	return x ? x->status : 0;
}

/* What needs no word with the page: addresses and answers. */
static int look_aside(struct scrape *s, const struct race *race)
{
	for (size_t i = 0; i < race->count; i++) {
		const struct scrape_outcome *o = &race->outcomes[i];
		if ((o->url && scrape_at(s, o->url)) || (o->request && answered(s, o->request) >= 400))
			return (int)i;
	}
	return RACE_NOTHING;
}

static int look_at_elements(struct scrape *s, struct race *race)
{
	struct error why = { 0 };
	const int branch = cdp_race_look(race->elements, NULL, &why);

	if (branch >= 0)
		return (int)race->outcome[branch];
	if (branch == CDP_RACE_ON)
		return RACE_NOTHING;
	s->why = why;
	race->over = why.code == ERR_TIMEOUT;
	return race->over ? RACE_NOTHING : RACE_FAILED;
}

static bool is_listed(const struct race *race, enum challenge_kind kind)
{
	for (size_t i = 0; i < race->count; i++)
		if (race->outcomes[i].challenge == kind)
			return true;
	return false;
}

/* What no program can do for the person, and every site means the same by. */
static const struct {
	enum error_code code; /* ERR_NONE: nothing stands in the way */
	const char *words;
} barriers[] = {
	[CHALLENGE_PUSH] = { ERR_APPROVAL, "wants the sign-in approved in its app" },
	[CHALLENGE_CAPTCHA] = { ERR_BLOCKED, "asks for a captcha" },
	[CHALLENGE_RECOVERY] = { ERR_CODE_MISSING, "asks for a recovery code, one of those that were printed" },
	[CHALLENGE_WEBAUTHN] = { ERR_APPROVAL, "asks for a security key or passkey,"
		" which needs you at the browser: see gabbai connect" },
};

/* (Again) as long as an approval is waited for. */
static void await_person(struct scrape *s, struct race *race)
{
	race->given_up = deadline_in_ms(s->options.approval_ms);
	race_begin(s, race, (struct deadline){ .at_us = race->given_up.at_us + STANDING_MS * 1000 });
}

/* What is waited for as long as somebody may do it. */
static bool is_waited_for(const struct scrape *s, enum challenge_kind kind)
{
	if (s->options.approval_ms <= 0)
		return false;
	return kind == CHALLENGE_PUSH
		|| (s->options.by_hand && s->host->stands && (kind == CHALLENGE_CAPTCHA || kind == CHALLENGE_RECOVERY));
}

/* A barrier counts when it stands for a moment. */
static void note_barrier(struct scrape *s, struct race *race, enum challenge_kind kind)
{
	if (kind == race->stands)
		return;
	race_unstand(race, true);
	race->stands = kind;
	race->given_up = DEADLINE_NEVER;
	if (kind == CHALLENGE_NONE)
		return;
	race->given_up = deadline_in_ms(STANDING_MS);
	if (!is_waited_for(s, kind))
		return;
	scrape_step(s, kind == CHALLENGE_PUSH ? "waiting for the approval in the app" : "waiting for somebody to take the wheel");
	await_person(s, race);
	if (s->host->stands) {
		race->told = s->host;
		race->was_told = true;
	}
}

/* The person who has something to do in the page: RACE_NOTHING, or why the run ends.  *BUSY: they drive it at this moment. */
static int hear_person(struct scrape *s, struct race *race, bool *busy)
{
	struct scrape_stand now = { .pause = DEADLINE_NEVER };

	if (!race->told->stands(race->told->owner, &s->challenge, &now, &s->why))
		return RACE_FAILED;
	if (race->held && !now.held) {
		s->submitted = cdp_network_now(s->page); /* what was answered to them is no answer to us */
		await_person(s, race);
	}
	race->pause = now.pause;
	*busy = race->held = now.held;
	return *busy && !scrape_idle(s, now.pause) ? RACE_FAILED : RACE_NOTHING;
}

static bool is_answered_since(struct scrape *s)
{
	return cdp_network_find(s->page, &(struct cdp_exchange_match){ .after = s->submitted, .answered = true }) != NULL;
}

/* Nothing is asked for any more, in a page that has heard the site. */
static int look_for_calm(struct scrape *s, struct race *race)
{
	for (size_t i = 0; i < race->count; i++)
		if (race->outcomes[i].settled && deadline_passed(race->settled) && is_answered_since(s))
			return (int)i;
	return RACE_NOTHING;
}

static int look_for_challenge(struct scrape *s, struct race *race)
{
	if (!challenge_may_differ(s->page, &race->sight))
		return look_for_calm(s, race);
	if (!challenge_look(s->page, &race->sight, &s->challenge, &s->why))
		return RACE_FAILED;
	const enum challenge_kind kind = s->challenge.kind;
	if (kind || s->challenge.is_partial)
		race->settled = DEADLINE_NEVER;
	else if (race->settled.at_us == INT64_MAX)
		race->settled = deadline_in_ms(SETTLED_MS);
	for (size_t i = 0; kind && i < race->count; i++)
		if (race->outcomes[i].challenge == kind && !s->challenge.disabled)
			return (int)i;
	note_barrier(s, race, barriers[kind].code && !is_listed(race, kind) ? kind : CHALLENGE_NONE);
	return RACE_NOTHING;
}

static int fail_at_barrier(struct scrape *s, struct race *race)
{
	const struct challenge *c = &s->challenge;

	race_unstand(race, false);
	scrape_fail(s, barriers[race->stands].code, "%s %s%s%s", s->site->title, barriers[race->stands].words,
		c->problem && c->message ? ": " : "", c->problem && c->message ? c->message : "");
	return RACE_FAILED;
}

int race_step(struct scrape *s, struct race *race, struct deadline pause)
{
	const unsigned long long messages = cdp_conn_messages(cdp_page_conn(s->page));
	bool busy = false;
	int found = race->told ? hear_person(s, race, &busy) : RACE_NOTHING;

	if (found != RACE_NOTHING || busy)
		return found;
	found = look_aside(s, race);
	if (found == RACE_NOTHING)
		found = look_at_elements(s, race);
	if (found == RACE_NOTHING && race->asks_detector)
		found = look_for_challenge(s, race);
	if (found != RACE_NOTHING || race->over)
		return found;
	if (race->stands && deadline_passed(race->given_up))
		return fail_at_barrier(s, race);
	if (messages != cdp_conn_messages(cdp_page_conn(s->page)))
		return RACE_NOTHING; /* something came meanwhile: look at once */
	pause = deadline_sooner(deadline_sooner(pause, race->given_up), deadline_passed(race->settled) ? pause : race->settled);
	pause = deadline_sooner(pause,
		deadline_sooner(race->sight.again, cdp_race_pause(race->elements)));
	if (race->told)
		pause = deadline_sooner(pause, race->pause);
	s->held_us = 0;
	if (!scrape_idle(s, pause))
		return RACE_FAILED;
	if (s->held_us)
		race_begin(s, race, (struct deadline){ .at_us = race->until.at_us + s->held_us }); /* their time is not the site's */
	return RACE_NOTHING;
}

/* ---- deciding ---- */

/* An element's word says more than a status or an address that came with it: one more look. */
static int prefer_element(struct scrape *s, const struct race *race, int index)
{
	const struct scrape_outcome *o = &race->outcomes[index];

	if (o->target || !o->error || !race->branch_count)
		return index;
	const int branch = cdp_page_race(s->page, race->branches, race->branch_count, deadline_in_ms(ELEMENT_MS), NULL, NULL);
	return branch >= 0 ? (int)race->outcome[branch] : index;
}

int race_settle(struct scrape *s, const struct race *race, int index)
{
	index = prefer_element(s, race, index);
	const struct scrape_outcome *o = &race->outcomes[index];
	if (o->error == ERR_NONE)
		return index;
	const int status = o->request ? answered(s, o->request) : 0;
	if (status >= 500)
		scrape_fail(s, ERR_HTTP, "the site has a fault of its own (HTTP %d)", status);
	else if (status)
		scrape_fail(s, o->error, "%s (HTTP %d)", o->words, status);
	else
		scrape_fail(s, o->error, "%s", o->words);
	return -1;
}

/* Who had something to do hears what came of it. */
static int end_race(struct scrape *s, struct race *race, int index)
{
	race_unstand(race, true);
	index = race_settle(s, race, index);
	if (race->was_told && s->host->judged)
		s->host->judged(s->host->owner, index >= 0, index < 0 ? s->why.text : NULL);
	return index;
}

int scrape_race(struct scrape *s, const struct scrape_outcome *outcomes, size_t count, int timeout_ms)
{
	AUTO(race) struct race race;

	if (!race_prepare(s, &race, outcomes, count))
		return -1;
	race_begin(s, &race, deadline_in_ms(timeout_ms));
	for (;;) {
		const int index = race_step(s, &race, DEADLINE_NEVER);
		if (index >= 0)
			return end_race(s, &race, index);
		if (index == RACE_NOTHING && race.over)
			s->why.cause = ERR_NONE; /* every one of them was missing */
		if (index == RACE_FAILED || race.over)
			return -1;
	}
}
