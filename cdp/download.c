/* Downloads: see download.h.  Files arrive under their guid and are renamed when they are complete. */
#include "cdp/download.h"

#include "cdp/page_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 200, SAME_NAME_MAX = 1000 };

struct cdp_download {
	struct cdp_download *next; /* struct cdp_download, in order of their start */
	char *guid, *name;
	bool complete, cancelled;
};

bool cdp_download_allow(struct cdp_browser *browser, struct cdp_context *context, const char *dir,
	struct error *err)
{
	if (*dir != '/')
		return fail(err, ERR_INPUT, "%s is not an absolute path", dir);
	free(browser->download_dir);
	browser->download_dir = xstrdup(dir);
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Browser.setDownloadBehavior",
		json_object(JSON_STR("behavior", "allowAndName"),
			JSON_STR("browserContextId", context ? context->id : NULL),
			JSON_STR("downloadPath", dir), JSON_BOOL("eventsEnabled", true)),
		deadline_in_ms(CDP_CALL_MS), err);
	return answer != NULL;
}

static struct cdp_download *find(struct cdp_browser *browser, const char *guid)
{
	struct cdp_download *d = browser->downloads;

	while (d && (!guid || strcmp(d->guid, guid) != 0))
		d = d->next;
	return d;
}

void cdp_download_on_begin(void *owner, struct cdp_session *session, const cJSON *params)
{
	struct cdp_browser *browser = owner;
	const char *guid = json_str(params, "guid"), *name = json_str(params, "suggestedFilename");

	(void)session; /* the browser tells it for all pages */
	if (!guid || find(browser, guid))
		return;
	struct cdp_download *d = xcalloc(1, sizeof *d), **at = &browser->downloads;
	d->guid = xstrdup(guid);
	d->name = xstrdup(name && *name ? name : "download");
	while (*at)
		at = &(*at)->next;
	*at = d;
}

void cdp_download_on_progress(void *owner, struct cdp_session *session, const cJSON *params)
{
	struct cdp_download *d = find(owner, json_str(params, "guid"));
	const char *state = json_str(params, "state");

	(void)session;
	if (!d || !state)
		return;
	d->complete = !strcmp(state, "completed");
	d->cancelled = !strcmp(state, "canceled");
}

static void download_free(struct cdp_download *d)
{
	free(d->guid);
	free(d->name);
	free(d);
}

void cdp_downloads_free(struct cdp_browser *browser)
{
	while (browser->downloads) {
		struct cdp_download *d = browser->downloads;
		browser->downloads = d->next;
		download_free(d);
	}
	free(browser->download_dir);
}

/* A name without a way out of its folder. */
static char *safe_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *out = xstrndup(slash ? slash + 1 : name, NAME_MAX_BYTES);

	for (char *c = out; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == '\\' || *c == ':' || *c == 0x7f)
			*c = '_';
	if (*out == '.' || !*out) {
		char *visible = xasprintf("_%s", out);
		free(out);
		out = visible;
	}
	return out;
}

static char *move(struct cdp_browser *browser, const struct cdp_download *d, struct error *err)
{
	AUTO(text) char *from = xasprintf("%s/%s", browser->download_dir, d->guid);
	AUTO(text) char *name = safe_name(d->name);
	const char *dot = strrchr(name, '.');
	const int stem = dot && dot != name ? (int)(dot - name) : (int)strlen(name);

	for (int i = 1; i < SAME_NAME_MAX; i++) {
		char *to = i == 1 ? xasprintf("%s/%s", browser->download_dir, name)
			: xasprintf("%s/%.*s (%d)%s", browser->download_dir, stem, name, i, name + stem);
		if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
			return to;
		const bool taken = errno == EEXIST; /* a link to nowhere, too */
		if (!taken)
			fail_system(err, "moving a download to %s", to);
		free(to);
		if (!taken)
			return NULL;
	}
	fail(err, ERR_LIMIT, "%s: too many files of that name", name);
	return NULL;
}

char *cdp_download_next(struct cdp_browser *browser, struct deadline until, struct error *err)
{
	for (;;) {
		for (struct cdp_download **at = &browser->downloads; *at; at = &(*at)->next) {
			struct cdp_download *d = *at;
			if (!d->complete && !d->cancelled)
				continue;
			char *path = NULL;
			*at = d->next;
			if (d->cancelled)
				fail(err, ERR_NETWORK, "the download of %s was cut off", d->name);
			else
				path = move(browser, d, err);
			download_free(d);
			return path;
		}
		if (!cdp_conn_wait(browser->conn, until, err)) {
			error_wrap(err, "waiting for a download");
			return NULL;
		}
	}
}
