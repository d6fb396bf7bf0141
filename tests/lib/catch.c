/* Catching stderr: see catch.h. */
#include "tests/lib/catch.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"

#include <fcntl.h>
#include <sys/mman.h>

static int real = -1; /* stderr, while a file stands in for it */

void catch_stderr(void)
{
	AUTO(fd) int file = memfd_create("stderr", MFD_CLOEXEC);

	real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (file < 0 || real < 0 || dup2(file, STDERR_FILENO) < 0)
		abort();
}

char *caught_stderr(void)
{
	struct buf text = { 0 };
	char part[4096];

	(void)fflush(stderr);
	if (real < 0 || lseek(STDERR_FILENO, 0, SEEK_SET) != 0)
		return xstrdup("");
	for (ssize_t got; (got = read(STDERR_FILENO, part, sizeof part)) > 0;)
		(void)buf_append(&text, part, (size_t)got);
	if (dup2(real, STDERR_FILENO) < 0)
		abort();
	close(real);
	real = -1;
	return buf_take(&text);
}

int catch_teardown(void **state)
{
	AUTO(text) char *text = caught_stderr();

	(void)state;
	(void)fputs(text, stderr);
	return 0;
}
