#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/ending.h"
#include "src/store.h"

#include <string.h>

const struct command commands[] = {
	{ "run", "SITE", "SITE", "log in, collect, print", cmd_run },
	{ "connect", "SITE", "SITE", "sign in yourself; the session is saved", cmd_connect },
	{ "export", "[SITE[/ACCOUNT]]", "SITE", "print what was collected and kept", cmd_export },
	{ "history", "[SITE]", "SITE", "the last runs, and how they ended", cmd_history },
	{ "show", "RUN", "", "one run, and what was new in it", cmd_show },
	{ "report", "RUN", "", "how a run went, for strangers: without names, numbers and what was collected", cmd_report },
	{ "otp", "VERB ...", "detect list submit cancel", "detect URL..., or list, submit and cancel what runs wait for", cmd_otp },
	{ "submit", "URL", "", "fill in a form and submit it: in the browser first, over HTTP from then on", cmd_submit },
	{ "forms", "VERB [FORM]", "list show forget", "list, show or forget what was learned of forms", cmd_forms },
	{ "session", "VERB [SITE]", "list show verify export import forget",
		"list, show, verify, export, import or forget saved sessions",
		cmd_session },
	{ "status", "[SITE]", "SITE", "accounts: connected, last run, parked and why", cmd_status },
	{ "unpark", "SITE", "SITE", "let a parked account log in again", cmd_unpark },
	{ "secret", "VERB [SITE FIELD]", "set list rm", "set, list or rm stored credentials", cmd_secret },
	{ "key", "VERB", "new show-id check rotate", "new, show-id, check or rotate the key of all that is saved", cmd_key },
	{ "schedule", "VERB [ID|SITE]", "list add rm pause resume next run-due systemd",
		"list, add, rm, pause, resume, next, run-due or systemd: runs by themselves", cmd_schedule },
	{ "deliver", "VERB [NAME]", "add list rm test", "add, list, rm or test: where results go, and who is called", cmd_deliver },
	{ "simplefin", "VERB [ID]", "token list rm", "token, list or rm: who may pull from the server by SimpleFIN", cmd_simplefin },
	{ "serve", "", "", "the page and the API: connect, answer codes, look at results", cmd_serve },
	{ "doctor", "", "", "what may be wrong here, and what to do about it", cmd_doctor },
	{ "about", "", "", "this installation: version, data, key, browser", cmd_about },
	{ "sites", "", "", "the sites there are", cmd_sites },
	{ "completion", "SHELL", "bash zsh fish", "what makes bash, zsh or fish complete our commands", cmd_completion },
	{ "man", "", "", "the manual page, in mdoc", cmd_man },
};
const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int command_run_verb(const struct options *o, const struct command_verb *verbs, size_t count, const char *wants)
{
	struct error err = { 0 };

	for (size_t i = 0; o->word_count > 1 && i < count; i++) {
		if (strcmp(o->words[1], verbs[i].name) != 0)
			continue;
		AUTO(store) struct store *store = store_open(&err);
		return store && verbs[i].run(o, store, &err) ? EXIT_OK : command_failed(&err);
	}
	fail(&err, ERR_INPUT, "%s", wants);
	return command_failed(&err);
}
