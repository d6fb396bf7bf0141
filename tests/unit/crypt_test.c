/* Sealing, and where keys come from. */
#include "src/crypt.h"

#include "cdp/base/secret.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"
#include "tests/lib/home.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static const struct sealed_for row = { "secrets", "visa-cal", "default/password" };
static const char text[] = "correct horse battery staple";

static struct keyring *ring_of(const char *key, const char *old)
{
	struct error err = { 0 };

	setenv("SESSION_ENCRYPTION_KEY", key, 1);
	if (old)
		setenv("SESSION_ENCRYPTION_KEY_OLD", old, 1);
	struct keyring *ring = keyring_open(&err);
	assert_ok(ring, &err);
	return ring;
}

static void assert_closed(const struct keyring *ring, const struct sealed_for *of, const void *blob, size_t size,
	enum error_code code)
{
	AUTO(buf) struct buf out = { 0 };
	struct error err = { 0 };

	assert_fails(unseal(ring, of, blob, size, &out, &err), &err, code);
	assert_null(out.data);
}

/* ---- sealing ---- */

static void what_is_sealed_opens(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 1 << 20 };
	AUTO(keyring) struct keyring *ring = ring_of(KEY_A, NULL);
	AUTO(text) char *much = xcalloc(1, 1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		AUTO(buf) struct buf blob = { 0 }, out = { 0 };
		struct error err = { 0 };
		assert_ok(seal(ring, &row, much, sizes[i], &blob, &err), &err);
		assert_int_equal(blob.size, sizes[i] + SEALED_EXTRA);
		assert_ok(unseal(ring, &row, blob.data, blob.size, &out, &err), &err);
		assert_int_equal(out.size, sizes[i]);
		assert_memory_equal(out.data, much, sizes[i]);
	}
}

static void the_same_text_is_sealed_differently_each_time(void **state)
{
	AUTO(keyring) struct keyring *ring = ring_of(KEY_A, NULL);
	AUTO(buf) struct buf one = { 0 }, two = { 0 };

	(void)state;
	assert_true(seal(ring, &row, text, sizeof text, &one, NULL) && seal(ring, &row, text, sizeof text, &two, NULL));
	assert_int_equal(one.size, two.size);
	assert_memory_not_equal(one.data + 9, two.data + 9, 12);
	assert_memory_not_equal(one.data + 21, two.data + 21, sizeof text);
}

