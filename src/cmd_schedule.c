/* gabbai schedule: when accounts are collected by themselves; and run-due, the scheduler of those who have cron. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "scrapers/values.h"
#include "src/cron.h"
#include "src/ending.h"
#include "src/interrupt.h"
#include "src/reach.h"
#include "src/schedule.h"
#include "src/spawn.h"
#include "src/store.h"
#include "src/zone.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { NEXT_COUNT = 5, LOOK_MS = 100, RUN_HARD_S = 1800 };

/* ---- what the command line says ---- */

/* "CRON_TZ=Asia/Jerusalem 30 7 * * *", as crontabs of elsewhere have it. */
static const char *without_zone(const char *text, char zone[ZONE_NAME_MAX])
{
	static const char mark[] = "CRON_TZ=";
	const size_t size = strncmp(text, mark, sizeof mark - 1) ? 0 : strcspn(text, " \t");

	if (!size || size - (sizeof mark - 1) >= ZONE_NAME_MAX)
		return text;
	(void)snprintf(zone, ZONE_NAME_MAX, "%.*s", (int)(size - (sizeof mark - 1)), text + sizeof mark - 1);
	return text + size + strspn(text + size, " \t");
}

struct wanted {
	char daily[CRON_DAILY_SIZE], zone[ZONE_NAME_MAX];
	const char *cron;
};

static bool read_wanted(const struct options *o, struct wanted *out, struct error *err)
{
	zone_default(out->zone);
	if (!o->daily == !o->cron)
		return fail(err, ERR_INPUT, "one of --daily HH:MM and --cron 'EXPRESSION' is wanted");
	if (o->daily) {
		if (!cron_read_daily(o->daily, out->daily, err))
			return false;
		out->cron = out->daily;
	} else {
		out->cron = without_zone(o->cron, out->zone);
	}
	if (o->zone && snprintf(out->zone, sizeof out->zone, "%s", o->zone) >= (int)sizeof out->zone)
		return fail(err, ERR_INPUT, "--tz %s: there is no time zone with so long a name", o->zone);
	return true;
}

static bool add_otp(const struct options *o, cJSON *words, struct error *err)
{
	for (size_t i = 0; i < o->otp.count; i++) {
		const char *source = o->otp.sources[i];
		if (!strchr(source, ':') && strcmp(source, "web") != 0 && strcmp(source, "totp") != 0 && strcmp(source, "telegram") != 0)
			return fail(err, ERR_INPUT, "--otp %s: nobody is there; it is web, telegram, totp, exec:[…] or file:PATH", source);
		json_add(words, JSON_STR(NULL, "--otp"));
		json_add(words, JSON_STR(NULL, source));
	}
	return true;
}

/* What its runs are started with.  Whoever looks at the server's page, or has gabbai otp, can always answer. */
static cJSON *words_of(const struct options *o, struct error *err)
{
	AUTO(json) cJSON *words = cJSON_CreateArray();
	char months[16], limit[16];
	const struct { const char *name, *value; } pairs[] = {
		{ "--login", o->quick ? "quick" : NULL }, { "--otp-channel", o->channel }, { "--search", o->search },
		{ "--since", o->since },
		{ "--future-months", o->future_months != 1 ? months : NULL }, { "--limit", o->limit != 200 ? limit : NULL },
	};

	(void)snprintf(months, sizeof months, "%d", o->future_months);
	(void)snprintf(limit, sizeof limit, "%d", o->limit);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].value) {
			json_add(words, JSON_STR(NULL, pairs[i].name));
			json_add(words, JSON_STR(NULL, pairs[i].value));
		}
	if (o->public)
		json_add(words, JSON_STR(NULL, "--public"));
	if (!otp_plan_has(&o->otp, "web")) {
		json_add(words, JSON_STR(NULL, "--otp"));
		json_add(words, JSON_STR(NULL, "web"));
	}
	return add_otp(o, words, err) ? TAKE(words) : NULL;
}

/* ---- showing ---- */

/* "2027-03-26T00:00:00.000Z" as that zone's clock: "Fri 2027-03-26 03:00 +0300". */
static void print_moment(const char *text, const struct zone *zone)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	struct value_time t;

	if (!text || !zone || !value_time(text, &t))
		return;
	const int64_t at = zone_day(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second;
	const int64_t offset = zone_offset(zone, at), minutes = (offset < 0 ? -offset : offset) / 60;
	t = zone_clock(zone, at);
	printf("%s %04d-%02d-%02d %02d:%02d %c%02d%02d", days[((zone_day(t.year, t.month, t.day) + 4) % 7 + 7) % 7], t.year, t.month,
		t.day, t.hour, t.minute, offset < 0 ? '-' : '+', (int)(minutes / 60), (int)(minutes % 60));
}

