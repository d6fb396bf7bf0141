/* gabbai run visa-cal on the test site: every way that a run can end, what it collects, and that nothing
 * secret is told. */
#include "tests/lib/asserts.h"
#include "tests/lib/program.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static struct cal cal;

static int setup(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cal_stop(&cal);
	return 0;
}

static size_t transactions(const cJSON *json)
{
	const cJSON *account;
	size_t count = 0;

	cJSON_ArrayForEach(account, json_list(json, "accounts"))
		count += (size_t)cJSON_GetArraySize(json_list(account, "txns"));
	return count;
}

/* ---- how runs end ---- */

static const struct end {
	const char *user, *password;
	int code;
	const char *type; /* NULL: success */
} ends[] = {
	{ "dana", "Secret123", 0, NULL },
	{ "slow", "Secret123", 0, NULL },
	{ "tutorial", "Secret123", 0, NULL },
	{ "nosso", "Secret123", 0, NULL },
	{ "token0", "Secret123", 0, NULL },
	{ "late", "Secret123", 0, NULL },
	{ "none96", "Secret123", 0, NULL },
	{ "api429", "Secret123", 0, NULL },
	{ "drop", "Secret123", 0, NULL },
	{ "otp1", "Secret123", 0, NULL },
	{ "otp6", "Secret123", 0, NULL },
	{ "otp6btn", "Secret123", 0, NULL },
	{ "otpframe", "Secret123", 0, NULL },
	{ "otptel", "Secret123", 0, NULL },
	{ "otpsend", "Secret123", 0, NULL },
	{ "otpback", "Secret123", 5, "TWO_FACTOR_RETRIEVER_MISSING" },
	{ "key", "Secret123", 5, "APPROVAL_TIMEOUT" },
	{ "stolen", "Secret123", 3, NULL },
	{ "nulls", "Secret123", 3, NULL },
	{ "api500", "Secret123", 3, NULL },
	{ "one401", "Secret123", 4, "NEEDS_RECONNECT" },
	{ "otpdead", "Secret123", 6, "INVALID_OTP" },
	{ "dana", "Wrong1234", 7, "INVALID_PASSWORD" },
	{ "pattern", "Secret123", 7, "INVALID_PASSWORD" },
	{ "expired", "Secret123", 7, "CHANGE_PASSWORD" },
	{ "experr", "Secret123", 7, "CHANGE_PASSWORD" },
	{ "blocked", "Secret123", 7, "ACCOUNT_BLOCKED" },
	{ "waf", "Secret123", 8, "WAF_BLOCKED" },
	{ "wafapi", "Secret123", 8, "WAF_BLOCKED" },
	{ "captcha", "Secret123", 8, "WAF_BLOCKED" },
};
enum { ENDS = sizeof ends / sizeof *ends };

static void a_run_ends_as_it_should(void **state)
{
	const struct end *end = *state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, end->user, end->password, NULL);
	const char *type = json_str(ran.json, "errorType");

	if (ran.code != end->code)
		fail_msg("%s: exit code %d, not %d: %s", end->user, ran.code, end->code, ran.err);
	assert_int_equal(json_true(ran.json, "success"), end->type == NULL);
	if (end->type)
		assert_string_equal(type ? type : "none", end->type);
	else
		assert_true(transactions(ran.json) > 100);
	/* Neither log nor result may tell it. */
	assert_lacks(ran.err, "Secret123");
	assert_lacks(ran.out, "Secret123");
}

/* ---- what it collects ---- */

static void the_other_cards_of_a_stolen_one_are_read(void **state)
{
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "stolen", "Secret123", NULL);

	(void)state;
	assert_int_equal(cJSON_GetArraySize(json_list(ran.json, "accounts")), 3);
	assert_true(cJSON_GetArraySize(json_list(ran.json, "accounts.0.txns")) > 100);
	assert_int_equal(cJSON_GetArraySize(json_list(ran.json, "accounts.1.txns")), 0);
	assert_true(cJSON_GetArraySize(json_list(ran.json, "accounts.2.txns")) > 100);
	assert_contains(ran.err, "1 of 3 are not complete");
}

