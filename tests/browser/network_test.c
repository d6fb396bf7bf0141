/* Requests, responses, bodies. */
#include "cdp/network.h"
#include "tests/lib/site.h"

static const struct cdp_exchange *finished(const char *part)
{
	const struct cdp_exchange_match match = { .url_part = part, .finished = true };
	const struct cdp_exchange *x = cdp_network_wait(site.page, &match, soon(), &site.err);

	assert_ok(x != NULL, &site.err);
	return x;
}

static void R01_redirects_are_listed(void **state)
{
	(void)state;
	go(here("redir?n=2"));
	const struct cdp_exchange *first = finished("redir?n=2");
	assert_int_equal(first->status, 302);
	assert_int_equal(first->redirects, 0);
	assert_string_equal(cdp_exchange_header(first->response_headers, "location"), "/redir?n=1");
	const struct cdp_exchange *last = finished("/echo");
	assert_int_equal(last->status, 200);
	assert_int_equal(last->redirects, 2);
	assert_string_equal(last->type, "Document");
	assert_string_equal(last->method, "GET");
	assert_contains(last->mime, "json");
}

static void R01_failed_and_aborted(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("(fetch('http://127.0.0.1:9/refused').catch(() => 0), 1)", "1");
	assert_contains(finished("/refused")->failure, "net::ERR_");
	assert_js("(window.a = new AbortController(), fetch('/hang?aborted', {signal: a.signal}).catch(() => 0),"
		"setTimeout(() => a.abort(), 100), 1)", "1");
	assert_string_equal(finished("hang?aborted")->failure, "net::ERR_ABORTED");
	assert_js("fetch('/status?c=404&body=no').then(r => r.text())", "\"no\"");
	const struct cdp_exchange *missing = finished("c=404");
	assert_int_equal(missing->status, 404);
	assert_null(missing->failure);
	assert_string_equal(missing->type, "Fetch");
}

static void R01_after_this_moment(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("fetch('/echo?same').then(r => r.text()).then(t => t.length > 0)", "true");
	const unsigned long long now = cdp_network_now(site.page);
	const struct cdp_exchange_match match = { .url_part = "echo?same", .after = now, .finished = true };
	assert_null(cdp_network_find(site.page, &match));
	assert_js("(setTimeout(() => fetch('/echo?same', {method: 'POST', body: '{}'}).then(r => r.text()), 100), 1)", "1");
	const struct cdp_exchange *x = cdp_network_wait(site.page, &match, soon(), &site.err);
	assert_ok(x != NULL, &site.err);
	assert_string_equal(x->method, "POST");
	assert_true(x->number > now);
	const struct cdp_exchange_match never = { .url_part = "never" };
	const struct cdp_exchange *none = cdp_network_wait(site.page, &never, deadline_in_ms(200), &site.err);
	assert_fails(none != NULL, &site.err, ERR_TIMEOUT);
}

static char *body(const char *part, size_t *size)
{
	char *bytes = cdp_network_body(site.page, finished(part)->number, size, deadline_in_ms(20000), &site.err);

	assert_ok(bytes != NULL, &site.err);
	return bytes;
}

static void R02_bodies(void **state)
{
	size_t size = 99;

	(void)state;
	show("<p>x");
	assert_js("fetch('/echo?json').then(r => r.json()).then(j => j.method)", "\"GET\"");
	AUTO(text) char *json = body("echo?json", &size);
	assert_contains(json, "\"method\"");
	assert_int_equal(strlen(json), size);
	assert_js("fetch('/status?c=200&empty').then(r => r.text())", "\"\"");
	AUTO(text) char *empty = body("c=200&empty", &size);
	assert_int_equal(size, 0);
	assert_js("fetch('/dl?name=x.bin&kb=3').then(r => r.arrayBuffer()).then(b => b.byteLength)", "3072");
	AUTO(text) char *binary = body("dl?name=x.bin", &size);
	assert_int_equal(size, 3072);
	assert_js("fetch('/gzip').then(r => r.text()).then(t => (window.unpacked = t).length > 0)", "true");
	AUTO(text) char *unpacked = body("/gzip", &size);
	assert_js(words("window.unpacked.length === %zu", size), "true");
}

