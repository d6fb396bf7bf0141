#include "src/api.h"

#include "cdp/base/error.h"
#include "scrapers/scrape.h"
#include "src/asked.h"
#include "src/assets.h"
#include "src/browse.h"
#include "src/credentials.h"
#include "src/history.h"
#include "src/jobs.h"
#include "src/options.h"
#include "src/session.h"
#include "src/store.h"
#include "src/stream.h"

#include <string.h>

/* ---- what is shared ---- */

bool api_account(struct exchange *x, struct site_account *out)
{
	struct error why = { 0 };
	const char *name = json_str(exchange_body(x), "account");

	name = name ? name : exchange_query(x, "account");
	AUTO(text) char *whole = xasprintf("%s%s%s", exchange_part(x, 0), name ? "/" : "", name ? name : "");
	if (account_read(whole, out, &why))
		return true;
	exchange_failed(x, &why);
	return false;
}

static void reply(struct exchange *x, cJSON *json, const struct error *why)
{
	if (json)
		exchange_json(x, 200, json);
	else
		exchange_failed(x, why);
}

/* ---- sites and accounts ---- */

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

static cJSON *all_sites(struct api *api, struct error *err)
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

static void get_sites(void *owner, struct exchange *x)
{
	struct error why = { 0 };
	cJSON *list = all_sites(owner, &why);

	reply(x, list ? json_object(JSON_NODE("sites", list)) : NULL, &why);
}

