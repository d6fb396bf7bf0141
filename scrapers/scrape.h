/* The verbs of a site module: the only door it has to the browser, the API and the person.
 *
 * Targets are names; the site's selectors file (selectors/SITE.json) gives each its selectors.  A verb
 * that fails leaves its reason in the scrape, and the module passes the failure on:
 *
 *	return scrape_open(s, "home")
 *		&& scrape_click(s, "home.login")
 *		&& scrape_type_credential(s, "login.user", "username"); */
#ifndef SCRAPERS_SCRAPE_H
#define SCRAPERS_SCRAPE_H

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "scrapers/detect.h"
#include "scrapers/fetch.h"
#include "scrapers/record.h"

#include <stdbool.h>
#include <stddef.h>

struct cdp_page;
struct scrape;
struct secret;

/* How it stands with a person who has something to do in the page. */
struct scrape_stand {
	bool held;             /* they drive the page: whatever it shows is no matter of ours until they give it back */
	struct deadline pause; /* ask again then, if nothing happens before */
};

/* What the program does for a scrape.  All are called in the scrape's thread. */
struct scrape_host {
	void *owner;
	/* A stored credential, borrowed; NULL: there is none. */
	const struct secret *(*credential)(void *owner, const char *field);
	/* Gets a code from somebody.  TRY counts from 1.  The caller owns *CODE.  ERR_CODE_MISSING,
	 * ERR_CODE_TIMEOUT, ERR_CODE_CANCEL; ERR_CODE_AGAIN: it is to be sent again, and asked for then. */
	bool (*ask_code)(void *owner, const struct challenge *challenge, int attempt, struct secret **code,
		struct error *err); /* *CODE NULL: the person has typed it into the page themselves */
	/* Which of the challenge's "choices" (selectors/otp.js) it shall be; -1: whatever the page prefers.  ERR_CODE_CANCEL,
	 * ERR_CODE_TIMEOUT. */
	bool (*choose)(void *owner, const struct challenge *challenge, int *choice, struct error *err);
	/* What the site says of the last code, or of what only the person could do (see below): it goes on, or why not, which may
	 * be NULL.  NULL: nobody wants to know. */
	void (*judged)(void *owner, bool accepted, const char *message);
	/* The page shows what only the person can do (CHALLENGE_PUSH, _CAPTCHA, _RECOVERY).  Called when it is seen, and then
	 * whenever something happens.  False: they do not want to (ERR_CODE_CANCEL).  NULL: nobody is there. */
	bool (*stands)(void *owner, const struct challenge *challenge, struct scrape_stand *out, struct error *err);
	/* It is over: the page went on, or nobody did it in time.  After stands(), once. */
	void (*stood)(void *owner, bool in_time);
	/* Waits as cdp_conn_wait() does.  Whoever looks at the page may take it meanwhile: then it comes back when it is given
	 * back, and *HELD is true.  NULL: nobody looks. */
	bool (*wait)(void *owner, struct deadline until, bool *held, struct error *err);
	void (*on_step)(void *owner, const char *step);
	/* The page is signed in, and not needed any more. */
	void (*release_page)(void *owner);
};

/* The ways to the data, cheapest first. */
enum scrape_tier {
	TIER_DIRECT,   /* the API, with what a saved session holds: no browser */
	TIER_RESTORED, /* a browser that has the saved session */
	TIER_LOGIN,    /* the whole login */
	TIER_PUBLIC,   /* what everybody sees: never tried for want of another */
};

const char *scrape_tier_name(enum scrape_tier tier); /* "direct", … */

struct scrape_options {
	const char *since;    /* "YYYY-MM-DD"; NULL: as far as the site goes */
	int future_months;
	bool quick;           /* the site's quick login, by a code alone */
	const char *channel;  /* how a code is to be sent, where the page asks: "sms", …; NULL: somebody is asked */
	int approval_ms;      /* how long an approval in an app is waited for; 0: nobody is there to give it */
	bool by_hand;         /* the person can drive the page: what only they can do there is waited for as long */
	int limit;            /* products at most */
	const char *search;   /* products to look for; NULL: all */
	struct fetch_network network;
	const cJSON *state;   /* the saved session (cdp/state.h); NULL: none */
};

/* A site: its story in four parts, each true or with its reason in the scrape. */
struct site {
	const char *name;     /* "visa-cal" */
	const char *title;
	const char *selectors; /* the embedded JSON */
	/* The credentials it wants, NULL at the end; QUICK_FIELDS: of its login by a code alone, NULL: none. */
	const char *const *fields, *const *quick_fields;
	bool has_products;     /* rather than accounts */
	/* Collects with the saved state and no verb for pages.  ERR_SIGNED_OUT: what it holds has ended;
	 * ERR_LAYOUT: it lacks what is needed. */
	bool (*direct)(struct scrape *s);
	/* Opens the site in a page that has the saved session, until it is signed in.  ERR_SIGNED_OUT only when
	 * that is proven to be over. */
	bool (*resume)(struct scrape *s);
	bool (*sign_in)(struct scrape *s);
	/* Collects in a page that is signed in. */
	bool (*collect)(struct scrape *s);
	/* Collects what is to be seen without a login; NULL: nothing. */
	bool (*collect_public)(struct scrape *s);
	/* Looks, without waiting, whether a person has signed in. */
	bool (*is_signed_in)(struct scrape *s);
};

/* sites.c */
extern const struct site *const sites[];
extern const size_t site_count;
const struct site *site_find(const char *name);

