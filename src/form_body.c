#include "src/form_body.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>

enum { BODY_MAX = 1 << 20, BOUNDARY_BYTES = 12 };

/* ---- application/x-www-form-urlencoded (WHATWG URL §5) ---- */

void body_encode(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("*-._", *text))
			buf_putc(out, *text);
		else if (*text == ' ')
			buf_putc(out, '+');
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10 : -1;
}

char *body_decode(const char *text, size_t size)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < size; i++) {
		const int high = text[i] == '%' && size - i > 2 ? hex(text[i + 1]) : -1;
		const int low = high >= 0 ? hex(text[i + 2]) : -1;
		if (low >= 0 && (high || low)) {
			buf_putc(&out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_putc(&out, (char)(text[i] == '+' ? ' ' : text[i] ? text[i] : ' '));
		}
	}
	return buf_take(&out);
}

cJSON *body_parse_query(const char *query)
{
	cJSON *items = cJSON_CreateArray();

	for (size_t size; *query; query += size + (query[size] == '&')) {
		size = strcspn(query, "&");
		const char *equals = memchr(query, '=', size);
		const size_t name_size = equals ? (size_t)(equals - query) : size;
		AUTO(text) char *name = body_decode(query, name_size);
		AUTO(text) char *value = equals ? body_decode(equals + 1, size - name_size - 1) : xstrdup("");
		if (size && cJSON_GetArraySize(items) < BODY_LEAVES_MAX)
			json_add(items, JSON_NODE(NULL, json_object(JSON_STR("name", name), JSON_STR("value", value))));
	}
	return items;
}

void body_print_query(const cJSON *items, struct buf *out)
{
	const cJSON *item;
	bool first = true;

	cJSON_ArrayForEach(item, items) {
		const char *name = json_str(item, "name"), *value = json_str(item, "value");
		if (!name || !value)
			continue;
		buf_puts(out, first ? "" : "&");
		body_encode(out, name);
		buf_putc(out, '=');
		body_encode(out, value);
		first = false;
	}
}

/* ---- multipart/form-data (RFC 7578) ---- */

/* The parameter NAME of a header's VALUE, owned by the caller; NULL. */
static char *parameter(const char *value, const char *name)
{
	const size_t length = strlen(name);

	for (const char *p = value; (p = strchr(p, ';'));) {
		p += 1 + strspn(p + 1, " \t");
		if (strncasecmp(p, name, length) != 0 || p[length] != '=')
			continue;
		p += length + 1;
		return *p == '"' ? xstrndup(p + 1, strcspn(p + 1, "\"")) : xstrndup(p, strcspn(p, "; \t\r\n"));
	}
	return NULL;
}

/* The value of the header NAME among HEAD[SIZE], owned by the caller; NULL. */
static char *part_header(const char *head, size_t size, const char *name)
{
	const size_t length = strlen(name);

	for (const char *line = head, *end = head + size; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const size_t line_size = (size_t)((stop ? stop : end) - line);
		if (line_size > length && !strncasecmp(line, name, length) && line[length] == ':')
			return xstrndup(line + length + 1 + strspn(line + length + 1, " "),
				line_size - length - 1 - strspn(line + length + 1, " "));
		line += line_size + 1;
	}
	return NULL;
}

static cJSON *part_of(const char *part, size_t size)
{
	const char *blank = memmem(part, size, "\r\n\r\n", 4);

	if (!blank)
		return NULL;
	AUTO(text) char *disposition = part_header(part, (size_t)(blank - part) + 2, "Content-Disposition");
	AUTO(text) char *type = part_header(part, (size_t)(blank - part) + 2, "Content-Type");
	AUTO(text) char *name = disposition ? parameter(disposition, "name") : NULL;
	AUTO(text) char *filename = disposition ? parameter(disposition, "filename") : NULL;
	if (!name)
		return NULL;
	if (type)
		type[strcspn(type, "\r\n")] = '\0';
	if (filename)
		return json_object(JSON_STR("name", name), JSON_NODE("file", json_object(JSON_STR("filename", filename),
			JSON_STR("type", type))));
	AUTO(text) char *value = xstrndup(blank + 4, size - (size_t)(blank + 4 - part));
	return json_object(JSON_STR("name", name), JSON_STR("value", value));
}

static cJSON *parse_multipart(const char *boundary, const char *body, size_t size)
{
	AUTO(text) char *mark = xasprintf("--%s", boundary);
	const size_t mark_size = strlen(mark);
	cJSON *items = cJSON_CreateArray();
	const char *end = body + size, *at = memmem(body, size, mark, mark_size);

	while (at && cJSON_GetArraySize(items) < BODY_LEAVES_MAX) {
		const char *part = at + mark_size;
		const char *next = part < end ? memmem(part, (size_t)(end - part), mark, mark_size) : NULL;
		if (!next)
			break;
		part += (size_t)(next - part) >= 2 && !memcmp(part, "\r\n", 2) ? 2 : 0;
		const size_t part_size = (size_t)(next - part) >= 2 ? (size_t)(next - part) - 2 : 0;
		cJSON *item = part_of(part, part_size);
		if (item)
			json_add(items, JSON_NODE(NULL, item));
		at = next;
	}
	return items;
}

