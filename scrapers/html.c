#include "scrapers/html.h"

#include "cdp/base/buf.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
	DEEP_MAX = 4000,       /* pieces that a hidden element may have */
	VALUE_MAX = 16 << 10,  /* as much as a secret may have */
	NEVER_CLOSED = 1u << 31, /* an element that was passed over had no end */
};

/* What nobody sees. */
static const char *const silent[] = { "script", "style", "template", "noscript", "svg" };

static const char *const empty[] = { "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
	"track", "wbr" };

void html_init(struct html *html, const char *text, size_t size)
{
	*html = (struct html){ .at = text, .end = text + size };
}

static bool is_name(const struct html_piece *piece, const char *name)
{
	return piece->name_size == strlen(name) && !strncasecmp(piece->name, name, piece->name_size);
}

bool html_is(const struct html_piece *piece, const char *name)
{
	return piece->kind != HTML_TEXT && is_name(piece, name);
}

/* Where the tag that begins at S ends: a '>' in quotes does not count. */
static const char *tag_end(const char *s, const char *end)
{
	char quote = 0;

	for (; s < end && (quote || *s != '>'); s++) {
		if (quote)
			quote = *s == quote ? 0 : quote;
		else if ((*s == '"' || *s == '\'') && s[-1] == '=')
			quote = *s;
	}
	return s;
}

/* The next "</name", or NULL. */
static const char *close_of(const char *s, const char *end, const char *name)
{
	const size_t size = strlen(name);

	for (; (s = memchr(s, '<', (size_t)(end - s))); s++)
		if ((size_t)(end - s) > size + 1 && s[1] == '/' && !strncasecmp(s + 2, name, size))
			return s;
	return NULL;
}

static void skip_silent(struct html *html, const struct html_piece *piece)
{
	for (unsigned i = 0; i < sizeof silent / sizeof *silent; i++) {
		if (!is_name(piece, silent[i]) || html->unclosed >> i & 1 || piece->text_end[-1] == '/')
			continue;
		const char *const close = close_of(html->at, html->end, silent[i]);
		if (close)
			html->at = close;
		else
			html->unclosed |= 1u << i;
	}
}

static const char *comment_end(const char *s, const char *end)
{
	const char *const close = !strncmp(s, "<!--", 4) ? memmem(s + 4, (size_t)(end - s) - 4, "-->", 3) : NULL;

	return close ? close + 3 : NULL;
}

static void read_tag(struct html *html, struct html_piece *out)
{
	const char *const start = html->at + 1 + (html->at[1] == '/');
	const char *const stop = tag_end(start, html->end);
	const char *name_end = start;

	while (name_end < stop && !isspace((unsigned char)*name_end) && *name_end != '/')
		name_end++;
	*out = (struct html_piece){ html->at[1] == '/' ? HTML_CLOSE : HTML_OPEN, name_end, stop, start,
		(size_t)(name_end - start) };
	html->at = stop < html->end ? stop + 1 : stop;
	if (out->kind == HTML_OPEN)
		skip_silent(html, out);
}

bool html_next(struct html *html, struct html_piece *out)
{
	while (html->at < html->end) {
		const char *const s = html->at;
		const size_t left = (size_t)(html->end - s);
		const size_t slash = left > 1 && s[1] == '/';
		if (*s == '<' && left > 1 + slash && isalpha((unsigned char)s[1 + slash])) {
			read_tag(html, out);
			return true;
		}
		if (*s == '<' && left > 1 && strchr("!?/", s[1])) {
			const char *const comment = left > 4 ? comment_end(s, html->end) : NULL;
			const char *const stop = memchr(s, '>', left);
			/* A comment without an end is the rest of the page. */
			html->at = comment ? comment : left > 4 && !strncmp(s, "<!--", 4) ? html->end : stop ? stop + 1 : html->end;
			continue;
		}
		const char *const next = left > 1 ? memchr(s + 1, '<', left - 1) : NULL;
		html->at = next ? next : html->end;
		*out = (struct html_piece){ .kind = HTML_TEXT, .text = s, .text_end = html->at };
		return true;
	}
	return false;
}

void html_skip(struct html *html, const struct html_piece *piece)
{
	struct html ahead = *html;
	struct html_piece next;
	int depth = 1;

	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		if (is_name(piece, empty[i]) || html->unclosed & NEVER_CLOSED)
			return;
	for (int i = 0; i < DEEP_MAX && depth > 0 && html_next(&ahead, &next); i++)
		if (next.kind != HTML_TEXT && next.name_size == piece->name_size && !strncasecmp(next.name, piece->name, next.name_size))
			depth += next.kind == HTML_OPEN ? 1 : -1;
	if (depth == 0)
		*html = ahead;
	else
		html->unclosed |= NEVER_CLOSED;
}

/* ---- attributes ---- */

struct attribute {
	const char *name, *name_end, *value, *value_end; /* VALUE is NULL when there is none */
};

static const char *skip_space(const char *s, const char *end)
{
	while (s < end && (isspace((unsigned char)*s) || *s == '/'))
		s++;
	return s;
}

