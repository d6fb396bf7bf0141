/* Which frame a selector means, and the race over frames.
 *
 * A race asks every frame concerned once; each waits in its page, by observing mutations, and answers
 * when one of its branches is true.  A frame whose document changes is asked again.  So a wait costs one
 * round trip a frame, however long it lasts. */
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/page_impl.h"

#include <assert.h>
#include <string.h>

enum {
	BRANCHES_MAX = 32,
	PROBES_MAX = 64,    /* frames asked at once */
	GRACE_MS = 250,     /* for the pages' last words after the deadline */
	ROUND_MS = 20000,   /* a page waits this long before it is asked again */
};

static const char frame_prefix[] = "frame=";

/* One line of a selector: the frames it is for, and the rest.  PART is NULL for the main frame. */
struct line {
	const char *part;
	size_t part_size;
	const char *rest;
	size_t rest_size;
};

static const char *next_line(const char *at, struct line *out)
{
	const char *end = at + strcspn(at, "\n");
	const char *hop = NULL;

	while (*at == ' ' || *at == '\t')
		at++;
	*out = (struct line){ .rest = at };
	if (!strncmp(at, frame_prefix, sizeof frame_prefix - 1))
		hop = memmem(at, (size_t)(end - at), " >> ", 4);
	if (hop) {
		out->part = at + sizeof frame_prefix - 1;
		out->part_size = (size_t)(hop - out->part);
		out->rest = hop + 4;
	}
	out->rest_size = (size_t)(end - out->rest);
	return *end ? end + 1 : NULL;
}

/* The lines of SELECTOR that are for FRAME; NULL when there are none. */
static char *lines_for(const char *selector, const struct cdp_frame *frame)
{
	AUTO(buf) struct buf out = { 0 };

	for (const char *at = selector; at;) {
		struct line line;
		at = next_line(at, &line);
		if (!line.rest_size)
			continue;
		AUTO(text) char *part = line.part ? xstrndup(line.part, line.part_size) : NULL;
		if (part ? !cdp_frame_matches(frame, part) : frame != frame->page->frames)
			continue;
		if (out.size)
			(void)buf_putc(&out, '\n');
		(void)buf_append(&out, line.rest, line.rest_size);
	}
	return out.size ? buf_take(&out) : NULL;
}

static const char *const state_names[] = {
	[CDP_VISIBLE] = "visible",
	[CDP_ATTACHED] = "attached",
	[CDP_ENABLED] = "enabled",
	[CDP_HIDDEN] = "hidden",
	[CDP_DETACHED] = "detached",
};

struct probe {
	struct cdp_frame *frame; /* NULL: the slot is free */
	unsigned document;
	struct cdp_reply *reply;
	bool for_world;
	bool refused;                    /* the frame is gone or sick */
	size_t count;
	unsigned char index[BRANCHES_MAX]; /* of the branches this frame was asked for */
};

struct cdp_race {
	struct cdp_page *page;
	const struct cdp_branch *branches;
	size_t count;
	struct deadline until;
	struct probe probes[PROBES_MAX];
	unsigned tree_changes;
	bool looked;
	bool again;               /* some frame could not be asked, and is asked again soon */
	char token[32];
	/* What was seen last of each branch. */
	enum error_code code[BRANCHES_MAX];
	char seen[BRANCHES_MAX][96];
	bool asked[BRANCHES_MAX];
};

static void probe_drop(struct probe *probe)
{
	cdp_reply_free(probe->reply);
	probe->reply = NULL;
	probe->frame = NULL;
}

/* The page's wait ends when nobody wants its answer any more. */
static void probe_cancel(struct cdp_race *race, struct probe *probe)
{
	if (probe->frame && probe->reply && !probe->for_world && !cdp_reply_done(probe->reply)
			&& probe->frame->world && probe->frame->document == probe->document
			&& !probe->frame->session->dead) {
		AUTO(json) cJSON *args = json_array(JSON_STR(NULL, race->token));
		cdp_reply_free(cdp_frame_send(probe->frame, "cancel", args));
	}
	probe_drop(probe);
}

static struct probe *probe_of(struct cdp_race *race, const struct cdp_frame *frame)
{
	for (size_t i = 0; i < PROBES_MAX; i++)
		if (race->probes[i].frame == frame)
			return &race->probes[i];
	return NULL;
}

