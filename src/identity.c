/* Ids of transactions: see identity.h. */
#include "src/identity.h"

#include "cdp/base/auto.h"
#include "scrapers/record.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

const char *identity_given(const struct transaction *t)
{
	const char *text = t->identifier;

	return text && text[strspn(text, "0 ")] && strncmp(text, "undefined", strlen("undefined")) != 0 && strcmp(text, "null") != 0
		? text : NULL;
}

void identity_print(const struct transaction *t, char out[PRINT_SIZE])
{
	char date[16];
	unsigned char digest[EVP_MAX_MD_SIZE];
	const uint64_t size = (uint64_t)(t->original_minor < 0 ? -t->original_minor : t->original_minor);

	value_date_text(t->bought, date);
	AUTO(text) char *text = xasprintf("%s|%s%" PRIu64 ".%02" PRIu64 "|%s|%s|%d/%d", date, t->original_minor < 0 ? "-" : "",
		size / 100, size % 100, t->description, t->memo, t->number, t->total);
	EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < PRINT_SIZE / 2; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static bool same_day_and_amount(const struct transaction *a, const struct transaction *b)
{
	return a->bought.year == b->bought.year && a->bought.month == b->bought.month && a->bought.day == b->bought.day
		&& a->original_minor == b->original_minor;
}

/* How many before the transaction AT of account OF are of the same card, look the same and have no identifier. */
static int twins_before(const struct collection *c, size_t of, size_t at)
{
	const struct transaction *t = &c->accounts[of].list[at];
	char own[PRINT_SIZE], other[PRINT_SIZE];
	int twins = 0;

	identity_print(t, own);
	for (size_t i = 0; i <= of; i++) {
		const struct account *a = &c->accounts[i];
		if (strcmp(a->number, c->accounts[of].number) != 0)
			continue;
		for (size_t k = 0; k < (i < of ? a->count : at); k++) {
			if (identity_given(&a->list[k]) || !same_day_and_amount(&a->list[k], t))
				continue;
			identity_print(&a->list[k], other);
			twins += !strcmp(own, other);
		}
	}
	return twins;
}

char *identity_text(const char *site, const char *number, const struct transaction *t, int twin)
{
	const char *given = identity_given(t);
	char own[PRINT_SIZE];

	identity_print(t, own);
	return twin == 1 ? xasprintf("%s:%s:%s:%s", site, number, given ? given : "-", own)
		: xasprintf("%s:%s:%s:%s#%d", site, number, given ? given : "-", own, twin);
}

static void identify(const char *site, struct collection *c, size_t of, size_t at)
{
	struct transaction *t = &c->accounts[of].list[at];

	free(t->id);
	t->id = identity_text(site, c->accounts[of].number, t, identity_given(t) ? 1 : 1 + twins_before(c, of, at));
}

void identity_assign(const char *site, struct collection *c)
{
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->accounts[i].count; k++)
			identify(site, c, i, k);
}
