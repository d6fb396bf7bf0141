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
	return request;
}

bool asked_begin(struct asked *a, cJSON *request, const char *channel, int wait_s, struct error *err)
{
	AUTO(json) cJSON *own = request;
	AUTO(text) char *text = json_print(own);
	const int64_t now = time(NULL);

	return new_id(a->id, err)
		&& store_do(a->store, "INSERT INTO otp_requests (id, run, platform, account, request, status, created_at,"
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

cJSON *asked_list(struct store *store, struct error *err)
{
	struct error why = { 0 };
	struct { char id[ASKED_ID_SIZE]; int64_t run; } gone[PENDING_MAX];
	size_t gone_count = 0;
	AUTO(json) cJSON *list = cJSON_CreateArray();
	struct rows *rows = store_ask(store, PENDING " ORDER BY created_at", NULL, &why);

	while (rows && rows_next(rows, &why)) {
		const char *id = rows_text(rows, 0), *text = rows_text(rows, 4);
		if (process_started((long)rows_int(rows, 7)) != rows_int(rows, 8)) {
			if (gone_count < PENDING_MAX) {
				(void)snprintf(gone[gone_count].id, ASKED_ID_SIZE, "%s", id);
				gone[gone_count++].run = rows_int(rows, 1);
			}
			continue;
		}
		cJSON *request = json_parse(text, strlen(text), NULL);
		if (request)
			json_add(list, JSON_NODE(NULL, whole_request(request, id, rows_int(rows, 1), rows_text(rows, 2), rows_text(rows, 3),
				rows_int(rows, 5), rows_int(rows, 6))));
	}
	rows_free(rows);
	for (size_t i = 0; i < gone_count; i++)
		end(store, gone[i].run, gone[i].id, "gone", "its run has ended");
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

int64_t asked_run(struct store *store, const char *id)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT run FROM otp_requests WHERE id = ?", SQL(SQL_TEXT(id)), &why);

	return rows && rows_next(rows, &why) ? rows_int(rows, 0) : 0;
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
