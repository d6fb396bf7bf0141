/* gabbai forms: what was learned of forms. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/ending.h"
#include "src/form_pattern.h"
#include "src/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_line(const cJSON *pattern)
{
	const char *endpoint = json_str(pattern, "apiEndpoint"), *last = json_str(pattern, "lastUsed");
	int64_t used = 0;
	double rate = 1;

	(void)json_int(pattern, "timesUsed", &used);
	(void)json_num(pattern, "successRate", &rate);
	printf("%s\n  %s → %s %s (%s, %s)%s, used %" PRId64 " times, %.0f %% well%s%.16s\n", json_str(pattern, "id"),
		json_str(pattern, "formUrl"), json_str(pattern, "method"), endpoint ? endpoint : "?", json_str(pattern, "patternType"),
		json_str(pattern, "encoding"), json_true(pattern, "requiresOTP") ? ", with a code" : "", used, rate * 100,
		last ? ", last " : "", last ? last : "");
}

static bool show(const struct options *o, const char *which, bool whole, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *all = store ? form_pattern_list(store, which, err) : NULL;
	const cJSON *one;

	if (!all)
		return false;
	if (which && !cJSON_GetArraySize(all))
		return fail(err, ERR_INPUT, "nothing was learned of %s; see gabbai forms list", which);
	if (o->json || whole) {
		AUTO(text) char *text = json_print_pretty(all);
		printf("%s\n", text);
		return true;
	}
	cJSON_ArrayForEach(one, all)
		print_line(one);
	return true;
}

static bool forget(const char *which, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	int count = 0;

	if (!store || !form_pattern_forget(store, which, &count, err))
		return false;
	return count || fail(err, ERR_INPUT, "nothing was learned of %s; see gabbai forms list", which);
}

static bool run(const struct options *o, struct error *err)
{
	const char *verb = o->word_count > 1 ? o->words[1] : "";

	if (!strcmp(verb, "list") && o->word_count == 2)
		return show(o, NULL, false, err);
	if (!strcmp(verb, "show") && o->word_count == 3)
		return show(o, o->words[2], true, err);
	if (!strcmp(verb, "forget") && o->word_count == 3)
		return forget(o->words[2], err);
	return fail(err, ERR_INPUT, "forms wants: forms list, forms show FORM, forms forget FORM; a form is its id, address or host");
}

int cmd_forms(const struct options *o)
{
	struct error err = { 0 };

	return run(o, &err) ? EXIT_OK : command_failed(&err);
}
