/* A secret from the person at the terminal, who does not see it, or the first line of a pipe. */
#ifndef SRC_HIDDEN_H
#define SRC_HIDDEN_H

#include <stdbool.h>

struct error;
struct secret;

/* WHAT is what it is asked by.  NULL with ERR_INPUT (none was given; NO_INPUT forbids to ask) or ERR_CANCELLED. */
struct secret *hidden_read(const char *what, bool no_input, struct error *err);

#endif
