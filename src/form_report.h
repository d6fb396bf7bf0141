/* What the caller of a submission is told. */
#ifndef SRC_FORM_REPORT_H
#define SRC_FORM_REPORT_H

#include "src/form.h"
#include "src/form_http.h"
#include "src/form_source.h"

/* Status, address and data of where it ended. */
void report_answer(struct form_result *out, const struct form_answer *answer);

/* It ended on the way to another site. */
void report_location(struct form_result *out, const struct form_answer *answer);

/* What is asked for stands in OUT's challenge; takes ENDPOINT, which may be NULL. */
void report_challenge(struct form_result *out, char *endpoint);

/* What the next step needs to go on from here: cookies, the answer, and what was learned of its codes, sealed.  Without a key
 * there is none. */
void report_next_step(struct form_result *out, const struct form_opts *opts, cJSON *cookies, const struct form_answer *answer,
	const cJSON *otp);

/* What a step has left: its cookies, answer, and what was learned of its codes (NULL), owned by the caller.  ERR_INPUT. */
bool report_read_step(const struct form_opts *opts, const char *text, const char *url, cJSON **cookies,
	struct form_answer *answer, cJSON **otp, struct error *err);

#endif
