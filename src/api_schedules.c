/* Schedules: the scheduler of gabbai serve, and what the page does with them. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/cron.h"
#include "src/jobs.h"
#include "src/options.h"
#include "src/otp.h"
#include "src/schedule.h"
#include "src/store.h"
#include "src/zone.h"

#include <string.h>
#include <time.h>

enum {
	LOOK_S = 30,              /* for what no row says: processes that are gone, a clock that was set back */
	RUN_HARD_S = 1800,        /* a run that has not ended by then hangs; waiting for a code is not counted */
	STARTED_MAX = 2 * JOBS_MAX,
	AT_ONCE_MAX = 3,          /* each may be a browser; the others follow when one has ended */
	NEXT_COUNT = 5, NEXT_MAX = 100,
};

struct scheduler {
	time_t looked_at;
	struct { pid_t pid; time_t until; } started[STARTED_MAX];
};

void api_schedules_free(struct api *api)
{
	free(api->scheduler);
	api->scheduler = NULL;
}

/* ---- the scheduler ---- */

static void remember(struct api *api, pid_t pid, time_t now)
{
	struct scheduler *s = api->scheduler;
	const int patience_ms = api->options->otp.wait_ms ? api->options->otp.wait_ms : OTP_WAIT_MS;

	for (size_t i = 0; i < STARTED_MAX; i++)
		if (!s->started[i].pid || !jobs_by_pid(api->jobs, s->started[i].pid)) {
			s->started[i].pid = pid;
			s->started[i].until = now + RUN_HARD_S + patience_ms / 1000;
			return;
		}
}

static size_t running(const struct api *api)
{
	size_t count = 0;

	for (size_t i = 0; i < STARTED_MAX; i++) {
		const pid_t pid = api->scheduler->started[i].pid;
		count += pid && jobs_by_pid(api->jobs, pid);
	}
	return count;
}

static void end_those_that_hang(struct api *api, time_t now)
{
	struct scheduler *s = api->scheduler;

	for (size_t i = 0; i < STARTED_MAX; i++) {
		struct job *job = s->started[i].pid && s->started[i].until <= now ? jobs_by_pid(api->jobs, s->started[i].pid) : NULL;
		if (job) {
			log_line(LOG_WARN, "%s/%s: the run has not ended in %d minutes, and is interrupted", job->site, job->account,
				RUN_HARD_S / 60);
			job_interrupt(job);
			s->started[i].pid = 0;
		}
	}
}

static void start(struct api *api, struct due *due, time_t now)
{
	struct due_words words;
	struct error why = { 0 };

	due_command(due, &words);
	struct job *job = jobs_start(api->jobs, due->account.site->name, due->account.name, words.list, NULL, &why);
	if (job) {
		job->due = due->id;
		remember(api, job->pid, now);
	} else {
		log_line(LOG_WARN, "%s is due and cannot be started: %s", words.account, why.text);
		(void)schedule_give_back(api->store, due->id, NULL, now, NULL); /* or it is found when we have ended */
	}
}

