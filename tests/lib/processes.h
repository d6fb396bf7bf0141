/* Processes of the machine, by what they were started with. */
#ifndef TESTS_LIB_PROCESSES_H
#define TESTS_LIB_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Those that live and whose command line or environment has WORD in it; OUT gets the first MAX of them. */
size_t processes_that_mention(const char *word, pid_t *out, size_t max);

/* /proc/PID/FILE with *SIZE bytes, owned by the caller; "" when the process is gone. */
char *process_text(pid_t pid, const char *file, size_t *size);

#endif