/* Its first message never arrives; who is asked says so, as a person would. */
static void a_code_that_does_not_come_is_sent_again(void **state)
{
	static const char script[] = "if [ -s $0 ]; then exec fixtures/phone $0; else echo resend; fi";
	AUTO(text) char *phone = cal_file(&cal, "phone");
	AUTO(text) char *source = xasprintf("exec:[\"sh\",\"-c\",\"%s\",\"%s\"]", script, phone);

	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "otpresnd", "Secret123", (const char *const[]){ "--otp", source, NULL });
	assert_int_equal(ran.code, 0);
	assert_contains(ran.err, "having the code sent again");
}

static void a_code_is_sent_the_way_that_is_wanted(void **state)
{
	static const char *const channels[] = { "whatsapp", "call" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(ran) struct ran ran = gabbai_cal(&cal, "otptel", "Secret123",
			(const char *const[]){ "--otp-channel", channels[i], NULL });
		AUTO(text) char *phone = cal_file(&cal, "phone");
		AUTO(file) FILE *f = fopen(phone, "re");
		char line[512] = "";
		assert_int_equal(ran.code, 0);
		assert_true(f && fgets(line, sizeof line, f));
		AUTO(json) cJSON *message = json_parse(line, strlen(line), NULL);
		assert_int_equal(strcasecmp(json_str(message, "channel"), channels[i]), 0);
	}
}

/* Commands hear what there is to choose from, too. */
static void whoever_is_asked_may_choose_how_a_code_is_sent(void **state)
{
	static const char script[] = "case $(cat) in *choose_method*WHATSAPP*|*choose_method*whatsapp*) echo whatsapp;;"
		" *) exec fixtures/phone $0;; esac";
	AUTO(text) char *phone = cal_file(&cal, "phone");
	AUTO(text) char *source = xasprintf("exec:[\"sh\",\"-c\",\"%s\",\"%s\"]", script, phone);
	char line[512] = "";

	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "otptel", "Secret123", (const char *const[]){ "--otp", source, NULL });
	if (ran.code)
		fail_msg("exit code %d: %s", ran.code, ran.err);
	AUTO(file) FILE *f = fopen(phone, "re");
	assert_true(f && fgets(line, sizeof line, f));
	AUTO(json) cJSON *message = json_parse(line, strlen(line), NULL);
	assert_int_equal(strcasecmp(json_str(message, "channel"), "whatsapp"), 0);
}

static void an_approval_that_nobody_gives_is_told(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "push", "Secret123", (const char *const[]){ "--otp-timeout", "2", NULL });
	assert_int_equal(ran.code, 5);
	assert_string_equal(json_str(ran.json, "errorType"), "APPROVAL_TIMEOUT");
	assert_contains(ran.err, "waiting for the approval in the app");
}

static void an_approval_in_the_app_is_waited_for(void **state)
{
	enum { LOOKS = 200, LOOK_MS = 100 };
	const pid_t pid = gabbai_start(&cal, "visa-cal", "push", (const char *const[]){ "--otp-timeout", "60", NULL }, "push");
	AUTO(text) char *log = cal_file(&cal, "push.err");
	bool waits = false;

	(void)state;
	for (int i = 0; i < LOOKS && !waits; i++) {
		AUTO(file) FILE *f = fopen(log, "re");
		char line[512];
		while (f && fgets(line, sizeof line, f))
			waits = waits || strstr(line, "approval in the app");
		(void)poll(NULL, 0, LOOK_MS);
	}
	cJSON_Delete(cal_ask(&cal, "https://connect.cal-online.co.il/_approve"));
	assert_int_equal(program_end(pid), 0);
	assert_true(waits);
}

