/* Bad input gets one clear sentence and the exit code of the table. */
#include "tests/lib/asserts.h"
#include "tests/lib/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIALS "GABBAI_VISA_CAL_USERNAME=dana", "GABBAI_VISA_CAL_PASSWORD=Pl4nted-Secret"

static const struct wrong {
	const char *name;
	const char *env[5], *args[10];
	int code;
	const char *says;
} wrongs[] = {
	{ "no_command", { NULL }, { NULL }, 2, "" },
	{ "an_unknown_command", { NULL }, { "collect" }, 2, "no command \"collect\"" },
	{ "an_unknown_option", { NULL }, { "run", "--frobnicate" }, 2, "--frobnicate" },
	{ "an_option_without_its_value", { NULL }, { "run", "visa-cal", "--since" }, 2, "--since wants a value" },
	{ "no_site", { NULL }, { "run" }, 2, "run wants one site" },
	{ "an_unknown_site", { CREDENTIALS }, { "run", "my-bank" }, 10, "no site \"my-bank\"" },
	{ "a_date_that_is_none", { CREDENTIALS }, { "run", "visa-cal", "--since", "2026-02-30" }, 2, "2026-02-30" },
	{ "a_word_for_a_date", { CREDENTIALS }, { "run", "visa-cal", "--since", "yesterday" }, 2, "YYYY-MM-DD" },
	{ "months_beyond_reason", { CREDENTIALS }, { "run", "visa-cal", "--future-months", "99" }, 2, "0 to 12" },
	{ "an_unknown_format", { CREDENTIALS }, { "run", "visa-cal", "-f", "xml" }, 2, "xml" },
	{ "an_unknown_login", { CREDENTIALS }, { "run", "visa-cal", "--login", "face" }, 2, "face" },
	{ "a_source_of_codes_that_is_none", { CREDENTIALS }, { "run", "visa-cal", "--otp", "exec:pass" }, 2, "exec:" },
	{ "a_rule_that_is_none", { CREDENTIALS }, { "run", "visa-cal", "--connect-to", "a:b" }, 2, "HOST:PORT" },
	{ "no_user_name", { NULL }, { "run", "visa-cal" }, 4, "GABBAI_VISA_CAL_USERNAME" },
	{ "no_password", { "GABBAI_VISA_CAL_USERNAME=dana" }, { "run", "visa-cal" }, 4, "GABBAI_VISA_CAL_PASSWORD" },
	{ "a_password_file_that_is_not_there",
		{ "GABBAI_VISA_CAL_USERNAME=dana", "GABBAI_VISA_CAL_PASSWORD_FILE=/nonexistent" }, { "run", "visa-cal" }, 2,
		"/nonexistent" },
	{ "a_command_for_the_password_that_fails",
		{ "GABBAI_VISA_CAL_USERNAME=dana", "GABBAI_VISA_CAL_PASSWORD=exec:[\"false\"]" }, { "run", "visa-cal" }, 2, "false" },
	{ "no_browser", { CREDENTIALS }, { "run", "visa-cal", "--browser", "/nonexistent/chromium" }, 13, "/nonexistent/chromium" },
	{ "a_browser_that_is_none", { CREDENTIALS }, { "run", "visa-cal", "--browser", "/bin/false" }, 13, "/bin/false" },
	{ "no_browser_there", { CREDENTIALS }, { "run", "visa-cal", "--browser-url", "http://127.0.0.1:9" }, 9, "127.0.0.1:9" },
	{ "a_certificate_file_that_is_not_there", { CREDENTIALS }, { "run", "visa-cal", "--cacert", "/nonexistent" }, 2, "--cacert" },
	{ "a_certificate_file_without_one", { CREDENTIALS }, { "run", "visa-cal", "--cacert", "/etc/passwd" }, 2, "no certificate" },
	{ "an_unreachable_host", { CREDENTIALS },
		{ "run", "visa-cal", "--connect-to", "*:443:127.0.0.1:9" }, 9, "ERR_" },
	{ "an_address_that_is_none", { NULL }, { "serve", "--listen", "here:there" }, 2, "ADDRESS:PORT" },
	{ "an_address_of_ipv6", { NULL }, { "serve", "--listen", "[::1]:7070" }, 2, "IPv4" },
	{ "an_address_that_is_nobodys", { NULL }, { "serve", "--listen", "192.0.2.250:7070", "--behind-proxy", "a.example" }, 1,
		"cannot listen at 192.0.2.250" },
	{ "a_name_of_nobody", { NULL }, { "serve", "--listen", "nobody.invalid:7070", "--behind-proxy", "a.example" }, 1,
		"cannot listen at nobody.invalid" },
	{ "an_address_that_is_none_in_the_environment", { "GABBAI_LISTEN=here:there" }, { "serve" }, 2, "ADDRESS:PORT" },
	{ "the_command_line_goes_over_the_environment", { "GABBAI_LISTEN=here:there" }, { "serve", "--listen", "0.0.0.0:7070" }, 2,
		"0.0.0.0 can be reached from elsewhere" },
	{ "a_port_of_a_platform_that_is_none", { "PORT=http" }, { "serve" }, 2, "ADDRESS:PORT" },
	{ "a_proxy_that_is_a_page", { NULL }, { "serve", "--behind-proxy", "https://gabbai.example.org/" }, 2, "wants a name" },
	{ "a_proxy_in_the_environment_that_is_a_page", { "GABBAI_BEHIND_PROXY=https://gabbai.example.org/" }, { "serve" }, 2,
		"wants a name" },
	{ "a_token_file_that_is_not_there", { "GABBAI_TOKEN_FILE=/nonexistent" }, { "serve" }, 1, "/nonexistent" },
	{ "a_session_that_there_is_not", { CREDENTIALS }, { "run", "visa-cal", "--no-login" }, 4, "--no-login" },
};
enum { WRONGS = sizeof wrongs / sizeof *wrongs };

