#include "src/child.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "cdp/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { ARGS_MAX = 64, LOOK_MS = 20 };

struct child {
	pid_t pid;
	int out, in; /* IN -1: closed already */
	int status;
	bool ended;
	char *name;
};

static size_t read_argv(const cJSON *list, char *argv[ARGS_MAX + 1])
{
	size_t count = 0;
	const cJSON *one;

	cJSON_ArrayForEach(one, list) {
		if (!cJSON_IsString(one) || count == ARGS_MAX)
			return 0;
		argv[count++] = one->valuestring;
	}
	argv[count] = NULL;
	return count;
}

static void become(char *const *argv, int in, int out, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody is left to hear it */
	if (getppid() != parent)
		_exit(126); /* the parent died before the line above */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(in, 0);
	dup2(out, 1);
	execvp(argv[0], argv);
	_exit(127);
}

struct child *child_start(const char *argv_json, const char *input, struct error *err)
{
	AUTO(json) cJSON *list = json_parse(argv_json, strlen(argv_json), NULL);
	char *argv[ARGS_MAX + 1];
	int in[2], out[2];

	if (!cJSON_IsArray(list) || !read_argv(list, argv)) {
		fail(err, ERR_INPUT, "exec: wants an array of words, like exec:[\"pass\",\"show\",\"bank\"]");
		return NULL;
	}
	if (pipe2(in, O_CLOEXEC) != 0)
		return fail_system(err, "making a pipe"), NULL;
	if (pipe2(out, O_CLOEXEC) != 0) {
		fail_system(err, "making a pipe");
		close(in[0]);
		close(in[1]);
		return NULL;
	}

	struct child *child = xcalloc(1, sizeof *child);
	child->name = xstrdup(argv[0]);
	child->out = out[0];
	child->in = -1;
	const pid_t us = getpid();
	child->pid = fork();
	if (child->pid == 0)
		become(argv, in[0], out[1], us);
	close(in[0]);
	close(out[1]);
	(void)fcntl(child->out, F_SETFL, O_NONBLOCK);
	/* Less than a pipe takes at once; a child that does not read is no concern of ours. */
	if (input && write(in[1], input, strlen(input)) < 0 && errno != EPIPE)
		fail_system(err, "telling %s", argv[0]);
	close(in[1]);
	if (child->pid > 0)
		return child;
	fail_system(err, "starting %s", argv[0]);
	child->ended = true;
	child_free(child);
	return NULL;
}

struct child *child_call(void (*run)(void *owner, int in), void *owner, const char *name, struct error *err)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0)
		return fail_system(err, "making a pipe"), NULL;
	if (pipe2(out, O_CLOEXEC) != 0) {
		fail_system(err, "making a pipe");
		close(in[0]);
		close(in[1]);
		return NULL;
	}
	const pid_t pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		dup2(out[1], 1);
		dup2(in[0], 3);
		(void)close_range(4, ~0U, 0); /* the browser's, above all: it ends when nobody holds them any more */
		run(owner, 3);
		_exit(0);
	}
	close(in[0]);
	close(out[1]);
	if (pid < 0) {
		fail_system(err, "starting %s", name);
		close(in[1]);
		close(out[0]);
		return NULL;
	}
	struct child *child = xcalloc(1, sizeof *child);
	*child = (struct child){ .pid = pid, .out = out[0], .in = in[1], .name = xstrdup(name) };
	(void)fcntl(child->out, F_SETFL, O_NONBLOCK);
	return child;
}

void child_leave(struct child *child)
{
	if (child->in >= 0)
		close(child->in);
	close(child->out);
	free(child->name);
	free(child);
}

bool child_poll(struct child *child, struct buf *out)
{
	const bool ends = !child->ended && waitpid(child->pid, &child->status, WNOHANG) == child->pid;
	char chunk[1024];

	for (ssize_t n; (n = read(child->out, chunk, sizeof chunk)) > 0;)
		buf_append(out, chunk, (size_t)n);
	secret_wipe(chunk, sizeof chunk);
	child->ended = child->ended || ends;
	return child->ended;
}

bool child_finish(struct child *child, struct buf *out, struct deadline until, struct error *err)
{
	while (!child_poll(child, out) && !deadline_passed(until))
		(void)poll(&(struct pollfd){ .fd = child->out, .events = POLLIN }, 1, LOOK_MS); /* looked at next */
	const bool ok = child->ended && WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
	if (!child->ended)
		fail(err, ERR_INPUT, "%s did not end in time", child->name);
	else if (!ok && WIFEXITED(child->status) && WEXITSTATUS(child->status) == 127)
		fail(err, ERR_INPUT, "%s cannot be executed", child->name);
	else if (!ok)
		fail(err, ERR_INPUT, "%s ended badly", child->name);
	child_free(child);
	return ok;
}

void child_free(struct child *child)
{
	if (!child)
		return;
	if (!child->ended) {
		(void)kill(child->pid, SIGKILL);
		(void)waitpid(child->pid, NULL, 0);
	}
	child_leave(child);
}
