/* Running programs: see program.h. */
#include "tests/lib/program.h"

#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "scrapers/fetch.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { ARGS_MAX = 48, ENV_MAX = 16, TEXTS = 11, RUN_MS = 90000, START_MS = 10000 };

static char *built(const char *name)
{
	const char *build = getenv("BUILD");

	return xasprintf("%s/%s", build ? build : "build/release", name);
}

static char *read_all(const char *path)
{
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[8192];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	return buf_take(&text);
}

static pid_t start(char *const *argv, const char *const *env, const char *in, const char *out, const char *err)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (; env && *env; env++)
		putenv(xstrdup(*env));
	const int i = open(in, O_RDONLY), o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	const int e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(i, 0);
	dup2(o, 1);
	dup2(e, 2);
	execv(argv[0], argv);
	_exit(127);
}

/* The wait status; a program that hangs is killed. */
static int finish(pid_t pid)
{
	const struct deadline until = deadline_in_ms(RUN_MS);
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (deadline_passed(until))
			(void)kill(pid, SIGKILL);
		(void)poll(NULL, 0, 10);
	}
	return status;
}

/* ---- the site ---- */

char *cal_file(const struct cal *cal, const char *name)
{
	return xasprintf("%s/%s", cal->folder, name);
}

void cal_start(struct cal *cal, const char *const *flags)
{
	char folder[] = "/tmp/gabbai-test-XXXXXX";
	AUTO(text) char *program = built("fixture-server");
	char *argv[ARGS_MAX] = { program, (char[]){ "--cert-out" }, NULL, (char[]){ "--phone" }, NULL };
	size_t count = 5;

	assert_non_null(mkdtemp(folder));
	*cal = (struct cal){ .folder = xstrdup(folder) };
	AUTO(text) char *cert = cal_file(cal, "cert.pem");
	AUTO(text) char *phone = cal_file(cal, "phone");
	AUTO(text) char *ready = cal_file(cal, "ready");
	AUTO(text) char *err = cal_file(cal, "err");
	argv[2] = cert;
	argv[4] = phone;
	for (; flags && *flags; flags++)
		argv[count++] = (char *)*flags;
	cal->pid = start(argv, NULL, "/dev/null", ready, err);
	for (const struct deadline until = deadline_in_ms(START_MS); !cal->port && !deadline_passed(until);) {
		AUTO(text) char *said = read_all(ready);
		AUTO(json) cJSON *json = json_parse(said, strlen(said), NULL);
		int64_t port;
		if (json_int(json, "port", &port))
			cal->port = (int)port;
		else
			(void)poll(NULL, 0, 10);
	}
	assert_int_not_equal(cal->port, 0);
}

void cal_stop(struct cal *cal)
{
	if (cal->pid > 0) {
		(void)kill(cal->pid, SIGTERM);
		(void)waitpid(cal->pid, NULL, 0);
	}
	if (cal->folder)
		folder_remove(cal->folder);
	free(cal->folder);
	*cal = (struct cal){ 0 };
}

cJSON *cal_ask(const struct cal *cal, const char *url)
{
	AUTO(text) char *cert = cal_file(cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*:443:127.0.0.1:%d", cal->port);
	const char *const rules[] = { rule, NULL };
	struct fetch f = { .url = url };
	struct error err = { 0 };

	const bool ok = fetch_all(&(struct fetch_network){ .connect_to = rules, .cacert = cert }, &f, 1, 1,
		deadline_in_ms(START_MS), &err);
	cJSON *json = ok ? json_parse(buf_text(&f.reply), f.reply.size, &err) : NULL;
	if (!json)
		fail_msg("%s: HTTP %d %s %s", url, f.status, f.why ? f.why : "", err.text);
	fetch_clear(&f);
	return json;
}

static cJSON *journal(const struct cal *cal)
{
	return cal_ask(cal, "https://localhost/_journal");
}

int cal_seen(const struct cal *cal, const char *part)
{
	AUTO(json) cJSON *all = journal(cal);
	const cJSON *one;
	int count = 0;

	cJSON_ArrayForEach (one, all) {
		const char *path = json_str(one, "path");
		int64_t ms;
		count += json_int(one, "ms", &ms) && ms > cal->since_ms && path && strstr(path, part);
	}
	return count;
}

void cal_forget(struct cal *cal)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	cal->since_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	(void)poll(NULL, 0, 2); /* so that what comes now is later */
}

