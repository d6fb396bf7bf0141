/* Passwords, codes, tokens and cookies stay where they belong: what the test sites have seen of them is looked
 * for in all that gabbai says at -vv, in its files, in its run directories while it works, and in the command
 * lines and environments of its processes. */
#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/processes.h"
#include "tests/lib/program.h"

#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SECRETS_MAX = 4096,
	SECRETS_LEAST = 20,
	SECRET_MIN = 8, /* shorter values of cookies are words, not keys */
	NOBODY = 65534,
	PIDS_MAX = 64,
};

#define ARGS(...)  ((const char *[]){ __VA_ARGS__, NULL })
#define KEY        "c0ffee5eedc0ffee5eedc0ffee5eedc0ffee5eedc0ffee5eedc0ffee5eed0042"
#define PASSWORD   "Secret123"
#define WRONG      "Mistaken456"

static struct cal cal;

/* ---- what is secret ---- */

static char *secrets[SECRETS_MAX];
static size_t secret_count;

static void add_secret(const char *text, size_t size)
{
	for (size_t i = 0; i < secret_count; i++)
		if (strlen(secrets[i]) == size && !memcmp(secrets[i], text, size))
			return;
	if (size >= SECRET_MIN && secret_count < SECRETS_MAX)
		secrets[secret_count++] = xstrndup(text, size);
}

/* "a=1; b=2" */
static void add_cookies(const char *header)
{
	while (header && *header) {
		const size_t size = strcspn(header, ";"), name = strcspn(header, "=");
		if (name < size)
			add_secret(header + name + 1, size - name - 1);
		header += size + strspn(header + size, "; ");
	}
}

/* What the sites have been sent. */
static void learn_from_requests(void)
{
	AUTO(json) cJSON *journal = cal_ask(&cal, "https://localhost/_journal");
	const cJSON *one, *piece;

	cJSON_ArrayForEach (one, journal) {
		const char *bearer = json_str(one, "headers.authorization"), *token = bearer ? strchr(bearer, ' ') : NULL;
		if (token)
			add_secret(token + 1, strlen(token + 1));
		cJSON_ArrayForEach (piece, json_at(one, "query")) {
			const char *text = cJSON_GetStringValue(piece);
			if (!strncmp(text, "ticket=", 7) || !strncmp(text, "code=", 5))
				add_secret(strchr(text, '=') + 1, strlen(strchr(text, '=') + 1));
		}
		add_cookies(json_str(one, "headers.cookie"));
	}
}

/* The codes on the phone; they are shorter than all else, and never part of a longer number. */
static size_t read_codes(char codes[][8], size_t max)
{
	AUTO(text) char *path = cal_file(&cal, "phone");
	AUTO(file) FILE *f = fopen(path, "re");
	char line[512];
	size_t count = 0;

	while (f && count < max && fgets(line, sizeof line, f)) {
		AUTO(json) cJSON *message = json_parse(line, strlen(line), NULL);
		const char *code = json_str(message, "code");
		if (code && strlen(code) < 8)
			memcpy(codes[count++], code, strlen(code) + 1);
	}
	return count;
}

static bool is_number(char c)
{
	return isdigit((unsigned char)c) || c == '.';
}

static bool has_code(const char *text, size_t size, const char *code)
{
	const size_t length = strlen(code);

	for (const char *at = text; (at = memmem(at, (size_t)(text + size - at), code, length)); at++)
		if ((at == text || !is_number(at[-1])) && (at + length == text + size || !is_number(at[length])))
			return true;
	return false;
}

static const char *secret_in(const char *text, size_t size)
{
	static const char *const planted[] = { PASSWORD, WRONG, KEY };
	static char codes[16][8];

	for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
		if (memmem(text, size, planted[i], strlen(planted[i])))
			return planted[i];
	for (size_t i = 0; i < secret_count; i++)
		if (memmem(text, size, secrets[i], strlen(secrets[i])))
			return secrets[i];
	for (size_t i = 0, count = read_codes(codes, 16); i < count; i++)
		if (has_code(text, size, codes[i]))
			return codes[i];
	return NULL;
}

static void assert_clean(const char *where, const char *text, size_t size)
{
	const char *secret = secret_in(text, size);

	if (!secret)
		return;
	const char *at = memmem(text, size, secret, strlen(secret));
	const size_t before = (size_t)(at - text) < 200 ? (size_t)(at - text) : 200;
	fail_msg("%s has the secret \"%s\": %.*s", where, secret, (int)(before + strlen(secret)), at - before);
}

/* ---- files ---- */

/* Those that the test and the site's server make; what is exported is the session itself. */
static bool is_ours(const char *path)
{
	static const char *const names[] = { "/phone", "/cert.pem", "/ready", "/err", "/exported" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(path + strlen(cal.folder), names[i]))
			return true;
	return false;
}

