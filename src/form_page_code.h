/* One-time codes that a page asks for, after its form was submitted in the browser. */
#ifndef SRC_FORM_PAGE_CODE_H
#define SRC_FORM_PAGE_CODE_H

#include "src/form.h"
#include "src/form_source.h"

struct form_page_code {
	struct cdp_page *page;
	const struct form_retriever *retriever;
	const struct form_answer *asks; /* what the form was answered with */
	const char *url;                /* the form's */
	int timeout_ms;
};

/* Whether the page shows, within WAIT_MS, that it waits for a code, a choice how to have it sent, or an approval. */
bool form_page_asks(struct cdp_page *page, int wait_ms, struct error *err);

/* What it shows, as a server would say it. */
void form_page_challenge(struct cdp_page *page, struct answer_challenge *out);

/* Has codes typed until the page asks for none any more.  LAST is what the site answered then, *LEARNED what is to be learned
 * of it, owned by the caller.  Fails as form_code() does. */
bool form_page_code(const struct form_page_code *code, const struct answer_challenge *challenge, struct form_answer *last,
	cJSON **learned, struct error *err);

#endif
