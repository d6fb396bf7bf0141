/* Codes that a clock makes: see totp.h. */
#include "src/totp.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

enum {
	KEY_LETTERS_MAX = 256, /* 160 bytes: more than a block of SHA-512 says nothing new */
	KEY_BYTES_MAX = KEY_LETTERS_MAX * 5 / 8,
	VALUE_MAX = 512,
	COUNTER_BYTES = 8,
};

void totp_clear(struct totp *totp)
{
	secret_free(totp->key);
	*totp = (struct totp){ 0 };
}

/* ---- reading ---- */

/* Five bits; -1: no letter of Base32 (RFC 4648). */
static int base32_value(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* Whole bytes never end in 1, 3 or 6 letters of eight. */
static bool length_ok(size_t letters)
{
	const size_t last = letters % 8;

	return letters >= 2 && last != 1 && last != 3 && last != 6;
}

static bool read_key(const char *text, struct totp *out, struct error *err)
{
	char letters[KEY_LETTERS_MAX];
	size_t size = 0;
	bool ok = true;

	for (; *text && ok; text++) {
		const char c = (char)toupper((unsigned char)*text);
		if (isspace((unsigned char)c) || c == '-' || c == '=')
			continue;
		ok = base32_value(c) >= 0 && size < KEY_LETTERS_MAX;
		if (ok)
			letters[size++] = c;
	}
	ok = ok && length_ok(size);
	if (ok)
		out->key = secret_new(letters, size);
	secret_wipe(letters, sizeof letters);
	return ok || fail(err, ERR_INPUT, "the secret is not Base32 (A to Z, 2 to 7) of up to %d letters", KEY_LETTERS_MAX);
}

static int hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* The value of parameter NAME, unescaped, in OUT; false when it is missing or does not fit. */
static bool parameter(const char *query, const char *name, char out[VALUE_MAX])
{
	const size_t length = strlen(name);
	size_t size = 0;

	while (strncasecmp(query, name, length) != 0 || query[length] != '=') {
		query += strcspn(query, "&");
		if (!*query)
			return false;
		query++;
	}
	for (query += length + 1; *query && *query != '&' && size + 1 < VALUE_MAX; query++) {
		const bool escaped = *query == '%' && hex_value(query[1]) >= 0 && hex_value(query[2]) >= 0;
		out[size++] = escaped ? (char)(hex_value(query[1]) * 16 + hex_value(query[2])) : *query == '+' ? ' ' : *query;
		query += escaped ? 2 : 0;
	}
	out[size] = '\0';
	return !*query || *query == '&';
}

static bool read_number(const char *query, const char *name, int least, int most, int *out, struct error *err)
{
	char text[VALUE_MAX];
	char *end;

	if (!parameter(query, name, text))
		return true;
	const long value = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || value < least || value > most)
		return fail(err, ERR_INPUT, "otpauth: %s is %d to %d", name, least, most);
	*out = (int)value;
	return true;
}

static bool read_hash(const char *query, enum totp_hash *out, struct error *err)
{
	static const char *const names[] = { [TOTP_SHA1] = "SHA1", [TOTP_SHA256] = "SHA256", [TOTP_SHA512] = "SHA512" };
	char text[VALUE_MAX];

	if (!parameter(query, "algorithm", text))
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(text, names[i]) != 0)
			continue;
		*out = (enum totp_hash)i;
		return true;
	}
	return fail(err, ERR_INPUT, "otpauth: algorithm is SHA1, SHA256 or SHA512");
}

static bool read_uri(const char *rest, struct totp *out, struct error *err)
{
	char secret[VALUE_MAX];
	const char *query = strchr(rest, '?');

	if (strncasecmp(rest, "totp/", 5) != 0 && strncasecmp(rest, "totp?", 5) != 0)
		return fail(err, ERR_INPUT, "otpauth: only totp is known, for codes that a clock makes");
	if (!query || !parameter(query + 1, "secret", secret))
		return fail(err, ERR_INPUT, "otpauth: there is no secret in it");
	const bool ok = read_key(secret, out, err);
	secret_wipe(secret, sizeof secret);
	return ok && read_hash(query + 1, &out->hash, err)
		&& read_number(query + 1, "digits", 6, 8, &out->digits, err)
		&& read_number(query + 1, "period", 2 * TOTP_MARGIN_S, 3600, &out->period_s, err);
}

bool totp_read(const char *text, struct totp *out, struct error *err)
{
	static const char scheme[] = "otpauth://";
	struct totp totp = { .digits = 6, .period_s = 30 };
	const bool ok = strncasecmp(text, scheme, sizeof scheme - 1) == 0 ? read_uri(text + sizeof scheme - 1, &totp, err)
		: read_key(text, &totp, err);

	if (ok)
		*out = totp;
	else
		totp_clear(&totp);
	return ok;
}

/* ---- codes ---- */

static size_t key_bytes(const struct totp *totp, unsigned char bytes[KEY_BYTES_MAX])
{
	unsigned bits = 0, held = 0;
	size_t size = 0;

	for (const char *p = secret_reveal(totp->key); *p; p++) {
		bits = bits << 5 | (unsigned)base32_value(*p);
		held += 5;
		if (held < 8)
			continue;
		held -= 8;
		bytes[size++] = (unsigned char)(bits >> held);
	}
	return size;
}

static const EVP_MD *digest_of(enum totp_hash hash)
{
	return hash == TOTP_SHA512 ? EVP_sha512() : hash == TOTP_SHA256 ? EVP_sha256() : EVP_sha1();
}

/* RFC 4226 §5.3: 31 bits from where the last four say. */
static uint32_t truncated(const unsigned char *mac, unsigned size)
{
	const unsigned char *at = mac + (mac[size - 1] & 0xf);

	return (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

struct secret *totp_code(const struct totp *totp, int64_t at)
{
	unsigned char key[KEY_BYTES_MAX], counter[COUNTER_BYTES], mac[EVP_MAX_MD_SIZE];
	unsigned size = sizeof mac;
	uint64_t step = (uint64_t)totp_step(totp, at);
	char code[9];

	for (int i = COUNTER_BYTES; i-- > 0; step >>= 8)
		counter[i] = (unsigned char)step;
	const size_t key_size = key_bytes(totp, key);
	(void)HMAC(digest_of(totp->hash), key, (int)key_size, counter, sizeof counter, mac, &size);
	uint32_t number = truncated(mac, size);
	for (int i = totp->digits; i-- > 0; number /= 10)
		code[i] = (char)('0' + number % 10);
	struct secret *secret = secret_new(code, (size_t)totp->digits);
	secret_wipe(key, sizeof key);
	secret_wipe(mac, sizeof mac);
	secret_wipe(code, sizeof code);
	return secret;
}

int64_t totp_step(const struct totp *totp, int64_t at)
{
	return at / totp->period_s;
}

int totp_left_s(const struct totp *totp, int64_t at)
{
	return totp->period_s - (int)(at % totp->period_s);
}
