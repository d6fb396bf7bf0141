/* Sessions as files: see session_file.h. */
#include "src/session_file.h"

#include "cdp/base/error.h"

#include <ctype.h>
#include <string.h>

static const char http_only[] = "#HttpOnly_";

int session_format_find(const char *name)
{
	static const char *const names[] = { "storagestate", "cookies.txt", "gabbai" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}

/* ---- what is the site's ---- */

static bool is_below(const char *host, size_t size, const char *domain)
{
	const size_t length = strlen(domain);

	return size >= length && !strncasecmp(host + size - length, domain, length)
		&& (size == length || host[size - length - 1] == '.');
}

static bool is_of(const char *host, size_t size, const cJSON *domains)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, domains)
		if (cJSON_IsString(one) && is_below(host, size, one->valuestring))
			return true;
	return false;
}

static bool cookie_is_of(const cJSON *cookie, const cJSON *domains)
{
	const char *domain = json_str(cookie, "domain");

	if (!domain)
		return false;
	domain += *domain == '.';
	return is_of(domain, strlen(domain), domains);
}

static bool origin_is_of(const cJSON *origin, const cJSON *domains)
{
	const char *text = json_str(origin, "origin");

	if (!text || strncmp(text, "https://", 8) != 0)
		return false;
	return is_of(text + 8, strcspn(text + 8, ":/"), domains);
}

static int drop(cJSON *list, bool (*keeps)(const cJSON *one, const cJSON *domains), const cJSON *domains)
{
	int dropped = 0;

	for (cJSON *one = list ? list->child : NULL, *next; one; one = next) {
		next = one->next;
		if (keeps(one, domains))
			continue;
		cJSON_Delete(cJSON_DetachItemViaPointer(list, one));
		dropped++;
	}
	return dropped;
}

void session_keep_domains(cJSON *state, const cJSON *domains, int *dropped)
{
	*dropped = drop(cJSON_GetObjectItemCaseSensitive(state, "cookies"), cookie_is_of, domains)
		+ drop(cJSON_GetObjectItemCaseSensitive(state, "origins"), origin_is_of, domains);
}

/* ---- reading ---- */

static bool has_controls(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

static bool check_cookie(const cJSON *cookie, int number, struct error *err)
{
	static const char *const texts[] = { "name", "value", "domain", "path" };
	const char *site = json_str(cookie, "sameSite");

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *text = json_str(cookie, texts[i]);
		if (!text || has_controls(text))
			return fail(err, ERR_INPUT, "cookie %d has no good \"%s\"", number, texts[i]);
	}
	return !site || !strcmp(site, "Strict") || !strcmp(site, "Lax") || !strcmp(site, "None")
		|| fail(err, ERR_INPUT, "cookie %d has a sameSite that is not Strict, Lax or None", number);
}

static bool check_items(const cJSON *origin, const char *storage, struct error *err)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, json_list(origin, storage))
		if (!json_str(item, "name") || !json_str(item, "value"))
			return fail(err, ERR_INPUT, "%s: an item of %s has no name or value",
				json_str(origin, "origin") ? json_str(origin, "origin") : "an origin", storage);
	return true;
}

static bool check_state(const cJSON *state, struct error *err)
{
	const cJSON *one;
	int number = 0;

	if (!json_list(state, "cookies") && !json_list(state, "origins"))
		return fail(err, ERR_INPUT, "it has neither \"cookies\" nor \"origins\"");
	cJSON_ArrayForEach (one, json_list(state, "cookies"))
		if (!check_cookie(one, ++number, err))
			return false;
	cJSON_ArrayForEach (one, json_list(state, "origins"))
		if (!check_items(one, "localStorage", err) || !check_items(one, "sessionStorage", err))
			return false;
	return true;
}

/* One of the seven fields of a line; the end of the line is its end. */
static char *field(const char **at)
{
	const size_t size = strcspn(*at, "\t");
	char *text = xstrndup(*at, size);

	*at += size + ((*at)[size] == '\t');
	return text;
}

