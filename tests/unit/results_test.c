/* What is kept of runs that see the same purchases again, and otherwise. */
#include "src/results.h"

#include "cdp/base/json.h"
#include "src/account.h"
#include "src/identity.h"
#include "src/place.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"

#include <stdio.h>

enum { RUNS_MAX = 4, LINE_MAX = 200 };

struct world {
	char folder[32];
	struct store *store;
	struct site_account account;
	const struct story *story;
};

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct error err;

	w->story = *state;
	memcpy(w->folder, "/tmp/gabbai-test-XXXXXX", 24);
	assert_non_null(mkdtemp(w->folder));
	place_setup(w->folder);
	w->store = store_open(&err);
	assert_ok(w->store != NULL, &err);
	assert_ok(account_read("visa-cal", &w->account, &err), &err);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	store_free(w->store);
	folder_remove(w->folder);
	free(w);
	return 0;
}

/* ---- runs, written down ---- */

/* "p 11-03 -1000 Coffee" is a pending purchase, "c 11-03 -1000 Coffee (memo) 1/3 =71" a completed one, with
 * memo, installment and identifier where it has them.  "11-03T20:15" has a time of day. */
static void add_line(struct account *a, const char *line)
{
	char kind, date[32], memo[LINE_MAX] = "", identifier[LINE_MAX] = "", word[LINE_MAX];
	struct buf description = { 0 };
	int amount, end = 0;

	assert_int_equal(sscanf(line, " %c %31s %d %n", &kind, date, &amount, &end), 3);
	struct transaction *t = account_add(a);
	for (int size; sscanf(line + end, "%199s%n", word, &size) == 1; end += size) {
		if (word[0] == '=')
			memcpy(identifier, word + 1, strlen(word));
		else if (word[0] == '(')
			(void)sscanf(word, "(%[^)]", memo);
		else if (sscanf(word, "%d/%d", &t->number, &t->total) != 2)
			buf_printf(&description, "%s%s", description.size ? " " : "", word);
	}
	AUTO(text) char *moment = xasprintf("2026-%s%s", date, strchr(date, 'T') ? ":00" : "");
	t->pending = kind == 'p';
	assert_true(value_time(moment, &t->bought));
	t->debited = t->bought;
	t->original_minor = t->charged_minor = amount;
	t->original_currency = xstrdup("₪");
	t->charged_currency = t->pending ? NULL : xstrdup("₪");
	t->description = buf_take(&description);
	t->memo = xstrdup(memo);
	t->identifier = strchr(line, '=') ? xstrdup(identifier) : NULL;
	t->normal = !t->total;
	t->credit = amount > 0;
}

/* Lines are separated by ";".  The first may be "since 11-05" or "problem". */
static struct collection collected(const char *number, const char *lines)
{
	struct collection c = { .first = { .year = 2026, .month = 1, .day = 1 } };
	struct account *a = collection_add(&c, number);
	AUTO(text) char *copy = xstrdup(lines);
	char *rest = copy;

	for (char *line; (line = strsep(&rest, ";"));) {
		line += strspn(line, " ");
		if (!strncmp(line, "problem", 7))
			a->problem = xstrdup("it could not be read");
		else if (sscanf(line, "since %d-%d", &c.first.month, &c.first.day) != 2 && *line)
			add_line(a, line);
	}
	identity_assign("visa-cal", &c);
	return c;
}

static int64_t run(struct world *w, const char *number, const char *lines)
{
	struct collection c = collected(number, lines);
	struct error err;
	int64_t new_rows = -1;

	assert_ok(results_save_collection(w->store, &w->account, 1, &c, &new_rows, &err), &err);
	collection_clear(&c);
	return new_rows;
}

