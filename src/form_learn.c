#include "src/form_learn_impl.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "cdp/network.h"
#include "src/form_body.h"
#include "src/form_site.h"
#include "src/form_socket.h"
#include "src/form_success.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SEGMENT_MIN = 4, CONSTANT_MAX = 4096 };

cJSON *learn_give_up(struct learning *l, const char *name, const char *what)
{
	if (!l->why)
		l->why = xasprintf("\"%s\" of the request %s", *name ? name : "body", what);
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
			return learn_give_up(l, name, "is made by the page's scripts");
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
	cJSON *found = given_choice(l, name, text);

	found = found ? found : given_field(l, name, text, is_number);
	if (l->why)
		return NULL;
	found = found ? found : learn_inner_json(l, text);
	if (l->why)
		return NULL;
	if (!found && *text == '{' && strchr(text, '"') && strlen(text) > CONSTANT_MAX)
		return learn_give_up(l, name, "is too long");
	found = found ? found : given_around(l, name, text);
	if (found || !*text)
		return found ? found : cJSON_CreateString("");
	if (source_is_made(name, text)) {
		found = made_of(l, name, text);
		return found ? found : learn_give_up(l, name, "is made by the page's scripts");
	}
	if (has_made_word(text))
		return learn_words(l, name, text);
	return strlen(text) <= CONSTANT_MAX ? cJSON_CreateString(text) : learn_give_up(l, name, "is too long");
}

static cJSON *learn_leaf(void *user, const char *name, const cJSON *value)
{
	struct learning *l = user;
	const struct form_file *file = json_at(value, "filename") ? form_request_file(l->lesson->request, name) : NULL;
	char number[32];

	if (cJSON_GetObjectItemCaseSensitive(value, "$"))
		return learn_give_up(l, name, "has a member \"$\"");
	if (cJSON_IsBool(value))
		return given_boolean(l, name, value);
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
		return learn_give_up(l, "address", "cannot be read");
	json_add(parts, JSON_STR(NULL, origin));
	while (*path) {
		const size_t size = strcspn(path + 1, "/");
		AUTO(text) char *segment = body_decode(path + 1, size);
		cJSON *mapped = source_is_made("", segment) || strlen(segment) >= SEGMENT_MIN ? learn_text(l, "address", segment, false)
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
		cJSON *found = made_of_answer(l, name);
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
			form_success(&sent->answer)));
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
	for (size_t i = 0; cookies && i < lesson->answer_count && i < LEARN_ANSWERS_MAX; i++)
		if (form_answer_is_html(&lesson->answers[i]) && is_page(lesson, lesson->answers[i].url)) {
			l->used[i] = true;
			break;
		}
	for (size_t i = lesson->answer_count < LEARN_ANSWERS_MAX ? lesson->answer_count : LEARN_ANSWERS_MAX; i-- > 0;) {
		if (!l->used[i])
			continue;
		AUTO(text) char *id = xasprintf("a%zu", i);
		AUTO(text) char *kept = site_kept(lesson->answers[i].url);
		const bool page = is_page(lesson, lesson->answers[i].url);
		if (!page && strchr(kept, '*'))
			return learn_give_up(l, "an earlier request", "has an address that is made each time");
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("id", id), JSON_STR("url", page ? NULL : lesson->answers[i].url))));
	}
	return TAKE(list);
}

static bool all_mapped(struct learning *l)
{
	const struct form_request *r = l->lesson->request;

	for (size_t i = 0; i < r->field_count; i++)
		if (*secret_reveal(r->fields[i].value) && !cJSON_HasObjectItem(l->mapping, r->fields[i].name)) {
			const cJSON *control = given_control(l->lesson, r->fields[i].name);
			const char *kind = json_str(control, "kind");
			if (!kind || strcmp(kind, "checkbox") != 0) /* one that is off is not sent */
				return learn_give_up(l, r->fields[i].name, "is not in what the page sent") != NULL;
			learn_give_up(l, r->fields[i].name, "was not ticked, so it is not known what it sends");
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
		JSON_NODE("successIndicators", form_success(&last->answer)));
	learn_kind(pattern, last);
	return pattern;
}

cJSON *form_learn(const struct form_lesson *lesson, char **why)
{
	struct learning l = { .lesson = lesson, .mapping = cJSON_CreateObject(), .dynamic = cJSON_CreateArray() };
	cJSON *pattern = lesson->sent_count ? learn_all(&l) : (learn_give_up(&l, "body", "was never seen"), NULL);

	cJSON_Delete(l.mapping);
	cJSON_Delete(l.dynamic);
	if (pattern)
		free(l.why);
	else
		*why = l.why ? l.why : xstrdup("what the page sent is larger than what is learned");
	return pattern;
}
