/* What the files of a question share: the question (otp.c), and those who are asked (otp_source.c). */
#ifndef SRC_OTP_IMPL_H
#define SRC_OTP_IMPL_H

#include "cdp/base/buf.h"
#include "src/otp.h"

#include <time.h>

struct child;

enum { TOTP_TRIES = 2 }; /* this step's code, and the next one's if the first was used before or is late */

struct source {
	const char *spec;
	struct child *child;
	struct buf text;
	bool spent;      /* it has nothing more to give */
	bool terminal;
	bool clock;
	bool chat;           /* CHILD asks a person, who is told when it is over */
	struct wheel *wheel; /* of "web" */
	int peer;            /* who is told what became of the answer */
};

struct question {
	const struct otp_plan *plan;
	const struct challenge *challenge;
	struct cdp_page *page;
	struct challenge_sight sight;
	bool told_expired, held, by_hand;
	int attempt;
	struct timespec asked;
	struct source sources[OTP_SOURCES_MAX];
	size_t count;
};

bool otp_is_choice(const struct question *question);

/* Asks the person at the terminal. */
void otp_prompt(const struct question *question);

/* Asks SPEC, one of the plan's or of our own choice, as the next of the question's sources. */
bool otp_source_start(struct question *question, const char *spec, struct error *err);
void otp_source_stop(const struct question *question, struct source *source);

/* True when SOURCE's text is an answer now. */
bool otp_source_poll(struct question *question, struct source *source, bool *cancelled);

#endif
