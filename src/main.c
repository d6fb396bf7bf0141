/* gabbai: collects your own data from sites behind a login. */
#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "scrapers/scrape.h"
#include "src/commands.h"
#include "src/credentials.h"
#include "src/ending.h"
#include "src/interrupt.h"
#include "src/place.h"

#include <curl/curl.h>
#include <locale.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void print_help(void)
{
	puts("gabbai collects your own data from sites behind a login.\n\nCommands:");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-10s %-18s %s\n", commands[i].name, commands[i].words, commands[i].help);
	puts("\nOptions:");
	options_print();
	puts("\nCredentials come from GABBAI_<SITE>_<FIELD>, like GABBAI_VISA_CAL_USERNAME and GABBAI_VISA_CAL_PASSWORD\n"
		"(quick login: _ID and _LAST4), from the file that the same name with _FILE says, or from gabbai secret set.");
}

/* Secrets stay out of core dumps, and other processes of the user out of our memory. */
static void prepare(const struct options *o)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* which looks for leaks from outside */
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
	/* The children of these need what the environment has; they open none of it themselves. */
	if (!o->word_count || (strcmp(o->words[0], "serve") != 0 && strcmp(o->words[0], "schedule") != 0))
		credentials_take();
	interrupt_setup();
	log_setup(o->verbose > 1 ? LOG_PROTOCOL : o->verbose ? LOG_DEBUG : o->events || o->quiet ? LOG_ERROR : LOG_INFO, o->log_json);
	place_setup(o->data_dir);
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = { 0 };

	log_setup(LOG_INFO, false);
	if (!options_read(argc, argv, &options, &err))
		return command_failed(&err);
	if (options.version) {
		puts("gabbai " GABBAI_VERSION);
		return EXIT_OK;
	}
	if (options.help || !options.word_count) {
		print_help();
		return options.help ? EXIT_OK : EXIT_USAGE;
	}
	prepare(&options);
	const struct command *command = command_find(options.words[0]);
	if (command)
		return command->run(&options);
	fail(&err, ERR_INPUT, "there is no command \"%s\"; see gabbai --help", options.words[0]);
	return command_failed(&err);
}
