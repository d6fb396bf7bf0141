#include "scrapers/phrase.h"

#include "cdp/base/buf.h"
#include "scrapers/detect.h"

#include <ctype.h>
#include <string.h>

enum { GAP = 40, PHRASE_MAX = 160 };

/* ---- letters ---- */

unsigned phrase_char(const char **at, const char *end)
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

static void put_char(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		(void)buf_putc(out, (char)c);
	} else if (c < 0x800) {
		(void)buf_putc(out, (char)(0xc0 | c >> 6));
		(void)buf_putc(out, (char)(0x80 | (c & 63)));
	} else {
		if (c >= 0x10000) {
			(void)buf_putc(out, (char)(0xf0 | c >> 18));
			(void)buf_putc(out, (char)(0x80 | (c >> 12 & 63)));
		} else {
			(void)buf_putc(out, (char)(0xe0 | c >> 12));
		}
		(void)buf_putc(out, (char)(0x80 | (c >> 6 & 63)));
		(void)buf_putc(out, (char)(0x80 | (c & 63)));
	}
}

static bool is_mark(unsigned c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x591 && c <= 0x5c7 && c != 0x5be) || (c >= 0x610 && c <= 0x61a) || c == 0x640
		|| (c >= 0x64b && c <= 0x65f) || c == 0x670 || c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e)
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
		{ 'A', 'Z', 'a' },           { 0x660, 0x669, '0' },       { 0x6f0, 0x6f9, '0' },   { 0xff10, 0xff19, '0' },
		{ 0xff21, 0xff3a, 'a' },     { 0xff41, 0xff5a, 'a' },     { 0x410, 0x42f, 0x430 },
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

char *phrase_plain(const char *text, size_t size)
{
	AUTO(buf) struct buf out = { 0 };
	const char *const end = text + size;
	bool space = false;

	for (const char *at = text; at < end;) {
		const unsigned raw = phrase_char(&at, end);
		const unsigned c = is_mark(raw) ? 0 : plain_char(raw);
		if (!c)
			continue;
		if (c <= ' ') {
			space = out.size > 0;
			continue;
		}
		if (space)
			(void)buf_putc(&out, ' ');
		space = false;
		put_char(&out, c);
		if (second_letter(raw))
			(void)buf_putc(&out, second_letter(raw));
	}
	return buf_take(&out);
}

char *phrase_name(const char *name)
{
	AUTO(buf) struct buf out = { 0 };

	for (const char *s = name; *s; s++) {
		const unsigned char c = (unsigned char)s[0], before = s > name ? (unsigned char)s[-1] : 0, after = (unsigned char)s[1];
		const bool hump = isupper(c) && (islower(before) || isdigit(before) || (isupper(before) && islower(after)));
		const bool number = isdigit(c) && isalpha(before) && s - name > 1 && isalpha((unsigned char)s[-2]);
		if (hump || number)
			(void)buf_putc(&out, ' ');
		(void)buf_putc(&out, isalnum(c) || c >= 0x80 ? (char)c : ' ');
	}
	return phrase_plain(buf_text(&out), out.size);
}

/* ---- the book ---- */

static void make_plain(cJSON *json)
{
	cJSON *child;

	cJSON_ArrayForEach(child, json) {
		if (cJSON_IsString(child)) {
			AUTO(text) char *plain = phrase_plain(child->valuestring, strlen(child->valuestring));
			(void)cJSON_SetValuestring(child, plain);
		}
		make_plain(child);
	}
}

cJSON *phrase_book(void)
{
	cJSON *book = json_parse(detect_words, strlen(detect_words), NULL);

	make_plain(book);
	return book;
}

/* ---- phrases in texts ---- */

bool phrase_is_unbounded(unsigned c)
{
	return (c >= 0x590 && c <= 0x6ff) || (c >= 0xe00 && c <= 0xe7f) || (c >= 0x3040 && c <= 0x30ff)
		|| (c >= 0x3400 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7af);
}

static bool in_word(const char *at, const char *end)
{
	const unsigned c = at < end ? phrase_char(&at, end) : 0;

	if (c < 0x80)
		return isalnum((int)c);
	return c >= 0xc0 && !phrase_is_unbounded(c) && !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3000 && c <= 0x303f) && c < 0xff00;
}

static bool in_word_before(const char *text, const char *at)
{
	const char *before = at;

	while (before > text && ((unsigned char)*--before & 0xc0) == 0x80)
		;
	return before < at && in_word(before, at);
}

