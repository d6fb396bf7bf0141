/* Where a code went: numbers and addresses, of which most is masked. */
#include "scrapers/answer_reading.h"

#include "cdp/base/buf.h"
#include "scrapers/plain.h"
#include "scrapers/values.h"

#include <ctype.h>
#include <strings.h>

enum { DESTINATION_MAX = 64, SHOWN_MAX = 4 };

/* The bytes of the masking character at S; 0: it is none. */
static size_t mask_at(const char *s)
{
	static const char *const masks[] = { "*", "•", "●", "·", "∗", "…", "＊", "#", "x", "X" };

	if (!strchr("*#xX\xc2\xe2\xef", *s))
		return 0;
	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
		if (!strncmp(s, masks[i], strlen(masks[i])))
			return strlen(masks[i]);
	return 0;
}

bool is_masked(const char *value)
{
	const char *const at = strchr(value, '@'), *const dots = strstr(value, "...");

	for (const char *s = value; *s; s++)
		if (mask_at(s) && *s != 'x' && *s != 'X')
			return true;
	return at ? dots && dots < at : strcasestr(value, "xx") != NULL;
}

char *masked(const char *value)
{
	AUTO(buf) struct buf out = { 0 };
	const char *const at = strchr(value, '@');
	const bool has_mask = is_masked(value);
	size_t digits = 0, seen = 0;

	for (const char *s = value; *s; s++)
		digits += isdigit((unsigned char)*s) != 0;
	for (const char *s = value; *s; s++) {
		const bool hide = !has_mask && (at ? s > value && s < at
			: isdigit((unsigned char)*s) && digits > SHOWN_MAX && digits - seen > SHOWN_MAX);
		seen += isdigit((unsigned char)*s) != 0;
		if (!hide || ((unsigned char)*s & 0xc0) != 0x80)
			(void)buf_putc(&out, hide ? '*' : *s);
	}
	return buf_take(&out);
}

bool is_destination(const char *value)
{
	size_t digits = 0;

	if (strlen(value) > DESTINATION_MAX || strchr(value, '/') || strchr(value, ':'))
		return false;
	if (strchr(value, '@'))
		return !strchr(value, ' ') && value[0] != '@' && strchr(value, '@')[1];
	for (const char *s = value; *s; s++) {
		const size_t mask = mask_at(s);
		digits += isdigit((unsigned char)*s) != 0;
		if (!mask && !isdigit((unsigned char)*s) && !strchr(" +-().", *s))
			return false;
		s += mask ? mask - 1 : 0;
	}
	return digits >= 2;
}

bool is_destination_of(const struct said *name, const char *value)
{
	return is(name, LIST_DESTINATION_NAMES)
		&& (is_masked(value) || strchr(value, '@') || says(name, LIST_NUMBER_NAMES));
}

void set_destination(struct reading *r, const char *value, bool guessed)
{
	struct answer_challenge *const out = r->out;
	AUTO(text) char *shown = plain_shown(value);
	AUTO(text) char *line = value_line(shown);

	if ((out->destination && !(r->guessed_destination && !guessed)) || !line || !is_destination(line))
		return;
	free(out->destination);
	out->destination = masked(line);
	r->guessed_destination = guessed;
}

/* The word around an '@', as in "sent to a***@example.com."; in scripts without spaces, letters are not part of it. */
static bool read_address(struct reading *r, const char *text)
{
	const char *const at = strchr(text, '@'), *const end = text + strlen(text);
	const char *from = at, *to = at;

	if (!at)
		return false;
	while (from > text && !isspace((unsigned char)from[-1]) && !strchr("<>\"'(,;:", from[-1]))
		from--;
	for (const char *s = from; s < at;) {
		const char *const start = s;
		if (plain_next(&s, at) >= 0x80 && !mask_at(start))
			from = s;
	}
	while (to < end && !isspace((unsigned char)*to) && !strchr("<>\"'),;:!?", *to)) {
		if ((unsigned char)*to >= 0x80 && !mask_at(to))
			break;
		(void)plain_next(&to, end);
	}
	while (to > at && to[-1] == '.')
		to--;
	AUTO(text) char *found = xstrndup(from, (size_t)(to - from));
	set_destination(r, found, true);
	return true;
}

/* A number with two or more characters masked and two or more digits: after the last mask, not as many as a code has. */
static bool read_masked_number(struct reading *r, const char *text)
{
	for (const char *s = text; *s;) {
		const char *const from = s;
		const char *end = s;
		size_t digits = 0, hidden = 0, last = 0;
		for (size_t mask; *s; s += mask ? mask : 1) {
			const bool digit = isdigit((unsigned char)*s);
			mask = digit ? 0 : mask_at(s);
			if (!mask && !digit && !strchr("+-() ", *s))
				break;
			digits += digit;
			hidden += mask != 0;
			last = mask ? 0 : last + digit;
			if (mask || digit)
				end = s + (mask ? mask : 1);
		}
		if (digits >= 2 && hidden >= 2 && last <= SHOWN_MAX) {
			AUTO(text) char *found = xstrndup(from, (size_t)(end - from));
			set_destination(r, found, true);
			return true;
		}
		s += s == from;
	}
	return false;
}

/* "ending in 34", and in languages that say so afterwards "34 ile biten". */
static void read_ending(struct reading *r, const struct said *said)
{
	const char *from = NULL;
	size_t size = 0;

	for (const struct phrase_hit *hit = NULL; !size && (hit = phrase_next(&said->hits, LIST_ENDINGS, hit));) {
		from = said->plain + hit->end;
		from += strspn(from, " :*-.");
		size = strspn(from, "0123456789");
	}
	for (const struct phrase_hit *hit = NULL; !size && (hit = phrase_next(&said->hits, LIST_ENDINGS_BEFORE, hit));) {
		const char *end = said->plain + hit->start;
		while (end > said->plain && strchr(" '-", end[-1]))
			end--;
		for (from = end; from > said->plain && isdigit((unsigned char)from[-1]); from--)
			;
		size = (size_t)(end - from);
	}
	if (size < 2 || size > SHOWN_MAX)
		return;
	AUTO(text) char *found = xstrndup(from, size);
	set_destination(r, found, true);
}

void read_destination(struct reading *r, const char *raw, const struct said *said)
{
	if (!strpbrk(said->plain, "0123456789@"))
		return;
	AUTO(text) char *shown = plain_shown(raw);
	if (!read_masked_number(r, shown) && !read_address(r, shown))
		read_ending(r, said);
}
