#include "scrapers/detect.h"

#include "cdp/base/error.h"
#include "cdp/embed.h"
#include "scrapers/vocabulary.h"

#include <string.h>

#define PART(noun) EMBED_FILE("selectors/otp/" noun ".js")

EMBED_ALL(detect_script,
	EMBED_WORDS("'use strict';\\n(() => {\\n")
	PART("plain") PART("words") PART("tree") PART("survey") PART("units") PART("surroundings") PART("signs") PART("judge")
	PART("controls") PART("details") PART("kinds") PART("watch")
	EMBED_FILE("selectors/otp.js")
	EMBED_WORDS("})();\\n"));
EMBED(detect_words, "selectors/otp.json");

enum { FRAMES_MAX = 64, FRAME_MS = 1000, HOSTS_MAX = 8, PARTIAL_MS = 250 };

#define TELL "gabbaiOtpChanged"

static const char ask[] = "globalThis.gabbaiOtp ? (gabbaiOtp.listen('" TELL "'),"
	" { deaf: typeof globalThis." TELL " !== 'function', ...gabbaiOtp.detect(gabbaiOtp.words) }) : 'absent'";

void challenge_clear(struct challenge *c)
{
	cJSON_Delete(c->verdict);
	*c = (struct challenge){ 0 };
}

static enum challenge_kind kind_of(const char *kind)
{
	static const char *const names[] = { "none", "code", "choose_method", "push", "captcha", "recovery", "webauthn" };

	for (size_t i = 0; kind && i < sizeof names / sizeof *names; i++)
		if (!strcmp(kind, names[i]))
			return (enum challenge_kind)i;
	return CHALLENGE_NONE;
}

static enum code_problem problem_of(const char *problem)
{
	if (!problem)
		return PROBLEM_NONE;
	return !strcmp(problem, "expired") ? PROBLEM_EXPIRED : !strcmp(problem, "too_many") ? PROBLEM_TOO_MANY : PROBLEM_WRONG;
}

static cJSON *ask_frame(struct cdp_page *page, struct cdp_frame *frame, const char *expression)
{
	const struct cdp_eval_opts opts = { .frame = frame, .timeout_ms = FRAME_MS, .isolated = true };

	return cdp_page_eval(page, expression, &opts, NULL);
}

/* A frame that goes away or hangs meanwhile has nothing to say. */
static cJSON *verdict_of(struct cdp_page *page, struct cdp_frame *frame)
{
	AUTO(json) cJSON *verdict = ask_frame(page, frame, ask);

	if (cJSON_IsString(verdict)) {
		AUTO(text) char *all = xasprintf("%s\ngabbaiOtp.words = %s;\n%s", detect_script, vocabulary(), ask);
		cJSON_Delete(verdict);
		verdict = ask_frame(page, frame, all);
	}
	/* Only the driver can open closed shadow roots; each is asked for once. */
	if (!json_true(verdict, "closed") || cdp_frame_closed_roots(frame, "gabbaiOtp.hosts()",
			"function (root) { gabbaiOtp.open(this, root) }", HOSTS_MAX, deadline_in_ms(FRAME_MS), NULL) <= 0)
		return TAKE(verdict);
	return ask_frame(page, frame, ask);
}

static cJSON *owner_of(struct cdp_frame *frame)
{
	return cdp_frame_owner(frame, "function () { return globalThis.gabbaiOtp ? gabbaiOtp.owner(this) : null }",
		deadline_in_ms(FRAME_MS), NULL);
}

/* A frame can be hidden by those around it, which it cannot see itself. */
static bool is_hidden(struct cdp_frame *frame)
{
	for (; cdp_frame_parent(frame); frame = cdp_frame_parent(frame)) {
		AUTO(json) cJSON *owner = owner_of(frame);
		if (json_true(owner, "hidden"))
			return true;
	}
	return false;
}

cJSON *challenge_frames(const struct challenge *c)
{
	cJSON *list = cJSON_CreateArray();

	for (struct cdp_frame *frame = c->frame; frame && cdp_frame_parent(frame); frame = cdp_frame_parent(frame)) {
		AUTO(json) cJSON *owner = owner_of(frame);
		const char *path = json_str(owner, "path");
		cJSON_InsertItemInArray(list, 0, cJSON_CreateString(path ? path : "iframe"));
	}
	return list;
}

