/* Addresses, and which of them may be spoken to. */
#ifndef SRC_FORM_SITE_H
#define SRC_FORM_SITE_H

#include <stdbool.h>

struct error;

/* Both hosts belong to whom the name before the public suffix belongs.  Without a list of those: two labels, or three where
 * the country's second level is one ("co.il"), or where hosters give names away ("pages.dev"). */
bool site_is_same(const char *a, const char *b);

bool site_is_loopback(const char *url);
bool site_is_http(const char *url);

/* Host, in small letters, owned by the caller; NULL: it is no address. */
char *site_host(const char *url);
/* "https://host:port", owned by the caller; NULL. */
char *site_origin(const char *url);

/* REFERENCE as BASE means it, owned by the caller; NULL: it is no address. */
char *site_resolve(const char *base, const char *reference);

/* TEXT as a part of a path, owned by the caller. */
char *site_escape(const char *text);

/* Whether what BASE's site has said may be followed to URL: http or https, the same site, and never from https to http.
 * ERR_BLOCKED, naming the host. */
bool site_may_follow(const char *base, const char *url, struct error *err);

/* The same for a secret: https, or loopback. */
bool site_may_tell(const char *base, const char *url, struct error *err);

/* URL without its fragment, and with '*' for each value of its query that is not a plain short word: what is kept. */
char *site_kept(const char *url);

#endif
