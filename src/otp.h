/* Where codes come from: a terminal, whoever looks at the server's page, a command, a file, a clock, or the code
 * itself.  All are asked at once, and the first answer wins.  Without any, the clock is asked when its
 * secret is known and the code is not one that is sent, and then the person.  Meanwhile the browser is kept alive. */
#ifndef SRC_OTP_H
#define SRC_OTP_H

#include "scrapers/detect.h"

#include <stdbool.h>
#include <stddef.h>

struct asked;
struct cdp_page;
struct error;
struct secret;
struct totp;
struct wheel;

enum { OTP_SOURCES_MAX = 8, OTP_WAIT_MS = 300000 };

struct otp_plan {
	const char *sources[OTP_SOURCES_MAX]; /* "tty", "web", "telegram", "exec:[…]", "file:PATH", "totp", or a code */
	size_t count;
	bool no_input;   /* never the terminal */
	int wait_ms;     /* 0: OTP_WAIT_MS */
	const char *site;
	const struct totp *totp; /* NULL: its secret is not known */
	const struct telegram *telegram; /* for "telegram"; NULL: none is known */
	struct asked *asked;     /* for "web": where the question is kept; NULL: nowhere */
	struct wheel *wheel;     /* of the run; NULL: each question has its own */
};

bool otp_plan_has(const struct otp_plan *plan, const char *source);

/* Where the person is heard while they are asked: the run's own wheel, or one for the question.  NULL with ERR_SYSTEM. */
struct wheel *otp_wheel_begin(const struct otp_plan *plan, struct cdp_page *page, bool may_drive, struct error *err);
void otp_wheel_end(const struct otp_plan *plan, struct wheel *wheel);

/* False with ERR_INPUT when SOURCE is none. */
bool otp_source_ok(const char *source, struct error *err);

/* A code for CHALLENGE, owned by the caller; NULL: the person has typed it into the page.  PAGE, which may be NULL, is where it
 * is wanted.  ERR_CODE_MISSING, ERR_CODE_TIMEOUT, ERR_CODE_CANCEL, ERR_CODE_AGAIN (a source answered "resend", or "r"), and
 * what can happen to a browser. */
bool otp_ask(const struct otp_plan *plan, struct cdp_page *page, const struct challenge *challenge, int attempt,
	struct secret **code, struct error *err);

/* Which of the challenge's choices the code is to be sent by: the terminal is asked, and commands; a number from 1, or the
 * channel's name, answers.  Sources that only know codes leave it to the page: -1.  Fails as otp_ask() does. */
bool otp_choose(const struct otp_plan *plan, struct cdp_page *page, const struct challenge *challenge, int *choice,
	struct error *err);

/* TEXT as the site takes it: without spaces and dashes, digits of other scripts as ASCII.  DIGITS 0: any
 * length.  NULL when it is no code. */
struct secret *otp_normalise(const char *text, size_t size, int digits);

#endif
