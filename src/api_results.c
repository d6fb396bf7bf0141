/* What was collected: lists, sums, and files. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "src/browse.h"
#include "src/jobs.h"

#include <string.h>

static int64_t query_number(struct exchange *x, const char *name)
{
	const char *text = exchange_query(x, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

static const char *query_text(struct exchange *x, const char *name)
{
	const char *text = exchange_query(x, name);

	return text && *text ? text : NULL;
}

static struct browse_filter filter_of(struct exchange *x)
{
	return (struct browse_filter){ .site = query_text(x, "site"), .account = query_text(x, "account"),
		.card = query_text(x, "card"), .since = query_text(x, "since"), .until = query_text(x, "until"),
		.text = query_text(x, "q"), .category = query_text(x, "category"),
		.pending = query_number(x, "pending") != 0, .limit = query_number(x, "limit"), .offset = query_number(x, "offset") };
}

void api_transactions(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	const struct browse_filter filter = filter_of(x);
	struct error why = { 0 };

	api_reply(x, browse_transactions(api->store, &filter, &why), &why);
}

void api_summary(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	struct error why = { 0 };

	api_reply(x, browse_summary(api->store, query_number(x, "months"), &why), &why);
}

void api_products(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	const struct browse_filter filter = filter_of(x);
	struct error why = { 0 };

	api_reply(x, browse_products(api->store, &filter, &why), &why);
}

void api_prices(void *owner, struct exchange *x)
{
	const struct api *api = owner;
	struct error why = { 0 };

	api_reply(x, browse_prices(api->store, exchange_part(x, 0), &why), &why);
}

static bool is_word(const char *text)
{
	return text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_/.") == strlen(text) && *text != '-';
}

void api_export(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const char *format = exchange_query(x, "format"), *site = query_text(x, "site");
	const char *since = query_text(x, "since"), *until = query_text(x, "until");
	struct error why = { 0 };
	const char *words[12] = { "export" };
	size_t count = 1;

	format = format ? format : "csv";
	if (!is_word(format) || (site && !is_word(site)) || (since && !is_word(since)) || (until && !is_word(until))) {
		exchange_problem(x, 422, NULL, "format, site, since and until are words");
		return;
	}
	if (site)
		words[count++] = site;
	words[count++] = "-f";
	words[count++] = format;
	if (since) {
		words[count++] = "--since";
		words[count++] = since;
	}
	if (until) {
		words[count++] = "--until";
		words[count++] = until;
	}
	struct job *job = jobs_start(api->jobs, site, NULL, words, NULL, &why);
	if (!job) {
		exchange_failed(x, &why);
		return;
	}
	job->exchange = exchange_number(x);
	AUTO(text) char *disposition = xasprintf("attachment; filename=\"gabbai.%s\"", format);
	exchange_header(x, "content-disposition", disposition);
}
