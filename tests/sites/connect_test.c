/* gabbai connect and gabbai session, on the Visa Cal test site.  The person is a second connection to the
 * browser that gabbai shows. */
#include "cdp/base/buf.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "cdp/process.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { SOON_MS = 20000 };

static struct cal cal;

#define WORDS(...) ((const char *[]){ __VA_ARGS__, NULL })

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	setenv("XDG_RUNTIME_DIR", cal.folder, 1);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unsetenv("XDG_RUNTIME_DIR");
	cal_stop(&cal);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	AUTO(text) char *data = cal_file(&cal, "data");
	folder_remove(data);
	cal_forget(&cal);
	return 0;
}

static struct deadline soon(void)
{
	return deadline_in_ms(SOON_MS);
}

/* Text of a file of the test's folder, "" when it is not there yet. */
static char *file_text(const char *path)
{
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[4096];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	return buf_take(&text);
}

/* What the person sees: the window's page. */
struct person {
	struct cdp_browser *browser;
	struct cdp_page *page;
};

static bool see(struct person *p)
{
	struct error err = { 0 };

	for (const struct deadline until = soon(); !deadline_passed(until); (void)poll(NULL, 0, 100)) {
		const int port = cal_browser_port(&cal);
		AUTO(text) char *url = xasprintf("http://127.0.0.1:%d", port);
		p->browser = port ? cdp_browser_attach(url, NULL, soon(), NULL) : NULL;
		AUTO(json) cJSON *tabs = p->browser ? cdp_browser_tabs(p->browser, 2000, &err) : NULL;
		const char *there = json_str(tabs, "0.url");
		if (there && strstr(there, "cal-online") && !json_at(tabs, "1"))
			p->page = cdp_page_attach(p->browser, json_str(tabs, "0.targetId"), NULL, soon(), &err);
		if (p->page)
			return true;
		cdp_browser_free(p->browser);
	}
	return false;
}

static void sign_in_as(struct person *p, const char *user)
{
	struct error err = { 0 };

	assert_ok(cdp_page_click(p->page, "#ccLoginDesktopBtn", NULL, &err), &err);
	assert_ok(cdp_page_click(p->page, "frame=connect >> #regular-login", NULL, &err), &err);
	assert_ok(cdp_page_type(p->page, "frame=connect >> input[formcontrolname=userName]", user, NULL, &err), &err);
	assert_ok(cdp_page_type(p->page, "frame=connect >> input[formcontrolname=password]", "Secret123", NULL, &err), &err);
	assert_ok(cdp_page_click(p->page, "frame=connect >> regular-login button[type=submit]", NULL, &err), &err);
}

#define assert_code(ran, wanted)                                                                   \
	do {                                                                                       \
		if ((ran).code != (wanted))                                                        \
			fail_msg("exit code %d, not %d: %s", (ran).code, (wanted), (ran).err);     \
	} while (0)

static void a_person_connects_once(void **state)
{
	struct person p = { 0 };

	(void)state;
	const pid_t pid = gabbai_on_start(&cal, WORDS("connect", "visa-cal", "--timeout", "60s"), "connect");
	assert_true(see(&p));
	sign_in_as(&p, "dana");
	cdp_browser_free(p.browser);
	const int code = program_end(pid);
	AUTO(text) char *out = cal_file(&cal, "connect");
	AUTO(text) char *said = file_text(out);
	AUTO(text) char *err_name = xasprintf("%s.err", out);
	AUTO(text) char *told = file_text(err_name);
	if (code != 0)
		fail_msg("exit code %d: %s%s", code, said, told);
	assert_non_null(strstr(said, "visa-cal/default: connected"));
	cal_forget(&cal);
	AUTO(ran) struct ran run = gabbai_cal(&cal, "", "", WORDS("--no-login"));
	assert_code(run, 0);
	assert_int_equal(cal_seen(&cal, "/authentication/login"), 0);
}

static void a_closed_window_changes_nothing(void **state)
{
	struct person p = { 0 };

	(void)state;
	const pid_t pid = gabbai_on_start(&cal, WORDS("connect", "visa-cal", "--timeout", "60s"), "closed");
	assert_true(see(&p));
	cdp_page_free(p.page); /* which closes it */
	(void)poll(NULL, 0, 100);
	cdp_browser_free(p.browser);
	assert_int_equal(program_end(pid), 4);
	AUTO(ran) struct ran list = gabbai_on(&cal, WORDS("session", "list", "--json"));
	assert_int_equal(cJSON_GetArraySize(list.json), 0);
}

static void who_does_not_sign_in_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = gabbai_on(&cal, WORDS("connect", "visa-cal", "--timeout", "3s"));
	assert_code(ran, 4);
	assert_non_null(strstr(ran.err, "nobody has signed in"));
}

static void a_session_goes_out_and_comes_in(void **state)
{
	(void)state;
	AUTO(text) char *file = cal_file(&cal, "session.json");
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	assert_code(first, 0);
	AUTO(ran) struct ran out = gabbai_on(&cal, WORDS("session", "export", "visa-cal", "-f", "gabbai", "-o", file));
	assert_code(out, 0);
	AUTO(ran) struct ran in = gabbai_on(&cal, WORDS("connect", "visa-cal/other", file, "--via", "import"));
	assert_code(in, 0);
	AUTO(ran) struct ran verified = gabbai_on(&cal, WORDS("session", "verify", "visa-cal/other"));
	assert_code(verified, 0);
	AUTO(ran) struct ran gone = gabbai_on(&cal, WORDS("session", "forget", "visa-cal/other"));
	assert_code(gone, 0);
	AUTO(ran) struct ran missing = gabbai_on(&cal, WORDS("session", "verify", "visa-cal/other"));
	assert_code(missing, 4);
}

