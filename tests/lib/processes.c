/* Processes: see processes.h. */
#include "tests/lib/processes.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"

#include <dirent.h>
#include <string.h>

char *process_text(pid_t pid, const char *file, size_t *size)
{
	AUTO(text) char *path = xasprintf("/proc/%d/%s", (int)pid, file);
	AUTO(file) FILE *f = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[4096];

	for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_append(&text, chunk, n);
	*size = text.size;
	return buf_take(&text);
}

static bool mentions(pid_t pid, const char *file, const char *word)
{
	size_t size;
	AUTO(text) char *text = process_text(pid, file, &size);

	return memmem(text, size, word, strlen(word)) != NULL;
}

/* A zombie has neither. */
size_t processes_that_mention(const char *word, pid_t *out, size_t max)
{
	DIR *dir = opendir("/proc");
	size_t count = 0;

	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid <= 0 || (!mentions(pid, "cmdline", word) && !mentions(pid, "environ", word)))
			continue;
		if (count < max)
			out[count] = pid;
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}
