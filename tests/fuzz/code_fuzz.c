/* A byte for the number of digits, then what somebody answered: a code is 4 to 16 letters and digits of ASCII. */
#include "tests/fuzz/target.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/otp.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

AUTO_KIND(given, struct secret *, secret_free);

void fuzz_code(const uint8_t *data, size_t size)
{
	if (!size)
		return;
	const int digits = data[0] % 12;
	const char *const text = (const char *)data + 1;
	AUTO(given) struct secret *code = otp_normalise(text, size - 1, digits);
	if (code) {
		const size_t length = secret_size(code);
		assert(length >= 4 && length <= 16 && (digits < 4 || length == (size_t)digits));
		for (const char *s = secret_reveal(code); *s; s++)
			assert(isalnum((unsigned char)*s));
		AUTO(given) struct secret *again = otp_normalise(secret_reveal(code), length, digits);
		assert(again && !strcmp(secret_reveal(again), secret_reveal(code)));
	}
	AUTO(text) char *source = xstrndup(text, size - 1);
	struct error err = { 0 };
	assert(otp_source_ok(source, &err) || err.code == ERR_INPUT);
}

FUZZ_TARGET(fuzz_code)
