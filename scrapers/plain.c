#include "scrapers/plain.h"

#include "cdp/base/auto.h"

#include <ctype.h>
#include <string.h>

unsigned plain_next(const char **at, const char *end)
{
	const unsigned char *s = (const unsigned char *)*at;
	const size_t left = (size_t)(end - *at);
	const int more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : 0;
	unsigned c = more == 3 ? s[0] & 7u : more == 2 ? s[0] & 15u : more == 1 ? s[0] & 31u : s[0];

	*at += 1;
	if ((size_t)more >= left)
		return s[0];
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return s[0];
		c = c << 6 | (s[i] & 63u);
	}
	*at += more;
	return c;
}

bool plain_is_unbounded(unsigned c)
{
	return (c >= 0x590 && c <= 0x6ff) || (c >= 0xe00 && c <= 0xe7f) || (c >= 0x3040 && c <= 0x30ff)
		|| (c >= 0x3400 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7af);
}

/* Writes C at OUT, which has room for four bytes; where the next goes. */
static char *put_char(char *out, unsigned c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	*out++ = (char)((more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0) | c >> (6 * more));
	for (int i = more; i-- > 0;)
		*out++ = (char)(0x80 | (c >> (6 * i) & 63));
	return out;
}

static bool is_mark(unsigned c)
{
	if (c < 0x300)
		return c == 0xad;
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x591 && c <= 0x5c7 && c != 0x5be) || (c >= 0x610 && c <= 0x61a) || c == 0x640
		|| (c >= 0x64b && c <= 0x65f) || c == 0x670 || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e)
		|| (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

/* U+00C0 to U+017F without what is above and below them. */
static const char latin[] =
	"aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln"
	"nnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static unsigned plain_char(unsigned c)
{
	static const struct {
		unsigned from, to, base;
	} moved[] = {
		{ 0x660, 0x669, '0' },   { 0x6f0, 0x6f9, '0' },   { 0xff10, 0xff19, '0' }, { 0xff21, 0xff3a, 'a' },
		{ 0xff41, 0xff5a, 'a' }, { 0x410, 0x42f, 0x430 },
	};
	static const struct {
		unsigned from, to, one;
	} same[] = {
		{ 0x2010, 0x2015, '-' },     { 0x2212, 0x2212, '-' },     { 0x5be, 0x5be, '-' },   { 0x2018, 0x2019, '\'' },
		{ 0x2032, 0x2032, '\'' },    { 0x5f3, 0x5f3, '\'' },      { 0x201c, 0x201f, '"' }, { 0x5f4, 0x5f4, '"' },
		{ 0x649, 0x649, 0x64a },     { 0x6cc, 0x6cc, 0x64a },     { 0x629, 0x629, 0x647 }, { 0x6a9, 0x6a9, 0x643 },
		{ 0x622, 0x623, 0x627 },     { 0x625, 0x625, 0x627 },     { 0x624, 0x624, 0x648 }, { 0x626, 0x626, 0x64a },
		{ 0x401, 0x401, 0x435 },     { 0x451, 0x451, 0x435 },     { 0xa0, 0xa0, ' ' },     { 0x3000, 0x3000, ' ' },
		{ 0x2000, 0x200a, ' ' },     { 0x202f, 0x202f, ' ' },
	};

	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
		if (c >= moved[i].from && c <= moved[i].to)
			c = c - moved[i].from + moved[i].base;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (c >= same[i].from && c <= same[i].to)
			return same[i].one;
	if (c == 0x439)
		return 0x438;
	return c >= 0xc0 && c <= 0x17f ? (unsigned char)latin[c - 0xc0] : c;
}

/* The second letter of those that are two. */
static char second_letter(unsigned c)
{
	return c == 0xdf ? 's' : c == 0xe6 || c == 0xc6 || c == 0x152 || c == 0x153 ? 'e' : 0;
}

char *plain_text(const char *text, size_t size)
{
	/* One byte becomes two at most: one that is no UTF-8, or one of two that is two letters. */
	char *const plain = xmalloc(2 * size + 5), *out = plain;
	const char *const end = text + size;
	bool space = false;

	for (const char *at = text; at < end;) {
		const unsigned raw = plain_next(&at, end);
		const unsigned c = is_mark(raw) ? 0 : plain_char(raw);
		if (!c)
			continue;
		if (c <= ' ') {
			space = out > plain;
			continue;
		}
		if (space)
			*out++ = ' ';
		space = false;
		out = put_char(out, c);
		if (second_letter(raw))
			*out++ = second_letter(raw);
	}
	*out = '\0';
	return plain;
}

char *plain_name(const char *name)
{
	const size_t size = strlen(name);
	char *const words = xmalloc(2 * size + 1), *out = words;

	for (const char *s = name; *s; s++) {
		const unsigned char c = (unsigned char)s[0], before = s > name ? (unsigned char)s[-1] : 0, after = (unsigned char)s[1];
		const bool hump = isupper(c) && (islower(before) || isdigit(before) || (isupper(before) && islower(after)));
		const bool number = isdigit(c) && isalpha(before) && s - name > 1 && isalpha((unsigned char)s[-2]);
		if (hump || number)
			*out++ = ' ';
		*out++ = isalnum(c) || c >= 0x80 ? (char)c : ' ';
	}
	char *const plain = plain_text(words, (size_t)(out - words));
	free(words);
	return plain;
}

char *plain_shown(const char *text)
{
	const size_t size = strlen(text);
	char *const shown = xmalloc(2 * size + 5), *out = shown;

	for (const char *at = text; at < text + size;) {
		const unsigned c = plain_next(&at, text + size);
		const unsigned plain = plain_char(c);
		if (c <= ' ' || plain == ' ')
			*out++ = ' ';
		else if (plain >= '0' && plain <= '9')
			*out++ = (char)plain;
		else if (!is_mark(c) && !(c >= 0x7f && c < 0xa0))
			out = put_char(out, c);
	}
	*out = '\0';
	return shown;
}
