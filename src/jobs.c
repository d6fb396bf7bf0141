#include "src/jobs.h"

#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/ending.h"
#include "src/server.h"
#include "src/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { CLOSE_MS = 10000, LOOK_MS = 50, CHUNK = 65536 };

struct watched_job {
	struct job job;
	struct jobs *jobs;
	int out; /* the server's to close; -1: it is closed */
};

struct jobs {
	struct server *server;
	const struct options *options;
	void (*ended)(void *owner, struct job *job);
	void *owner;
	struct job *list;
	size_t count;
};

struct jobs *jobs_open(struct server *server, const struct options *options, void (*ended)(void *owner, struct job *job),
	void *owner)
{
	struct jobs *jobs = xcalloc(1, sizeof *jobs);

	*jobs = (struct jobs){ .server = server, .options = options, .ended = ended, .owner = owner };
	return jobs;
}

static void job_free(struct job *job)
{
	free(job->what);
	free(job->site);
	free(job->account);
	buf_wipe(&job->out);
	free(job);
}

static void forget(struct jobs *jobs, struct job *job)
{
	for (struct job **at = &jobs->list; *at; at = &(*at)->next)
		if (*at == job) {
			*at = job->next;
			jobs->count--;
			break;
		}
	job_free(job);
}

static void end_if_done(struct watched_job *w)
{
	if (!w->job.closed || !w->job.exited)
		return;
	if (*w->job.site) /* what is done for no account is of no interest */
		log_line(LOG_INFO, w->job.code == EXIT_INTERRUPTED ? "%s %s%s%s was cancelled" : "%s %s%s%s ended with %d", w->job.what,
			w->job.site, *w->job.account ? "/" : "", w->job.account, w->job.code);
	w->jobs->ended(w->jobs->owner, &w->job);
	forget(w->jobs, &w->job);
}

/* ---- what it prints, and its end ---- */

/* False: that was all. */
static bool read_output(struct watched_job *w)
{
	char chunk[CHUNK];

	for (;;) {
		const ssize_t n = read(w->out, chunk, sizeof chunk);
		if (n > 0)
			(void)buf_append(&w->job.out, chunk, (size_t)n); /* who waits finds out that it was too much */
		else
			return n < 0 && errno == EAGAIN;
	}
}

static bool on_output(void *owner, int fd)
{
	struct watched_job *w = owner;

	(void)fd;
	if (read_output(w))
		return true;
	w->out = -1;
	w->job.closed = true;
	end_if_done(w);
	return false;
}

static void take_status(struct job *job, int status)
{
	job->exited = true;
	job->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool on_exit_of(void *owner, int fd)
{
	struct watched_job *w = owner;
	int status;

	(void)fd;
	if (waitpid(w->job.pid, &status, WNOHANG) != w->job.pid)
		return true;
	take_status(&w->job, status);
	end_if_done(w);
	return false;
}

/* ---- starting ---- */

/* TEXT as a file that is in memory alone, to be read from its beginning.  -1 with ERR_SYSTEM. */
static int open_input(const char *text, struct error *err)
{
	const int fd = memfd_create("input", MFD_CLOEXEC);
	const size_t size = strlen(text);

	if (fd >= 0 && write(fd, text, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	fail_system(err, "keeping %zu bytes", size);
	if (fd >= 0)
		close(fd);
	return -1;
}

struct job *jobs_start(struct jobs *jobs, const char *site, const char *account, const char *const *words, const char *input,
	struct error *err)
{
	int out[2];

	if (jobs->count == JOBS_MAX)
		return fail(err, ERR_LIMIT, "%d things are going on already", JOBS_MAX), NULL;
	const int in = input ? open_input(input, err) : -1;
	if (input && in < 0)
		return NULL;
	if (pipe2(out, O_CLOEXEC) != 0) {
		fail_system(err, "making a pipe");
		if (in >= 0)
			close(in);
		return NULL;
	}
	const pid_t pid = spawn_self(jobs->options, words, in, out[1], err);
	if (in >= 0)
		close(in);
	close(out[1]);
	if (pid < 0) {
		close(out[0]);
		return NULL;
	}
	struct watched_job *w = xcalloc(1, sizeof *w);
	w->jobs = jobs;
	w->out = out[0];
	w->job = (struct job){ .next = jobs->list, .what = xstrdup(words[0]), .site = xstrdup(site ? site : ""),
		.account = xstrdup(account ? account : ""), .pid = pid, .out = { .size_max = JOB_OUTPUT_MAX } };
	jobs->list = &w->job;
	jobs->count++;
	const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0 && server_watch(jobs->server, pidfd, on_exit_of, w) && server_watch(jobs->server, out[0], on_output, w))
		return &w->job;
	fail_system(err, "watching gabbai %s", words[0]);
	(void)kill(pid, SIGINT);
	return NULL; /* it ends by itself, and init takes its status */
}

struct job *jobs_find(struct jobs *jobs, const char *what, const char *site, const char *account)
{
	for (struct job *job = jobs->list; job; job = job->next)
		if (!job->over && !strcmp(job->what, what) && !strcmp(job->site, site) && !strcmp(job->account, account))
			return job;
	return NULL;
}

struct job *jobs_by_pid(struct jobs *jobs, pid_t pid)
{
	for (struct job *job = jobs->list; job; job = job->next)
		if (job->pid == pid)
			return job;
	return NULL;
}

struct job *jobs_by_run(struct jobs *jobs, int64_t run)
{
	for (struct job *job = jobs->list; job; job = job->next)
		if (job->run == run)
			return job;
	return NULL;
}

void job_interrupt(struct job *job)
{
	if (!job->exited)
		(void)kill(job->pid, SIGINT);
}

/* Waits for the end of one, which closes its browser, and may have much to print before. */
static bool has_ended(struct watched_job *w, struct deadline until)
{
	int status;

	while (!w->job.exited && waitpid(w->job.pid, &status, WNOHANG) == 0) {
		if (deadline_passed(until))
			return false;
		(void)poll(&(struct pollfd){ .fd = w->out, .events = POLLIN }, 1, LOOK_MS); /* -1: only waits */
		if (w->out >= 0 && !read_output(w))
			w->out = -1;
	}
	return true;
}

void jobs_close(struct jobs *jobs)
{
	const struct deadline until = deadline_in_ms(CLOSE_MS);

	for (struct job *job = jobs ? jobs->list : NULL; job; job = job->next)
		job_interrupt(job);
	while (jobs && jobs->list) {
		struct watched_job *w = (struct watched_job *)jobs->list;
		if (!has_ended(w, until))
			log_line(LOG_WARN, "%s %s (process %d) does not end, and is left", w->job.what, w->job.site, (int)w->job.pid);
		forget(jobs, &w->job);
	}
	free(jobs);
}
