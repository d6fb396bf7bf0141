/* Credentials: the environment's, then the store's; values and references. */
#include "src/credentials.h"

#include "src/account.h"
#include "src/crypt.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"
#include "tests/lib/home.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const variables[] = { "GABBAI_VISA_CAL_PASSWORD", "GABBAI_VISA_CAL_PASSWORD_FILE", "GABBAI_VISA_CAL_DANA_2_PASSWORD",
	"CAL_PASSWORD" };

static struct site_account ours, dana;
static struct store *store;
static struct keyring *ring;

static int begin(void **state)
{
	struct error err = { 0 };

	(void)home_begin(state);
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		unsetenv(variables[i]);
	catch_stderr();
	ring = keyring_open(&err);
	free(caught_stderr());
	assert_ok(ring && (store = store_open(&err)) && account_read("visa-cal", &ours, &err)
		&& account_read("visa-cal/dana.2", &dana, &err), &err);
	return 0;
}

static int end(void **state)
{
	keyring_free(ring);
	store_free(store);
	return home_end(state);
}

static void assert_value(const struct site_account *account, const char *wanted)
{
	struct error err = { 0 };
	credentials_take();
	AUTO(secret) struct secret *value = credential_read(store, ring, account, "password", &err);

	assert_ok(value, &err);
	assert_string_equal(secret_reveal(value), wanted);
}

static void assert_none(const struct site_account *account, enum error_code code, const char *says)
{
	struct error err = { 0 };
	credentials_take();
	AUTO(secret) struct secret *value = credential_read(store, ring, account, "password", &err);

	assert_fails(value, &err, code);
	assert_contains(err.text, says);
}

static void save(const struct site_account *account, const char *field, const char *value)
{
	struct error err = { 0 };
	AUTO(secret) struct secret *secret = secret_new(value, strlen(value));

	assert_ok(credential_save(store, ring, account, field, secret, &err), &err);
}

static void refer(const char *reference)
{
	struct error err = { 0 };

	assert_ok(credential_reference_ok(reference, &err)
		&& credential_save_reference(store, ring, &ours, "password", reference, &err), &err);
}

static void nothing_is_told_with_what_to_do(void **state)
{
	(void)state;
	assert_none(&ours, ERR_CREDENTIALS, "gabbai secret set");
	assert_none(&ours, ERR_CREDENTIALS, "GABBAI_VISA_CAL_PASSWORD");
	assert_none(&dana, ERR_CREDENTIALS, "GABBAI_VISA_CAL_DANA_2_PASSWORD");
}

static void the_environment_goes_before_the_store(void **state)
{
	(void)state;
	save(&ours, "password", "stored");
	assert_value(&ours, "stored");
	setenv("GABBAI_VISA_CAL_PASSWORD", "from outside", 1);
	assert_value(&ours, "from outside");
	assert_null(getenv("GABBAI_VISA_CAL_PASSWORD"));
	assert_value(&ours, "stored");
}

static void each_account_has_its_own(void **state)
{
	(void)state;
	save(&ours, "password", "one");
	save(&dana, "password", "two");
	assert_value(&ours, "one");
	assert_value(&dana, "two");
	setenv("GABBAI_VISA_CAL_DANA_2_PASSWORD", "three", 1);
	assert_value(&dana, "three");
	assert_value(&ours, "one");
}

static void a_value_that_looks_like_a_reference_is_a_value(void **state)
{
	static const char *const values[] = { "file:/etc/passwd", "exec:[\"false\"]", "env:HOME", "value:x", " with spaces ", "סיסמה" };

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		save(&ours, "password", values[i]);
		assert_value(&ours, values[i]);
	}
}

