/* HTML, and XML, piece by piece: enough to read what a page says and what its forms hold.  It builds no tree and mends no
 * nesting; whatever the bytes are, it ends, in time that grows with their number. */
#ifndef SCRAPERS_HTML_H
#define SCRAPERS_HTML_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct html {
	const char *at, *end;
	unsigned unclosed; /* elements whose end was looked for in vain */
};

struct html_piece {
	enum html_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE } kind;
	const char *text, *text_end; /* of HTML_TEXT as it is written; else the attributes */
	const char *name;            /* of a tag, NAME_SIZE bytes */
	size_t name_size;
};

/* Reads TEXT[SIZE], which must stay. */
void html_init(struct html *html, const char *text, size_t size);

/* The next piece; false at the end.  Comments, and what is in <script>, <style>, <template>, <noscript> and <svg>, are
 * passed over. */
bool html_next(struct html *html, struct html_piece *out);

bool html_is(const struct html_piece *piece, const char *name);

/* Passes over the rest of the element that PIECE opened, unless it has no end. */
void html_skip(struct html *html, const struct html_piece *piece);

/* The value of an attribute, "" for one without, or with more than 16 KB;
 * NULL when it is not there.  Owned by the caller. */
char *html_attribute(const struct html_piece *piece, const char *name);

/* Appends text with its character references resolved. */
void html_decode(struct buf *out, const char *text, const char *end);

#endif
