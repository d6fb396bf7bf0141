/* The protocol log: every message to and from the browser, without what must not be seen. */
#ifndef CDP_REDACT_H
#define CDP_REDACT_H

#include <stddef.h>

/* Logs the message TEXT[SIZE] at LOG_PROTOCOL; DIRECTION is '>' or '<'.  Typed text, cookies, tokens,
 * headers that carry them, bodies, arguments and results of evaluations are masked; so is every known
 * secret. */
void cdp_redact_log(char direction, const char *text, size_t size);

/* The same as text, owned by the caller.  For tests. */
char *cdp_redact(const char *text, size_t size);

#endif
