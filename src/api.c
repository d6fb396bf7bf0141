#include "src/api.h"

#include "cdp/base/error.h"
#include "src/asked.h"
#include "src/assets.h"
#include "src/history.h"
#include "src/jobs.h"
#include "src/server.h"
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

void api_reply(struct exchange *x, cJSON *json, const struct error *why)
{
	if (json)
		exchange_json(x, 200, json);
	else
		exchange_failed(x, why);
}

/* ---- events ---- */

static void tell_job(void *owner, int64_t run, const char *name, const cJSON *data)
{
	struct api *api = owner;
	int64_t pid;

	if (!strcmp(name, "connect.changed"))
		api_connect_told(api, data);
	if (!strcmp(name, "run.finished") && jobs_by_run(api->jobs, run))
		jobs_by_run(api->jobs, run)->over = true;
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

void api_settle(struct api *api)
{
	(void)history_settle(api->store, NULL); /* what cannot be written now is another time */
	asked_settle(api->store);
	api_look(api);
}

void api_look(struct api *api)
{
	if (feed_read(api->feed, tell_job, api))
		server_wake_streams(api->server);
}

static cJSON *snapshot(struct api *api)
{
	struct error why = { 0 };
	cJSON *otp = asked_list(api->store, &why), *list = api_all_sites(api, &why);
	cJSON *runs = cJSON_CreateArray();
	AUTO(json) cJSON *all = history_list(api->store, NULL, 20, &why);
	const cJSON *run;

	cJSON_ArrayForEach(run, all)
		if (!json_str(run, "endedAt"))
			cJSON_AddItemToArray(runs, cJSON_Duplicate(run, true));
	return json_object(JSON_NODE("otp", otp ? otp : cJSON_CreateArray()), JSON_NODE("runs", runs),
		JSON_NODE("sites", list ? list : cJSON_CreateArray()), JSON_NODE("connects", api_connects(api)));
}

/* For a link: only what it is for. */
static cJSON *questions_snapshot(struct api *api, const struct access_grant *grant)
{
	struct error why = { 0 };
	cJSON *otp = api_questions(api, grant, &why);

	return json_object(JSON_NODE("otp", otp ? otp : cJSON_CreateArray()));
}

static void get_events(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const struct access_grant *grant = exchange_grant(x);

	if (!exchange_may_stream(x))
		return;
	api_settle(api);
	/* An id that we never gave is of a database before this one. */
	const int64_t last = exchange_last_event(x) > feed_last(api->feed) ? -1 : exchange_last_event(x);
	struct stream_opts opts = { .from = last };
	if (grant->scope == SCOPE_QUESTION) {
		opts.questions = true;
		opts.run = strtoll(grant->subject, NULL, 10);
	}
	if (last < 0)
		opts.snapshot = opts.questions ? questions_snapshot(api, grant) : snapshot(api);
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
	{ "GET",    "/api/status",                         SCOPE_ALL,      api_status },
	{ "GET",    "/api/doctor",                         SCOPE_ALL,      api_doctor },
	{ "GET",    "/api/sites",                          SCOPE_ALL,      api_sites },
	{ "GET",    "/api/events",                         SCOPE_QUESTION, get_events },
	{ "GET",    "/api/runs",                           SCOPE_ALL,      api_runs },
	{ "POST",   "/api/runs",                           SCOPE_ALL,      api_run_start },
	{ "GET",    "/api/runs/*",                         SCOPE_ALL,      api_run },
	{ "DELETE", "/api/runs/*",                         SCOPE_ALL,      api_run_stop },
	{ "GET",    "/api/runs/*/events",                  SCOPE_ALL,      api_run_events },
	{ "GET",    "/api/runs/*/artefacts",               SCOPE_ALL,      api_artefacts },
	{ "GET",    "/api/runs/*/artefacts/*",             SCOPE_ALL,      api_artefact },
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
	{ "GET",    "/api/transactions",                   SCOPE_ALL,      api_transactions },
	{ "GET",    "/api/transactions/summary",           SCOPE_ALL,      api_summary },
	{ "GET",    "/api/products",                       SCOPE_ALL,      api_products },
	{ "GET",    "/api/products/*/prices",              SCOPE_ALL,      api_prices },
	{ "GET",    "/api/export",                         SCOPE_ALL,      api_export },
	{ "POST",   "/api/integrations/*/connect/start",   SCOPE_ALL,      api_connect_start },
	{ "GET",    "/api/integrations/*/connect/status",  SCOPE_ALL,      api_connect_status },
	{ "POST",   "/api/integrations/*/connect/complete", SCOPE_ALL,     api_connect_complete },
	{ "POST",   "/api/integrations/*/connect/fill",    SCOPE_ALL,      api_connect_fill },
	{ "POST",   "/api/integrations/*/connect/cancel",  SCOPE_ALL,      api_connect_cancel },
	{ "POST",   "/api/integrations/*/connect/import",  SCOPE_ALL,      api_connect_import },
	{ "GET",    "/api/integrations/*/status",          SCOPE_ALL,      api_site_status },
	{ "DELETE", "/api/integrations/*/session",         SCOPE_ALL,      api_session_forget },
	{ "GET",    "/api/schedules",                      SCOPE_ALL,      api_schedules },
	{ "POST",   "/api/schedules",                      SCOPE_ALL,      api_schedule_add },
	{ "GET",    "/api/schedules/next",                 SCOPE_ALL,      api_schedule_next },
	{ "DELETE", "/api/schedules/*",                    SCOPE_ALL,      api_schedule_remove },
	{ "POST",   "/api/schedules/*/pause",              SCOPE_ALL,      api_schedule_pause },
	{ "POST",   "/api/schedules/*/resume",             SCOPE_ALL,      api_schedule_resume },
	{ "POST",   "/api/accounts/*/unpark",              SCOPE_ALL,      api_unpark },
	{ "GET",    "/simplefin/info",                     SCOPE_NONE,     api_simplefin_info },
	{ "POST",   "/simplefin/claim/*",                  SCOPE_NONE,     api_simplefin_claim },
	{ "GET",    "/simplefin/accounts",                 SCOPE_NONE,     api_simplefin_accounts },
	{ NULL, NULL, SCOPE_NONE, NULL },
};
