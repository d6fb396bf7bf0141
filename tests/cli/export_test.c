/* gabbai export, history and show: what they print of a store that is known, byte for byte. */
#include "src/account.h"
#include "src/history.h"
#include "src/identity.h"
#include "src/place.h"
#include "src/results.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/gabbai-test-XXXXXX";

static const struct {
	const char *identifier, *bought, *debited, *description, *memo, *category, *original, *charged; /* charged NULL: pending */
	int original_minor, charged_minor, number, total;
	bool credit;
} rows[] = {
	{ "11", "2026-10-24T23:30:00", "2026-11-02", "קפה \"נמרוד\"", "", "מסעדות", "₪", "₪", -1850, -1850, 0, 0, false },
	{ "12", "2026-10-25T00:30:00", "2026-11-02", "=HYPERLINK(\"x\"); & <b>", "a, b\n[2026]", NULL, "$", "₪", -2907, -11162, 0, 0,
		false },
	{ "13", "2026-10-26T00:00:00", "2026-11-02", "(Refund) of a very long name that goes on", "", NULL, "₪", "₪", 4000, 4000, 0, 0,
		true },
	{ "14", "2026-10-27T00:00:00", "2026-11-02", "רהיטים", "", NULL, "₪", "₪", -90000, -30000, 2, 3, false },
	{ "15", "2026-10-28T00:00:00", "2026-10-29", "AMAZON", "", NULL, "€", "€", -500, -500, 0, 0, false },
	{ NULL, "2026-11-20T10:00:00", "2026-11-20", "Taxi", "", NULL, "₪", NULL, -3300, -3300, 0, 0, false },
};
enum { ROWS = sizeof rows / sizeof *rows };

static struct collection collected(void)
{
	struct collection c = { .first = { .year = 2026, .month = 1, .day = 1 } };
	struct account *a = collection_add(&c, "7431");

	a->description = xstrdup("ויזה");
	for (size_t i = 0; i < ROWS; i++) {
		struct transaction *t = account_add(a);
		*t = (struct transaction){
			.identifier = copy_of(rows[i].identifier), .description = xstrdup(rows[i].description),
			.memo = xstrdup(rows[i].memo), .category = copy_of(rows[i].category),
			.original_currency = xstrdup(rows[i].original), .charged_currency = copy_of(rows[i].charged),
			.original_minor = rows[i].original_minor, .charged_minor = rows[i].charged_minor,
			.number = rows[i].number, .total = rows[i].total, .credit = rows[i].credit, .pending = !rows[i].charged,
			.normal = !rows[i].credit && !rows[i].total };
		assert_true(value_time(rows[i].bought, &t->bought) && value_time(rows[i].debited, &t->debited));
	}
	identity_assign("visa-cal", &c);
	return c;
}

/* Two runs: one that found all, and one that the site refused. */
static int setup(void **state)
{
	struct site_account account;
	struct error err;
	int64_t new_rows;

	(void)state;
	assert_non_null(mkdtemp(folder));
	place_setup(folder);
	AUTO(store) struct store *store = store_open(&err);
	assert_ok(store != NULL, &err);
	assert_true(account_read("visa-cal", &account, &err));
	struct collection c = collected();
	const int64_t first = history_begin(store, &account, &err);
	assert_ok(results_save_collection(store, &account, first, &c, &new_rows, &err), &err);
	assert_ok(history_end(store, first, "login", NULL, ROWS, new_rows, &err), &err);
	collection_clear(&c);
	struct error refused = { 0 };
	(fail)(&refused, ERR_REFUSED, "Visa Cal refused these credentials");
	const int64_t second = history_begin(store, &account, &err);
	assert_ok(history_end(store, second, "login", &refused, 0, 0, &err), &err);
	assert_ok(store_do(store, "UPDATE runs SET started_at = 1795000000 + id * 60, ended_at = 1795000030 + id * 60", NULL, &err),
		&err);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static struct ran gabbai_here(const char *const *args)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s", folder);

	return gabbai((const char *[]){ data, NULL }, args);
}

/* ---- exports ---- */

