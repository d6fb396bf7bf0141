/* The road: read_headers() and read_body() collect what speaks for a code, each into two sums: ABOUT (it is about a
 * one-time code) and ASKS (it is wanted now).  JSON is walked member by member, to judge(); all longer texts go through
 * read_text(), sentence by sentence.  answer_challenge() weighs it all at the end. */
#include "scrapers/answer.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "scrapers/phrase.h"
#include "scrapers/values.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
	DEPTH_MAX = 16,      /* answers of sites are less than ten deep */
	MEMBERS_MAX = 4000,
	ROWS_MAX = 8,        /* longer arrays are data, not what the server says of the request */
	BODY_MAX = 512 << 10,
	TEXT_MAX = 12 << 10, /* what is read of a page */
	MESSAGE_MAX = 300,
	STATE_MAX = 4096,
	SHORT_PAGE = 600,    /* with no field on it, a longer text is an article */
	SECONDS_MAX = 86400,
	ABOUT_MIN = 3, ASKS_MIN = 3, SUM_MIN = 8,
};

struct reading {
	const cJSON *book;
	struct answer_challenge *out;
	int about, asks;
	int members;
	bool signed_in, robot;
	int state_rank;        /* of the best found, 0: none */
	int message_rank;
	bool guessed_destination;
};

static const cJSON *words(const struct reading *r, const char *path)
{
	return json_at(r->book, path);
}

static bool says(const struct reading *r, const char *path, const char *text)
{
	return phrase_said(words(r, path), text, NULL, NULL);
}

static void count(struct reading *r, int about, int asks, const char *where, const char *what)
{
	struct answer_challenge *const out = r->out;

	r->about += about;
	r->asks += asks;
	if (out->evidence_count < EVIDENCE_MAX)
		out->evidence[out->evidence_count++] = what ? xasprintf("%.60s: %.60s", where, what) : xasprintf("%.60s", where);
}

/* ---- types ---- */

static const char *const types[] = { "whatsapp", "sms", "email", "call", "totp", "push", "backup_code" };

static const char *type_in(const struct reading *r, const char *group, const char *text)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		AUTO(text) char *path = xasprintf("%s.%s", group, types[i]);
		if (says(r, path, text))
			return types[i];
	}
	return NULL;
}

static void read_type(struct reading *r, const char *group, const char *text)
{
	const char *const type = r->out->type ? NULL : type_in(r, group, text);

	if (type)
		r->out->type = type;
}

/* ---- destinations ---- */

static size_t mask_at(const char *s)
{
	static const char *const masks[] = { "*", "•", "●", "·", "∗", "…", "#", "x", "X" };

	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
		if (!strncmp(s, masks[i], strlen(masks[i])))
			return strlen(masks[i]);
	return 0;
}

/* An address or number that says itself that it is masked, else masked here. */
static char *masked(const char *value)
{
	AUTO(buf) struct buf out = { 0 };
	const char *const at = strchr(value, '@');
	bool has_mask = false;
	size_t digits = 0, seen = 0;

	for (const char *s = value; *s; s++) {
		has_mask |= mask_at(s) && *s != 'x' && *s != 'X';
		digits += isdigit((unsigned char)*s) != 0;
	}
	if (!has_mask && !at && strcasestr(value, "xx"))
		has_mask = true;
	for (const char *s = value; *s; s++) {
		const bool hide = !has_mask && (at ? s > value && s < at : isdigit((unsigned char)*s) && digits > 4 && digits - seen > 4);
		seen += isdigit((unsigned char)*s) != 0;
		(void)buf_putc(&out, hide ? '*' : *s);
	}
	return buf_take(&out);
}

static bool is_destination(const char *value)
{
	size_t digits = 0;

	if (strlen(value) > 64 || strchr(value, '/') || strchr(value, ':'))
		return false;
	if (strchr(value, '@'))
		return !strchr(value, ' ');
	for (const char *s = value; *s; s++) {
		const size_t mask = mask_at(s);
		digits += isdigit((unsigned char)*s) != 0;
		if (!mask && !isdigit((unsigned char)*s) && !strchr(" +-().", *s))
			return false;
		s += mask ? mask - 1 : 0;
	}
	return digits >= 2;
}

