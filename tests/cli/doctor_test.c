/* gabbai doctor: what is wrong is found, said with what to do about it, and what is ours to mend is mended. */
#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"
#include "tests/lib/program.h"

#include <string.h>
#include <sys/stat.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/* In the place of the test's own, with MORE arguments. */
static struct ran examined(void **state, const char *const *more)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", (char *)*state);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", (char *)*state);
	AUTO(text) char *sealing = xasprintf("SESSION_ENCRYPTION_KEY=%s", key);
	const char *words[8] = { "doctor", "--json", "--offline" };

	for (size_t i = 3; *more; more++)
		words[i++] = *more;
	struct ran ran = gabbai(ARGS(data, config, sealing, "LANG=C.UTF-8"), words);
	assert_lacks(ran.out, key);
	assert_lacks(ran.err, key);
	return ran;
}

/* How the check of that NAME ended; fails the test when it was not made. */
static const cJSON *check_of(const struct ran *ran, const char *name)
{
	const cJSON *check;

	cJSON_ArrayForEach (check, json_list(ran->json, "checks"))
		if (!strcmp(json_str(check, "name"), name))
			return check;
	fail_msg("nothing is said of %s: %s%s", name, ran->out, ran->err);
	return NULL;
}

static void assert_check(const struct ran *ran, const char *name, const char *status, const char *says)
{
	const cJSON *check = check_of(ran, name);

	if (strcmp(json_str(check, "status"), status) != 0)
		fail_msg("%s: %s, not %s: %s", name, json_str(check, "status"), status, json_str(check, "detail"));
	assert_contains(json_str(check, "detail"), says);
	if (!strcmp(status, "fail"))
		assert_non_null(json_str(check, "fix"));
}

static void what_is_well_passes(void **state)
{
	AUTO(ran) struct ran ran = examined(state, ARGS(NULL));

	assert_int_equal(ran.code, 0);
	assert_check(&ran, "browser", "pass", "starts in");
	assert_check(&ran, "key", "pass", "from environment");
	assert_check(&ran, "permissions", "pass", "yours alone");
	assert_check(&ran, "store", "pass", "intact");
	assert_check(&ran, "disk", "pass", "MB are free");
	assert_check(&ran, "sites", "pass", "sites");
}

static void a_missing_browser_is_told(void **state)
{
	AUTO(ran) struct ran ran = examined(state, ARGS("--browser", "/nowhere/chromium"));

	assert_int_equal(ran.code, 1);
	assert_check(&ran, "browser", "fail", "/nowhere/chromium");
}

static void what_others_can_read_is_mended(void **state)
{
	AUTO(ran) struct ran before = examined(state, ARGS(NULL));
	AUTO(text) char *data = home_file(state, "data"), *store = home_file(state, "data/gabbai.db");
	struct stat is;

	assert_int_equal(chmod(data, 0755), 0);
	assert_int_equal(chmod(store, 0644), 0);
	AUTO(ran) struct ran open = examined(state, ARGS(NULL));
	assert_int_equal(open.code, 1);
	assert_check(&open, "permissions", "fail", "can read");
	AUTO(ran) struct ran mended = examined(state, ARGS("--fix"));
	assert_int_equal(mended.code, 0);
	assert_int_equal(stat(store, &is), 0);
	assert_int_equal(is.st_mode & 0777, 0600);
	assert_int_equal(stat(data, &is), 0);
	assert_int_equal(is.st_mode & 0777, 0700);
}

static void a_damaged_database_is_told(void **state)
{
	AUTO(ran) struct ran before = examined(state, ARGS(NULL));

	home_write(state, "data/gabbai.db", "no database at all, but long enough to be taken for a header of one. ", 70);
	AUTO(ran) struct ran ran = examined(state, ARGS(NULL));
	assert_int_equal(ran.code, 1);
	assert_check(&ran, "store", "fail", "gabbai.db");
}

static void a_definition_that_others_could_write_is_told(void **state)
{
	AUTO(ran) struct ran before = examined(state, ARGS(NULL));
	AUTO(text) char *folder = home_file(state, "config/gabbai"), *selectors = home_file(state, "config/gabbai/selectors");

	(void)mkdir(folder, 0700);
	assert_int_equal(mkdir(selectors, 0700), 0);
	home_write(state, "config/gabbai/selectors/visa-cal.json", "{}", 2);
	AUTO(text) char *path = home_file(state, "config/gabbai/selectors/visa-cal.json");
	assert_int_equal(chmod(path, 0666), 0);
	AUTO(ran) struct ran ran = examined(state, ARGS(NULL));
	assert_int_equal(ran.code, 1);
	assert_check(&ran, "sites", "fail", "visa-cal.json");
}

int main(void)
{
#define HOME_TEST(test) cmocka_unit_test_setup_teardown(test, home_begin, home_end)
	const struct CMUnitTest tests[] = {
		HOME_TEST(what_is_well_passes),
		HOME_TEST(a_missing_browser_is_told),
		HOME_TEST(what_others_can_read_is_mended),
		HOME_TEST(a_damaged_database_is_told),
		HOME_TEST(a_definition_that_others_could_write_is_told),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
