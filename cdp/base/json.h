/* JSON by path, and JSON from typed members, over cJSON.
 *
 * A path is member names and array indexes joined by dots: "result.cards.0.id".  A value of another
 * type than the one asked for counts as absent.  Member names are compared with their case. */
#ifndef CDP_BASE_JSON_H
#define CDP_BASE_JSON_H

#include "cdp/base/auto.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

AUTO_KIND(json, cJSON *, cJSON_Delete);

/* The document in TEXT[SIZE], owned by the caller.  Lone surrogates become U+FFFD (RFC 8259 §8.2;
 * Chromium sends them as they are); anything but white space after the value is ERR_INPUT. */
cJSON *json_parse(const char *text, size_t size, struct error *err);

/* The same, but integers of more than 15 digits are strings, since a double does not hold them: identifiers
 * that sites send as numbers. */
cJSON *json_parse_ids(const char *text, size_t size, struct error *err);

/* Mends lone \ud800-\udfff escapes in TEXT[SIZE] in place; true when there were any. */
bool json_mend(char *text, size_t size);

/* The \uXXXX escape at TEXT (two of them, for a pair) as UTF-8 in OUT; returns its 1 to 4 bytes.  A lone
 * surrogate is U+FFFD. */
size_t json_utf8(const char *text, const char *end, char *out);
bool json_is_pair(const char *text, const char *end);

char *json_print(const cJSON *json);        /* one line */
char *json_print_pretty(const cJSON *json); /* for people */

/* Getters.  All take NULL for "nothing there". */
const cJSON *json_at(const cJSON *json, const char *path);
const char *json_str(const cJSON *json, const char *path); /* borrowed; NULL when absent */
bool json_int(const cJSON *json, const char *path, int64_t *out);
bool json_num(const cJSON *json, const char *path, double *out);
bool json_true(const cJSON *json, const char *path); /* present and true */
const cJSON *json_list(const cJSON *json, const char *path); /* an array, or NULL */

/* Takes the value at PATH out of the document; NULL when absent.  The caller owns it. */
cJSON *json_take(cJSON *json, const char *path);

enum json_kind { JSON_END, JSON_IS_STR, JSON_IS_INT, JSON_IS_NUM, JSON_IS_BOOL, JSON_IS_NODE };

struct json_member {
	enum json_kind kind;
	const char *name; /* NULL in arrays */
	const char *str;
	int64_t integer;
	double number;
	cJSON *node;
};

#define JSON_STR(key, value)  ((struct json_member){ .kind = JSON_IS_STR, .name = (key), .str = (value) })
#define JSON_INT(key, value)  ((struct json_member){ .kind = JSON_IS_INT, .name = (key), .integer = (value) })
#define JSON_NUM(key, value)  ((struct json_member){ .kind = JSON_IS_NUM, .name = (key), .number = (value) })
#define JSON_BOOL(key, value) ((struct json_member){ .kind = JSON_IS_BOOL, .name = (key), .integer = (value) })
/* Takes the value, which may be NULL. */
#define JSON_NODE(key, value) ((struct json_member){ .kind = JSON_IS_NODE, .name = (key), .node = (value) })

/* An object of the members; those with a NULL string or node are left out. */
#define json_object(...) json_object_of((struct json_member[]){ __VA_ARGS__, { .kind = JSON_END } })
#define json_array(...)  json_array_of((struct json_member[]){ __VA_ARGS__, { .kind = JSON_END } })

cJSON *json_object_of(const struct json_member *members);
cJSON *json_array_of(const struct json_member *members);

/* Adds one more member (to an object) or element (to an array). */
void json_add(cJSON *json, struct json_member member);

#endif
