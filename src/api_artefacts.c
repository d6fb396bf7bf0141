/* What is left of runs that failed. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "src/artefact.h"

#include <string.h>

/* 0: it is no number. */
static int64_t run_of(const struct exchange *x)
{
	char *end;
	const long long run = strtoll(exchange_part(x, 0), &end, 10);

	return *end || run < 0 ? 0 : run;
}

void api_artefacts(void *owner, struct exchange *x)
{
	struct error why = { 0 };
	cJSON *list = artefact_list(run_of(x), &why);

	(void)owner;
	if (list)
		exchange_json(x, 200, json_object(JSON_NODE("artefacts", list)));
	else
		exchange_failed(x, &why);
}

/* A site's page is never a page of ours: it is a file to be saved. */
void api_artefact(void *owner, struct exchange *x)
{
	const char *name = exchange_part(x, 1), *type = artefact_type(name);
	struct error why = { 0 };
	size_t size = 0;
	char *text = type ? artefact_read(run_of(x), name, &size, &why) : NULL;

	(void)owner;
	if (!text) {
		exchange_problem(x, 404, NULL, "there is no such artefact");
		return;
	}
	const bool is_picture = !strncmp(type, "image/", 6);
	AUTO(text) char *disposition = xasprintf("%s; filename=\"%s\"", is_picture ? "inline" : "attachment", name);
	exchange_header(x, "content-disposition", disposition);
	exchange_header(x, "cache-control", "no-store");
	exchange_text(x, 200, is_picture ? type : "application/octet-stream", text, size);
}