static const struct export {
	const char *name, *args[8], *text;
} exports[] = {
	{ "csv", { "-f", "csv", "--pending" },
		"date,processed_date,account,status,charged_amount,charged_currency,original_amount,original_currency,installment,"
		"installments,description,memo,category,id\r\n"
		"2026-10-24,2026-11-02,7431,completed,-18.50,ILS,-18.50,ILS,,,\"קפה \"\"נמרוד\"\"\",,מסעדות,visa-cal:7431:11:ee\r\n"
		"2026-10-25,2026-11-02,7431,completed,-111.62,ILS,-29.07,USD,,,\"'=HYPERLINK(\"\"x\"\"); & <b>\",\"a, b\n[2026]\",,"
		"visa-cal:7431:12:ee\r\n"
		"2026-10-26,2026-11-02,7431,completed,40.00,ILS,40.00,ILS,,,(Refund) of a very long name that goes on,,,"
		"visa-cal:7431:13:ee\r\n"
		"2026-10-27,2026-11-02,7431,completed,-300.00,ILS,-900.00,ILS,2,3,רהיטים,,,visa-cal:7431:14:ee\r\n"
		"2026-10-28,2026-10-29,7431,completed,-5.00,EUR,-5.00,EUR,,,AMAZON,,,visa-cal:7431:15:ee\r\n"
		"2026-11-20,2026-11-20,7431,pending,-33.00,,-33.00,ILS,,,Taxi,,,visa-cal:7431:-:ee\r\n" },
	{ "csv_with_a_mark", { "-f", "csv", "--bom", "--until", "2026-10-24" },
		"\ufeffdate,processed_date,account,status,charged_amount,charged_currency,original_amount,original_currency,installment,"
		"installments,description,memo,category,id\r\n"
		"2026-10-24,2026-11-02,7431,completed,-18.50,ILS,-18.50,ILS,,,\"קפה \"\"נמרוד\"\"\",,מסעדות,visa-cal:7431:11:ee\r\n" },
	{ "a_card_that_is_not_there", { "-f", "ledger", "--account", "0000" }, "" },
	{ "qif", { "visa-cal", "-f", "qif", "--since", "2026-10-26", "--pending" },
		"!Account\nNvisa-cal 7431\nTCCard\n^\n!Type:CCard\n"
		"D10/26/2026\nT40.00\nC*\nP(Refund) of a very long name that goes on\n^\n"
		"D10/27/2026\nT-300.00\nC*\nPרהיטים\nMinstallment 2/3\n^\n"
		"D11/20/2026\nT-33.00\nPTaxi\nMpending\n^\n"
		"!Account\nNvisa-cal 7431-EUR\nTCCard\n^\n!Type:CCard\n"
		"D10/28/2026\nT-5.00\nC*\nPAMAZON\n^\n" },
	{ "ledger", { "visa-cal/default", "-f", "ledger", "--since", "2026-10-25", "--until", "2026-10-26" },
		"2026-10-25 * '=HYPERLINK(\"x\"), & <b>\n"
		"    ; id: visa-cal:7431:12:ee\n    ; processed: 2026-11-02\n    ; original: -29.07 USD\n    ; memo: a, b (2026)\n"
		"    Liabilities:VisaCal:7431  -111.62 ILS\n    Expenses:Unknown\n\n"
		"2026-10-26 * '(Refund) of a very long name that goes on\n"
		"    ; id: visa-cal:7431:13:ee\n    ; processed: 2026-11-02\n"
		"    Liabilities:VisaCal:7431  40.00 ILS\n    Expenses:Unknown\n\n" },
	{ "beancount", { "-f", "beancount", "--since", "2026-10-27", "--pending" },
		"1970-01-01 open Liabilities:VisaCal:7431\n1970-01-01 open Expenses:Unknown\n\n"
		"2026-10-27 * \"רהיטים\" \"\"\n  id: \"visa-cal:7431:14:ee\"\n  processed: \"2026-11-02\"\n"
		"  original: \"-900.00 ILS\"\n  installment: \"2/3\"\n  Liabilities:VisaCal:7431  -300.00 ILS\n  Expenses:Unknown\n\n"
		"2026-11-20 ! \"Taxi\" \"\"\n  id: \"visa-cal:7431:-:ee\"\n  processed: \"2026-11-20\"\n"
		"  Liabilities:VisaCal:7431  -33.00 ILS\n  Expenses:Unknown\n\n"
		"2026-10-28 * \"AMAZON\" \"\"\n  id: \"visa-cal:7431:15:ee\"\n  processed: \"2026-10-29\"\n"
		"  Liabilities:VisaCal:7431  -5.00 EUR\n  Expenses:Unknown\n\n" },
	{ "ofx", { "-f", "ofx", "--since", "2026-10-25", "--until", "2026-10-26" },
		"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
		"<?OFX OFXHEADER=\"200\" VERSION=\"211\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" NEWFILEUID=\"NONE\"?>\n"
		"<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n<STATUS>\n<CODE>0</CODE>\n<SEVERITY>INFO</SEVERITY>\n</STATUS>\n"
		"<DTSERVER>20261026120000[+2:IST]</DTSERVER>\n<LANGUAGE>HEB</LANGUAGE>\n<FI>\n<ORG>visa-cal</ORG>\n</FI>\n</SONRS>\n"
		"</SIGNONMSGSRSV1>\n<CREDITCARDMSGSRSV1>\n<CCSTMTTRNRS>\n<TRNUID>0</TRNUID>\n<STATUS>\n<CODE>0</CODE>\n"
		"<SEVERITY>INFO</SEVERITY>\n</STATUS>\n<CCSTMTRS>\n<CURDEF>ILS</CURDEF>\n<CCACCTFROM>\n<ACCTID>7431</ACCTID>\n"
		"</CCACCTFROM>\n<BANKTRANLIST>\n<DTSTART>20261025120000[+2:IST]</DTSTART>\n<DTEND>20261026120000[+2:IST]</DTEND>\n"
		"<STMTTRN>\n<TRNTYPE>DEBIT</TRNTYPE>\n<DTPOSTED>20261025120000[+2:IST]</DTPOSTED>\n"
		"<DTAVAIL>20261102120000[+2:IST]</DTAVAIL>\n<TRNAMT>-111.62</TRNAMT>\n<FITID>visa-cal:7431:12:ee</FITID>\n"
		"<NAME>=HYPERLINK(\"x\"); &amp; &lt;b&gt;</NAME>\n<MEMO>a, b [2026]; -29.07 USD</MEMO>\n</STMTTRN>\n"
		"<STMTTRN>\n<TRNTYPE>CREDIT</TRNTYPE>\n<DTPOSTED>20261026120000[+2:IST]</DTPOSTED>\n"
		"<DTAVAIL>20261102120000[+2:IST]</DTAVAIL>\n<TRNAMT>40.00</TRNAMT>\n<FITID>visa-cal:7431:13:ee</FITID>\n"
		"<NAME>(Refund) of a very long name tha</NAME>\n<MEMO>(Refund) of a very long name that goes on</MEMO>\n</STMTTRN>\n"
		"</BANKTRANLIST>\n<LEDGERBAL>\n<BALAMT>-71.62</BALAMT>\n<DTASOF>20261026120000[+2:IST]</DTASOF>\n</LEDGERBAL>\n"
		"</CCSTMTRS>\n</CCSTMTTRNRS>\n</CREDITCARDMSGSRSV1>\n</OFX>\n" },
};
enum { EXPORTS = sizeof exports / sizeof *exports };

