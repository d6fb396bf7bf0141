/* How far a run is: see progress.h. */
#include "src/progress.h"

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"
#include "cdp/base/log.h"

#include <string.h>
#include <sys/ioctl.h>

enum { WIDTH_DEFAULT = 80, PAST_MAX = 2000 };

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(2) && term && *term && strcmp(term, "dumb") != 0;
}

static size_t width(void)
{
	struct winsize size;

	return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : WIDTH_DEFAULT;
}

/* What fits into one row of the terminal: the latest of it. */
static void show(const struct progress *p)
{
	AUTO(text) char *line = xasprintf("%s: %s%s...", p->site, p->past.size ? p->past.data : "", p->step);
	const size_t size = strlen(line), room = width() - 1;

	if (size <= room)
		log_standing(line);
	else
		log_standing(line + size - room);
}

void progress_begin(struct progress *p, const char *site, bool plain)
{
	*p = (struct progress){ .site = site, .stands = !plain && is_terminal(), .began_ms = clock_ms(),
		.past = { .size_max = PAST_MAX } };
}

static void end_step(struct progress *p)
{
	if (*p->step)
		buf_printf(&p->past, "%s %.1f s, ", p->step, (double)(clock_ms() - p->step_ms) / 1000);
	*p->step = '\0';
}

void progress_step(struct progress *p, const char *step)
{
	end_step(p);
	(void)snprintf(p->step, sizeof p->step, "%s", step);
	p->step_ms = clock_ms();
	if (p->stands)
		show(p);
	else
		log_line(LOG_INFO, "%s: %s", p->site, step);
}

void progress_rest(const struct progress *p)
{
	if (p->stands)
		log_standing(NULL);
}

void progress_end(struct progress *p)
{
	end_step(p);
	progress_rest(p);
	if (p->past.size)
		log_line(LOG_INFO, "%s: %s%.1f s in all", p->site, p->past.data, (double)(clock_ms() - p->began_ms) / 1000);
	buf_clear(&p->past);
}
