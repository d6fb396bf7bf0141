/* The sites, their accounts, and how each stands. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "scrapers/scrape.h"
#include "src/credentials.h"
#include "src/jobs.h"
#include "src/store.h"

#include <string.h>

static cJSON *names_of(const char *const *fields)
{
	cJSON *list = fields ? cJSON_CreateArray() : cJSON_CreateNull();

	for (; fields && *fields; fields++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*fields));
	return list;
}

static bool is_of(const cJSON *one, const char *site, const char *account)
{
	return !strcmp(json_str(one, "site"), site) && (!account || !strcmp(json_str(one, "account"), account));
}

static cJSON *stored_of(const cJSON *credentials, const char *site, const char *account)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach(one, credentials)
		if (is_of(one, site, account))
			cJSON_AddItemToArray(list, cJSON_CreateString(json_str(one, "field")));
	return list;
}

static cJSON *run_now(struct store *store, const char *site, const char *account)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT id, pid, pid_started FROM runs"
		" WHERE platform = ? AND account = ? AND ended_at IS NULL ORDER BY id DESC LIMIT 1",
		SQL(SQL_TEXT(site), SQL_TEXT(account)), &why);

	return rows && rows_next(rows, &why) && process_started((long)rows_int(rows, 1)) == rows_int(rows, 2)
		? cJSON_CreateNumber((double)rows_int(rows, 0)) : cJSON_CreateNull();
}

static void describe_account(struct api *api, cJSON *account, const cJSON *credentials)
{
	const char *site = json_str(account, "site"), *name = json_str(account, "account"), *why = json_str(account, "parked");

	json_add(account, JSON_BOOL("connected", !strcmp(json_str(account, "status"), "active")));
	json_add(account, JSON_STR("parkedWhy", why));
	cJSON_DeleteItemFromObjectCaseSensitive(account, "parked");
	json_add(account, JSON_BOOL("parked", json_str(account, "parkedWhy") != NULL));
	json_add(account, JSON_NODE("stored", stored_of(credentials, site, name)));
	json_add(account, JSON_NODE("running", run_now(api->store, site, name)));
	json_add(account, JSON_BOOL("connecting", api_connecting(api, site, name)));
}

/* A site without an account has the default one, which is not connected. */
static cJSON *accounts_of(struct api *api, const cJSON *known, const cJSON *credentials, const char *site)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *one;

	cJSON_ArrayForEach(one, known)
		if (is_of(one, site, NULL))
			cJSON_AddItemToArray(list, cJSON_Duplicate(one, true));
	if (!cJSON_GetArraySize(list))
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("site", site), JSON_STR("account", "default"),
			JSON_STR("status", "not_connected"))));
	cJSON *account;
	cJSON_ArrayForEach(account, list)
		describe_account(api, account, credentials);
	return list;
}

cJSON *api_all_sites(struct api *api, struct error *err)
{
	AUTO(json) cJSON *known = account_list(api->store, NULL, NULL, err);
	AUTO(json) cJSON *credentials = known ? credential_list(api->store, NULL, err) : NULL;
	cJSON *list = credentials ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; list && i < site_count; i++)
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("name", sites[i]->name), JSON_STR("title", sites[i]->title),
			JSON_STR("kind", sites[i]->has_products ? "products" : "transactions"),
			JSON_BOOL("hasPublic", sites[i]->collect_public != NULL),
			JSON_NODE("fields", names_of(sites[i]->fields)), JSON_NODE("quickFields", names_of(sites[i]->quick_fields)),
			JSON_NODE("accounts", accounts_of(api, known, credentials, sites[i]->name)))));
	return list;
}

void api_sites(void *owner, struct exchange *x)
{
	struct error why = { 0 };
	cJSON *list = api_all_sites(owner, &why);

	api_reply(x, list ? json_object(JSON_NODE("sites", list)) : NULL, &why);
}

void api_site_status(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;
	struct error why = { 0 };
	const cJSON *site, *one;

	if (!api_account(x, &account))
		return;
	AUTO(json) cJSON *list = api_all_sites(api, &why);
	cJSON_ArrayForEach(site, list)
		cJSON_ArrayForEach(one, json_list(site, "accounts"))
			if (is_of(one, account.site->name, account.name)) {
				exchange_json(x, 200, cJSON_Duplicate(one, true));
				return;
			}
	if (list)
		exchange_json(x, 200, json_object(JSON_BOOL("connected", false), JSON_STR("status", "not_connected")));
	else
		exchange_failed(x, &why);
}

/* Done by the command that does it on a terminal. */
static void by_command(struct api *api, struct exchange *x, const char *verb, const char *more)
{
	struct site_account account;
	struct error why = { 0 };

	if (!api_account(x, &account))
		return;
	AUTO(text) char *name = xasprintf("%s/%s", account.site->name, account.name);
	const char *const words[] = { verb, more ? more : name, more ? name : NULL, NULL };
	struct job *job = jobs_start(api->jobs, account.site->name, account.name, words, NULL, &why);
	if (job)
		job->exchange = exchange_number(x);
	else
		exchange_failed(x, &why);
}

void api_session_forget(void *owner, struct exchange *x)
{
	by_command(owner, x, "session", "forget");
}

void api_unpark(void *owner, struct exchange *x)
{
	by_command(owner, x, "unpark", NULL);
}
