/* The sites there are. */
#include "scrapers/scrape.h"

#include "cdp/embed.h"

#include <string.h>

EMBED(selectors_visa_cal, "selectors/visa_cal.json");

const struct site sites[] = {
	{ "visa-cal", "Visa Cal", selectors_visa_cal, visa_cal_run },
};
const size_t site_count = sizeof sites / sizeof *sites;

const struct site *site_find(const char *name)
{
	for (size_t i = 0; i < site_count; i++)
		if (!strcmp(sites[i].name, name))
			return &sites[i];
	return NULL;
}
