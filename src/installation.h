/* This installation: its version, where its data are, its key, and the browser that it would start. */
#ifndef SRC_INSTALLATION_H
#define SRC_INSTALLATION_H

#include "cdp/base/json.h"

struct error;
struct options;

/* {version, dataDir, key: {id, source, error}, browser: {path, version, error}}, members that are not known left out; owned
 * by the caller.  A key or browser that is not there is told in its "error"; NULL only without a folder for data. */
cJSON *installation_describe(const struct options *options, struct error *err);

#endif