struct part {
	char text[PHRASE_MAX];
	bool free_left, free_right;
};

/* The part of a phrase up to "..." or END; where the next begins. */
static const char *read_part(const char *at, const char *end, struct part *out)
{
	const char *dots = memmem(at, (size_t)(end - at), "...", 3);
	const char *const next = dots ? dots + 3 : end;
	const char *last = dots ? dots : end;
	bool free_script = false;

	*out = (struct part){ 0 };
	for (; at < last && *at == ' '; at++)
		;
	for (; last > at && last[-1] == ' '; last--)
		;
	if (at < last && *at == '*')
		out->free_left = true, at++;
	if (at < last && last[-1] == '*')
		out->free_right = true, last--;
	const size_t size = (size_t)(last - at) < sizeof out->text ? (size_t)(last - at) : sizeof out->text - 1;
	memcpy(out->text, at, size);
	for (const char *s = out->text; *s;)
		free_script |= phrase_is_unbounded(phrase_char(&s, out->text + size));
	out->free_left |= free_script || !in_word(out->text, out->text + size);
	out->free_right |= free_script || !in_word_before(out->text, out->text + size);
	return next;
}

static const char *part_at(const char *text, const struct part *part, const char *from, const char *limit)
{
	const size_t size = strlen(part->text);

	for (const char *at = strstr(from, part->text); at && (!limit || at <= limit); at = strstr(at + 1, part->text))
		if ((part->free_left || !in_word_before(text, at))
				&& (part->free_right || !in_word(at + size, at + size + strnlen(at + size, 4))))
			return at;
	return NULL;
}

static bool phrase_at(const char *text, const char *phrase, const char *phrase_end, const char **start, const char **end)
{
	struct part part;
	const char *rest = read_part(phrase, phrase_end, &part);

	if (!part.text[0])
		return false;
	for (const char *at = part_at(text, &part, text, NULL); at;) {
		struct part next;
		const char *stop = at + strlen(part.text);
		bool found = true;
		for (const char *more = rest; found && more < phrase_end;) {
			more = read_part(more, phrase_end, &next);
			const char *place = part_at(text, &next, stop, stop + GAP);
			found = place != NULL;
			stop = found ? place + strlen(next.text) : stop;
		}
		if (found) {
			*start = at;
			*end = stop;
			return true;
		}
		at = rest < phrase_end ? part_at(text, &part, at + 1, NULL) : NULL;
	}
	return false;
}

/* Which pairs of bytes a text has: most phrases are known to be absent by their first two. */
enum { PAIRS = 4096 };

struct pairs {
	bool has[PAIRS];
};

static unsigned pair_at(const char *s)
{
	return ((unsigned char)s[0] * 31u + (unsigned char)s[1]) % PAIRS;
}

static bool may_be_in(const struct pairs *pairs, const char *phrase, const char *end)
{
	phrase += strspn(phrase, " *");
	return end - phrase < 2 || phrase[1] == '.' || phrase[1] == '*' || pairs->has[pair_at(phrase)];
}

static bool list_said(const char *list, const char *text, const struct pairs *pairs, const char **start, const char **end)
{
	for (const char *at = list; *at;) {
		const char *const stop = strchrnul(at, ',');
		if (may_be_in(pairs, at, stop) && phrase_at(text, at, stop, start, end))
			return true;
		at = *stop ? stop + 1 : stop;
	}
	return false;
}

bool phrase_said(const cJSON *lists, const char *text, const char **start, const char **end)
{
	struct pairs pairs = { 0 };
	const char *from = NULL, *to = NULL;
	bool said = false;

	for (const char *s = text; s[0] && s[1]; s++)
		pairs.has[pair_at(s)] = true;
	for (const cJSON *language = cJSON_IsObject(lists) ? lists->child : lists; language && !said; language = language->next) {
		said = cJSON_IsString(language) && list_said(language->valuestring, text, &pairs, &from, &to);
		if (!cJSON_IsObject(lists))
			break;
	}
	if (said && start)
		*start = from;
	if (said && end)
		*end = to;
	return said;
}

bool phrase_is(const cJSON *list, const char *text)
{
	const size_t size = strlen(text);

	for (const char *at = cJSON_IsString(list) ? list->valuestring : ""; *at;) {
		const char *const stop = strchrnul(at, ',');
		at += strspn(at, " ");
		if (size && at + size == stop && !memcmp(at, text, size))
			return true;
		at = *stop ? stop + 1 : stop;
	}
	return false;
}
