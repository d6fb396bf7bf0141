/* JSON by path and from members. */
#include "cdp/base/json.h"

#include "tests/lib/asserts.h"

#include <math.h>

static cJSON *parsed(const char *text)
{
	struct error err = { 0 };
	cJSON *json = json_parse(text, strlen(text), &err);

	assert_ok(json, &err);
	return json;
}

/* ---- reading ---- */

static const struct {
	const char *json;
	const char *path;
	const char *found; /* NULL: nothing */
} strings[] = {
	{ "{\"a\":{\"b\":\"x\"}}",              "a.b",       "x"  },
	{ "{\"a\":[{\"b\":\"x\"}]}",            "a.0.b",     "x"  },
	{ "{\"a\":[[\"x\",\"y\"]]}",            "a.0.1",     "y"  },
	{ "[\"x\"]",                            "0",         "x"  },
	{ "\"x\"",                              "",          "x"  },
	{ "{\"\":\"x\",\"a\":\"y\"}",           "a",         "y"  },
	{ "{\"0\":\"x\"}",                      "0",         "x"  }, /* a member's name may be a number */
	{ "{\"a\":\"\"}",                       "a",         ""   },
	{ "{\"a\":1}",                          "a",         NULL }, /* of another type is absent */
	{ "{\"a\":null}",                       "a",         NULL },
	{ "{\"a\":\"x\"}",                      "A",         NULL }, /* case counts */
	{ "{\"ab\":\"x\"}",                     "a",         NULL }, /* a beginning is not a name */
	{ "{\"a\":\"x\"}",                      "ab",        NULL },
	{ "{\"a\":\"x\"}",                      "a.b",       NULL }, /* into a string */
	{ "{\"a\":{\"b\":\"x\"}}",              "a.b.c.d",   NULL },
	{ "{}",                                 "a.b.c",     NULL },
	{ "[\"x\"]",                            "1",         NULL },
	{ "[\"x\"]",                            "-1",        NULL },
	{ "[\"x\"]",                            "a",         NULL },
	{ "[\"x\"]",                            "0x",        NULL },
	{ "[\"x\"]",                            "4294967296", NULL }, /* 2^32 is not 0 */
	{ "[\"x\"]",                            "99999999999999999999", NULL },
	{ "{\"a\":[\"x\"]}",                    "a..b",      NULL },
	{ "{\"a\":\"x\"}",                      "a.",        NULL }, /* what stands behind a dot is a name */
	{ "{\"a\":{\"\":\"x\"}}",               "a.",        "x"  },
	{ "{\"a\":\"first\",\"a\":\"second\"}", "a",         "first" },
};

static void finds_strings_by_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		AUTO(json) cJSON *json = parsed(strings[i].json);
		const char *found = json_str(json, strings[i].path);
		if (!found != !strings[i].found || (found && strcmp(found, strings[i].found) != 0))
			fail_msg("%s in %s is %s", strings[i].path, strings[i].json, found ? found : "absent");
	}
}

static void an_empty_name_is_no_index(void **state)
{
	AUTO(json) cJSON *json = parsed("{\"a\":[\"x\"],\"b\":[[\"y\"]]}");

	(void)state;
	assert_null(json_at(json, "a."  "."));
	assert_null(json_str(json, "b..0"));
}

static const struct {
	const char *json;
	bool is_int;
	int64_t integer;
} numbers[] = {
	{ "0",                   true,  0 },
	{ "-7",                  true,  -7 },
	{ "1e3",                 true,  1000 },
	{ "4294967296",          true,  4294967296 },
	{ "9007199254740991",    true,  9007199254740991 },
	{ "-9007199254740991",   true,  -9007199254740991 },
	{ "9007199254740994",    false, 0 }, /* above 2^53 a double is not exact */
	{ "-1e300",              false, 0 },
	{ "1e999",               false, 0 },
	{ "0.5",                 false, 0 },
	{ "\"7\"",               false, 0 },
	{ "true",                false, 0 },
	{ "null",                false, 0 },
};

