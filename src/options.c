#include "src/options.h"

#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/account.h"
#include "src/schedule.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
	OPT_DATA_DIR = 256, OPT_BROWSER, OPT_BROWSER_URL, OPT_CONNECT_TO, OPT_CACERT, OPT_JSON, OPT_LOG_FORMAT, OPT_NO_INPUT,
	OPT_VERSION, OPT_SINCE, OPT_FUTURE, OPT_LOGIN, OPT_OTP, OPT_OTP_TIMEOUT, OPT_HEADED, OPT_NO_LOGIN, OPT_NO_SAVE, OPT_EVENTS,
	OPT_MAX_LOGINS, OPT_TIER, OPT_CDP, OPT_VIA, OPT_TIMEOUT, OPT_LIMIT, OPT_SEARCH, OPT_PUBLIC, OPT_UNTIL, OPT_CARD, OPT_PENDING,
	OPT_BOM, OPT_OFX_VERSION, OPT_FROM, OPT_CHANNEL, OPT_LISTEN, OPT_PROXY,
	OPT_TLS_CERT, OPT_TLS_KEY, OPT_TOKEN_FILE, OPT_DAILY, OPT_CRON, OPT_TZ, OPT_JITTER, OPT_CATCH_UP, OPT_ATTEMPTS,
	OPT_DUE, OPT_NO_SCHEDULER, OPT_DELIVER, OPT_WANTS, OPT_SITE, OPT_NEW_ONLY, OPT_FIX, OPT_OFFLINE, OPT_BROWSER_HEADERS,
	OPT_INSECURE, OPT_NO_ARTEFACTS, OPT_ARTIFACTS, OPT_FORM, OPT_SESSION, OPT_STEP, OPT_PREVIOUS, OPT_BROWSER_ONLY,
	OPT_NO_RETRY,
};

