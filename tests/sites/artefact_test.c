/* What is left of runs that failed: enough to see why, and nothing secret. */
#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/json.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/served.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define PLANTED   "Planted-Pass-4711"

/* The content of a file of run ID, owned by the caller; NULL: there is none. */
static char *left(int id, const char *name, size_t *size)
{
	AUTO(text) char *path = xasprintf("%s/data/artefacts/%d/%s", cal.folder, id, name);
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[65536];

	if (!f)
		return NULL;
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	*size = text.size;
	return buf_take(&text);
}

static void assert_left(int id, const char *name, const char *part)
{
	size_t size = 0;
	AUTO(text) char *text = left(id, name, &size);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("%s lacks %s: %.2000s", name, part, text);
}

/* Of all files there are, whatever they are called. */
static void assert_nowhere(int id, const char *secret)
{
	AUTO(text) char *path = xasprintf("%s/data/artefacts/%d", cal.folder, id);
	DIR *dir = opendir(path);
	int count = 0;

	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		size_t size = 0;
		if (*entry->d_name == '.')
			continue;
		count++;
		AUTO(text) char *text = left(id, entry->d_name, &size);
		if (text && memmem(text, size, secret, strlen(secret)))
			fail_msg("%s is in %s", secret, entry->d_name);
	}
	closedir(dir);
	assert_true(count >= 2);
}

static bool has_picture(int id)
{
	size_t size = 0;
	AUTO(text) char *png = left(id, "screenshot.png", &size);

	return png && size > 1000 && !memcmp(png, "\x89PNG", 4);
}

static void assert_mode(const char *name, mode_t mode)
{
	AUTO(text) char *path = xasprintf("%s/data/%s", cal.folder, name);
	struct stat st = { 0 };

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

/* ---- tests ---- */

static void of_a_page_without_fields_there_is_a_picture(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "captcha", "Secret123", NULL);
	assert_int_equal(ran.code, 8);
	assert_true(has_picture(1));
	assert_left(1, "page.html", "reCAPTCHA");
	assert_left(1, "network.har", "\"url\":\"https://www.cal-online.co.il/\"");
	assert_left(1, "events.ndjson", "run.phase");
	assert_left(1, "run.json", "\"errorType\":\t\"WAF_BLOCKED\"");
	assert_nowhere(1, "Secret123");
	assert_mode("artefacts", 0700);
	assert_mode("artefacts/1", 0700);
	assert_mode("artefacts/1/screenshot.png", 0600);
	assert_mode("artefacts/1/page.html", 0600);

	AUTO(text) char *folder = cal_file(&cal, "copied");
	AUTO(ran) struct ran shown = gabbai_on(&cal, ARGS("show", "1", "--artifacts", folder));
	assert_int_equal(shown.code, 0);
	assert_contains(shown.out, "copied/page.html");
	AUTO(text) char *copy = cal_file(&cal, "copied/screenshot.png");
	assert_int_equal(access(copy, R_OK), 0);
	folder_remove(folder);
	AUTO(ran) struct ran none = gabbai_on(&cal, ARGS("show", "7", "--artifacts", folder));
	assert_int_equal(none.code, 2);
}

static void of_a_page_with_a_password_there_is_none(void **state)
{
	(void)state;
	AUTO(ran) struct ran refused = gabbai_cal(&cal, "dana", PLANTED, NULL);
	assert_int_equal(refused.code, 7);
	assert_false(has_picture(1));
	assert_left(1, "run.json", "something secret may be on the page");
	assert_left(1, "page.html", "formcontrolname=\"password\"");
	assert_left(1, "network.har", "/authentication/login");
	assert_nowhere(1, PLANTED);
	assert_nowhere(1, "Planted");
	/* Empty fields are no better: the next letter may be typed while the picture is taken. */
	AUTO(ran) struct ran expired = gabbai_cal(&cal, "expired", "Secret123", NULL);
	assert_int_equal(expired.code, 7);
	assert_false(has_picture(2));
}

static void a_code_is_in_none_of_them(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "otpdead", "Secret123", NULL);
	AUTO(text) char *code = phone_code();
	assert_true(ran.code == 5 || ran.code == 6);
	assert_false(has_picture(1));
	assert_left(1, "page.html", "one-time-code");
	assert_nowhere(1, code);
	/* In the frame of another site in the frame, whose address has a token. */
	AUTO(ran) struct ran framed = gabbai_cal(&cal, "otpframe", "Secret123", ARGS("--otp", "000000", "--otp-timeout", "2"));
	AUTO(text) char *second = phone_code();
	assert_true(framed.code == 0 || framed.code == 5 || framed.code == 6);
	if (framed.code) {
		assert_false(has_picture(2));
		assert_left(2, "network.har", "verify.html?challenge=(masked)");
		assert_nowhere(2, second);
	}
}

