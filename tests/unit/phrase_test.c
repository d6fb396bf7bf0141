/* Phrases in texts, and texts in plain letters. */
#include "scrapers/phrase.h"
#include "scrapers/plain.h"
#include "tests/lib/asserts.h"

static const struct {
	const char *text, *plain;
} plains[] = {
	{ "  Zwei\xe2\x80\x91" "Faktor\xc2\xa0" "CODE \t\n", "zwei-faktor code" },
	{ "Stra\xc3\x9f" "e \xc5\x81\xc3\xb3" "d\xc5\xba \xc4\xb0\xc4\xb1 \xc3\x86", "strasse lodz ii ae" },
	{ "\xd9\xa1\xd9\xa2\xdb\xb3\xef\xbc\x94", "1234" }, /* Arabic, Persian and full-width digits */
	{ "\xe2\x80\xaa+972\xe2\x80\xac", "+972" },         /* marks of direction */
	{ "\xd7\x93\xd7\x95\xd7\x90\xd7\xb4\xd7\x9c", "\xd7\x93\xd7\x95\xd7\x90\"\xd7\x9c" },
	{ "\xff\xe9", "ye" },                               /* no UTF-8: Latin-1 */
	{ "\xf7\xbf\xbf\xbf", "\xef\xbf\xbd" },             /* beyond Unicode */
	{ "", "" },
};

static void makes_texts_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plains / sizeof *plains; i++) {
		AUTO(text) char *plain = plain_text(plains[i].text, strlen(plains[i].text));
		assert_string_equal(plain, plains[i].plain);
	}
}

static const struct {
	const char *name, *plain;
} names[] = {
	{ "requires2FA", "requires 2 fa" },
	{ "user[otp_attempt]", "user otp attempt" },
	{ "MFAProcessId", "mfa process id" },
	{ "CODE_DELIVERY_DESTINATION", "code delivery destination" },
	{ "2fa-required", "2fa required" },
	{ "_", "" },
};

static void makes_words_of_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO(text) char *plain = plain_name(names[i].name);
		assert_string_equal(plain, names[i].plain);
	}
}

static void shows_texts_without_controls(void **state)
{
	(void)state;
	AUTO(text) char *shown = plain_shown("A\x1b[1m\xe2\x80\xae\xc2\x9b\xc3\x89\xc2\xa0\xd9\xa3\xff");
	assert_string_equal(shown, "A [1m\xc3\x89 3\xc3\xbf");
}

enum { WORDS, STARRED, GAPS, HEBREW, ORDERED, LISTS };

static const char *const paths[LISTS] = { "a.words", "a.starred", "gaps", "hebrew", "ordered" };

static const char vocabulary[] = "{\"a\":{\"words\":\"code, otp, one-time code, Code SMS, s\",\"starred\":\"*code*, minut*\"},"
	"\"gaps\":{\"en\":\"enter...code, a...b...c\"},\"hebrew\":\"קוד, מיקוד\",\"ordered\":{\"en\":\"x1, x2\",\"de\":\"x3\"}}";

static struct phrase_book *make_book(const char *text, struct error *err)
{
	AUTO(json) cJSON *json = json_parse(text, strlen(text), NULL);

	return phrase_book_new(json, paths, LISTS, err);
}

static const struct {
	const char *text;
	int list;
	bool said, is;
} lookups[] = {
	{ "the code", WORDS, true, false },
	{ "code", WORDS, true, true },
	{ "codes", WORDS, false, false },       /* whole words */
	{ "hotp", WORDS, false, false },
	{ "encode", WORDS, false, false },
	{ "otp.", WORDS, true, false },
	{ "(otp)", WORDS, true, false },
	{ "sms code sms", WORDS, true, false },
	{ "one-time code", WORDS, true, true },
	{ "encoded", STARRED, true, false },
	{ "minuten", STARRED, true, false },
	{ "eminut", STARRED, false, false },
	{ "enter the 6-digit code", GAPS, true, true },
	{ "please enter code", GAPS, true, false },
	{ "enter it", GAPS, false, false },
	{ "enter, when you have had enough of all of these long words, the code", GAPS, false, false },
	{ "a and b and c", GAPS, true, true },
	{ "a and c and b", GAPS, false, false },
	{ "הקוד שלך", HEBREW, true, false },     /* in the middle of a word */
	{ "מיקוד", HEBREW, true, true },
	{ "", WORDS, false, false },
};

static void finds_phrases(void **state)
{
	AUTO(phrase_book) struct phrase_book *book = make_book(vocabulary, NULL);

	(void)state;
	assert_non_null(book);
	for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
		struct phrase_hits hits;
		phrase_look(book, lookups[i].text, &hits);
		if (phrase_said(&hits, lookups[i].list) != lookups[i].said || phrase_is(&hits, lookups[i].list) != lookups[i].is)
			fail_msg("\"%s\" in list %d", lookups[i].text, lookups[i].list);
	}
}

static void tells_where_and_which(void **state)
{
	AUTO(phrase_book) struct phrase_book *book = make_book(vocabulary, NULL);
	struct phrase_hits hits;

	(void)state;
	phrase_look(book, "x3, then x2", &hits);
	const struct phrase_hit *hit = phrase_next(&hits, ORDERED, NULL);
	assert_int_equal(hit->rank, 2); /* of all languages, as they come */
	assert_int_equal(hit->start, 0);
	assert_int_equal(hit->end, 2);
	hit = phrase_next(&hits, ORDERED, hit);
	assert_int_equal(hit->rank, 1);
	assert_int_equal(hit->start, 9);
	assert_null(phrase_next(&hits, ORDERED, hit));
}

static void sees_what_begins_after_a_number(void **state)
{
	AUTO(phrase_book) struct phrase_book *book = make_book(vocabulary, NULL);
	static const char text[] = "30s 30sms";

	(void)state;
	assert_true(phrase_begins(book, WORDS, text, text + 2));
	assert_false(phrase_begins(book, WORDS, text, text + 6));
	assert_false(phrase_begins(book, STARRED, text, text + 2));
}

static void counts_more_than_it_keeps(void **state)
{
	AUTO(phrase_book) struct phrase_book *book = make_book(vocabulary, NULL);
	char text[4 * 1000 + 8] = "";
	struct phrase_hits hits;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 4 * i, "otp ", 4);
	memcpy(text + 4000, "x1", 3);
	phrase_look(book, text, &hits);
	assert_int_equal(hits.count, PHRASE_HITS_MAX);
	assert_true(phrase_said(&hits, ORDERED));
}

static void names_the_list_that_is_missing(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_null(make_book("{\"a\":{\"words\":\"x\",\"starred\":[]}}", &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "\"a.starred\""));
	assert_null(make_book("{\"a\":{\"words\":\"\"}}", NULL));
	assert_null(make_book("[]", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_texts_plain),
		cmocka_unit_test(makes_words_of_names),
		cmocka_unit_test(shows_texts_without_controls),
		cmocka_unit_test(finds_phrases),
		cmocka_unit_test(tells_where_and_which),
		cmocka_unit_test(sees_what_begins_after_a_number),
		cmocka_unit_test(counts_more_than_it_keeps),
		cmocka_unit_test(names_the_list_that_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