static void R02_body_after_a_navigation(void **state)
{
	size_t size = 0;

	(void)state;
	show("<p>x");
	assert_js("fetch('/echo?before').then(r => r.text()).then(t => t.length > 10)", "true");
	const unsigned long long number = finished("echo?before")->number;
	go(there("echo?elsewhere"));
	go(here("echo?again"));
	AUTO(text) char *text = cdp_network_body(site.page, number, &size, soon(), &site.err);
	assert_ok(text != NULL, &site.err);
	assert_contains(text, "\"before\"");
}

/* The answer that sends the page away: what a login's token comes in. */
static void R02_body_of_the_request_before_a_navigation(void **state)
{
	size_t size = 0;

	(void)state;
	show("<p>x");
	assert_js(words("(fetch('/echo?token').then(r => r.text()).then(() => location.href = '%s'), 1)", there("echo?home")), "1");
	assert_ok(cdp_page_wait_url(site.page, "echo?home", soon(), &site.err), &site.err);
	AUTO(text) char *text = body("echo?token", &size);
	assert_contains(text, "\"token\"");
}

static void R02_body_of_25_megabytes(void **state)
{
	size_t size = 0;

	(void)state;
	show("<p>x");
	assert_js("fetch('/big?n=26214400').then(r => r.arrayBuffer()).then(b => b.byteLength)", "26214400");
	AUTO(text) char *text = body("big?n=26214400", &size);
	assert_int_equal(size, 26214400);
	assert_memory_equal(text, "0123456789 the quick", 20);
}

static void R02_body_of_a_frame_of_another_site(void **state)
{
	size_t size = 0;

	(void)state;
	show(words("<iframe name=kid src='%s'></iframe>", there("echo?inframe")));
	AUTO(text) char *text = body("echo?inframe", &size);
	assert_contains(text, "inframe");
}

static void R03_posted_data(void **state)
{
	(void)state;
	show("<form id=f action='/post' method=post enctype='multipart/form-data'><input name=field value='in the form'></form>");
	assert_js("fetch('/echo?posted', {method: 'POST', body: JSON.stringify({a: 'é'})}).then(r => r.text()).then(t => t.length > 0)", "true");
	const struct cdp_exchange *json = finished("echo?posted");
	assert_string_equal(json->method, "POST");
	assert_non_null(json->post_data);
	assert_string_equal(json->post_data, "{\"a\":\"é\"}");
	assert_js("fetch('/echo?urlencoded', {method: 'PUT', "
		"body: new URLSearchParams({a: '1', b: 'x y'})}).then(r => r.text()).then(t => t.length > 0)",
		"true");
	assert_string_equal(finished("echo?urlencoded")->post_data, "a=1&b=x+y");
	assert_js("(f.submit(), 1)", "1");
	assert_ok(cdp_page_wait_url(site.page, "/echo", soon(), &site.err), &site.err);
	const struct cdp_exchange_match match = { .url_part = "/post", .method = "POST", .answered = true };
	const struct cdp_exchange *form = cdp_network_wait(site.page, &match, soon(), &site.err);
	assert_ok(form != NULL, &site.err);
	assert_int_equal(form->status, 303);
	assert_non_null(form->post_data);
	assert_contains(form->post_data, "in the form");
}

static void R06_blocked_requests(void **state)
{
	static const char *const patterns[] = { "*unwanted*" };

	(void)state;
	assert_ok(cdp_network_block(site.page, patterns, 1, &site.err), &site.err);
	show("<p>x");
	assert_js("new Promise(ok => { const i = new Image(); i.onerror = () => ok('not made'); i.onload = () => ok('made');"
		"i.src = '/echo?unwanted' })", "\"not made\"");
	assert_js("fetch('/echo?unwanted-too').then(() => 'made', () => 'not made')", "\"not made\"");
	assert_js("fetch('/echo?free').then(r => r.text()).then(t => t.length > 0)", "true");
	AUTO(json) cJSON *journal = journal_read();
	AUTO(text) char *seen = json_print(journal);
	assert_contains(seen, "free");
	assert_lacks(seen, "unwanted\"");
}

static const struct CMUnitTest tests[] = {
	PAGE(R01_redirects_are_listed),
	PAGE(R01_failed_and_aborted),
	PAGE(R01_after_this_moment),
	PAGE(R02_bodies),
	PAGE(R02_body_after_a_navigation),
	PAGE(R02_body_of_the_request_before_a_navigation),
	PAGE(R02_body_of_25_megabytes),
	PAGE(R02_body_of_a_frame_of_another_site),
	PAGE(R03_posted_data),
	PAGE(R06_blocked_requests),
};

int main(void)
{
	return site_run(tests);
}
