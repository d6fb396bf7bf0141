/* What of a request is whose: the person's, the page's, an earlier answer's, or always the same.
 *
 * A pattern is {patternType, apiEndpoint, method, encoding, fieldMapping, fileFields, requiredFields, userAgent, password,
 * prepare: [{id, url}], steps: [{id, method, url, query, headers, body, byDocument, success}], graphqlMutation?,
 * jsonRpcMethod?, serverActionPattern?, dynamicFields}.  In it stand values as objects with a member "$":
 *
 *	{"$": "field", "name", "as"?}      what was given for this field; as number, boolean, lower, upper, digits, trim
 *	{"$": "choice", "name", "options" or "on"}   the same, of a control that offers values
 *	{"$": "file", "name", "type"?}
 *	{"$": "text", "parts": […]}        texts and values, joined
 *	{"$": "json", "value"}             a string that is JSON
 *	{"$": "from", "id", "source"}      of the answer to that request (form_source.h)
 *	{"$": "cookie", "name", "decoded"?}
 *	{"$": "time", "unit"}, {"$": "uuid"}         made at the moment
 *
 * No submitted value is in it, and nothing that looks made for one visit. */
#ifndef SRC_FORM_LEARN_H
#define SRC_FORM_LEARN_H

#include "src/form_capture.h"

struct form_lesson {
	const struct form_request *request;
	const cJSON *fields;                /* of the form, as selectors/form.js says them; several forms' joined */
	bool has_password;                  /* it has a field for one */
	const struct form_answer *answers;  /* before the submission, the latest first */
	size_t answer_count;
	const struct form_answer *scripts;  /* the site's own, where constants stand */
	size_t script_count;
	const struct form_sent *sent;       /* in order */
	size_t sent_count;
	const cJSON *cookies;               /* just before */
	const char *page_url;
};

/* The pattern, owned by the caller; NULL with *WHY (owned) saying what cannot be had without the page. */
cJSON *form_learn(const struct form_lesson *lesson, char **why);

#endif
