/* gabbai connect: a person signs in, and the session is saved. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/account.h"
#include "src/connect.h"
#include "src/ending.h"

#include <string.h>

static int connect_via(const struct options *o, enum connect_via via)
{
	struct site_account account;
	struct error err = { 0 };

	if (account_read(o->words[1], &account, &err) && connect_account(&account, o, via, &err))
		return EXIT_OK;
	if (err.code != ERR_CODE_CANCEL && err.code != ERR_CANCELLED)
		return command_failed(&err);
	log_line(LOG_INFO, "%s: %s", account.site->name, err.text); /* it is what the person wants */
	return err.code == ERR_CANCELLED ? ending_of(&err).code : EXIT_INTERRUPTED;
}

int cmd_connect(const struct options *o)
{
	static const struct { const char *name; enum connect_via via; } ways[] = {
		{ "headed", CONNECT_HEADED }, { "live", CONNECT_LIVE }, { "guided", CONNECT_GUIDED },
	};
	const char *via = o->via ? o->via : "headed";
	struct error err = { 0 };

	if (o->word_count < 2) {
		fail(&err, ERR_INPUT, "connect wants SITE or SITE/ACCOUNT");
		return command_failed(&err);
	}
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(via, ways[i].name))
			return connect_via(o, ways[i].via);
	if (strcmp(via, "import") != 0) {
		fail(&err, ERR_INPUT, "--via %s: there are headed, live, guided and import", via);
		return command_failed(&err);
	}
	/* The same as session import SITE FILE. */
	struct options import = *o;
	import.words[0] = "session";
	import.words[1] = "import";
	import.words[2] = o->words[1];
	import.words[3] = o->word_count > 2 ? o->words[2] : NULL;
	import.word_count = o->word_count + 1;
	return cmd_session(&import);
}
