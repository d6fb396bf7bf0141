/* Files that the browser saves, and pictures of pages. */
#include "cdp/capture.h"
#include "cdp/download.h"
#include "tests/lib/folder.h"
#include "tests/lib/site.h"

#include <sys/stat.h>

static char folder[] = "/tmp/gabbai-test-XXXXXX";

static int allow(void **state)
{
	return site_page(state) == 0 && cdp_download_allow(site.browser, NULL, folder, &site.err) ? 0 : -1;
}

#define SAVING(test) cmocka_unit_test_setup_teardown(test, allow, site_page_end)

/* The next file is called NAME, has SIZE bytes (-1: whatever), and is in our folder. */
static void expect_file(const char *name, long size)
{
	AUTO(text) char *path = cdp_download_next(site.browser, soon(), &site.err);
	struct stat st;

	assert_ok(path != NULL, &site.err);
	assert_string_equal(path, words("%s/%s", folder, name));
	assert_int_equal(stat(path, &st), 0);
	if (size >= 0)
		assert_int_equal(st.st_size, size);
	assert_int_equal(unlink(path), 0);
}

static void L01_ways_to_download(void **state)
{
	static const struct { const char *html, *name; long size; } ways[] = {
		{ "<a id=b href='/dl?name=link.bin&kb=3'>b</a>",                                       "link.bin", 3072 },
		{ "<a id=b href='/echo' download='named.json'>b</a>",                                  "named.json", -1 },
		{ "<form action='/dl' target=_blank><input name=name value=form.bin><input name=kb value=1>"
			"<button id=b>b</button></form>",                                              "form.bin", 1024 },
		{ "<a id=b download=blob.txt>b</a><script>b.href = URL.createObjectURL(new Blob(['12345']))</script>",
			"blob.txt", 5 },
		{ "<a id=b download=data.txt href='data:text/plain,123'>b</a>",                        "data.txt", 3    },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		show(ways[i].html);
		assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
		expect_file(ways[i].name, ways[i].size);
	}
}

static void L01_download_by_a_navigation(void **state)
{
	(void)state;
	assert_fails(cdp_page_goto(site.page, here("dl?name=went.bin&kb=2"), NULL, NULL, &site.err), &site.err, ERR_DOWNLOAD);
	expect_file("went.bin", 2048);
}

static void L04_download_that_is_cut_off(void **state)
{
	(void)state;
	show("<a id=b href='/dl?name=cut.bin&kb=64&drop=1'>b</a>");
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	AUTO(text) char *path = cdp_download_next(site.browser, soon(), &site.err);
	assert_fails(path != NULL, &site.err, ERR_NETWORK);
}

static void L05_name_that_leads_elsewhere(void **state)
{
	(void)state;
	show("<a id=b href='/dl?name=../../escaped.bin&kb=1'>b</a>");
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	AUTO(text) char *path = cdp_download_next(site.browser, soon(), &site.err);
	assert_ok(path != NULL, &site.err);
	assert_memory_equal(path, folder, strlen(folder));
	assert_null(strchr(path + strlen(folder) + 1, '/'));
	assert_int_equal(unlink(path), 0);
}

static void L06_two_of_the_same_name(void **state)
{
	(void)state;
	show("<a id=b href='/dl?name=same.bin&kb=1'>b</a>");
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	AUTO(text) char *first = cdp_download_next(site.browser, soon(), &site.err);
	assert_ok(first != NULL, &site.err);
	assert_ok(cdp_page_click(site.page, "#b", NULL, &site.err), &site.err);
	AUTO(text) char *second = cdp_download_next(site.browser, soon(), &site.err);
	assert_ok(second != NULL, &site.err);
	assert_string_not_equal(first, second);
	assert_int_equal(unlink(first), 0);
	assert_int_equal(unlink(second), 0);
}

/* ---- pictures ---- */

static void picture(struct cdp_shot_opts opts, unsigned width, unsigned height)
{
	size_t size = 0;

	opts.timeout_ms = 20000;
	AUTO(text) char *png = (char *)cdp_page_screenshot(site.page, &opts, &size, &site.err);
	assert_ok(png != NULL, &site.err);
	assert_true(size > 33);
	assert_memory_equal(png, "\x89PNG", 4);
	const unsigned char *head = (const unsigned char *)png + 16; /* IHDR */
	const unsigned w = (unsigned)head[0] << 24 | (unsigned)head[1] << 16 | (unsigned)head[2] << 8 | head[3];
	const unsigned h = (unsigned)head[4] << 24 | (unsigned)head[5] << 16 | (unsigned)head[6] << 8 | head[7];
	if (w != width || h != height)
		fail_msg("%ux%u, not %ux%u", w, h, width, height);
}

static int small_page(void **state)
{
	const struct cdp_page_opts opts = { .width = 640, .height = 480 };

	(void)state;
	site.page = cdp_page_open(site.browser, NULL, &opts, soon(), &site.err);
	return site.page ? 0 : -1;
}

static void show_tall(void)
{
	show("<body style='margin:0;height:3000px'><div id=d style='position:absolute;left:10px;top:1500px;width:123px;height:45px;"
		"background:red'></div>");
}

static void O01_sizes_of_pictures(void **state)
{
	(void)state;
	show_tall();
	picture((struct cdp_shot_opts){ .full = false }, 640, 480);
	picture((struct cdp_shot_opts){ .selector = "#d" }, 123, 45);
	AUTO(page) struct cdp_page *front = cdp_page_open(site.browser, NULL, NULL, soon(), &site.err);
	assert_ok(front != NULL, &site.err);
	picture((struct cdp_shot_opts){ .full = false }, 640, 480); /* behind another tab */
}

/* It is narrower by the scroll bar: 625. */
static void O01_whole_page_is_as_wide_as_the_view(void **state)
{
	(void)state;
	show_tall();
	picture((struct cdp_shot_opts){ .full = true }, 640, 3000);
}

#define SMALL(test) cmocka_unit_test_setup_teardown(test, small_page, site_page_end)

static const struct CMUnitTest tests[] = {
	SAVING(L01_ways_to_download),
	SAVING(L01_download_by_a_navigation),
	SAVING(L04_download_that_is_cut_off),
	SAVING(L05_name_that_leads_elsewhere),
	SAVING(L06_two_of_the_same_name),
	SMALL(O01_sizes_of_pictures),
	SMALL(O01_whole_page_is_as_wide_as_the_view),
};

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	const int failed = site_run(tests);
	folder_remove(folder);
	return failed;
}
