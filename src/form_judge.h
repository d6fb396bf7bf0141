/* How a submission ended, by the site's answer: the same for the browser's and for ours. */
#ifndef SRC_FORM_JUDGE_H
#define SRC_FORM_JUDGE_H

#include "scrapers/answer.h"
#include "src/form_source.h"

#include <stdbool.h>
#include <stdint.h>

struct error;

enum form_outcome {
	FORM_DONE,
	FORM_ASKED,   /* a code is wanted, or an approval */
	FORM_UNKNOWN, /* the site does not know such a request (any more), and has done nothing */
	FORM_FAILED,
};

/* The vocabulary is made when it is first needed. */
struct form_judge {
	struct answer_book *book;
};

void form_judge_clear(struct form_judge *judge);

struct form_case {
	const struct form_answer *answer;
	const cJSON *success; /* of a learned step; NULL: nothing is known */
	const cJSON *otp;     /* its otpPattern; NULL */
	bool has_password;    /* a refusal is one of the password */
};

/* Fills CHALLENGE with FORM_ASKED, ERR with FORM_UNKNOWN and FORM_FAILED, and *WAIT_S when the site wants to be left alone for
 * so many seconds (0: it does not). */
enum form_outcome form_judge(struct form_judge *judge, const struct form_case *c, struct answer_challenge *challenge,
	int64_t *wait_s, struct error *err);

/* The words of a status: those of the answer, or HTTP's own. */
const char *form_reason(int status, const char *said);

/* What a code was answered with, apart from what it means for a form: seconds to wait, 0: none. */
int64_t form_wait_s(const struct form_answer *answer);

#endif
