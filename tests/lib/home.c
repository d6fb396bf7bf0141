/* Places of tests: see home.h. */
#include "tests/lib/home.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "src/place.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"

#include <stdlib.h>
#include <sys/stat.h>

int home_begin(void **state)
{
	static const char *const keys[] = { "SESSION_ENCRYPTION_KEY", "SESSION_ENCRYPTION_KEY_FILE", "SESSION_ENCRYPTION_KEY_OLD",
		"SESSION_ENCRYPTION_KEY_OLD_FILE", "CREDENTIALS_DIRECTORY" };
	char folder[] = "/tmp/gabbai-test-XXXXXX";

	if (!mkdtemp(folder))
		return -1;
	*state = xstrdup(folder);
	AUTO(text) char *data = home_file(state, "data");
	AUTO(text) char *config = home_file(state, "config");
	setenv("GABBAI_DATA_DIR", data, 1);
	setenv("XDG_CONFIG_HOME", config, 1);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		unsetenv(keys[i]);
	place_setup(NULL);
	return 0;
}

int home_end(void **state)
{
	folder_remove(*state);
	free(*state);
	return 0;
}

char *home_file(void **state, const char *name)
{
	return xasprintf("%s/%s", (const char *)*state, name);
}

char *home_read(void **state, const char *name, size_t *size)
{
	AUTO(text) char *path = home_file(state, name);
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf content = { 0 };
	char chunk[4096];

	if (!f)
		fail_msg("%s is not there", name);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&content, chunk, n);
	*size = content.size;
	return buf_take(&content);
}

void home_write(void **state, const char *name, const void *content, size_t size)
{
	AUTO(text) char *path = home_file(state, name);

	for (char *p = strchr(path + strlen(*state) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
	AUTO(file) FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	assert_int_equal(fwrite(content, 1, size, f), size);
}
