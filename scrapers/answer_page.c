/* Pages: what they say, and the form that wants the code.  XML is read as if its leaves were members. */
#include "scrapers/answer_reading.h"

#include "cdp/base/buf.h"
#include "scrapers/html.h"
#include "scrapers/plain.h"

#include <strings.h>

enum {
	SHORT_PAGE = 600, /* with no field on it, a longer text is an article */
	PIECES_MAX = 40000,
	INPUTS_MAX = 400,
	HIDDEN_MAX = ANSWER_CARRIED_MAX,
	LEAVES_MAX = 300,
	VALUE_MAX = 4096,
	BOXES_MIN = 4, BOXES_MAX = 8, /* a field for each digit */
};

struct hidden {
	char *name, *value;
};

/* A form, or the fields that stand in none. */
struct form {
	char *action;
	bool post, multipart;
	struct hidden hidden[HIDDEN_MAX];
	size_t hidden_count, buttons;
	struct hidden button; /* that sends it, and has a name: the only one if BUTTONS is 1 */
	char *code; /* the name of the field for the code */
	char *lone; /* of its first field, that is for nothing else we know */
	int rank;   /* of CODE: 4 declared, 3 named or labelled so, 2 likely, 1 perhaps */
	int fields, passwords, boxes, digits;
	bool is_open;
};

struct page {
	struct buf text; /* a line for each element */
	struct form form, best;
	int fields, others, passwords, inputs; /* others: fields for something that is no code */
};

static void hidden_clear(struct hidden *hidden)
{
	free(hidden->name);
	free(hidden->value);
	*hidden = (struct hidden){ 0 };
}

static void form_clear(struct form *form)
{
	free(form->action);
	free(form->code);
	free(form->lone);
	hidden_clear(&form->button);
	for (size_t i = 0; i < form->hidden_count; i++)
		hidden_clear(&form->hidden[i]);
	*form = (struct form){ 0 };
}

/* ---- fields ---- */

static bool has_token(const char *list, const char *token)
{
	const size_t size = strlen(token);

	for (const char *at = list ? list : ""; *at; at += strspn(at, " ")) {
		const size_t length = strcspn(at, " ");
		if (length == size && !strncasecmp(at, token, size))
			return true;
		at += length;
	}
	return false;
}

static int number_in(const char *text)
{
	return text && is_all_digits(text) && strlen(text) <= 3 ? (int)strtol(text, NULL, 10) : 0;
}

enum { LABEL_MAX = 120, LABEL_LINES = 3 };

/* What stands before a field, or in it: the last lines of what the page says so far. */
static struct said label_of(const struct reading *r, const struct page *page, int line_count)
{
	const char *const text = buf_text(&page->text), *const end = text + page->text.size;
	const char *from = end - (page->text.size < LABEL_MAX ? page->text.size : LABEL_MAX);
	const char *at = end;

	for (int lines = 0; at > from && lines < line_count;) {
		while (at > from && strchr(" \t\n", at[-1]))
			at--;
		while (at > from && at[-1] != '\n')
			at--;
		lines++;
	}
	return said_in(r, at, (size_t)(end - at));
}

/* How sure it is that the code goes into a field, as in struct form; 0: perhaps, -1: it is for something else. */
static int rank_of(const struct reading *r, const struct page *page, const struct html_piece *input, const char *name,
	const char *id)
{
	static const enum word_list others[] = { LIST_ROBOT, LIST_COUPON, LIST_INVITATION, LIST_PAPER };
	AUTO(text) char *complete = html_attribute(input, "autocomplete");
	AUTO(text) char *both = xasprintf("%s %s", name ? name : "", id ? id : "");
	AUTO(said) struct said said = said_in_name(r, both);
	AUTO(said) struct said alone = said_in_name(r, name && *name ? name : id ? id : "");
	AUTO(said) struct said label = label_of(r, page, LABEL_LINES);
	AUTO(said) struct said own = label_of(r, page, 1);
	const bool named = factor_of(&said) == 2, labelled = says(&label, LIST_STRONG) || says(&label, LIST_LIKELY);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (says(&label, others[i]) && !named)
			return -1;
	if (says(&own, LIST_SEARCH) || says(&own, LIST_POST))
		return -1;
	if (says(&said, LIST_OTHER_SUBJECT) || says(&said, LIST_OTHER_CODES) || (says(&said, LIST_NAMES_OTHER) && !named))
		return -1;
	if (has_token(complete, "one-time-code"))
		return 4;
	if (named || (labelled && (says(&said, LIST_NAMES_LIKELY) || is(&alone, LIST_NAMES_WEAK) || !both[1])))
		return 3;
	return says(&said, LIST_NAMES_LIKELY) ? 2 : is(&alone, LIST_NAMES_WEAK);
}