static void integers_are_exact_or_absent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		AUTO(text) char *text = xasprintf("{\"n\":%s}", numbers[i].json);
		AUTO(json) cJSON *json = parsed(text);
		int64_t got = 77;
		if (json_int(json, "n", &got) != numbers[i].is_int)
			fail_msg("%s is %san integer", numbers[i].json, numbers[i].is_int ? "" : "not ");
		assert_true(got == (numbers[i].is_int ? numbers[i].integer : 77)); /* untouched on failure */
	}
}

static void other_types_have_getters(void **state)
{
	AUTO(json) cJSON *json = parsed("{\"n\":2.5,\"yes\":true,\"no\":false,\"one\":1,\"list\":[1,2],\"o\":{}}");
	double number = 0;

	(void)state;
	assert_true(json_num(json, "n", &number));
	assert_true(number == 2.5);
	assert_false(json_num(json, "yes", &number));
	assert_true(json_true(json, "yes"));
	assert_false(json_true(json, "no"));
	assert_false(json_true(json, "one"));
	assert_false(json_true(json, "nowhere"));
	assert_int_equal(cJSON_GetArraySize(json_list(json, "list")), 2);
	assert_null(json_list(json, "o"));
	assert_null(json_list(json, "n"));
}

static void nothing_has_nothing_in_it(void **state)
{
	int64_t integer = 7;
	double number = 7;

	(void)state;
	assert_null(json_at(NULL, "a"));
	assert_null(json_at(NULL, ""));
	assert_null(json_str(NULL, "a"));
	assert_null(json_list(NULL, "a"));
	assert_null(json_take(NULL, "a"));
	assert_false(json_true(NULL, "a"));
	assert_false(json_int(NULL, "a", &integer));
	assert_false(json_num(NULL, "a", &number));
	assert_int_equal(integer, 7);
}

static void taking_moves_a_value_out(void **state)
{
	AUTO(json) cJSON *json = parsed("{\"a\":{\"b\":[1,{\"c\":\"x\"}]},\"d\":2}");
	AUTO(json) cJSON *inner = json_take(json, "a.b.1");
	AUTO(json) cJSON *outer = json_take(json, "d");

	(void)state;
	assert_string_equal(json_str(inner, "c"), "x");
	assert_true(cJSON_IsNumber(outer));
	AUTO(text) char *left = json_print(json);
	assert_string_equal(left, "{\"a\":{\"b\":[1]}}");
	assert_null(json_take(json, "a.b.1"));
	assert_null(json_take(json, "")); /* the document itself stays where it is */
	assert_null(json_take(json, "a.b."));
}

/* ---- parsing ---- */

static const struct {
	const char *text;
	bool good;
} documents[] = {
	{ "{}",                     true  },
	{ " \t\r\n{} \n",           true  },
	{ "",                       false },
	{ "   ",                    false },
	{ "{",                      false },
	{ "{\"a\":}",               false },
	{ "{\"a\"",                 false },
	{ "\"\\u12",                false },
	{ "\"\\",                   false },
	{ "{}x",                    false }, /* anything after the value */
	{ "{}{}",                   false },
	{ "{} ,",                   false },
	{ "nul",                    false },
	{ "{malformed",             false },
	{ "\"\\ud83d\\ude00\"",     true  },
	{ "\"\\ud83d\"",            true  }, /* mended */
	{ "\"\\ud83d",              false }, /* mended and still not closed */
};

static void takes_json_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		struct error err = { 0 };
		/* Of its own, without a NUL behind, so that reading on is seen. */
		const size_t size = strlen(documents[i].text);
		AUTO(text) char *exact = xmalloc(size);
		memcpy(exact, documents[i].text, size);
		AUTO(json) cJSON *json = json_parse(exact, size, &err);
		if (!json == documents[i].good)
			fail_msg("%s is %staken", documents[i].text, json ? "" : "not ");
		if (!documents[i].good)
			assert_fails(json != NULL, &err, ERR_INPUT);
	}
}

static void says_where_json_ends(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_null(json_parse("{\"a\":1}x", 8, &err));
	assert_contains(err.text, "7");
	assert_null(json_parse("{", 1, NULL)); /* nobody has to ask */
}

