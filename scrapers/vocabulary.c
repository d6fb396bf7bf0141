/* The road: all lists are joined, concept by concept; then each phrase is put below one key, which a text that has the
 * phrase must have, too: the rarest of its words, or, when none of its words stands whole, what one begins or ends
 * with; in scripts without clear ends of words, two characters.
 *
 * The texts are
 *	{threshold, weights, autocomplete, concepts: [names], whole, starts, ends, inside: {key: numbers}, rest: [numbers]}
 *	{whole, starts, …, pairs: {key: numbers}, rest: [numbers]}, for texts that are not of ASCII alone
 *	each concept's list, a line each, in the order of their names
 * where numbers are one number or an array: CONCEPT * LIST_MAX + where the phrase begins in the list, in UTF-16. */
#include "scrapers/vocabulary.h"

#include "cdp/base/buf.h"
#include "cdp/base/json.h"
#include "scrapers/detect.h"
#include "scrapers/plain.h"

#include <assert.h>
#include <string.h>

enum {
	LIST_MAX = 1 << 15,
	PHRASES_MAX = 1 << 14,
	KEYS_MAX = 1 << 15, /* a power of two, twice as many as there are */
	START_SIZE = 4, START_MIN = 3, END_SIZE = 3, INSIDE_MIN = 8, /* letters; words.js knows them, too */
};

enum form { WHOLE, STARTS, ENDS, INSIDE, PAIRS, FORMS };

static const char *const form_names[] = { "whole", "starts", "ends", "inside", "pairs" };

struct key {
	enum form form;
	const char *text; /* in the book; NULL: a free place in the table */
	size_t size;
	int count;        /* how often it is in all phrases */
	struct phrase *first, *last; /* that are found by it */
};

struct phrase {
	const char *text, *end; /* in the book */
	int number;
	struct key *key;
	struct phrase *next;    /* that has the same key */
};

struct making {
	cJSON *concepts, *forms[2][FORMS], *rest[2]; /* of ASCII, and of others */
	struct buf lists;
	struct key *keys;
	struct phrase *phrases;
	size_t phrase_count;
};

/* ---- keys ---- */

/* The letters of which words are made for the index; what is none of them parts words. */
static bool is_letter(unsigned c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 0x3b1 && c <= 0x3c9) || (c >= 0x430 && c <= 0x45f);
}

static struct key *key_of(struct making *m, enum form form, const char *text, size_t size)
{
	unsigned hash = 2166136261u ^ (unsigned)form;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	for (unsigned at = hash % KEYS_MAX;; at = (at + 1) % KEYS_MAX) {
		struct key *key = &m->keys[at];
		if (!key->text)
			*key = (struct key){ .form = form, .text = text, .size = size };
		if (key->form == form && key->size == size && !memcmp(key->text, text, size))
			return key;
	}
}

struct choice {
	bool counting;    /* counts all keys; else looks for the best */
	struct key *best;
};

static void offer(struct making *m, struct choice *choice, enum form form, const char *text, size_t size)
{
	struct key *key = key_of(m, form, text, size);

	if (choice->counting)
		key->count++;
	/* Pairs first, so that texts in other scripts never get to see the phrase. */
	else if (!choice->best || (key->form == PAIRS && choice->best->form != PAIRS)
			|| ((key->form == PAIRS) == (choice->best->form == PAIRS)
				&& (key->form < choice->best->form || (key->form == choice->best->form && key->count < choice->best->count))))
		choice->best = key;
}

/* N characters from AT. */
static size_t size_of(const char *at, const char *end, size_t n)
{
	const char *const start = at;

	for (size_t i = 0; i < n && at < end; i++)
		(void)plain_next(&at, end);
	return (size_t)(at - start);
}

/* The word [AT, AT + SIZE) of LETTERS letters, which may go on in a text where it is open. */
static void offer_word(struct making *m, struct choice *choice, const char *at, size_t size, size_t letters,
	bool open_left, bool open_right)
{
	const char *const end = at + size;

	if (!open_left && !open_right) {
		offer(m, choice, WHOLE, at, size);
	} else if (!open_left && letters >= START_MIN) {
		offer(m, choice, STARTS, at, size_of(at, end, START_SIZE));
	} else if (!open_right && letters >= END_SIZE) {
		const char *last = at + size_of(at, end, letters - END_SIZE);
		offer(m, choice, ENDS, last, (size_t)(end - last));
	} else if (letters >= INSIDE_MIN) {
		offer(m, choice, INSIDE, at, size);
	}
}

