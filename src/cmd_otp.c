/* gabbai otp: what pages ask of a person (detect URL...), and what runs wait for (list, submit, cancel). */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "cdp/base/secret.h"
#include "scrapers/detect.h"
#include "src/asked.h"
#include "src/channel.h"
#include "src/ending.h"
#include "src/store.h"
#include "src/tab.h"

#include <stdio.h>
#include <string.h>

enum {
	OPEN_MS = 20000,
	LATE_MS = 2000, /* after loading, for a code's field to appear */
	LOOK_MS = 100,
	ANSWER_MS = 5000,
	CODE_LINE_MAX = 64,
};

/* Looks until there is a code to be typed, or LATE_MS are over. */
static bool look(struct cdp_page *page, struct challenge *c, struct error *err)
{
	const struct deadline until = deadline_in_ms(LATE_MS);

	for (;;) {
		if (!challenge_detect(page, c, err))
			return false;
		if (c->kind == CHALLENGE_CODE || deadline_passed(until))
			return true;
		if (!cdp_conn_wait(cdp_page_conn(page), deadline_in_ms(LOOK_MS), err) && err->code != ERR_TIMEOUT)
			return false;
	}
}

static void print_text(const char *url, const struct challenge *c)
{
	const char *kind = json_str(c->verdict, "kind");

	printf("%s: %s", url, kind ? kind : "none");
	for (size_t i = 0; i < c->field_count; i++)
		printf("%s%s", i ? ", " : ", fields ", c->fields[i]);
	if (c->digits)
		printf(", %d digits", c->digits);
	if (c->submit)
		printf(", submit %s", c->submit);
	if (c->channel)
		printf(", by %s%s%s", c->channel, c->destination ? " to " : "", c->destination ? c->destination : "");
	printf("\n");
}

/* URL first, then what the detector said, and the frames that lead there. */
static void print_json(const char *url, const struct challenge *c)
{
	AUTO(json) cJSON *line = json_object(JSON_STR("url", url), JSON_STR("kind", "none"));
	const cJSON *one;

	cJSON_ArrayForEach(one, c->verdict) {
		cJSON_DeleteItemFromObjectCaseSensitive(line, one->string);
		cJSON_AddItemToObject(line, one->string, cJSON_Duplicate(one, true));
		if (!strcmp(one->string, "fields"))
			cJSON_AddItemToObject(line, "frame", challenge_frames(c));
	}
	AUTO(text) char *text = json_print(line);
	printf("%s\n", text);
}

static bool detect(struct tab *tab, const struct options *o, const char *url, struct error *err)
{
	AUTO(challenge) struct challenge c = { 0 };

	/* A page that does not open says itself which. */
	if (!cdp_page_goto(tab->page, url, &(struct cdp_goto_opts){ .timeout_ms = OPEN_MS }, NULL, err))
		return false;
	if (!look(tab->page, &c, err))
		return error_wrap(err, "%s", url);
	if (o->json)
		print_json(url, &c);
	else
		print_text(url, &c);
	return true;
}

static int detect_all(const struct options *o)
{
	struct error err = { 0 };
	int code = EXIT_OK;
	AUTO(tab) struct tab tab = { 0 };

	if (o->word_count < 3) {
		fail(&err, ERR_INPUT, "otp detect wants URL...");
		return command_failed(&err);
	}
	if (!tab_open(&tab, o, NULL, o->headed, &err))
		return command_failed(&err);
	for (size_t i = 2; i < o->word_count; i++) {
		err = (struct error){ 0 };
		if (detect(&tab, o, o->words[i], &err))
			continue;
		code = command_failed(&err);
		if (err.code == ERR_CLOSED || err.code == ERR_DISCONNECTED || err.code == ERR_CANCELLED)
			break;
	}
	return code;
}

/* ---- what runs wait for ---- */

static void print_request(const cJSON *r)
{
	const char *channel = json_str(r, "channel"), *destination = json_str(r, "destination");

	printf("%s  %s/%s  until %.19sZ  %s%s%s%s%s\n", json_str(r, "requestId"), json_str(r, "site"), json_str(r, "account"),
		json_str(r, "expiresAt"), json_str(r, "message"), channel ? "  by " : "", channel ? channel : "",
		destination ? " to " : "", destination ? destination : "");
}

static int list(const struct options *o)
{
	struct error err = { 0 };
	AUTO(store) struct store *store = store_open(&err);
	AUTO(json) cJSON *all = store ? asked_list(store, &err) : NULL;
	const cJSON *one;

	if (!all)
		return command_failed(&err);
	if (o->json) {
		AUTO(text) char *text = json_print_pretty(all);
		printf("%s\n", text);
		return EXIT_OK;
	}
	cJSON_ArrayForEach(one, all)
		print_request(one);
	return EXIT_OK;
}

/* Takes ANSWER to whoever waits for it. */
static bool answer(const char *id, cJSON *answer, struct error *err)
{
	AUTO(json) cJSON *own = answer;
	AUTO(store) struct store *store = store_open(err);
	AUTO(text) char *channel = store ? asked_channel(store, id, err) : NULL;
	AUTO(json) cJSON *reply = NULL;
	int64_t status = 0;

	json_add(own, JSON_STR("requestId", id));
	if (!channel || !(reply = channel_ask(channel, own, ANSWER_MS, err)))
		return false;
	return (json_int(reply, "status", &status) && status == 200)
		|| fail(err, ERR_INPUT, "%s", json_str(reply, "message") ? json_str(reply, "message") : "the run did not take it");
}

/* The code of the command line, or a line of the standard input. */
static struct secret *read_code(const struct options *o, struct error *err)
{
	char line[CODE_LINE_MAX] = "";

	if (o->word_count > 3)
		return secret_new(o->words[3], strlen(o->words[3]));
	if (!fgets(line, sizeof line, stdin) || line[strcspn(line, "\r\n")] == '\0')
		return fail(err, ERR_INPUT, "otp submit wants ID CODE, or the code on the standard input"), NULL;
	struct secret *code = secret_new(line, strcspn(line, "\r\n"));
	secret_wipe(line, sizeof line);
	return code;
}

static int submit(const struct options *o)
{
	struct error err = { 0 };
	AUTO(secret) struct secret *code = o->word_count < 3 ? NULL : read_code(o, &err);

	if (o->word_count < 3)
		fail(&err, ERR_INPUT, "otp submit wants ID CODE; see gabbai otp list");
	if (!code || !answer(o->words[2], json_object(JSON_STR("code", secret_reveal(code))), &err))
		return command_failed(&err);
	puts("submitted");
	return EXIT_OK;
}

static int cancel(const struct options *o)
{
	struct error err = { 0 };

	if (o->word_count < 3) {
		fail(&err, ERR_INPUT, "otp cancel wants ID; see gabbai otp list");
		return command_failed(&err);
	}
	return answer(o->words[2], json_object(JSON_BOOL("cancel", true)), &err) ? EXIT_OK : command_failed(&err);
}

int cmd_otp(const struct options *o)
{
	static const struct {
		const char *verb;
		int (*run)(const struct options *o);
	} verbs[] = { { "detect", detect_all }, { "list", list }, { "submit", submit }, { "cancel", cancel } };
	const char *verb = o->word_count > 1 ? o->words[1] : "";
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(verb, verbs[i].verb))
			return verbs[i].run(o);
	fail(&err, ERR_INPUT, "otp wants: otp detect URL..., otp list, otp submit ID CODE, otp cancel ID");
	return command_failed(&err);
}