static void deep_documents_are_refused_not_fatal(void **state)
{
	enum { DEPTH = 200000 };
	AUTO(text) char *text = xmalloc(DEPTH);
	struct error err = { 0 };

	(void)state;
	memset(text, '[', DEPTH);
	assert_fails(json_parse(text, DEPTH, &err) != NULL, &err, ERR_INPUT);
	for (size_t i = 0; i + 5 < DEPTH; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_fails(json_parse(text, DEPTH, &err) != NULL, &err, ERR_INPUT);
}

static const struct {
	const char *json;
	const char *value;
	const char *why;
} surrogates[] = {
	{ "\"\\ud83d\\ude00\"",            "😀",             "a pair" },
	{ "\"\\ud83d\"",                   "\xef\xbf\xbd",   "a high one alone" },
	{ "\"\\ude00\"",                   "\xef\xbf\xbd",   "a low one alone" },
	{ "\"x\\ud83dy\"",                 "x\xef\xbf\xbdy", "a high one before a letter" },
	{ "\"\\ude00\\ud83d\"",            "\xef\xbf\xbd\xef\xbf\xbd", "the wrong way round" },
	{ "\"\\ud83d\\ud83d\\ude00\"",     "\xef\xbf\xbd😀", "a high one before a pair" },
	{ "\"\\uD83D\\uDE00 \\uDfFf\"",    "😀 \xef\xbf\xbd", "capitals" },
	{ "\"\\ud83d\\u0041\"",            "\xef\xbf\xbd" "A", "a high one before an escape" },
	{ "\"\\\\ud83d \\ud83d\"",         "\\ud83d \xef\xbf\xbd", "an escaped backslash is no escape" },
	{ "\"\\ud83d\\n\"",                "\xef\xbf\xbd\n", "a high one before a short escape" },
};

static void lone_surrogates_are_mended(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof surrogates / sizeof *surrogates; i++) {
		AUTO(json) cJSON *json = parsed(surrogates[i].json);
		if (strcmp(json_str(json, ""), surrogates[i].value) != 0)
			fail_msg("%s: %s", surrogates[i].why, json_str(json, ""));
	}
}

static void mending_touches_nothing_else(void **state)
{
	char text[] = "{\"a\":\"\\u00e9\\ud83d\\ude00\\\\\\ud83d\"}", at_end[] = "\\";

	(void)state;
	assert_true(json_mend(text, strlen(text)));
	assert_string_equal(text, "{\"a\":\"\\u00e9\\ud83d\\ude00\\\\\\ufffd\"}");
	assert_false(json_mend(text, strlen(text)));
	assert_false(json_mend(at_end, 1));
	assert_false(json_mend(at_end, 0));
}

static const struct {
	const char *escape;
	const char *utf8;
} escapes[] = {
	{ "\\u0041",        "A" },
	{ "\\u007f",        "\x7f" },
	{ "\\u0080",        "\xc2\x80" },
	{ "\\u07ff",        "\xdf\xbf" },
	{ "\\u0800",        "\xe0\xa0\x80" },
	{ "\\u20aC",        "€" },
	{ "\\uffff",        "\xef\xbf\xbf" },
	{ "\\ud800\\udc00", "\xf0\x90\x80\x80" },
	{ "\\udbff\\udfff", "\xf4\x8f\xbf\xbf" },
	{ "\\ud800",        "\xef\xbf\xbd" },
	{ "\\udc00",        "\xef\xbf\xbd" },
	{ "\\ud800\\ud800", "\xef\xbf\xbd" },
	{ "\\u12",          "\xef\xbf\xbd" }, /* cut */
	{ "\\u00g0",        "\xef\xbf\xbd" },
};

static void escapes_become_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		const char *at = escapes[i].escape, *end = at + strlen(at);
		char out[5] = "";
		const size_t size = json_utf8(at, end, out);
		assert_int_equal(size, strlen(escapes[i].utf8));
		assert_memory_equal(out, escapes[i].utf8, size);
		assert_int_equal(json_is_pair(at, end), size == 4);
	}
}

/* ---- building ---- */

