/* /openapi.json says what the server answers: every route, and no other. */
#include "cdp/base/buf.h"
#include "src/api.h"
#include "src/assets.h"
#include "tests/lib/asserts.h"

#include <stdio.h>

static cJSON *document;

static int read_document(void **state)
{
	const struct asset *asset = asset_find("openapi.json");

	(void)state;
	document = asset ? json_parse(asset->data, asset->size, NULL) : NULL;
	return document ? 0 : -1;
}

static int free_document(void **state)
{
	(void)state;
	cJSON_Delete(document);
	return 0;
}

/* "/api/runs/{runId}" as the table writes it: "/api/runs/" and a star.  Owned by the caller. */
static char *pattern_of(const char *path)
{
	struct buf out = { 0 };

	for (const char *p = path; *p; p++) {
		buf_putc(&out, *p == '{' ? '*' : *p);
		if (*p == '{')
			p += strcspn(p, "}");
	}
	return buf_take(&out);
}

static bool is_method(const char *name)
{
	static const char *const methods[] = { "get", "post", "put", "delete", "patch", "head", "options" };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (!strcmp(name, methods[i]))
			return true;
	return false;
}

static bool has_route(const char *method, const char *pattern)
{
	for (const struct route *r = api_routes; r->method; r++)
		if (!strcasecmp(r->method, method) && !strcmp(r->path, pattern))
			return true;
	return false;
}

static const cJSON *operation_of(const struct route *route)
{
	const cJSON *path, *operation;

	cJSON_ArrayForEach(path, json_at(document, "paths")) {
		AUTO(text) char *pattern = pattern_of(path->string);
		if (strcmp(pattern, route->path) != 0)
			continue;
		cJSON_ArrayForEach(operation, path)
			if (!strcasecmp(operation->string, route->method))
				return operation;
	}
	return NULL;
}

static void every_route_is_described(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method; r++) {
		const cJSON *operation = operation_of(r);
		if (!operation)
			fail_msg("%s %s is not in openapi.json", r->method, r->path);
		if (!json_str(operation, "summary") || !json_at(operation, "responses"))
			fail_msg("%s %s: a summary and answers are wanted", r->method, r->path);
	}
}

static void nothing_else_is_described(void **state)
{
	const cJSON *path, *operation;

	(void)state;
	cJSON_ArrayForEach(path, json_at(document, "paths")) {
		AUTO(text) char *pattern = pattern_of(path->string);
		cJSON_ArrayForEach(operation, path)
			if (is_method(operation->string) && !has_route(operation->string, pattern))
				fail_msg("there is no route %s %s", operation->string, path->string);
	}
}

/* Whoever may come without a token, or with a link, is told so. */
static void it_says_who_may(void **state)
{
	(void)state;
	for (const struct route *r = api_routes; r->method; r++) {
		const cJSON *operation = operation_of(r), *security = json_at(operation, "security");
		const int ways = cJSON_GetArraySize(security);
		if (r->scope == SCOPE_NONE ? !security || ways != 0 : r->scope == SCOPE_QUESTION ? ways != 3 : security != NULL)
			fail_msg("%s %s: its security is not what the table says", r->method, r->path);
	}
}

/* "#/components/…" of all that is below NODE. */
static void follow(const cJSON *node)
{
	const cJSON *child;

	cJSON_ArrayForEach(child, node) {
		if (child->string && !strcmp(child->string, "$ref")) {
			const cJSON *at = document;
			char name[64];
			assert_true(!strncmp(child->valuestring, "#/", 2));
			for (const char *p = child->valuestring + 1; at && *p; p += 1 + strlen(name)) {
				(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(p + 1, "/"), p + 1);
				at = cJSON_GetObjectItemCaseSensitive(at, name);
			}
			if (!at)
				fail_msg("there is no %s", child->valuestring);
		}
		follow(child);
	}
}

static void every_reference_leads_somewhere(void **state)
{
	(void)state;
	assert_string_equal(json_str(document, "openapi"), "3.1.0");
	assert_string_equal(json_str(document, "info.version"), GABBAI_VERSION);
	follow(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_described),
		cmocka_unit_test(nothing_else_is_described),
		cmocka_unit_test(it_says_who_may),
		cmocka_unit_test(every_reference_leads_somewhere),
	};

	return cmocka_run_group_tests_name("openapi", tests, read_document, free_document);
}
