/* Journals of plain-text bookkeeping: for ledger and hledger, and for beancount.  Each transaction is booked
 * against Expenses:Unknown, with its id beside it; the reader's own rules do the rest. */
#include "src/format_impl.h"

#include "src/statement.h"

#include <ctype.h>
#include <string.h>

static const char other_side[] = "Expenses:Unknown";

/* "visa-cal" as "VisaCal": a part of an account's name begins with a capital or a digit. */
static void add_part(struct buf *out, const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (isalnum((unsigned char)*text))
			buf_putc(out, (char)(begins ? toupper((unsigned char)*text) : *text));
		begins = !isalnum((unsigned char)*text);
	}
}

static char *book_of(const struct report *r, const struct statement *s)
{
	const char *owner = s->account->owner;
	struct buf out = { 0 };

	buf_puts(&out, "Liabilities:");
	add_part(&out, r->site);
	buf_putc(&out, ':');
	if (owner && strcmp(owner, "default") != 0) {
		add_part(&out, owner);
		buf_putc(&out, ':');
	}
	add_part(&out, s->account->number);
	return buf_take(&out);
}

/* What is known of a transaction, as names and values.  The values are owned by the caller. */
enum { FACTS = 6 };

struct fact {
	const char *name;
	char *value; /* NULL: none */
};

static void list_facts(const struct statement *s, const struct transaction *t, struct fact out[FACTS])
{
	struct buf original = { 0 };
	char processed[16];

	value_date_text(t->debited, processed);
	format_minor(&original, t->original_minor);
	buf_printf(&original, " %s", statement_currency(t->original_currency));
	const bool abroad = strcmp(statement_currency(t->original_currency), s->currency) != 0;
	const struct fact facts[FACTS] = {
		{ "id", xstrdup(t->id) },
		{ "processed", xstrdup(processed) },
		{ "original", abroad || t->total ? xstrdup(buf_text(&original)) : NULL },
		{ "installment", t->total ? xasprintf("%d/%d", t->number, t->total) : NULL },
		{ "category", t->category ? statement_line(t->category, 0) : NULL },
		{ "memo", *t->memo ? statement_line(t->memo, 0) : NULL },
	};

	memcpy(out, facts, sizeof facts);
	buf_clear(&original);
}

static void clear_facts(struct fact facts[FACTS])
{
	for (int i = 0; i < FACTS; i++)
		free(facts[i].value);
}

static void add_amount(struct buf *out, const struct statement *s, const struct transaction *t)
{
	format_minor(out, t->charged_minor);
	buf_printf(out, " %s", s->currency);
}

/* ---- ledger and hledger ---- */

/* A name may not begin as a mark or a code, and ends where a remark begins. */
static char *ledger_name(const char *text)
{
	AUTO(text) char *line = statement_line(text, 0);

	for (char *p = line; *p; p++)
		if (*p == ';')
			*p = ',';
	return xasprintf("%s%s", strchr("*!(=", line[0]) && line[0] ? "'" : "", line[0] ? line : "Unknown");
}

/* "[" begins a date in a remark. */
static void ledger_fact(struct buf *out, const struct fact *fact)
{
	for (char *p = fact->value; *p; p++)
		*p = *p == '[' ? '(' : *p == ']' ? ')' : *p;
	buf_printf(out, "    ; %s: %s\n", fact->name, fact->value);
}

static void ledger_transaction(struct buf *out, const struct statement *s, const char *book, const struct transaction *t)
{
	struct fact facts[FACTS];
	AUTO(text) char *name = ledger_name(t->description);
	char date[16];

	value_date_text(t->bought, date);
	list_facts(s, t, facts);
	buf_printf(out, "%s %s %s\n", date, t->pending ? "!" : "*", name);
	for (int i = 0; i < FACTS; i++)
		if (facts[i].value)
			ledger_fact(out, &facts[i]);
	buf_printf(out, "    %s  ", book);
	add_amount(out, s, t);
	buf_printf(out, "\n    %s\n\n", other_side);
	clear_facts(facts);
}

void format_ledger(const struct report *r, struct buf *out)
{
	for (struct statement s = { 0 }; statement_next(r->collection, &s);) {
		AUTO(text) char *book = book_of(r, &s);
		for (const struct transaction *t = NULL; (t = statement_row(&s, t));)
			ledger_transaction(out, &s, book, t);
	}
}

/* ---- beancount ---- */

static void beancount_text(struct buf *out, const char *text)
{
	AUTO(text) char *line = statement_line(text, 0);

	buf_putc(out, '"');
	for (const char *p = line; *p; p++)
		buf_printf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	buf_putc(out, '"');
}

static void beancount_transaction(struct buf *out, const struct statement *s, const char *book, const struct transaction *t)
{
	struct fact facts[FACTS];
	char date[16];

	value_date_text(t->bought, date);
	list_facts(s, t, facts);
	buf_printf(out, "%s %s ", date, t->pending ? "!" : "*");
	beancount_text(out, t->description);
	buf_puts(out, " \"\"\n");
	for (int i = 0; i < FACTS; i++) {
		if (!facts[i].value)
			continue;
		buf_printf(out, "  %s: ", facts[i].name);
		beancount_text(out, facts[i].value);
		buf_putc(out, '\n');
	}
	buf_printf(out, "  %s  ", book);
	add_amount(out, s, t);
	buf_printf(out, "\n  %s\n\n", other_side);
	clear_facts(facts);
}

/* Accounts are open since ever, so that a file with other days says the same. */
static void open_book(struct buf *out, const char *book)
{
	AUTO(text) char *line = xasprintf("1970-01-01 open %s\n", book);

	if (!strstr(buf_text(out), line))
		buf_puts(out, line);
}

void format_beancount(const struct report *r, struct buf *out)
{
	for (struct statement s = { 0 }; statement_next(r->collection, &s);) {
		AUTO(text) char *book = book_of(r, &s);
		open_book(out, book);
	}
	open_book(out, other_side);
	buf_putc(out, '\n');
	for (struct statement s = { 0 }; statement_next(r->collection, &s);) {
		AUTO(text) char *book = book_of(r, &s);
		for (const struct transaction *t = NULL; (t = statement_row(&s, t));)
			beancount_transaction(out, &s, book, t);
	}
}
