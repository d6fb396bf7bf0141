/* Chromium as a child process: where it is, how it starts, how it ends.
 *
 * The browser lives in a run directory of its own (0700: profile, HOME, TMPDIR, its stderr) and in a
 * process group of its own, and ends with us, even when we are killed: its parent-death signal is
 * SIGINT, which headless Chromium answers by closing properly (SIGTERM would lose cookies).  The signal
 * belongs to the thread that called cdp_process_start(), so call it from the main thread. */
#ifndef CDP_PROCESS_H
#define CDP_PROCESS_H

#include "cdp/base/clock.h"

#include <stdbool.h>
#include <sys/types.h>

struct cdp_process;
struct error;

struct cdp_launch_opts {
	const char *path;         /* the binary; default: $CHROME_PATH, $PUPPETEER_EXECUTABLE_PATH, $PATH */
	const char *run_root;     /* where run directories are made; default: $XDG_RUNTIME_DIR, else /tmp */
	const char *profile;      /* a profile to keep; default: a fresh one that is removed at the end */
	const char *const *flags; /* more flags, NULL at the end; they win over ours */
	const char *timezone;     /* TZ of the browser; default: ours */
	const char *language;     /* "he-IL"; default: the browser's own */
	int width, height;        /* of the window, in CSS pixels; default: 1280 x 800 */
	bool headed;              /* with a window: needs a display */
	bool shell;               /* chromium-headless-shell when it is installed: faster, less of a browser */
};

/* Starts Chromium and waits until it listens.  NULL with ERR_LAUNCH (path, exit code and the last lines
 * of its stderr), ERR_TIMEOUT or ERR_SYSTEM. */
struct cdp_process *cdp_process_start(const struct cdp_launch_opts *opts, struct deadline until,
	struct error *err);

/* The binary that would be started, owned by the caller; NULL with ERR_LAUNCH. */
char *cdp_process_find(const struct cdp_launch_opts *opts, struct error *err);

/* Its websocket endpoint.  Borrowed. */
const char *cdp_process_url(const struct cdp_process *process);
pid_t cdp_process_pid(const struct cdp_process *process);
bool cdp_process_is_shell(const struct cdp_process *process); /* chromium-headless-shell */
bool cdp_process_has_ended(struct cdp_process *process);

/* The last lines that it wrote to stderr, owned by the caller. */
char *cdp_process_last_words(const struct cdp_process *process);

/* Waits for an end that was asked for (Browser.close) until UNTIL, then insists: SIGINT to the group,
 * SIGKILL to the group.  Reaps it, removes the run directory and frees PROCESS. */
void cdp_process_stop(struct cdp_process *process, struct deadline until);

/* Removes the run directories below RUN_ROOT (NULL: the default) whose owners are dead. */
void cdp_process_sweep(const char *run_root);

#endif
