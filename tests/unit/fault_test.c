/* X04: every message of a login goes wrong once, in every way.  Each time there is either success or an
 * error with a code and a sentence, soon, and nothing is left behind (AddressSanitizer looks). */
#include "cdp/browser.h"
#include "cdp/page.h"
#include "cdp/storage.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum {
	STEP_MS = 40,       /* of a step that hangs */
	MESSAGES_MAX = 100, /* of the login */
	LONG_MS = 4000,     /* of a login with one fault: each step may use its grace */
};

struct login {
	struct talk *talk;
	struct cdp_context *context;
	bool fast; /* what hangs is given up soon */
};

static struct deadline step(const struct login *l)
{
	return deadline_in_ms(l->fast ? STEP_MS : LONG_MS);
}

static bool open_page(struct login *l, struct error *err)
{
	l->talk->browser = cdp_browser_attach(l->talk->url, NULL, step(l), err);
	l->context = l->talk->browser ? cdp_context_new(l->talk->browser, step(l), err) : NULL;
	l->talk->page = l->context ? cdp_page_open(l->talk->browser, l->context, NULL, step(l), err) : NULL;
	return l->talk->page != NULL;
}

static bool sign_in(struct login *l, struct error *err)
{
	const int ms = l->fast ? STEP_MS : LONG_MS;
	const struct cdp_branch home = { .selector = "#menu" };
	struct cdp_page *page = l->talk->page;

	return cdp_page_goto(page, "http://a.test/", &(struct cdp_goto_opts){ .timeout_ms = ms }, NULL, err)
		&& cdp_page_type(page, "#user", "dana", &(struct cdp_type_opts){ .timeout_ms = ms }, err)
		&& cdp_page_click(page, "#go", &(struct cdp_click_opts){ .timeout_ms = ms }, err)
		&& cdp_page_race(page, &home, 1, step(l), NULL, err) == 0;
}

static bool read_all(struct login *l, struct error *err)
{
	const int ms = l->fast ? STEP_MS : LONG_MS;
	AUTO(text) char *name = cdp_page_text(l->talk->page, "#name", ms, err);
	AUTO(json) cJSON *balance = name
		? cdp_page_eval(l->talk->page, "balance", &(struct cdp_eval_opts){ .timeout_ms = ms }, err) : NULL;
	AUTO(json) cJSON *cookies = balance ? cdp_cookies_get(l->talk->browser, l->context, step(l), err) : NULL;

	return cookies != NULL;
}

/* One login with one fault.  False when there was no message of that number. */
static bool log_in(enum talk_fault fault, int at, void **state)
{
	const struct talk_opts opts = { .fault = fault, .fault_at = at };
	struct login l = { .talk = talk_start("a_whole_login", &opts), .fast = fault == TALK_FAULT_SILENCE };
	const int64_t start = clock_ms();
	struct error err = { 0 };
	bool faulted;

	*state = l.talk;
	const bool ok = open_page(&l, &err) && sign_in(&l, &err) && read_all(&l, &err);
	if (!ok && (err.code == ERR_NONE || !err.text[0]))
		fail_msg("fault %d of message %d has no error", fault, at);
	if (!ok && fault == TALK_FAULT_DIE && err.code != ERR_DISCONNECTED)
		fail_msg("after the death at message %d: %s: %s", at, error_name(err.code), err.text);
	if (clock_ms() - start > LONG_MS)
		fail_msg("fault %d of message %d takes %d ms: %s", fault, at, (int)(clock_ms() - start), err.text);
	*state = NULL;
	AUTO(text) char *report = talk_end(l.talk, &faulted);
	assert_null(report);
	assert_true(ok || faulted || l.fast); /* a busy machine may have given up before */
	return faulted;
}

static void without_a_fault_it_works(void **state)
{
	assert_false(log_in(TALK_NO_FAULT, 0, state));
}

static void each_message(enum talk_fault fault, void **state)
{
	int at = 1;

	while (at < MESSAGES_MAX && log_in(fault, at, state))
		at++;
	assert_in_range(at, 25, MESSAGES_MAX - 1);
}

static void each_message_is_refused_once(void **state)
{
	each_message(TALK_FAULT_ERROR, state);
}

static void each_answer_is_empty_once(void **state)
{
	each_message(TALK_FAULT_EMPTY, state);
}

static void each_answer_is_strange_once(void **state)
{
	each_message(TALK_FAULT_STRANGE, state);
}

static void the_browser_dies_at_each_message(void **state)
{
	each_message(TALK_FAULT_DIE, state);
}

/* Some of them: each costs its time. */
static void an_answer_never_comes(void **state)
{
	for (int at = 1; at < 30; at += 7)
		(void)log_in(TALK_FAULT_SILENCE, at, state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALKS(without_a_fault_it_works),
		TALKS(each_message_is_refused_once),
		TALKS(each_answer_is_empty_once),
		TALKS(each_answer_is_strange_once),
		TALKS(the_browser_dies_at_each_message),
		TALKS(an_answer_never_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
