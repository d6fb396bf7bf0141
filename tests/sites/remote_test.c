/* Runs in a browser that is rented from somebody: with a token, after waiting for its turn, and cut off on the way. */
#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "tests/lib/asserts.h"
#include "tests/lib/endpoint.h"
#include "tests/lib/program.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char token[] = "T0ken-of-the-test";
/* What the browser says before anything is typed, and when the credentials are on their way. */
static const char early[] = "https://www.cal-online.co.il/", late[] = "/calconnect/authentication/login";
static struct cal cal;
static struct endpoint endpoint;
static const char *flags[4];
static char *rules, *address;

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	rules = xasprintf("--host-resolver-rules=MAP *.cal-online.co.il:443 127.0.0.1:%d,MAP *.calconnect-id.co.il:443 127.0.0.1:%d", cal.port,
		cal.port);
	flags[0] = rules;
	flags[1] = "--ignore-certificate-errors";
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(rules);
	cal_stop(&cal);
	return 0;
}

static int end(void **state)
{
	(void)state;
	endpoint_stop(&endpoint);
	unsetenv("GABBAI_BROWSER_URL");
	free(TAKE(address));
	cal_forget(&cal);
	return 0;
}

/* Rents out by PLAN, and says where in the environment. */
static void rent(struct endpoint_plan plan, const char *scheme)
{
	plan.flags = flags;
	plan.token = token;
	endpoint_start(&endpoint, &plan);
	address = xasprintf("%s://127.0.0.1:%d%s?token=%s", scheme, endpoint.port, *scheme == 'w' ? "/chromium" : "", token);
	setenv("GABBAI_BROWSER_URL", address, 1);
}

static struct ran run(const char *const *more)
{
	struct ran ran = gabbai_cal(&cal, "dana", "Secret123", more);

	assert_lacks(ran.err, token);
	assert_lacks(ran.out, token);
	return ran;
}

static void assert_collected(const struct ran *ran)
{
	if (ran->code != 0)
		fail_msg("exit code %d: %s", ran->code, ran->err);
	assert_true(json_true(ran->json, "success"));
}

static void a_token_lets_in(void **state)
{
	static const char *const schemes[] = { "ws", "http" };

	for (size_t i = 0; i < 2; i++) {
		rent((struct endpoint_plan){ .busy = 0 }, schemes[i]);
		AUTO(ran) struct ran ran = run(NULL);
		assert_collected(&ran);
		end(state);
	}
}

static void a_header_lets_in(void **state)
{
	AUTO(text) char *file = cal_file(&cal, "headers");
	const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	(void)state;
	assert_true(dprintf(fd, "X-Token: %s\n", token) > 0);
	close(fd);
	rent((struct endpoint_plan){ .busy = 0 }, "ws");
	AUTO(text) char *url = xasprintf("ws://127.0.0.1:%d/chromium", endpoint.port);
	setenv("GABBAI_BROWSER_URL", url, 1);
	AUTO(ran) struct ran ran = run(ARGS("--browser-headers", file));
	assert_collected(&ran);
}

static void without_it_nothing_is_to_be_had(void **state)
{
	(void)state;
	rent((struct endpoint_plan){ .busy = 0 }, "ws");
	AUTO(text) char *url = xasprintf("ws://127.0.0.1:%d/chromium?token=Wr0ng", endpoint.port);
	setenv("GABBAI_BROWSER_URL", url, 1);
	AUTO(ran) struct ran ran = run(NULL);
	assert_int_equal(ran.code, 13);
	assert_contains(ran.err, "does not let us in (HTTP 401)");
	assert_lacks(ran.err, "Wr0ng");
}

static void one_that_is_busy_is_asked_again(void **state)
{
	(void)state;
	rent((struct endpoint_plan){ .busy = 2 }, "ws");
	AUTO(ran) struct ran ran = run(NULL);
	assert_collected(&ran);
}

static void a_run_that_is_cut_off_is_tried_once_more(void **state)
{
	(void)state;
	rent((struct endpoint_plan){ .cut = 1, .cut_at = early }, "ws");
	AUTO(ran) struct ran ran = run(NULL);
	assert_collected(&ran);
	assert_contains(ran.err, "once more");
	assert_int_equal(cal_seen(&cal, "/calconnect/authentication/login"), 1);
}

/* Another try would be another login. */
static void once_credentials_are_typed_it_is_not(void **state)
{
	(void)state;
	rent((struct endpoint_plan){ .cut = 1, .cut_at = late }, "ws");
	AUTO(ran) struct ran ran = run(NULL);
	assert_int_equal(ran.code, 9);
	assert_contains(ran.err, "connection");
	assert_lacks(ran.err, "once more");
}

static void far_away_wants_tls(void **state)
{
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "dana", "Secret123", ARGS("--browser-url", "ws://192.0.2.1:3000/?token=T0ken-of-the-test"));

	(void)state;
	assert_int_equal(ran.code, 2);
	assert_contains(ran.err, "--insecure");
	assert_lacks(ran.err, token);
}

/* RUNS of them, the seventh cut off. */
static void many_runs(void **state)
{
	const int runs = getenv("RUNS") ? (int)strtol(getenv("RUNS"), NULL, 10) : 3;

	(void)state;
	rent((struct endpoint_plan){ .cut = runs > 6 ? 7 : 2, .cut_at = early }, "ws");
	for (int i = 0; i < runs; i++) {
		AUTO(ran) struct ran ran = run(NULL);
		assert_collected(&ran);
	}
	assert_int_equal(cal_seen(&cal, "/calconnect/authentication/login"), runs);
}

int main(void)
{
#define RENTED(test) cmocka_unit_test_teardown(test, end)
	const struct CMUnitTest tests[] = {
		RENTED(a_token_lets_in),
		RENTED(a_header_lets_in),
		RENTED(without_it_nothing_is_to_be_had),
		RENTED(one_that_is_busy_is_asked_again),
		RENTED(a_run_that_is_cut_off_is_tried_once_more),
		RENTED(once_credentials_are_typed_it_is_not),
		RENTED(far_away_wants_tls),
		RENTED(many_runs),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, start, stop);
}