static void cookies_and_tokens_are_in_none_of_them(void **state)
{
	size_t size = 0;

	(void)state;
	/* The password is right, and the site goes on to want another: it has set its cookie by then. */
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "expired", "Secret123", NULL);
	AUTO(ran) struct ran slow = gabbai_cal(&cal, "captcha", "Secret123", ARGS("-v"));
	AUTO(text) char *text = left(2, "network.har", &size);
	AUTO(json) cJSON *har = text ? json_parse(text, size, NULL) : NULL;
	const cJSON *entry, *header;
	int masked = 0;
	assert_non_null(json_list(har, "log.entries"));
	cJSON_ArrayForEach(entry, json_list(har, "log.entries")) {
		static const char *const sides[] = { "request.headers", "response.headers" };
		assert_non_null(json_str(entry, "startedDateTime"));
		assert_null(json_at(entry, "request.postData"));
		assert_null(json_at(entry, "response.content.text"));
		for (size_t i = 0; i < 2; i++)
			cJSON_ArrayForEach(header, json_list(entry, sides[i])) {
				const char *name = json_str(header, "name");
				if (!strcasecmp(name, "cookie") || !strcasecmp(name, "set-cookie") || !strcasecmp(name, "authorization")
						|| !strcasecmp(name, "referer")) {
					assert_string_equal(json_str(header, "value"), "(masked)");
					masked++;
				}
			}
	}
	assert_true(masked > 0);
	assert_int_equal(ran.code, 7);
	assert_int_equal(slow.code, 8);
}

static void who_wants_none_has_none(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "captcha", "Secret123", ARGS("--no-artefacts"));
	AUTO(ran) struct ran shown = gabbai_on(&cal, ARGS("show", "1", "--artifacts", "/nowhere"));
	assert_int_equal(ran.code, 8);
	assert_int_equal(shown.code, 2);
}

static void the_server_gives_them_as_files(void **state)
{
	(void)state;
	AUTO(ran) struct ran ran = gabbai_cal(&cal, "captcha", "Secret123", NULL);
	assert_int_equal(ran.code, 8);
	web_start(&web, &cal, "", NULL);
	AUTO(reply) struct reply list = web_get(&web, "/api/runs/1/artefacts");
	AUTO(reply) struct reply none = web_get(&web, "/api/runs/2/artefacts");
	AUTO(reply) struct reply page = web_get(&web, "/api/runs/1/artefacts/page.html");
	AUTO(reply) struct reply shot = web_get(&web, "/api/runs/1/artefacts/screenshot.png");
	assert_status(list, 200);
	assert_int_equal(cJSON_GetArraySize(json_list(list.json, "artefacts")), 5);
	assert_int_equal(cJSON_GetArraySize(json_list(none.json, "artefacts")), 0);
	assert_status(page, 200);
	assert_status(shot, 200);
	AUTO(text) char *type = reply_header(&page, "content-type");
	AUTO(text) char *how = reply_header(&page, "content-disposition");
	AUTO(text) char *picture = reply_header(&shot, "content-type");
	assert_string_equal(type, "application/octet-stream");
	assert_contains(how, "attachment");
	assert_string_equal(picture, "image/png");
	assert_memory_equal(shot.body, "\x89PNG", 4);
	static const char *const wrong[] = { "/api/runs/1/artefacts/..%2f..%2fgabbai.db", "/api/runs/1/artefacts/gabbai.db",
		"/api/runs/x/artefacts/page.html", "/api/runs/..%2f1/artefacts/page.html", "/api/runs/2/artefacts/page.html" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		AUTO(reply) struct reply r = web_get(&web, wrong[i]);
		if (r.status != 404)
			fail_msg("%s: HTTP %d", wrong[i], r.status);
	}
	AUTO(reply) struct reply stranger = web_ask(&web, &(struct ask){ .path = "/api/runs/1/artefacts", .token = "" });
	assert_status(stranger, 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(of_a_page_without_fields_there_is_a_picture),
		served_test(of_a_page_with_a_password_there_is_none),
		served_test(a_code_is_in_none_of_them),
		served_test(cookies_and_tokens_are_in_none_of_them),
		served_test(who_wants_none_has_none),
		served_test(the_server_gives_them_as_files),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return served_run(tests);
}
