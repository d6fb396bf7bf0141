#include "tests/lib/answers.h"

#include "cdp/base/buf.h"
#include "cdp/base/secret.h"
#include "tests/lib/asserts.h"

enum { HEADERS_MAX = 8 };

/* ---- asking ---- */

static char *body_of(const char *body)
{
	char *copy = xstrdup(body ? body : "");

	if (strchr("{[", copy[0]) && !strchr(copy, '"'))
		for (char *s = copy; *s; s++)
			*s = *s == '\'' ? '"' : *s == '`' ? '\'' : *s;
	return copy;
}

bool answer_row_judge(const struct answer_book *book, const struct answer_row *row, struct answer_challenge *out)
{
	AUTO(text) char *body = body_of(row->body);
	AUTO(text) char *text = xstrdup(row->headers ? row->headers : "");
	struct answer_header headers[HEADERS_MAX];
	struct answer answer = { .status = row->status, .headers = headers, .body = body, .body_size = strlen(body), .now = ANSWER_NOW };

	for (char *line = text; *line && answer.header_count < HEADERS_MAX;) {
		char *const end = line + strcspn(line, "\n"), *const colon = strstr(line, ": ");
		const bool last = !*end;
		*end = '\0';
		*colon = '\0';
		headers[answer.header_count++] = (struct answer_header){ line, colon + 2 };
		line = last ? end : end + 1;
	}
	return answer_challenge(book, &answer, out);
}

/* ---- comparing ---- */

static int differs(const struct answer_row *row, const char *what, const char *got, const char *wanted)
{
	if (!wanted || (got && !strcmp(got, wanted)))
		return 0;
	print_error("%s: %s is %s, not %s\n", row->why, what, got ? got : "absent", wanted);
	return 1;
}

static int differs_in(const struct answer_row *row, const char *what, int got, int wanted)
{
	if (got == wanted)
		return 0;
	print_error("%s: %s is %d, not %d\n", row->why, what, got, wanted);
	return 1;
}

static char *carried_of(const struct answer_challenge *c)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < c->carried_count; i++)
		buf_printf(&text, "%s%s=%s", i ? ", " : "", c->carried[i].at, c->carried[i].value ? secret_reveal(c->carried[i].value) : "?");
	return buf_take(&text);
}

static char *choices_of(const struct answer_challenge *c)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < c->choice_count; i++) {
		const struct answer_choice *const one = &c->choices[i];
		buf_printf(&text, "%s%s", i ? ", " : "", one->type ? one->type : "?");
		buf_printf(&text, "%s%s", one->destination ? " " : "", one->destination ? one->destination : "");
		buf_printf(&text, "%s%s", one->id ? " #" : "", one->id ? one->id : "");
	}
	return buf_take(&text);
}

static int wrong_challenge(const struct answer_row *row, const struct answer_challenge *got)
{
	AUTO(text) char *carried = carried_of(got);
	AUTO(text) char *choices = choices_of(got);

	return differs(row, "type", got->type, row->type) + differs(row, "destination", got->destination, row->destination)
		+ differs_in(row, "kind", (int)got->kind, (int)(row->kind ? row->kind : CHALLENGE_CODE))
		+ differs(row, "endpoint", got->endpoint, row->endpoint) + differs(row, "method", got->method, row->method)
		+ differs(row, "encoding", got->encoding, row->encoding) + differs(row, "field", got->field, row->field)
		+ differs(row, "message", got->message, row->message) + differs(row, "what is carried", carried, row->carried)
		+ differs(row, "choices", choices, row->choices) + differs_in(row, "expires_in", got->expires_in, row->expires_in)
		+ differs_in(row, "digits", got->digits, row->digits) + differs_in(row, "evidence", got->evidence_count > 0, true);
}

int answer_row_wrong(const struct answer_book *book, const struct answer_row *row)
{
	AUTO(answer_challenge) struct answer_challenge got = { 0 };
	const bool asked = answer_row_judge(book, row, &got);
	int wrong = differs_in(row, "a challenge", asked, row->type != NULL)
		+ differs_in(row, "retry_after", got.retry_after, row->retry_after)
		+ differs_in(row, "problem", (int)got.problem, (int)row->problem);

	if (asked != (row->type != NULL)) {
		for (size_t i = 0; i < got.evidence_count; i++)
			print_error("    %s\n", got.evidence[i]);
		return wrong;
	}
	if (asked)
		return wrong + wrong_challenge(row, &got);
	return wrong + differs_in(row, "what is left", got.message || got.carried_count || got.choice_count || got.evidence_count, false);
}

int answer_rows_wrong(const struct answer_book *book, const struct answer_row *rows, size_t count)
{
	int wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += answer_row_wrong(book, &rows[i]);
	return wrong;
}
