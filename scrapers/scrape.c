#include "scrapers/scrape.h"

#include "cdp/conn.h"
#include "cdp/embed.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "cdp/storage.h"
#include "cdp/base/secret.h"

#include <stdarg.h>
#include <string.h>

EMBED(selectors_cards, "selectors/cards.js");

enum {
	OUTCOMES_MAX = 24,
	SLICE_MS = 100,      /* between looks at what no page can see: requests, addresses, codes */
	ITEM_POLL_MS = 50,
	STEP_MS = 20000,
	COVERED_MS = 3000,   /* then what covers an element is looked for */
	DISMISS_MS = 700,
	FETCH_MS = 120000,
	PARALLEL = 4,        /* what a browser's page would do */
	CODE_TRIES = 3,
	RESENDS_MAX = 3,
	OPEN_TRIES = 3,
	CODE_ENTRY_MS = 30000,
	REDRAWN_MS = 5000,
	AUTO_SUBMIT_MS = 300,
	SUBMIT_MS = 5000,
	RESENT_MS = 3000,
	RESEND_MS = 40000,   /* for a new code to be offered */
	SAME_WORDS_MS = 1500, /* an error that was there before counts again after this */
};

struct scrape {
	const struct site *site;
	const cJSON *definition;
	struct cdp_page *page;
	const struct scrape_host *host;
	struct scrape_options options;
	struct collection result;
	struct error why;
	struct challenge challenge;   /* what scrape_race() found last */
	unsigned long long submitted; /* requests after this one count as answers */
	bool method_chosen;
};

/* ---- the definition ---- */

cJSON *scrape_definition(const struct site *site, const char *user_file, struct error *err)
{
	AUTO(file) FILE *f = user_file ? fopen(user_file, "re") : NULL;
	AUTO(buf) struct buf text = { .size_max = 1 << 20 };
	char chunk[4096];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	const char *source = f ? buf_text(&text) : site->selectors;
	cJSON *json = json_parse(source, strlen(source), err);
	if (!json) {
		error_wrap(err, "%s", f ? user_file : site->name);
		return NULL;
	}
	static const char *const needed[] = { "pages", "urls", "requests", "api", "targets" };
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		if (cJSON_IsObject(json_at(json, needed[i])))
			continue;
		fail(err, ERR_INPUT, "%s has no object \"%s\"", f ? user_file : site->name, needed[i]);
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

const char *scrape_text(const struct scrape *s, const char *path)
{
	const char *text = json_str(s->definition, path);

	return text ? text : "";
}

/* A target's selectors as one text, a line each: see page.h.  Its name has dots, so no path. */
static char *selectors_of(struct scrape *s, const char *target)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(json_at(s->definition, "targets"), target), *one;
	struct buf text = { 0 };

	cJSON_ArrayForEach(one, json_list(list, "any"))
		if (cJSON_IsString(one))
			buf_printf(&text, "%s%s", text.size ? "\n" : "", one->valuestring);
	if (text.size)
		return buf_take(&text);
	scrape_fail(s, ERR_LAYOUT, "selectors/%s.json says nothing of \"%s\"", s->site->name, target);
	return NULL;
}

static enum cdp_state state_of(const struct scrape *s, const char *target)
{
	const cJSON *t = cJSON_GetObjectItemCaseSensitive(json_at(s->definition, "targets"), target);
	const char *state = json_str(t, "state");

	return state && !strcmp(state, "attached") ? CDP_ATTACHED : CDP_VISIBLE;
}

/* ---- life ---- */

struct scrape *scrape_new(const struct site *site, const cJSON *definition, struct cdp_page *page,
	const struct scrape_host *host, const struct scrape_options *options)
{
	struct scrape *s = xcalloc(1, sizeof *s);

	*s = (struct scrape){ .site = site, .definition = definition, .page = page, .host = host, .options = *options };
	return s;
}

void scrape_free(struct scrape *s)
{
	collection_clear(&s->result);
	challenge_clear(&s->challenge);
	free(s);
}

