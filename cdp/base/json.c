/* JSON: see json.h. */
#include "cdp/base/json.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The \uXXXX at TEXT as a number, or -1. */
static int escape_at(const char *text, const char *end)
{
	int value = 0;

	if (end - text < 6 || text[0] != '\\' || text[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		const char c = text[i];
		if (!isxdigit((unsigned char)c))
			return -1;
		value = value * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return value;
}

bool json_mend(char *text, size_t size)
{
	char *end = text + size, *at = text;
	bool mended = false;

	while ((at = memchr(at, '\\', (size_t)(end - at)))) {
		const int first = escape_at(at, end);
		if (first < 0xd800 || first > 0xdfff) {
			at += 2;
			if (at >= end)
				break;
			continue;
		}

		const int second = escape_at(at + 6, end);
		if (first < 0xdc00 && second >= 0xdc00 && second <= 0xdfff) {
			at += 12;
			continue;
		}
		memcpy(at + 2, "fffd", 4);
		at += 6;
		mended = true;
	}
	return mended;
}

bool json_is_pair(const char *text, const char *end)
{
	const int first = escape_at(text, end);
	const int second = first >= 0xd800 && first < 0xdc00 ? escape_at(text + 6, end) : -1;

	return second >= 0xdc00 && second <= 0xdfff;
}

size_t json_utf8(const char *text, const char *end, char *out)
{
	int code = escape_at(text, end);

	if (json_is_pair(text, end))
		code = 0x10000 + ((code - 0xd800) << 10) + (escape_at(text + 6, end) - 0xdc00);
	else if (code < 0 || (code >= 0xd800 && code <= 0xdfff))
		code = 0xfffd;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	out[0] = (char)(lead[more] | (code >> (6 * more)));
	for (int i = 1; i <= more; i++)
		out[i] = (char)(0x80 | ((code >> (6 * (more - i))) & 0x3f));
	return (size_t)more + 1;
}

static cJSON *parse_whole(const char *text, size_t size, const char **stop)
{
	const char *end = NULL;
	cJSON *json = cJSON_ParseWithLengthOpts(text, size, &end, false);

	*stop = end ? end : text;
	if (!json)
		return NULL;
	while (end < text + size && (isspace((unsigned char)*end) || *end == '\0'))
		end++;
	if (end == text + size)
		return json;
	*stop = end;
	cJSON_Delete(json);
	return NULL;
}

cJSON *json_parse(const char *text, size_t size, struct error *err)
{
	const char *stop;
	cJSON *json = parse_whole(text, size, &stop);

	if (json)
		return json;

	const size_t at = (size_t)(stop - text);
	AUTO(text) char *copy = xmalloc(size + 1);
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (json_mend(copy, size) && (json = parse_whole(copy, size, &stop)))
		return json;
	fail(err, ERR_INPUT, "not JSON from byte %zu on", at);
	return NULL;
}

cJSON *json_parse_ids(const char *text, size_t size, struct error *err)
{
	AUTO(buf) struct buf quoted = { 0 };
	bool in_string = false;

	for (size_t i = 0; i < size;) {
		const bool is_number = !in_string && (isdigit((unsigned char)text[i]) || text[i] == '-');
		size_t run = is_number ? 1 : in_string && text[i] == '\\' && i + 1 < size ? 2 : 1;
		while (is_number && i + run < size && strchr("0123456789.eE+-", text[i + run]) && text[i + run])
			run++;
		const bool is_long = is_number && run > 15 && !memchr(text + i, '.', run) && !memchr(text + i, 'e', run)
			&& !memchr(text + i, 'E', run);
		if (!is_number && text[i] == '"')
			in_string = !in_string;
		buf_puts(&quoted, is_long ? "\"" : "");
		buf_append(&quoted, text + i, run);
		buf_puts(&quoted, is_long ? "\"" : "");
		i += run;
	}
	return json_parse(buf_text(&quoted), quoted.size, err);
}

/* cJSON prints numbers of more than 15 digits in short; as raw text they are whole. */
static cJSON *integer(int64_t value)
{
	char text[32];

	if (value > -1000000000000000 && value < 1000000000000000)
		return cJSON_CreateNumber((double)value);
	(void)snprintf(text, sizeof text, "%" PRId64, value);
	return cJSON_CreateRaw(text);
}

/* Whether the 15 digits that cJSON is content with would say another number, or have an exponent. */
static bool is_long(const cJSON *json)
{
	const double value = json->valuedouble, size = fabs(value);
	char text[32];

	if (!cJSON_IsNumber(json) || !isfinite(value) || (size < 1e15 && value == floor(value)))
		return false;
	(void)snprintf(text, sizeof text, "%.15g", value);
	return strtod(text, NULL) != value || (size >= 1e15 && size <= 9007199254740992.0);
}

static cJSON *whole(double value)
{
	char text[32];

	if (value == floor(value) && fabs(value) <= 9007199254740992.0)
		return integer((int64_t)value);
	(void)snprintf(text, sizeof text, "%.16g", value);
	if (strtod(text, NULL) != value)
		(void)snprintf(text, sizeof text, "%.17g", value);
	const size_t comma = strcspn(text, ","); /* in some locales */
	if (text[comma])
		text[comma] = '.';
	return cJSON_CreateRaw(text);
}

static bool has_long(const cJSON *json)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, json)
		if (is_long(item) || has_long(item))
			return true;
	return json && is_long(json);
}

