/* The server itself.  What only a process that reads the key, or starts a browser, can say of them, `gabbai about` says. */
#include "src/api.h"

#include "cdp/base/error.h"
#include "src/jobs.h"
#include "src/options.h"
#include "src/place.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	WAITING_MAX = 32,
	FRESH_S = 60, /* what was said so long ago is asked again */
};

struct about {
	cJSON *said;      /* NULL: nothing yet */
	time_t said_at;
	bool is_asked;
	uint64_t waiting[WAITING_MAX]; /* exchanges */
	size_t waiting_count;
};

void api_status_free(struct api *api)
{
	if (api->about)
		cJSON_Delete(api->about->said);
	free(api->about);
	api->about = NULL;
}

/* The database with its log, as they are on the disk. */
static int64_t store_bytes(void)
{
	static const char *const files[] = { "gabbai.db", "gabbai.db-wal" };
	int64_t sum = 0;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		AUTO(text) char *path = place_of_data(files[i], NULL);
		struct stat st;
		if (path && stat(path, &st) == 0)
			sum += st.st_size;
	}
	return sum;
}

static cJSON *part(const cJSON *said, const char *name)
{
	const cJSON *value = json_at(said, name);

	return value ? cJSON_Duplicate(value, true) : cJSON_CreateNull();
}

static void say(const struct api *api, struct exchange *x)
{
	const cJSON *said = api->about->said;

	exchange_json(x, 200, json_object(JSON_STR("version", GABBAI_VERSION), JSON_BOOL("scheduler", !api->options->no_scheduler),
		JSON_NODE("key", part(said, "key")), JSON_NODE("dataDir", part(said, "dataDir")),
		JSON_INT("storeBytes", store_bytes()), JSON_NODE("browser", part(said, "browser"))));
}

void api_status_told(struct api *api, const char *text, size_t size)
{
	struct about *a = api->about;
	cJSON *said = json_parse(text, size, NULL);

	a->is_asked = false;
	a->said_at = time(NULL);
	if (said) {
		cJSON_Delete(a->said);
		a->said = said;
	}
	for (size_t i = 0; i < a->waiting_count; i++) {
		struct exchange *x = exchange_find(api->server, a->waiting[i]);
		if (x)
			say(api, x);
	}
	a->waiting_count = 0;
}

/* Answered when the check-up has ended (api_job_ended). */
void api_doctor(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const char *const words[] = { "doctor", "--json", NULL };
	struct error why = { 0 };
	struct job *job = jobs_start(api->jobs, NULL, NULL, words, NULL, &why);

	if (job)
		job->exchange = exchange_number(x);
	else
		exchange_failed(x, &why);
}

/* What was said before is good while it is asked again. */
void api_status(void *owner, struct exchange *x)
{
	struct api *api = owner;
	const char *const words[] = { "about", "--json", NULL };

	if (!api->about)
		api->about = xcalloc(1, sizeof *api->about);
	struct about *a = api->about;
	if (!a->is_asked && time(NULL) - a->said_at >= FRESH_S)
		a->is_asked = jobs_start(api->jobs, NULL, NULL, words, NULL, NULL) != NULL;
	if (!a->said && a->is_asked && a->waiting_count < WAITING_MAX)
		a->waiting[a->waiting_count++] = exchange_number(x);
	else
		say(api, x);
}
