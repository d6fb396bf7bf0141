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

bool output_write(const char *path, const struct buf *text, struct error *err)
{
	if (path)
		return write_file(path, text, err);
	return (fwrite(buf_text(text), 1, text->size, stdout) == text->size && fflush(stdout) == 0)
		|| fail_system(err, "writing the result");
}
