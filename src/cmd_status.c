/* gabbai status: the accounts, whether they are connected, and how their last run ended. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/account.h"
#include "src/ending.h"
#include "src/store.h"

#include <string.h>

static void print_run(const cJSON *run)
{
	const char *type = json_str(run, "errorType"), *why = json_str(run, "error");

	if (!run)
		printf("  never ran");
	else if (!json_str(run, "endedAt") && !type)
		printf("  running since %.16s", json_str(run, "startedAt"));
	else
		printf("  ran %.16s: %s%s%s", json_str(run, "startedAt"), type ? type : "ok", why ? ", " : "", why ? why : "");
}

static void print_account(const cJSON *a)
{
	const char *used = json_str(a, "lastUsedAt"), *parked = json_str(a, "parked");
	int64_t logins = 0;

	(void)json_int(a, "loginsToday", &logins); /* it is always there */
	printf("%s/%s  %s", json_str(a, "site"), json_str(a, "account"), json_str(a, "status"));
	if (used)
		printf("  used %.16s", used);
	print_run(json_at(a, "lastRun"));
	printf("  %d logins today", (int)logins);
	if (parked)
		printf("  parked since %.16s: %s", json_str(a, "parkedAt"), parked);
	putchar('\n');
}

static bool status(const struct options *o, struct error *err)
{
	const char *word = o->word_count > 1 ? o->words[1] : NULL;
	struct site_account account;
	const cJSON *one;

	if (o->word_count > 2)
		return fail(err, ERR_INPUT, "status wants SITE or SITE/ACCOUNT, or nothing for all");
	if (word && !account_read(word, &account, err))
		return false;
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *all = store ? account_list(store, word ? account.site->name : NULL,
		word && strchr(word, '/') ? account.name : NULL, err) : NULL;
	if (!all)
		return false;
	if (o->json) {
		AUTO(text) char *text = json_print_pretty(all);
		printf("%s\n", text);
		return true;
	}
	cJSON_ArrayForEach (one, all)
		print_account(one);
	return true;
}

int cmd_status(const struct options *o)
{
	struct error err = { 0 };

	return status(o, &err) ? EXIT_OK : command_failed(&err);
}
