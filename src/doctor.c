#include "src/doctor.h"

#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/process.h"
#include "scrapers/scrape.h"
#include "src/account.h"
#include "src/child.h"
#include "src/definition.h"
#include "src/delivery.h"
#include "src/installation.h"
#include "src/options.h"
#include "src/place.h"
#include "src/remote.h"
#include "src/schedule.h"
#include "src/store.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
	LAUNCH_MS = 30000, REMOTE_MS = 10000, END_MS = 5000, FONTS_MS = 5000, CLOCK_S = 10,
	DISK_MB = 200, SHM_MB = 64, MEMORY_MB = 400, FILES = 256,
	SOCKET_MAX = 60, /* of the folder's name; a socket below it has some forty more, and 108 at most */
	SCHEDULE_LATE_S = 1200, /* who looks each five minutes is never so late */
	CLOCK_OFF_S = 3, CLOCK_WRONG_S = 25, /* codes by time last 30 s */
};

struct doctor {
	const struct options *options;
	const struct doctor_plan *plan;
	cJSON *about;        /* the installation */
	struct store *store; /* NULL: it does not open */
	struct error why;    /* … because */
	const char *name;    /* of the check that is on */
	cJSON *checks;
};

__attribute__((format(printf, 4, 5)))
static void say(struct doctor *d, const char *status, const char *fix, const char *format, ...)
{
	char detail[600];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	json_add(d->checks, JSON_NODE(NULL, json_object(JSON_STR("name", d->name), JSON_STR("status", status),
		JSON_STR("detail", detail), JSON_STR("fix", fix))));
}

/* ---- the browser ---- */

static bool launches(struct doctor *d, double *seconds, struct error *err)
{
	const struct cdp_launch_opts opts = { .path = d->options->browser };
	const int64_t start = clock_ms();
	struct cdp_process *process = cdp_process_start(&opts, deadline_in_ms(LAUNCH_MS), err);

	if (!process)
		return false;
	*seconds = (double)(clock_ms() - start) / 1000;
	cdp_process_stop(process, deadline_in_ms(0));
	return true;
}

static void look_at_remote(struct doctor *d, const char *name)
{
	struct error why = { 0 };
	AUTO(browser) struct cdp_browser *browser = remote_attach(d->options, deadline_in_ms(REMOTE_MS), &why);

	if (browser)
		say(d, "pass", NULL, "%s at %s", cdp_browser_version(browser), name);
	else
		say(d, "fail", "look at --browser-url and --browser-headers", "%s", why.text);
}

static void look_at_browser(struct doctor *d)
{
	const char *path = json_str(d->about, "browser.path"), *version = json_str(d->about, "browser.version");
	const char *missing = json_str(d->about, "browser.error");
	struct error why = { 0 };
	double seconds = 0;

	if (missing)
		say(d, "fail", "apt install chromium, or --browser PATH", "%s", missing);
	else if (d->options->browser_url)
		look_at_remote(d, path);
	else if (!launches(d, &seconds, &why))
		say(d, "fail", "apt install chromium, or --browser PATH", "%s does not start: %s", path, why.text);
	else
		say(d, "pass", NULL, "%s (%s), starts in %.1f s", version ? version : "no version", path, seconds);
}

static void look_at_sandbox(struct doctor *d)
{
	if (d->options->browser_url)
		return;
	if (geteuid() == 0)
		say(d, "warn", "run gabbai as an ordinary user", "root's browser has no sandbox");
	else
		say(d, "pass", NULL, "the browser has its own");
}

static void look_at_display(struct doctor *d)
{
	const char *display = getenv("WAYLAND_DISPLAY") ? getenv("WAYLAND_DISPLAY") : getenv("DISPLAY");

	if (display && *display)
		say(d, "pass", NULL, "%s: accounts can be connected in a window", display);
	else
		say(d, "pass", NULL, "none: connect accounts with --via guided, or in the page of gabbai serve");
}

