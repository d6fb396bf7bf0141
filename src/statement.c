/* A collection as statements: see statement.h. */
#include "src/statement.h"

#include "cdp/base/buf.h"
#include "src/format_impl.h"

#include <string.h>

const char *statement_currency(const char *symbol)
{
	const char *name = value_currency(symbol);

	return strlen(name) == 3 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 ? name : "XXX";
}

/* What its amount is in; pending, that is often all that is known. */
static const char *currency_of(const struct transaction *t)
{
	return statement_currency(t->charged_currency ? t->charged_currency : t->original_currency);
}

static const struct transaction *find(const struct statement *s, size_t from)
{
	for (size_t i = from; i < s->account->count; i++)
		if (!strcmp(currency_of(&s->account->list[i]), s->currency))
			return &s->account->list[i];
	return NULL;
}

const struct transaction *statement_row(const struct statement *s, const struct transaction *before)
{
	return find(s, before ? (size_t)(before - s->account->list) + 1 : 0);
}

static char *name_of(const struct statement *s)
{
	const char *owner = s->account->owner;
	const bool named = owner && strcmp(owner, "default") != 0, abroad = strcmp(s->currency, RECORD_CURRENCY) != 0;

	return xasprintf("%s%s%s%s%s", named ? owner : "", named ? "-" : "", s->account->number, abroad ? "-" : "",
		abroad ? s->currency : "");
}

bool statement_next(const struct collection *c, struct statement *s)
{
	free(TAKE(s->name));
	for (; s->account_at < c->count; s->account_at++, s->row_at = 0) {
		s->account = &c->accounts[s->account_at];
		while (s->row_at < s->account->count) {
			const struct transaction *t = &s->account->list[s->row_at++];
			s->currency = currency_of(t);
			if (find(s, 0) != t)
				continue; /* it is in one before */
			s->name = name_of(s);
			return true;
		}
	}
	return false;
}

/* ---- text ---- */

static bool is_letter_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80; /* UTF-8 */
}

char *statement_line(const char *text, size_t max)
{
	struct buf out = { 0 };
	bool space = false;

	for (size_t letters = 0; *text; text++) {
		if ((unsigned char)*text <= ' ' || *text == 0x7f) {
			space = out.size > 0;
			continue;
		}
		letters += is_letter_start(*text) + (size_t)space;
		if (max && letters > max)
			break;
		buf_printf(&out, space ? " %c" : "%c", *text);
		space = false;
	}
	return buf_take(&out);
}

static void add(struct buf *out, const char *text)
{
	if (text && *text)
		buf_printf(out, "%s%s", out->size ? "; " : "", text);
}

char *statement_remarks(const struct transaction *t, size_t name_max)
{
	struct buf out = { 0 }, original = { 0 };
	AUTO(text) char *whole = statement_line(t->description, 0);
	AUTO(text) char *cut = statement_line(t->description, name_max);
	AUTO(text) char *memo = statement_line(t->memo, 0);
	AUTO(text) char *category = statement_line(t->category ? t->category : "", 0);
	AUTO(text) char *part = t->total ? xasprintf("installment %d/%d", t->number, t->total) : NULL;

	format_minor(&original, t->original_minor);
	buf_printf(&original, " %s", statement_currency(t->original_currency));
	add(&out, strcmp(whole, cut) != 0 ? whole : NULL);
	add(&out, memo);
	add(&out, category);
	add(&out, part);
	if (strcmp(statement_currency(t->original_currency), currency_of(t)) != 0)
		add(&out, buf_text(&original));
	add(&out, t->pending ? "pending" : NULL);
	buf_clear(&original);
	return buf_take(&out);
}
