/* Errors: a code and a sentence. */
#include "cdp/base/error.h"

#include "cdp/base/auto.h"
#include "cdp/base/secret.h"
#include "tests/lib/asserts.h"

#include <errno.h>

static void failing_fills_and_is_false(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_false((fail)(&err, ERR_LAYOUT, "card %d has no %s", 3, "name"));
	assert_int_equal(err.code, ERR_LAYOUT);
	assert_int_equal(err.cause, ERR_NONE);
	assert_string_equal(err.text, "card 3 has no name");
}

static void nobody_has_to_ask(void **state)
{
	(void)state;
	assert_false((fail)(NULL, ERR_INPUT, "x"));
	assert_false(fail_system(NULL, "x"));
	assert_false(fail_timeout(NULL, ERR_HIDDEN, "x"));
	assert_false(error_wrap(NULL, "x"));
}

static void time_outs_have_a_cause(void **state)
{
	struct error err = { .cause = ERR_VALUE };

	(void)state;
	assert_false(fail_timeout(&err, ERR_COVERED, "#pay: covered by %s", "div.banner"));
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_int_equal(err.cause, ERR_COVERED);
	assert_string_equal(err.text, "#pay: covered by div.banner");
	(void)(fail)(&err, ERR_INPUT, "other");
	assert_int_equal(err.cause, ERR_NONE); /* nothing of the last one stays */
}

static void the_system_says_why(void **state)
{
	struct error err = { 0 };

	(void)state;
	errno = EACCES;
	assert_false(fail_system(&err, "opening %s", "/x"));
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_string_equal(err.text, "opening /x: Permission denied");
}

static void wrapping_puts_words_in_front(void **state)
{
	struct error err = { 0 };

	(void)state;
	(void)fail_timeout(&err, ERR_HIDDEN, "#code is hidden");
	assert_false(error_wrap(&err, "signing in to %s", "bank"));
	assert_string_equal(err.text, "signing in to bank: #code is hidden");
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_int_equal(err.cause, ERR_HIDDEN);
}