static void look_at_fonts(struct doctor *d)
{
	struct buf said = { .size_max = 1 << 20 };
	struct child *child = child_start("[\"fc-list\", \":lang=he\", \"family\"]", NULL, NULL);
	const bool ok = child && child_finish(child, &said, deadline_in_ms(FONTS_MS), NULL);

	if (!ok)
		say(d, "warn", "apt install fontconfig", "fc-list does not say which there are");
	else if (!said.size)
		say(d, "warn", "apt install culmus, or fonts-dejavu", "none for Hebrew: pictures of pages have boxes for letters");
	else
		say(d, "pass", NULL, "there are some for Hebrew");
	buf_clear(&said);
}

/* ---- what is kept ---- */

static void look_at_key(struct doctor *d)
{
	const char *why = json_str(d->about, "key.error"), *id = json_str(d->about, "key.id");

	if (why)
		say(d, "fail", "gabbai key check", "%s", why);
	else if (id)
		say(d, "pass", NULL, "%s, from %s", id, json_str(d->about, "key.source"));
	else
		say(d, "pass", NULL, "none yet: it is made when something is saved");
}

/* What is ours is nobody else's. */
static void look_at_permissions(struct doctor *d)
{
	static const struct { const char *name; mode_t mode; } ours[] = { { "", 0700 }, { "gabbai.db", 0600 } };
	bool open = false;

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		AUTO(text) char *path = place_of_data(ours[i].name, NULL);
		struct stat is;
		if (!path || stat(path, &is) != 0 || !(is.st_mode & 077))
			continue;
		if (d->plan->fix && chmod(path, ours[i].mode) == 0) {
			say(d, "pass", NULL, "%s was open to others, and is no more", path);
			continue;
		}
		open = true;
		say(d, "fail", "gabbai doctor --fix", "other users of this machine can read %s", path);
	}
	if (!open)
		say(d, "pass", NULL, "%s is yours alone", json_str(d->about, "dataDir"));
}

static void look_at_store(struct doctor *d)
{
	struct error why = { 0 };

	if (!d->store) {
		say(d, "fail", "put a backup in its place, or move it away", "%s", d->why.text);
		return;
	}
	AUTO(rows) struct rows *rows = store_ask(d->store, "PRAGMA quick_check(1)", NULL, &why);
	const char *result = rows && rows_next(rows, &why) ? rows_text(rows, 0) : why.text;
	AUTO(text) char *path = place_of_data("gabbai.db", NULL);
	struct stat is = { 0 };
	if (strcmp(result, "ok") != 0)
		say(d, "fail", "put a backup in its place", "%s is damaged: %s", path, result);
	else if (path && stat(path, &is) == 0)
		say(d, "pass", NULL, "%s, %.1f MB, intact", path, (double)is.st_size / 1e6);
}

static void look_at_disk(struct doctor *d)
{
	const char *folder = json_str(d->about, "dataDir");
	struct statvfs is;

	if (statvfs(folder, &is) != 0)
		return;
	const double free_mb = (double)is.f_bavail * (double)is.f_frsize / 1e6;
	say(d, free_mb < DISK_MB ? "warn" : "pass", free_mb < DISK_MB ? "make room" : NULL, "%.0f MB are free at %s", free_mb,
		folder);
}

/* ---- the machine ---- */

static void look_at_memory(struct doctor *d)
{
	AUTO(file) FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kb = -1;
	struct statvfs shm;

	while (f && kb < 0 && fgets(line, sizeof line, f))
		(void)sscanf(line, "MemAvailable: %ld", &kb);
	if (kb >= 0)
		say(d, kb / 1000 < MEMORY_MB ? "warn" : "pass", kb / 1000 < MEMORY_MB ? "a browser wants some 400 MB" : NULL,
			"%ld MB can be had", kb / 1000);
	if (statvfs("/dev/shm", &shm) == 0 && (double)shm.f_blocks * (double)shm.f_frsize / 1e6 < SHM_MB)
		say(d, "warn", "docker run --shm-size=256m", "/dev/shm is small");
}

static void look_at_files(struct doctor *d)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES)
		say(d, "fail", "ulimit -n 1024", "%llu open files are allowed, and a browser wants %d",
			(unsigned long long)limit.rlim_cur,
			FILES);
	else
		say(d, "pass", NULL, "enough may be open");
}

