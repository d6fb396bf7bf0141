#include "src/definition.h"

#include "cdp/base/error.h"
#include "scrapers/scrape.h"
#include "src/place.h"

#include <sys/stat.h>

cJSON *definition_read(const struct site *site, struct error *err)
{
	AUTO(text) char *name = xasprintf("selectors/%s.json", site->name);
	AUTO(text) char *file = place_of_config(name, err);
	struct stat st;

	if (!file)
		return NULL;
	const bool there = stat(file, &st) == 0;
	if (there && (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))))
		return fail(err, ERR_INPUT, "%s must be owned by you and not writable by others", file), NULL;
	return scrape_definition(site, there ? file : NULL, err);
}
