#include "src/form_source.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "scrapers/html.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	PATH_MAX_SIZE = 300,
	DEPTH_MAX = 12,
	BEFORE_MIN = 8, BEFORE_MAX = 48, /* of the text around a value */
	VALUE_MAX = 8192,
};

void form_answer_clear(struct form_answer *answer)
{
	free(answer->url);
	free(answer->type);
	if (answer->body)
		secret_wipe(answer->body, answer->body_size);
	free(answer->body);
	cJSON_Delete(answer->headers);
	*answer = (struct form_answer){ 0 };
}

const char *form_answer_header(const struct form_answer *answer, const char *name)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, answer->headers)
		if (!strcasecmp(json_str(one, "name"), name))
			return json_str(one, "value");
	return NULL;
}

bool form_answer_is_html(const struct form_answer *a)
{
	return a->type ? strcasestr(a->type, "html") != NULL : a->body && strcasestr(a->body, "<html") != NULL;
}

cJSON *form_answer_json(const struct form_answer *a)
{
	return a->body && a->body_size && !form_answer_is_html(a) && strchr("{[\"", a->body[strspn(a->body, " \t\r\n")])
		? json_parse_ids(a->body, a->body_size, NULL) : NULL;
}

/* ---- of pages ---- */

static const struct {
	const char *kind, *tag, *value;
} tags[] = {
	{ "input", "input", "value" },
	{ "meta", "meta", "content" },
};
enum { TAGS = sizeof tags / sizeof *tags };

/* Calls for each tag of KIND: the name of the one whose value is VALUE (VALUE not NULL), or the value of the one called NAME. */
static char *look_in_page(const struct form_answer *a, size_t kind, const char *name, const char *value)
{
	struct html html;
	struct html_piece piece;

	html_init(&html, a->body, a->body_size);
	while (html_next(&html, &piece)) {
		if (piece.kind != HTML_OPEN || !html_is(&piece, tags[kind].tag))
			continue;
		AUTO(text) char *called = html_attribute(&piece, "name");
		AUTO(text) char *has = html_attribute(&piece, tags[kind].value);
		if (!called || !*called || !has)
			continue;
		if (value ? !strcmp(has, value) : !strcmp(called, name))
			return value ? TAKE(called) : TAKE(has);
	}
	return NULL;
}

/* ---- of JSON ---- */

static bool is_value(const cJSON *node, const char *value)
{
	char number[32];

	if (cJSON_IsString(node))
		return !strcmp(node->valuestring, value);
	if (!cJSON_IsNumber(node))
		return false;
	(void)snprintf(number, sizeof number, "%.15g", node->valuedouble);
	return !strcmp(number, value);
}

static bool find_member(const cJSON *node, const char *value, struct buf *path, int depth)
{
	const size_t size = path->size;
	const cJSON *child;
	int index = 0;

	if (is_value(node, value))
		return true;
	cJSON_ArrayForEach(child, node) {
		if (depth > DEPTH_MAX || path->size > PATH_MAX_SIZE)
			return false;
		if (child->string && strchr(child->string, '.'))
			continue;
		if (child->string)
			buf_printf(path, "%s%s", size ? "." : "", child->string);
		else
			buf_printf(path, "%s%d", size ? "." : "", index);
		if (find_member(child, value, path, depth + 1))
			return true;
		path->size = size;
		if (path->data)
			path->data[size] = '\0';
		index++;
	}
	return false;
}

static char *text_of(const cJSON *node)
{
	if (cJSON_IsString(node))
		return xstrdup(node->valuestring);
	return cJSON_IsNumber(node) ? xasprintf("%.15g", node->valuedouble) : NULL;
}

/* ---- of texts ---- */

/* What stands before VALUE, as much of it as is there only once. */
static cJSON *find_text(const struct form_answer *a, const char *value)
{
	const char *at = memmem(a->body, a->body_size, value, strlen(value));

	if (!at)
		return NULL;
	const size_t room = (size_t)(at - a->body);
	for (size_t size = BEFORE_MIN; size <= BEFORE_MAX && size <= room; size += 4) {
		const char *start = at - size, *first = memmem(a->body, a->body_size, start, size);
		const char after[2] = { at[strlen(value)] };
		if (first != start)
			continue;
		AUTO(text) char *before = xstrndup(start, size);
		return *after && !isalnum((unsigned char)*after) && strlen(before) == size
			? json_object(JSON_STR("$", "text"), JSON_STR("before", before), JSON_STR("after", after)) : NULL;
	}
	return NULL;
}

