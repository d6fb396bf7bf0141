/* Products, kept: see products.h. */
#include "src/products.h"

#include "cdp/base/error.h"
#include "scrapers/record.h"
#include "src/account.h"
#include "src/results.h"
#include "src/store.h"

#include <time.h>

static struct sql_value number(double value)
{
	return value < 0 ? SQL_NULL : SQL_REAL(value); /* PRODUCT_UNKNOWN */
}

static struct sql_value minor(const struct money *m, bool is_known)
{
	return is_known ? SQL_INT(m->minor) : SQL_NULL;
}

/* An amount and its currency are learnt together, or not at all. */
static const char upsert_sql[] =
	"INSERT INTO products (platform, account, id, ucode, name, producer, producer_ucode, category, format, language, url,"
	" checkout_url, description, subscription, price_minor, currency, commission_percent, commission_minor, commission_currency,"
	" temperature, blueprint, rating, answers, problem, first_run, first_seen, last_seen)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,"
	" ?26, ?26) ON CONFLICT (platform, account, id) DO UPDATE SET ucode = coalesce(?4, ucode), name = coalesce(?5, name),"
	" producer = coalesce(?6, producer), producer_ucode = coalesce(?7, producer_ucode), category = coalesce(?8, category),"
	" format = coalesce(?9, format), language = coalesce(?10, language), url = coalesce(?11, url),"
	" checkout_url = coalesce(?12, checkout_url), description = coalesce(?13, description), subscription = ?14,"
	" currency = iif(?15 IS NULL, currency, ?16), price_minor = coalesce(?15, price_minor),"
	" commission_percent = coalesce(?17, commission_percent),"
	" commission_currency = iif(?18 IS NULL, commission_currency, ?19), commission_minor = coalesce(?18, commission_minor),"
	" temperature = coalesce(?20, temperature), blueprint = coalesce(?21, blueprint), rating = coalesce(?22, rating),"
	" answers = ?23, problem = ?24, last_seen = ?26";

static const char price_sql[] =
	"INSERT OR REPLACE INTO product_prices (platform, account, product, seen_at, price_minor, currency, commission_percent,"
	" commission_minor, commission_currency, temperature) SELECT platform, account, id, ?4, price_minor, currency,"
	" commission_percent, commission_minor, commission_currency, temperature FROM products p"
	" WHERE platform = ?1 AND account = ?2 AND id = ?3 AND NOT EXISTS (SELECT 1 FROM product_prices h"
	" WHERE h.platform = ?1 AND h.account = ?2 AND h.product = ?3 AND h.seen_at = (SELECT max(seen_at) FROM product_prices"
	" WHERE platform = ?1 AND account = ?2 AND product = ?3) AND h.price_minor IS p.price_minor AND h.currency IS p.currency"
	" AND h.commission_percent IS p.commission_percent AND h.commission_minor IS p.commission_minor"
	" AND h.commission_currency IS p.commission_currency AND h.temperature IS p.temperature)";

static bool save(struct store *store, const struct site_account *a, int64_t run, const struct product *p, int64_t now,
	struct error *err)
{
	const char *site = a->site->name;

	return store_do(store, upsert_sql, SQL(SQL_TEXT(site), SQL_TEXT(a->name), SQL_TEXT(p->id), SQL_TEXT(p->ucode),
			SQL_TEXT(p->name), SQL_TEXT(p->producer), SQL_TEXT(p->producer_ucode), SQL_TEXT(p->category),
			SQL_TEXT(p->format), SQL_TEXT(p->language), SQL_TEXT(p->url), SQL_TEXT(p->checkout_url),
			SQL_TEXT(p->description), SQL_INT(p->is_subscription), minor(&p->price, p->has_price),
			SQL_TEXT(p->price.currency), number(p->commission_percent), minor(&p->commission, p->has_commission),
			SQL_TEXT(p->commission.currency), number(p->temperature), number(p->blueprint), number(p->rating),
			SQL_INT(p->answers), SQL_TEXT(p->problem), SQL_INT(run), SQL_INT(now)), err)
		&& store_do(store, price_sql, SQL(SQL_TEXT(site), SQL_TEXT(a->name), SQL_TEXT(p->id), SQL_INT(now)), err);
}

static bool count(struct store *store, const struct site_account *a, int64_t *out, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT count(*) FROM products WHERE platform = ? AND account = ?",
		ACCOUNT_SQL(a), &why);

	if (rows && rows_next(rows, &why))
		*out = rows_int(rows, 0);
	if (why.code && err)
		*err = why;
	return !why.code;
}

bool products_save(struct store *store, const struct site_account *account, int64_t run, const struct collection *c,
	int64_t *new_rows, struct error *err)
{
	const int64_t now = time(NULL);
	int64_t before = 0, after = 0;

	if (!count(store, account, &before, err))
		return false;
	for (size_t i = 0; i < c->product_count; i++)
		if (!save(store, account, run, &c->products[i], now, err))
			return false;
	if (!count(store, account, &after, err))
		return false;
	*new_rows += after - before;
	return true;
}

static double known(struct rows *rows, int column)
{
	return rows_is_null(rows, column) ? PRODUCT_UNKNOWN : rows_real(rows, column);
}

static void read_product(struct rows *rows, struct product *p)
{
	*p = (struct product){
		.id = xstrdup(rows_text(rows, 0)), .ucode = copy_of(rows_text(rows, 1)), .name = copy_of(rows_text(rows, 2)),
		.producer = copy_of(rows_text(rows, 3)), .producer_ucode = copy_of(rows_text(rows, 4)),
		.category = copy_of(rows_text(rows, 5)), .format = copy_of(rows_text(rows, 6)),
		.language = copy_of(rows_text(rows, 7)), .url = copy_of(rows_text(rows, 8)),
		.checkout_url = copy_of(rows_text(rows, 9)), .description = copy_of(rows_text(rows, 10)),
		.is_subscription = rows_int(rows, 11) != 0,
		.has_price = !rows_is_null(rows, 12), .price = { rows_int(rows, 12), copy_of(rows_text(rows, 13)) },
		.has_commission = !rows_is_null(rows, 14), .commission = { rows_int(rows, 14), copy_of(rows_text(rows, 15)) },
		.commission_percent = known(rows, 16), .temperature = known(rows, 17), .blueprint = known(rows, 18),
		.rating = known(rows, 19), .answers = rows_int(rows, 20), .problem = copy_of(rows_text(rows, 21)),
	};
}

bool products_read(struct store *store, const struct results_query *q, struct collection *out, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT id, ucode, name, producer, producer_ucode, category, format, language, url, checkout_url, description,"
		" subscription, price_minor, currency, commission_minor, commission_currency, commission_percent, temperature,"
		" blueprint, rating, answers, problem FROM products p WHERE (?1 IS NULL OR platform = ?1)"
		" AND (?2 IS NULL OR account = ?2) AND (?3 = 0 OR first_run = ?3) AND first_run > ?4 AND (?2 IS NOT NULL OR NOT EXISTS"
		" (SELECT 1 FROM products o WHERE o.platform = p.platform AND o.id = p.id AND o.account < p.account))"
		" ORDER BY platform, account, id",
		SQL(SQL_TEXT(q->site), SQL_TEXT(q->account), SQL_INT(q->run), SQL_INT(q->after)), &why);

	while (rows && rows_next(rows, &why))
		read_product(rows, collection_add_product(out));
	if (why.code && err)
		*err = why;
	return !why.code;
}
