/* The record of requests: see network.h. */
#include "cdp/network.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/page_impl.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

enum {
	BODY_ONE_MAX = 256 << 20, /* what the browser keeps of one body … */
	BODY_ALL_MAX = 512 << 20, /* … and of all */
};

struct kept {
	struct cdp_exchange shown;
	char id[CDP_ID_MAX]; /* the browser's; redirects share one */
	struct cdp_session *session; /* where its body is */
	double began;                /* on the browser's clock, in seconds */
	cJSON *request_headers, *response_headers;
	struct cdp_reply *post; /* with a body that was not told; NULL */
};

struct cdp_network {
	struct kept *ring; /* CDP_EXCHANGES_MAX of them */
	unsigned long long last;
};

/* HTTP authentication: see cdp_page_authenticate(). */
struct cdp_login {
	char *origin, *user;
	const struct secret *password;
	char tried[CDP_ID_MAX]; /* the request that was answered last */
};

cJSON *cdp_network_durable(void)
{
	return json_object(JSON_INT("maxTotalBufferSize", BODY_ALL_MAX),
		JSON_INT("maxResourceBufferSize", BODY_ONE_MAX));
}

static void kept_clear(struct kept *k)
{
	cdp_reply_free(k->post);
	free((char *)k->shown.method);
	free((char *)k->shown.url);
	free((char *)k->shown.type);
	free((char *)k->shown.mime);
	free((char *)k->shown.failure);
	if (k->shown.post_data)
		secret_wipe((char *)k->shown.post_data, strlen(k->shown.post_data));
	free((char *)k->shown.post_data);
	cJSON_Delete(k->request_headers);
	cJSON_Delete(k->response_headers);
	*k = (struct kept){ 0 };
}

void cdp_network_free(struct cdp_page *page)
{
	if (page->network) {
		for (int i = 0; page->network->ring && i < CDP_EXCHANGES_MAX; i++)
			kept_clear(&page->network->ring[i]);
		free(page->network->ring);
		free(page->network);
	}
	if (page->login) {
		free(page->login->origin);
		free(page->login->user);
		free(page->login);
	}
}

static struct kept *kept_at(const struct cdp_network *n, unsigned long long number)
{
	struct kept *k = n && n->ring ? &n->ring[number % CDP_EXCHANGES_MAX] : NULL;

	return k && k->shown.number == number && number ? k : NULL;
}

static unsigned long long first_number(const struct cdp_network *n)
{
	return n->last > CDP_EXCHANGES_MAX ? n->last - CDP_EXCHANGES_MAX + 1 : 1;
}

/* The latest exchange of a request, the one an event is about. */
static struct kept *kept_by_id(const struct cdp_page *page, const char *id)
{
	const struct cdp_network *n = page->network;

	for (unsigned long long i = n && id ? n->last : 0; i > 0 && i >= first_number(n); i--) {
		struct kept *k = kept_at(n, i);
		if (k && !strcmp(k->id, id))
			return k;
	}
	return NULL;
}

static struct kept *kept_new(struct cdp_page *page)
{
	if (!page->network)
		page->network = xcalloc(1, sizeof *page->network);
	if (!page->network->ring)
		page->network->ring = xcalloc(CDP_EXCHANGES_MAX, sizeof *page->network->ring);

	const unsigned long long number = ++page->network->last;
	struct kept *k = &page->network->ring[number % CDP_EXCHANGES_MAX];
	kept_clear(k);
	k->shown.number = number;
	return k;
}

static void take_response(struct kept *k, const cJSON *response)
{
	int64_t status = 0;

	(void)json_int(response, "status", &status); /* absent: stays 0 */
	k->shown.status = (int)status;
	free((char *)k->shown.mime);
	k->shown.mime = copy_of(json_str(response, "mimeType"));
	k->shown.from_cache = json_true(response, "fromDiskCache");
	cJSON_Delete(k->response_headers);
	k->response_headers = cJSON_Duplicate(json_at(response, "headers"), true);
	k->shown.response_headers = k->response_headers;
}

static void finish(struct kept *k, const cJSON *params)
{
	double now = k->began;

	(void)json_num(params, "timestamp", &now); /* absent: it took no time */
	k->shown.took_s = now - k->began;
	k->shown.finished = true;
}

/* A form with files is not told with its request.  It has to be asked for before the page is left. */
static void ask_post_data(struct cdp_page *page, struct kept *k, const cJSON *headers)
{
	const char *type = cdp_exchange_header(headers, "content-type");

	if (type && !strncasecmp(type, "multipart/", 10))
		k->post = cdp_send(page->browser->conn, k->session, "Network.getRequestPostData",
			json_object(JSON_STR("requestId", k->id)));
}

static void take_post_data(struct kept *k)
{
	if (!k->post || !cdp_reply_done(k->post))
		return;
	AUTO(json) cJSON *answer = cdp_reply_wait(TAKE(k->post), deadline_in_ms(0), NULL);
	k->shown.post_data = copy_of(json_str(answer, "postData"));
}

