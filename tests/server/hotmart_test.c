/* Hotmart by way of gabbai serve: a run that asks for a code, its products, and what their prices were. */
#include "cdp/base/error.h"
#include "src/place.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <string.h>

enum { PRODUCTS = 20 };

/* What was collected before was so long ago, and cost less. */
static void make_prices_old(const char *product)
{
	struct error err = { 0 };
	AUTO(text) char *data = cal_file(&cal, "data");

	place_setup(data);
	AUTO(store) struct store *store = store_open(&err);
	assert_ok(store && store_do(store, "UPDATE product_prices SET seen_at = seen_at - 86400, price_minor = price_minor - 100"
		" WHERE product = ?", SQL(SQL_TEXT(product)), &err), &err);
	place_setup(NULL);
}

static int64_t price_at(const cJSON *json, const char *path)
{
	int64_t price = -1;

	assert_true(json_int(json, path, &price));
	return price;
}

static void products_and_their_prices_are_there(void **state)
{
	int64_t rows = 0;

	(void)state;
	web_start(&web, &cal, "nova", NULL);
	AUTO(sse) struct sse all = { .fd = -1 };
	assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
	AUTO(text) char *start = xasprintf("{\"site\":\"hotmart\",\"options\":{\"limit\":%d}}", PRODUCTS);
	AUTO(reply) struct reply started = web_post(&web, "/api/runs", start);
	assert_status(started, 202);
	AUTO(json) cJSON *asked = sse_await(&all, "OTP_NEEDED");
	assert_string_equal(json_str(asked, "site"), "hotmart");
	assert_string_equal(json_str(asked, "channel"), "email");
	AUTO(text) char *code = phone_code();
	AUTO(reply) struct reply answered = answer_code(json_str(asked, "requestId"), code);
	assert_status(answered, 200);
	AUTO(json) cJSON *finished = sse_await(&all, "run.finished");
	if (!json_true(finished, "success"))
		fail_msg("%s", json_str(finished, "error"));
	assert_true(json_int(finished, "newRows", &rows) && rows == PRODUCTS);

	AUTO(reply) struct reply listed = web_get(&web, "/api/products?site=hotmart");
	assert_status(listed, 200);
	assert_int_equal(cJSON_GetArraySize(json_at(listed.json, "products")), PRODUCTS);
	AUTO(reply) struct reply some = web_get(&web, "/api/products?site=hotmart&limit=3");
	assert_int_equal(cJSON_GetArraySize(json_at(some.json, "products")), 3);
	AUTO(reply) struct reply none = web_get(&web, "/api/products?q=nothing%20is%20called%20so");
	assert_int_equal(cJSON_GetArraySize(json_at(none.json, "products")), 0);
	const char *id = json_str(listed.json, "products.0.id");
	const int64_t price = price_at(listed.json, "products.0.priceMinor");
	assert_non_null(json_str(listed.json, "products.0.name"));
	assert_non_null(json_str(listed.json, "products.0.currency"));

	/* A price is kept when it is another one than before. */
	AUTO(text) char *path = xasprintf("/api/products/%s/prices", id);
	AUTO(reply) struct reply first = web_get(&web, path);
	assert_int_equal(cJSON_GetArraySize(json_at(first.json, "prices")), 1);
	assert_int_equal(price_at(first.json, "prices.0.priceMinor"), price);
	make_prices_old(id);
	AUTO(reply) struct reply again = { 0 };
	for (const struct deadline until = deadline_in_ms(WEB_MS); !again.status || again.status == 409;) {
		assert_false(deadline_passed(until)); /* the run's process has last things to do */
		reply_clear(&again);
		again = web_post(&web, "/api/scraper/hotmart/scrape", "{}");
	}
	assert_status(again, 200);
	assert_true(json_true(again.json, "success"));
	AUTO(reply) struct reply second = web_get(&web, path);
	assert_int_equal(cJSON_GetArraySize(json_at(second.json, "prices")), 2);
	assert_int_equal(price_at(second.json, "prices.0.priceMinor"), price - 100);
	assert_int_equal(price_at(second.json, "prices.1.priceMinor"), price);
	AUTO(reply) struct reply file = web_get(&web, "/api/export?format=csv&site=hotmart");
	assert_status(file, 200);
	assert_contains(file.body, id);
	assert_true(web_has_no_browser(&web));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(products_and_their_prices_are_there),
	};

	return served_run(tests);
}
