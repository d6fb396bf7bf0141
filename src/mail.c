#include "src/mail.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "scrapers/fetch.h"

#include <curl/curl.h>
#include <string.h>
#include <time.h>

enum { CONNECT_MS = 10000, SEND_MS = 30000 };

AUTO_KIND(slist, struct curl_slist *, curl_slist_free_all);
AUTO_KIND(easy, CURL *, curl_easy_cleanup);
AUTO_KIND(mime, curl_mime *, curl_mime_free);

/* An address is one line and has no brackets: what comes from elsewhere cannot add headers. */
static bool is_address(const char *text)
{
	return text && strchr(text, '@') && !strpbrk(text, "\r\n<>, ") && strlen(text) < 255;
}

/* RFC 2047, since a subject may be Hebrew. */
static char *encoded_subject(const char *subject)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf out = { 0 };

	buf_puts(&out, "Subject: =?utf-8?q?");
	for (const unsigned char *p = (const unsigned char *)subject; *p; p++) {
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9'))
			buf_putc(&out, (char)*p);
		else
			buf_printf(&out, "=%c%c", digits[*p >> 4], digits[*p & 15]);
	}
	buf_puts(&out, "?=");
	return buf_take(&out);
}

static struct curl_slist *headers_of(const struct mail *m)
{
	char date[64];
	const time_t now = time(NULL);
	struct tm tm;
	AUTO(text) char *subject = encoded_subject(m->subject);
	AUTO(text) char *to = xasprintf("To: <%s>", m->to), *from = xasprintf("From: gabbai <%s>", m->from);
	struct curl_slist *list = NULL;

	(void)strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S +0000", gmtime_r(&now, &tm));
	list = curl_slist_append(list, date);
	list = curl_slist_append(list, to);
	list = curl_slist_append(list, from);
	list = curl_slist_append(list, subject);
	return curl_slist_append(list, "Auto-Submitted: auto-generated");
}

static void add_parts(curl_mime *mime, const struct mail *m)
{
	curl_mimepart *part = curl_mime_addpart(mime);

	curl_mime_data(part, m->text, CURL_ZERO_TERMINATED);
	curl_mime_type(part, "text/plain; charset=utf-8");
	curl_mime_encoder(part, "quoted-printable");
	if (!m->attached)
		return;
	part = curl_mime_addpart(mime);
	curl_mime_data(part, m->attached, m->attached_size);
	curl_mime_type(part, m->type);
	curl_mime_filename(part, m->name);
	curl_mime_encoder(part, "base64");
}

static bool is_this_machine(const char *url)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "[::1]" };
	const char *at = strchr(url, '@'), *scheme = strstr(url, "://"), *host = at ? at + 1 : scheme ? scheme + 3 : url;

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		if (!strncmp(host, hosts[i], strlen(hosts[i])) && (!host[strlen(hosts[i])] || strchr(":/", host[strlen(hosts[i])])))
			return true;
	return false;
}

bool mail_send(const struct fetch_network *network, const struct mail *m, struct error *err)
{
	char words[CURL_ERROR_SIZE] = "";
	AUTO(easy) CURL *easy = curl_easy_init();
	AUTO(mime) curl_mime *mime = curl_mime_init(easy);
	AUTO(text) char *from = xasprintf("<%s>", m->from), *to = xasprintf("<%s>", m->to);
	AUTO(slist) struct curl_slist *receivers = curl_slist_append(NULL, to);

	if (!is_address(m->from) || !is_address(m->to))
		return fail(err, ERR_INPUT, "an e-mail goes from one address to one: \"%s\" and \"%s\"", m->from ? m->from : "",
			m->to ? m->to : "");
	AUTO(slist) struct curl_slist *headers = headers_of(m);
	add_parts(mime, m);
	curl_easy_setopt(easy, CURLOPT_URL, m->server);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)SEND_MS);
	curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(is_this_machine(m->server) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, receivers);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_MIMEPOST, mime);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words);
	if (m->password)
		curl_easy_setopt(easy, CURLOPT_PASSWORD, secret_reveal(m->password));
	if (network->cacert)
		curl_easy_setopt(easy, CURLOPT_CAINFO, network->cacert);
	const CURLcode code = curl_easy_perform(easy);
	return code == CURLE_OK || fail(err, ERR_NETWORK, "the e-mail to %s was not sent: %s", m->to,
		*words ? words : curl_easy_strerror(code));
}
