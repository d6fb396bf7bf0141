/* libcdp's side of tests/peer/sessions.sh.
 *
 *	state_peer take URL SCRIPT           prints the state of a browser in which SCRIPT ran on URL
 *	state_peer put STATE URL SCRIPT      prints the value of SCRIPT, a text, on URL, in a browser with the
 *	                                     state of the file STATE */
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "cdp/state.h"

#include <string.h>

enum { LONG_MS = 30000 };

static char *read_all(const char *path)
{
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[8192];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	return buf_take(&text);
}

static cJSON *value_on(struct cdp_page *page, const char *url, const char *script, struct error *err)
{
	AUTO(text) char *expression = read_all(script);

	return cdp_page_goto(page, url, NULL, NULL, err)
		? cdp_page_eval(page, expression, &(struct cdp_eval_opts){ .timeout_ms = LONG_MS }, err) : NULL;
}

static bool take(struct cdp_page *page, char **words, struct error *err)
{
	AUTO(json) cJSON *value = value_on(page, words[0], words[1], err);
	AUTO(json) cJSON *state = value ? cdp_state_capture(page, true, deadline_in_ms(LONG_MS), err) : NULL;
	AUTO(text) char *text = state ? json_print(state) : NULL;

	return text && puts(text) >= 0;
}

static bool put(struct cdp_page *page, char **words, struct error *err)
{
	AUTO(text) char *text = read_all(words[0]);
	AUTO(json) cJSON *state = json_parse(text, strlen(text), err);

	if (!state || !cdp_state_restore(page, state, deadline_in_ms(LONG_MS), err))
		return false;
	AUTO(json) cJSON *value = value_on(page, words[1], words[2], err);
	return cJSON_IsString(value) && puts(value->valuestring) >= 0;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	const bool is_put = argc == 5 && !strcmp(argv[1], "put");

	if (!is_put && (argc != 4 || strcmp(argv[1], "take") != 0)) {
		fprintf(stderr, "state_peer take URL SCRIPT | put STATE URL SCRIPT\n");
		return 2;
	}
	AUTO(browser) struct cdp_browser *browser = cdp_browser_launch(NULL, deadline_in_ms(LONG_MS), &err);
	struct cdp_context *context = browser ? cdp_context_new(browser, deadline_in_ms(LONG_MS), &err) : NULL;
	struct cdp_page *page = context ? cdp_page_open(browser, context, NULL, deadline_in_ms(LONG_MS), &err) : NULL;
	const bool ok = page && (is_put ? put : take)(page, argv + 2, &err);
	cdp_page_free(page);
	cdp_context_free(context);
	if (!ok)
		fprintf(stderr, "%s: %s\n", error_name(err.code), err.text);
	return ok ? 0 : 1;
}