/* In the key's id a flip makes it another key's, or none at all. */
static void every_flipped_bit_is_refused(void **state)
{
	AUTO(keyring) struct keyring *ring = ring_of(KEY_A, NULL);
	AUTO(buf) struct buf blob = { 0 };

	(void)state;
	assert_true(seal(ring, &row, text, sizeof text, &blob, NULL));
	for (size_t bit = 0; bit < 8 * blob.size; bit++) {
		AUTO(buf) struct buf out = { 0 };
		struct error err = { 0 };
		blob.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(unseal(ring, &row, blob.data, blob.size, &out, &err));
		if (err.code != ERR_TAMPERED && !(err.code == ERR_KEY && bit / 8 >= 1 && bit / 8 < 1 + KEY_ID_SIZE))
			fail_msg("bit %zu: %s", bit, error_name(err.code));
		assert_null(out.data);
		blob.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	AUTO(buf) struct buf out = { 0 };
	assert_true(unseal(ring, &row, blob.data, blob.size, &out, NULL));
}

static const struct sealed_for others[] = {
	{ "integration_sessions", "visa-cal", "default/password" },
	{ "secrets", "hotmart", "default/password" },
	{ "secrets", "visa-cal", "default/username" },
	{ "secrets", "visa-cal", "" },
	{ "secrets", "visa-caldefault", "/password" },
	{ "secretsvisa-cal", "", "default/password" },
};

static void another_rows_blob_is_refused(void **state)
{
	AUTO(keyring) struct keyring *ring = ring_of(KEY_A, NULL);
	AUTO(buf) struct buf blob = { 0 };

	(void)state;
	assert_true(seal(ring, &row, text, sizeof text, &blob, NULL));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_closed(ring, &others[i], blob.data, blob.size, ERR_TAMPERED);
}

static void a_blob_of_another_length_is_refused(void **state)
{
	AUTO(keyring) struct keyring *ring = ring_of(KEY_A, NULL);
	AUTO(buf) struct buf blob = { 0 };

	(void)state;
	assert_true(seal(ring, &row, text, sizeof text, &blob, NULL));
	for (size_t size = 0; size < blob.size; size++) {
		AUTO(text) char *cut = xmalloc(size + 1); /* so that a read beyond it is seen */
		memcpy(cut, blob.data, size);
		assert_closed(ring, &row, cut, size, ERR_TAMPERED);
	}
	buf_putc(&blob, 'x');
	assert_closed(ring, &row, blob.data, blob.size, ERR_TAMPERED);
}

static void another_keys_blob_names_both_keys(void **state)
{
	AUTO(keyring) struct keyring *a = ring_of(KEY_A, NULL), *b = ring_of(KEY_B, NULL);
	AUTO(buf) struct buf blob = { 0 }, out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(seal(a, &row, text, sizeof text, &blob, NULL));
	assert_fails(unseal(b, &row, blob.data, blob.size, &out, &err), &err, ERR_KEY);
	assert_contains(err.text, keyring_id(a));
	assert_contains(err.text, keyring_id(b));
}

static void an_old_key_opens_and_does_not_seal(void **state)
{
	AUTO(keyring) struct keyring *a = ring_of(KEY_A, NULL), *b = ring_of(KEY_B, KEY_A);
	AUTO(buf) struct buf blob = { 0 }, out = { 0 }, anew = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(seal(a, &row, text, sizeof text, &blob, NULL));
	assert_ok(unseal(b, &row, blob.data, blob.size, &out, &err), &err);
	assert_true(seal(b, &row, text, sizeof text, &anew, NULL));
	assert_closed(a, &row, anew.data, anew.size, ERR_KEY);
}

static void fingerprints_are_the_keys(void **state)
{
	AUTO(keyring) struct keyring *a = ring_of(KEY_A, NULL), *b = ring_of(KEY_B, NULL);
	AUTO(text) char *one = key_fingerprint(a, text, sizeof text), *again = key_fingerprint(a, text, sizeof text);
	AUTO(text) char *other = key_fingerprint(b, text, sizeof text), *shorter = key_fingerprint(a, text, 3);

	(void)state;
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	assert_string_not_equal(one, shorter);
}

/* ---- keys ---- */

static const struct {
	const char *key, *why;
} no_keys[] = {
	{ "0011", "too short" },
	{ KEY_A "0", "too long" },
	{ "0011223344556677889zaabbccddeeff00112233445566778899aabbccddeeff", "a letter that is none" },
	{ KEY_A "," , "a comma too many" },
	{ KEY_A " " KEY_B, "a space for a comma" },
	{ " ", "nothing" },
};

static void what_is_no_key_is_refused_and_not_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof no_keys / sizeof *no_keys; i++) {
		struct error err = { 0 };
		setenv("SESSION_ENCRYPTION_KEY", no_keys[i].key, 1);
		AUTO(keyring) struct keyring *ring = keyring_open(&err);
		if (ring)
			fail_msg("%s was taken", no_keys[i].why);
		assert_int_equal(err.code, ERR_KEY);
		assert_contains(err.text, "SESSION_ENCRYPTION_KEY");
		assert_lacks(err.text, "0011");
	}
}

static void a_key_leaves_the_environment(void **state)
{
	AUTO(keyring) struct keyring *ring = ring_of("  " KEY_A "\n", KEY_B "," KEY_A);

	(void)state;
	assert_null(getenv("SESSION_ENCRYPTION_KEY"));
	assert_null(getenv("SESSION_ENCRYPTION_KEY_OLD"));
	assert_int_equal(strlen(keyring_id(ring)), KEY_ID_SIZE);
}

static void a_file_that_others_can_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0660, 0666, 0610 };
	AUTO(text) char *path = home_file(state, "the-key");

	home_write(state, "the-key", KEY_A "\n", 65);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct error err = { 0 };
		assert_int_equal(chmod(path, modes[i]), 0);
		setenv("SESSION_ENCRYPTION_KEY_FILE", path, 1);
		AUTO(keyring) struct keyring *ring = keyring_open(&err);
		assert_fails(ring, &err, ERR_KEY);
		assert_contains(err.text, "chmod");
	}
	struct error err = { 0 };
	assert_int_equal(chmod(path, 0400), 0);
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	assert_ok(ring, &err);
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct error err = { 0 };

	(void)state;
	setenv("SESSION_ENCRYPTION_KEY_FILE", "/nonexistent/key", 1);
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	assert_fails(ring, &err, ERR_KEY);
	assert_contains(err.text, "/nonexistent/key");
}

