#include "src/run.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "cdp/state.h"
#include "src/approval.h"
#include "src/artefact.h"
#include "src/asked.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/definition.h"
#include "src/delivery.h"
#include "src/ending.h"
#include "src/events.h"
#include "src/history.h"
#include "src/identity.h"
#include "src/interrupt.h"
#include "src/otp.h"
#include "src/progress.h"
#include "src/results.h"
#include "src/session.h"
#include "src/tab.h"
#include "src/telegram.h"
#include "src/totp.h"
#include "src/wheel.h"

#include <string.h>

enum { FIELDS_MAX = 4, STATE_MS = 10000 };

struct run {
	const struct site_account *account;
	const struct site *site;
	const struct options *options;
	struct store *store;
	struct keyring *ring;
	struct session session; /* as it was saved */
	bool is_over;           /* which is proven to be so */
	bool has_typed;         /* credentials */
	int64_t history;
	enum scrape_tier tier;
	cJSON *state;           /* as it is now; NULL: not known */
	char *url;              /* where that was */
	struct otp_plan otp;
	struct asked asked;
	struct approval approval;
	struct progress progress;
	struct telegram telegram; /* for --otp telegram */
	cJSON *definition;
	const char *fields[FIELDS_MAX];
	struct secret *secrets[FIELDS_MAX];
	size_t field_count;
	struct totp totp;       /* no key: none is known */
	struct tab tab;
	struct wheel *wheel;    /* of the tab; NULL: nobody can look */
};

/* ---- what the scrape asks for ---- */

static const struct secret *credential(void *owner, const char *field)
{
	struct run *run = owner;

	run->has_typed = true;
	for (size_t i = 0; i < run->field_count; i++)
		if (!strcmp(run->fields[i], field))
			return run->secrets[i];
	return NULL;
}

static bool ask_code(void *owner, const struct challenge *challenge, int attempt, struct secret **code, struct error *err)
{
	struct run *run = owner;

	progress_rest(&run->progress);
	return otp_ask(&run->otp, run->tab.page, challenge, attempt, code, err);
}

static bool choose(void *owner, const struct challenge *challenge, int *choice, struct error *err)
{
	struct run *run = owner;

	progress_rest(&run->progress);
	return otp_choose(&run->otp, run->tab.page, challenge, choice, err);
}

static void judged(void *owner, bool accepted, const char *message)
{
	struct run *run = owner;

	asked_end(&run->asked, accepted ? "accepted" : "rejected", message);
}

static bool stands(void *owner, const struct challenge *challenge, struct scrape_stand *out, struct error *err)
{
	struct run *run = owner;

	return approval_stands(&run->approval, &run->otp, run->tab.page, challenge, out, err);
}

static void stood(void *owner, bool in_time)
{
	struct run *run = owner;

	approval_end(&run->approval, &run->otp, in_time);
}

static bool wait_and_show(void *owner, struct deadline until, bool *held, struct error *err)
{
	struct run *run = owner;

	return run->wheel ? wheel_wait(run->wheel, until, held, err) : cdp_conn_wait(cdp_page_conn(run->tab.page), until, err);
}

/* The page can be looked at where the run is answered from: its channel is known by our number. */
static void show_page(struct run *run)
{
	AUTO(text) char *name = wheel_name(getpid());
	struct error why = { 0 };

	if (!otp_plan_has(&run->otp, "web"))
		return;
	run->wheel = run->otp.wheel = wheel_open(name, run->tab.page, true, &why);
	if (!run->wheel)
		log_line(LOG_WARN, "%s: nobody can look at the page: %s", run->site->name, why.text);
}

static void hide_page(struct run *run)
{
	wheel_close(run->wheel);
	run->wheel = run->otp.wheel = NULL;
}

static void close_page(struct run *run)
{
	hide_page(run);
	tab_close(&run->tab);
}

/* Where the page is, for whoever asks later why. */
static void see_url(struct run *run)
{
	free(run->url);
	run->url = xstrdup(cdp_page_url(run->tab.page));
}

