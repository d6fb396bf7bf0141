#include "src/form_site.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/error.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

enum { KEPT_VALUE_MAX = 16 };

AUTO_KIND(curlu, CURLU *, curl_url_cleanup);

static CURLU *parse(const char *url)
{
	CURLU *u = curl_url();

	if (u && url && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static char *part(CURLU *u, CURLUPart what, unsigned flags)
{
	char *text = NULL;

	if (!u || curl_url_get(u, what, &text, flags) != CURLUE_OK)
		return NULL;
	char *own = xstrdup(text);
	curl_free(text);
	return own;
}

char *site_host(const char *url)
{
	AUTO(curlu) CURLU *u = parse(url);
	char *host = part(u, CURLUPART_HOST, 0);

	for (char *c = host; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return host;
}

static char *scheme_of(const char *url)
{
	AUTO(curlu) CURLU *u = parse(url);

	return part(u, CURLUPART_SCHEME, 0);
}

bool site_is_http(const char *url)
{
	AUTO(text) char *scheme = scheme_of(url);
	AUTO(text) char *host = site_host(url);

	return scheme && host && *host && (!strcasecmp(scheme, "http") || !strcasecmp(scheme, "https"));
}

char *site_origin(const char *url)
{
	AUTO(curlu) CURLU *u = parse(url);
	AUTO(text) char *scheme = part(u, CURLUPART_SCHEME, 0);
	AUTO(text) char *host = site_host(url);
	AUTO(text) char *port = part(u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);

	if (!scheme || !host)
		return NULL;
	return xasprintf("%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
}

char *site_resolve(const char *base, const char *reference)
{
	AUTO(curlu) CURLU *u = parse(base);

	if (!u || curl_url_set(u, CURLUPART_URL, reference, CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK)
		return NULL;
	(void)curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	return part(u, CURLUPART_URL, 0);
}

char *site_escape(const char *text)
{
	struct buf out = { 0 };

	for (; *text; text++)
		(void)(isalnum((unsigned char)*text) || strchr("-._~!$&'()*+,;=:@", *text) ? buf_putc(&out, *text)
			: buf_printf(&out, "%%%02X", (unsigned char)*text));
	return buf_take(&out);
}

/* ---- sites ---- */

static bool is_address(const char *host)
{
	return strchr(host, ':') || *host == '[' || host[strspn(host, "0123456789.")] == '\0';
}

/* How many labels of HOST name its owner. */
static int labels_of_owner(const char *host)
{
	static const char *const given_away[] = { "github.io", "gitlab.io", "pages.dev", "workers.dev", "web.app", "firebaseapp.com",
		"netlify.app", "vercel.app", "herokuapp.com", "onrender.com", "fly.dev", "azurewebsites.net", "cloudfront.net",
		"amazonaws.com", "blogspot.com", "myshopify.com", "wordpress.com", "up.railway.app", "ngrok.io", "ngrok-free.app",
		"appspot.com", "run.app", "replit.app", "glitch.me", "surge.sh", "r2.dev" };
	const size_t size = strlen(host);
	const char *top = strrchr(host, '.'), *second = top;

	for (size_t i = 0; i < sizeof given_away / sizeof *given_away; i++) {
		const size_t length = strlen(given_away[i]);
		int dots = 0;
		for (const char *p = given_away[i]; *p; p++)
			dots += *p == '.';
		if (size > length && host[size - length - 1] == '.' && !strcmp(host + size - length, given_away[i]))
			return dots + 2;
	}
	while (second && second > host && second[-1] != '.')
		second--;
	const bool country = top && strlen(top + 1) == 2;
	return country && top - second <= 3 && second > host ? 3 : 2;
}

/* The end of HOST that has so many labels. */
static const char *last_labels(const char *host, int labels)
{
	const char *p = host + strlen(host);

	while (p > host) {
		if (p[-1] == '.' && --labels == 0)
			break;
		p--;
	}
	return p;
}

bool site_is_same(const char *a, const char *b)
{
	AUTO(text) char *one = site_host(a);
	AUTO(text) char *two = site_host(b);

	if (!one || !two)
		return false;
	if (!strcmp(one, two))
		return true;
	if (is_address(one) || is_address(two) || !strchr(one, '.') || !strchr(two, '.'))
		return false;
	return !strcmp(last_labels(one, labels_of_owner(one)), last_labels(two, labels_of_owner(two)));
}

bool site_is_loopback(const char *url)
{
	AUTO(text) char *host = site_host(url);

	return host && (!strcmp(host, "localhost") || !strcmp(host, "127.0.0.1") || !strcmp(host, "[::1]"));
}

static bool is_https(const char *url)
{
	AUTO(text) char *scheme = scheme_of(url);

	return scheme && !strcasecmp(scheme, "https");
}

bool site_may_follow(const char *base, const char *url, struct error *err)
{
	AUTO(text) char *host = url ? site_host(url) : NULL;

	if (!url || !site_is_http(url))
		return fail(err, ERR_BLOCKED, "the site leads to something that is not http or https; it was not followed");
	if (!site_is_same(base, url))
		return fail(err, ERR_BLOCKED, "the site leads to another one (%s); it was not followed", host);
	if (is_https(base) && !is_https(url))
		return fail(err, ERR_BLOCKED, "the site leads from https to http (%s); it was not followed", host);
	return true;
}

bool site_may_tell(const char *base, const char *url, struct error *err)
{
	return site_may_follow(base, url, err)
		&& (is_https(url) || site_is_loopback(url)
			|| fail(err, ERR_BLOCKED, "the code would go over http, without encryption; it was not sent"));
}

/* ---- what is kept ---- */

static bool is_plain(const char *value, size_t size)
{
	size_t digits = 0;

	for (size_t i = 0; i < size; i++) {
		digits += isdigit((unsigned char)value[i]) != 0;
		if (!isalnum((unsigned char)value[i]) && !strchr("-_/.", value[i]))
			return false;
	}
	return size <= KEPT_VALUE_MAX && digits < 5;
}

char *site_kept(const char *url)
{
	const size_t size = strcspn(url, "#");
	const char *query = memchr(url, '?', size), *end = url + size;
	AUTO(buf) struct buf out = { 0 };

	buf_append(&out, url, query ? (size_t)(query - url) : size);
	while (query && query < end) {
		const size_t length = 1 + strcspn(query + 1, "&#");
		const char *equals = memchr(query, '=', length);
		buf_append(&out, query, equals ? (size_t)(equals - query) + 1 : length);
		if (equals) {
			const size_t value_size = length - (size_t)(equals - query) - 1;
			buf_append(&out, is_plain(equals + 1, value_size) ? equals + 1 : "*", is_plain(equals + 1, value_size) ? value_size
				: 1);
		}
		query += length;
	}
	return buf_take(&out);
}
