#include "src/remote.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "src/options.h"

#include <string.h>
#include <sys/stat.h>

enum { HEADERS_MAX = 16, LINE_MAX_SIZE = 4096 };

struct headers {
	char *lines[HEADERS_MAX + 1]; /* NULL at the end */
	size_t count;
};

static void auto_headers(struct headers *h)
{
	for (size_t i = 0; i < h->count; i++) {
		secret_wipe(h->lines[i], strlen(h->lines[i]));
		free(h->lines[i]);
	}
}

static bool read_headers(const char *path, struct headers *out, struct error *err)
{
	AUTO(file) FILE *f = fopen(path, "re");
	char line[LINE_MAX_SIZE];
	struct stat is;
	bool ok = true;

	if (!f)
		return fail_system(err, "reading %s", path);
	if (fstat(fileno(f), &is) != 0 || is.st_mode & 077)
		return fail(err, ERR_INPUT, "%s can be read by others: chmod 600", path);
	while (ok && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line)
			continue;
		ok = out->count < HEADERS_MAX || fail(err, ERR_INPUT, "%s: at most %d headers", path, HEADERS_MAX);
		if (ok)
			out->lines[out->count++] = xstrdup(line);
	}
	secret_wipe(line, sizeof line);
	return ok;
}

static bool is_near(const char *url)
{
	static const char *const names[] = { "localhost", "[::1]" };
	const char *host = strstr(url, "://") ? strstr(url, "://") + 3 : url;
	const size_t size = strcspn(host, ":/?#");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strncmp(host, names[i], strlen(names[i])) && strchr(":/?#", host[strlen(names[i])]))
			return true;
	return !strncmp(host, "127.", 4) && strspn(host, "0123456789.") == size;
}

char *remote_name(const struct options *o)
{
	return xstrndup(o->browser_url, strcspn(o->browser_url, "?#"));
}

struct cdp_browser *remote_attach(const struct options *o, struct deadline until, struct error *err)
{
	const bool plain = !strncmp(o->browser_url, "ws://", 5) || !strncmp(o->browser_url, "http://", 7);
	AUTO(headers) struct headers headers = { .count = 0 };
	AUTO(text) char *name = remote_name(o);
	struct error why = { 0 };

	if (plain && !is_near(o->browser_url) && !o->insecure) {
		fail(err, ERR_INPUT, "%s is another machine, and would see everything without TLS: wss:// or https://, or --insecure",
			name);
		return NULL;
	}
	if (o->browser_headers && !read_headers(o->browser_headers, &headers, err))
		return NULL;
	struct cdp_browser *browser = cdp_browser_attach(o->browser_url,
		&(struct cdp_attach_opts){ .headers = (const char *const *)headers.lines, .cacert = o->cacert }, until, &why);
	if (!browser && why.code == ERR_LIMIT)
		fail(err, ERR_NETWORK, "%s", why.text);
	else if (!browser && err)
		*err = why;
	return browser;
}