/* "domain  TRUE  path  TRUE  expires  name  value".  NULL: not such a line. */
static cJSON *cookie_of_line(const char *line)
{
	const bool hidden = !strncmp(line, http_only, sizeof http_only - 1);
	const char *at = line + (hidden ? sizeof http_only - 1 : 0);
	int tabs = 0;

	for (const char *p = at; *p; p++)
		tabs += *p == '\t';
	if (tabs != 6)
		return NULL;
	AUTO(text) char *domain = field(&at);
	AUTO(text) char *subdomains = field(&at);
	AUTO(text) char *path = field(&at);
	AUTO(text) char *secure = field(&at);
	AUTO(text) char *expires = field(&at);
	AUTO(text) char *name = field(&at);
	const int64_t seconds = strtoll(expires, NULL, 10);
	const bool wide = !strcmp(subdomains, "TRUE");
	AUTO(text) char *whole = xasprintf("%s%s", wide && *domain != '.' ? "." : "", domain);
	return json_object(JSON_STR("name", name), JSON_STR("value", at), JSON_STR("domain", whole), JSON_STR("path", path),
		JSON_INT("expires", seconds > 0 ? seconds : -1), JSON_BOOL("httpOnly", hidden),
		JSON_BOOL("secure", !strcmp(secure, "TRUE")), JSON_STR("sameSite", "Lax"));
}

static cJSON *read_cookies_txt(const char *text, struct error *err)
{
	AUTO(json) cJSON *cookies = cJSON_CreateArray();
	int number = 0;

	for (const char *at = text; *at; number++) {
		const size_t size = strcspn(at, "\n");
		AUTO(text) char *line = xstrndup(at, size && at[size - 1] == '\r' ? size - 1 : size);
		at += size + (at[size] == '\n');
		if (!*line || (*line == '#' && strncmp(line, http_only, sizeof http_only - 1) != 0))
			continue;
		cJSON *cookie = cookie_of_line(line);
		if (!cookie)
			return fail(err, ERR_INPUT, "line %d is not one of cookies.txt: seven fields with tabs between", number + 1), NULL;
		json_add(cookies, JSON_NODE(NULL, cookie));
	}
	return json_object(JSON_NODE("cookies", TAKE(cookies)), JSON_NODE("origins", cJSON_CreateArray()));
}

cJSON *session_file_read(const char *text, size_t size, const cJSON *domains, int *dropped, struct error *err)
{
	if (memchr(text, '\0', size))
		return fail(err, ERR_INPUT, "it has a NUL in it"), NULL;
	while (size && isspace((unsigned char)*text))
		text++, size--;
	AUTO(json) cJSON *state = *text == '{' ? json_parse(text, size, err) : read_cookies_txt(text, err);
	if (!state || !check_state(state, err))
		return NULL;
	session_keep_domains(state, domains, dropped);
	if (cJSON_GetArraySize(json_at(state, "cookies")) + cJSON_GetArraySize(json_at(state, "origins")) == 0)
		return fail(err, ERR_INPUT, "nothing in it is of this site"), NULL;
	return TAKE(state);
}

/* ---- writing ---- */

static void write_cookies_txt(const cJSON *state, struct buf *out)
{
	const cJSON *cookie;

	buf_puts(out, "# Netscape HTTP Cookie File\n");
	cJSON_ArrayForEach (cookie, json_list(state, "cookies")) {
		const char *domain = json_str(cookie, "domain");
		double expires = 0;
		(void)json_num(cookie, "expires", &expires);
		if (json_at(cookie, "partitionKey"))
			continue;
		buf_printf(out, "%s%s\t%s\t%s\t%s\t%.0f\t%s\t%s\n", json_true(cookie, "httpOnly") ? http_only : "", domain,
			*domain == '.' ? "TRUE" : "FALSE", json_str(cookie, "path"), json_true(cookie, "secure") ? "TRUE" : "FALSE",
			expires > 0 ? expires : 0, json_str(cookie, "name"), json_str(cookie, "value"));
	}
}

void session_file_write(const cJSON *state, enum session_format format, struct buf *out, const char **lost)
{
	AUTO(json) cJSON *copy = cJSON_Duplicate(state, true);
	cJSON *origin;
	bool had = false;

	*lost = "";
	if (format == SESSION_COOKIES_TXT) {
		write_cookies_txt(state, out);
		if (cJSON_GetArraySize(json_at(state, "origins")))
			*lost = "cookies.txt has no localStorage, sessionStorage and IndexedDB";
		return;
	}
	if (format == SESSION_STORAGE_STATE) {
		cJSON_DeleteItemFromObjectCaseSensitive(copy, "x-gabbai");
		cJSON_ArrayForEach (origin, cJSON_GetObjectItemCaseSensitive(copy, "origins")) {
			had = had || cJSON_GetArraySize(json_at(origin, "sessionStorage")) > 0;
			cJSON_DeleteItemFromObjectCaseSensitive(origin, "sessionStorage");
		}
		*lost = had ? "storageState has no sessionStorage, where some sites keep their sign-in" : "";
	}
	AUTO(text) char *text = json_print_pretty(copy);
	buf_puts(out, text);
	buf_putc(out, '\n');
}
