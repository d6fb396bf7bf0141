/* Asks the detector (selectors/otp.js) in every frame of a page what it wants of the person. */
#ifndef SCRAPERS_DETECT_H
#define SCRAPERS_DETECT_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"
#include "cdp/page.h"

#include <stdbool.h>

struct error;

enum challenge_kind {
	CHALLENGE_NONE,
	CHALLENGE_CODE,
	CHALLENGE_METHOD, /* asks first how to send the code */
	CHALLENGE_PUSH,   /* to be approved in an app */
	CHALLENGE_CAPTCHA,
	CHALLENGE_RECOVERY, /* a code of those that were printed */
	CHALLENGE_WEBAUTHN, /* a security key or passkey */
};

enum code_problem { PROBLEM_NONE, PROBLEM_WRONG, PROBLEM_EXPIRED, PROBLEM_TOO_MANY };

enum { CODE_FIELDS_MAX = 12 };

struct challenge {
	enum challenge_kind kind;
	enum code_problem problem; /* what the page says about the last try */
	struct cdp_frame *frame;   /* where all selectors below hold */
	const char *fields[CODE_FIELDS_MAX];
	size_t field_count;
	int digits;                /* 0: not known */
	bool filled, disabled, resend_disabled;
	const char *submit, *resend, *trust_device; /* NULL: none */
	const char *trigger;       /* what has the first code sent, where it has not been yet; NULL: nothing */
	const char *channel, *destination, *message;
	int expires_in, resend_in, retry_after; /* seconds; 0: not known */
	bool is_partial;           /* a frame did not answer in time */
	cJSON *verdict;            /* owns the texts above, and has all the detector said: see otp.js */
};

/* selectors/otp.json, with which the detector judges. */
extern const char detect_words[];

void challenge_clear(struct challenge *challenge);

static inline void auto_challenge(struct challenge *challenge)
{
	challenge_clear(challenge);
}

/* Looks once, in all frames; the strongest finding wins.  False only when the page itself is gone. */
bool challenge_detect(struct cdp_page *page, struct challenge *out, struct error *err);

/* For whoever waits for something else to be found: the detectors tell when they would say something new, so the page
 * is not asked meanwhile.  The first time it is always worth a look. */
struct challenge_sight {
	bool has_looked;
	unsigned documents;    /* cdp_page_changes() at the last look */
	struct deadline again; /* look anyway then */
};

bool challenge_may_differ(struct cdp_page *page, struct challenge_sight *sight);
bool challenge_look(struct cdp_page *page, struct challenge_sight *sight, struct challenge *out, struct error *err);

/* The CSS selectors of the frames that lead to where CHALLENGE is, from the main document down; an empty array there. */
cJSON *challenge_frames(const struct challenge *challenge);

#endif
