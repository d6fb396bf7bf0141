/* A path, a line's end, a document: what is read, found and printed can be read again. */
#include "tests/fuzz/target.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"

#include <assert.h>
#include <string.h>

enum { PATH_MAX_SIZE = 256 };

static void check_getters(const cJSON *json, const char *path)
{
	int64_t integer = 0;
	double number = 0;
	const cJSON *const at = json_at(json, path);

	if (json_int(json, path, &integer)) {
		assert(json_num(json, path, &number));
		assert((double)integer == number);
	}
	assert(!json_str(json, path) || cJSON_IsString(at));
	assert(!json_true(json, path) || cJSON_IsTrue(at));
	assert(!json_list(json, path) || cJSON_IsArray(at));
}

static void check_print(const cJSON *json)
{
	AUTO(text) char *line = json_print(json);
	AUTO(text) char *pretty = json_print_pretty(json);
	AUTO(json) cJSON *again = json_parse(line, strlen(line), NULL);
	AUTO(json) cJSON *too = json_parse(pretty, strlen(pretty), NULL);

	assert(again && too);
	AUTO(text) char *same = json_print(again);
	assert(!strcmp(line, same));
}

void fuzz_json(const uint8_t *data, size_t size)
{
	const char *const text = (const char *)data;
	const char *const end = size ? memchr(text, '\n', size) : NULL;
	const size_t path_size = end ? (size_t)(end - text) : 0;
	const size_t from = end ? path_size + 1 : 0;
	struct error err = { 0 };

	if (path_size > PATH_MAX_SIZE)
		return;
	AUTO(text) char *path = xstrndup(text ? text : "", path_size);
	AUTO(json) cJSON *json = json_parse(size ? text + from : "", size - from, &err);
	AUTO(json) cJSON *ids = json_parse_ids(size ? text + from : "", size - from, NULL);
	assert(json || err.code == ERR_INPUT);
	if (!json)
		return;
	assert(ids);
	check_getters(json, path);
	check_print(json);
	check_print(ids);
	AUTO(json) cJSON *taken = json_take(json, path);
	assert(!taken || !taken->next);
}

FUZZ_TARGET(fuzz_json)
