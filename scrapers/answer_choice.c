/* Ways to choose from: factors: [{id: …, factorType: "sms", profile: {phoneNumber: …}}], methods: ["sms", "email"]. */
#include "scrapers/answer_reading.h"

#include "scrapers/plain.h"

enum { CHOICE_DEPTH = 4 };

void choice_clear(struct answer_choice *choice)
{
	free(choice->destination);
	free(choice->id);
	free(choice->endpoint);
	*choice = (struct answer_choice){ 0 };
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

void add_choice(struct reading *r, struct answer_choice choice)
{
	struct answer_challenge *const out = r->out;
	bool known = out->choice_count == ANSWER_CHOICES_MAX;

	for (size_t i = 0; i < out->choice_count; i++)
		known |= same(out->choices[i].type, choice.type) && same(out->choices[i].destination, choice.destination)
			&& same(out->choices[i].id, choice.id);
	if (known)
		choice_clear(&choice);
	else
		out->choices[out->choice_count++] = choice;
}

/* Of one way: what its members say, and those of what it holds, such as profile: {phoneNumber: …}. */
static void read_choice(const struct reading *r, const cJSON *object, const struct said *above, int depth,
	struct answer_choice *out)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, object) {
		AUTO(text) char *text = text_of(member);
		if (!member->string)
			continue;
		AUTO(said) struct said name = said_in_name(r, member->string);
		if (!out->type && text)
			out->type = type_of_member(r, &name, text);
		if (!out->destination && text && is_destination_of(&name, text)) {
			AUTO(text) char *shown = plain_shown(text);
			out->destination = is_destination(shown) ? masked(shown) : NULL;
		}
		if (!out->id && text && text[0] && depth == 0 && is(&name, LIST_CHOICE_IDS))
			out->id = xstrdup(text);
		AUTO(text) char *whole = above ? xasprintf("%s %s", above->plain, name.plain) : xstrdup(name.plain);
		AUTO(said) struct said both = said_in_name(r, whole);
		if (cJSON_IsString(member) && (is(&name, LIST_ENDPOINT_NAMES) || is(&both, LIST_ENDPOINT_NAMES)) && strchr(text, '/'))
			keep_endpoint(&out->endpoint, text);
		if (cJSON_IsObject(member) && depth < CHOICE_DEPTH) {
			if (!out->type && depth == 0)
				out->type = type_of_name(&name);
			read_choice(r, member, &name, depth + 1, out);
		}
	}
}

bool read_choices(struct reading *r, const struct said *name, const cJSON *value, bool *of_factor)
{
	const cJSON *row;
	bool any = false;

	if (!is(name, LIST_CHOICE_NAMES) || !cJSON_IsArray(value) || cJSON_GetArraySize(value) > ROWS_MAX)
		return false;
	cJSON_ArrayForEach (row, value) {
		struct answer_choice choice = { 0 };
		if (cJSON_IsObject(row)) {
			read_choice(r, row, NULL, 0, &choice);
		} else if (cJSON_IsString(row) && strlen(row->valuestring) <= CODE_MAX) {
			AUTO(said) struct said said = said_in_name(r, row->valuestring);
			choice.type = type_of_name(&said);
			*of_factor |= factor_of(&said) == 2;
		}
		any |= choice.type || choice.destination;
		if (choice.type || choice.destination)
			add_choice(r, choice);
		else
			choice_clear(&choice);
	}
	return any;
}
