/* gabbai secret set|list|rm: credentials that are kept sealed, or where they are to be had. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/account.h"
#include "src/credentials.h"
#include "src/crypt.h"
#include "src/ending.h"
#include "src/interrupt.h"
#include "src/store.h"
#include "src/totp.h"

#include <poll.h>
#include <string.h>
#include <termios.h>

/* ---- a value, from the person or a pipe ---- */

/* False at the end, and when a signal came: a read would go on after it, and the next one would end us with a
 * terminal that shows nothing. */
static bool read_byte(char *out)
{
	return !interrupt_signal && poll(&(struct pollfd){ .fd = 0, .events = POLLIN }, 1, -1) > 0 && read(0, out, 1) == 1;
}

/* One line of the standard input; NULL without an error when there is none. */
static struct secret *read_line(struct error *err)
{
	char line[SECRET_SIZE_MAX + 2];
	size_t size = 0;

	while (size < sizeof line && read_byte(line + size) && line[size] != '\n')
		size++;
	while (size && line[size - 1] == '\r')
		size--;
	struct secret *value = size && !interrupt_signal ? secret_new(line, size) : NULL;
	secret_wipe(line, sizeof line);
	if (interrupt_signal)
		fail(err, ERR_CANCELLED, "interrupted");
	else if (size && !value)
		fail(err, ERR_INPUT, "the value is longer than %d bytes", SECRET_SIZE_MAX);
	return value;
}

static struct secret *read_hidden(struct error *err)
{
	struct termios shown, hidden;

	if (tcgetattr(0, &shown) != 0)
		return fail_system(err, "asking on the terminal"), NULL;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)tcsetattr(0, TCSAFLUSH, &hidden);
	struct secret *value = read_line(err);
	(void)tcsetattr(0, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return value;
}

static struct secret *ask(const struct options *o, const struct site_account *account, const char *field, struct error *err)
{
	struct error why = { 0 };
	struct secret *value;

	if (isatty(0) && o->no_input) {
		fail(err, ERR_INPUT, "there is no value: without --no-input it is asked for, and --from says where it is");
		return NULL;
	}
	if (isatty(0)) {
		fprintf(stderr, "%s of %s/%s (it is not shown): ", field, account->site->name, account->name);
		(void)fflush(stderr);
		value = read_hidden(&why);
	} else {
		value = read_line(&why);
	}
	if (!value && !why.code)
		fail(&why, ERR_INPUT, "no value was given; nothing is changed");
	if (!value && err)
		*err = why;
	return value;
}

/* ---- set ---- */

/* What codes are made from must be readable now, not when a site asks. */
static bool value_ok(const char *field, const struct secret *value, struct error *err)
{
	AUTO(totp) struct totp totp = { 0 };

	return strcmp(field, "totp") != 0 || totp_read(secret_reveal(value), &totp, err);
}

/* The key is read when the row is ours, since key rotate may be changing it. */
static bool save(const struct site_account *account, const char *field, const struct secret *value, const char *reference,
	struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(keyring) struct keyring *ring = store && store_begin(store, err) ? keyring_open(err) : NULL;

	return ring && (value ? credential_save(store, ring, account, field, value, err)
			: credential_save_reference(store, ring, account, field, reference, err))
		&& store_commit(store, err);
}

static bool set(const struct options *o, const struct site_account *account, const char *field, struct error *err)
{
	const bool totp = o->from && !strncmp(o->from, "totp:", 5);

	if (o->from && !totp)
		return credential_reference_ok(o->from, err) && save(account, field, NULL, o->from, err);
	if (totp && strcmp(field, "totp") != 0)
		return fail(err, ERR_INPUT, "--from totp: is for the field totp");
	AUTO(secret) struct secret *value = totp ? secret_new(o->from + 5, strlen(o->from + 5)) : ask(o, account, field, err);
	return value && value_ok(field, value, err) && save(account, field, value, NULL, err);
}

/* ---- list, rm ---- */

static bool list(const struct options *o, struct error *err)
{
	const char *site = o->word_count > 2 ? o->words[2] : NULL;
	const cJSON *one;

	if (site && !site_find(site))
		return fail(err, ERR_SITE, "there is no site \"%s\"; see gabbai sites", site);
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *all = store ? credential_list(store, site, err) : NULL;
	if (!all)
		return false;
	if (o->json) {
		AUTO(text) char *text = json_print_pretty(all);
		printf("%s\n", text);
		return true;
	}
	cJSON_ArrayForEach (one, all)
		printf("%s/%s  %s  set %.16s\n", json_str(one, "site"), json_str(one, "account"), json_str(one, "field"),
			json_str(one, "updatedAt"));
	return true;
}

static bool forget(const struct site_account *account, const char *field, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	bool found;

	if (!store || !credential_forget(store, account, field, &found, err))
		return false;
	return found || fail(err, ERR_INPUT, "%s/%s has no %s", account->site->name, account->name, field);
}

static bool run(const struct options *o, struct error *err)
{
	const char *verb = o->word_count > 1 ? o->words[1] : "";
	const bool sets = !strcmp(verb, "set");
	struct site_account account;

	if (!strcmp(verb, "list") && o->word_count <= 3)
		return list(o, err);
	if ((!sets && strcmp(verb, "rm") != 0) || o->word_count != 4)
		return fail(err, ERR_INPUT, "secret wants set SITE[/ACCOUNT] FIELD, rm SITE[/ACCOUNT] FIELD or list [SITE]");
	if (!account_read_any(o->words[2], &account, err) || !credential_field_ok(account.site, o->words[3], err))
		return false;
	return sets ? set(o, &account, o->words[3], err) : forget(&account, o->words[3], err);
}

int cmd_secret(const struct options *o)
{
	struct error err = { 0 };

	return run(o, &err) ? EXIT_OK : command_failed(&err);
}
