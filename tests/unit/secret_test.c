/* Secrets, and that they are not seen. */
#include "cdp/base/secret.h"

#include "cdp/base/auto.h"
#include "cdp/base/json.h"
#include "tests/lib/asserts.h"

/* TEXT with the known secrets masked, owned by the caller. */
static char *redacted(const char *text)
{
	char *copy = xstrdup(text);

	secret_redact(copy, strlen(copy));
	return copy;
}

static void a_secret_is_a_copy(void **state)
{
	char typed[] = "correct horse";
	AUTO(secret) struct secret *secret = secret_new(typed, 7);

	(void)state;
	memset(typed, 'x', sizeof typed - 1);
	assert_string_equal(secret_reveal(secret), "correct");
	assert_int_equal(secret_size(secret), 7);
}

static void sizes_have_a_limit(void **state)
{
	char text[SECRET_SIZE_MAX + 1];

	(void)state;
	memset(text, 's', sizeof text);
	assert_null(secret_new(text, SECRET_SIZE_MAX + 1));
	AUTO(secret) struct secret *largest = secret_new(text, SECRET_SIZE_MAX);
	assert_int_equal(secret_size(largest), SECRET_SIZE_MAX);
	assert_int_equal(strlen(secret_reveal(largest)), SECRET_SIZE_MAX);
	AUTO(secret) struct secret *empty = secret_new("", 0);
	assert_string_equal(secret_reveal(empty), "");
	secret_free(NULL);
}

static const struct {
	const char *secret;
	const char *text;
	const char *shown;
	const char *why;
} places[] = {
	{ "hunter2", "hunter2",                "*******",             "alone" },
	{ "hunter2", "x=hunter2&y",            "x=*******&y",         "inside" },
	{ "hunter2", "hunter2hunter2",         "**************",      "twice in a row" },
	{ "hunter2", "hunter hunter2 Hunter2", "hunter ******* Hunter2", "as it is, and only so" },
	{ "hunter2", "nothing here",           "nothing here",        "not at all" },
	{ "a\"b\\c", "{\"p\":\"a\\\"b\\\\c\"}", "{\"p\":\"*******\"}", "JSON-escaped" },
	{ "a\"b\\c", "a\"b\\c",                "*****",               "with marks, as it is" },
	{ "tab\there", "{\"p\":\"tab\\there\"}", "{\"p\":\"*********\"}", "JSON's short escapes" },
	{ "tab\there", "{\"p\":\"tab\\u0009here\"}", "{\"p\":\"*************\"}", "JSON's long escapes" },
	{ "p@ss w/d", "u=p%40ss%20w%2Fd",      "u=**************",    "URL-escaped" },
	{ "p@ss w/d", "u=p%40ss%20w%2fd",      "u=**************",    "URL-escaped, small letters" },
	{ "p@ss w/d", "u=p%40ss+w%2Fd",        "u=************",      "as forms are sent" },
	{ "סיסמה1", "x סיסמה1 y",              "x *********** y",     "of any language" },
	{ "abc",     "abc abc",                "abc abc",             "three letters would mask words" },
	{ "abcd",    "abcd",                   "****",                "four letters are a secret" },
	{ "",        "text",                   "text",                "nothing" },
};

static void known_secrets_are_masked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		AUTO(secret) struct secret *secret = secret_new(places[i].secret, strlen(places[i].secret));
		AUTO(text) char *shown = redacted(places[i].text);
		if (strcmp(shown, places[i].shown) != 0)
			fail_msg("%s: %s", places[i].why, shown);
	}
}

static void what_json_prints_is_masked(void **state)
{
	static const char every[] = "\x01\b\t\n\f\r\x1f\"\\/é\x7f";
	AUTO(secret) struct secret *secret = secret_new(every, strlen(every));
	AUTO(json) cJSON *json = json_object(JSON_STR("p", every));
	AUTO(text) char *text = json_print(json);

	(void)state;
	secret_redact(text, strlen(text));
	assert_int_equal(strspn(text, "{\"p:*}"), strlen(text));
}

