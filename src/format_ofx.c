/* OFX 2.1.1 (XML) and 1.0.2 (SGML), and QIF: statements of credit cards.
 *
 * A day is its noon in a fixed zone, so that no reader's clock makes it another.  FITID is our id: what is
 * imported again is known.  Nothing depends on when it is written. */
#include "src/format_impl.h"

#include "src/statement.h"

#include <string.h>

enum {
	NAME_MAX = 32,  /* characters: A-32 */
	MEMO_MAX = 255,
};

struct ofx {
	struct buf *out;
	bool sgml; /* elements that hold text have no end tag */
};

static void escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;
		if (entity)
			buf_puts(out, entity);
		else
			buf_putc(out, *text);
	}
}

static void element(struct ofx *o, const char *name, const char *text)
{
	if (!*text)
		return;
	buf_printf(o->out, "<%s>", name);
	escape(o->out, text);
	if (!o->sgml)
		buf_printf(o->out, "</%s>", name);
	buf_putc(o->out, '\n');
}

static void day_element(struct ofx *o, const char *name, struct value_time t)
{
	AUTO(text) char *text = xasprintf("%04d%02d%02d120000[+2:IST]", t.year, t.month, t.day);

	element(o, name, text);
}

static void transaction(struct ofx *o, const struct transaction *t)
{
	AUTO(buf) struct buf amount = { 0 };
	AUTO(text) char *name = statement_line(t->description, NAME_MAX);
	AUTO(text) char *remarks = statement_remarks(t, NAME_MAX);
	AUTO(text) char *memo = statement_line(remarks, MEMO_MAX);

	format_minor(&amount, t->charged_minor);
	buf_puts(o->out, "<STMTTRN>\n");
	element(o, "TRNTYPE", t->charged_minor < 0 ? "DEBIT" : "CREDIT");
	day_element(o, "DTPOSTED", t->bought);
	day_element(o, "DTAVAIL", t->debited);
	element(o, "TRNAMT", buf_text(&amount));
	element(o, "FITID", t->id);
	element(o, "NAME", name);
	element(o, "MEMO", memo);
	buf_puts(o->out, "</STMTTRN>\n");
}

static bool is_before(struct value_time a, struct value_time b)
{
	return a.year != b.year ? a.year < b.year : a.month != b.month ? a.month < b.month : a.day < b.day;
}

static struct value_time last_day(const struct collection *c)
{
	struct value_time last = { .year = 1970, .month = 1, .day = 1 };

	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->accounts[i].count; k++)
			if (is_before(last, c->accounts[i].list[k].bought))
				last = c->accounts[i].list[k].bought;
	return last;
}

/* Readers want one: what the site says is due next, else what is listed. */
static void balance(struct ofx *o, const struct statement *s, struct value_time last)
{
	const struct account *a = s->account;
	const bool known = a->has_balance && !strcmp(s->currency, RECORD_CURRENCY);
	AUTO(buf) struct buf amount = { 0 };
	int64_t sum = 0;

	for (const struct transaction *t = NULL; (t = statement_row(s, t));)
		sum += t->charged_minor;
	format_minor(&amount, known ? a->balance_minor : sum);
	buf_puts(o->out, "<LEDGERBAL>\n");
	element(o, "BALAMT", buf_text(&amount));
	day_element(o, "DTASOF", last);
	buf_puts(o->out, "</LEDGERBAL>\n");
}

static void statement(struct ofx *o, const struct statement *s)
{
	struct value_time first = statement_row(s, NULL)->bought, last = first;

	for (const struct transaction *t = NULL; (t = statement_row(s, t));) {
		first = is_before(t->bought, first) ? t->bought : first;
		last = is_before(last, t->bought) ? t->bought : last;
	}
	buf_puts(o->out, "<CCSTMTTRNRS>\n");
	element(o, "TRNUID", "0");
	buf_puts(o->out, "<STATUS>\n");
	element(o, "CODE", "0");
	element(o, "SEVERITY", "INFO");
	buf_puts(o->out, "</STATUS>\n<CCSTMTRS>\n");
	element(o, "CURDEF", s->currency);
	buf_puts(o->out, "<CCACCTFROM>\n");
	element(o, "ACCTID", s->name);
	buf_puts(o->out, "</CCACCTFROM>\n<BANKTRANLIST>\n");
	day_element(o, "DTSTART", first);
	day_element(o, "DTEND", last);
	for (const struct transaction *t = NULL; (t = statement_row(s, t));)
		transaction(o, t);
	buf_puts(o->out, "</BANKTRANLIST>\n");
	balance(o, s, last);
	buf_puts(o->out, "</CCSTMTRS>\n</CCSTMTTRNRS>\n");
}

static void sign_on(struct ofx *o, const struct report *r)
{
	buf_puts(o->out, "<SIGNONMSGSRSV1>\n<SONRS>\n<STATUS>\n");
	element(o, "CODE", "0");
	element(o, "SEVERITY", "INFO");
	buf_puts(o->out, "</STATUS>\n");
	day_element(o, "DTSERVER", last_day(r->collection));
	element(o, "LANGUAGE", "HEB");
	buf_puts(o->out, "<FI>\n");
	element(o, "ORG", r->site);
	buf_puts(o->out, "</FI>\n</SONRS>\n</SIGNONMSGSRSV1>\n");
}

void format_ofx(const struct report *r, struct buf *out)
{
	struct ofx o = { .out = out, .sgml = r->ofx_sgml };
	bool any = false;

	buf_puts(out, o.sgml
		? "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\nCHARSET:NONE\nCOMPRESSION:NONE\n"
			"OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
		: "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
			"<?OFX OFXHEADER=\"200\" VERSION=\"211\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" NEWFILEUID=\"NONE\"?>\n");
	buf_puts(out, "<OFX>\n");
	sign_on(&o, r);
	for (struct statement s = { 0 }; statement_next(r->collection, &s); any = true) {
		if (!any)
			buf_puts(out, "<CREDITCARDMSGSRSV1>\n");
		statement(&o, &s);
	}
	buf_puts(out, any ? "</CREDITCARDMSGSRSV1>\n</OFX>\n" : "</OFX>\n");
}

/* ---- QIF ---- */

static void qif_transaction(struct buf *out, const struct transaction *t)
{
	AUTO(text) char *name = statement_line(t->description, 0);
	AUTO(text) char *remarks = statement_remarks(t, 0);

	buf_printf(out, "D%02d/%02d/%04d\nT", t->bought.month, t->bought.day, t->bought.year);
	format_minor(out, t->charged_minor);
	buf_printf(out, "\n%sP%s\n", t->pending ? "" : "C*\n", name);
	if (*remarks)
		buf_printf(out, "M%s\n", remarks);
	buf_puts(out, "^\n");
}

void format_qif(const struct report *r, struct buf *out)
{
	for (struct statement s = { 0 }; statement_next(r->collection, &s);) {
		buf_printf(out, "!Account\nN%s %s\nTCCard\n^\n!Type:CCard\n", r->site, s.name);
		for (const struct transaction *t = NULL; (t = statement_row(&s, t));)
			qif_transaction(out, t);
	}
}