static void print_one(const cJSON *s)
{
	AUTO(zone) struct zone *zone = zone_open(json_str(s, "timezone"), NULL);
	int64_t id = 0, exit_code = 0;

	(void)json_int(s, "id", &id);
	printf("%" PRId64 "  %s/%s  %s  %s", id, json_str(s, "site"), json_str(s, "account"), json_str(s, "cron"),
		json_str(s, "timezone"));
	if (json_str(s, "quiet"))
		printf("  quiet %s", json_str(s, "quiet"));
	if (json_true(s, "paused"))
		printf("  paused");
	if (json_str(s, "next.0")) {
		printf("\n   next ");
		print_moment(json_str(s, "next.0"), zone);
	}
	if (json_at(s, "lastRun")) {
		printf("\n   last ");
		print_moment(json_str(s, "lastRun.due"), zone);
		printf("  %s", json_str(s, "lastRun.status"));
		if (json_int(s, "lastRun.exitCode", &exit_code) && exit_code)
			printf(" (%" PRId64 ")", exit_code);
		if (json_str(s, "lastRun.why"))
			printf(": %s", json_str(s, "lastRun.why"));
	}
	printf("\n");
}

static bool print_json(cJSON *json)
{
	AUTO(json) cJSON *own = json;
	AUTO(text) char *text = json_print_pretty(own);

	return puts(text) >= 0;
}

/* ---- verbs ---- */

static bool number_word(const struct options *o, int64_t *id, struct error *err)
{
	char *end = NULL;
	const char *word = o->word_count > 2 ? o->words[2] : "";

	*id = strtoll(word, &end, 10);
	return (*word && !*end && *id > 0) || fail(err, ERR_INPUT, "schedule %s wants a schedule's number; see gabbai schedule list",
		o->words[1]);
}

static bool list(const struct options *o, struct store *store, struct error *err)
{
	AUTO(json) cJSON *all = schedule_list(store, 0, 1, time(NULL), err);
	const cJSON *one;

	if (!all)
		return false;
	if (o->json)
		return print_json(TAKE(all));
	cJSON_ArrayForEach(one, all)
		print_one(one);
	if (!cJSON_GetArraySize(all))
		log_line(LOG_INFO, "there is no schedule; gabbai schedule add visa-cal --daily 07:30 makes one");
	return true;
}

/* A schedule does nothing by itself. */
static void say_who_starts(struct store *store)
{
	AUTO(text) char *url = NULL;
	AUTO(text) char *token_file = NULL;

	if (!reach_find(store, &url, &token_file))
		log_line(LOG_INFO, "no server runs now: gabbai serve starts what is due, or cron with gabbai schedule run-due");
}

static bool add(const struct options *o, struct store *store, struct error *err)
{
	struct wanted wanted;
	struct schedule s = { .jitter_s = o->jitter_s, .catch_up_s = o->catch_up_s, .quiet_from = o->quiet_from,
		.quiet_to = o->quiet_to, .attempts_max = o->attempts };
	int64_t id;

	if (o->word_count != 3)
		return fail(err, ERR_INPUT, "schedule add wants one SITE or SITE/ACCOUNT");
	if (!account_read(o->words[2], &s.account, err) || !read_wanted(o, &wanted, err))
		return false;
	AUTO(json) cJSON *words = words_of(o, err);
	s.cron = wanted.cron;
	s.zone = wanted.zone;
	s.words = words;
	if (!words || !schedule_add(store, &s, time(NULL), &id, err))
		return false;
	AUTO(json) cJSON *shown = schedule_list(store, id, 1, time(NULL), err);
	if (shown && o->json)
		return print_json(cJSON_Duplicate(cJSON_GetArrayItem(shown, 0), true));
	if (shown)
		print_one(cJSON_GetArrayItem(shown, 0));
	say_who_starts(store);
	return shown != NULL;
}

static bool take_away(const struct options *o, struct store *store, struct error *err)
{
	int64_t id;

	return number_word(o, &id, err) && schedule_remove(store, id, err);
}

static bool pause_it(const struct options *o, struct store *store, struct error *err)
{
	int64_t id;

	return number_word(o, &id, err) && schedule_pause(store, id, !strcmp(o->words[1], "pause"), time(NULL), err);
}