/* The rows as they were written, with the fields that are otherwise now behind "!". */
static char *all_rows(struct world *w)
{
	AUTO(rows) struct rows *rows = store_ask(w->store, "SELECT substr(status, 1, 1), substr(local_date, 6), original_minor,"
		" description, iif(memo = '', '', ' (' || memo || ')'), iif(installments, ' ' || installment || '/' || installments, ''),"
		" coalesce(' =' || identifier, ''), (SELECT ' !' || group_concat(value ->> 'field') FROM json_each(anomalies))"
		" FROM transactions ORDER BY rowid", NULL, NULL);
	struct buf text = { 0 };

	while (rows_next(rows, NULL))
		buf_printf(&text, "%s%s %s %d %s%s%s%s%s", text.size ? "; " : "", rows_text(rows, 0), rows_text(rows, 1),
			(int)rows_int(rows, 2), rows_text(rows, 3), rows_text(rows, 4), rows_text(rows, 5), rows_text(rows, 6),
			rows_is_null(rows, 7) ? "" : rows_text(rows, 7));
	return buf_take(&text);
}

static const struct story {
	const char *name;
	const char *runs[RUNS_MAX + 1];
	int new_rows[RUNS_MAX];
	const char *kept;
} stories[] = {
	{ "the_same_again", { "c 11-03 -1000 Coffee =71; c 11-04 -500 Bus", "c 11-03 -1000 Coffee =71; c 11-04 -500 Bus" },
		{ 2, 0 }, "c 11-03 -1000 Coffee =71; c 11-04 -500 Bus" },
	{ "overlapping_dates", { "c 11-03 -1000 Coffee =71; c 11-04 -500 Bus", "since 11-04; c 11-04 -500 Bus; c 11-05 -500 Bus" },
		{ 2, 1 }, "c 11-03 -1000 Coffee =71; c 11-04 -500 Bus; c 11-05 -500 Bus" },
	{ "another_time_of_day", { "c 11-03T09:00 -500 Bus", "c 11-03T21:30 -500 Bus", "c 11-03 -500 Bus" },
		{ 1, 0, 0 }, "c 11-03 -500 Bus" },
	{ "true_twins", { "c 11-03 -500 Bus; c 11-03 -500 Bus", "c 11-03 -500 Bus; c 11-03 -500 Bus",
		"c 11-03 -500 Bus; c 11-03 -500 Bus; c 11-03 -500 Bus" }, { 2, 0, 1 },
		"c 11-03 -500 Bus; c 11-03 -500 Bus; c 11-03 -500 Bus" },
	{ "twins_with_identifiers", { "c 11-03 -500 Bus =1; c 11-03 -500 Bus =2", "c 11-03 -500 Bus =2; c 11-03 -500 Bus =1" },
		{ 2, 0 }, "c 11-03 -500 Bus =1; c 11-03 -500 Bus =2" },
	{ "listed_in_two_places", { "c 11-03 -500 Bus =1; c 11-03 -500 Bus =1", "c 11-03 -500 Bus =1; c 11-03 -500 Bus =1" },
		{ 1, 0 }, "c 11-03 -500 Bus =1" },
	{ "identifiers_that_say_nothing", { "c 11-03 -500 Bus =0; c 11-03 -700 Taxi =undefined_1; c 11-03 -900 Kiosk =",
		"c 11-03 -500 Bus; c 11-03 -700 Taxi =undefined_2; c 11-03 -900 Kiosk =0" }, { 3, 0 },
		"c 11-03 -500 Bus; c 11-03 -700 Taxi; c 11-03 -900 Kiosk" },
	{ "an_identifier_that_came_late", { "c 11-03 -500 Bus", "c 11-03 -500 Bus =9", "c 11-03 -500 Bus =9" }, { 1, 0, 0 },
		"c 11-03 -500 Bus =9" },
	{ "an_identifier_for_all_installments", { "c 11-03 -500 Sofa 1/3 =7", "c 11-03 -500 Sofa 1/3 =7; c 12-03 -500 Sofa 2/3 =7" },
		{ 1, 1 }, "c 11-03 -500 Sofa 1/3 =7; c 12-03 -500 Sofa 2/3 =7" },
	{ "the_next_installment_of_an_identifier", { "c 11-03 -500 Sofa 1/3 =7", "since 12-01; c 12-03 -500 Sofa 2/3 =7" }, { 1, 1 },
		"c 11-03 -500 Sofa 1/3 =7; c 12-03 -500 Sofa 2/3 =7" },
	{ "an_identifier_for_two_purchases", { "c 11-03 -500 Bus =7; c 11-08 -900 Taxi =7", "c 11-08 -900 Taxi =7; c 11-03 -500 Bus =7" },
		{ 2, 0 }, "c 11-03 -500 Bus =7; c 11-08 -900 Taxi =7" },
	{ "what_changes_later_is_noted_once", { "c 11-03 -500 Bus =7", "c 11-04 -700 Coach =7", "c 11-04 -700 Coach =7" },
		{ 1, 0, 0 }, "c 11-03 -500 Bus =7 !localDate,originalAmount,chargedAmount,description" },
	{ "an_identifier_whose_memo_became_another_purchases", { "c 11-03 -500 Bus (a) =7", "c 11-03 -500 Bus (b) =7",
		"c 11-03 -500 Bus (b) =7; c 11-03 -500 Bus (a) =7" }, { 1, 0, 1 }, "c 11-03 -500 Bus (b) =7; c 11-03 -500 Bus (a) =7" },
	{ "memos_may_change", { "c 11-03 -500 Bus (a) =7; c 11-04 -500 Bus (b)", "c 11-03 -500 Bus (c) =7; c 11-04 -500 Bus (d)" },
		{ 2, 0 }, "c 11-03 -500 Bus (c) =7; c 11-04 -500 Bus (d)" },
	{ "memos_tell_twins_apart", { "c 11-04 -500 Bus (a); c 11-04 -500 Bus (b)", "c 11-04 -500 Bus (b); c 11-04 -500 Bus (a)" },
		{ 2, 0 }, "c 11-04 -500 Bus (a); c 11-04 -500 Bus (b)" },
	{ "memos_tell_pending_twins_apart", { "p 11-04 -500 Bus (a); p 11-04 -500 Bus (b)", "p 11-04 -500 Bus (b); p 11-04 -500 Bus (a)" },
		{ 2, 0 }, "p 11-04 -500 Bus (a); p 11-04 -500 Bus (b)" },
	{ "a_refund_is_another", { "c 11-03 -500 Shop", "c 11-03 -500 Shop; c 11-03 500 Shop" }, { 1, 1 },
		"c 11-03 -500 Shop; c 11-03 500 Shop" },
	{ "a_pending_refund_completes", { "p 11-03 500 Shop; p 11-03 -500 Shop", "c 11-03 500 Shop =8; c 11-03 -500 Shop =9" },
		{ 2, 0 }, "c 11-03 500 Shop =8; c 11-03 -500 Shop =9" },

	{ "pending_completes", { "p 11-03 -500 Bus", "p 11-03 -500 Bus", "c 11-03 -500 Bus =9", "c 11-03 -500 Bus =9" },
		{ 1, 0, 0, 0 }, "c 11-03 -500 Bus =9" },
	{ "pending_completes_without_an_identifier", { "p 11-03 -500 Bus", "c 11-03 -500 Bus", "c 11-03 -500 Bus" }, { 1, 0, 0 },
		"c 11-03 -500 Bus" },
	{ "pending_completes_with_a_memo_at_another_time", { "p 11-03T23:00 -500 Bus", "c 11-03 -500 Bus (line-5) =9" }, { 1, 0 },
		"c 11-03 -500 Bus (line-5) =9" },
	{ "the_merchant_is_written_otherwise", { "p 11-03 -500 coffee  BAR", "c 11-03 -500 Coffee Bar =9" }, { 1, 0 },
		"c 11-03 -500 Coffee Bar =9" },
	{ "the_merchant_was_cut", { "p 11-03 -500 Super-Phar", "c 11-03 -500 Super-Pharm Haifa =9" }, { 1, 0 },
		"c 11-03 -500 Super-Pharm Haifa =9" },
	{ "a_purchase_around_midnight", { "p 11-03T23:59 -500 Bus", "c 11-04 -500 Bus =9" }, { 1, 0 }, "c 11-04 -500 Bus =9" },
	{ "another_purchase_the_day_after", { "p 11-03 -500 Bus", "p 11-03 -500 Bus; p 11-04 -500 Bus",
		"c 11-04 -500 Bus =2; c 11-03 -500 Bus =1" }, { 1, 1, 0 }, "c 11-03 -500 Bus =1; c 11-04 -500 Bus =2" },
	{ "another_amount_is_another_purchase", { "p 11-03 -500 Bus", "c 11-03 -700 Bus =9" }, { 1, 1 },
		"v 11-03 -500 Bus; c 11-03 -700 Bus =9" },
	{ "another_merchant_is_another_purchase", { "p 11-03 -500 Bus", "c 11-03 -500 Taxi =9; p 11-03 -500 Bus" }, { 1, 1 },
		"p 11-03 -500 Bus; c 11-03 -500 Taxi =9" },
	{ "twins_complete_one_by_one", { "p 11-03 -500 Bus; p 11-03 -500 Bus", "p 11-03 -500 Bus; c 11-03 -500 Bus =1",
		"c 11-03 -500 Bus =1; c 11-03 -500 Bus =2" }, { 2, 0, 0 }, "c 11-03 -500 Bus =1; c 11-03 -500 Bus =2" },
	{ "a_twin_that_comes_when_one_is_pending", { "p 11-03 -500 Bus", "p 11-03 -500 Bus; p 11-03 -500 Bus" }, { 1, 1 },
		"p 11-03 -500 Bus; p 11-03 -500 Bus" },
	{ "listed_as_pending_for_a_while_after", { "p 11-03 -500 Bus", "p 11-03 -500 Bus; c 11-03 -500 Bus =9",
		"p 11-03 -500 Bus; c 11-03 -500 Bus =9", "c 11-03 -500 Bus =9" }, { 1, 0, 0, 0 }, "c 11-03 -500 Bus =9" },
	{ "one_of_two_is_listed_for_a_while_after", { "p 11-03 -500 Bus", "c 11-03 -500 Bus =9; p 11-03 -500 Bus; p 11-03 -500 Bus" },
		{ 1, 1 }, "c 11-03 -500 Bus =9; p 11-03 -500 Bus" },
	{ "pending_is_never_what_was_completed_before", { "c 11-03 -500 Bus", "p 11-03 -500 Bus" }, { 1, 1 },
		"c 11-03 -500 Bus; p 11-03 -500 Bus" },
	{ "a_purchase_in_installments_completes", { "p 11-03 -900 Sofa 1/3", "c 11-03 -900 Sofa 1/3 =9; c 12-03 -900 Sofa 2/3 =10" },
		{ 1, 1 }, "c 11-03 -900 Sofa 1/3 =9; c 12-03 -900 Sofa 2/3 =10" },

	{ "pending_vanishes", { "p 11-03 -500 Hotel", "c 11-04 -900 Bus =1", "c 11-04 -900 Bus =1" }, { 1, 1, 0 },
		"v 11-03 -500 Hotel; c 11-04 -900 Bus =1" },
	{ "what_vanished_comes_back", { "p 11-03 -500 Hotel", "", "p 11-03 -500 Hotel" }, { 1, 0, 0 }, "p 11-03 -500 Hotel" },
	{ "what_vanished_completes", { "p 11-03 -500 Hotel", "", "c 11-03 -500 Hotel =4" }, { 1, 0, 0 }, "c 11-03 -500 Hotel =4" },
	{ "nothing_vanishes_when_the_card_cannot_be_read", { "p 11-03 -500 Hotel", "problem" }, { 1, 0 }, "p 11-03 -500 Hotel" },
	{ "nothing_vanishes_that_was_not_asked_for", { "p 11-03 -500 Hotel", "since 11-04" }, { 1, 0 }, "p 11-03 -500 Hotel" },
	{ "completed_never_vanishes", { "c 11-03 -500 Hotel", "" }, { 1, 0 }, "c 11-03 -500 Hotel" },
};
enum { STORIES = sizeof stories / sizeof *stories };

