/* What the names of members say (requires2FA: true), and the codes that are their values (error: "mfa_required"). */
#include "scrapers/answer_reading.h"

char *path_of(const struct place *place)
{
	if (!place->up || !place->up->up)
		return place->key ? xstrdup(place->key) : xasprintf("%d", place->index);
	AUTO(text) char *above = path_of(place->up);
	return place->key ? xasprintf("%s.%s", above, place->key) : xasprintf("%s.%d", above, place->index);
}

void count_at(struct reading *r, const struct place *place, int about, int asks, const char *what)
{
	AUTO(text) char *where = path_of(place);

	count(r, about, asks, where, what);
}

/* Counts what only names a second factor: that asks little, and nothing where it tells of a person. */
void count_named(struct reading *r, const struct place *place, int about, int asks, const char *what)
{
	count_at(r, place, about, 0, what);
	if (!place->settled && asks > r->named)
		r->named = asks;
}

/* ---- names ---- */

/* mfa_required: ["totp"]; but mfa_required_for: ["admins"] is a rule. */
static bool lists_factors(const struct reading *r, const cJSON *list)
{
	const cJSON *row;

	if (cJSON_GetArraySize(list) > ROWS_MAX)
		return false;
	cJSON_ArrayForEach (row, list) {
		if (!cJSON_IsString(row))
			return true;
		AUTO(said) struct said said = said_in_name(r, strlen(row->valuestring) <= CODE_MAX ? row->valuestring : "");
		if (type_of_name(&said) || factor_of(&said) == 2)
			return true;
	}
	return false;
}

static bool is_yes(const struct reading *r, const cJSON *value)
{
	if (cJSON_IsNumber(value))
		return value->valuedouble == 1;
	if (cJSON_IsArray(value))
		return lists_factors(r, value);
	if (cJSON_IsObject(value))
		return value->child && !json_at(value, "href"); /* a link is no flag */
	if (!cJSON_IsString(value))
		return cJSON_IsTrue(value);
	if (!value->valuestring[0] || strlen(value->valuestring) > CODE_MAX)
		return value->valuestring[0] != '\0';
	AUTO(said) struct said said = said_in_name(r, value->valuestring);
	return !is(&said, LIST_NO) && !says(&said, LIST_OTHER_SUBJECT);
}

static void set_problem(struct reading *r, const struct said *said)
{
	if (r->out->problem == PROBLEM_NONE)
		r->out->problem = says(said, LIST_EXCEEDED) ? PROBLEM_TOO_MANY
			: strstr(said->plain, "expired") ? PROBLEM_EXPIRED : PROBLEM_WRONG;
}

static bool is_refusal(const struct said *said)
{
	const bool of_code = factor_of(said) == 2 || (says(said, LIST_CODE) && !says(said, LIST_OTHER_CODES));

	return of_code && (says(said, LIST_REFUSED) || says(said, LIST_EXCEEDED));
}

/* "verification required": what is perhaps about a code is asked for by another word than itself. */
static bool asks_for_it(const struct said *said)
{
	for (const struct phrase_hit *unclear = NULL; (unclear = phrase_next(&said->hits, LIST_UNCLEAR, unclear));)
		for (const struct phrase_hit *needed = NULL; (needed = phrase_next(&said->hits, LIST_NEEDED, needed));)
			if (needed->end <= unclear->start || needed->start >= unclear->end)
				return true;
	return false;
}

/* A flag that is set: it is SURE to be about a second factor, or perhaps. */
static void count_flag(struct reading *r, const struct place *place, const struct said *name, const cJSON *value, bool sure,
	bool needed)
{
	const bool is_list = cJSON_IsObject(value) || cJSON_IsArray(value);

	if (needed && sure)
		count_at(r, place, 5, 5, NULL);
	else if (needed && (is(name, LIST_MESSAGES) || cJSON_IsString(value)))
		count_at(r, place, 2, 2, NULL);
	else if (needed)
		count_at(r, place, 3, 4, NULL);
	else if (sure && cJSON_IsTrue(value) && place->alone)
		count_at(r, place, 5, 5, NULL); /* Laravel Fortify's whole answer is two_factor: true */
	else if (sure)
		count_named(r, place, 4, is_list ? 2 : 1, NULL);
}

/* requires2FA: true, mfa: {…}, challenge_type: "sms", twoFactor: {required: true}. */
void judge_name(struct reading *r, const struct place *place, const struct said *name, const struct said *above,
	const cJSON *value)
{
	int factor = factor_of(name);
	bool needed = says(name, LIST_NEEDED);

	if (needed && !factor && above && !says(name, LIST_OTHER_SUBJECT))
		factor = factor_of(above);
	else if (factor && !needed && above)
		needed = says(above, LIST_NEEDED) && !is(above, LIST_MESSAGES);
	if ((!factor && !is_refusal(name)) || !is_yes(r, value))
		return;
	if (is_refusal(name)) {
		set_problem(r, name);
		return;
	}
	if (factor == 2 && says(name, LIST_SET_UP) && !cJSON_IsString(value))
		r->errand = true;
	if (!factor || says(name, LIST_SETTLED) || carry_rank(name))
		return;
	if (cJSON_IsTrue(value) && type_of_name(name) && factor == 2 && !needed)
		add_choice(r, (struct answer_choice){ .type = type_of_name(name) });
	if (cJSON_IsString(value) && !needed)
		return;
	if (needed && !r->out->type && !cJSON_IsObject(value) && !cJSON_IsArray(value))
		r->out->type = type_of_name(name);
	if (factor == 2 || factor_of(name) == 0 || !says(name, LIST_NEEDED) || asks_for_it(name))
		count_flag(r, place, name, value, factor == 2, needed);
}

/* ---- codes: error: "mfa_required", ChallengeName: "SMS_MFA", scaStatus: "scaMethodSelected" ---- */

/* What may be a code is no evidence. */
static bool has_code(const char *text)
{
	for (const char *s = text; (s = strpbrk(s, "0123456789")); s += strspn(s, "0123456789"))
		if (strspn(s, "0123456789") >= 4)
			return true;
	return false;
}

void judge_code(struct reading *r, const struct place *place, const struct said *name, const struct said *said)
{
	const int factor = factor_of(said);
	const bool of_factor = factor_of(name) == 2, needed = says(said, LIST_NEEDED);
	const char *const what = has_code(said->plain) ? NULL : said->plain;

	if (is(said, LIST_PASSED) && (is(name, LIST_CODE_NAMES) || of_factor))
		r->passed = true;
	if (is_refusal(said) || (of_factor && is(said, LIST_REFUSED))) {
		set_problem(r, said);
		return;
	}
	if ((factor == 2 && says(said, LIST_SET_UP)) || is(said, LIST_ERRANDS))
		r->errand = true;
	if (says(said, LIST_SETTLED) || says(said, LIST_OTHER_SUBJECT))
		return;
	if (factor == 2 || (factor && of_factor))
		r->choose |= says(said, LIST_CHOOSE);
	if ((factor == 2 || of_factor) && needed)
		count_at(r, place, 5, 5, what);
	else if (factor == 2 && (place->of_errors || (says(name, LIST_NEEDED) && !is(name, LIST_MESSAGES))))
		count_at(r, place, 5, 4, what); /* ChallengeName: "SMS_MFA"; errors: [{type: "otp"}] */
	else if (factor == 2 || (of_factor && type_of_name(said)))
		count_named(r, place, 5, 2, what);
	else if (factor && asks_for_it(said))
		count_at(r, place, 2, 3, what);
}
