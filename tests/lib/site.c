/* The general test site and one browser: see site.h. */
#include "tests/lib/site.h"

#include "cdp/base/buf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct site site;
const char *const *site_flags;
static pid_t server;

/* ---- the server ---- */

static pid_t start_server(FILE **out)
{
	const char *build = getenv("BUILD");
	AUTO(text) char *path = xasprintf("%s/fixture-server", build ? build : "build/release");
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	const pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (dup2(ends[1], STDOUT_FILENO) >= 0)
			execl(path, path, (char *)NULL);
		perror(path);
		_exit(127);
	}
	close(ends[1]);
	*out = fdopen(ends[0], "r");
	return pid;
}

int site_serve(void **state)
{
	char line[1024];
	FILE *out = NULL;
	int64_t port, http_port;

	(void)state;
	alarm(PROGRAM_S);
	signal(SIGPIPE, SIG_IGN);
	server = start_server(&out);
	const bool said = out && fgets(line, sizeof line, out);
	if (out)
		(void)fclose(out);
	AUTO(json) cJSON *ready = said ? json_parse(line, strlen(line), NULL) : NULL;
	if (!json_int(ready, "port", &port) || !json_int(ready, "http_port", &http_port)) {
		(void)fputs("the fixture server does not start: make fixture-server?\n", stderr);
		return -1;
	}
	site.port = (int)port;
	site.http_port = (int)http_port;
	return 0;
}

int site_start(void **state)
{
	const struct cdp_launch_opts opts = { .flags = site_flags };

	if (site_serve(state) != 0)
		return -1;
	site.browser = cdp_browser_launch(&opts, deadline_in_ms(20000), &site.err);
	if (!site.browser)
		(void)fprintf(stderr, "%s\n", site.err.text);
	return site.browser ? 0 : -1;
}

static const char *pool[24];
static size_t pool_next;

static const char *keep(char *text)
{
	const size_t at = pool_next++ % (sizeof pool / sizeof *pool);

	free((char *)(uintptr_t)pool[at]);
	return pool[at] = text;
}

int site_stop(void **state)
{
	(void)state;
	if (site.browser)
		cdp_browser_free(TAKE(site.browser));
	if (server > 0) {
		kill(server, SIGTERM);
		(void)waitpid(server, NULL, 0);
		server = 0;
	}
	for (size_t i = 0; i < sizeof pool / sizeof *pool; i++)
		keep(NULL);
	return 0;
}

int site_page(void **state)
{
	(void)state;
	site.page = cdp_page_open(site.browser, NULL, NULL, deadline_in_ms(20000), &site.err);
	if (!site.page)
		(void)fprintf(stderr, "%s\n", site.err.text);
	return site.page ? 0 : -1;
}

int site_page_end(void **state)
{
	(void)state;
	if (site.page)
		cdp_page_free(TAKE(site.page));
	return 0;
}

/* ---- words ---- */

const char *words(const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	const int size = vasprintf(&text, format, args);
	va_end(args);
	return keep(size < 0 ? NULL : text);
}

const char *here(const char *path)
{
	return words("http://127.0.0.1:%d/%s", site.http_port, path + (*path == '/'));
}

const char *there(const char *path)
{
	return words("http://localhost:%d/%s", site.http_port, path + (*path == '/'));
}

const char *secure(const char *path)
{
	return words("https://127.0.0.1:%d/%s", site.port, path + (*path == '/'));
}

const char *encoded(const char *text)
{
	struct buf out = { 0 };

	for (; *text; text++)
		(void)(isalnum((unsigned char)*text) || strchr("-_./:,()!*~", *text) ? buf_putc(&out, *text)
			: buf_printf(&out, "%%%02X", (unsigned char)*text));
	return keep(buf_take(&out));
}

/* A frame is looked for by parts of its URL: the content must not stay there. */
const char *doc(const char *html)
{
	return words("status?c=200&body=%s%s", encoded("<!doctype html><script>history.replaceState(0,0,'/shown')</script>"),
		encoded(html));
}

/* ---- the page ---- */

void go(const char *url)
{
	const struct cdp_goto_opts opts = { .timeout_ms = SOON_MS };

	assert_ok(cdp_page_goto(site.page, url, &opts, NULL, &site.err), &site.err);
}

void show(const char *html)
{
	go(here(doc(html)));
}

char *js_in(struct cdp_page *page, struct cdp_frame *frame, const char *expression)
{
	const struct cdp_eval_opts opts = { .frame = frame, .timeout_ms = SOON_MS };
	AUTO(json) cJSON *value = cdp_page_eval(page, expression, &opts, &site.err);

	assert_ok(value != NULL, &site.err);
	return json_print(value);
}

cJSON *journal_read(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)site.http_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const char request[] = "GET /_journal HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
	AUTO(buf) struct buf in = { 0 };
	char part[4096];

	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
	for (ssize_t got; (got = read(fd, part, sizeof part)) > 0;)
		(void)buf_append(&in, part, (size_t)got);
	close(fd);
	const char *body = strstr(buf_text(&in), "\r\n\r\n");
	assert_non_null(body);
	cJSON *journal = json_parse(body + 4, strlen(body + 4), &site.err);
	assert_ok(journal != NULL, &site.err);
	return journal;
}

/* ---- processes ---- */

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512] = "";
	int parent = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return 0;
	const char *after = strrchr(text, ')');
	return after && sscanf(after, ") %*c %d", &parent) == 1 ? parent : 0;
}

static bool says(pid_t pid, const char *part)
{
	char path[64], text[8192];

	(void)snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text);
	return size > 0 && memmem(text, (size_t)size, part, strlen(part)) != NULL;
}

size_t descendants(pid_t parent, const char *part, pid_t *out, size_t max)
{
	DIR *proc = opendir("/proc");
	size_t found = 0;

	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		pid_t up = pid;
		while (up > 1 && up != parent)
			up = parent_of(up);
		if (pid > 0 && pid != parent && up == parent && found < max && says(pid, part))
			out[found++] = pid;
	}
	if (proc)
		(void)closedir(proc);
	return found;
}

pid_t stop_renderer(struct cdp_browser *browser, struct cdp_page *page)
{
	const struct cdp_eval_opts opts = { .timeout_ms = 300 };
	pid_t pids[32];
	const size_t count = descendants(cdp_browser_pid(browser), "--type=renderer", pids, 32);

	for (size_t i = 0; i < count; i++) {
		kill(pids[i], SIGSTOP);
		AUTO(json) cJSON *answer = cdp_page_eval(page, "1", &opts, NULL);
		if (!answer)
			return pids[i];
		kill(pids[i], SIGCONT);
	}
	return 0;
}
