/* Which lists of words answers are judged by. */
#include "scrapers/answer_reading.h"

#include "scrapers/plain.h"

static const char *const paths[LIST_COUNT] = {
	[LIST_STRONG] = "words.strong",
	[LIST_LIKELY] = "words.likely",
	[LIST_VAGUE] = "words.vague",
	[LIST_NOUN] = "words.noun",
	[LIST_ENTER] = "words.enter",
	[LIST_SENT] = "words.sent",
	[LIST_TOPIC] = "words.topic",
	[LIST_PUSH] = "words.push",
	[LIST_LINK] = "words.link",
	[LIST_ROBOT] = "words.robot",
	[LIST_WRONG] = "words.wrong",
	[LIST_EXPIRED] = "words.expired",
	[LIST_TOO_MANY] = "words.too many",
	[LIST_SETTING_UP] = "words.set-up",
	[LIST_RESEND] = "words.resend",
	[LIST_NOT_YET] = "words.not yet",
	[LIST_METHOD] = "words.method",
	[LIST_NAMES] = "names.strong",
	[LIST_NAMES_LIKELY] = "names.likely",
	[LIST_NAMES_WEAK] = "names.weak",
	[LIST_NAMES_OTHER] = "names.other",
	[LIST_COUPON] = "other.coupon",
	[LIST_INVITATION] = "other.invitation",
	[LIST_DEVICE] = "other.device",
	[LIST_PAPER] = "other.paper",
	[LIST_PAYMENT] = "other.payment",
	[LIST_SEARCH] = "other.search",
	[LIST_POST] = "other.post",
	[LIST_COUNTRY] = "other.country",
	[LIST_STATIC_SECRET] = "other.static secret",
	[LIST_ACCOUNT] = "other.account",
	[LIST_IDENTITY] = "other.identity",
	[LIST_DIGITS] = "digits.after",
	[LIST_FOUR] = "digits.four",
	[LIST_FIVE] = "digits.five",
	[LIST_SIX] = "digits.six",
	[LIST_SEVEN] = "digits.seven",
	[LIST_EIGHT] = "digits.eight",
	[LIST_HOURS] = "time.hours",
	[LIST_MINUTES] = "time.minutes",
	[LIST_SECONDS] = "time.seconds",
	[LIST_VALID] = "time.valid",
	[LIST_CHANNELS + 0] = "channels.whatsapp",
	[LIST_CHANNELS + 1] = "channels.sms",
	[LIST_CHANNELS + 2] = "channels.email",
	[LIST_CHANNELS + 3] = "channels.call",
	[LIST_CHANNELS + 4] = "channels.totp",
	[LIST_CHANNELS + 5] = "channels.push",
	[LIST_CHANNELS + 6] = "channels.key",
	[LIST_CHANNELS + 7] = "channels.recovery",
	[LIST_TYPES + 0] = "answers.types.whatsapp",
	[LIST_TYPES + 1] = "answers.types.sms",
	[LIST_TYPES + 2] = "answers.types.email",
	[LIST_TYPES + 3] = "answers.types.call",
	[LIST_TYPES + 4] = "answers.types.totp",
	[LIST_TYPES + 5] = "answers.types.push",
	[LIST_TYPES + 6] = "answers.types.webauthn",
	[LIST_TYPES + 7] = "answers.types.backup_code",
	[LIST_NUMBERS + 0] = "answers.numbers.1",
	[LIST_NUMBERS + 1] = "answers.numbers.2",
	[LIST_NUMBERS + 2] = "answers.numbers.3",
	[LIST_NUMBERS + 3] = "answers.numbers.5",
	[LIST_NUMBERS + 4] = "answers.numbers.10",
	[LIST_NUMBERS + 5] = "answers.numbers.15",
	[LIST_NUMBERS + 6] = "answers.numbers.20",
	[LIST_NUMBERS + 7] = "answers.numbers.30",
	[LIST_NUMBERS + 8] = "answers.numbers.60",
	[LIST_FACTOR] = "answers.factor",
	[LIST_UNCLEAR] = "answers.unclear",
	[LIST_NEEDED] = "answers.needed",
	[LIST_SETTLED] = "answers.settled",
	[LIST_REFUSED] = "answers.refused",
	[LIST_EXCEEDED] = "answers.exceeded",
	[LIST_PASSED] = "answers.passed",
	[LIST_NO] = "answers.no",
	[LIST_NOT_NOW] = "answers.not now",
	[LIST_PERSONS] = "answers.persons",
	[LIST_ERRANDS] = "answers.errands",
	[LIST_SET_UP] = "answers.set up",
	[LIST_OTHER_SUBJECT] = "answers.other subject",
	[LIST_OTHER_CODES] = "answers.other codes",
	[LIST_CODE] = "answers.code",
	[LIST_CODE_NAMES] = "answers.code names",
	[LIST_MESSAGES] = "answers.messages",
	[LIST_NEEDED_SAID] = "answers.needed said",
	[LIST_SENT_SAID] = "answers.sent said",
	[LIST_NOT_ASKED] = "answers.not asked",
	[LIST_BADGE] = "answers.badge",
	[LIST_BARE_TOPICS] = "answers.bare topics",
	[LIST_TYPE_NAMES] = "answers.type names",
	[LIST_TYPE_WEAK_NAMES] = "answers.type weak names",
	[LIST_CHOICE_NAMES] = "answers.choice names",
	[LIST_CHOICE_IDS] = "answers.choice ids",
	[LIST_CHOOSE] = "answers.choose",
	[LIST_DESTINATION_NAMES] = "answers.destination names",
	[LIST_NUMBER_NAMES] = "answers.number names",
	[LIST_ENDINGS] = "answers.endings",
	[LIST_ENDINGS_BEFORE] = "answers.endings before",
	[LIST_EXPIRY_NAMES] = "answers.expiry names",
	[LIST_RETRY_NAMES] = "answers.retry names",
	[LIST_LENGTH_NAMES] = "answers.length names",
	[LIST_TWO_MINUTES] = "answers.two minutes",
	[LIST_UNTIL] = "answers.until",
	[LIST_ENDPOINT_NAMES] = "answers.endpoint names",
	[LIST_PUT_NAMES] = "answers.put names",
	[LIST_METHOD_NAMES] = "answers.method names",
	[LIST_FIELD_NAMES] = "answers.field names",
	[LIST_STATE_NAMES] = "answers.state names",
	[LIST_STATE_ENDS] = "answers.state ends",
	[LIST_STATE_IDS] = "answers.state ids",
	[LIST_SCAN] = "answers.scan",
	[LIST_TYPED] = "answers.typed",
	[LIST_SIGNED_IN] = "answers.signed in",
	[LIST_RETURN_NAMES] = "answers.return names",
};

