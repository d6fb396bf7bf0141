/* A byte for the status, lines of headers, an empty line, the body: whatever they are, the verdict has its limits, and no
 * text of it has what may be a code. */
#include "tests/fuzz/target.h"

#include "cdp/base/secret.h"
#include "scrapers/answer.h"
#include "scrapers/plain.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { HEADERS_MAX = 6, LINE_MAX_SIZE = 4096, NOW = 1700000000 };

static const struct answer_book *the_book(void)
{
	static struct answer_book *book; /* for all inputs */

	if (!book)
		book = answer_book_new(NULL, NULL);
	assert(book);
	return book;
}

/* The line at *AT as text, owned by the caller; *AT moves behind it. */
static char *line_of(const char **at, const char *end)
{
	const char *const stop = memchr(*at, '\n', (size_t)(end - *at));
	const size_t size = (size_t)((stop ? stop : end) - *at);
	char *line = xstrndup(*at, size < LINE_MAX_SIZE ? size : LINE_MAX_SIZE);

	*at = stop ? stop + 1 : end;
	return line;
}

/* Four digits in a row, but for those that the destination has. */
static bool may_be_code(const char *message, const char *destination)
{
	const char *const kept = destination ? strstr(message, destination) : NULL;
	size_t run = 0;

	for (const char *s = message; *s; s++) {
		const bool is_kept = kept && s >= kept && s < kept + strlen(destination);
		run = isdigit((unsigned char)*s) && !is_kept ? run + 1 : 0;
		if (run >= 4)
			return true;
	}
	return false;
}

static void check_text(const char *text)
{
	for (const char *s = text ? text : ""; *s; s++)
		assert(!iscntrl((unsigned char)*s));
}

static void check(const struct answer_challenge *c, bool asked)
{
	assert(c->carried_count <= ANSWER_CARRIED_MAX && c->choice_count <= ANSWER_CHOICES_MAX);
	assert(c->evidence_count <= ANSWER_EVIDENCE_MAX);
	assert(c->expires_in >= 0 && c->expires_in <= 86400 && c->retry_after >= 0 && c->retry_after <= 86400);
	assert(c->digits == 0 || (c->digits >= 4 && c->digits <= 10));
	if (!asked) {
		assert(!c->type && !c->kind && !c->message && !c->destination && !c->endpoint && !c->field && !c->carried_count);
		return;
	}
	assert(c->type && c->kind && c->evidence_count);
	assert(!c->message || !may_be_code(c->message, c->destination));
	check_text(c->message);
	check_text(c->destination);
	check_text(c->endpoint);
	check_text(c->field);
	for (size_t i = 0; i < c->evidence_count; i++)
		check_text(c->evidence[i]);
	for (size_t i = 0; i < c->carried_count; i++)
		assert(c->carried[i].value && strlen(c->carried[i].name) <= strlen(c->carried[i].at));
}

/* What is plain stays as it is. */
static void check_plain(const char *text, size_t size)
{
	AUTO(text) char *once = plain_text(text, size);
	AUTO(text) char *twice = plain_text(once, strlen(once));

	assert(!strcmp(once, twice));
}

void fuzz_answer(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 201, 202, 302, 400, 401, 403, 428, 429, 500, 510 };
	char *lines[HEADERS_MAX] = { 0 };
	struct answer_header headers[HEADERS_MAX];
	struct answer answer = { .headers = headers, .now = NOW };
	AUTO(answer_challenge) struct answer_challenge challenge = { 0 };

	if (!size)
		return;
	const char *at = (const char *)data + 1, *const end = (const char *)data + size;
	answer.status = statuses[data[0] % (sizeof statuses / sizeof *statuses)];
	while (answer.header_count < HEADERS_MAX && at < end && *at != '\n') {
		char *const line = lines[answer.header_count] = line_of(&at, end);
		char *const colon = strchr(line, ':');
		if (colon)
			*colon = '\0';
		headers[answer.header_count++] = (struct answer_header){ line, colon ? colon + 1 + (colon[1] == ' ') : "" };
	}
	answer.body = at < end && *at == '\n' ? at + 1 : at;
	answer.body_size = (size_t)(end - answer.body);
	check(&challenge, answer_challenge(the_book(), &answer, &challenge));
	check_plain(answer.body, answer.body_size < LINE_MAX_SIZE ? answer.body_size : LINE_MAX_SIZE);
	for (size_t i = 0; i < HEADERS_MAX; i++)
		free(lines[i]);
}

FUZZ_TARGET(fuzz_answer)