static void probe_ask(struct cdp_race *race, struct probe *probe)
{
	cJSON *branches = cJSON_CreateArray();
	const int left = deadline_left_ms(race->until);

	probe->count = 0;
	for (size_t i = 0; i < race->count; i++) {
		AUTO(text) char *lines = race->branches[i].selector
			? lines_for(race->branches[i].selector, probe->frame) : NULL;
		if (!lines)
			continue;
		probe->index[probe->count++] = (unsigned char)i;
		json_add(branches, JSON_NODE(NULL, json_object(JSON_STR("locator", lines),
			JSON_STR("state", state_names[race->branches[i].state]))));
	}
	AUTO(json) cJSON *args = json_array(JSON_NODE(NULL, branches),
		JSON_INT(NULL, left < ROUND_MS ? left : ROUND_MS), JSON_STR(NULL, race->token));
	probe->for_world = false;
	probe->reply = cdp_frame_send(probe->frame, "race", args);
}

static void probe_start(struct cdp_race *race, struct cdp_frame *frame)
{
	struct probe *probe = probe_of(race, NULL);

	if (!probe)
		return;
	*probe = (struct probe){ .frame = frame, .document = frame->document };
	frame->shown = true;
	if (frame->world) {
		probe_ask(race, probe);
		return;
	}
	probe->for_world = true;
	probe->reply = cdp_frame_ask_world(frame);
}

static bool concerns(const struct cdp_race *race, const struct cdp_frame *frame)
{
	for (size_t i = 0; i < race->count; i++) {
		AUTO(text) char *lines = race->branches[i].selector
			? lines_for(race->branches[i].selector, frame) : NULL;
		if (lines)
			return true;
	}
	return false;
}

/* Asks the frames that are new or show another document. */
static void look_at_frames(struct cdp_race *race)
{
	struct cdp_page *page = race->page;

	if (race->looked && race->tree_changes == page->tree_changes)
		return;
	race->looked = true;
	race->tree_changes = page->tree_changes;
	for (size_t i = 0; i < PROBES_MAX; i++) {
		struct probe *probe = &race->probes[i];
		if (probe->frame && (probe->frame->detached || probe->document != probe->frame->document))
			probe_drop(probe);
	}
	for (struct cdp_frame *f = page->frames; f; f = f->next)
		if (!f->detached && !f->session->dead && !probe_of(race, f) && concerns(race, f))
			probe_start(race, f);
}

static void keep_seen(struct cdp_race *race, const struct probe *probe, const cJSON *seen)
{
	for (size_t i = 0; i < probe->count; i++) {
		const cJSON *what = cJSON_GetArrayItem(seen, (int)i);
		const size_t branch = probe->index[i];
		const char *code = json_str(what, "0"), *words = json_str(what, "1");
		if (!code || !words)
			continue;
		/* What is hidden in one frame says more than what is nowhere in another. */
		if (race->asked[branch] && !strcmp(code, "NOT_FOUND"))
			continue;
		race->asked[branch] = true;
		race->code[branch] = !strcmp(code, "NOT_FOUND") ? ERR_NOT_FOUND
			: !strcmp(code, "HIDDEN") ? ERR_HIDDEN
			: !strcmp(code, "DISABLED") ? ERR_DISABLED : ERR_NONE;
		(void)snprintf(race->seen[branch], sizeof race->seen[branch], "%s", words);
	}
}

enum { FAILED = -1 };

/* Frames that could not be asked are asked again, except where the page itself refuses. */
static int probe_refused(struct cdp_race *race, struct probe *probe, const struct error *why, struct error *err)
{
	probe->refused = true;
	if (why->code != ERR_PROTOCOL || probe->frame != race->page->frames)
		return CDP_RACE_ON;
	if (err)
		*err = *why;
	return FAILED;
}

/* A branch's index, CDP_RACE_ON, or FAILED with ERR filled. */
static int probe_answer(struct cdp_race *race, struct probe *probe, struct error *err)
{
	struct error why = { 0 };

	if (probe->for_world) {
		struct cdp_reply *reply = TAKE(probe->reply);
		if (cdp_frame_take_world(probe->frame, probe->document, reply, &why) && probe->frame->world)
			probe_ask(race, probe);
		else
			return probe_refused(race, probe, &why, err);
		return CDP_RACE_ON;
	}
	AUTO(json) cJSON *answer = cdp_eval_value(
		cdp_reply_wait(TAKE(probe->reply), DEADLINE_NEVER, &why), &why);
	int64_t index;
	if (answer && json_int(answer, "index", &index)) {
		if (index >= 0 && (size_t)index < probe->count)
			return probe->index[index];
		keep_seen(race, probe, json_at(answer, "seen"));
		if (!deadline_passed(race->until))
			probe_ask(race, probe);
		return CDP_RACE_ON;
	}
	if (why.code == ERR_SELECTOR || why.code == ERR_DISCONNECTED) {
		if (err)
			*err = why;
		return FAILED;
	}
	if (cdp_engine_missing(probe->frame, &why) && !deadline_passed(race->until)) {
		cdp_frame_post_engine(probe->frame);
		probe_ask(race, probe);
		return CDP_RACE_ON;
	}
	if (why.code == ERR_CONTEXT && probe->frame->document == probe->document)
		probe->frame->world = 0;
	return probe_refused(race, probe, &why, err);
}

