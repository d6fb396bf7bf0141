/* Every input of tests/fuzz/corpus/ once: seeds, and what broke something before. */
#include "tests/fuzz/target.h"

#include "cdp/base/auto.h"
#include "tests/lib/asserts.h"

#include <dirent.h>
#include <stdio.h>

enum { INPUT_MAX = 1 << 20 };

static const struct {
	const char *name;
	void (*feed)(const uint8_t *data, size_t size);
} targets[] = {
	{ "answer", fuzz_answer }, { "channel", fuzz_channel }, { "code", fuzz_code },
	{ "cron", fuzz_cron }, { "form", fuzz_form },
	{ "json", fuzz_json },     { "session", fuzz_session }, { "totp", fuzz_totp },
};

/* From memory that ends where the input does, so that reading on is seen. */
static void feed_file(size_t target, const char *path)
{
	AUTO(file) FILE *file = fopen(path, "re");
	AUTO(text) char *room = xmalloc(INPUT_MAX);

	assert_non_null(file);
	const size_t size = fread(room, 1, INPUT_MAX, file);
	AUTO(text) char *input = xmalloc(size ? size : 1);
	memcpy(input, room, size);
	targets[target].feed((const uint8_t *)input, size);
}

static void stands_all_of_the_corpus(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		AUTO(text) char *folder = xasprintf("tests/fuzz/corpus/%s", targets[i].name);
		DIR *const dir = opendir(folder);
		size_t count = 0;
		assert_non_null(dir);
		for (const struct dirent *entry; (entry = readdir(dir));) {
			AUTO(text) char *path = xasprintf("%s/%s", folder, entry->d_name);
			if (entry->d_name[0] == '.')
				continue;
			feed_file(i, path);
			count++;
		}
		(void)closedir(dir);
		assert_true(count > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stands_all_of_the_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
