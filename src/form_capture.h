/* What a page sent when its form was submitted, and what it had got before. */
#ifndef SRC_FORM_CAPTURE_H
#define SRC_FORM_CAPTURE_H

#include "cdp/base/clock.h"
#include "src/form.h"
#include "src/form_source.h"

struct cdp_page;
struct form_sockets;

enum { FORM_SENT_MAX = 8 };

/* One request of the page that holds submitted values. */
struct form_sent {
	unsigned long long number;
	char *method, *url;
	cJSON *headers;      /* as sent, by their names */
	char *body;          /* NULL: none */
	int overlap;         /* how many of the values it holds */
	bool by_socket;      /* over a websocket */
	bool by_document;    /* the form itself sent it, and not a script */
	struct form_answer answer;
};

void form_sent_clear(struct form_sent *sent);
const char *form_sent_type(const struct form_sent *sent); /* of its body; NULL */

/* How many of the submitted values are in the query of URL and a BODY of TYPE (both may be NULL). */
int form_overlap(const struct form_request *request, const char *url, const char *type, const char *body);

/* Waits until what was submitted after AFTER has been answered: the request with the most of the values (WANTED at most), and
 * a page that follows; or a message over one of SOCKETS.  ERR_LAYOUT: nothing was sent within WAIT_MS. */
bool form_capture_wait(struct cdp_page *page, struct form_sockets *sockets, const struct form_request *request,
	unsigned long long after, int wanted, struct deadline until, struct error *err);

/* The requests after AFTER with submitted values, in their order; the last is the one with the most of them.  Returns how
 * many, of FORM_SENT_MAX at most. */
size_t form_capture_take(struct cdp_page *page, const struct form_request *request, unsigned long long after,
	struct form_sent out[FORM_SENT_MAX]);

/* The answers up to BEFORE that what was sent may be made of, the latest first, MAX at most.  TYPES are the protocol's, with
 * spaces between: "Document XHR Fetch". */
size_t form_capture_answers(struct cdp_page *page, unsigned long long before, const char *types, struct form_answer *out,
	size_t max);

#endif
