/* gabbai about: this installation: its version, where its data are, its key, and the browser it would start. */
#include "src/commands.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/process.h"
#include "src/child.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/place.h"

#include <string.h>

enum { VERSION_MS = 5000 };

/* What `BROWSER --version` says, in one line; NULL: nothing. */
static char *version_of(const char *path)
{
	AUTO(json) cJSON *words = cJSON_CreateArray();
	struct buf said = { .size_max = 1024 };

	cJSON_AddItemToArray(words, cJSON_CreateString(path));
	cJSON_AddItemToArray(words, cJSON_CreateString("--version"));
	AUTO(text) char *argv = json_print(words);
	struct child *child = child_start(argv, NULL, NULL);
	const bool ok = child && child_finish(child, &said, deadline_in_ms(VERSION_MS), NULL);
	char *line = ok && said.size ? xstrndup(buf_text(&said), strcspn(buf_text(&said), "\n")) : NULL;
	buf_clear(&said);
	return line;
}

static cJSON *describe_browser(const struct options *o)
{
	struct error why = { 0 };

	if (o->browser_url)
		return json_object(JSON_STR("path", o->browser_url));
	AUTO(text) char *path = cdp_process_find(&(struct cdp_launch_opts){ .path = o->browser }, &why);
	AUTO(text) char *version = path ? version_of(path) : NULL;
	return json_object(JSON_STR("path", path), JSON_STR("version", version), JSON_STR("error", path ? NULL : why.text));
}

/* A key that cannot be read is told, and is no failure of this command. */
static cJSON *describe_key(void)
{
	struct error why = { 0 };
	AUTO(keyring) struct keyring *ring = keyring_open_known(&why);

	return json_object(JSON_STR("id", ring ? keyring_id(ring) : NULL), JSON_STR("source", ring ? keyring_source(ring) : NULL),
		JSON_STR("error", ring ? NULL : why.text));
}

static const char *text_at(const cJSON *json, const char *path, const char *otherwise)
{
	return json_str(json, path) ? json_str(json, path) : otherwise;
}

static void print(const cJSON *about)
{
	const char *why_key = json_str(about, "key.error"), *why_browser = json_str(about, "browser.error");

	printf("version  %s\n", json_str(about, "version"));
	printf("data     %s\n", text_at(about, "dataDir", "-"));
	printf("key      %s %s\n", why_key ? why_key : text_at(about, "key.id", "made on first use"),
		text_at(about, "key.source", ""));
	printf("browser  %s %s\n", why_browser ? why_browser : text_at(about, "browser.path", "-"),
		text_at(about, "browser.version", ""));
}

int cmd_about(const struct options *o)
{
	struct error err = { 0 };
	AUTO(text) char *folder = place_of_data("", &err);

	if (!folder)
		return command_failed(&err);
	folder[strlen(folder) - 1] = '\0'; /* the slash */
	AUTO(json) cJSON *about = json_object(JSON_STR("version", GABBAI_VERSION), JSON_STR("dataDir", folder),
		JSON_NODE("key", describe_key()), JSON_NODE("browser", describe_browser(o)));
	AUTO(text) char *text = o->json ? json_print_pretty(about) : NULL;
	if (text)
		printf("%s\n", text);
	else
		print(about);
	return EXIT_OK;
}