/* TEXT with "ee" for the print at the end of each id. */
static char *without_prints(const char *text)
{
	struct buf out = { 0 };

	for (; *text; text++) {
		buf_putc(&out, *text);
		if (*text == ':' && strspn(text + 1, "0123456789abcdef") == 16) {
			buf_puts(&out, "ee");
			text += 16;
		}
	}
	return buf_take(&out);
}

static void prints(void **state)
{
	const struct export *e = *state;
	const char *args[10] = { "export" };

	for (size_t i = 0; e->args[i]; i++)
		args[i + 1] = e->args[i];
	AUTO(ran) struct ran ran = gabbai_here(args);
	AUTO(ran) struct ran again = gabbai_here(args);
	AUTO(text) char *plain = without_prints(ran.out);
	assert_int_equal(ran.code, 0);
	assert_string_equal(plain, e->text);
	assert_string_equal(ran.out, again.out);
}

static void as_the_npm_package_has_it(void **state)
{
	AUTO(ran) struct ran ran = gabbai_here((const char *[]){ "export", "-f", "ibs", NULL });
	const cJSON *txns = json_list(ran.json, "accounts.0.txns");
	double charged = 0;

	(void)state;
	assert_true(json_true(ran.json, "success"));
	assert_int_equal(cJSON_GetArraySize(txns), ROWS - 1);
	assert_string_equal(json_str(txns, "0.date"), "2026-10-24T20:30:00.000Z");
	assert_string_equal(json_str(txns, "1.date"), "2026-10-24T21:30:00.000Z"); /* the clocks go back an hour later */
	assert_string_equal(json_str(txns, "1.originalCurrency"), "$");
	assert_true(json_num(txns, "2.chargedAmount", &charged) && charged < 0);
	assert_null(json_at(txns, "0.id"));
}

