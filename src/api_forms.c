/* Forms: submitted by a child, as runs are; what was learned of them. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "src/ending.h"
#include "src/form_pattern.h"
#include "src/form_site.h"
#include "src/jobs.h"

#include <string.h>

enum { URL_MAX_SIZE = 4096 };

/* A path names a file of the server's, which is nobody's to send elsewhere. */
static bool names_path(const cJSON *files)
{
	const cJSON *file, *one;

	cJSON_ArrayForEach(file, files) {
		if (json_at(file, "filePath"))
			return true;
		cJSON_ArrayForEach(one, file)
			if (json_at(one, "filePath"))
				return true;
	}
	return false;
}

void api_form_submit(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const cJSON *body = exchange_body(x);
	const char *url = json_str(body, "url"), *session = json_str(body, "session");
	const char *words[] = { "submit", "--json", "--no-input", "--otp", "web", "-d", "@-", NULL, NULL, NULL };
	struct error why = { 0 };

	if (!url || strlen(url) > URL_MAX_SIZE || !site_is_http(url)) {
		exchange_problem(x, 422, NULL, "url is wanted: the form's address, of http or https");
		return;
	}
	if (names_path(json_at(body, "files"))) {
		exchange_problem(x, 422, NULL, "files are given as base64; filePath is for the command line");
		return;
	}
	if (session && (*session == '-' || strlen(session) > ACCOUNT_NAME_MAX)) {
		exchange_problem(x, 422, NULL, "session is a name");
		return;
	}
	if (session) {
		words[7] = "--session";
		words[8] = session;
	}
	AUTO(text) char *host = site_host(url);
	AUTO(text) char *input = json_print(body);
	struct job *job = jobs_start(api->jobs, "form", host, words, input, &why);
	if (job)
		job->exchange = exchange_number(x);
	else
		exchange_failed(x, &why);
}

/* The result itself, whatever it is: a challenge that is left to the caller is one, too. */
bool api_form_ended(struct exchange *x, int status, const cJSON *result)
{
	AUTO(json) cJSON *json = cJSON_Duplicate(result, true);
	const char *error = json_str(json, "error");
	const bool asked = json_true(json, "otpRequired") && !error;

	if (!json_at(json, "success"))
		return false;
	if (status != 200 && !asked) {
		json_add(json, JSON_STR("type", "about:blank"));
		json_add(json, JSON_STR("title", error ? error : "the form was not submitted"));
		json_add(json, JSON_STR("detail", error));
		json_add(json, JSON_INT("status", status));
	}
	exchange_json(x, asked ? 200 : status, TAKE(json));
	return true;
}

void api_forms(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	cJSON *list = form_pattern_list(api->store, exchange_query(x, "form"), &why);

	if (list)
		exchange_json(x, 200, json_object(JSON_NODE("forms", list)));
	else
		exchange_failed(x, &why);
}

void api_form_forget(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	int count = 0;

	if (!form_pattern_forget(api->store, exchange_part(x, 0), &count, &why))
		exchange_failed(x, &why);
	else if (count)
		exchange_json(x, 200, json_object(JSON_BOOL("success", true)));
	else
		exchange_problem(x, 404, NULL, "nothing was learned of such a form");
}