static void a_secret_inside_another_does_not_save_the_rest(void **state)
{
	static const char *const orders[][2] = {
		{ "hunter2", "xx-hunter2-yy" },
		{ "xx-hunter2-yy", "hunter2" },
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(secret) struct secret *first = secret_new(orders[i][0], strlen(orders[i][0]));
		AUTO(secret) struct secret *second = secret_new(orders[i][1], strlen(orders[i][1]));
		AUTO(text) char *shown = redacted("token xx-hunter2-yy.");
		assert_string_equal(shown, "token *************.");
	}
}

static void secrets_that_overlap_are_both_masked(void **state)
{
	AUTO(secret) struct secret *first = secret_new("abcdef", 6);
	AUTO(secret) struct secret *second = secret_new("efghij", 6);
	AUTO(text) char *shown = redacted("<abcdefghij>");

	(void)state;
	assert_string_equal(shown, "<**********>");
}

static void a_freed_secret_is_no_secret_any_more(void **state)
{
	struct secret *first = secret_new("marlin7", 7), *second = secret_new("swordfish", 9);

	(void)state;
	secret_free(first);
	AUTO(text) char *one_left = redacted("marlin7 swordfish");
	assert_string_equal(one_left, "marlin7 *********");
	secret_free(second);
	AUTO(text) char *none_left = redacted("marlin7 swordfish");
	assert_string_equal(none_left, "marlin7 swordfish");
}

static void the_same_secret_may_be_known_twice(void **state)
{
	AUTO(secret) struct secret *kept = secret_new("hunter2", 7);
	struct secret *typed = secret_new("hunter2", 7);

	(void)state;
	secret_free(typed);
	AUTO(text) char *shown = redacted("hunter2");
	assert_string_equal(shown, "*******");
}

static void only_the_given_size_is_looked_at(void **state)
{
	AUTO(secret) struct secret *secret = secret_new("hunter2", 7);
	char text[] = "hunter2 hunter2";
	char binary[] = "a\0hunter2\0b";

	(void)state;
	secret_redact(text, 8);
	assert_string_equal(text, "******* hunter2");
	secret_redact(binary, sizeof binary - 1);
	assert_memory_equal(binary, "a\0*******\0b", sizeof binary);
	secret_redact(text, 0);
	secret_redact(text, 3);
}

static void wiping_overwrites(void **state)
{
	char text[] = "hunter2", zeros[sizeof text] = { 0 };

	(void)state;
	secret_wipe(text, sizeof text);
	assert_memory_equal(text, zeros, sizeof text);
}

/* Whether a mapping of ours holds WORD where the kernel would put it into a core dump. */
static void secrets_stay_out_of_dumps_and_swap(void **state)
{
	AUTO(secret) struct secret *secret = secret_new("hunter2", 7);
	AUTO(file) FILE *maps = fopen("/proc/self/smaps", "re");
	const uintptr_t at = (uintptr_t)secret_reveal(secret);
	char line[512];
	bool inside = false, seen = false;

	(void)state;
	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from <= at && at < to;
		if (!inside || strncmp(line, "VmFlags:", 8) != 0)
			continue;
		seen = true;
		assert_contains(line, " dd"); /* MADV_DONTDUMP */
	}
	assert_true(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_a_copy),
		cmocka_unit_test(sizes_have_a_limit),
		cmocka_unit_test(known_secrets_are_masked),
		cmocka_unit_test(what_json_prints_is_masked),
		cmocka_unit_test(a_secret_inside_another_does_not_save_the_rest),
		cmocka_unit_test(secrets_that_overlap_are_both_masked),
		cmocka_unit_test(a_freed_secret_is_no_secret_any_more),
		cmocka_unit_test(the_same_secret_may_be_known_twice),
		cmocka_unit_test(only_the_given_size_is_looked_at),
		cmocka_unit_test(wiping_overwrites),
		cmocka_unit_test(secrets_stay_out_of_dumps_and_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
