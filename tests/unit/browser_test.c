/* Finding a browser, and what belongs to it and not to one page: against a fake one, or something worse. */
#include "cdp/browser.h"

#include "cdp/conn.h"
#include "cdp/download.h"
#include "cdp/page.h"
#include "cdp/storage.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
	SOON_MS = 10000,  /* for what takes milliseconds */
	SHORT_MS = 100,   /* for what never comes */
	PATIENCE_MS = 500, /* with a tab: one that is well answers in time on a busy machine, too */
};

/* ---- addresses ---- */

static void a_browser_is_found_by_its_http_address(void **state)
{
	struct talk *talk = *state;
	AUTO(text) char *address = xasprintf("http://127.0.0.1:%d", talk->port);
	struct error err = { 0 };

	talk->browser = cdp_browser_attach(address, NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(talk->browser, &err);
	assert_string_equal(cdp_browser_version(talk->browser), "Chrome/156.0.8078.79");
	assert_string_equal(cdp_browser_user_agent(talk->browser), "Mozilla/5.0 Chrome/156.0.0.0");
	assert_int_equal(cdp_browser_pid(talk->browser), 0);
}

static void no_proxy_is_asked(void **state)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY" };
	struct talk *talk = *state;
	AUTO(text) char *address = xasprintf("http://127.0.0.1:%d", talk->port);
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(setenv(names[i], "http://127.0.0.1:1", true), 0); /* where nobody is */
	talk->browser = cdp_browser_attach(address, NULL, deadline_in_ms(SOON_MS), &err);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(unsetenv(names[i]), 0);
	assert_ok(talk->browser, &err);
}

static void addresses_that_are_none(void **state)
{
	static const char *const addresses[] = {
		"", "ws://", "nonsense", "file:///etc/passwd", "ftp://127.0.0.1/", "ws://127.0.0.1:99999/x", "ws://:80/",
		"ws://a b/", "javascript:1", "unix:///tmp/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct error err = { 0 };
		AUTO(browser) struct cdp_browser *browser = cdp_browser_attach(addresses[i], NULL, deadline_in_ms(SHORT_MS), &err);
		if (browser || err.code != ERR_INPUT)
			fail_msg("'%s' is %s: %s", addresses[i], error_name(err.code), err.text);
	}
}

/* A socket that listens on a free port. */
static int listening(int *port)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in got;
	socklen_t size = sizeof got;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&got, &size), 0);
	*port = ntohs(got.sin_port);
	return fd;
}

/* A process that answers everybody with WORDS and hangs up. */
static pid_t answering(int fd, const char *words)
{
	const pid_t child = fork();
	char request[4096];

	if (child != 0)
		return child;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		const int client = accept(fd, NULL, NULL);
		if (recv(client, request, sizeof request, 0) >= 0)
			(void)send(client, words, strlen(words), MSG_NOSIGNAL);
		close(client);
	}
}

static const char *const strangers[] = {
	"",
	"garbage\r\n\r\n",
	"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
	"HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{\"webSocketDebuggerUrl\":\"no path\"}",
	"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
	("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"),
	"SSH-2.0-OpenSSH_9.2\r\n",
};

static void strangers_are_no_browsers(void **state)
{
	static const char *const schemes[] = { "ws", "http" };

	(void)state;
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
		int port;
		const int fd = listening(&port);
		const pid_t child = answering(fd, strangers[i]);
		close(fd);
		for (int k = 0; k < 2; k++) {
			AUTO(text) char *address = xasprintf("%s://127.0.0.1:%d", schemes[k], port);
			struct error err = { 0 };
			AUTO(browser) struct cdp_browser *browser = cdp_browser_attach(address, NULL, deadline_in_ms(SOON_MS), &err);
			if (browser || err.code != ERR_DISCONNECTED || !err.text[0])
				print_error("%s, '%s' is %s: %s\n", schemes[k], strangers[i], error_name(err.code), err.text);
			assert_true(!browser && err.code == ERR_DISCONNECTED && err.text[0]);
		}
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
}

