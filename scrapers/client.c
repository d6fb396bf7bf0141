#include "scrapers/client.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "scrapers/fetch_impl.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct client {
	const struct fetch_network *network;
	CURL *easy;
	struct curl_slist *connect_to; /* for the host of URL, … */
	char *host;                    /* … which is this one */
};

struct client *client_new(const struct fetch_network *network)
{
	struct client *c = xcalloc(1, sizeof *c);

	*c = (struct client){ .network = network, .easy = curl_easy_init() };
	if (!c->easy)
		abort();
	/* A cookie of 1970 begins their keeping for good: CURLOPT_COOKIEFILE does not outlive curl_easy_reset(). */
	curl_easy_setopt(c->easy, CURLOPT_COOKIELIST, "none.invalid\tFALSE\t/\tFALSE\t1\tnone\tnone");
	return c;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->connect_to);
	free(c->host);
	free(c);
}

void client_reply_clear(struct client_reply *reply)
{
	buf_wipe(&reply->body); /* tokens */
	for (size_t i = 0; i < reply->header_count; i++) {
		free((char *)reply->headers[i].name);
		free((char *)reply->headers[i].value);
	}
	*reply = (struct client_reply){ 0 };
}

const char *client_header(const struct client_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (!strcasecmp(reply->headers[i].name, name))
			return reply->headers[i].value;
	return NULL;
}

/* ---- what libcurl calls ---- */

static struct client_reply *reply_of(void *user)
{
	return user;
}

static size_t on_body(char *data, size_t one, size_t size, void *user)
{
	(void)one;
	return buf_append(&reply_of(user)->body, data, size) ? size : 0;
}

static char *trimmed(const char *text, size_t size)
{
	for (; size && (*text == ' ' || *text == '\t'); size--)
		text++;
	while (size && strchr(" \t\r\n", text[size - 1]))
		size--;
	return xstrndup(text, size);
}

/* A status line begins the headers anew: those of "100 Continue" are no answer's. */
static size_t on_header(char *data, size_t one, size_t size, void *user)
{
	struct client_reply *reply = reply_of(user);
	const char *colon = memchr(data, ':', size);

	(void)one;
	if (size > 5 && !strncasecmp(data, "HTTP/", 5)) {
		AUTO(text) char *line = trimmed(data, size);
		const char *status = strchr(line, ' ');
		const char *reason = status ? strchr(status + 1, ' ') : NULL;
		for (size_t i = 0; i < reply->header_count; i++) {
			free((char *)reply->headers[i].name);
			free((char *)reply->headers[i].value);
		}
		reply->header_count = 0;
		(void)snprintf(reply->reason, sizeof reply->reason, "%s", reason ? reason + 1 : "");
	} else if (colon && reply->header_count < CLIENT_HEADERS_MAX) {
		const size_t name_size = (size_t)(colon - data);
		reply->headers[reply->header_count++] = (struct answer_header){
			.name = xstrndup(data, name_size), .value = trimmed(colon + 1, size - name_size - 1) };
	}
	return size;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct fetch_network *network = user;

	(void)total, (void)now, (void)up_total, (void)up_now;
	return network->stop && *network->stop;
}

struct upload {
	const char *at;
	size_t left;
};

static size_t on_upload(char *out, size_t one, size_t room, void *user)
{
	struct upload *upload = user;
	const size_t size = upload->left < room * one ? upload->left : room * one;

	memcpy(out, upload->at, size);
	upload->at += size;
	upload->left -= size;
	return size;
}

/* libcurl sends again by itself when a kept connection ends without an answer.  The site may have taken what it got: a
 * body that cannot be rewound makes an error of it. */
static int on_rewind(void *user, curl_off_t offset, int origin)
{
	(void)user, (void)offset, (void)origin;
	return CURL_SEEKFUNC_FAIL;
}

/* ---- sending ---- */

static bool is_http(const char *url)
{
	return !strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8);
}

static void route(struct client *c, const char *url)
{
	const char *start = strstr(url, "://") + 3;
	AUTO(text) char *host = xstrndup(start, strcspn(start, "/?#"));

	if (c->host && !strcmp(c->host, host))
		return;
	free(c->host);
	c->host = TAKE(host);
	curl_slist_free_all(c->connect_to);
	c->connect_to = fetch_connections(c->network, url);
}

static bool fail_transfer(const struct client *c, const struct client_reply *reply, CURLcode code, struct error *err)
{
	if (c->network->stop && *c->network->stop)
		return fail(err, ERR_CANCELLED, "interrupted");
	if (reply->body.full)
		return fail(err, ERR_LIMIT, "the answer has more than %d MB", CLIENT_REPLY_MAX >> 20);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return fail_timeout(err, ERR_NONE, "the site did not answer in time");
	return fail(err, ERR_NETWORK, "%s", curl_easy_strerror(code));
}

static void set_request(struct client *c, const struct client_request *r, struct curl_slist *headers, struct upload *upload,
	struct client_reply *out)
{
	CURL *e = c->easy;

