/* Cookies and what pages store. */
#include "cdp/storage.h"
#include "tests/lib/folder.h"
#include "tests/lib/site.h"

#include <time.h>

static cJSON *cookies_of(struct cdp_context *context)
{
	cJSON *all = cdp_cookies_get(site.browser, context, soon(), &site.err);

	assert_ok(all != NULL, &site.err);
	return all;
}

static const cJSON *cookie_in(const cJSON *all, const char *name)
{
	const cJSON *cookie;

	cJSON_ArrayForEach (cookie, all)
		if (json_str(cookie, "name") && !strcmp(json_str(cookie, "name"), name))
			return cookie;
	return NULL;
}

static const cJSON *cookie_named(const cJSON *all, const char *name)
{
	const cJSON *cookie = cookie_in(all, name);

	if (!cookie)
		fail_msg("no cookie %s", name);
	return cookie;
}

static bool set(const char *json)
{
	AUTO(json) cJSON *list = json_parse(json, strlen(json), &site.err);

	assert_ok(list != NULL, &site.err);
	return cdp_cookies_set(site.browser, NULL, list, soon(), &site.err);
}

static int forget_all(void **state)
{
	(void)cdp_cookies_delete(site.browser, NULL, NULL, NULL, soon(), &site.err);
	return site_page_end(state);
}

static void K20_attributes_come_back(void **state)
{
	const double in_a_year = (double)(time(NULL) + 365 * 86400);
	double expires = 0;

	(void)state;
	assert_ok(set(words("[{\"name\":\"full\",\"value\":\"v=1 2\",\"domain\":\"shop.example\",\"path\":\"/a\",\"secure\":true,"
		"\"httpOnly\":true,\"sameSite\":\"Strict\",\"expires\":%.0f},"
		"{\"name\":\"brief\",\"value\":\"\",\"domain\":\".shop.example\",\"path\":\"/\",\"sameSite\":\"Lax\"},"
		"{\"name\":\"none\",\"value\":\"x\",\"domain\":\"shop.example\",\"path\":\"/\",\"secure\":true,\"sameSite\":\"None\"},"
		"{\"name\":\"\",\"value\":\"unnamed\",\"domain\":\"shop.example\",\"path\":\"/\"},"
		"{\"name\":\"long\",\"value\":\"x\",\"domain\":\"shop.example\",\"path\":\"/\",\"expires\":%.0f}]", in_a_year,
		in_a_year * 1.1)), &site.err);
	AUTO(json) cJSON *all = cookies_of(NULL);
	const cJSON *full = cookie_named(all, "full"), *brief = cookie_named(all, "brief");
	assert_string_equal(json_str(full, "value"), "v=1 2");
	assert_string_equal(json_str(full, "path"), "/a");
	assert_string_equal(json_str(full, "sameSite"), "Strict");
	assert_true(json_true(full, "secure") && json_true(full, "httpOnly"));
	assert_true(json_num(full, "expires", &expires) && expires > in_a_year - 10 && expires < in_a_year + 10);
	assert_true(json_num(brief, "expires", &expires) && expires < 0);
	assert_string_equal(json_str(brief, "value"), "");
	assert_string_equal(json_str(brief, "domain"), ".shop.example");
	assert_string_equal(json_str(cookie_named(all, "none"), "sameSite"), "None");
	assert_string_equal(json_str(cookie_named(all, ""), "value"), "unnamed");
	/* 400 days are the most that browsers keep. */
	assert_true(json_num(cookie_named(all, "long"), "expires", &expires));
	assert_true(expires <= (double)time(NULL) + 401 * 86400);
	/* What was read can be set again. */
	assert_ok(cdp_cookies_delete(site.browser, NULL, NULL, "shop.example", soon(), &site.err), &site.err);
	AUTO(json) cJSON *fewer = cookies_of(NULL);
	assert_null(cookie_in(fewer, "full"));
	assert_non_null(cookie_in(fewer, "brief"));
	assert_ok(cdp_cookies_set(site.browser, NULL, all, soon(), &site.err), &site.err);
	AUTO(json) cJSON *again = cookies_of(NULL);
	assert_int_equal(cJSON_GetArraySize(again), cJSON_GetArraySize(all));
}