void api_schedules_tick(struct api *api)
{
	const time_t now = time(NULL);
	struct due due[DUE_MAX];
	struct error why = { 0 };
	size_t count;

	if (!api->scheduler)
		api->scheduler = xcalloc(1, sizeof *api->scheduler);
	const time_t since = now - api->scheduler->looked_at;
	const size_t busy = running(api), room = busy < AT_ONCE_MAX ? AT_ONCE_MAX - busy : 0;
	const bool may_wait = !room || schedule_wake(api->store) > now;
	if (api->options->no_scheduler || (may_wait && since >= 0 && since < LOOK_S))
		return;
	api->scheduler->looked_at = now;
	end_those_that_hang(api, now);
	if (!schedule_look(api->store, schedule_self(), now, due, room, &count, &why)) {
		log_line(LOG_WARN, "schedules: %s", why.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		start(api, &due[i], now);
		due_clear(&due[i]);
	}
}

void api_schedules_ended(struct api *api, const struct job *job)
{
	/* One that did not even begin; the run itself says how it ended. */
	if (job->due)
		(void)schedule_give_back(api->store, job->due, "it did not begin", time(NULL), NULL);
}

/* ---- routes ---- */

static int64_t number_of(const char *text, int64_t otherwise, int64_t max)
{
	char *end;
	const long long value = text ? strtoll(text, &end, 10) : 0;

	return !text || end == text || *end || value < 0 || value > max ? otherwise : value;
}

static void reply_refused(struct exchange *x, const struct error *why)
{
	if (why->code == ERR_INPUT)
		exchange_problem(x, 422, NULL, "%s", why->text);
	else
		exchange_failed(x, why);
}

void api_schedules(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	const int count = (int)number_of(exchange_query(x, "n"), NEXT_COUNT, NEXT_MAX);
	cJSON *list = schedule_list(api->store, 0, count, time(NULL), &why);

	api_reply(x, list ? json_object(JSON_NODE("schedules", list)) : NULL, &why);
}

/* When an expression would be due: for whoever writes one. */
void api_schedule_next(void *owner, struct exchange *x)
{
	const char *text = exchange_query(x, "cron"), *daily = exchange_query(x, "daily"), *name = exchange_query(x, "timezone");
	char by_day[CRON_DAILY_SIZE], machine[ZONE_NAME_MAX], moment[32];
	struct error why = { 0 };
	struct cron cron;
	int64_t at = time(NULL);

	(void)owner;
	zone_default(machine);
	if (daily && cron_read_daily(daily, by_day, &why))
		text = by_day;
	if (!why.code && !text)
		fail(&why, ERR_INPUT, "cron or daily is wanted");
	AUTO(zone) struct zone *zone = why.code ? NULL : zone_open(name ? name : machine, &why);
	if (!zone || !cron_read(text, &cron, &why)) {
		reply_refused(x, &why);
		return;
	}
	cJSON *list = cJSON_CreateArray();
	for (int i = (int)number_of(exchange_query(x, "n"), NEXT_COUNT, NEXT_MAX); i > 0 && cron_next(&cron, zone, at, &at); i--) {
		value_instant_text(at, moment);
		json_add(list, JSON_STR(NULL, moment));
	}
	exchange_json(x, 200, json_object(JSON_STR("timezone", zone_name(zone)), JSON_STR("cron", text), JSON_NODE("next", list)));
}

static bool read_quiet(const char *text, struct schedule *s, struct error *err)
{
	return !text || schedule_read_hours(text, &s->quiet_from, &s->quiet_to)
		|| fail(err, ERR_INPUT, "quiet hours are two times like 22:00-08:00");
}

static bool whole(const cJSON *body, const char *name, int64_t low, int64_t high, int64_t *out, struct error *err)
{
	int64_t value;

	if (!json_at(body, name))
		return true;
	if (!json_int(body, name, &value) || value < low || value > high)
		return fail(err, ERR_INPUT, "%s is a number from %lld to %lld", name, (long long)low, (long long)high);
	*out = value;
	return true;
}

static bool read_account(const cJSON *body, struct schedule *s, struct error *err)
{
	const char *site = json_str(body, "site"), *account = json_str(body, "account");
	AUTO(text) char *whole_name = xasprintf("%s%s%s", site ? site : "", account ? "/" : "", account ? account : "");

	return account_read(whole_name, &s->account, err);
}

/* The page's runs ask by the page. */
static cJSON *words_of(const cJSON *body)
{
	cJSON *words = json_array(JSON_STR(NULL, "--otp"), JSON_STR(NULL, "web"));

	if (json_str(body, "login") && !strcmp(json_str(body, "login"), "quick")) {
		json_add(words, JSON_STR(NULL, "--login"));
		json_add(words, JSON_STR(NULL, "quick"));
	}
	return words;
}

void api_schedule_add(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const cJSON *body = exchange_body(x);
	char by_day[CRON_DAILY_SIZE], machine[ZONE_NAME_MAX];
	const char *daily = json_str(body, "daily"), *zone = json_str(body, "timezone");
	AUTO(json) cJSON *words = words_of(body);
	struct schedule s = { .cron = json_str(body, "cron"), .jitter_s = SCHEDULE_JITTER_S, .catch_up_s = SCHEDULE_ALWAYS,
		.quiet_from = SCHEDULE_NEVER_QUIET, .words = words };
	int64_t attempts = SCHEDULE_ATTEMPTS, id;
	struct error why = { 0 };

	zone_default(machine);
	s.zone = zone ? zone : machine;
	bool ok = read_account(body, &s, &why) && read_quiet(json_str(body, "quiet"), &s, &why)
		&& whole(body, "jitter", 0, 86400, &s.jitter_s, &why)
		&& whole(body, "catchUp", SCHEDULE_ALWAYS, 366LL * 86400, &s.catch_up_s, &why)
		&& whole(body, "attempts", 1, 20, &attempts, &why)
		&& (!daily || cron_read_daily(daily, by_day, &why));
	if (ok && daily)
		s.cron = by_day;
	if (ok && !s.cron)
		ok = fail(&why, ERR_INPUT, "cron or daily is wanted");
	s.attempts_max = (int)attempts;
	if (!ok || !schedule_add(api->store, &s, time(NULL), &id, &why)) {
		reply_refused(x, &why);
		return;
	}
	AUTO(json) cJSON *list = schedule_list(api->store, id, NEXT_COUNT, time(NULL), &why);
	if (list)
		exchange_json(x, 201, cJSON_DetachItemFromArray(list, 0));
	else
		exchange_failed(x, &why);
}

static void done(struct exchange *x, bool ok, const struct error *why)
{
	if (ok)
		exchange_json(x, 200, json_object(JSON_BOOL("success", true)));
	else if (why->code == ERR_INPUT)
		exchange_problem(x, 404, NULL, "there is no such schedule");
	else
		exchange_failed(x, why);
}

static int64_t id_of(const struct exchange *x)
{
	return number_of(exchange_part(x, 0), 0, INT64_MAX);
}

void api_schedule_remove(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };

	done(x, schedule_remove(api->store, id_of(x), &why), &why);
}

void api_schedule_pause(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };

	done(x, schedule_pause(api->store, id_of(x), true, time(NULL), &why), &why);
}

void api_schedule_resume(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };

	done(x, schedule_pause(api->store, id_of(x), false, time(NULL), &why), &why);
}
