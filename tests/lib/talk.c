/* The test's side of a conversation: see talk.h. */
#include "tests/lib/talk.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk_script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum {
	STEP_MS = 10000,  /* for what takes milliseconds: a busy machine is no failure */
	REPORT_MS = 25000, /* longer than the browser waits by itself */
	EXIT_FAULTED = 2,
};

void talk_big(char *out, size_t size)
{
	for (size_t i = 0; i < size && i < TALK_BIG_PERIOD; i++)
		out[i] = (char)('a' + i);
	for (size_t done = TALK_BIG_PERIOD; done < size; done *= 2)
		memcpy(out + done, out, done < size - done ? done : size - done);
}

char *talk_read_file(const char *path)
{
	AUTO(file) FILE *file = fopen(path, "re");
	AUTO(buf) struct buf text = { 0 };
	char part[4096];

	if (!file)
		return NULL;
	for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
		(void)buf_append(&text, part, got);
	return buf_take(&text);
}

/* ---- the process ---- */

/* Becomes the browser.  Other conversations' sockets stay with the test, or nobody would see them close. */
static _Noreturn void become_browser(struct talk_line *lines, const struct talk_opts *opts, int report)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(report, 3) != 3 || close_range(4, ~0U, 0) != 0)
		_exit(1);
	talk_play(lines, opts, 3);
}

/* One line from the pipe; false at its end. */
static bool read_port(struct talk *talk)
{
	char line[32];
	size_t size = 0;

	while (size < sizeof line - 1 && read(talk->report, line + size, 1) == 1 && line[size] != '\n')
		size++;
	line[size] = '\0';
	return sscanf(line, "port %d", &talk->port) == 1;
}

static struct talk *start(const char *file, const char *text, const struct talk_opts *opts)
{
	AUTO(buf) struct buf why = { 0 };
	struct talk_line *lines = talk_script_read(file, text, opts ? opts->word : NULL, &why);
	int ends[2];

	if (why.size || pipe2(ends, O_CLOEXEC) != 0) {
		print_error("%s", why.size ? why.data : "no pipe\n");
		talk_script_free(lines);
		return NULL;
	}
	struct talk *talk = xcalloc(1, sizeof *talk);
	talk->report = ends[0];
	talk->pid = fork();
	if (talk->pid == 0)
		become_browser(lines, opts, ends[1]);
	close(ends[1]);
	talk_script_free(lines);
	if (talk->pid > 0 && read_port(talk)) {
		(void)snprintf(talk->url, sizeof talk->url, "ws://127.0.0.1:%d/devtools/browser/talk", talk->port);
		return talk;
	}
	print_error("%s: the fake browser does not start\n", file);
	free(talk_end(talk, NULL));
	return NULL;
}

struct talk *talk_start(const char *name, const struct talk_opts *opts)
{
	AUTO(text) char *file = xasprintf(TALK_FOLDER "/%s.talk", name);
	AUTO(text) char *text = talk_read_file(file);

	if (!text) {
		print_error("%s: %s (tests run in the project's folder)\n", file, strerror(errno));
		return NULL;
	}
	return start(file, text, opts);
}

struct talk *talk_start_text(const char *text, const struct talk_opts *opts)
{
	return start("(text)", text, opts);
}

/* What the browser complains about, until its end. */
static char *read_report(const struct talk *talk)
{
	const struct deadline until = deadline_in_ms(REPORT_MS);
	struct pollfd ready = { .fd = talk->report, .events = POLLIN };
	struct buf text = { 0 };
	char part[1024];

	while (poll(&ready, 1, deadline_left_ms(until)) > 0) {
		const ssize_t got = read(talk->report, part, sizeof part);
		if (got <= 0)
			return text.size ? buf_take(&text) : NULL;
		(void)buf_append(&text, part, (size_t)got);
	}
	(void)buf_puts(&text, "the fake browser hangs\n");
	return buf_take(&text);
}

void talk_wait_gone(struct talk *talk)
{
	siginfo_t info;

	(void)waitid(P_PID, (id_t)talk->pid, &info, WEXITED | WNOWAIT);
}

char *talk_end(struct talk *talk, bool *faulted)
{
	int status = 0;

	cdp_page_free(talk->page);
	cdp_browser_free(talk->browser);
	cdp_conn_free(talk->conn);
	char *report = talk->pid > 0 ? read_report(talk) : NULL;
	if (talk->pid > 0) {
		(void)kill(talk->pid, SIGKILL); /* it has ended, or it hangs */
		(void)waitpid(talk->pid, &status, 0);
	}
	close(talk->report);
	free(talk);
	if (faulted)
		*faulted = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAULTED;
	if (!report && !(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EXIT_FAULTED)))
		report = xasprintf("the fake browser ended with status %#x\n", (unsigned)status);
	return report;
}

/* ---- in tests ---- */

int talk_setup(void **state)
{
	*state = talk_start(*state, NULL);
	return *state ? 0 : -1;
}

int talk_teardown(void **state)
{
	AUTO(text) char *report = *state ? talk_end(*state, NULL) : NULL;

	if (report)
		print_error("%s", report);
	return report ? -1 : 0;
}

struct talk *talk_begin(void **state, const char *name, const char *word)
{
	*state = talk_start(name, &(struct talk_opts){ .word = word });
	assert_non_null(*state);
	return *state;
}

struct talk *talk_begin_text(void **state, const char *text)
{
	*state = talk_start_text(text, NULL);
	assert_non_null(*state);
	return *state;
}

void talk_finish(void **state)
{
	AUTO(text) char *report = talk_end(*state, NULL);

	*state = NULL;
	if (report)
		fail_msg("%s", report);
}

struct cdp_conn *talk_connect(struct talk *talk)
{
	struct error err = { 0 };

	talk->conn = cdp_conn_open(talk->url, NULL, deadline_in_ms(STEP_MS), &err);
	assert_ok(talk->conn != NULL, &err);
	return talk->conn;
}

struct cdp_browser *talk_attach(struct talk *talk, bool popups)
{
	struct error err = { 0 };

	talk->browser = cdp_browser_attach(talk->url, &(struct cdp_attach_opts){ .popups = popups },
		deadline_in_ms(STEP_MS), &err);
	assert_ok(talk->browser != NULL, &err);
	return talk->browser;
}

struct cdp_page *talk_open(struct talk *talk, const struct cdp_page_opts *opts)
{
	struct error err = { 0 };

	talk->page = cdp_page_open(talk_attach(talk, false), NULL, opts, deadline_in_ms(STEP_MS), &err);
	assert_ok(talk->page != NULL, &err);
	return talk->page;
}

void talk_next(struct talk *talk)
{
	struct error err = { 0 };
	struct cdp_conn *conn = talk->browser ? cdp_browser_conn(talk->browser) : talk->conn;
	AUTO(json) cJSON *answer = cdp_call(conn, NULL, "Test.next", NULL, deadline_in_ms(STEP_MS), &err);

	assert_ok(answer != NULL, &err);
}
