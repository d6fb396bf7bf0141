/* What a code is: see otp.h. */
#include "src/otp.h"

#include "cdp/base/secret.h"

#include <ctype.h>
#include <string.h>

enum { CODE_MIN = 4, CODE_MAX = 16 };

/* A digit of Arabic (U+0660), Persian (U+06F0) or full-width (U+FF10) script at TEXT: its value and bytes. */
static int foreign_digit(const unsigned char *text, size_t left, size_t *bytes)
{
	if (left >= 2 && text[0] == 0xd9 && text[1] >= 0xa0 && text[1] <= 0xa9)
		return *bytes = 2, text[1] - 0xa0;
	if (left >= 2 && text[0] == 0xdb && text[1] >= 0xb0 && text[1] <= 0xb9)
		return *bytes = 2, text[1] - 0xb0;
	if (left >= 3 && text[0] == 0xef && text[1] == 0xbc && text[2] >= 0x90 && text[2] <= 0x99)
		return *bytes = 3, text[2] - 0x90;
	return -1;
}

struct secret *otp_normalise(const char *text, size_t size, int digits)
{
	char code[CODE_MAX + 1];
	size_t length = 0;

	for (size_t i = 0; i < size;) {
		size_t bytes = 1;
		const int digit = foreign_digit((const unsigned char *)text + i, size - i, &bytes);
		const char c = digit >= 0 ? (char)('0' + digit) : text[i];
		i += bytes;
		if (isspace((unsigned char)c) || c == '-')
			continue;
		if (!isalnum((unsigned char)c) || length == CODE_MAX)
			return NULL;
		code[length++] = c;
	}
	if (length < CODE_MIN || (digits >= CODE_MIN && length != (size_t)digits))
		return NULL;
	struct secret *secret = secret_new(code, length);
	secret_wipe(code, sizeof code);
	return secret;
}
