/* How far a run is, on a terminal and elsewhere. */
#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/program.h"

#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/wait.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define ERASE     "\r\033[K"

enum { COLUMNS = 60, SHOWN_MAX = 16384, TERMINAL_MS = 60000 };

static struct cal cal;

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cal_stop(&cal);
	return 0;
}

static _Noreturn void become_gabbai(const char *term, const char *more)
{
	const char *build = getenv("BUILD");
	AUTO(text) char *program = xasprintf("%s/gabbai", build ? build : "build/release");
	AUTO(text) char *data = cal_file(&cal, "data");
	AUTO(text) char *out = cal_file(&cal, "out.json");
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal.port);

	setenv("GABBAI_DATA_DIR", data, 1);
	setenv("XDG_CONFIG_HOME", data, 1);
	setenv("GABBAI_VISA_CAL_USERNAME", "yossi", 1);
	setenv("GABBAI_VISA_CAL_PASSWORD", "Secret123", 1);
	setenv("TERM", term, 1);
	execl(program, program, "run", "visa-cal", "-f", "json", "-o", out, "--cacert", cert, "--connect-to", rule, more, (char *)NULL);
	_exit(127);
}

/* What a terminal of 60 columns shows of a run. */
static char *on_terminal(const char *term, const char *more)
{
	const struct winsize size = { .ws_row = 24, .ws_col = COLUMNS };
	AUTO(text) char *data = cal_file(&cal, "data");
	char *shown = xmalloc(SHOWN_MAX);
	size_t used = 0;
	int terminal, status;

	folder_remove(data);
	const pid_t pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid == 0)
		become_gabbai(term, more);
	while (used < SHOWN_MAX - 1 && poll(&(struct pollfd){ .fd = terminal, .events = POLLIN }, 1, TERMINAL_MS) > 0) {
		const ssize_t n = read(terminal, shown + used, SHOWN_MAX - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	shown[used] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(terminal);
	if (status)
		fail_msg("it ended with %d: %s", WEXITSTATUS(status), shown);
	return shown;
}

static int count_of(const char *text, const char *part)
{
	int count = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		count++;
	return count;
}

static void a_terminal_has_one_line_that_is_written_again(void **state)
{
	(void)state;
	AUTO(text) char *shown = on_terminal("xterm", NULL);
	assert_contains(shown, ERASE "visa-cal: opening the login...");
	assert_contains(shown, "signing in...");
	assert_true(count_of(shown, ERASE) > 3);
	/* What stays is one line of it, in the end, with the times of all steps. */
	const char *last = strstr(shown, "gabbai: visa-cal: opening the login ");
	assert_non_null(last);
	assert_contains(last, " s, signing in ");
	assert_contains(last, " s in all\r\n");
	assert_int_equal(count_of(shown, "visa-cal: "), count_of(shown, ERASE "visa-cal: ") + 1);
	/* None goes on in a second row of the terminal. */
	for (const char *at = shown; (at = strstr(at, ERASE)); at += sizeof ERASE - 1) {
		const size_t size = strcspn(at + sizeof ERASE - 1, "\r\n");
		if (at[sizeof ERASE - 1 + size] != '\n' && strncmp(at + sizeof ERASE - 1, "gabbai: ", 8) != 0 && size >= COLUMNS)
			fail_msg("%zu columns: %.*s", size, (int)size, at + sizeof ERASE - 1);
	}
}

static void elsewhere_each_step_is_a_line(void **state)
{
	(void)state;
	AUTO(text) char *dumb = on_terminal("dumb", NULL);
	assert_contains(dumb, "gabbai: visa-cal: opening the login\r\n");
	assert_contains(dumb, "gabbai: visa-cal: signing in\r\n");
	assert_contains(dumb, " s in all\r\n");
	assert_lacks(dumb, "\033");
	AUTO(ran) struct ran piped = gabbai_cal(&cal, "yossi", "Secret123", NULL);
	assert_contains(piped.err, "gabbai: visa-cal: signing in\n");
	assert_lacks(piped.err, "\033");
	AUTO(text) char *talkative = on_terminal("xterm", "-v");
	assert_lacks(talkative, "\033");
}

static void who_wants_quiet_has_it(void **state)
{
	(void)state;
	AUTO(text) char *quiet = on_terminal("xterm", "--quiet");
	assert_string_equal(quiet, "");
	AUTO(text) char *events = on_terminal("xterm", "--events");
	assert_contains(events, "{\"event\":\"run.phase\"");
	assert_int_equal(count_of(events, "\n"), count_of(events, "{\"event\":"));
	assert_lacks(events, "\033");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_has_one_line_that_is_written_again),
		cmocka_unit_test(elsewhere_each_step_is_a_line),
		cmocka_unit_test(who_wants_quiet_has_it),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
