/* What is left of a run that failed: see artefact.h. */
#include "src/artefact.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/capture.h"
#include "cdp/embed.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "scrapers/values.h"
#include "src/ending.h"
#include "src/output.h"
#include "src/place.h"
#include "src/store.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

EMBED(artefact_js, "src/artefact.js");

enum {
	FRAMES_MAX = 16,
	FRAME_MS = 2000,        /* a frame that hangs is left out */
	PAGE_MS = 6000,         /* for all frames: somebody waits for the run to end */
	HOSTS_MAX = 300,        /* elements that may have a closed shadow root; each is a question of its own */
	SHOT_MS = 5000,
	FILE_MAX = 8 << 20,     /* a page that is longer is cut off */
	EVENTS_MAX = 1000,
	TOKEN_MIN = 20,         /* from here on, a part of a path with digits may be a token */
	DAY_S = 86400,
};

/* All there can be; nothing else is ever read or removed. */
static const struct { const char *name, *type; } files[] = {
	{ "screenshot.png", "image/png" },
	{ "page.html", "text/html" },
	{ "network.har", "application/json" },
	{ "events.ndjson", "application/x-ndjson" },
	{ "run.json", "application/json" },
};

enum { FILES = sizeof files / sizeof *files };

/* ---- the folder ---- */

static char *folder_of(int64_t run, struct error *err)
{
	AUTO(text) char *name = xasprintf("artefacts/%" PRId64, run);

	return place_of_state(name, err);
}

static bool make_folder(const char *path, struct error *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST || fail_system(err, "making the folder %s", path);
}

static bool write_file(const char *folder, const char *name, const struct buf *text, struct error *err)
{
	AUTO(text) char *path = xasprintf("%s/%s", folder, name);

	return output_write(path, text, err);
}

static void remove_folder(const char *folder)
{
	for (size_t i = 0; i < FILES; i++) {
		AUTO(text) char *path = xasprintf("%s/%s", folder, files[i].name);
		(void)unlink(path); /* most are not there */
	}
	(void)rmdir(folder);
}

void artefact_forget(int64_t run)
{
	AUTO(text) char *folder = folder_of(run, NULL);

	if (folder)
		remove_folder(folder);
}

static int by_time(const struct dirent **a, const struct dirent **b)
{
	const long long x = strtoll((*a)->d_name, NULL, 10), y = strtoll((*b)->d_name, NULL, 10);

	return (x < y) - (x > y);
}

static int is_run(const struct dirent *entry)
{
	return isdigit((unsigned char)*entry->d_name);
}

/* Numbers of runs grow, so the highest are the latest. */
static void prune(void)
{
	AUTO(text) char *all = place_of_state("artefacts", NULL);
	struct dirent **list = NULL;
	const int count = all ? scandir(all, &list, is_run, by_time) : 0;

	for (int i = 0; i < count; i++) {
		AUTO(text) char *folder = xasprintf("%s/%s", all, list[i]->d_name);
		struct stat st;
		if (i >= ARTEFACT_RUNS_MAX || (stat(folder, &st) == 0 && st.st_mtime < time(NULL) - ARTEFACT_DAYS_MAX * DAY_S))
			remove_folder(folder);
		free(list[i]);
	}
	free(list);
}

/* ---- addresses ---- */

