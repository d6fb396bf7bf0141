/* Which values of a request are the person's. */
#include "src/form_learn_impl.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PART_MIN = 4, LONG_MIN = 8 /* no chance */ };

/* "userName", "user_name" and "input[user-name]" are one. */
static bool is_alike(const char *a, const char *b)
{
	const char *bracket = strrchr(a, '[');

	if (bracket && bracket[1] && bracket[1] != ']')
		a = bracket + 1;
	for (;; a++, b++) {
		while (*a && strchr("_-. ]", *a))
			a++;
		while (*b && strchr("_-. ]", *b))
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

const cJSON *given_control(const struct form_lesson *lesson, const char *key)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, lesson->fields)
		if (json_str(field, "key") && !strcmp(json_str(field, "key"), key))
			return field;
	return NULL;
}

static bool is_named(const struct form_lesson *lesson, const char *key, const char *name)
{
	const char *control = json_str(given_control(lesson, key), "name");

	return is_alike(name, key) || (control && *control && is_alike(name, control));
}

/* ---- what the person gave ---- */

/* Whether all letters of TEXT are of KIND. */
static bool is_all(const char *text, int (*kind)(int))
{
	for (; *text; text++)
		if (isalpha((unsigned char)*text) && !kind((unsigned char)*text))
			return false;
	return true;
}

static const char *as_of(const char *given, const char *text)
{
	size_t digits = 0;

	if (!strcasecmp(given, text))
		return is_all(text, islower) ? "lower" : is_all(text, isupper) ? "upper" : "other";
	const char *first = given + strspn(given, " ");
	if (first != given && !strcmp(first, text))
		return "trim";
	for (const char *p = given; *p; p++)
		if (isdigit((unsigned char)*p) && text[digits] == *p)
			digits++;
		else if (isalnum((unsigned char)*p))
			return NULL;
	return digits >= 5 && !text[digits] ? "digits" : NULL;
}

static cJSON *marked_field(struct learning *l, const char *key, const char *name, const char *as)
{
	if (!cJSON_HasObjectItem(l->mapping, key))
		json_add(l->mapping, JSON_STR(key, *name ? name : key));
	return json_object(JSON_STR("$", "field"), JSON_STR("name", key), JSON_STR("as", as));
}

/* The field whose value TEXT is.  Of several, the one that is called so; a short value that is called otherwise is chance. */
cJSON *given_field(struct learning *l, const char *name, const char *text, bool is_number)
{
	const struct form_request *r = l->lesson->request;
	const struct form_field *best = NULL;
	const char *as = NULL;

	for (size_t i = 0; i < r->field_count; i++) {
		const char *given = secret_reveal(r->fields[i].value);
		const bool named = is_named(l->lesson, r->fields[i].name, name), same = !strcmp(given, text);
		const char *changed = same ? NULL : as_of(given, text);
		if ((!same && !(changed && (named || strlen(text) >= PART_MIN))) || (strlen(text) < 3 && !named))
			continue;
		if (!best || named) {
			best = &r->fields[i];
			as = changed;
		}
		if (named && same)
			break;
	}
	if (as && !strcmp(as, "other"))
		return learn_give_up(l, name, "is made by the page's scripts");
	return best ? marked_field(l, best->name, name, is_number ? "number" : as) : NULL;
}

cJSON *given_choice(struct learning *l, const char *name, const char *text)
{
	const cJSON *field, *option;

	cJSON_ArrayForEach(field, l->lesson->fields) {
		const char *kind = json_str(field, "kind"), *key = json_str(field, "key"), *own = json_str(field, "name");
		const cJSON *options = json_list(field, "options");
		if (!kind || !key || !own || !options || (!is_alike(name, own) && !is_alike(name, key)))
			continue;
		AUTO(json) cJSON *kept = cJSON_CreateArray();
		bool found = false;
		cJSON_ArrayForEach(option, options) {
			const char *value = json_str(option, "value");
			found = found || (value && !strcmp(value, text));
			json_add(kept, JSON_NODE(NULL, json_object(JSON_STR("value", value), JSON_STR("label", json_str(option, "label")))));
		}
		if (!found)
			continue;
		if (!cJSON_HasObjectItem(l->mapping, key))
			json_add(l->mapping, JSON_STR(key, name));
		if (!strcmp(kind, "checkbox") && cJSON_GetArraySize(options) == 1)
			return json_object(JSON_STR("$", "choice"), JSON_STR("name", key), JSON_STR("on", text));
		return json_object(JSON_STR("$", "choice"), JSON_STR("name", key), JSON_NODE("options", TAKE(kept)));
	}
	return NULL;
}

cJSON *given_boolean(struct learning *l, const char *name, const cJSON *value)
{
	const struct form_request *r = l->lesson->request;

	for (size_t i = 0; i < r->field_count; i++)
		if (is_named(l->lesson, r->fields[i].name, name))
			return marked_field(l, r->fields[i].name, name, "boolean");
	return cJSON_Duplicate(value, true);
}

/* Whether a short value between BEFORE and AFTER stands there by itself, and in code as a text. */
static bool stands_alone(char before, char after, bool in_code)
{
	return in_code ? strchr("'\"", before) && before == after : !isalnum((unsigned char)before) && !isalnum((unsigned char)after);
}

/* The longest given value that begins at TEXT, which is in WHOLE; NULL. */
static const struct form_field *given_at(const struct form_request *r, const char *whole, const char *text)
{
	const bool in_code = strchr(whole, '{') != NULL;
	const struct form_field *best = NULL;

	for (size_t i = 0; i < r->field_count; i++) {
		const size_t size = secret_size(r->fields[i].value);
		if (size < PART_MIN || strncmp(text, secret_reveal(r->fields[i].value), size) != 0)
			continue;
		if (size < LONG_MIN && !stands_alone(text == whole ? ' ' : text[-1], text[size], in_code))
			continue;
		if (!best || size > secret_size(best->value))
			best = &r->fields[i];
	}
	return best;
}

/* A text with given values in it; NULL: it has none. */
cJSON *given_around(struct learning *l, const char *name, const char *text)
{
	AUTO(json) cJSON *parts = cJSON_CreateArray();
	AUTO(buf) struct buf between = { 0 };
	const char *const whole = text;
	bool any = false;

	while (*text) {
		const struct form_field *given = given_at(l->lesson->request, whole, text);
		if (!given) {
			buf_putc(&between, *text++);
			continue;
		}
		if (between.size)
			json_add(parts, JSON_STR(NULL, buf_text(&between)));
		buf_reset(&between);
		json_add(parts, JSON_NODE(NULL, marked_field(l, given->name, name, NULL)));
		text += secret_size(given->value);
		any = true;
	}
	if (between.size)
		json_add(parts, JSON_STR(NULL, buf_text(&between)));
	return any ? json_object(JSON_STR("$", "text"), JSON_NODE("parts", TAKE(parts))) : NULL;
}
