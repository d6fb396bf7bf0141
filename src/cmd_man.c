/* gabbai man: gabbai(1) in mdoc, from the tables of commands, options and exit codes. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/ending.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE_MAX_SIZE = 72 };

/* TEXT as roff takes it for text, in lines; its first letter is the caller's when SAID of the line is there already. */
static void text(const char *text, size_t said)
{
	for (const char *s = text; *s; s++) {
		const bool ends = *s == ' ' && said + strcspn(s + 1, " ") >= LINE_MAX_SIZE;
		if (!said && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\' || *s == '-')
			fputs(*s == '-' ? "\\-" : "\\e", stdout);
		else
			putchar(ends ? '\n' : *s);
		said = ends ? 0 : said + 1;
	}
}

/* The same as a sentence. */
static void sentence(const char *words)
{
	putchar(toupper((unsigned char)words[0]));
	text(words + 1, 1);
	puts(".");
}

/* Words of a command line: what is in capitals is to be replaced, what is in brackets may be left out. */
static void arguments(const char *words)
{
	for (const char *s = words; *s;) {
		const size_t size = strcspn(s, " ");
		const bool optional = *s == '[';
		printf(" %s", optional ? "Op " : "");
		if (isupper((unsigned char)s[optional]))
			printf("Ar ");
		for (size_t i = 0; i < size; i++)
			if (s[i] != '[' && s[i] != ']')
				putchar(s[i]);
		s += size + strspn(s + size, " ");
	}
}

static void list_commands(void)
{
	puts(".Sh COMMANDS\n.Bl -tag -width Ds");
	for (size_t i = 0; i < command_count; i++) {
		printf(".It Cm %s", commands[i].name);
		arguments(commands[i].words);
		putchar('\n');
		sentence(commands[i].help);
	}
	puts(".El");
}

static void list_options(void)
{
	struct option_info option;

	puts(".Sh OPTIONS\nAll commands take all of them; those that do not matter to one are left alone.\n.Bl -tag -width Ds");
	for (size_t i = 0; options_at(i, &option); i++) {
		printf(".It ");
		if (option.letter)
			printf("Fl %c , ", option.letter);
		printf("Fl \\-%s", option.name);
		if (option.value)
			printf(" Ar %s", option.value);
		putchar('\n');
		sentence(option.help);
		if (option.env)
			printf("The variable\n.Ev %s\nsays the same.\n", option.env);
	}
	puts(".El");
}

static void list_environment(void)
{
	static const char *const variables[][2] = {
		{ "GABBAI_SITE_FIELD", "Credentials, such as\n.Ev GABBAI_VISA_CAL_USERNAME\nand\n"
			".Ev GABBAI_VISA_CAL_PASSWORD .\nThe same with\n.Ev _FILE\nat its end names a file." },
		{ "SESSION_ENCRYPTION_KEY", "The key of all that is saved, 64 hexadecimal digits; also\n"
			".Ev SESSION_ENCRYPTION_KEY_FILE ,\nand\n.Ev SESSION_ENCRYPTION_KEY_OLD\nfor those before it." },
		{ "GABBAI_DATA_DIR", "Where everything is kept." },
		{ "CHROME_PATH", "The Chromium to start." },
		{ "PORT", "Where serve listens." },
		{ "TZ", "The time zone of what is printed for people." },
	};

	puts(".Sh ENVIRONMENT\n.Bl -tag -width Ds");
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		printf(".It Ev %s\n%s\n", variables[i][0], variables[i][1]);
	puts(".El");
}

static void list_endings(void)
{
	puts(".Sh EXIT STATUS\n.Bl -tag -width Ds");
	for (const struct ending_meaning *e = ending_meanings; e->meaning; e++) {
		printf(".It %d\n", e->code);
		text(e->meaning, 0);
		putchar('\n');
	}
	puts(".El");
}

int cmd_man(const struct options *o)
{
	struct error err = { 0 };

	if (o->word_count > 1) {
		fail(&err, ERR_INPUT, "man takes no \"%s\"", o->words[1]);
		return command_failed(&err);
	}
	puts(".\\\" Made by gabbai man.\n.Dd $Mdocdate$\n.Dt GABBAI 1\n.Os\n.Sh NAME\n.Nm gabbai\n"
		".Nd collect your own data from sites behind a login\n.Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar command\n.Op Ar words\n"
		".Sh DESCRIPTION\n.Nm\nsigns in to a site with a real Chromium, waits for somebody to bring the\n"
		"one\\-time code when the site wants one, keeps the session sealed, and from then\n"
		"on collects without anybody signing in.\n"
		"Results go to the standard output; what happens, to the standard error.");
	list_commands();
	list_options();
	list_environment();
	puts(".Sh FILES\n.Bl -tag -width Ds\n.It Pa ~/.local/share/gabbai/gabbai.db\nSessions, credentials and results.\n"
		".It Pa ~/.config/gabbai/key\nThe key, where the environment has none.\n.It Pa ~/.config/gabbai/selectors/\n"
		"Your own definitions of sites.\n.It Pa ~/.local/state/gabbai/artefacts/\n"
		"What failed runs leave, without what is secret.\n.El");
	list_endings();
	puts(".Sh EXAMPLES\nStore the credentials, collect, and collect again from the saved session:\n.Bd -literal -offset indent\n"
		"gabbai secret set visa-cal username\ngabbai secret set visa-cal password\ngabbai run visa-cal\n"
		"gabbai run visa-cal \\-\\-no\\-login \\-f csv \\-o cal.csv\n.Ed\n.Pp\nThe page, with accounts, codes and results:\n"
		".Pp\n.Dl gabbai serve\n.Sh SEE ALSO\n.Xr chromium 1");
	return EXIT_OK;
}
