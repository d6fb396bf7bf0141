/* The command line: what was asked for. */
#ifndef SRC_OPTIONS_H
#define SRC_OPTIONS_H

#include "scrapers/scrape.h"
#include "src/format.h"
#include "src/otp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum { CONNECT_TO_MAX = 32, WORDS_MAX = 512, DATA_MAX = 100 };

struct options {
	/* Global. */
	const char *data_dir, *browser, *browser_url, *browser_headers, *cacert;
	bool insecure; /* a browser far away may be talked to without TLS */
	const char *connect_to[CONNECT_TO_MAX + 1]; /* NULL at the end */
	size_t connect_to_count;
	int verbose; /* 2: with every message to and from the browser, secrets masked */
	bool json, log_json, no_input, help, version;
	/* Of `run`. */
	const char *format_name; /* as given; NULL: not */
	int format;              /* enum format; -1: none of those */
	const char *via;         /* how to connect */
	int timeout_ms;          /* for a person */
	const char *cdp;         /* a running browser to import from */
	const char *output, *since;
	const char *search, *channel;
	int future_months, max_logins, limit;
	bool public;
	enum scrape_tier tier; /* the first one that is tried */
	bool quick, headed, no_login, no_save, no_artefacts, events, quiet;
	/* Of `show`. */
	const char *artifacts; /* the folder to copy them to */
	struct otp_plan otp;
	/* Of `export`, `history`. */
	const char *until, *card;
	bool pending, bom, ofx_sgml;
	int count; /* 0: as many as there usually are */
	/* Of `doctor`. */
	bool fix, offline;
	/* Of `serve`. */
	const char *listen, *public_host, *tls_cert, *tls_key, *token_file;
	/* Of `schedule`. */
	const char *daily, *cron, *zone;
	int quiet_from, quiet_to, attempts;
	int64_t jitter_s, catch_up_s; /* src/schedule.h */
	int due;                      /* of `run`, for schedulers; 0: none */
	bool deliver;                 /* of `run`: as scheduled ones are */
	const char *wants, *site;     /* of `deliver add`: "results", "needs" or "all"; whose */
	bool new_only;
	bool no_scheduler;            /* of `serve` */
	/* Of `submit`. */
	const char *data[DATA_MAX], *files[DATA_MAX]; /* "name=value", "name=@PATH" */
	size_t data_count, file_count;
	const char *form, *state; /* which form, in CSS; a saved session's name */
	const char *previous;     /* what the step before has left, or a file of it, "@PATH" */
	bool step, browser_only, no_retry;
	const char *from; /* of `secret set`: where the value is; NULL: it is asked for */
	/* What is left: the command and its words. */
	const char *words[WORDS_MAX];
	size_t word_count;
};

/* Reads ARGV.  ERR_INPUT with one sentence. */
bool options_read(int argc, char **argv, struct options *out, struct error *err);

struct option_info {
	char letter; /* 0: it has none */
	const char *name, *value; /* NULL: takes none */
	const char *choices;      /* its values, with blanks between; NULL: any */
	const char *help, *env;   /* env: says it where the command line does not; NULL: nothing does */
};

/* One after the other; false at the end. */
bool options_at(size_t index, struct option_info *out);

/* The list of options for --help. */
void options_print(void);

#endif
