/* gabbai sites: which there are. */
#include "src/commands.h"

#include "cdp/base/json.h"
#include "scrapers/scrape.h"
#include "src/ending.h"

#include <stdio.h>

int cmd_sites(const struct options *o)
{
	for (size_t i = 0; i < site_count; i++) {
		AUTO(json) cJSON *site = json_object(JSON_STR("name", sites[i]->name), JSON_STR("title", sites[i]->title));
		AUTO(text) char *line = json_print(site);
		printf("%s\n", o->json ? line : sites[i]->name);
	}
	return EXIT_OK;
}
