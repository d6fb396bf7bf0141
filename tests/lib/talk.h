/* A fake browser that plays a conversation, fixtures/cdp/NAME.talk, with the driver under test.
 *
 *	static void answers_come_back(void **state)
 *	{
 *		struct talk *talk = *state;
 *		struct cdp_conn *conn = talk_connect(talk);
 *		…
 *	}
 *	… cmocka_run_group_tests of TALK(answers_come_back), with fixtures/cdp/answers_come_back.talk
 *
 * The browser is a process of its own: a websocket server on a free port of 127.0.0.1.  It lives until
 * the script is over and the driver has hung up.  A message that the script does not have ends the
 * connection, and the test fails with the line, what it wants and what came.  GABBAI_TALK=1 shows every
 * message on stderr. */
#ifndef TESTS_LIB_TALK_H
#define TESTS_LIB_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TALK_FOLDER "fixtures/cdp"

struct cdp_browser;
struct cdp_conn;
struct cdp_page;
struct cdp_page_opts;

/* What happens to one message of the driver instead of its answer. */
enum talk_fault {
	TALK_NO_FAULT,
	TALK_FAULT_ERROR,   /* the browser refuses it */
	TALK_FAULT_EMPTY,   /* an empty result */
	TALK_FAULT_STRANGE, /* a result of other types than promised */
	TALK_FAULT_SILENCE, /* no answer */
	TALK_FAULT_DIE,     /* the browser dies */
	TALK_FAULTS,
};

struct talk_opts {
	const char *word;      /* what ${word} stands for in the script */
	enum talk_fault fault; /* with one, messages that the script does not have are refused, no failure */
	int fault_at;          /* the number of the message, from 1 */
};

struct talk {
	char url[64]; /* ws://127.0.0.1:PORT/devtools/browser/talk */
	int port;
	/* What teardown frees, when the test made it by the functions below. */
	struct cdp_conn *conn;
	struct cdp_browser *browser;
	struct cdp_page *page;
	/* talk.c's own. */
	pid_t pid;
	int report;
};

/* The script NAME.talk, or the text itself.  NULL, with the reason printed, when it makes no sense. */
struct talk *talk_start(const char *name, const struct talk_opts *opts);
struct talk *talk_start_text(const char *text, const struct talk_opts *opts);

/* Waits until the browser's process has ended, without hanging up: what it sent last is then on our side
 * of the socket. */
void talk_wait_gone(struct talk *talk);

/* Hangs up and frees TALK.  What the conversation complains about, owned by the caller; NULL: nothing. */
char *talk_end(struct talk *talk, bool *faulted);

/* ---- in a test, where failures fail it ---- */

struct cdp_conn *talk_connect(struct talk *talk);
struct cdp_browser *talk_attach(struct talk *talk, bool popups);
/* Attaches, and opens the page that "include page.talk" has: target and main frame T, session S. */
struct cdp_page *talk_open(struct talk *talk, const struct cdp_page_opts *opts);
/* Lets the script go on at its next "> Test.next"; what it says until its answer has then arrived. */
void talk_next(struct talk *talk);

/* For tests that play several, one after the other: between these two *STATE is the conversation. */
struct talk *talk_begin(void **state, const char *name, const char *word);
struct talk *talk_begin_text(void **state, const char *text);
void talk_finish(void **state);

int talk_setup(void **state);    /* *STATE: the script's name, then the struct talk */
int talk_teardown(void **state); /* *STATE may be NULL: there is none */

/* A test that plays the script of its own name, or another one, or begins and finishes by itself. */
#define TALK(test) TALK_OF(test, #test)
#define TALKS(test)      cmocka_unit_test_teardown(test, talk_teardown)
#define TALK_OF(test, script)                                                                      \
	cmocka_unit_test_prestate_setup_teardown(test, talk_setup, talk_teardown, (char[]){ script })

/* ---- for talk's own files ---- */

struct talk_line;

/* Plays LINES in this process and never returns.  REPORT gets "port N\n", then what is to complain. */
_Noreturn void talk_play(struct talk_line *lines, const struct talk_opts *opts, int report);

/* The SIZE letters of a ${big:…}: 23 of the alphabet, again and again, so that no two neighbouring blocks
 * of a power of two are the same. */
enum { TALK_BIG_PERIOD = 23 };
void talk_big(char *out, size_t size);

/* The file's content, owned by the caller; NULL when it cannot be read. */
char *talk_read_file(const char *path);

#endif
