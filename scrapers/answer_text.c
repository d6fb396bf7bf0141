/* What sentences say, of pages as of members that are messages. */
#include "scrapers/answer_reading.h"

#include "scrapers/plain.h"
#include "scrapers/values.h"

#include <ctype.h>

enum { SENTENCES_MAX = 120, ABOUT_MAX = 9, ASKS_MAX = 8 };

/* The sums of one text. */
struct weight {
	int about, asks;
};

static const char *sentence_end(const char *s)
{
	for (; *s; s++)
		if (*s == '\n' || (strchr(".!?", *s) && isspace((unsigned char)s[1])) || !strncmp(s, "。", 3) || !strncmp(s, "！", 3)
				|| !strncmp(s, "؟", 2))
			return s + 1;
	return s;
}

/* "Sent again in 30 seconds" and "expires in 5 minutes" speak of no last try. */
static enum code_problem problem_in(const struct said *said, bool has_time)
{
	if (says(said, LIST_TOO_MANY) && !(has_time && says(said, LIST_RESEND)))
		return PROBLEM_TOO_MANY;
	if (says(said, LIST_EXPIRED) && !has_time)
		return PROBLEM_EXPIRED;
	return says(said, LIST_WRONG) && !(has_time && says(said, LIST_RESEND)) ? PROBLEM_WRONG : PROBLEM_NONE;
}

static void read_times(struct reading *r, const struct said *said, int seconds)
{
	struct answer_challenge *const out = r->out;

	if (says(said, LIST_RESEND) || says(said, LIST_TOO_MANY))
		out->retry_after = out->retry_after ? out->retry_after : seconds;
	else if (says(said, LIST_VALID) || says(said, LIST_EXPIRED))
		out->expires_in = out->expires_in ? out->expires_in : seconds;
}

static bool lies_in(const struct said *said, const struct phrase_hit *hit, enum word_list first, enum word_list last)
{
	for (int list = (int)first; list <= (int)last; list++)
		for (const struct phrase_hit *other = NULL; (other = phrase_next(&said->hits, list, other));)
			if (other->start <= hit->start && other->end >= hit->end)
				return true;
	return false;
}

/* Has a phrase of these lists that is not a part of another code's name: the code in "postcode". */
static bool names_code(const struct said *said, enum word_list first, enum word_list last)
{
	for (int list = (int)first; list <= (int)last; list++)
		for (const struct phrase_hit *hit = NULL; (hit = phrase_next(&said->hits, list, hit));)
			if (!lies_in(said, hit, LIST_POST, LIST_IDENTITY))
				return true;
	return false;
}

/* A token alone may be a session's. */
static bool names_only_token(const struct said *said)
{
	for (int list = LIST_STRONG; list <= LIST_NOUN; list++)
		for (const struct phrase_hit *hit = NULL; (hit = phrase_next(&said->hits, list, hit));)
			if (hit->end - hit->start != 5 || memcmp(said->plain + hit->start, "token", 5) != 0)
				return false;
	return true;
}

/* Names a second step; "authentication required" and "check your email" may be of any other. */
static bool names_second_step(const struct said *said)
{
	for (const struct phrase_hit *hit = NULL; (hit = phrase_next(&said->hits, LIST_TOPIC, hit));)
		if (!lies_in(said, hit, LIST_BARE_TOPICS, LIST_BARE_TOPICS))
			return true;
	return false;
}

/* Nothing but a masked number or address, as pages show it alone on a line. */
static bool is_address(const char *raw)
{
	AUTO(text) char *line = strlen(raw) <= CODE_MAX ? value_line(raw) : NULL;

	return line && is_destination(line) && is_masked(line);
}

static void read_details(struct reading *r, const char *raw, const struct said *said)
{
	struct answer_challenge *const out = r->out;

	if (!out->digits && (out->digits = digits_said(r, said)))
		r->guessed_digits = true;
	read_destination(r, raw, said);
	if (!out->type)
		out->type = type_of_text(said);
}

