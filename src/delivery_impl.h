/* What the files of deliveries share: one that is opened, what it is to say, and the ways there are (delivery_kind.c). */
#ifndef SRC_DELIVERY_IMPL_H
#define SRC_DELIVERY_IMPL_H

#include "cdp/base/buf.h"
#include "src/delivery.h"

struct fetch_network;
struct secret;

#define TELEGRAM_API "https://api.telegram.org"

/* One, opened. */
struct loaded {
	char *name, *platform, *format;
	const struct kind *kind;
	bool results, needs, new_only;
	char *words[DELIVERY_WORDS]; /* NULL: not given */
	struct secret *secret;       /* NULL: none */
};

/* What is to be said. */
struct news {
	const char *event;           /* "results", "needs" or "test" */
	const char *reason;          /* of "needs": "code", "reconnect", … */
	const struct site_account *account; /* NULL: none */
	int64_t run;
	char *title, *text, *link;   /* link may be NULL */
	struct buf body;             /* for machines … */
	const char *type;            /* … of this type */
	const char *format;          /* of results: the format's name */
};

struct kind {
	const char *name;
	int words_min, words_max;
	bool wants_secret;           /* else it may have one */
	bool speaks;                 /* messages for people, which never tell more than counts */
	const char *format;          /* of results; NULL: has to be said */
	bool (*check)(const struct delivery *d, struct error *err);
	bool (*send)(const struct loaded *d, const struct fetch_network *network, const struct news *news, struct error *err);
};

/* ERR_INPUT: there is none of that name. */
const struct kind *delivery_kind(const char *name, struct error *err);

#endif
