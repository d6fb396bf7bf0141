/* Pictures: see capture.h. */
#include "cdp/capture.h"

#include "cdp/base/error.h"
#include "cdp/page_impl.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>

enum { TRIES = 4, PAUSE_MS = 100 };
enum { PIXELS_MAX = 16384 }; /* a side of a picture: what the compositor can make */

static cJSON *clip_of(struct cdp_page *page, const struct cdp_shot_opts *o, struct deadline until,
	struct error *err)
{
	AUTO(json) cJSON *box = cdp_frame_call(page->frames, "box",
		json_array(JSON_STR(NULL, o->selector ? o->selector : ""), JSON_INT(NULL, deadline_left_ms(until))),
		until, err);
	double x, y, width, height;

	if (!box || !cdp_answer_ok(box, "picturing", o->selector ? o->selector : "the page", err))
		return NULL;
	if (!json_num(box, "x", &x) || !json_num(box, "y", &y) || !json_num(box, "width", &width)
			|| !json_num(box, "height", &height))
		return NULL;
	return json_object(JSON_NUM("x", x), JSON_NUM("y", y),
		JSON_NUM("width", width < PIXELS_MAX ? width : PIXELS_MAX),
		JSON_NUM("height", height < 2 * PIXELS_MAX ? height : 2 * PIXELS_MAX), JSON_INT("scale", 1));
}

/* Under load the compositor sometimes has no frame yet, and says so at once: it has one a moment later. */
static cJSON *take(struct cdp_page *page, const cJSON *params, struct deadline until, struct error *err)
{
	for (int attempt = 1;; attempt++) {
		struct error why = { 0 };
		cJSON *answer = cdp_call(page->browser->conn, page->session, "Page.captureScreenshot",
			cJSON_Duplicate(params, true), until, &why);
		if (answer)
			return answer;
		if (attempt == TRIES || why.code != ERR_PROTOCOL || !strstr(why.text, "Unable to capture")) {
			if (err)
				*err = why;
			return NULL;
		}
		for (const struct deadline pause = deadline_sooner(until, deadline_in_ms(PAUSE_MS)); !deadline_passed(pause);)
			if (!cdp_page_service(page, pause, err) && !deadline_passed(pause))
				return NULL;
	}
}

unsigned char *cdp_page_screenshot(struct cdp_page *page, const struct cdp_shot_opts *opts, size_t *size,
	struct error *err)
{
	const struct cdp_shot_opts o = opts ? *opts : (struct cdp_shot_opts){ 0 };
	const struct deadline until = deadline_in_ms(o.timeout_ms > 0 ? o.timeout_ms : CDP_STEP_MS);
	AUTO(json) cJSON *params = json_object(JSON_STR("format", o.jpeg_quality ? "jpeg" : "png"),
		JSON_NODE("quality", o.jpeg_quality ? cJSON_CreateNumber(o.jpeg_quality) : NULL));

	if (o.full || o.selector) {
		cJSON *clip = clip_of(page, &o, until, err);
		if (!clip)
			return NULL;
		json_add(params, JSON_NODE("clip", clip));
		json_add(params, JSON_BOOL("captureBeyondViewport", true));
	}
	AUTO(json) cJSON *answer = take(page, params, until, err);
	const char *data = json_str(answer, "data");
	if (!data)
		return NULL;
	const size_t length = strlen(data);
	unsigned char *out = xmalloc(length / 4 * 3 + 4);
	const int got = EVP_DecodeBlock(out, (const unsigned char *)data, (int)length);
	if (got < 0) {
		free(out);
		fail(err, ERR_PROTOCOL, "Page.captureScreenshot: not base64");
		return NULL;
	}
	*size = (size_t)got - (length && data[length - 1] == '=') - (length > 1 && data[length - 2] == '=');
	return out;
}

bool cdp_page_screenshot_file(struct cdp_page *page, const struct cdp_shot_opts *opts, const char *path,
	struct error *err)
{
	size_t size;
	unsigned char *data = cdp_page_screenshot(page, opts, &size, err);
	AUTO(fd) int fd = data ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	const bool ok = fd >= 0 && write(fd, data, size) == (ssize_t)size;

	free(data);
	return ok || (data ? fail_system(err, "writing %s", path) : false);
}
