/* Lines for the person who looks for a fault.  Everything goes to one descriptor (stderr), one line a
 * call, with known secrets masked.  Errors are returned and logged once, where they are handled (src/);
 * cdp/ and scrapers/ log nothing above LOG_DEBUG. */
#ifndef CDP_BASE_LOG_H
#define CDP_BASE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
	LOG_PROTOCOL, /* every message to and from the browser, redacted */
};

/* What is to be seen: this level and all before it.  JSON: one object a line instead of text. */
void log_setup(enum log_level level, bool json);
bool log_wants(enum log_level level);
/* A line that stands on the terminal, which is the descriptor, beneath all that is logged; NULL: none any more.  Where
 * LOG_INFO is not wanted, there is none. */
void log_standing(const char *line);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