/* Whoever watches is told; what cannot be told does not end a run.  Takes DATA. */
static void tell(struct run *run, const char *event, cJSON *data)
{
	json_add(data, JSON_INT("runId", run->history));
	json_add(data, JSON_STR("site", run->site->name));
	json_add(data, JSON_STR("account", run->account->name));
	(void)events_add(run->store, run->history, event, data, NULL);
}

static void on_step(void *owner, const char *step)
{
	struct run *run = owner;

	tell(run, "run.phase", json_object(JSON_STR("phase", step)));
	if (run->options->events) {
		AUTO(json) cJSON *event = json_object(JSON_STR("event", "run.phase"), JSON_STR("site", run->site->name),
			JSON_STR("phase", step));
		AUTO(text) char *line = json_print(event);
		fprintf(stderr, "%s\n", line);
	} else {
		progress_step(&run->progress, step);
	}
}

/* The session, as long as the page is there.  A state that cannot be had costs the next run a login, and
 * this one nothing. */
static void release_page(void *owner)
{
	struct run *run = owner;
	struct error why = { 0 };

	if (!run->options->no_save) {
		see_url(run);
		cJSON_Delete(run->state);
		run->state = tab_take_state(&run->tab, run->definition, &why);
		if (!run->state)
			log_line(LOG_WARN, "%s: the session cannot be saved: %s", run->site->name, why.text);
	}
	hide_page(run);
	tab_release(&run->tab);
}

/* ---- before the browser ---- */

static bool read_credentials(struct run *run, struct error *err)
{
	const char *const *fields = run->options->quick ? run->site->quick_fields : run->site->fields;

	if (!fields)
		return fail(err, ERR_INPUT, "%s has no quick login", run->site->title);
	for (; *fields; fields++) {
		struct secret *secret = credential_read(run->store, run->ring, run->account, *fields, err);
		if (!secret)
			return false;
		run->fields[run->field_count] = *fields;
		run->secrets[run->field_count++] = secret;
	}
	return true;
}

/* A clock's codes: when they are asked for they must be had, and else they may. */
static bool read_totp(struct run *run, struct error *err)
{
	struct error why = { 0 };
	AUTO(secret) struct secret *text = credential_read(run->store, run->ring, run->account, "totp", &why);
	const bool wanted = otp_plan_has(&run->otp, "totp");

	if (text && totp_read(secret_reveal(text), &run->totp, &why))
		run->otp.totp = &run->totp;
	if (why.code == ERR_CREDENTIALS && !wanted)
		return true;
	if (why.code && err)
		*err = why;
	return !why.code;
}

static bool read_telegram(struct run *run, struct error *err)
{
	struct telegram *t = &run->telegram;

	if (!otp_plan_has(&run->otp, "telegram"))
		return true;
	t->network = delivery_network(run->options);
	run->otp.telegram = t;
	return delivery_telegram(run->store, run->ring, run->site->name, &t->chat, &t->api, &t->token, err);
}

/* ---- the tiers ---- */

static bool collect(struct run *run, enum scrape_tier tier, struct collection *out, struct error *err)
{
	const struct options *o = run->options;
	const struct scrape_host host = { .owner = run, .credential = credential, .ask_code = ask_code, .choose = choose,
		.judged = judged, .stands = stands, .stood = stood, .wait = wait_and_show, .on_step = on_step,
		.release_page = release_page };
	const bool on_web = otp_plan_has(&run->otp, "web");
	const char *agent = run->tab.browser ? cdp_browser_user_agent(run->tab.browser)
		: json_str(run->session.state, "x-gabbai.userAgent");
	const struct scrape_options options = {
		.since = o->since,
		.future_months = o->future_months,
		.quick = o->quick,
		.channel = o->channel,
		.approval_ms = o->otp.wait_ms || (o->no_input && !on_web) ? o->otp.wait_ms : OTP_WAIT_MS,
		.by_hand = on_web,
		.limit = o->limit,
		.search = o->search,
		.network = { .connect_to = o->connect_to, .cacert = o->cacert, .user_agent = agent, .stop = &interrupt_signal },
		.state = run->session.state,
	};
	struct scrape *s = scrape_new(run->site, run->definition, run->tab.page, &host, &options);

	collection_clear(out);
	run->tier = tier;
	const bool ok = scrape_run(s, tier, out, err);
	scrape_free(s);
	if (!ok && run->tab.page)
		see_url(run);
	return ok;
}