static const struct {
	const char *name, *value; /* NULL: takes none */
	int id;
	const char *help;
	const char *env; /* says it where the command line does not */
	const char *choices; /* its values, with blanks between */
} table[] = {
	{ "format", "FORMAT", 'f', "table (default), json, ndjson, csv, ibs, moneyman, ofx, qif, ledger, beancount",
		.choices = "table json ndjson csv ibs moneyman ofx qif ledger beancount" },
	{ "output", "FILE", 'o', "write the result to FILE instead of the standard output" },
	{ "since", "DATE", OPT_SINCE, "first day, YYYY-MM-DD (default: as far as the site goes)" },
	{ "until", "DATE", OPT_UNTIL, "last day, of what is exported" },
	{ "account", "CARD", OPT_CARD, "export this card only" },
	{ "pending", NULL, OPT_PENDING, "export pending transactions, too" },
	{ "bom", NULL, OPT_BOM, "begin csv with a byte order mark, for Excel" },
	{ "ofx-version", "VERSION", OPT_OFX_VERSION, "211 (default), or 102 for old readers", .choices = "211 102" },
	{ "count", "N", 'n', "how many runs history shows (default: 20)" },
	{ "future-months", "N", OPT_FUTURE, "months ahead to collect (default: 1)" },
	{ "limit", "N", OPT_LIMIT, "products at most (default: 200)" },
	{ "search", "TEXT", OPT_SEARCH, "products to look for" },
	{ "public", NULL, OPT_PUBLIC, "what the site shows without a login" },
	{ "login", "HOW", OPT_LOGIN, "password (default) or quick (a code alone)", .choices = "password quick" },
	{ "otp", "SOURCE", OPT_OTP, "tty, web, telegram, exec:[\"argv\",...], file:PATH, totp or a code; several may be given" },
	{ "otp-channel", "HOW", OPT_CHANNEL, "where the site asks how to send it: sms, email, whatsapp, call or totp",
		.choices = "sms email whatsapp call totp" },
	{ "otp-timeout", "SECONDS", OPT_OTP_TIMEOUT, "how long to wait for a code (default: 300)" },
	{ "headed", NULL, OPT_HEADED, "show the browser" },
	{ "no-login", NULL, OPT_NO_LOGIN, "use a saved session or fail" },
	{ "no-save", NULL, OPT_NO_SAVE, "keep neither the session nor what is collected" },
	{ "no-artefacts", NULL, OPT_NO_ARTEFACTS, "keep nothing of the page when a run fails", "GABBAI_NO_ARTEFACTS" },
	{ "artifacts", "DIR", OPT_ARTIFACTS, "show: copy to DIR what is left of a run that failed" },
	{ "tier", "TIER", OPT_TIER, "the first way that is tried: direct (default), restored or login",
		.choices = "direct restored login" },
	{ "max-logins", "N", OPT_MAX_LOGINS, "logins a day that are tried at most (default: 4)" },
	{ "events", NULL, OPT_EVENTS, "what happens, as a line of JSON each, on the standard error" },
	{ "browser", "PATH", OPT_BROWSER, "the Chromium to start" },
	{ "browser-url", "URL", OPT_BROWSER_URL, "a running browser, ws:// or http://host:port; with a token, by the variable",
		"GABBAI_BROWSER_URL" },
	{ "browser-headers", "FILE", OPT_BROWSER_HEADERS, "lines of \"Name: value\" that its endpoint wants",
		"GABBAI_BROWSER_HEADERS" },
	{ "insecure", NULL, OPT_INSECURE, "a browser on another machine may be reached without TLS" },
	{ "connect-to", "RULE", OPT_CONNECT_TO, "HOST:PORT:ADDRESS:PORT as curl's, for browser and requests" },
	{ "cacert", "FILE", OPT_CACERT, "certificates to trust, for test sites" },
	{ "via", "HOW", OPT_VIA, "connect: headed (a window; default), live or guided (in the page of serve), or import (a file)",
		.choices = "headed live guided import" },
	{ "timeout", "TIME", OPT_TIMEOUT,
		"connect: how long to wait for you, like 90s or 10m (default: 10m); submit: for the site (30s)" },
	{ "cdp", "URL", OPT_CDP, "a running browser, to import a session from" },
	{ "from", "WHERE", OPT_FROM, "secret set: env:NAME, file:/PATH, exec:[\"argv\",...] or totp:URI, not asked for" },
	{ "data", "NAME=VALUE", 'd', "submit: a field; NAME=@- is asked for, NAME=@env:X, @file:PATH, @exec:[...]; @- alone: JSON" },
	{ "file", "NAME=@PATH", 'F', "submit: a file; behind it ;type=TYPE and ;filename=NAME" },
	{ "form", "CSS", OPT_FORM, "submit: which form, where the fields do not say it" },
	{ "session", "NAME", OPT_SESSION, "submit: begin with this session, and save it under this name" },
	{ "step", NULL, OPT_STEP, "submit: this is one step of several" },
	{ "previous", "DATA", OPT_PREVIOUS, "submit: what the step before has left (previousStepData); @PATH: in a file" },
	{ "learn", NULL, OPT_BROWSER_ONLY, "submit: in the browser, whatever was learned" },
	{ "no-otp-retry", NULL, OPT_NO_RETRY, "submit: when a code is wanted, say so and end" },
	{ "listen", "ADDRESS:PORT", OPT_LISTEN, "serve: where (default: 127.0.0.1:7070, or $PORT)", "GABBAI_LISTEN" },
	{ "behind-proxy", "HOST", OPT_PROXY, "serve: the name under which a proxy with TLS is reached", "GABBAI_BEHIND_PROXY" },
	{ "tls-cert", "FILE", OPT_TLS_CERT, "serve: a certificate, with --tls-key" },
	{ "tls-key", "FILE", OPT_TLS_KEY, "serve: its key" },
	{ "token-file", "FILE", OPT_TOKEN_FILE, "serve: the token of the API (default: one that is made and kept)",
		"GABBAI_TOKEN_FILE" },
	{ "daily", "HH:MM", OPT_DAILY, "schedule: every day at this time" },
	{ "cron", "EXPRESSION", OPT_CRON, "schedule: five fields as crontab(5) has them, or @daily and the like" },
	{ "tz", "ZONE", OPT_TZ, "schedule: whose clock it is, like Asia/Jerusalem (default: this machine's)" },
	{ "jitter", "TIME", OPT_JITTER, "schedule: start up to so much later (default: 15m)" },
	{ "catch-up", "TIME", OPT_CATCH_UP, "schedule: how late what was missed is started: never, always (default), 12h" },
	{ "attempts", "N", OPT_ATTEMPTS, "schedule: how often a run that met passing trouble is tried (default: 3)" },
	{ "deliver", NULL, OPT_DELIVER, "run: deliver what is new, as after a run by schedule" },
	{ "on", "WHAT", OPT_WANTS, "deliver add: results, needs (a code, a login) or all (default)",
		.choices = "results needs all" },
	{ "site", "SITE", OPT_SITE, "deliver add, simplefin token: of this site only" },
	{ "new-only", NULL, OPT_NEW_ONLY, "deliver add, run: what no run has seen before" },
	{ "no-scheduler", NULL, OPT_NO_SCHEDULER, "serve: start nothing by itself" },
	{ "due", "ID", OPT_DUE, "run: the due run that this is; for schedulers" },
	{ "fix", NULL, OPT_FIX, "doctor: mend what gabbai itself can have left" },
	{ "offline", NULL, OPT_OFFLINE, "doctor: ask no site what time it is" },
	{ "data-dir", "DIR", OPT_DATA_DIR, "where everything is kept" },
	{ "json", NULL, OPT_JSON, "the same as --format json" },
	{ "no-input", NULL, OPT_NO_INPUT, "never ask on the terminal" },
	{ "log-format", "FORMAT", OPT_LOG_FORMAT, "text (default) or json", .choices = "text json" },
	{ "quiet", NULL, 'q', "tell only what goes wrong; schedule: HH:MM-HH:MM after it is when no code is asked for" },
	{ "verbose", NULL, 'v', "tell more; twice: also every message to and from the browser, secrets masked" },
	{ "help", NULL, 'h', "this text" },
	{ "version", NULL, OPT_VERSION, "the version" },
};
enum { OPTIONS = sizeof table / sizeof *table };

