/* gabbai report RUN: how a run went, in one document that can be shown to strangers.  It has no names of accounts, no numbers
 * with four digits or more, no addresses of people, of URLs host and path alone, and nothing of what was collected. */
#include "src/commands.h"

#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "scrapers/scrape.h"
#include "src/doctor.h"
#include "src/ending.h"
#include "src/history.h"
#include "src/installation.h"
#include "src/output.h"
#include "src/store.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

enum { DIGITS_SHOWN = 3, EVENTS_MAX = 500 };

/* ---- what is masked ---- */

/* A word that is somebody's address or has a long number in it: "a@b.c", "4580123412341234", "05•-•••1234". */
static bool is_personal(const char *word, size_t size)
{
	size_t digits = 0, most = 0;

	if (memchr(word, '@', size))
		return true;
	if (strspn(word, "0123456789.-+deb~u") >= size && memchr(word, '.', size)) /* a version */
		return false;
	for (size_t i = 0; i < size; i++) {
		if (isdigit((unsigned char)word[i]))
			digits++;
		else if (word[i] != '-')
			digits = 0;
		most = digits > most ? digits : most;
	}
	return most > DIGITS_SHOWN;
}

static bool is_url(const char *word)
{
	return !strncasecmp(word, "https://", 8) || !strncasecmp(word, "http://", 7) || !strncasecmp(word, "wss://", 6)
		|| !strncasecmp(word, "ws://", 5);
}

/* WORD[SIZE] without what a URL has behind its path; numbers in paths are masked. */
static void put_url(struct buf *out, const char *word, size_t size)
{
	const size_t scheme = (size_t)(strstr(word, "://") - word) + 3;
	size_t end = scheme, from;

	while (end < size && !strchr("?#\"')>", word[end]))
		end++;
	const char *at = memchr(word + scheme, '@', end - scheme);
	buf_append(out, word, scheme);
	for (size_t i = at ? (size_t)(at - word) + 1 : scheme; i < end; i = from) {
		for (from = i; from < end && word[from] != '/'; from++)
			;
		if (i > scheme && is_personal(word + i, from - i) && !memchr(word + i, '.', from - i))
			buf_puts(out, "*");
		else
			buf_append(out, word + i, from - i);
		for (; from < end && word[from] == '/'; from++)
			buf_putc(out, '/');
	}
	buf_puts(out, end < size ? "…" : "");
}

/* "visa-cal/dana": the account's name goes; "/home/dana/x": where it is is enough.  False: it is neither. */
static bool put_name(struct buf *out, const char *word, size_t size)
{
	const char *home = getenv("HOME");
	const size_t home_size = home ? strlen(home) : 0;

	if (home_size > 1 && size > home_size && !strncmp(word, home, home_size) && word[home_size] == '/') {
		buf_puts(out, "~");
		buf_append(out, word + home_size, size - home_size);
		return true;
	}
	for (size_t i = 0; i < site_count; i++) {
		const size_t name = strlen(sites[i]->name);
		if (size > name && !strncmp(word, sites[i]->name, name) && word[name] == '/') {
			buf_printf(out, "%s/*", sites[i]->name);
			return true;
		}
	}
	return false;
}

/* TEXT as strangers may read it, owned by the caller. */
static char *masked(const char *text)
{
	AUTO(text) char *copy = xstrdup(text);
	struct buf out = { 0 };

	secret_redact(copy, strlen(copy));
	for (const char *p = copy; *p;) {
		const size_t size = strcspn(p, " \t\n");
		if (size && is_url(p))
			put_url(&out, p, size);
		else if (size && is_personal(p, size))
			buf_puts(&out, "*");
		else if (!size || !put_name(&out, p, size))
			buf_append(&out, p, size);
		p += size;
		for (; *p && strchr(" \t\n", *p); p++)
			buf_putc(&out, *p);
	}
	return buf_take(&out);
}

/* Members that say who, and are left out. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = { "account", "destination", "choices", "message", "dataDir", "title" };

	for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Moments are numbers that tell nothing. */
static bool is_moment(const char *name)
{
	const size_t size = name ? strlen(name) : 0;

	return size > 2 && !strcmp(name + size - 2, "At");
}

static void mask(cJSON *json)
{
	for (cJSON *one = json->child, *next; one; one = next) {
		next = one->next;
		if (is_left_out(one->string)) {
			cJSON_Delete(cJSON_DetachItemViaPointer(json, one));
			continue;
		}
		if (cJSON_IsString(one) && !is_moment(one->string)) {
			AUTO(text) char *text = masked(one->valuestring);
			(void)cJSON_SetValuestring(one, text);
		}
		mask(one);
	}
}

/* ---- the document ---- */

static cJSON *events_of(struct store *store, int64_t run, struct error *err)
{
	struct error why = { 0 };
	AUTO(json) cJSON *list = cJSON_CreateArray();
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT at, name, data FROM run_events WHERE run = ? ORDER BY id LIMIT ?",
		SQL(SQL_INT(run), SQL_INT(EVENTS_MAX)), &why);
	int64_t first = 0;

	while (rows && rows_next(rows, &why)) {
		first = first ? first : rows_int(rows, 0);
		json_add(list, JSON_NODE(NULL, json_object(JSON_INT("ms", rows_int(rows, 0) - first),
			JSON_STR("event", rows_text(rows, 1)),
			JSON_NODE("data", json_parse(rows_text(rows, 2), strlen(rows_text(rows, 2)), NULL)))));
	}
	if (!why.code)
		return TAKE(list);
	if (err)
		*err = why;
	return NULL;
}

static cJSON *machine(void)
{
	struct utsname u;

	return uname(&u) == 0 ? json_object(JSON_STR("system", u.sysname), JSON_STR("release", u.release),
		JSON_STR("machine", u.machine)) : NULL;
}

static bool report(const struct options *o, int64_t id, struct error *err)
{
	AUTO(store) struct store *store = store_open(err);
	AUTO(json) cJSON *run = store ? history_run(store, id, err) : NULL;
	AUTO(json) cJSON *events = run ? events_of(store, id, err) : NULL;
	AUTO(json) cJSON *about = events ? installation_describe(o, err) : NULL;
	AUTO(buf) struct buf out = { 0 };

	if (!about)
		return false;
	cJSON_DeleteItemFromObjectCaseSensitive(about, "key");
	AUTO(json) cJSON *all = json_object(JSON_NODE("run", TAKE(run)), JSON_NODE("events", TAKE(events)),
		JSON_NODE("installation", TAKE(about)), JSON_NODE("machine", machine()),
		JSON_NODE("checks", doctor_look(o, &(struct doctor_plan){ .offline = true })));
	mask(all);
	AUTO(text) char *text = json_print_pretty(all);
	buf_printf(&out, "%s\n", text);
	return output_write(o->output, &out, err);
}

int cmd_report(const struct options *o)
{
	struct error err = { 0 };
	char *end = NULL;
	const int64_t id = o->word_count == 2 ? strtoll(o->words[1], &end, 10) : 0;

	if (id <= 0 || *end)
		fail(&err, ERR_INPUT, "report wants the number of a run; see gabbai history");
	else if (report(o, id, &err))
		return EXIT_OK;
	return command_failed(&err);
}
