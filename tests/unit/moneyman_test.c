/* moneyman's rows.  What is expected is what its own functions make of the same (transactionHash(), transactionUniqueId() and
 * tableRow() of its version of 2026): dates in Israel's time, numbers as JavaScript writes them. */
#include "src/format.h"

#include "cdp/base/json.h"
#include "tests/lib/asserts.h"

/* TEXT where a record has its own. */
#define OWN(text) ((char[]){ text })

static struct {
	struct transaction t;
	const char *date, *amount, *hash, *unique, *currency;
} rows[] = {
	{ { .description = OWN("שופרסל דיל"), .memo = OWN(""), .original_currency = OWN("ILS"), .charged_currency = OWN("₪"),
		.charged_minor = -12340, .bought = { 2026, 1, 5, 0, 30, 0 }, .first_seen = 1767600000 },
		"05/01/2026", "-123.4", "2026-01-04T22:30:00.000Z_-123.4_שופרסל דיל__visaCal_7431",
		"2026-01-05_visaCal_7431_-123.4_שופרסל דיל_", "ILS" },
	{ { .identifier = OWN("90071992547409931"), .description = OWN("AMZN"), .memo = OWN("a"), .original_currency = OWN("$"),
		.charged_currency = OWN("$"), .charged_minor = -2000, .bought = { 2026, 7, 1, 13, 5, 40 }, .first_seen = 1767600000 },
		"01/07/2026", "-20", "2026-07-01T10:06:00.000Z_-20_AMZN_a_visaCal_7431",
		"2026-07-01_visaCal_7431_-20_90071992547409931", "USD" },
};

static void rows_are_as_moneyman_has_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct transaction copy = rows[i].t;
		struct account account = { .number = (char[]){ "7431" }, .list = &copy, .count = 1 };
		const struct collection c = { .accounts = &account, .count = 1 };
		AUTO(buf) struct buf out = { 0 };
		format_report(FORMAT_MONEYMAN, &(struct report){ .site = "visa-cal", .collection = &c }, &out);
		AUTO(json) cJSON *json = json_parse(buf_text(&out), out.size, NULL);
		AUTO(text) char *amount = json_print(json_at(json, "0.amount"));
		assert_string_equal(json_str(json, "0.date"), rows[i].date);
		assert_string_equal(amount, rows[i].amount);
		assert_string_equal(json_str(json, "0.hash"), rows[i].hash);
		assert_string_equal(json_str(json, "0.uniqueId"), rows[i].unique);
		assert_string_equal(json_str(json, "0.chargedCurrency"), rows[i].currency);
		assert_string_equal(json_str(json, "0.account"), "7431");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_as_moneyman_has_them),
	};

	return cmocka_run_group_tests_name("moneyman", tests, NULL, NULL);
}