static void objects_are_built_from_members(void **state)
{
	(void)state;
	AUTO(json) cJSON *json = json_object(
		JSON_STR("text", "a\"b\\c\n"),
		JSON_STR("absent", NULL),
		JSON_INT("integer", -9007199254740991),
		JSON_NUM("number", 0.25),
		JSON_BOOL("yes", true),
		JSON_BOOL("no", false),
		JSON_NODE("none", NULL),
		JSON_NODE("list", json_array(JSON_INT(NULL, 1), JSON_STR(NULL, "x"), JSON_STR(NULL, NULL))));
	AUTO(text) char *text = json_print(json);

	assert_string_equal(text, "{\"text\":\"a\\\"b\\\\c\\n\",\"integer\":-9007199254740991,\"number\":0.25,"
		"\"yes\":true,\"no\":false,\"list\":[1,\"x\"]}");
}

static void empty_things_are_things(void **state)
{
	(void)state;
	AUTO(json) cJSON *object = json_object(JSON_STR("a", NULL));
	AUTO(json) cJSON *array = json_array(JSON_NODE(NULL, NULL));
	AUTO(text) char *object_text = json_print(object), *array_text = json_print(array);
	AUTO(text) char *nothing = json_print(NULL), *pretty = json_print_pretty(NULL);

	assert_string_equal(object_text, "{}");
	assert_string_equal(array_text, "[]");
	assert_string_equal(nothing, "null");
	assert_string_equal(pretty, "null");
}

static void members_can_be_added_later(void **state)
{
	(void)state;
	AUTO(json) cJSON *json = json_object(JSON_INT("a", 1));

	json_add(json, JSON_STR("b", "x"));
	json_add(json, JSON_STR("c", NULL));
	AUTO(text) char *text = json_print(json);
	assert_string_equal(text, "{\"a\":1,\"b\":\"x\"}");
	AUTO(text) char *pretty = json_print_pretty(json);
	assert_contains(pretty, "\n");
}

static void numbers_are_printed_whole(void **state)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{ 0.1, "0.1" },
		{ -12.34, "-12.34" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1763712000123.4568, "1763712000123.4568" },
		{ 1e15, "1000000000000000" },
		{ 9007199254740993.0 + 3, "9007199254740996" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ 5e-324, "4.94065645841247e-324" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(json) cJSON *json = json_array(JSON_NUM(NULL, cases[i].number));
		AUTO(text) char *text = json_print(json), *wanted = xasprintf("[%s]", cases[i].text);
		assert_string_equal(text, wanted);
		AUTO(json) cJSON *again = parsed(text);
		assert_true(json_at(again, "0")->valuedouble == cases[i].number);
	}
}

static void what_is_printed_is_read_again(void **state)
{
	char every[256];

	(void)state;
	for (int i = 0; i < 127; i++)
		every[i] = (char)(i + 1);
	(void)snprintf(every + 127, sizeof every - 127, "é漢😀ß€\xe2\x80\xa8");
	AUTO(json) cJSON *json = json_object(JSON_STR("every", every));
	AUTO(text) char *text = json_print(json);
	AUTO(json) cJSON *again = parsed(text);
	assert_string_equal(json_str(again, "every"), every);
	assert_null(strpbrk(text, "\n\r\t")); /* one line */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_strings_by_path),
		cmocka_unit_test(an_empty_name_is_no_index),
		cmocka_unit_test(integers_are_exact_or_absent),
		cmocka_unit_test(other_types_have_getters),
		cmocka_unit_test(nothing_has_nothing_in_it),
		cmocka_unit_test(taking_moves_a_value_out),
		cmocka_unit_test(takes_json_and_nothing_else),
		cmocka_unit_test(says_where_json_ends),
		cmocka_unit_test(deep_documents_are_refused_not_fatal),
		cmocka_unit_test(lone_surrogates_are_mended),
		cmocka_unit_test(mending_touches_nothing_else),
		cmocka_unit_test(escapes_become_utf8),
		cmocka_unit_test(objects_are_built_from_members),
		cmocka_unit_test(empty_things_are_things),
		cmocka_unit_test(members_can_be_added_later),
		cmocka_unit_test(numbers_are_printed_whole),
		cmocka_unit_test(what_is_printed_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
