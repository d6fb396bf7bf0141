/* The verdict: see answer.h, and answer_reading.h for the road. */
#include "scrapers/answer_reading.h"

#include "cdp/base/secret.h"
#include "scrapers/plain.h"

#include <ctype.h>
#include <curl/curl.h>
#include <strings.h>

enum {
	JSON_MAX = 256 << 10, /* more is data, not what the server says of the request */
	PAGE_MAX = 1 << 20,
	MESSAGE_MAX = 300,
	ABOUT_MIN = 3, ASKS_MIN = 3, SUM_MIN = 8,
};

void count(struct reading *r, int about, int asks, const char *where, const char *what)
{
	struct answer_challenge *const out = r->out;

	r->about += about;
	r->asks += asks;
	if (out->evidence_count == ANSWER_EVIDENCE_MAX)
		return;
	AUTO(text) char *all = what ? xasprintf("%.60s: %.60s", where, what) : xasprintf("%.60s", where);
	out->evidence[out->evidence_count++] = plain_shown(all);
}

void answer_challenge_clear(struct answer_challenge *c)
{
	free(c->message);
	free(c->destination);
	free(c->endpoint);
	free(c->field);
	for (size_t i = 0; i < c->carried_count; i++) {
		free(c->carried[i].at);
		secret_free(c->carried[i].value);
	}
	for (size_t i = 0; i < c->choice_count; i++)
		choice_clear(&c->choices[i]);
	for (size_t i = 0; i < c->evidence_count; i++)
		free(c->evidence[i]);
	*c = (struct answer_challenge){ 0 };
}

/* ---- the body ---- */

/* JSON behind what keeps other sites from including it as a script. */
static const char *after_guard(const char *body)
{
	static const char *const guards[] = { ")]}',", ")]}'", "for(;;);", "for (;;);", "while(1);", "while (1);" };

	body += strspn(body, " \t\r\n");
	for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
		if (!strncmp(body, guards[i], strlen(guards[i])))
			return body + strlen(guards[i]) + strspn(body + strlen(guards[i]), " \t\r\n");
	return body;
}

static void read_body(struct reading *r, const struct answer *answer)
{
	const char *const type = answer->content_type ? answer->content_type : header_of(answer, "content-type");
	const size_t size_max = answer->body_size < PAGE_MAX ? answer->body_size : PAGE_MAX;
	AUTO(text) char *body = xstrndup(answer->body ? answer->body : "", answer->body ? size_max : 0);
	const char *start = after_guard(body + (!strncmp(body, "\xef\xbb\xbf", 3) ? 3 : 0));
	const size_t size = strlen(start);
	AUTO(json) cJSON *json = size && size <= JSON_MAX && *start != '<' ? json_parse_ids(start, size, NULL) : NULL;
	if (json)
		read_json(r, json);
	else if (!strncmp(start, "<?xml", 5) || (*start == '<' && type && strcasestr(type, "xml") && !strcasestr(type, "html")))
		read_xml(r, start, size);
	else if (*start == '<' || (type && strcasestr(type, "html")))
		read_page(r, start, size);
	else if (size <= TEXT_MAX && (!type || !strncasecmp(type, "text/", 5)))
		read_text(r, "body", start);
}

/* ---- what it comes to ---- */

/* Runs of digits that may be a code, in groups too, are '*'; the destination's stay. */
static char *without_codes(const char *text, const char *destination)
{
	char *out = xstrndup(text, MESSAGE_MAX);
	const char *const kept = destination ? strstr(out, destination) : NULL;
	size_t end = strlen(out);

	while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80) /* not half a letter */
		end--;
	out[end] = '\0';
	for (char *s = out; *s; s++) {
		size_t size = 0, digits = 0;
		while (isdigit((unsigned char)s[size])
				|| (size && (s[size] == ' ' || s[size] == '-') && isdigit((unsigned char)s[size + 1])))
			digits += isdigit((unsigned char)s[size++]) != 0;
		if (!size)
			continue;
		for (size_t i = 0; digits >= 4 && i < size; i++)
			if (!(kept && s + i >= kept && s + i < kept + strlen(destination)))
				s[i] = '*';
		s += size - 1;
	}
	return out;
}

