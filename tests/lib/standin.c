#include "tests/lib/standin.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "tests/lib/asserts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEARD_MAX = 4 << 20, LINE_MAX_SIZE = 4096 };

static char *file_of(const struct standin *s, const char *name)
{
	return xasprintf("%s/%s.%d", s->folder, name, s->port);
}

static char *read_file(const char *path)
{
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf out = { 0 };
	char chunk[4096];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&out, chunk, n);
	return buf_take(&out);
}

static void keep(const struct standin *s, cJSON *heard)
{
	AUTO(json) cJSON *own = heard;
	AUTO(text) char *path = file_of(s, "heard");
	AUTO(text) char *line = json_print(own);
	AUTO(file) FILE *f = fopen(path, "ae");

	if (f)
		fprintf(f, "%s\n", line);
}

/* ---- HTTP ---- */

static void send_text(int fd, const char *text)
{
	(void)!write(fd, text, strlen(text));
}

/* LAST is the end of the path that was asked for. */
static void reply(const struct standin *s, int fd, const char *last)
{
	AUTO(text) char *general = file_of(s, "answer");
	AUTO(text) char *path = file_of(s, last);
	AUTO(text) char *how = read_file(access(path, R_OK) == 0 ? path : general);
	AUTO(text) char *name = xstrdup(strchr(how, ' ') ? strchr(how, ' ') + 1 : "");
	AUTO(text) char *file = xasprintf("%s/%s", s->folder, name);
	AUTO(text) char *body = *name ? read_file(file) : xstrdup("");
	const char *said = *body ? body : "{\"ok\":true,\"result\":[]}";
	AUTO(text) char *all = xasprintf("HTTP/1.1 %d x\r\ncontent-type: application/json\r\ncontent-length: %zu\r\nconnection: close"
		"\r\n\r\n%s", *how ? (int)strtol(how, NULL, 10) : 200, strlen(said), said);

	send_text(fd, all);
}

static void serve_http(const struct standin *s, int fd)
{
	AUTO(buf) struct buf in = { .size_max = HEARD_MAX };
	char chunk[4096];
	size_t body = 0;

	for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;) {
		buf_append(&in, chunk, (size_t)n);
		const char *end = strstr(buf_text(&in), "\r\n\r\n"), *length = strcasestr(buf_text(&in), "\r\ncontent-length:");
		if (end && strcasestr(buf_text(&in), "\r\nexpect: 100-continue") && !body)
			send_text(fd, "HTTP/1.1 100 Continue\r\n\r\n");
		if (end)
			body = (size_t)(end - in.data) + 4;
		if (end && in.size >= body + (length ? strtoul(length + 17, NULL, 10) : 0))
			break;
	}
	if (!body)
		return;
	char method[16] = "", path[1024] = "";
	(void)sscanf(in.data, "%15s %1023s", method, path);
	AUTO(text) char *head = xstrndup(in.data, body);
	keep(s, json_object(JSON_STR("method", method), JSON_STR("path", path), JSON_STR("head", head),
		JSON_STR("body", in.data + body)));
	reply(s, fd, strrchr(path, '/') && strrchr(path, '/')[1] ? strrchr(path, '/') + 1 : "answer");
}

/* ---- SMTP ---- */

static void serve_smtp(const struct standin *s, int fd)
{
	const int copy = dup(fd); /* a FILE of its own for reading */
	AUTO(file) FILE *in = copy < 0 ? NULL : fdopen(copy, "r");
	AUTO(buf) struct buf all = { .size_max = HEARD_MAX };
	char line[LINE_MAX_SIZE];
	bool data = false, password = false;

	send_text(fd, "220 stand-in\r\n");
	while (in && fgets(line, sizeof line, in)) {
		buf_puts(&all, line);
		if (data) {
			data = strcmp(line, ".\r\n") != 0;
			if (!data)
				send_text(fd, "250 kept\r\n");
		} else if (!strncasecmp(line, "EHLO", 4)) {
			send_text(fd, "250-stand-in\r\n250 AUTH PLAIN\r\n");
		} else if (password || !strncasecmp(line, "AUTH", 4)) {
			password = !password && !strchr(line + 5, ' ');
			send_text(fd, password ? "334 \r\n" : "235 welcome\r\n");
		} else if (!strncasecmp(line, "DATA", 4)) {
			data = true;
			send_text(fd, "354 go on\r\n");
		} else {
			send_text(fd, !strncasecmp(line, "QUIT", 4) ? "221 bye\r\n" : "250 fine\r\n");
		}
	}
	keep(s, json_object(JSON_STR("method", "SMTP"), JSON_STR("path", ""), JSON_STR("head", ""), JSON_STR("body", buf_text(&all))));
}

/* ---- both ---- */

void standin_start(struct standin *s, char *folder, bool smtp)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof at;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*s = (struct standin){ .folder = folder };
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 16) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	s->port = ntohs(at.sin_port);
	s->pid = fork();
	if (s->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			const int peer = accept(fd, NULL, NULL);
			if (peer >= 0 && fork() == 0) { /* several at a time: one waits for messages that do not come */
				if (smtp)
					serve_smtp(s, peer);
				else
					serve_http(s, peer);
				_exit(0);
			}
			close(peer);
		}
	}
	close(fd);
}

void standin_stop(struct standin *s)
{
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}

void standin_answer(const struct standin *s, int status, const char *name)
{
	standin_answer_to(s, "answer", status, name);
}

void standin_answer_to(const struct standin *s, const char *last, int status, const char *name)
{
	AUTO(text) char *path = file_of(s, last);
	AUTO(file) FILE *f = fopen(path, "we");

	assert_non_null(f);
	fprintf(f, "%d %s", status, name);
}

cJSON *standin_heard(const struct standin *s)
{
	AUTO(text) char *path = file_of(s, "heard");
	AUTO(text) char *text = read_file(path);
	cJSON *list = cJSON_CreateArray();
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		json_add(list, JSON_NODE(NULL, json_parse(line, strlen(line), NULL)));
	return list;
}

void standin_forget(const struct standin *s)
{
	AUTO(text) char *path = file_of(s, "heard");

	(void)unlink(path);
}

char *standin_header(const cJSON *heard, const char *name)
{
	AUTO(text) char *mark = xasprintf("\r\n%s: ", name);
	const char *at = json_str(heard, "head") ? strcasestr(json_str(heard, "head"), mark) : NULL;

	return at ? xstrndup(at + strlen(mark), strcspn(at + strlen(mark), "\r\n")) : NULL;
}