static void quote(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '"' || *text == '\r' || *text == '\n')
			buf_printf(out, "%%%02X", (unsigned char)*text);
		else
			buf_putc(out, *text);
}

static bool append_file(struct buf *out, const char *path, struct error *err)
{
	AUTO(file) FILE *f = fopen(path, "re");
	const size_t before = out->size;
	char chunk[16384];

	if (!f)
		return fail_system(err, "reading %s", path);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) {
		buf_append(out, chunk, n);
		if (out->size - before > BODY_FILE_MAX)
			return fail(err, ERR_LIMIT, "%s has more than %d MB", path, BODY_FILE_MAX >> 20);
	}
	return !ferror(f) || fail_system(err, "reading %s", path);
}

static bool print_part(const cJSON *item, const char *boundary, struct buf *out, struct error *err)
{
	const cJSON *file = json_at(item, "file");
	const char *name = json_str(item, "name"), *value = json_str(item, "value");

	if (!name || (!file && !value))
		return true;
	buf_printf(out, "--%s\r\nContent-Disposition: form-data; name=\"", boundary);
	quote(out, name);
	if (!file) {
		buf_printf(out, "\"\r\n\r\n%s\r\n", value);
		return true;
	}
	buf_puts(out, "\"; filename=\"");
	quote(out, json_str(file, "filename") ? json_str(file, "filename") : "");
	buf_printf(out, "\"\r\nContent-Type: %s\r\n\r\n", json_str(file, "type") ? json_str(file, "type")
		: "application/octet-stream");
	const bool ok = !json_str(file, "path") || append_file(out, json_str(file, "path"), err);
	buf_puts(out, "\r\n");
	return ok;
}

static bool print_multipart(const cJSON *items, struct buf *out, char **type, struct error *err)
{
	unsigned char random[BOUNDARY_BYTES];
	char boundary[2 * BOUNDARY_BYTES + 32] = "----gabbai";
	const cJSON *item;

	if (RAND_bytes(random, sizeof random) != 1)
		return fail(err, ERR_SYSTEM, "the system has no random numbers");
	for (size_t i = 0; i < sizeof random; i++)
		(void)snprintf(boundary + 10 + 2 * i, 3, "%02x", random[i]);
	cJSON_ArrayForEach(item, items)
		if (!print_part(item, boundary, out, err))
			return false;
	buf_printf(out, "--%s--\r\n", boundary);
	*type = xasprintf("multipart/form-data; boundary=%s", boundary);
	return true;
}

/* ---- all of them ---- */

static bool is_type(const char *type, const char *wanted)
{
	return type && !strncasecmp(type, wanted, strlen(wanted));
}

static bool is_json_type(const char *type)
{
	const size_t size = type ? strcspn(type, "; ") : 0;

	return is_type(type, "application/json") || (size > 5 && !strncasecmp(type + size - 5, "+json", 5));
}

static int depth_of(const char *text, size_t size)
{
	int depth = 0, most = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			most = ++depth > most ? depth : most;
		else if (!quoted && (text[i] == '}' || text[i] == ']'))
			depth--;
	}
	return most;
}

cJSON *body_parse(const char *type, const char *body, size_t size)
{
	const bool looks_json = size && strchr("{[", body[strspn(body, " \t\r\n")]);

	if (size > BODY_MAX)
		return NULL;
	if (is_type(type, "multipart/form-data")) {
		AUTO(text) char *boundary = parameter(type, "boundary");
		return json_object(JSON_STR("encoding", "multipart"),
			JSON_NODE("items", boundary && *boundary ? parse_multipart(boundary, body, size) : cJSON_CreateArray()));
	}
	if (is_type(type, "application/x-www-form-urlencoded") && !looks_json)
		return json_object(JSON_STR("encoding", "urlencoded"), JSON_NODE("items", body_parse_query(body)));
	/* Some say text/plain of their JSON, so that browsers ask nobody whether they may (Fetch §2.2.2). */
	if (is_json_type(type) || looks_json) {
		if (depth_of(body, size) > BODY_DEPTH_MAX)
			return NULL;
		cJSON *json = json_parse_ids(body, size, NULL);
		if (json)
			return json_object(JSON_STR("encoding", "json"), JSON_STR("type", is_json_type(type) ? NULL : type),
				JSON_NODE("json", json));
	}
	return json_object(JSON_STR("encoding", "text"), JSON_STR("type", type), JSON_STR("text", body));
}