static int take_answers(struct cdp_race *race, struct cdp_frame **frame, struct error *err)
{
	for (size_t i = 0; i < PROBES_MAX; i++) {
		struct probe *probe = &race->probes[i];
		if (!probe->frame || !probe->reply || !cdp_reply_done(probe->reply))
			continue;
		const int found = probe_answer(race, probe, err);
		if (found >= 0 && frame)
			*frame = probe->frame;
		if (found != CDP_RACE_ON)
			return found;
	}
	return CDP_RACE_ON;
}

/* Frames that could not be asked are asked again a moment later, as long as they are there. */
static bool revive_refused(struct cdp_race *race)
{
	bool any = false;

	for (size_t i = 0; i < PROBES_MAX; i++) {
		struct probe *probe = &race->probes[i];
		if (!probe->frame || !probe->refused)
			continue;
		any = true;
		probe_drop(probe);
		probe->refused = false;
		race->looked = false;
	}
	return any;
}

static bool any_waiting(const struct cdp_race *race)
{
	for (size_t i = 0; i < PROBES_MAX; i++)
		if (race->probes[i].frame && race->probes[i].reply)
			return true;
	return false;
}

static void fail_race(struct cdp_race *race, struct error *err)
{
	AUTO(buf) struct buf text = { .size_max = ERROR_TEXT_MAX };
	enum error_code cause = race->count ? race->code[0] : ERR_NONE;

	for (size_t i = 0; i < race->count; i++) {
		const struct cdp_branch *b = &race->branches[i];
		if (!b->selector)
			continue;
		(void)buf_printf(&text, "%s%s: %s", text.size ? "; " : "", b->name ? b->name : b->selector,
			race->asked[i] ? race->seen[i] : "no such frame");
	}
	if (race->count && !race->asked[0])
		cause = ERR_NOT_FOUND;
	fail_timeout(err, cause, "%s", buf_text(&text));
}

static struct deadline grace(const struct cdp_race *race)
{
	return race->until.at_us == INT64_MAX ? DEADLINE_NEVER : (struct deadline){ .at_us = race->until.at_us + GRACE_MS * 1000 };
}

int cdp_race_look(struct cdp_race *race, struct cdp_frame **frame, struct error *err)
{
	const int found = take_answers(race, frame, err);

	if (found != CDP_RACE_ON)
		return found;
	if (race->page->session->dead) {
		cdp_session_fail(race->page->session, err);
		return FAILED;
	}
	if (!deadline_passed(race->until)) {
		look_at_frames(race);
	} else if (!any_waiting(race) || deadline_passed(grace(race))) {
		fail_race(race, err);
		return FAILED;
	}
	race->again = revive_refused(race);
	return CDP_RACE_ON;
}

struct deadline cdp_race_pause(const struct cdp_race *race)
{
	const struct deadline end = deadline_passed(race->until) ? grace(race) : race->until;

	return race->again ? deadline_sooner(end, deadline_in_ms(CONTEXT_RETRY_MS)) : end;
}

struct cdp_race *cdp_race_new(struct cdp_page *page, const struct cdp_branch *branches, size_t count, struct deadline until)
{
	static unsigned last_token;
	struct cdp_race *race = xcalloc(1, sizeof *race);

	assert(count <= BRANCHES_MAX);
	*race = (struct cdp_race){ .page = page, .branches = branches, .count = count, .until = until };
	(void)snprintf(race->token, sizeof race->token, "r%u", ++last_token);
	return race;
}

void cdp_race_free(struct cdp_race *race)
{
	for (size_t i = 0; race && i < PROBES_MAX; i++)
		if (race->probes[i].frame)
			probe_cancel(race, &race->probes[i]);
	free(race);
}

int cdp_page_race(struct cdp_page *page, const struct cdp_branch *branches, size_t count,
	struct deadline until, struct cdp_frame **frame, struct error *err)
{
	if (count > BRANCHES_MAX) {
		fail(err, ERR_LIMIT, "a race of %zu branches", count);
		return FAILED;
	}
	AUTO(cdp_race) struct cdp_race *race = cdp_race_new(page, branches, count, until);
	for (;;) {
		struct error why;
		const int found = cdp_race_look(race, frame, err);
		if (found != CDP_RACE_ON)
			return found;
		if (!cdp_conn_wait(page->browser->conn, cdp_race_pause(race), &why) && why.code != ERR_TIMEOUT) {
			if (err)
				*err = why;
			return FAILED;
		}
	}
}

/* ---- one element ---- */

