#include "src/form_report.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/crypt.h"
#include "src/form_site.h"

#include <openssl/evp.h>
#include <string.h>

enum { TEXT_MAX_SIZE = 64 << 10, STEP_MAX = 4 << 20 };

static bool is_text(const struct form_answer *a)
{
	return a->type && strncmp(a->type, "text/plain", 10) == 0 && a->body && a->body_size <= TEXT_MAX_SIZE;
}

void report_answer(struct form_result *out, const struct form_answer *answer)
{
	cJSON_Delete(out->data);
	free(out->url);
	out->status = answer->status;
	out->url = copy_of(answer->url);
	out->data = form_answer_json(answer);
	if (!out->data && is_text(answer))
		out->data = cJSON_CreateString(answer->body);
}

void report_location(struct form_result *out, const struct form_answer *answer)
{
	const char *location = form_answer_header(answer, "location");
	char *url = location ? site_resolve(answer->url, location) : NULL;

	if (!url)
		return;
	free(out->url);
	out->url = url;
}

void report_challenge(struct form_result *out, char *endpoint)
{
	out->otp_required = true;
	free(out->endpoint);
	out->endpoint = endpoint;
}

/* ---- steps ---- */

static struct sealed_for place_of(const char *host)
{
	return (struct sealed_for){ .table = "form_step", .platform = "form", .account = host };
}

void report_next_step(struct form_result *out, const struct form_opts *opts, cJSON *cookies, const struct form_answer *answer,
	const cJSON *otp)
{
	AUTO(json) cJSON *own = json_object(JSON_NODE("cookies", cookies), JSON_STR("url", answer->url),
		JSON_INT("status", answer->status), JSON_STR("type", answer->type), JSON_STR("body", answer->body),
		JSON_NODE("headers", cJSON_Duplicate(answer->headers, true)), JSON_NODE("otp", otp ? cJSON_Duplicate(otp, true) : NULL));
	AUTO(text) char *text = json_print(own);
	AUTO(text) char *host = site_host(answer->url);
	const struct sealed_for row = place_of(host ? host : "");
	AUTO(buf) struct buf blob = { 0 };

	if (opts->ring && strlen(text) < STEP_MAX && seal(opts->ring, &row, text, strlen(text), &blob, NULL)) {
		char *encoded = xmalloc(blob.size / 3 * 4 + 8);
		EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)blob.data, (int)blob.size);
		free(out->next_step);
		out->next_step = encoded;
	}
	secret_wipe(text, strlen(text));
}

static bool unseal_step(const struct form_opts *opts, const char *text, const char *url, struct buf *out, struct error *err)
{
	const size_t size = strlen(text), padding = size && text[size - 1] == '=' ? size > 1 && text[size - 2] == '=' ? 2 : 1 : 0;
	AUTO(text) char *bytes = size < 2 * STEP_MAX ? xmalloc(size / 4 * 3 + 4) : NULL;
	const int got = bytes ? EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)text, (int)size) : -1;
	AUTO(text) char *host = site_host(url);
	const struct sealed_for row = place_of(host ? host : "");

	if (got <= (int)padding)
		return fail(err, ERR_INPUT, "previousStepData is not what the step before has given");
	return opts->ring ? unseal(opts->ring, &row, bytes, (size_t)got - padding, out, err)
		: fail(err, ERR_INPUT, "there is no key to open previousStepData with");
}

bool report_read_step(const struct form_opts *opts, const char *text, const char *url, cJSON **cookies,
	struct form_answer *answer, cJSON **otp, struct error *err)
{
	struct buf plain = { 0 };
	int64_t status = 0;

	if (!unseal_step(opts, text, url, &plain, err))
		return false;
	AUTO(json) cJSON *json = json_parse(buf_text(&plain), plain.size, err);
	buf_wipe(&plain);
	if (!json)
		return false;
	(void)json_int(json, "status", &status);
	*answer = (struct form_answer){ .url = copy_of(json_str(json, "url")), .status = (int)status,
		.type = copy_of(json_str(json, "type")), .body = copy_of(json_str(json, "body")), .headers = json_take(json, "headers") };
	answer->body_size = answer->body ? strlen(answer->body) : 0;
	*cookies = json_take(json, "cookies");
	*otp = json_take(json, "otp");
	return answer->url || fail(err, ERR_INPUT, "previousStepData is not what the step before has given");
}
