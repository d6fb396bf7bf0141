/* What is known of a challenge: where its code goes, and by what it is known again. */
#include "src/form_code.h"

#include "cdp/base/error.h"
#include "src/form_site.h"

#include <string.h>

bool form_code_failed(const struct error *why, struct error *err)
{
	if (why->code == ERR_CODE_MISSING)
		return fail(err, ERR_CODE_MISSING, "OTP required but no onOTPRequired callback provided. Cannot complete submission.");
	if (why->code == ERR_CODE_CANCEL)
		return fail(err, ERR_CODE_CANCEL, "OTP code not provided by user. Submission cancelled.");
	if (err)
		*err = *why;
	return false;
}

char *form_code_endpoint(const struct answer_challenge *c, const cJSON *otp, const struct form_answer *answer)
{
	const char *learned = json_str(otp, "otpEndpoint");
	const char *where = c->endpoint ? c->endpoint : learned ? learned : answer->url;

	return site_resolve(answer->url, where);
}

static bool is_about(const char *name)
{
	static const char *const words[] = { "otp", "2fa", "mfa", "twofactor", "two_factor", "verification", "challenge" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

cJSON *form_code_pattern(const struct answer_challenge *c, const struct form_answer *answer, const char *endpoint,
	const char *field, const char *method, const char *encoding)
{
	AUTO(json) cJSON *json = form_answer_json(answer);
	cJSON *fields = cJSON_CreateArray(), *values = cJSON_CreateObject();
	AUTO(text) char *kept = endpoint ? site_kept(endpoint) : NULL;
	const cJSON *one;

	if (cJSON_IsObject(json))
		cJSON_ArrayForEach(one, json) {
			if (!is_about(one->string))
				continue;
			json_add(fields, JSON_STR(NULL, one->string));
			if (cJSON_IsTrue(one))
				json_add(values, JSON_BOOL(one->string, true));
		}
	return json_object(JSON_NODE("detectionIndicators", json_object(
			JSON_NODE("statusCodes", json_array(JSON_INT(NULL, answer->status))), JSON_NODE("responseFields", fields),
			JSON_NODE("responseValues", values))),
		JSON_STR("otpEndpoint", kept && !strchr(kept, '*') ? kept : NULL), JSON_STR("otpFieldName", field),
		JSON_STR("otpMethod", method), JSON_STR("otpEncoding", encoding), JSON_STR("otpType", c->type));
}