bool body_print(const cJSON *document, struct buf *out, char **type, struct error *err)
{
	const char *encoding = json_str(document, "encoding"), *own = json_str(document, "type");
	const cJSON *items = json_list(document, "items");

	if (encoding && !strcmp(encoding, "urlencoded") && items) {
		body_print_query(items, out);
		*type = xstrdup("application/x-www-form-urlencoded");
		return true;
	}
	if (encoding && !strcmp(encoding, "multipart") && items)
		return print_multipart(items, out, type, err);
	if (encoding && !strcmp(encoding, "json") && json_at(document, "json")) {
		char *text = json_print(json_at(document, "json"));
		buf_puts(out, text);
		secret_wipe(text, strlen(text));
		free(text);
		*type = xstrdup(own ? own : "application/json");
		return true;
	}
	if (encoding && !strcmp(encoding, "text") && json_str(document, "text")) {
		buf_puts(out, json_str(document, "text"));
		*type = xstrdup(own ? own : "text/plain;charset=UTF-8");
		return true;
	}
	return fail(err, ERR_INPUT, "what was learned of the form has no body");
}

/* ---- values ---- */

struct mapping {
	body_leaf leaf;
	void *user;
	int leaves;
};

static bool is_leaf(const cJSON *node)
{
	return !cJSON_IsArray(node) && (!cJSON_IsObject(node) || cJSON_GetObjectItemCaseSensitive(node, "$"));
}

static cJSON *map(struct mapping *m, const char *name, const cJSON *node, int depth)
{
	const cJSON *child;

	if (depth > BODY_DEPTH_MAX || m->leaves > BODY_LEAVES_MAX)
		return NULL;
	if (is_leaf(node)) {
		m->leaves++;
		return m->leaf(m->user, name, node);
	}
	AUTO(json) cJSON *out = cJSON_IsArray(node) ? cJSON_CreateArray() : cJSON_CreateObject();
	cJSON_ArrayForEach(child, node) {
		cJSON *mapped = map(m, child->string ? child->string : name, child, depth + 1);
		if (!mapped)
			return NULL;
		if (child->string)
			cJSON_AddItemToObject(out, child->string, mapped);
		else
			cJSON_AddItemToArray(out, mapped);
	}
	return TAKE(out);
}

/* An item's value is called as the item; its name is a value only when it was made one. */
static cJSON *map_item(struct mapping *m, const cJSON *item)
{
	AUTO(json) cJSON *out = cJSON_CreateObject();
	const cJSON *name = json_at(item, "name"), *value = json_at(item, "value"), *file = json_at(item, "file");

	cJSON *mapped_name = cJSON_IsObject(name) ? m->leaf(m->user, "name", name) : cJSON_Duplicate(name, true);
	if (!mapped_name)
		return NULL;
	cJSON_AddItemToObject(out, "name", mapped_name);
	const char *called = cJSON_IsString(mapped_name) ? mapped_name->valuestring : "";
	if (file) {
		cJSON *mapped = m->leaf(m->user, called, file);
		if (!mapped)
			return NULL;
		cJSON_AddItemToObject(out, "file", mapped);
		return TAKE(out);
	}
	cJSON *mapped = map(m, called, value, 1);
	if (!mapped)
		return NULL;
	cJSON_AddItemToObject(out, "value", mapped);
	return TAKE(out);
}

static cJSON *map_items(struct mapping *m, const cJSON *items)
{
	AUTO(json) cJSON *out = cJSON_CreateArray();
	const cJSON *item;

	cJSON_ArrayForEach(item, items) {
		cJSON *mapped = map_item(m, item);
		if (!mapped)
			return NULL;
		/* What stands for nothing now is left out. */
		if (cJSON_IsNull(json_at(mapped, "value")) || cJSON_IsNull(json_at(mapped, "file")))
			cJSON_Delete(mapped);
		else
			cJSON_AddItemToArray(out, mapped);
	}
	return TAKE(out);
}

cJSON *body_map_tree(const cJSON *tree, body_leaf leaf, void *user)
{
	struct mapping m = { leaf, user, 0 };

	return map(&m, "", tree, 0);
}

cJSON *body_map_items(const cJSON *items, body_leaf leaf, void *user)
{
	struct mapping m = { leaf, user, 0 };

	return map_items(&m, items);
}

cJSON *body_map(const cJSON *document, body_leaf leaf, void *user)
{
	const cJSON *items = json_list(document, "items"), *json = json_at(document, "json"), *text = json_at(document, "text");
	cJSON *mapped = items ? body_map_items(items, leaf, user) : json || text ? body_map_tree(json ? json : text, leaf, user)
		: NULL;

	if (!mapped)
		return NULL;
	return json_object(JSON_STR("encoding", json_str(document, "encoding")), JSON_STR("type", json_str(document, "type")),
		JSON_NODE(items ? "items" : json ? "json" : "text", mapped));
}
