#include "src/form_http.h"

#include "cdp/base/error.h"
#include "scrapers/fetch.h"
#include "src/form_site.h"
#include "src/interrupt.h"
#include "src/options.h"

#include <string.h>
#include <strings.h>

enum { REDIRECTS_MAX = 10, HEADERS_MAX = 48 };

void form_http_open(struct form_http *http, const struct form_opts *opts, const char *page, const char *user_agent,
	const char *language)
{
	struct fetch_network *network = xcalloc(1, sizeof *network);

	*network = (struct fetch_network){ .connect_to = opts->program->connect_to, .cacert = opts->program->cacert,
		.user_agent = user_agent, .stop = &interrupt_signal };
	*http = (struct form_http){ .opts = opts, .network = network, .client = client_new(network), .user_agent = user_agent,
		.language = language, .page = xstrdup(page) };
	client_add_cookies(http->client, json_list(opts->state, "cookies"));
}

void form_http_close(struct form_http *http)
{
	client_free(http->client);
	form_judge_clear(&http->judge);
	free(http->network);
	free(http->page);
	*http = (struct form_http){ 0 };
}

static struct deadline time_for_one(const struct form_http *http)
{
	return deadline_in_ms(http->opts->timeout_ms ? http->opts->timeout_ms : FORM_TIMEOUT_MS);
}

struct header_list {
	char *lines[HEADERS_MAX + 1];
	size_t count;
};

static void add(struct header_list *list, const char *name, const char *value)
{
	if (list->count < HEADERS_MAX && value && !strpbrk(value, "\r\n") && !strpbrk(name, "\r\n: "))
		list->lines[list->count++] = xasprintf(*value ? "%s: %s" : "%s;", name, value);
}

/* Origin and Referer as browsers have them by default (Fetch §3.2; strict-origin-when-cross-origin). */
static void add_origin(struct header_list *list, const struct form_http *http, const struct form_http_request *r)
{
	AUTO(text) char *own = site_origin(http->page);
	AUTO(text) char *other = site_origin(r->url);
	const bool same = own && other && !strcmp(own, other);
	AUTO(text) char *bare = xstrndup(http->page, strcspn(http->page, "#"));
	AUTO(text) char *short_one = own ? xasprintf("%s/", own) : NULL;

	if (r->method && strcmp(r->method, "GET") != 0)
		add(list, "Origin", own);
	if (strcmp(bare, r->url) != 0 || (r->method && strcmp(r->method, "GET") != 0))
		add(list, "Referer", same ? bare : short_one);
}

static void add_headers(struct header_list *list, const struct form_http *http, const struct form_http_request *r)
{
	const cJSON *one;
	bool accepts = false;

	cJSON_ArrayForEach(one, r->headers) {
		if (!cJSON_IsString(one))
			continue;
		add(list, one->string, one->valuestring);
		accepts = accepts || !strcasecmp(one->string, "accept");
	}
	if (!accepts)
		add(list, "Accept", r->by_document ? "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" : "*/*");
	add(list, "Accept-Language", http->language);
	add(list, "Content-Type", r->body ? r->type : NULL);
	add_origin(list, http, r);
}

static void take(struct client_reply *reply, const char *url, struct form_answer *out)
{
	const char *type = client_header(reply, "content-type");

	form_answer_clear(out);
	*out = (struct form_answer){ .url = xstrdup(url), .status = reply->status, .headers = cJSON_CreateArray(),
		.type = type ? xstrndup(type, strcspn(type, ";")) : NULL, .body_size = reply->body.size };
	(void)snprintf(out->reason, sizeof out->reason, "%s", reply->reason);
	for (size_t i = 0; i < reply->header_count; i++)
		json_add(out->headers, JSON_NODE(NULL, json_object(JSON_STR("name", reply->headers[i].name),
			JSON_STR("value", reply->headers[i].value))));
	out->body = buf_take(&reply->body);
}

bool form_http_send(struct form_http *http, const struct form_http_request *r, struct form_answer *first, bool *sent,
	struct error *err)
{
	struct header_list list = { 0 };
	AUTO(client_reply) struct client_reply reply = { 0 };
	const struct client_request request = { .method = r->method, .url = r->url, .headers = (const char *const *)list.lines,
		.body = r->body ? buf_text(r->body) : NULL, .body_size = r->body ? r->body->size : 0 };

	add_headers(&list, http, r);
	const bool ok = client_send(http->client, &request, time_for_one(http), &reply, err);
	for (size_t i = 0; i < list.count; i++)
		free(list.lines[i]);
	if (sent)
		*sent = reply.sent;
	if (ok)
		take(&reply, r->url, first);
	return ok;
}

static char *next_of(const struct form_answer *answer)
{
	const char *location = form_answer_header(answer, "location");

	return location && answer->status >= 300 && answer->status < 400 ? site_resolve(answer->url, location) : NULL;
}

bool form_http_follow(struct form_http *http, const struct form_answer *first, struct form_answer *last, struct error *err)
{
	const struct form_answer *at = first;

	for (int i = 0; i < REDIRECTS_MAX; i++) {
		AUTO(text) char *next = next_of(at);
		if (!next)
			return true;
		if (at->status == 307 || at->status == 308)
			return fail(err, ERR_BLOCKED, "the site wants the same sent to another address; it was not");
		struct form_answer got = { 0 };
		if (!site_may_follow(at->url, next, err)
				|| !form_http_send(http, &(struct form_http_request){ .url = next, .by_document = true }, &got, NULL, err))
			return false;
		form_answer_clear(last);
		*last = got;
		at = last;
	}
	return fail(err, ERR_LIMIT, "the site redirects more than %d times", REDIRECTS_MAX);
}
