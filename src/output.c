#include "src/output.h"

#include "cdp/base/error.h"

#include <fcntl.h>
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

/* A device or a pipe is written to as it is: /dev/null is not to be put another file in the place of. */
static bool is_special(const char *path)
{
	struct stat is;

	return stat(path, &is) == 0 && !S_ISREG(is.st_mode);
}

static bool write_special(const char *path, const struct buf *text, struct error *err)
{
	AUTO(file) FILE *f = fopen(path, "we");

	return (f && fwrite(buf_text(text), 1, text->size, f) == text->size && fflush(f) == 0)
		|| fail_system(err, "writing %s", path);
}

bool output_write(const char *path, const struct buf *text, struct error *err)
{
	if (path)
		return is_special(path) ? write_special(path, text, err) : write_file(path, text, err);
	return (fwrite(buf_text(text), 1, text->size, stdout) == text->size && fflush(stdout) == 0)
		|| fail_system(err, "writing the result");
}