bool options_at(size_t index, struct option_info *out)
{
	if (index >= OPTIONS)
		return false;
	*out = (struct option_info){
		.letter = table[index].id < 256 ? (char)table[index].id : 0, .name = table[index].name, .value = table[index].value,
		.choices = table[index].choices, .help = table[index].help, .env = table[index].env,
	};
	return true;
}

void options_print(void)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[64];
		(void)snprintf(left, sizeof left, "%c%c --%s%s%s", table[i].id < 256 ? '-' : ' ', table[i].id < 256 ? table[i].id : ' ',
			table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
		printf("  %-28s %s%s%s%s\n", left, table[i].help, table[i].env ? " [" : "", table[i].env ? table[i].env : "",
			table[i].env ? "]" : "");
	}
}

static bool number(const char *text, long max, int *out)
{
	char *end;
	const long value = strtol(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || value > max)
		return false;
	*out = (int)value;
	return true;
}

/* "90s", "10m", "1h"; a number alone is seconds. */
static bool duration(const char *text, int *ms)
{
	static const char units[] = "smh";
	static const int unit_s[] = { 1, 60, 3600 };
	const size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? strchr(units, text[digits]) : units;
	const long value = strtol(text, NULL, 10);

	if (!digits || digits > 5 || !unit || (text[digits] && text[digits + 1]))
		return false;
	const int64_t all = (int64_t)value * unit_s[unit - units] * 1000;
	*ms = (int)all;
	return all > 0 && all <= 86400000;
}

/* The same and days, "3d", or nothing at all, "0". */
static bool seconds(const char *text, int64_t *out)
{
	const size_t digits = strspn(text, "0123456789");
	int ms;

	*out = strtol(text, NULL, 10) * 86400L;
	if (digits && digits < 5 && !strcmp(text + digits, "d"))
		return true;
	if (!strcmp(text, "0"))
		return *out = 0, true;
	if (!duration(text, &ms))
		return false;
	*out = ms / 1000;
	return true;
}

