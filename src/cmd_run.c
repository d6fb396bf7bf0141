/* gabbai run SITE: collects, prints, and says by its exit code how it went. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/ending.h"
#include "src/run.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The whole file or none: written beside it, then put in its place. */
static bool write_file(const char *path, const struct buf *text, struct error *err)
{
	AUTO(text) char *part = xasprintf("%s.part-%d", path, (int)getpid());
	const int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	AUTO(file) FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		return fail_system(err, "writing %s", part);
	if (fwrite(buf_text(text), 1, text->size, f) == text->size && fflush(f) == 0 && fsync(fd) == 0
			&& rename(part, path) == 0)
		return true;
	fail_system(err, "writing %s", path);
	(void)unlink(part);
	return false;
}

static bool write_out(const char *path, const struct buf *text, struct error *err)
{
	if (path)
		return write_file(path, text, err);
	return (fwrite(buf_text(text), 1, text->size, stdout) == text->size && fflush(stdout) == 0)
		|| fail_system(err, "writing the result");
}

static int report(const struct options *o, const struct site *site, const struct collection *c, const struct error *failure)
{
	AUTO(buf) struct buf text = { 0 };
	struct error err;

	format_report(o->format, &(struct report){ .site = site->name, .collection = c, .failure = failure }, &text);
	for (size_t i = 0; i < c->warning_count; i++)
		log_line(LOG_WARN, "%s: %s", site->name, c->warnings[i]);
	if (!write_out(o->output, &text, &err))
		return command_failed(&err);
	if (failure)
		return command_failed(failure);
	if (c->failed)
		log_line(LOG_WARN, "%s: %zu of %zu cards are not complete", site->name, c->failed, c->count);
	return c->failed ? EXIT_PARTIAL : EXIT_OK;
}

int cmd_run(const struct options *o)
{
	struct error err = { 0 };

	if (o->word_count != 2) {
		fail(&err, ERR_INPUT, "run wants one site; see gabbai sites");
		return command_failed(&err);
	}
	struct site_account account;
	if (!account_read(o->words[1], &account, &err))
		return command_failed(&err);
	struct collection collection = { 0 };
	const bool ok = run_account(&account, o, &collection, &err);
	const int code = report(o, account.site, &collection, ok ? NULL : &err);
	collection_clear(&collection);
	return code;
}
