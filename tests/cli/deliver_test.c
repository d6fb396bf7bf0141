/* Deliveries: what a run collected, and calls for a person, at stand-ins for the services they are for. */
#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"
#include "tests/lib/program.h"
#include "tests/lib/standin.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })
#define SECRET "correct-horse-battery-staple"

enum { SOON_MS = 30000 };

static struct cal cal;
static struct standin http, smtp;

static int start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	cal.keeps = true;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cal_stop(&cal);
	return 0;
}

static void write_file(const char *name, const char *text)
{
	AUTO(text) char *path = cal_file(&cal, name);
	AUTO(file) FILE *f = fopen(path, "we");

	assert_true(f && fputs(text, f) >= 0);
}

static char *read_all(const char *name)
{
	AUTO(text) char *path = cal_file(&cal, name);
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf out = { 0 };
	char chunk[4096];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&out, chunk, n);
	return buf_take(&out);
}

static int begin(void **state)
{
	AUTO(text) char *data = cal_file(&cal, "data");

	(void)state;
	folder_remove(data);
	standin_start(&http, cal.folder, false);
	standin_start(&smtp, cal.folder, true);
	write_file("secret", SECRET "\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	standin_stop(&http);
	standin_stop(&smtp);
	return 0;
}

/* `gabbai WORDS…` must end with CODE. */
static void does(int code, const char *const *words)
{
	AUTO(ran) struct ran ran = gabbai_on(&cal, words);

	if (ran.code != code)
		fail_msg("%s %s ended with %d, not %d: %s", words[0], words[1], ran.code, code, ran.err);
	assert_lacks(ran.err, SECRET);
	assert_lacks(ran.out, SECRET);
}

/* A run as schedules start it, but for the terminal's codes. */
static int runs(const char *user, const char *const *more)
{
	const char *words[16] = { "run", "visa-cal", "--deliver", "-f", "ibs" };
	size_t count = 5;

	for (; more && *more; more++)
		words[count++] = *more;
	words[count] = NULL;
	return program_end(gabbai_on_start_as(&cal, user, words, "run"));
}

static void add(const char *name, const char *kind, const char *where, const char *more, const char *format)
{
	AUTO(text) char *from = xasprintf("file:%s/secret", cal.folder);
	const char *words[16] = { "deliver", "add", name, kind, where };
	size_t count = 5;

	if (more)
		words[count++] = more;
	if (format) {
		words[count++] = "-f";
		words[count++] = format;
	}
	if (strcmp(kind, "exec") != 0 && strcmp(kind, "file") != 0) {
		words[count++] = "--from";
		words[count++] = from;
	}
	words[count] = NULL;
	does(0, words);
}

/* The first that was heard whose path is PATH, of COUNT; NULL: there is none. */
static const cJSON *heard_at(const cJSON *all, const char *path, int count)
{
	const cJSON *one, *found = NULL;

	cJSON_ArrayForEach(one, all) {
		if (strcmp(json_str(one, "path"), path) != 0)
			continue;
		found = found ? found : one;
		count--;
	}
	if (count)
		fail_msg("%s was asked %d times less than it should be", path, count);
	return found;
}

static char *hmac_of(const char *timestamp, const char *body)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	AUTO(text) char *text = xasprintf("%s.%s", timestamp, body);
	struct buf out = { 0 };

	HMAC(EVP_sha256(), SECRET, sizeof SECRET - 1, (unsigned char *)text, strlen(text), mac, &size);
	buf_puts(&out, "sha256=");
	for (unsigned int i = 0; i < size; i++)
		buf_printf(&out, "%02x", mac[i]);
	return buf_take(&out);
}