const char *scrape_tier_name(enum scrape_tier tier)
{
	static const char *const names[] = { "direct", "restored", "login", "public" };

	return names[tier];
}

static bool told(const struct scrape *s, bool ok, struct error *err)
{
	if (!ok && err)
		*err = s->why;
	return ok;
}

static bool run_tier(struct scrape *s, enum scrape_tier tier)
{
	switch (tier) {
	case TIER_DIRECT:
		return s->site->direct(s);
	case TIER_RESTORED:
		return s->site->resume(s) && s->site->collect(s);
	case TIER_PUBLIC:
		return s->site->collect_public(s);
	default:
		return s->site->sign_in(s) && s->site->collect(s);
	}
}

bool scrape_run(struct scrape *s, enum scrape_tier tier, struct collection *out, struct error *err)
{
	const bool ok = run_tier(s, tier);

	*out = s->result;
	s->result = (struct collection){ 0 };
	return told(s, ok, err);
}

bool scrape_resume(struct scrape *s, struct error *err)
{
	return told(s, s->site->resume(s), err);
}

bool scrape_is_signed_in(struct scrape *s, struct error *err)
{
	return told(s, s->site->is_signed_in(s), err);
}

bool scrape_fail(struct scrape *s, enum error_code code, const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return fail(&s->why, code, "%s", text);
}

bool scrape_fail_as(struct scrape *s, const struct error *why)
{
	s->why = *why;
	return false;
}

enum error_code scrape_failure(const struct scrape *s)
{
	return s->why.code;
}

void scrape_step(struct scrape *s, const char *step)
{
	if (s->host && s->host->on_step)
		s->host->on_step(s->host->owner, step);
}

const struct scrape_options *scrape_options(const struct scrape *s)
{
	return &s->options;
}

struct collection *scrape_result(struct scrape *s)
{
	return &s->result;
}

/* ---- the page ---- */

/* Names the target.  One that never appeared says that the site is not as we know it. */
static bool fail_target(struct scrape *s, const char *target)
{
	if (s->why.code == ERR_TIMEOUT && s->why.cause == ERR_NOT_FOUND)
		s->why.code = ERR_LAYOUT;
	return error_wrap(&s->why, "%s", target);
}

bool scrape_open(struct scrape *s, const char *page)
{
	AUTO(text) char *path = xasprintf("pages.%s", page);
	const char *url = scrape_text(s, path);
	struct cdp_visit visit;
	bool there = false;

	/* A page that moves by itself at this moment takes over; it does not do so for ever. */
	for (int attempt = 1; !there; attempt++) {
		there = cdp_page_goto(s->page, url, &(struct cdp_goto_opts){ .ready = CDP_PARSED }, &visit, &s->why);
		if (!there && (s->why.code != ERR_INTERRUPTED || attempt == OPEN_TRIES))
			return false;
	}
	if (visit.status == 403 || visit.status == 429)
		return scrape_fail(s, ERR_BLOCKED, "%s answers with HTTP %d", url, visit.status);
	return visit.status < 400 || scrape_fail(s, ERR_HTTP, "%s answers with HTTP %d", url, visit.status);
}

bool scrape_open_again(struct scrape *s, const char *field)
{
	const char *url = cdp_page_url(s->page);
	AUTO(text) char *more = xasprintf("%s%c%s", url, strchr(url, '?') ? '&' : '?', field);

	return cdp_page_goto(s->page, more, &(struct cdp_goto_opts){ .ready = CDP_PARSED }, NULL, &s->why);
}

/* Presses away the definition's overlays that are to be seen. */
static bool clear_overlays(struct scrape *s)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, json_list(s->definition, "overlays"))
		if (cJSON_IsString(one) && scrape_has(s, one->valuestring) && !scrape_dismiss(s, one->valuestring))
			return false;
	return true;
}

