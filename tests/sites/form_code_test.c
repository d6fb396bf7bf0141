/* gabbai submit where a site wants a one-time code: the behaviours that the requirement promises, and what is easily got wrong. */
#include "tests/lib/asserts.h"
#include "tests/lib/forms.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define LOGIN     "-d", "username=" FORM_USER, "-d", "password=" FORM_PASSWORD

static const char *said(const struct ran *ran, const char *path)
{
	const char *text = json_str(ran->json, path);

	return text ? text : "";
}

static int64_t number(const struct ran *ran, const char *path)
{
	int64_t value = -1;

	(void)json_int(ran->json, path, &value);
	return value;
}

#define assert_went(ran, how)                                                                      \
	do {                                                                                       \
		if ((ran).code != 0 || !json_true((ran).json, "success") || strcmp(said(&(ran), "method"), (how)) != 0) \
			fail_msg("exit %d by %s, not by %s: %s\n%s", (ran).code, said(&(ran), "method"), (how), (ran).out, (ran).err); \
	} while (0)

/* ---- how sites ask ---- */

static const struct asks {
	const char *page, *type, *destination, *endpoint;
	int expires, digits;
	const char *verify, *field, *carried; /* where the code goes, under which name, and what with it */
} ways[] = {
	{ "code/202", "email", "u***@example.com", "https://forms.test/code/verify", 300, 6, "/code/verify", "code", NULL },
	{ "code/pending", "email", "", "https://forms.test/code/pending", -1, -1, "/code/pending", "code", NULL },
	{ "code/200", "sms", "***1234", "https://forms.test/code/200", -1, -1, "/code/200", "code", NULL },
	{ "code/401", "email", "", "https://forms.test/code/401", -1, -1, "/code/401", "code", NULL },
	{ "code/403", "totp", "", "https://forms.test/code/verify", -1, 6, "/code/verify", "code", NULL },
	{ "code/428", "unknown", "", "https://forms.test/code/428", -1, -1, "/code/428", "code", NULL },
	{ "code/header", "sms", "", "https://forms.test/code/header", -1, -1, "/code/header", NULL, NULL },
	{ "code/field", "unknown", "", "https://forms.test/code/verify-field", -1, -1, "/code/verify-field", "verification_code", "challengeId" },
	{ "code/graphql", "unknown", "", "https://forms.test/code/verify-token", -1, -1, "/code/verify-token", "code", "mfaToken" },
	{ "code/whatsapp", "whatsapp", "", "https://forms.test/code/verify", -1, -1, "/code/verify", "code", NULL },
	{ "code/page", "sms", "", "https://forms.test/code/verify-page", 600, 6, "/code/verify-page", "otp_code", "challenge=" },
	{ "code/redirect", "unknown", "", "https://forms.test/code/verify-page", -1, 6, "/code/verify-page", "otp_code", "challenge=" },
	{ "code/ui-202", "email", "u***@example.com", "https://forms.test/code/verify", 300, 6, "/code/verify", "code", NULL },
};
enum { WAYS = sizeof ways / sizeof *ways };

static void assert_challenge(const struct ran *ran, const struct asks *w)
{
	assert_true(json_true(ran->json, "otpRequired"));
	assert_string_equal(said(ran, "otpChallenge.type"), w->type);
	assert_string_equal(said(ran, "otpChallenge.endpoint"), w->endpoint);
	if (*w->destination)
		assert_string_equal(said(ran, "otpChallenge.destination"), w->destination);
	if (w->expires > 0)
		assert_int_equal(number(ran, "otpChallenge.expiresIn"), w->expires);
	if (w->digits > 0)
		assert_int_equal(number(ran, "otpChallenge.codeLength"), w->digits);
}

/* The first time in the browser, where the page may have a field for the code or none, and the second over HTTP with what was
 * learned: where, under which name, with what beside it, in the visitor's own session. */
