/* Reading conversations: see talk_script.h. */
#include "tests/lib/talk_script.h"

#include "tests/lib/talk.h"

#include <ctype.h>
#include <string.h>

enum { DEPTH_MAX = 4 }; /* includes in includes */

/* What stands behind a verb, a letter each: c a count, w a word, o a word or nothing, j JSON or nothing,
 * @ a session or nothing, n "as NAME" or nothing, t all the rest. */
static const struct {
	const char *word;
	enum talk_verb verb;
	const char *shape;
} verbs[] = {
	{ ">",         TALK_EXPECT,     "wj@n" },
	{ "<",         TALK_ANSWER,     "oj"   },
	{ "<!",        TALK_REFUSE,     "oj"   },
	{ "*",         TALK_EVENT,      "wj@"  },
	{ "raw",       TALK_RAW,        "t"    },
	{ "bytes",     TALK_BYTES,      "t"    },
	{ "auto",      TALK_AUTO,       "wj"   },
	{ "auto!",     TALK_AUTO_REFUSE, "wj"  },
	{ "ignore",    TALK_IGNORE,     "w"    },
	{ "collect",   TALK_COLLECT,    "cw"   },
	{ "answer",    TALK_ANSWER_ALL, "wj"   },
	{ "delay",     TALK_DELAY,      "c"    },
	{ "fragments", TALK_FRAGMENTS,  "c"    },
	{ "together",  TALK_TOGETHER,   ""     },
	{ "apart",     TALK_APART,      ""     },
	{ "close",     TALK_CLOSE,      ""     },
	{ "drop",      TALK_DROP,       ""     },
	{ "die",       TALK_DIE,        ""     },
	{ "http",      TALK_HTTP,       "j"    },
};

struct reader {
	const char *file;
	int number; /* of the line */
	const char *word;
	struct talk_line **end;
	struct buf *why;
	int depth;
};

static bool wrong(struct reader *r, const char *what, const char *where)
{
	(void)buf_printf(r->why, "%s:%d: %s: %s\n", r->file, r->number, what, where);
	return false;
}

static const char *skip_space(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

static char *next_word(const char **at)
{
	const size_t size = strcspn(*at, " \t");
	char *word = xstrndup(*at, size);

	*at = skip_space(*at + size);
	return word;
}

/* 64, 64K, 100M; -1 when it is nothing of the kind. */
static long next_count(const char **at)
{
	char *end;
	const long n = strtol(*at, &end, 10);
	const long unit = *end == 'K' ? 1L << 10 : *end == 'M' ? 1L << 20 : 1;

	if (end == *at || n < 0)
		return -1;
	*at = skip_space(end + (unit > 1));
	return n * unit;
}

/* The end of the object or array AT, by its brackets. */
static const char *json_end(const char *at)
{
	int depth = 0;
	bool quoted = false;

	for (; *at; at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && strchr("{[", *at))
			depth++;
		else if (!quoted && strchr("}]", *at) && --depth == 0)
			return at + 1;
	}
	return at;
}

/* JSON with every ${…} taken for 0. */
static bool is_json(const char *text)
{
	AUTO(buf) struct buf plain = { 0 };

	for (const char *at = text, *open; *at; at = strchr(open, '}') + 1) {
		open = strstr(at, "${");
		(void)buf_append(&plain, at, open ? (size_t)(open - at) : strlen(at));
		if (!open || !strchr(open, '}'))
			break;
		(void)buf_putc(&plain, '0');
	}
	AUTO(json) cJSON *json = json_parse(buf_text(&plain), plain.size, NULL);
	return json != NULL;
}

static bool read_json(struct reader *r, struct talk_line *line, const char **at)
{
	if (**at != '{' && **at != '[')
		return true;
	const char *end = json_end(*at);
	line->json = xstrndup(*at, (size_t)(end - *at));
	if (!is_json(line->json))
		return wrong(r, "not JSON", line->json);
	*at = skip_space(end);
	return true;
}