static double weight(const cJSON *verdict)
{
	double score = 0;

	if (kind_of(json_str(verdict, "kind")) == CHALLENGE_NONE)
		return 0;
	(void)json_num(verdict, "score", &score); /* absent: 0 */
	return score + (kind_of(json_str(verdict, "kind")) == CHALLENGE_CODE ? 100 : 0);
}

static void fill(struct challenge *c, cJSON *verdict, struct cdp_frame *frame)
{
	int64_t number = 0;
	const cJSON *field;

	c->verdict = verdict;
	c->frame = frame;
	c->kind = kind_of(json_str(verdict, "kind"));
	c->problem = problem_of(json_str(verdict, "problem"));
	cJSON_ArrayForEach(field, json_list(verdict, "fields"))
		if (c->field_count < CODE_FIELDS_MAX && cJSON_IsString(field))
			c->fields[c->field_count++] = field->valuestring;
	c->digits = json_int(verdict, "digits", &number) ? (int)number : 0;
	c->expires_in = json_int(verdict, "expiresIn", &number) ? (int)number : 0;
	c->resend_in = json_int(verdict, "resendIn", &number) ? (int)number : 0;
	c->retry_after = json_int(verdict, "retryAfter", &number) ? (int)number : 0;
	c->trigger = json_true(verdict, "sent") || json_true(verdict, "numberMissing") ? NULL : json_str(verdict, "trigger");
	c->filled = json_true(verdict, "filled");
	c->disabled = json_true(verdict, "disabled");
	c->resend_disabled = json_true(verdict, "resendDisabled");
	c->submit = json_str(verdict, "submit");
	c->resend = json_str(verdict, "resend");
	c->trust_device = json_str(verdict, "trustDevice");
	c->channel = json_str(verdict, "channel");
	c->destination = json_str(verdict, "destination");
	c->message = json_str(verdict, "message");
}

bool challenge_detect(struct cdp_page *page, struct challenge *out, struct error *err)
{
	struct cdp_frame *frames[FRAMES_MAX];
	size_t count = cdp_page_frames(page, frames, FRAMES_MAX);
	bool is_partial = false;

	challenge_clear(out);
	(void)cdp_page_add_hidden_binding(page, TELL, NULL); /* a page that is gone is found out below */
	if (count > FRAMES_MAX)
		count = FRAMES_MAX;
	for (size_t i = 0; i < count; i++) {
		cJSON *verdict = verdict_of(page, frames[i]);
		is_partial = is_partial || (!verdict && !cdp_frame_is_detached(frames[i]));
		if (json_true(verdict, "deaf")) {
			cdp_frame_add_hidden_binding(frames[i], TELL);
			is_partial = true; /* it tells from the next look on */
		}
		cJSON_DeleteItemFromObjectCaseSensitive(verdict, "deaf");
		if (verdict && weight(verdict) > weight(out->verdict) && !is_hidden(frames[i])) {
			challenge_clear(out);
			fill(out, verdict, frames[i]);
		} else {
			cJSON_Delete(verdict);
		}
	}
	out->is_partial = is_partial;
	return !cdp_page_is_closed(page) || fail(err, ERR_CLOSED, "the page was closed");
}

/* ---- waiting for another verdict ---- */

static bool has_told(struct cdp_page *page)
{
	bool told = false;

	for (char *call; (call = cdp_page_next_binding(page, TELL, deadline_in_ms(0), NULL)); free(call))
		told = true;
	return told;
}

bool challenge_may_differ(struct cdp_page *page, struct challenge_sight *sight)
{
	const bool told = has_told(page);

	return told || !sight->has_looked || sight->documents != cdp_page_changes(page) || deadline_passed(sight->again);
}

bool challenge_look(struct cdp_page *page, struct challenge_sight *sight, struct challenge *out, struct error *err)
{
	sight->has_looked = true;
	sight->documents = cdp_page_changes(page);
	if (!challenge_detect(page, out, err))
		return false;
	sight->again = out->is_partial ? deadline_in_ms(PARTIAL_MS) : DEADLINE_NEVER;
	return true;
}
