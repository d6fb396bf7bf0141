/* This program once more, as a child: what the server and the scheduler start is what a person would. */
#ifndef SRC_SPAWN_H
#define SRC_SPAWN_H

#include <sys/types.h>

struct error;
struct options;

/* Starts `gabbai WORDS…` (NULL at the end) with those of OPTIONS that hold for all commands, in a process group of its own,
 * with our environment.  IN and OUT are its standard input and output; -1: nothing.  Its pid, or -1. */
pid_t spawn_self(const struct options *options, const char *const *words, int in, int out, struct error *err);

#endif
