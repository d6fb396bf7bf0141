#include "src/form_capture.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/conn.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "src/form_body.h"
#include "src/form_site.h"
#include "src/form_socket.h"

#include <string.h>

enum {
	BODY_MS = 3000,
	LOOK_MS = 50,
	NOTHING_MS = 5000, /* for the first request to begin */
	CALM_MS = 150,     /* after the answer, for what it sets off */
	BETTER_MS = 1500,  /* for a request with more of the values */
	LOADED_MS = 10000,
	UNREAD_MS = 1500,  /* for the rest of an answer */
	PART_MIN = 3,      /* a shorter value inside another is chance */
	ANSWER_MAX = 2 << 20,
};

void form_sent_clear(struct form_sent *sent)
{
	free(sent->method);
	free(sent->url);
	cJSON_Delete(sent->headers);
	if (sent->body)
		secret_wipe(sent->body, strlen(sent->body));
	free(sent->body);
	form_answer_clear(&sent->answer);
	*sent = (struct form_sent){ 0 };
}

const char *form_sent_type(const struct form_sent *sent)
{
	return cdp_exchange_header(sent->headers, "content-type");
}

/* ---- whose values ---- */

struct overlap {
	const struct form_request *request;
	bool fields[FORM_FIELDS_MAX], files[FORM_FILES_MAX];
};

static cJSON *count_value(void *user, const char *name, const cJSON *value)
{
	struct overlap *o = user;
	const char *text = cJSON_IsString(value) ? value->valuestring : NULL;
	char number[32];

	if (cJSON_IsNumber(value)) {
		(void)snprintf(number, sizeof number, "%.15g", value->valuedouble);
		text = number;
	}
	for (size_t i = 0; text && i < o->request->field_count; i++) {
		const char *given = secret_reveal(o->request->fields[i].value);
		const bool same = !strcmp(text, given);
		o->fields[i] = o->fields[i] || (*given && (same || (strlen(given) >= PART_MIN && strstr(text, given))));
	}
	for (size_t i = 0; i < o->request->file_count; i++)
		o->files[i] = o->files[i] || (json_at(value, "filename") && !strcmp(o->request->files[i].name, name));
	return cJSON_CreateNull();
}

int form_overlap(const struct form_request *request, const char *url, const char *type, const char *body)
{
	struct overlap o = { .request = request };
	const char *query = url ? strchr(url, '?') : NULL;
	AUTO(text) char *own = query ? xstrndup(query + 1, strcspn(query + 1, "#")) : NULL;
	AUTO(json) cJSON *items = own ? body_parse_query(own) : NULL;
	AUTO(json) cJSON *document = body ? body_parse(type, body, strlen(body)) : NULL;
	int count = 0;

	cJSON_Delete(items ? body_map_items(items, count_value, &o) : NULL);
	cJSON_Delete(document ? body_map(document, count_value, &o) : NULL);
	for (size_t i = 0; i < request->field_count; i++)
		count += o.fields[i];
	for (size_t i = 0; i < request->file_count; i++)
		count += o.files[i];
	return count;
}

static int overlap_of(const struct cdp_exchange *x, const struct form_request *request)
{
	if (!x->method || !x->url || !strcmp(x->method, "OPTIONS") || (x->type && !strcmp(x->type, "Image")))
		return 0;
	return form_overlap(request, x->url, cdp_exchange_header(x->request_headers, "content-type"), x->post_data);
}

/* The best so far: its number, 0: none.  Of two that hold as much, the one that is no beacon, and then the later. */
static unsigned long long best_after(struct cdp_page *page, const struct form_request *request, unsigned long long after,
	int *overlap)
{
	struct cdp_exchange_match match = { .after = after };
	unsigned long long best = 0;

	*overlap = 0;
	for (const struct cdp_exchange *x; (x = cdp_network_find(page, &match)); match.after = x->number) {
		const int count = overlap_of(x, request);
		const bool beacon = x->type && !strcmp(x->type, "Ping");
		if (count > *overlap || (count && count == *overlap && !beacon)) {
			best = x->number;
			*overlap = count;
		}
	}
	return best;
}

static const struct cdp_exchange *exchange_at(struct cdp_page *page, unsigned long long number)
{
	const struct cdp_exchange *x = cdp_network_find(page, &(struct cdp_exchange_match){ .after = number - 1 });

	return x && x->number == number ? x : NULL;
}

static bool is_answered(struct cdp_page *page, unsigned long long number)
{
	const struct cdp_exchange *x = exchange_at(page, number);

	return x && (x->status || x->failure);
}

static bool idle(struct cdp_page *page, struct error *err)
{
	struct error why = { 0 };

	if (cdp_conn_wait(cdp_page_conn(page), deadline_in_ms(LOOK_MS), &why) || why.code == ERR_TIMEOUT)
		return true;
	if (err)
		*err = why;
	return false;
}

/* Many pages look at the status alone, and never read what else there is; others have a long body to wait for. */
static void await_body(struct cdp_page *page, unsigned long long number)
{
	const struct deadline until = deadline_in_ms(UNREAD_MS);
	const struct cdp_exchange *x;

	while ((x = exchange_at(page, number)) && !x->finished && !deadline_passed(until) && idle(page, NULL))
		continue;
}

static bool is_going(struct cdp_page *page, unsigned long long after)
{
	struct cdp_exchange_match match = { .after = after };

	for (const struct cdp_exchange *x; (x = cdp_network_find(page, &match)); match.after = x->number)
		if (x->type && (!strcmp(x->type, "Document") || !strcmp(x->type, "XHR") || !strcmp(x->type, "Fetch"))
				&& !x->status && !x->failure)
			return true;
	return false;
}