static void set_destination(struct reading *r, const char *value, bool guessed)
{
	struct answer_challenge *const out = r->out;

	if ((out->destination && !(r->guessed_destination && !guessed)) || !is_destination(value))
		return;
	free(out->destination);
	out->destination = masked(value);
	r->guessed_destination = guessed;
}

/* The word around an '@', as in "sent to a***@example.com." */
static bool read_address(struct reading *r, const char *text)
{
	const char *const at = strchr(text, '@');
	const char *from = at, *to = at;

	if (!at)
		return false;
	while (from > text && !isspace((unsigned char)from[-1]) && !strchr("<>\"'(,;:", from[-1]))
		from--;
	while (*to && !isspace((unsigned char)*to) && !strchr("<>\"'),;:!?", *to) && (unsigned char)*to != 0xe3)
		to++;
	while (to > at && to[-1] == '.')
		to--;
	/* Nothing that is written without spaces before an address is part of it. */
	for (const char *s = from; s < at; s++)
		if ((unsigned char)*s >= 0x80 && !mask_at(s) && ((unsigned char)*s & 0xc0) == 0xc0)
			from = s + ((unsigned char)*s >= 0xe0 ? 3 : 2);
	AUTO(text) char *found = xstrndup(from, (size_t)(to - from));
	set_destination(r, found, true);
	return true;
}

/* A number with two or more characters masked and two or more digits. */
static bool read_masked_number(struct reading *r, const char *text)
{
	for (const char *s = text; *s;) {
		const char *const from = s;
		const char *end = s;
		size_t digits = 0, hidden = 0;
		for (size_t mask; *s; s += mask ? mask : 1) {
			mask = mask_at(s);
			if (!mask && !isdigit((unsigned char)*s) && !strchr("+-() ", *s))
				break;
			digits += isdigit((unsigned char)*s) != 0;
			hidden += mask != 0;
			if (mask || isdigit((unsigned char)*s))
				end = s + (mask ? mask : 1);
		}
		if (digits >= 2 && hidden >= 2) {
			AUTO(text) char *raw = xstrndup(from, (size_t)(end - from));
			AUTO(text) char *found = value_line(raw);
			set_destination(r, found ? found : raw, true);
			return true;
		}
		s += s == from;
	}
	return false;
}

static void read_ending(struct reading *r, const char *plain)
{
	const char *end;

	if (!phrase_said(words(r, "answers.endings"), plain, NULL, &end))
		return;
	end += strspn(end, " :*-.");
	const size_t size = strspn(end, "0123456789");
	if (size >= 2 && size <= 4) {
		AUTO(text) char *found = xstrndup(end, size);
		set_destination(r, found, true);
	}
}

/* ---- numbers in texts ---- */

/* The phrase of LISTS stands at the beginning of TEXT, but for a blank or a dash. */
static bool begins(const cJSON *lists, const char *text)
{
	AUTO(text) char *near = xstrndup(text, 24);
	const char *start;

	return phrase_said(lists, near, &start, NULL) && start - near <= 1;
}

static int digits_said(const struct reading *r, const char *plain)
{
	static const char *const names[] = { "four", "five", "six", "seven", "eight" };
	const cJSON *const after = words(r, "digits.after");
	const char *end;

	for (const char *s = plain; (s = strpbrk(s, "0123456789"));) {
		char *stop;
		const long n = strtol(s, &stop, 10);
		if (n >= 4 && n <= 10 && (s == plain || !strchr(".,:*", s[-1])) && begins(after, stop))
			return (int)n;
		s = stop;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO(text) char *path = xasprintf("digits.%s", names[i]);
		if (phrase_said(words(r, path), plain, NULL, &end) && begins(after, end))
			return (int)i + 4;
	}
	return 0;
}

