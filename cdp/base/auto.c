/* Allocation that cannot fail: see auto.h. */
#include "cdp/base/auto.h"

#include <stdarg.h>
#include <string.h>

static void *or_end(void *memory)
{
	if (memory)
		return memory;
	(void)fputs("gabbai: out of memory\n", stderr);
	abort();
}

void *xmalloc(size_t size)
{
	return or_end(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return or_end(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return or_end(realloc(old, size ? size : 1));
}

char *xstrdup(const char *text)
{
	return or_end(strdup(text));
}

char *xstrndup(const char *text, size_t max)
{
	return or_end(strndup(text, max));
}

char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	const int length = vasprintf(&text, format, args);
	va_end(args);
	return or_end(length < 0 ? NULL : text);
}
