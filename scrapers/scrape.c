#include "scrapers/scrape.h"

#include "cdp/conn.h"
#include "cdp/embed.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "cdp/storage.h"
#include "scrapers/scrape_impl.h"

#include <stdarg.h>
#include <string.h>

EMBED(selectors_cards, "selectors/cards.js");

enum {
	ITEM_POLL_MS = 50,
	COVERED_MS = 3000,   /* then what covers an element is looked for */
	DISMISS_MS = 700,
	FETCH_MS = 120000,
	PARALLEL = 4,        /* what a browser's page would do */
	OPEN_TRIES = 3,
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

char *scrape_selectors(struct scrape *s, const char *target)
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

enum cdp_state scrape_state(const struct scrape *s, const char *target)
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
	if (!s)
		return;
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

bool scrape_sign_in(struct scrape *s, struct error *err)
{
	s->method_chosen = s->triggered = false;
	return told(s, s->site->sign_in(s), err);
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

struct error scrape_reason(const struct scrape *s)
{
	return s->why;
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

bool scrape_idle(struct scrape *s, struct deadline until)
{
	const int64_t began = clock_us();
	bool held = false;
	const bool ok = s->host->wait ? s->host->wait(s->host->owner, until, &held, &s->why)
		: cdp_conn_wait(cdp_page_conn(s->page), until, &s->why);

	if (held) {
		s->held_us += clock_us() - began;
		s->submitted = cdp_network_now(s->page); /* what was answered to them is no answer to us */
	}
	return ok || s->why.code == ERR_TIMEOUT;
}

bool scrape_yield(struct scrape *s)
{
	return !s->host->wait || !s->page || scrape_idle(s, deadline_in_ms(0));
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

	if (!scrape_yield(s))
		return false;

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

bool scrape_submit(struct scrape *s, const char *target)
{
	return scrape_click(s, target)
		|| (s->why.code == ERR_TIMEOUT && s->why.cause == ERR_DISABLED
			&& scrape_fail(s, ERR_CREDENTIALS, "%s's form does not take this: its button stays disabled, so look for what is"
				" mistyped", s->site->title));
}

bool scrape_click(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = scrape_selectors(s, target);

	if (!selector || !scrape_yield(s))
		return false;
	if (cdp_page_click(s->page, selector, &(struct cdp_click_opts){ .timeout_ms = COVERED_MS }, &s->why))
		return true;
	if (s->why.code != ERR_TIMEOUT || (s->why.cause == ERR_COVERED && !clear_overlays(s)))
		return fail_target(s, target);
	return cdp_page_click(s->page, selector, &(struct cdp_click_opts){ .timeout_ms = SCRAPE_STEP_MS - COVERED_MS }, &s->why)
		|| fail_target(s, target);
}

bool scrape_dismiss(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = scrape_selectors(s, target);
	struct error why = { 0 };

	if (!selector)
		return false;
	if (cdp_page_click(s->page, selector, &(struct cdp_click_opts){ .timeout_ms = DISMISS_MS }, &why))
		return true;
	return why.code == ERR_TIMEOUT || scrape_fail_as(s, &why);
}

bool scrape_wait(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = scrape_selectors(s, target);
	const struct cdp_wait_opts opts = { .timeout_ms = SCRAPE_STEP_MS, .state = scrape_state(s, target) };

	return selector && (cdp_page_wait(s->page, selector, &opts, &s->why) || fail_target(s, target));
}

bool scrape_has(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = scrape_selectors(s, target);

	return selector && cdp_page_count(s->page, selector, NULL) > 0;
}

int scrape_count(struct scrape *s, const char *target)
{
	AUTO(text) char *selector = scrape_selectors(s, target);

	return selector ? cdp_page_count(s->page, selector, &s->why) : -1;
}

bool scrape_at(struct scrape *s, const char *name)
{
	AUTO(text) char *path = xasprintf("urls.%s", name);
	const char *part = scrape_text(s, path);

	return *part && strstr(cdp_page_url(s->page), part);
}

bool scrape_type_credential(struct scrape *s, const char *target, const char *field)
{
	AUTO(text) char *selector = scrape_selectors(s, target);
	const struct secret *value = s->host->credential(s->host->owner, field);
	const struct cdp_type_opts opts = { .timeout_ms = SCRAPE_STEP_MS };

	if (!value)
		return scrape_fail(s, ERR_CREDENTIALS, "no %s is known for %s", field, s->site->name);
	if (!scrape_yield(s))
		return false;
	s->submitted = cdp_network_now(s->page);
	return selector && (cdp_page_type_secret(s->page, selector, value, &opts, &s->why)
		|| fail_target(s, target));
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
		if (!scrape_idle(s, deadline_in_ms(ITEM_POLL_MS)))
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
