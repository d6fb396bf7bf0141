/* Codes: who is asked, and the first answer on its way to the run that waits. */
#include "src/api.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/asked.h"
#include "src/channel.h"
#include "src/server.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { GUESSES_MAX = 10, GUESS_S = 60, GUESSED_MAX = 64 };

/* ---- guesses ---- */

/* Answers that were not even of a code's shape, or for questions that nobody asked. */
static struct guesses {
	char id[ASKED_ID_SIZE];
	int count;
	time_t since;
} guessed[GUESSED_MAX];

static struct guesses *guesses_of(const char *id)
{
	const time_t now = time(NULL);
	struct guesses *oldest = &guessed[0];

	for (size_t i = 0; i < GUESSED_MAX; i++) {
		if (!strcmp(guessed[i].id, id) && now - guessed[i].since < GUESS_S)
			return &guessed[i];
		if (guessed[i].since < oldest->since)
			oldest = &guessed[i];
	}
	*oldest = (struct guesses){ .since = now };
	(void)snprintf(oldest->id, sizeof oldest->id, "%s", id);
	return oldest;
}

/* ---- an answer on its way ---- */

struct asking {
	struct api *api;
	uint64_t exchange;
	struct buf in;
	char id[ASKED_ID_SIZE];
};

static void tell(struct asking *a, int64_t status, const char *message)
{
	struct exchange *x = exchange_find(a->api->server, a->exchange);

	if (status == 422)
		guesses_of(a->id)->count++;
	if (!x)
		return;
	if (status == 200)
		exchange_json(x, 200, json_object(JSON_BOOL("success", true), JSON_STR("message", message)));
	else
		exchange_problem(x, (int)status, NULL, "%s", message);
}

/* The run has hung up without a word: others were first, the run has ended, or too many ask it at once. */
static void tell_why(struct asking *a)
{
	struct exchange *x = exchange_find(a->api->server, a->exchange);
	struct error why = { 0 };
	AUTO(text) char *channel = *a->id ? asked_channel(a->api->store, a->id, &why) : NULL;

	if (!*a->id)
		tell(a, 404, "nobody waits there any more");
	else if (x && !channel)
		exchange_failed(x, &why);
	else
		tell(a, 409, "others are answering at this moment");
}

static void asking_free(struct asking *a)
{
	buf_clear(&a->in);
	free(a);
}

static bool on_reply(void *owner, int fd)
{
	struct asking *a = owner;
	AUTO(buf) struct buf message = { 0 };
	char chunk[1024];
	bool broken = false;
	const ssize_t n = read(fd, chunk, sizeof chunk);

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n > 0)
		(void)buf_append(&a->in, chunk, (size_t)n);
	if (channel_unframe(&a->in, &message, &broken)) {
		AUTO(json) cJSON *reply = json_parse(message.data, message.size, NULL);
		int64_t status = 500;
		(void)json_int(reply, "status", &status); /* it always has one */
		tell(a, status, json_str(reply, "message") ? json_str(reply, "message") : "");
	} else if (n > 0 && !broken) {
		return true;
	} else {
		tell_why(a);
	}
	asking_free(a);
	return false;
}

void api_deliver(struct api *api, struct exchange *x, const char *channel, const char *id, cJSON *message)
{
	AUTO(json) cJSON *own = message;
	struct error why = { 0 };
	struct buf out = { 0 };
	const int fd = channel_connect(channel, &why);
	struct asking *a = xcalloc(1, sizeof *a);

	*a = (struct asking){ .api = api, .exchange = exchange_number(x), .in = { .size_max = 65536 } };
	(void)snprintf(a->id, sizeof a->id, "%s", id);
	AUTO(text) char *text = json_print(own);
	channel_frame(&out, text, strlen(text));
	secret_wipe(text, strlen(text));
	const bool sent = fd >= 0 && send(fd, out.data, out.size, MSG_NOSIGNAL) == (ssize_t)out.size;
	buf_wipe(&out);
	if (sent && server_watch(api->server, fd, on_reply, a))
		return;
	if (fd >= 0)
		close(fd);
	tell_why(a);
	asking_free(a);
}

