/* Members of JSON: what their names say, and what their values do. */
#include "scrapers/answer_reading.h"

#include "cdp/base/buf.h"
#include "scrapers/plain.h"

#include <strings.h>

enum {
	DEPTH_MAX = 16,     /* answers of sites are less than ten deep */
	MEMBERS_MAX = 1500, /* what a server says of a request is among the first */
	INSIDE_MAX = 8, INSIDE_SIZE_MAX = 64 << 10, /* strings that are documents */
};

char *text_of(const cJSON *value)
{
	return cJSON_IsString(value) ? xstrdup(value->valuestring)
		: cJSON_IsNumber(value) ? xasprintf("%.15g", value->valuedouble) : NULL;
}

/* True when VALUE, called NAME, is a list of ways to get a code: they are not read again. */
static bool are_choices(struct reading *r, const struct place *place, const struct said *name, const cJSON *value)
{
	bool of_factor = factor_of(name) == 2;

	if (!read_choices(r, name, value, &of_factor))
		return false;
	count_named(r, place, of_factor ? 4 : 2, of_factor ? 2 : 1, NULL);
	return true;
}

/* ---- details ---- */

/* {verify_url: "/x"}, {next: {href: "/x"}} */
static void read_endpoint(struct reading *r, const struct said *name, const struct said *above, const char *text)
{
	AUTO(text) char *whole = xasprintf("%s %s", above ? above->plain : "", name->plain);
	AUTO(said) struct said both = said_in(r, whole, strlen(whole));
	if (r->out->endpoint || !(is(name, LIST_ENDPOINT_NAMES) || is(&both, LIST_ENDPOINT_NAMES)))
		return;
	keep_endpoint(&r->out->endpoint, text);
	if (r->out->endpoint && is(&both, LIST_PUT_NAMES))
		keep_method(r, "PUT");
}

/* What a member says of the challenge, if there is one. */
static void read_detail(struct reading *r, const struct place *place, const struct said *name, const struct said *above,
	const char *text)
{
	struct answer_challenge *const out = r->out;

	if (!out->expires_in && is(name, LIST_EXPIRY_NAMES))
		out->expires_in = seconds_of(r, name, text);
	if (!out->retry_after && is(name, LIST_RETRY_NAMES))
		out->retry_after = seconds_of(r, name, text);
	if ((!out->digits || r->guessed_digits) && is(name, LIST_LENGTH_NAMES) && is_all_digits(text) && strlen(text) <= 2) {
		const int digits = (int)strtol(text, NULL, 10);
		out->digits = digits >= 4 && digits <= 10 ? digits : out->digits;
	}
	/* A person's own address is no place where a code went. */
	if (is_destination_of(name, text) && (!place->settled || is_masked(text)))
		set_destination(r, text, place->settled);
	if (is(name, LIST_FIELD_NAMES))
		keep_field(r, text, 10);
	if (strchr(text, '/'))
		read_endpoint(r, name, above, text);
	if (is(name, LIST_METHOD_NAMES))
		keep_method(r, text);
	if (!out->type && !place->is_field)
		out->type = type_of_member(r, name, text);
}

/* A short number is kept only where it is an id: it might be the code. */
static void carry_member(struct reading *r, const struct place *place, const struct said *name, const char *text)
{
	const int rank = carry_rank(name);

	if (!rank || !text[0] || strchr(text, ' ') || (is_all_digits(text) && strlen(text) <= 10 && !strstr(name->plain, "id")))
		return;
	AUTO(text) char *path = path_of(place);
	if (place->source != ANSWER_HEADER)
		carry(r, place->source, path, text, rank);
	if (factor_of(name) == 2)
		count(r, 5, place->settled ? 0 : 4, path, NULL);
}

static bool is_code_like(const char *text)
{
	if (strlen(text) > CODE_MAX || strpbrk(text, " \n"))
		return false;
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s & 0x80)
			return false;
	return text[0] != '\0';
}

static void walk(struct reading *r, const cJSON *json, const struct place *place, int depth);

/* A string that is a document of its own, as if it were no string; or a piece of a page. */
static bool read_inside(struct reading *r, const struct place *place, const char *text, int depth)
{
	const size_t size = strlen(text);

	if (size < 2 || size > INSIDE_SIZE_MAX || r->inside >= INSIDE_MAX)
		return false;
	if ((text[0] == '{' && text[size - 1] == '}') || (text[0] == '[' && text[size - 1] == ']')) {
		AUTO(json) cJSON *json = json_parse_ids(text, size, NULL);
		r->inside += json != NULL;
		if (json && place->name && !are_choices(r, place, place->name, json))
			walk(r, json, place, depth + 1);
		return json != NULL;
	}
	if (strchr(text, '<') && (strcasestr(text, "<input") || strcasestr(text, "<form"))) {
		r->inside++;
		read_page(r, text, size);
		return true;
	}
	return false;
}

