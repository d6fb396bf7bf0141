/* SimpleFIN: claiming an access, and what it reads.  Its own password, and nothing of ours, opens it. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/simplefin.h"

#include <string.h>
#include <time.h>

enum { NAME_ROOM = 32, PASSWORD_ROOM = 128, TRIES_MAX = 30, TRIES_S = 60 };

/* Guesses of whoever it may be, in the last minute: tokens are long, and this is for the log's and the disk's sake. */
static struct {
	time_t since;
	int count;
} guesses;

static bool may_try(struct exchange *x)
{
	const time_t now = time(NULL);

	if (now - guesses.since >= TRIES_S || now < guesses.since) {
		guesses.since = now;
		guesses.count = 0;
	}
	if (guesses.count < TRIES_MAX)
		return true;
	exchange_header(x, "retry-after", "60");
	exchange_problem(x, 429, NULL, "too many attempts; wait a minute");
	return false;
}

void api_simplefin_claim(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };

	if (!may_try(x))
		return;
	char *access = simplefin_claim(api->store, exchange_part(x, 0), time(NULL), &why);
	if (!access) {
		guesses.count++;
		if (why.code)
			exchange_failed(x, &why);
		else
			exchange_text(x, 403, "text/plain", xstrdup("this token was claimed, or never given\n"), 39);
		return;
	}
	AUTO(text) char *base = exchange_base(x);
	const char *host = strstr(base, "://") + 3;
	char *url = xasprintf("%.*s%s@%s/simplefin", (int)(host - base), base, access, host);
	secret_wipe(access, strlen(access));
	free(access);
	exchange_text(x, 200, "text/plain", url, strlen(url));
}

/* "1700000000"; -1: it is no moment. */
static int64_t moment(struct exchange *x, const char *name)
{
	const char *text = exchange_query(x, name);

	if (!text || !*text)
		return 0;
	return strspn(text, "0123456789") == strlen(text) && strlen(text) < 12 ? strtoll(text, NULL, 10) : -1;
}

static bool flag(struct exchange *x, const char *name)
{
	const char *text = exchange_query(x, name);

	return text && !strcmp(text, "1");
}

void api_simplefin_accounts(void *owner, struct exchange *x)
{
	struct api *api = owner;
	char id[NAME_ROOM], password[PASSWORD_ROOM];
	struct error why = { 0 };
	AUTO(text) char *site = NULL;

	if (!may_try(x))
		return;
	const bool may = exchange_basic(x, id, sizeof id, password, sizeof password)
		&& simplefin_may(api->store, id, password, time(NULL), &site);
	secret_wipe(password, sizeof password);
	if (!may) {
		guesses.count++;
		exchange_header(x, "www-authenticate", "Basic realm=\"simplefin\"");
		exchange_problem(x, 403, NULL, "this access was taken away, or never given");
		return;
	}
	const struct simplefin_query q = { .site = site, .start = moment(x, "start-date"), .end = moment(x, "end-date"),
		.pending = flag(x, "pending"), .balances_only = flag(x, "balances-only") };
	if (q.start < 0 || q.end < 0)
		exchange_problem(x, 400, NULL, "start-date and end-date are seconds since 1970");
	else
		api_reply(x, simplefin_accounts(api->store, &q, time(NULL), &why), &why);
}

void api_simplefin_info(void *owner, struct exchange *x)
{
	(void)owner;
	exchange_json(x, 200, json_object(JSON_NODE("versions", json_array(JSON_STR(NULL, "1.0")))));
}
