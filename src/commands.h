/* The commands: each is a function of the options and answers with an exit code. */
#ifndef SRC_COMMANDS_H
#define SRC_COMMANDS_H

#include "src/options.h"

struct error;
struct store;

struct command {
	const char *name, *words;
	const char *next; /* what its first word can be, with blanks between: its verbs, or "SITE"; "": anything */
	const char *help;
	int (*run)(const struct options *options);
};

extern const struct command commands[];
extern const size_t command_count;

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

/* What the first word of a command can be, where each works on the store. */
struct command_verb {
	const char *name;
	bool (*run)(const struct options *options, struct store *store, struct error *err);
};

/* Runs the one that is asked for: an exit code.  WANTS is the sentence when it is none of them. */
int command_run_verb(const struct options *options, const struct command_verb *verbs, size_t count, const char *wants);

int cmd_about(const struct options *options);
int cmd_completion(const struct options *options);
int cmd_connect(const struct options *options);
int cmd_deliver(const struct options *options);
int cmd_doctor(const struct options *options);
int cmd_export(const struct options *options);
int cmd_forms(const struct options *options);
int cmd_history(const struct options *options);
int cmd_key(const struct options *options);
int cmd_man(const struct options *options);
int cmd_otp(const struct options *options);
int cmd_report(const struct options *options);
int cmd_run(const struct options *options);
int cmd_schedule(const struct options *options);
int cmd_secret(const struct options *options);
int cmd_serve(const struct options *options);
int cmd_session(const struct options *options);
int cmd_show(const struct options *options);
int cmd_simplefin(const struct options *options);
int cmd_sites(const struct options *options);
int cmd_status(const struct options *options);
int cmd_submit(const struct options *options);
int cmd_unpark(const struct options *options);

#endif
