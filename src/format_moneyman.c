/* Rows as moneyman has them (its webPost and its sheets), so that whoever changes over gets nothing twice: "hash" is what it
 * makes by default, which is caspion's, and "uniqueId" what it makes with transactionHashType "moneyman". */
#include "src/format_impl.h"

#include "cdp/base/json.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* "visaCal" of "visa-cal", as israeli-bank-scrapers calls its companies.  Owned by the caller. */
static char *company_of(const char *site)
{
	struct buf out = { 0 };

	for (; *site; site++) {
		const bool up = *site == '-' && site[1];
		site += up;
		buf_putc(&out, up ? (char)toupper((unsigned char)*site) : *site);
	}
	return buf_take(&out);
}

/* As JavaScript writes it: -12.5, -12. */
static char *number_text(int64_t minor)
{
	AUTO(json) cJSON *number = cJSON_CreateNumber((double)minor / 100);

	return json_print(number);
}

/* "2026-01-05T11:05:00.000Z", to the nearest minute. */
static void minute_text(const struct transaction *t, char out[32])
{
	value_instant_text((value_instant(t->bought, RECORD_ZONE) + 30) / 60 * 60, out);
}

static cJSON *row_of(const char *company, const struct account *a, const struct transaction *t)
{
	char minute[32], day[16], first_seen[32];
	const char *currency = value_currency(t->charged_currency ? t->charged_currency : t->original_currency);
	const int64_t charged = format_ibs_charged(t);
	AUTO(text) char *amount = number_text(charged);
	AUTO(text) char *date = xasprintf("%02d/%02d/%04d", t->bought.day, t->bought.month, t->bought.year);

	minute_text(t, minute);
	value_date_text(t->bought, day);
	value_instant_text(t->first_seen ? t->first_seen : time(NULL), first_seen);
	first_seen[10] = '\0';
	AUTO(text) char *hash = xasprintf("%s_%s_%s_%s_%s_%s", minute, amount, t->description, t->memo, company, a->number);
	AUTO(text) char *other = xasprintf("%s_%s", t->description, t->memo);
	/* What JavaScript takes for one. */
	const bool identified = t->identifier && *t->identifier && strcmp(t->identifier, "0") != 0;
	AUTO(text) char *unique = xasprintf("%s_%s_%s_%s_%s", day, company, a->number, amount, identified ? t->identifier : other);
	return json_object(JSON_STR("date", date), JSON_NUM("amount", (double)charged / 100), JSON_STR("description", t->description),
		JSON_STR("memo", t->memo), JSON_STR("category", t->category ? t->category : ""), JSON_STR("account", a->number),
		JSON_STR("hash", hash), JSON_STR("comment", ""), JSON_STR("scraped at", first_seen), JSON_STR("scraped by", "gabbai"),
		JSON_STR("identifier", t->identifier ? t->identifier : ""), JSON_STR("chargedCurrency", currency),
		JSON_STR("uniqueId", unique));
}

void format_moneyman(const struct report *r, struct buf *out)
{
	AUTO(text) char *company = company_of(r->site);
	AUTO(json) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < r->collection->count; i++)
		for (size_t k = 0; k < r->collection->accounts[i].count; k++)
			json_add(list, JSON_NODE(NULL, row_of(company, &r->collection->accounts[i],
				&r->collection->accounts[i].list[k])));
	AUTO(text) char *text = json_print_pretty(list);
	buf_printf(out, "%s\n", text);
}
