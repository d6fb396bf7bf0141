/* What it costs to judge an answer: make bench-answer.  Prints the book's making in milliseconds, and for each kind of
 * answer its size and the microseconds that one verdict takes.
 *
 * With the folder of the corpus of pages as an argument: how many of them are told right by their source alone, which is
 * all that there is over HTTP.  Pages that ask for an approval or a choice are none of these figures. */
#include "scrapers/answer.h"

#include "cdp/base/buf.h"

#include <string.h>
#include <time.h>

enum { ROUNDS_MS = 300 };

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void judge(const struct answer_book *book, const char *what, const char *body, size_t size)
{
	const struct answer answer = { .status = 401, .body = body, .body_size = size };
	const double start = now_us();
	bool asked = false;
	int rounds = 0;

	while (rounds < 3 || now_us() - start < ROUNDS_MS * 1000) {
		AUTO(answer_challenge) struct answer_challenge out = { 0 };
		asked = answer_challenge(book, &answer, &out);
		rounds++;
	}
	printf("%-34s %8zu bytes %10.1f us  %s\n", what, size, (now_us() - start) / rounds, asked ? "asked" : "-");
}

/* BEFORE, then PIECE until there are SIZE bytes, then AFTER. */
static void judge_made(const struct answer_book *book, const char *what, const char *before, const char *piece, size_t size,
	const char *after)
{
	AUTO(buf) struct buf body = { 0 };

	buf_puts(&body, before);
	while (body.size + strlen(piece) + strlen(after) <= size)
		buf_puts(&body, piece);
	buf_puts(&body, after);
	judge(book, what, body.data, body.size);
}

static char *read_file(const char *folder, const char *name)
{
	AUTO(text) char *path = xasprintf("%s/%s", folder, name);
	AUTO(file) FILE *file = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[4096];
	size_t size;

	while (file && (size = fread(chunk, 1, sizeof chunk, file)) > 0)
		buf_append(&text, chunk, size);
	return buf_take(&text);
}

static void judge_corpus(const struct answer_book *book, const char *folder)
{
	AUTO(text) char *text = read_file(folder, "manifest.json");
	AUTO(json) cJSON *manifest = json_parse(text, strlen(text), NULL);
	int right[2] = { 0 }, all[2] = { 0 };
	const cJSON *page;

	cJSON_ArrayForEach (page, json_list(manifest, "pages")) {
		const char *const kind = json_str(page, "kind");
		AUTO(text) char *body = read_file(folder, json_str(page, "file"));
		const struct answer answer = { .status = 200, .content_type = "text/html", .body = body, .body_size = strlen(body) };
		AUTO(answer_challenge) struct answer_challenge out = { 0 };
		const bool is_code = !strcmp(kind, "positive");
		if (!is_code && strcmp(kind, "negative") != 0)
			continue;
		all[is_code]++;
		right[is_code] += answer_challenge(book, &answer, &out) == is_code;
	}
	printf("pages of the corpus: %d of %d that ask for a code, %d of %d that do not\n", right[1], all[1], right[0], all[0]);
}

int main(int argc, char **argv)
{
	static const char json[] = "{\"status\":\"MFA_REQUIRED\",\"stateToken\":\"00x\",\"message\":\"Enter the code we sent to ***12\"";
	const double start = now_us();
	AUTO(answer_book) struct answer_book *book = answer_book_new(NULL, NULL);

	if (!book)
		return 1;
	printf("%-34s %29.1f ms\n", "making the book", (now_us() - start) / 1000);
	judge(book, "a small challenge", "{\"mfa_required\":true,\"mfa_type\":\"sms\",\"mfa_token\":\"abc\"}", 55);
	judge_made(book, "JSON, many members", json, ",\"member_name\":{\"displayName\":\"Some Value\",\"is_active\":true}", 2048, "}");
	judge_made(book, "JSON, messages", json, ",\"message\":\"Please enter the six-digit code that we sent to your phone.\"", 2048,
		"}");
	judge_made(book, "JSON, messages in Hebrew", json, ",\"message\":\"אנא הזינו את קוד האימות שנשלח אליכם בהודעה לנייד.\"", 2048, "}");
	judge_made(book, "JSON, messages in Chinese", json, ",\"message\":\"请输入我们发送到您手机的短信验证码，五分钟内有效。\"", 2048, "}");
	judge_made(book, "a page", "<title>Sign in</title><form action=/otp method=post><input name=otp>",
		"<p class=\"line\">Enter the code that we sent to <b>your phone</b>.</p>\n", 2048, "</form>");
	judge_made(book, "JSON, 250 KB", json, ",\"member_name\":{\"displayName\":\"Some Value\",\"is_active\":true}", 250 << 10, "}");
	judge_made(book, "JSON, 1 MB", json, ",\"member_name\":{\"displayName\":\"Some Value\",\"is_active\":true}", 1 << 20, "}");
	judge_made(book, "a page, 1 MB", "<form action=/otp method=post><input name=otp>",
		"<p class=\"line\">Enter the code that we sent to <b>your phone</b>.</p>\n", 1 << 20, "</form>");
	judge_made(book, "inputs, 1 MB", "<form>", "<input type=\"text\" name=\"otp\" id=\"otp\" placeholder=\"Code\">", 1 << 20, "</form>");
	judge_made(book, "'<', 1 MB", "<p>", "<", 1 << 20, "");
	judge_made(book, "comments without an end, 1 MB", "<p>", "<!-- ", 1 << 20, "");
	judge_made(book, "hidden elements without an end, 1 MB", "<p>", "<i hidden>", 1 << 20, "");
	judge_made(book, "scripts without an end, 1 MB", "<p>", "<svg><style x>", 1 << 20, "");
	judge_made(book, "'[', 1 MB", "", "[", 1 << 20, "");
	judge_made(book, "'&', 1 MB", "<p>", "&", 1 << 20, "");
	if (argc > 1)
		judge_corpus(book, argv[1]);
	return 0;
}
