/* Pictures of pages. */
#ifndef CDP_CAPTURE_H
#define CDP_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

struct cdp_page;
struct error;

struct cdp_shot_opts {
	int timeout_ms;       /* default: CDP_STEP_MS */
	bool full;            /* the whole page, not the viewport */
	const char *selector; /* only this element, in the main frame */
	int jpeg_quality;     /* 1-100; default 0: PNG */
};

/* The picture's bytes, owned by the caller; also of a tab that is not in front.
 * Protocol: Page.captureScreenshot. */
unsigned char *cdp_page_screenshot(struct cdp_page *page, const struct cdp_shot_opts *opts, size_t *size,
	struct error *err);

/* The same into a file of mode 0600. */
bool cdp_page_screenshot_file(struct cdp_page *page, const struct cdp_shot_opts *opts, const char *path,
	struct error *err);

#endif
