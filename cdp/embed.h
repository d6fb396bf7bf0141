/* Files inside the program: EMBED(name, "path from the root") defines the text NAME[], ending with NUL.
 * EMBED_ALL joins several: EMBED_ALL(name, EMBED_WORDS("(() => {\\n") EMBED_FILE("a.js") EMBED_FILE("b.js")).
 * The Makefile names the files as dependencies. */
#ifndef CDP_EMBED_H
#define CDP_EMBED_H

#define EMBED_FILE(path)  ".incbin \"" path "\"\n"
#define EMBED_WORDS(text) ".ascii \"" text "\"\n" /* with \\n for a new line */

#define EMBED_ALL(name, pieces)                                                                    \
	__asm__(".pushsection .rodata\n"                                                           \
		".global " #name "\n"                                                              \
		".type " #name ", @object\n" #name ":\n"                                           \
		pieces                                                                              \
		".byte 0\n"                                                                        \
		".size " #name ", . - " #name "\n"                                                 \
		".popsection\n");                                                                  \
	extern const char name[]

#define EMBED(name, path) EMBED_ALL(name, EMBED_FILE(path))

#endif
