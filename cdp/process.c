/* Launching: see process.h.  The recipe and its reasons are measured: Debian's /usr/bin/chromium is a
 * script that exec()s the browser, so the pid stays; crashpad's handlers leave the group, but end with the
 * browser, and keep what they write below its HOME, which is ours (switching them off for good makes the
 * network service of Chromium 156 crash where file descriptors are guarded); the browser inherits nothing
 * of our environment, which holds keys. */
#include "cdp/process.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum {
	FLAGS_MAX = 96,
	URL_MAX = 1024,
	LOG_TAIL = 600,      /* of stderr, in an error */
	TMPDIR_MAX = 90,     /* the browser makes a unix socket below it */
	INTERRUPT_MS = 2000, /* from SIGINT to SIGKILL; a proper end takes 0.2 s, 0.7 s when busy */
	REMOVE_TRIES = 20,   /* helpers may still be writing while they end */
	PROFILE_IN_USE = 21, /* Chromium's exit code for it */
};

static const char run_prefix[] = "gabbai-run-";

struct cdp_process {
	pid_t pid;
	int pidfd;
	int exit_status;
	bool ended, is_shell;
	char url[URL_MAX];
	char *run_dir;
};

static const char *const candidates[] = {
	"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", NULL,
};

static const char *const always[] = {
	"--remote-debugging-port=0",
	"--no-first-run",
	"--no-default-browser-check",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-client-side-phishing-detection",
	"--disable-default-apps",
	"--disable-domain-reliability",
	"--disable-extensions",
	"--disable-sync",
	"--disable-quic",
	"--disable-breakpad",
	"--disable-search-engine-choice-screen",
	"--disable-infobars",
	"--disable-hang-monitor",
	"--disable-popup-blocking",
	"--disable-prompt-on-repost",
	"--metrics-recording-only",
	"--password-store=basic",
	"--use-mock-keychain",
	"--force-color-profile=srgb",
	/* The omnibox popups are two invisible pages a context; plain-http sites stay what they are. */
	"--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,HttpsUpgrades,MediaRouter,Translate,"
	"OptimizationHints,InterestFeedContentSuggestions,AutofillServerCommunication",
	"--enable-features=CDPScreenshotNewSurface",
	NULL,
};

/* ---- the run directory ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	(void)remove(path); /* what stays is tried again, or swept at the next start */
	return 0;
}

static void remove_tree(const char *path)
{
	for (int i = 0; i < REMOVE_TRIES; i++) {
		struct stat st;
		(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		if (lstat(path, &st) != 0)
			return;
		(void)poll(NULL, 0, 10);
	}
}

/* The time a process started, in clock ticks since boot; 0 when there is no such process.  Together with
 * the pid it names a process for good (proc(5), field 22 of stat). */
static unsigned long long start_time(pid_t pid)
{
	char path[64], text[1024];
	unsigned long long ticks = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	AUTO(file) FILE *f = fopen(path, "re");
	if (!f || !fgets(text, sizeof text, f))
		return 0;
	const char *rest = strrchr(text, ')'); /* the name may hold anything */
	if (rest)
		(void)sscanf(rest + 1,
			" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
			&ticks);
	return ticks;
}

static bool write_owner(const char *run_dir)
{
	AUTO(text) char *path = xasprintf("%s/owner", run_dir);
	AUTO(file) FILE *f = fopen(path, "wxe");

	return f && fprintf(f, "%d %llu\n", (int)getpid(), start_time(getpid())) > 0;
}

static bool owner_lives(const char *run_dir)
{
	AUTO(text) char *path = xasprintf("%s/owner", run_dir);
	AUTO(file) FILE *f = fopen(path, "re");
	unsigned long long ticks = 0;
	int pid = 0;

	if (!f) {
		/* Made this moment by somebody else, or left half-made: young ones are left alone. */
		struct stat st;
		return stat(run_dir, &st) == 0 && time(NULL) - st.st_mtime < 60;
	}
	return fscanf(f, "%d %llu", &pid, &ticks) == 2 && pid > 0 && start_time(pid) == ticks && ticks;
}

static const char *root_or_default(const char *run_root)
{
	const char *dir = run_root ? run_root : getenv("XDG_RUNTIME_DIR");

	return dir && *dir == '/' && strlen(dir) < TMPDIR_MAX - 40 && access(dir, W_OK) == 0 ? dir : "/tmp";
}

void cdp_process_sweep(const char *run_root)
{
	const char *root = root_or_default(run_root);
	DIR *dir = opendir(root);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct stat st;
		AUTO(text) char *path = xasprintf("%s/%s", root, entry->d_name);
		if (strncmp(entry->d_name, run_prefix, sizeof run_prefix - 1) != 0)
			continue;
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !owner_lives(path))
			remove_tree(path);
	}
	if (dir)
		closedir(dir);
}

