/* Redaction by name: see redact.h.  What is not known to be harmless by its place is masked; known
 * secrets are masked once more by the log itself. */
#include "cdp/redact.h"

#include "cdp/base/json.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"

#include <string.h>
#include <strings.h>

enum { SHOWN_MAX = 4096 }; /* bytes of a message in the log */

/* Members that hold what people typed or what sites keep secret, wherever they stand. */
static const char *const masked[] = {
	"text", "unmodifiedText", "key", "code", "windowsVirtualKeyCode", "nativeVirtualKeyCode",
	"value", "unserializableValue", "arguments", "expression", "functionDeclaration", "source",
	"body", "postData", "postDataEntries", "data", "payload", "payloadData", "result", "preview",
	"cookie", "cookies", "set-cookie", "authorization", "proxy-authorization", "x-auth-token",
	"headersText", "requestHeadersText", "associatedCookies", "blockedCookies", "exceptionDetails",
	"description", "defaultPrompt", "promptText", "userInput", "message", "username", "password",
};

static bool is_masked(const char *name)
{
	for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
		if (!strcasecmp(name, masked[i]))
			return true;
	return false;
}

/* A URL's query may be a token. */
static void cut_query(cJSON *url)
{
	char *query = strpbrk(url->valuestring, "?#");

	if (query)
		memcpy(query, query[1] && query[2] ? "?*" : "", query[1] && query[2] ? 3 : 1);
	if (!strncmp(url->valuestring, "data:", 5) && strlen(url->valuestring) > 5)
		url->valuestring[5] = '\0';
}

static bool is_url(const cJSON *item)
{
	const char *name = item->string ? item->string : "", *text = item->valuestring;

	return strcasestr(name, "url") || !strcasecmp(name, "location") || !strncasecmp(text, "http://", 7)
		|| !strncasecmp(text, "https://", 8);
}

static void mask_inside(cJSON *json)
{
	cJSON *item;

	cJSON_ArrayForEach (item, json) {
		if (item->string && is_masked(item->string)) {
			cJSON *star = cJSON_CreateString("*");
			star->string = xstrdup(item->string);
			cJSON_ReplaceItemViaPointer(json, item, star); /* frees the item */
			item = star;
			continue;
		}
		if (cJSON_IsString(item) && is_url(item))
			cut_query(item);
		mask_inside(item);
	}
}

/* "params" and "result" are looked into; the rest of a message is its envelope. */
char *cdp_redact(const char *text, size_t size)
{
	AUTO(json) cJSON *message = json_parse(text, size, NULL);
	char *shown;

	if (!message)
		return xasprintf("%zu bytes that are not JSON", size);
	mask_inside(cJSON_GetObjectItemCaseSensitive(message, "params"));
	mask_inside(cJSON_GetObjectItemCaseSensitive(message, "result"));
	shown = json_print(message);
	secret_redact(shown, strlen(shown));
	return shown;
}

void cdp_redact_log(char direction, const char *text, size_t size)
{
	AUTO(text) char *shown = cdp_redact(text, size);

	log_line(LOG_PROTOCOL, "%c %.*s", direction, (int)SHOWN_MAX, shown);
}
