/* Signed-in states, taken out of one context and put into another. */
#include "cdp/state.h"
#include "cdp/storage.h"
#include "tests/lib/site.h"

/* A page that keeps something of every kind, and one of another origin before it. */
static const char keeps[] =
	"<script>"
	"localStorage.a = 'שלום'; localStorage['k.2'] = '{\"x\":1}'; sessionStorage.token = 'CALAuthScheme 42';"
	"document.cookie = 'left=1; max-age=3600; path=/';"
	"window.ready = new Promise((resolve, reject) => {"
	"	const opening = indexedDB.open('notes', 3);"
	"	opening.onupgradeneeded = () => {"
	"		const s = opening.result.createObjectStore('by-key');"
	"		s.createIndex('n', 'n', { unique: false });"
	"		opening.result.createObjectStore('own', { keyPath: ['a', 'b'] });"
	"	};"
	"	opening.onerror = () => reject(opening.error);"
	"	opening.onsuccess = () => {"
	"		const t = opening.result.transaction(['by-key', 'own'], 'readwrite');"
	"		t.objectStore('by-key').put({ n: 1, bytes: new Uint8Array([1, 2, 255]), when: new Date(86400000),"
	"			big: 2n ** 70n, none: undefined, list: [NaN, -0, null] }, 'first');"
	"		t.objectStore('by-key').put('plain', new Date(5));"
	"		t.objectStore('own').put({ a: 1, b: 2, text: 'two' });"
	"		t.oncomplete = () => { opening.result.close(); resolve(true); };"
	"	};"
	"});"
	"</script>kept";

static const char reads[] =
	"new Promise((resolve, reject) => {"
	"	const opening = indexedDB.open('notes');"
	"	opening.onsuccess = () => {"
	"		const t = opening.result.transaction(['by-key', 'own']), s = t.objectStore('by-key');"
	"		const first = s.get('first'), plain = s.get(new Date(5)), own = t.objectStore('own').get([1, 2]);"
	"		const index = s.index('n').count(1);"
	"		t.oncomplete = () => { const v = first.result; opening.result.close(); resolve([opening.result.version,"
	"			Array.from(v.bytes).join(), v.when.getTime(), String(v.big), 'none' in v, Object.is(v.list[0], NaN),"
	"			Object.is(v.list[1], -0), v.list[2] === null, plain.result, own.result.text, index.result].join('|')); };"
	"	};"
	"})";

struct home {
	struct cdp_context *context;
	struct cdp_page *page;
};

static struct home home_new(void)
{
	struct home h = { .context = cdp_context_new(site.browser, soon(), &site.err) };

	assert_ok(h.context != NULL, &site.err);
	h.page = cdp_page_open(site.browser, h.context, NULL, soon(), &site.err);
	assert_ok(h.page != NULL, &site.err);
	return h;
}

static void home_free(struct home *h)
{
	cdp_page_free(h->page);
	cdp_context_free(h->context);
}

static void visit(struct home *h, const char *url)
{
	assert_ok(cdp_page_goto(h->page, url, NULL, NULL, &site.err), &site.err);
}

/* The state of somebody who was on two origins. */
static cJSON *state_of_a_visitor(void)
{
	struct home h = home_new();

	visit(&h, there(doc("<script>sessionStorage.first = 'left behind'; localStorage.other = 'x'</script>")));
	visit(&h, here(doc(keeps)));
	free(js_in(h.page, NULL, "window.ready"));
	cJSON *state = cdp_state_capture(h.page, true, soon(), &site.err);
	assert_ok(state != NULL, &site.err);
	home_free(&h);
	return state;
}

static void K24_a_state_moves_to_another_context(void **state)
{
	AUTO(json) cJSON *saved = state_of_a_visitor();
	struct home h = home_new();

	(void)state;
	assert_int_equal(cJSON_GetArraySize(json_at(saved, "origins")), 2);
	assert_ok(cdp_state_restore(h.page, saved, soon(), &site.err), &site.err);
	/* The page's own first script finds everything. */
	visit(&h, here(doc("<script>window.seen = [localStorage.a, localStorage['k.2'], sessionStorage.token,"
		"document.cookie].join('|')</script>")));
	assert_js_in(h.page, NULL, "window.seen", "\"שלום|{\\\"x\\\":1}|CALAuthScheme 42|left=1\"");
	assert_js_in(h.page, NULL, reads, "\"3|1,2,255|86400000|1180591620717411303424|true|true|true|true|plain|two|1\"");
	visit(&h, there(doc("<script>window.seen = [sessionStorage.first, localStorage.other].join('|')</script>")));
	assert_js_in(h.page, NULL, "window.seen", "\"left behind|x\"");
	home_free(&h);
}

static void a_state_that_was_put_back_is_the_same_state(void **state)
{
	AUTO(json) cJSON *saved = state_of_a_visitor();
	struct home h = home_new();

	(void)state;
	assert_ok(cdp_state_restore(h.page, saved, soon(), &site.err), &site.err);
	AUTO(json) cJSON *again = cdp_state_capture(h.page, true, soon(), &site.err);
	assert_ok(again != NULL, &site.err);
	/* Origins come in another order, perhaps; there are the same two. */
	assert_int_equal(cJSON_GetArraySize(json_at(again, "origins")), 2);
	assert_true(cJSON_Compare(json_at(saved, "cookies"), json_at(again, "cookies"), true));
	const cJSON *one, *other;
	cJSON_ArrayForEach (one, json_at(saved, "origins")) {
		bool same = false;
		cJSON_ArrayForEach (other, json_at(again, "origins"))
			same = same || cJSON_Compare(one, other, true);
		assert_true(same);
	}
	home_free(&h);
}

