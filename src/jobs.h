/* The children of gabbai serve: runs, connects and exports are the same program, started as a person would.  What they
 * print is kept for whoever waits; how they get on, everybody hears through the store. */
#ifndef SRC_JOBS_H
#define SRC_JOBS_H

#include "cdp/base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct options;
struct server;

enum { JOB_OUTPUT_MAX = 64 << 20, JOBS_MAX = 16 };

struct job {
	struct job *next; /* struct job, of jobs */
	char *what;       /* "run", "connect", "export", … */
	char *site, *account; /* "" for none */
	pid_t pid;
	int64_t run;      /* once it is known; 0 */
	int64_t due;      /* of src/schedule.h; 0: nobody's */
	struct buf out;   /* what it printed */
	bool over;        /* its work is done, and it only has to end */
	bool closed, exited;
	int code;
	uint64_t exchange; /* who waits for its end; 0: nobody */
};

struct jobs;

/* ENDED is called once for each, and the job is gone after it. */
struct jobs *jobs_open(struct server *server, const struct options *options, void (*ended)(void *owner, struct job *job),
	void *owner);
/* Interrupts all that run, and waits for their end for a moment. */
void jobs_close(struct jobs *jobs);

/* Starts `gabbai WORDS…` (NULL at the end) with the options that the server was started with.  INPUT (NULL: nothing) is its
 * standard input.  ERR_LIMIT: too many run. */
struct job *jobs_start(struct jobs *jobs, const char *site, const char *account, const char *const *words, const char *input,
	struct error *err);

/* The job of this kind that works on the account, and is not over; NULL: none. */
struct job *jobs_find(struct jobs *jobs, const char *what, const char *site, const char *account);
struct job *jobs_by_pid(struct jobs *jobs, pid_t pid);
struct job *jobs_by_run(struct jobs *jobs, int64_t run);

/* As Ctrl-C does. */
void job_interrupt(struct job *job);

#endif
