/* Codes that a clock makes: the RFC's own, and oathtool's. */
#include "src/totp.h"

#include "cdp/base/auto.h"
#include "cdp/base/secret.h"
#include "tests/lib/asserts.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- RFC 6238, appendix B ---- */

#define KEY20 "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define KEY32 "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA===="
#define KEY64 "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA="

static const struct {
	int64_t at;
	const char *sha1, *sha256, *sha512;
} vectors[] = {
	{ 59,          "94287082", "46119246", "90693936" },
	{ 1111111109,  "07081804", "68084774", "25091201" },
	{ 1111111111,  "14050471", "67062674", "99943326" },
	{ 1234567890,  "89005924", "91819424", "93441116" },
	{ 2000000000,  "69279037", "90698825", "38618901" },
	{ 20000000000, "65353130", "77737706", "47863826" },
};

static void assert_code(const char *uri, int64_t at, const char *wanted)
{
	AUTO(totp) struct totp totp = { 0 };
	struct error err = { 0 };

	assert_ok(totp_read(uri, &totp, &err), &err);
	AUTO(secret) struct secret *code = totp_code(&totp, at);
	assert_string_equal(secret_reveal(code), wanted);
}

static void the_codes_of_rfc_6238(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		assert_code("otpauth://totp/x?digits=8&secret=" KEY20, vectors[i].at, vectors[i].sha1);
		assert_code("otpauth://totp/x?digits=8&algorithm=SHA256&secret=" KEY32, vectors[i].at, vectors[i].sha256);
		assert_code("otpauth://totp/x?digits=8&algorithm=SHA512&secret=" KEY64, vectors[i].at, vectors[i].sha512);
	}
}

/* ---- what people paste ---- */

static const struct {
	const char *text;
	int digits, period_s;
	enum totp_hash hash;
	const char *why;
} spellings[] = {
	{ KEY20, 6, 30, TOTP_SHA1, "the secret alone" },
	{ "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n", 6, 30, TOTP_SHA1, "as sites show it" },
	{ "gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq", 6, 30, TOTP_SHA1, "with dashes" },
	{ "otpauth://totp/Cal:dana%40example.com?secret=" KEY20 "&issuer=Cal", 6, 30, TOTP_SHA1, "as a QR code says it" },
	{ "OTPAUTH://TOTP/x?SECRET=gezdgnbvgy3tqojqgezdgnbvgy3tqojq", 6, 30, TOTP_SHA1, "in capitals" },
	{ "otpauth://totp?issuer=secret&secret=GEZDGNBVGY3TQOJQ%20GEZDGNBVGY3TQOJQ%3D%3D", 6, 30, TOTP_SHA1, "escaped" },
	{ "otpauth://totp/x?digits=7&period=60&algorithm=sha512&secret=" KEY20, 7, 60, TOTP_SHA512, "with all it can say" },
};

static void a_secret_is_read_however_it_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		AUTO(totp) struct totp totp = { 0 };
		struct error err = { 0 };
		if (!totp_read(spellings[i].text, &totp, &err))
			fail_msg("%s: %s", spellings[i].why, err.text);
		assert_string_equal(secret_reveal(totp.key), KEY20);
		assert_int_equal(totp.digits, spellings[i].digits);
		assert_int_equal(totp.period_s, spellings[i].period_s);
		assert_int_equal(totp.hash, spellings[i].hash);
	}
}

static const char *const broken[] = {
	"", "A", "ABC", "ABCDEF", "GEZD1NBV", "GEZD8NBV", "https://example.com/" KEY20, "otpauth://totp/x", "otpauth://totp/x?secret=",
	"otpauth://hotp/x?counter=1&secret=" KEY20, "otpauth://totp/x?digits=5&secret=" KEY20, "otpauth://totp/x?digits=9&secret=" KEY20,
	"otpauth://totp/x?digits=&secret=" KEY20, "otpauth://totp/x?period=0&secret=" KEY20, "otpauth://totp/x?period=30s&secret=" KEY20,
	"otpauth://totp/x?algorithm=MD5&secret=" KEY20, "otpauth://totp/x?xsecret=" KEY20,
};