/* Of times that nobody has added: to see what an expression means. */
static bool next_of_words(const struct options *o, int count, struct error *err)
{
	struct wanted wanted;
	struct cron cron;
	int64_t at = time(NULL);
	char text[32];

	if (!read_wanted(o, &wanted, err) || !cron_read(wanted.cron, &cron, err))
		return false;
	AUTO(zone) struct zone *zone = zone_open(wanted.zone, err);
	AUTO(json) cJSON *all = cJSON_CreateArray();
	for (; zone && count-- > 0 && cron_next(&cron, zone, at, &at);) {
		value_instant_text(at, text);
		json_add(all, JSON_STR(NULL, text));
		if (!o->json) {
			print_moment(text, zone);
			printf("\n");
		}
	}
	return zone && (!o->json || print_json(TAKE(all)));
}

static bool next(const struct options *o, struct store *store, struct error *err)
{
	const int count = o->count ? o->count : NEXT_COUNT;
	int64_t id = 0;
	const cJSON *one, *at;

	if (o->daily || o->cron)
		return next_of_words(o, count, err);
	if (o->word_count > 2 && !number_word(o, &id, err))
		return false;
	AUTO(json) cJSON *all = schedule_list(store, id, count, time(NULL), err);
	if (!all || o->json)
		return all && print_json(TAKE(all));
	cJSON_ArrayForEach(one, all) {
		AUTO(zone) struct zone *zone = zone_open(json_str(one, "timezone"), NULL);
		print_one(one);
		cJSON_ArrayForEach(at, json_list(one, "next")) {
			printf("      ");
			print_moment(at->valuestring, zone);
			printf("\n");
		}
	}
	return true;
}

/* ---- run-due ---- */

static int wait_for(pid_t pid)
{
	const time_t begin = time(NULL);
	bool told = false;
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		const bool late = time(NULL) - begin > RUN_HARD_S;
		if ((interrupt_signal || late) && !told) {
			(void)kill(pid, SIGINT); /* it closes its browser */
			told = true;
		}
		(void)poll(NULL, 0, LOOK_MS);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool start_due(const struct options *o, struct store *store, struct due *due, struct error *err)
{
	struct due_words words;

	due_command(due, &words);
	const pid_t pid = spawn_self(o, words.list, -1, -1, err);
	if (pid < 0) {
		(void)schedule_give_back(store, due->id, NULL, time(NULL), NULL); /* else it is found when we have ended */
		return false;
	}
	const int code = wait_for(pid);
	(void)schedule_give_back(store, due->id, "it did not begin", time(NULL), NULL); /* or is what it says itself */
	printf("%s: %s (%d)\n", words.account,
		code == EXIT_OK ? "collected" : code == EXIT_PARTIAL ? "collected in part" : "not collected", code);
	return true;
}

/* One after the other, until nothing is due.  What went wrong is in the store, and of the delivery; cron hears of what kept
 * us from starting. */
static bool run_due(const struct options *o, struct store *store, struct error *err)
{
	struct due due;
	size_t count = 1;
	bool ok = true;

	while (ok && count && !interrupt_signal) {
		ok = schedule_look(store, schedule_self(), time(NULL), &due, 1, &count, err);
		if (ok && count) {
			ok = start_due(o, store, &due, err);
			due_clear(&due);
		}
	}
	return ok;
}

/* ---- systemd ---- */

static bool print_systemd(const struct options *o, struct store *store, struct error *err)
{
	char path[4096];
	const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);

	(void)o;
	(void)store;
	if (size <= 0)
		return fail_system(err, "finding out where gabbai is");
	path[size] = '\0';
	printf("# ~/.config/systemd/user/gabbai-due.service\n"
		"[Unit]\nDescription=gabbai: what is due\n\n"
		"[Service]\nType=oneshot\nExecStart=%s schedule run-due\n"
		"# SIGTERM is for gabbai alone: its browser is closed by it, and would lose cookies otherwise.\n"
		"KillMode=mixed\nTimeoutStopSec=30\nUMask=0077\n"
		"# Environment=GABBAI_DATA_DIR=%%S/gabbai\n\n"
		"# ~/.config/systemd/user/gabbai-due.timer\n"
		"[Unit]\nDescription=gabbai: looks each five minutes what is due\n\n"
		"[Timer]\nOnCalendar=*:0/5\nPersistent=true\nRandomizedDelaySec=30\n\n"
		"[Install]\nWantedBy=timers.target\n\n"
		"# systemctl --user enable --now gabbai-due.timer; loginctl enable-linger lets it run while you are not there.\n", path);
	return true;
}

/* ---- the command ---- */

static const struct command_verb verbs[] = {
	{ "list", list },
	{ "add", add },
	{ "rm", take_away },
	{ "pause", pause_it },
	{ "resume", pause_it },
	{ "next", next },
	{ "run-due", run_due },
	{ "systemd", print_systemd },
};

int cmd_schedule(const struct options *o)
{
	return command_run_verb(o, verbs, sizeof verbs / sizeof *verbs,
		"schedule wants list, add, rm, pause, resume, next, run-due or systemd");
}
