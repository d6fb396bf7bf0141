#include "src/credentials.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "src/account.h"
#include "src/child.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { FILE_MAX = 8192, EXEC_MS = 60000 };

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
	char *value = getenv(name);
	const char *path = getenv(file_name);
	struct secret *secret;

	if (path && *path)
		return from_file(path, err);
	if (!value || !*value) {
		fail(err, ERR_CREDENTIALS, "no %s is known for %s; set %s or %s", field, account->site->name, name, file_name);
		return NULL;
	}
	if (!strncmp(value, "file:", 5))
		secret = from_file(value + 5, err);
	else if (!strncmp(value, "exec:", 5))
		secret = from_command(value + 5, err);
	else
		return secret_from_environment(name);
	secret_wipe(value, strlen(value));
	unsetenv(name);
	return secret;
}