/* "10 minutes", "30 s": in seconds, or 0. */
static int seconds_said(const struct reading *r, const char *plain)
{
	static const struct {
		const char *path;
		int seconds;
	} units[] = { { "time.hours", 3600 }, { "time.minutes", 60 }, { "time.seconds", 1 } };

	for (const char *s = plain; (s = strpbrk(s, "0123456789"));) {
		char *stop;
		const long n = strtol(s, &stop, 10);
		for (size_t i = 0; n > 0 && n <= SECONDS_MAX && i < sizeof units / sizeof *units; i++)
			if (begins(words(r, units[i].path), stop) && n * units[i].seconds <= SECONDS_MAX)
				return (int)n * units[i].seconds;
		s = stop;
	}
	return 0;
}

/* ---- sentences ---- */

/* Runs of digits that may be a code, in groups too, are '*'; the destination's stay. */
static char *without_codes(const char *text, const char *destination)
{
	char *out = xstrndup(text, MESSAGE_MAX);
	const char *const kept = destination ? strstr(out, destination) : NULL;

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

static void set_message(struct reading *r, const char *text, int rank)
{
	if (rank <= r->message_rank)
		return;
	free(r->out->message);
	r->out->message = value_line(text);
	r->message_rank = rank;
}

static enum code_problem problem_said(const struct reading *r, const char *plain)
{
	return says(r, "words.too many", plain) ? PROBLEM_TOO_MANY : says(r, "words.expired", plain) ? PROBLEM_EXPIRED
		: says(r, "words.wrong", plain) ? PROBLEM_WRONG : PROBLEM_NONE;
}

static bool about_other_codes(const struct reading *r, const char *plain)
{
	const cJSON *other;

	cJSON_ArrayForEach(other, words(r, "other"))
		if (cJSON_IsObject(other) && phrase_said(other, plain, NULL, NULL) && (!strcmp(other->string, "coupon")
				|| !strcmp(other->string, "invitation")))
			return true;
	return says(r, "answers.not asked", plain);
}

static void read_times(struct reading *r, const char *plain)
{
	struct answer_challenge *const out = r->out;
	const int seconds = seconds_said(r, plain);

	if (!seconds)
		return;
	if (says(r, "words.resend", plain) || says(r, "words.too many", plain)) {
		out->retry_after = out->retry_after ? out->retry_after : seconds;
	} else if (says(r, "time.valid", plain)) {
		out->expires_in = out->expires_in ? out->expires_in : seconds;
	}
}

/* Names a second step; "authentication required" and "check your email" may be of any other. */
static bool names_second_step(const struct reading *r, const char *plain)
{
	const char *start, *end;

	if (!phrase_said(words(r, "words.topic"), plain, &start, &end))
		return false;
	AUTO(text) char *found = xstrndup(start, (size_t)(end - start));
	return !phrase_is(words(r, "answers.bare topics"), found);
}

/* What one sentence says; a sentence about the last try, a captcha or a link asks for nothing. */
static void read_sentence(struct reading *r, const char *text, size_t size, int *about, int *asks)
{
	AUTO(text) char *raw = xstrndup(text, size);
	AUTO(text) char *plain = phrase_plain(raw, size);
	const bool strong = says(r, "words.strong", plain), likely = strong || says(r, "words.likely", plain);
	const bool vague = likely || says(r, "words.vague", plain), topic = names_second_step(r, plain);
	const bool noun = vague || says(r, "words.noun", plain);
	const bool enter = says(r, "words.enter", plain), push = says(r, "words.push", plain);
	const bool sent = says(r, "words.sent", plain) || (noun && says(r, "answers.sent said", plain));
	const bool needed = says(r, "answers.needed said", plain);
	const enum code_problem problem = problem_said(r, plain);

	read_times(r, plain);
	if (says(r, "words.robot", plain)) {
		r->robot = true;
		return;
	}
	if (about_other_codes(r, plain) || (says(r, "words.link", plain) && !noun) || says(r, "words.set-up", plain))
		return;
	if (problem && !needed) {
		if (noun && r->out->problem == PROBLEM_NONE)
			r->out->problem = problem;
		return;
	}
	const int is_about = (strong ? 6 : likely ? 5 : vague || (noun && (sent || enter)) ? 3 : 0)
		+ (topic ? 3 : 0) + (push ? 5 : 0);
	if (!is_about)
		return;
	*about += is_about;
	*asks += (sent ? 4 : 0) + (enter ? 4 : 0) + (needed ? 4 : 0) + (push ? 4 : 0);
	if (!r->out->digits)
		r->out->digits = digits_said(r, plain);
	if (!read_masked_number(r, raw) && !read_address(r, raw))
		read_ending(r, plain);
	if (push && !strong && !likely && !r->out->type)
		r->out->type = "push";
	read_type(r, "channels", plain);
}

static const char *sentence_end(const char *s)
{
	for (; *s; s++)
		if (*s == '\n' || (strchr(".!?", *s) && isspace((unsigned char)s[1])) || !strncmp(s, "。", 3) || !strncmp(s, "！", 3))
			return s + 1;
	return s;
}

static void read_text(struct reading *r, const char *where, const char *text)
{
	int about = 0, asks = 0;

	for (const char *s = text; *s;) {
		const char *const end = sentence_end(s);
		read_sentence(r, s, (size_t)(end - s), &about, &asks);
		s = end;
	}
	about = about < 9 ? about : 9;
	asks = asks < 8 ? asks : 8;
	if (about)
		count(r, about, asks, where, "its text");
	set_message(r, text, about ? 1 + about + asks : 0);
}

/* ---- members of JSON ---- */

/* Whether NAME, in words, is about a one-time code: 2 surely, 1 perhaps. */
static int factor_in(const struct reading *r, const char *name)
{
	if (says(r, "answers.other subject", name))
		return 0;
	if (says(r, "names.strong", name) || says(r, "answers.factor", name))
		return 2;
	return says(r, "answers.unclear", name) ? 1 : 0;
}

static bool is_yes(const struct reading *r, const cJSON *value)
{
	if (cJSON_IsNumber(value))
		return value->valuedouble == 1;
	if (cJSON_IsObject(value) || cJSON_IsArray(value))
		return value->child != NULL;
	if (!cJSON_IsString(value))
		return cJSON_IsTrue(value);
	AUTO(text) char *said = phrase_name(value->valuestring);
	return said[0] && !phrase_is(words(r, "answers.no"), said) && !says(r, "answers.other subject", said);
}

/* requires2FA: true, mfa: true, challenge_type: "sms". */
static void judge_name(struct reading *r, const char *name, const char *shown, const cJSON *value)
{
	const int factor = factor_in(r, name);
	const bool needed = says(r, "answers.needed", name);

	if (!factor || says(r, "answers.settled", name) || says(r, "answers.refused", name) || !is_yes(r, value))
		return;
	if (phrase_is(words(r, "answers.state names"), name))
		return;
	if (cJSON_IsString(value) && !needed)
		return;
	if (needed && factor == 2)
		count(r, 5, 5, shown, NULL);
	else if (needed && (says(r, "answers.messages", name) || cJSON_IsString(value)))
		count(r, 2, 2, shown, NULL);
	else if (needed)
		count(r, 4, 5, shown, NULL);
	else if (factor == 2)
		count(r, 4, cJSON_IsObject(value) ? 2 : 1, shown, NULL);
}

/* error: "mfa_required", ChallengeName: "SMS_MFA". */
static void judge_code(struct reading *r, const char *shown, const char *value)
{
	AUTO(text) char *said = phrase_name(value);
	const int factor = factor_in(r, said);

	if (!factor)
		return;
	if (says(r, "answers.refused", said)) {
		if (factor == 2 && r->out->problem == PROBLEM_NONE)
			r->out->problem = strstr(said, "expired") ? PROBLEM_EXPIRED : PROBLEM_WRONG;
		return;
	}
	if (says(r, "answers.settled", said))
		return;
	const bool needed = says(r, "answers.needed", said);
	if (factor == 2)
		count(r, 5, needed ? 5 : 2, shown, said);
	else if (needed)
		count(r, 2, 3, shown, said);
}

static bool is_all_digits(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text);
}