static void everybody_gets_what_is_new_once(void **state)
{
	AUTO(text) char *hook = xasprintf("http://127.0.0.1:%d/hook", http.port);
	AUTO(text) char *ntfy = xasprintf("http://127.0.0.1:%d/topic", http.port);
	AUTO(text) char *api = xasprintf("http://127.0.0.1:%d", http.port);
	AUTO(text) char *server = xasprintf("smtp://me%%40example.org@127.0.0.1:%d", smtp.port);
	AUTO(text) char *file = cal_file(&cal, "{site}-export.csv");
	AUTO(text) char *command = xasprintf("[\"sh\",\"-c\",\"cat >%s/piped\"]", cal.folder);

	(void)state;
	add("hook", "webhook", hook, "--new-only", NULL);
	add("phone", "ntfy", ntfy, NULL, NULL);
	add("chat", "telegram", "4711", api, NULL);
	add("mail", "email", server, "you@example.org", "csv");
	add("file", "file", file, NULL, "csv");
	add("pipe", "exec", command, "--new-only", "ndjson");
	assert_int_equal(runs("dana", NULL), 0);

	AUTO(json) cJSON *heard = standin_heard(&http);
	const cJSON *to_hook = heard_at(heard, "/hook", 1);
	AUTO(text) char *stamp = standin_header(to_hook, "X-Gabbai-Timestamp");
	AUTO(text) char *signature = standin_header(to_hook, "X-Gabbai-Signature");
	AUTO(text) char *wanted = hmac_of(stamp, json_str(to_hook, "body"));
	assert_string_equal(signature, wanted);
	AUTO(text) char *id = standin_header(to_hook, "X-Gabbai-Delivery");
	assert_string_equal(id, "hook/results/1/");
	AUTO(json) cJSON *body = json_parse(json_str(to_hook, "body"), strlen(json_str(to_hook, "body")), NULL);
	assert_true(cJSON_GetArraySize(json_list(body, "accounts.0.txns")) > 10);

	const cJSON *to_phone = heard_at(heard, "/", 1);
	assert_contains(json_str(to_phone, "body"), "\"topic\":\"topic\"");
	assert_contains(json_str(to_phone, "body"), "new transactions: ");
	AUTO(text) char *bearer = standin_header(to_phone, "Authorization");
	assert_string_equal(bearer, "Bearer " SECRET);
	const cJSON *to_chat = heard_at(heard, "/bot" SECRET "/sendMessage", 1);
	assert_contains(json_str(to_chat, "body"), "\"chat_id\":\"4711\"");
	assert_contains(json_str(to_chat, "body"), "new transactions: ");

	AUTO(json) cJSON *mails = standin_heard(&smtp);
	assert_int_equal(cJSON_GetArraySize(mails), 1);
	const char *mail = json_str(mails, "0.body");
	assert_contains(mail, "MAIL FROM:<me@example.org>");
	assert_contains(mail, "RCPT TO:<you@example.org>");
	assert_contains(mail, "new transactions: ");
	assert_contains(mail, "gabbai-1.csv");

	AUTO(text) char *csv = read_all("visa-cal-export.csv");
	assert_contains(csv, "date,processed_date,account");
	AUTO(text) char *piped = read_all("piped");
	assert_contains(piped, "{\"id\":\"visa-cal:");

	/* Nothing is new now: a message says nothing, and the whole export is the same, byte for byte. */
	standin_forget(&http);
	standin_forget(&smtp);
	write_file("piped", "");
	assert_int_equal(runs("dana", NULL), 0);
	AUTO(json) cJSON *nothing = standin_heard(&http);
	AUTO(json) cJSON *no_mail = standin_heard(&smtp);
	assert_int_equal(cJSON_GetArraySize(nothing), 0);
	assert_int_equal(cJSON_GetArraySize(no_mail), 0);
	AUTO(text) char *again = read_all("visa-cal-export.csv");
	AUTO(text) char *not_piped = read_all("piped");
	assert_string_equal(again, csv);
	assert_string_equal(not_piped, "");
}

static void what_did_not_arrive_goes_with_the_next(void **state)
{
	AUTO(text) char *hook = xasprintf("http://127.0.0.1:%d/hook", http.port);

	(void)state;
	add("hook", "webhook", hook, "--new-only", NULL);
	standin_answer(&http, 500, "");
	assert_int_equal(runs("dana", NULL), 0);
	AUTO(ran) struct ran failed = gabbai_on(&cal, ARGS("deliver", "list", "--json"));
	assert_string_equal(json_str(failed.json, "0.lastError"), "HTTP 500");
	AUTO(json) cJSON *first = standin_heard(&http);
	const char *lost = json_str(heard_at(first, "/hook", 1), "body");
	standin_forget(&http);
	standin_answer(&http, 200, "");
	assert_int_equal(runs("dana", NULL), 0);
	AUTO(json) cJSON *second = standin_heard(&http);
	assert_string_equal(json_str(heard_at(second, "/hook", 1), "body"), lost);
	AUTO(ran) struct ran mended = gabbai_on(&cal, ARGS("deliver", "list", "--json"));
	assert_null(json_str(mended.json, "0.lastError"));
}

