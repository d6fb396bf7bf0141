/* A person asked over Telegram: the bot's message, and the answer in the same chat.  Bot API: sendMessage, getUpdates. */
#ifndef SRC_TELEGRAM_H
#define SRC_TELEGRAM_H

#include "scrapers/fetch.h"

struct child;
struct error;
struct secret;

struct telegram {
	struct fetch_network network;
	char *api, *chat;       /* "https://api.telegram.org", "123456789" */
	struct secret *token;
};

void telegram_clear(struct telegram *telegram);

/* Asks QUESTION in a process of its own, and takes the first answer of that chat that is a code of DIGITS (0: any length), or
 * "r", after it; what else is said there is told so.  Whoever else writes to the bot is not heard, nor is an answer to the
 * question of another run.  The answer is what the
 * child prints; child_leave() has the chat told that nothing is wanted any more. */
struct child *telegram_ask(const struct telegram *telegram, const char *question, int digits, struct error *err);

#endif
