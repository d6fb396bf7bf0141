/* A display for windows: the person's own, or, where there is none, an X server without a screen (Xvfb) that
 * we start and end. */
#ifndef SRC_DISPLAY_H
#define SRC_DISPLAY_H

#include <stdbool.h>
#include <sys/types.h>

struct error;

struct display {
	pid_t pid; /* of our own Xvfb; 0: there is one already */
};

/* Sees to it that programs we start find a display.  ERR_INPUT when there is none and no Xvfb either. */
bool display_open(struct display *display, struct error *err);
void display_close(struct display *display);

static inline void auto_display(struct display *display)
{
	display_close(display);
}

#endif
