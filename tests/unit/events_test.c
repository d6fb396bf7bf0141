/* Events: written, and told to who watches. */
#include "src/events.h"

#include "cdp/base/auto.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"

#include <sys/inotify.h>
#include <unistd.h>

enum { NOTICES_SIZE = 4096 };

/* Whether somebody has touched the log since the last look. */
static bool was_touched(int fd)
{
	_Alignas(struct inotify_event) char notices[NOTICES_SIZE];
	const ssize_t size = read(fd, notices, sizeof notices);
	bool touched = false;

	for (const char *at = notices; size > 0 && at < notices + size;) {
		const struct inotify_event *e = (const struct inotify_event *)(const void *)at;
		touched = touched || ((e->mask & IN_ATTRIB) && e->len && !strcmp(e->name, "gabbai.db-wal"));
		at += sizeof *e + e->len;
	}
	return touched;
}

/* The log is written before its commit can be seen, so its writes tell nothing. */
static void who_watches_is_told_when_it_can_be_read(void **state)
{
	AUTO(text) char *folder = home_file(state, "data");
	struct error err = { 0 };
	struct store *store = store_open(&err), *other = store_open(&err);
	const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	assert_ok(store && other, &err);
	assert_true(fd >= 0 && inotify_add_watch(fd, folder, IN_ATTRIB) >= 0);
	assert_ok(store_do(store, "INSERT INTO accounts (platform, account) VALUES ('a', 'b')", NULL, &err), &err);
	assert_false(was_touched(fd));
	assert_ok(events_add(store, 0, "run.phase", json_object(JSON_STR("phase", "opening")), &err), &err);
	assert_true(was_touched(fd));
	assert_int_equal(events_last(other), 1);
	close(fd);
	store_free(store);
	store_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_watches_is_told_when_it_can_be_read, home_begin, home_end),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