static void plays(void **state)
{
	struct world *w = *state;
	const struct story *story = w->story;

	for (size_t i = 0; story->runs[i]; i++)
		assert_int_equal(run(w, "7431", story->runs[i]), story->new_rows[i]);
	AUTO(text) char *rows = all_rows(w);
	assert_string_equal(rows, story->kept);
}

/* ---- ids ---- */

static char *id_of(struct world *w, int row)
{
	AUTO(rows) struct rows *rows = store_ask(w->store, "SELECT id FROM transactions ORDER BY rowid LIMIT 1 OFFSET ?",
		SQL(SQL_INT(row)), NULL);

	return rows_next(rows, NULL) ? xstrdup(rows_text(rows, 0)) : NULL;
}

static void an_id_is_for_good(void **state)
{
	struct world *w = *state;

	(void)run(w, "7431", "p 11-03 -500 Bus; p 11-03 -500 Bus");
	AUTO(text) char *first = id_of(w, 0);
	AUTO(text) char *second = id_of(w, 1);
	assert_int_equal(strncmp(first, "visa-cal:7431:-:", 16), 0);
	assert_int_equal(strlen(first), 16 + 16);
	assert_contains(second, first);
	assert_contains(second, "#2");

	struct collection c = collected("7431", "c 11-03 -500 Bus (memo) =9; c 11-03 -500 Bus =8");
	int64_t new_rows;
	assert_true(results_save_collection(w->store, &w->account, 1, &c, &new_rows, NULL));
	assert_string_equal(c.accounts[0].list[0].id, first);
	assert_string_equal(c.accounts[0].list[1].id, second);
	assert_true(c.accounts[0].list[0].first_seen > 0);
	collection_clear(&c);
}

