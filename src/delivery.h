/* Deliveries: where what a run collected goes, and where a person is called when one is needed.
 *
 *	file      PATH                 the export, whole or not there; {site}, {account}, {date} and {run} are filled in
 *	webhook   URL                  POST; with a secret signed: X-Gabbai-Signature is "sha256=" and the HMAC-SHA256, in hex, of
 *	                               X-Gabbai-Timestamp, a dot and the body.  X-Gabbai-Delivery is the same for each attempt
 *	ntfy      URL                  https://ntfy.sh/TOPIC; the secret is a token
 *	telegram  CHAT [API]           a message of the bot whose token is the secret
 *	email     SERVER TO [FROM]     by SMTP; the secret is the password
 *	exec      ["argv", …]          a command, which gets what a webhook gets on its stdin
 *
 * Where it goes and the secret are sealed together.  Messages tell counts and sums, and nothing of what was bought.  Each
 * delivery remembers up to which run it has what it wants, so what did not arrive goes with the next run. */
#ifndef SRC_DELIVERY_H
#define SRC_DELIVERY_H

#include "cdp/base/json.h"
#include "scrapers/fetch.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct keyring;
struct options;
struct secret;
struct site_account;
struct store;

enum { DELIVERY_WORDS = 3 };

struct delivery {
	const char *name, *kind, *site; /* SITE NULL: of all */
	const char *words[DELIVERY_WORDS]; /* as above; NULL: not given */
	const char *secret;             /* "value:…" or a reference; NULL: none */
	const char *format;             /* NULL: the kind's own */
	bool results, needs, new_only;
};

/* ERR_INPUT: the kind wants other words, or a secret. */
bool delivery_add(struct store *store, const struct keyring *ring, const struct delivery *delivery, struct error *err);
/* Whether KIND has a secret that must be given; ERR_INPUT: there is no such kind. */
bool delivery_wants_secret(const char *kind, bool *wants, struct error *err);
bool delivery_remove(struct store *store, const char *name, struct error *err);
/* What may be shown: an array of {name, kind, site, results, needs, format, newOnly, lastAt, lastError}. */
cJSON *delivery_list(struct store *store, struct error *err);
/* Sends a message that says that it is a test. */
bool delivery_test(struct store *store, const struct keyring *ring, const struct options *options, const char *name,
	struct error *err);

/* A run that has ended, for whoever wants its results or has to hear that it needs a person. */
struct delivery_run {
	const struct site_account *account;
	int64_t id;
	int code;          /* src/ending.h */
	const char *why;   /* NULL: it went well */
};

/* What does not arrive is logged, and goes with the next. */
void delivery_after_run(struct store *store, const struct keyring *ring, const struct options *options,
	const struct delivery_run *run);

/* A code is wanted: told by a process of its own, since the run goes on looking after its page. */
void delivery_question(struct store *store, const struct keyring *ring, const struct options *options,
	const struct site_account *account, int64_t run, const cJSON *request);

/* The telegram delivery that answers codes: its chat, API and token; false with ERR_INPUT: there is none. */
bool delivery_telegram(struct store *store, const struct keyring *ring, const char *site, char **chat, char **api,
	struct secret **token, struct error *err);

/* Networks as OPTIONS has them. */
struct fetch_network delivery_network(const struct options *options);

#endif