/* Where browsers have their run directories. */
static void look_at_runtime(struct doctor *d)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");

	if (!folder || !*folder)
		folder = "/tmp";
	if (d->plan->fix)
		cdp_process_sweep(NULL);
	if (access(folder, W_OK | X_OK) != 0)
		say(d, "fail", "set XDG_RUNTIME_DIR to a folder of yours", "%s: %s", folder, strerror(errno));
	else if (strlen(folder) > SOCKET_MAX)
		say(d, "fail", "set XDG_RUNTIME_DIR to a shorter one", "%s is too long a name for sockets", folder);
	else
		say(d, "pass", NULL, "%s", folder);
}

static void look_at_zones(struct doctor *d)
{
	if (access("/usr/share/zoneinfo/Asia/Jerusalem", R_OK) == 0)
		say(d, "pass", NULL, "there are time zones");
	else
		say(d, "fail", "apt install tzdata", "/usr/share/zoneinfo is not there: dates of sites would be those of UTC");
}

static size_t drop(char *data, size_t size, size_t count, void *user)
{
	(void)data;
	(void)user;
	return size * count;
}

/* What time it is at URL; 0: it did not say. */
static time_t time_at(const struct options *o, const char *url, char why[CURL_ERROR_SIZE])
{
	CURL *curl = curl_easy_init();
	struct curl_slist *to = NULL;
	struct curl_header *date;
	time_t is = 0;

	for (size_t i = 0; i < o->connect_to_count; i++)
		to = curl_slist_append(to, o->connect_to[i]);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CLOCK_S);
	curl_easy_setopt(curl, CURLOPT_CONNECT_TO, to);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	if (o->cacert)
		curl_easy_setopt(curl, CURLOPT_CAINFO, o->cacert);
	if (curl_easy_perform(curl) == CURLE_OK && curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &date) == CURLHE_OK)
		is = curl_getdate(date->value, NULL);
	curl_slist_free_all(to);
	curl_easy_cleanup(curl);
	return is > 0 ? is : 0;
}

/* Against the clock of a site that there is an account at: its codes come by that one. */
static void look_at_clock(struct doctor *d)
{
	AUTO(json) cJSON *accounts = d->store ? account_list(d->store, NULL, NULL, NULL) : NULL;
	const char *name = json_str(cJSON_GetArrayItem(accounts, 0), "site");
	const struct site *site = name ? site_find(name) : NULL;
	char why[CURL_ERROR_SIZE] = "";

	if (d->plan->offline || !site)
		return;
	AUTO(json) cJSON *definition = definition_read(site, NULL);
	const char *url = definition ? json_str(definition, "pages.home") : NULL;
	const time_t there = url ? time_at(d->options, url, why) : 0;
	const long off = there ? labs((long)(time(NULL) - there)) : 0;
	if (!there)
		say(d, "warn", "look at the network", "%s does not answer: %s", site->title, *why ? why : "it says no time");
	else if (off >= CLOCK_WRONG_S)
		say(d, "fail", "timedatectl set-ntp true", "%ld s off %s's: codes by time are refused", off, site->title);
	else if (off > CLOCK_OFF_S)
		say(d, "warn", "timedatectl set-ntp true", "%ld s off %s's", off, site->title);
	else
		say(d, "pass", NULL, "the same as %s's", site->title);
}

/* ---- sites and accounts ---- */

static void look_at_definitions(struct doctor *d)
{
	bool all = true;

	for (size_t i = 0; i < site_count; i++) {
		struct error why = { 0 };
		AUTO(json) cJSON *definition = definition_read(sites[i], &why);
		if (definition)
			continue;
		all = false;
		say(d, "fail", "mend the file, or remove it", "%s", why.text);
	}
	if (all)
		say(d, "pass", NULL, "%zu sites", site_count);
}

