/* The connection, against a fake browser. */
#include "cdp/conn.h"

#include "cdp/session.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum { SOON_MS = 10000 }; /* for what takes milliseconds */

static void answers_come_back(void **state)
{
	struct cdp_conn *conn = talk_connect(*state);
	struct cdp_session *session = cdp_session_new(conn, "S", NULL);
	struct error err = { 0 };
	int64_t two = 0;

	AUTO(json) cJSON *version = cdp_call(conn, NULL, "Browser.getVersion", NULL, deadline_in_ms(SOON_MS), &err);
	assert_ok(version, &err);
	assert_string_equal(json_str(version, "product"), "Chrome/156");
	AUTO(json) cJSON *value = cdp_call(conn, session, "Runtime.evaluate",
		json_object(JSON_STR("expression", "1+1")), deadline_in_ms(SOON_MS), &err);
	assert_ok(value, &err);
	assert_true(json_int(value, "result.value", &two));
	assert_int_equal(two, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(answers_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