static void an_id_depends_on_what_a_person_sees(void **state)
{
	static const char *const others[] = { "c 11-04 -500 Bus =7", "c 11-03 -501 Bus =7", "c 11-03 500 Bus =7",
		"c 11-03 -500 Taxi =7", "c 11-03 -500 Bus (memo) =7", "c 11-03 -500 Bus 1/2 =7", "c 11-03 -500 Bus =8" };
	struct collection one = collected("7431", "c 11-03T08:00 -500 Bus =7"), later = collected("7431", "c 11-03T19:00 -500 Bus =7");

	(void)state;
	assert_string_equal(one.accounts[0].list[0].id, later.accounts[0].list[0].id);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct collection other = collected("7431", others[i]);
		assert_string_not_equal(one.accounts[0].list[0].id, other.accounts[0].list[0].id);
		collection_clear(&other);
	}
	collection_clear(&one);
	collection_clear(&later);
}

/* ---- cards, accounts ---- */

static void cards_do_not_mix(void **state)
{
	struct world *w = *state;

	assert_int_equal(run(w, "7431", "p 11-03 -500 Bus"), 1);
	assert_int_equal(run(w, "2086", "c 11-03 -500 Bus =7"), 1);
	assert_int_equal(run(w, "2086", "p 11-03 -500 Bus"), 1);
	AUTO(text) char *rows = all_rows(w);
	assert_string_equal(rows, "p 11-03 -500 Bus; c 11-03 -500 Bus =7; p 11-03 -500 Bus");
}