/* Of "https://user@host/a/TOKEN?b=c#d" what is no secret: "https://host/a/(masked)?b=(masked)". */
static char *plain_url(const char *url)
{
	const char *slashes = strstr(url, "://");
	const char *host = slashes ? slashes + 3 : url;
	const char *path = host + strcspn(host, "/?#");
	const char *at = memchr(host, '@', (size_t)(path - host));
	struct buf out = { 0 };

	if (!slashes) { /* data:, blob:, about: */
		buf_printf(&out, "%.*s", (int)strcspn(url, ":") + 1, url);
		return buf_take(&out);
	}
	buf_append(&out, url, (size_t)(host - url));
	host = at ? at + 1 : host;
	buf_append(&out, host, (size_t)(path - host));
	while (*path == '/') {
		const size_t size = strcspn(path + 1, "/?#");
		const bool has_digit = strcspn(path + 1, "0123456789") < size;
		if (size >= TOKEN_MIN && has_digit)
			buf_puts(&out, "/(masked)");
		else
			buf_append(&out, path, size + 1);
		path += size + 1;
	}
	for (char before = '?'; *path == before; before = '&') {
		const char *name = path + 1;
		const size_t size = strcspn(name, "&#"), name_size = strcspn(name, "=&#");
		buf_printf(&out, "%c%.*s%s", before, (int)name_size, name, name_size < size ? "=(masked)" : "");
		path = name + size;
	}
	secret_redact(out.data, out.size);
	return buf_take(&out);
}

/* ---- requests ---- */

/* Headers whose values are no secrets; of the others the name is told. */
static bool is_plain_header(const char *name)
{
	static const char *const plain[] = { "accept", "accept-encoding", "accept-language", "access-control-allow-origin",
		"cache-control", "content-encoding", "content-length", "content-type", "date", "retry-after", "server", "user-agent",
		"vary", "via" };

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!strcasecmp(name, plain[i]))
			return true;
	return false;
}

static cJSON *har_headers(const cJSON *headers)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach(one, headers)
		if (cJSON_IsString(one))
			json_add(list, JSON_NODE(NULL, json_object(JSON_STR("name", one->string),
				JSON_STR("value", is_plain_header(one->string) ? one->valuestring : "(masked)"))));
	return list;
}

static cJSON *har_entry(const struct cdp_exchange *x)
{
	AUTO(text) char *url = plain_url(x->url ? x->url : "");
	const char *location = cdp_exchange_header(x->response_headers, "location");
	AUTO(text) char *next = location ? plain_url(location) : NULL;
	char started[32];

	value_instant_text((int64_t)x->started_s, started);
	cJSON *request = json_object(JSON_STR("method", x->method), JSON_STR("url", url), JSON_STR("httpVersion", "HTTP/1.1"),
		JSON_NODE("cookies", cJSON_CreateArray()), JSON_NODE("headers", har_headers(x->request_headers)),
		JSON_NODE("queryString", cJSON_CreateArray()), JSON_INT("headersSize", -1),
		JSON_INT("bodySize", x->post_data ? (int64_t)strlen(x->post_data) : -1));
	cJSON *response = json_object(JSON_INT("status", x->status), JSON_STR("statusText", ""), JSON_STR("httpVersion", "HTTP/1.1"),
		JSON_NODE("cookies", cJSON_CreateArray()), JSON_NODE("headers", har_headers(x->response_headers)),
		JSON_NODE("content", json_object(JSON_INT("size", -1), JSON_STR("mimeType", x->mime ? x->mime : ""))),
		JSON_STR("redirectURL", next ? next : ""), JSON_INT("headersSize", -1), JSON_INT("bodySize", -1));
	return json_object(JSON_STR("startedDateTime", started), JSON_NUM("time", x->took_s * 1000),
		JSON_STR("_resourceType", x->type), JSON_STR("_error", x->failure), JSON_NODE("request", request),
		JSON_NODE("response", response), JSON_NODE("cache", cJSON_CreateObject()),
		JSON_NODE("timings", json_object(JSON_INT("send", 0), JSON_NUM("wait", x->took_s * 1000), JSON_INT("receive", 0))));
}

/* HAR 1.2. */
static bool write_requests(const struct artefact_of *of, const char *folder, struct error *err)
{
	struct cdp_exchange_match match = { 0 };
	cJSON *entries = cJSON_CreateArray();

	for (const struct cdp_exchange *x; (x = cdp_network_find(of->page, &match)); match.after = x->number)
		json_add(entries, JSON_NODE(NULL, har_entry(x)));
	AUTO(json) cJSON *har = json_object(JSON_NODE("log", json_object(JSON_STR("version", "1.2"),
		JSON_NODE("creator", json_object(JSON_STR("name", "gabbai"), JSON_STR("version", GABBAI_VERSION))),
		JSON_STR("comment", "without bodies, cookies and whatever may be secret"), JSON_NODE("entries", entries))));
	AUTO(buf) struct buf out = { 0 };
	AUTO(text) char *text = json_print(har);
	buf_puts(&out, text);
	secret_redact(out.data, out.size);
	return write_file(folder, "network.har", &out, err);
}

