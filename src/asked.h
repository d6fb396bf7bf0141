/* What people are asked, in the table otp_requests: a code, or how it is to be sent.  Answers go to the process that waits,
 * over its channel, and are never kept. */
#ifndef SRC_ASKED_H
#define SRC_ASKED_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct site_account;
struct store;

enum { ASKED_ID_SIZE = 24 };

struct asked {
	struct store *store;
	const struct site_account *account;
	int64_t run;
	/* Called with each question, before it waits; NULL: nobody. */
	void (*told)(void *owner, const cJSON *request);
	void *owner;
	char id[ASKED_ID_SIZE]; /* of the last question; "": there was none */
};

/* Asks: keeps REQUEST (taken: kind, message, channel, destination, digits, attempt, canResend, choices) and tells that it is
 * wanted (OTP_NEEDED).  The answer is taken at CHANNEL for WAIT_S seconds. */
bool asked_begin(struct asked *asked, cJSON *request, const char *channel, int wait_s, struct error *err);

/* What became of the last question: "answered", then "accepted" or "rejected"; "expired", "cancelled", "timeout".  MESSAGE
 * may be NULL. */
void asked_end(struct asked *asked, const char *status, const char *message);

/* Questions whose process is gone are over ("gone"), and whoever watches is told. */
void asked_settle(struct store *store);

/* The questions that wait now, settled: an array of requests with requestId, runId, site, account, status, createdAt,
 * expiresAt. */
cJSON *asked_list(struct store *store, struct error *err);

/* The run that asked ID; ERR_SITE: nobody did. */
bool asked_run(struct store *store, const char *id, int64_t *run, struct error *err);

/* The channel where ID waits, owned by the caller; NULL with ERR_SITE (unknown), ERR_CODE_AGAIN (already answered) or
 * ERR_CODE_TIMEOUT (over). */
char *asked_channel(struct store *store, const char *id, struct error *err);

#endif