static void K20_cookies_reach_the_server(void **state)
{
	(void)state;
	assert_ok(set("[{\"name\":\"seen\",\"value\":\"by-server\",\"domain\":\"127.0.0.1\",\"path\":\"/\",\"httpOnly\":true}]"), &site.err);
	go(here("echo"));
	AUTO(text) char *body = cdp_page_text(site.page, "body", SOON_MS, &site.err);
	assert_ok(body != NULL, &site.err);
	assert_contains(body, "by-server");
	go(here("set-cookie?name=given&value=by-page"));
	AUTO(json) cJSON *all = cookies_of(NULL);
	assert_string_equal(json_str(cookie_named(all, "given"), "value"), "by-page");
}

static void set_with_a_bad_one(const char *bad, const char *why)
{
	const bool stored = set(words("[{\"name\":\"first\",\"value\":\"1\",\"domain\":\"shop.example\",\"path\":\"/\"},%s,"
		"{\"name\":\"last\",\"value\":\"1\",\"domain\":\"shop.example\",\"path\":\"/\"}]", bad));

	assert_fails(stored, &site.err, ERR_VALUE);
	assert_contains(site.err.text, "bad");
	assert_contains(site.err.text, why);
	AUTO(json) cJSON *all = cookies_of(NULL);
	(void)cookie_named(all, "first");
	(void)cookie_named(all, "last");
}

static void K21_one_bad_cookie_among_others(void **state)
{
	(void)state;
	set_with_a_bad_one("{\"name\":\"bad\",\"value\":\"x\",\"domain\":\"shop.example\",\"path\":\"/\",\"expires\":1000}", "expired");
}

static void K21_one_impossible_cookie_among_others(void **state)
{
	(void)state;
	set_with_a_bad_one("{\"name\":\"bad\",\"value\":\"x\",\"domain\":\"shop.example\",\"path\":\"/\",\"sameSite\":\"None\"}", "secure");
}

/* The browser refuses the whole batch: "Invalid cookie fields". */
static void K21_one_cookie_with_a_bad_name_among_others(void **state)
{
	(void)state;
	set_with_a_bad_one("{\"name\":\"__Host-bad\",\"value\":\"x\",\"domain\":\"shop.example\",\"path\":\"/\"}", "__Host-");
}

static void K22_partitioned_cookie_of_a_frame(void **state)
{
	(void)state;
	const char *kid = words("https://localhost:%d/set-cookie?name=parted&value=p1&attrs=%s", site.port,
		encoded("Secure; SameSite=None; Partitioned; Path=/"));
	go(secure(doc(words("<iframe name=kid src='%s'></iframe>", kid))));
	AUTO(json) cJSON *all = cookies_of(NULL);
	const cJSON *parted = cookie_named(all, "parted");
	assert_non_null(json_str(parted, "partitionKey.topLevelSite"));
	assert_contains(json_str(parted, "partitionKey.topLevelSite"), "127.0.0.1");
	/* Away and back again. */
	AUTO(json) cJSON *kept = json_array(JSON_NODE(NULL, cJSON_Duplicate(parted, true)));
	assert_ok(cdp_cookies_delete(site.browser, NULL, "parted", NULL, soon(), &site.err), &site.err);
	AUTO(json) cJSON *none = cookies_of(NULL);
	assert_null(cookie_in(none, "parted"));
	assert_ok(cdp_cookies_set(site.browser, NULL, kept, soon(), &site.err), &site.err);
	go(secure(doc(words("<iframe name=kid src='https://localhost:%d/echo'></iframe>", site.port))));
	AUTO(text) char *body = cdp_page_text(site.page, "frame=kid >> body", SOON_MS, &site.err);
	assert_ok(body != NULL, &site.err);
	assert_contains(body, "parted");
	/* On its own, the site does not get it. */
	go(words("https://localhost:%d/echo", site.port));
	AUTO(text) char *own = cdp_page_text(site.page, "body", SOON_MS, &site.err);
	assert_ok(own != NULL, &site.err);
	assert_lacks(own, "parted");
}