/* ---- gabbai ---- */

void ran_clear(struct ran *ran)
{
	free(ran->out);
	free(ran->err);
	cJSON_Delete(ran->json);
	*ran = (struct ran){ 0 };
}

/* A file with TEXT, and its name in PATH. */
static void write_input(char *path, const char *text)
{
	const int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

int cal_browser_port(const struct cal *cal)
{
	DIR *dir = opendir(cal->folder);
	int port = 0;

	for (const struct dirent *entry; dir && !port && (entry = readdir(dir));) {
		if (strncmp(entry->d_name, "gabbai-run-", 11) != 0)
			continue;
		AUTO(text) char *path = xasprintf("%s/%s/profile/DevToolsActivePort", cal->folder, entry->d_name);
		AUTO(file) FILE *f = fopen(path, "re");
		char line[16] = "";
		if (f && fgets(line, sizeof line, f))
			port = (int)strtol(line, NULL, 10);
	}
	if (dir)
		closedir(dir);
	return port;
}

struct ran gabbai(const char *const *env, const char *const *args)
{
	return gabbai_told("", env, args);
}

struct ran gabbai_told(const char *input, const char *const *env, const char *const *args)
{
	AUTO(text) char *program = built("gabbai");
	char home[] = "/tmp/gabbai-home-XXXXXX";
	char in[] = "/tmp/gabbai-in-XXXXXX", out[] = "/tmp/gabbai-out-XXXXXX", err[] = "/tmp/gabbai-err-XXXXXX";
	char *argv[ARGS_MAX] = { program };

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = (char *)args[i];
	write_input(in, input);
	close(mkstemp(out));
	close(mkstemp(err));
	const int64_t began = clock_ms();
	assert_non_null(mkdtemp(home));
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", home);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", home);
	const char *all[ENV_MAX] = { data, config };
	for (size_t i = 2; i < ENV_MAX - 1 && env && *env; i++)
		all[i] = *env++;
	const int status = finish(start(argv, all, in, out, err));
	struct ran ran = { .code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status),
		.out = read_all(out), .err = read_all(err), .ms = clock_ms() - began };
	ran.json = json_parse(ran.out, strlen(ran.out), NULL);
	(void)unlink(in);
	(void)unlink(out);
	(void)unlink(err);
	folder_remove(home);
	return ran;
}

/* What a run on the site needs, made from CAL; owned by the caller. */
struct line {
	char *texts[TEXTS];
	const char *env[7], *args[ARGS_MAX];
};

static void line_make(struct line *l, const struct cal *cal, const char *site, const char *user, const char *password)
{
	l->texts[0] = xasprintf("GABBAI_VISA_CAL_USERNAME=%s", user);
	l->texts[1] = xasprintf("GABBAI_VISA_CAL_PASSWORD=%s", password);
	l->texts[2] = cal_file(cal, "cert.pem");
	l->texts[3] = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal->port);
	l->texts[4] = xasprintf("*.calconnect-id.co.il:443:127.0.0.1:%d", cal->port);
	l->texts[5] = xasprintf("exec:[\"fixtures/phone\",\"%s/phone\"]", cal->folder);
	l->texts[6] = xasprintf("GABBAI_DATA_DIR=%s/data", cal->folder);
	l->texts[7] = xasprintf("XDG_CONFIG_HOME=%s/config", cal->folder);
	if (!cal->keeps) {
		AUTO(text) char *data = cal_file(cal, "data");
		folder_remove(data);
	}
	l->texts[8] = xasprintf("GABBAI_HOTMART_EMAIL=%s%s", user, *user ? "@example.com" : "");
	l->texts[9] = xasprintf("GABBAI_HOTMART_PASSWORD=%s", password);
	l->texts[10] = xasprintf("*hotmart.com:443:127.0.0.1:%d", cal->port);
	memcpy(l->env, (const char *[]){ l->texts[0], l->texts[1], l->texts[6], l->texts[7], l->texts[8], l->texts[9], NULL },
		sizeof l->env);
	const char *const args[] = { "run", site, "-f", !strcmp(site, "hotmart") ? "json" : "ibs", "--no-input", "--cacert",
		l->texts[2], "--connect-to", l->texts[3], "--connect-to", l->texts[4], "--connect-to", l->texts[10], "--otp",
		l->texts[5] };
	memcpy(l->args, args, sizeof args);
}

