/* Errors: see error.h. */
#include "cdp/base/error.h"

#include "cdp/base/auto.h"
#include "cdp/base/shown.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[ERR_CODE_COUNT] = {
	[ERR_NONE] = "NONE",
	[ERR_INPUT] = "INPUT",
	[ERR_SYSTEM] = "SYSTEM",
	[ERR_LIMIT] = "LIMIT",
	[ERR_TIMEOUT] = "TIMEOUT",
	[ERR_CANCELLED] = "CANCELLED",
	[ERR_LAUNCH] = "LAUNCH",
	[ERR_DISCONNECTED] = "DISCONNECTED",
	[ERR_CRASHED] = "CRASHED",
	[ERR_CLOSED] = "CLOSED",
	[ERR_PROTOCOL] = "PROTOCOL",
	[ERR_CONTEXT] = "CONTEXT",
	[ERR_SCRIPT] = "SCRIPT",
	[ERR_NAVIGATION] = "NAVIGATION",
	[ERR_INTERRUPTED] = "INTERRUPTED",
	[ERR_DOWNLOAD] = "DOWNLOAD",
	[ERR_NO_CONTENT] = "NO_CONTENT",
	[ERR_SELECTOR] = "SELECTOR",
	[ERR_NOT_FOUND] = "NOT_FOUND",
	[ERR_STRICT] = "STRICT",
	[ERR_HIDDEN] = "HIDDEN",
	[ERR_UNSTABLE] = "UNSTABLE",
	[ERR_DISABLED] = "DISABLED",
	[ERR_COVERED] = "COVERED",
	[ERR_VALUE] = "VALUE",
	[ERR_NETWORK] = "NETWORK",
	[ERR_HTTP] = "HTTP",
	[ERR_LAYOUT] = "LAYOUT",
	[ERR_REFUSED] = "REFUSED",
	[ERR_PASSWORD] = "PASSWORD",
	[ERR_ACCOUNT] = "ACCOUNT",
	[ERR_BLOCKED] = "BLOCKED",
	[ERR_SIGNED_OUT] = "SIGNED_OUT",
	[ERR_CODE_MISSING] = "CODE_MISSING",
	[ERR_CODE_TIMEOUT] = "CODE_TIMEOUT",
	[ERR_CODE_CANCEL] = "CODE_CANCEL",
	[ERR_CODE_AGAIN] = "CODE_AGAIN",
	[ERR_CODE_WRONG] = "CODE_WRONG",
	[ERR_APPROVAL] = "APPROVAL",
	[ERR_CREDENTIALS] = "CREDENTIALS",
	[ERR_SITE] = "SITE",
	[ERR_LOCKED] = "LOCKED",
	[ERR_PARKED] = "PARKED",
	[ERR_STORE] = "STORE",
	[ERR_KEY] = "KEY",
	[ERR_TAMPERED] = "TAMPERED",
};

const char *error_name(enum error_code code)
{
	return code < ERR_CODE_COUNT && names[code] ? names[code] : "?";
}

static void fill(struct error *err, enum error_code code, enum error_code cause, const char *format,
	va_list args)
{
	if (!err)
		return;
	AUTO(text) char *text = shown_text(format, args); /* a sentence may quote a page */
	err->code = code;
	err->cause = cause;
	shown_cut(err->text, sizeof err->text, text);
}

bool fail(struct error *err, enum error_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, code, ERR_NONE, format, args);
	va_end(args);
	return false;
}

bool fail_timeout(struct error *err, enum error_code cause, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, ERR_TIMEOUT, cause, format, args);
	va_end(args);
	return false;
}

bool fail_system(struct error *err, const char *format, ...)
{
	const int why = errno;
	va_list args;

	if (!err)
		return false;
	va_start(args, format);
	fill(err, ERR_SYSTEM, ERR_NONE, format, args);
	va_end(args);

	AUTO(text) char *whole = xasprintf("%s: %s", err->text, strerror(why));
	shown_cut(err->text, sizeof err->text, whole);
	return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return false;

	va_start(args, format);
	AUTO(text) char *front = shown_text(format, args);
	va_end(args);

	AUTO(text) char *whole = xasprintf("%s: %s", front, err->text);
	shown_cut(err->text, sizeof err->text, whole);
	return false;
}