static int files_read;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
	char chunk[65536];
	struct buf text = { 0 };

	(void)st;
	(void)at;
	if (type != FTW_F || is_ours(path))
		return 0;
	AUTO(file) FILE *f = fopen(path, "re");
	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	files_read++;
	assert_clean(path, buf_text(&text), text.size);
	buf_clear(&text);
	return 0;
}

/* Everything that there is now, also what disappears meanwhile. */
static void assert_files_are_clean(void)
{
	(void)nftw(cal.folder, look_into, 16, FTW_PHYS);
}

/* ---- runs ---- */

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	setenv("XDG_RUNTIME_DIR", cal.folder, 1);
	setenv("SESSION_ENCRYPTION_KEY", KEY, 1);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("SESSION_ENCRYPTION_KEY");
	for (size_t i = 0; i < secret_count; i++)
		free(secrets[i]);
	secret_count = 0;
	cal_stop(&cal);
	return 0;
}

static void assert_said_nothing(const char *what, const struct ran *ran, int wanted)
{
	if (ran->code != wanted)
		fail_msg("%s: exit code %d, not %d: %.2000s", what, ran->code, wanted, ran->err);
	learn_from_requests();
	assert_clean("the standard output", ran->out, strlen(ran->out));
	assert_clean("the standard error", ran->err, strlen(ran->err));
	assert_files_are_clean();
}

static const struct {
	const char *site, *user, *password;
	int code;
} runs[] = {
	{ "visa-cal", "otp6",    PASSWORD, 0 },
	{ "visa-cal", "otpdead", PASSWORD, 6 },
	{ "visa-cal", "dana",    WRONG,    7 },
	{ "visa-cal", "expired", PASSWORD, 7 },
	{ "visa-cal", "one401",  PASSWORD, 4 },
	{ "hotmart",  "nova",    PASSWORD, 0 },
	{ "hotmart",  "wrong",   PASSWORD, 6 },
	{ "hotmart",  "maria",   WRONG,    7 },
	{ "hotmart",  "dies",    PASSWORD, 4 },
	{ "hotmart",  "expired", PASSWORD, 0 },
};

static void runs_tell_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		const char *const *more = ARGS("-vv", "--tier", "login", "--max-logins", "100");
		AUTO(ran) struct ran ran = !strcmp(runs[i].site, "hotmart")
			? gabbai_hotmart(&cal, runs[i].user, runs[i].password, more)
			: gabbai_cal(&cal, runs[i].user, runs[i].password, more);
		assert_contains(ran.err, "Page.navigate"); /* the protocol is there to look into */
		assert_said_nothing(runs[i].user, &ran, runs[i].code);
	}
	assert_true(secret_count >= SECRETS_LEAST);
}

