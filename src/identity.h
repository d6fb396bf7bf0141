/* Ids of transactions: "SITE:CARD:IDENTIFIER:PRINT", wherever and whenever one is read.
 *
 * IDENTIFIER is the site's own, or "-".  PRINT is of what a person would know the purchase by: its calendar
 * date, amount, description, memo and installment, never the time of day.  Of true twins without an
 * identifier, the second has "#2" behind it. */
#ifndef SRC_IDENTITY_H
#define SRC_IDENTITY_H

struct collection;
struct transaction;

enum {
	IDENTITY_SCHEME = 1, /* changes with any change of what an id is made of */
	PRINT_SIZE = 17,
};

void identity_print(const struct transaction *t, char out[PRINT_SIZE]);

/* The site's identifier where it tells one transaction from another; NULL when there is none, or "0", "" or
 * "undefined", which sites write, too. */
const char *identity_given(const struct transaction *t);

/* The id of the TWINth (from 1) of those that look the same; owned by the caller. */
char *identity_text(const char *site, const char *number, const struct transaction *t, int twin);

/* Gives all transactions their ids. */
void identity_assign(const char *site, struct collection *collection);

#endif
