/* Patterns in the store: what was learned of a form, how well it does, and when a site wants to be left alone. */
#ifndef SRC_FORM_PATTERN_H
#define SRC_FORM_PATTERN_H

#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct form_request;
struct store;

struct form_pattern {
	char *id;
	cJSON *json;       /* form_learn.h; NULL: there is none */
	int64_t used, failed, failed_in_row;
};

void form_pattern_clear(struct form_pattern *pattern);

static inline void auto_form_pattern(struct form_pattern *pattern)
{
	form_pattern_clear(pattern);
}

/* That of the form and the fields of REQUEST. */
bool form_pattern_find(struct store *store, const struct form_request *request, struct form_pattern *out, struct error *err);

/* Whether it did well enough to be tried: not after three failures in a row, nor when most fail. */
bool form_pattern_is_good(const struct form_pattern *pattern);

/* Keeps JSON for REQUEST, over what was there.  ERR_LIMIT. */
bool form_pattern_save(struct store *store, const struct form_request *request, const cJSON *json, struct error *err);

/* The pattern's own JSON has changed. */
bool form_pattern_update(struct store *store, const struct form_pattern *pattern, struct error *err);

/* It was used.  DROP: it is not what the site takes any more. */
bool form_pattern_count(struct store *store, const struct form_pattern *pattern, bool ok, bool drop, struct error *err);

/* Seconds until the site takes another submission of the form at URL; 0: now. */
int64_t form_pattern_wait(struct store *store, const char *url);
void form_pattern_limit(struct store *store, const char *url, int64_t seconds);

/* All, or the one of ID or of a form's URL: an array of the patterns with id, domain, formUrl, formSelector, learnedAt,
 * timesUsed, successRate, lastUsed. */
cJSON *form_pattern_list(struct store *store, const char *which, struct error *err);
bool form_pattern_forget(struct store *store, const char *which, int *count, struct error *err);

#endif
