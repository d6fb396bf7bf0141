/* gabbai run on the test site, twice: what it keeps, and what it says when it cannot. */
#include "src/place.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/program.h"

#include <stdio.h>

static struct cal cal;

static int setup(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cal_stop(&cal);
	return 0;
}

static struct store *open_store(void)
{
	static char *data;
	struct error err;

	free(data); /* place_setup() borrowed it */
	data = cal_file(&cal, "data");
	place_setup(data);
	struct store *store = store_open(&err);
	assert_ok(store != NULL, &err);
	return store;
}

/* The number that SQL asks for. */
static int64_t ask(const char *sql)
{
	AUTO(store) struct store *store = open_store();
	AUTO(rows) struct rows *rows = store_ask(store, sql, NULL, NULL);

	assert_true(rows && rows_next(rows, NULL));
	return rows_int(rows, 0);
}

static void set(const char *sql)
{
	AUTO(store) struct store *store = open_store();
	struct error err;

	assert_ok(store_do(store, sql, NULL, &err), &err);
}

static void without_saving_nothing_is_kept(void **state)
{
	const char *const more[] = { "--no-save", NULL };
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "dana", "Secret123", more);

	(void)state;
	assert_int_equal(ran.code, 0);
	assert_int_equal(ask("SELECT count(*) FROM transactions"), 0);
}

static void the_second_run_finds_nothing_new(void **state)
{
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	const int64_t kept = ask("SELECT count(*) FROM transactions");
	AUTO(ran) struct ran second = gabbai_cal(&cal, "dana", "Secret123", NULL);

	(void)state;
	assert_int_equal(first.code, 0);
	assert_int_equal(second.code, 0);
	assert_true(kept > 100);
	assert_int_equal(ask("SELECT count(*) FROM transactions"), kept);
	assert_int_equal(ask("SELECT rows_new FROM runs ORDER BY id DESC LIMIT 1 OFFSET 1"), kept);
	assert_int_equal(ask("SELECT rows_new FROM runs ORDER BY id DESC LIMIT 1"), 0);
	assert_int_equal(ask("SELECT count(*) FROM transactions WHERE anomalies IS NOT NULL OR status = 'vanished'"), 0);
	assert_int_equal(ask("SELECT count(*) FROM transactions WHERE (credit AND charged_minor < 0)"
		" OR (charged_currency IS NOT NULL AND length(charged_currency) != 3) OR length(original_currency) != 3"), 0);
}

static void products_are_kept_once(void **state)
{
	const char *const words[] = { "export", "hotmart", "-f", "json", NULL };
	AUTO(ran) struct ran first = gabbai_hotmart(&cal, "maria", "Secret123", NULL);
	AUTO(ran) struct ran second = gabbai_hotmart(&cal, "maria", "Secret123", NULL);
	AUTO(ran) struct ran kept = gabbai_on(&cal, words);

	(void)state;
	assert_int_equal(first.code, 0);
	assert_int_equal(second.code, 0);
	assert_int_equal(cJSON_GetArraySize(json_list(kept.json, "products")), cJSON_GetArraySize(json_list(first.json, "products")));
	assert_true(ask("SELECT count(*) > 100 FROM products"));
	assert_true(ask("SELECT (SELECT count(*) FROM products) = (SELECT count(*) FROM product_prices)"));
	assert_int_equal(ask("SELECT rows_new FROM runs ORDER BY id DESC LIMIT 1"), 0);
}

static void a_partial_run_keeps_what_it_has(void **state)
{
	const char *const more[] = { "--tier", "login", NULL }; /* the saved session is dana's */
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "stolen", "Secret123", more);

	(void)state;
	assert_int_equal(ran.code, 3);
	assert_true(ask("SELECT rows_new FROM runs ORDER BY id DESC LIMIT 1") > 100);
}

static void what_cannot_be_kept_is_printed_all_the_same(void **state)
{
	set("DELETE FROM transactions");
	set("CREATE TRIGGER full BEFORE INSERT ON transactions BEGIN SELECT RAISE(ABORT, 'no room'); END");
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "dana", "Secret123", NULL);
	set("DROP TRIGGER full");

	(void)state;
	assert_int_equal(ran.code, 1);
	assert_contains(ran.err, "not kept");
	assert_contains(ran.err, "no room");
	assert_false(json_true(ran.json, "success"));
	assert_true(cJSON_GetArraySize(json_list(ran.json, "accounts.0.txns")) > 100);
	assert_int_equal(ask("SELECT exit_code FROM runs ORDER BY id DESC LIMIT 1"), 1);
	assert_int_equal(ask("SELECT count(*) FROM transactions"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_saving_nothing_is_kept),
		cmocka_unit_test(the_second_run_finds_nothing_new),
		cmocka_unit_test(products_are_kept_once),
		cmocka_unit_test(a_partial_run_keeps_what_it_has),
		cmocka_unit_test(what_cannot_be_kept_is_printed_all_the_same),
	};

	return cmocka_run_group_tests_name("results", tests, setup, teardown);
}