static void read_typed(struct reading *r, struct page *page, const struct html_piece *input, bool is_password)
{
	struct form *const form = &page->form;
	AUTO(text) char *name = html_attribute(input, "name");
	AUTO(text) char *id = html_attribute(input, "id");
	AUTO(text) char *length = html_attribute(input, "maxlength");
	AUTO(text) char *read_only = html_attribute(input, "readonly");
	AUTO(text) char *value = html_attribute(input, "value");
	const int rank = rank_of(r, page, input, name, id);

	if ((read_only && value && *value) || (rank < 0 && !is_password)) {
		page->others++;
		return;
	}
	if (is_password && rank < 3) {
		form->passwords++;
		page->passwords++;
		return;
	}
	form->fields++;
	page->fields++;
	form->boxes += number_in(length) == 1;
	if (form->fields == 1 && !form->lone)
		form->lone = copy_of(name && *name ? name : id);
	if (rank <= form->rank)
		return;
	free(form->code);
	form->code = name && *name ? TAKE(name) : id ? TAKE(id) : NULL;
	form->rank = rank;
	form->digits = number_in(length);
}

static void keep_hidden(struct reading *r, struct form *form, const struct html_piece *input)
{
	AUTO(text) char *name = html_attribute(input, "name");
	AUTO(text) char *value = html_attribute(input, "value");

	if (!name || !*name || form->hidden_count == HIDDEN_MAX)
		return;
	AUTO(said) struct said said = said_in_name(r, name);
	r->errand |= is(&said, LIST_ERRANDS) && value && *value;
	form->hidden[form->hidden_count++] = (struct hidden){ TAKE(name), value ? TAKE(value) : xstrdup("") };
}

static void keep_button(struct form *form, const struct html_piece *button)
{
	AUTO(text) char *name = html_attribute(button, "name");
	AUTO(text) char *value = html_attribute(button, "value");

	form->buttons++;
	if (!name || !*name)
		return;
	hidden_clear(&form->button);
	form->button = (struct hidden){ TAKE(name), value ? TAKE(value) : xstrdup("") };
}

static void add_line(struct page *page, const char *text)
{
	if (!text)
		return;
	(void)buf_puts(&page->text, text);
	(void)buf_putc(&page->text, '\n');
}

static void read_input(struct reading *r, struct page *page, const struct html_piece *input)
{
	AUTO(text) char *type = html_attribute(input, "type");

	if (++page->inputs > INPUTS_MAX)
		return;
	AUTO(said) struct said kind = said_in_name(r, type && *type ? type : "text");
	if (!strcmp(kind.plain, "hidden")) {
		keep_hidden(r, &page->form, input);
	} else if (!strcmp(kind.plain, "submit") || !strcmp(kind.plain, "image")) {
		keep_button(&page->form, input);
	} else if (is(&kind, LIST_TYPED)) {
		AUTO(text) char *placeholder = html_attribute(input, "placeholder");
		AUTO(text) char *label = html_attribute(input, "aria-label");
		add_line(page, placeholder);
		add_line(page, label);
		read_typed(r, page, input, !strcmp(kind.plain, "password"));
	}
}

/* ---- forms ---- */

static void open_form(struct page *page, const struct html_piece *tag)
{
	AUTO(text) char *method = html_attribute(tag, "method");
	AUTO(text) char *encoding = html_attribute(tag, "enctype");

	page->form.action = html_attribute(tag, "action");
	page->form.post = method && !strcasecmp(method, "post");
	page->form.multipart = encoding && !strcasecmp(encoding, "multipart/form-data");
	page->form.is_open = true;
}

/* The form with the surest field for a code is kept. */
static void close_form(struct page *page)
{
	struct form *const form = &page->form;

	if (!form->rank && form->boxes == form->fields && form->boxes >= BOXES_MIN && form->boxes <= BOXES_MAX) {
		form->code = TAKE(form->lone);
		form->rank = 3;
	} else if (!form->rank && form->fields == 1) {
		form->code = TAKE(form->lone);
		form->rank = 1;
	}
	if (form->rank > page->best.rank) {
		form_clear(&page->best);
		page->best = *form;
		*form = (struct form){ 0 };
	}
	form_clear(form);
}

