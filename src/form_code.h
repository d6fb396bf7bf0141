/* One-time codes over HTTP: asked for, sent where the site wants them and nowhere else, and asked for again. */
#ifndef SRC_FORM_CODE_H
#define SRC_FORM_CODE_H

#include "src/form_http.h"

/* Sends codes for CHALLENGE, which ANSWER asked for, until one is taken.  OTP (may be NULL) is what was learned the time
 * before; *LEARNED (may be NULL) gets what is to be learned now, owned by the caller.  LAST is then the answer to the code.
 * ERR_CODE_MISSING, ERR_CODE_CANCEL, ERR_CODE_WRONG with the requirement's words; ERR_BLOCKED: the code would go elsewhere. */
bool form_code(struct form_http *http, const struct form_retriever *retriever, const cJSON *otp, const struct form_answer *answer,
	struct answer_challenge *challenge, struct form_answer *last, cJSON **learned, struct error *err);

/* Where the code of CHALLENGE goes, absolute, owned by the caller; NULL: nowhere. */
char *form_code_endpoint(const struct answer_challenge *challenge, const cJSON *otp, const struct form_answer *answer);

/* What tells of this challenge, for the next time: {detectionIndicators, otpEndpoint, otpFieldName, otpMethod, otpType}. */
cJSON *form_code_pattern(const struct answer_challenge *challenge, const struct form_answer *answer, const char *endpoint,
	const char *field, const char *method, const char *encoding);

/* The words of the requirement for what went wrong with a code. */
bool form_code_failed(const struct error *why, struct error *err);

#endif
