/* A display for windows: see display.h. */
#include "src/display.h"

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { START_MS = 10000, NUMBER_MAX = 16, STOP_MS = 3000, LOOK_MS = 20 };

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* In the child: becomes Xvfb, which writes its number to OUT. */
static _Noreturn void become_xvfb(int out, pid_t parent)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	(void)dup2(null, 0);
	(void)dup2(out, 1);
	(void)dup2(null, 2);
	(void)execlp("Xvfb", "Xvfb", "-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp", (char *)NULL);
	_exit(127);
}

/* The display's number, a line that Xvfb writes when it is ready. */
static bool read_number(int in, char number[NUMBER_MAX])
{
	const struct deadline until = deadline_in_ms(START_MS);
	size_t size = 0;

	while (size < NUMBER_MAX - 1) {
		struct pollfd fd = { .fd = in, .events = POLLIN };
		if (poll(&fd, 1, deadline_left_ms(until)) <= 0)
			return false;
		const ssize_t n = read(in, number + size, 1);
		if (n <= 0)
			return false;
		if (number[size] == '\n') {
			number[size] = '\0';
			return size > 0;
		}
		size++;
	}
	return false;
}

bool display_open(struct display *display, struct error *err)
{
	char name[NUMBER_MAX + 1] = ":";
	int ends[2];

	*display = (struct display){ 0 };
	if (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
		return true;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail_system(err, "a pipe");
	const pid_t parent = getpid();
	display->pid = fork();
	if (display->pid == 0)
		become_xvfb(ends[1], parent);
	AUTO(fd) int in = ends[0];
	(void)close(ends[1]);
	if (display->pid < 0)
		return fail_system(err, "starting Xvfb");
	if (read_number(in, name + 1)) {
		(void)setenv("DISPLAY", name, 1);
		return true;
	}
	display_close(display);
	return fail(err, ERR_INPUT, "there is no display, and Xvfb (package xvfb) does not start one");
}

void display_close(struct display *display)
{
	const struct deadline until = deadline_in_ms(STOP_MS);

	if (display->pid <= 0)
		return;
	(void)kill(display->pid, SIGTERM);
	while (waitpid(display->pid, NULL, WNOHANG) == 0) {
		if (deadline_passed(until))
			(void)kill(display->pid, SIGKILL);
		(void)poll(NULL, 0, LOOK_MS);
	}
	(void)unsetenv("DISPLAY");
	*display = (struct display){ 0 };
}
