#include "scrapers/record.h"

#include "cdp/base/auto.h"

#include <stdarg.h>
#include <string.h>

struct account *collection_add(struct collection *c, const char *number)
{
	c->accounts = xrealloc(c->accounts, (c->count + 1) * sizeof *c->accounts);
	struct account *account = &c->accounts[c->count++];
	*account = (struct account){ .number = xstrdup(number) };
	return account;
}

struct product *collection_add_product(struct collection *c)
{
	if (c->product_count == c->product_room) {
		c->product_room = c->product_room ? c->product_room * 2 : 32;
		c->products = xrealloc(c->products, c->product_room * sizeof *c->products);
	}
	struct product *product = &c->products[c->product_count++];
	*product = (struct product){ 0 };
	return product;
}

static void product_clear(struct product *p)
{
	char *const texts[] = { p->id, p->ucode, p->name, p->producer, p->producer_ucode, p->category, p->format, p->language,
		p->url, p->checkout_url, p->description, p->price.currency, p->commission.currency, p->problem };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
}

struct transaction *account_add(struct account *a)
{
	if (a->count == a->room) {
		a->room = a->room ? a->room * 2 : 32;
		a->list = xrealloc(a->list, a->room * sizeof *a->list);
	}
	struct transaction *t = &a->list[a->count++];
	*t = (struct transaction){ 0 };
	return t;
}

void transaction_clear(struct transaction *t)
{
	free(t->id);
	free(t->identifier);
	free(t->description);
	free(t->memo);
	free(t->category);
	free(t->original_currency);
	free(t->charged_currency);
}

void account_drop(struct account *a)
{
	transaction_clear(&a->list[--a->count]);
}

void collection_warn(struct collection *c, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	c->warnings = xrealloc(c->warnings, (c->warning_count + 1) * sizeof *c->warnings);
	c->warnings[c->warning_count++] = xstrdup(text);
}

void collection_clear(struct collection *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct account *a = &c->accounts[i];
		for (size_t k = 0; k < a->count; k++)
			transaction_clear(&a->list[k]);
		free(a->number);
		free(a->owner);
		free(a->description);
		free(a->status);
		free(a->problem);
		free(a->list);
	}
	for (size_t i = 0; i < c->warning_count; i++)
		free(c->warnings[i]);
	for (size_t i = 0; i < c->product_count; i++)
		product_clear(&c->products[i]);
	free(c->products);
	free(c->accounts);
	free(c->warnings);
	*c = (struct collection){ 0 };
}