/* A link is for what one run asks, so that the next try after a wrong code is on the same page. */
static bool is_for(const struct access_grant *grant, int64_t run)
{
	char subject[sizeof grant->subject];

	(void)snprintf(subject, sizeof subject, "%" PRId64, run);
	return grant->scope != SCOPE_QUESTION || !strcmp(grant->subject, subject);
}

static bool may_answer(struct api *api, const struct exchange *x, const char *id)
{
	const struct access_grant *grant = exchange_grant(x);
	int64_t run = 0;

	return grant->scope != SCOPE_QUESTION || (asked_run(api->store, id, &run, NULL) && is_for(grant, run));
}

cJSON *api_questions(struct api *api, const struct access_grant *grant, struct error *err)
{
	cJSON *all = asked_list(api->store, err);

	for (int i = cJSON_GetArraySize(all) - 1; i >= 0; i--) {
		int64_t run = 0;
		(void)json_int(cJSON_GetArrayItem(all, i), "runId", &run); /* it always has one */
		if (!is_for(grant, run))
			cJSON_DeleteItemFromArray(all, i);
	}
	return all;
}

/* Takes ANSWER to the run that asked ID. */
static void deliver(struct api *api, struct exchange *x, const char *id, cJSON *answer)
{
	AUTO(json) cJSON *own = answer;
	struct error why = { 0 };

	if (!may_answer(api, x, id)) {
		exchange_problem(x, 403, NULL, "this link is for another run's questions");
		return;
	}
	if (strlen(id) < ASKED_ID_SIZE && guesses_of(id)->count >= GUESSES_MAX) {
		exchange_header(x, "retry-after", "60");
		exchange_problem(x, 429, NULL, "too many attempts; wait a minute");
		return;
	}
	AUTO(text) char *channel = asked_channel(api->store, id, &why);
	if (!channel) {
		if (why.code == ERR_SITE && strlen(id) < ASKED_ID_SIZE)
			guesses_of(id)->count++;
		exchange_failed(x, &why);
		return;
	}
	json_add(own, JSON_STR("requestId", id));
	api_deliver(api, x, channel, id, TAKE(own));
}

/* ---- routes ---- */

void api_otp_list(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	cJSON *all = api_questions(api, exchange_grant(x), &why);

	api_reply(x, all ? json_object(JSON_NODE("requests", all)) : NULL, &why);
}

static void answer_with(struct api *api, struct exchange *x, const char *id)
{
	const cJSON *body = exchange_body(x);
	const char *code = json_str(body, "code");
	int64_t choice;

	if (json_true(body, "resend"))
		deliver(api, x, id, json_object(JSON_BOOL("resend", true)));
	else if (json_int(body, "choice", &choice))
		deliver(api, x, id, json_object(JSON_INT("choice", choice)));
	else if (code && strlen(code) <= 64)
		deliver(api, x, id, json_object(JSON_STR("code", code)));
	else
		exchange_problem(x, 422, NULL, "a code is wanted, as a text");
}

void api_otp_answer(void *owner, struct exchange *x)
{
	answer_with(owner, x, exchange_part(x, 0));
}

void api_otp_submit(void *owner, struct exchange *x)
{
	const char *id = json_str(exchange_body(x), "requestId");

	if (id && json_str(exchange_body(x), "code"))
		answer_with(owner, x, id);
	else
		exchange_problem(x, id ? 422 : 400, NULL, "Missing requestId or code");
}

void api_otp_cancel(void *owner, struct exchange *x)
{
	deliver(owner, x, exchange_part(x, 0), json_object(JSON_BOOL("cancel", true)));
}

void api_otp_link(void *owner, struct exchange *x)
{
	struct api *api = owner;
	struct error why = { 0 };
	const char *id = exchange_part(x, 0);
	AUTO(text) char *channel = asked_channel(api->store, id, &why);
	int64_t run;

	if (!channel || !asked_run(api->store, id, &run, &why)) {
		exchange_failed(x, &why);
		return;
	}
	AUTO(text) char *subject = xasprintf("%" PRId64, run);
	AUTO(text) char *token = access_seal(api->access, SCOPE_QUESTION, subject, LINK_QUESTION_S);
	AUTO(text) char *url = xasprintf("/o/%s", token);
	exchange_json(x, 200, json_object(JSON_STR("url", url), JSON_INT("seconds", LINK_QUESTION_S)));
}