/* ---- the page ---- */

/* Whether one of the secrets that we know can be read in TEXT. */
static bool has_secret(const char *text)
{
	AUTO(text) char *copy = xstrdup(text);

	secret_redact(copy, strlen(copy));
	const bool found = strcmp(copy, text) != 0;
	secret_wipe(copy, strlen(copy));
	return found;
}

/* What a question to a frame may take. */
static int time_for(struct deadline until)
{
	const int left_ms = deadline_left_ms(until);

	return left_ms < 1 ? 1 : left_ms < FRAME_MS ? left_ms : FRAME_MS;
}

/* Whether a closed shadow root is in FRAME, which scripts cannot look into; also when there are more elements that may have
 * one than can be asked. */
static bool has_closed_root(struct cdp_page *page, struct cdp_frame *frame, struct deadline until)
{
	static const char hosts[] = "[...document.querySelectorAll('*')].filter(el => !el.shadowRoot && (el.localName.includes('-')"
		" || !el.childNodes.length && el.offsetHeight > 9"
		" && /^(article|aside|div|footer|header|main|nav|p|section|span)$/.test(el.localName)))";
	const struct cdp_eval_opts opts = { .frame = frame, .timeout_ms = time_for(until), .isolated = true, .no_gesture = true };
	AUTO(text) char *script = xasprintf("%s.length", hosts);
	AUTO(json) cJSON *count = cdp_page_eval(page, script, &opts, NULL);

	return !cJSON_IsNumber(count) || count->valueint > HOSTS_MAX
		|| cdp_frame_closed_roots(frame, hosts, "function () {}", HOSTS_MAX, until, NULL) != 0;
}

/* Adds a frame to OUT.  False: it does not say whether there is something secret in it, or there is. */
static bool add_frame(struct cdp_page *page, struct cdp_frame *frame, struct deadline until, struct buf *out)
{
	const struct cdp_eval_opts opts = { .frame = frame, .timeout_ms = time_for(until), .isolated = true, .no_gesture = true };
	AUTO(json) cJSON *seen = cdp_page_eval(page, artefact_js, &opts, NULL);
	AUTO(text) char *url = plain_url(cdp_frame_url(frame));

	if (!json_str(seen, "html")) {
		buf_printf(out, "<!-- %s: does not answer -->\n", url);
		return false;
	}
	buf_printf(out, "<!-- %s -->\n%s\n", url, json_str(seen, "html"));
	return json_true(seen, "bare") && !has_secret(json_str(seen, "text")) && !has_closed_root(page, frame, until);
}

static bool write_page(const struct artefact_of *of, const char *folder, bool *bare, struct error *err)
{
	AUTO(buf) struct buf out = { .size_max = FILE_MAX };
	struct cdp_frame *frames[FRAMES_MAX];
	const size_t count = cdp_page_frames(of->page, frames, FRAMES_MAX);
	const struct deadline until = deadline_in_ms(PAGE_MS);

	*bare = count <= FRAMES_MAX;
	for (size_t i = 0; i < count && i < FRAMES_MAX; i++)
		if (!add_frame(of->page, frames[i], until, &out))
			*bare = false;
	secret_redact(out.data, out.size);
	return write_file(folder, "page.html", &out, err);
}

static void take_picture(const struct artefact_of *of, const char *folder)
{
	AUTO(text) char *path = xasprintf("%s/screenshot.png", folder);

	/* A page that hangs has none. */
	(void)cdp_page_screenshot_file(of->page, &(struct cdp_shot_opts){ .timeout_ms = SHOT_MS }, path, NULL);
}