/* A part of a phrase, between "...". */
static void offer_part(struct making *m, struct choice *choice, const char *at, const char *end)
{
	for (; at < end && *at == ' '; at++)
		;
	for (; end > at && end[-1] == ' '; end--)
		;
	bool open_left = at < end && *at == '*', open_right = end > at && end[-1] == '*';
	at += open_left;
	end -= open_right && end > at;
	for (const char *s = at; s < end;) {
		const char *const start = s;
		if (!plain_is_unbounded(plain_next(&s, end)))
			continue;
		const char *next = s;
		open_left = open_right = true;
		offer(m, choice, PAIRS, start, s < end && plain_is_unbounded(plain_next(&next, end)) ? (size_t)(next - start)
			: (size_t)(s - start));
	}
	for (const char *s = at; s < end;) {
		const char *const start = s, *stop = s;
		size_t letters = 0;
		while (s < end && is_letter(plain_next(&s, end))) {
			stop = s;
			letters++;
		}
		if (letters)
			offer_word(m, choice, start, (size_t)(stop - start), letters, start == at && open_left, stop == end && open_right);
	}
}

static void offer_phrase(struct making *m, struct choice *choice, const char *at, const char *end)
{
	while (at < end) {
		const char *dots = memmem(at, (size_t)(end - at), "...", 3);
		offer_part(m, choice, at, dots ? dots : end);
		at = dots ? dots + 3 : end;
	}
}

/* ---- lists ---- */

/* How many units of UTF-16 TEXT has. */
static int length16(const char *text, const char *end)
{
	int length = 0;

	while (text < end)
		length += plain_next(&text, end) >= 0x10000 ? 2 : 1;
	return length;
}

/* The phrases of one list join those that the concept has; AT is where the next one goes. */
static void add_list(struct making *m, const char *list, int concept, int *at)
{
	for (const char *s = list; *s;) {
		const char *const stop = strchrnul(s, ','), *first = s, *last = stop;
		for (; first < last && *first == ' '; first++)
			;
		for (; last > first && last[-1] == ' '; last--)
			;
		s = *stop ? stop + 1 : stop;
		if (first == last)
			continue;
		assert(m->phrase_count < PHRASES_MAX && *at < LIST_MAX);
		m->phrases[m->phrase_count++] = (struct phrase){ .text = first, .end = last, .number = concept * LIST_MAX + *at };
		(void)buf_append(&m->lists, first, (size_t)(last - first));
		(void)buf_putc(&m->lists, ',');
		*at += length16(first, last) + 1;
	}
}

/* LISTS: a list, or an object of them by language. */
static void add_concept(struct making *m, const char *name, const cJSON *lists)
{
	const int concept = cJSON_GetArraySize(m->concepts);
	int at = 0;
	const cJSON *list;

	if (cJSON_IsString(lists))
		add_list(m, lists->valuestring, concept, &at);
	cJSON_ArrayForEach(list, lists)
		if (cJSON_IsString(list))
			add_list(m, list->valuestring, concept, &at);
	json_add(m->concepts, JSON_STR(NULL, name));
	(void)buf_putc(&m->lists, '\n');
}

/* "words" are what most is asked for, so its concepts have no prefix. */
static void add_group(struct making *m, const char *prefix, const cJSON *group)
{
	const cJSON *concept;

	cJSON_ArrayForEach(concept, group) {
		AUTO(text) char *name = xasprintf("%s%s", prefix, concept->string);
		if (!strcmp(name, "names: other"))
			add_group(m, "names: other: ", concept);
		else
			add_concept(m, name, concept);
	}
}

/* ---- the index ---- */

