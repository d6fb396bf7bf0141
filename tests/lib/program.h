/* Programs as a user runs them: gabbai itself, on the test sites. */
#ifndef TESTS_LIB_PROGRAM_H
#define TESTS_LIB_PROGRAM_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cal {
	pid_t pid;   /* of the server; 0: it is not running */
	int port;
	char *folder; /* our own, for what the test makes: cert.pem, phone, … */
	int64_t since_ms; /* since 1970: what was before is forgotten */
	bool keeps;   /* what a run saves is there for the next; else each begins with nothing */
};

/* Starts the site with FLAGS (NULL at the end).  Fails the test when it does not start. */
void cal_start(struct cal *cal, const char *const *flags);
void cal_stop(struct cal *cal);
char *cal_file(const struct cal *cal, const char *name); /* its path, owned by the caller */

/* Where the first browser of a gabbai that has CAL's folder for its run directories can be driven; 0: there is none. */
int cal_browser_port(const struct cal *cal);

/* A GET of any of the site's hosts ("https://connect.cal-online.co.il/_end"): its JSON, owned by the caller.
 * Fails the test when there is none. */
cJSON *cal_ask(const struct cal *cal, const char *url);

/* How many requests the site has seen whose path contains PART, since cal_forget(). */
int cal_seen(const struct cal *cal, const char *part);
void cal_forget(struct cal *cal);

struct ran {
	int code;    /* exit code; 1000 + the signal that ended it */
	char *out, *err;
	cJSON *json; /* of what it printed; NULL: no JSON */
	int64_t ms;
};

void ran_clear(struct ran *ran);

static inline void auto_ran(struct ran *ran)
{
	ran_clear(ran);
}

/* Runs $BUILD/gabbai with ARGS; ENV are "NAME=value", both with NULL at the end.  Bounded.  Where ENV says
 * nothing of places, it has empty ones that are removed afterwards. */
struct ran gabbai(const char *const *env, const char *const *args);
/* The same with INPUT on its standard input. */
struct ran gabbai_told(const char *input, const char *const *env, const char *const *args);

/* The same as `run visa-cal` on the site, as USER, asking the test phone for codes, in the format ibs.
 * MORE (NULL at the end, or NULL) are further arguments. */
struct ran gabbai_cal(const struct cal *cal, const char *user, const char *password, const char *const *more);

/* The same as `run hotmart` on its test site, in the format json; USER without "@example.com". */
struct ran gabbai_hotmart(const struct cal *cal, const char *user, const char *password, const char *const *more);

/* Starts one of these with the right password and does not wait; its pid.  It prints to the files NAME and
 * NAME.err of CAL's folder. */
pid_t gabbai_start(const struct cal *cal, const char *site, const char *user, const char *const *more, const char *name);

/* Any command, such as { "session", "list" }, with what CAL keeps and on its site. */
struct ran gabbai_on(const struct cal *cal, const char *const *words);
/* The same, not waited for; it prints to the file OUT of CAL's folder. */
pid_t gabbai_on_start(const struct cal *cal, const char *const *words, const char *out);
/* The same with the credentials of USER in its environment. */
pid_t gabbai_on_start_as(const struct cal *cal, const char *user, const char *const *words, const char *out);
/* $BUILD/gabbai with ARGS and ENV as for gabbai(), not waited for; it prints to the files OUT and OUT.err, and has no
 * places but those that ENV says. */
pid_t gabbai_begin(const char *const *env, const char *const *args, const char *out);
int program_end(pid_t pid); /* waits for it, bounded: its exit code */

#endif
