/* Log lines: see log.h. */
#include "cdp/base/log.h"

#include "cdp/base/auto.h"
#include "cdp/base/json.h"
#include "cdp/base/shown.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static enum log_level level_seen = LOG_WARN;
static bool as_json;
static char *standing;

static const char *const names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
	[LOG_PROTOCOL] = "protocol",
};

void log_setup(enum log_level level, bool json)
{
	level_seen = level;
	as_json = json;
}

bool log_wants(enum log_level level)
{
	return level <= level_seen;
}

/* From its beginning, without what was there (ECMA-48: EL). */
#define ERASE "\r\033[K"

void log_standing(const char *line)
{
	const bool stood = standing != NULL;

	if (!log_wants(LOG_INFO))
		return;
	free(standing);
	standing = line ? xstrdup(line) : NULL;
	if (standing || stood)
		(void)fprintf(stderr, ERASE "%s", standing ? standing : "");
	(void)fflush(stderr);
}

static void write_json(enum log_level level, const char *text)
{
	char when[40];
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);

	AUTO(json) cJSON *line = json_object(
		JSON_STR("time", when),
		JSON_STR("level", names[level]),
		JSON_STR("message", text));
	AUTO(text) char *printed = json_print(line);
	(void)fprintf(stderr, "%s\n", printed);
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_wants(level))
		return;
	va_start(args, format);
	AUTO(text) char *text = shown_text(format, args);
	va_end(args);
	if (standing)
		(void)fputs(ERASE, stderr);
	if (as_json)
		write_json(level, text);
	else
		(void)fprintf(stderr, "%s: %s\n", level <= LOG_WARN ? names[level] : "gabbai", text);
	if (standing)
		(void)fputs(standing, stderr);
}