static void the_network_hears_nothing(void **state)
{
	AUTO(json) cJSON *saved = state_of_a_visitor();
	AUTO(json) cJSON *before = journal_read();
	struct home h = home_new();

	(void)state;
	assert_ok(cdp_state_restore(h.page, saved, soon(), &site.err), &site.err);
	AUTO(json) cJSON *taken = cdp_state_capture(h.page, true, soon(), &site.err);
	assert_ok(taken != NULL, &site.err);
	AUTO(json) cJSON *after = journal_read();
	/* journal_read() itself is a request. */
	assert_int_equal(cJSON_GetArraySize(after), cJSON_GetArraySize(before) + 1);
	home_free(&h);
}

static void partitioned_cookies_keep_their_partition(void **state)
{
	static const char cookies[] =
		"{\"cookies\":[{\"name\":\"chip\",\"value\":\"v\",\"domain\":\"in.example\",\"path\":\"/\",\"expires\":-1,"
		"\"httpOnly\":true,\"secure\":true,\"sameSite\":\"None\",\"partitionKey\":\"https://top.example\","
		"\"_crHasCrossSiteAncestor\":true},"
		"{\"name\":\"old\",\"value\":\"v\",\"domain\":\"in.example\",\"path\":\"/\",\"expires\":1000}],\"origins\":[]}";
	AUTO(json) cJSON *saved = json_parse(cookies, sizeof cookies - 1, NULL);
	struct home h = home_new();

	(void)state;
	assert_ok(cdp_state_restore(h.page, saved, soon(), &site.err), &site.err);
	AUTO(json) cJSON *taken = cdp_state_capture(h.page, false, soon(), &site.err);
	assert_ok(taken != NULL, &site.err);
	assert_int_equal(cJSON_GetArraySize(json_at(taken, "cookies")), 1);
	assert_true(cJSON_Compare(json_at(taken, "cookies.0"), json_at(saved, "cookies.0"), true));
	home_free(&h);
}

/* A database with a Blob is left out; what else the origin keeps is not. */
static void what_cannot_be_saved_costs_nothing_else(void **state)
{
	static const char page[] =
		"<script>localStorage.a = 'kept';"
		"const made = (name, value) => new Promise(resolve => {"
		"	const opening = indexedDB.open(name);"
		"	opening.onupgradeneeded = () => opening.result.createObjectStore('s').put(value, 1);"
		"	opening.onsuccess = () => resolve(opening.result.close());"
		"});"
		"const ring = [1]; ring.push(ring);"
		"window.ready = made('blob', new Blob(['x'])).then(() => made('kinds',"
		"	[new Map([[new Set([1n]), new RangeError('far')]]), JSON.parse('{\"__proto__\":1}'), ring]));"
		"</script>kept";
	static const char reads_kinds[] =
		"new Promise(resolve => { indexedDB.open('kinds').onsuccess = e => {"
		"	e.target.result.transaction('s').objectStore('s').get(1).onsuccess = got => {"
		"		const [map, proto, ring] = got.target.result, [[key, value]] = map;"
		"		resolve([key.has(1n), value instanceof RangeError, value.message, Object.keys(proto)[0],"
		"			ring[1] === ring].join('|'));"
		"	}; }; })";
	struct home h = home_new(), other = home_new();

	(void)state;
	visit(&h, here(doc(page)));
	free(js_in(h.page, NULL, "window.ready.then(() => true)"));
	AUTO(json) cJSON *saved = cdp_state_capture(h.page, false, soon(), &site.err);
	assert_ok(saved != NULL, &site.err);
	assert_string_equal(json_str(saved, "origins.0.localStorage.0.value"), "kept");
	assert_int_equal(cJSON_GetArraySize(json_at(saved, "origins.0.indexedDB")), 1);
	assert_string_equal(json_str(saved, "origins.0.indexedDB.0.name"), "kinds");
	assert_ok(cdp_state_restore(other.page, saved, soon(), &site.err), &site.err);
	visit(&other, here(doc("back")));
	assert_js_in(other.page, NULL, reads_kinds, "\"true|true|far|__proto__|true\"");
	home_free(&h);
	home_free(&other);
}

static void what_is_no_origin_is_refused(void **state)
{
	static const char text[] =
		"{\"origins\":[{\"origin\":\"file:///etc\",\"localStorage\":[{\"name\":\"a\",\"value\":\"b\"}]}]}";
	AUTO(json) cJSON *saved = json_parse(text, sizeof text - 1, NULL);
	struct home h = home_new();

	(void)state;
	assert_false(cdp_state_restore(h.page, saved, soon(), &site.err));
	assert_int_equal(site.err.code, ERR_VALUE);
	/* The page works as before. */
	visit(&h, here(doc("on<script>window.n = 1</script>")));
	assert_js_in(h.page, NULL, "window.n", "1");
	home_free(&h);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(K24_a_state_moves_to_another_context),
	cmocka_unit_test(a_state_that_was_put_back_is_the_same_state),
	cmocka_unit_test(the_network_hears_nothing),
	cmocka_unit_test(partitioned_cookies_keep_their_partition),
	cmocka_unit_test(what_cannot_be_saved_costs_nothing_else),
	cmocka_unit_test(what_is_no_origin_is_refused),
};

int main(void)
{
	return site_run(tests);
}
