/* gabbai secret, status, unpark: what is typed is kept, sealed, and never shown. */
#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"
#include "tests/lib/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

/* Runs ARGS in the place of the test's own, with INPUT. */
static struct ran told(void **state, const char *input, const char *const *args)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);

	return gabbai_told(input, ARGS(data, config), args);
}

static void assert_ran(void **state, const char *input, const char *const *args)
{
	AUTO(ran) struct ran ran = told(state, input, args);

	if (ran.code != 0)
		fail_msg("%s %s: exit code %d: %s", args[0], args[1], ran.code, ran.err);
	assert_lacks(ran.out, "Pl4nted");
	assert_lacks(ran.err, "Pl4nted");
}

static void assert_refused(void **state, const char *input, const char *const *args, int code, const char *says)
{
	AUTO(ran) struct ran ran = told(state, input, args);

	if (ran.code != code)
		fail_msg("%s %s: exit code %d, not %d: %s", args[0], args[1], ran.code, code, ran.err);
	assert_contains(ran.err, says);
	assert_lacks(ran.err, "Pl4nted");
}

/* Whether any file below the test's data has TEXT. */
static bool is_in_data(void **state, const char *text)
{
	static const char *const files[] = { "data/gabbai.db", "data/gabbai.db-wal" };

	for (size_t i = 0; i < 2; i++) {
		AUTO(text) char *path = home_file(state, files[i]);
		if (access(path, F_OK) != 0)
			continue;
		size_t size;
		AUTO(text) char *content = home_read(state, files[i], &size);
		if (memmem(content, size, text, strlen(text)))
			return true;
	}
	return false;
}

/* ---- set, list, rm ---- */

static void a_secret_is_kept_and_listed_and_never_shown(void **state)
{
	assert_ran(state, "Pl4nted-Password\nand another line\n", ARGS("secret", "set", "visa-cal", "password"));
	assert_ran(state, "Pl4nted-Id", ARGS("secret", "set", "visa-cal/mum", "id"));
	assert_ran(state, "", ARGS("secret", "set", "visa-cal", "username", "--from", "env:CAL_USER"));
	assert_ran(state, "", ARGS("secret", "set", "hotmart", "email", "--from", "exec:[\"pass\",\"show\",\"x\"]"));
	assert_false(is_in_data(state, "Pl4nted"));
	AUTO(ran) struct ran list = told(state, "", ARGS("secret", "list"));
	assert_contains(list.out, "visa-cal/default  password");
	assert_contains(list.out, "visa-cal/mum  id");
	assert_contains(list.out, "hotmart/default  email");
	assert_lacks(list.out, "Pl4nted");
	AUTO(ran) struct ran json = told(state, "", ARGS("secret", "list", "visa-cal", "--json"));
	assert_int_equal(cJSON_GetArraySize(json.json), 3);
	assert_string_equal(json_str(json.json, "0.field"), "password");
	assert_lacks(json.out, "CAL_USER");
}

static void a_secret_is_removed(void **state)
{
	assert_ran(state, "Pl4nted\n", ARGS("secret", "set", "visa-cal", "password"));
	assert_ran(state, "", ARGS("secret", "rm", "visa-cal", "password"));
	assert_refused(state, "", ARGS("secret", "rm", "visa-cal", "password"), 2, "has no password");
	AUTO(ran) struct ran list = told(state, "", ARGS("secret", "list"));
	assert_string_equal(list.out, "");
}

static const struct wrong {
	const char *name, *input;
	const char *args[8];
	int code;
	const char *says;
} wrongs[] = {
	{ "no_verb", "", { "secret" }, 2, "secret wants" },
	{ "an_unknown_verb", "", { "secret", "get", "visa-cal", "password" }, 2, "secret wants" },
	{ "an_unknown_field", "x", { "secret", "set", "visa-cal", "pin" }, 2, "username, password, id, last4, totp" },
	{ "an_unknown_site", "x", { "secret", "set", "my-bank", "password" }, 10, "my-bank" },
	{ "an_unknown_site_to_list", "", { "secret", "list", "my-bank" }, 10, "my-bank" },
	{ "a_value_as_an_argument", "", { "secret", "set", "visa-cal", "password", "Pl4nted" }, 2, "secret wants" },
	{ "no_value", "", { "secret", "set", "visa-cal", "password" }, 2, "no value" },
	{ "an_empty_line", "\nPl4nted\n", { "secret", "set", "visa-cal", "password" }, 2, "no value" },
	{ "a_literal_for_a_reference", "", { "secret", "set", "visa-cal", "password", "--from", "Pl4nted" }, 2, "env:NAME" },
	{ "a_file_without_its_folder", "", { "secret", "set", "visa-cal", "password", "--from", "file:cal" }, 2, "from the root" },
	{ "a_command_that_is_none", "", { "secret", "set", "visa-cal", "password", "--from", "exec:pass show" }, 2, "array" },
	{ "a_variable_without_a_name", "", { "secret", "set", "visa-cal", "password", "--from", "env:" }, 2, "env:" },
	{ "codes_for_a_password", "", { "secret", "set", "visa-cal", "password", "--from", "totp:GEZDGNBV" }, 2, "totp" },
	{ "a_clock_s_secret_that_is_none", "Pl4nted189\n", { "secret", "set", "visa-cal", "totp" }, 2, "Base32" },
	{ "a_clock_s_address_that_is_none", "",
		{ "secret", "set", "visa-cal", "totp", "--from", "totp:otpauth://hotp/x?secret=GEZDGNBV" }, 2, "otpauth" },
	{ "a_key_s_verb", "", { "key", "shred" }, 2, "key wants" },
	{ "unparking_nothing", "", { "unpark" }, 2, "unpark wants" },
	{ "the_status_of_an_unknown_site", "", { "status", "my-bank" }, 10, "my-bank" },
};
enum { WRONGS = sizeof wrongs / sizeof *wrongs };

