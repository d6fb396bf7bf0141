/* The sites there are. */
#include "scrapers/scrape.h"

#include <string.h>

const struct site *const sites[] = { &visa_cal, &hotmart };
const size_t site_count = sizeof sites / sizeof *sites;

const struct site *site_find(const char *name)
{
	for (size_t i = 0; i < site_count; i++)
		if (!strcmp(sites[i]->name, name))
			return sites[i];
	return NULL;
}
