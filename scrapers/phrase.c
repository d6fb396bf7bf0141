/* A phrase is parts; the first parts of all phrases, sorted, are the leaves of a tree of letters.  At each place of a text
 * where a phrase may begin, the tree is gone down letter by letter. */
#include "scrapers/phrase.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "scrapers/plain.h"

#include <ctype.h>
#include <string.h>

enum {
	GAP = 40,
	PART_MAX = 120,       /* bytes */
	PARTS_MAX = 4,
	PHRASES_MAX = 1 << 16, /* a dozen times what is built in */
};

struct part {
	uint32_t at; /* in book.letters */
	uint16_t size;
	bool free_left, free_right; /* may stand in the middle of a word */
};

struct phrase {
	struct part parts[PARTS_MAX];
	uint16_t count, list, rank;
};

/* One letter of the tree: the phrases FIRST to END begin with the letters down to here. */
struct node {
	uint32_t first, end;
	uint32_t child; /* the first of CHILDREN that stand side by side */
	unsigned char children, letter;
};

struct phrase_book {
	struct buf letters;
	struct phrase *phrases; /* sorted: those that begin at words, then those that begin anywhere */
	size_t count, room;
	struct node *nodes;
	size_t node_count, node_room;
	struct node words, anywhere; /* the roots of both trees */
};

/* ---- words ---- */

static bool in_word(const char *at, const char *end)
{
	const unsigned c = at < end ? plain_next(&at, end) : 0;

	if (c < 0x80)
		return isalnum((int)c);
	return c >= 0xc0 && !plain_is_unbounded(c) && !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3000 && c <= 0x303f) && c < 0xff00;
}

static bool in_word_at(const char *at)
{
	return in_word(at, at + strnlen(at, 4));
}

static bool in_word_before(const char *text, const char *at)
{
	const char *before = at;

	while (before > text && ((unsigned char)*--before & 0xc0) == 0x80)
		;
	return before < at && in_word(before, at);
}

/* ---- making the book ---- */

static const char *letters_of(const struct phrase_book *book, const struct part *part)
{
	return book->letters.data + part->at;
}

/* The part of a phrase in AT[END], without blanks.  False: nothing of it is left, or too much. */
static bool read_part(struct phrase_book *book, const char *at, const char *end, struct part *out)
{
	bool free_script = false;

	for (; at < end && *at == ' '; at++)
		;
	for (; end > at && end[-1] == ' '; end--)
		;
	*out = (struct part){ .at = (uint32_t)book->letters.size };
	if (at < end && *at == '*')
		out->free_left = true, at++;
	if (at < end && end[-1] == '*')
		out->free_right = true, end--;
	if (at >= end || end - at > PART_MAX)
		return false;
	out->size = (uint16_t)(end - at);
	for (const char *s = at; s < end;)
		free_script |= plain_is_unbounded(plain_next(&s, end));
	out->free_left |= free_script || !in_word(at, end);
	out->free_right |= free_script || !in_word_before(at, end);
	buf_append(&book->letters, at, out->size);
	buf_putc(&book->letters, '\0');
	return true;
}

static void add_phrase(struct phrase_book *book, const char *at, const char *end, int list, int rank)
{
	struct phrase phrase = { .list = (uint16_t)list, .rank = (uint16_t)rank };

	while (at < end) {
		const char *const dots = memmem(at, (size_t)(end - at), "...", 3);
		if (phrase.count == PARTS_MAX || !read_part(book, at, dots ? dots : end, &phrase.parts[phrase.count]))
			return;
		phrase.count++;
		at = dots ? dots + 3 : end;
	}
	if (!phrase.count)
		return;
	if (book->count == book->room) {
		book->room = book->room ? book->room * 2 : 1024;
		book->phrases = xrealloc(book->phrases, book->room * sizeof *book->phrases);
	}
	book->phrases[book->count++] = phrase;
}

static int add_list(struct phrase_book *book, const char *text, int list, int rank)
{
	AUTO(text) char *plain = plain_text(text, strlen(text));

	for (const char *at = plain; *at && book->count < PHRASES_MAX; rank++) {
		const char *const stop = strchrnul(at, ',');
		add_phrase(book, at, stop, list, rank);
		at = *stop ? stop + 1 : stop;
	}
	return rank;
}

static bool add_lists(struct phrase_book *book, const cJSON *lists, int list)
{
	const cJSON *language;
	int rank = 0;

	if (cJSON_IsString(lists))
		return add_list(book, lists->valuestring, list, 0) > 0;
	cJSON_ArrayForEach (language, lists)
		if (cJSON_IsObject(lists) && cJSON_IsString(language))
			rank = add_list(book, language->valuestring, list, rank);
	return rank > 0;
}

static int by_letters(const void *a, const void *b, void *user)
{
	const struct phrase_book *const book = user;
	const struct part *const one = &((const struct phrase *)a)->parts[0], *const two = &((const struct phrase *)b)->parts[0];

	return one->free_left != two->free_left ? one->free_left - two->free_left
		: strcmp(letters_of(book, one), letters_of(book, two));
}

static void add_node(struct phrase_book *book, struct node node)
{
	if (book->node_count == book->node_room) {
		book->node_room = book->node_room ? book->node_room * 2 : 4096;
		book->nodes = xrealloc(book->nodes, book->node_room * sizeof *book->nodes);
	}
	book->nodes[book->node_count++] = node;
}

/* NODE with all that is below it: the letters that follow the first DEPTH of its phrases. */
static struct node grown(struct phrase_book *book, struct node node, size_t depth)
{
	uint32_t first = node.first;

