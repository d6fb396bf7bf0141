/* gabbai unpark SITE: a person has looked at it; logins may go on. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/account.h"
#include "src/ending.h"
#include "src/store.h"

static bool unpark(const struct options *o, struct error *err)
{
	struct site_account account;

	if (o->word_count != 2)
		return fail(err, ERR_INPUT, "unpark wants SITE or SITE/ACCOUNT");
	if (!account_read(o->words[1], &account, err))
		return false;
	AUTO(store) struct store *store = store_open(err);
	return store && account_unpark(store, &account, err);
}

int cmd_unpark(const struct options *o)
{
	struct error err = { 0 };

	return unpark(o, &err) ? EXIT_OK : command_failed(&err);
}