static void two_accounts_may_see_one_card(void **state)
{
	struct world *w = *state;
	struct collection c = { 0 };

	(void)run(w, "7431", "c 11-03 -500 Bus =7");
	assert_true(account_read("visa-cal/spouse", &w->account, NULL));
	assert_int_equal(run(w, "7431", "c 11-03 -500 Bus =7; c 11-04 -500 Bus =8"), 2);
	assert_true(results_read(w->store, &(struct results_query){ .site = "visa-cal" }, &c, NULL));
	assert_int_equal(c.count, 2);
	assert_string_equal(c.accounts[0].owner, "default");
	assert_int_equal(c.accounts[0].count, 1);
	assert_int_equal(c.accounts[1].count, 1); /* the other is there once */
	collection_clear(&c);
	assert_true(results_read(w->store, &(struct results_query){ .site = "visa-cal", .account = "spouse" }, &c, NULL));
	assert_int_equal(c.accounts[0].count, 2);
	collection_clear(&c);
}

static void what_is_read_is_what_was_kept(void **state)
{
	struct world *w = *state;
	struct collection c = { 0 };

	(void)run(w, "7431", "c 11-05T13:14 -500 קפה (memo) 2/3 =7; p 11-04 -300 Bus; c 11-03 700 Shop");
	assert_true(results_read(w->store, &(struct results_query){ 0 }, &c, NULL));
	assert_int_equal(c.accounts[0].count, 2);
	const struct transaction *refund = &c.accounts[0].list[0], *t = &c.accounts[0].list[1];
	assert_true(refund->credit && refund->charged_minor == 700);
	assert_string_equal(t->identifier, "7");
	assert_string_equal(t->description, "קפה");
	assert_string_equal(t->memo, "memo");
	assert_string_equal(t->original_currency, "₪");
	assert_int_equal(t->bought.hour * 100 + t->bought.minute, 1314);
	assert_int_equal(t->number * 10 + t->total, 23);
	collection_clear(&c);

	static const struct {
		struct results_query query;
		size_t count;
	} queries[] = {
		{ { .pending = true }, 3 },
		{ { .since = "2026-11-04" }, 1 },
		{ { .until = "2026-11-04", .pending = true }, 2 },
		{ { .run = 1 }, 2 },
		{ { .number = "0000" }, 0 },
		{ { .site = "hotmart" }, 0 },
		{ { .run = 2 }, 0 },
	};
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		assert_true(results_read(w->store, &queries[i].query, &c, NULL));
		assert_int_equal(c.count ? c.accounts[0].count : 0, queries[i].count);
		collection_clear(&c);
	}
}

