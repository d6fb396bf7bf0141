/* What comes with a challenge: its type, the ways to choose from, what is sent back, and where to. */
#include "scrapers/answer_reading.h"

#include "cdp/base/secret.h"
#include "scrapers/plain.h"

#include <strings.h>

enum { STATE_MAX = 8192, ADDRESS_MAX = 2000, NAME_MAX_SIZE = 64 };

const char *const answer_types[ANSWER_TYPES] = { "whatsapp", "sms", "email", "call", "totp", "push", "webauthn", "backup_code" };

/* ---- types ---- */

/* In names, "phone app" is an app and "phone call" a call; in texts, an app may be mentioned beside what was sent. */
const char *type_of_name(const struct said *name)
{
	static const int order[ANSWER_TYPES] = { 0, 5, 6, 4, 3, 2, 1, 7 };

	for (int i = 0; i < ANSWER_TYPES; i++)
		if (says(name, (enum word_list)(LIST_TYPES + order[i])))
			return answer_types[order[i]];
	return NULL;
}

const char *type_of_text(const struct said *text)
{
	for (int i = 0; i < 6; i++)
		if (says(text, (enum word_list)(LIST_CHANNELS + i)))
			return answer_types[i];
	return NULL;
}

const char *type_of_member(const struct reading *r, const struct said *name, const char *value)
{
	const bool sure = is(name, LIST_TYPE_NAMES);

	if ((!sure && !is(name, LIST_TYPE_WEAK_NAMES)) || strlen(value) > CODE_MAX)
		return NULL;
	AUTO(said) struct said said = said_in_name(r, value);
	return sure || factor_of(&said) ? type_of_name(&said) : NULL;
}

/* ---- what is sent back ---- */

int carry_rank(const struct said *name)
{
	const struct phrase_hit *hit = NULL;
	const bool factor = factor_of(name) == 2;

	if (is(name, LIST_STATE_NAMES)) {
		while ((hit = phrase_next(&name->hits, LIST_STATE_NAMES, hit)) && (hit->start || name->plain[hit->end]))
			;
		return CARRY_SURE + 200 - (hit && hit->rank < 200 ? hit->rank : 199);
	}
	if (factor && says(name, LIST_STATE_ENDS) && !says(name, LIST_SETTLED)) {
		const char *const last = strrchr(name->plain, ' ');
		while ((hit = phrase_next(&name->hits, LIST_STATE_ENDS, hit)))
			if (last && name->plain + hit->start == last + 1 && !name->plain[hit->end])
				return CARRY_SURE;
	}
	return is(name, LIST_STATE_IDS) ? CARRY_SURE / 2 : 0;
}

bool is_all_digits(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text);
}

void carry(struct reading *r, enum answer_place place, const char *at, const char *value, int rank)
{
	struct answer_challenge *const out = r->out;
	size_t i = out->carried_count;

	if (strlen(value) > STATE_MAX)
		return;
	for (size_t k = 0; k < out->carried_count; k++)
		if (out->carried[k].place == place && !strcmp(out->carried[k].at, at))
			return;
	while (i > 0 && r->carried_rank[i - 1] < rank)
		i--;
	if (i == ANSWER_CARRIED_MAX)
		return;
	if (out->carried_count == ANSWER_CARRIED_MAX) {
		free(out->carried[--out->carried_count].at);
		secret_free(out->carried[out->carried_count].value);
	}
	memmove(out->carried + i + 1, out->carried + i, (out->carried_count - i) * sizeof *out->carried);
	memmove(r->carried_rank + i + 1, r->carried_rank + i, (out->carried_count - i) * sizeof *r->carried_rank);
	char *const copy = xstrdup(at);
	const char *const dot = place == ANSWER_JSON ? strrchr(copy, '.') : NULL;
	out->carried[i] = (struct answer_carried){ place, copy, dot ? dot + 1 : copy, secret_new(value, strlen(value)) };
	r->carried_rank[i] = rank;
	out->carried_count++;
}

/* ---- where it goes ---- */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FIELD_CHARS LETTERS "0123456789_-.[]:$"
#define ADDRESS_CHARS LETTERS "0123456789-._~:/?#[]@!$&'()*+,;=%{}|"

void keep_endpoint(char **out, const char *value)
{
	const size_t size = strlen(value), scheme = strcspn(value, ":/?#");
	const bool is_absolute = value[scheme] == ':';

	if (*out || !size || size > ADDRESS_MAX || strspn(value, ADDRESS_CHARS) != size)
		return;
	if (is_absolute && strncasecmp(value, "https://", 8) != 0 && strncasecmp(value, "http://", 7) != 0)
		return;
	*out = xstrdup(value);
}

void keep_field(struct reading *r, const char *value, int rank)
{
	const size_t size = strlen(value);

	if (rank <= r->field_rank || !size || size > NAME_MAX_SIZE || strspn(value, FIELD_CHARS) != size || is_all_digits(value))
		return;
	free(r->out->field);
	r->out->field = xstrdup(value);
	r->field_rank = rank;
}

void keep_method(struct reading *r, const char *value)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH", "GET" };

	for (size_t i = 0; !r->out->method && i < sizeof methods / sizeof *methods; i++)
		if (!strcasecmp(value, methods[i]))
			r->out->method = methods[i];
}
