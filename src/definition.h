/* A site's definition: the one that is built in, or the user's own selectors/SITE.json. */
#ifndef SRC_DEFINITION_H
#define SRC_DEFINITION_H

#include "cdp/base/json.h"

struct error;
struct site;

/* Owned by the caller.  The user's own counts when nobody else can have written it: else ERR_INPUT. */
cJSON *definition_read(const struct site *site, struct error *err);

#endif
