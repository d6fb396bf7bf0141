#include "src/connect.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "scrapers/scrape.h"
#include "scrapers/values.h"
#include "src/account.h"
#include "src/approval.h"
#include "src/asked.h"
#include "src/channel.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/definition.h"
#include "src/display.h"
#include "src/events.h"
#include "src/interrupt.h"
#include "src/live.h"
#include "src/options.h"
#include "src/otp.h"
#include "src/prove.h"
#include "src/session.h"
#include "src/store.h"
#include "src/tab.h"

#include <string.h>
#include <time.h>

enum {
	LOOK_MS = 1500,       /* between two looks at whether the person has signed in */
	OPEN_MS = 20000,      /* for the site's page to open */
	CONFIRM_MS = 60000,   /* for the person to say so, too; then we go on without */
	FIELDS_MAX = 4,
};

struct connect {
	const struct options *options;
	const struct site_account *account;
	enum connect_via via;
	cJSON *definition;
	struct keyring *ring;
	struct store *store;
	struct channel *channel;
	int slot;                  /* of the channel in the connection's wait; -1: it does not wait for it */
	struct live *live;         /* NULL: nobody can look */
	struct tab tab;
	struct scrape *scrape;
	struct scrape_host host;
	struct deadline until;
	int64_t expires_at;
	bool confirmed;            /* the person says that they have signed in */
	/* Guided. */
	const char *const *fields; /* which of the site's were filled in: its quick ones, or the others */
	struct secret *values[FIELDS_MAX];
	bool filled, remember;
	char *refusal;             /* why the last values were of no use */
	struct asked asked;
	struct approval approval;
	struct otp_plan otp;
};

static const char *const via_names[] = { [CONNECT_HEADED] = "headed", [CONNECT_LIVE] = "live", [CONNECT_GUIDED] = "guided" };

/* ---- how it stands ---- */

/* What kind of keyboard a field wants. */
static const char *type_of(const char *field)
{
	return strstr(field, "password") ? "password" : !strcmp(field, "id") || !strcmp(field, "last4") ? "tel" : "text";
}

/* NULL: the site has no such login. */
static cJSON *fields_json(const char *const *fields)
{
	cJSON *list = fields ? cJSON_CreateArray() : cJSON_CreateNull();

	for (; fields && *fields; fields++)
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("name", *fields), JSON_STR("label", *fields),
			JSON_STR("type", type_of(*fields)), JSON_STR("value", ""))));
	return list;
}

static cJSON *guided_fields(const struct connect *c)
{
	const struct site *site = c->account->site;

	return json_object(JSON_STR("title", site->title), JSON_NODE("fields", fields_json(site->fields)),
		JSON_NODE("quickFields", fields_json(site->quick_fields)), JSON_STR("submit", "Sign in"), JSON_STR("error", c->refusal));
}

/* Tells everybody.  STEP: open, fill, you, check or saved. */
static void report(struct connect *c, const char *state, const char *step, const char *message, const char *error)
{
	char expires[32];

	value_instant_text(c->expires_at, expires);
	cJSON *data = json_object(JSON_STR("site", c->account->site->name), JSON_STR("account", c->account->name),
		JSON_STR("state", state), JSON_STR("step", step), JSON_STR("message", message), JSON_STR("error", error),
		JSON_STR("via", via_names[c->via]), JSON_STR("expiresAt", expires), JSON_INT("pid", getpid()),
		JSON_STR("channel", c->channel ? channel_path(c->channel) : NULL));
	if (c->via == CONNECT_LIVE)
		json_add(data, JSON_STR("view", "/live"));
	if (c->via == CONNECT_GUIDED && !strcmp(state, "waiting"))
		json_add(data, JSON_NODE("guided", guided_fields(c)));
	(void)events_add(c->store, 0, "connect.changed", data, NULL); /* who cannot be told does not hinder us */
	if (!c->options->no_input && message)
		log_line(LOG_INFO, "%s: %s", c->account->site->name, message);
}

static void report_session(struct connect *c)
{
	(void)events_add(c->store, 0, "session.changed", json_object(JSON_STR("site", c->account->site->name),
		JSON_STR("account", c->account->name), JSON_STR("status", "active")), NULL); /* see report() */
}

/* ---- what the person says ---- */

static void clear_values(struct connect *c)
{
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		secret_free(c->values[i]);
		c->values[i] = NULL;
	}
}

/* Whether VALUES has any of FIELDS. */
static bool has_any(const cJSON *values, const char *const *fields)
{
	for (; fields && *fields; fields++)
		if (cJSON_GetObjectItemCaseSensitive(values, *fields))
			return true;
	return false;
}