	if (node.end - node.first < 2 && depth)
		return node;
	while (first < node.end && book->phrases[first].parts[0].size == depth)
		first++;
	node.child = (uint32_t)book->node_count;
	for (uint32_t stop = first; first < node.end; first = stop) {
		const unsigned char letter = (unsigned char)letters_of(book, &book->phrases[first].parts[0])[depth];
		while (stop < node.end && (unsigned char)letters_of(book, &book->phrases[stop].parts[0])[depth] == letter)
			stop++;
		add_node(book, (struct node){ .first = first, .end = stop, .letter = letter });
		node.children++;
	}
	for (uint32_t i = node.child; i < node.child + node.children; i++) {
		const struct node child = grown(book, book->nodes[i], depth + 1);
		book->nodes[i] = child;
	}
	return node;
}

struct phrase_book *phrase_book_new(const cJSON *words, const char *const *paths, size_t count, struct error *err)
{
	AUTO(phrase_book) struct phrase_book *book = xcalloc(1, sizeof *book);
	uint32_t bounded = 0;

	for (size_t i = 0; i < count; i++)
		if (!add_lists(book, json_at(words, paths[i]), (int)i))
			return fail(err, ERR_INPUT, "there is no list \"%s\"", paths[i]), NULL;
	qsort_r(book->phrases, book->count, sizeof *book->phrases, by_letters, book);
	while (bounded < book->count && !book->phrases[bounded].parts[0].free_left)
		bounded++;
	book->words = grown(book, (struct node){ .end = bounded }, 0);
	book->anywhere = grown(book, (struct node){ .first = bounded, .end = (uint32_t)book->count }, 0);
	return TAKE(book);
}

void phrase_book_free(struct phrase_book *book)
{
	if (!book)
		return;
	buf_clear(&book->letters);
	free(book->phrases);
	free(book->nodes);
	free(book);
}

/* ---- looking ---- */

struct look {
	const struct phrase_book *book;
	const char *text;
	struct phrase_hits *hits; /* NULL: only whether there is one of LIST */
	int list;
	bool found;
};

static const char *part_after(const struct look *look, const struct part *part, const char *from)
{
	const char *const letters = letters_of(look->book, part);
	const char *const limit = from + strnlen(from, GAP + part->size);

	for (const char *at = from; (at = memmem(at, (size_t)(limit - at), letters, part->size)); at++)
		if ((part->free_left || !in_word_before(look->text, at)) && (part->free_right || !in_word_at(at + part->size)))
			return at + part->size;
	return NULL;
}

static void keep_hit(struct look *look, const struct phrase *phrase, const char *start, const char *end)
{
	struct phrase_hits *const hits = look->hits;
	const uint64_t bit = (uint64_t)1 << (phrase->list % 64);

	look->found |= phrase->list == look->list;
	if (!hits)
		return;
	hits->said[phrase->list / 64] |= bit;
	if (start == look->text && !*end)
		hits->whole[phrase->list / 64] |= bit;
	if (hits->count < PHRASE_HITS_MAX)
		hits->hits[hits->count++] = (struct phrase_hit){ phrase->list, phrase->rank,
			(uint32_t)(start - look->text), (uint32_t)(end - look->text) };
}

/* The first part of PHRASE stands at START. */
static void try_phrase(struct look *look, const struct phrase *phrase, const char *start)
{
	const char *end = start + phrase->parts[0].size;

	if (!phrase->parts[0].free_right && in_word_at(end))
		return;
	for (int i = 1; end && i < phrase->count; i++)
		end = part_after(look, &phrase->parts[i], end);
	if (end)
		keep_hit(look, phrase, start, end);
}

/* The child for LETTER; siblings are sorted. */
static const struct node *child_of(const struct phrase_book *book, const struct node *node, unsigned char letter)
{
	const struct node *low = book->nodes + node->child, *high = low + node->children;

	while (low < high) {
		const struct node *const middle = low + (high - low) / 2;
		if (middle->letter == letter)
			return middle;
		if (middle->letter < letter)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void look_at(struct look *look, const struct node *root, const char *at)
{
	const struct phrase_book *const book = look->book;
	const struct node *node = root;

	for (size_t depth = 1; (node = child_of(book, node, (unsigned char)at[depth - 1])); depth++) {
		const struct phrase *phrase = &book->phrases[node->first], *const end = &book->phrases[node->end];
		if (!node->children && phrase + 1 == end) {
			const struct part *const part = &phrase->parts[0];
			if (!strncmp(letters_of(book, part) + depth, at + depth, part->size - depth))
				try_phrase(look, phrase, at);
			return;
		}
		for (; phrase < end && phrase->parts[0].size == depth; phrase++)
			try_phrase(look, phrase, at);
	}
}

void phrase_look(const struct phrase_book *book, const char *text, struct phrase_hits *out)
{
	struct look look = { .book = book, .text = text, .hits = out, .list = -1 };
	const char *const end = text + strlen(text);
	bool inside = false; /* a word */

	memset(out->said, 0, sizeof out->said);
	memset(out->whole, 0, sizeof out->whole);
	out->count = 0;
	for (const char *at = text; at < end;) {
		if (!inside)
			look_at(&look, &book->words, at);
		look_at(&look, &book->anywhere, at);
		inside = in_word(at, end);
		(void)plain_next(&at, end);
	}
}

const struct phrase_hit *phrase_next(const struct phrase_hits *hits, int list, const struct phrase_hit *after)
{
	for (size_t i = after ? (size_t)(after - hits->hits) + 1 : 0; i < hits->count; i++)
		if (hits->hits[i].list == list)
			return &hits->hits[i];
	return NULL;
}

bool phrase_begins(const struct phrase_book *book, int list, const char *text, const char *at)
{
	struct look look = { .book = book, .text = text, .list = list };

	look_at(&look, &book->words, at);
	if (!look.found)
		look_at(&look, &book->anywhere, at);
	return look.found;
}
