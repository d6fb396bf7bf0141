/* Text that is safe to show: in a sentence, in a log line. */
#ifndef CDP_BASE_SHOWN_H
#define CDP_BASE_SHOWN_H

#include <stdarg.h>
#include <stddef.h>

/* FORMAT's text with known secrets masked, on one line, without controls and broken UTF-8 (both become
 * '?').  Owned by the caller. */
char *shown_text(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Copies TEXT to OUT[SIZE], cut between characters. */
void shown_cut(char *out, size_t size, const char *text);

#endif