static char *make_run_dir(const char *run_root, struct error *err)
{
	static const char *const parts[] = { "home", "tmp", "profile" };
	char *path = xasprintf("%s/%sXXXXXX", root_or_default(run_root), run_prefix);

	if (!mkdtemp(path) || !write_owner(path)) {
		fail_system(err, "making the run directory %s", path);
		free(path);
		return NULL;
	}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		AUTO(text) char *part = xasprintf("%s/%s", path, parts[i]);
		(void)mkdir(part, 0700); /* a failure shows as a browser that does not start */
	}
	return path;
}

/* ---- the command line ---- */

struct arguments {
	char *list[FLAGS_MAX + 1];
	int count;
};

static void argument(struct arguments *a, char *owned)
{
	if (a->count < FLAGS_MAX)
		a->list[a->count++] = owned;
	else
		free(owned);
}

static void arguments_clear(struct arguments *a)
{
	for (int i = 0; i < a->count; i++)
		free(a->list[i]);
}

static char *in_path(const char *name)
{
	AUTO(text) char *dirs = xstrdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	char *rest = dirs;

	for (char *dir; (dir = strsep(&rest, ":"));) {
		char *path = xasprintf("%s/%s", *dir ? dir : ".", name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* Debian's script for the shell does not exec(): it would stand between us and the browser, and the
 * parent-death signal would end the script alone. */
static char *without_script(char *path)
{
	static const char script[] = "/usr/bin/chromium-headless-shell", binary[] = "/usr/lib/chromium/chromium-headless-shell";

	if (!path || strcmp(path, script) != 0 || access(binary, X_OK) != 0)
		return path;
	free(path);
	return xstrdup(binary);
}

char *cdp_process_find(const struct cdp_launch_opts *opts, struct error *err)
{
	const char *given = opts->path ? opts->path : getenv("CHROME_PATH");

	if (!given)
		given = getenv("PUPPETEER_EXECUTABLE_PATH");
	if (given && *given) {
		char *path = strchr(given, '/') ? xstrdup(given) : in_path(given);
		if (path && access(path, X_OK) == 0)
			return without_script(path);
		fail(err, ERR_LAUNCH, "no browser at %s: %s", given, strerror(errno));
		free(path);
		return NULL;
	}

	char *path = opts->shell && !opts->headed ? in_path("chromium-headless-shell") : NULL;
	for (int i = 0; !path && candidates[i]; i++)
		path = in_path(candidates[i]);
	if (!path)
		fail(err, ERR_LAUNCH, "no Chromium found in $PATH; on Debian: apt install chromium");
	return without_script(path);
}

static bool is_shell_binary(const char *path)
{
	return strstr(path, "headless-shell") || strstr(path, "headless_shell");
}

static void build_arguments(struct arguments *a, const struct cdp_launch_opts *opts, char *browser,
	const char *run_dir)
{
	argument(a, browser);
	if (!opts->headed)
		argument(a, xstrdup(is_shell_binary(browser) ? "--headless" : "--headless=new"));
	for (int i = 0; always[i]; i++)
		argument(a, xstrdup(always[i]));
	if (geteuid() == 0)
		argument(a, xstrdup("--no-sandbox")); /* Chromium refuses to start as root otherwise */
	if (!opts->headed)
		argument(a, xstrdup("--disable-gpu"));
	argument(a, opts->profile ? xasprintf("--user-data-dir=%s", opts->profile)
				  : xasprintf("--user-data-dir=%s/profile", run_dir));
	argument(a, xasprintf("--window-size=%d,%d", opts->width ? opts->width : 1280,
		opts->height ? opts->height : 800));
	if (opts->language)
		argument(a, xasprintf("--lang=%s", opts->language));
	for (int i = 0; opts->flags && opts->flags[i]; i++)
		argument(a, xstrdup(opts->flags[i]));
	argument(a, xstrdup("about:blank"));
	a->list[a->count] = NULL;
}

static void build_environment(struct arguments *env, const struct cdp_launch_opts *opts,
	const char *run_dir)
{
	static const char *const passed[] = { "PATH", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY",
		"XDG_RUNTIME_DIR", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE" };
	const char *zone = opts->timezone ? opts->timezone : getenv("TZ");

	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		if (getenv(passed[i]))
			argument(env, xasprintf("%s=%s", passed[i], getenv(passed[i])));
	argument(env, xasprintf("HOME=%s/home", run_dir));
	argument(env, xasprintf("TMPDIR=%s/tmp", run_dir));
	argument(env, xstrdup("LANG=C.UTF-8"));
	if (zone)
		argument(env, xasprintf("TZ=%s", zone));
	env->list[env->count] = NULL;
}

/* ---- start ---- */

/* In the child: only what is safe after fork(). */
static void become_browser(char *const *argv, char *const *env, int log, pid_t parent)
{
	const int null = open("/dev/null", O_RDWR);

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGINT);
	if (getppid() != parent)
		_exit(126); /* the parent died before the line above */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(log, 2);
	syscall(SYS_close_range, 3U, ~0U, 0U);
	execve(argv[0], argv, env);
	static const char words[] = "cannot be executed\n";
	if (write(2, words, sizeof words - 1) < 0)
		_exit(126);
	_exit(127);
}

static char *stderr_path(const struct cdp_process *p)
{
	return xasprintf("%s/stderr", p->run_dir);
}

char *cdp_process_last_words(const struct cdp_process *p)
{
	AUTO(text) char *path = stderr_path(p);
	AUTO(file) FILE *f = fopen(path, "re");
	char tail[LOG_TAIL + 1] = "";

	if (f) {
		if (fseek(f, -LOG_TAIL, SEEK_END) != 0)
			rewind(f);
		tail[fread(tail, 1, LOG_TAIL, f)] = '\0';
	}
	for (size_t n = strlen(tail); n > 0 && tail[n - 1] == '\n'; n--)
		tail[n - 1] = '\0';
	return xstrdup(tail);
}

static bool find_url(struct cdp_process *p)
{
	static const char words[] = "DevTools listening on ";
	AUTO(text) char *path = stderr_path(p);
	AUTO(file) FILE *f = fopen(path, "re");
	char line[1024];

	while (f && fgets(line, sizeof line, f)) {
		if (strncmp(line, words, sizeof words - 1) != 0 || !strchr(line, '\n'))
			continue;
		const char *url = line + sizeof words - 1;
		(void)snprintf(p->url, sizeof p->url, "%.*s", (int)strcspn(url, "\n"), url);
		return true;
	}
	return false;
}

static void reap(struct cdp_process *p, int options)
{
	if (!p->ended && waitpid(p->pid, &p->exit_status, options) == p->pid)
		p->ended = true;
}

bool cdp_process_has_ended(struct cdp_process *p)
{
	reap(p, WNOHANG);
	return p->ended;
}

static bool fail_ended(const struct cdp_process *p, const char *browser, struct error *err)
{
	AUTO(text) char *words = cdp_process_last_words(p);
	const int code = WIFEXITED(p->exit_status) ? WEXITSTATUS(p->exit_status) : -1;

	if (code == PROFILE_IN_USE)
		return fail(err, ERR_LAUNCH, "the profile is in use by another browser");
	if (code < 0)
		return fail(err, ERR_LAUNCH, "%s was ended by signal %d: %s", browser,
			WTERMSIG(p->exit_status), words);
	return fail(err, ERR_LAUNCH, "%s ended with code %d: %s", browser, code,
		*words ? words : "without a word");
}

/* Waits for the line with the address, or for the end of the process. */
static bool wait_listening(struct cdp_process *p, const char *browser, struct deadline until,
	struct error *err)
{
	AUTO(text) char *path = stderr_path(p);
	AUTO(fd) int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (notify < 0 || inotify_add_watch(notify, path, IN_MODIFY) < 0)
		return fail_system(err, "watching %s", path);
	for (;;) {
		struct pollfd fds[] = { { .fd = notify, .events = POLLIN }, { .fd = p->pidfd, .events = POLLIN } };
		char events[4096];
		if (find_url(p))
			return true;
		if (cdp_process_has_ended(p))
			return fail_ended(p, browser, err);
		if (deadline_passed(until))
			break;
		(void)poll(fds, 2, deadline_left_ms(until)); /* a signal only makes us look again */
		if (read(notify, events, sizeof events) < 0 && errno != EAGAIN)
			return fail_system(err, "reading inotify");
	}
	AUTO(text) char *words = cdp_process_last_words(p);
	return fail_timeout(err, ERR_LAUNCH, "%s did not open its debugging port: %s", browser,
		*words ? words : "it said nothing");
}

static bool spawn(struct cdp_process *p, const struct cdp_launch_opts *opts, struct error *err)
{
	char *browser = cdp_process_find(opts, err);
	if (!browser)
		return false;

	AUTO(text) char *log_path = stderr_path(p);
	AUTO(fd) int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	struct arguments argv = { 0 }, env = { 0 };
	p->is_shell = is_shell_binary(browser);
	build_arguments(&argv, opts, browser, p->run_dir);
	build_environment(&env, opts, p->run_dir);

	const pid_t us = getpid();
	p->pid = log < 0 ? -1 : fork();
	if (p->pid == 0)
		become_browser(argv.list, env.list, log, us);
	arguments_clear(&argv);
	arguments_clear(&env);
	if (p->pid < 0)
		return fail_system(err, "starting the browser");
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd < 0)
		return fail_system(err, "watching the browser");
	(void)fcntl(p->pidfd, F_SETFD, FD_CLOEXEC);
	return true;
}

struct cdp_process *cdp_process_start(const struct cdp_launch_opts *opts, struct deadline until,
	struct error *err)
{
	static const struct cdp_launch_opts defaults;
	struct cdp_process *p = xcalloc(1, sizeof *p);

	if (!opts)
		opts = &defaults;
	p->pidfd = -1;
	p->pid = -1;
	p->run_dir = make_run_dir(opts->run_root, err);
	if (p->run_dir && spawn(p, opts, err)
			&& wait_listening(p, opts->path ? opts->path : "Chromium", until, err))
		return p;
	cdp_process_stop(p, deadline_in_ms(0));
	return NULL;
}

const char *cdp_process_url(const struct cdp_process *p)
{
	return p->url;
}

bool cdp_process_is_shell(const struct cdp_process *process)
{
	return process->is_shell;
}

pid_t cdp_process_pid(const struct cdp_process *p)
{
	return p->pid;
}

static void wait_end(struct cdp_process *p, struct deadline until)
{
	struct pollfd fd = { .fd = p->pidfd, .events = POLLIN };

	while (!cdp_process_has_ended(p) && !deadline_passed(until))
		(void)poll(&fd, 1, deadline_left_ms(until)); /* a signal only makes us look again */
}

void cdp_process_stop(struct cdp_process *p, struct deadline until)
{
	if (!p)
		return;
	if (p->pid > 0) {
		wait_end(p, until);
		if (!p->ended) {
			(void)kill(-p->pid, SIGINT); /* it may have ended in between */
			wait_end(p, deadline_in_ms(INTERRUPT_MS));
		}
		(void)kill(-p->pid, SIGKILL); /* helpers that are left, or the browser itself */
		reap(p, 0);
	}
	if (p->pidfd >= 0)
		close(p->pidfd);
	if (p->run_dir)
		remove_tree(p->run_dir);
	free(p->run_dir);
	free(p);
}
