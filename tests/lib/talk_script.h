/* Conversations as text: what stands in fixtures/cdp/NAME.talk (README.md there describes the language).
 *
 * A script is a list of lines, read once and never changed. */
#ifndef TESTS_LIB_TALK_SCRIPT_H
#define TESTS_LIB_TALK_SCRIPT_H

#include "cdp/base/buf.h"
#include "cdp/base/json.h"

#include <stdbool.h>

enum talk_verb {
	TALK_EXPECT,     /* > METHOD {…} @SESSION as NAME */
	TALK_ANSWER,     /* < NAME {…} */
	TALK_REFUSE,     /* <! NAME {…} */
	TALK_EVENT,      /* * METHOD {…} @SESSION */
	TALK_RAW,        /* raw TEXT */
	TALK_BYTES,      /* bytes TEXT */
	TALK_AUTO,       /* auto METHOD {…} */
	TALK_AUTO_REFUSE, /* auto! METHOD {…} */
	TALK_IGNORE,     /* ignore METHOD */
	TALK_COLLECT,    /* collect COUNT METHOD */
	TALK_ANSWER_ALL, /* answer ORDER {…} */
	TALK_DELAY,      /* delay MS */
	TALK_FRAGMENTS,  /* fragments SIZE */
	TALK_TOGETHER,   /* together */
	TALK_APART,      /* apart */
	TALK_CLOSE,      /* close */
	TALK_DROP,       /* drop */
	TALK_DIE,        /* die */
	TALK_HTTP,       /* http {…} */
};

struct talk_line {
	struct talk_line *next;
	enum talk_verb verb;
	char *file;    /* and the line in it, for reports */
	int number;
	char *whole;   /* as it is written */
	long times;    /* how often it is done */
	long count;    /* messages, milliseconds, bytes */
	char *word;    /* a method, a name, an order; NULL: none */
	char *json;    /* with its ${…}; NULL: none */
	char *session; /* NULL: none was named */
	char *name;    /* for later answers; NULL: none */
};

/* The lines of TEXT, whose includes are looked for in fixtures/cdp.  ${word} means WORD.  WHY gets the
 * reason when a line makes no sense; then the list ends there. */
struct talk_line *talk_script_read(const char *file, const char *text, const char *word, struct buf *why);
void talk_script_free(struct talk_line *first);

/* Whether the message has everything that WANTED has.  False: WHY says what is different.  In strings
 * and methods "…" stands for any text. */
bool talk_matches(const cJSON *wanted, const cJSON *got, const char *path, struct buf *why);
bool talk_text_matches(const char *wanted, const char *got);

/* Appends TEXT with its ${…} filled in from MESSAGE (NULL: there was none) and N. */
void talk_expand(struct buf *out, const char *text, const cJSON *message, long n);

#endif