/* The fields of one of the site's logins, all of them. */
static bool take_values(struct connect *c, const cJSON *values)
{
	const struct site *site = c->account->site;
	const char *const *fields = has_any(values, site->fields) || !site->quick_fields ? site->fields : site->quick_fields;

	clear_values(c);
	c->fields = fields;
	for (size_t i = 0; fields[i] && i < FIELDS_MAX; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(values, fields[i]);
		if (!cJSON_IsString(value) || !*value->valuestring)
			return false;
		c->values[i] = secret_new(value->valuestring, strlen(value->valuestring));
		secret_wipe(value->valuestring, strlen(value->valuestring));
		if (!c->values[i])
			return false;
	}
	return true;
}

static void answer(struct connect *c, int peer, int status, const char *message)
{
	AUTO(json) cJSON *json = json_object(JSON_INT("status", status), JSON_STR("message", message));

	(void)channel_send_json(c->channel, peer, json); /* who is gone is not told */
}

/* Hears everybody.  False: the person does not want to any more. */
static bool hear(struct connect *c, struct error *err)
{
	int peer;

	for (cJSON *message; c->channel && (message = channel_next(c->channel, &peer));) {
		AUTO(json) cJSON *said = message;
		const char *type = json_str(said, "type");
		if (!type) {
			answer(c, peer, 422, "a message has a type");
		} else if (!strcmp(type, "cancel")) {
			answer(c, peer, 200, "cancelled");
			return fail(err, ERR_CODE_CANCEL, "cancelled; nothing is changed");
		} else if (!strcmp(type, "finished")) {
			c->confirmed = true;
			answer(c, peer, 200, "Verifying login and saving session...");
		} else if (!strcmp(type, "fill") && c->via == CONNECT_GUIDED) {
			c->filled = take_values(c, json_at(said, "values"));
			c->remember = json_true(said, "remember");
			answer(c, peer, c->filled ? 200 : 422, c->filled ? "signing in" : "every field is wanted");
		} else if (!c->live || !live_take(c->live, peer, said)) {
			answer(c, peer, 422, "this is not understood here");
		}
	}
	if (c->live)
		live_serve(c->live);
	return true;
}

/* Lets everything happen until NEXT, or until somebody said something that counts. */
static bool idle(struct connect *c, struct deadline next, struct error *err)
{
	struct cdp_conn *conn = cdp_page_conn(c->tab.page);
	struct error why = { 0 };

	for (;;) {
		if (!hear(c, err))
			return false;
		if (c->confirmed || c->filled || deadline_passed(next))
			return true;
		if (cdp_page_is_closed(c->tab.page))
			return fail(err, ERR_SIGNED_OUT, "the window was closed before anybody had signed in; nothing is changed");
		const struct deadline pause = c->live ? deadline_sooner(next, live_pause(c->live)) : next;
		if (!cdp_conn_wait(conn, pause, &why) && why.code != ERR_TIMEOUT)
			return why.code == ERR_CANCELLED ? fail(err, ERR_CANCELLED, "interrupted; nothing is changed")
				: fail(err, ERR_SIGNED_OUT, "the window was closed before anybody had signed in; nothing is changed");
	}
}

/* ---- the person signs in ---- */

static bool is_gone(enum error_code code)
{
	return code == ERR_CLOSED || code == ERR_DISCONNECTED || code == ERR_CRASHED;
}

/* Waits until two proofs say that the person has signed in. */
static bool await_person(struct connect *c, struct error *err)
{
	for (;;) {
		struct error why = { 0 };
		if (scrape_is_signed_in(c->scrape, &why))
			return true;
		if (is_gone(why.code))
			return fail(err, ERR_SIGNED_OUT, "the window was closed before anybody had signed in; nothing is changed");
		if (c->confirmed)
			report(c, "waiting", "you", "Login not detected", NULL);
		c->confirmed = false;
		if (deadline_passed(c->until))
			return fail(err, ERR_SIGNED_OUT, "nobody has signed in; nothing is changed");
		if (!idle(c, deadline_sooner(c->until, deadline_in_ms(LOOK_MS)), err))
			return false;
	}
}

/* On the web the person says so, too: they may want to look around first. */
static bool await_confirmation(struct connect *c, struct error *err)
{
	const struct deadline until = deadline_sooner(c->until, deadline_in_ms(CONFIRM_MS));

	report(c, "detected", "you", "\xe2\x9c\x85 Login detected!", NULL);
	c->confirmed = c->confirmed || c->via == CONNECT_HEADED;
	while (!c->confirmed && !deadline_passed(until))
		if (!idle(c, until, err))
			return false;
	return true;
}