static void is_told_in_a_sentence(void **state)
{
	const struct wrong *w = *state;
	AUTO(ran) struct ran ran = gabbai(w->env, w->args);

	if (ran.code != w->code)
		fail_msg("exit code %d, not %d: %s", ran.code, w->code, ran.err);
	assert_contains(ran.err, w->says);
	assert_lacks(ran.err, "Pl4nted");
	assert_lacks(ran.out, "Pl4nted");
}

/* ---- selectors of the user's own ---- */

static struct ran with_selectors(const char *text, mode_t mode)
{
	char folder[] = "/tmp/gabbai-test-XXXXXX";

	assert_non_null(mkdtemp(folder));
	AUTO(text) char *gabbai_dir = xasprintf("%s/gabbai", folder);
	AUTO(text) char *dir = xasprintf("%s/gabbai/selectors", folder);
	AUTO(text) char *file = xasprintf("%s/visa-cal.json", dir);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s", folder);
	assert_int_equal(mkdir(gabbai_dir, 0700) | mkdir(dir, 0700), 0);
	FILE *f = fopen(file, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(file, mode), 0);
	struct ran ran = gabbai((const char *[]){ CREDENTIALS, config, NULL }, (const char *[]){ "run", "visa-cal", NULL });
	(void)unlink(file);
	(void)rmdir(dir);
	(void)rmdir(gabbai_dir);
	(void)rmdir(folder);
	return ran;
}

static void selectors_that_are_broken_are_named(void **state)
{
	AUTO(ran) struct ran ran = with_selectors("{ \"targets\": {,} }", 0600);

	(void)state;
	assert_int_equal(ran.code, 2);
	assert_contains(ran.err, "visa-cal.json");
}

static void selectors_that_lack_something_are_named(void **state)
{
	AUTO(ran) struct ran ran = with_selectors("{ \"targets\": {} }", 0600);

	(void)state;
	assert_int_equal(ran.code, 2);
	assert_contains(ran.err, "pages");
}

static void selectors_that_others_can_write_are_not_taken(void **state)
{
	AUTO(ran) struct ran ran = with_selectors("{}", 0666);

	(void)state;
	assert_int_equal(ran.code, 2);
	assert_contains(ran.err, "writable");
}

/* ---- the result file ---- */

static void a_failed_run_says_so_in_its_file_too(void **state)
{
	char file[] = "/tmp/gabbai-test-XXXXXX";

	(void)state;
	close(mkstemp(file));
	AUTO(ran) struct ran ran = gabbai((const char *[]){ CREDENTIALS, NULL },
		(const char *[]){ "run", "visa-cal", "-f", "json", "-o", file, "--browser", "/bin/false", NULL });
	AUTO(file) FILE *f = fopen(file, "re");
	char text[4096] = "";
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof text - 1, f) > 0);
	AUTO(json) cJSON *json = json_parse(text, strlen(text), NULL);
	(void)unlink(file);
	assert_int_equal(ran.code, 13);
	assert_string_equal(json_str(json, "errorType"), "BROWSER_MISSING");
	assert_string_equal(ran.out, "");
}

static void help_names_every_command_and_option(void **state)
{
	AUTO(ran) struct ran ran = gabbai(NULL, (const char *[]){ "--help", NULL });

	(void)state;
	assert_int_equal(ran.code, 0);
	assert_contains(ran.out, "run");
	assert_contains(ran.out, "--connect-to");
	assert_contains(ran.out, "GABBAI_VISA_CAL_USERNAME");
}

int main(void)
{
	struct CMUnitTest tests[WRONGS + 8] = { { 0 } };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(selectors_that_are_broken_are_named),
		cmocka_unit_test(selectors_that_lack_something_are_named),
		cmocka_unit_test(selectors_that_others_can_write_are_not_taken),
		cmocka_unit_test(a_failed_run_says_so_in_its_file_too),
		cmocka_unit_test(help_names_every_command_and_option),
	};
	size_t count = 0;

	for (; count < WRONGS; count++)
		tests[count] = (struct CMUnitTest){ .name = wrongs[count].name, .test_func = is_told_in_a_sentence,
			.initial_state = (void *)&wrongs[count] };
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		tests[count++] = more[i];
	return _cmocka_run_group_tests("input", tests, count, NULL, NULL);
}
