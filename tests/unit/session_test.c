/* Saved sessions, and that nothing is written over what does not open. */
#include "src/session.h"

#include "cdp/base/buf.h"
#include "src/account.h"
#include "src/crypt.h"
#include "src/store.h"
#include "tests/lib/asserts.h"
#include "tests/lib/home.h"

#include <stdlib.h>

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static struct site_account dana, noa;
static struct store *store;
static struct keyring *ring;

static struct keyring *ring_of(const char *key)
{
	struct error err = { 0 };

	setenv("SESSION_ENCRYPTION_KEY", key, 1);
	struct keyring *made = keyring_open(&err);
	assert_ok(made, &err);
	return made;
}

static int begin(void **state)
{
	struct error err = { 0 };

	(void)home_begin(state);
	ring = ring_of(KEY_A);
	assert_ok((store = store_open(&err)) && account_read("visa-cal/dana", &dana, &err) && account_read("visa-cal/noa", &noa, &err),
		&err);
	return 0;
}

static int end(void **state)
{
	keyring_free(ring);
	store_free(store);
	return home_end(state);
}

static void save(const struct site_account *account, const char *json)
{
	struct error err = { 0 };
	AUTO(json) cJSON *state = json_parse(json, strlen(json), &err);

	assert_ok(session_save(store, ring, account, state, "https://example.com/", &err), &err);
}

static void assert_state(const struct site_account *account, const char *status, const char *json)
{
	struct session session = { 0 };
	struct error err = { 0 };

	assert_ok(session_load(store, ring, account, &session, &err), &err);
	AUTO(text) char *text = session.state ? json_print(session.state) : NULL;
	assert_string_equal(session.status, status);
	if (json)
		assert_string_equal(text, json);
	else
		assert_null(text);
	session_clear(&session);
}

static void assert_closed(const struct keyring *with, const struct site_account *account, enum error_code code)
{
	struct session session = { 0 };
	struct error err = { 0 };

	assert_fails(session_load(store, with, account, &session, &err), &err, code);
	assert_null(session.status);
	assert_null(session.state);
}

/* All that is in the row, to be compared. */
static char *row(void)
{
	struct error err = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT group_concat(platform || account || status || hex(state) || key_id"
		" || updated_at) FROM integration_sessions", NULL, &err);

	assert_ok(rows && rows_next(rows, &err), &err);
	return copy_of(rows_text(rows, 0));
}

static void nothing_saved_is_no_error(void **state)
{
	(void)state;
	assert_state(&dana, "not_connected", NULL);
}

static void a_session_is_saved_and_loaded(void **state)
{
	(void)state;
	save(&dana, "{\"cookies\":[],\"token\":\"one\"}");
	assert_state(&dana, "active", "{\"cookies\":[],\"token\":\"one\"}");
	assert_state(&noa, "not_connected", NULL);
	save(&dana, "{\"token\":\"two\"}");
	assert_state(&dana, "active", "{\"token\":\"two\"}");
}

static void what_is_saved_is_sealed(void **state)
{
	static const char *const files[] = { "data/gabbai.db", "data/gabbai.db-wal" };

	save(&dana, "{\"token\":\"Pl4nted-Token\"}");
	for (size_t i = 0; i < 2; i++) {
		size_t size;
		AUTO(text) char *content = home_read(state, files[i], &size);
		assert_null(memmem(content, size, "Pl4nted", 7));
	}
}

static void a_mark_leaves_the_state(void **state)
{
	struct error err = { 0 };

	(void)state;
	save(&dana, "{\"token\":\"one\"}");
	assert_ok(session_mark(store, &dana, "needs_reconnect", "the token ended", "https://example.com/login", &err), &err);
	assert_state(&dana, "needs_reconnect", "{\"token\":\"one\"}");
	AUTO(json) cJSON *list = session_list(store, &err);
	assert_string_equal(json_str(list, "0.lastError"), "the token ended");
	assert_true(json_true(list, "0.needsReconnect"));
	assert_ok(session_used(store, &dana, &err), &err);
	assert_state(&dana, "active", "{\"token\":\"one\"}");
	assert_false(session_mark(store, &dana, "no such status", "x", NULL, &err));
}

