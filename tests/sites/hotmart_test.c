/* gabbai run hotmart on its test site: every way that a run can end, what it collects, and how its session
 * lives on. */
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/program.h"

#include <stdlib.h>

static struct cal cal;

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

enum { PRODUCTS = 130 };

static int setup(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cal_stop(&cal);
	return 0;
}

/* With nothing saved, and what is saved kept. */
static int begin(void **state)
{
	AUTO(text) char *data = cal_file(&cal, "data");

	(void)state;
	folder_remove(data);
	cal.keeps = true;
	cal_forget(&cal);
	return 0;
}

static int end(void **state)
{
	(void)state;
	cal.keeps = false;
	return 0;
}

static int products(const struct ran *ran)
{
	return cJSON_GetArraySize(json_at(ran->json, "products"));
}

#define assert_code(ran, wanted)                                                                   \
	do {                                                                                       \
		if ((ran).code != (wanted))                                                        \
			fail_msg("exit code %d, not %d: %s", (ran).code, (wanted), (ran).err);     \
	} while (0)

/* ---- how runs end ---- */

static const struct end {
	const char *user, *password;
	int code;
	const char *type; /* NULL: success */
	int products;
} ends[] = {
	{ "maria", "Secret123", 0, NULL, PRODUCTS },
	{ "john", "Secret123", 0, NULL, PRODUCTS },
	{ "slow", "Secret123", 0, NULL, PRODUCTS },
	{ "nova", "Secret123", 0, NULL, PRODUCTS },
	{ "auto", "Secret123", 0, NULL, PRODUCTS },
	{ "expired", "Secret123", 0, NULL, PRODUCTS },
	{ "passwordless", "Secret123", 0, NULL, PRODUCTS },
	{ "shape", "Secret123", 0, NULL, PRODUCTS },
	{ "api429", "Secret123", 0, NULL, PRODUCTS },
	{ "bot202", "Secret123", 0, NULL, PRODUCTS },
	{ "stale", "Secret123", 0, NULL, PRODUCTS },
	{ "empty", "Secret123", 0, NULL, 0 },
	{ "api500", "Secret123", 3, NULL, PRODUCTS },
	{ "dies", "Secret123", 4, "NEEDS_RECONNECT", PRODUCTS },
	{ "wrong", "Secret123", 6, "INVALID_OTP", 0 },
	{ "maria", "Wrong1234", 7, "INVALID_PASSWORD", 0 },
	{ "nobody", "Secret123", 7, "INVALID_PASSWORD", 0 },
	{ "blocked", "Secret123", 7, "ACCOUNT_BLOCKED", 0 },
	{ "captcha", "Secret123", 8, "WAF_BLOCKED", 0 },
};
enum { ENDS = sizeof ends / sizeof *ends };

static void a_run_ends_as_it_should(void **state)
{
	const struct end *wanted = *state;
	AUTO(ran) struct ran ran = gabbai_hotmart(&cal, wanted->user, wanted->password, NULL);
	const char *type = json_str(ran.json, "errorType");

	if (ran.code != wanted->code)
		fail_msg("%s: exit code %d, not %d: %s", wanted->user, ran.code, wanted->code, ran.err);
	assert_int_equal(json_true(ran.json, "success"), wanted->type == NULL);
	if (wanted->type)
		assert_string_equal(type ? type : "none", wanted->type);
	assert_int_equal(products(&ran), wanted->products);
	assert_lacks(ran.err, "Secret123");
	assert_lacks(ran.out, "Secret123");
}

/* ---- what it collects ---- */

static const cJSON *product(const struct ran *ran, const char *id)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, json_at(ran->json, "products"))
		if (json_str(one, "id") && !strcmp(json_str(one, "id"), id))
			return one;
	fail_msg("there is no product %s", id);
	return NULL;
}

static void long_identifiers_stay_whole(void **state)
{
	AUTO(ran) struct ran ran = gabbai_hotmart(&cal, "maria", "Secret123", NULL);

	(void)state;
	(void)product(&ran, "9007199254740993");
	(void)product(&ran, "9007199254740995");
}

static void a_product_has_what_the_market_says(void **state)
{
	AUTO(ran) struct ran ran = gabbai_hotmart(&cal, "maria", "Secret123", ARGS("--limit", "5"));
	const cJSON *one;
	double number;

	(void)state;
	assert_int_equal(products(&ran), 5);
	cJSON_ArrayForEach (one, json_at(ran.json, "products")) {
		assert_non_null(json_str(one, "title"));
		assert_non_null(json_str(one, "producer"));
		assert_non_null(json_str(one, "price.amount"));
		assert_int_equal(strlen(json_str(one, "price.currency")), 3);
		assert_non_null(json_str(one, "description"));
		assert_true(json_num(one, "temperature", &number) && number >= 0 && number <= 150);
		assert_true(json_num(one, "blueprint", &number) && number >= 0 && number <= 100);
	}
}

