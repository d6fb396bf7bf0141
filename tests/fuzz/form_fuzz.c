/* Four lines (a media type, a value, a header's value, what was learned as JSON), then a body: whatever they are, what is found
 * in an answer is found again, bodies stay what they are, no address leads elsewhere, and every answer gets a verdict. */
#include "tests/fuzz/target.h"

#include "cdp/base/error.h"
#include "src/form_body.h"
#include "src/form_code.h"
#include "src/form_judge.h"
#include "src/form_site.h"
#include "src/form_success.h"

#include <assert.h>
#include <string.h>

enum { LINE_MAX_SIZE = 2048 };

static char *line_of(const char **at, const char *end)
{
	const char *const stop = memchr(*at, '\n', (size_t)(end - *at));
	const size_t size = (size_t)((stop ? stop : end) - *at);
	char *line = xstrndup(*at, size < LINE_MAX_SIZE ? size : LINE_MAX_SIZE);

	*at = stop ? stop + 1 : end;
	return line;
}

static cJSON *same(void *user, const char *name, const cJSON *value)
{
	(void)user, (void)name;
	return cJSON_Duplicate(value, true);
}

/* Taken apart and put together twice, a body is the same. */
static void check_body(const char *type, const char *body, size_t size)
{
	AUTO(json) cJSON *document = body_parse(type, body, size);
	AUTO(json) cJSON *mapped = document ? body_map(document, same, NULL) : NULL;
	AUTO(buf) struct buf once = { 0 }, twice = { 0 };
	AUTO(text) char *type_once = NULL, *type_twice = NULL;
	const char *encoding = json_str(document, "encoding");

	if (!mapped || !encoding || !strcmp(encoding, "multipart") || !body_print(mapped, &once, &type_once, NULL))
		return; /* the boundary is another one each time */
	AUTO(json) cJSON *again = body_parse(type_once, buf_text(&once), once.size);
	if (again && !strcmp(json_str(again, "encoding"), encoding) && body_print(again, &twice, &type_twice, NULL))
		assert(strcmp(encoding, "urlencoded") != 0 || !strcmp(buf_text(&once), buf_text(&twice)));
}

static void check_source(const struct form_answer *answer, const char *value)
{
	AUTO(json) cJSON *source = source_find(answer, value);
	AUTO(text) char *found = source ? source_get(source, answer) : NULL;

	assert(!source || (found && !strcmp(found, value)));
}

static void check_site(const char *base, const char *reference)
{
	AUTO(text) char *url = site_resolve(base, reference);
	AUTO(text) char *kept = site_kept(reference);
	struct error err = { 0 };

	if (!url || !site_may_tell(base, url, &err))
		return;
	AUTO(text) char *host = site_host(url);
	assert(!strncasecmp(url, "https://", 8) && host);
	assert(!strcmp(host, "a.example.com") || !strcmp(host + strlen(host) - 11, "example.com"));
}

/* A pattern is our own, but whoever can write the database could make another. */
static void check_learned(const struct form_answer *answer, const char *text)
{
	AUTO(json) cJSON *learned = json_parse(text, strlen(text), NULL);
	AUTO(text) char *value = learned ? source_get(learned, answer) : NULL;
	AUTO(answer_challenge) struct answer_challenge challenge = { 0 };
	static struct form_judge judge; /* its book is for all inputs */
	struct error err = { 0 };
	int64_t wait_s = -1;
	const struct form_case c = { .answer = answer, .success = learned, .otp = learned, .has_password = true };

	const enum form_outcome outcome = form_judge(&judge, &c, &challenge, &wait_s, &err);
	assert(wait_s >= 0 && wait_s <= 86400);
	assert((outcome == FORM_UNKNOWN || outcome == FORM_FAILED) == (err.code != ERR_NONE));
	assert((outcome == FORM_ASKED) == (challenge.type != NULL));
	if (outcome != FORM_ASKED)
		return;
	AUTO(text) char *endpoint = form_code_endpoint(&challenge, learned, answer);
	AUTO(json) cJSON *pattern = form_code_pattern(&challenge, answer, endpoint, "code", "POST", "json");
	assert(pattern);
}

void fuzz_form(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 201, 202, 302, 400, 401, 403, 422, 428, 429, 503 };
	const char *at = (const char *)data, *const end = (const char *)data + size;
	AUTO(text) char *type = line_of(&at, end);
	AUTO(text) char *value = line_of(&at, end);
	AUTO(text) char *header = line_of(&at, end);
	AUTO(text) char *learned = line_of(&at, end);
	AUTO(form_answer) struct form_answer answer = { .url = xstrdup("https://a.example.com/login"), .type = xstrdup(type),
		.status = statuses[size % (sizeof statuses / sizeof *statuses)], .body = xstrndup(at, (size_t)(end - at)) };

	answer.body_size = strlen(answer.body);
	answer.headers = json_array(
		JSON_NODE(NULL, json_object(JSON_STR("name", "location"), JSON_STR("value", header))),
		JSON_NODE(NULL, json_object(JSON_STR("name", "retry-after"), JSON_STR("value", header))));
	check_body(type, answer.body, answer.body_size);
	check_source(&answer, value);
	check_site("https://a.example.com/login", value);
	check_learned(&answer, learned);
	cJSON_Delete(form_success(&answer));
}

FUZZ_TARGET(fuzz_form)
