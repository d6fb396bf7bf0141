/* Tables of servers' answers, and what is to be seen in them: scrapers/answer.h. */
#ifndef TESTS_LIB_ANSWERS_H
#define TESTS_LIB_ANSWERS_H

#include "scrapers/answer.h"

#include <stddef.h>

enum { ANSWER_NOW = 1700000000 }; /* 2023-11-14T22:13:20Z, for moments */

/* What is NULL is not compared; numbers, the kind (a code, when not said) and the problem always are. */
struct answer_row {
	const char *why;
	int status;
	const char *headers; /* "Name: value", a line each; NULL: none */
	const char *body;    /* in JSON without one quotation mark, ' is one, and ` is ' */
	const char *type;    /* NULL: nothing is asked for */
	enum challenge_kind kind;
	const char *destination, *endpoint, *method, *encoding, *field, *message;
	const char *carried; /* "at=value, at=value": all of it, in this order */
	const char *choices; /* "sms ***12, totp": type, destination and id, of each */
	int expires_in, retry_after, digits;
	enum code_problem problem;
};

bool answer_row_judge(const struct answer_book *book, const struct answer_row *row, struct answer_challenge *out);

/* How many things are not as the row has them; each is printed. */
int answer_row_wrong(const struct answer_book *book, const struct answer_row *row);
int answer_rows_wrong(const struct answer_book *book, const struct answer_row *rows, size_t count);

#define ANSWER_ROWS(rows) (rows), sizeof(rows) / sizeof *(rows)

#endif
