/* Starting a browser, finding one that runs, losing it. */
#include "tests/lib/folder.h"
#include "tests/lib/site.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct cdp_browser *launch(const struct cdp_launch_opts *opts)
{
	struct cdp_browser *browser = cdp_browser_launch(opts, deadline_in_ms(20000), &site.err);

	assert_ok(browser != NULL, &site.err);
	return browser;
}

static bool lives(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

static bool gone_within(pid_t pid, int ms)
{
	const struct deadline until = deadline_in_ms(ms);

	while (lives(pid) && !deadline_passed(until))
		(void)usleep(20000);
	return !lives(pid);
}

static size_t entries(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);
	return count;
}

static void C01_browser_on_a_free_port(void **state)
{
	(void)state;
	const int64_t start = clock_ms();
	AUTO(browser) struct cdp_browser *browser = launch(NULL);
	assert_in_range(clock_ms() - start, 0, 15000);
	assert_contains(cdp_browser_version(browser), "Chrome/");
	assert_contains(cdp_browser_user_agent(browser), "Mozilla/5.0");
	assert_true(cdp_browser_pid(browser) > 0);
	assert_true(cdp_conn_alive(cdp_browser_conn(browser)));
}

static void C02_programs_that_are_no_browser(void **state)
{
	static const struct { const char *path, *words; } programs[] = {
		{ "/no/such/browser", "/no/such/browser"     },
		{ "/bin/false",       "ended with code 1"    },
	};
	char script[] = "/tmp/gabbai-test-XXXXXX";

	(void)state;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		const struct cdp_launch_opts opts = { .path = programs[i].path };
		struct cdp_browser *browser = cdp_browser_launch(&opts, deadline_in_ms(5000), &site.err);
		assert_fails(browser != NULL, &site.err, ERR_LAUNCH);
		assert_contains(site.err.text, programs[i].path);
		assert_contains(site.err.text, programs[i].words);
	}
	const int fd = mkstemp(script);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "#!/bin/sh\necho these are the last words >&2\nexit 42\n") > 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	const struct cdp_launch_opts opts = { .path = script };
	struct cdp_browser *browser = cdp_browser_launch(&opts, deadline_in_ms(5000), &site.err);
	(void)unlink(script);
	assert_fails(browser != NULL, &site.err, ERR_LAUNCH);
	assert_contains(site.err.text, "42");
	assert_contains(site.err.text, "these are the last words");
}

static void C02_program_that_says_nothing(void **state)
{
	char script[] = "/tmp/gabbai-test-XXXXXX";

	(void)state;
	const int fd = mkstemp(script);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "#!/bin/sh\nexec sleep 60\n") > 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	const struct cdp_launch_opts opts = { .path = script };
	struct cdp_browser *browser = cdp_browser_launch(&opts, deadline_in_ms(700), &site.err);
	(void)unlink(script);
	assert_fails(browser != NULL, &site.err, ERR_TIMEOUT);
	pid_t left[4];
	assert_int_equal(descendants(getpid(), "sleep", left, 4), 0);
}

static void C03_profile_in_use(void **state)
{
	char folder[] = "/tmp/gabbai-test-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	const struct cdp_launch_opts opts = { .profile = folder };
	struct cdp_browser *first = launch(&opts);
	struct cdp_browser *second = cdp_browser_launch(&opts, deadline_in_ms(10000), &site.err);
	const bool works = cdp_conn_alive(cdp_browser_conn(first));
	cdp_browser_free(first);
	if (second)
		cdp_browser_free(second);
	folder_remove(folder);
	assert_fails(second != NULL, &site.err, ERR_LAUNCH);
	assert_contains(site.err.text, "in use");
	assert_true(works);
}

static void C04_client_that_is_killed(void **state)
{
	int ends[2];
	pid_t browser = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	const pid_t client = fork();
	if (client == 0) {
		struct cdp_browser *own = cdp_browser_launch(NULL, deadline_in_ms(20000), NULL);
		browser = own ? cdp_browser_pid(own) : 0;
		if (write(ends[1], &browser, sizeof browser) != sizeof browser)
			_exit(1);
		for (;;)
			(void)pause();
	}
	close(ends[1]);
	const ssize_t got = read(ends[0], &browser, sizeof browser);
	close(ends[0]);
	pid_t helpers[64];
	const size_t count = descendants(browser > 0 ? browser : client, "", helpers, 64);
	kill(client, SIGKILL);
	(void)waitpid(client, NULL, 0);
	assert_int_equal(got, sizeof browser);
	assert_true(browser > 0);
	assert_true(count > 0);
	assert_true(gone_within(browser, 5000));
	for (size_t i = 0; i < count; i++)
		assert_true(gone_within(helpers[i], 5000));
}