static void long_sentences_are_cut_not_written_over(void **state)
{
	char longer[3 * ERROR_TEXT_MAX];
	struct error err = { 0 };

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	(void)(fail)(&err, ERR_INPUT, "%s", longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	(void)error_wrap(&err, "%s", longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	errno = EACCES;
	(void)fail_system(&err, "%s", longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
}

static const struct {
	const char *said;
	const char *shown;
	const char *why;
} odd[] = {
	{ "a\x1b[2Jb\rc\x7f" "d\be", "a?[2Jb?c?d?e", "what moves a cursor" },
	{ "one\ntwo\tthree",         "one two three", "a sentence is one line" },
	{ "שלום é 漢 😀",             "שלום é 漢 😀",   "words in any language" },
	{ "a\xff" "b",               "a?b",           "no UTF-8 at all" },
	{ "a\xc3",                   "a?",            "a character cut at the end" },
	{ "a\xc3(b",                 "a?(b",          "a character cut inside" },
	{ "a\x9b" "b",               "a?b",           "a control of eight bits" },
};

static void sentences_are_safe_to_show(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct error err = { 0 };
		(void)(fail)(&err, ERR_SCRIPT, "%s", odd[i].said);
		if (strcmp(err.text, odd[i].shown) != 0)
			fail_msg("%s: %s", odd[i].why, err.text);
	}
}

static void what_is_put_in_front_is_safe_to_show(void **state)
{
	struct error err = { 0 };

	(void)state;
	(void)(fail)(&err, ERR_SCRIPT, "gone");
	(void)error_wrap(&err, "opening %s", "http://x/\x1b[2J");
	assert_string_equal(err.text, "opening http://x/?[2J: gone");
}

static void a_character_is_not_cut_in_half(void **state)
{
	char text[ERROR_TEXT_MAX + 100];
	struct error err = { 0 };

	(void)state;
	for (size_t before = 0; before < 4; before++) {
		memset(text, 'x', ERROR_TEXT_MAX - 4 + before);
		(void)snprintf(text + ERROR_TEXT_MAX - 4 + before, 8, "😀");
		(void)(fail)(&err, ERR_INPUT, "%s", text);
		const char *rest = strchr(err.text, '\xf0');
		assert_true(!rest || !strcmp(rest, "😀"));
	}
}

/* ---- secrets ---- */

static const char planted[] = "hunter2-is-my-password";

static void a_sentence_holds_no_secret(void **state)
{
	AUTO(secret) struct secret *secret = secret_new(planted, strlen(planted));
	struct error err = { 0 };

	(void)state;
	(void)(fail)(&err, ERR_SCRIPT, "Uncaught: wrong password %s for x", planted);
	assert_lacks(err.text, planted);
	assert_contains(err.text, "Uncaught: wrong password ***");
	(void)fail_timeout(&err, ERR_VALUE, "%s", planted);
	assert_lacks(err.text, planted);
	errno = ENOENT;
	(void)fail_system(&err, "opening /tmp/%s", planted);
	assert_lacks(err.text, planted);
}

static void words_in_front_hold_no_secret(void **state)
{
	AUTO(secret) struct secret *secret = secret_new(planted, strlen(planted));
	struct error err = { 0 };

	(void)state;
	(void)(fail)(&err, ERR_NAVIGATION, "net::ERR_FAILED");
	(void)error_wrap(&err, "opening http://x/?token=%s", planted);
	assert_lacks(err.text, planted);
}

static void a_cut_sentence_holds_no_part_of_a_secret(void **state)
{
	AUTO(secret) struct secret *secret = secret_new(planted, strlen(planted));
	char text[ERROR_TEXT_MAX + 100];
	struct error err = { 0 };

	(void)state;
	memset(text, 'x', sizeof text);
	/* All but its last letter would be seen. */
	(void)snprintf(text + ERROR_TEXT_MAX - strlen(planted), 100, "%s", planted);
	(void)(fail)(&err, ERR_SCRIPT, "%s", text);
	assert_lacks(err.text, "hunter2");
}

static void a_secret_of_several_lines_is_masked(void **state)
{
	static const char key[] = "-----BEGIN KEY-----\nTHEKEYITSELF\n-----END KEY-----\n";
	AUTO(secret) struct secret *secret = secret_new(key, strlen(key));
	struct error err = { 0 };

	(void)state;
	(void)(fail)(&err, ERR_INPUT, "not a key: %s", key);
	assert_lacks(err.text, "THEKEYITSELF");
}

/* ---- codes ---- */

static void every_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < ERR_CODE_COUNT; a++) {
		const char *name = error_name((enum error_code)a);
		assert_string_not_equal(name, "?");
		assert_true(name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '\0');
		for (int b = 0; b < a; b++)
			assert_string_not_equal(name, error_name((enum error_code)b));
	}
}

static void names_are_what_scripts_know(void **state)
{
	(void)state;
	assert_string_equal(error_name(ERR_TIMEOUT), "TIMEOUT");
	assert_string_equal(error_name(ERR_NO_CONTENT), "NO_CONTENT");
	assert_string_equal(error_name(ERR_CODE_COUNT), "?");
	assert_string_equal(error_name((enum error_code)-1), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failing_fills_and_is_false),
		cmocka_unit_test(nobody_has_to_ask),
		cmocka_unit_test(time_outs_have_a_cause),
		cmocka_unit_test(the_system_says_why),
		cmocka_unit_test(wrapping_puts_words_in_front),
		cmocka_unit_test(long_sentences_are_cut_not_written_over),
		cmocka_unit_test(sentences_are_safe_to_show),
		cmocka_unit_test(what_is_put_in_front_is_safe_to_show),
		cmocka_unit_test(a_character_is_not_cut_in_half),
		cmocka_unit_test(a_sentence_holds_no_secret),
		cmocka_unit_test(words_in_front_hold_no_secret),
		cmocka_unit_test(a_cut_sentence_holds_no_part_of_a_secret),
		cmocka_unit_test(a_secret_of_several_lines_is_masked),
		cmocka_unit_test(every_code_has_a_name_of_its_own),
		cmocka_unit_test(names_are_what_scripts_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
