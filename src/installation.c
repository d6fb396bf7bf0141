#include "src/installation.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/process.h"
#include "src/child.h"
#include "src/crypt.h"
#include "src/options.h"
#include "src/place.h"
#include "src/remote.h"

#include <string.h>

enum { VERSION_MS = 5000 };

/* What `BROWSER --version` says, in one line; NULL: nothing. */
static char *version_of(const char *path)
{
	static const char *const shell[] = { "sh", "-c", "exec \"$0\" --version 2>/dev/null" };
	AUTO(json) cJSON *words = cJSON_CreateArray();
	struct buf said = { .size_max = 1024 };

	/* Wrappers of distributions have complaints of their own. */
	for (size_t i = 0; i < 3; i++)
		cJSON_AddItemToArray(words, cJSON_CreateString(shell[i]));
	cJSON_AddItemToArray(words, cJSON_CreateString(path));
	AUTO(text) char *argv = json_print(words);
	struct child *child = child_start(argv, NULL, NULL);
	const bool ok = child && child_finish(child, &said, deadline_in_ms(VERSION_MS), NULL);
	const char *text = buf_text(&said), *built = strstr(text, " built on ");
	char *line = ok && said.size ? xstrndup(text, built ? (size_t)(built - text) : strcspn(text, "\n")) : NULL;
	buf_clear(&said);
	return line;
}

static cJSON *describe_browser(const struct options *o)
{
	struct error why = { 0 };

	AUTO(text) char *name = o->browser_url ? remote_name(o) : NULL;
	if (name)
		return json_object(JSON_STR("path", name));
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

cJSON *installation_describe(const struct options *o, struct error *err)
{
	AUTO(text) char *folder = place_of_data("", err);

	if (!folder)
		return NULL;
	folder[strlen(folder) - 1] = '\0'; /* the slash */
	return json_object(JSON_STR("version", GABBAI_VERSION), JSON_STR("dataDir", folder), JSON_NODE("key", describe_key()),
		JSON_NODE("browser", describe_browser(o)));
}