static void write_out(cJSON *json)
{
	cJSON *item, *next;

	for (item = json->child; item; item = next) {
		next = item->next;
		if (!is_long(item)) {
			write_out(item);
			continue;
		}
		cJSON *raw = whole(item->valuedouble);
		raw->string = copy_of(item->string);
		cJSON_ReplaceItemViaPointer(json, item, raw);
	}
}

static char *print(const cJSON *json, bool pretty)
{
	AUTO(json) cJSON *copy = NULL;

	if (has_long(json)) {
		copy = cJSON_CreateArray(); /* the value itself may be long */
		cJSON_AddItemToArray(copy, cJSON_Duplicate(json, true));
		write_out(copy);
		json = copy->child;
	}
	char *text = !json ? xstrdup("null") : pretty ? cJSON_Print(json) : cJSON_PrintUnformatted(json);
	if (!text)
		abort();
	return text;
}

char *json_print(const cJSON *json)
{
	return print(json, false);
}

char *json_print_pretty(const cJSON *json)
{
	return print(json, true);
}

static const cJSON *member(const cJSON *json, const char *name, size_t size)
{
	if (cJSON_IsArray(json)) {
		int index = size ? 0 : -1;
		for (size_t i = 0; i < size; i++) {
			if (!isdigit((unsigned char)name[i]) || index > 100000000)
				return NULL;
			index = index * 10 + (name[i] - '0');
		}
		return index < 0 ? NULL : cJSON_GetArrayItem(json, index);
	}
	if (!cJSON_IsObject(json))
		return NULL;

	const cJSON *item;
	cJSON_ArrayForEach (item, json)
		if (item->string && !strncmp(item->string, name, size) && !item->string[size])
			return item;
	return NULL;
}

const cJSON *json_at(const cJSON *json, const char *path)
{
	const char *rest = *path ? path : NULL;

	while (json && rest) {
		const size_t size = strcspn(rest, ".");
		json = member(json, rest, size);
		rest = rest[size] ? rest + size + 1 : NULL; /* after a dot there is a name, if an empty one */
	}
	return json;
}

const char *json_str(const cJSON *json, const char *path)
{
	const cJSON *item = json_at(json, path);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

bool json_num(const cJSON *json, const char *path, double *out)
{
	const cJSON *item = json_at(json, path);

	if (!cJSON_IsNumber(item))
		return false;
	*out = item->valuedouble;
	return true;
}

bool json_int(const cJSON *json, const char *path, int64_t *out)
{
	double number;

	/* Above 2^53 a double is not exact, and what is not exact is not an integer. */
	if (!json_num(json, path, &number) || number != floor(number) || fabs(number) > 9007199254740992.0)
		return false;
	*out = (int64_t)number;
	return true;
}

bool json_true(const cJSON *json, const char *path)
{
	return cJSON_IsTrue(json_at(json, path));
}

const cJSON *json_list(const cJSON *json, const char *path)
{
	const cJSON *item = json_at(json, path);

	return cJSON_IsArray(item) ? item : NULL;
}

cJSON *json_take(cJSON *json, const char *path)
{
	const char *last = strrchr(path, '.');
	AUTO(text) char *parent = xstrndup(path, last ? (size_t)(last - path) : 0);
	const cJSON *item = json_at(json, path);

	if (!item || item == json)
		return NULL;
	/* The item belongs to a document that the caller may change. */
	return cJSON_DetachItemViaPointer((cJSON *)json_at(json, parent), (cJSON *)item);
}

static cJSON *value_of(struct json_member m)
{
	switch (m.kind) {
	case JSON_IS_STR:
		return m.str ? cJSON_CreateString(m.str) : NULL;
	case JSON_IS_INT:
		return integer(m.integer);
	case JSON_IS_NUM:
		return cJSON_CreateNumber(m.number);
	case JSON_IS_BOOL:
		return cJSON_CreateBool(m.integer != 0);
	case JSON_IS_NODE:
		return m.node;
	case JSON_END:
		break;
	}
	return NULL;
}

void json_add(cJSON *json, struct json_member m)
{
	cJSON *value = value_of(m);

	if (!value)
		return;
	if (m.name)
		cJSON_AddItemToObject(json, m.name, value);
	else
		cJSON_AddItemToArray(json, value);
}

cJSON *json_object_of(const struct json_member *members)
{
	cJSON *json = cJSON_CreateObject();

	if (!json)
		abort();
	for (; members->kind != JSON_END; members++)
		json_add(json, *members);
	return json;
}

cJSON *json_array_of(const struct json_member *members)
{
	cJSON *json = cJSON_CreateArray();

	if (!json)
		abort();
	for (; members->kind != JSON_END; members++)
		json_add(json, *members);
	return json;
}
