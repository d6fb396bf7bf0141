/* gabbai about: this installation: its version, where its data are, its key, and the browser it would start. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/ending.h"
#include "src/installation.h"

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
	AUTO(json) cJSON *about = installation_describe(o, &err);

	if (!about)
		return command_failed(&err);
	AUTO(text) char *text = o->json ? json_print_pretty(about) : NULL;
	if (text)
		printf("%s\n", text);
	else
		print(about);
	return EXIT_OK;
}
