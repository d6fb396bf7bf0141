/* SimpleFIN: a token is claimed once, and what it gives reads accounts, and nothing else.  And the link for a phone in what a
 * delivery says, when a server runs. */
#include "cdp/base/buf.h"
#include "tests/lib/asserts.h"
#include "tests/lib/served.h"
#include "tests/lib/standin.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>

static char *decoded(const char *text)
{
	char *out = xcalloc(strlen(text) + 4, 1);

	assert_true(EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)strlen(text)) > 0);
	return out;
}

static char *encoded(const char *text)
{
	char *out = xcalloc(strlen(text) * 2 + 4, 1);

	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)strlen(text));
	return out;
}

/* As Actual does: the setup token is an address; posting there gives another one, with a name and a password. */
static char *claimed(void)
{
	cal.keeps = true;
	AUTO(ran) struct ran made = gabbai_on(&cal, (const char *[]){ "simplefin", "token", NULL });
	assert_int_equal(made.code, 0);
	made.out[strcspn(made.out, "\n")] = '\0';
	AUTO(text) char *claim = decoded(made.out);
	AUTO(text) char *base = xasprintf("http://127.0.0.1:%d/", web.port);
	assert_int_equal(strncmp(claim, base, strlen(base)), 0);
	AUTO(reply) struct reply access = web_ask(&web, &(struct ask){ .method = "POST", .path = claim + strlen(base) - 1, .token = "",
		.body = "", .type = "" });
	assert_status(access, 200);
	AUTO(reply) struct reply again = web_ask(&web, &(struct ask){ .method = "POST", .path = claim + strlen(base) - 1, .token = "",
		.body = "", .type = "" });
	assert_status(again, 403);
	AUTO(text) char *end = xasprintf("@127.0.0.1:%d/simplefin", web.port);
	assert_contains(access.body, end);
	const char *begin = strstr(access.body, "://") + 3;
	return xstrndup(begin, (size_t)(strstr(begin, "@") - begin));
}

static struct reply pull(const char *who, const char *query)
{
	AUTO(text) char *basic = encoded(who);
	AUTO(text) char *header = xasprintf("Authorization: Basic %s\r\n", basic);
	AUTO(text) char *path = xasprintf("/simplefin/accounts%s", query);

	return web_ask(&web, &(struct ask){ .path = path, .token = "", .headers = header });
}

static void collect(const char *user, const char *const *words)
{
	assert_int_equal(program_end(gabbai_on_start_as(&cal, user, words, "run")), 0);
}

