/* What a site gives: accounts and their transactions, and what could not be had. */
#ifndef SCRAPERS_RECORD_H
#define SCRAPERS_RECORD_H

#include "scrapers/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transaction {
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
};

struct account {
	char *number;
	char *description;
	char *status;              /* as the site says it; NULL: fine */
	char *problem;             /* why not everything is here; NULL: it is */
	bool has_balance;
	int64_t balance_minor;
	struct transaction *list;
	size_t count, room;
};

struct collection {
	struct account *accounts;
	size_t count;
	char **warnings;
	size_t warning_count;
	size_t failed; /* accounts with a problem */
};

/* Pointers are good until the next one is added. */
struct account *collection_add(struct collection *collection, const char *number);
struct transaction *account_add(struct account *account);
void account_drop(struct account *account); /* the last one */
void collection_warn(struct collection *collection, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void collection_clear(struct collection *collection);

#endif
