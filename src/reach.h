/* Where a server of this store can be reached now: for links to it, from processes that are not the server. */
#ifndef SRC_REACH_H
#define SRC_REACH_H

#include <stdbool.h>

struct store;

/* The server that calls: it is at URL ("https://gabbai.example.org"), and its token in TOKEN_FILE (NULL: our own). */
void reach_sign_up(struct store *store, const char *url, const char *token_file);
void reach_sign_off(struct store *store);

/* *URL and *TOKEN_FILE (may be NULL) are the caller's.  False: none runs. */
bool reach_find(struct store *store, char **url, char **token_file);

#endif
