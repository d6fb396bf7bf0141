#include "src/form_success.h"

#include "cdp/base/buf.h"
#include "src/form_site.h"

#include <inttypes.h>
#include <string.h>

enum { WORD_MAX = 24, SHAPE_DEPTH = 6 };

static void mix(uint64_t *hash, const char *text)
{
	for (; *text; text++)
		*hash = (*hash ^ (unsigned char)*text) * 0x100000001b3; /* FNV-1a */
	*hash = (*hash ^ 0xff) * 0x100000001b3;
}

static void mix_shape(uint64_t *hash, const cJSON *node, int depth)
{
	const cJSON *child;

	mix(hash, node->string ? node->string : "");
	if (cJSON_IsBool(node) || cJSON_IsNull(node))
		mix(hash, cJSON_IsTrue(node) ? "t" : cJSON_IsFalse(node) ? "f" : "n");
	else if (cJSON_IsString(node))
		mix(hash, strlen(node->valuestring) <= WORD_MAX && !strpbrk(node->valuestring, "0123456789") ? node->valuestring : "s");
	else
		mix(hash, cJSON_IsNumber(node) ? "d" : cJSON_IsArray(node) ? "a" : "o");
	if (cJSON_IsArray(node) && !cJSON_GetArrayItem(node, 0))
		mix(hash, "empty");
	if (depth < SHAPE_DEPTH)
		cJSON_ArrayForEach(child, node)
			mix_shape(hash, child, depth + 1);
}

char *form_shape(const struct form_answer *answer)
{
	AUTO(json) cJSON *json = form_answer_json(answer);
	uint64_t hash = 0xcbf29ce484222325;

	if (!json)
		return NULL;
	mix_shape(&hash, json, 0);
	return xasprintf("%016" PRIx64, hash);
}

char *form_location(const struct form_answer *answer)
{
	const char *location = form_answer_header(answer, "location");
	AUTO(text) char *absolute = location && answer->url ? site_resolve(answer->url, location) : NULL;
	AUTO(buf) struct buf out = { 0 };

	if (!absolute || answer->status < 300 || answer->status >= 400)
		return NULL;
	const char *path = strstr(absolute, "://") ? strstr(absolute, "://") + 3 : absolute;
	path += strcspn(path, "/?#");
	while (*path == '/') {
		const size_t size = strcspn(path + 1, "/?#");
		AUTO(text) char *part = xstrndup(path + 1, size);
		const bool varies = strpbrk(part, "0123456789") != NULL;
		buf_printf(&out, "/%s", varies ? "*" : part);
		path += 1 + size;
	}
	return buf_take(&out);
}

cJSON *form_success(const struct form_answer *answer)
{
	AUTO(json) cJSON *json = form_answer_json(answer);
	AUTO(text) char *shape = form_shape(answer);
	AUTO(text) char *location = form_location(answer);
	cJSON *fields = cJSON_IsObject(json) ? cJSON_CreateArray() : NULL;
	const cJSON *child;

	if (cJSON_IsObject(json))
		cJSON_ArrayForEach(child, json)
			json_add(fields, JSON_STR(NULL, child->string));
	return json_object(JSON_NODE("statusCodes", json_array(JSON_INT(NULL, answer->status))), JSON_NODE("responseFields", fields),
		JSON_STR("location", location), JSON_STR("shape", shape));
}
