/* Forms: see forms.h. */
#include "tests/lib/forms.h"

#include "cdp/base/error.h"
#include "tests/lib/asserts.h"
#include "tests/lib/folder.h"

#include <stdio.h>
#include <unistd.h>

enum { WORDS_MAX = 32 };

static struct cal cal;
static char *document;

int forms_start(void **state)
{
	(void)state;
	cal_start(&cal, NULL);
	document = cal_file(&cal, "document.txt");
	AUTO(file) FILE *f = fopen(document, "we");
	return f && fputs("the content of the file\n", f) >= 0 ? 0 : -1;
}

int forms_stop(void **state)
{
	(void)state;
	cal_stop(&cal);
	free(document);
	return 0;
}

static cJSON *ask(const char *path)
{
	AUTO(text) char *url = xasprintf("https://localhost%s", path);

	return cal_ask(&cal, url);
}

int forms_begin(void **state)
{
	AUTO(text) char *data = cal_file(&cal, "data");

	(void)state;
	folder_remove(data);
	cJSON_Delete(cal_ask(&cal, "https://forms.test/_mode"));
	forms_forget();
	return 0;
}

void forms_set(const char *mode)
{
	AUTO(text) char *url = xasprintf("https://forms.test/_mode?%s", mode);

	cJSON_Delete(cal_ask(&cal, url));
}

void forms_forget(void)
{
	cal_forget(&cal);
}

const char *forms_folder(void)
{
	return cal.folder;
}

const char *forms_document(void)
{
	return document;
}

static struct ran run(const char *input, const char *const *words, const char *const *args)
{
	AUTO(text) char *data = xasprintf("GABBAI_DATA_DIR=%s/data", cal.folder);
	AUTO(text) char *config = xasprintf("XDG_CONFIG_HOME=%s/config", cal.folder);
	AUTO(text) char *cert = cal_file(&cal, "cert.pem");
	AUTO(text) char *rule = xasprintf("*.test:443:127.0.0.1:%d", cal.port);
	const char *env[] = { data, config, NULL };
	const char *list[WORDS_MAX] = { NULL };
	size_t count = 0;

	for (; *words; words++)
		list[count++] = *words;
	for (; args && *args; args++)
		list[count++] = *args;
	const char *const network[] = { "--no-input", "--cacert", cert, "--connect-to", rule };
	for (size_t i = 0; i < sizeof network / sizeof *network; i++)
		list[count++] = network[i];
	return gabbai_told(input, env, list);
}

struct ran forms_submit_told(const char *input, const char *page, const char *const *args)
{
	AUTO(text) char *url = xasprintf("https://forms.test/%s", page);
	const char *words[] = { "submit", url, "--json", NULL };

	return run(input, words, args);
}

struct ran forms_submit(const char *page, const char *const *args)
{
	return forms_submit_told("", page, args);
}

struct ran forms_run(const char *const *words)
{
	return run("", words, NULL);
}

static bool is_one(const cJSON *one, const char *method, const char *path, int status, const char *part)
{
	const char *body = json_str(one, "body");
	int64_t ms = 0, number = 0;

	return json_int(one, "ms", &ms) && ms > cal.since_ms && !strcmp(json_str(one, "method"), method)
		&& !strcmp(json_str(one, "path"), path) && json_int(one, "status", &number) && (!status || number == status)
		&& (!part || (body && strstr(body, part)));
}

int forms_seen(const char *method, const char *path, int status, const char *part)
{
	AUTO(json) cJSON *all = ask("/_journal");
	const cJSON *one;
	int count = 0;

	cJSON_ArrayForEach(one, all)
		count += is_one(one, method, path, status, part);
	return count;
}

char *forms_header(const char *path, const char *header)
{
	AUTO(json) cJSON *all = ask("/_journal");
	AUTO(text) char *where = xasprintf("headers.%s", header);
	const char *found = "";
	const cJSON *one;

	cJSON_ArrayForEach(one, all)
		if (is_one(one, "POST", path, 0, NULL))
			found = json_str(one, where) ? json_str(one, where) : "";
	return xstrdup(found);
}
