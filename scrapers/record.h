/* What a site gives: accounts and their transactions, and what could not be had. */
#ifndef SCRAPERS_RECORD_H
#define SCRAPERS_RECORD_H

#include "scrapers/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose clocks dates and times in records are of: those where the sites with money are. */
#define RECORD_ZONE "Asia/Jerusalem"
/* What their accounts are kept in, mostly. */
#define RECORD_CURRENCY "ILS"

struct transaction {
	char *id;                  /* ours (src/identity.h); NULL: not given yet */
	char *identifier;          /* the site's own; NULL: none */
	char *description, *memo, *category; /* memo "" when there is none; category may be NULL */
	char *original_currency;   /* as the site writes it */
	char *charged_currency;    /* NULL: not known yet */
	int64_t original_minor;    /* hundredths; expenses are negative */
	int64_t charged_minor;
	struct value_time bought;  /* of this installment, where there are some */
	struct value_time debited; /* bought, when pending */
	bool pending;
	bool normal;               /* as israeli-bank-scrapers counts: neither installments nor credit */
	bool credit;               /* money that came back */
	int number, total;         /* installments; 0: none */
	int64_t first_seen;        /* seconds since 1970; 0: never before */
};

struct account {
	char *number;
	char *owner;               /* the gabbai account that it was collected with; NULL: the one there is */
	char *description;
	char *status;              /* as the site says it; NULL: fine */
	char *problem;             /* why not everything is here; NULL: it is */
	bool has_balance;
	int64_t balance_minor;
	struct transaction *list;
	size_t count, room;
};

struct money {
	int64_t minor;  /* hundredths */
	char *currency; /* ISO 4217 */
};

#define PRODUCT_UNKNOWN (-1.0)

/* Something on a market; NULL, false and PRODUCT_UNKNOWN are what the site does not say. */
struct product {
	char *id, *ucode, *name;
	char *producer, *producer_ucode;
	char *category, *format, *language;
	char *url, *checkout_url;
	char *description;         /* as the site has it, perhaps HTML */
	struct money price, commission;
	bool has_price, has_commission, is_subscription;
	double commission_percent, temperature, blueprint, rating;
	int64_t answers;           /* that the rating is made of */
	char *problem;             /* why not everything is here; NULL: it is */
};

struct collection {
	struct account *accounts;
	size_t count;
	struct product *products;
	size_t product_count, product_room;
	char **warnings;
	size_t warning_count;
	size_t failed; /* accounts and products with a problem */
	/* The first day that was asked for: of accounts without a problem, all since then is here.  Year 0: not
	 * known. */
	struct value_time first;
};

/* Pointers are good until the next one is added. */
struct account *collection_add(struct collection *collection, const char *number);
struct product *collection_add_product(struct collection *collection);
struct transaction *account_add(struct account *account);
void transaction_clear(struct transaction *t);
void account_drop(struct account *account); /* the last one */
void collection_warn(struct collection *collection, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void collection_clear(struct collection *collection);

#endif
