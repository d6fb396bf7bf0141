/* Cookies and storage: see storage.h. */
#include "cdp/storage.h"

#include "cdp/base/error.h"
#include "cdp/page_impl.h"

#include <string.h>
#include <time.h>

enum { COOKIE_MAX = 4096 }; /* name and value together: RFC 6265bis §5.7 */

static cJSON *context_params(const struct cdp_context *context)
{
	return json_object(JSON_STR("browserContextId", context ? context->id : NULL));
}

struct cdp_reply *cdp_cookies_ask(struct cdp_browser *browser, struct cdp_context *context)
{
	return cdp_send(browser->conn, NULL, "Storage.getCookies", context_params(context));
}

cJSON *cdp_cookies_get(struct cdp_browser *browser, struct cdp_context *context, struct deadline until,
	struct error *err)
{
	AUTO(json) cJSON *answer = cdp_reply_wait(cdp_cookies_ask(browser, context), until, err);
	cJSON *cookies = json_take(answer, "cookies");

	if (answer && !cookies)
		fail(err, ERR_PROTOCOL, "Storage.getCookies: no cookies in the reply");
	return cookies;
}

static bool same_text(const cJSON *a, const cJSON *b, const char *path)
{
	const char *x = json_str(a, path), *y = json_str(b, path);

	return !strcmp(x ? x : "", y ? y : "");
}

/* A domain with a dot in front and one without are told apart by the browser only. */
static bool same_domain(const cJSON *a, const cJSON *b)
{
	const char *x = json_str(a, "domain"), *y = json_str(b, "domain");

	if (!x || !y)
		return true; /* given by url */
	return !strcmp(x + (*x == '.'), y + (*y == '.'));
}

static bool same_cookie(const cJSON *a, const cJSON *b)
{
	const char *path = json_str(a, "path");

	return same_text(a, b, "name") && same_domain(a, b) && same_text(a, b, "value")
		&& (!path || same_text(a, b, "path"))
		&& (!json_at(a, "partitionKey") || same_text(a, b, "partitionKey.topLevelSite"));
}

static const char *why_dropped(const cJSON *cookie)
{
	const char *name = json_str(cookie, "name"), *value = json_str(cookie, "value");
	const char *site = json_str(cookie, "sameSite"), *path = json_str(cookie, "path");
	double expires = -1;

	name = name ? name : "";
	value = value ? value : "";
	if (site && !strcmp(site, "None") && !json_true(cookie, "secure"))
		return "SameSite=None needs secure";
	if (!strncmp(name, "__Host-", 7) && (!json_true(cookie, "secure") || (path && strcmp(path, "/") != 0)
			|| (json_str(cookie, "domain") && *json_str(cookie, "domain") == '.')))
		return "__Host- needs secure, path / and no domain";
	if (!strncmp(name, "__Secure-", 9) && !json_true(cookie, "secure"))
		return "__Secure- needs secure";
	if (strlen(name) + strlen(value) > COOKIE_MAX)
		return "longer than 4096 bytes";
	if (json_num(cookie, "expires", &expires) && expires >= 0 && expires < (double)time(NULL))
		return "expired";
	if (strpbrk(name, ";=\r\n\t") || strpbrk(value, ";\r\n"))
		return "a character that cookies cannot have";
	if (json_at(cookie, "partitionKey") && !json_true(cookie, "secure"))
		return "a partitioned cookie needs secure";
	return "the browser refused its domain or its form";
}

static bool not_stored(const cJSON *cookie, struct error *err)
{
	const char *name = json_str(cookie, "name"), *domain = json_str(cookie, "domain");

	return fail(err, ERR_VALUE, "cookie %s of %s was not stored: %s", name ? name : "?",
		domain ? domain : "?", why_dropped(cookie));
}

static int by_name(const void *a, const void *b)
{
	const char *x = json_str(*(const cJSON *const *)a, "name"), *y = json_str(*(const cJSON *const *)b, "name");

	return strcmp(x ? x : "", y ? y : "");
}

/* Pointers to the cookies of LIST, in the order of their names, and NULL.  The caller frees it. */
static const cJSON **sorted_by_name(const cJSON *list, size_t *n)
{
	const cJSON **sorted = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *sorted);
	const cJSON *cookie;

	*n = 0;
	cJSON_ArrayForEach (cookie, list)
		sorted[(*n)++] = cookie;
	qsort(sorted, *n, sizeof *sorted, by_name);
	return sorted;
}

