/* Proof that a state signs in: a headless browser of its own, which has nothing else. */
#ifndef SRC_PROVE_H
#define SRC_PROVE_H

#include "cdp/base/json.h"

struct error;
struct options;
struct site;

/* The state as the site left it after the proof, owned by the caller, and *URL where that was; NULL when it
 * does not sign in: ERR_SIGNED_OUT (proven), or what kept us from finding out. */
cJSON *prove_state(const struct site *site, const struct options *options, const cJSON *state, char **url,
	struct error *err);

#endif
