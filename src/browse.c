#include "src/browse.h"

#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/store.h"

#include <string.h>

enum { LIMIT = 500, MERCHANTS = 20 };

/* One row as a JSON value; NULL: it is left out. */
typedef cJSON *(*row_fn)(struct rows *rows);

static cJSON *list_of(struct store *store, const char *sql, const struct sql_value *values, row_fn row, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, sql, values, &why);

	while (rows && rows_next(rows, &why))
		json_add(list, JSON_NODE(NULL, row(rows)));
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

static cJSON *number_or_null(struct rows *rows, int column)
{
	return rows_is_null(rows, column) ? cJSON_CreateNull() : cJSON_CreateNumber(rows_real(rows, column));
}

static cJSON *instant_or_null(struct rows *rows, int column)
{
	char text[32];

	if (rows_is_null(rows, column))
		return cJSON_CreateNull();
	value_instant_text(rows_int(rows, column), text);
	return cJSON_CreateString(text);
}

/* ---- transactions ---- */

#define FROM_TRANSACTIONS \
	" FROM transactions WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR account = ?2) AND (?3 IS NULL OR number = ?3)" \
	" AND (?4 IS NULL OR local_date >= ?4) AND (?5 IS NULL OR local_date <= ?5)" \
	" AND (?6 IS NULL OR instr(lower(description), lower(?6)) OR instr(lower(memo), lower(?6))" \
	" OR instr(lower(coalesce(category, '')), lower(?6)) OR instr(printf('%.2f', abs(charged_minor) / 100.0), ?6))" \
	" AND (?7 IS NULL OR category = ?7) AND (status = 'completed' OR (?8 AND status = 'pending'))"

static cJSON *transaction(struct rows *rows)
{
	cJSON *t = json_object(
		JSON_STR("id", rows_text(rows, 0)),
		JSON_STR("site", rows_text(rows, 1)),
		JSON_STR("account", rows_text(rows, 2)),
		JSON_STR("card", rows_text(rows, 3)),
		JSON_STR("date", rows_text(rows, 4)),
		JSON_STR("processedDate", rows_text(rows, 5)),
		JSON_STR("description", rows_text(rows, 6)),
		JSON_STR("memo", rows_text(rows, 7)),
		JSON_STR("category", rows_text(rows, 8)),
		JSON_INT("originalAmountMinor", rows_int(rows, 9)),
		JSON_STR("originalCurrency", rows_text(rows, 10)),
		JSON_INT("chargedAmountMinor", rows_int(rows, 11)),
		JSON_STR("chargedCurrency", rows_text(rows, 12)),
		JSON_NUM("originalAmount", (double)rows_int(rows, 9) / 100),
		JSON_NUM("chargedAmount", (double)rows_int(rows, 11) / 100),
		JSON_STR("status", rows_text(rows, 13)));

	json_add(t, JSON_NODE("installments", rows_int(rows, 14) == 0 ? cJSON_CreateNull()
		: json_object(JSON_INT("number", rows_int(rows, 14)), JSON_INT("total", rows_int(rows, 15)))));
	json_add(t, JSON_NODE("firstSeen", instant_or_null(rows, 16)));
	return t;
}

static int64_t count_of(struct store *store, const struct sql_value *values, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT count(*)" FROM_TRANSACTIONS, values, &why);
	const int64_t count = rows && rows_next(rows, &why) ? rows_int(rows, 0) : -1;

	if (why.code && err)
		*err = why;
	return count;
}

cJSON *browse_transactions(struct store *store, const struct browse_filter *f, struct error *err)
{
	const int64_t limit = f->limit <= 0 ? LIMIT : f->limit > BROWSE_MAX ? BROWSE_MAX : f->limit;
	const struct sql_value *values = SQL(SQL_TEXT(f->site), SQL_TEXT(f->account), SQL_TEXT(f->card), SQL_TEXT(f->since),
		SQL_TEXT(f->until), SQL_TEXT(f->text), SQL_TEXT(f->category), SQL_INT(f->pending), SQL_INT(limit),
		SQL_INT(f->offset < 0 ? 0 : f->offset));
	const struct sql_value *same = SQL(SQL_TEXT(f->site), SQL_TEXT(f->account), SQL_TEXT(f->card), SQL_TEXT(f->since),
		SQL_TEXT(f->until), SQL_TEXT(f->text), SQL_TEXT(f->category), SQL_INT(f->pending));
	const int64_t total = count_of(store, same, err);
	cJSON *list = total < 0 ? NULL : list_of(store, "SELECT id, platform, account, number, local_date, local_processed_date,"
		" description, memo, category, original_minor, original_currency, charged_minor,"
		" coalesce(charged_currency, original_currency), status, installment, installments, first_seen" FROM_TRANSACTIONS
		" ORDER BY local_date DESC, instant DESC, id LIMIT ?9 OFFSET ?10",
		values, transaction, err);

	return list ? json_object(JSON_INT("total", total), JSON_NODE("transactions", list)) : NULL;
}

/* ---- sums ---- */

static cJSON *month_sum(struct rows *rows)
{
	return json_object(JSON_STR("month", rows_text(rows, 0)), JSON_STR("currency", rows_text(rows, 1)),
		JSON_NODE("category", rows_is_null(rows, 2) ? cJSON_CreateNull() : cJSON_CreateString(rows_text(rows, 2))),
		JSON_INT("amountMinor", rows_int(rows, 3)));
}

