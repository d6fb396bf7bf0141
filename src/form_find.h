/* Which form of a page is meant, where, and filling it in as a person would. */
#ifndef SRC_FORM_FIND_H
#define SRC_FORM_FIND_H

#include "cdp/base/clock.h"
#include "cdp/base/json.h"
#include "src/form.h"

struct cdp_frame;
struct cdp_page;

struct form_found {
	struct cdp_frame *frame;
	cJSON *form;    /* as selectors/form.js says it; NULL: none */
	int matched;    /* fields of the request that it has */
	bool is_barred; /* by a captcha */
};

void form_found_clear(struct form_found *found);

static inline void auto_form_found(struct form_found *found)
{
	form_found_clear(found);
}

/* Waits for the form in all frames that has the fields KEYS (an array of names), or the most of them for a moment.
 * ERR_LAYOUT: "No form found on page", or which field it lacks (unless PARTLY). */
bool form_find(struct cdp_page *page, const cJSON *keys, const char *selector, bool partly, struct deadline until,
	struct form_found *out, struct error *err);

/* Looks once; false only when the page is gone. */
bool form_look(struct cdp_page *page, const cJSON *keys, const char *selector, struct form_found *out, struct error *err);

/* Fills in the fields of REQUEST that the form has. */
bool form_fill(struct cdp_page *page, const struct form_found *found, const struct form_request *request, int timeout_ms,
	struct error *err);

/* Presses what submits it, or Enter. */
bool form_press(struct cdp_page *page, const struct form_found *found, int timeout_ms, struct error *err);

/* Why the browser would not send the form, owned by the caller; NULL: it does not say. */
char *form_invalid(struct cdp_page *page, const struct form_found *found);

#endif