static char *get_text(const struct form_answer *a, const char *before, const char *after)
{
	const char *at = memmem(a->body, a->body_size, before, strlen(before));

	if (!at || !*after)
		return NULL;
	at += strlen(before);
	const char *end = memchr(at, *after, (size_t)(a->body + a->body_size - at));
	return end && end > at && end - at <= VALUE_MAX ? xstrndup(at, (size_t)(end - at)) : NULL;
}

/* ---- all of them ---- */

static cJSON *find_header(const struct form_answer *a, const char *value)
{
	const cJSON *header;

	cJSON_ArrayForEach(header, a->headers)
		if (!strcmp(json_str(header, "value"), value) && strcasecmp(json_str(header, "name"), "set-cookie") != 0)
			return json_object(JSON_STR("$", "header"), JSON_STR("name", json_str(header, "name")));
	return NULL;
}

static cJSON *find_tag(const struct form_answer *a, const char *value)
{
	for (size_t kind = 0; form_answer_is_html(a) && kind < TAGS; kind++) {
		AUTO(text) char *name = look_in_page(a, kind, NULL, value);
		if (name)
			return json_object(JSON_STR("$", tags[kind].kind), JSON_STR("name", name));
	}
	return NULL;
}

static cJSON *find_in_json(const struct form_answer *a, const char *value)
{
	AUTO(json) cJSON *json = form_answer_json(a);
	AUTO(buf) struct buf path = { 0 };

	return json && find_member(json, value, &path, 0)
		? json_object(JSON_STR("$", "member"), JSON_STR("path", buf_text(&path))) : NULL;
}

/* Two forms of a page may have fields of one name: what does not lead back to VALUE is no source. */
cJSON *source_find(const struct form_answer *a, const char *value)
{
	static cJSON *(*const ways[])(const struct form_answer *, const char *) = { find_header, find_tag, find_in_json, find_text };

	for (size_t i = 0; *value && i < sizeof ways / sizeof *ways && (i == 0 || a->body); i++) {
		AUTO(json) cJSON *source = ways[i](a, value);
		AUTO(text) char *again = source ? source_get(source, a) : NULL;
		if (again && !strcmp(again, value))
			return TAKE(source);
	}
	return NULL;
}

char *source_get(const cJSON *source, const struct form_answer *a)
{
	const char *kind = json_str(source, "$"), *name = json_str(source, "name"), *path = json_str(source, "path");
	const char *before = json_str(source, "before"), *after = json_str(source, "after");

	if (!kind)
		return NULL;
	if (!strcmp(kind, "header") && name)
		return copy_of(form_answer_header(a, name));
	if (!a->body)
		return NULL;
	for (size_t i = 0; name && i < TAGS; i++)
		if (!strcmp(kind, tags[i].kind))
			return look_in_page(a, i, name, NULL);
	if (!strcmp(kind, "member") && path) {
		AUTO(json) cJSON *json = form_answer_json(a);
		return json ? text_of(*path ? json_at(json, path) : json) : NULL;
	}
	return !strcmp(kind, "text") && before && *before && after ? get_text(a, before, after) : NULL;
}

/* ---- what is made ---- */

static bool is_called_so(const char *name)
{
	static const char *const words[] = { "csrf", "xsrf", "token", "nonce", "authenticity", "verification", "signature",
		"challenge", "session" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

bool source_is_made(const char *name, const char *value)
{
	size_t letters = 0, digits = 0, others = 0;

	for (const char *p = value; *p; p++) {
		if (isdigit((unsigned char)*p))
			digits++;
		else if (isalpha((unsigned char)*p))
			letters++;
		else if (strchr("-_.+/=:~", *p))
			others++;
		else
			return false; /* words, or code */
	}
	const size_t size = letters + digits + others;
	if (size >= 4 && is_called_so(name))
		return true;
	return (size >= 16 && digits >= 2 && letters >= 2) || (size >= 10 && digits == size) || (size >= 32 && !others);
}