/* The place of NAME in the list, from its end, so that the first has the highest; 0: not in it. */
static int rank_in(const cJSON *list, const char *name)
{
	int rank = 1, found = 0;

	for (const char *at = cJSON_IsString(list) ? list->valuestring : ""; *at; rank++) {
		const char *const stop = strchrnul(at, ',');
		at += strspn(at, " ");
		if (at + strlen(name) == stop && !strncmp(at, name, strlen(name)))
			found = rank;
		at = *stop ? stop + 1 : stop;
	}
	return found ? rank - found : 0;
}

/* A short number is kept only where it is an id: it might be the code. */
static void read_state(struct reading *r, const char *name, const char *path, const cJSON *value)
{
	AUTO(text) char *number = cJSON_IsNumber(value) ? json_print(value) : NULL;
	const char *const text = cJSON_IsString(value) ? value->valuestring : number;
	const int rank = text ? rank_in(words(r, "answers.state names"), name) : 0;

	if (rank <= r->state_rank || !text[0] || strlen(text) > STATE_MAX || strchr(text, ' '))
		return;
	if (is_all_digits(text) && strlen(text) <= 10 && !says(r, "answers.state ids", name))
		return;
	secret_free(r->out->state);
	free(r->out->state_at);
	r->out->state = secret_new(text, strlen(text));
	r->out->state_at = xstrdup(path);
	r->state_rank = rank;
	if (factor_in(r, name) == 2)
		count(r, 5, 4, path, NULL);
}