static void is_told_in_a_sentence(void **state)
{
	for (const struct wrong *wrong = wrongs; wrong < wrongs + WRONGS; wrong++) {
		print_message("%s\n", wrong->name);
		assert_refused(state, wrong->input, wrong->args, wrong->code, wrong->says);
	}
	AUTO(ran) struct ran list = told(state, "", ARGS("secret", "list"));
	assert_string_equal(list.out, "");
}

static void a_value_has_a_limit(void **state)
{
	AUTO(text) char *much = xmalloc(20001);

	memset(much, 'x', 20000);
	much[20000] = '\0';
	assert_refused(state, much, ARGS("secret", "set", "visa-cal", "password"), 2, "longer than");
	much[16384] = '\0';
	assert_ran(state, much, ARGS("secret", "set", "visa-cal", "password"));
}

/* ---- what a run makes of them ---- */

/* A run of visa-cal with what is stored, up to where it needs a browser. */
static struct ran run_with(void **state, const char *more)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);

	return gabbai(ARGS(data, config, more ? more : "X=y"), ARGS("run", "visa-cal", "--no-input", "--browser", "/bin/false"));
}

static void a_run_takes_what_is_stored(void **state)
{
	AUTO(ran) struct ran none = run_with(state, NULL);
	assert_int_equal(none.code, 4);
	assert_contains(none.err, "gabbai secret set");
	assert_ran(state, "dana\n", ARGS("secret", "set", "visa-cal", "username"));
	AUTO(ran) struct ran half = run_with(state, NULL);
	assert_int_equal(half.code, 4);
	assert_contains(half.err, "GABBAI_VISA_CAL_PASSWORD");
	assert_ran(state, "", ARGS("secret", "set", "visa-cal", "password", "--from", "env:CAL_PASSWORD"));
	AUTO(ran) struct ran unset = run_with(state, NULL);
	assert_int_equal(unset.code, 2);
	assert_contains(unset.err, "CAL_PASSWORD");
	AUTO(ran) struct ran whole = run_with(state, "CAL_PASSWORD=Pl4nted");
	assert_int_equal(whole.code, 13);
	assert_ran(state, "", ARGS("secret", "set", "visa-cal", "password", "--from", "exec:[\"echo\",\"Pl4nted\"]"));
	AUTO(ran) struct ran command = run_with(state, NULL);
	assert_int_equal(command.code, 13);
	assert_lacks(command.err, "Pl4nted");
}

static void codes_of_a_clock_want_its_secret(void **state)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);
	const char *const *env = ARGS(data, config, "GABBAI_VISA_CAL_USERNAME=dana", "GABBAI_VISA_CAL_PASSWORD=Pl4nted");
	const char *const *args = ARGS("run", "visa-cal", "--otp", "totp", "--browser", "/bin/false");

	AUTO(ran) struct ran without = gabbai(env, args);
	assert_int_equal(without.code, 4);
	assert_contains(without.err, "totp");
	assert_ran(state, "", ARGS("secret", "set", "visa-cal", "totp", "--from", "totp:otpauth://totp/Cal?secret=GEZDGNBVGY3TQOJQ"));
	assert_false(is_in_data(state, "GEZDGNBV"));
	AUTO(ran) struct ran with = gabbai(env, args);
	assert_int_equal(with.code, 13);
}

static void a_stored_secret_under_another_key_is_told(void **state)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *other = xasprintf("XDG_CONFIG_HOME=%s/other", (char *)*state);

	assert_ran(state, "Pl4nted\n", ARGS("secret", "set", "visa-cal", "username"));
	AUTO(ran) struct ran ran = gabbai(ARGS(data, other), ARGS("run", "visa-cal", "--no-input", "--browser", "/bin/false"));
	assert_int_equal(ran.code, 12);
	assert_contains(ran.err, "SESSION_ENCRYPTION_KEY_OLD");
}