static void the_quick_login_shows_every_card(void **state)
{
	AUTO(ran) struct ran first = gabbai_cal(&cal, "dana", "Secret123", NULL);
	AUTO(text) char *last4 = xasprintf("GABBAI_VISA_CAL_LAST4=%s", json_str(first.json, "accounts.0.accountNumber"));
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal.port);
	AUTO(text) char *otp = xasprintf("exec:[\"fixtures/phone\",\"%s/phone\"]", cal.folder);
	AUTO(ran) struct ran quick = gabbai((const char *[]){ "GABBAI_VISA_CAL_ID=111111118", last4, NULL },
		(const char *[]){ "run", "visa-cal", "--login", "quick", "-f", "ibs", "--cacert", cert, "--connect-to", rule,
			"--otp", otp, NULL });

	(void)state;
	assert_int_equal(quick.code, 0);
	assert_int_equal(cJSON_GetArraySize(json_list(first.json, "accounts")), 3);
	assert_int_equal(cJSON_GetArraySize(json_list(quick.json, "accounts")), 4);
}

static void the_customers_are_two(void **state)
{
	AUTO(ran) struct ran dana = gabbai_cal(&cal, "dana", "Secret123", NULL);
	AUTO(ran) struct ran yossi = gabbai_cal(&cal, "yossi", "Secret123", NULL);

	(void)state;
	assert_int_equal(cJSON_GetArraySize(json_list(yossi.json, "accounts")), 1);
	assert_string_not_equal(json_str(dana.json, "accounts.0.accountNumber"), json_str(yossi.json, "accounts.0.accountNumber"));
}

static void a_month_may_have_thousands(void **state)
{
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "bigcard", "Secret123", NULL);

	(void)state;
	assert_int_equal(ran.code, 0);
	assert_true(transactions(ran.json) > 5000);
}

static void since_cuts_off(void **state)
{
	const char *const more[] = { "--since", "2026-10-01", NULL };
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "yossi", "Secret123", more);
	const cJSON *one;

	(void)state;
	assert_int_equal(ran.code, 0);
	cJSON_ArrayForEach(one, json_list(ran.json, "accounts.0.txns"))
		assert_true(strcmp(json_str(one, "date"), "2026-09-30T21:00:00.000Z") >= 0);
}

/* ---- codes ---- */

static void without_anybody_to_ask_the_code_is_missing(void **state)
{
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal.port);
	AUTO(ran) struct ran ran = gabbai(
		(const char *[]){ "GABBAI_VISA_CAL_USERNAME=otp6", "GABBAI_VISA_CAL_PASSWORD=Secret123", NULL },
		(const char *[]){ "run", "visa-cal", "-f", "ibs", "--no-input", "--cacert", cert, "--connect-to", rule, NULL });

	(void)state;
	assert_int_equal(ran.code, 5);
	assert_string_equal(json_str(ran.json, "errorType"), "TWO_FACTOR_RETRIEVER_MISSING");
}

static void a_wrong_code_is_tried_three_times_at_most(void **state)
{
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal.port);
	AUTO(ran) struct ran ran = gabbai(
		(const char *[]){ "GABBAI_VISA_CAL_USERNAME=otp1", "GABBAI_VISA_CAL_PASSWORD=Secret123", NULL },
		(const char *[]){ "run", "visa-cal", "-f", "ibs", "--no-input", "--cacert", cert, "--connect-to", rule, "--otp",
			"exec:[\"echo\",\"000000\"]", NULL });

	(void)state;
	assert_int_equal(ran.code, 6);
	assert_string_equal(json_str(ran.json, "errorType"), "INVALID_OTP");
	assert_lacks(ran.err, "000000");
}

