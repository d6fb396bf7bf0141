/* Pages that hold secrets wherever a page can: none is in what is left of a run. */
#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/artefact.h"
#include "src/events.h"
#include "src/place.h"
#include "src/store.h"
#include "tests/lib/home.h"
#include "tests/lib/site.h"

#include <string.h>

enum { RUN = 5 };

static struct store *store;

static int begin(void **state)
{
	home_begin(state);
	place_setup(NULL);
	store = store_open(&site.err);
	assert_ok(store != NULL, &site.err);
	return site_page(state);
}

static int end(void **state)
{
	site_page_end(state);
	store_free(store);
	return home_end(state);
}

static void keep(void)
{
	const struct error why = { .code = ERR_TIMEOUT, .text = "it took too long" };

	assert_ok(artefact_keep(&(struct artefact_of){ .run = RUN, .site = "here", .account = "default", .tier = "login", .why = &why,
		.store = store, .page = site.page }, &site.err), &site.err);
}

/* Whether the file NAME has WORDS; it has to be there. */
static bool has(const char *name, const char *words)
{
	size_t size = 0;
	AUTO(text) char *text = artefact_read(RUN, name, &size, &site.err);

	assert_ok(text != NULL, &site.err);
	return memmem(text, size, words, strlen(words)) != NULL;
}

static bool has_picture(void)
{
	size_t size;
	AUTO(text) char *png = artefact_read(RUN, "screenshot.png", &size, NULL);

	return png != NULL;
}

#define PLAIN "<h1>Accounts</h1><p>Balance 1,234.50</p><a href='/pay?id=7#x'>Pay</a><x-plain>words</x-plain>" \
	"<input type=checkbox><select><option>a</select>"

static void a_plain_page_is_there_as_it_was(void **state)
{
	(void)state;
	show(PLAIN);
	keep();
	assert_true(has_picture());
	assert_true(has("page.html", "Balance 1,234.50"));
	assert_true(has("page.html", "href=\"/pay\""));
	assert_true(has("network.har", "\"method\":\"GET\""));
	assert_true(has("run.json", "it took too long"));
}

/* One field more, each of them: then there is no picture. */
static void there_is_no_picture_of_a_page_with_such_a_field(void **state)
{
	static const char *const fields[] = {
		"<input type=password>",
		"<input type=password style='display:none'>",
		"<input type=text name=user_password>",
		"<input autocomplete=one-time-code>",
		"<input id=otpCode type=tel>",
		"<input maxlength=1><input maxlength=1>",
		"<input aria-label='Verification code'>",
		"<input value='Dana'>",
		"<textarea>words</textarea>",
		"<div contenteditable=true>words</div>",
		"<x-app></x-app><script>document.querySelector('x-app').attachShadow({ mode: 'open' }).innerHTML = '<input type=password>'</script>",
		"<x-app></x-app><script>document.querySelector('x-app').attachShadow({ mode: 'closed' }).innerHTML = '<input type=password>'</script>",
		"<div id=d></div><script>document.querySelector('#d').attachShadow({ mode: 'closed' }).innerHTML = '<input type=password>'</script>",
		"<iframe srcdoc='<input type=password>'></iframe>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		AUTO(text) char *html = xasprintf(PLAIN "%s", fields[i]);
		artefact_forget(RUN);
		show(html);
		keep();
		if (has_picture())
			fail_msg("a picture of %s", fields[i]);
	}
}