bool scrape_click(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = selectors_of(s, target);

	if (!selector)
		return false;
	if (cdp_page_click(s->page, selector, &(struct cdp_click_opts){ .timeout_ms = COVERED_MS }, &s->why))
		return true;
	if (s->why.code != ERR_TIMEOUT || (s->why.cause == ERR_COVERED && !clear_overlays(s)))
		return fail_target(s, target);
	return cdp_page_click(s->page, selector, &(struct cdp_click_opts){ .timeout_ms = STEP_MS - COVERED_MS }, &s->why)
		|| fail_target(s, target);
}

bool scrape_dismiss(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = selectors_of(s, target);
	struct error why = { 0 };

	if (!selector)
		return false;
	if (cdp_page_click(s->page, selector, &(struct cdp_click_opts){ .timeout_ms = DISMISS_MS }, &why))
		return true;
	return why.code == ERR_TIMEOUT || scrape_fail_as(s, &why);
}

bool scrape_wait(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = selectors_of(s, target);
	const struct cdp_wait_opts opts = { .timeout_ms = STEP_MS, .state = state_of(s, target) };

	return selector && (cdp_page_wait(s->page, selector, &opts, &s->why) || fail_target(s, target));
}

bool scrape_has(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = selectors_of(s, target);

	return selector && cdp_page_count(s->page, selector, NULL) > 0;
}

int scrape_count(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = selectors_of(s, target);

	return selector ? cdp_page_count(s->page, selector, &s->why) : -1;
}

bool scrape_type_credential(struct scrape *s, const char *target, const char *field)
{
	AUTO(text) char *selector = selectors_of(s, target);
	const struct secret *value = s->host->credential(s->host->owner, field);
	const struct cdp_type_opts opts = { .timeout_ms = STEP_MS };

	if (!value)
		return scrape_fail(s, ERR_CREDENTIALS, "no %s is known for %s", field, s->site->name);
	s->submitted = cdp_network_now(s->page);
	return selector && (cdp_page_type_secret(s->page, selector, value, &opts, &s->why)
		|| fail_target(s, target));
}

/* ---- how it turns out ---- */

struct race {
	struct cdp_branch branches[OUTCOMES_MAX];
	size_t outcome[OUTCOMES_MAX]; /* of each branch */
	char *texts[OUTCOMES_MAX];
	size_t count;
	bool asks_detector;
};

static void auto_race(struct race *race)
{
	for (size_t i = 0; i < race->count; i++)
		free(race->texts[i]);
}

static bool race_prepare(struct scrape *s, struct race *race, const struct scrape_outcome *outcomes, size_t count)
{
	for (size_t i = 0; i < count && i < OUTCOMES_MAX; i++) {
		race->asks_detector = race->asks_detector || outcomes[i].challenge != CHALLENGE_NONE;
		if (!outcomes[i].target)
			continue;
		char *selector = selectors_of(s, outcomes[i].target);
		if (!selector)
			return false;
		race->texts[race->count] = selector;
		race->outcome[race->count] = i;
		race->branches[race->count++] = (struct cdp_branch){ .name = outcomes[i].target, .selector = selector,
			.state = state_of(s, outcomes[i].target) };
	}
	return true;
}

/* The status with which a request was answered since the last typing; 0: not yet. */
static int answered(struct scrape *s, const char *request)
{
	AUTO(text) char *path = xasprintf("requests.%s", request);
	const char *part = scrape_text(s, path);
	const struct cdp_exchange *x = !*part ? NULL : cdp_network_find(s->page, &(struct cdp_exchange_match){
		.url_part = part, .method = "POST", .after = s->submitted, .answered = true });

	return x ? x->status : 0;
}

bool scrape_at(struct scrape *s, const char *name)
{
	AUTO(text) char *path = xasprintf("urls.%s", name);
	const char *part = scrape_text(s, path);

	return *part && strstr(cdp_page_url(s->page), part);
}