	curl_easy_reset(e); /* keeps connections and cookies */
	fetch_prepare(e, c->network, r->url);
	curl_easy_setopt(e, CURLOPT_CONNECT_TO, c->connect_to);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, out);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(e, CURLOPT_XFERINFODATA, (void *)(uintptr_t)c->network);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	if (r->body) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_size);
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_upload);
		curl_easy_setopt(e, CURLOPT_READDATA, upload);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_rewind);
	}
	if (r->method && strcmp(r->method, r->body ? "POST" : "GET") != 0)
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
}

bool client_send(struct client *c, const struct client_request *r, struct deadline until, struct client_reply *out,
	struct error *err)
{
	long status = 0, request_size = 0;
	double seconds = 0;

	*out = (struct client_reply){ .body = { .size_max = CLIENT_REPLY_MAX } };
	if (!is_http(r->url))
		return fail(err, ERR_INPUT, "only http and https are spoken to");
	const int left_ms = deadline_left_ms(until);
	if (left_ms <= 0)
		return fail_timeout(err, ERR_NONE, "no time was left for the request");
	route(c, r->url);
	AUTO(list) struct curl_slist *headers = fetch_list(r->headers);
	/* A body of one megabyte and more would be announced first, which many sites do not know. */
	headers = curl_slist_append(headers, "Expect:");
	struct upload upload = { r->body, r->body_size };
	set_request(c, r, headers, &upload, out);
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	const CURLcode code = curl_easy_perform(c->easy);
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &request_size);
	curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME, &seconds);
	out->status = (int)status;
	out->sent = request_size > 0;
	out->ms = seconds * 1000;
	return code == CURLE_OK || fail_transfer(c, out, code, err);
}

/* ---- cookies ---- */

enum { COOKIE_FIELDS = 7 };

void client_add_cookies(struct client *c, const cJSON *cookies)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, cookies) {
		const char *name = json_str(one, "name"), *value = json_str(one, "value"), *domain = json_str(one, "domain");
		const char *path = json_str(one, "path");
		double expires = 0;
		if (!name || !value || !domain || strpbrk(name, "\t\r\n") || strpbrk(value, "\t\r\n"))
			continue;
		(void)json_num(one, "expires", &expires); /* -1 or absent: with the session */
		/* The format of cookies.txt. */
		AUTO(text) char *line = xasprintf("%s%s\t%s\t%s\t%s\t%.0f\t%s\t%s", json_true(one, "httpOnly") ? "#HttpOnly_" : "",
			domain, *domain == '.' ? "TRUE" : "FALSE", path ? path : "/", json_true(one, "secure") ? "TRUE" : "FALSE",
			expires > 0 ? expires : 0, name, value);
		curl_easy_setopt(c->easy, CURLOPT_COOKIELIST, line);
		secret_wipe(line, strlen(line));
	}
}

/* The parts of a line of cookies.txt, in LINE. */
static bool split(char *line, char *fields[COOKIE_FIELDS])
{
	size_t count = 0;

	for (char *at = line; count < COOKIE_FIELDS; count++) {
		fields[count] = at;
		at = count < COOKIE_FIELDS - 1 ? strchr(at, '\t') : NULL;
		if (!at)
			return count == COOKIE_FIELDS - 1;
		*at++ = '\0';
	}
	return true;
}

static cJSON *cookie_of(char *line)
{
	char *f[COOKIE_FIELDS];
	const bool http_only = !strncmp(line, "#HttpOnly_", 10);

	if (!split(line + (http_only ? 10 : 0), f))
		return NULL;
	const double expires = strtod(f[4], NULL);
	return json_object(JSON_STR("name", f[5]), JSON_STR("value", f[6]), JSON_STR("domain", f[0]), JSON_STR("path", f[2]),
		JSON_NUM("expires", expires > 0 ? expires : -1), JSON_BOOL("httpOnly", http_only),
		JSON_BOOL("secure", !strcmp(f[3], "TRUE")), JSON_STR("sameSite", "Lax"));
}

cJSON *client_cookies(struct client *c)
{
	AUTO(list) struct curl_slist *lines = NULL;
	cJSON *list = cJSON_CreateArray();

	curl_easy_getinfo(c->easy, CURLINFO_COOKIELIST, &lines);
	for (struct curl_slist *line = lines; line; line = line->next) {
		cJSON *cookie = cookie_of(line->data);
		if (cookie)
			json_add(list, JSON_NODE(NULL, cookie));
	}
	return list;
}

static bool is_sent_to(const char *domain, const char *host, size_t host_size)
{
	const char *bare = domain + (*domain == '.');
	const size_t size = strlen(bare);

	return host_size >= size && !strncasecmp(host + host_size - size, bare, size)
		&& (host_size == size || (*domain == '.' && host[host_size - size - 1] == '.'));
}

char *client_cookie(struct client *c, const char *url, const char *name)
{
	const char *host = strstr(url, "://") ? strstr(url, "://") + 3 : url;
	AUTO(json) cJSON *all = client_cookies(c);
	const cJSON *one;

	cJSON_ArrayForEach(one, all)
		if (!strcmp(json_str(one, "name"), name) && is_sent_to(json_str(one, "domain"), host, strcspn(host, ":/?#")))
			return xstrdup(json_str(one, "value"));
	return NULL;
}