/* HOST:PORT:ADDRESS:PORT with three colons and nothing that could be another flag. */
static bool connect_rule_ok(const char *rule)
{
	int colons = 0;

	for (const char *p = rule; *p; p++) {
		if (*p == ':')
			colons++;
		else if (!isalnum((unsigned char)*p) && !strchr(".-*_", *p))
			return false;
	}
	return colons == 3;
}

static bool add_source(struct options *o, const char *source, struct error *err)
{
	if (!otp_source_ok(source, err))
		return false;
	if (o->otp.count == OTP_SOURCES_MAX)
		return fail(err, ERR_INPUT, "at most %d times --otp", OTP_SOURCES_MAX);
	o->otp.sources[o->otp.count++] = source;
	return true;
}

static bool add_connection(struct options *o, const char *rule, struct error *err)
{
	if (!connect_rule_ok(rule))
		return fail(err, ERR_INPUT, "--connect-to %s: wants HOST:PORT:ADDRESS:PORT", rule);
	if (o->connect_to_count == CONNECT_TO_MAX)
		return fail(err, ERR_INPUT, "at most %d times --connect-to", CONNECT_TO_MAX);
	o->connect_to[o->connect_to_count++] = rule;
	return true;
}

static bool add_text(const char **list, size_t *count, const char *value, const char *option, struct error *err)
{
	if (*count == DATA_MAX)
		return fail(err, ERR_INPUT, "at most %d times %s", DATA_MAX, option);
	list[(*count)++] = value;
	return true;
}

static bool set_tier(struct options *o, const char *name, struct error *err)
{
	for (int tier = TIER_DIRECT; tier <= TIER_LOGIN; tier++) {
		if (strcmp(name, scrape_tier_name((enum scrape_tier)tier)) != 0)
			continue;
		o->tier = (enum scrape_tier)tier;
		return true;
	}
	return fail(err, ERR_INPUT, "--tier %s: there are direct, restored and login", name);
}

static bool set_catch_up(struct options *o, const char *value, struct error *err)
{
	o->catch_up_s = SCHEDULE_ALWAYS;
	if (!strcmp(value, "always"))
		return true;
	o->catch_up_s = 0;
	return !strcmp(value, "never") || seconds(value, &o->catch_up_s)
		|| fail(err, ERR_INPUT, "--catch-up %s: wants never, always or a time like 12h", value);
}

static bool is_date(const char *option, const char *value, struct error *err)
{
	struct value_time t;

	return (value_time(value, &t) && strlen(value) == 10)
		|| fail(err, ERR_INPUT, "%s %s: wants a date, YYYY-MM-DD", option, value);
}

static bool set_channel(struct options *o, const char *name, struct error *err)
{
	static const char *const channels[] = { "sms", "email", "whatsapp", "call", "totp" };

	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
		if (!strcmp(name, channels[i]))
			o->channel = channels[i];
	return o->channel || fail(err, ERR_INPUT, "--otp-channel %s: there are sms, email, whatsapp, call and totp", name);
}

