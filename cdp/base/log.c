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
	if (as_json)
		write_json(level, text);
	else
		(void)fprintf(stderr, "%s: %s\n", level <= LOG_WARN ? names[level] : "gabbai", text);
}
