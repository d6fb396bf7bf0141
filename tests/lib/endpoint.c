#include "tests/lib/endpoint.h"

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "cdp/process.h"
#include "tests/lib/asserts.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { HEAD_MAX = 8192, CHUNK = 65536, OVERLAP = 64, START_MS = 30000, END_MS = 3000 };

static void answer(int client, int status, const char *body)
{
	AUTO(text) char *text = xasprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n%s", status, strlen(body), body);

	(void)send(client, text, strlen(text), MSG_NOSIGNAL);
}

/* The head of a request; false: the client went away. */
static bool read_head(int client, char head[HEAD_MAX])
{
	size_t size = 0;

	for (; size < HEAD_MAX - 1; size++) {
		if (recv(client, head + size, 1, 0) != 1)
			return false;
		if (size >= 3 && !memcmp(head + size - 3, "\r\n\r\n", 4))
			break;
	}
	head[size + 1 < HEAD_MAX ? size + 1 : size] = '\0';
	return true;
}

static int dial(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
		close(fd);
	return fd;
}

/* Carries bytes both ways, until the browser says CUT_AT (NULL: nothing); then garbage comes. */
static void carry(int client, int browser, const char *cut_at)
{
	static char chunk[OVERLAP + CHUNK]; /* what is looked for may stand in two of them */
	char *const fresh = chunk + OVERLAP;
	struct pollfd fds[2] = { { client, POLLIN, 0 }, { browser, POLLIN, 0 } };

	while (poll(fds, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			if (!fds[i].revents)
				continue;
			const ssize_t size = recv(fds[i].fd, fresh, CHUNK, 0);
			if (size <= 0)
				return;
			if (i == 1 && cut_at && memmem(chunk, OVERLAP + (size_t)size, cut_at, strlen(cut_at))) {
				memset(fresh, 0xee, OVERLAP); /* no frame has all reserved bits */
				(void)send(client, fresh, OVERLAP, MSG_NOSIGNAL);
				return;
			}
			if (send(fds[!i].fd, fresh, (size_t)size, MSG_NOSIGNAL) != size)
				return;
			if (i == 1)
				memmove(chunk, chunk + size, OVERLAP);
		}
}

/* HEAD is a handshake: the browser gets it with its own path and host. */
static void rent_out(int client, const char *head, const struct endpoint_plan *plan, const char *cut_at)
{
	struct error err = { 0 };
	struct cdp_process *process = cdp_process_start(&(struct cdp_launch_opts){ .flags = plan->flags }, deadline_in_ms(START_MS), &err);

	if (!process) {
		answer(client, 500, err.text);
		return;
	}
	int port = 0;
	char path[256] = "";
	(void)sscanf(cdp_process_url(process), "ws://127.0.0.1:%d%255s", &port, path);
	AUTO(text) char *request = xasprintf("GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", path, port);
	const int browser = dial(port);
	bool ok = send(browser, request, strlen(request), MSG_NOSIGNAL) > 0;
	for (const char *line = strstr(head, "\r\n") + 2; ok && *line && line[0] != '\r'; line = strstr(line, "\r\n") + 2) {
		const size_t size = (size_t)(strstr(line, "\r\n") + 2 - line);
		if (strncasecmp(line, "Host:", 5) != 0 && strncasecmp(line, "Origin:", 7) != 0)
			ok = send(browser, line, size, MSG_NOSIGNAL) > 0;
	}
	if (ok && send(browser, "\r\n", 2, MSG_NOSIGNAL) == 2)
		carry(client, browser, cut_at);
	close(browser);
	cdp_process_stop(process, deadline_in_ms(0));
}

static void serve(int fd, const struct endpoint_plan *plan)
{
	AUTO(text) char *query = xasprintf("?token=%s ", plan->token), *header = xasprintf("X-Token: %s\r\n", plan->token);
	char head[HEAD_MAX];
	int busy = plan->busy, rented = 0;

	for (;;) {
		const int client = accept(fd, NULL, NULL);
		if (client >= 0 && read_head(client, head)) {
			if (!strstr(head, query) && !strcasestr(head, header))
				answer(client, 401, "{}");
			else if (busy-- > 0)
				answer(client, 429, "{}");
			else if (!strncmp(head, "GET /json/version", 17))
				answer(client, 200, "{\"webSocketDebuggerUrl\":\"ws://10.255.0.1:1/chromium\"}");
			else
				rent_out(client, head, plan, ++rented == plan->cut ? plan->cut_at : NULL);
		}
		close(client);
	}
}

void endpoint_start(struct endpoint *endpoint, const struct endpoint_plan *plan)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 16) == 0
		&& getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	endpoint->port = ntohs(at.sin_port);
	endpoint->pid = fork();
	assert_true(endpoint->pid >= 0);
	if (endpoint->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGPIPE, SIG_IGN);
		serve(fd, plan);
		_exit(0);
	}
	close(fd);
}

void endpoint_stop(struct endpoint *endpoint)
{
	if (endpoint->pid > 0) {
		(void)kill(endpoint->pid, SIGKILL); /* its browser gets that as a signal, too */
		(void)waitpid(endpoint->pid, NULL, 0);
	}
	endpoint->pid = 0;
}