/* ---- products ---- */

/* A product 7 as one run sees it; PRICE and TEMPERATURE below 0: the site does not say. */
static int64_t run_products(struct world *w, int price, double temperature, const char *producer)
{
	struct collection c = { 0 };
	struct product *p = collection_add_product(&c);
	struct error err;
	int64_t new_rows = -1;

	*p = (struct product){ .id = xstrdup("7"), .name = xstrdup("Curso"), .producer = copy_of(producer), .has_price = price >= 0,
		.price = { price, xstrdup("BRL") }, .commission_percent = 40, .temperature = temperature,
		.blueprint = PRODUCT_UNKNOWN, .rating = 4.7, .answers = 12 };
	/* Rows of one second are one row. */
	assert_true(store_do(w->store, "UPDATE product_prices SET seen_at = seen_at - 60", NULL, NULL));
	assert_ok(results_save_collection(w->store, &w->account, 1, &c, &new_rows, &err), &err);
	collection_clear(&c);
	return new_rows;
}

static void a_product_is_kept_once_and_its_price_when_it_changes(void **state)
{
	static const struct {
		int price;
		double temperature;
		const char *producer;
		int new_rows, prices;
	} runs[] = {
		{ 9700, 100, "Rita", 1, 1 },
		{ 9700, 100, "Rita", 0, 1 },
		{ 8900, 100, NULL, 0, 2 },
		{ -1, 100, NULL, 0, 2 }, /* not to be seen is no change */
		{ 8900, 101.5, "Rita", 0, 3 },
		{ 9700, 100, "Rita", 0, 4 }, /* back again */
	};
	struct world *w = *state;
	struct collection c = { 0 };

	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		assert_int_equal(run_products(w, runs[i].price, runs[i].temperature, runs[i].producer), runs[i].new_rows);
		AUTO(rows) struct rows *rows = store_ask(w->store, "SELECT count(*) FROM product_prices", NULL, NULL);
		assert_true(rows_next(rows, NULL));
		assert_int_equal(rows_int(rows, 0), runs[i].prices);
	}
	(void)run_products(w, -1, PRODUCT_UNKNOWN, NULL);
	assert_true(results_read(w->store, &(struct results_query){ .site = "visa-cal" }, &c, NULL));
	assert_int_equal(c.product_count, 1);
	const struct product *p = c.products;
	assert_string_equal(p->id, "7");
	assert_string_equal(p->producer, "Rita");
	assert_true(p->has_price && p->price.minor == 9700 && !strcmp(p->price.currency, "BRL"));
	assert_true(p->temperature == 100 && p->blueprint == PRODUCT_UNKNOWN && p->rating == 4.7 && !p->has_commission);
	collection_clear(&c);
}