static void judge(struct reading *r, const struct place *place, const struct said *name, const cJSON *value, int depth)
{
	const struct said *const above = place->up ? place->up->name : NULL;
	AUTO(text) char *text = text_of(value);

	if (is(name, LIST_SIGNED_IN) && text && text[0])
		r->signed_in = true;
	if (is(name, LIST_ERRANDS) && ((text && text[0]) || cJSON_IsObject(value)))
		r->errand = true;
	if (place->key)
		judge_name(r, place, name, above, value);
	if (!text)
		return;
	if (!strncasecmp(text, "otpauth:", 8))
		r->errand = true;
	read_detail(r, place, name, above, text);
	carry_member(r, place, name, text);
	if (!cJSON_IsString(value) || read_inside(r, place, text, depth))
		return;
	const bool speaks = says(name, LIST_MESSAGES) || is(name, LIST_CODE_NAMES) || place->of_errors;
	if (is_code_like(text)) {
		if (!speaks && (factor_of(name) != 2 || carry_rank(name)))
			return;
		AUTO(said) struct said said = said_in_name(r, text);
		judge_code(r, place, name, &said);
	} else if (speaks && text[0]) {
		AUTO(text) char *path = path_of(place);
		r->of_code = place->of_errors && (factor_of(name) == 2 || says(name, LIST_CODE)) && !says(name, LIST_OTHER_CODES);
		read_text(r, path, text);
		r->of_code = false;
	}
}

/* ---- objects ---- */

/* {name: "otp", type: "text", required: true}: a field of a form that the program is to make. */
static bool read_field(struct reading *r, const struct place *place, const cJSON *object)
{
	const char *const name = json_str(object, "name"), *const type = json_str(object, "type");

	if (!name || !type || !*name)
		return false;
	AUTO(said) struct said said = said_in_name(r, name);
	AUTO(said) struct said kind = said_in_name(r, type);
	if (!strcmp(kind.plain, "hidden") && json_str(object, "value"))
		carry(r, ANSWER_FORM, name, json_str(object, "value"), CARRY_SURE);
	if (!is(&kind, LIST_TYPED))
		return !strcmp(kind.plain, "hidden");
	if (factor_of(&said) == 2) {
		keep_field(r, name, 5);
		if (!r->out->type)
			r->out->type = type_of_name(&said);
		count_at(r, place, 4, 3, name);
	}
	return true;
}

/* {id: "mfa_authenticate", is_pending: true} */
static void read_pending(struct reading *r, const struct place *place, const cJSON *object)
{
	static const char *const names[] = { "id", "name", "type", "key", "kind", "step" };
	const cJSON *member;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *const topic = json_str(object, names[i]);
		if (!topic || !is_code_like(topic))
			continue;
		AUTO(said) struct said said = said_in_name(r, topic);
		if (factor_of(&said) != 2 || says(&said, LIST_SETTLED))
			continue;
		cJSON_ArrayForEach (member, object) {
			if (!cJSON_IsTrue(member))
				continue;
			AUTO(said) struct said name = said_in_name(r, member->string);
			if (says(&name, LIST_NEEDED) && !says(&name, LIST_SETTLED))
				count_at(r, place, 5, 5, said.plain);
		}
	}
}

/* {mfa: {enabled: true, type: "totp"}} is about a person. */
static bool tells_of_settled(const struct reading *r, const cJSON *object, const struct said *name)
{
	const bool of_factor = name && factor_of(name) == 2;
	const cJSON *member;

	cJSON_ArrayForEach (member, object) {
		const bool is_text = of_factor && cJSON_IsString(member) && strlen(member->valuestring) <= CODE_MAX;
		if (!cJSON_IsTrue(member) && !is_text)
			continue;
		AUTO(said) struct said said = said_in_name(r, is_text ? member->valuestring : member->string);
		if (is_text ? is(&said, LIST_SETTLED) : says(&said, LIST_SETTLED) && (of_factor || factor_of(&said) == 2))
			return true;
	}
	return false;
}

static void walk(struct reading *r, const cJSON *json, const struct place *place, int depth)
{
	const cJSON *child;
	int index = 0;

	if (depth > DEPTH_MAX || (cJSON_IsArray(json) && cJSON_GetArraySize(json) > ROWS_MAX))
		return;
	struct place here = { .up = place, .name = place->name, .source = place->source, .settled = place->settled,
		.of_errors = place->of_errors };
	if (cJSON_IsObject(json)) {
		here.settled |= tells_of_settled(r, json, place->name);
		here.is_field = read_field(r, place, json);
		read_pending(r, place, json);
	}
	cJSON_ArrayForEach (child, json) {
		AUTO(said) struct said own = { 0 };
		if (++r->members > MEMBERS_MAX)
			return;
		here.key = child->string;
		here.index = index++;
		if (child->string)
			own = said_in_name(r, strcmp(child->string, "_") ? child->string : "typename"); /* Telegram's */
		const struct said *const name = child->string ? &own : place->name;
		struct place below = here;
		below.name = name;
		if (!name) { /* an element of an array at the top */
			walk(r, child, &below, depth + 1);
			continue;
		}
		if (is(name, LIST_NOT_NOW))
			continue;
		below.alone = depth == 0 && !child->next && index == 1;
		below.settled |= is(name, LIST_PERSONS);
		below.of_errors |= strstr(name->plain, "error") != NULL;
		judge(r, &below, name, child, depth);
		if (!are_choices(r, &below, name, child))
			walk(r, child, &below, depth + 1);
	}
}

void read_json(struct reading *r, const cJSON *json)
{
	const struct place top = { .source = ANSWER_JSON };

	if (cJSON_IsString(json))
		read_text(r, "body", json->valuestring);
	else
		walk(r, json, &top, 0);
}

void read_member(struct reading *r, enum answer_place source, const char *where, const char *name, const cJSON *value)
{
	const struct place top = { .source = source };
	AUTO(said) struct said said = said_in_name(r, name);
	/* What stands in a header, or in the address of a redirect, is said for a reason. */
	const struct place place = { .up = &top, .key = where, .name = &said, .source = source,
		.of_errors = source == ANSWER_HEADER };
	judge(r, &place, &said, value, 0);
}
