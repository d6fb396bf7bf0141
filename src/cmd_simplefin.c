/* gabbai simplefin: who may pull what was collected from the server. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/reach.h"
#include "src/simplefin.h"
#include "src/store.h"

#include <string.h>
#include <time.h>

static bool token(const struct options *o, struct store *store, struct error *err)
{
	AUTO(text) char *url = NULL;
	AUTO(text) char *token_file = NULL;

	if (o->site && !site_find(o->site))
		return fail(err, ERR_SITE, "there is no site \"%s\"; see gabbai sites", o->site);
	if (!reach_find(store, &url, &token_file))
		return fail(err, ERR_INPUT, "no server runs: who pulls asks it, so start gabbai serve first");
	AUTO(text) char *setup = simplefin_new(store, o->site, url, time(NULL), err);
	return setup && puts(setup) >= 0;
}

static bool list(const struct options *o, struct store *store, struct error *err)
{
	AUTO(json) cJSON *all = simplefin_list(store, err);
	const cJSON *one;
	int64_t id;

	if (all && o->json) {
		AUTO(text) char *text = json_print_pretty(all);
		return puts(text) >= 0;
	}
	cJSON_ArrayForEach(one, all)
		if (json_int(one, "id", &id))
			printf("%lld  %s  %s%s  %s%s\n", (long long)id, json_str(one, "site") ? json_str(one, "site") : "all",
				json_str(one, "claimedAt") ? "claimed " : "not claimed yet",
				json_str(one, "claimedAt") ? json_str(one, "claimedAt") : "", json_str(one, "usedAt") ? "used " : "never used",
				json_str(one, "usedAt") ? json_str(one, "usedAt") : "");
	return all != NULL;
}

static bool take_away(const struct options *o, struct store *store, struct error *err)
{
	return o->word_count == 3 ? simplefin_remove(store, strtoll(o->words[2], NULL, 10), err)
		: fail(err, ERR_INPUT, "simplefin rm wants a number; see gabbai simplefin list");
}

static const struct command_verb verbs[] = {
	{ "token", token },
	{ "list", list },
	{ "rm", take_away },
};

int cmd_simplefin(const struct options *o)
{
	return command_run_verb(o, verbs, sizeof verbs / sizeof *verbs, "simplefin wants token, list or rm");
}