static cJSON *debit(struct rows *rows)
{
	return json_object(JSON_STR("date", rows_text(rows, 0)), JSON_STR("card", rows_text(rows, 1)),
		JSON_STR("currency", rows_text(rows, 2)),
		JSON_INT("amountMinor", rows_int(rows, 3)), JSON_STR("site", rows_text(rows, 4)));
}

static cJSON *merchant(struct rows *rows)
{
	return json_object(JSON_STR("description", rows_text(rows, 0)), JSON_STR("currency", rows_text(rows, 1)),
		JSON_INT("amountMinor", rows_int(rows, 2)), JSON_INT("count", rows_int(rows, 3)));
}

#define CURRENCY "coalesce(charged_currency, original_currency)"

cJSON *browse_summary(struct store *store, int64_t months, struct error *err)
{
	AUTO(text) char *since = xasprintf("-%d months", (int)(months < 1 || months > 120 ? 12 : months));
	const struct sql_value *values = SQL(SQL_TEXT(since));
	AUTO(json) cJSON *by_month = list_of(store, "SELECT substr(local_date, 1, 7), " CURRENCY ", category, sum(charged_minor)"
		" FROM transactions WHERE status <> 'vanished' AND local_date >= date('now', 'start of month', ?1)"
		" GROUP BY 1, 2, 3 ORDER BY 1, 2, 4", values, month_sum, err);
	AUTO(json) cJSON *upcoming = !by_month ? NULL : list_of(store, "SELECT local_processed_date, number, " CURRENCY ","
		" sum(charged_minor), platform FROM transactions WHERE status = 'completed' AND local_processed_date > date('now')"
		" GROUP BY 1, 2, 3, 5 ORDER BY 1, 2", NULL, debit, err);
	AUTO(json) cJSON *merchants = !upcoming ? NULL : list_of(store, "SELECT description, " CURRENCY ","
		" sum(charged_minor), count(*)"
		" FROM transactions WHERE status <> 'vanished' AND local_date >= date('now', 'start of month', ?1)"
		" GROUP BY 1, 2 HAVING sum(charged_minor) < 0 ORDER BY 3 LIMIT ?2",
		SQL(SQL_TEXT(since), SQL_INT(MERCHANTS)), merchant, err);

	if (!merchants)
		return NULL;
	return json_object(JSON_NODE("byMonth", TAKE(by_month)), JSON_NODE("upcoming", TAKE(upcoming)),
		JSON_NODE("merchants", TAKE(merchants)));
}

/* ---- products ---- */

static cJSON *product(struct rows *rows)
{
	return json_object(
		JSON_STR("id", rows_text(rows, 0)), JSON_STR("name", rows_text(rows, 1)), JSON_STR("producer", rows_text(rows, 2)),
		JSON_STR("category", rows_text(rows, 3)), JSON_STR("language", rows_text(rows, 4)), JSON_STR("url", rows_text(rows, 5)),
		JSON_NODE("priceMinor", number_or_null(rows, 6)), JSON_STR("currency", rows_text(rows, 7)),
		JSON_NODE("commissionMinor", number_or_null(rows, 8)), JSON_NODE("temperature", number_or_null(rows, 9)),
		JSON_NODE("firstSeen", instant_or_null(rows, 10)), JSON_NODE("lastSeen", instant_or_null(rows, 11)),
		JSON_STR("site", rows_text(rows, 12)), JSON_STR("account", rows_text(rows, 13)));
}

cJSON *browse_products(struct store *store, const struct browse_filter *f, struct error *err)
{
	const int64_t limit = f->limit <= 0 ? LIMIT : f->limit > BROWSE_MAX ? BROWSE_MAX : f->limit;
	cJSON *list = list_of(store, "SELECT id, name, producer, category, language, url, price_minor, currency,"
		" commission_minor, temperature, first_seen, last_seen, platform, account FROM products"
		" WHERE (?1 IS NULL OR platform = ?1)"
		" AND (?2 IS NULL OR instr(lower(coalesce(name, '')), lower(?2)) OR instr(lower(coalesce(producer, '')), lower(?2)))"
		" ORDER BY temperature DESC, name LIMIT ?3",
		SQL(SQL_TEXT(f->site), SQL_TEXT(f->text), SQL_INT(limit)), product, err);

	return list ? json_object(JSON_NODE("products", list)) : NULL;
}

static cJSON *price(struct rows *rows)
{
	return json_object(JSON_NODE("at", instant_or_null(rows, 0)), JSON_NODE("priceMinor", number_or_null(rows, 1)),
		JSON_STR("currency", rows_text(rows, 2)), JSON_NODE("temperature", number_or_null(rows, 3)));
}

cJSON *browse_prices(struct store *store, const char *id, struct error *err)
{
	cJSON *list = list_of(store, "SELECT seen_at, price_minor, currency, temperature FROM product_prices"
		" WHERE product = ? ORDER BY seen_at", SQL(SQL_TEXT(id)), price, err);

	return list ? json_object(JSON_NODE("prices", list)) : NULL;
}