struct answer_book *answer_book_new(const cJSON *words, struct error *err)
{
	AUTO(json) cJSON *built_in = words ? NULL : json_parse(detect_words, strlen(detect_words), err);
	AUTO(phrase_book) struct phrase_book *phrases = NULL;

	if (!words && !built_in)
		return NULL;
	phrases = phrase_book_new(words ? words : built_in, paths, LIST_COUNT, err);
	if (!phrases)
		return NULL;
	struct answer_book *book = xcalloc(1, sizeof *book);
	book->phrases = TAKE(phrases);
	return book;
}

void answer_book_free(struct answer_book *book)
{
	if (!book)
		return;
	phrase_book_free(book->phrases);
	free(book);
}

/* ---- texts as they are looked at ---- */

static struct said looked_at(const struct reading *r, char *plain)
{
	struct said said = { .plain = plain };

	phrase_look(r->book, plain, &said.hits);
	return said;
}

struct said said_in(const struct reading *r, const char *text, size_t size)
{
	return looked_at(r, plain_text(text, size));
}

struct said said_in_name(const struct reading *r, const char *name)
{
	return looked_at(r, plain_name(name));
}

void said_clear(struct said *said)
{
	free(said->plain);
	said->plain = NULL;
}

int factor_of(const struct said *said)
{
	if (says(said, LIST_OTHER_SUBJECT))
		return 0;
	if (says(said, LIST_NAMES) || says(said, LIST_FACTOR))
		return 2;
	return says(said, LIST_UNCLEAR) ? 1 : 0;
}