static bool set(struct options *o, int id, const char *value, struct error *err)
{
	switch (id) {
	case 'f': o->format_name = value; o->format = format_find(value); return true;
	case 'o': o->output = value; return true;
	case 'v': o->verbose++; return true;
	case 'q': o->quiet = true; return true;
	case 'h': o->help = true; return true;
	case OPT_VERSION: o->version = true; return true;
	case OPT_DATA_DIR: o->data_dir = value; return true;
	case OPT_BROWSER: o->browser = value; return true;
	case OPT_BROWSER_URL: o->browser_url = value; return true;
	case OPT_CACERT: o->cacert = value; return true;
	case OPT_CONNECT_TO: return add_connection(o, value, err);
	case OPT_JSON: o->json = true; return true;
	case OPT_FROM: o->from = value; return true;
	case 'd': return add_text(o->data, &o->data_count, value, "-d", err);
	case 'F': return add_text(o->files, &o->file_count, value, "-F", err);
	case OPT_FORM: o->form = value; return true;
	case OPT_SESSION: o->state = value; return true;
	case OPT_STEP: o->step = true; return true;
	case OPT_PREVIOUS: o->previous = value; return true;
	case OPT_BROWSER_ONLY: o->browser_only = true; return true;
	case OPT_NO_RETRY: o->no_retry = true; return true;
	case OPT_LISTEN: o->listen = value; return true;
	case OPT_PROXY: o->public_host = value; return true;
	case OPT_TLS_CERT: o->tls_cert = value; return true;
	case OPT_TLS_KEY: o->tls_key = value; return true;
	case OPT_TOKEN_FILE: o->token_file = value; return true;
	case OPT_DELIVER: o->deliver = true; return true;
	case OPT_SITE: o->site = value; return true;
	case OPT_NEW_ONLY: o->new_only = true; return true;
	case OPT_WANTS:
		o->wants = value;
		return !strcmp(value, "results") || !strcmp(value, "needs") || !strcmp(value, "all")
			|| fail(err, ERR_INPUT, "--on %s: there are results, needs and all", value);
	case OPT_NO_SCHEDULER: o->no_scheduler = true; return true;
	case OPT_DAILY: o->daily = value; return true;
	case OPT_CRON: o->cron = value; return true;
	case OPT_TZ: o->zone = value; return true;
	case OPT_JITTER:
		return seconds(value, &o->jitter_s) || fail(err, ERR_INPUT, "--jitter %s: wants a time like 15m, or 0", value);
	case OPT_CATCH_UP: return set_catch_up(o, value, err);
	case OPT_ATTEMPTS:
		return (number(value, 20, &o->attempts) && o->attempts) || fail(err, ERR_INPUT, "--attempts %s: wants 1 to 20", value);
	case OPT_DUE:
		return (number(value, INT32_MAX, &o->due) && o->due) || fail(err, ERR_INPUT, "--due %s: wants a number", value);
	case OPT_BROWSER_HEADERS: o->browser_headers = value; return true;
	case OPT_INSECURE: o->insecure = true; return true;
	case OPT_FIX: o->fix = true; return true;
	case OPT_OFFLINE: o->offline = true; return true;
	case OPT_CDP: o->cdp = value; return true;
	case OPT_NO_INPUT: o->no_input = true; return true;
	case OPT_HEADED: o->headed = true; return true;
	case OPT_NO_LOGIN: o->no_login = true; return true;
	case OPT_NO_SAVE: o->no_save = true; return true;
	case OPT_EVENTS: o->events = true; return true;
	case OPT_NO_ARTEFACTS: o->no_artefacts = true; return true;
	case OPT_ARTIFACTS: o->artifacts = value; return true;
	case OPT_LIMIT:
		return (number(value, 100000, &o->limit) && o->limit) || fail(err, ERR_INPUT, "--limit %s: wants 1 to 100000", value);
	case OPT_SEARCH: o->search = value; return true;
	case OPT_PUBLIC: o->public = true; return true;
	case OPT_VIA: o->via = value; return true;
	case OPT_TIMEOUT:
		return duration(value, &o->timeout_ms) || fail(err, ERR_INPUT, "--timeout %s: wants a time like 90s or 10m", value);
	case OPT_CHANNEL: return set_channel(o, value, err);
	case OPT_TIER: return set_tier(o, value, err);
	case OPT_MAX_LOGINS:
		return number(value, 1000, &o->max_logins) || fail(err, ERR_INPUT, "--max-logins %s: wants 0 to 1000", value);
	case OPT_OTP: return add_source(o, value, err);
	case OPT_OTP_TIMEOUT:
		if (!number(value, 86400, &o->otp.wait_ms) || !o->otp.wait_ms)
			return fail(err, ERR_INPUT, "--otp-timeout %s: wants seconds, 1 to 86400", value);
		o->otp.wait_ms *= 1000;
		return true;
	case OPT_FUTURE:
		return number(value, 12, &o->future_months) || fail(err, ERR_INPUT, "--future-months %s: wants 0 to 12", value);
	case OPT_SINCE: o->since = value; return is_date("--since", value, err);
	case OPT_UNTIL: o->until = value; return is_date("--until", value, err);
	case OPT_CARD: o->card = value; return true;
	case OPT_PENDING: o->pending = true; return true;
	case OPT_BOM: o->bom = true; return true;
	case OPT_OFX_VERSION:
		o->ofx_sgml = !strcmp(value, "102");
		return o->ofx_sgml || !strcmp(value, "211") || fail(err, ERR_INPUT, "--ofx-version %s: there are 211 and 102", value);
	case 'n':
		return (number(value, 1000000, &o->count) && o->count) || fail(err, ERR_INPUT, "-n %s: wants 1 to 1000000", value);
	case OPT_LOGIN:
		o->quick = !strcmp(value, "quick");
		return o->quick || !strcmp(value, "password") || fail(err, ERR_INPUT, "--login %s: there are password and quick", value);
	case OPT_LOG_FORMAT:
		o->log_json = !strcmp(value, "json");
		return o->log_json || !strcmp(value, "text") || fail(err, ERR_INPUT, "--log-format %s: there are text and json", value);
	default:
		return fail(err, ERR_INPUT, "an unknown option; see gabbai --help");
	}
}

