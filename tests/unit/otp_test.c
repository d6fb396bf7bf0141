/* Where codes come from, and what counts as one. */
#include "src/otp.h"

#include "cdp/base/auto.h"
#include "cdp/base/secret.h"
#include "src/totp.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

#include <poll.h>
#include <time.h>

enum { AN_HOUR_S = 3600, WAIT_MS = 900 };

/* ---- codes ---- */

static const struct {
	const char *text;
	int digits;
	const char *code; /* NULL: it is none */
} codes[] = {
	{ "481920", 0, "481920" },
	{ "481920", 6, "481920" },
	{ " 481 920\r", 6, "481920" },
	{ "48-19-20", 6, "481920" },
	{ "007123", 6, "007123" },
	{ "٤٨١٩٢٠", 6, "481920" },
	{ "۴۸۱۹۲۰", 6, "481920" },
	{ "４８１９２０", 6, "481920" },
	{ "AB12cd", 0, "AB12cd" },
	{ "48192", 6, NULL },
	{ "4819200", 6, NULL },
	{ "123", 0, NULL },
	{ "12345678901234567", 0, NULL },
	{ "4819;20", 0, NULL },
	{ "קוד481920", 0, NULL },
	{ "", 0, NULL },
};

static void a_code_is_taken_as_people_write_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		AUTO(secret) struct secret *code = otp_normalise(codes[i].text, strlen(codes[i].text), codes[i].digits);
		if (!code != !codes[i].code || (code && strcmp(secret_reveal(code), codes[i].code) != 0))
			fail_msg("\"%s\" of %d digits", codes[i].text, codes[i].digits);
	}
}

static const struct {
	const char *source;
	bool ok;
} sources[] = {
	{ "tty", true }, { "totp", true }, { "file:/run/code", true }, { "exec:[\"code\"]", true }, { "123456", true },
	{ "file:", false }, { "exec:code", false }, { "exec:{}", false }, { "", false }, { "a b!", false },
};

static void a_source_is_known_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct error err = { 0 };
		if (otp_source_ok(sources[i].source, &err) != sources[i].ok || (!sources[i].ok && err.code != ERR_INPUT))
			fail_msg("\"%s\": %s", sources[i].source, err.text);
	}
}

/* ---- a clock's codes ---- */

static const char key[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/* A clock whose step ends in LEFT_S seconds, and not before something else was done. */
static struct totp clock_with(int left_s)
{
	struct totp totp = { 0 };
	struct timespec now;

	while (clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_nsec > 500000000)
		(void)poll(NULL, 0, 10);
	assert_true(totp_read(key, &totp, NULL));
	totp.period_s = (int)time(NULL) + left_s;
	return totp;
}

/* What is answered: owned by the caller, NULL with ERR. */
static struct secret *ask(const struct totp *totp, const char *source, struct challenge challenge, int attempt,
	struct cdp_page *page, struct error *err)
{
	const struct otp_plan plan = { .sources = { source }, .count = source ? 1 : 0, .no_input = true, .wait_ms = WAIT_MS + 1500,
		.site = "Site", .totp = totp };
	struct secret *code = NULL;

	return otp_ask(&plan, page, &challenge, attempt, &code, err) ? code : NULL;
}

static void a_known_secret_answers_before_anybody_is_asked(void **state)
{
	static const char *const channels[] = { NULL, "unknown", "totp" };
	AUTO(totp) struct totp totp = clock_with(AN_HOUR_S);
	AUTO(secret) struct secret *wanted = totp_code(&totp, time(NULL));

	(void)state;
	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
		struct error err = { 0 };
		AUTO(secret) struct secret *code = ask(&totp, NULL, (struct challenge){ .channel = channels[i], .digits = 6 }, 1, NULL, &err);
		assert_ok(code, &err);
		assert_string_equal(secret_reveal(code), secret_reveal(wanted));
	}
}

