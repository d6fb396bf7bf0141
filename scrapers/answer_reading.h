/* One answer while it is read: what all files of scrapers/answer*.c share, and nobody else.
 *
 * The road: answer.c lets answer_header.c and answer_json.c or answer_page.c collect what speaks for a code, each into two
 * sums: ABOUT (it is about a one-time code) and ASKS (it is wanted now).  All longer texts go through answer_text.c,
 * sentence by sentence; what they say of numbers and destinations is in answer_time.c and answer_destination.c; what comes
 * with a challenge (ids, ways to choose from) is kept by answer_detail.c.  answer.c weighs it all at the end. */
#ifndef SCRAPERS_ANSWER_READING_H
#define SCRAPERS_ANSWER_READING_H

#include "scrapers/answer.h"
#include "scrapers/phrase.h"

#include <string.h>

/* The lists of selectors/otp.json that are looked for; their paths are in answer_book.c.  Some are asked for as ranges: from
 * LIST_STRONG to LIST_NOUN, from LIST_POST to LIST_IDENTITY. */
enum word_list {
	LIST_STRONG, LIST_LIKELY, LIST_VAGUE, LIST_NOUN, LIST_ENTER, LIST_SENT, LIST_TOPIC, LIST_PUSH, LIST_LINK, LIST_ROBOT,
	LIST_WRONG, LIST_EXPIRED, LIST_TOO_MANY, LIST_SETTING_UP, LIST_RESEND, LIST_NOT_YET, LIST_METHOD,
	LIST_NAMES, LIST_NAMES_LIKELY, LIST_NAMES_WEAK, LIST_NAMES_OTHER, LIST_COUPON, LIST_INVITATION,
	LIST_DEVICE, LIST_PAPER, LIST_PAYMENT, LIST_SEARCH,
	LIST_POST, LIST_COUNTRY, LIST_STATIC_SECRET, LIST_ACCOUNT, LIST_IDENTITY,
	LIST_DIGITS, LIST_FOUR, LIST_FIVE, LIST_SIX, LIST_SEVEN, LIST_EIGHT,
	LIST_HOURS, LIST_MINUTES, LIST_SECONDS, LIST_VALID,
	/* In the order of answer_types. */
	LIST_CHANNELS, LIST_CHANNELS_LAST = LIST_CHANNELS + 7,
	LIST_TYPES, LIST_TYPES_LAST = LIST_TYPES + 7,
	LIST_NUMBERS, LIST_NUMBERS_LAST = LIST_NUMBERS + 8,
	LIST_FACTOR, LIST_UNCLEAR, LIST_NEEDED, LIST_SETTLED, LIST_REFUSED, LIST_EXCEEDED, LIST_PASSED, LIST_NO, LIST_NOT_NOW,
	LIST_PERSONS, LIST_ERRANDS, LIST_SET_UP, LIST_OTHER_SUBJECT, LIST_OTHER_CODES, LIST_CODE, LIST_CODE_NAMES, LIST_MESSAGES,
	LIST_NEEDED_SAID, LIST_SENT_SAID, LIST_NOT_ASKED, LIST_BADGE, LIST_BARE_TOPICS,
	LIST_TYPE_NAMES, LIST_TYPE_WEAK_NAMES, LIST_CHOICE_NAMES, LIST_CHOICE_IDS, LIST_CHOOSE,
	LIST_DESTINATION_NAMES, LIST_NUMBER_NAMES, LIST_ENDINGS, LIST_ENDINGS_BEFORE,
	LIST_EXPIRY_NAMES, LIST_RETRY_NAMES, LIST_LENGTH_NAMES, LIST_TWO_MINUTES, LIST_UNTIL,
	LIST_ENDPOINT_NAMES, LIST_PUT_NAMES, LIST_METHOD_NAMES, LIST_FIELD_NAMES, LIST_STATE_NAMES, LIST_STATE_ENDS,
	LIST_STATE_IDS, LIST_SCAN, LIST_TYPED, LIST_SIGNED_IN, LIST_RETURN_NAMES,
	LIST_COUNT
};
_Static_assert((int)LIST_COUNT <= (int)PHRASE_LISTS_MAX, "more lists than a book has");

struct answer_book {
	struct phrase_book *phrases;
};

enum {
	ANSWER_TYPES = 8,
	TEXT_MAX = 12 << 10,   /* what is read of one text or page */
	TEXTS_MAX = 32 << 10,  /* of all of an answer */
	SECONDS_MAX = 86400,
	CARRY_SURE = 100,      /* its name says that it is the challenge's own */
	ROWS_MAX = 12,         /* longer arrays of JSON are data */
	CODE_MAX = 80,         /* bytes of "MFA_REQUIRED" and its like */
};

/* Which of several speaks first: a whatsapp message is no app. */
extern const char *const answer_types[ANSWER_TYPES];

struct reading {
	const struct phrase_book *book;
	struct answer_challenge *out;
	int64_t now;
	int about, asks;
	int named;        /* what names alone ask: they do not add up */
	int members;      /* of JSON, so far */
	int inside;       /* strings of JSON that were documents of their own */
	size_t text_size; /* read so far */
	bool signed_in, robot, errand, passed; /* each speaks against all the rest; an errand: to set up a second factor */
	bool sent;        /* a text says that a code is on its way */
	bool choose;      /* it is to be said first which way */
	bool of_code;     /* the text that is read belongs to the code's field */
	bool guessed_destination, guessed_digits; /* from a text */
	int message_rank, field_rank;
	int carried_rank[ANSWER_CARRIED_MAX];
};

