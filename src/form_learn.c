#include "src/form_learn.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "cdp/network.h"
#include "src/form_body.h"
#include "src/form_site.h"
#include "src/form_socket.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { PART_MIN = 4, LONG_MIN = 8 /* no chance */, NEAR_S = 3600, CONSTANT_MAX = 4096, ANSWERS_MAX = 64 };

struct learning {
	const struct form_lesson *lesson;
	size_t step;                 /* of lesson->sent, which is being learned */
	bool is_header;
	bool used[ANSWERS_MAX];      /* of lesson->answers */
	cJSON *mapping, *dynamic;
	char *why;
};

static cJSON *give_up(struct learning *l, const char *name, const char *what)
{
	if (!l->why)
		l->why = xasprintf("\"%s\" of the request %s", *name ? name : "body", what);
	return NULL;
}

/* ---- names ---- */

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

/* The control that was filled in with the field KEY. */
static const cJSON *control_of(const struct form_lesson *lesson, const char *key)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, lesson->fields)
		if (json_str(field, "key") && !strcmp(json_str(field, "key"), key))
			return field;
	return NULL;
}

static bool is_named(const struct form_lesson *lesson, const char *key, const char *name)
{
	const char *control = json_str(control_of(lesson, key), "name");

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
static cJSON *field_of(struct learning *l, const char *name, const char *text, bool is_number)
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
		return give_up(l, name, "is made by the page's scripts");
	return best ? marked_field(l, best->name, name, is_number ? "number" : as) : NULL;
}

/* A control that offers values sends its own word for what was given. */
static cJSON *choice_of(struct learning *l, const char *name, const char *text)
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

static cJSON *boolean_of(struct learning *l, const char *name, const cJSON *value)
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
static cJSON *text_around(struct learning *l, const char *name, const char *text)
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

/* ---- what the page made of something ---- */

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
		if (!name || !value || strlen(value) < PART_MIN)
			continue;
		AUTO(text) char *decoded = body_decode(value, strlen(value));
		if (!strcmp(value, text))
			return json_object(JSON_STR("$", "cookie"), JSON_STR("name", name));
		if (!strcmp(decoded, text))
			return json_object(JSON_STR("$", "cookie"), JSON_STR("name", name), JSON_BOOL("decoded", true));
	}
	return NULL;
}

