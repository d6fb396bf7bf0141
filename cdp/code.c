/* One-time codes, digit by digit: see cdp_page_type_code().
 *
 * Pages lose digits in many ways: they move the focus late, or not at all, or on keyup; they swap the
 * boxes; they submit themselves on the last digit; they take a paste only.  So each key waits in the page
 * for what it did, the page is helped when it does nothing, and at the end the boxes must hold the code,
 * or the page must have moved on. */
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/page_impl.h"

#include <string.h>

enum { CODE_TRIES = 3, KEPT_MS = 400, CODE_MAX = 32 };

struct entry {
	struct cdp_frame *frame;
	unsigned document;
	const char *code;
	struct deadline until;
	int boxes;
	bool typed;    /* something of the code has reached the page */
	bool moved_on;
};

static cJSON *ask(struct entry *e, const char *function, cJSON *args, struct error *err)
{
	AUTO(json) cJSON *own = args;
	struct error why = { 0 };

	/* Once only: in a document that follows, the code has nothing to look for. */
	if (e->frame->detached || e->frame->document != e->document || !e->frame->world) {
		e->moved_on = true;
		return NULL;
	}
	cJSON *value = cdp_eval_value(
		cdp_reply_wait(cdp_frame_send(e->frame, function, own), e->until, &why), &why);
	if (!value && (why.code == ERR_CONTEXT || why.code == ERR_CLOSED))
		e->moved_on = true;
	if (!value && err)
		*err = why;
	return value;
}

static cJSON *list(const char *const *fields, size_t count)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < count; i++)
		json_add(array, JSON_STR(NULL, fields[i]));
	return array;
}

static bool press(struct entry *e, const char *key, struct error *err)
{
	return cdp_key_press(e->frame->page, e->frame->session, key, e->until, err);
}

/* Empties the boxes by keys, as the page's own script expects it. */
static bool clear(struct entry *e, struct error *err)
{
	for (int i = 0; i < CODE_MAX; i++) {
		AUTO(json) cJSON *more = ask(e, "codeClear", cJSON_CreateArray(), err);
		if (!more)
			return e->moved_on;
		if (!cJSON_IsTrue(more))
			return true;
		if (!press(e, "Backspace", err))
			return false;
	}
	return true;
}

/* All keys at once: there is only one field to go to.  Its own page's answer is read at the end. */
static bool type_one_field(struct entry *e, struct error *err)
{
	struct error why = { 0 };
	e->typed = true;
	struct cdp_reply *last = cdp_keys_send(e->frame->page, e->frame->session, e->code);
	AUTO(json) cJSON *typed = cdp_reply_wait(last, e->until, &why);

	if (typed || why.code == ERR_CONTEXT || why.code == ERR_CLOSED)
		return true;
	if (err)
		*err = why;
	return false;
}

/* 1: the page took it; 0: it did not; -1: ERR is filled, or the page moved on. */
static int type_digit(struct entry *e, int index, bool last, struct error *err)
{
	const char digit[] = { e->code[index], '\0' };
	AUTO(json) cJSON *aimed = ask(e, "codeAim", json_array(JSON_INT(NULL, index)), err);

	if (!aimed)
		return -1;
	e->typed = true;
	cdp_reply_free(cdp_keys_send(e->frame->page, e->frame->session, digit));
	AUTO(json) cJSON *step = ask(e, "codeStep",
		json_array(JSON_INT(NULL, index), JSON_BOOL(NULL, last)), err);
	return step ? json_true(step, "took") : -1;
}

static bool type_boxes(struct entry *e, bool *refused, struct error *err)
{
	const int size = (int)strlen(e->code);

	for (int i = 0; i < size; i++) {
		const int took = type_digit(e, i, i == size - 1, err);
		if (took < 0)
			return e->moved_on;
		if (took)
			continue;
		*refused = i == 0;
		return *refused || fail(err, ERR_VALUE, "the page did not take digit %d of the code", i + 1);
	}
	return true;
}

/* 1: the fields hold the code; 0: they do not; -1: the page moved on or ERR is filled. */
static int is_kept(struct entry *e, int64_t *length, struct error *err)
{
	AUTO(json) cJSON *answer = ask(e, "codeKept",
		json_array(JSON_STR(NULL, e->code), JSON_INT(NULL, KEPT_MS)), err);

	if (!answer)
		return -1;
	(void)json_int(answer, "length", length);
	return json_true(answer, "kept");
}

static bool try_once(struct entry *e, const char *const *fields, size_t count, int64_t *length,
	bool *kept, struct error *err)
{
	bool refused = false;
	AUTO(json) cJSON *start = ask(e, "codeStart",
		json_array(JSON_NODE(NULL, list(fields, count)), JSON_INT(NULL, deadline_left_ms(e->until))), err);
	int64_t full = 0;

	if (!start)
		return e->moved_on;
	if (!cdp_answer_ok(start, "entering a code into", fields[0], err))
		return false;
	if (json_int(start, "full", &full) && full > 0 && !clear(e, err))
		return false;
	if (!e->moved_on && !(count == 1 ? type_one_field(e, err) : type_boxes(e, &refused, err)))
		return false;

	int is = e->moved_on ? 1 : is_kept(e, length, err);
	if (!is) { /* a page that takes a paste and nothing else */
		AUTO(json) cJSON *pasted = ask(e, "codePaste", json_array(JSON_STR(NULL, e->code)), err);
		is = pasted ? is_kept(e, length, err) : -1;
	}
	*kept = e->moved_on ? e->typed : is > 0;
	return is >= 0 || e->moved_on;
}

bool cdp_page_type_code(struct cdp_page *page, struct cdp_frame *frame, const char *const *fields,
	size_t count, const struct secret *code, struct deadline until, struct error *err)
{
	struct entry e = {
		.frame = frame ? frame : page->frames,
		.code = secret_reveal(code),
		.until = deadline_sooner(until, deadline_in_ms(CDP_STEP_MS)),
	};
	int64_t length = -1;

	if (!count || !*e.code || strlen(e.code) > CODE_MAX)
		return fail(err, ERR_INPUT, "no field or no code");
	e.frame->shown = true;
	for (int try = 0; try < CODE_TRIES; try++) {
		bool kept = false;
		if (!cdp_frame_world(e.frame, until, err))
			return false;
		e.document = e.frame->document;
		e.typed = e.moved_on = false; /* a page that leaves before it has the code did not take it */
		if (!try_once(&e, fields, count, &length, &kept, err))
			return false;
		if (kept)
			return true;
	}
	return fail(err, ERR_VALUE, "%zu fields do not keep the code: %zu digits typed, %d kept", count,
		strlen(e.code), (int)length);
}