void cdp_network_on_request(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "requestId");
	const cJSON *redirect = json_at(params, "redirectResponse");

	(void)browser;
	if (!page || !id)
		return;
	int redirects = 0;
	if (redirect) {
		struct kept *before = kept_by_id(page, id);
		if (before) {
			take_response(before, redirect);
			finish(before, params);
			redirects = before->shown.redirects + 1;
		}
	}
	struct kept *k = kept_new(page);
	(void)snprintf(k->id, sizeof k->id, "%s", id);
	k->session = session;
	k->shown.redirects = redirects;
	(void)json_num(params, "wallTime", &k->shown.started_s); /* absent: stays 0 */
	(void)json_num(params, "timestamp", &k->began);
	k->shown.method = copy_of(json_str(params, "request.method"));
	k->shown.url = copy_of(json_str(params, "request.url"));
	k->shown.type = copy_of(json_str(params, "type"));
	k->shown.post_data = copy_of(json_str(params, "request.postData"));
	if (!k->shown.post_data && json_true(params, "request.hasPostData"))
		ask_post_data(page, k, json_at(params, "request.headers"));
	k->request_headers = cJSON_Duplicate(json_at(params, "request.headers"), true);
	k->shown.request_headers = k->request_headers;
}

/* What was really sent, on another channel: before or after the request itself. */
void cdp_network_on_request_extra(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	struct kept *k = page ? kept_by_id(page, json_str(params, "requestId")) : NULL;
	const cJSON *headers = json_at(params, "headers");

	(void)browser;
	if (!k || !headers)
		return;
	cJSON_Delete(k->request_headers);
	k->request_headers = cJSON_Duplicate(headers, true);
	k->shown.request_headers = k->request_headers;
}

void cdp_network_on_response(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	struct kept *k = page ? kept_by_id(page, json_str(params, "requestId")) : NULL;

	(void)browser;
	if (k)
		take_response(k, json_at(params, "response"));
}

void cdp_network_on_finished(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	struct kept *k = page ? kept_by_id(page, json_str(params, "requestId")) : NULL;

	(void)browser;
	if (!k)
		return;
	k->session = session; /* a frame's document starts in one process and ends in another */
	finish(k, params);
}

void cdp_network_on_failed(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	struct kept *k = page ? kept_by_id(page, json_str(params, "requestId")) : NULL;

	(void)browser;
	if (!k)
		return;
	free((char *)k->shown.failure);
	k->shown.failure = copy_of(json_str(params, "errorText"));
	finish(k, params);
}

/* ---- looking ---- */

unsigned long long cdp_network_now(const struct cdp_page *page)
{
	return page->network ? page->network->last : 0;
}

static bool matches(const struct cdp_exchange *x, const struct cdp_exchange_match *m)
{
	return (!m->url_part || (x->url && strstr(x->url, m->url_part)))
		&& (!m->method || (x->method && !strcmp(x->method, m->method)))
		&& (!m->answered || x->status || x->failure)
		&& (!m->finished || x->finished);
}

const struct cdp_exchange *cdp_network_find(struct cdp_page *page, const struct cdp_exchange_match *match)
{
	const struct cdp_network *n = page->network;

	if (!n)
		return NULL;
	unsigned long long i = first_number(n);
	for (i = i > match->after ? i : match->after + 1; i <= n->last; i++) {
		struct kept *k = kept_at(n, i);
		if (k)
			take_post_data(k);
		if (k && matches(&k->shown, match))
			return &k->shown;
	}
	return NULL;
}

const struct cdp_exchange *cdp_network_wait(struct cdp_page *page, const struct cdp_exchange_match *match,
	struct deadline until, struct error *err)
{
	const struct cdp_exchange *found;

	while (!(found = cdp_network_find(page, match))) {
		if (page->session->dead) {
			cdp_session_fail(page->session, err);
			return NULL;
		}
		if (!cdp_page_service(page, until, err)) {
			error_wrap(err, "waiting for a request to %s", match->url_part ? match->url_part : "anywhere");
			return NULL;
		}
	}
	return found;
}

const char *cdp_exchange_header(const cJSON *headers, const char *name)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, headers)
		if (item->string && !strcasecmp(item->string, name) && cJSON_IsString(item))
			return item->valuestring;
	return NULL;
}

bool cdp_network_visit(struct cdp_page *page, const char *loader, struct cdp_visit *visit)
{
	/* A document's request has its loader's id. */
	const struct kept *k = loader && *loader ? kept_by_id(page, loader) : NULL;

	if (!k)
		return false;
	visit->status = k->shown.status;
	visit->redirects = k->shown.redirects;
	return true;
}

/* ---- bodies ---- */