static void get_site_status(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;
	struct error why = { 0 };
	const cJSON *site, *one;

	if (!api_account(x, &account))
		return;
	AUTO(json) cJSON *list = all_sites(api, &why);
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

static void forget_session(void *owner, struct exchange *x)
{
	by_command(owner, x, "session", "forget");
}

static void unpark(void *owner, struct exchange *x)
{
	by_command(owner, x, "unpark", NULL);
}

/* ---- what was collected ---- */

static int64_t query_number(struct exchange *x, const char *name)
{
	const char *text = exchange_query(x, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

static const char *query_text(struct exchange *x, const char *name)
{
	const char *text = exchange_query(x, name);

	return text && *text ? text : NULL;
}

static struct browse_filter filter_of(struct exchange *x)
{
	return (struct browse_filter){ .site = query_text(x, "site"), .account = query_text(x, "account"),
		.card = query_text(x, "card"), .since = query_text(x, "since"), .until = query_text(x, "until"),
		.text = query_text(x, "q"), .category = query_text(x, "category"),
		.pending = query_number(x, "pending") != 0, .limit = query_number(x, "limit"), .offset = query_number(x, "offset") };
}

static void get_transactions(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	const struct browse_filter filter = filter_of(x);
	struct error why = { 0 };

	reply(x, browse_transactions(api->store, &filter, &why), &why);
}

static void get_summary(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	struct error why = { 0 };

	reply(x, browse_summary(api->store, query_number(x, "months"), &why), &why);
}

static void get_products(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	const struct browse_filter filter = filter_of(x);
	struct error why = { 0 };

	reply(x, browse_products(api->store, &filter, &why), &why);
}

static void get_prices(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	struct error why = { 0 };

	reply(x, browse_prices(api->store, exchange_part(x, 0), &why), &why);
}

static bool is_word(const char *text)
{
	return text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_/.") == strlen(text) && *text != '-';
}

static void get_export(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const char *format = exchange_query(x, "format"), *site = query_text(x, "site");
	const char *since = query_text(x, "since"), *until = query_text(x, "until");
	struct error why = { 0 };
	const char *words[12] = { "export" };
	size_t count = 1;

	format = format ? format : "csv";
	if (!is_word(format) || (site && !is_word(site)) || (since && !is_word(since)) || (until && !is_word(until))) {
		exchange_problem(x, 422, NULL, "format, site, since and until are words");
		return;
	}
	if (site)
		words[count++] = site;
	words[count++] = "-f";
	words[count++] = format;
	if (since) {
		words[count++] = "--since";
		words[count++] = since;
	}
	if (until) {
		words[count++] = "--until";
		words[count++] = until;
	}
	struct job *job = jobs_start(api->jobs, site, NULL, words, NULL, &why);
	if (!job) {
		exchange_failed(x, &why);
		return;
	}
	job->exchange = exchange_number(x);
	AUTO(text) char *disposition = xasprintf("attachment; filename=\"gabbai.%s\"", format);
	exchange_header(x, "content-disposition", disposition);
}

/* ---- events ---- */

static void tell_job(void *owner, int64_t run, const char *name, const cJSON *data)
{
	struct api *api = owner;
	int64_t pid;

	if (!strcmp(name, "connect.changed"))
		api_connect_told(api, data);
	if (strcmp(name, "run.started") != 0 || !json_int(data, "pid", &pid))
		return;
	struct job *job = jobs_by_pid(api->jobs, (pid_t)pid);
	if (!job)
		return;
	job->run = run;
	struct exchange *x = job->exchange ? exchange_find(api->server, job->exchange) : NULL;
	if (x && exchange_stream_of(x))
		stream_set_run(exchange_stream_of(x), run);
}

void api_look(struct api *api)
{
	if (feed_read(api->feed, tell_job, api))
		server_wake_streams(api->server);
}

static cJSON *snapshot(struct api *api)
{
	struct error why = { 0 };
	cJSON *otp = asked_list(api->store, &why), *list = all_sites(api, &why);
	cJSON *runs = cJSON_CreateArray();
	AUTO(json) cJSON *all = history_list(api->store, NULL, 20, &why);
	const cJSON *run;

	cJSON_ArrayForEach(run, all)
		if (!json_str(run, "endedAt"))
			cJSON_AddItemToArray(runs, cJSON_Duplicate(run, true));
	return json_object(JSON_NODE("otp", otp ? otp : cJSON_CreateArray()), JSON_NODE("runs", runs),
		JSON_NODE("sites", list ? list : cJSON_CreateArray()), JSON_NODE("connects", api_connects(api)));
}

static void get_events(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const struct access_grant *grant = exchange_grant(x);

	api_look(api);
	/* An id that we never gave is of a database before this one. */
	const int64_t last = exchange_last_event(x) > feed_last(api->feed) ? -1 : exchange_last_event(x);
	struct stream_opts opts = { .from = last };
	if (grant->scope == SCOPE_QUESTION) {
		opts.contains = grant->subject;
		opts.from = last < 0 ? 0 : last;
	} else if (last < 0) {
		opts.snapshot = snapshot(api);
	}
	exchange_stream(x, stream_new(api->feed, &opts));
}

/* ---- the server itself ---- */

static void log_in(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	const char *token = json_str(exchange_body(x), "token");

	if (token && access_begin(api->access, token))
		exchange_let_in(x);
	else
		exchange_problem(x, 401, NULL, "this link was used already, or is too old; gabbai serve prints a new one");
}

static void get_status(void *owner, struct exchange *x)
{
	const struct api *api = owner;

	exchange_json(x, 200, json_object(JSON_STR("version", GABBAI_VERSION), JSON_BOOL("scheduler", false),
		JSON_STR("browser", api->options->browser)));
}

/* 503 while an account is parked, or needs its person: for monitors. */
static void get_health(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	AUTO(json) cJSON *list = account_list(api->store, NULL, NULL, &why);
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
		if (json_str(one, "parked") || json_true(one, "needsReconnect")) {
			exchange_json(x, 503, json_object(JSON_BOOL("ok", false), JSON_STR("why",
				json_str(one, "parked") ? "an account is parked" : "an account needs to be connected again")));
			return;
		}
	if (list)
		exchange_json(x, 200, json_object(JSON_BOOL("ok", true)));
	else
		exchange_json(x, 503, json_object(JSON_BOOL("ok", false), JSON_STR("why", "the store cannot be read")));
}

/* ---- the page ---- */

static void send_asset(struct exchange *x, const char *name)
{
	const struct asset *asset = asset_find(name);

	if (!asset) {
		exchange_problem(x, 404, NULL, "there is no %s", name);
		return;
	}
	char *copy = xmalloc(asset->size + 1);
	memcpy(copy, asset->data, asset->size);
	exchange_header(x, "etag", asset->etag);
	exchange_header(x, "cache-control", "no-cache");
	if (exchange_has_etag(x, asset->etag)) {
		free(copy);
		exchange_text(x, 304, NULL, xstrdup(""), 0);
		return;
	}
	exchange_text(x, 200, asset->type, copy, asset->size);
}

static void get_page(void *owner, struct exchange *x)
{
	(void)owner;
	send_asset(x, "index.html");
}

static void get_phone_page(void *owner, struct exchange *x)
{
	(void)owner;
	send_asset(x, "otp.html");
}

static void get_asset(void *owner, struct exchange *x)
{
	(void)owner;
	send_asset(x, exchange_part(x, 0));
}

static void get_openapi(void *owner, struct exchange *x)
{
	(void)owner;
	send_asset(x, "openapi.json");
}

const struct route api_routes[] = {
	{ "GET",    "/",                                   SCOPE_NONE,     get_page },
	{ "GET",    "/integrations",                       SCOPE_NONE,     get_page },
	{ "GET",    "/o/*",                                SCOPE_NONE,     get_phone_page },
	{ "GET",    "/ui/*",                               SCOPE_NONE,     get_asset },
	{ "GET",    "/healthz",                            SCOPE_NONE,     get_health },
	{ "GET",    "/openapi.json",                       SCOPE_ALL,      get_openapi },
	{ "POST",   "/api/login",                          SCOPE_NONE,     log_in },
	{ "GET",    "/api/status",                         SCOPE_ALL,      get_status },
	{ "GET",    "/api/sites",                          SCOPE_ALL,      get_sites },
	{ "GET",    "/api/events",                         SCOPE_QUESTION, get_events },
	{ "GET",    "/api/runs",                           SCOPE_ALL,      api_runs },
	{ "POST",   "/api/runs",                           SCOPE_ALL,      api_run_start },
	{ "GET",    "/api/runs/*",                         SCOPE_ALL,      api_run },
	{ "DELETE", "/api/runs/*",                         SCOPE_ALL,      api_run_stop },
	{ "GET",    "/api/runs/*/events",                  SCOPE_ALL,      api_run_events },
	{ "POST",   "/api/scrapers/run-stream",            SCOPE_ALL,      api_run_stream },
	{ "POST",   "/api/scrapers/submit-otp",            SCOPE_QUESTION, api_otp_submit },
	{ "POST",   "/api/scraper/*/scrape",               SCOPE_ALL,      api_scrape },
	{ "GET",    "/api/otp",                            SCOPE_QUESTION, api_otp_list },
	{ "POST",   "/api/otp/*",                          SCOPE_QUESTION, api_otp_answer },
	{ "DELETE", "/api/otp/*",                          SCOPE_QUESTION, api_otp_cancel },
	{ "POST",   "/api/otp/*/link",                     SCOPE_ALL,      api_otp_link },
	{ "GET",    "/api/forms",                          SCOPE_ALL,      api_forms },
	{ "POST",   "/api/forms/submit",                   SCOPE_ALL,      api_form_submit },
	{ "DELETE", "/api/forms/*",                        SCOPE_ALL,      api_form_forget },
	{ "GET",    "/api/transactions",                   SCOPE_ALL,      get_transactions },
	{ "GET",    "/api/transactions/summary",           SCOPE_ALL,      get_summary },
	{ "GET",    "/api/products",                       SCOPE_ALL,      get_products },
	{ "GET",    "/api/products/*/prices",              SCOPE_ALL,      get_prices },
	{ "GET",    "/api/export",                         SCOPE_ALL,      get_export },
	{ "POST",   "/api/integrations/*/connect/start",   SCOPE_ALL,      api_connect_start },
	{ "GET",    "/api/integrations/*/connect/status",  SCOPE_ALL,      api_connect_status },
	{ "POST",   "/api/integrations/*/connect/complete", SCOPE_ALL,     api_connect_complete },
	{ "POST",   "/api/integrations/*/connect/fill",    SCOPE_ALL,      api_connect_fill },
	{ "POST",   "/api/integrations/*/connect/cancel",  SCOPE_ALL,      api_connect_cancel },
	{ "POST",   "/api/integrations/*/connect/import",  SCOPE_ALL,      api_connect_import },
	{ "GET",    "/api/integrations/*/status",          SCOPE_ALL,      get_site_status },
	{ "DELETE", "/api/integrations/*/session",         SCOPE_ALL,      forget_session },
	{ "POST",   "/api/accounts/*/unpark",              SCOPE_ALL,      unpark },
	{ NULL, NULL, SCOPE_NONE, NULL },
};