/* The modules. */
extern const struct site hotmart, visa_cal;

/* ---- for the program ---- */

/* The site's definition: USER_FILE's (may be NULL), else the embedded one.  ERR_INPUT names the file and
 * the place when it is no such definition. */
cJSON *scrape_definition(const struct site *site, const char *user_file, struct error *err);

/* DEFINITION, PAGE (NULL: none yet) and HOST are borrowed and stay. */
struct scrape *scrape_new(const struct site *site, const cJSON *definition, struct cdp_page *page,
	const struct scrape_host *host, const struct scrape_options *options);
void scrape_free(struct scrape *s);

/* Collects by one tier.  What was collected is in *OUT also when it fails (partly). */
bool scrape_run(struct scrape *s, enum scrape_tier tier, struct collection *out, struct error *err);

/* Signs in with the saved session that the page has, and no more. */
bool scrape_resume(struct scrape *s, struct error *err);

/* Signs in with the host's credentials, and no more. */
bool scrape_sign_in(struct scrape *s, struct error *err);

/* Whether somebody has signed in by now, in a page that they drive: by two proofs that do not depend on each
 * other.  ERR_SIGNED_OUT: not yet. */
bool scrape_is_signed_in(struct scrape *s, struct error *err);

/* ---- verbs ---- */

void scrape_step(struct scrape *s, const char *step);
const struct scrape_options *scrape_options(const struct scrape *s);
struct collection *scrape_result(struct scrape *s);

/* Text of the definition at PATH; "" when there is none, which a test of the file finds. */
const char *scrape_text(const struct scrape *s, const char *path);

bool scrape_open(struct scrape *s, const char *page);
/* The page's own address once more, with one more FIELD ("a=b") in its query. */
bool scrape_open_again(struct scrape *s, const char *field);
/* What covers the target is dismissed first, if it is one of the definition's "overlays". */
bool scrape_click(struct scrape *s, const char *target);
/* The button of a form that credentials were typed into.  One that stays disabled does not take them: ERR_CREDENTIALS. */
bool scrape_submit(struct scrape *s, const char *target);
/* Clicks it if it is there, or comes within a moment. */
bool scrape_dismiss(struct scrape *s, const char *target);
bool scrape_wait(struct scrape *s, const char *target);
bool scrape_has(struct scrape *s, const char *target);
int scrape_count(struct scrape *s, const char *target); /* -1: it failed */
bool scrape_at(struct scrape *s, const char *url); /* now, by a name below "urls" */
bool scrape_type_credential(struct scrape *s, const char *target, const char *field);

/* Ways that a page can turn out.  Each is true by what it names. */
struct scrape_outcome {
	const char *target;   /* an element is to be seen */
	const char *url;      /* a name below "urls": the main frame's URL contains it */
	const char *request;  /* a name below "requests": it was answered with a status of 400 or more */
	enum challenge_kind challenge; /* the detector finds it in a frame */
	bool settled;         /* the detector finds nothing any more, for a moment, and a request was answered since the code */
	/* What the outcome means; ERR_NONE: the module goes on. */
	enum error_code error;
	const char *words;
};

/* Waits for the first that is true.  Its index; -1 when it failed: with the outcome's own error, or with
 * ERR_TIMEOUT, which says what each saw. */
int scrape_race(struct scrape *s, const struct scrape_outcome *outcomes, size_t count, int timeout_ms);

/* Gets a code, types it, and waits for one of OUTCOMES, up to three times.  Like scrape_race(). */
int scrape_enter_code(struct scrape *s, const struct scrape_outcome *outcomes, size_t count,
	int timeout_ms);

/* A request header of a request that the page has made, without waiting; owned by the caller. */
char *scrape_request_header(struct scrape *s, const char *request, const char *header);

/* An item of the main frame's sessionStorage that is JSON with something at PATH, waited for. */
cJSON *scrape_session_item(struct scrape *s, const char *item, const char *path, int timeout_ms);

/* An item of the main frame's localStorage, waited for; owned by the caller. */
char *scrape_local_item(struct scrape *s, const char *item, int timeout_ms);

/* The cards of the definition's list NAME (selectors/cards.js), as an array of objects of texts, waited for until
 * the page shows page PAGE of the list (NULL: any). */
cJSON *scrape_cards(struct scrape *s, const char *name, const char *page, int timeout_ms);

/* An item of the saved state's "localStorage" or "sessionStorage", whatever its origin; borrowed.  NULL with
 * ERR_LAYOUT as the reason. */
const char *scrape_saved_item(struct scrape *s, const char *storage, const char *item);

/* The page is done with: its browser may end while the API is asked.  No verb for pages may follow. */
void scrape_release_page(struct scrape *s);

/* API calls, several at a time; HEADERS end with NULL.  What each met stands in it. */
bool scrape_fetch(struct scrape *s, struct fetch *list, size_t count);

/* The reply as JSON; NULL with ERR filled: ERR_NETWORK, ERR_HTTP, ERR_SIGNED_OUT (401), ERR_BLOCKED (a
 * firewall's page, 403, 429), ERR_LAYOUT (not JSON). */
cJSON *scrape_reply(const struct fetch *fetch, struct error *err);

/* Leaves CODE and a sentence as the reason.  Always false. */
bool scrape_fail(struct scrape *s, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool scrape_fail_as(struct scrape *s, const struct error *why);
enum error_code scrape_failure(const struct scrape *s);
struct error scrape_reason(const struct scrape *s);

#endif
