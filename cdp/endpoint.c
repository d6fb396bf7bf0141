#include "cdp/endpoint.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/conn.h"

#include <curl/curl.h>
#include <string.h>

enum { VERSION_SIZE_MAX = 8192 };

static size_t take_body(char *data, size_t size, size_t count, void *body)
{
	return buf_append(body, data, size * count) ? size * count : 0;
}

/* NAME is how errors call it: the address may hold a token. */
static char *http_get(const char *url, const char *name, const struct cdp_conn_opts *opts, struct deadline until,
	struct error *err)
{
	AUTO(buf) struct buf body = { .size_max = VERSION_SIZE_MAX };
	char why[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	long status = 0;

	for (const char *const *header = opts ? opts->headers : NULL; header && *header; header++)
		headers = curl_slist_append(headers, *header);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)deadline_left_ms(until) + 1);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	if (opts && opts->cacert)
		curl_easy_setopt(curl, CURLOPT_CAINFO, opts->cacert);
	const CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	if (code == CURLE_OK && status == 200)
		return buf_take(&body);
	if (code != CURLE_OK)
		fail(err, ERR_DISCONNECTED, "%s: %s", name, *why ? why : curl_easy_strerror(code));
	else
		(void)cdp_conn_fail_status((int)status, name, err);
	return NULL;
}

char *cdp_endpoint_find(const char *address, const struct cdp_conn_opts *opts, struct deadline until, struct error *err)
{
	const bool tls = !strncmp(address, "https://", 8);

	if (!tls && strncmp(address, "http://", 7) != 0)
		return xstrdup(address);
	const char *host = address + (tls ? 8 : 7), *query = strchr(host, '?');
	AUTO(text) char *base = xstrndup(host, strcspn(host, "/?#"));
	AUTO(text) char *name = xasprintf("%s://%s/json/version", tls ? "https" : "http", base);
	AUTO(text) char *version_url = xasprintf("%s%s", name, query ? query : "");
	AUTO(text) char *text = http_get(version_url, name, opts, until, err);
	AUTO(json) cJSON *version = text ? json_parse(text, strlen(text), NULL) : NULL;
	const char *url = json_str(version, "webSocketDebuggerUrl");
	const char *path = url && strstr(url, "://") ? strchr(strstr(url, "://") + 3, '/') : NULL;

	if (path)
		return xasprintf("%s://%s%s%s", tls ? "wss" : "ws", base, path, query && !strchr(path, '?') ? query : "");
	if (text)
		fail(err, ERR_DISCONNECTED, "%s names no websocket: is it a browser?", name);
	return NULL;
}
