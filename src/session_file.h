/* Sessions as files: Playwright's storageState, our superset of it, and Netscape's cookies.txt. */
#ifndef SRC_SESSION_FILE_H
#define SRC_SESSION_FILE_H

#include "cdp/base/buf.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct error;

enum session_format { SESSION_STORAGE_STATE, SESSION_COOKIES_TXT, SESSION_GABBAI };
enum { SESSION_FILE_MAX = 16 << 20 };

/* -1: no such format. */
int session_format_find(const char *name);

/* The state in TEXT[SIZE], whichever of the formats it has; owned by the caller.  Taken are cookies and
 * origins (https) of the DOMAINS, a list of strings, and below; *DROPPED counts the others.  ERR_INPUT names
 * what is wrong and where. */
cJSON *session_file_read(const char *text, size_t size, const cJSON *domains, int *dropped, struct error *err);

/* The same for a state that is there already, such as one of a whole browser. */
void session_keep_domains(cJSON *state, const cJSON *domains, int *dropped);

/* Appends STATE.  *LOST: what FORMAT has no place for; a sentence, "" when there is nothing. */
void session_file_write(const cJSON *state, enum session_format format, struct buf *out, const char **lost);

#endif
