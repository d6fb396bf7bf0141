/* Where results go: the standard output, or a file that is whole or not there. */
#ifndef SRC_OUTPUT_H
#define SRC_OUTPUT_H

#include "cdp/base/buf.h"

#include <stdbool.h>

struct error;

/* PATH NULL: the standard output.  A file is 0600, and replaces the one before in one step;
 * a device or a pipe is written to. */
bool output_write(const char *path, const struct buf *text, struct error *err);

#endif
