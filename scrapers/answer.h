/* Whether a server's answer asks for a one-time code: by its status, its headers and its body.
 *
 * No part decides alone: something must be about a one-time code, and something must say that one is wanted now.  A
 * status only adds to that.  So a wrong password (401), a captcha, a limit (429), work that goes on (202) or the setting
 * up of a second factor is none.
 *
 * Read are JSON (also in strings of JSON), HTML, XML and plain text, in fifteen languages; challenges of headers
 * (WWW-Authenticate: RFC 9110 §11.6.1, RFC 6750 §3, RFC 9470 §3; X-GitHub-OTP and its like) and redirects.  The words are
 * those of selectors/otp.json.  Pure: no network, no clock; a book, once made, is only read. */
#ifndef SCRAPERS_ANSWER_H
#define SCRAPERS_ANSWER_H

#include "scrapers/detect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct secret;

/* The vocabulary, made ready once (a few milliseconds) for many answers. */
struct answer_book;

/* WORDS is what otp.json has; NULL: what is built in.  Owned by the caller.  ERR_INPUT: a list is missing. */
struct answer_book *answer_book_new(const cJSON *words, struct error *err);
void answer_book_free(struct answer_book *book);
AUTO_KIND(answer_book, struct answer_book *, answer_book_free);

struct answer_header {
	const char *name, *value;
};

struct answer {
	int status;
	const struct answer_header *headers; /* of a row with several values, each is one */
	size_t header_count;
	const char *content_type; /* NULL: that of the headers, or what the body looks like */
	const char *body;
	size_t body_size;
	int64_t now; /* seconds since 1970, for moments.  The answer's own Date (RFC 9110 §6.6.1) comes first; 0: not known */
};

enum {
	ANSWER_CARRIED_MAX = 16,
	ANSWER_CHOICES_MAX = 8,
	ANSWER_EVIDENCE_MAX = 12,
};

/* What goes back with the code: a challenge's id, a token, a form's hidden field. */
struct answer_carried {
	enum answer_place { ANSWER_JSON, ANSWER_FORM, ANSWER_HEADER } place;
	char *at;         /* a path in the JSON ("data.login.mfaToken"; strings that are JSON are gone into), or a name */
	const char *name; /* the last part of it */
	struct secret *value;
};

/* One of several ways that the server offers.  What is not said is NULL. */
struct answer_choice {
	const char *type;  /* static, as below */
	char *destination; /* masked */
	char *id;          /* by which the server knows it */
	char *endpoint;    /* where it is asked for, as it is written */
};

/* What the server wants.  Texts are owned, and NULL when the answer does not say; no text holds a code. */
struct answer_challenge {
	enum challenge_kind kind;  /* a code, a choice among CHOICES first, a push, a recovery code, a security key */
	const char *type;          /* static: sms, email, totp, call, whatsapp, push, webauthn, backup_code or unknown */
	enum code_problem problem; /* what is said about the last code */
	char *message;             /* for the person; runs of digits that may be a code are '*' */
	char *destination;         /* masked: of what the server wrote out, most is '*' */
	int expires_in;            /* seconds; 0: not known */
	int retry_after;           /* seconds until another code can be had (RFC 9110 §10.2.3); 0: not known */
	int digits;                /* 0: not known */
	char *endpoint;            /* where the code goes, as it is written: may be relative, or on another host */
	const char *method;        /* static: POST, PUT, PATCH or GET */
	const char *encoding;      /* static: the media type of a form that is to be sent */
	char *field;               /* the name under which the code goes */
	struct answer_carried carried[ANSWER_CARRIED_MAX]; /* the surest first */
	size_t carried_count;
	struct answer_choice choices[ANSWER_CHOICES_MAX];
	size_t choice_count;
	char *evidence[ANSWER_EVIDENCE_MAX]; /* "requires2FA", "message: its text"; names, no values */
	size_t evidence_count;
};

/* Fills OUT, which the caller clears, and returns true when a code (or a choice, an approval, a key) is wanted.  When not,
 * OUT has only the problem and retry_after: a code that was wrong is said to be so, with or without asking again. */
bool answer_challenge(const struct answer_book *book, const struct answer *answer, struct answer_challenge *out);

void answer_challenge_clear(struct answer_challenge *challenge);

static inline void auto_answer_challenge(struct answer_challenge *challenge)
{
	answer_challenge_clear(challenge);
}

#endif