static bool is_inline(const struct html_piece *tag)
{
	static const char *const names[] = { "b", "i", "em", "strong", "span", "a", "bdi", "bdo", "u", "small", "mark", "font",
		"code", "tt" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (html_is(tag, names[i]))
			return true;
	return false;
}

static bool is_hidden(const struct html_piece *tag)
{
	AUTO(text) char *hidden = html_attribute(tag, "hidden");
	AUTO(text) char *style = html_attribute(tag, "style");

	return hidden || (style && (strcasestr(style, "display:none") || strcasestr(style, "display: none")));
}

static void read_meta(struct reading *r, const struct html_piece *tag)
{
	AUTO(text) char *equiv = html_attribute(tag, "http-equiv");
	AUTO(text) char *content = html_attribute(tag, "content");
	const char *const url = equiv && content && !strcasecmp(equiv, "refresh") ? strcasestr(content, "url=") : NULL;

	if (url)
		read_redirect(r, url + 4 + (url[4] == '\'' || url[4] == '"'));
}

static void read_tag(struct reading *r, struct page *page, struct html *html, const struct html_piece *tag)
{
	const bool opens = tag->kind == HTML_OPEN, input = opens && html_is(tag, "input");

	(void)buf_putc(&page->text, is_inline(tag) ? ' ' : '\n');
	if (html_is(tag, "form")) {
		close_form(page);
		if (opens)
			open_form(page, tag);
	}
	if (input) {
		read_input(r, page, tag);
	} else if (opens && html_is(tag, "button")) {
		AUTO(text) char *type = html_attribute(tag, "type");
		if (!type || !strcasecmp(type, "submit"))
			keep_button(&page->form, tag);
	} else if (opens && html_is(tag, "meta")) {
		read_meta(r, tag);
	}
	if (opens && !input && is_hidden(tag))
		html_skip(html, tag);
}

static void read_pieces(struct reading *r, struct page *page, const char *text, size_t size)
{
	struct html html;
	struct html_piece piece;

	html_init(&html, text, size);
	for (int i = 0; i < PIECES_MAX && html_next(&html, &piece); i++) {
		if (piece.kind != HTML_TEXT) {
			read_tag(r, page, &html, &piece);
			continue;
		}
		const size_t from = page->text.size;
		html_decode(&page->text, piece.text, piece.text_end);
		for (size_t k = from; k < page->text.size; k++)
			if (page->text.data[k] == '\n' || page->text.data[k] == '\r')
				page->text.data[k] = ' ';
	}
	close_form(page);
}

/* ---- what it comes to ---- */

/* A field on a form where the password goes, too, may be for those who have a code. */
static void count_field(struct reading *r, const struct form *form)
{
	static const struct {
		int about, asks;
	} weights[] = { { 0, 0 }, { 0, 0 }, { 1, 1 }, { 4, 3 }, { 5, 4 } };

	if (form->rank >= 2 && !form->passwords)
		count(r, weights[form->rank].about, weights[form->rank].asks, "field", form->code);
}

static void keep_form(struct reading *r, const struct form *form)
{
	struct answer_challenge *const out = r->out;

	if (form->code)
		keep_field(r, form->code, 1 + form->rank);
	if (form->action && *form->action)
		keep_endpoint(&out->endpoint, form->action);
	if (form->is_open) {
		keep_method(r, form->post ? "POST" : "GET");
		out->encoding = form->multipart ? "multipart/form-data" : "application/x-www-form-urlencoded";
	}
	if (!out->digits && form->boxes >= BOXES_MIN && form->boxes <= BOXES_MAX)
		out->digits = form->boxes;
	else if (!out->digits && form->digits >= 4 && form->digits <= 10)
		out->digits = form->digits;
	for (size_t i = 0; i < form->hidden_count; i++)
		carry(r, ANSWER_FORM, form->hidden[i].name, form->hidden[i].value, CARRY_SURE);
	if (form->buttons == 1 && form->button.name)
		carry(r, ANSWER_FORM, form->button.name, form->button.value, CARRY_SURE);
}

/* A page with a field for a password is one to sign in, one with fields for other things is about them, and an article has
 * no fields. */
void read_page(struct reading *r, const char *html, size_t size)
{
	struct page page = { .text = { .size_max = TEXT_MAX } };

	read_pieces(r, &page, html, size);
	const bool has_code = page.best.rank > 0;
	AUTO(text) char *text = buf_take(&page.text);
	if (has_code ? !page.best.passwords : !page.passwords && !page.fields && !page.others && strlen(text) <= SHORT_PAGE) {
		read_text(r, "page", text);
		if (has_code) {
			count_field(r, &page.best);
			keep_form(r, &page.best);
		}
	}
	form_clear(&page.best);
	form_clear(&page.form);
}

void read_xml(struct reading *r, const char *xml, size_t size)
{
	AUTO(json) cJSON *leaves = cJSON_CreateObject();
	struct html html;
	struct html_piece piece, tag = { 0 };
	AUTO(buf) struct buf text = { .size_max = VALUE_MAX };
	int count = 0;

	html_init(&html, xml, size);
	for (int i = 0; i < PIECES_MAX && count < LEAVES_MAX && html_next(&html, &piece); i++) {
		if (piece.kind == HTML_TEXT) {
			html_decode(&text, piece.text, piece.text_end);
		} else if (piece.kind == HTML_OPEN) {
			tag = piece;
			buf_reset(&text);
		} else if (tag.name && piece.name_size == tag.name_size && !memcmp(piece.name, tag.name, tag.name_size)) {
			/* Without the prefix of its name space. */
			const char *const colon = memchr(tag.name, ':', tag.name_size);
			const char *const from = colon ? colon + 1 : tag.name;
			AUTO(text) char *name = xstrndup(from, tag.name_size - (size_t)(from - tag.name));
			cJSON_AddStringToObject(leaves, name, buf_text(&text));
			tag.name = NULL;
			count++;
		}
	}
	read_json(r, leaves);
}