static enum challenge_kind kind_of(const struct reading *r, bool has_type)
{
	const struct answer_challenge *const out = r->out;
	const bool one = has_type || r->sent || (out->destination && !r->guessed_destination);

	if ((out->choice_count > 1 && !one) || (r->choose && !r->sent && !out->field))
		return CHALLENGE_METHOD;
	return !strcmp(out->type, "push") ? CHALLENGE_PUSH : !strcmp(out->type, "webauthn") ? CHALLENGE_WEBAUTHN
		: !strcmp(out->type, "backup_code") ? CHALLENGE_RECOVERY : CHALLENGE_CODE;
}

static void drop_unsure(struct reading *r)
{
	struct answer_challenge *const out = r->out;

	while (out->carried_count > 1 && r->carried_rank[0] >= CARRY_SURE && r->carried_rank[out->carried_count - 1] < CARRY_SURE) {
		free(out->carried[--out->carried_count].at);
		secret_free(out->carried[out->carried_count].value);
	}
}

static void finish(struct reading *r)
{
	struct answer_challenge *const out = r->out;
	const bool has_type = out->type != NULL;

	if (out->choice_count == 1 && !out->type)
		out->type = out->choices[0].type;
	if (out->choice_count == 1 && !out->destination && out->choices[0].destination)
		out->destination = xstrdup(out->choices[0].destination);
	if (out->choice_count == 1 && !out->endpoint && out->choices[0].endpoint)
		out->endpoint = xstrdup(out->choices[0].endpoint);
	if (!out->type && out->destination)
		out->type = strchr(out->destination, '@') ? "email" : "sms";
	if (!out->type)
		out->type = "unknown";
	out->kind = kind_of(r, has_type);
	if (!out->digits && !strcmp(out->type, "totp"))
		out->digits = 6; /* RFC 6238, and what all apps show */
	drop_unsure(r);
	if (out->message) {
		AUTO(text) char *message = out->message;
		out->message = without_codes(message, out->destination);
	}
}

/* What alone says little, but speaks for what else is said. */
static void count_circumstances(struct reading *r, int status)
{
	const struct answer_challenge *const out = r->out;
	const bool sure_id = out->carried_count && r->carried_rank[0] >= CARRY_SURE;
	static const int statuses[] = { 202, 401, 403, 412, 428, 499, 510 };

	r->asks += r->named;
	if (r->about < ABOUT_MIN)
		return;
	/* mfa: true tells of a person, unless a login goes on from there. */
	if (sure_id && out->carried[0].place == ANSWER_JSON)
		r->asks += ASKS_MIN;
	/* So does where a code went. */
	if (r->asks && out->destination && !r->guessed_destination)
		r->asks += 2;
	if (r->asks && (out->expires_in || out->retry_after || out->endpoint))
		r->asks += 1;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		r->about += statuses[i] == status ? 2 : 0;
}

bool answer_challenge(const struct answer_book *book, const struct answer *answer, struct answer_challenge *out)
{
	const char *const date = header_of(answer, "date");
	const int64_t date_at = date ? (int64_t)curl_getdate(date, NULL) : 0;
	struct reading r = { .book = book->phrases, .out = out, .now = date_at > 0 ? date_at : answer->now };
	const int status = answer->status;

	answer_challenge_clear(out);
	read_headers(&r, answer);
	read_body(&r, answer);
	count_circumstances(&r, status);

	const bool broken = status == 429 || (status >= 500 && status != 510); /* finAPI asks with 510 */
	const bool asked = r.about >= ABOUT_MIN && r.asks >= ASKS_MIN && r.about + r.asks >= SUM_MIN;
	if (asked && !broken && !r.signed_in && !r.robot && !r.errand && !r.passed) {
		finish(&r);
		return true;
	}
	const struct answer_challenge rest = {
		.problem = status == 429 && r.about >= ABOUT_MIN ? PROBLEM_TOO_MANY : out->problem,
		.retry_after = out->retry_after,
	};
	answer_challenge_clear(out);
	*out = rest;
	return false;
}