static void our_record_has_what_is_known_of_it(void **state)
{
	AUTO(ran) struct ran ran = gabbai_here((const char *[]){ "export", "--json", NULL });
	const cJSON *txns = json_list(ran.json, "accounts.0.txns");
	int64_t minor = 0;

	(void)state;
	assert_string_equal(json_str(ran.json, "accounts.0.description"), "ויזה");
	assert_string_equal(json_str(txns, "1.localDate"), "2026-10-25");
	assert_true(json_int(txns, "2.amountMinor", &minor) && minor == 4000);
	assert_non_null(json_str(txns, "0.firstSeen"));
}

static void old_readers_get_sgml(void **state)
{
	AUTO(ran) struct ran ran = gabbai_here((const char *[]){ "export", "-f", "ofx", "--ofx-version", "102", NULL });

	(void)state;
	assert_ptr_equal(strstr(ran.out, "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n"), ran.out);
	assert_contains(ran.out, "<TRNAMT>-18.50\n<FITID>");
	assert_contains(ran.out, "</STMTTRN>");
	assert_lacks(ran.out, "</TRNAMT>");
	assert_contains(ran.out, "<ACCTID>7431-EUR\n");
}

static void a_file_is_written_whole(void **state)
{
	AUTO(text) char *path = xasprintf("%s/out.csv", folder);
	AUTO(ran) struct ran ran = gabbai_here((const char *[]){ "export", "-f", "csv", "-o", path, NULL });
	AUTO(ran) struct ran printed = gabbai_here((const char *[]){ "export", "-f", "csv", NULL });
	AUTO(file) FILE *f = fopen(path, "re");
	char text[8192] = "";

	(void)state;
	assert_int_equal(ran.code, 0);
	assert_string_equal(ran.out, "");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof text - 1, f) > 0);
	assert_string_equal(text, printed.out);
}

