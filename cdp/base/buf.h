/* Text that grows, up to a maximum.
 *
 * An append that would pass the maximum changes nothing and marks the buffer "full" for good, so a row
 * of appends is checked once, at the end.  The content always ends with a NUL that is not counted. */
#ifndef CDP_BASE_BUF_H
#define CDP_BASE_BUF_H

#include "cdp/base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;      /* NULL until the first append */
	size_t size;     /* bytes used, without the NUL */
	size_t room;     /* bytes allocated */
	size_t size_max; /* 0: no maximum */
	bool full;       /* something did not fit */
};

void buf_clear(struct buf *buf); /* frees; the struct can be used again */

static inline void auto_buf(struct buf *buf)
{
	buf_clear(buf);
}

/* The same for secret content: overwritten first, with all the room it had. */
void buf_wipe(struct buf *buf);

bool buf_append(struct buf *buf, const void *data, size_t size);
bool buf_puts(struct buf *buf, const char *text);
bool buf_putc(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for SIZE more bytes, so that what follows does not move. */
bool buf_reserve(struct buf *buf, size_t size);

/* The content as a string of the caller's, "" if there was none; the buffer is empty afterwards. */
char *buf_take(struct buf *buf);

/* Keeps the memory, forgets the content. */
void buf_reset(struct buf *buf);

/* The content, "" if there is none.  Borrowed until the next append. */
const char *buf_text(const struct buf *buf);

#endif