static bool read_part(struct reader *r, struct talk_line *line, char part, const char **at)
{
	switch (part) {
	case 'c':
		line->count = next_count(at);
		return line->count >= 0 || wrong(r, "a number is missing", line->whole);
	case 'w':
		line->word = next_word(at);
		return *line->word || wrong(r, "a word is missing", line->whole);
	case 'o':
		if (**at && **at != '{' && **at != '[')
			line->word = next_word(at);
		return true;
	case 'j':
		return read_json(r, line, at);
	case '@':
		if (**at != '@')
			return true;
		(*at)++;
		line->session = next_word(at);
		return true;
	case 'n':
		if (strncmp(*at, "as ", 3) != 0)
			return true;
		*at = skip_space(*at + 3);
		line->name = next_word(at);
		return true;
	default:
		line->word = xstrdup(*at);
		*at += strlen(*at);
		return true;
	}
}

static bool read_text(struct reader *r, const char *text);

static bool include(struct reader *r, const char *name)
{
	AUTO(text) char *path = xasprintf(TALK_FOLDER "/%s", name);
	AUTO(text) char *text = talk_read_file(path);

	if (!text || r->depth == DEPTH_MAX)
		return wrong(r, "cannot be included", name);
	struct reader inner = *r;
	inner.file = path;
	inner.depth++;
	const bool ok = read_text(&inner, text);
	r->end = inner.end;
	return ok;
}

static bool is_order(const char *word)
{
	return !strcmp(word, "straight") || !strcmp(word, "reversed") || !strcmp(word, "shuffled");
}

static bool read_line(struct reader *r, const char *text)
{
	const char *at = skip_space(text);
	long times = 1;
	AUTO(text) char *verb = next_word(&at);

	if (!strcmp(verb, "include"))
		return include(r, at);
	if (!strcmp(verb, "times")) {
		times = next_count(&at);
		free(verb);
		verb = next_word(&at);
	}
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(verb, verbs[i].word) != 0)
			continue;
		struct talk_line *line = xcalloc(1, sizeof *line);
		line->verb = verbs[i].verb;
		line->file = xstrdup(r->file);
		line->number = r->number;
		line->whole = xstrdup(skip_space(text));
		line->times = times;
		*r->end = line;
		r->end = &line->next;
		for (const char *part = verbs[i].shape; *part; part++)
			if (!read_part(r, line, *part, &at))
				return false;
		if (line->verb == TALK_ANSWER_ALL && !is_order(line->word))
			return wrong(r, "not an order", line->word);
		return !*at || wrong(r, "more than was expected", at);
	}
	return wrong(r, "an unknown verb", verb);
}

static char *replace(const char *text, const char *what, const char *with)
{
	struct buf out = { 0 };

	for (const char *hit; (hit = strstr(text, what)); text = hit + strlen(what)) {
		(void)buf_append(&out, text, (size_t)(hit - text));
		(void)buf_puts(&out, with);
	}
	(void)buf_puts(&out, text);
	return buf_take(&out);
}

/* Lines that begin with white space go on with the line before. */
static bool read_text(struct reader *r, const char *as_written)
{
	AUTO(text) char *filled = replace(as_written, "${word}", r->word ? r->word : "");
	AUTO(buf) struct buf whole = { 0 };
	const char *text = filled;
	int number = 0;
	bool ok = true;

	while (ok && *text) {
		const size_t size = strcspn(text, "\n");
		const bool goes_on = isspace((unsigned char)*text) && size > 0;
		const bool says_something = size > 0 && *text != '#';
		number++;
		if (!goes_on && whole.size) {
			ok = read_line(r, whole.data);
			buf_reset(&whole);
		}
		if (says_something) {
			if (!goes_on)
				r->number = number;
			(void)buf_append(&whole, text, size);
		}
		text += size + (text[size] == '\n');
	}
	return ok && (!whole.size || read_line(r, whole.data));
}