/* systemd's files have an access list, whose mask looks like a group that may read. */
static void a_services_key_goes_before_all_others(void **state)
{
	struct error err = { 0 };
	AUTO(text) char *path = home_file(state, "session-encryption-key");
	AUTO(keyring) struct keyring *wanted = ring_of(KEY_B, NULL);

	home_write(state, "session-encryption-key", KEY_B "\n", 65);
	assert_int_equal(chmod(path, 0440), 0);
	setenv("CREDENTIALS_DIRECTORY", *state, 1);
	setenv("SESSION_ENCRYPTION_KEY", KEY_A, 1);
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	assert_ok(ring, &err);
	assert_string_equal(keyring_id(ring), keyring_id(wanted));
}

static mode_t mode_of(void **state, const char *name)
{
	AUTO(text) char *path = home_file(state, name);
	struct stat st = { 0 };

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void a_key_is_made_once_and_told(void **state)
{
	struct error err = { 0 };
	const mode_t mask = umask(0);

	catch_stderr();
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	AUTO(keyring) struct keyring *again = keyring_open(&err);
	AUTO(text) char *said = caught_stderr();
	(void)umask(mask);
	assert_ok(ring && again, &err);
	assert_string_equal(keyring_id(ring), keyring_id(again));
	assert_int_equal(mode_of(state, "config/gabbai/key"), 0600);
	assert_int_equal(mode_of(state, "config/gabbai"), 0700);
	assert_contains(said, "config/gabbai/key");
	assert_null(strstr(strstr(said, "a new key") + 1, "a new key"));
	AUTO(text) char *data = home_file(state, "data");
	assert_int_not_equal(access(data, F_OK), 0);
}

/* Many processes that all come first have one key between them. */
static void a_key_that_many_make_is_one(void **state)
{
	enum { PROCESSES = 12 };
	char first[KEY_ID_SIZE + 1] = "";
	int ends[2];

	(void)state;
	catch_stderr();
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			struct keyring *ring = keyring_open(NULL);
			_exit(!ring || write(ends[1], keyring_id(ring), KEY_ID_SIZE) != KEY_ID_SIZE);
		}
	for (int i = 0, status; i < PROCESSES; i++)
		assert_true(wait(&status) > 0 && status == 0);
	AUTO(text) char *said = caught_stderr();
	for (int i = 0; i < PROCESSES; i++) {
		char id[KEY_ID_SIZE + 1] = "";
		assert_int_equal(read(ends[0], id, KEY_ID_SIZE), KEY_ID_SIZE);
		if (!*first)
			memcpy(first, id, sizeof first);
		assert_string_equal(id, first);
	}
	close(ends[0]);
	close(ends[1]);
}

/* ---- another key ---- */

static void a_new_key_joins_the_old_one_and_then_stays_alone(void **state)
{
	AUTO(buf) struct buf blob = { 0 }, anew = { 0 }, out = { 0 };
	struct error err = { 0 };

	catch_stderr();
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	AUTO(text) char *old = xstrdup(keyring_id(ring));
	assert_ok(seal(ring, &row, text, sizeof text, &blob, &err), &err);
	assert_ok(keyring_renew(ring, &err), &err);
	assert_string_not_equal(keyring_id(ring), old);
	assert_ok(unseal(ring, &row, blob.data, blob.size, &out, &err), &err);
	assert_ok(seal(ring, &row, text, sizeof text, &anew, &err), &err);

	/* Who comes now has both. */
	AUTO(keyring) struct keyring *meanwhile = keyring_open(&err);
	assert_string_equal(keyring_id(meanwhile), keyring_id(ring));
	assert_ok(unseal(meanwhile, &row, blob.data, blob.size, &out, &err), &err);
	assert_ok(unseal(meanwhile, &row, anew.data, anew.size, &out, &err), &err);

	assert_ok(keyring_settle(ring, &err), &err);
	AUTO(keyring) struct keyring *after = keyring_open(&err);
	AUTO(text) char *said = caught_stderr();
	assert_ok(unseal(after, &row, anew.data, anew.size, &out, &err), &err);
	assert_closed(after, &row, blob.data, blob.size, ERR_KEY);

	/* The old one opens the backups. */
	AUTO(text) char *name = xasprintf("config/gabbai/key.%s", old);
	AUTO(text) char *kept = home_file(state, name);
	assert_int_equal(mode_of(state, name), 0600);
	setenv("SESSION_ENCRYPTION_KEY_OLD_FILE", kept, 1);
	AUTO(keyring) struct keyring *both = keyring_open(&err);
	assert_ok(unseal(both, &row, blob.data, blob.size, &out, &err), &err);
}