static cJSON *answer_of(struct learning *l, const char *text)
{
	const struct form_lesson *lesson = l->lesson;

	for (size_t i = l->step; i-- > 0;) {
		cJSON *source = source_find(&lesson->sent[i].answer, text);
		AUTO(text) char *id = xasprintf("s%zu", i);
		if (source)
			return json_object(JSON_STR("$", "from"), JSON_STR("id", id), JSON_NODE("source", source));
	}
	for (size_t i = 0; i < lesson->answer_count && i < ANSWERS_MAX; i++) {
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

static cJSON *made_of(struct learning *l, const char *name, const char *text)
{
	/* What a page sends twice, as a cookie and beside it, is read from the cookie. */
	cJSON *found = l->is_header ? cookie_of(l, text) : NULL;

	found = found ? found : answer_of(l, text);
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

/* ---- one value ---- */

static cJSON *learn_leaf(void *user, const char *name, const cJSON *value);

static cJSON *learn_inner_json(struct learning *l, const char *text)
{
	if (*text != '{' && *text != '[')
		return NULL;
	AUTO(json) cJSON *inner = json_parse_ids(text, strlen(text), NULL);
	cJSON *mapped = inner ? body_map_tree(inner, learn_leaf, l) : NULL;
	return mapped ? json_object(JSON_STR("$", "json"), JSON_NODE("value", mapped)) : NULL;
}

/* "Bearer eyJ…": word by word. */
static cJSON *learn_words(struct learning *l, const char *name, const char *text)
{
	AUTO(json) cJSON *parts = cJSON_CreateArray();

	while (*text) {
		const size_t size = strcspn(text, " "), gap = strspn(text + size, " ");
		AUTO(text) char *word = xstrndup(text, size);
		AUTO(text) char *space = xstrndup(text + size, gap);
		cJSON *mapped = source_is_made("", word) ? made_of(l, name, word) : cJSON_CreateString(word);
		if (!mapped)
			return give_up(l, name, "is made by the page's scripts");
		json_add(parts, JSON_NODE(NULL, mapped));
		if (gap)
			json_add(parts, JSON_STR(NULL, space));
		text += size + gap;
	}
	return json_object(JSON_STR("$", "text"), JSON_NODE("parts", TAKE(parts)));
}

static bool has_made_word(const char *text)
{
	if (strchr(text, '{') || strchr(text, '('))
		return false; /* code: a query of GraphQL */
	while (*text) {
		const size_t size = strcspn(text, " \t\r\n");
		AUTO(text) char *word = xstrndup(text, size);
		if (source_is_made("", word))
			return true;
		text += size + strspn(text + size, " \t\r\n");
	}
	return false;
}

static cJSON *learn_text(struct learning *l, const char *name, const char *text, bool is_number)
{
	cJSON *found = choice_of(l, name, text);

	found = found ? found : field_of(l, name, text, is_number);
	if (l->why)
		return NULL;
	found = found ? found : learn_inner_json(l, text);
	if (l->why)
		return NULL;
	if (!found && *text == '{' && strchr(text, '"') && strlen(text) > CONSTANT_MAX)
		return give_up(l, name, "is too long");
	found = found ? found : text_around(l, name, text);
	if (found || !*text)
		return found ? found : cJSON_CreateString("");
	if (source_is_made(name, text)) {
		found = made_of(l, name, text);
		return found ? found : give_up(l, name, "is made by the page's scripts");
	}
	if (has_made_word(text))
		return learn_words(l, name, text);
	return strlen(text) <= CONSTANT_MAX ? cJSON_CreateString(text) : give_up(l, name, "is too long");
}

static cJSON *learn_leaf(void *user, const char *name, const cJSON *value)
{
	struct learning *l = user;
	const struct form_file *file = json_at(value, "filename") ? form_request_file(l->lesson->request, name) : NULL;
	char number[32];

	if (cJSON_GetObjectItemCaseSensitive(value, "$"))
		return give_up(l, name, "has a member \"$\"");
	if (cJSON_IsBool(value))
		return boolean_of(l, name, value);
	if (cJSON_IsString(value))
		return learn_text(l, name, value->valuestring, false);
	if (cJSON_IsNumber(value)) {
		(void)snprintf(number, sizeof number, "%.15g", value->valuedouble);
		AUTO(json) cJSON *found = learn_text(l, name, number, true);
		return !found || (cJSON_IsString(found) && !l->why) ? found ? cJSON_Duplicate(value, true) : NULL : TAKE(found);
	}
	if (json_at(value, "filename"))
		return file ? json_object(JSON_STR("$", "file"), JSON_STR("name", file->name), JSON_STR("type", json_str(value, "type")))
			: cJSON_CreateNull();
	return cJSON_Duplicate(value, true);
}

/* ---- one request ---- */

/* The path's parts one by one: ids are in it, and now and then what was typed. */
static cJSON *learn_url(struct learning *l, const char *url)
{
	AUTO(text) char *bare = xstrndup(url, strcspn(url, "?#"));
	AUTO(text) char *origin = site_origin(bare);
	const char *path = strstr(bare, "://") ? strstr(bare, "://") + 3 : bare;
	AUTO(json) cJSON *parts = cJSON_CreateArray();
	bool any = false;

	path += strcspn(path, "/");
	if (!origin)
		return give_up(l, "address", "cannot be read");
	json_add(parts, JSON_STR(NULL, origin));
	while (*path) {
		const size_t size = strcspn(path + 1, "/");
		AUTO(text) char *segment = body_decode(path + 1, size);
		cJSON *mapped = source_is_made("", segment) || strlen(segment) >= PART_MIN ? learn_text(l, "address", segment, false)
			: cJSON_CreateString(segment);
		if (!mapped)
			return NULL;
		any = any || cJSON_IsObject(mapped);
		json_add(parts, JSON_STR(NULL, "/"));
		json_add(parts, JSON_NODE(NULL, mapped));
		path += size + 1;
	}
	if (!any)
		return cJSON_CreateString(bare);
	return json_object(JSON_STR("$", "text"), JSON_BOOL("encoded", true), JSON_NODE("parts", TAKE(parts)));
}

static bool is_own_header(const char *name)
{
	static const char *const others[] = { "host", "connection", "content-length", "content-type", "cookie", "origin", "referer",
		"user-agent", "accept-encoding", "accept-language", "upgrade-insecure-requests", "cache-control", "pragma", "priority",
		"dnt", "te", "if-none-match", "if-modified-since", "transfer-encoding", "expect", "range", "downlink", "rtt", "ect" };

	if (*name == ':' || !strncasecmp(name, "sec-", 4))
		return false;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcasecmp(name, others[i]))
			return false;
	return true;
}

static cJSON *learn_headers(struct learning *l, const cJSON *headers)
{
	AUTO(json) cJSON *out = cJSON_CreateObject();
	const cJSON *one;

	l->is_header = true;
	cJSON_ArrayForEach(one, headers) {
		if (!cJSON_IsString(one) || !is_own_header(one->string))
			continue;
		cJSON *mapped = learn_text(l, one->string, one->valuestring, false);
		if (!mapped)
			return NULL;
		cJSON_AddItemToObject(out, one->string, mapped);
	}
	l->is_header = false;
	return TAKE(out);
}

/* A name of a field that is an id of the site's present build: React's server actions. */
static void learn_names(struct learning *l, cJSON *document)
{
	static const char prefix[] = "$ACTION_";
	cJSON *item;

	cJSON_ArrayForEach(item, (cJSON *)(uintptr_t)json_list(document, "items")) {
		const char *name = json_str(item, "name");
		if (!name || strncmp(name, prefix, sizeof prefix - 1) != 0)
			continue;
		cJSON *found = answer_of(l, name);
		if (found && !strcmp(json_str(found, "source.$"), "text"))
			cJSON_ReplaceItemInObjectCaseSensitive(item, "name", found);
		else
			cJSON_Delete(found);
	}
}

static cJSON *learn_step(struct learning *l, const struct form_sent *sent)
{
	const char *query = strchr(sent->url, '?');
	AUTO(text) char *own = query ? xstrndup(query + 1, strcspn(query + 1, "#")) : NULL;
	AUTO(json) cJSON *items = own ? body_parse_query(own) : NULL;
	const char *content = sent->body;
	AUTO(text) char *prefix = sent->by_socket ? xstrndup(sent->body, form_socket_prefix(sent->body, &content)) : NULL;
	AUTO(json) cJSON *document = content ? body_parse(form_sent_type(sent), content, strlen(content)) : NULL;
	AUTO(text) char *id = xasprintf("s%zu", l->step);
	AUTO(json) cJSON *url = learn_url(l, sent->url), *mapped_query = NULL, *headers = NULL, *body = NULL;

	learn_names(l, document);
	if (!url || (items && !(mapped_query = body_map_items(items, learn_leaf, l))) || !(headers = learn_headers(l, sent->headers))
			|| (document && !(body = body_map(document, learn_leaf, l))))
		return NULL;
	return json_object(JSON_STR("id", id), JSON_STR("method", sent->method), JSON_NODE("url", TAKE(url)),
		JSON_NODE("query", TAKE(mapped_query)), JSON_NODE("headers", TAKE(headers)), JSON_NODE("body", TAKE(body)),
		JSON_BOOL("byDocument", sent->by_document), JSON_STR("prefix", prefix), JSON_NODE("success",
			form_learn_success(&sent->answer)));
}

/* ---- how it looks when all is well ---- */

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
		mix(hash, strlen(node->valuestring) <= 24 && !strpbrk(node->valuestring, "0123456789") ? node->valuestring : "s");
	else
		mix(hash, cJSON_IsNumber(node) ? "d" : cJSON_IsArray(node) ? "a" : "o");
	if (cJSON_IsArray(node) && !cJSON_GetArrayItem(node, 0))
		mix(hash, "empty");
	if (depth < 6)
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

cJSON *form_learn_success(const struct form_answer *answer)
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

/* ---- all of it ---- */

static bool is_page(const struct form_lesson *lesson, const char *url)
{
	AUTO(text) char *a = xstrndup(url, strcspn(url, "#"));
	AUTO(text) char *b = xstrndup(lesson->page_url, strcspn(lesson->page_url, "#"));

	return !strcmp(a, b);
}

static bool is_cookie_of(const char *url, const char *domain)
{
	AUTO(text) char *as_url = domain ? xasprintf("https://%s/", domain + (*domain == '.')) : NULL;

	return as_url && site_is_same(url, as_url);
}

/* The requests that come first, in their order.  With cookies, the page is one of them: it may be what sets them. */
static cJSON *prepare_list(struct learning *l)
{
	const struct form_lesson *lesson = l->lesson;
	AUTO(json) cJSON *list = cJSON_CreateArray();
	const cJSON *one;
	bool cookies = false;

	cJSON_ArrayForEach(one, lesson->cookies)
		cookies = cookies || is_cookie_of(lesson->page_url, json_str(one, "domain"));
	for (size_t i = 0; cookies && i < lesson->answer_count && i < ANSWERS_MAX; i++)
		if (form_answer_is_html(&lesson->answers[i]) && is_page(lesson, lesson->answers[i].url)) {
			l->used[i] = true;
			break;
		}
	for (size_t i = lesson->answer_count < ANSWERS_MAX ? lesson->answer_count : ANSWERS_MAX; i-- > 0;) {
		if (!l->used[i])
			continue;
		AUTO(text) char *id = xasprintf("a%zu", i);
		AUTO(text) char *kept = site_kept(lesson->answers[i].url);
		const bool page = is_page(lesson, lesson->answers[i].url);
		if (!page && strchr(kept, '*'))
			return give_up(l, "an earlier request", "has an address that is made each time");
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("id", id), JSON_STR("url", page ? NULL : lesson->answers[i].url))));
	}
	return TAKE(list);
}

