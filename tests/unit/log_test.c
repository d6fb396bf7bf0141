/* Log lines. */
#include "cdp/base/log.h"

#include "cdp/base/auto.h"
#include "cdp/base/json.h"
#include "cdp/base/secret.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"

/* What one line becomes, owned by the caller. */
static char *logged(enum log_level seen, bool json, enum log_level level, const char *text)
{
	catch_stderr();
	log_setup(seen, json);
	log_line(level, "%s", text);
	log_setup(LOG_WARN, false);
	return caught_stderr();
}

static void a_level_shows_itself_and_all_before_it(void **state)
{
	(void)state;
	for (int seen = LOG_ERROR; seen <= LOG_PROTOCOL; seen++)
		for (int level = LOG_ERROR; level <= LOG_PROTOCOL; level++) {
			AUTO(text) char *text = logged((enum log_level)seen, false, (enum log_level)level, "hello");
			assert_int_equal(strstr(text, "hello") != NULL, level <= seen);
		}
}

static void asking_first_saves_the_work(void **state)
{
	(void)state;
	log_setup(LOG_INFO, false);
	assert_true(log_wants(LOG_ERROR));
	assert_true(log_wants(LOG_INFO));
	assert_false(log_wants(LOG_DEBUG));
	log_setup(LOG_WARN, false);
	assert_false(log_wants(LOG_INFO));
}

static void a_call_is_one_line(void **state)
{
	(void)state;
	AUTO(text) char *text = logged(LOG_INFO, false, LOG_INFO, "one\ntwo\rthree\x1b[2Jfour");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_null(strpbrk(text, "\r\x1b"));
	AUTO(text) char *json = logged(LOG_INFO, true, LOG_INFO, "one\ntwo");
	assert_ptr_equal(strchr(json, '\n'), json + strlen(json) - 1);
}

static void lines_can_be_json(void **state)
{
	(void)state;
	AUTO(text) char *text = logged(LOG_DEBUG, true, LOG_DEBUG, "a \"quoted\" \\ word é");
	AUTO(json) cJSON *line = json_parse(text, strlen(text), NULL);
	assert_string_equal(json_str(line, "level"), "debug");
	assert_string_equal(json_str(line, "message"), "a \"quoted\" \\ word é");
	assert_int_equal(strlen(json_str(line, "time")), strlen("2026-01-01T00:00:00Z"));
}

static void long_lines_are_whole(void **state)
{
	enum { LONG = 100000 };
	AUTO(text) char *text = xmalloc(LONG + 1);

	(void)state;
	memset(text, 'x', LONG);
	text[LONG] = '\0';
	AUTO(text) char *line = logged(LOG_INFO, false, LOG_INFO, text);
	assert_contains(line, text);
}

static const struct {
	const char *secret;
	const char *shape; /* of a line that has it */
	const char *part;  /* that must not be seen */
} planted[] = {
	{ "hunter2-password",   "typing %s into #password", "hunter2" },
	{ "tab\tand\nline",     "a key: %s",                "and" },
	{ "quote\"and\\slash",  "{\"value\":\"%s\"}",       "slash" },
};

static void no_line_shows_a_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
		AUTO(secret) struct secret *secret = secret_new(planted[i].secret, strlen(planted[i].secret));
		for (int json = 0; json <= 1; json++) {
			catch_stderr();
			log_setup(LOG_DEBUG, json);
			log_line(LOG_DEBUG, planted[i].shape, planted[i].secret);
			log_setup(LOG_WARN, false);
			AUTO(text) char *text = caught_stderr();
			assert_lacks(text, planted[i].part);
			assert_contains(text, "***");
		}
	}
}

static void broken_utf8_is_still_a_json_line(void **state)
{
	(void)state;
	AUTO(text) char *text = logged(LOG_INFO, true, LOG_INFO, "a\xff" "b\xc3");
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		assert_true(*c != 0xff && *c != 0xc3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CATCHING(a_level_shows_itself_and_all_before_it),
		CATCHING(asking_first_saves_the_work),
		CATCHING(a_call_is_one_line),
		CATCHING(lines_can_be_json),
		CATCHING(long_lines_are_whole),
		CATCHING(no_line_shows_a_secret),
		CATCHING(broken_utf8_is_still_a_json_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
