#include "src/assets.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Made by the Makefile from what is in src/ui: one line EMBEDDED(number, "name") a file. */
#define EMBEDDED(number, file)                                                                                                \
	__asm__(".pushsection .rodata\n.global asset_" #number "\nasset_" #number ":\n.incbin \"src/ui/" file "\"\n.byte 0\n" \
		".global asset_" #number "_end\nasset_" #number "_end:\n.popsection\n");                                      \
	extern const char asset_##number[], asset_##number##_end[];
#include "assets.inc"
#undef EMBEDDED

static struct asset assets[] = {
#define EMBEDDED(number, file) { .name = file, .data = asset_##number },
#include "assets.inc"
#undef EMBEDDED
	{ .name = NULL },
};

static const char *const ends[] = {
#define EMBEDDED(number, file) asset_##number##_end,
#include "assets.inc"
#undef EMBEDDED
	NULL,
};

static const char *type_of(const char *name)
{
	static const struct { const char *end, *type; } types[] = {
		{ ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" }, { ".svg", "image/svg+xml" },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (!strcmp(dot, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

/* FNV-1a: it need only differ when the file does. */
static void tag(struct asset *a)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < a->size; i++)
		hash = (hash ^ (unsigned char)a->data[i]) * 1099511628211u;
	(void)snprintf(a->etag, sizeof a->etag, "\"%016llx\"", (unsigned long long)hash);
}

const struct asset *asset_find(const char *name)
{
	for (size_t i = 0; assets[i].name; i++) {
		struct asset *a = &assets[i];
		if (strcmp(a->name, name) != 0)
			continue;
		if (!a->type) {
			a->type = type_of(name);
			a->size = (size_t)(ends[i] - a->data) - 1;
			tag(a);
		}
		return a;
	}
	return NULL;
}
