/* gabbai key new|show-id|check|rotate: the key that all that is saved is sealed with. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/account.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/sealed.h"
#include "src/store.h"

#include <string.h>

static bool new(const struct options *o, struct error *err)
{
	AUTO(secret) struct secret *key = key_new(err);

	(void)o;
	if (!key)
		return false;
	printf("%s\n", secret_reveal(key));
	return true;
}

static bool show_id(const struct options *o, struct error *err)
{
	AUTO(keyring) struct keyring *ring = keyring_open(err);

	(void)o;
	if (!ring)
		return false;
	printf("%s\n", keyring_id(ring));
	return true;
}

/* ---- check ---- */

/* Every row that does not open is told; the first one is the command's error. */
static bool tell_failures(const cJSON *failed, struct error *err)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, failed)
		log_line(LOG_ERROR, "%s: %s", json_str(one, "table"), json_str(one, "error"));
	return !cJSON_GetArraySize(failed)
		|| fail(err, ERR_KEY, "%d of what is saved does not open", cJSON_GetArraySize(failed));
}

static bool check(const struct options *o, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(keyring) struct keyring *ring = store ? keyring_open(err) : NULL;
	AUTO(json) cJSON *found = ring ? sealed_check(store, ring, err) : NULL;
	int64_t rows = 0, open = 0;

	if (!found)
		return false;
	(void)(json_int(found, "rows", &rows) && json_int(found, "open", &open)); /* they are always there */
	if (o->json) {
		AUTO(text) char *text = json_print_pretty(found);
		printf("%s\n", text);
	} else {
		printf("%d of %d open; the key is %s\n", (int)open, (int)rows, keyring_id(ring));
	}
	return tell_failures(json_at(found, "failed"), err);
}

/* ---- rotate ---- */

/* The whole change is one transaction, so that whoever saves something meanwhile does it before, and it is
 * sealed anew, or after, with the new key. */
static bool renew(struct store *store, struct keyring **ring, int *count, struct error *err)
{
	if (!store_begin(store, err) || !account_all_free(store, err) || !(*ring = keyring_open(err)))
		return false;
	AUTO(json) cJSON *found = sealed_check(store, *ring, err);
	return found && tell_failures(json_at(found, "failed"), err)
		&& keyring_renew(*ring, err)
		&& sealed_renew(store, *ring, count, err)
		&& account_keep_parked(store, err)
		&& store_commit(store, err)
		&& keyring_settle(*ring, err);
}

static bool rotate(const struct options *o, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(keyring) struct keyring *ring = NULL;
	int count;

	(void)o;
	if (!store || !renew(store, &ring, &count, err))
		return false;
	printf("%d sealed anew; the key is %s\n", count, keyring_id(ring));
	return true;
}

int cmd_key(const struct options *o)
{
	static const struct {
		const char *name;
		bool (*run)(const struct options *o, struct error *err);
	} verbs[] = { { "new", new }, { "show-id", show_id }, { "check", check }, { "rotate", rotate } };
	struct error err = { 0 };

	for (size_t i = 0; o->word_count == 2 && i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(o->words[1], verbs[i].name))
			return verbs[i].run(o, &err) ? EXIT_OK : command_failed(&err);
	fail(&err, ERR_INPUT, "key wants new, show-id, check or rotate");
	return command_failed(&err);
}
