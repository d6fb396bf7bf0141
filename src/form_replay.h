/* A learned submission over HTTP. */
#ifndef SRC_FORM_REPLAY_H
#define SRC_FORM_REPLAY_H

#include "src/form.h"

struct form_pattern;

enum form_replay_end {
	REPLAY_DONE,
	REPLAY_FAILED,   /* ERR says why; the site may have taken it, or has refused what was given */
	REPLAY_NOT_SENT, /* nothing that changes anything has reached the site: ERR says why */
	REPLAY_UNKNOWN,  /* the site has refused the request as one that it does not know, and done nothing */
};

enum form_replay_end form_replay(const struct form_request *request, const struct form_opts *opts,
	const struct form_retriever *retriever, struct form_pattern *pattern, struct form_result *out, struct error *err);

#endif
