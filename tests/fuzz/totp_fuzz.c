/* An authenticator's secret or address: what is read makes codes of its length, and no sentence tells the secret. */
#include "tests/fuzz/target.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/totp.h"

#include <assert.h>
#include <string.h>

AUTO_KIND(made, struct secret *, secret_free);

void fuzz_totp(const uint8_t *data, size_t size)
{
	AUTO(text) char *text = xstrndup((const char *)(size ? data : (const uint8_t *)""), size);
	AUTO(totp) struct totp totp = { 0 };
	struct error err = { 0 };

	if (!totp_read(text, &totp, &err)) {
		assert(err.code == ERR_INPUT && err.text[0]);
		return;
	}
	assert(totp.digits >= 6 && totp.digits <= 8 && totp.period_s > 0 && totp.key);
	AUTO(made) struct secret *code = totp_code(&totp, 1700000000);
	assert(secret_size(code) == (size_t)totp.digits);
	assert(totp_left_s(&totp, 1700000000) > 0 && totp_left_s(&totp, 1700000000) <= totp.period_s);
}

FUZZ_TARGET(fuzz_totp)
