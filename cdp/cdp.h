/* libcdp: drives a Chromium over the Chrome DevTools Protocol, from one thread, with blocking calls.
 *
 *	#include <cdp/cdp.h>
 *	#include <stdio.h>
 *
 *	static bool sign_in(struct cdp_page *page, struct error *err)
 *	{
 *		return cdp_page_goto(page, "https://example.org/login", NULL, NULL, err)
 *			&& cdp_page_type(page, "label=E-mail", "me@example.org", NULL, err)
 *			&& cdp_page_type(page, "input[type=password]", "…", NULL, err)
 *			&& cdp_page_click(page, "role=button[name=Sign in]", NULL, err)
 *			&& cdp_page_wait(page, "text=Welcome", NULL, err);
 *	}
 *
 *	int main(void)
 *	{
 *		struct error err = { 0 };
 *		struct cdp_browser *browser = cdp_browser_launch(NULL, deadline_in_ms(20000), &err);
 *		struct cdp_page *page = browser ? cdp_page_open(browser, NULL, NULL, deadline_in_ms(10000), &err) : NULL;
 *
 *		if (page && sign_in(page, &err)) {
 *			char *text = cdp_page_text(page, "h1", 0, &err);
 *			puts(text ? text : err.text);
 *			free(text);
 *		} else {
 *			fprintf(stderr, "%s: %s\n", error_name(err.code), err.text);
 *		}
 *		cdp_browser_free(browser);
 *		return err.code != ERR_NONE;
 *	}
 *
 *	cc example.c $(pkg-config --cflags --libs libcdp) */
#ifndef CDP_CDP_H
#define CDP_CDP_H

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/browser.h"
#include "cdp/capture.h"
#include "cdp/conn.h"
#include "cdp/download.h"
#include "cdp/network.h"
#include "cdp/page.h"
#include "cdp/screencast.h"
#include "cdp/state.h"
#include "cdp/storage.h"

#endif
