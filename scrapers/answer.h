/* Whether a server's answer asks for a one-time code, by its status, headers and body.
 *
 * No part decides alone: something must be about a one-time code, and something must say that one is wanted now.  A
 * status only adds to that.  So a wrong password (401), a captcha, a limit (429) or work that goes on (202) is none.
 * The words are those of selectors/otp.json.  Pure: reads what it is given, needs no network and no clock. */
#ifndef SCRAPERS_ANSWER_H
#define SCRAPERS_ANSWER_H

#include "scrapers/detect.h"

#include <stdbool.h>
#include <stddef.h>

struct secret;

struct answer_header {
	const char *name, *value;
};

struct answer {
	int status;
	const struct answer_header *headers;
	size_t header_count;
	const char *content_type; /* NULL: that of the headers, or what the body looks like */
	const char *body;
	size_t body_size;
};

enum { EVIDENCE_MAX = 12 };

/* What the server wants.  Texts are owned, and NULL when the answer does not say; no text holds a code. */
struct answer_challenge {
	const char *type;          /* static: "sms", "email", "totp", "call", "whatsapp", "push", "backup_code", "unknown" */
	enum code_problem problem; /* what is said about the last code */
	char *message;             /* for the person; runs of digits that may be a code are '*' */
	char *destination;         /* masked: of what the server wrote out, most is '*' */
	int expires_in;            /* seconds; 0: not known */
	int retry_after;           /* seconds until another code can be had; 0: not known */
	char *endpoint;            /* where the code goes, as it is written: may be relative, or on another host */
	char *field;               /* the name under which the code goes */
	int digits;                /* 0: not known */
	struct secret *state;      /* the challenge's id or token, to be sent with the code */
	char *state_at;            /* where it stood: a path in the JSON */
	char *evidence[EVIDENCE_MAX]; /* "requires2FA", "message: code sent to"; names and phrases, no values */
	size_t evidence_count;
};

/* Fills OUT, which the caller clears, and returns true when a code (or, of type "push", an approval) is wanted.  When
 * not, OUT has only the problem and retry_after. */
bool answer_challenge(const struct answer *answer, struct answer_challenge *out);

void answer_challenge_clear(struct answer_challenge *challenge);

static inline void auto_answer_challenge(struct answer_challenge *challenge)
{
	answer_challenge_clear(challenge);
}

#endif