static void status_tells_how_a_run_ended(void **state)
{
	AUTO(ran) struct ran none = told(state, "", ARGS("status"));
	assert_int_equal(none.code, 0);
	assert_string_equal(none.out, "");
	AUTO(ran) struct ran failed = run_with(state, NULL);
	AUTO(ran) struct ran text = told(state, "", ARGS("status"));
	assert_contains(text.out, "visa-cal/default  not_connected  ran ");
	assert_contains(text.out, "NEEDS_RECONNECT");
	AUTO(ran) struct ran json = told(state, "", ARGS("status", "visa-cal/default", "--json"));
	assert_string_equal(json_str(json.json, "0.lastRun.errorType"), "NEEDS_RECONNECT");
	AUTO(ran) struct ran other = told(state, "", ARGS("status", "visa-cal/mum", "--json"));
	assert_int_equal(cJSON_GetArraySize(other.json), 0);
	assert_ran(state, "", ARGS("unpark", "visa-cal"));
}

/* ---- a terminal ---- */

static pid_t ask_on_terminal(void **state, int *terminal)
{
	AUTO(text) char *data = home_file(state, "data");
	AUTO(text) char *config = home_file(state, "config");
	const char *build = getenv("BUILD");
	AUTO(text) char *program = xasprintf("%s/gabbai", build ? build : "build/release");
	const pid_t pid = forkpty(terminal, NULL, NULL, NULL);

	if (pid == 0) {
		setenv("GABBAI_DATA_DIR", data, 1);
		setenv("XDG_CONFIG_HOME", config, 1);
		execl(program, program, "secret", "set", "visa-cal", "password", (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Reads what the terminal shows until it shows PART, or the program's end. */
static void see(int terminal, const char *part, char *shown, size_t room)
{
	size_t size = strlen(shown);

	while (!(part && strstr(shown, part)) && poll(&(struct pollfd){ .fd = terminal, .events = POLLIN }, 1, 10000) > 0) {
		const ssize_t n = read(terminal, shown + size, room - 1 - size);
		if (n <= 0)
			break;
		size += (size_t)n;
		shown[size] = '\0';
	}
	if (part)
		assert_contains(shown, part);
}

/* The prompt may be there before the terminal hides. */
static void await_echo(int terminal, bool wanted)
{
	struct termios now = { 0 };

	for (int i = 0; i < 1000; i++) {
		assert_int_equal(tcgetattr(terminal, &now), 0);
		if (((now.c_lflag & ECHO) != 0) == wanted)
			return;
		(void)poll(NULL, 0, 10);
	}
	fail_msg("the terminal %s", wanted ? "shows nothing" : "shows what is typed");
}

static void what_is_typed_is_not_shown(void **state)
{
	char shown[4096] = "";
	int terminal, status;
	const pid_t pid = ask_on_terminal(state, &terminal);

	see(terminal, "password of visa-cal/default", shown, sizeof shown);
	await_echo(terminal, false);
	assert_int_equal(write(terminal, "Pl4nted\n", 8), 8);
	see(terminal, NULL, shown, sizeof shown);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(terminal);
	assert_int_equal(status, 0);
	assert_lacks(shown, "Pl4nted");
	AUTO(ran) struct ran list = told(state, "", ARGS("secret", "list"));
	assert_contains(list.out, "password");
}

static void an_interrupt_gives_the_terminal_back(void **state)
{
	char shown[4096] = "";
	int terminal, status;
	const pid_t pid = ask_on_terminal(state, &terminal);
	AUTO(fd) int kept = -1;

	see(terminal, "password of visa-cal/default", shown, sizeof shown);
	await_echo(terminal, false);
	kept = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC); /* so that it outlives the program */
	assert_int_equal(write(terminal, "Pl4\x03", 4), 4);
	see(terminal, "interrupted", shown, sizeof shown);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	await_echo(terminal, true);
	close(terminal);
	assert_int_equal(WEXITSTATUS(status), 130);
	AUTO(ran) struct ran list = told(state, "", ARGS("secret", "list"));
	assert_string_equal(list.out, "");
}

#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, home_begin, home_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_HOME(a_secret_is_kept_and_listed_and_never_shown),
		AT_HOME(a_secret_is_removed),
		AT_HOME(is_told_in_a_sentence),
		AT_HOME(a_value_has_a_limit),
		AT_HOME(a_run_takes_what_is_stored),
		AT_HOME(codes_of_a_clock_want_its_secret),
		AT_HOME(a_stored_secret_under_another_key_is_told),
		AT_HOME(status_tells_how_a_run_ended),
		AT_HOME(what_is_typed_is_not_shown),
		AT_HOME(an_interrupt_gives_the_terminal_back),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
