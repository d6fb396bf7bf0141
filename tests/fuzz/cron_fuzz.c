/* Schedules and zones' files: what is read is due at a whole minute after the moment asked about, and always again. */
#include "tests/fuzz/target.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "src/cron.h"
#include "src/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The bytes as a zone's file, looked at around some moments. */
static void look_at_zone(const uint8_t *data, size_t size)
{
	static const int64_t moments[] = { INT64_C(-4000000000), 0, 1806015600, 2000000000, INT64_C(9000000000) };
	struct zone *zone = zone_read("Fuzz", (const char *)data, size);

	for (size_t i = 0; zone && i < sizeof moments / sizeof *moments; i++) {
		int64_t found[2], jump, by;
		(void)zone_clock(zone, moments[i]);
		(void)zone_moments(zone, moments[i], found, &jump, &by);
	}
	zone_free(zone);
}

void fuzz_cron(const uint8_t *data, size_t size)
{
	static struct zone *zone;
	AUTO(text) char *text = xstrndup((const char *)(size ? data : (const uint8_t *)""), size);
	int64_t at = 1806015600, next;
	struct error err = { 0 };
	struct cron cron;

	if (size > 4 && !memcmp(data, "TZif", 4)) {
		look_at_zone(data, size);
		return;
	}
	if (!zone)
		zone = zone_open("Asia/Jerusalem", NULL);
	if (!cron_read(text, &cron, &err)) {
		assert(err.code == ERR_INPUT && err.text[0]);
		return;
	}
	for (int i = 0; zone && i < 3; i++, at = next)
		assert(cron_next(&cron, zone, at, &next) && next > at && next % 60 == 0);
}

FUZZ_TARGET(fuzz_cron)
