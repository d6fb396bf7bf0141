/* gabbai export: what was collected and kept, in any format.  The same store gives the same bytes. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/account.h"
#include "src/ending.h"
#include "src/output.h"
#include "src/results.h"
#include "src/store.h"

#include <string.h>

/* What the command's word names: a site with all its accounts, or one account; nothing: the one site there is. */
static bool read_word(const struct options *o, struct store *store, struct site_account *account, struct results_query *query,
	struct error *err)
{
	struct error why = { 0 };

	*account = (struct site_account){ 0 };
	if (o->word_count == 2 && !account_read(o->words[1], account, err))
		return false;
	if (o->word_count == 2 && strchr(o->words[1], '/'))
		query->account = account->name;
	if (o->word_count == 1)
		account->site = results_site(store, &why);
	query->site = account->site ? account->site->name : NULL;
	if (why.code && err)
		*err = why;
	return !why.code;
}

static bool export(const struct options *o, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(buf) struct buf text = { 0 };
	struct site_account account;
	struct collection collection = { 0 };
	struct results_query query = { .number = o->card, .since = o->since, .until = o->until, .pending = o->pending };

	if (!store || !read_word(o, store, &account, &query, err))
		return false;
	if (account.site && account.site->has_products && !format_has_products((enum format)o->format))
		return fail(err, ERR_INPUT, "--format %s is for accounts, and %s has products", o->format_name, account.site->title);
	if (!results_read(store, &query, &collection, err))
		return false;
	if (!collection.count && !collection.product_count)
		log_line(LOG_INFO, "nothing is kept of what this asks for");
	format_report((enum format)o->format, &(struct report){ .site = query.site ? query.site : "none", .collection = &collection,
		.bom = o->bom, .ofx_sgml = o->ofx_sgml }, &text);
	collection_clear(&collection);
	return output_write(o->output, &text, err);
}

int cmd_export(const struct options *o)
{
	struct error err = { 0 };

	if (o->word_count > 2)
		fail(&err, ERR_INPUT, "export wants one site at most; see gabbai sites");
	else if (o->format < 0)
		fail(&err, ERR_INPUT, "--format %s: there are " FORMAT_NAMES, o->format_name);
	else if (export(o, &err))
		return EXIT_OK;
	return command_failed(&err);
}