static void a_code_is_asked_for_and_sent(void **state)
{
	const struct asks *w = *state;
	AUTO(ran) struct ran first = forms_submit(w->page, ARGS(LOGIN, "--otp", FORM_CODE));

	assert_went(first, "browser");
	assert_true(json_true(first.json, "learned"));
	assert_true(json_true(first.json, "otpRequired"));
	AUTO(ran) struct ran shown = forms_run(ARGS("forms", "show", "forms.test"));
	assert_true(json_true(shown.json, "0.requiresOTP"));
	assert_string_equal(said(&shown, "0.otpPattern.otpMethod"), "POST");
	if (w->field)
		assert_string_equal(said(&shown, "0.otpPattern.otpFieldName"), w->field);
	assert_lacks(shown.out, FORM_CODE);
	forms_forget();
	AUTO(ran) struct ran second = forms_submit(w->page, ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(second, "api");
	assert_challenge(&second, w);
	assert_int_equal(forms_seen("POST", w->verify, 0, FORM_CODE), 1);
	if (w->carried)
		assert_int_equal(forms_seen("POST", w->verify, 0, w->carried), 1);
	AUTO(text) char *cookie = forms_header(w->verify, "cookie");
	assert_contains(cookie, "sid=");
}

static void the_final_answer_is_the_result(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("code/202", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(first, "browser");
	AUTO(ran) struct ran ran = forms_submit("code/202", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_true(json_true(ran.json, "responseData.success"));
	assert_true(*said(&ran, "responseData.token") != '\0');
	assert_string_equal(said(&ran, "responseData.user.id"), "123");
	assert_int_equal(number(&ran, "responseStatus"), 200);
	assert_string_equal(said(&ran, "otpChallenge.message"), "Verification code sent to u***@example.com");
}

/* ---- nobody, no, and wrong ---- */

static void nobody_to_ask_is_said(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) { /* in the browser, then over HTTP */
		if (i) {
			AUTO(ran) struct ran good = forms_submit("code/202", ARGS(LOGIN, "--otp", FORM_CODE));
			assert_went(good, "browser");
		}
		forms_forget();
		AUTO(ran) struct ran ran = forms_submit("code/202", ARGS(LOGIN));
		assert_int_equal(ran.code, 5);
		assert_string_equal(said(&ran, "method"), i ? "api" : "browser");
		assert_string_equal(said(&ran, "error"),
			"OTP required but no onOTPRequired callback provided. Cannot complete submission.");
		assert_true(json_true(ran.json, "otpRequired"));
		assert_int_equal(forms_seen("POST", "/code/202", 0, NULL), 1); /* the fallback would send a second message */
	}
}

static void a_person_may_say_no(void **state)
{
	(void)state;
	AUTO(ran) struct ran good = forms_submit("code/202", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(good, "browser");
	forms_forget();
	AUTO(ran) struct ran ran = forms_submit("code/202", ARGS(LOGIN, "--otp", "tty"));
	assert_int_equal(ran.code, 5);
	AUTO(ran) struct ran other = forms_submit_told("", "code/202", ARGS(LOGIN, "--otp", "exec:[\"true\"]"));
	assert_int_equal(other.code, 5);
	assert_int_equal(forms_seen("POST", "/code/202", 0, NULL), 2); /* one each */
	assert_int_equal(forms_seen("POST", "/code/verify", 0, NULL), 0);
}

static void a_wrong_code_is_asked_for_three_times(void **state)
{
	static const char *const pages[] = { "code/202", "code/ui-202", "code/page" };
	static const char *const verify[] = { "/code/verify", "/code/verify", "/code/verify-page" };

	for (size_t i = 0; i < 3; i++) {
		forms_begin(state);
		AUTO(text) char *path = xasprintf("/%s", pages[i]);
		for (int over_http = 0; over_http < 2; over_http++) {
			if (over_http) {
				AUTO(ran) struct ran good = forms_submit(pages[i], ARGS(LOGIN, "--otp", FORM_CODE));
				assert_went(good, "browser");
			}
			forms_forget();
			AUTO(ran) struct ran ran = forms_submit(pages[i], ARGS(LOGIN, "--otp", "exec:[\"echo\",\"111111\"]"));
			assert_int_equal(ran.code, 6);
			assert_string_equal(said(&ran, "method"), over_http ? "api" : "browser");
			assert_contains(said(&ran, "error"), "OTP verification failed: ");
			assert_int_equal(forms_seen("POST", path, 0, "Analytical"), 1);
			assert_int_equal(forms_seen("POST", verify[i], 0, "111111"), 3);
			assert_lacks(ran.err, "111111");
		}
	}
}

static void a_code_that_is_given_once_is_sent_once(void **state)
{
	(void)state;
	AUTO(ran) struct ran good = forms_submit("code/202", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(good, "browser");
	forms_forget();
	AUTO(ran) struct ran ran = forms_submit("code/202", ARGS(LOGIN, "--otp", "111111"));
	assert_int_equal(ran.code, 6);
	assert_string_equal(said(&ran, "error"), "OTP verification failed: 401 Unauthorized");
	assert_int_equal(forms_seen("POST", "/code/verify", 0, "111111"), 1);
	assert_int_equal(forms_seen("POST", "/code/202", 0, NULL), 1);
}

/* Nobody is asked for a code because the password is wrong. */
static void a_wrong_password_is_no_question(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		if (i) {
			AUTO(ran) struct ran good = forms_submit("code/401", ARGS(LOGIN, "--otp", FORM_CODE));
			assert_went(good, "browser");
		}
		forms_forget();
		AUTO(ran) struct ran ran = forms_submit("code/401", ARGS("-d", "username=" FORM_USER, "-d", "password=not-this-one",
			"--otp", FORM_CODE));
		assert_int_equal(ran.code, 7);
		assert_int_equal(json_true(ran.json, "otpRequired"), false);
		assert_string_equal(said(&ran, "error"), "API request failed: 401 Unauthorized");
		assert_int_equal(forms_seen("POST", "/code/401", 0, NULL), 1);
	}
}

/* The usual names one after the other, as far as the site does not understand; and the next time the right one. */
static void the_name_of_the_code_is_found(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("code/named", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(first, "browser");
	assert_int_equal(forms_seen("POST", "/code/verify-named", 422, NULL), 3);
	forms_forget();
	AUTO(ran) struct ran second = forms_submit("code/named", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(second, "api");
	assert_int_equal(forms_seen("POST", "/code/verify-named", 422, NULL), 0);
	assert_int_equal(forms_seen("POST", "/code/verify-named", 200, "verification_code"), 1);
}

/* ---- another one ---- */

static void an_expired_code_is_sent_again(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("code/expires", ARGS(LOGIN, "--otp", "exec:[\"echo\",\"" FORM_CODE "\"]"));
	assert_went(first, "browser");
	forms_forget();
	AUTO(ran) struct ran second = forms_submit("code/expires", ARGS(LOGIN, "--otp", "exec:[\"echo\",\"" FORM_CODE "\"]"));
	assert_went(second, "api");
	assert_int_equal(forms_seen("POST", "/code/resend", 200, NULL), 1);
	assert_int_equal(forms_seen("POST", "/code/expires", 0, NULL), 1);
}

/* The site said how long its code is good; one that comes later is not sent, and a new one is asked for. */
static void a_code_that_comes_too_late_is_not_sent(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("code/short", ARGS(LOGIN, "--otp", "exec:[\"echo\",\"" FORM_CODE "\"]"));
	assert_went(first, "browser");
	forms_forget();
	AUTO(ran) struct ran late = forms_submit("code/short", ARGS(LOGIN, "--otp", "exec:[\"sh\",\"-c\",\"sleep 1.5; echo " FORM_CODE "\"]"));
	assert_int_equal(late.code, 5);
	assert_contains(late.out, "the code expired before it came");
	assert_int_equal(forms_seen("POST", "/code/verify-short", 0, NULL), 0);
	assert_int_equal(forms_seen("POST", "/code/resend", 200, NULL), 3);
	assert_int_equal(forms_seen("POST", "/code/short", 0, NULL), 1);
}

/* The file goes once, and the code after it. */
static void a_code_after_an_upload(void **state)
{
	AUTO(text) char *file = xasprintf("document=@%s", forms_document());

	(void)state;
	for (int i = 0; i < 2; i++) {
		forms_forget();
		AUTO(ran) struct ran ran = forms_submit("code/upload", ARGS("-d", "description=Confidential", "-F", file, "--otp", FORM_CODE));
		assert_went(ran, i ? "api" : "browser");
		assert_true(json_true(ran.json, "otpRequired"));
		assert_true(json_true(ran.json, "responseData.success"));
		assert_int_equal(forms_seen("POST", "/code/upload", 202, NULL), 1);
		assert_int_equal(forms_seen("POST", "/code/verify", 200, FORM_CODE), 1);
	}
}

static void one_challenge_may_be_behind_another(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("code/nested", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(first, "browser");
	forms_forget();
	AUTO(ran) struct ran second = forms_submit("code/nested", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(second, "api");
	assert_int_equal(forms_seen("POST", "/code/verify-first", 202, NULL), 1);
	assert_int_equal(forms_seen("POST", "/code/verify", 200, NULL), 1);
}

static void an_approval_is_waited_for(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit("code/push", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(first, "browser");
	assert_string_equal(said(&first, "otpChallenge.type"), "push");
	AUTO(ran) struct ran second = forms_submit("code/push", ARGS(LOGIN, "--otp", FORM_CODE));
	assert_went(second, "api");
	AUTO(ran) struct ran nobody = forms_submit("code/push", ARGS(LOGIN));
	assert_int_equal(nobody.code, 5);
}

/* ---- the caller does it ---- */

static void a_challenge_can_be_left_to_the_caller(void **state)
{
	AUTO(text) char *step = xasprintf("@%s/step", forms_folder());

	(void)state;
	for (int i = 0; i < 2; i++) {
		forms_forget();
		AUTO(ran) struct ran first = forms_submit("code/202", ARGS(LOGIN, "--no-otp-retry"));
		assert_int_equal(first.code, 5);
		assert_string_equal(said(&first, "method"), i ? "api" : "browser");
		assert_true(json_true(first.json, "otpRequired"));
		assert_string_equal(said(&first, "otpChallenge.type"), "email");
		assert_string_equal(said(&first, "error"), "");
		AUTO(file) FILE *f = fopen(step + 1, "we");
		assert_true(f && fputs(first.out, f) >= 0 && fflush(f) == 0);
		AUTO(ran) struct ran second = forms_submit("code/202", ARGS("--previous", step, "--otp", FORM_CODE));
		assert_went(second, "api");
		assert_string_equal(said(&second, "responseData.user.id"), "123");
		assert_int_equal(forms_seen("POST", "/code/202", 0, NULL), 1);
		assert_lacks(first.out, "sid=");
	}
}

/* Two steps as the requirement has them: isMultiStep, and the second without fields. */
static void two_steps_in_json(void **state)
{
	(void)state;
	AUTO(ran) struct ran first = forms_submit_told("{\"fields\":{\"username\":\"" FORM_USER "\",\"password\":\"" FORM_PASSWORD "\"},"
		"\"isMultiStep\":true,\"stepNumber\":1,\"autoRetryOnOTP\":false}", "code/202", ARGS("-d", "@-"));
	assert_true(json_true(first.json, "otpRequired"));
	AUTO(text) char *input = xasprintf("{\"fields\":{},\"isMultiStep\":true,\"stepNumber\":2,\"previousStepData\":{\"state\":\"%s\"}}",
		said(&first, "previousStepData.state"));
	AUTO(ran) struct ran second = forms_submit_told(input, "code/202", ARGS("-d", "@-", "--otp", FORM_CODE));
	assert_went(second, "api");
	AUTO(ran) struct ran forged = forms_submit_told("{\"previousStepData\":{\"state\":\"AAAA\"}}", "code/202", ARGS("-d", "@-", "--otp",
		FORM_CODE));
	assert_int_not_equal(forged.code, 0);
}

/* The second step has fields of its own, and is one of the same visitor's. */
static void steps_are_one_visit(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(ran) struct ran first = forms_submit("csrf-hidden", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD, "--step"));
		assert_went(first, i ? "api" : "browser");
		AUTO(text) char *one = forms_header("/csrf-hidden", "cookie");
		const char *previous = said(&first, "previousStepData.state");
		assert_true(*previous);
		AUTO(ran) struct ran second = forms_submit("plain", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD,
			"--previous", previous));
		assert_went(second, i ? "api" : "browser");
		AUTO(text) char *two = forms_header("/plain", "cookie");
		const char *sid = strstr(one, "sid=");
		assert_non_null(sid);
		AUTO(text) char *same = xstrndup(sid, strcspn(sid, ";"));
		assert_contains(two, same);
	}
}

/* ---- with other kinds of forms ---- */

static void a_clock_has_the_code(void **state)
{
	(void)state;
	AUTO(ran) struct ran none = forms_submit("code/totp", ARGS(LOGIN, "--otp", "totp:ada"));
	assert_int_equal(none.code, 4);
	AUTO(ran) struct ran set = forms_run(ARGS("secret", "set", "form/ada", "totp", "--from", "totp:JBSWY3DPEHPK3PXP"));
	assert_int_equal(set.code, 0);
	AUTO(ran) struct ran first = forms_submit("code/totp", ARGS(LOGIN, "--otp", "totp:ada"));
	assert_went(first, "browser");
	AUTO(ran) struct ran second = forms_submit("code/totp", ARGS(LOGIN, "--otp", "totp:ada"));
	assert_went(second, "api");
	assert_string_equal(said(&second, "otpChallenge.type"), "totp");
	assert_int_equal(number(&second, "otpChallenge.codeLength"), 6);
	assert_int_equal(forms_seen("POST", "/code/verify-clock", 200, NULL), 2);
}

/* ---- servers that mean no good ---- */

static const struct hostile {
	const char *page, *error;
} hostile[] = {
	{ "bad/host", "leads to another one (evil.test)" },
	{ "bad/http", "from https to http" },
	{ "bad/file", "says nowhere that it can be understood" },
	{ "bad/types", "says nowhere that it can be understood" },
	{ "bad/huge", "the answer has more than 8 MB" },
	{ "bad/deep", "Response does not match success indicators" },
	{ "bad/slow", "did not answer in time" },
	{ "bad/away", "Response does not match success indicators" },
	{ "bad/scheme", "Response does not match success indicators" },
};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

static void a_hostile_answer_is_refused(void **state)
{
	const struct hostile *h = *state;
	AUTO(text) char *path = xasprintf("/%s", h->page);
	AUTO(ran) struct ran first = forms_submit(h->page, ARGS("-d", "username=" FORM_USER));

	assert_went(first, "browser");
	forms_set("hostile=1");
	forms_forget();
	AUTO(ran) struct ran ran = forms_submit(h->page, ARGS("-d", "username=" FORM_USER, "--otp", FORM_CODE, "--timeout", "2s"));
	assert_int_not_equal(ran.code, 0);
	assert_contains(said(&ran, "error"), h->error);
	assert_string_equal(said(&ran, "method"), "api");
	assert_int_equal(forms_seen("POST", path, 0, NULL), 1);
	AUTO(ran) struct ran list = forms_run(ARGS("forms", "list", "--json"));
	assert_lacks(list.out, "evil.test");
}

/* ---- what is never kept ---- */

static int files_seen;

/* Not 0 when a file holds what was planted. */
static int look_into(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	static const char *const planted[] = { FORM_USER, FORM_PASSWORD, FORM_CODE };
	AUTO(file) FILE *f = kind == FTW_F ? fopen(path, "re") : NULL;
	const size_t size = (size_t)st->st_size;
	AUTO(text) char *content = f && size ? xmalloc(size) : NULL;

	(void)at;
	if (!content || fread(content, 1, size, f) != size)
		return 0;
	files_seen++;
	for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
		if (memmem(content, size, planted[i], strlen(planted[i]))) {
			(void)fprintf(stderr, "%s is in %s\n", planted[i], path);
			return 1;
		}
	return 0;
}

/* Everything that a run leaves: the database, its log, what was printed, with all messages to the browser. */
static void no_value_is_left_anywhere(void **state)
{
	AUTO(text) char *data = xasprintf("%s/data", forms_folder());

	(void)state;
	for (int i = 0; i < 3; i++) {
		const char *code = i == 2 ? "975310" : FORM_CODE;
		AUTO(ran) struct ran ran = forms_submit("code/ui-202", ARGS(LOGIN, "--otp", code, "-v", "-v"));
		assert_int_equal(ran.code, i == 2 ? 6 : 0);
		assert_lacks(ran.err, FORM_PASSWORD);
		assert_lacks(ran.err, FORM_USER);
		assert_lacks(ran.err, code);
		assert_lacks(ran.err, "eyJhbGci"); /* the token of the answer */
		assert_lacks(ran.out, FORM_PASSWORD);
		assert_lacks(ran.out, code);
	}
	AUTO(ran) struct ran plain = forms_submit("csrf-hidden", ARGS("-d", "user=" FORM_USER, "-d", "password=" FORM_PASSWORD));
	AUTO(ran) struct ran quoted = forms_submit("graphql", ARGS(LOGIN));
	assert_went(plain, "browser");
	assert_went(quoted, "browser");
	assert_int_equal(nftw(data, look_into, 8, FTW_PHYS), 0);
	assert_true(files_seen >= 1);
}

static const struct CMUnitTest single[] = {
	cmocka_unit_test_setup(the_final_answer_is_the_result, forms_begin),
	cmocka_unit_test_setup(nobody_to_ask_is_said, forms_begin),
	cmocka_unit_test_setup(a_person_may_say_no, forms_begin),
	cmocka_unit_test_setup(a_wrong_code_is_asked_for_three_times, forms_begin),
	cmocka_unit_test_setup(a_code_that_is_given_once_is_sent_once, forms_begin),
	cmocka_unit_test_setup(a_wrong_password_is_no_question, forms_begin),
	cmocka_unit_test_setup(the_name_of_the_code_is_found, forms_begin),
	cmocka_unit_test_setup(an_expired_code_is_sent_again, forms_begin),
	cmocka_unit_test_setup(a_code_that_comes_too_late_is_not_sent, forms_begin),
	cmocka_unit_test_setup(a_code_after_an_upload, forms_begin),
	cmocka_unit_test_setup(one_challenge_may_be_behind_another, forms_begin),
	cmocka_unit_test_setup(an_approval_is_waited_for, forms_begin),
	cmocka_unit_test_setup(a_challenge_can_be_left_to_the_caller, forms_begin),
	cmocka_unit_test_setup(two_steps_in_json, forms_begin),
	cmocka_unit_test_setup(steps_are_one_visit, forms_begin),
	cmocka_unit_test_setup(a_clock_has_the_code, forms_begin),
	cmocka_unit_test_setup(no_value_is_left_anywhere, forms_begin),
};
enum { SINGLE = sizeof single / sizeof *single };

int main(void)
{
	struct CMUnitTest tests[WAYS + HOSTILE + SINGLE];
	char *names[WAYS + HOSTILE];
	size_t count = 0;

	for (size_t i = 0; i < WAYS; i++, count++) {
		names[count] = xasprintf("a_code_is_asked_for_and_sent: %s", ways[i].page);
		tests[count] = (struct CMUnitTest){ names[count], a_code_is_asked_for_and_sent, forms_begin, NULL, (void *)(uintptr_t)&ways[i] };
	}
	for (size_t i = 0; i < HOSTILE; i++, count++) {
		names[count] = xasprintf("a_hostile_answer_is_refused: %s", hostile[i].page);
		tests[count] = (struct CMUnitTest){ names[count], a_hostile_answer_is_refused, forms_begin, NULL,
			(void *)(uintptr_t)&hostile[i] };
	}
	memcpy(tests + count, single, sizeof single);
	cmocka_set_test_filter(getenv("TEST"));
	const int failed = _cmocka_run_group_tests("codes of forms", tests, count + SINGLE, forms_start, forms_stop);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	return failed;
}
