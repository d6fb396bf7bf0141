#include "src/credentials.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "scrapers/scrape.h"
#include "src/account.h"
#include "src/child.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum {
	FILE_MAX = 8192,
	EXEC_MS = 60000,
	TAKEN_MAX = 256, /* some accounts of some sites, a few fields each */
};

/* What the environment had: values and references. */
static struct {
	char *name;
	struct secret *value;
} taken[TAKEN_MAX];
static size_t taken_count;

/* GABBAI_<SITE>_, owned by the caller. */
static char *prefix_of(const struct site *site)
{
	char *prefix = xasprintf("GABBAI_%s_", site->name);

	for (char *p = prefix; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return prefix;
}

static bool is_credential(const char *variable, size_t size)
{
	if (size > 5 && !strncmp(variable + size - 5, "_FILE", 5))
		return false; /* says only where it is */
	for (size_t i = 0; i < site_count; i++) {
		AUTO(text) char *prefix = prefix_of(sites[i]);
		if (!strncmp(variable, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

void credentials_take(void)
{
	for (char **at = environ; *at && taken_count < TAKEN_MAX;) {
		const size_t size = strcspn(*at, "=");
		if (!is_credential(*at, size)) {
			at++;
			continue;
		}
		char *name = xstrndup(*at, size);
		taken[taken_count].name = name;
		taken[taken_count++].value = secret_from_environment(name); /* the next one moves here */
	}
}

static const char *taken_value(const char *name)
{
	for (size_t i = 0; i < taken_count; i++)
		if (taken[i].value && !strcmp(taken[i].name, name))
			return secret_reveal(taken[i].value);
	return NULL;
}

static char *variable(const struct site_account *account, const char *field)
{
	const bool named = strcmp(account->name, "default") != 0;
	char *name = xasprintf("GABBAI_%s_%s%s%s", account->site->name, named ? account->name : "", named ? "_" : "", field);

	for (char *p = name; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return name;
}

/* Without the end of the line that editors and printers add. */
static struct secret *trimmed(const char *text, size_t size)
{
	while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
		size--;
	return size ? secret_new(text, size) : NULL;
}

static struct secret *from_file(const char *path, struct error *err)
{
	char text[FILE_MAX];
	AUTO(file) FILE *f = fopen(path, "re");
	const size_t size = f ? fread(text, 1, sizeof text, f) : 0;
	struct secret *secret = f && size < sizeof text ? trimmed(text, size) : NULL;

	secret_wipe(text, sizeof text);
	if (!f)
		fail(err, ERR_INPUT, "credentials in %s: %s", path, strerror(errno));
	else if (!secret)
		fail(err, ERR_INPUT, "credentials in %s: the file is empty or too long", path);
	return secret;
}

static struct secret *from_command(const char *json, struct error *err)
{
	AUTO(buf) struct buf out = { .size_max = FILE_MAX };
	struct child *child = child_start(json, NULL, err);

	if (!child)
		return NULL;
	const bool ok = child_finish(child, &out, deadline_in_ms(EXEC_MS), err);
	struct secret *secret = ok ? trimmed(buf_text(&out), out.size) : NULL;
	if (out.data)
		secret_wipe(out.data, out.size);
	if (ok && !secret)
		fail(err, ERR_INPUT, "the command for credentials printed nothing");
	return secret;
}

struct secret *credential_read(const struct site_account *account, const char *field, struct error *err)
{
	AUTO(text) char *name = variable(account, field);
	AUTO(text) char *file_name = xasprintf("%s_FILE", name);
	const char *value = taken_value(name);
	const char *path = getenv(file_name);

	if (path && *path)
		return from_file(path, err);
	if (!value) {
		fail(err, ERR_CREDENTIALS, "no %s is known for %s; set %s or %s", field, account->site->name, name, file_name);
		return NULL;
	}
	if (!strncmp(value, "file:", 5))
		return from_file(value + 5, err);
	if (!strncmp(value, "exec:", 5))
		return from_command(value + 5, err);
	return secret_new(value, strlen(value));
}