static void a_reference_is_looked_up_each_time(void **state)
{
	AUTO(text) char *path = home_file(state, "the-password");
	AUTO(text) char *file = xasprintf("file:%s", path);

	home_write(state, "the-password", "first\n", 6);
	refer(file);
	assert_value(&ours, "first");
	home_write(state, "the-password", "second\r\n", 8);
	assert_value(&ours, "second");
	refer("exec:[\"echo\",\"third\"]");
	assert_value(&ours, "third");
	refer("env:CAL_PASSWORD");
	setenv("CAL_PASSWORD", "fourth", 1);
	assert_value(&ours, "fourth");
	assert_none(&ours, ERR_INPUT, "CAL_PASSWORD"); /* it was taken out of the environment */
}

static void a_reference_that_gives_nothing_is_told(void **state)
{
	AUTO(text) char *path = home_file(state, "empty");
	AUTO(text) char *file = xasprintf("file:%s", path);

	refer("file:/nonexistent/password");
	assert_none(&ours, ERR_INPUT, "/nonexistent/password");
	home_write(state, "empty", "\n", 1);
	refer(file);
	assert_none(&ours, ERR_INPUT, "empty");
	refer("exec:[\"false\"]");
	assert_none(&ours, ERR_INPUT, "false");
	refer("exec:[\"true\"]");
	assert_none(&ours, ERR_INPUT, "printed nothing");
	refer("exec:[\"/nonexistent/pass\"]");
	assert_none(&ours, ERR_INPUT, "cannot be executed");
}

static void a_field_s_blob_is_no_other_s(void **state)
{
	struct error err = { 0 };

	(void)state;
	save(&ours, "username", "dana");
	save(&ours, "password", "one");
	save(&dana, "password", "two");
	assert_ok(store_do(store, "UPDATE secrets SET value = (SELECT value FROM secrets WHERE field = 'username')"
		" WHERE account = 'default' AND field = 'password'", NULL, &err), &err);
	assert_none(&ours, ERR_TAMPERED, "default/password");
	assert_ok(store_do(store, "UPDATE secrets SET value = (SELECT value FROM secrets WHERE account = 'dana.2')"
		" WHERE account = 'default' AND field = 'password'", NULL, &err), &err);
	assert_none(&ours, ERR_TAMPERED, "default/password");
	setenv("GABBAI_VISA_CAL_PASSWORD", "from outside", 1);
	assert_value(&ours, "from outside");
}

static void what_was_forgotten_is_not_there(void **state)
{
	struct error err = { 0 };
	bool found;

	(void)state;
	save(&ours, "password", "one");
	save(&dana, "password", "two");
	assert_ok(credential_forget(store, &ours, "password", &found, &err) && found, &err);
	assert_none(&ours, ERR_CREDENTIALS, "password");
	assert_value(&dana, "two");
	assert_ok(credential_forget(store, &ours, "password", &found, &err) && !found, &err);
}

static const struct {
	const char *site, *field;
	bool ok;
} fields[] = {
	{ "visa-cal", "username", true }, { "visa-cal", "last4", true }, { "visa-cal", "totp", true }, { "hotmart", "email", true },
	{ "hotmart", "totp", true }, { "visa-cal", "email", false }, { "hotmart", "id", false }, { "visa-cal", "", false },
	{ "visa-cal", "Password", false },
};

static void a_site_knows_its_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		struct error err = { 0 };
		if (credential_field_ok(site_find(fields[i].site), fields[i].field, &err) != fields[i].ok)
			fail_msg("%s %s", fields[i].site, fields[i].field);
		if (!fields[i].ok)
			assert_contains(err.text, "password");
	}
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(nothing_is_told_with_what_to_do),
		WITH_STORE(the_environment_goes_before_the_store),
		WITH_STORE(each_account_has_its_own),
		WITH_STORE(a_value_that_looks_like_a_reference_is_a_value),
		WITH_STORE(a_reference_is_looked_up_each_time),
		WITH_STORE(a_reference_that_gives_nothing_is_told),
		WITH_STORE(a_field_s_blob_is_no_other_s),
		WITH_STORE(what_was_forgotten_is_not_there),
		WITH_STORE(a_site_knows_its_fields),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
