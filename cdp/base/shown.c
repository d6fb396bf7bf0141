/* Safe text: see shown.h. */
#include "cdp/base/shown.h"

#include "cdp/base/auto.h"
#include "cdp/base/secret.h"

#include <string.h>

/* The bytes of the character at TEXT (RFC 3629); 0 when it is none, or a control. */
static size_t character(const unsigned char *c)
{
	if (c[0] < 0x80)
		return c[0] >= 0x20 && c[0] != 0x7f;
	const size_t size = c[0] >= 0xc2 && c[0] <= 0xdf ? 2 : c[0] >= 0xe0 && c[0] <= 0xef ? 3
		: c[0] >= 0xf0 && c[0] <= 0xf4 ? 4 : 0;
	for (size_t i = 1; i < size; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	if ((c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f)
			|| (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return size;
}

static void clean(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c;) {
		const size_t size = character(c);
		if (!size)
			*c = *c == '\n' || *c == '\t' ? ' ' : '?';
		c += size ? size : 1;
	}
}

char *shown_text(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		abort();
	secret_redact(text, strlen(text)); /* before the lines go, which a secret may have */
	clean(text);
	return text;
}

void shown_cut(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	memmove(out, text, length);
	out[length] = '\0';
}