static void sessions_tell_nothing(void **state)
{
	static const char *const sites[] = { "visa-cal", "hotmart" };
	AUTO(text) char *file = cal_file(&cal, "exported");

	(void)state;
	AUTO(ran) struct ran one = gabbai_cal(&cal, "otp6", PASSWORD, NULL);
	AUTO(ran) struct ran two = gabbai_hotmart(&cal, "nova", PASSWORD, NULL);
	assert_int_equal(one.code + two.code, 0);
	for (size_t i = 0; i < 2; i++) {
		AUTO(text) char *other = xasprintf("%s/other", sites[i]);
		const char *const *const commands[] = {
			ARGS("run", sites[i], "--no-login", "-f", "json", "-vv"),
			ARGS("run", sites[i], "--no-login", "-f", "json", "-vv", "--tier", "restored"),
			ARGS("session", "list", "--json", "-vv"),
			ARGS("session", "show", sites[i], "-vv"),
			ARGS("session", "verify", sites[i], "-vv"),
			ARGS("session", "export", sites[i], "-f", "gabbai", "-o", file, "-vv"),
			ARGS("session", "import", other, file, "-vv"),
			ARGS("connect", other, file, "--via", "import", "-vv"),
			ARGS("session", "forget", other, "-vv"),
		};
		for (size_t n = 0; n < sizeof commands / sizeof *commands; n++) {
			AUTO(ran) struct ran ran = gabbai_on(&cal, commands[n]);
			assert_said_nothing(commands[n][1], &ran, 0);
		}
		struct stat st;
		assert_int_equal(stat(file, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		(void)unlink(file);
	}
}

/* ---- while a login is under way ---- */

static bool is_browser(const char *command, size_t size)
{
	return memmem(command, size, "--user-data-dir", 15) || memmem(command, size, "crashpad", 8);
}

/* How many processes of Chromium were looked at. */
static int look_at_processes(pid_t us)
{
	pid_t pids[PIDS_MAX];
	const size_t all = processes_that_mention(cal.folder, pids, PIDS_MAX);
	int browsers = 0;

	for (size_t i = 0; i < all && i < PIDS_MAX; i++) {
		size_t command_size, environment_size;
		AUTO(text) char *command = process_text(pids[i], "cmdline", &command_size);
		AUTO(text) char *environment = process_text(pids[i], "environ", &environment_size);
		const bool browser = is_browser(command, command_size);
		if (pids[i] == cal.pid)
			continue;
		assert_clean("a command line", command, command_size);
		browsers += browser;
		/* gabbai itself has wiped its environment when there is a browser. */
		if (browser)
			assert_clean("Chromium's environment", environment, environment_size);
		else if (pids[i] != us)
			assert_clean("a helper's environment", environment, environment_size);
	}
	if (browsers) {
		size_t size;
		AUTO(text) char *environment = process_text(us, "environ", &size);
		assert_clean("gabbai's environment", environment, size);
	}
	return browsers;
}

static void a_login_shows_nothing(void **state)
{
	static const struct {
		const char *site, *user;
	} logins[] = {
		{ "visa-cal", "slow" }, { "visa-cal", "otp6" }, { "hotmart", "slow" }, { "hotmart", "nova" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *const *more = ARGS("--tier", "login", "--max-logins", "100", "-vv");
		const pid_t pid = gabbai_start(&cal, logins[i].site, logins[i].user, more, "run");
		int browsers = 0, status = -1;
		files_read = 0;
		while (waitpid(pid, &status, WNOHANG) == 0) {
			browsers += look_at_processes(pid);
			learn_from_requests();
			assert_files_are_clean();
			(void)poll(NULL, 0, 20);
		}
		if (status != 0) {
			AUTO(text) char *path = cal_file(&cal, "run.err");
			AUTO(file) FILE *f = fopen(path, "re");
			char line[512];
			while (f && fgets(line, sizeof line, f))
				if (!strncmp(line, "error: ", 7))
					print_error("%s as %s: %s", logins[i].site, logins[i].user, line);
		}
		assert_int_equal(status, 0);
		assert_true(browsers > 10);
		assert_true(files_read > 50);
	}
}

/* ---- the process itself ---- */

/* As nobody, with its input held open: it waits there. */
static pid_t start_waiting(const char *program, int input)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	AUTO(text) char *folder = xasprintf("%s-nobody", cal.folder);
	AUTO(text) char *data = xasprintf("%s/data", folder), *config = xasprintf("%s/config", folder);
	setenv("GABBAI_DATA_DIR", data, 1);
	setenv("XDG_CONFIG_HOME", config, 1);
	dup2(input, 0);
	if (geteuid() == 0 && (mkdir(folder, 0700) != 0 || chown(folder, NOBODY, NOBODY) != 0 || setgid(NOBODY) != 0
			|| setuid(NOBODY) != 0))
		_exit(126);
	execl(program, program, "session", "import", "hotmart", "-", (char *)NULL);
	_exit(127);
}

static bool dumps_no_core(pid_t pid)
{
	char soft[16] = "", hard[16] = "";
	size_t size;
	AUTO(text) char *limits = process_text(pid, "limits", &size);
	const char *core = strstr(limits, "Max core file size");

	return core && sscanf(core + 18, " %15s %15s", soft, hard) == 2 && !strcmp(soft, "0") && !strcmp(hard, "0");
}

/* What belongs to a process that is not dumpable is root's, whoever runs it. */
static bool is_hidden(pid_t pid)
{
#ifdef __SANITIZE_ADDRESS__ /* which looks for leaks from outside */
	(void)pid;
	return true;
#else
	AUTO(text) char *path = xasprintf("/proc/%d/environ", (int)pid);
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == 0;
#endif
}

static void nobody_looks_into_the_process(void **state)
{
	const char *build = getenv("BUILD");
	AUTO(text) char *program = xasprintf("%s/gabbai", build ? build : "build/release");
	AUTO(text) char *folder = xasprintf("%s-nobody", cal.folder);
	const struct deadline until = deadline_in_ms(5000);
	int ends[2], status = 0;
	bool ended = false, no_core = false, hidden = false;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const pid_t pid = start_waiting(program, ends[0]);
	while (!(no_core && hidden) && !deadline_passed(until) && !(ended = waitpid(pid, &status, WNOHANG) == pid)) {
		no_core = dumps_no_core(pid);
		hidden = no_core && is_hidden(pid); /* before the limit it is not gabbai yet */
		(void)poll(NULL, 0, 10);
	}
	if (!ended) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
	}
	close(ends[0]);
	close(ends[1]);
	folder_remove(folder);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 126)
		skip(); /* the program lies where nobody may read it */
	assert_true(no_core);
	assert_true(hidden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_tell_nothing),
		cmocka_unit_test(sessions_tell_nothing),
		cmocka_unit_test(a_login_shows_nothing),
		cmocka_unit_test(nobody_looks_into_the_process),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
