/* What only the person can do, and not by a code: approving in an app, or something in the page itself, such as a captcha, for
 * which they take the wheel.  It is asked like a code, and goes away when the page goes on. */
#ifndef SRC_APPROVAL_H
#define SRC_APPROVAL_H

#include <stdbool.h>

struct cdp_page;
struct challenge;
struct error;
struct otp_plan;
struct scrape_stand;
struct wheel;

struct approval {
	struct wheel *wheel; /* NULL: nothing is asked */
};

/* Asks, when it has not been asked yet, and hears what is said.  Nothing happens where nobody is asked over the web.
 * ERR_CODE_CANCEL: the person does not want to. */
bool approval_stands(struct approval *approval, const struct otp_plan *plan, struct cdp_page *page,
	const struct challenge *challenge, struct scrape_stand *out, struct error *err);

/* The page went on, or nobody did it in time. */
void approval_end(struct approval *approval, const struct otp_plan *plan, bool in_time);

#endif
