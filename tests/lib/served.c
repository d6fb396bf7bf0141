/* A server for each test: see served.h. */
#include "tests/lib/served.h"

#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"

#include <poll.h>
#include <string.h>

struct cal cal;
struct web web;

int served_start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	setenv("XDG_RUNTIME_DIR", cal.folder, 1); /* where browsers have their profiles */
	return 0;
}

int served_stop(void **state)
{
	(void)state;
	unsetenv("XDG_RUNTIME_DIR");
	cal_stop(&cal);
	return 0;
}

int served_begin(void **state)
{
	(void)state;
	AUTO(text) char *data = cal_file(&cal, "data");
	AUTO(text) char *phone = cal_file(&cal, "phone");
	folder_remove(data);
	(void)remove(phone);
	cal_forget(&cal);
	return 0;
}

int served_end(void **state)
{
	(void)state;
	return web_stop(&web);
}

/* The code of the last message to the test phone, owned by the caller. */
char *phone_code(void)
{
	static const char before[] = "\"code\":\"";
	AUTO(text) char *path = cal_file(&cal, "phone");

	for (const struct deadline until = deadline_in_ms(WEB_MS); !deadline_passed(until); (void)poll(NULL, 0, 20)) {
		char text[4096];
		AUTO(file) FILE *f = fopen(path, "re");
		const size_t size = f ? fread(text, 1, sizeof text - 1, f) : 0;
		const char *last = NULL;
		text[size] = '\0';
		for (const char *at = text; size && text[size - 1] == '\n' && (at = strstr(at, before)); at++)
			last = at + sizeof before - 1;
		if (last)
			return xstrndup(last, strcspn(last, "\""));
	}
	fail_msg("no code on the phone");
	return NULL;
}

bool stream_run(struct sse *stream)
{
	return sse_open(stream, &web, &(struct ask){ .path = "/api/scrapers/run-stream",
		.body = "{\"options\":{\"companyId\":\"visaCal\"}}" });
}

struct reply answer(const char *id, const char *body)
{
	AUTO(text) char *path = xasprintf("/api/otp/%s", id);

	return web_post(&web, path, body);
}

struct reply answer_code(const char *id, const char *code)
{
	AUTO(text) char *body = xasprintf("{\"code\":\"%s\"}", code);

	return answer(id, body);
}

/* The id of the question that the stream asks next, owned by the caller. */
char *next_question(struct sse *stream)
{
	AUTO(json) cJSON *needed = sse_await(stream, "OTP_NEEDED");

	assert_non_null(json_str(needed, "requestId"));
	return xstrdup(json_str(needed, "requestId"));
}

void assert_result(const cJSON *result, const char *id, const char *status)
{
	AUTO(text) char *text = json_print(result);

	if (strcmp(json_str(result, "requestId"), id) != 0 || strcmp(json_str(result, "status"), status) != 0)
		fail_msg("not %s: %s", status, text);
}
