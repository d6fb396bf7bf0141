#include "src/format_products.h"

#include "src/format.h"

#include <inttypes.h>
#include <string.h>


static cJSON *money(const struct money *m, bool is_known)
{
	AUTO(buf) struct buf text = { 0 };

	if (!is_known)
		return NULL;
	format_minor(&text, m->minor);
	return json_object(JSON_STR("amount", buf_text(&text)), JSON_STR("currency", m->currency));
}

static cJSON *number(double value)
{
	return value < 0 ? NULL : cJSON_CreateNumber(value);
}

cJSON *format_product(const char *site, const struct product *p)
{
	return json_object(JSON_STR("site", site), JSON_STR("kind", "product"), JSON_STR("id", p->id),
		JSON_STR("ucode", p->ucode), JSON_STR("title", p->name), JSON_STR("producer", p->producer),
		JSON_STR("producerUcode", p->producer_ucode), JSON_NODE("price", money(&p->price, p->has_price)),
		JSON_NODE("commission", money(&p->commission, p->has_commission)),
		JSON_NODE("commissionPercent", number(p->commission_percent)), JSON_NODE("temperature", number(p->temperature)),
		JSON_NODE("blueprint", number(p->blueprint)), JSON_NODE("rating", number(p->rating)), JSON_INT("answers", p->answers),
		JSON_BOOL("subscription", p->is_subscription), JSON_STR("category", p->category), JSON_STR("format", p->format),
		JSON_STR("language", p->language), JSON_STR("url", p->url), JSON_STR("checkoutUrl", p->checkout_url),
		JSON_STR("description", p->description), JSON_STR("problem", p->problem));
}

static void csv_number(struct buf *out, double value)
{
	if (value >= 0)
		buf_printf(out, "%.10g", value);
	buf_puts(out, ",");
}

static void csv_money(struct buf *out, const struct money *m, bool is_known)
{
	if (is_known)
		format_minor(out, m->minor);
	buf_printf(out, ",%s,", is_known && m->currency ? m->currency : "");
}

void format_products_csv(const char *site, const struct collection *c, struct buf *out)
{
	buf_puts(out, "site,id,title,producer,price,currency,commission,commission_currency,commission_percent,temperature,"
		"blueprint,rating,answers,subscription,category,format,language,url,ucode\r\n");
	for (size_t i = 0; i < c->product_count; i++) {
		const struct product *p = &c->products[i];
		const char *const texts[] = { p->category, p->format, p->language, p->url, p->ucode };
		buf_printf(out, "%s,", site);
		format_csv_text(out, p->id);
		buf_puts(out, ",");
		format_csv_text(out, p->name);
		buf_puts(out, ",");
		format_csv_text(out, p->producer);
		buf_puts(out, ",");
		csv_money(out, &p->price, p->has_price);
		csv_money(out, &p->commission, p->has_commission);
		csv_number(out, p->commission_percent);
		csv_number(out, p->temperature);
		csv_number(out, p->blueprint);
		csv_number(out, p->rating);
		buf_printf(out, "%" PRId64 ",%s", p->answers, p->is_subscription ? "yes" : "no");
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
			buf_puts(out, ",");
			format_csv_text(out, texts[k]);
		}
		buf_puts(out, "\r\n");
	}
}

static double shown_number(double value)
{
	return value < 0 ? 0 : value;
}

void format_products_table(const struct collection *c, struct buf *out)
{
	for (size_t i = 0; i < c->product_count; i++) {
		const struct product *p = &c->products[i];
		AUTO(buf) struct buf price = { 0 }, commission = { 0 };
		if (p->has_price)
			format_minor(&price, p->price.minor);
		if (p->has_commission)
			format_minor(&commission, p->commission.minor);
		buf_printf(out, "%10s %-3s  %10s %3.0f%%  %3.0f°  ", buf_text(&price), p->has_price ? p->price.currency : "",
			buf_text(&commission), shown_number(p->commission_percent), shown_number(p->temperature));
		format_shown(out, p->name);
		if (p->producer) {
			buf_puts(out, "  ");
			format_shown(out, p->producer);
		}
		buf_puts(out, "\n");
	}
	if (c->product_count)
		buf_printf(out, "%zu products (price, commission, its part, temperature, name, producer)\n", c->product_count);
}