/* A page that follows is there when it can be read. */
static void settle(struct cdp_page *page, unsigned long long after)
{
	const struct deadline until = deadline_in_ms(LOADED_MS);
	struct deadline calm = deadline_in_ms(CALM_MS);

	while (!deadline_passed(until)) {
		if (is_going(page, after))
			calm = deadline_in_ms(CALM_MS);
		if (deadline_passed(calm) || !idle(page, NULL))
			break;
	}
	cJSON_Delete(cdp_page_wait_eval(page, "document.readyState !== 'loading'", &(struct cdp_eval_opts){
		.isolated = true, .timeout_ms = LOADED_MS }, NULL));
}

bool form_capture_wait(struct cdp_page *page, struct form_sockets *sockets, const struct form_request *request,
	unsigned long long after, int wanted, struct deadline until, struct error *err)
{
	const struct deadline nothing = deadline_sooner(until, deadline_in_ms(NOTHING_MS));
	struct deadline better = DEADLINE_NEVER;
	unsigned long long best = 0;
	int overlap = 0;

	for (;;) {
		best = best_after(page, request, after, &overlap);
		const bool answered = best && is_answered(page, best);
		if (answered && better.at_us == INT64_MAX)
			better = deadline_in_ms(overlap < wanted ? BETTER_MS : 0);
		if (answered && deadline_passed(better))
			break;
		if (!best && form_sockets_look(sockets, request))
			return true;
		if (!best && deadline_passed(nothing) && !is_going(page, after))
			return fail(err, ERR_LAYOUT, "the page sent nothing when the form was submitted");
		if (deadline_passed(until))
			return fail_timeout(err, ERR_NONE,
				"the form was submitted, and the site did not answer in time; it was not sent again");
		if (!idle(page, err))
			return false;
	}
	await_body(page, best);
	settle(page, after);
	return true;
}

/* ---- taking ---- */

static cJSON *header_list(const cJSON *headers)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach(one, headers)
		if (cJSON_IsString(one))
			json_add(list, JSON_NODE(NULL, json_object(JSON_STR("name", one->string), JSON_STR("value", one->valuestring))));
	return list;
}

static void take_answer(struct cdp_page *page, unsigned long long number, struct form_answer *out)
{
	const struct cdp_exchange *x = exchange_at(page, number);

	if (!x)
		return;
	*out = (struct form_answer){ .url = xstrdup(x->url), .status = x->status, .type = copy_of(x->mime),
		.headers = header_list(x->response_headers) };
	/* What the page has not read by now it never will, and then the browser does not have it. */
	const bool unread = !x->finished && x->type && strcmp(x->type, "Document") != 0;
	if (x->failure || unread || (x->status >= 300 && x->status < 400))
		return;
	out->body = cdp_network_body(page, number, &out->body_size, deadline_in_ms(BODY_MS), NULL);
	if (out->body && out->body_size > ANSWER_MAX) {
		free(TAKE(out->body));
		out->body_size = 0;
	}
}

static void take(struct cdp_page *page, const struct form_request *request, unsigned long long number, struct form_sent *out)
{
	const struct cdp_exchange *x = exchange_at(page, number);

	*out = (struct form_sent){ .number = number, .method = xstrdup(x->method), .url = xstrdup(x->url),
		.headers = cJSON_Duplicate(x->request_headers, true), .body = copy_of(x->post_data), .overlap = overlap_of(x, request),
		.by_document = x->type && !strcmp(x->type, "Document") };
	take_answer(page, number, &out->answer);
}

size_t form_capture_take(struct cdp_page *page, const struct form_request *request, unsigned long long after,
	struct form_sent out[FORM_SENT_MAX])
{
	struct cdp_exchange_match match = { .after = after };
	unsigned long long numbers[FORM_SENT_MAX];
	size_t count = 0;
	int overlap;
	const unsigned long long best = best_after(page, request, after, &overlap);

	const struct cdp_exchange *x;
	for (; best && (x = cdp_network_find(page, &match)) && x->number < best; match.after = x->number) {
		const bool beacon = x->type && !strcmp(x->type, "Ping");
		const bool passed_on = x->status == 307 || x->status == 308; /* the same comes again, elsewhere */
		if (count < FORM_SENT_MAX - 1 && !beacon && !passed_on && overlap_of(x, request) && site_is_same(x->url, exchange_at(page,
			best)->url))
			numbers[count++] = x->number;
	}
	if (best)
		numbers[count++] = best;
	for (size_t i = 0; i < count; i++)
		take(page, request, numbers[i], &out[i]);
	return count;
}

static bool may_be_source(const struct cdp_exchange *x, const char *types)
{
	return x->type && strstr(types, x->type) && x->method && (!strcmp(x->method, "GET") || !strcmp(x->type, "Document"))
		&& x->status >= 200
		&& (x->status < 300 || (x->status >= 400 && !strcmp(x->type, "Document")));
}

size_t form_capture_answers(struct cdp_page *page, unsigned long long before, const char *types, struct form_answer *out,
	size_t max)
{
	size_t count = 0;

	for (unsigned long long number = before; number && count < max; number--) {
		const struct cdp_exchange *x = exchange_at(page, number);
		if (x && may_be_source(x, types))
			take_answer(page, number, &out[count++]);
	}
	return count;
}