static void secrets_are_nowhere(void **state)
{
	static const char *const planted[] = { "Hunter2Planted", "481920", "4580123412341234", "eyJhbGciOiJIUzI1NiJ9", "a9f8e7d6c5b4a3f2e1d0c9b8",
		"dana@example.com", "KnownSecret77", "0501234567" };

	(void)state;
	AUTO(secret) struct secret *known = secret_new("KnownSecret77", 13);
	show("<meta name=csrf-token content=a9f8e7d6c5b4a3f2e1d0c9b8>"
		"<script>window.state = { token: 'eyJhbGciOiJIUzI1NiJ9.x.y', password: 'Hunter2Planted' }</script>"
		"<script type=application/json>{\"code\":\"481920\"}</script>"
		"<!-- Hunter2Planted -->"
		"<form action='/in?token=a9f8e7d6c5b4a3f2e1d0c9b8'><input type=hidden name=csrf value=a9f8e7d6c5b4a3f2e1d0c9b8>"
		"<input type=password value=Hunter2Planted><input autocomplete=one-time-code value=481920></form>"
		"<div data-token=eyJhbGciOiJIUzI1NiJ9aaaaaaaaaaaaaaaa data-card='4580 1234 1234 1234' onclick=\"send('Hunter2Planted')\">"
		"Your code is 481920, or 481 920. Card 4580123412341234, phone 0501234567, dana@example.com</div>"
		"<a href='https://user:Hunter2Planted@127.0.0.1/x/a9f8e7d6c5b4a3f2e1d0c9b8?code=481920'>link</a>"
		"<textarea>Hunter2Planted</textarea><p>KnownSecret77</p>"
		"<img src='data:image/png;base64,eyJhbGciOiJIUzI1NiJ9'>");
	AUTO(json) cJSON *asked = cdp_page_eval(site.page, "Promise.all([fetch('/here?code=481920&x', { headers:"
		" { authorization: 'Bearer Hunter2Planted', 'x-csrf': 'a9f8e7d6c5b4a3f2e1d0c9b8' } }),"
		" fetch('/there/a9f8e7d6c5b4a3f2e1d0c9b8', { method: 'POST', body: 'password=Hunter2Planted' })]).then(() => 1)",
		NULL, &site.err);
	assert_ok(asked != NULL, &site.err);
	assert_ok(events_add(store, RUN, "run.phase", json_object(JSON_STR("phase", "KnownSecret77")), &site.err), &site.err);
	keep();
	assert_false(has_picture());
	static const char *const files[] = { "page.html", "network.har", "events.ndjson", "run.json" };
	for (size_t f = 0; f < sizeof files / sizeof *files; f++)
		for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
			if (has(files[f], planted[i]))
				fail_msg("%s is in %s", planted[i], files[f]);
	assert_false(has("page.html", "481 920"));
	assert_true(has("page.html", "Your code is 000000"));
	assert_true(has("network.har", "/here?code=(masked)&x"));
	assert_true(has("network.har", "/there/(masked)"));
}

/* What we know to be secret may stand anywhere. */
static void there_is_no_picture_of_a_secret_that_is_known(void **state)
{
	(void)state;
	AUTO(secret) struct secret *known = secret_new("KnownSecret77", 13);
	show(PLAIN "<p>Welcome, KnownSecret77</p>");
	keep();
	assert_false(has_picture());
}

static void a_page_that_hangs_leaves_the_rest(void **state)
{
	(void)state;
	show(PLAIN);
	AUTO(json) cJSON *hung = cdp_page_eval(site.page, "setTimeout(() => { for (;;); }, 0), 1", NULL, &site.err);
	assert_ok(hung != NULL, &site.err);
	keep();
	assert_false(has_picture());
	assert_true(has("page.html", "does not answer"));
	assert_true(has("run.json", "it took too long"));
}

static void only_the_last_are_kept(void **state)
{
	(void)state;
	show(PLAIN);
	const struct error why = { .code = ERR_TIMEOUT };
	for (int64_t run = 1; run <= ARTEFACT_RUNS_MAX + 2; run++)
		assert_ok(artefact_keep(&(struct artefact_of){ .run = run, .why = &why, .store = store }, &site.err), &site.err);
	AUTO(json) cJSON *first = artefact_list(2, &site.err);
	AUTO(json) cJSON *last = artefact_list(3, &site.err);
	assert_int_equal(cJSON_GetArraySize(first), 0);
	assert_int_equal(cJSON_GetArraySize(last), 2);
	artefact_forget(3);
	AUTO(json) cJSON *none = artefact_list(3, &site.err);
	assert_int_equal(cJSON_GetArraySize(none), 0);
}

#define KEPT(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		KEPT(a_plain_page_is_there_as_it_was),
		KEPT(there_is_no_picture_of_a_page_with_such_a_field),
		KEPT(secrets_are_nowhere),
		KEPT(there_is_no_picture_of_a_secret_that_is_known),
		KEPT(a_page_that_hangs_leaves_the_rest),
		KEPT(only_the_last_are_kept),
	};

	return site_run(tests);
}