/* ---- what happened ---- */

static bool write_events(const struct artefact_of *of, const char *folder, struct error *err)
{
	struct error why = { 0 };
	AUTO(buf) struct buf out = { .size_max = FILE_MAX };
	AUTO(rows) struct rows *rows = store_ask(of->store, "SELECT at, name, data FROM run_events WHERE run = ? ORDER BY id LIMIT ?",
		SQL(SQL_INT(of->run), SQL_INT(EVENTS_MAX)), &why);

	while (rows && rows_next(rows, &why))
		buf_printf(&out, "{\"at\":%" PRId64 ",\"event\":\"%s\",\"data\":%s}\n", rows_int(rows, 0), rows_text(rows, 1),
			rows_text(rows, 2));
	secret_redact(out.data, out.size);
	return write_file(folder, "events.ndjson", &out, err);
}

static bool write_run(const struct artefact_of *of, const char *folder, const char *picture, struct error *err)
{
	AUTO(text) char *url = of->page ? plain_url(cdp_page_url(of->page)) : NULL;
	AUTO(json) cJSON *run = json_object(JSON_INT("run", of->run), JSON_STR("site", of->site), JSON_STR("account", of->account),
		JSON_STR("tier", of->tier), JSON_STR("errorType", ending_of(of->why).type), JSON_STR("error", of->why->text),
		JSON_STR("url", url), JSON_STR("picture", picture), JSON_STR("gabbai", GABBAI_VERSION));
	AUTO(text) char *text = json_print_pretty(run);
	AUTO(buf) struct buf out = { 0 };

	buf_printf(&out, "%s\n", text);
	secret_redact(out.data, out.size);
	return write_file(folder, "run.json", &out, err);
}

bool artefact_keep(const struct artefact_of *of, struct error *err)
{
	AUTO(text) char *all = place_of_state("artefacts", err);
	AUTO(text) char *folder = all ? folder_of(of->run, err) : NULL;
	struct artefact_of own = *of;
	bool bare = false;

	if (!folder || !make_folder(all, err) || !make_folder(folder, err))
		return false;
	if (of->page && cdp_page_is_closed(of->page))
		own.page = NULL;
	if (own.page && (!write_page(&own, folder, &bare, err) || !write_requests(&own, folder, err)))
		return false;
	if (bare)
		take_picture(&own, folder);
	const char *picture = bare ? "as it was" : own.page ? "none: something secret may be on the page" : "none: there was no page";
	const bool ok = write_events(&own, folder, err) && write_run(&own, folder, picture, err);
	prune();
	return ok;
}

/* ---- for whoever looks ---- */

const char *artefact_type(const char *name)
{
	for (size_t i = 0; i < FILES; i++)
		if (!strcmp(name, files[i].name))
			return files[i].type;
	return NULL;
}

cJSON *artefact_list(int64_t run, struct error *err)
{
	AUTO(text) char *folder = folder_of(run, err);
	cJSON *list = folder ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; list && i < FILES; i++) {
		AUTO(text) char *path = xasprintf("%s/%s", folder, files[i].name);
		struct stat st;
		if (stat(path, &st) == 0)
			json_add(list, JSON_NODE(NULL, json_object(JSON_STR("name", files[i].name), JSON_STR("type", files[i].type),
				JSON_INT("size", st.st_size))));
	}
	return list;
}

char *artefact_read(int64_t run, const char *name, size_t *size, struct error *err)
{
	AUTO(text) char *folder = artefact_type(name) ? folder_of(run, err) : NULL;
	AUTO(text) char *path = folder ? xasprintf("%s/%s", folder, name) : NULL;
	AUTO(file) FILE *f = path ? fopen(path, "re") : NULL;
	struct buf out = { 0 };
	char chunk[65536];

	if (!f) {
		fail(err, ERR_INPUT, "run %" PRId64 " has no artefact of that name", run);
		return NULL;
	}
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&out, chunk, n);
	*size = out.size;
	return buf_take(&out);
}