static void C05_end_leaves_nothing(void **state)
{
	char folder[] = "/tmp/gabbai-test-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	const struct cdp_launch_opts opts = { .run_root = folder };
	struct cdp_browser *browser = launch(&opts);
	struct cdp_page *page = cdp_page_open(browser, NULL, NULL, soon(), &site.err);
	assert_ok(page != NULL, &site.err);
	const pid_t pid = cdp_browser_pid(browser);
	assert_int_equal(entries(folder), 1);
	cdp_page_free(page);
	cdp_browser_free(browser);
	assert_false(lives(pid)); /* reaped, too */
	assert_int_equal(entries(folder), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void C06_browser_that_is_killed(void **state)
{
	(void)state;
	AUTO(browser) struct cdp_browser *browser = launch(NULL);
	struct cdp_page *page = cdp_page_open(browser, NULL, NULL, soon(), &site.err);
	assert_ok(page != NULL, &site.err);
	const pid_t pid = cdp_browser_pid(browser), killer = fork();
	if (killer == 0) {
		(void)usleep(300000);
		kill(pid, SIGKILL);
		_exit(0);
	}
	const int64_t start = clock_ms();
	AUTO(json) cJSON *value = cdp_page_eval(page, "new Promise(() => 0)", NULL, &site.err);
	const int64_t took = clock_ms() - start;
	(void)waitpid(killer, NULL, 0);
	assert_fails(value != NULL, &site.err, ERR_DISCONNECTED);
	assert_in_range(took, 200, 3000);
	assert_false(cdp_conn_alive(cdp_browser_conn(browser)));
	assert_fails(cdp_page_goto(page, "about:blank", NULL, NULL, &site.err), &site.err, ERR_DISCONNECTED);
	cdp_page_free(page);
}

static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	AUTO(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

static void C12_attach_where_one_tab_hangs(void **state)
{
	const int port = free_port();
	const char *const flags[] = { words("--remote-debugging-port=%d", port), NULL };
	const struct cdp_launch_opts opts = { .flags = flags };

	(void)state;
	AUTO(browser) struct cdp_browser *browser = launch(&opts);
	AUTO(page) struct cdp_page *good = cdp_page_open(browser, NULL, NULL, soon(), &site.err);
	assert_ok(good != NULL, &site.err);
	assert_ok(cdp_page_goto(good, here("echo?good"), NULL, NULL, &site.err), &site.err);
	AUTO(page) struct cdp_page *bad = cdp_page_open(browser, NULL, NULL, soon(), &site.err);
	assert_ok(bad != NULL, &site.err);
	assert_ok(cdp_page_goto(bad, there("echo?bad"), NULL, NULL, &site.err), &site.err);
	const pid_t sick = stop_renderer(browser, bad);
	assert_true(sick > 0);
	AUTO(text) char *endpoint = xasprintf("http://127.0.0.1:%d", port);
	struct cdp_browser *other = cdp_browser_attach(endpoint, NULL, soon(), &site.err);
	AUTO(json) cJSON *tabs = other ? cdp_browser_tabs(other, 500, &site.err) : NULL;
	AUTO(page) struct cdp_page *theirs = NULL;
	const cJSON *tab;
	int bad_tabs = 0, good_tabs = 0;
	cJSON_ArrayForEach (tab, tabs) {
		const char *url = json_str(tab, "url");
		bad_tabs += url && strstr(url, "?bad") && json_true(tab, "sick");
		good_tabs += url && strstr(url, "?good") && !json_true(tab, "sick");
		if (url && strstr(url, "?good"))
			theirs = cdp_page_attach(other, json_str(tab, "targetId"), NULL, soon(), &site.err);
	}
	kill(sick, SIGCONT);
	assert_ok(other != NULL, &site.err);
	assert_ok(tabs != NULL, &site.err);
	assert_int_equal(bad_tabs, 1);
	assert_int_equal(good_tabs, 1);
	assert_ok(theirs != NULL, &site.err);
	assert_js_in(theirs, NULL, "location.search", "\"?good\"");
	cdp_page_free(TAKE(theirs));
	cdp_browser_free(other);
	assert_true(lives(cdp_browser_pid(browser)));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(C01_browser_on_a_free_port),
	cmocka_unit_test(C02_programs_that_are_no_browser),
	cmocka_unit_test(C02_program_that_says_nothing),
	cmocka_unit_test(C03_profile_in_use),
	cmocka_unit_test(C04_client_that_is_killed),
	cmocka_unit_test(C05_end_leaves_nothing),
	cmocka_unit_test(C06_browser_that_is_killed),
	cmocka_unit_test(C12_attach_where_one_tab_hangs),
};

int main(void)
{
	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, site_serve, site_stop);
}
