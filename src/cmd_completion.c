/* gabbai completion bash|zsh|fish: from the tables of commands and options. */
#include "src/commands.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "scrapers/scrape.h"
#include "src/ending.h"

#include <stdio.h>
#include <string.h>

/* What can follow a command, with blanks between; owned by the caller. */
static char *words_after(const struct command *command)
{
	struct buf out = { 0 };

	if (strcmp(command->next, "SITE") != 0)
		return xstrdup(command->next);
	for (size_t i = 0; i < site_count; i++)
		(void)buf_printf(&out, "%s%s", i ? " " : "", sites[i]->name);
	return buf_take(&out);
}

static bool is_path(const struct option_info *option)
{
	return option->value && (!strcmp(option->value, "FILE") || !strcmp(option->value, "PATH") || !strcmp(option->value, "DIR"));
}

/* TEXT between single quotes of a shell, where a quote inside ends, says and begins them again. */
static void quote(const char *text)
{
	putchar('\'');
	for (const char *s = text; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	putchar('\'');
}

static void bash(void)
{
	struct option_info option;

	puts("# bash completion of gabbai: source it, or put it in bash-completion's folder as \"gabbai\".\n"
		"_gabbai()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= list= i\n"
		"\tCOMPREPLY=()\n\tcase $before in");
	for (size_t i = 0; options_at(i, &option); i++)
		if (option.choices)
			printf("\t--%s%s%c) list='%s' ;;\n", option.name, option.letter ? "|-" : "", option.letter ? option.letter : ' ',
				option.choices);
		else if (is_path(&option))
			printf("\t--%s%s%c) mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n", option.name,
				option.letter ? "|-" : "", option.letter ? option.letter : ' ');
		else if (option.value)
			printf("\t--%s%s%c) return ;;\n", option.name, option.letter ? "|-" : "", option.letter ? option.letter : ' ');
	puts("\tesac\n\tif [ -z \"$list\" ] && [ \"${word#-}\" != \"$word\" ]; then");
	fputs("\t\tlist='", stdout);
	for (size_t i = 0; options_at(i, &option); i++)
		printf("%s--%s", i ? " " : "", option.name);
	puts("'\n\telif [ -z \"$list\" ]; then\n\t\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\t\tcase ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n\t\tdone\n\t\tcase $command in");
	fputs("\t\t'') list='", stdout);
	for (size_t i = 0; i < command_count; i++)
		printf("%s%s", i ? " " : "", commands[i].name);
	puts("' ;;");
	for (size_t i = 0; i < command_count; i++) {
		AUTO(text) char *words = words_after(&commands[i]);
		if (*words)
			printf("\t\t%s) list='%s' ;;\n", commands[i].name, words);
	}
	puts("\t\tesac\n\tfi\n\tmapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$word\")\n}\ncomplete -F _gabbai gabbai");
}

static void zsh(void)
{
	struct option_info option;

	puts("#compdef gabbai\n# zsh completion of gabbai: as \"_gabbai\" in a folder of $fpath.\n_gabbai()\n{\n"
		"\tlocal -a commands\n\tcommands=(");
	for (size_t i = 0; i < command_count; i++) {
		AUTO(text) char *both = xasprintf("%s:%s", commands[i].name, commands[i].help);
		fputs("\t\t", stdout);
		quote(both);
		putchar('\n');
	}
	puts("\t)\n\t_arguments -s \\");
	for (size_t i = 0; options_at(i, &option); i++) {
		AUTO(buf) struct buf help = { 0 }, spec = { 0 };
		for (const char *s = option.help; *s; s++) {
			if (strchr("[]:\\", *s))
				(void)buf_putc(&help, '\\');
			(void)buf_putc(&help, *s);
		}
		(void)buf_printf(&spec, "--%s%s[%s]", option.name, option.value ? "=" : "", buf_text(&help));
		if (option.choices)
			(void)buf_printf(&spec, ":%s:(%s)", option.value, option.choices);
		else if (option.value)
			(void)buf_printf(&spec, ":%s:%s", option.value, is_path(&option) ? "_files" : "");
		fputs("\t\t", stdout);
		quote(buf_text(&spec));
		puts(" \\");
	}
	puts("\t\t'1:command:{_describe command commands}' \\\n\t\t'*::word:->word'\n"
		"\t[[ $state == word ]] || return\n\tcase $words[1] in");
	for (size_t i = 0; i < command_count; i++) {
		AUTO(text) char *words = words_after(&commands[i]);
		if (*words)
			printf("\t%s) compadd -- %s ;;\n", commands[i].name, words);
	}
	puts("\tesac\n}\n_gabbai \"$@\"");
}

static void fish(void)
{
	struct option_info option;

	puts("# fish completion of gabbai: as \"gabbai.fish\" in fish's folder of completions.\ncomplete -c gabbai -f");
	for (size_t i = 0; i < command_count; i++) {
		AUTO(text) char *words = words_after(&commands[i]);
		printf("complete -c gabbai -n __fish_use_subcommand -a %s -d ", commands[i].name);
		quote(commands[i].help);
		putchar('\n');
		if (*words)
			printf("complete -c gabbai -n '__fish_seen_subcommand_from %s' -a '%s'\n", commands[i].name, words);
	}
	for (size_t i = 0; options_at(i, &option); i++) {
		printf("complete -c gabbai -l %s ", option.name);
		if (option.letter)
			printf("-s %c ", option.letter);
		if (option.choices)
			printf("-x -a '%s' ", option.choices);
		else if (option.value)
			fputs(is_path(&option) ? "-r -F " : "-x ", stdout);
		fputs("-d ", stdout);
		quote(option.help);
		putchar('\n');
	}
}

int cmd_completion(const struct options *o)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
	const char *shell = o->word_count == 2 ? o->words[1] : "";
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(shell, shells[i].name)) {
			shells[i].print();
			return EXIT_OK;
		}
	fail(&err, ERR_INPUT, "completion wants bash, zsh or fish");
	return command_failed(&err);
}