static bool open_site(struct connect *c, struct error *err)
{
	const char *start = json_str(c->definition, "pages.start") ? json_str(c->definition, "pages.start")
		: json_str(c->definition, "pages.home");

	return cdp_page_goto(c->tab.page, start, &(struct cdp_goto_opts){ .ready = CDP_PARSED, .timeout_ms = OPEN_MS }, NULL, err);
}

static bool in_a_page(struct connect *c, struct error *err)
{
	if (!open_site(c, err))
		return false;
	report(c, "waiting", "you", "A browser window has opened... Complete the login process...", NULL);
	return await_person(c, err) && await_confirmation(c, err);
}

/* ---- guided: what the person fills in is typed for them ---- */

static const struct secret *credential(void *owner, const char *field)
{
	const struct connect *c = owner;
	const char *const *fields = c->fields;

	for (size_t i = 0; fields && fields[i] && i < FIELDS_MAX; i++)
		if (!strcmp(fields[i], field))
			return c->values[i];
	return NULL;
}

static bool ask_code(void *owner, const struct challenge *challenge, int attempt, struct secret **code, struct error *err)
{
	struct connect *c = owner;

	return otp_ask(&c->otp, c->tab.page, challenge, attempt, code, err);
}

static bool choose(void *owner, const struct challenge *challenge, int *choice, struct error *err)
{
	struct connect *c = owner;

	return otp_choose(&c->otp, c->tab.page, challenge, choice, err);
}

static void judged(void *owner, bool accepted, const char *message)
{
	struct connect *c = owner;

	asked_end(&c->asked, accepted ? "accepted" : "rejected", message);
}

static bool stands(void *owner, const struct challenge *challenge, struct scrape_stand *out, struct error *err)
{
	struct connect *c = owner;

	return approval_stands(&c->approval, &c->otp, c->tab.page, challenge, out, err);
}

static void stood(void *owner, bool in_time)
{
	struct connect *c = owner;

	approval_end(&c->approval, &c->otp, in_time);
}

static void on_step(void *owner, const char *step)
{
	report(owner, "waiting", "fill", step, NULL);
}

static void release_page(void *owner)
{
	(void)owner; /* it is needed: the session is in it */
}

/* Each try is a new one: nothing that was chosen before holds. */
static void new_scrape(struct connect *c, bool quick)
{
	const struct options *o = c->options;
	const struct scrape_options options = {
		.quick = quick,
		.approval_ms = o->timeout_ms,
		.by_hand = c->via == CONNECT_GUIDED,
		.network = { .connect_to = o->connect_to, .cacert = o->cacert,
			.user_agent = cdp_browser_user_agent(c->tab.browser), .stop = &interrupt_signal },
	};

	c->host = (struct scrape_host){ .owner = c, .credential = credential, .ask_code = ask_code, .choose = choose,
		.judged = judged, .stands = stands, .stood = stood, .on_step = on_step, .release_page = release_page };
	scrape_free(c->scrape);
	c->scrape = scrape_new(c->account->site, c->definition, c->tab.page, &c->host, &options);
}

/* What the person can mend themselves, by typing better. */
static bool can_be_mended(enum error_code code)
{
	return code == ERR_REFUSED || code == ERR_CREDENTIALS || code == ERR_VALUE || code == ERR_CODE_WRONG
		|| code == ERR_CODE_CANCEL || code == ERR_CODE_TIMEOUT;
}

/* While nobody hears the channel, the connection must not wake up for it. */
static void listen_to_channel(struct connect *c, bool listens)
{
	struct cdp_conn *conn = cdp_page_conn(c->tab.page);

	if (c->slot >= 0)
		cdp_conn_remove_fd(conn, c->slot);
	c->slot = listens ? cdp_conn_add_fd(conn, channel_fd(c->channel)) : -1;
}

static bool sign_in(struct connect *c, struct error *err)
{
	new_scrape(c, c->fields == c->account->site->quick_fields);
	listen_to_channel(c, false);
	const bool ok = scrape_sign_in(c->scrape, err);
	listen_to_channel(c, true);
	return ok;
}

static bool await_values(struct connect *c, struct error *err)
{
	report(c, "waiting", "you", "Fill in what you sign in with", NULL);
	while (!c->filled) {
		if (deadline_passed(c->until))
			return fail(err, ERR_SIGNED_OUT, "nobody has signed in; nothing is changed");
		if (!idle(c, c->until, err))
			return false;
	}
	c->filled = false;
	return true;
}

static bool remember(struct connect *c, struct error *err)
{
	const char *const *fields = c->fields;

	for (size_t i = 0; c->remember && fields[i] && i < FIELDS_MAX; i++)
		if (!credential_save(c->store, c->ring, c->account, fields[i], c->values[i], err))
			return false;
	return true;
}

