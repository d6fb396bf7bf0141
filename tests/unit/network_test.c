/* The record of requests, against a fake browser. */
#include "cdp/network.h"

#include "cdp/conn.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum { SOON_MS = 10000 }; /* for what takes milliseconds */

static const struct cdp_exchange *found(struct cdp_page *page, const char *url_part)
{
	const struct cdp_exchange *x = cdp_network_find(page, &(struct cdp_exchange_match){ .url_part = url_part });

	if (!x)
		fail_msg("no request to %s", url_part);
	return x;
}

static char *body(struct cdp_page *page, unsigned long long number, size_t *size, struct error *err)
{
	return cdp_network_body(page, number, size, deadline_in_ms(SOON_MS), err);
}

static void exchanges_are_recorded(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	size_t size = 77;

	assert_int_equal(cdp_network_now(page), 0);
	talk_next(*state);
	assert_int_equal(cdp_network_now(page), 2);
	const struct cdp_exchange *x = found(page, "/api/");
	const unsigned long long number = x->number;
	assert_string_equal(x->method, "POST");
	assert_string_equal(x->url, "http://a.test/api/cards");
	assert_string_equal(x->type, "XHR");
	assert_string_equal(x->post_data, "{\"page\":1}");
	assert_string_equal(x->mime, "application/json");
	assert_int_equal(x->status, 200);
	assert_true(x->from_cache);
	assert_false(x->finished);
	assert_string_equal(cdp_exchange_header(x->request_headers, "cookie"), "sid=1");
	assert_string_equal(cdp_exchange_header(x->response_headers, "CONTENT-TYPE"), "application/json");
	assert_null(cdp_exchange_header(x->response_headers, "X-Nothing"));
	assert_null(cdp_exchange_header(NULL, "X-Nothing"));

	const struct cdp_exchange *image = found(page, "i.png");
	const unsigned long long failed = image->number;
	assert_string_equal(image->failure, "net::ERR_ABORTED");
	assert_true(image->finished);
	assert_int_equal(image->status, 0);
	assert_null(cdp_network_find(page, &(struct cdp_exchange_match){ .after = 2 }));
	assert_null(cdp_network_find(page, &(struct cdp_exchange_match){ .url_part = "i.png", .method = "POST" }));
	assert_null(cdp_network_find(page, &(struct cdp_exchange_match){ .url_part = "/api/", .finished = true }));
	talk_next(*state);
	assert_non_null(cdp_network_find(page, &(struct cdp_exchange_match){ .url_part = "/api/", .finished = true }));

	AUTO(text) char *text = body(page, number, &size, &err);
	assert_string_equal(text, "[1,2,3]");
	assert_int_equal(size, 7);
	AUTO(text) char *binary = body(page, number, &size, &err);
	assert_int_equal(size, 4);
	assert_memory_equal(binary, "\0\1\2a", 5);
	AUTO(text) char *empty = body(page, number, &size, &err);
	assert_ok(empty, &err);
	assert_int_equal(size, 0);
	AUTO(text) char *gone = body(page, number, &size, &err);
	assert_fails(gone != NULL, &err, ERR_PROTOCOL);
	err = (struct error){ 0 };
	AUTO(text) char *strange = body(page, number, &size, &err);
	assert_fails(strange != NULL, &err, ERR_PROTOCOL);
	AUTO(text) char *aborted = body(page, failed, &size, &err);
	assert_fails(aborted != NULL, &err, ERR_NETWORK);
	AUTO(text) char *unknown = body(page, 99, &size, &err);
	assert_fails(unknown != NULL, &err, ERR_LIMIT);
	AUTO(text) char *none = body(page, 0, &size, &err);
	assert_fails(none != NULL, &err, ERR_LIMIT);
}

static void an_exchange_is_waited_for(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const struct cdp_exchange_match answered = { .url_part = "/api", .answered = true };
	struct error err = { 0 };

	cdp_post(cdp_page_conn(page), NULL, "Test.go", NULL);
	const struct cdp_exchange *x = cdp_network_wait(page, &answered, deadline_in_ms(SOON_MS), &err);
	assert_ok(x, &err);
	assert_int_equal(x->status, 403);
	assert_fails(cdp_network_wait(page, &(struct cdp_exchange_match){ .url_part = "/never" }, deadline_in_ms(10),
		&err) != NULL, &err, ERR_TIMEOUT);
	assert_contains(err.text, "/never");
}

static void old_exchanges_are_forgotten(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };
	size_t size;

	talk_next(*state);
	assert_int_equal(cdp_network_now(page), 2501);
	assert_null(cdp_network_find(page, &(struct cdp_exchange_match){ .url_part = "/first" }));
	assert_int_equal(found(page, "/2499")->status, 201);
	const struct cdp_exchange *oldest = cdp_network_find(page, &(struct cdp_exchange_match){ 0 });
	assert_int_equal(oldest->number, 2501 - CDP_EXCHANGES_MAX + 1);
	AUTO(text) char *lost = body(page, 1, &size, &err);
	assert_fails(lost != NULL, &err, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(exchanges_are_recorded),
		TALK(an_exchange_is_waited_for),
		TALK(old_exchanges_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