/* Before the command line, which goes over it. */
static bool read_environment(struct options *o, struct error *err)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const char *value = table[i].env ? getenv(table[i].env) : NULL;
		if (value && *value && !set(o, table[i].id, value, err))
			return false;
	}
	return true;
}

/* Of a schedule, --quiet has hours after it; of all else it has none, so getopt takes them for a word. */
static bool is_hours(const struct options *o, const char *word)
{
	return o->quiet && o->word_count && !strcmp(o->words[0], "schedule") && isdigit((unsigned char)*word) && strchr(word, ':');
}

static bool set_hours(struct options *o, const char *word, struct error *err)
{
	o->quiet = false;
	return schedule_read_hours(word, &o->quiet_from, &o->quiet_to)
		|| fail(err, ERR_INPUT, "--quiet %s: wants two times like 22:00-08:00", word);
}

bool options_read(int argc, char **argv, struct options *o, struct error *err)
{
	struct option list[OPTIONS + 1] = { 0 };
	int id;

	*o = (struct options){ .future_months = 1, .limit = 200, .timeout_ms = 600000, .max_logins = LOGINS_A_DAY,
		.quiet_from = SCHEDULE_NEVER_QUIET, .jitter_s = SCHEDULE_JITTER_S, .catch_up_s = SCHEDULE_ALWAYS,
		.attempts = SCHEDULE_ATTEMPTS };
	for (size_t i = 0; i < OPTIONS; i++)
		list[i] = (struct option){ table[i].name, table[i].value != NULL, NULL, table[i].id };
	if (!read_environment(o, err))
		return false;
	opterr = 0;
	while ((id = getopt_long(argc, argv, ":f:o:n:d:F:qvh", list, NULL)) != -1) {
		if (id == ':')
			return fail(err, ERR_INPUT, "%s wants a value", argv[optind - 1]);
		if (id == '?')
			return fail(err, ERR_INPUT, "unknown option %s; see gabbai --help", argv[optind - 1]);
		if (!set(o, id, optarg, err))
			return false;
	}
	for (; optind < argc; optind++) {
		if (is_hours(o, argv[optind])) {
			if (!set_hours(o, argv[optind], err))
				return false;
			continue;
		}
		if (o->word_count == WORDS_MAX)
			return fail(err, ERR_INPUT, "too many words");
		o->words[o->word_count++] = argv[optind];
	}
	o->otp.no_input = o->no_input;
	if (o->json && !o->format_name)
		o->format = FORMAT_JSON;
	return true;
}
