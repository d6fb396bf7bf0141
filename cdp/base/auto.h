/* Scope owns: AUTO(kind) releases a variable wherever its scope is left; return TAKE(x) hands it out.
 *
 *	AUTO(json) cJSON *answer = cdp_call(…);
 *
 * A kind is made by AUTO_KIND(kind, type, release) where the type is declared. */
#ifndef CDP_BASE_AUTO_H
#define CDP_BASE_AUTO_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(kind) __attribute__((cleanup(auto_##kind), unused))

#define AUTO_KIND(kind, type, release)                                                             \
	static inline void auto_##kind(type *var)                                                  \
	{                                                                                          \
		if (*var)                                                                          \
			release(*var);                                                             \
	}                                                                                          \
	static inline void auto_##kind(type *var)

/* Gives the content up and leaves nothing behind. */
#define TAKE(var)                                                                                  \
	__extension__({                                                                            \
		__typeof__(var) taken_ = (var);                                                    \
		(var) = NULL;                                                                      \
		taken_;                                                                            \
	})

AUTO_KIND(text, char *, free);
AUTO_KIND(file, FILE *, (void)fclose);

static inline void auto_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Running out of memory ends the program, so nobody has a path for it. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull, warn_unused_result));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *xstrndup(const char *text, size_t max)
	__attribute__((malloc, returns_nonnull, warn_unused_result));
char *xasprintf(const char *format, ...)
	__attribute__((malloc, returns_nonnull, warn_unused_result, format(printf, 1, 2)));

/* A copy of TEXT, or NULL for NULL. */
char *copy_of(const char *text) __attribute__((warn_unused_result));

#endif