/* What a message over a websocket is called: socket.io's is a list that begins with it. */
static char *event_of(const char *text, bool *is_list)
{
	const char *content;
	(void)form_socket_prefix(text, &content);
	AUTO(json) cJSON *json = json_parse(content, strlen(content), NULL);
	const char *name = json_str(json, "event");

	*is_list = cJSON_IsArray(json);
	name = name ? name : *is_list ? json_str(json, "0") : json_str(json, "type");
	return copy_of(name && strlen(name) < 64 && !source_is_made("", name) ? name : NULL);
}

static void add_socket(cJSON *pattern, const struct form_sent *sent)
{
	bool is_list, other;
	AUTO(text) char *event = event_of(sent->body, &is_list);
	AUTO(text) char *answer = sent->answer.body ? event_of(sent->answer.body, &other) : NULL;
	AUTO(text) char *url = site_kept(sent->url);

	json_add(pattern, JSON_NODE("websocketPattern", json_object(JSON_STR("wsUrl", url), JSON_STR("eventName", event),
		JSON_STR("protocol", is_list || strstr(sent->url, "socket.io") ? "socket.io" : "websocket"),
		JSON_STR("responseEvent", answer))));
}

/* What kind of request the last one is, and what those who look at it want to know. */
static void add_kind(cJSON *pattern, const struct form_sent *sent)
{
	AUTO(json) cJSON *document = sent->body ? body_parse(form_sent_type(sent), sent->body, strlen(sent->body)) : NULL;
	const cJSON *json = json_at(document, "json");
	const char *query = json_str(json, "query"), *method = json_str(json, "method");
	const char *mutation = query ? strstr(query, "mutation") : NULL;
	const char *encoding = json_str(document, "encoding"), *type = "rest";

	if (sent->by_socket) {
		type = "websocket";
		add_socket(pattern, sent);
	} else if (cdp_exchange_header(sent->headers, "next-action")) {
		type = "server-action";
		json_add(pattern, JSON_NODE("serverActionPattern", json_object(JSON_STR("framework", "nextjs"), JSON_BOOL("isStableId",
			false))));
	} else if (mutation || (query && strstr(sent->url, "graphql"))) {
		const char *name = mutation ? mutation + 8 + strspn(mutation + 8, " \n\t") : "";
		AUTO(text) char *own = xstrndup(name, strcspn(name, " ({\n\t"));
		type = "graphql";
		json_add(pattern, JSON_NODE("graphqlMutation", json_object(JSON_STR("mutationName", own),
			JSON_NODE("variableMapping", cJSON_Duplicate(json_at(pattern, "fieldMapping"), true)))));
	} else if (json_at(json, "jsonrpc") || (method && json_at(json, "params") && json_at(json, "id"))) {
		type = "json-rpc";
		json_add(pattern, JSON_NODE("jsonRpcMethod", json_object(JSON_STR("methodName", method),
			JSON_STR("version", json_at(json, "jsonrpc") ? "2.0" : "1.0"),
			JSON_NODE("paramsMapping", cJSON_Duplicate(json_at(pattern, "fieldMapping"), true)))));
	}
	json_add(pattern, JSON_STR("patternType", type));
	json_add(pattern, JSON_STR("method", sent->method));
	json_add(pattern, JSON_STR("encoding", encoding ? encoding : "none"));
}

