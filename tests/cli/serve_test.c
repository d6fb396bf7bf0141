/* gabbai serve: where it listens, and under which names it answers. */
#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"
#include "tests/lib/program.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { START_MS = 20000, LOOK_MS = 20 };

/* One that nobody has at the moment. */
static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	close(fd);
	return ntohs(at.sin_port);
}

static int connect_to(const char *address, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The status of a GET of /healthz there, asked for as HOST; 0: nobody listens. */
static int status_at(const char *address, int port, const char *host)
{
	AUTO(text) char *request = xasprintf("GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	char reply[64] = "";
	int status = 0;
	const int fd = connect_to(address, port);

	if (fd < 0)
		return 0;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 && recv(fd, reply, sizeof reply - 1, 0) > 0)
		(void)sscanf(reply, "HTTP/1.1 %d", &status);
	close(fd);
	return status;
}

static char *link_in(const char *path)
{
	char line[256] = "";
	AUTO(file) FILE *f = fopen(path, "re");

	return f && fgets(line, sizeof line, f) && strchr(line, '\n') ? xstrdup(line) : NULL;
}

struct served {
	pid_t pid;
	char *link; /* as it was printed */
};

static struct served serve(void **state, const char *const *env, const char *const *args)
{
	AUTO(text) char *out = home_file(state, "out");
	const struct deadline until = deadline_in_ms(START_MS);

	(void)unlink(out); /* of one before */
	struct served s = { .pid = gabbai_begin(env, args, out) };
	while (!s.link && !deadline_passed(until)) {
		(void)poll(NULL, 0, LOOK_MS);
		s.link = link_in(out);
	}
	assert_non_null(s.link);
	return s;
}

static void end(struct served *s)
{
	(void)kill(s->pid, SIGTERM);
	assert_int_equal(program_end(s->pid), 0);
	free(s->link);
}

/* 127.0.0.2 is ours, too, but no server that listens at 127.0.0.1 alone is found there. */
#define ELSEWHERE "127.0.0.2"

static void listens_for_this_machine_alone(void **state)
{
	const int port = free_port();
	AUTO(text) char *address = xasprintf("127.0.0.1:%d", port);
	struct served s = serve(state, NULL, (const char *[]){ "serve", "--listen", address, NULL });

	AUTO(text) char *start = xasprintf("http://%s/#t=", address);
	assert_contains(s.link, start);
	assert_int_equal(status_at("127.0.0.1", port, address), 200);
	assert_int_equal(status_at("127.0.0.1", port, "evil.example"), 421);
	assert_int_equal(status_at(ELSEWHERE, port, address), 0);
	end(&s);
}

/* PORT alone, on a person's own machine, opens nothing to others. */
static void a_port_alone_is_for_this_machine(void **state)
{
	const int port = free_port();
	AUTO(text) char *env = xasprintf("PORT=%d", port);
	AUTO(text) char *own = xasprintf("127.0.0.1:%d", port);
	struct served s = serve(state, (const char *[]){ env, NULL }, (const char *[]){ "serve", NULL });

	assert_int_equal(status_at("127.0.0.1", port, own), 200);
	assert_int_equal(status_at(ELSEWHERE, port, own), 0);
	end(&s);
}

static const struct {
	const char *env, *args[4]; /* how the name is told */
} proxies[] = {
	{ "RAILWAY_PUBLIC_DOMAIN=gabbai.up.railway.app", { "serve" } },
	{ "GABBAI_BEHIND_PROXY=gabbai.up.railway.app", { "serve" } },
	{ "RAILWAY_PUBLIC_DOMAIN=", { "serve", "--behind-proxy", "gabbai.up.railway.app" } },
	{ "GABBAI_BEHIND_PROXY=other.example.org", { "serve", "--behind-proxy", "gabbai.up.railway.app" } },
};

/* As platforms start it: they say the port, reach it from outside, and ask by their name. */
static void behind_a_platforms_proxy_it_listens_for_all(void **state)
{
	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
		const int port = free_port();
		AUTO(text) char *env = xasprintf("PORT=%d", port);
		struct served s = serve(state, (const char *[]){ env, proxies[i].env, NULL }, proxies[i].args);

		assert_contains(s.link, "https://gabbai.up.railway.app/#t=");
		assert_int_equal(status_at(ELSEWHERE, port, "gabbai.up.railway.app"), 200);
		assert_int_equal(status_at(ELSEWHERE, port, "other.example.org"), 421);
		end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listens_for_this_machine_alone, home_begin, home_end),
		cmocka_unit_test_setup_teardown(a_port_alone_is_for_this_machine, home_begin, home_end),
		cmocka_unit_test_setup_teardown(behind_a_platforms_proxy_it_listens_for_all, home_begin, home_end),
	};

	return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