/* What needs no word with the page: addresses and answers.  -1: nothing yet. */
static int look_aside(struct scrape *s, const struct scrape_outcome *outcomes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((outcomes[i].url && scrape_at(s, outcomes[i].url))
				|| (outcomes[i].request && answered(s, outcomes[i].request) >= 400))
			return (int)i;
	return -1;
}

/* What the detector finds.  -1: nothing yet; -2: failed. */
static int look_for_challenge(struct scrape *s, const struct scrape_outcome *outcomes, size_t count)
{
	if (!challenge_detect(s->page, &s->challenge, &s->why))
		return -2;
	for (size_t i = 0; i < count; i++)
		if (outcomes[i].challenge && outcomes[i].challenge == s->challenge.kind && !s->challenge.disabled)
			return (int)i;
	return -1;
}

/* One look at everything, for about SLICE_MS.  -1: nothing yet; -2: failed. */
static int look(struct scrape *s, const struct race *race, const struct scrape_outcome *outcomes, size_t count,
	struct deadline until)
{
	struct error why = { 0 };
	const struct deadline slice = deadline_sooner(until, deadline_in_ms(SLICE_MS));
	int found = look_aside(s, outcomes, count);

	if (found >= 0)
		return found;
	const int branch = race->count ? cdp_page_race(s->page, race->branches, race->count, slice, NULL, &why) : -1;
	if (branch >= 0)
		return (int)race->outcome[branch];
	if (race->count && why.code != ERR_TIMEOUT) {
		s->why = why;
		return -2;
	}
	found = look_aside(s, outcomes, count);
	if (found == -1 && race->asks_detector)
		found = look_for_challenge(s, outcomes, count);
	if (found == -1)
		s->why = why;
	return found;
}