/* One tier in the tab that is open, or in a new one. */
static bool in_tab(struct run *run, enum scrape_tier tier, struct collection *out, struct error *err)
{
	if (run->tab.released)
		close_page(run); /* it was let go while the API was asked */
	run->tier = tier;
	if (!run->tab.page) {
		if (!tab_open(&run->tab, run->options, run->definition, run->options->headed, err))
			return false;
		show_page(run);
	}
	return (tier != TIER_RESTORED || cdp_state_restore(run->tab.page, run->session.state, deadline_in_ms(STATE_MS), err))
		&& collect(run, tier, out, err);
}

/* The small browser is much faster, and some sites do not take it: what it is refused, the full one tries once
 * more.  So is a browser somewhere else that is lost on the way: services cut long sessions.  Never once credentials
 * were typed. */
static bool is_worth_another(struct run *run, const struct error *why)
{
	const bool refused = why->code == ERR_BLOCKED || why->code == ERR_SIGNED_OUT;
	const bool lost = why->code == ERR_DISCONNECTED;

	if (run->has_typed || !run->tab.browser)
		return false;
	if (lost && run->options->browser_url) {
		log_line(LOG_INFO, "%s: %s; once more", run->site->name, why->text);
		return true;
	}
	if (!refused || !cdp_browser_is_shell(run->tab.browser))
		return false;
	log_line(LOG_INFO, "%s: %s; once more with the full browser", run->site->name, why->text);
	run->tab.full = true;
	return true;
}

static bool in_browser(struct run *run, enum scrape_tier tier, struct collection *out, struct error *err)
{
	const bool was_full = run->tab.full;
	struct error why = { 0 };

	if (in_tab(run, tier, out, &why))
		return true;
	if (is_worth_another(run, &why)) {
		close_page(run);
		why = (struct error){ 0 };
		if (in_tab(run, tier, out, &why)) {
			if (run->tab.full && !was_full)
				account_remember_full(run->store, run->account);
			return true;
		}
	}
	if (err)
		*err = why;
	return false;
}

/* The credentials' fingerprint; what is parked is parked for it. */
static char *fingerprint(const struct run *run)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < run->field_count; i++) {
		buf_puts(&text, run->fields[i]);
		buf_putc(&text, '\0');
		buf_append(&text, secret_reveal(run->secrets[i]), secret_size(run->secrets[i]) + 1);
	}
	char *print = key_fingerprint(run->ring, buf_text(&text), text.size);
	buf_wipe(&text);
	return print;
}

/* What the site says of the credentials themselves: nobody tries them again. */
static bool is_refusal(enum error_code code)
{
	return code == ERR_REFUSED || code == ERR_PASSWORD || code == ERR_ACCOUNT;
}

static bool log_in(struct run *run, struct collection *out, struct error *err)
{
	struct error why = { 0 };

	if (!run->field_count && (!read_credentials(run, err) || !read_totp(run, err) || !read_telegram(run, err)))
		return false;
	AUTO(text) char *print = fingerprint(run);
	if (!account_begin_login(run->store, run->account, print, run->options->max_logins, err))
		return false;
	if (in_browser(run, TIER_LOGIN, out, &why))
		return true;
	if (is_refusal(why.code))
		(void)account_park(run->store, run->account, print, why.text, NULL); /* the refusal is what to tell */
	if (err)
		*err = why;
	return false;
}

/* Whether WHY proves that the saved session cannot do it: what the direct tier lacks, a browser may have. */
static bool is_over(enum scrape_tier tier, const struct error *why)
{
	if (why->code == ERR_SIGNED_OUT)
		return true;
	return tier == TIER_DIRECT ? why->code == ERR_LAYOUT || why->code == ERR_BLOCKED : why->code == ERR_VALUE;
}