/* ---- all or nothing ---- */

static void a_full_disk_leaves_all_as_it_was(void **state)
{
	struct world *w = *state;
	struct collection c = collected("7431", "c 11-03 -500 Bus =7");
	struct buf many = { 0 };
	struct error err = { 0 };
	int64_t new_rows = -1;

	assert_true(results_save_collection(w->store, &w->account, 1, &c, &new_rows, NULL));
	collection_clear(&c);
	AUTO(rows) struct rows *rows = store_ask(w->store, "PRAGMA page_count", NULL, NULL);
	assert_true(rows_next(rows, NULL));
	AUTO(text) char *limit = xasprintf("PRAGMA max_page_count = %d", (int)rows_int(rows, 0) + 2);
	rows_free(TAKE(rows));
	assert_true(store_do(w->store, limit, NULL, NULL));
	for (int i = 0; i < 500; i++)
		buf_printf(&many, "c 11-04 -%d Bus =1%d;", i, i);
	c = collected("7431", buf_text(&many));
	assert_fails(results_save_collection(w->store, &w->account, 1, &c, &new_rows, &err), &err, ERR_SYSTEM);
	assert_contains(err.text, "full");
	assert_int_equal(new_rows, 1);
	AUTO(text) char *kept = all_rows(w);
	assert_string_equal(kept, "c 11-03 -500 Bus =7");
	buf_clear(&many);
	collection_clear(&c);
}

int main(void)
{
	struct CMUnitTest tests[STORIES + 10] = { { 0 } };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(an_id_is_for_good),
		cmocka_unit_test(an_id_depends_on_what_a_person_sees),
		cmocka_unit_test(cards_do_not_mix),
		cmocka_unit_test(two_accounts_may_see_one_card),
		cmocka_unit_test(what_is_read_is_what_was_kept),
		cmocka_unit_test(a_product_is_kept_once_and_its_price_when_it_changes),
		cmocka_unit_test(a_full_disk_leaves_all_as_it_was),
	};
	size_t count = 0;

	for (; count < STORIES; count++)
		tests[count] = (struct CMUnitTest){ .name = stories[count].name, .test_func = plays, .setup_func = setup,
			.teardown_func = teardown, .initial_state = (void *)&stories[count] };
	for (size_t i = 0; i < sizeof more / sizeof *more; i++, count++) {
		tests[count] = more[i];
		tests[count].setup_func = setup;
		tests[count].teardown_func = teardown;
	}
	return _cmocka_run_group_tests("results", tests, count, NULL, NULL);
}