static void K23_contexts_are_apart(void **state)
{
	(void)state;
	AUTO(context) struct cdp_context *one = cdp_context_new(site.browser, soon(), &site.err);
	assert_ok(one != NULL, &site.err);
	AUTO(page) struct cdp_page *in_one = cdp_page_open(site.browser, one, NULL, soon(), &site.err);
	assert_ok(in_one != NULL, &site.err);
	assert_ok(cdp_page_goto(in_one, here("set-cookie?name=own&value=one"), NULL, NULL, &site.err), &site.err);
	assert_js_in(in_one, NULL, "(localStorage.k = 'one', sessionStorage.s = 'two', 1)", "1");
	assert_js_in(in_one, NULL, "new Promise(ok => { const r = indexedDB.open('db'); r.onupgradeneeded = () =>"
		"r.result.createObjectStore('t'); r.onsuccess = () => ok(1) })", "1");
	go(here("echo"));
	assert_js("[document.cookie.includes('own'), localStorage.k === undefined]", "[false,true]");
	assert_js("indexedDB.databases().then(l => l.length)", "0");
	AUTO(json) cJSON *theirs = cookies_of(one), *ours = cookies_of(NULL);
	(void)cookie_named(theirs, "own");
	assert_null(cookie_in(ours, "own"));
	AUTO(json) cJSON *local = cdp_local_storage(cdp_page_main_frame(in_one), soon(), &site.err);
	assert_ok(local != NULL, &site.err);
	assert_string_equal(json_str(local, "k"), "one");
	AUTO(json) cJSON *session = cdp_session_storage(cdp_page_main_frame(in_one), soon(), &site.err);
	assert_ok(session != NULL, &site.err);
	assert_string_equal(json_str(session, "s"), "two");
}

static void K27_deleting_touches_nothing_else(void **state)
{
	(void)state;
	assert_ok(set("[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"one.example\",\"path\":\"/\"},"
		"{\"name\":\"a\",\"value\":\"2\",\"domain\":\"two.example\",\"path\":\"/\"},"
		"{\"name\":\"b\",\"value\":\"3\",\"domain\":\"one.example\",\"path\":\"/deep\"}]"), &site.err);
	assert_ok(cdp_cookies_delete(site.browser, NULL, "a", "one.example", soon(), &site.err), &site.err);
	AUTO(json) cJSON *left = cookies_of(NULL);
	assert_int_equal(cJSON_GetArraySize(left), 2);
	assert_string_equal(json_str(cookie_named(left, "a"), "domain"), "two.example");
	assert_ok(cdp_cookies_delete(site.browser, NULL, NULL, "one.example", soon(), &site.err), &site.err);
	AUTO(json) cJSON *last = cookies_of(NULL);
	assert_int_equal(cJSON_GetArraySize(last), 1);
}

static bool set_in(struct cdp_browser *browser, const char *json)
{
	AUTO(json) cJSON *list = json_parse(json, strlen(json), &site.err);

	return list && cdp_cookies_set(browser, NULL, list, soon(), &site.err);
}

static void K26_profile_that_is_used_again(void **state)
{
	char folder[] = "/tmp/gabbai-test-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	const struct cdp_launch_opts opts = { .profile = folder };
	struct cdp_browser *browser = cdp_browser_launch(&opts, deadline_in_ms(20000), &site.err);
	assert_ok(browser != NULL, &site.err);
	const bool stored = set_in(browser, words("[{\"name\":\"stays\",\"value\":\"1\",\"domain\":\"shop.example\",\"path\":\"/\","
		"\"expires\":%lld}]", (long long)time(NULL) + 86400));
	cdp_browser_free(browser);
	browser = stored ? cdp_browser_launch(&opts, deadline_in_ms(20000), &site.err) : NULL;
	AUTO(json) cJSON *all = browser ? cdp_cookies_get(browser, NULL, soon(), &site.err) : NULL;
	if (browser)
		cdp_browser_free(browser);
	folder_remove(folder);
	assert_ok(all != NULL, &site.err);
	assert_string_equal(json_str(cookie_named(all, "stays"), "value"), "1");
}

#define COOKIES(test) cmocka_unit_test_setup_teardown(test, site_page, forget_all)

static const struct CMUnitTest tests[] = {
	COOKIES(K20_attributes_come_back),
	COOKIES(K20_cookies_reach_the_server),
	COOKIES(K21_one_bad_cookie_among_others),
	COOKIES(K21_one_impossible_cookie_among_others),
	COOKIES(K22_partitioned_cookie_of_a_frame),
	COOKIES(K23_contexts_are_apart),
	COOKIES(K26_profile_that_is_used_again),
	COOKIES(K27_deleting_touches_nothing_else),
	COOKIES(K21_one_cookie_with_a_bad_name_among_others),
};

int main(void)
{
	static const char *const flags[] = { "--ignore-certificate-errors", NULL };

	site_flags = flags;
	return site_run(tests);
}
