/* The body of a request, taken apart and put together: what was learned of it stands between.
 *
 * A document is {"encoding": "json", "json": …}, {"encoding": "urlencoded" or "multipart", "items": [{"name", "value"}, or
 * {"name", "file": {"filename", "type"}}]}, or {"encoding": "text", "type", "text"}. */
#ifndef SRC_FORM_BODY_H
#define SRC_FORM_BODY_H

#include "cdp/base/buf.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { BODY_DEPTH_MAX = 40, BODY_LEAVES_MAX = 2000, BODY_FILE_MAX = 64 << 20 };

/* TYPE is the Content-Type, NULL: what it looks like.  NULL when it is too large or too deep. */
cJSON *body_parse(const char *type, const char *body, size_t size);

/* A query ("a=1&b=2"), or what is behind a URL's '?', as the items of a document. */
cJSON *body_parse_query(const char *query);

/* Copies DOCUMENT, ITEMS, or any TREE of JSON, with each value replaced by what LEAF makes of it: a new node, or NULL to end it
 * all.  Values are strings, numbers, booleans, null, and objects with a member "$".  NAME is that of the nearest member. */
typedef cJSON *(*body_leaf)(void *user, const char *name, const cJSON *value);
cJSON *body_map(const cJSON *document, body_leaf leaf, void *user);
cJSON *body_map_items(const cJSON *items, body_leaf leaf, void *user);
cJSON *body_map_tree(const cJSON *tree, body_leaf leaf, void *user);

/* The bytes of DOCUMENT and their Content-Type, owned by the caller.  Files are read from their "path".  ERR_INPUT. */
bool body_print(const cJSON *document, struct buf *out, char **type, struct error *err);

/* ITEMS as a query, appended. */
void body_print_query(const cJSON *items, struct buf *out);

void body_encode(struct buf *out, const char *text); /* application/x-www-form-urlencoded */
char *body_decode(const char *text, size_t size);    /* owned by the caller */

#endif
