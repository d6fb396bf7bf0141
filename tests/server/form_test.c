/* Forms by way of gabbai serve: submitted by a child, with the code that somebody brings, or left to the caller. */
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"

#include <string.h>
#include <unistd.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

#define REQUEST "{\"url\":\"https://forms.test/code/202\",\"fields\":{\"username\":\"ada.lovelace@example.com\"," \
	"\"password\":\"Analytical-Engine-1843\"}%s}"

static void start_server(void)
{
	AUTO(text) char *rule = xasprintf("*.test:443:127.0.0.1:%d", cal.port);

	web_start(&web, &cal, "otp6", ARGS("--connect-to", rule));
}

/* Asks, and does not wait for the answer. */
static int submit(const char *more)
{
	AUTO(text) char *body = xasprintf(REQUEST, more);
	AUTO(text) char *bytes = xasprintf("POST /api/forms/submit HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", web.port, web.token, strlen(body), body);

	return web_connect(&web, bytes);
}

/* The answer; *STATUS. */
static cJSON *hear(int fd, int *status)
{
	AUTO(buf) struct buf in = { 0 };
	bool closed = false;
	const char *body = NULL;

	for (const struct deadline until = deadline_in_ms(WEB_MS); !closed && !deadline_passed(until);) {
		web_read(fd, &in, deadline_in_ms(200), &closed);
		body = strstr(buf_text(&in), "\r\n\r\n");
		AUTO(json) cJSON *whole = body ? json_parse(body + 4, strlen(body + 4), NULL) : NULL;
		if (whole)
			break;
	}
	close(fd);
	*status = in.size > 12 ? (int)strtol(in.data + 9, NULL, 10) : 0;
	return body ? json_parse(body + 4, strlen(body + 4), NULL) : NULL;
}

static void a_form_asks_for_its_code(void **state)
{
	int status;

	(void)state;
	start_server();
	for (int i = 0; i < 2; i++) {
		AUTO(sse) struct sse all = { .fd = -1 };
		assert_true(sse_open(&all, &web, &(struct ask){ .path = "/api/events" }));
		AUTO(json) cJSON *snapshot = sse_await(&all, "snapshot");
		const int fd = submit("");
		AUTO(text) char *id = next_question(&all);
		AUTO(reply) struct reply asked = web_get(&web, "/api/otp");
		assert_string_equal(json_str(asked.json, "requests.0.site"), "form");
		assert_string_equal(json_str(asked.json, "requests.0.account"), "forms.test");
		AUTO(reply) struct reply taken = answer_code(id, "246810");
		assert_status(taken, 200);
		AUTO(json) cJSON *result = hear(fd, &status);
		assert_int_equal(status, 200);
		assert_true(json_true(result, "success") && json_true(result, "otpRequired"));
		assert_string_equal(json_str(result, "method"), i ? "api" : "browser");
		assert_string_equal(json_str(result, "responseData.user.id"), "123");
	}
	AUTO(reply) struct reply forms = web_get(&web, "/api/forms");
	assert_string_equal(json_str(forms.json, "forms.0.otpPattern.otpType"), "email");
	assert_lacks(forms.body, "Analytical");
	AUTO(text) char *path = xasprintf("/api/forms/%s", json_str(forms.json, "forms.0.id"));
	AUTO(reply) struct reply gone = web_ask(&web, &(struct ask){ .method = "DELETE", .path = path });
	assert_status(gone, 200);
	AUTO(text) char *said = web_stderr(&web);
	assert_lacks(said, "Analytical");
	assert_lacks(said, "246810");
}

static void a_challenge_is_the_result_when_that_is_wanted(void **state)
{
	int status;

	(void)state;
	start_server();
	AUTO(json) cJSON *result = hear(submit(",\"autoRetryOnOTP\":false"), &status);
	assert_int_equal(status, 200);
	assert_true(json_true(result, "otpRequired") && !json_true(result, "success"));
	assert_string_equal(json_str(result, "otpChallenge.type"), "email");
	assert_non_null(json_str(result, "previousStepData.state"));
}

static void what_cannot_be_is_refused(void **state)
{
	static const char *const bodies[] = {
		"{}", "{\"url\":\"file:///etc/passwd\"}", "{\"url\":\"gopher://x/\"}",
		"{\"url\":\"https://forms.test/upload\",\"fields\":{},\"files\":{\"document\":{\"filePath\":\"/etc/passwd\"}}}",
		"{\"url\":\"https://forms.test/upload\",\"fields\":{},\"files\":{\"document\":[{\"filePath\":\"/etc/passwd\"}]}}",
		"{\"url\":\"https://forms.test/plain\",\"fields\":{},\"session\":\"--verbose\"}",
	};

	(void)state;
	start_server();
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		AUTO(reply) struct reply reply = web_post(&web, "/api/forms/submit", bodies[i]);
		assert_status(reply, 422);
	}
	AUTO(reply) struct reply none = web_ask(&web, &(struct ask){ .path = "/api/forms", .token = "" });
	assert_status(none, 401);
	AUTO(reply) struct reply unknown = web_ask(&web, &(struct ask){ .method = "DELETE", .path = "/api/forms/form:nobody:1" });
	assert_status(unknown, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(a_form_asks_for_its_code),
		served_test(a_challenge_is_the_result_when_that_is_wanted),
		served_test(what_cannot_be_is_refused),
	};

	return served_run(tests);
}
