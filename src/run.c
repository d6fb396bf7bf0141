#include "src/run.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "src/credentials.h"
#include "src/interrupt.h"
#include "src/otp.h"
#include "src/trust.h"

#include <string.h>
#include <sys/stat.h>

enum { FIELDS_MAX = 4, LAUNCH_MS = 30000, OPEN_MS = 15000, FLAGS_MAX = 8 };

struct run {
	const struct site *site;
	const struct options *options;
	struct otp_plan otp;
	cJSON *definition;
	const char *fields[FIELDS_MAX];
	struct secret *secrets[FIELDS_MAX];
	size_t field_count;
	struct cdp_browser *browser;
	struct cdp_context *context;
	struct cdp_page *page;
	char *spki;
};

/* ---- what the scrape asks for ---- */

static const struct secret *credential(void *owner, const char *field)
{
	const struct run *run = owner;

	for (size_t i = 0; i < run->field_count; i++)
		if (!strcmp(run->fields[i], field))
			return run->secrets[i];
	return NULL;
}

static bool ask_code(void *owner, const struct challenge *challenge, int attempt, struct secret **code, struct error *err)
{
	struct run *run = owner;

	return otp_ask(&run->otp, run->page, challenge, attempt, code, err);
}

static void on_step(void *owner, const char *step)
{
	const struct run *run = owner;

	if (run->options->events) {
		AUTO(json) cJSON *event = json_object(JSON_STR("event", "run.phase"), JSON_STR("site", run->site->name),
			JSON_STR("phase", step));
		AUTO(text) char *line = json_print(event);
		fprintf(stderr, "%s\n", line);
	} else {
		log_line(LOG_INFO, "%s: %s", run->site->name, step);
	}
}

/* Our own browser begins to end; close_browser() waits for it. */
static void release_page(void *owner)
{
	const struct run *run = owner;

	if (!run->options->browser_url)
		cdp_post(cdp_browser_conn(run->browser), NULL, "Browser.close", NULL);
}

/* ---- before the browser ---- */

static bool read_credentials(struct run *run, struct error *err)
{
	static const char *const password[] = { "username", "password", NULL }, *const quick[] = { "id", "last4", NULL };
	const char *const *fields = run->options->quick ? quick : password;

	for (; *fields; fields++) {
		struct secret *secret = credential_read(run->site->name, *fields, err);
		if (!secret)
			return false;
		run->fields[run->field_count] = *fields;
		run->secrets[run->field_count++] = secret;
	}
	return true;
}

/* The user's own selectors count when nobody else can have written them. */
static bool read_definition(struct run *run, struct error *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	AUTO(text) char *file = config && *config ? xasprintf("%s/gabbai/selectors/%s.json", config, run->site->name)
		: xasprintf("%s/.config/gabbai/selectors/%s.json", home ? home : "", run->site->name);
	struct stat st;
	const bool there = stat(file, &st) == 0;

	if (there && (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))))
		return fail(err, ERR_INPUT, "%s must be owned by you and not writable by others", file);
	run->definition = scrape_definition(run->site, there ? file : NULL, err);
	return run->definition != NULL;
}

/* ---- the browser ---- */

/* "HOST:PORT:ADDRESS:PORT" as Chromium's "MAP HOST ADDRESS:PORT". */
static void map_rules(const char *const *rules, struct buf *out)
{
	for (; *rules; rules++) {
		const char *host_end = strchr(*rules, ':'), *address = strchr(host_end + 1, ':') + 1;
		buf_printf(out, "%sMAP %.*s %s", out->size ? ", " : "", (int)(host_end - *rules), *rules, address);
		if (host_end == *rules)
			buf_printf(out, "MAP * %s", address);
	}
}

static bool launch(struct run *run, struct error *err)
{
	const struct options *o = run->options;
	AUTO(buf) struct buf rules = { 0 };
	AUTO(text) char *trust = run->spki ? xasprintf("--ignore-certificate-errors-spki-list=%s", run->spki) : NULL;
	const char *flags[FLAGS_MAX] = { NULL };
	size_t count = 0;

	map_rules(o->connect_to, &rules);
	AUTO(text) char *map = rules.size ? xasprintf("--host-resolver-rules=%s", buf_text(&rules)) : NULL;
	if (map)
		flags[count++] = map;
	if (trust)
		flags[count++] = trust;
	const struct cdp_launch_opts opts = {
		.path = o->browser,
		.flags = flags,
		.timezone = json_str(run->definition, "timezone"),
		.language = json_str(run->definition, "locale"),
		.headed = o->headed,
		.shell = json_true(run->definition, "shell"),
	};
	cdp_process_sweep(NULL);
	if (geteuid() == 0)
		log_line(LOG_INFO, "running as root, so Chromium runs without its sandbox");
	run->browser = cdp_browser_launch(&opts, deadline_in_ms(LAUNCH_MS), err);
	return run->browser != NULL;
}

static bool open_browser(struct run *run, struct error *err)
{
	const struct options *o = run->options;
	const struct cdp_page_opts page = {
		.locale = json_str(run->definition, "locale"),
		.timezone = json_str(run->definition, "timezone"),
	};

	if (o->browser_url)
		run->browser = cdp_browser_attach(o->browser_url, NULL, deadline_in_ms(LAUNCH_MS), err);
	else if (!launch(run, err))
		return false;
	if (!run->browser)
		return false;
	interrupt_wakes(cdp_browser_conn(run->browser));
	run->context = cdp_context_new(run->browser, deadline_in_ms(OPEN_MS), err);
	run->page = run->context ? cdp_page_open(run->browser, run->context, &page, deadline_in_ms(OPEN_MS), err) : NULL;
	return run->page != NULL;
}

static void close_browser(struct run *run)
{
	interrupt_wakes(NULL);
	if (run->page)
		cdp_page_free(run->page);
	if (run->context)
		cdp_context_free(run->context);
	if (run->browser)
		cdp_browser_free(run->browser);
}

/* ---- the run ---- */

static bool collect(struct run *run, struct collection *out, struct error *err)
{
	const struct options *o = run->options;
	const struct scrape_host host = { .owner = run, .credential = credential, .ask_code = ask_code, .on_step = on_step,
		.release_page = release_page };
	const struct scrape_options options = {
		.since = o->since,
		.future_months = o->future_months,
		.quick = o->quick,
		.network = { .connect_to = o->connect_to, .cacert = o->cacert, .user_agent = cdp_browser_user_agent(run->browser),
			.stop = &interrupt_signal },
	};
	struct scrape *s = scrape_new(run->site, run->definition, run->page, &host, &options);
	const bool ok = scrape_run(s, out, err);

	scrape_free(s);
	return ok;
}

bool run_site(const struct site *site, const struct options *options, struct collection *out, struct error *err)
{
	struct run run = { .site = site, .options = options, .otp = options->otp };

	run.otp.site = site->title;
	if (options->no_login)
		return fail(err, ERR_SIGNED_OUT, "%s has no saved session, and --no-login forbids to log in", site->name);
	bool ok = read_definition(&run, err) && read_credentials(&run, err);
	if (ok && options->cacert)
		ok = (run.spki = trust_keys(options->cacert, err)) != NULL;
	ok = ok && open_browser(&run, err) && collect(&run, out, err);
	close_browser(&run);
	for (size_t i = 0; i < run.field_count; i++)
		secret_free(run.secrets[i]);
	cJSON_Delete(run.definition);
	free(run.spki);
	/* Whatever it met after the signal is not the reason. */
	return (ok && !interrupt_signal) || (interrupt_signal ? fail(err, ERR_CANCELLED, "interrupted") : false);
}