static int seconds_of(const char *name, const cJSON *value)
{
	char *end = NULL;
	double number = cJSON_IsNumber(value) ? value->valuedouble : cJSON_IsString(value) ? strtod(value->valuestring, &end) : 0;

	if (end && (end == value->valuestring || (*end && strcmp(end, "s") != 0)))
		return 0;
	if (strstr(name, "minutes"))
		number *= 60;
	else if (strstr(name, " ms") || number >= 1000 * 60)
		number /= 1000;
	return number >= 1 && number <= SECONDS_MAX ? (int)number : 0;
}

static void keep_text(char **out, const char *value, const char *allowed, size_t size_max)
{
	if (!*out && value[0] && strlen(value) <= size_max && strspn(value, allowed) == strlen(value))
		*out = xstrdup(value);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FIELD_CHARS LETTERS "0123456789_-.[]:$"
#define ADDRESS_CHARS LETTERS "0123456789-._~:/?#[]@!$&'()*+,;=%{}"

/* What a member says of the challenge, if there is one. */
static void read_detail(struct reading *r, const char *name, const char *parents, const cJSON *value)
{
	struct answer_challenge *const out = r->out;
	const char *const text = cJSON_IsString(value) ? value->valuestring : NULL;
	AUTO(text) char *whole = xasprintf("%s %s", parents, name);

	if (!out->expires_in && phrase_is(words(r, "answers.expiry names"), name))
		out->expires_in = seconds_of(name, value);
	if (!out->retry_after && phrase_is(words(r, "answers.retry names"), name))
		out->retry_after = seconds_of(name, value);
	if (!out->digits && phrase_is(words(r, "answers.length names"), name)) {
		const double number = cJSON_IsNumber(value) ? value->valuedouble : text ? strtod(text, NULL) : 0;
		out->digits = number >= 4 && number <= 10 ? (int)number : 0;
	}
	if (!text)
		return;
	if (phrase_is(words(r, "answers.destination names"), name))
		set_destination(r, text, false);
	if (phrase_is(words(r, "answers.field names"), name) && !is_all_digits(text))
		keep_text(&out->field, text, FIELD_CHARS, 64);
	if ((phrase_is(words(r, "answers.endpoint names"), name) || phrase_is(words(r, "answers.endpoint names"), whole))
			&& (text[0] == '/' || !strncmp(text, "http", 4) || strchr(text, '/')))
		keep_text(&out->endpoint, text, ADDRESS_CHARS, 2000);
	if (phrase_is(words(r, "answers.type names"), name) && strlen(text) <= 60) {
		AUTO(text) char *said = phrase_name(text);
		read_type(r, "answers.types", said);
	}
}

static void judge(struct reading *r, const char *name, const char *parents, const char *path, const cJSON *value)
{
	const char *const text = cJSON_IsString(value) ? value->valuestring : NULL;

	if (phrase_is(words(r, "answers.signed in"), name) && text && text[0])
		r->signed_in = true;
	read_detail(r, name, parents, value);
	read_state(r, name, path, value);
	judge_name(r, name, path, value);
	if (!text || strlen(text) > TEXT_MAX)
		return;
	if (!strpbrk(text, " \n") && strlen(text) <= 80 && !((unsigned char)text[0] & 0x80)) {
		if (phrase_is(words(r, "answers.code names"), name) || phrase_is(words(r, "answers.messages"), name))
			judge_code(r, path, text);
	} else if (phrase_is(words(r, "answers.messages"), name) || phrase_is(words(r, "answers.code names"), name)
			|| strstr(path, "errors.")) {
		read_text(r, path, text);
	}
}

static void walk(struct reading *r, const cJSON *json, const char *parents, const char *path, int depth)
{
	const cJSON *child;
	int index = 0;

	if (depth > DEPTH_MAX || (cJSON_IsArray(json) && cJSON_GetArraySize(json) > ROWS_MAX))
		return;
	cJSON_ArrayForEach(child, json) {
		if (++r->members > MEMBERS_MAX)
			return;
		AUTO(text) char *name = child->string ? phrase_name(child->string) : xstrdup(parents);
		AUTO(text) char *here = child->string ? xasprintf("%s%s%s", path, path[0] ? "." : "", child->string)
			: xasprintf("%s%s%d", path, path[0] ? "." : "", index++);
		if (phrase_is(words(r, "answers.not now"), name))
			continue;
		judge(r, name, parents, here, child);
		AUTO(text) char *below = !child->string ? xstrdup(parents) : xstrdup(name);
		walk(r, child, below, here, depth + 1);
	}
}

/* ---- bodies ---- */

/* The text of a page: a line for each element.  Fields that a person could type into are counted. */
struct page {
	struct buf text;
	int fields, passwords;
	char *code_field; /* a name */
};

static char *attribute_of(const char *tag, const char *end, const char *name)
{
	const size_t size = strlen(name);

	for (const char *s = tag; s + size + 1 < end; s++) {
		if (!isspace((unsigned char)s[-1]) || strncasecmp(s, name, size) != 0 || s[size] != '=')
			continue;
		const char *value = s + size + 1;
		const char quote = *value == '"' || *value == '\'' ? *value++ : 0;
		size_t length = 0;
		while (value + length < end && (quote ? value[length] != quote : !isspace((unsigned char)value[length])))
			length++;
		return xstrndup(value, length);
	}
	return NULL;
}

static void read_input(struct reading *r, struct page *page, const char *tag, const char *end)
{
	AUTO(text) char *type = attribute_of(tag, end, "type");
	AUTO(text) char *name = attribute_of(tag, end, "name");
	AUTO(text) char *complete = attribute_of(tag, end, "autocomplete");
	AUTO(text) char *plain = phrase_name(name ? name : "");
	AUTO(text) char *kind = phrase_name(type ? type : "text");
	const bool is_code = (complete && !strcmp(complete, "one-time-code")) || says(r, "names.strong", plain);

	if (!phrase_is(words(r, "answers.typed"), kind) || (!strcmp(kind, "password") && !is_code)) {
		page->passwords += !strcmp(kind, "password");
		return;
	}
	page->fields++;
	if (!is_code && !phrase_is(words(r, "names.weak"), plain) && !says(r, "names.likely", plain))
		return;
	if (is_code)
		count(r, 4, 3, "input", plain);
	if (name && !page->code_field)
		page->code_field = TAKE(name);
}

static const char *skip_element(const char *s, const char *name)
{
	AUTO(text) char *close = xasprintf("</%s", name);
	const char *const end = strcasestr(s, close);

	return end ? end : s + strlen(s);
}

static const char *read_entity(struct buf *out, const char *s)
{
	static const struct {
		const char *name, *text;
	} entities[] = { { "&nbsp;", " " }, { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" },
		{ "&apos;", "'" }, { "&bull;", "•" }, { "&#8226;", "•" }, { "&#x27;", "'" }, { "&rsquo;", "'" }, { "&#8217;", "'" } };

	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
		if (!strncmp(s, entities[i].name, strlen(entities[i].name))) {
			(void)buf_puts(out, entities[i].text);
			return s + strlen(entities[i].name);
		}
	(void)buf_putc(out, '&');
	return s + 1;
}

static bool is_tag(const char *tag, const char *const names[], size_t count)
{
	const size_t size = strcspn(tag, " \t\r\n/>");

	for (size_t i = 0; i < count; i++)
		if (size == strlen(names[i]) && !strncasecmp(tag, names[i], size))
			return true;
	return false;
}

/* Reads the tag at S; what comes after it, or after the element when nobody sees what is in it. */
static const char *read_tag(struct reading *r, struct page *page, const char *s)
{
	static const char *const silent[] = { "script", "style", "template", "noscript", "svg" };
	static const char *const inside[] = { "b", "i", "em", "strong", "span", "a", "bdi", "u", "small", "mark" };
	static const char *const input[] = { "input" };
	const char *const end = strchrnul(s, '>'), *const next = *end ? end + 1 : end;
	const char *const comment_end = strncmp(s, "<!--", 4) ? NULL : strstr(s, "-->");

	if (comment_end)
		return comment_end + 3;
	if (is_tag(s + 1, input, 1))
		read_input(r, page, s + 6, end);
	(void)buf_putc(&page->text, is_tag(s + 1 + (s[1] == '/'), inside, sizeof inside / sizeof *inside) ? ' ' : '\n');
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
		if (is_tag(s + 1, &silent[i], 1))
			return skip_element(next, silent[i]);
	return next;
}

static void read_page_text(struct reading *r, struct page *page, const char *html)
{
	for (const char *s = html; *s;) {
		if (*s == '<') {
			s = read_tag(r, page, s);
		} else if (*s == '&') {
			s = read_entity(&page->text, s);
		} else {
			(void)buf_putc(&page->text, *s == '\n' ? ' ' : *s);
			s++;
		}
	}
}

/* A page with a field for a password is one to sign in, and an article has no fields. */
static void read_page(struct reading *r, const char *html)
{
	struct page page = { .text = { .size_max = TEXT_MAX } };

	read_page_text(r, &page, html);
	AUTO(text) char *text = buf_take(&page.text);
	if ((!page.passwords || page.code_field) && (page.fields || strlen(text) <= SHORT_PAGE)) {
		read_text(r, "page", text);
		if (page.code_field && !r->out->field)
			r->out->field = TAKE(page.code_field);
	}
	free(page.code_field);
}

static const char *header(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (!strcasecmp(answer->headers[i].name, name))
			return answer->headers[i].value;
	return NULL;
}

static void read_body(struct reading *r, const struct answer *answer)
{
	const char *const type = answer->content_type ? answer->content_type : header(answer, "content-type");
	AUTO(text) char *body = xstrndup(answer->body ? answer->body : "", answer->body ? answer->body_size : 0);
	const char *start = body + strspn(body, " \t\r\n");

	if (!strncmp(start, ")]}'", 4)) /* against inclusion as a script */
		start = strchrnul(start, '\n');
	AUTO(json) cJSON *json = json_parse_ids(start, strlen(start), NULL);
	if (cJSON_IsString(json))
		read_text(r, "body", json->valuestring);
	else if (json)
		walk(r, json, "", "", 0);
	else if (*start == '<' || (type && strcasestr(type, "html")))
		read_page(r, start);
	else if ((!type || !strncasecmp(type, "text/", 5)) && strlen(start) <= TEXT_MAX)
		read_text(r, "body", start);
}

/* ---- headers ---- */

static void read_header(struct reading *r, const char *name, const char *value)
{
	AUTO(text) char *title = phrase_name(name);
	AUTO(text) char *said = phrase_name(value);

	if (!strcmp(title, "retry after") && is_all_digits(value) && strlen(value) <= 5)
		r->out->retry_after = (int)strtol(value, NULL, 10);
	if (!strcmp(title, "www authenticate")) {
		if (factor_in(r, said) == 2 && !says(r, "answers.refused", said)) {
			count(r, 5, 4, name, NULL);
			read_type(r, "answers.types", said);
		}
	} else if (factor_in(r, title) == 2 && !says(r, "answers.settled", title)) {
		if (says(r, "answers.needed", said) || (says(r, "answers.needed", title) && !phrase_is(words(r, "answers.no"), said))) {
			count(r, 6, 5, name, NULL);
			read_type(r, "answers.types", said);
		}
	}
}

static void read_redirect(struct reading *r, const char *location)
{
	const size_t path = strcspn(location, "?#");
	AUTO(text) char *raw = xstrndup(location, path);
	AUTO(text) char *said = phrase_name(raw);

	if (factor_in(r, said) != 2 || says(r, "answers.settled", said))
		return;
	count(r, 5, 4, "Location", NULL);
	keep_text(&r->out->endpoint, location, ADDRESS_CHARS, 2000);
}

static void read_headers(struct reading *r, const struct answer *answer)
{
	const char *const location = header(answer, "location");

	for (size_t i = 0; i < answer->header_count; i++)
		read_header(r, answer->headers[i].name, answer->headers[i].value);
	if (location && answer->status >= 300 && answer->status < 400)
		read_redirect(r, location);
}

/* ---- the verdict ---- */

void answer_challenge_clear(struct answer_challenge *c)
{
	free(c->message);
	free(c->destination);
	free(c->endpoint);
	free(c->field);
	free(c->state_at);
	secret_free(c->state);
	for (size_t i = 0; i < c->evidence_count; i++)
		free(c->evidence[i]);
	*c = (struct answer_challenge){ 0 };
}

static void finish(struct reading *r)
{
	struct answer_challenge *const out = r->out;

	if (!out->type && out->destination)
		out->type = strchr(out->destination, '@') ? "email" : "sms";
	if (!out->type)
		out->type = "unknown";
	if (!out->digits && !strcmp(out->type, "totp"))
		out->digits = 6; /* RFC 6238, and what all apps show */
	if (out->message) {
		AUTO(text) char *message = out->message;
		out->message = without_codes(message, out->destination);
	}
}

bool answer_challenge(const struct answer *answer, struct answer_challenge *out)
{
	AUTO(json) cJSON *book = phrase_book();
	struct reading r = { .book = book, .out = out };
	const int status = answer->status;

	answer_challenge_clear(out);
	read_headers(&r, answer);
	if (answer->body_size <= BODY_MAX)
		read_body(&r, answer);

	/* mfa: true tells of a person, unless a login goes on from there. */
	if (r.about >= ABOUT_MIN && r.state_rank >= rank_in(words(&r, "answers.state names"), "flow id"))
		r.asks += ASKS_MIN;
	/* So does where a code went. */
	if (r.about >= ABOUT_MIN && r.asks && out->destination && !r.guessed_destination)
		r.asks += 2;

	const int sum = r.about + r.asks + (status == 401 || status == 403 || status == 428 || status == 202 ? 2 : 0);
	const bool asked = r.about >= ABOUT_MIN && r.asks >= ASKS_MIN && sum >= SUM_MIN;
	if (asked && !r.signed_in && !r.robot && status != 429 && status < 500) {
		finish(&r);
		return true;
	}
	const struct answer_challenge rest = {
		.problem = status == 429 ? PROBLEM_TOO_MANY : out->problem,
		.retry_after = out->retry_after,
	};
	answer_challenge_clear(out);
	*out = rest;
	return false;
}