static void nobody_is_there(void **state)
{
	int port;
	struct error err = { 0 };

	(void)state;
	close(listening(&port));
	AUTO(text) char *ws = xasprintf("ws://127.0.0.1:%d/devtools/browser/x", port);
	AUTO(text) char *http = xasprintf("http://127.0.0.1:%d", port);
	assert_fails(cdp_browser_attach(ws, NULL, deadline_in_ms(SOON_MS), &err) != NULL, &err, ERR_DISCONNECTED);
	assert_contains(err.text, "127.0.0.1");
	assert_fails(cdp_browser_attach(http, NULL, deadline_in_ms(SOON_MS), &err) != NULL, &err, ERR_DISCONNECTED);
}

static void somebody_is_there_and_says_nothing(void **state)
{
	int port;
	AUTO(fd) int fd = listening(&port); /* the kernel accepts for us */
	AUTO(text) char *ws = xasprintf("ws://127.0.0.1:%d/devtools/browser/x", port);
	AUTO(text) char *http = xasprintf("http://127.0.0.1:%d", port);
	const int64_t start = clock_ms();
	struct error err = { 0 };

	(void)state;
	assert_fails(cdp_browser_attach(ws, NULL, deadline_in_ms(SHORT_MS), &err) != NULL, &err, ERR_TIMEOUT);
	assert_int_equal(err.cause, ERR_DISCONNECTED);
	assert_null(cdp_browser_attach(http, NULL, deadline_in_ms(SHORT_MS), &err));
	assert_true(err.code == ERR_TIMEOUT || err.code == ERR_DISCONNECTED);
	assert_in_range(clock_ms() - start, 2 * SHORT_MS - 10, 5000);
}

/* ---- tabs, contexts, pages ---- */

static void a_sick_tab_is_listed(void **state)
{
	static const struct {
		const char *id;
		bool sick;
	} expected[] = { { "WELL", false }, { "STOPPED", true }, { "GONE", true } };
	struct cdp_browser *browser = talk_attach(*state, false);
	struct error err = { 0 };
	AUTO(json) cJSON *tabs = cdp_browser_tabs(browser, PATIENCE_MS, &err);

	assert_ok(tabs, &err);
	assert_int_equal(cJSON_GetArraySize(tabs), 3);
	for (int i = 0; i < 3; i++) {
		const cJSON *tab = cJSON_GetArrayItem(tabs, i);
		assert_string_equal(json_str(tab, "targetId"), expected[i].id);
		assert_int_equal(json_true(tab, "sick"), expected[i].sick);
	}
	assert_string_equal(json_str(tabs, "0.contextId"), "C");
	assert_string_equal(json_str(tabs, "1.title"), "B");
	talk_next(*state);
}

