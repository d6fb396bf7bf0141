/* Formats: see format.h. */
#include "src/format_impl.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/base/secret.h"
#include "src/ending.h"
#include "src/format_products.h"

#include <inttypes.h>
#include <string.h>

static double amount(int64_t minor)
{
	return (double)minor / 100;
}

/* ---- israeli-bank-scrapers ---- */

int64_t format_ibs_charged(const struct transaction *t)
{
	return t->credit ? -llabs(t->charged_minor) : t->charged_minor;
}

static cJSON *ibs_transaction(const struct transaction *t)
{
	char bought[32], debited[32];

	value_instant_text(value_instant(t->bought, RECORD_ZONE), bought);
	value_instant_text(value_instant(t->debited, RECORD_ZONE), debited);
	return json_object(JSON_STR("identifier", t->identifier), JSON_STR("type", t->normal ? "normal" : "installments"),
		JSON_STR("status", t->pending ? "pending" : "completed"), JSON_STR("date", bought),
		JSON_STR("processedDate", debited), JSON_NUM("originalAmount", amount(t->original_minor)),
		JSON_STR("originalCurrency", t->original_currency), JSON_NUM("chargedAmount", amount(format_ibs_charged(t))),
		JSON_STR("chargedCurrency", t->charged_currency), JSON_STR("description", t->description), JSON_STR("memo", t->memo),
		JSON_STR("category", t->category), JSON_NODE("installments", t->total
			? json_object(JSON_INT("number", t->number), JSON_INT("total", t->total)) : NULL));
}

static void add_failure(cJSON *json, const struct error *failure)
{
	if (!failure)
		return;
	AUTO(text) char *words = xstrdup(failure->text);
	secret_redact(words, strlen(words));
	json_add(json, JSON_STR("errorType", ending_of(failure).type));
	json_add(json, JSON_STR("errorMessage", words));
	if (ending_of(failure).code == EXIT_RECONNECT)
		json_add(json, JSON_BOOL("needsReconnect", true));
}

static cJSON *ibs_report(const struct report *r)
{
	cJSON *json = json_object(JSON_BOOL("success", !r->failure));
	cJSON *accounts = cJSON_CreateArray();

	for (size_t i = 0; i < r->collection->count; i++) {
		const struct account *a = &r->collection->accounts[i];
		cJSON *list = cJSON_CreateArray();
		for (size_t k = 0; k < a->count; k++)
			cJSON_AddItemToArray(list, ibs_transaction(&a->list[k]));
		cJSON_AddItemToArray(accounts, json_object(JSON_NODE("txns", list), JSON_STR("accountNumber", a->number)));
	}
	if (!r->failure || r->collection->count)
		json_add(json, JSON_NODE("accounts", accounts));
	else
		cJSON_Delete(accounts);
	add_failure(json, r->failure);
	return json;
}

/* ---- our own record ---- */

static cJSON *own_transaction(const char *site, const struct account *a, const struct transaction *t)
{
	char instant[32], bought[16], debited[16], first_seen[32];

	value_instant_text(value_instant(t->bought, RECORD_ZONE), instant);
	value_date_text(t->bought, bought);
	value_date_text(t->debited, debited);
	value_instant_text(t->first_seen, first_seen);
	return json_object(JSON_STR("id", t->id), JSON_STR("site", site), JSON_STR("account", a->number),
		JSON_STR("identifier", t->identifier), JSON_STR("type", t->total ? "installments" : t->credit ? "credit" : "normal"),
		JSON_STR("status", t->pending ? "pending" : "completed"), JSON_STR("date", instant), JSON_STR("localDate", bought),
		JSON_STR("localProcessedDate", debited), JSON_NUM("originalAmount", amount(t->original_minor)),
		JSON_STR("originalCurrency", value_currency(t->original_currency)), JSON_NUM("chargedAmount", amount(t->charged_minor)),
		JSON_INT("amountMinor", t->charged_minor),
		JSON_STR("chargedCurrency", t->charged_currency ? value_currency(t->charged_currency) : NULL),
		JSON_STR("description", t->description), JSON_STR("memo", *t->memo ? t->memo : NULL), JSON_STR("category", t->category),
		JSON_NODE("installments", t->total ? json_object(JSON_INT("number", t->number), JSON_INT("total", t->total)) : NULL),
		JSON_STR("firstSeen", t->first_seen ? first_seen : NULL));
}

