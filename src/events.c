#include "src/events.h"

#include "cdp/base/error.h"
#include "src/store.h"

#include <time.h>

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool events_add(struct store *store, int64_t run, const char *name, cJSON *data, struct error *err)
{
	AUTO(json) cJSON *own = data;
	AUTO(text) char *text = json_print(own);

	if (!store_do(store, "INSERT INTO run_events (run, at, name, data) VALUES (NULLIF(?, 0), ?, ?, ?)",
			SQL(SQL_INT(run), SQL_INT(now_ms()), SQL_TEXT(name), SQL_TEXT(text)), err))
		return false;
	store_tell(store);
	return true;
}

int64_t events_last(struct store *store)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT max(id) FROM run_events", NULL, &why);

	return rows && rows_next(rows, &why) ? rows_int(rows, 0) : 0;
}

void events_prune(struct store *store)
{
	/* What cannot be forgotten now is forgotten another time. */
	(void)store_do(store, "DELETE FROM run_events WHERE id < (SELECT max(id) FROM run_events) - ?", SQL(SQL_INT(EVENTS_KEPT)),
		NULL);
}