static void a_code_that_is_sent_is_not_the_clocks(void **state)
{
	static const char *const channels[] = { "sms", "email", "call", "whatsapp" };
	AUTO(totp) struct totp totp = clock_with(AN_HOUR_S);

	(void)state;
	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
		struct error err = { 0 };
		assert_fails(ask(&totp, NULL, (struct challenge){ .channel = channels[i] }, 1, NULL, &err), &err, ERR_CODE_MISSING);
		AUTO(secret) struct secret *code = ask(&totp, "totp", (struct challenge){ .channel = channels[i] }, 1, NULL, &err);
		assert_non_null(code); /* who asks for it gets it */
	}
}

static void another_source_is_asked_instead(void **state)
{
	struct error err = { 0 };
	AUTO(totp) struct totp totp = clock_with(AN_HOUR_S);
	AUTO(secret) struct secret *code = ask(&totp, "998877", (struct challenge){ 0 }, 1, NULL, &err);

	(void)state;
	assert_ok(code, &err);
	assert_string_equal(secret_reveal(code), "998877");
}

static void without_a_secret_there_is_nobody(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_fails(ask(NULL, NULL, (struct challenge){ 0 }, 1, NULL, &err), &err, ERR_CODE_MISSING);
	assert_fails(ask(NULL, "totp", (struct challenge){ 0 }, 1, NULL, &err), &err, ERR_CODE_MISSING);
}

static void a_third_code_is_not_tried(void **state)
{
	AUTO(totp) struct totp totp = clock_with(AN_HOUR_S);
	struct error err = { 0 };

	(void)state;
	assert_fails(ask(&totp, "totp", (struct challenge){ 0 }, 3, NULL, &err), &err, ERR_CODE_WRONG);
}

static const char page_alone[] = "include page.talk\n> Test.next\n< {}\n";

/* Near its end, and after a refusal, the next step's code is waited for. */
static void the_next_steps_code_is_waited_for(void **state)
{
	for (int attempt = 1; attempt <= 2; attempt++) {
		struct talk *talk = talk_begin_text(state, page_alone);
		struct cdp_page *page = talk_open(talk, NULL);
		struct error err = { 0 };
		AUTO(totp) struct totp totp = clock_with(1);
		AUTO(secret) struct secret *code = ask(&totp, "totp", (struct challenge){ 0 }, attempt, page, &err);
		AUTO(secret) struct secret *next = totp_code(&totp, totp.period_s);

		assert_ok(code, &err);
		assert_string_equal(secret_reveal(code), secret_reveal(next));
		talk_next(talk);
		talk_finish(state);
	}
}

static void the_same_code_is_not_tried_again(void **state)
{
	struct talk *talk = talk_begin_text(state, page_alone);
	struct cdp_page *page = talk_open(talk, NULL);
	struct error err = { 0 };
	AUTO(totp) struct totp totp = clock_with(AN_HOUR_S);
	const struct otp_plan plan = { .sources = { "totp" }, .count = 1, .no_input = true, .wait_ms = WAIT_MS, .totp = &totp };
	struct secret *code = NULL;

	assert_fails(otp_ask(&plan, page, &(struct challenge){ 0 }, 2, &code, &err), &err, ERR_CODE_TIMEOUT);
	talk_next(talk);
	talk_finish(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_taken_as_people_write_it),
		cmocka_unit_test(a_source_is_known_or_refused),
		cmocka_unit_test(a_known_secret_answers_before_anybody_is_asked),
		cmocka_unit_test(a_code_that_is_sent_is_not_the_clocks),
		cmocka_unit_test(another_source_is_asked_instead),
		cmocka_unit_test(without_a_secret_there_is_nobody),
		cmocka_unit_test(a_third_code_is_not_tried),
		TALKS(the_next_steps_code_is_waited_for),
		TALKS(the_same_code_is_not_tried_again),
	};

	return cmocka_run_group_tests_name("otp", tests, NULL, NULL);
}
