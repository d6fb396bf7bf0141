/* Which values of a request the page has made, and of what. */
#include "src/form_learn_impl.h"

#include "src/form_body.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

enum { NEAR_S = 3600, COOKIE_MIN = 4 };

static void note(struct learning *l, const char *name, const char *type, const char *strategy)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, l->dynamic)
		if (!strcmp(json_str(one, "fieldName"), name))
			return;
	json_add(l->dynamic, JSON_NODE(NULL, json_object(JSON_STR("fieldName", name), JSON_STR("valueType", type),
		JSON_STR("extractionStrategy", strategy))));
}

static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i = 0;

	for (; form[i] && text[i]; i++)
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return !form[i] && !text[i];
}

static const char *type_of(const char *name, const char *text)
{
	if (strcasestr(name, "csrf") || strcasestr(name, "xsrf") || strcasestr(name, "token") || strcasestr(name, "authenticity"))
		return "csrf_token";
	if (strcasestr(name, "nonce"))
		return "nonce";
	if (strcasestr(name, "user") && strcasestr(name, "id"))
		return "user_id";
	if (strcasestr(name, "session"))
		return "session_id";
	return is_uuid(text) ? "uuid" : "custom";
}

/* A moment that is now. */
static cJSON *time_of(const char *text)
{
	const size_t digits = strspn(text, "0123456789"), size = strlen(text);
	const int64_t now = time(NULL);
	struct tm tm = { 0 };

	if (digits == size && (size == 10 || size == 13)) {
		const int64_t at = strtoll(text, NULL, 10) / (size == 13 ? 1000 : 1);
		return at > now - NEAR_S && at < now + NEAR_S
			? json_object(JSON_STR("$", "time"), JSON_STR("unit", size == 13 ? "ms" : "s")) : NULL;
	}
	const char *end = size >= 20 && text[size - 1] == 'Z' ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	const int64_t at = end ? (int64_t)timegm(&tm) : 0;
	return at > now - NEAR_S && at < now + NEAR_S
		? json_object(JSON_STR("$", "time"), JSON_STR("unit", *end == '.' ? "iso-ms" : "iso")) : NULL;
}

static cJSON *cookie_of(struct learning *l, const char *text)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, l->lesson->cookies) {
		const char *name = json_str(one, "name"), *value = json_str(one, "value");
		if (!name || !value || strlen(value) < COOKIE_MIN)
			continue;
		AUTO(text) char *decoded = body_decode(value, strlen(value));
		if (!strcmp(value, text))
			return json_object(JSON_STR("$", "cookie"), JSON_STR("name", name));
		if (!strcmp(decoded, text))
			return json_object(JSON_STR("$", "cookie"), JSON_STR("name", name), JSON_BOOL("decoded", true));
	}
	return NULL;
}

cJSON *made_of_answer(struct learning *l, const char *text)
{
	const struct form_lesson *lesson = l->lesson;

	for (size_t i = l->step; i-- > 0;) {
		cJSON *source = source_find(&lesson->sent[i].answer, text);
		AUTO(text) char *id = xasprintf("s%zu", i);
		if (source)
			return json_object(JSON_STR("$", "from"), JSON_STR("id", id), JSON_NODE("source", source));
	}
	for (size_t i = 0; i < lesson->answer_count && i < LEARN_ANSWERS_MAX; i++) {
		cJSON *source = source_find(&lesson->answers[i], text);
		AUTO(text) char *id = xasprintf("a%zu", i);
		if (!source)
			continue;
		l->used[i] = true;
		return json_object(JSON_STR("$", "from"), JSON_STR("id", id), JSON_NODE("source", source));
	}
	return NULL;
}

static bool is_in_scripts(const struct form_lesson *lesson, const char *text)
{
	for (size_t i = 0; i < lesson->script_count; i++)
		if (lesson->scripts[i].body && memmem(lesson->scripts[i].body, lesson->scripts[i].body_size, text, strlen(text)))
			return true;
	return false;
}

cJSON *made_of(struct learning *l, const char *name, const char *text)
{
	/* What a page sends twice, as a cookie and beside it, is read from the cookie. */
	cJSON *found = l->is_header ? cookie_of(l, text) : NULL;

	found = found ? found : made_of_answer(l, text);
	found = found ? found : cookie_of(l, text);
	if (found) {
		const char *kind = json_str(found, "$"), *source = json_str(found, "source.$");
		note(l, name, type_of(name, text), !strcmp(kind, "cookie") ? "cookie" : !strcmp(source, "header") ? "header"
			: !strcmp(source, "member") ? "api" : "dom");
		return found;
	}
	found = time_of(text);
	if (found) {
		note(l, name, "timestamp", "computed");
		return found;
	}
	if (is_in_scripts(l->lesson, text))
		return cJSON_CreateString(text);
	if (is_uuid(text)) {
		note(l, name, "uuid", "computed");
		return json_object(JSON_STR("$", "uuid"));
	}
	return NULL;
}