static bool by_saved_session(struct run *run, struct collection *out, struct error *why)
{
	if (run->options->tier == TIER_DIRECT) {
		if (collect(run, TIER_DIRECT, out, why))
			return true;
		if (!is_over(TIER_DIRECT, why))
			return false;
	}
	*why = (struct error){ 0 };
	return in_browser(run, TIER_RESTORED, out, why);
}

static bool look_in_public(struct run *run, struct collection *out, struct error *err)
{
	if (!run->site->collect_public)
		return fail(err, ERR_INPUT, "%s shows nothing without a login", run->site->title);
	return in_browser(run, TIER_PUBLIC, out, err);
}

static bool by_tiers(struct run *run, struct collection *out, struct error *err)
{
	struct error why = { 0 };

	const bool try_saved = run->session.state && run->options->tier != TIER_LOGIN;

	if (run->options->public)
		return look_in_public(run, out, err);
	if (try_saved && by_saved_session(run, out, &why))
		return true;
	if (try_saved && !is_over(run->tier, &why)) {
		if (err)
			*err = why;
		return false;
	}
	run->is_over = try_saved && why.code == ERR_SIGNED_OUT;
	if (!run->options->no_login)
		return log_in(run, out, err);
	if (try_saved)
		return fail(err, ERR_SIGNED_OUT, "%s, and --no-login forbids to log in", why.text);
	return fail(err, ERR_SIGNED_OUT, "%s/%s has no saved session, and --no-login forbids to log in", run->site->name,
		run->account->name);
}

/* ---- before and after ---- */

static void on_question(void *owner, const cJSON *request)
{
	const struct run *run = owner;

	delivery_question(run->store, run->ring, run->options, run->account, run->history, request);
}

/* After runs that nobody watches; who watches sees it. */
static void deliver(struct run *run, bool ok, const struct error *why, const struct collection *out)
{
	const int code = !ok ? (int)ending_of(why).code : out->failed ? EXIT_PARTIAL : EXIT_OK;
	const bool waits_for_morning = run->options->due && run->options->no_login && code == EXIT_RECONNECT;

	if ((run->options->due || run->options->deliver) && !waits_for_morning)
		delivery_after_run(run->store, run->ring, run->options, &(struct delivery_run){ .account = run->account,
			.id = run->history, .code = code, .why = ok ? NULL : why->text });
}

static bool begin(struct run *run, struct error *err)
{
	const bool ok = (run->definition = definition_read(run->site, err)) != NULL
		&& (run->store = store_open(err)) != NULL
		&& account_lock(run->store, run->account, err)
		&& (run->ring = keyring_open(err)) != NULL /* while the account is ours, nobody changes the key */
		&& (run->history = history_begin(run->store, run->account, err)) != 0
		&& session_load(run->store, run->ring, run->account, &run->session, err);

	if (run->history) {
		run->asked = (struct asked){ .store = run->store, .account = run->account, .run = run->history, .told = on_question,
			.owner = run };
		run->otp.asked = &run->asked;
		events_prune(run->store);
		artefact_forget(run->history);
		tell(run, "run.started", json_object(JSON_INT("pid", getpid())));
	}
	run->tab.full = ok && account_wants_full(run->store, run->account);
	return ok;
}

/* What is saved after the run.  A new session is saved when the site has shown that it takes it; a session
 * that is proven to be over is marked; after all else what was saved stays as it is. */
static bool save(struct run *run, bool ok, const struct error *why, struct error *err)
{
	const bool proven = ok || (why->code != ERR_SIGNED_OUT && why->code != ERR_BLOCKED);

	if (run->state && proven)
		return session_save(run->store, run->ring, run->account, run->state, run->url, err);
	if (run->is_over)
		return session_mark(run->store, run->account, "needs_reconnect", why->text, run->url, err);
	return !ok || run->tier == TIER_PUBLIC || session_used(run->store, run->account, err);
}

