/* gabbai connect SITE: a person signs in once, in a window; what that left is proven and saved. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "src/account.h"
#include "src/crypt.h"
#include "src/definition.h"
#include "src/display.h"
#include "src/ending.h"
#include "src/interrupt.h"
#include "src/prove.h"
#include "src/session.h"
#include "src/store.h"
#include "src/tab.h"

#include <string.h>

enum {
	LOOK_MS = 1500,      /* between two looks at whether the person has signed in */
	TOLD_MS = 10000,     /* for a page to open */
};

struct connect {
	const struct options *options;
	struct site_account account;
	cJSON *definition;
	struct keyring *ring;
	struct store *store;
};

/* What ends the wait for a person: their window is gone, or we are to stop. */
static bool is_end(enum error_code code)
{
	return code == ERR_CLOSED || code == ERR_DISCONNECTED || code == ERR_CRASHED || code == ERR_CANCELLED;
}

/* Waits until two proofs say that the person has signed in. */
static bool await_person(struct scrape *s, struct tab *tab, struct deadline until, struct error *err)
{
	for (;;) {
		struct error why = { 0 };
		if (scrape_is_signed_in(s, &why))
			return true;
		if (!is_end(why.code))
			why = (struct error){ 0 };
		const struct deadline next = deadline_sooner(until, deadline_in_ms(LOOK_MS));
		while (!why.code)
			(void)(cdp_page_is_closed(tab->page) ? fail(&why, ERR_CLOSED, "the window was closed")
				: cdp_conn_wait(cdp_page_conn(tab->page), next, &why));
		if (is_end(why.code)) {
			if (why.code != ERR_CANCELLED)
				return fail(err, ERR_SIGNED_OUT, "the window was closed before anybody had signed in; nothing is changed");
			return fail(err, ERR_CANCELLED, "interrupted; nothing is changed");
		}
		if (deadline_passed(until))
			return fail(err, ERR_SIGNED_OUT, "nobody has signed in; nothing is changed");
	}
}

/* The state of the window in which the person has signed in. */
static cJSON *let_person_sign_in(struct connect *c, struct error *err)
{
	const struct options *o = c->options;
	const struct scrape_host host = { 0 };
	AUTO(display) struct display display = { 0 };
	AUTO(tab) struct tab tab = { 0 };

	if ((!o->browser_url && !display_open(&display, err)) || !tab_open(&tab, o, c->definition, true, err))
		return NULL;
	const struct scrape_options options = { .network = { .connect_to = o->connect_to, .cacert = o->cacert,
		.user_agent = cdp_browser_user_agent(tab.browser), .stop = &interrupt_signal } };
	struct scrape *s = scrape_new(c->account.site, c->definition, tab.page, &host, &options);
	const char *start = json_str(c->definition, "pages.start") ? json_str(c->definition, "pages.start")
		: json_str(c->definition, "pages.home");
	bool ok = cdp_page_goto(tab.page, start, &(struct cdp_goto_opts){ .ready = CDP_PARSED, .timeout_ms = TOLD_MS }, NULL, err);
	if (ok) {
		log_line(LOG_INFO, "%s is open in a window: sign in there, codes and all", c->account.site->title);
		ok = await_person(s, &tab, deadline_in_ms(o->timeout_ms), err);
	}
	scrape_free(s);
	return ok ? tab_take_state(&tab, c->definition, err) : NULL;
}

static bool connect_headed(struct connect *c, struct error *err)
{
	char *url = NULL;
	AUTO(json) cJSON *state = let_person_sign_in(c, err);

	if (!state)
		return false;
	printf("signed in\n");
	(void)fflush(stdout);
	AUTO(json) cJSON *fresh = prove_state(c->account.site, c->options, state, &url, err);
	AUTO(text) char *where = url;
	if (!fresh)
		return error_wrap(err, "a second browser cannot use this session, so it is not saved");
	printf("checked in a second browser: still signed in\n");
	if (!session_save(c->store, c->ring, &c->account, fresh, where, err))
		return false;
	printf("%s/%s: connected (session saved, sealed, %d cookies and %d origins)\n", c->account.site->name, c->account.name,
		cJSON_GetArraySize(json_at(fresh, "cookies")), cJSON_GetArraySize(json_at(fresh, "origins")));
	return true;
}

static bool begin(struct connect *c, struct error *err)
{
	return account_read(c->options->words[1], &c->account, err)
		&& (c->definition = definition_read(c->account.site, err)) != NULL
		&& (c->store = store_open(err)) != NULL
		&& account_lock(c->store, &c->account, err)
		&& (c->ring = keyring_open(err)) != NULL /* while the account is ours, nobody changes the key */
		&& session_opens(c->store, c->ring, &c->account, err); /* else nobody needs to sign in: it could not be saved */
}

static int connect_window(const struct options *o)
{
	struct connect c = { .options = o };
	struct error err = { 0 };
	const bool ok = begin(&c, &err) && connect_headed(&c, &err);

	if (c.store)
		account_unlock(c.store, &c.account);
	store_free(c.store);
	keyring_free(c.ring);
	cJSON_Delete(c.definition);
	return ok ? EXIT_OK : command_failed(&err);
}

int cmd_connect(const struct options *o)
{
	const char *via = o->via ? o->via : "headed";
	struct error err = { 0 };

	if (o->word_count < 2) {
		fail(&err, ERR_INPUT, "connect wants SITE or SITE/ACCOUNT");
		return command_failed(&err);
	}
	if (!strcmp(via, "headed"))
		return connect_window(o);
	if (strcmp(via, "import") != 0) {
		fail(&err, ERR_INPUT, "--via %s: there are headed and import", via);
		return command_failed(&err);
	}
	/* The same as session import SITE FILE. */
	struct options import = *o;
	import.words[0] = "session";
	import.words[1] = "import";
	import.words[2] = o->words[1];
	import.words[3] = o->word_count > 2 ? o->words[2] : NULL;
	import.word_count = o->word_count + 1;
	return cmd_session(&import);
}
