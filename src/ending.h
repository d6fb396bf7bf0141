/* How a run can end: exit codes and error types are one table (README has it for users). */
#ifndef SRC_ENDING_H
#define SRC_ENDING_H

#include "cdp/base/error.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_PARTIAL = 3,
	EXIT_RECONNECT = 4,
	EXIT_NO_CODE = 5,
	EXIT_WRONG_CODE = 6,
	EXIT_REFUSED = 7,
	EXIT_BLOCKED = 8,
	EXIT_TEMPORARY = 9,
	EXIT_SITE = 10,
	EXIT_LOCKED = 11,
	EXIT_KEY = 12,
	EXIT_BROWSER = 13,
	EXIT_INTERRUPTED = 130,
	EXIT_TERMINATED = 143,
};

struct ending {
	enum exit_code code;
	const char *type; /* "errorType"; the words of israeli-bank-scrapers where it has one */
};

struct ending ending_of(const struct error *err);

/* What each exit code means, in its order, for the manual; CODE of the last one is -1. */
struct ending_meaning {
	int code;
	const char *meaning;
};
extern const struct ending_meaning ending_meanings[];

/* Says the sentence on stderr, and gives the exit code that goes with it. */
int command_failed(const struct error *err);

#endif
