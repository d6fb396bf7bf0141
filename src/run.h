/* One run of one site, from the credentials to the record. */
#ifndef SRC_RUN_H
#define SRC_RUN_H

#include "scrapers/scrape.h"
#include "src/options.h"

#include <stdbool.h>

struct error;

/* What is collected is in *OUT also when the run fails. */
bool run_site(const struct site *site, const struct options *options, struct collection *out, struct error *err);

#endif