static char *decode_base64(const char *text, size_t *size, struct error *err)
{
	const size_t length = strlen(text);
	unsigned char *out = xmalloc(length / 4 * 3 + 4);
	const int got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)length);
	size_t padding = 0;

	if (got < 0) {
		free(out);
		fail(err, ERR_PROTOCOL, "Network.getResponseBody: not Base64");
		return NULL;
	}
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	*size = (size_t)got - padding;
	out[*size] = '\0';
	return (char *)out;
}

char *cdp_network_body(struct cdp_page *page, unsigned long long number, size_t *size,
	struct deadline until, struct error *err)
{
	struct kept *k;

	while ((k = kept_at(page->network, number)) && !k->shown.finished)
		if (!cdp_page_service(page, until, err)) {
			error_wrap(err, "waiting for a body");
			return NULL;
		}
	if (!k) {
		fail(err, ERR_LIMIT, "request %llu is not kept any more", number);
		return NULL;
	}
	if (k->shown.failure) {
		fail(err, ERR_NETWORK, "%s: %s", k->shown.url, k->shown.failure);
		return NULL;
	}
	AUTO(json) cJSON *answer = cdp_call(page->browser->conn, k->session, "Network.getResponseBody",
		json_object(JSON_STR("requestId", k->id)), until, err);
	const char *body = json_str(answer, "body");
	if (answer && !body)
		fail(err, ERR_PROTOCOL, "Network.getResponseBody: no body");
	if (!body)
		return NULL;
	if (json_true(answer, "base64Encoded"))
		return decode_base64(body, size, err);
	*size = strlen(body);
	return xstrdup(body);
}

bool cdp_network_block(struct cdp_page *page, const char *const *patterns, size_t count,
	struct error *err)
{
	cJSON *urls = cJSON_CreateArray();

	for (size_t i = 0; i < count; i++)
		json_add(urls, JSON_STR(NULL, patterns[i]));
	AUTO(json) cJSON *answer = cdp_call(page->browser->conn, page->session, "Network.setBlockedURLs",
		json_object(JSON_NODE("urls", urls)), deadline_in_ms(CDP_CALL_MS), err);
	return answer != NULL;
}

/* ---- authentication ---- */

bool cdp_page_authenticate(struct cdp_page *page, const char *origin, const char *user,
	const struct secret *password, struct error *err)
{
	if (!page->login)
		page->login = xcalloc(1, sizeof *page->login);
	free(page->login->origin);
	free(page->login->user);
	page->login->origin = xstrdup(origin);
	page->login->user = xstrdup(user);
	page->login->password = password;
	AUTO(json) cJSON *answer = cdp_call(page->browser->conn, page->session, "Fetch.enable",
		json_object(JSON_BOOL("handleAuthRequests", true)), deadline_in_ms(CDP_CALL_MS), err);
	return answer != NULL;
}

/* Where empty documents stand for the network's, requests get one; else they only stop here because
 * authentication is watched, and go on unchanged. */
void cdp_network_on_paused(void *browser, struct cdp_session *session, const cJSON *params)
{
	const char *id = json_str(params, "requestId");
	const struct cdp_page *page = cdp_page_of(session);
	struct cdp_browser *b = browser;

	/* <link rel=icon href=data:,>: else the browser asks the network for an icon, later. */
	static const char without_icon[] = "PGxpbmsgcmVsPWljb24gaHJlZj1kYXRhOiw+";
	if (session && id && page && page->empty_documents)
		cdp_post(b->conn, session, "Fetch.fulfillRequest", json_object(
			JSON_STR("requestId", id), JSON_INT("responseCode", 200),
			JSON_NODE("responseHeaders", json_array(JSON_NODE(NULL, json_object(
				JSON_STR("name", "Content-Type"), JSON_STR("value", "text/html"))))),
			JSON_STR("body", without_icon)));
	else if (session && id)
		cdp_post(b->conn, session, "Fetch.continueRequest", json_object(JSON_STR("requestId", id)));
}

void cdp_network_on_auth(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_browser *b = browser;
	struct cdp_page *page = cdp_page_of(session);
	struct cdp_login *login = page ? page->login : NULL;
	const char *id = json_str(params, "requestId"), *origin = json_str(params, "authChallenge.origin");
	const char *source = json_str(params, "authChallenge.source");

	if (!session || !id)
		return;
	const bool ours = login && origin && !strcmp(origin, login->origin)
		&& (!source || strcmp(source, "Proxy") != 0);
	const bool again = ours && !strcmp(login->tried, id);
	cJSON *answer = json_object(
		JSON_STR("response", !ours ? "Default" : again ? "CancelAuth" : "ProvideCredentials"),
		JSON_STR("username", ours && !again ? login->user : NULL),
		JSON_STR("password", ours && !again ? secret_reveal(login->password) : NULL));
	if (ours)
		(void)snprintf(login->tried, sizeof login->tried, "%s", id);
	cdp_post(b->conn, session, "Fetch.continueWithAuth",
		json_object(JSON_STR("requestId", id), JSON_NODE("authChallengeResponse", answer)));
}
