/* Connecting an account from the page: a child shows the site, and tells how it gets on. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "src/channel.h"
#include "src/jobs.h"
#include "src/session.h"
#include "src/store.h"

#include <signal.h>
#include <string.h>

enum { IMPORT_MAX = 2000000 }; /* with room for the rest of a body */

/* How the last one of an account stands, as it told itself. */
struct connect_state {
	struct connect_state *next;
	char *site, *account, *channel;
	pid_t pid;
	cJSON *status;
};

static void state_free(struct connect_state *c)
{
	free(c->site);
	free(c->account);
	free(c->channel);
	cJSON_Delete(c->status);
	free(c);
}

void api_connects_free(struct api *api)
{
	for (struct connect_state *c = api->connects, *next; c; c = next) {
		next = c->next;
		state_free(c);
	}
	api->connects = NULL;
}

static struct connect_state *state_of(struct api *api, const char *site, const char *account)
{
	for (struct connect_state *c = api->connects; c; c = c->next)
		if (!strcmp(c->site, site) && !strcmp(c->account, account))
			return c;
	return NULL;
}

static bool is_final(const char *state)
{
	return !strcmp(state, "connected") || !strcmp(state, "failed") || !strcmp(state, "cancelled");
}

/* One whose process is gone without a last word has failed. */
static bool is_on(const struct connect_state *c)
{
	const char *state = c ? json_str(c->status, "state") : NULL;

	return state && !is_final(state) && process_started(c->pid) != 0;
}

bool api_connecting(struct api *api, const char *site, const char *account)
{
	return is_on(state_of(api, site, account));
}

const char *api_connect_channel(struct api *api, const char *site, const char *account)
{
	const struct connect_state *c = state_of(api, site, account);

	return is_on(c) ? c->channel : NULL;
}

void api_connect_told(struct api *api, const cJSON *data)
{
	const char *site = json_str(data, "site"), *account = json_str(data, "account");
	int64_t pid = 0;

	if (!site || !account || !json_int(data, "pid", &pid))
		return;
	struct connect_state *c = state_of(api, site, account);
	if (!c) {
		c = xcalloc(1, sizeof *c);
		*c = (struct connect_state){ .next = api->connects, .site = xstrdup(site), .account = xstrdup(account) };
		api->connects = c;
	}
	c->pid = (pid_t)pid;
	free(c->channel);
	c->channel = copy_of(json_str(data, "channel"));
	cJSON_Delete(c->status);
	c->status = cJSON_Duplicate(data, true);
}

/* What the page may know of it. */
static cJSON *shown(const struct connect_state *c)
{
	if (!c || !c->status)
		return json_object(JSON_STR("state", "idle"));
	cJSON *status = cJSON_Duplicate(c->status, true);
	cJSON_DeleteItemFromObjectCaseSensitive(status, "channel");
	if (!is_on(c) && !is_final(json_str(status, "state"))) {
		cJSON_ReplaceItemInObjectCaseSensitive(status, "state", cJSON_CreateString("failed"));
		json_add(status, JSON_STR("error", "it has ended without a word"));
	}
	return status;
}

cJSON *api_connects(struct api *api)
{
	cJSON *list = cJSON_CreateArray();

	for (const struct connect_state *c = api->connects; c; c = c->next)
		if (is_on(c))
			json_add(list, JSON_NODE(NULL, shown(c)));
	return list;
}

/* ---- routes ---- */

void api_connect_start(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;
	struct error why = { 0 };
	const char *via = json_str(exchange_body(x), "via");

	if (!api_account(x, &account))
		return;
	AUTO(text) char *name = xasprintf("%s/%s", account.site->name, account.name);
	via = via ? via : "live";
	if (strcmp(via, "live") != 0 && strcmp(via, "guided") != 0 && strcmp(via, "headed") != 0) {
		exchange_problem(x, 422, NULL, "via is live, guided or headed");
		return;
	}
	if (api_connecting(api, account.site->name, account.name)
			|| jobs_find(api->jobs, "connect", account.site->name, account.name)) {
		exchange_problem(x, 409, "LOCKED", "%s is being connected already", name);
		return;
	}
	struct connect_state *old = state_of(api, account.site->name, account.name);
	if (old) {
		cJSON_Delete(old->status);
		old->status = NULL;
	}
	const char *const words[] = { "connect", name, "--via", via, "--no-input", NULL };
	const struct job *job = jobs_start(api->jobs, account.site->name, account.name, words, NULL, &why);
	if (job)
		exchange_json(x, 202, json_object(JSON_STR("via", via), JSON_INT("connectId", job->pid), JSON_BOOL("success", true)));
	else
		exchange_failed(x, &why);
}

void api_connect_status(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;

	if (!api_account(x, &account))
		return;
	cJSON *status = shown(state_of(api, account.site->name, account.name));
	if (!strcmp(json_str(status, "state"), "idle") && jobs_find(api->jobs, "connect", account.site->name, account.name))
		cJSON_ReplaceItemInObjectCaseSensitive(status, "state", cJSON_CreateString("starting"));
	exchange_json(x, 200, status);
}

/* Tells the child that connects the account; MESSAGE is taken. */
static void tell(struct api *api, struct exchange *x, cJSON *message)
{
	AUTO(json) cJSON *own = message;
	struct site_account account;

	if (!api_account(x, &account))
		return;
	const struct connect_state *c = state_of(api, account.site->name, account.name);
	if (is_on(c) && c->channel)
		api_deliver(api, x, c->channel, "", TAKE(own));
	else
		exchange_problem(x, 404, NULL, "%s/%s is not being connected", account.site->name, account.name);
}

void api_connect_complete(void *owner, struct exchange *x)
{
	tell(owner, x, json_object(JSON_STR("type", "finished")));
}

void api_connect_fill(void *owner, struct exchange *x)
{
	const cJSON *values = json_at(exchange_body(x), "values");

	if (cJSON_IsObject(values))
		tell(owner, x, json_object(JSON_STR("type", "fill"), JSON_NODE("values", cJSON_Duplicate(values, true)),
			JSON_BOOL("remember", json_true(exchange_body(x), "remember"))));
	else
		exchange_problem(x, 422, NULL, "values are wanted, by the names of the fields");
}

/* As Ctrl-C does: it is heard whatever the child is doing. */
void api_connect_cancel(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;

	if (!api_account(x, &account))
		return;
	const struct connect_state *c = state_of(api, account.site->name, account.name);
	if (is_on(c) && kill(c->pid, SIGINT) == 0)
		exchange_json(x, 200, json_object(JSON_BOOL("success", true), JSON_STR("message", "cancelled")));
	else
		exchange_problem(x, 404, NULL, "%s/%s is not being connected", account.site->name, account.name);
}

void api_connect_import(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;
	struct error why = { 0 };
	const cJSON *state = json_at(exchange_body(x), "state");

	if (!api_account(x, &account))
		return;
	AUTO(text) char *name = xasprintf("%s/%s", account.site->name, account.name);
	AUTO(text) char *text = cJSON_IsString(state) ? xstrdup(state->valuestring)
		: cJSON_IsObject(state) ? json_print(state) : NULL;
	if (!text || strlen(text) > IMPORT_MAX) {
		exchange_problem(x, 422, NULL, "state is a storageState, or the text of a cookies.txt, of %d bytes at most", IMPORT_MAX);
		return;
	}
	const char *const words[] = { "session", "import", name, "/dev/stdin", "--no-input", NULL };
	struct job *job = jobs_start(api->jobs, account.site->name, account.name, words, text, &why);
	if (job)
		job->exchange = exchange_number(x);
	else
		exchange_failed(x, &why);
}