static cJSON *own_account(const char *site, const struct account *a)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t k = 0; k < a->count; k++)
		cJSON_AddItemToArray(list, own_transaction(site, a, &a->list[k]));
	cJSON *json = json_object(JSON_STR("accountNumber", a->number), JSON_STR("description", a->description),
		JSON_STR("status", a->status), JSON_STR("problem", a->problem));
	if (a->has_balance)
		json_add(json, JSON_NUM("balance", amount(a->balance_minor)));
	json_add(json, JSON_NODE("txns", list));
	return json;
}

static cJSON *products(const struct report *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->collection->product_count; i++)
		json_add(list, JSON_NODE(NULL, format_product(r->site, &r->collection->products[i])));
	return list;
}

static cJSON *own_report(const struct report *r)
{
	cJSON *accounts = cJSON_CreateArray(), *warnings = cJSON_CreateArray();

	for (size_t i = 0; i < r->collection->count; i++)
		cJSON_AddItemToArray(accounts, own_account(r->site, &r->collection->accounts[i]));
	for (size_t i = 0; i < r->collection->warning_count; i++)
		json_add(warnings, JSON_STR(NULL, r->collection->warnings[i]));
	cJSON *json = json_object(JSON_BOOL("success", !r->failure), JSON_STR("site", r->site), JSON_NODE("accounts", accounts));
	if (r->collection->product_count)
		json_add(json, JSON_NODE("products", products(r)));
	json_add(json, JSON_BOOL("partial", r->collection->failed > 0 || (r->failure && r->collection->count)));
	json_add(json, JSON_NODE("warnings", warnings));
	add_failure(json, r->failure);
	return json;
}

static void ndjson_line(cJSON *json, struct buf *out)
{
	AUTO(json) cJSON *own = json;
	AUTO(text) char *line = json_print(own);

	buf_printf(out, "%s\n", line);
}

static void ndjson(const struct report *r, struct buf *out)
{
	for (size_t i = 0; i < r->collection->product_count; i++)
		ndjson_line(format_product(r->site, &r->collection->products[i]), out);
	for (size_t i = 0; i < r->collection->count; i++) {
		const struct account *a = &r->collection->accounts[i];
		for (size_t k = 0; k < a->count; k++)
			ndjson_line(own_transaction(r->site, a, &a->list[k]), out);
	}
}

/* ---- CSV (RFC 4180) ---- */

/* A spreadsheet takes text that begins so for a formula: it gets an apostrophe in front. */
void format_csv_text(struct buf *out, const char *text)
{
	const bool formula = text && *text && strchr("=+-@\t\r", *text);

	if (!text || (!formula && !strpbrk(text, "\",\r\n"))) {
		buf_puts(out, text ? text : "");
		return;
	}
	buf_puts(out, formula ? "\"'" : "\"");
	for (; *text; text++)
		buf_printf(out, *text == '"' ? "\"\"" : "%c", *text);
	buf_puts(out, "\"");
}

void format_minor(struct buf *out, int64_t minor)
{
	const uint64_t size = (uint64_t)(minor < 0 ? -minor : minor);

	buf_printf(out, "%s%" PRIu64 ".%02" PRIu64, minor < 0 ? "-" : "", size / 100, size % 100);
}

static void csv_line(struct buf *out, const struct account *a, const struct transaction *t)
{
	char bought[16], debited[16];

	value_date_text(t->bought, bought);
	value_date_text(t->debited, debited);
	buf_printf(out, "%s,%s,%s,%s,", bought, debited, a->number, t->pending ? "pending" : "completed");
	format_minor(out, t->charged_minor);
	buf_printf(out, ",%s,", t->charged_currency ? value_currency(t->charged_currency) : "");
	format_minor(out, t->original_minor);
	buf_printf(out, ",%s,", value_currency(t->original_currency));
	if (t->total)
		buf_printf(out, "%d,%d,", t->number, t->total);
	else
		buf_puts(out, ",,");
	format_csv_text(out, t->description);
	buf_puts(out, ",");
	format_csv_text(out, t->memo);
	buf_puts(out, ",");
	format_csv_text(out, t->category);
	buf_puts(out, ",");
	format_csv_text(out, t->id);
	buf_puts(out, "\r\n");
}

static void csv(const struct report *r, struct buf *out)
{
	if (r->bom)
		buf_puts(out, "\ufeff");
	if (r->collection->product_count) {
		format_products_csv(r->site, r->collection, out);
		return;
	}
	buf_puts(out, "date,processed_date,account,status,charged_amount,charged_currency,original_amount,"
		"original_currency,installment,installments,description,memo,category,id\r\n");
	for (size_t i = 0; i < r->collection->count; i++)
		for (size_t k = 0; k < r->collection->accounts[i].count; k++)
			csv_line(out, &r->collection->accounts[i], &r->collection->accounts[i].list[k]);
}

