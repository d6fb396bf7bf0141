/* JavaScript: what comes back, and what is thrown. */
#include "tests/lib/site.h"

static bool evaluate(const char *expression, const struct cdp_eval_opts *opts)
{
	AUTO(json) cJSON *value = cdp_page_eval(site.page, expression, opts, &site.err);

	return value != NULL;
}

static void E01_values(void **state)
{
	static const struct { const char *expression, *json; } values[] = {
		{ "1.5",                              "1.5"                           },
		{ "'tëxt \\u05d0'",                   "\"tëxt א\""                    },
		{ "true",                             "true"                          },
		{ "null",                             "null"                          },
		{ "undefined",                        "null"                          },
		{ "NaN",                              "\"NaN\""                       },
		{ "-0",                               "\"-0\""                        },
		{ "Infinity",                         "\"Infinity\""                  },
		{ "-Infinity",                        "\"-Infinity\""                 },
		{ "12n",                              "\"12n\""                       },
		{ "999999999999999",                  "999999999999999"               },
		{ "new Date(0)",                      "{}"                            },
		{ "document.body",                    "{}"                            },
		{ "({a: [1, {b: 'x'}], c: null})",    "{\"a\":[1,{\"b\":\"x\"}],\"c\":null}" },
		{ "[]",                               "[]"                            },
		{ "''",                               "\"\""                          },
	};

	(void)state;
	show("<p>x");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		assert_js(values[i].expression, values[i].json);
	assert_fails(evaluate("(() => { const a = {}; a.a = a; return a })()", NULL), &site.err, ERR_PROTOCOL);
	assert_js("1", "1");
}

static void E01_functions_and_symbols_are_null(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("() => 1", "null");
	assert_js("Symbol('s')", "null");
}

/* cJSON by itself prints 15 digits when that is close enough. */
static void E01_integers_keep_their_digits(void **state)
{
	(void)state;
	show("<p>x");
	assert_js("9007199254740991", "9007199254740991");
}

static void E02_promises_and_errors(void **state)
{
	static const struct { const char *expression, *words; } errors[] = {
		{ "Promise.reject(new Error('rejected'))",                       "rejected"    },
		{ "(() => { throw 'a string' })()",                              "a string"    },
		{ "(() => { throw new TypeError('typed') })()",                  "TypeError: typed" },
		{ "(() => { throw {code: 7} })()",                               ""            },
		{ "let 5 = 6",                                                   "SyntaxError" },
		{ "nowhere.at.all",                                              "nowhere is not defined" },
		{ "\n\n   (() => { throw new Error('line') })()",                ":3:"         },
	};

	(void)state;
	show("<p>x");
	assert_js("Promise.resolve(5)", "5");
	assert_js("new Promise(ok => setTimeout(() => ok({late: 1}), 50))", "{\"late\":1}");
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		assert_fails(evaluate(errors[i].expression, NULL), &site.err, ERR_SCRIPT);
		assert_contains(site.err.text, errors[i].words);
	}
	assert_fails(evaluate("new Promise(() => 0)", &(struct cdp_eval_opts){ .timeout_ms = 300 }), &site.err, ERR_TIMEOUT);
	assert_js("1", "1");
}

static void E03_document_that_goes_away(void **state)
{
	(void)state;
	show("<p>x");
	assert_fails(evaluate("(location.href = '/echo', new Promise(() => 0))", &(struct cdp_eval_opts){ .timeout_ms = SOON_MS }),
		&site.err, ERR_CONTEXT);
	assert_ok(cdp_page_wait_url(site.page, "/echo", soon(), &site.err), &site.err);
}

static void E04_text_of_20_megabytes(void **state)
{
	size_t size = 0;

	(void)state;
	show("<p>x");
	AUTO(text) char *text = cdp_page_eval_text(site.page, "'0123456789'.repeat(2 << 20)", &size, NULL, &site.err);
	assert_ok(text != NULL, &site.err);
	assert_int_equal(size, 20 << 20);
	assert_memory_equal(text + size - 10, "0123456789", 10);
}

static void E06_bindings(void **state)
{
	(void)state;
	assert_ok(cdp_page_add_binding(site.page, "tell", &site.err), &site.err);
	show(words("<iframe name=kid src='%s'></iframe><script>tell('one')</script>", there(doc("<p>x"))));
	AUTO(text) char *one = cdp_page_next_binding(site.page, "tell", soon(), &site.err);
	assert_ok(one != NULL, &site.err);
	assert_string_equal(one, "one");
	assert_js_in(site.page, cdp_page_frame(site.page, "kid"), "(tell('two'), 1)", "1");
	AUTO(text) char *two = cdp_page_next_binding(site.page, "tell", soon(), &site.err);
	assert_ok(two != NULL, &site.err);
	assert_string_equal(two, "two");
	AUTO(text) char *none = cdp_page_next_binding(site.page, "tell", deadline_in_ms(100), &site.err);
	assert_fails(none != NULL, &site.err, ERR_TIMEOUT);
}

static void E07_page_that_forbids_scripts(void **state)
{
	(void)state;
	go(here("csp"));
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	assert_js("1 + 1", "2");
	AUTO(text) char *text = cdp_page_text(site.page, "text=press", SOON_MS, &site.err);
	assert_ok(text != NULL, &site.err);
}

static const struct CMUnitTest tests[] = {
	PAGE(E01_values),
	PAGE(E02_promises_and_errors),
	PAGE(E03_document_that_goes_away),
	PAGE(E04_text_of_20_megabytes),
	PAGE(E06_bindings),
	PAGE(E07_page_that_forbids_scripts),
	PAGE(E01_functions_and_symbols_are_null),
	PAGE(E01_integers_keep_their_digits),
};

int main(void)
{
	return site_run(tests);
}