static bool guided(struct connect *c, struct error *err)
{
	for (;;) {
		struct error why = { 0 };
		if (!await_values(c, err) || !account_begin_login(c->store, c->account, "guided", c->options->max_logins, err))
			return false;
		if (sign_in(c, &why)) /* the page may still be about to keep what proves it */
			return await_person(c, err) && remember(c, err);
		if (!can_be_mended(why.code)) {
			if (err)
				*err = why;
			return false;
		}
		free(c->refusal);
		c->refusal = xstrdup(why.text);
		clear_values(c);
	}
}

/* ---- the session ---- */

static bool open_tab(struct connect *c, struct display *display, struct error *err)
{
	const struct options *o = c->options;
	const bool headed = c->via == CONNECT_HEADED;

	c->tab.full = true; /* the browser that people have */
	if (headed && !o->browser_url && !display_open(display, err))
		return false;
	if (!tab_open(&c->tab, o, c->definition, headed, err))
		return false;
	if (c->via != CONNECT_LIVE)
		return true;
	c->live = live_open(c->channel, c->tab.page, LIVE_FIRST_DRIVES, err);
	return c->live != NULL;
}

/* The state of a page in which somebody has signed in. */
static cJSON *signed_in_state(struct connect *c, struct error *err)
{
	AUTO(display) struct display display = { 0 };
	cJSON *state = NULL;

	if (open_tab(c, &display, err)) {
		listen_to_channel(c, true);
		new_scrape(c, false);
		if (c->via == CONNECT_GUIDED ? guided(c, err) : in_a_page(c, err)) {
			report(c, "verifying", "check", "Verifying login and saving session...", NULL);
			state = tab_take_state(&c->tab, c->definition, err);
		}
		scrape_free(c->scrape);
		listen_to_channel(c, false);
	}
	live_close(c->live);
	tab_close(&c->tab);
	clear_values(c);
	return state;
}

static bool connect(struct connect *c, struct error *err)
{
	char *url = NULL;
	AUTO(json) cJSON *state = signed_in_state(c, err);

	if (!state)
		return false;
	printf("signed in\n");
	(void)fflush(stdout);
	AUTO(json) cJSON *fresh = prove_state(c->account->site, c->options, state, &url, err);
	AUTO(text) char *where = url;
	if (!fresh)
		return error_wrap(err, "a second browser cannot use this session, so it is not saved");
	printf("checked in a second browser: still signed in\n");
	if (!session_save(c->store, c->ring, c->account, fresh, where, err))
		return false;
	printf("%s/%s: connected (session saved, sealed, %d cookies and %d origins)\n", c->account->site->name, c->account->name,
		cJSON_GetArraySize(json_at(fresh, "cookies")), cJSON_GetArraySize(json_at(fresh, "origins")));
	report(c, "connected", "saved", "\xe2\x9c\x85 Connection successful! Session saved.", NULL);
	report_session(c);
	return true;
}

static bool begin(struct connect *c, struct error *err)
{
	return (c->definition = definition_read(c->account->site, err)) != NULL
		&& (c->store = store_open(err)) != NULL
		&& account_lock(c->store, c->account, err)
		&& (c->ring = keyring_open(err)) != NULL /* while the account is ours, nobody changes the key */
		&& session_opens(c->store, c->ring, c->account, err) /* else nobody needs to sign in: it could not be saved */
		&& (c->channel = channel_open(err)) != NULL;
}

bool connect_account(const struct site_account *account, const struct options *o, enum connect_via via, struct error *err)
{
	struct connect c = { .options = o, .account = account, .via = via, .slot = -1, .until = deadline_in_ms(o->timeout_ms),
		.expires_at = time(NULL) + o->timeout_ms / 1000 };
	struct error why = { 0 };

	bool ok = begin(&c, &why);
	if (ok) {
		c.asked = (struct asked){ .store = c.store, .account = account, .run = -(int64_t)getpid() }; /* none, and ours alone */
		c.otp = (struct otp_plan){ .sources = { "web" }, .count = 1, .site = account->site->title, .asked = &c.asked };
		report(&c, "starting", "open", NULL, NULL);
		ok = connect(&c, &why);
	}
	const bool cancelled = why.code == ERR_CODE_CANCEL || why.code == ERR_CANCELLED;
	if (!ok && c.channel)
		report(&c, cancelled ? "cancelled" : "failed", NULL, why.text, cancelled ? NULL : why.text);
	if (c.store)
		account_unlock(c.store, account);
	channel_close(c.channel);
	store_free(c.store);
	keyring_free(c.ring);
	cJSON_Delete(c.definition);
	free(c.refusal);
	if (!ok && err)
		*err = why;
	return ok;
}
