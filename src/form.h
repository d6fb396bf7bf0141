/* Forms of any site: in the browser the first time, with an eye on what the page really sends, and from then on the same
 * over HTTP.
 *
 * What was learned of a form is a pattern (form_pattern.h).  Nothing is submitted a second time without a word: the browser
 * takes over from HTTP only where the request did not reach the site, or was refused as one that it does not know.
 *
 * The road: form.c → form_replay.c (HTTP; form_value.c has what is sent), or form_browser.c: form_find.c (which form, and
 * filling it in), form_capture.c and form_socket.c (what was sent), form_learn.c (what of it is whose: form_given.c,
 * form_made.c).  Both end in form_judge.c (how it ended); codes are form_code.c's over HTTP and form_page_code.c's on pages. */
#ifndef SRC_FORM_H
#define SRC_FORM_H

#include "cdp/base/json.h"
#include "scrapers/answer.h"

#include <stdbool.h>
#include <stddef.h>

struct cdp_page;
struct error;
struct keyring;
struct options;
struct secret;
struct store;

enum {
	FORM_FIELDS_MAX = 100,
	FORM_FILES_MAX = 20,
	FORM_TIMEOUT_MS = 30000,
	FORM_CODE_TRIES = 3,
};

struct form_field {
	char *name;
	struct secret *value;
};

struct form_file {
	char *name, *path;
	bool ours;             /* it is in a folder that goes when the request does */
	char *filename, *type; /* as the site is told; NULL: of the path, application/octet-stream */
};

/* What is to be submitted.  form_request_clear() frees it. */
struct form_request {
	char *url;
	char *selector;    /* the form's, in CSS; NULL: the fields decide */
	struct form_field fields[FORM_FIELDS_MAX]; /* a name may come several times */
	size_t field_count;
	struct form_file files[FORM_FILES_MAX];
	size_t file_count;
	bool is_step;      /* of several (isMultiStep): fields that the form lacks belong to another one */
	char *previous;    /* what the step before has left (previousStepData), sealed; NULL: this is the first */
};

/* ERR_LIMIT: too many or too long. */
bool form_request_add(struct form_request *request, const char *name, const char *value, struct error *err);
bool form_request_add_file(struct form_request *request, const char *name, const char *path, const char *filename,
	const char *type, struct error *err);
/* {url, fields{}, files{}?, formSelector?, isMultiStep?, stepNumber?, previousStepData?}, as the API has it.  A file is
 * {filePath | base64, filename?, mimeType?}, or an array of them; those of base64 are kept in FOLDER.  ERR_INPUT. */
bool form_request_read(struct form_request *request, const cJSON *json, const char *folder, struct error *err);
void form_request_clear(struct form_request *request);

static inline void auto_form_request(struct form_request *request)
{
	form_request_clear(request);
}

const struct form_field *form_request_field(const struct form_request *request, const char *name);
const struct form_file *form_request_file(const struct form_request *request, const char *name);

/* Gets codes.  ASK as otp_ask() does, with PAGE NULL over HTTP; NULL: nobody is there to ask. */
struct form_retriever {
	void *owner;
	bool (*ask)(void *owner, struct cdp_page *page, const struct challenge *challenge, int attempt, struct secret **code,
		struct error *err);
	int approval_ms; /* how long an approval in an app is waited for */
};

struct form_opts {
	const struct options *program; /* browser and network */
	struct store *store;           /* patterns; NULL: none are kept */
	const struct keyring *ring;    /* seals what is left for a next step; NULL: nothing is */
	int timeout_ms;                /* of each request or step; 0: FORM_TIMEOUT_MS */
	bool no_retry;                 /* autoRetryOnOTP=false: a challenge is the result */
	bool browser_only;             /* learn it again */
	const cJSON *state;            /* a saved session (cdp/state.h) to begin with; NULL: none */
};

struct form_result {
	bool success;
	const char *method;   /* "browser" or "api" */
	bool learned;         /* the pattern is new */
	bool otp_required;
	struct answer_challenge challenge; /* with otp_required */
	char *endpoint;       /* of the challenge, absolute; NULL */
	int status;
	char *url;            /* where it ended */
	cJSON *data;          /* the answer's JSON, or its text; NULL: a page */
	double duration_ms;
	char *error;          /* one sentence */
	char *not_learned;    /* why the next one needs the browser, too; NULL: it does not */
	char *next_step;      /* for the next request's PREVIOUS; NULL: there is none */
	cJSON *state;         /* the session as it is now: cookies (cdp/state.h) */
};

void form_result_clear(struct form_result *result);

static inline void auto_form_result(struct form_result *result)
{
	form_result_clear(result);
}

/* The result as the API has it; owned by the caller. */
cJSON *form_result_json(const struct form_result *result);

/* Submits.  RETRIEVER may be NULL.  False with ERR filled and, as far as they are known, the members of OUT, which the
 * caller clears in any case. */
bool form_submit(const struct form_request *request, const struct form_opts *opts, const struct form_retriever *retriever,
	struct form_result *out, struct error *err);

#endif
