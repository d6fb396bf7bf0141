/* Runs: started, watched and stopped; what they print goes to whoever asked for it. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "src/ending.h"
#include "src/history.h"
#include "src/jobs.h"
#include "src/place.h"
#include "src/server.h"
#include "src/store.h"
#include "src/stream.h"
#include "src/wheel.h"

#include <ctype.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_ROOM = 24, RUNS_MAX = 500 };

/* ---- what ran ---- */

static int64_t number_of(const char *text, int64_t otherwise, int64_t max)
{
	char *end;
	const long long value = text ? strtoll(text, &end, 10) : 0;

	return !text || end == text || *end || value < 0 || value > max ? otherwise : value;
}

void api_runs(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	cJSON *list = history_list(api->store, exchange_query(x, "site"), (int)number_of(exchange_query(x, "limit"), 50, RUNS_MAX),
		&why);

	if (list)
		exchange_json(x, 200, json_object(JSON_NODE("runs", list)));
	else
		exchange_failed(x, &why);
}

static cJSON *phases_of(struct store *store, int64_t run, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT at, data FROM run_events"
		" WHERE run = ? AND name = 'run.phase' ORDER BY id",
		SQL(SQL_INT(run)), &why);

	while (rows && rows_next(rows, &why)) {
		AUTO(json) cJSON *data = json_parse(rows_text(rows, 1), strlen(rows_text(rows, 1)), NULL);
		json_add(list, JSON_NODE(NULL, json_object(JSON_INT("at", rows_int(rows, 0)),
			JSON_STR("phase", json_str(data, "phase")))));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

static int64_t run_number(struct exchange *x)
{
	return number_of(exchange_part(x, 0), 0, INT64_MAX);
}

void api_run(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	AUTO(json) cJSON *run = history_run(api->store, run_number(x), &why);
	cJSON *phases = run ? phases_of(api->store, run_number(x), &why) : NULL;

	if (!phases) {
		if (why.code == ERR_INPUT)
			exchange_problem(x, 404, NULL, "there is no such run");
		else
			exchange_failed(x, &why);
		return;
	}
	json_add(run, JSON_NODE("phases", phases));
	AUTO(text) char *channel = api_run_channel(api, run_number(x));
	AUTO(text) char *view = channel ? xasprintf("/live?run=%" PRId64, run_number(x)) : NULL;
	json_add(run, JSON_STR("view", view));
	exchange_json(x, 200, TAKE(run));
}

char *api_run_channel(struct api *api, int64_t run)
{
	const long pid = history_process(api->store, run);
	AUTO(text) char *name = pid ? wheel_name((pid_t)pid) : NULL;
	AUTO(text) char *path = name ? place_of_data(name, NULL) : NULL;

	return path && access(path, F_OK) == 0 ? TAKE(path) : NULL;
}

/* One that this server has not started, before a restart or from a terminal, is told as a shell would. */
void api_run_stop(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct job *job = jobs_by_run(api->jobs, run_number(x));

	if (job) {
		job_interrupt(job);
		exchange_json(x, 202, json_object(JSON_BOOL("success", true)));
		return;
	}
	const long pid = history_process(api->store, run_number(x));
	if (pid > 1 && kill((pid_t)pid, SIGINT) == 0)
		exchange_json(x, 202, json_object(JSON_BOOL("success", true)));
	else
		exchange_problem(x, 404, NULL, "no such run is going on");
}

void api_run_events(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const int64_t last = exchange_last_event(x);
	const struct stream_opts opts = { .from = last < 0 ? 0 : last, .run = run_number(x) };
	struct error why = { 0 };

	if (!exchange_may_stream(x))
		return;
	AUTO(json) cJSON *run = history_run(api->store, opts.run, &why);

	if (run)
		exchange_stream(x, stream_new(api->feed, &opts));
	else
		exchange_problem(x, 404, NULL, "there is no such run");
}

/* ---- starting ---- */

struct words {
	const char *list[WORDS_ROOM];
	size_t count;
};

static void add(struct words *w, const char *name, const char *value)
{
	if (!value || w->count + 3 > WORDS_ROOM)
		return;
	w->list[w->count++] = name;
	w->list[w->count++] = value;
}

static void add_flag(struct words *w, const char *name, bool wanted)
{
	if (wanted && w->count + 2 <= WORDS_ROOM)
		w->list[w->count++] = name;
}

/* A value that is a text or a number; "-x" would be an option. */
static const char *plain(const cJSON *options, const char *name)
{
	const char *text = json_str(options, name);

	return text && *text && *text != '-' && strlen(text) < 200 ? text : NULL;
}

/* Starts `gabbai run`; NULL: it was answered why not. */
static struct job *start(struct api *api, struct exchange *x, const struct site_account *account, const cJSON *options,
	bool no_login)
{
	AUTO(text) char *name = xasprintf("%s/%s", account->site->name, account->name);
	const char *since = plain(options, "since") ? plain(options, "since") : plain(options, "startDate");
	AUTO(text) char *day = since ? xstrndup(since, 10) : NULL; /* of a moment, its day */
	char months[16], limit[16];
	int64_t number;
	struct error why = { 0 };
	struct words w = { { "run", name, "--no-input", "--otp", "web", "-f", "json" }, 7 };

	add(&w, "--since", day);
	add(&w, "--login", plain(options, "login"));
	add(&w, "--search", plain(options, "search"));
	if (json_int(options, "futureMonths", &number) && number >= 0) {
		(void)snprintf(months, sizeof months, "%d", (int)(number & 0xff));
		add(&w, "--future-months", months);
	}
	if (json_int(options, "limit", &number) && number > 0) {
		(void)snprintf(limit, sizeof limit, "%d", (int)(number & 0xffffff));
		add(&w, "--limit", limit);
	}
	add_flag(&w, "--public", json_true(options, "public"));
	add_flag(&w, "--no-login", no_login);
	if (jobs_find(api->jobs, "run", account->site->name, account->name)) {
		exchange_problem(x, 409, "LOCKED", "a run of %s is going on", name);
		return NULL;
	}
	struct job *job = jobs_start(api->jobs, account->site->name, account->name, w.list, NULL, &why);
	if (!job)
		exchange_failed(x, &why);
	return job;
}

void api_run_start(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct site_account account;
	const char *site = json_str(exchange_body(x), "site"), *name = json_str(exchange_body(x), "account");
	AUTO(text) char *whole = xasprintf("%s%s%s", site ? site : "", name ? "/" : "", name ? name : "");
	struct error why = { 0 };

	if (!site || !account_read(whole, &account, &why)) {
		if (site)
			exchange_failed(x, &why);
		else
			exchange_problem(x, 400, NULL, "site is wanted, a name as in GET /api/sites");
		return;
	}
	const struct job *job = start(api, x, &account, json_at(exchange_body(x), "options"), false);
	if (job)
		exchange_json(x, 202, json_object(JSON_INT("pid", job->pid), JSON_NODE("runId", cJSON_CreateNull())));
}

/* "visaCal" and "visa-cal" are the same. */
static bool same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-')
			a++;
		while (*b == '-')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

void api_run_stream(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const cJSON *options = json_at(exchange_body(x), "options");
	const char *company = json_str(options, "companyId"), *name = json_str(options, "account");
	struct site_account account = { 0 };
	struct error why = { 0 };

	for (size_t i = 0; company && i < site_count; i++)
		if (same_name(company, sites[i]->name))
			account.site = sites[i];
	AUTO(text) char *whole = xasprintf("%s%s%s", account.site ? account.site->name : company ? company : "", name ? "/" : "",
		name ? name : "");
	if (!company || !account_read(whole, &account, &why)) {
		if (company)
			exchange_failed(x, &why);
		else
			exchange_problem(x, 400, NULL, "options.companyId is wanted, as in visaCal");
		return;
	}
	struct job *job = exchange_may_stream(x) ? start(api, x, &account, options, false) : NULL;
	if (!job)
		return;
	job->exchange = exchange_number(x);
	exchange_stream(x, stream_new(api->feed, &(struct stream_opts){ .from = -1, .as_run_stream = true }));
}

void api_scrape(void *owner, struct exchange *x)
{
	struct site_account account;

	if (!api_account(x, &account))
		return;
	struct job *job = start(owner, x, &account, exchange_body(x), true);
	if (job)
		job->exchange = exchange_number(x);
}

/* ---- how it ended ---- */

static int status_of(int code)
{
	switch (code) {
	case EXIT_OK: case EXIT_PARTIAL: return 200;
	case EXIT_USAGE: return 400;
	case EXIT_RECONNECT: return 428;
	case EXIT_NO_CODE: case EXIT_WRONG_CODE: return 428;
	case EXIT_REFUSED: return 423;
	case EXIT_BLOCKED: case EXIT_SITE: return 502;
	case EXIT_TEMPORARY: return 503;
	case EXIT_LOCKED: return 409;
	default: return 500;
	}
}

static void answer_failed(struct exchange *x, struct job *job, cJSON *result)
{
	const char *said = json_str(result, "errorMessage"), *type = json_str(result, "errorType");
	const char *message = said ? said : !strcmp(job->what, "run") ? "the run ended without a word"
		: "it was refused; the server's log says why";

	/* RFC 9457, and the shape that the requirements have. */
	AUTO(json) cJSON *json = json_object(JSON_STR("type", "about:blank"), JSON_STR("title", message),
		JSON_INT("status", status_of(job->code)),
		JSON_STR("detail", message), JSON_BOOL("success", false), JSON_STR("message", message), JSON_STR("errorType", type),
		JSON_STR("errorMessage", said), JSON_INT("exitCode", job->code));
	json_add(json, JSON_BOOL("needsReconnect", job->code == EXIT_RECONNECT));
	if (!strcmp(job->what, "export"))
		exchange_header(x, "content-disposition", "inline"); /* this is not the file */
	exchange_json(x, status_of(job->code), TAKE(json));
}

void api_job_ended(void *owner, struct job *job)
{
	struct api *api = owner;
	struct exchange *x = job->exchange ? exchange_find(api->server, job->exchange) : NULL;

	api_settle(api); /* its last words, or ours when it had none */
	api_schedules_ended(api, job);
	if (!strcmp(job->what, "about"))
		api_status_told(api, buf_text(&job->out), job->out.size);
	if (!x)
		return;
	AUTO(json) cJSON *result = job->out.full || strcmp(job->what, "export") == 0 ? NULL
		: json_parse(buf_text(&job->out), job->out.size, NULL);
	if (!strcmp(job->what, "submit") && api_form_ended(x, status_of(job->code), result))
		return;
	if (exchange_stream_of(x)) {
		const char *message = json_str(result, "errorMessage"), *type = json_str(result, "errorType");
		stream_fail(exchange_stream_of(x), type ? type : "GENERIC", message ? message : "the run ended without a word");
		server_wake_streams(api->server);
	} else if ((status_of(job->code) == 200 || (result && !strcmp(job->what, "doctor"))) && !job->out.full) {
		const size_t size = job->out.size;
		exchange_text(x, 200, strcmp(job->what, "export") ? "application/json" : "application/octet-stream",
			buf_take(&job->out), size);
	} else {
		answer_failed(x, job, result);
	}
}