/* From the browser that a person uses anyway; it goes on as it was. */
static void a_session_comes_in_from_a_running_browser(void **state)
{
	struct error err = { 0 };
	AUTO(text) char *map = xasprintf("--host-resolver-rules=MAP *.cal-online.co.il 127.0.0.1:%d", cal.port);
	const char *const flags[] = { map, "--ignore-certificate-errors", NULL };
	struct cdp_process *process = cdp_process_start(&(struct cdp_launch_opts){ .flags = flags }, soon(), &err);

	(void)state;
	assert_ok(process != NULL, &err);
	const char *url = cdp_process_url(process);
	struct person p = { .browser = cdp_browser_attach(url, NULL, soon(), &err) };
	assert_ok(p.browser != NULL, &err);
	p.page = cdp_page_open(p.browser, NULL, NULL, soon(), &err);
	assert_ok(p.page && cdp_page_goto(p.page, "https://www.cal-online.co.il/", NULL, NULL, &err), &err);
	sign_in_as(&p, "dana");
	assert_ok(cdp_page_wait_url(p.page, "/dashboard", soon(), &err), &err);
	AUTO(json) cJSON *stored = cdp_page_wait_eval(p.page, "sessionStorage.getItem('init')", NULL, &err);
	assert_ok(stored != NULL, &err);
	AUTO(ran) struct ran in = gabbai_on(&cal, WORDS("session", "import", "visa-cal/mine", "--cdp", url));
	assert_code(in, 0);
	assert_ok(cdp_page_wait(p.page, ".cards", NULL, &err), &err); /* the tab is still there, and shows what it did */
	cdp_browser_free(p.browser);
	cdp_process_stop(process, deadline_in_ms(0));
	AUTO(ran) struct ran verified = gabbai_on(&cal, WORDS("session", "verify", "visa-cal/mine"));
	assert_code(verified, 0);
}

static void an_interrupt_changes_nothing(void **state)
{
	struct person p = { 0 };

	(void)state;
	const pid_t pid = gabbai_on_start(&cal, WORDS("connect", "visa-cal", "--timeout", "60s"), "interrupted");
	assert_true(see(&p));
	cdp_browser_free(p.browser);
	(void)kill(pid, SIGINT);
	assert_int_equal(program_end(pid), 130);
	AUTO(ran) struct ran list = gabbai_on(&cal, WORDS("session", "list", "--json"));
	assert_int_equal(cJSON_GetArraySize(list.json), 0);
}

static void a_session_that_does_not_sign_in_is_not_saved(void **state)
{
	static const char text[] = "{\"cookies\":[],\"origins\":[{\"origin\":\"https://digital-web.cal-online.co.il\","
		"\"sessionStorage\":[{\"name\":\"auth-module\",\"value\":\"{\\\"auth\\\":{\\\"calConnectToken\\\":\\\"dead\\\"}}\"}]}]}";

	(void)state;
	AUTO(text) char *file = cal_file(&cal, "dead.json");
	AUTO(file) FILE *f = fopen(file, "we");
	assert_true(fputs(text, f) >= 0 && fflush(f) == 0);
	AUTO(ran) struct ran in = gabbai_on(&cal, WORDS("session", "import", "visa-cal", file));
	assert_code(in, 4);
	AUTO(ran) struct ran list = gabbai_on(&cal, WORDS("session", "list", "--json"));
	assert_int_equal(cJSON_GetArraySize(list.json), 0);
}

static void what_is_no_session_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "{}", "neither \"cookies\" nor \"origins\"" },
		{ "{\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"path\":\"/\"}]}", "cookie 1 has no good \"domain\"" },
		{ "{\"cookies\":[{\"name\":\"a\",\"value\":\"b\\r\\nc\",\"domain\":\"www.cal-online.co.il\",\"path\":\"/\"}]}", "cookie 1" },
		{ "{\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"domain\":\".com\",\"path\":\"/\"}]}", "nothing in it is of this site" },
		{ "{\"origins\":[{\"origin\":\"file:///\"}]}", "nothing in it is of this site" },
		{ "# Netscape HTTP Cookie File\na b c\n", "line 2" },
		{ "{\"cookies\":", "" },
	};

	(void)state;
	AUTO(text) char *path = cal_file(&cal, "bad");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(file) FILE *f = fopen(path, "we");
		assert_true(fputs(cases[i].text, f) >= 0 && fflush(f) == 0);
		AUTO(ran) struct ran in = gabbai_on(&cal, WORDS("session", "import", "visa-cal", path));
		assert_code(in, 2);
		if (!strstr(in.err, cases[i].says))
			fail_msg("%s: %s", cases[i].text, in.err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_person_connects_once, begin),
		cmocka_unit_test_setup(a_closed_window_changes_nothing, begin),
		cmocka_unit_test_setup(who_does_not_sign_in_is_not_waited_for_for_ever, begin),
		cmocka_unit_test_setup(a_session_goes_out_and_comes_in, begin),
		cmocka_unit_test_setup(a_session_comes_in_from_a_running_browser, begin),
		cmocka_unit_test_setup(an_interrupt_changes_nothing, begin),
		cmocka_unit_test_setup(a_session_that_does_not_sign_in_is_not_saved, begin),
		cmocka_unit_test_setup(what_is_no_session_is_refused, begin),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