/* The words against the first one stand beside the field while the second is typed. */
static void after_a_wrong_code_the_right_one_is_taken(void **state)
{
	static const char script[] = "if [ -e $1 ]; then exec fixtures/phone $0; else touch $1; echo 999999; fi";
	static const char *const users[] = { "otp1", "otp6", "otp6btn", "otpframe" };
	AUTO(text) char *phone = cal_file(&cal, "phone");
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *www = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal.port);
	AUTO(text) char *verify = xasprintf("*.calconnect-id.co.il:443:127.0.0.1:%d", cal.port);

	(void)state;
	for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
		AUTO(text) char *name = xasprintf("wrong-%s", users[i]);
		AUTO(text) char *mark = cal_file(&cal, name);
		AUTO(text) char *source = xasprintf("exec:[\"sh\",\"-c\",\"%s\",\"%s\",\"%s\"]", script, phone, mark);
		AUTO(text) char *user = xasprintf("GABBAI_VISA_CAL_USERNAME=%s", users[i]);
		AUTO(ran) struct ran ran = gabbai((const char *[]){ user, "GABBAI_VISA_CAL_PASSWORD=Secret123", NULL },
			(const char *[]){ "run", "visa-cal", "-f", "ibs", "--no-input", "--cacert", cert, "--connect-to", www,
				"--connect-to", verify, "--otp", source, NULL });
		if (ran.code)
			fail_msg("%s: exit code %d: %s", users[i], ran.code, ran.err);
		assert_contains(ran.err, "waiting for another code");
	}
}

static void nobody_answers_in_time(void **state)
{
	const char *const more[] = { "--otp-timeout", "1", NULL };
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*.cal-online.co.il:443:127.0.0.1:%d", cal.port);
	AUTO(text) char *file = xasprintf("file:%s/never", cal.folder);
	AUTO(ran) struct ran ran = gabbai(
		(const char *[]){ "GABBAI_VISA_CAL_USERNAME=otp1", "GABBAI_VISA_CAL_PASSWORD=Secret123", NULL },
		(const char *[]){ "run", "visa-cal", "-f", "ibs", "--cacert", cert, "--connect-to", rule, "--otp", file, more[0], more[1],
			NULL });

	(void)state;
	assert_int_equal(ran.code, 5);
	assert_string_equal(json_str(ran.json, "errorType"), "OTP_TIMEOUT");
}

/* ---- the site's own bad days ---- */

static void on_a_bad_day(const char *flag, int code, const char *type)
{
	struct cal bad;

	cal_start(&bad, (const char *[]){ flag, NULL });
	AUTO(ran) struct ran ran = gabbai_cal(&bad, "dana", "Secret123", NULL);
	cal_stop(&bad);
	if (ran.code != code)
		fail_msg("%s: exit code %d: %s", flag, ran.code, ran.err);
	if (type)
		assert_string_equal(json_str(ran.json, "errorType"), type);
}

static void a_popup_over_the_button_is_waited_for(void **state)
{
	(void)state;
	on_a_bad_day("--popup", 0, NULL);
}

static void inputs_may_be_enabled_late(void **state)
{
	(void)state;
	on_a_bad_day("--late", 0, NULL);
}

static void a_firewall_at_the_door_is_told(void **state)
{
	(void)state;
	on_a_bad_day("--waf", 8, "WAF_BLOCKED");
}

/* chromium-headless-shell says that it is headless; where it is not installed, nobody does. */
static void a_firewall_for_small_browsers_gets_the_full_one(void **state)
{
	const bool is_small = access("/usr/bin/chromium-headless-shell", X_OK) == 0;
	struct cal site;

	(void)state;
	cal_start(&site, (const char *const[]){ "--waf=shell", NULL });
	AUTO(ran) struct ran first = gabbai_cal(&site, "dana", "Secret123", NULL);
	site.keeps = true;
	AUTO(ran) struct ran second = gabbai_cal(&site, "dana", "Secret123", (const char *const[]){ "--tier", "login", NULL });
	cal_stop(&site);
	assert_int_equal(first.code, 0);
	assert_int_equal(strstr(first.err, "once more with the full browser") != NULL, is_small);
	assert_int_equal(second.code, 0);
	assert_lacks(second.err, "once more");
}

static void a_login_that_is_gone_is_a_changed_site(void **state)
{
	(void)state;
	on_a_bad_day("--no-frame", 10, "SITE_CHANGED");
}

/* ---- nothing is left behind ---- */