static size_t frames_for(struct cdp_page *page, const char *selector, struct cdp_frame **only)
{
	size_t count = 0;

	for (struct cdp_frame *f = page->frames; f; f = f->next) {
		AUTO(text) char *lines = f->detached ? NULL : lines_for(selector, f);
		if (lines && count++ == 0)
			*only = f;
	}
	return count;
}

static bool is_for_main_frame(const char *selector)
{
	for (const char *at = selector; at;) {
		struct line line;
		at = next_line(at, &line);
		if (line.part)
			return false;
	}
	return true;
}

bool cdp_page_place(struct cdp_page *page, const char *selector, enum cdp_state state,
	struct deadline until, struct cdp_place *out, struct error *err)
{
	struct cdp_frame *frame = NULL;

	if (is_for_main_frame(selector)) {
		*out = (struct cdp_place){ .frame = page->frames, .selector = xstrdup(selector) };
		return true;
	}
	if (frames_for(page, selector, &frame) != 1) {
		const struct cdp_branch branch = { .selector = selector, .state = state };
		if (cdp_page_race(page, &branch, 1, until, &frame, err) < 0)
			return false;
	}
	char *lines = lines_for(selector, frame);
	if (!lines)
		return fail(err, ERR_CONTEXT, "%s: the frame moved on", selector);
	*out = (struct cdp_place){ .frame = frame, .selector = lines };
	return true;
}

/* Gone everywhere: each frame in its turn, since all must agree. */
static bool wait_gone(struct cdp_page *page, const char *selector, enum cdp_state state,
	struct deadline until, struct error *err)
{
	struct cdp_frame *frames[PROBES_MAX];
	const size_t count = cdp_page_frames(page, frames, PROBES_MAX);

	for (size_t i = 0; i < count && i < PROBES_MAX; i++) {
		AUTO(text) char *lines = frames[i]->detached ? NULL : lines_for(selector, frames[i]);
		if (!lines)
			continue;
		cJSON *branches = json_array(JSON_NODE(NULL,
			json_object(JSON_STR("locator", lines), JSON_STR("state", state_names[state]))));
		struct error why = { 0 };
		AUTO(json) cJSON *answer = cdp_frame_call(frames[i], "race",
			json_array(JSON_NODE(NULL, branches), JSON_INT(NULL, deadline_left_ms(until))),
			(struct deadline){ .at_us = until.at_us + GRACE_MS * 1000 }, &why);
		int64_t index = 0;
		if (!answer && why.code == ERR_CLOSED && frames[i] != page->frames)
			continue; /* what was in it went with it */
		if (!answer) {
			if (err)
				*err = why;
			return false;
		}
		if (json_int(answer, "index", &index) && index < 0)
			return fail_timeout(err, ERR_NONE, "%s is still %s", selector,
				state == CDP_HIDDEN ? "visible" : "there");
	}
	return true;
}

bool cdp_page_wait(struct cdp_page *page, const char *selector, const struct cdp_wait_opts *opts,
	struct error *err)
{
	const enum cdp_state state = opts ? opts->state : CDP_VISIBLE;
	const struct deadline until = deadline_in_ms(opts && opts->timeout_ms > 0 ? opts->timeout_ms : CDP_STEP_MS);
	const struct cdp_branch branch = { .selector = selector, .state = state };

	if (state == CDP_HIDDEN || state == CDP_DETACHED)
		return wait_gone(page, selector, state, until, err);
	return cdp_page_race(page, &branch, 1, until, NULL, err) == 0;
}

int cdp_page_count(struct cdp_page *page, const char *selector, struct error *err)
{
	struct cdp_frame *frames[PROBES_MAX];
	const size_t count = cdp_page_frames(page, frames, PROBES_MAX);
	int total = 0;

	for (size_t i = 0; i < count && i < PROBES_MAX; i++) {
		AUTO(text) char *lines = frames[i]->detached ? NULL : lines_for(selector, frames[i]);
		if (!lines)
			continue;
		AUTO(json) cJSON *answer = cdp_frame_call(frames[i], "count", json_array(JSON_STR(NULL, lines)),
			deadline_in_ms(CDP_CALL_MS), err);
		if (!answer)
			return -1;
		total += (int)answer->valuedouble;
	}
	return total;
}

bool cdp_answer_ok(const cJSON *answer, const char *verb, const char *selector, struct error *err)
{
	const char *code = json_str(answer, "fail"), *text = json_str(answer, "text");

	if (!code)
		return true;
	for (enum error_code c = ERR_SELECTOR; c <= ERR_VALUE; c++) {
		if (strcmp(error_name(c), code) != 0)
			continue;
		if (c == ERR_VALUE)
			return fail(err, c, "%s %s: %s", verb, selector, text ? text : "");
		return fail_timeout(err, c, "%s %s: %s", verb, selector, text ? text : "");
	}
	return fail(err, ERR_INPUT, "%s %s: %s", verb, selector, text ? text : code);
}
