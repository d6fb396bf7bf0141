/* gabbai run SITE: collects, prints, and says by its exit code how it went. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/ending.h"
#include "src/output.h"
#include "src/results.h"
#include "src/run.h"
#include "src/schedule.h"
#include "src/store.h"

#include <string.h>
#include <time.h>

static int report(const struct options *o, const struct site *site, const struct collection *c, const struct error *failure)
{
	AUTO(buf) struct buf text = { 0 };
	struct error err;

	format_report((enum format)o->format, &(struct report){ .site = site->name, .collection = c, .failure = failure,
		.bom = o->bom, .ofx_sgml = o->ofx_sgml }, &text);
	for (size_t i = 0; i < c->warning_count; i++)
		log_line(LOG_WARN, "%s: %s", site->name, c->warnings[i]);
	if (!output_write(o->output, &text, &err))
		return command_failed(&err);
	if (failure)
		return command_failed(failure);
	if (c->failed)
		log_line(LOG_WARN, "%s: %zu of %zu are not complete", site->name, c->failed, c->count + c->product_count);
	return c->failed ? EXIT_PARTIAL : EXIT_OK;
}

/* ---- a due run ---- */

/* What a schedule wants is taken before anything else, so that it begins once; and given back with how it ended. */
static bool begin_due(const struct options *o, struct store **store, struct error *err)
{
	*store = o->due ? store_open(err) : NULL;
	return !o->due || (*store && schedule_take(*store, o->due, schedule_self(), time(NULL), err));
}

static void end_due(const struct options *o, struct store *store, int64_t run, int code, const char *text)
{
	struct error why = { 0 };

	if (store && !schedule_end(store, o->due, run, code, text, time(NULL), &why))
		log_line(LOG_WARN, "the due run %d: %s", o->due, why.text);
	store_free(store);
}

/* What is printed is only what RUN saw first; when that cannot be read, all of it is. */
static void keep_new(const struct site_account *account, int64_t run, struct collection *c)
{
	struct error why = { 0 };
	AUTO(store) struct store *store = store_open(&why);
	struct collection fresh = { 0 };

	if (!store || !results_read(store, &(struct results_query){ .site = account->site->name, .account = account->name,
			.run = run, .pending = true }, &fresh, &why)) {
		log_line(LOG_WARN, "what is new cannot be told from the rest: %s", why.text);
		collection_clear(&fresh);
		return;
	}
	/* What the run warned of stays. */
	struct collection old = *c;
	fresh.warnings = TAKE(old.warnings);
	fresh.warning_count = old.warning_count;
	fresh.failed = old.failed;
	old.warning_count = 0;
	*c = fresh;
	collection_clear(&old);
}

static bool read_words(const struct options *o, struct site_account *account, struct error *err)
{
	if (o->word_count != 2)
		return fail(err, ERR_INPUT, "run wants one site; see gabbai sites");
	if (o->format < 0)
		return fail(err, ERR_INPUT, "--format %s: there are " FORMAT_NAMES, o->format_name);
	if (!account_read(o->words[1], account, err))
		return false;
	return !account->site->has_products || format_has_products((enum format)o->format)
		|| fail(err, ERR_INPUT, "--format %s is for accounts, and %s has products", o->format_name, account->site->title);
}

/* The exit code; ERR says why it is not 0 or 3. */
static int collect(const struct options *o, int64_t *run, struct error *err)
{
	struct site_account account;
	struct collection collection = { 0 };

	if (!read_words(o, &account, err))
		return command_failed(err);
	const bool ok = run_account(&account, o, &collection, run, err);
	if (ok && *run && o->new_only)
		keep_new(&account, *run, &collection);
	const int code = report(o, account.site, &collection, ok ? NULL : err);
	collection_clear(&collection);
	return code;
}

int cmd_run(const struct options *o)
{
	struct error err = { 0 };
	struct store *store;
	int64_t run = 0;

	if (!begin_due(o, &store, &err)) {
		store_free(store);
		return command_failed(&err);
	}
	const int code = collect(o, &run, &err);
	end_due(o, store, run, code, err.code ? err.text : NULL);
	return code;
}