static void accounts_are_pulled_with_a_claimed_password(void **state)
{
	int64_t posted = 0, date = 0;
	size_t count = 0;
	const cJSON *account, *t;

	(void)state;
	web_start(&web, &cal, "dana", NULL);
	cal.keeps = true;
	collect("dana", (const char *[]){ "run", "visa-cal", "-f", "ibs", NULL });
	AUTO(text) char *who = claimed();
	AUTO(reply) struct reply all = pull(who, "");
	assert_status(all, 200);
	assert_int_equal(cJSON_GetArraySize(json_list(all.json, "errors")), 0);
	cJSON_ArrayForEach(account, json_list(all.json, "accounts")) {
		assert_true(json_str(account, "org.name") && json_str(account, "id") && json_str(account, "currency")
			&& json_str(account, "balance") && json_int(account, "balance-date", &date));
		cJSON_ArrayForEach(t, json_list(account, "transactions")) {
			assert_true(json_str(t, "id") && json_str(t, "amount") && json_str(t, "description"));
			assert_true(json_int(t, "posted", &posted) && posted % 86400 == 43200);
			count++;
		}
	}
	AUTO(ran) struct ran csv = gabbai_on(&cal, (const char *[]){ "export", "-f", "ndjson", NULL });
	size_t lines = 0;
	for (const char *p = csv.out; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(count, lines);

	AUTO(text) char *since = xasprintf("?start-date=%lld&pending=1", (long long)time(NULL) - 30LL * 86400);
	AUTO(reply) struct reply some = pull(who, since);
	assert_true(some.size < all.size / 2);
	AUTO(reply) struct reply balances = pull(who, "?balances-only=1");
	assert_int_equal(cJSON_GetArraySize(json_list(balances.json, "accounts.0.transactions")), 0);
	AUTO(reply) struct reply nonsense = pull(who, "?start-date=yesterday");
	assert_status(nonsense, 400);
}

static void nothing_else_opens_it_and_it_opens_nothing_else(void **state)
{
	(void)state;
	web_start(&web, &cal, "dana", NULL);
	AUTO(text) char *who = claimed();
	AUTO(text) char *wrong = xstrdup(who);
	wrong[strlen(wrong) - 1] = wrong[strlen(wrong) - 1] == '0' ? '1' : '0';
	AUTO(reply) struct reply refused = pull(wrong, "");
	assert_status(refused, 403);
	AUTO(reply) struct reply nobody = web_ask(&web, &(struct ask){ .path = "/simplefin/accounts", .token = "" });
	assert_status(nobody, 403);
	AUTO(reply) struct reply guess = web_ask(&web, &(struct ask){ .method = "POST", .path = "/simplefin/claim/0000", .token = "",
		.body = "", .type = "" });
	assert_status(guess, 403);
	AUTO(text) char *basic = encoded(who);
	AUTO(text) char *header = xasprintf("Authorization: Basic %s\r\n", basic);
	AUTO(reply) struct reply other = web_ask(&web, &(struct ask){ .path = "/api/transactions", .token = "", .headers = header });
	assert_status(other, 401);
	AUTO(ran) struct ran gone = gabbai_on(&cal, (const char *[]){ "simplefin", "rm", "1", NULL });
	assert_int_equal(gone.code, 0);
	AUTO(reply) struct reply after = pull(who, "");
	assert_status(after, 403);
}

/* The link is good for this run's question, without any other token. */
static void a_code_is_answered_by_the_link_in_a_message(void **state)
{
	struct standin phone;

	(void)state;
	web_start(&web, &cal, "otp1", NULL);
	cal.keeps = true;
	standin_start(&phone, cal.folder, false);
	AUTO(text) char *topic = xasprintf("http://127.0.0.1:%d/topic", phone.port);
	AUTO(ran) struct ran added = gabbai_on(&cal, (const char *[]){ "deliver", "add", "phone", "ntfy", topic, NULL });
	assert_int_equal(added.code, 0);
	AUTO(sse) struct sse stream = { .fd = -1 };
	assert_true(stream_run(&stream));
	AUTO(text) char *id = next_question(&stream);
	AUTO(text) char *code = phone_code();
	AUTO(json) cJSON *heard = NULL;
	for (const struct deadline until = deadline_in_ms(WEB_MS); cJSON_GetArraySize(heard) < 1 && !deadline_passed(until);) {
		cJSON_Delete(heard);
		heard = standin_heard(&phone);
	}
	standin_stop(&phone);
	AUTO(json) cJSON *message = json_parse(json_str(heard, "0.body"), strlen(json_str(heard, "0.body")), NULL);
	assert_contains(json_str(message, "title"), "a code is wanted");
	AUTO(text) char *base = xasprintf("http://127.0.0.1:%d/o/", web.port);
	const char *link = json_str(message, "click");
	assert_int_equal(strncmp(link, base, strlen(base)), 0);
	AUTO(text) char *body = xasprintf("{\"code\":\"%s\"}", code);
	AUTO(text) char *path = xasprintf("/api/otp/%s?link=%s", id, link + strlen(base));
	AUTO(reply) struct reply answered = web_ask(&web, &(struct ask){ .method = "POST", .path = path, .token = "", .body = body });
	assert_status(answered, 200);
	AUTO(json) cJSON *result = sse_await(&stream, "OTP_RESULT");
	assert_non_null(result);
	AUTO(json) cJSON *complete = sse_await(&stream, "complete");
	assert_non_null(complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(accounts_are_pulled_with_a_claimed_password),
		served_test(nothing_else_opens_it_and_it_opens_nothing_else),
		served_test(a_code_is_answered_by_the_link_in_a_message),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return served_run(tests);
}
