/* gabbai deliver: where results go after a run, and where a person is called. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/delivery.h"
#include "src/hidden.h"
#include "src/store.h"

#include <string.h>

enum { WORDS_BEFORE = 4 }; /* deliver add NAME KIND */

/* Where the secret is, or the secret itself, as it is sealed; *OUT NULL when the kind wants none and none is given. */
static bool read_secret(const struct options *o, const char *name, const char *kind, char **out, struct error *err)
{
	bool wants;

	*out = NULL;
	if (!delivery_wants_secret(kind, &wants, err))
		return false;
	if (o->from) {
		*out = xstrdup(o->from);
		return credential_reference_ok(o->from, err);
	}
	if (!wants)
		return true;
	AUTO(text) char *what = xasprintf("the secret of \"%s\"", name);
	AUTO(secret) struct secret *value = hidden_read(what, o->no_input, err);
	if (value)
		*out = xasprintf("value:%s", secret_reveal(value));
	return value != NULL;
}

static bool add(const struct options *o, struct store *store, struct error *err)
{
	struct delivery d = { .site = o->site, .format = o->format_name, .new_only = o->new_only,
		.results = !o->wants || strcmp(o->wants, "needs") != 0, .needs = !o->wants || strcmp(o->wants, "results") != 0 };

	if (o->word_count <= WORDS_BEFORE || o->word_count > WORDS_BEFORE + DELIVERY_WORDS)
		return fail(err, ERR_INPUT, "deliver add wants NAME KIND and where, like: phone ntfy https://ntfy.sh/topic");
	d.name = o->words[2];
	d.kind = o->words[3];
	for (size_t i = WORDS_BEFORE; i < o->word_count; i++)
		d.words[i - WORDS_BEFORE] = o->words[i];
	char *secret;
	bool ok = read_secret(o, d.name, d.kind, &secret, err);
	d.secret = secret;
	/* The key is read while the store is ours, since key rotate may be changing it. */
	AUTO(keyring) struct keyring *ring = ok && store_begin(store, err) ? keyring_open(err) : NULL;
	ok = ring && delivery_add(store, ring, &d, err) && store_commit(store, err);
	if (secret)
		secret_wipe(secret, strlen(secret));
	free(secret);
	return ok;
}

static bool list(const struct options *o, struct store *store, struct error *err)
{
	AUTO(json) cJSON *all = delivery_list(store, err);
	const cJSON *one;

	if (!all)
		return false;
	if (o->json) {
		AUTO(text) char *text = json_print_pretty(all);
		puts(text);
		return true;
	}
	cJSON_ArrayForEach(one, all) {
		const char *last = json_str(one, "lastAt"), *wrong = json_str(one, "lastError");
		printf("%-12s %-9s %-10s %s%s%s%s%s%s\n", json_str(one, "name"), json_str(one, "kind"),
			json_str(one, "site") ? json_str(one, "site") : "all",
			json_true(one, "results") ? json_true(one, "needs") ? "all" : "results" : "needs",
			json_true(one, "newOnly") ? ", new only" : "", last ? "  last " : "", last ? last : "", wrong ? "  failed: " : "",
			wrong ? wrong : "");
	}
	if (!cJSON_GetArraySize(all))
		log_line(LOG_INFO, "there is no delivery; gabbai deliver add makes one");
	return true;
}

static bool has_name(const struct options *o, struct error *err)
{
	return o->word_count == 3 || fail(err, ERR_INPUT, "deliver %s wants a name; see gabbai deliver list", o->words[1]);
}

static bool take_away(const struct options *o, struct store *store, struct error *err)
{
	return has_name(o, err) && delivery_remove(store, o->words[2], err);
}

static bool test(const struct options *o, struct store *store, struct error *err)
{
	AUTO(keyring) struct keyring *ring = has_name(o, err) ? keyring_open(err) : NULL;

	return ring && delivery_test(store, ring, o, o->words[2], err);
}

static const struct command_verb verbs[] = {
	{ "add", add },
	{ "list", list },
	{ "rm", take_away },
	{ "test", test },
};

int cmd_deliver(const struct options *o)
{
	return command_run_verb(o, verbs, sizeof verbs / sizeof *verbs, "deliver wants add, list, rm or test");
}
