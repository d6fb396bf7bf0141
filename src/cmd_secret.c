/* gabbai secret set|list|rm: credentials that are kept sealed, or where they are to be had. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/account.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/hidden.h"
#include "src/store.h"
#include "src/totp.h"

#include <string.h>

/* ---- set ---- */

static struct secret *ask(const struct options *o, const struct site_account *account, const char *field, struct error *err)
{
	AUTO(text) char *what = xasprintf("%s of %s/%s", field, account->site->name, account->name);

	return hidden_read(what, o->no_input, err);
}

/* What codes are made from must be readable now, not when a site asks. */
static bool value_ok(const char *field, const struct secret *value, struct error *err)
{
	AUTO(totp) struct totp totp = { 0 };

	return strcmp(field, "totp") != 0 || totp_read(secret_reveal(value), &totp, err);
}

/* The key is read when the row is ours, since key rotate may be changing it. */
static bool save(const struct site_account *account, const char *field, const struct secret *value, const char *reference,
	struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(keyring) struct keyring *ring = store && store_begin(store, err) ? keyring_open(err) : NULL;

	return ring && (value ? credential_save(store, ring, account, field, value, err)
			: credential_save_reference(store, ring, account, field, reference, err))
		&& store_commit(store, err);
}

static bool set(const struct options *o, const struct site_account *account, const char *field, struct error *err)
{
	const bool totp = o->from && !strncmp(o->from, "totp:", 5);

	if (o->from && !totp)
		return credential_reference_ok(o->from, err) && save(account, field, NULL, o->from, err);
	if (totp && strcmp(field, "totp") != 0)
		return fail(err, ERR_INPUT, "--from totp: is for the field totp");
	AUTO(secret) struct secret *value = totp ? secret_new(o->from + 5, strlen(o->from + 5)) : ask(o, account, field, err);
	return value && value_ok(field, value, err) && save(account, field, value, NULL, err);
}

/* ---- list, rm ---- */

static bool list(const struct options *o, struct error *err)
{
	const char *site = o->word_count > 2 ? o->words[2] : NULL;
	const cJSON *one;

	if (site && !site_find(site))
		return fail(err, ERR_SITE, "there is no site \"%s\"; see gabbai sites", site);
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *all = store ? credential_list(store, site, err) : NULL;
	if (!all)
		return false;
	if (o->json) {
		AUTO(text) char *text = json_print_pretty(all);
		printf("%s\n", text);
		return true;
	}
	cJSON_ArrayForEach (one, all)
		printf("%s/%s  %s  set %.16s\n", json_str(one, "site"), json_str(one, "account"), json_str(one, "field"),
			json_str(one, "updatedAt"));
	return true;
}

static bool forget(const struct site_account *account, const char *field, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	bool found;

	if (!store || !credential_forget(store, account, field, &found, err))
		return false;
	return found || fail(err, ERR_INPUT, "%s/%s has no %s", account->site->name, account->name, field);
}

static bool run(const struct options *o, struct error *err)
{
	const char *verb = o->word_count > 1 ? o->words[1] : "";
	const bool sets = !strcmp(verb, "set");
	struct site_account account;

	if (!strcmp(verb, "list") && o->word_count <= 3)
		return list(o, err);
	if ((!sets && strcmp(verb, "rm") != 0) || o->word_count != 4)
		return fail(err, ERR_INPUT, "secret wants set SITE[/ACCOUNT] FIELD, rm SITE[/ACCOUNT] FIELD or list [SITE]");
	if (!account_read_any(o->words[2], &account, err) || !credential_field_ok(account.site, o->words[3], err))
		return false;
	return sets ? set(o, &account, o->words[3], err) : forget(&account, o->words[3], err);
}

int cmd_secret(const struct options *o)
{
	struct error err = { 0 };

	return run(o, &err) ? EXIT_OK : command_failed(&err);
}