/* /dev/null stays what it is, and a pipe is one: nothing is put in their place. */
static void what_is_no_file_is_written_to(void **state)
{
	AUTO(text) char *path = xasprintf("%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	AUTO(fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	AUTO(ran) struct ran ran = gabbai_here((const char *[]){ "export", "-f", "csv", "-o", path, NULL });
	AUTO(ran) struct ran printed = gabbai_here((const char *[]){ "export", "-f", "csv", NULL });
	char text[8192] = "";
	struct stat is;

	(void)state;
	assert_int_equal(ran.code, 0);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	assert_string_equal(text, printed.out);
	assert_true(stat(path, &is) == 0 && S_ISFIFO(is.st_mode));
}

static void an_empty_store_exports_nothing(void **state)
{
	AUTO(ran) struct ran ran = gabbai(NULL, (const char *[]){ "export", "-f", "ofx", NULL });

	(void)state;
	assert_int_equal(ran.code, 0);
	assert_lacks(ran.out, "CREDITCARD");
	assert_contains(ran.err, "nothing");
}

/* ---- history ---- */

static void history_tells_how_runs_ended(void **state)
{
	AUTO(ran) struct ran ran = gabbai_here((const char *[]){ "history", NULL });
	AUTO(ran) struct ran one = gabbai_here((const char *[]){ "history", "visa-cal", "-n", "1", "--json", NULL });

	(void)state;
	assert_string_equal(ran.out,
		"   run  started (UTC)     account                tier      exit   rows    new\n"
		"     2  2026-11-18 11:08  visa-cal/default       login        7      0      0  INVALID_PASSWORD: Visa Cal refused these "
		"credentials\n"
		"     1  2026-11-18 11:07  visa-cal/default       login        0      6      6\n");
	assert_int_equal(cJSON_GetArraySize(one.json), 1);
	assert_string_equal(json_str(one.json, "0.errorType"), "INVALID_PASSWORD");
}

static void show_tells_what_was_new(void **state)
{
	AUTO(ran) struct ran first = gabbai_here((const char *[]){ "show", "1", NULL });
	AUTO(ran) struct ran second = gabbai_here((const char *[]){ "show", "2", NULL });
	AUTO(ran) struct ran json = gabbai_here((const char *[]){ "show", "1", "--json", NULL });

	(void)state;
	assert_contains(first.out, "AMAZON");
	assert_contains(first.out, "1 cards, 6 transactions");
	assert_contains(second.out, "nothing was new");
	assert_int_equal(cJSON_GetArraySize(json_list(json.json, "new.0.txns")), ROWS);
	assert_string_equal(json_str(json.json, "tier"), "login");
}

static const struct wrong {
	const char *name, *args[6], *says;
	int code;
} wrongs[] = {
	{ "an_unknown_format", { "export", "-f", "xlsx" }, "xlsx", 2 },
	{ "two_sites", { "export", "visa-cal", "hotmart" }, "one site", 2 },
	{ "an_unknown_site", { "export", "my-bank" }, "my-bank", 10 },
	{ "products_in_a_format_of_accounts", { "export", "hotmart", "-f", "ofx" }, "Hotmart has products", 2 },
	{ "a_day_that_is_none", { "export", "--until", "2026-13-01" }, "2026-13-01", 2 },
	{ "an_unknown_ofx", { "export", "-f", "ofx", "--ofx-version", "9" }, "211 and 102", 2 },
	{ "a_folder_that_is_not_there", { "export", "-o", "/nonexistent/x" }, "/nonexistent/x", 1 },
	{ "an_unknown_run", { "show", "99" }, "no run 99", 2 },
	{ "a_word_for_a_run", { "show", "last" }, "number of a run", 2 },
	{ "no_runs_at_all", { "history", "-n", "0" }, "-n 0", 2 },
};
enum { WRONGS = sizeof wrongs / sizeof *wrongs };

static void is_told_in_a_sentence(void **state)
{
	const struct wrong *w = *state;
	AUTO(ran) struct ran ran = gabbai_here(w->args);

	if (ran.code != w->code)
		fail_msg("exit code %d, not %d: %s", ran.code, w->code, ran.err);
	assert_contains(ran.err, w->says);
	assert_string_equal(ran.out, "");
}

int main(void)
{
	struct CMUnitTest tests[EXPORTS + WRONGS + 10] = { { 0 } };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(as_the_npm_package_has_it),
		cmocka_unit_test(our_record_has_what_is_known_of_it),
		cmocka_unit_test(old_readers_get_sgml),
		cmocka_unit_test(a_file_is_written_whole),
		cmocka_unit_test(what_is_no_file_is_written_to),
		cmocka_unit_test(an_empty_store_exports_nothing),
		cmocka_unit_test(history_tells_how_runs_ended),
		cmocka_unit_test(show_tells_what_was_new),
	};
	size_t count = 0;

	for (size_t i = 0; i < EXPORTS; i++)
		tests[count++] = (struct CMUnitTest){ .name = exports[i].name, .test_func = prints, .initial_state = (void *)&exports[i] };
	for (size_t i = 0; i < WRONGS; i++)
		tests[count++] = (struct CMUnitTest){ .name = wrongs[i].name, .test_func = is_told_in_a_sentence,
			.initial_state = (void *)&wrongs[i] };
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		tests[count++] = more[i];
	return _cmocka_run_group_tests("export", tests, count, setup, teardown);
}
