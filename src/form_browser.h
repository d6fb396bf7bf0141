/* A submission in the browser, from which the next ones are learned. */
#ifndef SRC_FORM_BROWSER_H
#define SRC_FORM_BROWSER_H

#include "src/form.h"

/* What is learned is kept in OPTS' store. */
bool form_browser(const struct form_request *request, const struct form_opts *opts, const struct form_retriever *retriever,
	struct form_result *out, struct error *err);

#endif