/* Another command than run, with the credentials of USER ("": none). */
static void line_make_other(struct line *l, const struct cal *cal, const char *user, const char *const *words)
{
	size_t count = 0;

	line_make(l, cal, "", user, *user ? "Secret123" : "");
	for (; *words; words++)
		l->args[count++] = *words;
	const char *const network[] = { "--no-input", "--cacert", l->texts[2], "--connect-to", l->texts[3], "--connect-to",
		l->texts[4], "--connect-to", l->texts[10], NULL };
	memcpy(l->args + count, network, sizeof network);
}

static void line_clear(struct line *l)
{
	for (size_t i = 0; i < TEXTS; i++)
		free(l->texts[i]);
}

static void line_make_run(struct line *l, const struct cal *cal, const char *site, const char *user, const char *password,
	const char *const *more)
{
	AUTO(text) char *phone = cal_file(cal, "phone");
	size_t count = 0;

	(void)unlink(phone); /* what it said to others */
	line_make(l, cal, site, user, password);
	while (l->args[count])
		count++;
	for (; more && *more; more++)
		l->args[count++] = *more;
}

static struct ran run_site(const struct cal *cal, const char *site, const char *user, const char *password,
	const char *const *more)
{
	struct line l = { 0 };

	line_make_run(&l, cal, site, user, password, more);
	struct ran ran = gabbai(l.env, l.args);
	line_clear(&l);
	return ran;
}

struct ran gabbai_cal(const struct cal *cal, const char *user, const char *password, const char *const *more)
{
	return run_site(cal, "visa-cal", user, password, more);
}

struct ran gabbai_hotmart(const struct cal *cal, const char *user, const char *password, const char *const *more)
{
	return run_site(cal, "hotmart", user, password, more);
}

pid_t gabbai_begin(const char *const *env, const char *const *args, const char *out)
{
	AUTO(text) char *program = built("gabbai");
	AUTO(text) char *err = xasprintf("%s.err", out);
	char *argv[ARGS_MAX] = { program };

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = (char *)args[i];
	return start(argv, env, "/dev/null", out, err);
}

static pid_t line_start(const struct line *l, const struct cal *cal, const char *name)
{
	AUTO(text) char *out = cal_file(cal, name);

	return gabbai_begin(l->env, l->args, out);
}

pid_t gabbai_start(const struct cal *cal, const char *site, const char *user, const char *const *more, const char *name)
{
	struct line l = { 0 };

	line_make_run(&l, cal, site, user, "Secret123", more);
	const pid_t pid = line_start(&l, cal, name);
	line_clear(&l);
	return pid;
}

struct ran gabbai_on(const struct cal *cal, const char *const *words)
{
	struct line l = { 0 };

	line_make_other(&l, cal, "", words);
	struct ran ran = gabbai(l.env, l.args);
	line_clear(&l);
	return ran;
}

pid_t gabbai_on_start(const struct cal *cal, const char *const *words, const char *out)
{
	return gabbai_on_start_as(cal, "", words, out);
}

pid_t gabbai_on_start_as(const struct cal *cal, const char *user, const char *const *words, const char *out)
{
	struct line l = { 0 };

	line_make_other(&l, cal, user, words);
	const pid_t pid = line_start(&l, cal, out);
	line_clear(&l);
	return pid;
}

int program_end(pid_t pid)
{
	const int status = finish(pid);

	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