static void who_is_needed_is_called_once(void **state)
{
	AUTO(text) char *hook = xasprintf("http://127.0.0.1:%d/hook", http.port);

	(void)state;
	add("hook", "webhook", hook, NULL, NULL);
	assert_int_equal(runs("dana", ARGS("--no-login")), 4);
	assert_int_equal(runs("dana", ARGS("--no-login")), 4);
	AUTO(json) cJSON *heard = standin_heard(&http);
	const cJSON *call = heard_at(heard, "/hook", 1);
	AUTO(text) char *event = standin_header(call, "X-Gabbai-Event");
	assert_string_equal(event, "needs");
	assert_contains(json_str(call, "body"), "\"reason\":\"reconnect\"");
	assert_contains(json_str(call, "body"), "\"title\":\"Visa Cal needs you\"");
}

static void each_hears_of_what_it_wants_alone(void **state)
{
	AUTO(text) char *results = xasprintf("http://127.0.0.1:%d/results", http.port);
	AUTO(text) char *other = xasprintf("http://127.0.0.1:%d/other", http.port);
	AUTO(text) char *from = xasprintf("file:%s/secret", cal.folder);

	(void)state;
	does(0, ARGS("deliver", "add", "a", "webhook", results, "--on", "results", "--from", from));
	does(0, ARGS("deliver", "add", "b", "webhook", other, "--site", "hotmart", "--from", from));
	assert_int_equal(runs("dana", ARGS("--no-login")), 4);
	assert_int_equal(runs("dana", NULL), 0);
	AUTO(json) cJSON *heard = standin_heard(&http);
	assert_int_equal(cJSON_GetArraySize(heard), 1);
	assert_non_null(heard_at(heard, "/results", 1));
	does(0, ARGS("deliver", "rm", "a"));
	does(2, ARGS("deliver", "rm", "a"));
	does(0, ARGS("deliver", "test", "b"));
	AUTO(json) cJSON *tested = standin_heard(&http);
	assert_non_null(heard_at(tested, "/other", 1));
}

/* The person answers in the chat, once with something that is no code.  Not heard are another chat, what was said before the
 * question, and an answer to another run's. */
static void a_code_is_answered_by_telegram(void **state)
{
	AUTO(text) char *api = xasprintf("http://127.0.0.1:%d", http.port);
	AUTO(text) char *phone = cal_file(&cal, "phone");

	(void)state;
	(void)unlink(phone);
	add("chat", "telegram", "4711", api, NULL);
	write_file("question", "{\"ok\":true,\"result\":{\"message_id\":10}}");
	standin_answer_to(&http, "sendMessage", 200, "question");
	const pid_t pid = gabbai_on_start_as(&cal, "otp1", ARGS("run", "visa-cal", "--otp", "telegram", "-f", "ibs"), "run");
	AUTO(text) char *message = NULL;
	for (const struct deadline until = deadline_in_ms(SOON_MS); !message && !deadline_passed(until); (void)poll(NULL, 0, 50)) {
		AUTO(text) char *said = read_all("phone");
		if (strstr(said, "\"code\":\""))
			message = xstrndup(strstr(said, "\"code\":\"") + 8, 6);
	}
	assert_non_null(message);
	const long long now = (long long)time(NULL);
	AUTO(text) char *updates = xasprintf("{\"ok\":true,\"result\":["
		"{\"update_id\":1,\"message\":{\"message_id\":11,\"date\":%lld,\"chat\":{\"id\":666},\"text\":\"000000\"}},"
		"{\"update_id\":2,\"message\":{\"message_id\":12,\"date\":%lld,\"chat\":{\"id\":4711},\"text\":\"which one?\"}},"
		"{\"update_id\":3,\"message\":{\"message_id\":9,\"date\":%lld,\"chat\":{\"id\":4711},\"text\":\"111111\"}},"
		"{\"update_id\":4,\"message\":{\"message_id\":13,\"date\":%lld,\"chat\":{\"id\":4711},\"text\":\"222222\","
		"\"reply_to_message\":{\"message_id\":8}}},"
		"{\"update_id\":5,\"message\":{\"message_id\":14,\"date\":%lld,\"chat\":{\"id\":4711},\"text\":\"%s\","
		"\"reply_to_message\":{\"message_id\":10}}}]}", now, now, now, now, now, message);
	write_file("updates", updates);
	standin_answer_to(&http, "getUpdates", 200, "updates");
	assert_int_equal(program_end(pid), 0);
	AUTO(json) cJSON *heard = standin_heard(&http);
	AUTO(text) char *all = json_print(heard);
	assert_contains(all, "asks for a one-time code");
	assert_contains(all, "not a code of the right form");
	assert_contains(all, "Thank you");
	assert_lacks(all, "was not accepted"); /* one code was typed */
	AUTO(text) char *log = read_all("run.err");
	assert_lacks(log, "did not take");
	assert_lacks(log, SECRET);
	assert_lacks(log, message);
}

