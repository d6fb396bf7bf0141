/* The server's page, embedded: the files of src/ui. */
#ifndef SRC_ASSETS_H
#define SRC_ASSETS_H

#include <stddef.h>

struct asset {
	const char *name, *type;
	const char *data;
	size_t size;
	char etag[20]; /* with its quotes */
};

/* "app.css"; NULL: there is none. */
const struct asset *asset_find(const char *name);

#endif
