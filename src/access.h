/* Who may do what at the server.  One token is for everything; it is a file of the user's, or made and kept at the first
 * start.  A start link takes a browser in once.  A link for what one run asks, or one live view, says itself what it is for
 * and until when, sealed with the token (HMAC-SHA-256), so it outlives a restart of the server. */
#ifndef SRC_ACCESS_H
#define SRC_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access;
struct error;

enum access_scope { SCOPE_NONE, SCOPE_ALL, SCOPE_QUESTION, SCOPE_VIEW };

struct access_grant {
	enum access_scope scope;
	char subject[80]; /* the number of the run that asks, or "site/account" */
	uint32_t bearer;  /* tells cookies and links apart; 0: the token itself */
	bool expired;     /* it was one */
};

/* A run asks three times at most, five minutes each. */
enum { LINK_QUESTION_S = 900, LINK_VIEW_S = 600, COOKIE_S = 30 * 86400, START_S = 900 };

/* TOKEN_FILE NULL: our own, in the data folder.  ERR_INPUT: a token has 32 characters at least. */
struct access *access_open(const char *token_file, struct error *err);
void access_close(struct access *access);

/* The fragment of a new start link ("t=…"), owned by the caller.  The one before is void. */
char *access_start_link(struct access *access);

/* Whether TOKEN is that of the start link, which then is used up; or the token itself. */
bool access_begin(struct access *access, const char *token);

/* A cookie's value, a link's token: owned by the caller. */
char *access_seal(const struct access *access, enum access_scope scope, const char *subject, int seconds);

/* What TEXT (of a cookie, a link, or after "Bearer ") is good for. */
struct access_grant access_of(const struct access *access, const char *text, size_t size);

#endif
