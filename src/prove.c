#include "src/prove.h"

#include "cdp/base/error.h"
#include "cdp/browser.h"
#include "cdp/page.h"
#include "cdp/state.h"
#include "scrapers/scrape.h"
#include "src/definition.h"
#include "src/interrupt.h"
#include "src/options.h"
#include "src/tab.h"

enum { RESTORE_MS = 10000 };

static bool resumes(const struct site *site, const struct options *o, const cJSON *definition, struct tab *tab,
	struct error *err)
{
	const struct scrape_host host = { 0 };
	const struct scrape_options options = {
		.network = { .connect_to = o->connect_to, .cacert = o->cacert, .user_agent = cdp_browser_user_agent(tab->browser),
			.stop = &interrupt_signal },
	};
	struct scrape *s = scrape_new(site, definition, tab->page, &host, &options);
	const bool ok = scrape_resume(s, err);

	scrape_free(s);
	return ok;
}

cJSON *prove_state(const struct site *site, const struct options *options, const cJSON *state, char **url,
	struct error *err)
{
	AUTO(json) cJSON *definition = definition_read(site, err);
	AUTO(tab) struct tab tab = { 0 };

	if (!definition || !tab_open(&tab, options, definition, false, err)
			|| !cdp_state_restore(tab.page, state, deadline_in_ms(RESTORE_MS), err)
			|| !resumes(site, options, definition, &tab, err))
		return NULL;
	*url = xstrdup(cdp_page_url(tab.page));
	return tab_take_state(&tab, definition, err);
}