static void what_is_no_secret_is_refused_without_a_word_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		AUTO(totp) struct totp totp = { 0 };
		struct error err = { 0 };
		assert_fails(totp_read(broken[i], &totp, &err), &err, ERR_INPUT);
		assert_lacks(err.text, "GEZD");
		assert_null(totp.key);
	}
	AUTO(totp) struct totp totp = { 0 };
	struct error err = { 0 };
	char much[1024];
	memset(much, 'A', sizeof much);
	much[sizeof much - 1] = '\0';
	assert_fails(totp_read(much, &totp, &err), &err, ERR_INPUT);
}

static void a_step_ends_when_its_time_is_over(void **state)
{
	const struct totp totp = { .period_s = 30 };

	(void)state;
	assert_int_equal(totp_left_s(&totp, 60), 30);
	assert_int_equal(totp_left_s(&totp, 89), 1);
	assert_int_equal(totp_step(&totp, 89), 2);
	assert_int_equal(totp_step(&totp, 90), 3);
}

/* ---- oathtool ---- */

/* What it prints: two codes, of this step and the next. */
static void ask_oathtool(const char *hash, int digits, int period_s, int64_t at, const char *key, char out[64])
{
	AUTO(text) char *mode = xasprintf("--totp=%s", hash);
	AUTO(text) char *length = xasprintf("-d%d", digits);
	AUTO(text) char *step = xasprintf("-s%ds", period_s);
	AUTO(text) char *now = xasprintf("-N@%lld", (long long)at);
	char *argv[] = { (char[]){ "oathtool" }, (char[]){ "-b" }, (char[]){ "-w1" }, mode, length, step, now, (char *)key, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;
	int status;
	size_t size = 0;

	assert_int_equal(pipe(ends), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	const int spawned = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	for (ssize_t n; size < 63 && (n = read(ends[0], out + size, 63 - size)) > 0;)
		size += (size_t)n;
	out[size] = '\0';
	close(ends[0]);
	assert_int_equal(spawned, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void codes_are_those_of_oathtool(void **state)
{
	enum { CASES = 1000 }; /* of two codes each */
	static const char *const hashes[] = { "SHA1", "SHA256", "SHA512" };
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	static const int periods[] = { 15, 30, 60, 90 };

	(void)state;
	if (access("/usr/bin/oathtool", X_OK) != 0)
		skip();
	srandom(6238);
	for (int i = 0; i < CASES; i++) {
		char key[97] = "", said[64];
		const size_t groups = 1 + (size_t)random() % 12;
		for (size_t at = 0; at < 8 * groups; at++)
			key[at] = letters[random() % 32];
		const char *hash = hashes[random() % 3];
		const int digits = 6 + (int)(random() % 3), period_s = periods[random() % 4];
		const int64_t at = random();
		AUTO(text) char *uri = xasprintf("otpauth://totp/x?secret=%s&algorithm=%s&digits=%d&period=%d", key, hash, digits, period_s);
		AUTO(totp) struct totp totp = { 0 };
		struct error err = { 0 };

		assert_ok(totp_read(uri, &totp, &err), &err);
		AUTO(secret) struct secret *now = totp_code(&totp, at), *next = totp_code(&totp, at + period_s);
		AUTO(text) char *ours = xasprintf("%s\n%s\n", secret_reveal(now), secret_reveal(next));
		ask_oathtool(hash, digits, period_s, at, key, said);
		if (strcmp(ours, said) != 0)
			fail_msg("%s at %lld: oathtool says %s", uri, (long long)at, said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_codes_of_rfc_6238),
		cmocka_unit_test(a_secret_is_read_however_it_is_written),
		cmocka_unit_test(what_is_no_secret_is_refused_without_a_word_of_it),
		cmocka_unit_test(a_step_ends_when_its_time_is_over),
		cmocka_unit_test(codes_are_those_of_oathtool),
	};

	return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