static bool all_mapped(struct learning *l)
{
	const struct form_request *r = l->lesson->request;

	for (size_t i = 0; i < r->field_count; i++)
		if (*secret_reveal(r->fields[i].value) && !cJSON_HasObjectItem(l->mapping, r->fields[i].name)) {
			const cJSON *control = control_of(l->lesson, r->fields[i].name);
			const char *kind = json_str(control, "kind");
			if (!kind || strcmp(kind, "checkbox") != 0) /* one that is off is not sent */
				return give_up(l, r->fields[i].name, "is not in what the page sent") != NULL;
			give_up(l, r->fields[i].name, "was not ticked, so it is not known what it sends");
			return false;
		}
	return true;
}

static cJSON *learn_all(struct learning *l)
{
	const struct form_lesson *lesson = l->lesson;
	const struct form_sent *last = &lesson->sent[lesson->sent_count - 1];
	AUTO(json) cJSON *steps = cJSON_CreateArray();

	for (l->step = 0; l->step < lesson->sent_count; l->step++) {
		cJSON *step = learn_step(l, &lesson->sent[l->step]);
		if (!step)
			return NULL;
		json_add(steps, JSON_NODE(NULL, step));
	}
	AUTO(json) cJSON *prepare = all_mapped(l) ? prepare_list(l) : NULL;
	if (!prepare)
		return NULL;
	AUTO(text) char *endpoint = site_kept(last->url);
	cJSON *required = cJSON_CreateArray(), *files = cJSON_CreateArray();
	for (size_t i = 0; i < lesson->request->field_count; i++)
		json_add(required, JSON_STR(NULL, lesson->request->fields[i].name));
	for (size_t i = 0; i < lesson->request->file_count; i++)
		json_add(files, JSON_STR(NULL, lesson->request->files[i].name));
	cJSON *pattern = json_object(JSON_STR("apiEndpoint", endpoint), JSON_NODE("fieldMapping", TAKE(l->mapping)),
		JSON_NODE("fileFields", files), JSON_NODE("requiredFields", required), JSON_NODE("dynamicFields", TAKE(l->dynamic)),
		JSON_STR("userAgent", cdp_exchange_header(last->headers, "user-agent")),
		JSON_STR("language", cdp_exchange_header(last->headers, "accept-language")),
		JSON_BOOL("password", lesson->has_password), JSON_NODE("prepare", TAKE(prepare)), JSON_NODE("steps", TAKE(steps)),
		JSON_NODE("successIndicators", form_learn_success(&last->answer)));
	add_kind(pattern, last);
	return pattern;
}

cJSON *form_learn(const struct form_lesson *lesson, char **why)
{
	struct learning l = { .lesson = lesson, .mapping = cJSON_CreateObject(), .dynamic = cJSON_CreateArray() };
	cJSON *pattern = lesson->sent_count ? learn_all(&l) : (give_up(&l, "body", "was never seen"), NULL);

	cJSON_Delete(l.mapping);
	cJSON_Delete(l.dynamic);
	if (pattern)
		free(l.why);
	else
		*why = l.why ? l.why : xstrdup("what the page sent is larger than what is learned");
	return pattern;
}
