#include "src/ending.h"

#include "cdp/base/log.h"
#include "src/interrupt.h"

#include <stddef.h>

/* As a shell counts what a signal ended. */
static struct ending interrupted(void)
{
	return (struct ending){ interrupt_signal == SIGTERM ? EXIT_TERMINATED : EXIT_INTERRUPTED, "GENERIC" };
}

struct ending ending_of(const struct error *err)
{
	static const struct ending endings[ERR_CODE_COUNT] = {
		[ERR_NONE] = { EXIT_OK, NULL },
		[ERR_INPUT] = { EXIT_USAGE, "GENERIC" },
		[ERR_TIMEOUT] = { EXIT_TEMPORARY, "TIMEOUT" },
		[ERR_LAUNCH] = { EXIT_BROWSER, "BROWSER_MISSING" },
		[ERR_DISCONNECTED] = { EXIT_TEMPORARY, "NETWORK_ERROR" },
		[ERR_CRASHED] = { EXIT_TEMPORARY, "GENERIC" },
		[ERR_NAVIGATION] = { EXIT_TEMPORARY, "NETWORK_ERROR" },
		[ERR_NETWORK] = { EXIT_TEMPORARY, "NETWORK_ERROR" },
		[ERR_HTTP] = { EXIT_TEMPORARY, "NETWORK_ERROR" },
		[ERR_SELECTOR] = { EXIT_SITE, "SITE_CHANGED" },
		[ERR_STRICT] = { EXIT_SITE, "SITE_CHANGED" },
		[ERR_LAYOUT] = { EXIT_SITE, "SITE_CHANGED" },
		[ERR_REFUSED] = { EXIT_REFUSED, "INVALID_PASSWORD" },
		[ERR_PASSWORD] = { EXIT_REFUSED, "CHANGE_PASSWORD" },
		[ERR_ACCOUNT] = { EXIT_REFUSED, "ACCOUNT_BLOCKED" },
		[ERR_BLOCKED] = { EXIT_BLOCKED, "WAF_BLOCKED" },
		[ERR_SIGNED_OUT] = { EXIT_RECONNECT, "NEEDS_RECONNECT" },
		[ERR_CREDENTIALS] = { EXIT_RECONNECT, "NEEDS_RECONNECT" },
		[ERR_CODE_MISSING] = { EXIT_NO_CODE, "TWO_FACTOR_RETRIEVER_MISSING" },
		[ERR_CODE_TIMEOUT] = { EXIT_NO_CODE, "OTP_TIMEOUT" },
		[ERR_CODE_AGAIN] = { EXIT_NO_CODE, "OTP_TIMEOUT" },
		[ERR_CODE_CANCEL] = { EXIT_NO_CODE, "OTP_CANCELLED" },
		[ERR_APPROVAL] = { EXIT_NO_CODE, "APPROVAL_TIMEOUT" },
		[ERR_CODE_WRONG] = { EXIT_WRONG_CODE, "INVALID_OTP" },
		[ERR_SITE] = { EXIT_SITE, "GENERIC" },
		[ERR_LOCKED] = { EXIT_LOCKED, "LOCKED" },
		[ERR_PARKED] = { EXIT_REFUSED, "PARKED" },
		[ERR_STORE] = { EXIT_KEY, "GENERIC" },
		[ERR_KEY] = { EXIT_KEY, "KEY_MISMATCH" },
		[ERR_TAMPERED] = { EXIT_KEY, "TAMPERED" },
	};
	const struct ending *e = &endings[err->code];

	if (err->code == ERR_CANCELLED)
		return interrupted();
	return e->type || err->code == ERR_NONE ? *e : (struct ending){ EXIT_FAILED, "GENERIC" };
}

const struct ending_meaning ending_meanings[] = {
	{ EXIT_OK, "All is here." },
	{ EXIT_FAILED, "Something else went wrong." },
	{ EXIT_USAGE, "The command line or a file of yours is wrong." },
	{ EXIT_PARTIAL, "Partly: some cards or months are missing." },
	{ EXIT_RECONNECT, "Log in again: there are no credentials, and no session or one that has ended." },
	{ EXIT_NO_CODE, "A code, or an approval in an app, was wanted, and nobody answered." },
	{ EXIT_WRONG_CODE, "The site refused the codes." },
	{ EXIT_REFUSED, "Credentials refused, password expired, account blocked or parked: do not retry." },
	{ EXIT_BLOCKED, "The site blocks programs (firewall, captcha)." },
	{ EXIT_TEMPORARY, "Temporary: network, site down, timeout." },
	{ EXIT_SITE, "No such site, or it has changed." },
	{ EXIT_LOCKED, "Another run works on the account." },
	{ EXIT_KEY, "What is saved cannot be opened: no key, another key, damaged." },
	{ EXIT_BROWSER, "Chromium is missing or does not start." },
	{ EXIT_INTERRUPTED, "Interrupted." },
	{ -1, NULL },
};

int command_failed(const struct error *err)
{
	log_line(LOG_ERROR, "%s", err->text);
	return ending_of(err).code;
}
