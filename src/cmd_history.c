/* gabbai history, gabbai show: what ran, how it ended, and what was new. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "src/account.h"
#include "src/artefact.h"
#include "src/ending.h"
#include "src/history.h"
#include "src/output.h"
#include "src/results.h"
#include "src/store.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { COUNT_DEFAULT = 20 };

/* ---- one line, one run ---- */

static const char *text_of(const cJSON *run, const char *name)
{
	const char *text = json_str(run, name);

	return text ? text : "";
}

static int64_t number_of(const cJSON *run, const char *name)
{
	int64_t number = 0;

	(void)json_int(run, name, &number);
	return number;
}

/* "2026-11-03 07:30" in UTC, as it is stored. */
static void moment_of(const cJSON *run, const char *name, char out[17])
{
	const char *text = text_of(run, name);

	(void)snprintf(out, 17, "%.10s%s%.5s", text, *text ? " " : "", strlen(text) > 11 ? text + 11 : "");
}

/* The error, which may have a site's words in it, comes last. */
static void add_line(struct buf *out, const cJSON *run)
{
	AUTO(text) char *account = xasprintf("%s/%s", text_of(run, "site"), text_of(run, "account"));
	AUTO(text) char *code = json_at(run, "exitCode") ? xasprintf("%" PRId64, number_of(run, "exitCode")) : xstrdup("-");
	const char *how = json_at(run, "endedAt") ? text_of(run, "errorType") : "running";
	char start[17];

	moment_of(run, "startedAt", start);
	buf_printf(out, "%6" PRId64 "  %-16s  %-22s %-9s %4s %6" PRId64 " %6" PRId64 "%s%s%s%s\n", number_of(run, "id"), start,
		account, text_of(run, "tier"), code, number_of(run, "rows"), number_of(run, "newRows"), *how ? "  " : "", how,
		json_at(run, "error") ? ": " : "", text_of(run, "error"));
}

static bool write_json(const struct options *o, const cJSON *json, struct error *err)
{
	AUTO(text) char *text = json_print_pretty(json);
	AUTO(buf) struct buf out = { 0 };

	buf_printf(&out, "%s\n", text);
	return output_write(o->output, &out, err);
}

static const char header[] = "   run  started (UTC)     account                tier      exit   rows    new\n";

static bool history(const struct options *o, struct error *err)
{
	struct site_account account = { 0 };

	if (o->word_count == 2 && !account_read(o->words[1], &account, err))
		return false;
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *list = store ? history_list(store, account.site ? account.site->name : NULL,
		o->count ? o->count : COUNT_DEFAULT, err) : NULL;
	AUTO(buf) struct buf out = { 0 };
	const cJSON *run;

	if (!list || o->json)
		return list && write_json(o, list, err);
	buf_puts(&out, cJSON_GetArraySize(list) ? header : "nothing has run yet\n");
	cJSON_ArrayForEach (run, list)
		add_line(&out, run);
	return output_write(o->output, &out, err);
}

int cmd_history(const struct options *o)
{
	struct error err = { 0 };

	if (o->word_count > 2)
		fail(&err, ERR_INPUT, "history wants one site at most; see gabbai sites");
	else if (history(o, &err))
		return EXIT_OK;
	return command_failed(&err);
}

/* ---- one run ---- */

/* Copies what is left of the run to FOLDER, and says what that is. */
static bool copy_artefacts(int64_t id, const char *folder, struct error *err)
{
	AUTO(json) cJSON *list = artefact_list(id, err);
	const cJSON *one;

	if (!list)
		return false;
	if (!cJSON_GetArraySize(list))
		return fail(err, ERR_INPUT, "nothing is left of run %" PRId64 ": it did not fail, or that is long ago", id);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail_system(err, "making the folder %s", folder);
	cJSON_ArrayForEach (one, list) {
		AUTO(text) char *path = xasprintf("%s/%s", folder, json_str(one, "name"));
		AUTO(buf) struct buf text = { 0 };
		text.data = artefact_read(id, json_str(one, "name"), &text.size, err);
		if (!text.data || !output_write(path, &text, err))
			return false;
		printf("%s\n", path);
	}
	return true;
}

static bool show(const struct options *o, int64_t id, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *run = store ? history_run(store, id, err) : NULL;
	AUTO(buf) struct buf out = { 0 };
	struct collection collection = { 0 };

	if (!run || !results_read(store, &(struct results_query){ .site = json_str(run, "site"),
			.account = json_str(run, "account"), .pending = true, .run = id }, &collection, err))
		return false;
	const struct report report = { .site = json_str(run, "site"), .collection = &collection };
	if (o->json) {
		format_report(FORMAT_JSON, &report, &out);
		cJSON *found = json_parse(out.data, out.size, NULL);
		json_add(run, JSON_NODE("new", json_take(found, "accounts")));
		json_add(run, JSON_NODE("newProducts", json_take(found, "products")));
		cJSON_Delete(found);
	} else {
		buf_puts(&out, header);
		add_line(&out, run);
		buf_putc(&out, '\n');
		if (!collection.count && !collection.product_count)
			buf_puts(&out, "nothing was new\n");
		format_report(FORMAT_TABLE, &report, &out);
	}
	collection_clear(&collection);
	return o->json ? write_json(o, run, err) : output_write(o->output, &out, err);
}

int cmd_show(const struct options *o)
{
	struct error err = { 0 };
	char *end = NULL;
	const int64_t id = o->word_count == 2 ? strtoll(o->words[1], &end, 10) : 0;

	if (id <= 0 || *end)
		fail(&err, ERR_INPUT, "show wants the number of a run; see gabbai history");
	else if (o->artifacts ? copy_artefacts(id, o->artifacts, &err) : show(o, id, &err))
		return EXIT_OK;
	return command_failed(&err);
}