static void who_was_not_first_is_told(void **state)
{
	AUTO(text) char *api = xasprintf("http://127.0.0.1:%d", http.port);
	AUTO(text) char *phone = cal_file(&cal, "phone");
	AUTO(text) char *other = xasprintf("exec:[\"fixtures/phone\",\"%s\"]", phone);
	bool told = false;

	(void)state;
	(void)unlink(phone);
	add("chat", "telegram", "4711", api, NULL);
	const pid_t pid = gabbai_on_start_as(&cal, "otp1", ARGS("run", "visa-cal", "--otp", "telegram", "--otp", other, "-f", "ibs"),
		"run");
	assert_int_equal(program_end(pid), 0);
	for (const struct deadline until = deadline_in_ms(SOON_MS); !told && !deadline_passed(until); (void)poll(NULL, 0, 50)) {
		AUTO(json) cJSON *heard = standin_heard(&http);
		AUTO(text) char *all = json_print(heard);
		told = strstr(all, "No code is wanted any more") != NULL;
	}
	assert_true(told);
}

static void secrets_are_sealed_and_survive_a_new_key(void **state)
{
	AUTO(text) char *hook = xasprintf("http://127.0.0.1:%d/very-secret-path", http.port);

	(void)state;
	add("hook", "webhook", hook, NULL, NULL);
	AUTO(text) char *path = cal_file(&cal, "data/gabbai.db");
	AUTO(text) char *log = xasprintf("%s-wal", path);
	const char *const files[] = { path, log };
	static char content[1 << 20];
	bool named = false;
	for (size_t i = 0; i < 2; i++) {
		AUTO(file) FILE *f = fopen(files[i], "re");
		const size_t size = f ? fread(content, 1, sizeof content, f) : 0;
		named = named || memmem(content, size, "webhook", 7);        /* what it is, is to be read … */
		assert_null(memmem(content, size, "very-secret-path", 16)); /* … and no more */
	}
	assert_true(named);
	does(0, ARGS("key", "rotate"));
	does(0, ARGS("deliver", "test", "hook"));
	AUTO(json) cJSON *heard = standin_heard(&http);
	assert_non_null(heard_at(heard, "/very-secret-path", 1));
}

static void what_cannot_be_delivered_is_refused_at_once(void **state)
{
	AUTO(text) char *from = xasprintf("file:%s/secret", cal.folder);

	(void)state;
	does(2, ARGS("deliver", "add", "x", "webhook", "http://example.org/hook", "--from", from));
	does(2, ARGS("deliver", "add", "x", "webhook", "https://example.org/hook"));
	does(2, ARGS("deliver", "add", "x", "pigeon", "https://example.org/", "--from", from));
	does(2, ARGS("deliver", "add", "x", "telegram", "@someone", "--from", from));
	does(2, ARGS("deliver", "add", "x", "ntfy", "https://ntfy.sh/"));
	does(2, ARGS("deliver", "add", "x", "file", "relative.csv", "-f", "csv"));
	does(2, ARGS("deliver", "add", "x", "file", "/tmp/x.csv"));
	does(2, ARGS("deliver", "add", "x", "exec", "rm -rf /"));
	does(2, ARGS("deliver", "add", "x", "email", "imap://example.org", "me@example.org"));
	does(2, ARGS("deliver", "test", "x"));
}

#define DELIVERED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DELIVERED(everybody_gets_what_is_new_once),
		DELIVERED(what_did_not_arrive_goes_with_the_next),
		DELIVERED(who_is_needed_is_called_once),
		DELIVERED(each_hears_of_what_it_wants_alone),
		DELIVERED(a_code_is_answered_by_telegram),
		DELIVERED(who_was_not_first_is_told),
		DELIVERED(secrets_are_sealed_and_survive_a_new_key),
		DELIVERED(what_cannot_be_delivered_is_refused_at_once),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests_name("deliver", tests, start, stop);
}