static void a_session_is_forgotten_alone(void **state)
{
	struct error err = { 0 };
	bool found;

	(void)state;
	save(&dana, "{}");
	save(&noa, "{}");
	assert_ok(session_forget(store, &dana, &found, &err) && found, &err);
	assert_state(&dana, "not_connected", NULL);
	assert_state(&noa, "active", "{}");
	assert_ok(session_forget(store, &dana, &found, &err) && !found, &err);
}

/* Loading fails, so nobody comes to the point of saving an empty state over it. */
static void another_key_is_an_error_and_changes_nothing(void **state)
{
	AUTO(keyring) struct keyring *other = ring_of(KEY_B);

	(void)state;
	save(&dana, "{\"token\":\"one\"}");
	AUTO(text) char *before = row();
	assert_closed(other, &dana, ERR_KEY);
	AUTO(text) char *after = row();
	assert_string_equal(before, after);
	assert_state(&dana, "active", "{\"token\":\"one\"}");
}

static void saving_over_what_does_not_open_is_refused(void **state)
{
	struct error err = { 0 };
	AUTO(keyring) struct keyring *other = ring_of(KEY_B);
	AUTO(json) cJSON *empty = cJSON_CreateObject();

	(void)state;
	save(&dana, "{\"token\":\"one\"}");
	AUTO(text) char *before = row();
	assert_fails(session_save(store, other, &dana, empty, NULL, &err), &err, ERR_KEY);
	assert_contains(err.text, "gabbai session forget visa-cal/dana");
	AUTO(text) char *after = row();
	assert_string_equal(before, after);
	bool found;
	struct error none = { 0 };
	assert_ok(session_forget(store, &dana, &found, &none) && session_save(store, other, &dana, empty, NULL, &none), &none);
}

static void swapped_blobs_do_not_open(void **state)
{
	struct error err = { 0 };

	(void)state;
	save(&dana, "{\"of\":\"dana\"}");
	save(&noa, "{\"of\":\"noa\"}");
	assert_ok(store_do(store, "CREATE TEMP TABLE was AS SELECT account, state FROM integration_sessions", NULL, &err)
		&& store_do(store, "UPDATE integration_sessions SET state = (SELECT state FROM was"
			" WHERE was.account <> integration_sessions.account)", NULL, &err), &err);
	assert_closed(ring, &dana, ERR_TAMPERED);
	assert_closed(ring, &noa, ERR_TAMPERED);
}

static void a_flipped_byte_does_not_open(void **state)
{
	struct error err = { 0 };

	(void)state;
	save(&dana, "{\"of\":\"dana\"}");
	assert_ok(store_do(store, "UPDATE integration_sessions SET state = substr(state, 1, 30) || x'00' || substr(state, 32)", NULL, &err),
		&err);
	assert_closed(ring, &dana, ERR_TAMPERED);
	assert_ok(store_do(store, "UPDATE integration_sessions SET state = x''", NULL, &err), &err);
	assert_closed(ring, &dana, ERR_TAMPERED);
}

static const struct {
	const char *state;
	int64_t expiry;
	const char *why;
} expiries[] = {
	{ "{}", 0, "no cookies" },
	{ "{\"cookies\":[{\"httpOnly\":true,\"expires\":-1}]}", 0, "only as long as the browser" },
	{ "{\"cookies\":[{\"httpOnly\":false,\"expires\":1000}]}", 0, "not one that scripts can read" },
	{ "{\"cookies\":[{\"httpOnly\":true,\"expires\":3000.5},{\"httpOnly\":true,\"expires\":2000}]}", 2000, "the soonest" },
};

static void a_session_ends_with_its_first_cookie(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expiries / sizeof *expiries; i++) {
		AUTO(json) cJSON *json = json_parse(expiries[i].state, strlen(expiries[i].state), NULL);
		if (session_expiry(json) != expiries[i].expiry)
			fail_msg("%s: %lld", expiries[i].why, (long long)session_expiry(json));
	}
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(nothing_saved_is_no_error),
		WITH_STORE(a_session_is_saved_and_loaded),
		WITH_STORE(what_is_saved_is_sealed),
		WITH_STORE(a_mark_leaves_the_state),
		WITH_STORE(a_session_is_forgotten_alone),
		WITH_STORE(another_key_is_an_error_and_changes_nothing),
		WITH_STORE(saving_over_what_does_not_open_is_refused),
		WITH_STORE(swapped_blobs_do_not_open),
		WITH_STORE(a_flipped_byte_does_not_open),
		WITH_STORE(a_session_ends_with_its_first_cookie),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
