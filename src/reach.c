#include "src/reach.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "src/account.h"
#include "src/store.h"

#include <unistd.h>

void reach_sign_up(struct store *store, const char *url, const char *token_file)
{
	/* Without the row, who needs a person tells so without a link. */
	(void)store_do(store, "INSERT OR REPLACE INTO servers (url, token_file, pid, pid_started) VALUES (?, ?, ?, ?)",
		SQL(SQL_TEXT(url), SQL_TEXT(token_file), SQL_INT(getpid()), SQL_INT(process_started(getpid()))), NULL);
}

void reach_sign_off(struct store *store)
{
	/* A row that stays is of a process that is gone. */
	(void)store_do(store, "DELETE FROM servers WHERE pid = ?", SQL(SQL_INT(getpid())), NULL);
}

bool reach_find(struct store *store, char **url, char **token_file)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT url, token_file, pid, pid_started FROM servers", NULL, &why);

	while (rows && rows_next(rows, &why))
		if (process_started((long)rows_int(rows, 2)) == rows_int(rows, 3)) {
			*url = xstrdup(rows_text(rows, 0));
			*token_file = copy_of(rows_text(rows, 1));
			return true;
		}
	return false;
}