/* What an outcome means for the module. */
static int settle(struct scrape *s, const struct scrape_outcome *outcomes, int index)
{
	const struct scrape_outcome *o = &outcomes[index];

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

/* An element's word says more than a status or an address that came with it: one more look. */
static int prefer_element(struct scrape *s, const struct race *race, const struct scrape_outcome *outcomes, int index)
{
	if (outcomes[index].target || !outcomes[index].error || !race->count)
		return index;
	const int branch = cdp_page_race(s->page, race->branches, race->count, deadline_in_ms(2 * SLICE_MS), NULL, NULL);
	return branch >= 0 ? (int)race->outcome[branch] : index;
}

int scrape_race(struct scrape *s, const struct scrape_outcome *outcomes, size_t count, int timeout_ms)
{
	const struct deadline until = deadline_in_ms(timeout_ms);
	AUTO(race) struct race race = { 0 };

	if (!race_prepare(s, &race, outcomes, count))
		return -1;
	for (;;) {
		const int index = look(s, &race, outcomes, count, until);
		if (index >= 0)
			return settle(s, outcomes, prefer_element(s, &race, outcomes, index));
		if (index == -1 && deadline_passed(until))
			s->why.cause = ERR_NONE; /* every one of them was missing */
		if (index == -2 || deadline_passed(until))
			return -1;
	}
}

/* ---- codes ---- */

static char *in_frame(const struct challenge *c, const char *selector)
{
	const char *url = cdp_frame_url(c->frame);

	return cdp_frame_parent(c->frame) ? xasprintf("frame=%s >> %s", url, selector) : xstrdup(selector);
}

static bool press(struct scrape *s, const char *selector)
{
	AUTO(text) char *whole = in_frame(&s->challenge, selector);

	return cdp_page_click(s->page, whole, &(struct cdp_click_opts){ .timeout_ms = STEP_MS }, &s->why);
}

/* The selector of the choice whose channel is wanted; NULL: nobody said, or the page does not offer it. */
static const char *wanted_choice(const struct scrape *s)
{
	const cJSON *choice;

	cJSON_ArrayForEach(choice, json_list(s->challenge.verdict, "choices")) {
		const char *channel = json_str(choice, "channel");
		if (s->options.channel && channel && !strcmp(channel, s->options.channel))
			return json_str(choice, "selector");
	}
	return NULL;
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
	AUTO(text) char *choice = copy_of(wanted_choice(s));
	bool marked = true;

	if (s->method_chosen || !s->challenge.submit)
		return scrape_fail(s, ERR_LAYOUT, "the page asks again how to send the code");
	if (s->options.channel && !choice)
		collection_warn(&s->result, "the site does not offer to send the code by %s", s->options.channel);
	s->method_chosen = true;
	scrape_step(s, "having the code sent");
	if (choice && !choose(s, choice, &marked))
		return false;
	return !marked || press(s, s->challenge.submit);
}

/* And lets the page hear the site's answer: it may be a new page. */
static bool press_resend(struct scrape *s)
{
	const struct cdp_exchange_match answer = { .after = cdp_network_now(s->page), .finished = true };

	if (!press(s, s->challenge.resend))
		return false;
	/* Without a request there is nothing to wait for. */
	return cdp_network_wait(s->page, &answer, deadline_in_ms(RESENT_MS), &s->why) || s->why.code == ERR_TIMEOUT;
}

/* Waits until the page lets us ask for another code, and asks. */
static bool resend(struct scrape *s)
{
	const struct deadline until = deadline_in_ms(RESEND_MS);

	for (;;) {
		if (!challenge_detect(s->page, &s->challenge, &s->why))
			return false;
		if (s->challenge.resend && !s->challenge.resend_disabled)
			return press_resend(s);
		if (deadline_passed(until))
			return scrape_fail(s, ERR_CODE_WRONG, "a new code is wanted, and the site offers none");
		if (!cdp_conn_wait(cdp_page_conn(s->page), deadline_in_ms(SLICE_MS), &s->why) && s->why.code != ERR_TIMEOUT)
			return false;
	}
}

/* "Trust this device": so that the next login wants no code. */
static bool tick(struct scrape *s, const char *selector)
{
	AUTO(text) char *whole = in_frame(&s->challenge, selector);

	return cdp_page_check(s->page, whole, true, STEP_MS, &s->why);
}

/* The fields as they are now: the page may have been drawn anew while somebody looked for a phone, or is
 * being drawn since a code was sent again. */
static bool find_fields(struct scrape *s)
{
	const struct deadline until = deadline_in_ms(REDRAWN_MS);

	for (;;) {
		if (!challenge_detect(s->page, &s->challenge, &s->why))
			return false;
		if (s->challenge.kind == CHALLENGE_CODE)
			return true;
		if (deadline_passed(until))
			return scrape_fail(s, ERR_CODE_TIMEOUT, "the page no longer waits for a code");
		if (!cdp_conn_wait(cdp_page_conn(s->page), deadline_in_ms(SLICE_MS), &s->why) && s->why.code != ERR_TIMEOUT)
			return false;
	}
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
		|| (challenge_detect(s->page, &after, &why) && (after.kind != CHALLENGE_CODE || !after.filled || after.problem));
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

enum verdict { ACCEPTED, REJECTED, FAILED };

/* After a code: one of the outcomes, or what the page says against the code. */
static enum verdict await_verdict(struct scrape *s, const struct race *race, const struct scrape_outcome *outcomes,
	size_t count, const char *words_before, struct deadline until, int *index)
{
	const struct deadline same_words = deadline_in_ms(SAME_WORDS_MS);

	for (;;) {
		const int found = look(s, race, outcomes, count, until);
		if (found == -2)
			return FAILED;
		const bool code = found >= 0 && outcomes[found].challenge == CHALLENGE_CODE;
		if (found >= 0 && !code) {
			*index = settle(s, outcomes, prefer_element(s, race, outcomes, found));
			return *index >= 0 ? ACCEPTED : FAILED;
		}
		const struct challenge *c = &s->challenge;
		const bool said_before = c->message && words_before && !strcmp(c->message, words_before);
		if (c->problem && (!said_before || deadline_passed(same_words)))
			return REJECTED;
		if (deadline_passed(until)) {
			scrape_fail(s, ERR_TIMEOUT, "the site did not say whether it took the code");
			return FAILED;
		}
	}
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

/* One code, from the question to the site's answer. */
static enum verdict try_code(struct scrape *s, const struct race *race, const struct scrape_outcome *outcomes,
	size_t count, int attempt, int timeout_ms, int *index)
{
	AUTO(secret) struct secret *code = NULL;
	AUTO(text) char *words = copy_of(s->challenge.message);

	scrape_step(s, attempt == 1 ? "waiting for the code" : "waiting for another code");
	if (!get_code(s, attempt, &code))
		return FAILED;
	scrape_step(s, "typing the code");
	if (!type_code(s, code))
		return FAILED;
	return await_verdict(s, race, outcomes, count, words, deadline_in_ms(timeout_ms), index);
}

int scrape_enter_code(struct scrape *s, const struct scrape_outcome *outcomes, size_t count, int timeout_ms)
{
	AUTO(race) struct race race = { 0 };

	if (!race_prepare(s, &race, outcomes, count))
		return -1;
	if (s->challenge.kind == CHALLENGE_METHOD) {
		if (!choose_method(s))
			return -1;
		const struct scrape_outcome wanted[] = { { .challenge = CHALLENGE_CODE } };
		if (scrape_race(s, wanted, 1, timeout_ms) < 0)
			return -1;
	}
	for (int attempt = 1; attempt <= CODE_TRIES; attempt++) {
		int index = -1;
		switch (try_code(s, &race, outcomes, count, attempt, timeout_ms, &index)) {
		case ACCEPTED:
			return index;
		case FAILED:
			return -1;
		case REJECTED:
			break;
		}
		if (s->challenge.problem == PROBLEM_TOO_MANY)
			break;
		if (s->challenge.problem == PROBLEM_EXPIRED && attempt < CODE_TRIES && !resend(s))
			return -1;
	}
	scrape_fail(s, ERR_CODE_WRONG, "the site refused the code: %s", s->challenge.message ? s->challenge.message : "no reason");
	return -1;
}

/* ---- what the page knows ---- */

char *scrape_request_header(struct scrape *s, const char *request, const char *header)
{
	AUTO(text) char *path = xasprintf("requests.%s", request);
	struct cdp_exchange_match match = { .url_part = scrape_text(s, path) };

	for (const struct cdp_exchange *x; (x = cdp_network_find(s->page, &match)); match.after = x->number) {
		const char *value = cdp_exchange_header(x->request_headers, header);
		if (value)
			return xstrdup(value);
	}
	return NULL;
}

cJSON *scrape_session_item(struct scrape *s, const char *item, const char *path, int timeout_ms)
{
	const struct deadline until = deadline_in_ms(timeout_ms);

	for (;;) {
		struct error why = { 0 };
		AUTO(json) cJSON *all = cdp_session_storage(cdp_page_main_frame(s->page), until, &why);
		const char *text = json_str(all, item);
		AUTO(json) cJSON *value = text ? json_parse(text, strlen(text), NULL) : NULL;
		const char *word = json_str(value, path);
		if (json_at(value, path) && (!word || *word))
			return TAKE(value);
		if (why.code == ERR_CRASHED || why.code == ERR_CLOSED || why.code == ERR_DISCONNECTED) {
			scrape_fail_as(s, &why);
			return NULL;
		}
		if (deadline_passed(until)) {
			scrape_fail(s, ERR_LAYOUT, "%s has no \"%s\" in its sessionStorage item \"%s\"", cdp_page_url(s->page), path, item);
			return NULL;
		}
		if (!cdp_conn_wait(cdp_page_conn(s->page), deadline_in_ms(ITEM_POLL_MS), &s->why) && s->why.code != ERR_TIMEOUT)
			return NULL;
	}
}

char *scrape_local_item(struct scrape *s, const char *item, int timeout_ms)
{
	AUTO(json) cJSON *name = cJSON_CreateString(item);
	AUTO(text) char *quoted = json_print(name);
	AUTO(text) char *expression = xasprintf("localStorage.getItem(%s)", quoted);
	const struct cdp_eval_opts opts = { .timeout_ms = timeout_ms, .isolated = true };
	AUTO(json) cJSON *value = cdp_page_wait_eval(s->page, expression, &opts, &s->why);

	if (cJSON_IsString(value))
		return xstrdup(value->valuestring);
	if (s->why.code == ERR_TIMEOUT)
		scrape_fail(s, ERR_LAYOUT, "%s has no \"%s\" in its localStorage", cdp_page_url(s->page), item);
	return NULL;
}

cJSON *scrape_cards(struct scrape *s, const char *name, const char *page, int timeout_ms)
{
	AUTO(text) char *path = xasprintf("cards.%s", name);
	AUTO(text) char *list = json_at(s->definition, path) ? json_print(json_at(s->definition, path)) : NULL;
	AUTO(json) cJSON *args = json_array(JSON_STR(NULL, page));
	AUTO(text) char *quoted = json_print(args);
	const struct cdp_eval_opts opts = { .timeout_ms = timeout_ms, .isolated = true };

	if (!list)
		return scrape_fail(s, ERR_LAYOUT, "selectors/%s.json has no cards \"%s\"", s->site->name, name), NULL;
	AUTO(text) char *expression = xasprintf("(%s)(%s, ...%s)", selectors_cards, list, quoted);
	cJSON *cards = cdp_page_wait_eval(s->page, expression, &opts, &s->why);
	if (!cards && s->why.code == ERR_TIMEOUT)
		scrape_fail(s, ERR_LAYOUT, "%s shows none of the cards \"%s\"", cdp_page_url(s->page), name);
	return cards;
}

const char *scrape_saved_item(struct scrape *s, const char *storage, const char *item)
{
	const cJSON *origin, *one;

	cJSON_ArrayForEach(origin, json_list(s->options.state, "origins")) {
		cJSON_ArrayForEach(one, json_list(origin, storage)) {
			const char *name = json_str(one, "name"), *value = json_str(one, "value");
			if (name && value && *value && !strcmp(name, item))
				return value;
		}
	}
	scrape_fail(s, ERR_LAYOUT, "the saved session has no \"%s\" in its %s", item, storage);
	return NULL;
}

/* ---- the API ---- */

void scrape_release_page(struct scrape *s)
{
	if (s->page)
		s->host->release_page(s->host->owner);
	s->page = NULL;
}

bool scrape_fetch(struct scrape *s, struct fetch *list, size_t count)
{
	return fetch_all(&s->options.network, list, count, PARALLEL, deadline_in_ms(FETCH_MS), &s->why);
}

static bool is_firewall(const char *text)
{
	return strstr(text, "Request Rejected") || strstr(text, "Block Automation");
}

cJSON *scrape_reply(const struct fetch *f, struct error *err)
{
	const char *text = buf_text(&f->reply);
	cJSON *json;

	if (f->why)
		return fail(err, ERR_NETWORK, "%s: %s", f->url, f->why), NULL;
	if (f->status == 401)
		return fail(err, ERR_SIGNED_OUT, "%s: signed out (HTTP 401)", f->url), NULL;
	if (f->status == 403 || f->status == 429 || is_firewall(text))
		return fail(err, ERR_BLOCKED, "%s: the site blocks us (HTTP %d)", f->url, f->status), NULL;
	if (f->status != 200)
		return fail(err, ERR_HTTP, "%s: HTTP %d", f->url, f->status), NULL;
	if (!f->reply.size)
		return fail(err, ERR_LAYOUT, "%s: an empty reply", f->url), NULL;
	json = json_parse_ids(text, f->reply.size, NULL);
	if (!json)
		fail(err, ERR_LAYOUT, "%s: a reply that is not JSON", f->url);
	return json;
}