static bool any_process_with(const char *part)
{
	DIR *dir = opendir("/proc");
	bool found = false;

	for (const struct dirent *entry; dir && !found && (entry = readdir(dir));) {
		AUTO(text) char *path = xasprintf("/proc/%s/cmdline", entry->d_name);
		AUTO(file) FILE *f = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "re") : NULL;
		char line[8192];
		const size_t size = f ? fread(line, 1, sizeof line, f) : 0;
		found = size && memmem(line, size, part, strlen(part));
	}
	if (dir)
		closedir(dir);
	return found;
}

static void killing_it_leaves_no_browser(void **state)
{
	static const int moments_ms[] = { 60, 150, 300, 600, 1200 };

	(void)state;
	setenv("XDG_RUNTIME_DIR", cal.folder, 1);
	AUTO(text) char *mark = xasprintf("%s/gabbai-run-", cal.folder);
	for (size_t i = 0; i < sizeof moments_ms / sizeof *moments_ms; i++) {
		const pid_t pid = gabbai_start(&cal, "visa-cal", "hang", NULL, "hang");
		(void)poll(NULL, 0, moments_ms[i]);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		int waited = 0;
		for (; any_process_with(mark) && waited < 3000; waited += 50)
			(void)poll(NULL, 0, 50);
		if (waited >= 3000)
			fail_msg("killed after %d ms, its browser lives on", moments_ms[i]);
	}
	/* The next start clears away what the dead could not. */
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "yossi", "Secret123", NULL);
	unsetenv("XDG_RUNTIME_DIR");
	assert_int_equal(ran.code, 0);
	DIR *dir = opendir(cal.folder);
	for (const struct dirent *entry; dir && (entry = readdir(dir));)
		assert_false(!strncmp(entry->d_name, "gabbai-run-", 11));
	if (dir)
		closedir(dir);
}

static void an_interrupt_closes_the_browser(void **state)
{
	int status;

	(void)state;
	const pid_t pid = gabbai_start(&cal, "visa-cal", "hang", NULL, "hang");
	(void)poll(NULL, 0, 1500);
	(void)kill(pid, SIGINT);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
}

int main(void)
{
	struct CMUnitTest tests[ENDS + 24] = { { 0 } };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(the_other_cards_of_a_stolen_one_are_read),
		cmocka_unit_test(a_code_that_does_not_come_is_sent_again),
		cmocka_unit_test(a_code_is_sent_the_way_that_is_wanted),
		cmocka_unit_test(whoever_is_asked_may_choose_how_a_code_is_sent),
		cmocka_unit_test(an_approval_that_nobody_gives_is_told),
		cmocka_unit_test(an_approval_in_the_app_is_waited_for),
		cmocka_unit_test(the_quick_login_shows_every_card),
		cmocka_unit_test(the_customers_are_two),
		cmocka_unit_test(a_month_may_have_thousands),
		cmocka_unit_test(since_cuts_off),
		cmocka_unit_test(without_anybody_to_ask_the_code_is_missing),
		cmocka_unit_test(a_wrong_code_is_tried_three_times_at_most),
		cmocka_unit_test(after_a_wrong_code_the_right_one_is_taken),
		cmocka_unit_test(nobody_answers_in_time),
		cmocka_unit_test(a_popup_over_the_button_is_waited_for),
		cmocka_unit_test(inputs_may_be_enabled_late),
		cmocka_unit_test(a_firewall_at_the_door_is_told),
		cmocka_unit_test(a_firewall_for_small_browsers_gets_the_full_one),
		cmocka_unit_test(a_login_that_is_gone_is_a_changed_site),
		cmocka_unit_test(killing_it_leaves_no_browser),
		cmocka_unit_test(an_interrupt_closes_the_browser),
	};
	size_t count = 0;

	for (; count < ENDS; count++)
		tests[count] = (struct CMUnitTest){ .name = ends[count].user, .test_func = a_run_ends_as_it_should,
			.initial_state = (void *)&ends[count] };
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		tests[count++] = more[i];
	cmocka_set_test_filter(getenv("TEST"));
	return _cmocka_run_group_tests("visa_cal", tests, count, setup, teardown);
}
