#include "src/asked.h"

#include "cdp/base/error.h"
#include "scrapers/values.h"
#include "src/account.h"
#include "src/events.h"
#include "src/store.h"

#include <openssl/rand.h>
#include <string.h>
#include <time.h>

enum { ID_BYTES = 9, PENDING_MAX = 64 };

static bool new_id(char out[ASKED_ID_SIZE], struct error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[2 * ID_BYTES];

	if (RAND_bytes(random, sizeof random) != 1)
		return fail(err, ERR_SYSTEM, "the system has no random numbers");
	out[0] = 'q';
	for (size_t i = 0; i < sizeof random; i++)
		out[i + 1] = letters[random[i] & 31];
	out[sizeof random + 1] = '\0';
	return true;
}

/* REQUEST with what the row knows. */
static cJSON *whole_request(cJSON *request, const char *id, int64_t run, const char *site, const char *account, int64_t created,
	int64_t expires)
{
	char from[32], to[32];

	value_instant_text(created, from);
	value_instant_text(expires, to);
	json_add(request, JSON_STR("requestId", id));
	json_add(request, JSON_INT("runId", run));
	json_add(request, JSON_STR("site", site));
	json_add(request, JSON_STR("account", account));
	json_add(request, JSON_STR("status", "pending"));
	json_add(request, JSON_STR("createdAt", from));
	json_add(request, JSON_STR("expiresAt", to));
	if (json_true(request, "canDrive")) {
		AUTO(text) char *view = xasprintf("/live?question=%s", id);
		json_add(request, JSON_STR("view", view));
	}
	return request;
}

bool asked_begin(struct asked *a, cJSON *request, const char *channel, int wait_s, struct error *err)
{
	AUTO(json) cJSON *own = request;
	AUTO(text) char *text = json_print(own);
	const int64_t now = time(NULL);

	if (!new_id(a->id, err))
		return false;
	if (a->told)
		a->told(a->owner, own);
	return store_do(a->store, "INSERT INTO otp_requests (id, run, platform, account, request, status, created_at,"
			" expires_at, pid, pid_started, channel) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
			SQL(SQL_TEXT(a->id), SQL_INT(a->run), SQL_TEXT(a->account->site->name), SQL_TEXT(a->account->name), SQL_TEXT(text),
				SQL_INT(now), SQL_INT(now + wait_s), SQL_INT(getpid()), SQL_INT(process_started(getpid())),
				SQL_TEXT(channel)), err)
		&& events_add(a->store, a->run, "OTP_NEEDED", whole_request(TAKE(own), a->id, a->run, a->account->site->name,
			a->account->name, now, now + wait_s), err);
}

static void end(struct store *store, int64_t run, const char *id, const char *status, const char *message)
{
	struct error why = { 0 };

	/* Who watches is not told of what cannot be written; the run goes on. */
	(void)(store_do(store, "UPDATE otp_requests SET status = ?2 WHERE id = ?1", SQL(SQL_TEXT(id), SQL_TEXT(status)), &why)
		&& events_add(store, run, "OTP_RESULT", json_object(JSON_STR("requestId", id), JSON_INT("runId", run),
			JSON_STR("status", status), JSON_STR("message", message)), &why));
}

void asked_end(struct asked *a, const char *status, const char *message)
{
	if (*a->id)
		end(a->store, a->run, a->id, status, message);
}

/* ---- for those who answer ---- */

#define PENDING "SELECT id, run, platform, account, request, created_at, expires_at, pid, pid_started FROM otp_requests" \
	" WHERE status = 'pending'"

/* One that its process can no more be asked of: of several who find out, one tells. */
static void end_gone(struct store *store, int64_t run, const char *id)
{
	if (store_do(store, "UPDATE otp_requests SET status = 'gone' WHERE id = ? AND status = 'pending'", SQL(SQL_TEXT(id)), NULL)
			&& store_changed(store))
		end(store, run, id, "gone", "its run has ended");
}

void asked_settle(struct store *store)
{
	struct { char id[ASKED_ID_SIZE]; int64_t run; } gone[PENDING_MAX];
	size_t count = 0;
	struct error why = { 0 };
	struct rows *rows = store_ask(store, PENDING, NULL, &why);

	while (rows && count < PENDING_MAX && rows_next(rows, &why))
		if (process_started((long)rows_int(rows, 7)) != rows_int(rows, 8)) {
			(void)snprintf(gone[count].id, ASKED_ID_SIZE, "%s", rows_text(rows, 0));
			gone[count++].run = rows_int(rows, 1);
		}
	rows_free(rows);
	for (size_t i = 0; i < count; i++)
		end_gone(store, gone[i].run, gone[i].id);
}

cJSON *asked_list(struct store *store, struct error *err)
{
	struct error why = { 0 };
	asked_settle(store);
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, PENDING " ORDER BY created_at", NULL, &why);

	while (rows && rows_next(rows, &why)) {
		const char *text = rows_text(rows, 4);
		cJSON *request = json_parse(text, strlen(text), NULL);
		if (request)
			json_add(list, JSON_NODE(NULL, whole_request(request, rows_text(rows, 0), rows_int(rows, 1), rows_text(rows, 2),
				rows_text(rows, 3), rows_int(rows, 5), rows_int(rows, 6))));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

bool asked_run(struct store *store, const char *id, int64_t *run, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT run FROM otp_requests WHERE id = ?", SQL(SQL_TEXT(id)), &why);
	const bool there = rows && rows_next(rows, &why);

	if (there)
		*run = rows_int(rows, 0);
	else if (!why.code)
		fail(&why, ERR_SITE, "nobody asked for a code under this id");
	if (!there && err)
		*err = why;
	return there;
}

char *asked_channel(struct store *store, const char *id, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT status, channel, pid, pid_started FROM otp_requests WHERE id = ?",
		SQL(SQL_TEXT(id)), &why);
	const bool there = rows && rows_next(rows, &why);
	const char *status = there ? rows_text(rows, 0) : NULL;
	char *channel = NULL;

	if (why.code && err)
		*err = why;
	else if (!there)
		fail(err, ERR_SITE, "nobody asked for a code under this id, or it has expired");
	else if (!strcmp(status, "pending") && process_started((long)rows_int(rows, 2)) == rows_int(rows, 3))
		channel = xstrdup(rows_text(rows, 1));
	else if (!strcmp(status, "answered") || !strcmp(status, "accepted") || !strcmp(status, "rejected"))
		fail(err, ERR_CODE_AGAIN, "somebody else has answered already");
	else
		fail(err, ERR_CODE_TIMEOUT, "this question is over; nobody waits for its answer");
	return channel;
}