/* A sentence about the last try, a captcha or a link asks for nothing. */
static void read_sentence(struct reading *r, const char *text, size_t size, struct weight *sum)
{
	AUTO(text) char *raw = xstrndup(text, size);
	AUTO(said) struct said said = said_in(r, raw, size);
	const bool strong = names_code(&said, LIST_STRONG, LIST_STRONG), likely = names_code(&said, LIST_STRONG, LIST_LIKELY);
	const bool vague = names_code(&said, LIST_STRONG, LIST_VAGUE), noun = r->of_code || names_code(&said, LIST_STRONG, LIST_NOUN);
	const bool enter = says(&said, LIST_ENTER), push = says(&said, LIST_PUSH), needed = says(&said, LIST_NEEDED_SAID);
	const bool sent = says(&said, LIST_SENT) || (noun && says(&said, LIST_SENT_SAID));
	const int seconds = seconds_said(r, &said);
	const enum code_problem problem = problem_in(&said, seconds != 0);

	if (seconds)
		read_times(r, &said, seconds);
	if (says(&said, LIST_ROBOT) && !says(&said, LIST_BADGE)) {
		r->robot = true;
		return;
	}
	/* A picture to be scanned is of the setting up, or of a sign-in by it; who sends a text buys something. */
	r->errand |= (says(&said, LIST_SCAN) || says(&said, LIST_PAYMENT)) && !sent;
	if (!strong && (says(&said, LIST_DEVICE) || says(&said, LIST_PAPER)))
		return;
	if (says(&said, LIST_COUPON) || says(&said, LIST_INVITATION) || says(&said, LIST_NOT_ASKED)
			|| (says(&said, LIST_LINK) && !noun) || says(&said, LIST_SETTING_UP))
		return;
	if (problem && !needed) {
		if (noun && (r->of_code || !names_only_token(&said)) && r->out->problem == PROBLEM_NONE)
			r->out->problem = problem;
		return;
	}
	const bool future = says(&said, LIST_NOT_YET), choose = says(&said, LIST_METHOD) && !enter && !(sent && !future);
	const bool spoken_of = vague || (noun && (sent || enter || choose));
	const int about = (strong ? 6 : likely || (r->of_code && needed) ? 5 : spoken_of ? 3 : 0)
		+ (names_second_step(&said) ? 4 : 0) + (push ? 5 : 0);
	if (about || sent || is_address(raw))
		read_details(r, raw, &said);
	if (!about)
		return;
	sum->about += about + (!likely && sent && (r->out->digits || r->out->destination) ? 2 : 0);
	sum->asks += (sent ? future ? 2 : 4 : 0) + (enter ? 4 : 0) + (needed ? 4 : 0) + (push ? 4 : 0) + (choose ? 4 : 0);
	r->sent |= (sent && !future) || enter;
	r->choose |= choose;
	if (push && !likely && !r->out->type)
		r->out->type = "push";
	else if (enter && !likely && !r->out->type && says(&said, (enum word_list)LIST_CHANNELS_LAST) && !type_of_text(&said))
		r->out->type = "backup_code";
}

static void set_message(struct reading *r, const char *text, int rank)
{
	if (rank <= r->message_rank)
		return;
	AUTO(text) char *shown = plain_shown(text);
	free(r->out->message);
	r->out->message = value_line(shown);
	r->message_rank = rank;
}

void read_text(struct reading *r, const char *where, const char *text)
{
	struct weight sum = { 0 };
	int sentences = 0;
	const size_t left = (size_t)TEXTS_MAX - r->text_size;
	AUTO(text) char *part = xstrndup(text, left < TEXT_MAX ? left : TEXT_MAX);

	r->text_size += strlen(part);
	for (const char *s = part; *s && sentences < SENTENCES_MAX; sentences++) {
		s += strspn(s, " \t\r\n");
		const char *const end = sentence_end(s);
		read_sentence(r, s, (size_t)(end - s), &sum);
		s = end;
	}
	const int about = sum.about < ABOUT_MAX ? sum.about : ABOUT_MAX, asks = sum.asks < ASKS_MAX ? sum.asks : ASKS_MAX;
	if (about)
		count(r, about, asks, where, "its text");
	set_message(r, part, about ? 1 + about + asks : 0);
}
