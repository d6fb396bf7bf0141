/* The values of a pattern, as they are to be sent now. */
#include "src/form_replay_impl.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "src/form_body.h"
#include "src/form_site.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static cJSON *lacks(struct replay *r, const char *what)
{
	if (!r->missing)
		r->missing = xstrdup(what);
	return NULL;
}

static bool is_on(const char *text)
{
	return *text && strcmp(text, "0") != 0 && strcasecmp(text, "false") != 0 && strcasecmp(text, "off") != 0
		&& strcasecmp(text, "no") != 0;
}

static cJSON *given(struct replay *r, const cJSON *marker)
{
	const char *name = json_str(marker, "name"), *as = json_str(marker, "as");
	const struct form_field *field = name ? form_request_field(r->request, name) : NULL;
	AUTO(buf) struct buf out = { 0 };
	char *end;

	if (!field)
		return lacks(r, name ? name : "a field");
	const char *value = secret_reveal(field->value);
	if (as && !strcmp(as, "number")) {
		const double number = strtod(value, &end);
		return *value && !*end ? cJSON_CreateNumber(number) : cJSON_CreateString(value);
	}
	if (as && !strcmp(as, "boolean"))
		return cJSON_CreateBool(is_on(value));
	for (const char *p = value + (as && !strcmp(as, "trim") ? strspn(value, " ") : 0); *p; p++)
		if (!as || strcmp(as, "digits") != 0 || isdigit((unsigned char)*p))
			buf_putc(&out, (char)(as && !strcmp(as, "lower") ? tolower((unsigned char)*p)
				: as && !strcmp(as, "upper") ? toupper((unsigned char)*p) : *p));
	return cJSON_CreateString(buf_text(&out));
}

static cJSON *chosen(struct replay *r, const cJSON *marker)
{
	const char *name = json_str(marker, "name"), *on = json_str(marker, "on");
	const struct form_field *field = name ? form_request_field(r->request, name) : NULL;
	const cJSON *option;

	if (!field)
		return lacks(r, name ? name : "a choice");
	const char *value = secret_reveal(field->value);
	if (on)
		return is_on(value) ? cJSON_CreateString(on) : cJSON_CreateNull();
	cJSON_ArrayForEach(option, json_list(marker, "options")) {
		const char *own = json_str(option, "value"), *label = json_str(option, "label");
		if ((own && !strcmp(own, value)) || (label && !strcasecmp(label, value)))
			return cJSON_CreateString(own ? own : "");
	}
	return lacks(r, name);
}

static cJSON *file_of(struct replay *r, const cJSON *marker)
{
	const char *name = json_str(marker, "name"), *type = json_str(marker, "type");
	const struct form_file *file = name ? form_request_file(r->request, name) : NULL;

	if (!file)
		return lacks(r, name ? name : "a file");
	const char *slash = strrchr(file->path, '/');
	return json_object(JSON_STR("filename", file->filename ? file->filename : slash ? slash + 1 : file->path),
		JSON_STR("type", file->type ? file->type : type), JSON_STR("path", file->path));
}

static cJSON *from_answer(struct replay *r, const cJSON *marker)
{
	const char *id = json_str(marker, "id");

	for (size_t i = 0; id && i < r->got_count; i++) {
		if (strcmp(r->got[i].id, id) != 0)
			continue;
		AUTO(text) char *value = source_get(json_at(marker, "source"), &r->got[i].answer);
		return value ? cJSON_CreateString(value) : lacks(r, "a value that the page has");
	}
	return lacks(r, "a value that the page has");
}

static cJSON *cookie_of(struct replay *r, const cJSON *marker)
{
	const char *name = json_str(marker, "name");
	AUTO(text) char *value = name ? client_cookie(r->http->client, r->request->url, name) : NULL;
	AUTO(text) char *decoded = value && json_true(marker, "decoded") ? body_decode(value, strlen(value)) : NULL;

	return value ? cJSON_CreateString(decoded ? decoded : value) : lacks(r, "a cookie");
}

static cJSON *time_now(const char *unit)
{
	struct timespec now;
	struct tm tm;
	char text[48];

	clock_gettime(CLOCK_REALTIME, &now);
	if (!strcmp(unit, "s") || !strcmp(unit, "ms")) {
		(void)snprintf(text, sizeof text, "%lld", (long long)(!strcmp(unit, "s") ? now.tv_sec
			: now.tv_sec * 1000 + now.tv_nsec / 1000000));
		return cJSON_CreateString(text);
	}
	gmtime_r(&now.tv_sec, &tm);
	const size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + size, sizeof text - size, !strcmp(unit, "iso") ? "Z" : ".%03dZ", (int)(now.tv_nsec / 1000000));
	return cJSON_CreateString(text);
}

/* RFC 9562 §5.4. */
static cJSON *new_uuid(struct replay *r)
{
	unsigned char b[16];
	char text[40];

	if (RAND_bytes(b, sizeof b) != 1)
		return lacks(r, "random numbers");
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	(void)snprintf(text, sizeof text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
		b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return cJSON_CreateString(text);
}

static cJSON *joined(struct replay *r, const cJSON *marker)
{
	const bool encoded = json_true(marker, "encoded");
	AUTO(buf) struct buf out = { 0 };
	const cJSON *part;
	bool first = true;

	cJSON_ArrayForEach(part, json_list(marker, "parts")) {
		AUTO(json) cJSON *value = replay_value(r, "", part);
		if (!value)
			return NULL;
		const char *text = cJSON_IsString(value) ? value->valuestring : "";
		AUTO(text) char *escaped = encoded && !first && strcmp(text, "/") != 0 ? site_escape(text) : NULL;
		buf_puts(&out, escaped ? escaped : text);
		first = false;
	}
	return cJSON_CreateString(buf_text(&out));
}

cJSON *replay_value(void *user, const char *name, const cJSON *node)
{
	struct replay *r = user;
	const char *kind = json_str(node, "$");

	(void)name;
	if (!kind)
		return cJSON_IsObject(node) ? lacks(r, "a value of a kind that is not known") : cJSON_Duplicate(node, true);
	if (!strcmp(kind, "field"))
		return given(r, node);
	if (!strcmp(kind, "choice"))
		return chosen(r, node);
	if (!strcmp(kind, "file"))
		return file_of(r, node);
	if (!strcmp(kind, "from"))
		return from_answer(r, node);
	if (!strcmp(kind, "cookie"))
		return cookie_of(r, node);
	if (!strcmp(kind, "text"))
		return joined(r, node);
	if (!strcmp(kind, "time"))
		return time_now(json_str(node, "unit") ? json_str(node, "unit") : "ms");
	if (!strcmp(kind, "uuid"))
		return new_uuid(r);
	if (!strcmp(kind, "json")) {
		AUTO(json) cJSON *inner = body_map_tree(json_at(node, "value"), replay_value, r);
		AUTO(text) char *text = inner ? json_print(inner) : NULL;
		return text ? cJSON_CreateString(text) : NULL;
	}
	return lacks(r, "a value of a kind that is not known");
}
