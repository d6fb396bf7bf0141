/* make bench-entry: types a code into the fields that the detector finds on each page, and reads back what they
 * hold.  For each URL of the arguments a line of JSON: {url, kind, fields, entered, went_on, why, ms}. */
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/conn.h"
#include "cdp/page.h"
#include "scrapers/detect.h"

#include <ctype.h>
#include <string.h>

enum { STEP_MS = 15000, CODE_MS = 20000, APPEAR_MS = 4000, LOOK_MS = 100, DIGITS = 6, DIGITS_MAX = 12 };

/* No two digits in a row are the same, so that a lost or doubled one shows. */
static const char digits[] = "482193750618";

/* What the fields hold now, one behind the other; NULL when the page has moved on. */
static char *held(struct cdp_page *page, const struct challenge *c)
{
	struct buf all = { 0 };

	for (size_t i = 0; i < c->field_count; i++) {
		AUTO(text) char *whole = cdp_frame_parent(c->frame)
			? xasprintf("frame=%s >> %s", cdp_frame_url(c->frame), c->fields[i]) : xstrdup(c->fields[i]);
		AUTO(text) char *value = cdp_page_value(page, whole, LOOK_MS, NULL);
		if (!value) {
			buf_clear(&all);
			return NULL;
		}
		for (const char *p = value; *p; p++)
			if (isalnum((unsigned char)*p))
				buf_putc(&all, *p);
	}
	return buf_take(&all);
}

/* The challenge, once it is there and can be typed into. */
static bool find(struct cdp_page *page, struct challenge *c, struct error *err)
{
	const struct deadline until = deadline_in_ms(APPEAR_MS);

	for (;;) {
		if (!challenge_detect(page, c, err))
			return false;
		if ((c->kind == CHALLENGE_CODE && !c->disabled) || deadline_passed(until))
			return true;
		(void)cdp_conn_wait(cdp_page_conn(page), deadline_in_ms(LOOK_MS), NULL); /* looked at next */
	}
}

static void print_result(const char *url, const struct challenge *c, bool entered, bool went_on, const char *why, int64_t ms)
{
	AUTO(json) cJSON *json = json_object(JSON_STR("url", url), JSON_BOOL("code", c->kind == CHALLENGE_CODE),
		JSON_INT("fields", (int64_t)c->field_count), JSON_BOOL("entered", entered), JSON_BOOL("went_on", went_on),
		JSON_STR("why", why), JSON_INT("ms", ms));
	AUTO(text) char *line = json_print(json);

	printf("%s\n", line);
	(void)fflush(stdout);
}

static void enter(struct cdp_browser *browser, const char *url)
{
	struct error err = { 0 };
	AUTO(context) struct cdp_context *context = cdp_context_new(browser, deadline_in_ms(STEP_MS), &err);
	AUTO(page) struct cdp_page *page = context ? cdp_page_open(browser, context, NULL, deadline_in_ms(STEP_MS), &err) : NULL;
	AUTO(challenge) struct challenge c = { 0 };

	if (!page || !cdp_page_goto(page, url, NULL, NULL, &err) || !find(page, &c, &err) || c.kind != CHALLENGE_CODE) {
		print_result(url, &c, false, false, err.code ? err.text : "no code is wanted", 0);
		return;
	}
	size_t size = c.digits ? (size_t)c.digits : c.field_count > 1 ? c.field_count : DIGITS;
	size = size < DIGITS_MAX ? size : DIGITS_MAX;
	AUTO(secret) struct secret *code = secret_new(digits, size);
	const int64_t begin = clock_ms();
	const bool ok = cdp_page_type_code(page, c.frame, c.fields, c.field_count, code, deadline_in_ms(CODE_MS), &err);
	const int64_t ms = clock_ms() - begin;
	AUTO(text) char *now = held(page, &c);
	const bool same = now && strlen(now) == size && !strncmp(now, digits, size);
	print_result(url, &c, ok && (same || !now), !now, ok ? (same || !now ? NULL : "the fields hold something else") : err.text, ms);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	AUTO(browser) struct cdp_browser *browser = cdp_browser_launch(NULL, deadline_in_ms(STEP_MS), &err);

	if (!browser) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (int i = 1; i < argc; i++)
		enter(browser, argv[i]);
	return 0;
}
