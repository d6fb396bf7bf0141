/* Our side of make check-cron: of each line "ZONE|START|EXPRESSION" the next five times, as moments. */
#include "cdp/base/error.h"
#include "src/cron.h"
#include "src/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES = 5 };

static bool answer(char *line)
{
	char *rest = NULL, *name = strtok_r(line, "|", &rest), *start = strtok_r(NULL, "|", &rest);
	struct error err = { 0 };
	struct cron cron;

	line[strcspn(line, "\n")] = '\0';
	rest[strcspn(rest, "\n")] = '\0';
	struct zone *zone = zone_open(name, &err);
	bool ok = zone && cron_read(rest, &cron, &err);
	int64_t at = strtoll(start, NULL, 10);
	for (int i = 0; ok && i < TIMES; i++)
		if ((ok = cron_next(&cron, zone, at, &at)))
			printf("%s%" PRId64, i ? " " : "", at);
	puts(ok ? "" : err.text);
	zone_free(zone);
	return ok;
}

int main(void)
{
	char line[256];
	bool ok = true;

	while (fgets(line, sizeof line, stdin))
		ok = answer(line) && ok;
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