static bool is_ascii(const char *text, const char *end)
{
	for (; text < end; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Puts each phrase behind those that have the same key. */
static void sort(struct making *m)
{
	for (size_t i = 0; i < m->phrase_count; i++) {
		struct choice choice = { 0 };
		struct phrase *phrase = &m->phrases[i];
		offer_phrase(m, &choice, phrase->text, phrase->end);
		phrase->key = choice.best;
		if (!choice.best)
			json_add(m->rest[!is_ascii(phrase->text, phrase->end)], JSON_INT(NULL, phrase->number));
		else if (choice.best->last)
			choice.best->last = choice.best->last->next = phrase;
		else
			choice.best->first = choice.best->last = phrase;
	}
}

/* A list of one is its number. */
static void add_key(struct making *m, const struct key *key)
{
	AUTO(text) char *name = xasprintf("%.*s", (int)key->size, key->text);
	cJSON *form = m->forms[!is_ascii(key->text, key->text + key->size)][key->form];

	if (key->first == key->last) {
		json_add(form, JSON_INT(name, key->first->number));
		return;
	}
	cJSON *list = cJSON_CreateArray();
	for (const struct phrase *phrase = key->first; phrase; phrase = phrase->next)
		json_add(list, JSON_INT(NULL, phrase->number));
	json_add(form, JSON_NODE(name, list));
}

/* TEXT in single quotes, and a comma. */
static void quote(struct buf *out, const char *text)
{
	(void)buf_putc(out, '\'');
	for (const char *s = text; *s; s++) {
		if (*s == '\'' || *s == '\\' || *s == '\n')
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, *s == '\n' ? 'n' : *s);
	}
	(void)buf_puts(out, "',");
}

static void quote_json(struct buf *out, const cJSON *json)
{
	AUTO(text) char *text = json_print(json);

	quote(out, text);
}

static char *make(cJSON *book)
{
	static const struct { const char *name, *prefix; } groups[] = {
		{ "words", "" }, { "names", "names: " }, { "other", "other: " }, { "digits", "digits: " }, { "time", "time: " },
		{ "channels", "channels: " },
	};
	AUTO(buf) struct buf out = { 0 };
	struct making m = { .concepts = cJSON_CreateArray(), .rest = { cJSON_CreateArray(), cJSON_CreateArray() } };
	AUTO(json) cJSON *index = json_object(JSON_NODE("threshold", json_take(book, "threshold")),
		JSON_NODE("weights", json_take(book, "weights")), JSON_NODE("autocomplete", json_take(book, "autocomplete")),
		JSON_NODE("concepts", m.concepts), JSON_NODE("rest", m.rest[0]));
	AUTO(json) cJSON *more = json_object(JSON_NODE("rest", m.rest[1]));

	m.keys = xcalloc(KEYS_MAX, sizeof *m.keys);
	m.phrases = xcalloc(PHRASES_MAX, sizeof *m.phrases);
	for (int form = 0; form < FORMS; form++) {
		json_add(index, JSON_NODE(form_names[form], m.forms[0][form] = cJSON_CreateObject()));
		json_add(more, JSON_NODE(form_names[form], m.forms[1][form] = cJSON_CreateObject()));
	}
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		add_group(&m, groups[i].prefix, json_at(book, groups[i].name));
	for (size_t i = 0; i < m.phrase_count; i++)
		offer_phrase(&m, &(struct choice){ .counting = true }, m.phrases[i].text, m.phrases[i].end);
	sort(&m);
	for (size_t i = 0; i < m.phrase_count; i++)
		if (m.phrases[i].key && m.phrases[i].key->first == &m.phrases[i])
			add_key(&m, m.phrases[i].key);
	(void)buf_putc(&out, '[');
	quote_json(&out, index);
	quote_json(&out, more);
	quote(&out, buf_text(&m.lists));
	(void)buf_putc(&out, ']');
	buf_clear(&m.lists);
	free(m.keys);
	free(m.phrases);
	return buf_take(&out);
}

static void make_plain(cJSON *json)
{
	cJSON *child;

	cJSON_ArrayForEach(child, json) {
		if (cJSON_IsString(child)) {
			AUTO(text) char *plain = plain_text(child->valuestring, strlen(child->valuestring));
			(void)cJSON_SetValuestring(child, plain);
		}
		make_plain(child);
	}
}

const char *vocabulary(void)
{
	static char *made;

	if (!made) {
		AUTO(json) cJSON *book = json_parse(detect_words, strlen(detect_words), NULL);
		make_plain(book);
		made = make(book);
	}
	return made;
}
