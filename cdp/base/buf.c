/* Growing text: see buf.h. */
#include "cdp/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

void buf_clear(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .size_max = buf->size_max };
}

void buf_wipe(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->room);
	buf_clear(buf);
}

void buf_reset(struct buf *buf)
{
	buf->size = 0;
	buf->full = false;
	if (buf->data)
		buf->data[0] = '\0';
}

bool buf_reserve(struct buf *buf, size_t size)
{
	if (buf->full)
		return false;
	if (size >= SIZE_MAX - buf->size || (buf->size_max && buf->size + size > buf->size_max)) {
		buf->full = true;
		return false;
	}
	if (buf->size + size < buf->room)
		return true;

	size_t room = buf->room ? buf->room : 64;
	while (room <= buf->size + size)
		room *= 2;
	buf->data = xrealloc(buf->data, room);
	buf->room = room;
	return true;
}

bool buf_append(struct buf *buf, const void *data, size_t size)
{
	if (!buf_reserve(buf, size))
		return false;
	if (size)
		memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
	return true;
}

bool buf_puts(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

bool buf_putc(struct buf *buf, char c)
{
	return buf_append(buf, &c, 1);
}

bool buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	const int length = vsnprintf(NULL, 0, format, args);
	va_end(args);

	const bool fits = length >= 0 && buf_reserve(buf, (size_t)length);
	if (fits) {
		(void)vsnprintf(buf->data + buf->size, (size_t)length + 1, format, again);
		buf->size += (size_t)length;
	}
	va_end(again);
	return fits;
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data ? buf->data : xstrdup("");

	*buf = (struct buf){ .size_max = buf->size_max };
	return data;
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