/* ---- for people ---- */

/* Text from a site on a terminal: no controls, and isolated, so that Hebrew does not turn the line. */
void format_shown(struct buf *out, const char *text)
{
	buf_puts(out, "\u2068");
	for (; *text; text++)
		if ((unsigned char)*text >= 0x20 && *text != 0x7f)
			buf_putc(out, *text);
	buf_puts(out, "\u2069");
}

static const char *shown_currency(const struct transaction *t)
{
	return value_currency(t->charged_currency ? t->charged_currency : t->original_currency);
}

/* One line a currency, in the order in which they come. */
static void table_totals(struct buf *out, const struct account *a)
{
	for (size_t k = 0; k < a->count; k++) {
		const char *currency = shown_currency(&a->list[k]);
		AUTO(buf) struct buf sum = { 0 };
		int64_t total = 0;
		size_t count = 0, first = 0;
		while (strcmp(shown_currency(&a->list[first]), currency) != 0)
			first++;
		if (first < k)
			continue;
		for (size_t i = k; i < a->count; i++) {
			if (strcmp(shown_currency(&a->list[i]), currency) != 0)
				continue;
			total += a->list[i].charged_minor;
			count++;
		}
		format_minor(&sum, total);
		buf_printf(out, "  %10s %12s %-3s %zu transactions\n", "total", buf_text(&sum), currency, count);
	}
}

static void table_account(struct buf *out, const struct account *a)
{
	buf_printf(out, "Card %s  ", a->number);
	if (a->description)
		format_shown(out, a->description);
	buf_puts(out, "\n");
	if (a->problem) {
		buf_puts(out, "  not complete: ");
		format_shown(out, a->problem);
		buf_puts(out, "\n");
	}
	for (size_t k = 0; k < a->count; k++) {
		const struct transaction *t = &a->list[k];
		AUTO(buf) struct buf money = { 0 };
		char date[16];
		value_date_text(t->bought, date);
		format_minor(&money, t->charged_minor);
		buf_printf(out, "  %s %12s %-3s %-9s ", date, buf_text(&money), shown_currency(t), t->pending ? "pending" : "");
		format_shown(out, t->description);
		if (t->total)
			buf_printf(out, " (%d/%d)", t->number, t->total);
		buf_puts(out, "\n");
	}
	table_totals(out, a);
	buf_puts(out, "\n");
}

static void table(const struct report *r, struct buf *out)
{
	size_t count = 0;

	format_products_table(r->collection, out);
	for (size_t i = 0; i < r->collection->count; i++) {
		table_account(out, &r->collection->accounts[i]);
		count += r->collection->accounts[i].count;
	}
	if (r->collection->count)
		buf_printf(out, "%zu cards, %zu transactions\n", r->collection->count, count);
}

/* ---- all ---- */

static void json_document(cJSON *json, struct buf *out)
{
	AUTO(json) cJSON *own = json;
	AUTO(text) char *text = json_print_pretty(own);

	buf_printf(out, "%s\n", text);
}

static void ibs(const struct report *r, struct buf *out)
{
	json_document(ibs_report(r), out);
}

static void own(const struct report *r, struct buf *out)
{
	json_document(own_report(r), out);
}

static const struct {
	const char *name;
	void (*write)(const struct report *r, struct buf *out);
	bool products; /* can be told in it */
} formats[] = {
	[FORMAT_TABLE] = { "table", table, true },
	[FORMAT_JSON] = { "json", own, true },
	[FORMAT_NDJSON] = { "ndjson", ndjson, true },
	[FORMAT_CSV] = { "csv", csv, true },
	[FORMAT_IBS] = { "ibs", ibs },
	[FORMAT_OFX] = { "ofx", format_ofx },
	[FORMAT_QIF] = { "qif", format_qif },
	[FORMAT_LEDGER] = { "ledger", format_ledger },
	[FORMAT_BEANCOUNT] = { "beancount", format_beancount },
	[FORMAT_MONEYMAN] = { "moneyman", format_moneyman },
};

int format_find(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (!strcmp(formats[i].name, name))
			return (int)i;
	return -1;
}

bool format_has_products(enum format format)
{
	return formats[format].products;
}

void format_report(enum format format, const struct report *r, struct buf *out)
{
	formats[format].write(r, out);
}