static const char *read_attribute(const char *s, const char *end, struct attribute *out)
{
	*out = (struct attribute){ .name = s };
	while (s < end && !isspace((unsigned char)*s) && *s != '=' && *s != '/')
		s++;
	if (s == out->name)
		s++; /* a stray '=' */
	out->name_end = s;
	const char *const next = skip_space(s, end);
	if (next == end || *next != '=')
		return next;
	for (s = next + 1; s < end && isspace((unsigned char)*s); s++)
		;
	if (s < end && (*s == '"' || *s == '\'')) {
		const char *const close = memchr(s + 1, *s, (size_t)(end - s) - 1);
		out->value = s + 1;
		out->value_end = close ? close : end;
		return close ? close + 1 : end;
	}
	for (out->value = s; s < end && !isspace((unsigned char)*s); s++)
		;
	out->value_end = s;
	return s;
}

char *html_attribute(const struct html_piece *piece, const char *name)
{
	const size_t size = strlen(name);
	struct attribute attribute;

	if (piece->kind != HTML_OPEN)
		return NULL;
	for (const char *s = skip_space(piece->text, piece->text_end); s < piece->text_end; s = skip_space(s, piece->text_end)) {
		s = read_attribute(s, piece->text_end, &attribute);
		if ((size_t)(attribute.name_end - attribute.name) != size || strncasecmp(attribute.name, name, size) != 0)
			continue;
		AUTO(buf) struct buf out = { 0 };
		if (attribute.value && attribute.value_end - attribute.value <= VALUE_MAX)
			html_decode(&out, attribute.value, attribute.value_end);
		return buf_take(&out);
	}
	return NULL;
}

/* ---- character references ---- */

static void put_utf8(struct buf *out, unsigned long c)
{
	if (!c || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		(void)buf_putc(out, (char)c);
		return;
	}
	const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	(void)buf_putc(out, (char)((more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0) | c >> (6 * more)));
	for (int i = more; i-- > 0;)
		(void)buf_putc(out, (char)(0x80 | (c >> (6 * i) & 63)));
}

/* "&#8226;", "&#x2022;"; the bytes read, 0: it is none. */
static size_t read_number(struct buf *out, const char *s, const char *end)
{
	const bool hex = end - s > 3 && (s[2] | 32) == 'x';
	const char *at = s + 2 + hex;
	unsigned long c = 0;

	while (at < end && at - s < 12 && (hex ? isxdigit((unsigned char)*at) : isdigit((unsigned char)*at))) {
		c = c * (hex ? 16 : 10) + (unsigned long)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
		at++;
	}
	if (at == s + 2 + hex)
		return 0;
	put_utf8(out, c);
	return (size_t)(at - s) + (at < end && *at == ';');
}

static size_t read_reference(struct buf *out, const char *s, const char *end)
{
	static const struct {
		const char *name, *text;
	} names[] = {
		{ "&nbsp;", " " },    { "&amp;", "&" },     { "&lt;", "<" },      { "&gt;", ">" },      { "&quot;", "\"" },
		{ "&apos;", "'" },    { "&bull;", "•" },    { "&middot;", "·" },  { "&hellip;", "…" },  { "&rsquo;", "'" },
		{ "&lsquo;", "'" },   { "&ndash;", "-" },   { "&mdash;", "-" },   { "&lrm;", "" },      { "&rlm;", "" },
		{ "&zwnj;", "" },     { "&shy;", "" },      { "&auml;", "ä" },    { "&ouml;", "ö" },    { "&uuml;", "ü" },
		{ "&Auml;", "Ä" },    { "&Ouml;", "Ö" },    { "&Uuml;", "Ü" },    { "&szlig;", "ß" },   { "&eacute;", "é" },
		{ "&egrave;", "è" },  { "&ecirc;", "ê" },   { "&agrave;", "à" },  { "&acirc;", "â" },   { "&aacute;", "á" },
		{ "&atilde;", "ã" },  { "&ccedil;", "ç" },  { "&iacute;", "í" },  { "&oacute;", "ó" },  { "&otilde;", "õ" },
		{ "&ograve;", "ò" },  { "&ocirc;", "ô" },   { "&uacute;", "ú" },  { "&ugrave;", "ù" },  { "&ntilde;", "ñ" },
		{ "&icirc;", "î" },
	};

	if (end - s > 2 && s[1] == '#')
		return read_number(out, s, end);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const size_t size = strlen(names[i].name);
		if ((size_t)(end - s) < size || memcmp(s, names[i].name, size) != 0)
			continue;
		(void)buf_puts(out, names[i].text);
		return size;
	}
	return 0;
}

void html_decode(struct buf *out, const char *text, const char *end)
{
	for (const char *s = text; s < end && !out->full;) {
		const char *const next = memchr(s, '&', (size_t)(end - s));
		(void)buf_append(out, s, (size_t)((next ? next : end) - s));
		if (!next)
			return;
		const size_t size = read_reference(out, next, end);
		if (!size)
			(void)buf_putc(out, '&');
		s = next + (size ? size : 1);
	}
}
