#include "src/spawn.h"

#include "cdp/base/error.h"
#include "src/options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPAWN_ARGS_MAX = 128 };

extern char **environ;

/* How long people are waited for, as texts. */
struct patience {
	char otp[16], person[16], logins[16];
};

/* VALUE, unless the environment says it: children have that, too, and it may hold a token. */
static const char *inherited(const char *name, const char *value)
{
	const char *said = getenv(name);

	return said && value && !strcmp(said, value) ? NULL : value;
}

/* The options that hold for all: where everything is, which browser, and how long people are waited for. */
static void add_options(const struct options *o, struct patience *p, const char **argv, size_t *count)
{
	(void)snprintf(p->otp, sizeof p->otp, "%d", o->otp.wait_ms / 1000);
	(void)snprintf(p->person, sizeof p->person, "%ds", o->timeout_ms / 1000);
	(void)snprintf(p->logins, sizeof p->logins, "%d", o->max_logins);
	const struct { const char *name, *value; } pairs[] = {
		{ "--data-dir", o->data_dir }, { "--browser", o->browser },
		{ "--browser-url", inherited("GABBAI_BROWSER_URL", o->browser_url) },
		{ "--browser-headers", o->browser_headers }, { "--cacert", o->cacert },
		{ "--otp-timeout", o->otp.wait_ms ? p->otp : NULL }, { "--timeout", p->person }, { "--max-logins", p->logins },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].value && *count + 2 < SPAWN_ARGS_MAX) {
			argv[(*count)++] = pairs[i].name;
			argv[(*count)++] = pairs[i].value;
		}
	for (size_t i = 0; i < o->connect_to_count && *count + 2 < SPAWN_ARGS_MAX; i++) {
		argv[(*count)++] = "--connect-to";
		argv[(*count)++] = o->connect_to[i];
	}
	for (int i = 0; i < o->verbose && *count + 1 < SPAWN_ARGS_MAX; i++)
		argv[(*count)++] = "-v";
	if (o->insecure && *count + 1 < SPAWN_ARGS_MAX)
		argv[(*count)++] = "--insecure";
	if (o->no_artefacts && *count + 1 < SPAWN_ARGS_MAX)
		argv[(*count)++] = "--no-artefacts";
	if (o->log_json && *count + 1 < SPAWN_ARGS_MAX)
		argv[(*count)++] = "--log-format=json";
}

static pid_t spawn(const char *const *argv, int in, int out, struct error *err)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, standard;
	pid_t pid = -1;

	sigemptyset(&none);
	sigemptyset(&standard);
	sigaddset(&standard, SIGINT);
	sigaddset(&standard, SIGTERM);
	sigaddset(&standard, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&how);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&files, in, 0);
	else
		posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&files, out, 1);
	else
		posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &standard);
	/* A group of its own: Ctrl-C at the server's terminal is for whoever started it, who tells its children. */
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	const int failed = posix_spawn(&pid, "/proc/self/exe", &files, &how, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	errno = failed;
	if (failed)
		fail_system(err, "starting gabbai %s", argv[1]);
	return failed ? -1 : pid;
}

pid_t spawn_self(const struct options *options, const char *const *words, int in, int out, struct error *err)
{
	const char *argv[SPAWN_ARGS_MAX + 1] = { "gabbai" };
	struct patience patience;
	size_t count = 1;

	for (; *words && count < SPAWN_ARGS_MAX; words++)
		argv[count++] = *words;
	add_options(options, &patience, argv, &count);
	argv[count] = NULL;
	return spawn(argv, in, out, err);
}