static void a_change_that_was_cut_short_goes_on_with_its_key(void **state)
{
	struct error err = { 0 };

	home_write(state, "config/gabbai/key", KEY_B "," KEY_A "\n", 130);
	home_write(state, "config/gabbai/key.new", "half of a k", 11);
	catch_stderr();
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	AUTO(text) char *id = xstrdup(keyring_id(ring));
	assert_ok(keyring_renew(ring, &err), &err);
	assert_string_equal(keyring_id(ring), id);
	assert_ok(keyring_settle(ring, &err), &err);
	AUTO(text) char *said = caught_stderr();
	size_t size;
	AUTO(text) char *file = home_read(state, "config/gabbai/key", &size);
	assert_string_equal(file, KEY_B "\n");
}

static void a_file_that_changed_meanwhile_is_left_alone(void **state)
{
	struct error err = { 0 };
	size_t size;

	home_write(state, "config/gabbai/key", KEY_A "\n", 65);
	AUTO(keyring) struct keyring *ring = keyring_open(&err);
	home_write(state, "config/gabbai/key", KEY_B "\n", 65);
	assert_fails(keyring_renew(ring, &err), &err, ERR_LOCKED);
	AUTO(text) char *file = home_read(state, "config/gabbai/key", &size);
	assert_string_equal(file, KEY_B "\n");
}

static void a_key_from_elsewhere_is_not_ours_to_change(void **state)
{
	AUTO(keyring) struct keyring *ring = ring_of(KEY_A, KEY_B);
	AUTO(text) char *id = xstrdup(keyring_id(ring));
	struct error err = { 0 };

	assert_ok(keyring_renew(ring, &err) && keyring_settle(ring, &err), &err);
	assert_string_equal(keyring_id(ring), id);
	AUTO(text) char *config = home_file(state, "config");
	assert_int_not_equal(access(config, F_OK), 0);
}

static void a_new_key_is_64_digits(void **state)
{
	AUTO(secret) struct secret *one = key_new(NULL), *two = key_new(NULL);

	(void)state;
	assert_int_equal(secret_size(one), 64);
	assert_int_equal(strspn(secret_reveal(one), "0123456789abcdef"), 64);
	assert_string_not_equal(secret_reveal(one), secret_reveal(two));
}

static int end(void **state)
{
	(void)catch_teardown(state);
	return home_end(state);
}

#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, home_begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_HOME(what_is_sealed_opens),
		AT_HOME(the_same_text_is_sealed_differently_each_time),
		AT_HOME(every_flipped_bit_is_refused),
		AT_HOME(another_rows_blob_is_refused),
		AT_HOME(a_blob_of_another_length_is_refused),
		AT_HOME(another_keys_blob_names_both_keys),
		AT_HOME(an_old_key_opens_and_does_not_seal),
		AT_HOME(fingerprints_are_the_keys),
		AT_HOME(what_is_no_key_is_refused_and_not_shown),
		AT_HOME(a_key_leaves_the_environment),
		AT_HOME(a_file_that_others_can_read_is_refused),
		AT_HOME(a_file_that_is_not_there_is_named),
		AT_HOME(a_services_key_goes_before_all_others),
		AT_HOME(a_key_is_made_once_and_told),
		AT_HOME(a_key_that_many_make_is_one),
		AT_HOME(a_new_key_joins_the_old_one_and_then_stays_alone),
		AT_HOME(a_change_that_was_cut_short_goes_on_with_its_key),
		AT_HOME(a_file_that_changed_meanwhile_is_left_alone),
		AT_HOME(a_key_from_elsewhere_is_not_ours_to_change),
		AT_HOME(a_new_key_is_64_digits),
	};

	return cmocka_run_group_tests_name("crypt", tests, NULL, NULL);
}