static void a_context_closes_its_pages(void **state)
{
	struct talk *talk = *state;
	struct cdp_browser *browser = talk_attach(talk, false);
	struct error err = { 0 };
	struct cdp_context *context = cdp_context_new(browser, deadline_in_ms(SOON_MS), &err);

	assert_ok(context, &err);
	talk->page = cdp_page_open(browser, context, NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(talk->page, &err);
	cdp_context_free(context);
	assert_true(cdp_page_is_closed(talk->page));
	AUTO(json) cJSON *value = cdp_page_eval(talk->page, "1", NULL, &err);
	assert_fails(value != NULL, &err, ERR_CLOSED);
	cdp_context_free(NULL);
	talk_next(talk);
}

static void pages_do_not_disturb_each_other(void **state)
{
	enum { PAGES = 4 };
	struct cdp_browser *browser = talk_attach(*state, false);
	struct cdp_page *pages[PAGES];
	struct error err = { 0 };

	for (int i = 0; i < PAGES; i++) {
		pages[i] = cdp_page_open(browser, NULL, NULL, deadline_in_ms(SOON_MS), &err);
		assert_ok(pages[i], &err);
	}
	AUTO(json) cJSON *hung = cdp_page_eval(pages[1], "hang()", &(struct cdp_eval_opts){ .timeout_ms = SHORT_MS }, &err);
	assert_fails(hung != NULL, &err, ERR_TIMEOUT);
	AUTO(json) cJSON *work = cdp_page_eval(pages[3], "work()", NULL, &err);
	assert_ok(work, &err);
	AUTO(json) cJSON *crashed = cdp_page_eval(pages[0], "1", NULL, &err);
	assert_fails(crashed != NULL, &err, ERR_CRASHED);
	AUTO(json) cJSON *more = cdp_page_eval(pages[2], "more()", NULL, &err);
	assert_ok(more, &err);
	assert_int_equal(cdp_page_dialogs(pages[2], NULL), 1);
	assert_int_equal(cdp_page_dialogs(pages[3], NULL), 0);
}

/* ---- cookies ---- */

static cJSON *cookie(const char *name, const char *value)
{
	return json_object(JSON_STR("name", name), JSON_STR("value", value), JSON_STR("domain", "a.test"),
		JSON_STR("sameSite", strcmp(name, "bad") == 0 ? "None" : NULL));
}

static void a_dropped_cookie_is_named(void **state)
{
	struct cdp_browser *browser = talk_attach(*state, false);
	AUTO(json) cJSON *three = json_array(JSON_NODE(NULL, cookie("good", "1")), JSON_NODE(NULL, cookie("bad", "2")),
		JSON_NODE(NULL, cookie("also good", "3")));
	AUTO(json) cJSON *one = json_array(JSON_NODE(NULL, cookie("good", "1")));
	struct error err = { 0 };

	assert_fails(cdp_cookies_set(browser, NULL, three, deadline_in_ms(SOON_MS), &err), &err, ERR_VALUE);
	assert_contains(err.text, "cookie bad of a.test");
	assert_contains(err.text, "SameSite=None needs secure");
	assert_ok(cdp_cookies_set(browser, NULL, one, deadline_in_ms(SOON_MS), &err), &err);
	assert_fails(cdp_cookies_set(browser, NULL, one, deadline_in_ms(SOON_MS), &err), &err, ERR_PROTOCOL);
	assert_contains(err.text, "Invalid cookie fields");
}

static void cookies_are_deleted_one_by_one(void **state)
{
	struct cdp_browser *browser = talk_attach(*state, false);
	struct error err = { 0 };

	assert_ok(cdp_cookies_delete(browser, NULL, "sid", "a.test", deadline_in_ms(SOON_MS), &err), &err);
}

/* ---- downloads ---- */

static void next_download(struct cdp_browser *browser, const char *folder, const char *name)
{
	AUTO(text) char *expected = xasprintf("%s/%s", folder, name);
	struct error err = { 0 };
	AUTO(text) char *path = cdp_download_next(browser, deadline_in_ms(SOON_MS), &err);

	assert_ok(path, &err);
	assert_string_equal(path, expected);
	assert_int_equal(unlink(path), 0); /* it is there */
}

static void downloads_get_safe_names(void **state)
{
	struct cdp_browser *browser = talk_attach(*state, false);
	char folder[] = "/tmp/gabbai-test-XXXXXX";
	struct error err = { 0 };

	assert_non_null(mkdtemp(folder));
	assert_fails(cdp_download_allow(browser, NULL, "relative", &err), &err, ERR_INPUT);
	assert_ok(cdp_download_allow(browser, NULL, folder, &err), &err);
	for (int i = 1; i <= 4; i++) {
		AUTO(text) char *path = xasprintf("%s/G%d", folder, i);
		AUTO(fd) int fd = open(path, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
	}
	AUTO(text) char *taken = xasprintf("%s/evil.sh", folder);
	assert_int_equal(symlink("/nowhere", taken), 0); /* of that name is a link already */
	talk_next(*state);
	next_download(browser, folder, "evil (2).sh");
	next_download(browser, folder, "evil (2).sh");
	next_download(browser, folder, "_.._..__c_con.txt");
	next_download(browser, folder, "_.bashrc");
	AUTO(text) char *cut = cdp_download_next(browser, deadline_in_ms(SOON_MS), &err);
	assert_fails(cut != NULL, &err, ERR_NETWORK);
	AUTO(text) char *slow = cdp_download_next(browser, deadline_in_ms(10), &err);
	assert_fails(slow != NULL, &err, ERR_TIMEOUT);
	assert_int_equal(unlink(taken), 0);
	assert_int_equal(rmdir(folder), 0); /* and nothing else was made */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(a_browser_is_found_by_its_http_address),
		TALK_OF(no_proxy_is_asked, "a_browser_is_found_by_its_http_address"),
		cmocka_unit_test(addresses_that_are_none),
		cmocka_unit_test(strangers_are_no_browsers),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(somebody_is_there_and_says_nothing),
		TALK(a_sick_tab_is_listed),
		TALK(a_context_closes_its_pages),
		TALK(pages_do_not_disturb_each_other),
		TALK(a_dropped_cookie_is_named),
		TALK(cookies_are_deleted_one_by_one),
		TALK(downloads_get_safe_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
