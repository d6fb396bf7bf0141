/* HTML in pieces. */
#include "scrapers/html.h"
#include "tests/lib/asserts.h"

#include "cdp/base/buf.h"

/* All pieces: "text", "<name", "</name". */
static char *pieces_of(const char *text)
{
	struct buf out = { 0 };
	struct html_piece piece;
	struct html html;

	html_init(&html, text, strlen(text));
	while (html_next(&html, &piece)) {
		if (piece.kind == HTML_TEXT)
			html_decode(&out, piece.text, piece.text_end);
		else
			buf_printf(&out, "<%s%.*s", piece.kind == HTML_CLOSE ? "/" : "", (int)piece.name_size, piece.name);
		buf_putc(&out, '|');
	}
	return buf_take(&out);
}

static const struct {
	const char *html, *pieces;
} documents[] = {
	{ "<p>a<b>b</b></p>", "<p|a|<b|b|</b|</p|" },
	{ "a <!-- <p> --> b", "a | b|" },
	{ "<!DOCTYPE html><?xml ?><p/>", "<p|" },
	{ "<script>if (a < b) '<p>'</script>c", "<script|</script|c|" },
	{ "<STYLE>p{}</Style><TITLE>t</TITLE>", "<STYLE|</Style|<TITLE|t|</TITLE|" },
	{ "<svg/>a<svg>b", "<svg|a|<svg|b|" },     /* without an end, it is not passed over */
	{ "<a title=\"x > y\">z", "<a|z|" },
	{ "1 < 2 <", "1 |< 2 |<|" },
	{ "a<!-- b", "a|" },
	{ "<p", "<p|" },
	{ "</>x", "x|" },
	{ "&lt;&#65;&#x42;&nbsp;&bogus;&amp", "<AB &bogus;&amp|" },
	{ "&#0;&#x110000;&#xd800;&#;&#x;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&#;&#x;|" },
	{ "", "" },
};

static void cuts_into_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		AUTO(text) char *pieces = pieces_of(documents[i].html);
		assert_string_equal(pieces, documents[i].pieces);
	}
}

static const struct {
	const char *tag, *name, *value;
} attributes[] = {
	{ "<input name=a>", "name", "a" },
	{ "<input NAME='a b'>", "name", "a b" },
	{ "<input data-name=x name = \"a&quot;b\" >", "name", "a\"b" },
	{ "<form action=/login/2fa>", "action", "/login/2fa" },
	{ "<input required/>", "required", "" },
	{ "<input a=\"name=x\">", "name", NULL },
	{ "<input name=a name=b>", "name", "a" },
	{ "<input =x name=a>", "name", "a" },
	{ "<input name=\"a", "name", "a" },
	{ "</input name=a>", "name", NULL },
};

static void reads_attributes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
		struct html html;
		struct html_piece piece;
		html_init(&html, attributes[i].tag, strlen(attributes[i].tag));
		assert_true(html_next(&html, &piece));
		AUTO(text) char *value = html_attribute(&piece, attributes[i].name);
		if (!attributes[i].value)
			assert_null(value);
		else
			assert_string_equal(value, attributes[i].value);
	}
}

static void passes_over_elements(void **state)
{
	static const char text[] = "<div>a<div>b</div>c</div>d";
	struct html html;
	struct html_piece piece;

	(void)state;
	html_init(&html, text, strlen(text));
	assert_true(html_next(&html, &piece));
	html_skip(&html, &piece);
	assert_true(html_next(&html, &piece));
	assert_memory_equal(piece.text, "d", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_into_pieces),
		cmocka_unit_test(reads_attributes),
		cmocka_unit_test(passes_over_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
