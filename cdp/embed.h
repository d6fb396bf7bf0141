/* Files inside the program: EMBED(name, "path from the root") defines the text NAME[], ending with NUL.
 * The Makefile names the files as dependencies. */
#ifndef CDP_EMBED_H
#define CDP_EMBED_H

#define EMBED(name, path)                                                                          \
	__asm__(".pushsection .rodata\n"                                                           \
		".global " #name "\n"                                                              \
		".type " #name ", @object\n" #name ":\n"                                           \
		".incbin \"" path "\"\n"                                                           \
		".byte 0\n"                                                                        \
		".size " #name ", . - " #name "\n"                                                 \
		".popsection\n");                                                                  \
	extern const char name[]

#endif