static void look_at_accounts(struct doctor *d)
{
	AUTO(json) cJSON *accounts = d->store ? account_list(d->store, NULL, NULL, NULL) : NULL;
	const cJSON *one;

	cJSON_ArrayForEach (one, accounts) {
		const char *site = json_str(one, "site"), *name = json_str(one, "account"), *parked = json_str(one, "parked");
		AUTO(text) char *fix = parked ? xasprintf("gabbai secret set %s/%s, or gabbai unpark %s/%s", site, name, site, name)
			: xasprintf("gabbai connect %s/%s", site, name);
		if (parked)
			say(d, "warn", fix, "%s/%s is parked: %s", site, name, parked);
		else if (json_true(one, "needsReconnect"))
			say(d, "warn", fix, "%s/%s has to be connected again", site, name);
	}
}

/* Whether anybody starts what is due, and how it went. */
static void look_at_schedules(struct doctor *d)
{
	const int64_t now = time(NULL), wake = d->store ? schedule_wake(d->store) : INT64_MAX;
	AUTO(json) cJSON *list = d->store ? schedule_list(d->store, 0, 1, now, NULL) : NULL;
	const cJSON *one;
	bool well = wake + SCHEDULE_LATE_S > now || wake == INT64_MAX;

	if (!well)
		say(d, "fail", "start gabbai serve, or have cron start gabbai schedule run-due",
			"nobody looks at the schedules: something has been due for %lld minutes", (long long)(now - wake) / 60);
	cJSON_ArrayForEach (one, list) {
		const char *why = json_str(one, "lastRun.why");
		if (!json_str(one, "next.0") && !json_true(one, "paused")) {
			well = false;
			say(d, "fail", "apt install tzdata, or add it anew", "the schedule of %s/%s is never due: %s, %s",
				json_str(one, "site"), json_str(one, "account"), json_str(one, "cron"), json_str(one, "timezone"));
		} else if (json_str(one, "lastRun.status") && !strcmp(json_str(one, "lastRun.status"), "failed")) {
			well = false;
			say(d, "warn", "gabbai history", "the last run by schedule of %s/%s: %s", json_str(one, "site"),
				json_str(one, "account"), why ? why : "it did not go well");
		}
	}
	if (well && cJSON_GetArraySize(list))
		say(d, "pass", NULL, "%d", cJSON_GetArraySize(list));
}

static void look_at_deliveries(struct doctor *d)
{
	AUTO(json) cJSON *list = d->store ? delivery_list(d->store, NULL) : NULL;
	const cJSON *one;

	cJSON_ArrayForEach (one, list)
		if (json_str(one, "lastError")) {
			AUTO(text) char *fix = xasprintf("gabbai deliver test %s", json_str(one, "name"));
			say(d, "warn", fix, "the delivery \"%s\" did not arrive: %s", json_str(one, "name"), json_str(one, "lastError"));
		}
}

cJSON *doctor_look(const struct options *o, const struct doctor_plan *plan)
{
	static const struct {
		const char *name;
		void (*look)(struct doctor *d);
	} checks[] = {
		{ "browser", look_at_browser }, { "sandbox", look_at_sandbox }, { "display", look_at_display },
		{ "fonts", look_at_fonts }, { "key", look_at_key }, { "permissions", look_at_permissions },
		{ "store", look_at_store }, { "disk", look_at_disk }, { "memory", look_at_memory }, { "files", look_at_files },
		{ "run folder", look_at_runtime }, { "time zones", look_at_zones }, { "clock", look_at_clock },
		{ "sites", look_at_definitions }, { "account", look_at_accounts }, { "schedules", look_at_schedules },
		{ "deliveries", look_at_deliveries },
	};
	struct doctor d = { .options = o, .plan = plan, .checks = cJSON_CreateArray() };

	d.about = installation_describe(o, &d.why);
	d.store = d.about ? store_open(&d.why) : NULL;
	if (!d.about)
		d.name = "data", say(&d, "fail", "--data-dir DIR", "%s", d.why.text);
	for (size_t i = 0; d.about && i < sizeof checks / sizeof *checks; i++) {
		d.name = checks[i].name;
		checks[i].look(&d);
	}
	store_free(d.store);
	cJSON_Delete(d.about);
	return d.checks;
}