/* What is read from the pages is what the API says, as far as pages say it. */
static void pages_and_api_agree(void **state)
{
	AUTO(ran) struct ran api = gabbai_hotmart(&cal, "maria", "Secret123", NULL);
	AUTO(ran) struct ran pages = gabbai_hotmart(&cal, "shape", "Secret123", NULL);
	int priced = 0;

	(void)state;
	for (int i = 0; i < PRODUCTS; i++) {
		const cJSON *a = cJSON_GetArrayItem(json_at(api.json, "products"), i);
		const cJSON *p = cJSON_GetArrayItem(json_at(pages.json, "products"), i);
		assert_string_equal(json_str(a, "title"), json_str(p, "title"));
		assert_string_equal(json_str(a, "ucode"), json_str(p, "ucode"));
		assert_true(cJSON_Compare(json_at(a, "temperature"), json_at(p, "temperature"), true));
		if (!json_at(p, "price"))
			continue; /* subscriptions show none */
		assert_true(cJSON_Compare(json_at(a, "price"), json_at(p, "price"), true));
		priced++;
	}
	assert_true(priced > PRODUCTS / 2);
}

static void everybody_sees_the_marketplace(void **state)
{
	AUTO(ran) struct ran ran = gabbai_hotmart(&cal, "", "", ARGS("--public", "--limit", "60"));
	const cJSON *one;

	(void)state;
	assert_code(ran, 0);
	assert_int_equal(products(&ran), 60);
	cJSON_ArrayForEach (one, json_at(ran.json, "products")) {
		assert_non_null(json_str(one, "id"));
		assert_non_null(json_str(one, "title"));
		assert_non_null(json_str(one, "price.currency"));
	}
}

/* ---- sessions ---- */

static int logins(void)
{
	return cal_seen(&cal, "/login");
}

static void end_all(const char *what)
{
	AUTO(text) char *url = xasprintf("https://localhost/_hotmart?end=%s", what);
	AUTO(json) cJSON *ended = cal_ask(&cal, url);

	assert_non_null(ended);
}

static void the_second_run_needs_no_browser(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_hotmart(&cal, "nova", "Secret123", NULL);
	assert_code(first, 0);
	cal_forget(&cal);
	AUTO(ran) struct ran second = gabbai_hotmart(&cal, "", "", ARGS("--no-login"));
	assert_code(second, 0);
	assert_int_equal(logins() + cal_seen(&cal, "/oidc/") + cal_seen(&cal, "/market.js"), 0);
	assert_true(cJSON_Compare(json_at(first.json, "products"), json_at(second.json, "products"), true));
}

/* The app gets another token by itself, as long as its session at the CAS lives. */
static void a_dead_token_is_renewed_without_a_login(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_hotmart(&cal, "nova", "Secret123", NULL);
	assert_code(first, 0);
	end_all("tokens");
	cal_forget(&cal);
	AUTO(ran) struct ran second = gabbai_hotmart(&cal, "", "", ARGS("--no-login"));
	assert_code(second, 0);
	assert_int_equal(products(&second), PRODUCTS);
	/* The one that it got is the one that was saved. */
	cal_forget(&cal);
	AUTO(ran) struct ran third = gabbai_hotmart(&cal, "", "", ARGS("--no-login"));
	assert_code(third, 0);
	assert_int_equal(cal_seen(&cal, "/oidc/"), 0);
}

static void a_device_that_is_trusted_wants_no_code(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = gabbai_hotmart(&cal, "nova", "Secret123", NULL);
	assert_code(first, 0);
	end_all("sessions");
	AUTO(ran) struct ran over = gabbai_hotmart(&cal, "", "", ARGS("--no-login"));
	assert_code(over, 4);
	assert_true(json_true(over.json, "needsReconnect"));
	cal_forget(&cal);
	AUTO(ran) struct ran again = gabbai_hotmart(&cal, "nova", "Secret123", NULL);
	assert_code(again, 0);
	assert_int_equal(cal_seen(&cal, "/verification"), 0);
}

int main(void)
{
	struct CMUnitTest tests[ENDS + 16] = { { 0 } };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(long_identifiers_stay_whole),
		cmocka_unit_test(a_product_has_what_the_market_says),
		cmocka_unit_test(pages_and_api_agree),
		cmocka_unit_test(everybody_sees_the_marketplace),
		cmocka_unit_test_setup_teardown(the_second_run_needs_no_browser, begin, end),
		cmocka_unit_test_setup_teardown(a_dead_token_is_renewed_without_a_login, begin, end),
		cmocka_unit_test_setup_teardown(a_device_that_is_trusted_wants_no_code, begin, end),
	};
	size_t count = 0;

	for (size_t i = 0; i < ENDS; i++)
		tests[count++] = (struct CMUnitTest){ ends[i].user, a_run_ends_as_it_should, NULL, NULL, (void *)&ends[i] };
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		tests[count++] = more[i];
	cmocka_set_test_filter(getenv("TEST"));
	return _cmocka_run_group_tests("hotmart", tests, count, setup, teardown);
}