static bool is_among(const cJSON *cookie, const cJSON **sorted, size_t n)
{
	const cJSON **first = bsearch(&cookie, sorted, n, sizeof *sorted, by_name);

	while (first && first > sorted && by_name(first - 1, &cookie) == 0)
		first--;
	for (; first && first < sorted + n && by_name(first, &cookie) == 0; first++)
		if (same_cookie(cookie, *first))
			return true;
	return false;
}

static bool all_stored(const cJSON *cookies, const cJSON *stored, struct error *err)
{
	size_t n;
	const cJSON **sorted = sorted_by_name(stored, &n);
	const cJSON *cookie, *missing = NULL;

	cJSON_ArrayForEach (cookie, cookies)
		if (!missing && !is_among(cookie, sorted, n))
			missing = cookie;
	free(sorted);
	return !missing || not_stored(missing, err);
}

/* The browser refuses a batch for one cookie of a wrong form: then each is set by itself, and the first
 * that is refused is named. */
static bool set_one_by_one(struct cdp_browser *browser, struct cdp_context *context, const cJSON *cookies,
	struct deadline until, struct error *err)
{
	const cJSON *cookie;
	bool ok = true;

	cJSON_ArrayForEach (cookie, cookies) {
		struct error why = { 0 };
		cJSON *params = context_params(context);
		json_add(params, JSON_NODE("cookies", json_array(JSON_NODE(NULL, cJSON_Duplicate(cookie, true)))));
		AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Storage.setCookies", params, until, &why);
		if (answer || !ok)
			continue;
		ok = false;
		if (err)
			*err = why;
		if (why.code == ERR_PROTOCOL)
			(void)not_stored(cookie, err);
	}
	return ok;
}

bool cdp_cookies_set(struct cdp_browser *browser, struct cdp_context *context, const cJSON *cookies,
	struct deadline until, struct error *err)
{
	cJSON *params = context_params(context);
	json_add(params, JSON_NODE("cookies", cJSON_Duplicate(cookies, true)));

	struct cdp_reply *set = cdp_send(browser->conn, NULL, "Storage.setCookies", params);
	struct cdp_reply *get = cdp_cookies_ask(browser, context);
	struct error why = { 0 };
	AUTO(json) cJSON *set_answer = cdp_reply_wait(set, until, &why);
	AUTO(json) cJSON *get_answer = cdp_reply_wait(get, until, set_answer ? &why : NULL);
	if (!set_answer && why.code == ERR_PROTOCOL && cJSON_GetArraySize(cookies) > 1)
		return set_one_by_one(browser, context, cookies, until, err);
	if (!set_answer || !get_answer) {
		if (err)
			*err = why;
		return false;
	}

	return all_stored(cookies, json_at(get_answer, "cookies"), err);
}

bool cdp_cookies_delete(struct cdp_browser *browser, struct cdp_context *context, const char *name,
	const char *domain, struct deadline until, struct error *err)
{
	AUTO(json) cJSON *all = cdp_cookies_get(browser, context, until, err);
	const cJSON *cookie;

	if (!all)
		return false;
	/* Set to a time gone by, each with its own path and partition: there is no other way by context. */
	cJSON *gone = cJSON_CreateArray();
	cJSON_ArrayForEach (cookie, all) {
		const char *its_name = json_str(cookie, "name"), *its_domain = json_str(cookie, "domain");
		if ((name && its_name && strcmp(name, its_name) != 0)
				|| (domain && its_domain && strcmp(domain, its_domain) != 0))
			continue;
		cJSON *copy = cJSON_Duplicate(cookie, true);
		cJSON_DeleteItemFromObject(copy, "expires");
		cJSON_DeleteItemFromObject(copy, "size");
		cJSON_DeleteItemFromObject(copy, "session");
		json_add(copy, JSON_INT("expires", 1));
		cJSON_AddItemToArray(gone, copy);
	}
	cJSON *params = context_params(context);
	json_add(params, JSON_NODE("cookies", gone));
	AUTO(json) cJSON *answer = cdp_call(browser->conn, NULL, "Storage.setCookies", params, until, err);
	return answer != NULL;
}

static cJSON *storage_items(struct cdp_frame *frame, const char *which, struct deadline until,
	struct error *err)
{
	return cdp_frame_call(frame, "storage", json_array(JSON_STR(NULL, which)), until, err);
}

cJSON *cdp_local_storage(struct cdp_frame *frame, struct deadline until, struct error *err)
{
	return storage_items(frame, "localStorage", until, err);
}

cJSON *cdp_session_storage(struct cdp_frame *frame, struct deadline until, struct error *err)
{
	return storage_items(frame, "sessionStorage", until, err);
}
