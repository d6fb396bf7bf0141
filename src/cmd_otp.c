/* gabbai otp detect URL...: what pages ask of a person, a line each. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "scrapers/detect.h"
#include "src/ending.h"
#include "src/tab.h"

#include <stdio.h>
#include <string.h>

enum {
	OPEN_MS = 20000,
	LATE_MS = 2000, /* after loading, for a code's field to appear */
	LOOK_MS = 100,
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

int cmd_otp(const struct options *o)
{
	struct error err = { 0 };
	int code = EXIT_OK;

	if (o->word_count < 3 || strcmp(o->words[1], "detect") != 0) {
		fail(&err, ERR_INPUT, "otp wants: otp detect URL...");
		return command_failed(&err);
	}
	AUTO(tab) struct tab tab = { 0 };
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