static void end(struct run *run)
{
	if (run->store)
		account_unlock(run->store, run->account);
	store_free(run->store);
	keyring_free(run->ring);
	session_clear(&run->session);
	for (size_t i = 0; i < run->field_count; i++)
		secret_free(run->secrets[i]);
	totp_clear(&run->totp);
	telegram_clear(&run->telegram);
	cJSON_Delete(run->definition);
	cJSON_Delete(run->state);
	free(run->url);
}

/* What cannot be kept is printed nevertheless. */
static bool keep(struct run *run, struct collection *out, int64_t *new_rows, struct error *err)
{
	struct error why = { 0 };

	return results_save_collection(run->store, run->account, run->history, out, new_rows, &why)
		|| fail(err, ERR_SYSTEM, "%s: what was collected is not kept: %s", run->site->name, why.text);
}

static int64_t rows_of(const struct collection *c)
{
	int64_t rows = 0;

	rows += (int64_t)c->product_count;
	for (size_t i = 0; i < c->count; i++)
		rows += (int64_t)c->accounts[i].count;
	return rows;
}

static void tell_end(struct run *run, bool ok, const struct error *why, int64_t rows, int64_t new_rows)
{
	const struct ending ending = ok ? (struct ending){ EXIT_OK, NULL } : ending_of(why);

	tell(run, "run.finished", json_object(JSON_BOOL("success", ok), JSON_INT("exitCode", ending.code),
		JSON_STR("errorType", ending.type),
		JSON_STR("error", ok ? NULL : why->text), JSON_STR("tier", scrape_tier_name(run->tier)), JSON_INT("rows", rows),
		JSON_INT("newRows", new_rows)));
	if (run->is_over)
		tell(run, "session.changed", json_object(JSON_STR("status", "needs_reconnect")));
	else if (ok && run->state)
		tell(run, "session.changed", json_object(JSON_STR("status", "active")));
}

/* Where somebody ended it, there is nothing to look into. */
static void keep_artefacts(struct run *run, const struct error *why)
{
	struct error unkept = { 0 };

	if (run->options->no_artefacts || interrupt_signal || why->code == ERR_CODE_CANCEL)
		return;
	const struct artefact_of of = { .run = run->history, .site = run->site->name, .account = run->account->name,
		.tier = scrape_tier_name(run->tier), .why = why, .store = run->store, .page = run->tab.released ? NULL : run->tab.page };
	if (!artefact_keep(&of, &unkept))
		log_line(LOG_WARN, "%s: what the page was is not kept: %s", run->site->name, unkept.text);
}

bool run_account(const struct site_account *account, const struct options *options, struct collection *out, int64_t *run_id,
	struct error *err)
{
	struct run run = { .account = account, .site = account->site, .options = options, .otp = options->otp };
	struct error why = { 0 };

	run.otp.site = account->site->title;
	progress_begin(&run.progress, account->site->name, options->verbose || options->log_json);
	bool ok = begin(&run, &why);
	const bool began = ok;
	*run_id = run.history;
	ok = ok && by_tiers(&run, out, &why);
	if (began && !ok)
		keep_artefacts(&run, &why);
	close_page(&run);
	if (interrupt_signal) /* whatever it met after the signal is not the reason */
		ok = fail(&why, ERR_CANCELLED, "interrupted");
	identity_assign(account->site->name, out);
	if (began) {
		struct error unsaved = { 0 };
		int64_t new_rows = 0;
		if (!save(&run, ok, &why, &unsaved))
			log_line(LOG_ERROR, "%s: the session was not saved: %s", account->site->name, unsaved.text);
		if (ok && !options->no_save)
			ok = keep(&run, out, &new_rows, &why);
		(void)history_end(run.store, run.history, scrape_tier_name(run.tier), ok ? NULL : &why, rows_of(out), new_rows, NULL);
		account_unlock(run.store, account); /* whoever hears of the end can begin the next one */
		tell_end(&run, ok, &why, rows_of(out), new_rows);
		deliver(&run, ok, &why, out);
	}
	progress_end(&run.progress);
	end(&run);
	if (!ok && err)
		*err = why;
	return ok;
}