/* A text as it is looked at: plain, and what of the book is said in it. */
struct said {
	char *plain;
	struct phrase_hits hits;
};

struct said said_in(const struct reading *r, const char *text, size_t size);
struct said said_in_name(const struct reading *r, const char *name);
void said_clear(struct said *said);

static inline void auto_said(struct said *said)
{
	said_clear(said);
}

static inline bool says(const struct said *said, enum word_list list)
{
	return phrase_said(&said->hits, (int)list);
}

static inline bool is(const struct said *said, enum word_list list)
{
	return phrase_is(&said->hits, (int)list);
}

/* Adds to the sums; WHERE and WHAT, which may be NULL, are the evidence. */
void count(struct reading *r, int about, int asks, const char *where, const char *what);

/* Whether a name, in words, is about a one-time code: 2 surely, 1 perhaps. */
int factor_of(const struct said *said);

/* Where in the document we are. */
struct place {
	const struct place *up;
	const char *key; /* NULL: an element of an array, the one of INDEX */
	int index;
	const struct said *name; /* in an array, that of the array; NULL at the top */
	enum answer_place source;
	bool settled;   /* in an object that says that a second factor is set up, or that is about a person */
	bool of_errors; /* below "errors" */
	bool alone;     /* the answer has no other member */
	bool is_field;  /* of a form: its type is that of an <input> */
};

/* ---- answer_judge.c ---- */

char *path_of(const struct place *place); /* "data.login.mfaToken", owned by the caller */
void count_at(struct reading *r, const struct place *place, int about, int asks, const char *what);

/* Counts what only names a second factor: that asks little, and nothing where it tells of a person. */
void count_named(struct reading *r, const struct place *place, int about, int asks, const char *what);

/* ABOVE is the name of what the member stands in; it may be NULL. */
void judge_name(struct reading *r, const struct place *place, const struct said *name, const struct said *above,
	const cJSON *value);
void judge_code(struct reading *r, const struct place *place, const struct said *name, const struct said *said);

/* ---- answer_choice.c ---- */

/* True when VALUE, called NAME, is a list of ways to get a code; *OF_FACTOR becomes true when one says so by itself. */
bool read_choices(struct reading *r, const struct said *name, const cJSON *value, bool *of_factor);
void add_choice(struct reading *r, struct answer_choice choice); /* takes it */
char *text_of(const cJSON *value); /* of a string or number, owned; NULL: it is neither */
void choice_clear(struct answer_choice *choice);

/* ---- answer_detail.c ---- */

/* The type that NAME (the values of members: "token:software:totp") or a text names; NULL: none. */
const char *type_of_name(const struct said *name);
const char *type_of_text(const struct said *text);

/* The type that the VALUE of a member called NAME says; NULL: none.  "My app" is the name of an app, and no type. */
const char *type_of_member(const struct reading *r, const struct said *name, const char *value);

/* Keeps VALUE to be sent back; the higher RANK, the surer. */
void carry(struct reading *r, enum answer_place place, const char *at, const char *value, int rank);

/* How sure a member of this name is to be sent back; 0: not at all. */
int carry_rank(const struct said *name);

/* Keep the first that is well-formed. */
void keep_endpoint(char **out, const char *value);
void keep_field(struct reading *r, const char *value, int rank);
void keep_method(struct reading *r, const char *value);

bool is_all_digits(const char *text);

/* ---- answer_destination.c ---- */

bool is_destination(const char *value);
bool is_masked(const char *value);

/* Whether the VALUE of a member called NAME is one: a bare number is only if the name says so, since it may be the code. */
bool is_destination_of(const struct said *name, const char *value);
char *masked(const char *value);
void set_destination(struct reading *r, const char *value, bool guessed);
void read_destination(struct reading *r, const char *raw, const struct said *said);

/* ---- answer_time.c ---- */

/* Seconds from now until the moment that VALUE is: of HTTP, of ISO 8601, or since 1970; 0: none, or not known when now is. */
int seconds_until(const struct reading *r, const char *value);

/* The seconds that a member called NAME says, whether they are a number, a duration or a moment; 0: it does not. */
int seconds_of(const struct reading *r, const struct said *name, const char *value);

int seconds_said(const struct reading *r, const struct said *said); /* "10 minutes", "4:59" */
int digits_said(const struct reading *r, const struct said *said);  /* "six-digit" */

/* ---- the parts of an answer ---- */

void read_text(struct reading *r, const char *where, const char *text);
void read_page(struct reading *r, const char *html, size_t size);
void read_xml(struct reading *r, const char *xml, size_t size);
void read_json(struct reading *r, const cJSON *json);
void read_headers(struct reading *r, const struct answer *answer);
void read_redirect(struct reading *r, const char *location);

/* One member, as in {NAME: VALUE}, of which WHERE says where it stands. */
void read_member(struct reading *r, enum answer_place place, const char *where, const char *name, const cJSON *value);

const char *header_of(const struct answer *answer, const char *name);

#endif