struct talk_line *talk_script_read(const char *file, const char *text, const char *word, struct buf *why)
{
	struct talk_line *first = NULL;
	struct reader r = { .file = file, .word = word, .end = &first, .why = why };

	(void)read_text(&r, text); /* WHY says it, too */
	return first;
}

void talk_script_free(struct talk_line *first)
{
	while (first) {
		struct talk_line *line = first;
		first = line->next;
		free(line->file);
		free(line->whole);
		free(line->word);
		free(line->json);
		free(line->session);
		free(line->name);
		free(line);
	}
}

/* ---- matching ---- */

static const char any[] = "…";

bool talk_text_matches(const char *wanted, const char *got)
{
	const char *hole = strstr(wanted, any);

	if (!hole)
		return !strcmp(wanted, got);
	if (strncmp(wanted, got, (size_t)(hole - wanted)) != 0)
		return false;
	const char *rest = hole + sizeof any - 1;
	for (got += hole - wanted;; got++) {
		if (talk_text_matches(rest, got))
			return true;
		if (!*got)
			return false;
	}
}

static bool differ(struct buf *why, const char *path, const cJSON *wanted, const cJSON *got)
{
	AUTO(text) char *expected = json_print(wanted);
	AUTO(text) char *found = got ? json_print(got) : xstrdup("missing");

	(void)buf_printf(why, "%s is %.400s, not %.400s", path, found, expected);
	return false;
}

bool talk_matches(const cJSON *wanted, const cJSON *got, const char *path, struct buf *why)
{
	const cJSON *part;
	int index = 0;

	if (!got || (wanted->type & 0xff) != (got->type & 0xff))
		return differ(why, path, wanted, got);
	if (cJSON_IsString(wanted))
		return talk_text_matches(wanted->valuestring, got->valuestring) || differ(why, path, wanted, got);
	if (cJSON_IsArray(wanted) && cJSON_GetArraySize(wanted) != cJSON_GetArraySize(got))
		return differ(why, path, wanted, got);
	if (!cJSON_IsArray(wanted) && !cJSON_IsObject(wanted))
		return cJSON_Compare(wanted, got, true) || differ(why, path, wanted, got);
	cJSON_ArrayForEach (part, wanted) {
		AUTO(text) char *number = xasprintf("%d", index++);
		const char *name = part->string ? part->string : number;
		AUTO(text) char *inner = xasprintf("%s.%s", path, name);
		const cJSON *other = part->string ? cJSON_GetObjectItemCaseSensitive(got, name)
			: cJSON_GetArrayItem(got, index - 1);
		if (!talk_matches(part, other, inner, why))
			return false;
	}
	return true;
}

/* ---- filling in ---- */

static void put_big(struct buf *out, const char *size)
{
	const long count = next_count(&size);

	if (count <= 0 || !buf_reserve(out, (size_t)count))
		return;
	talk_big(out->data + out->size, (size_t)count);
	out->size += (size_t)count;
}

static void put_value(struct buf *out, const char *name, const cJSON *message, long n)
{
	if (!strncmp(name, "big:", 4)) {
		put_big(out, name + 4);
	} else if (!strcmp(name, "n")) {
		(void)buf_printf(out, "%ld", n);
	} else if (!strcmp(name, "session")) {
		const char *session = json_str(message, "sessionId");
		(void)buf_puts(out, session ? session : "");
	} else {
		AUTO(text) char *value = json_print(json_at(message, name));
		(void)buf_puts(out, value);
	}
}

void talk_expand(struct buf *out, const char *text, const cJSON *message, long n)
{
	for (const char *open; (open = strstr(text, "${")) && strchr(open, '}');) {
		const char *close = strchr(open, '}');
		AUTO(text) char *name = xstrndup(open + 2, (size_t)(close - open - 2));
		(void)buf_append(out, text, (size_t)(open - text));
		put_value(out, name, message, n);
		text = close + 1;
	}
	(void)buf_puts(out, text);
}
