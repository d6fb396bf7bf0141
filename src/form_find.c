#include "src/form_find.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "cdp/conn.h"
#include "cdp/embed.h"
#include "cdp/page.h"

#include <string.h>

EMBED_ALL(form_script,
	EMBED_WORDS("'use strict';\\n(() => {\\n")
	EMBED_FILE("selectors/otp/tree.js")
	EMBED_FILE("selectors/form.js")
	EMBED_WORDS("})();\\n"));

enum {
	FRAMES_MAX = 64,
	FRAME_MS = 2000,
	LOOK_MS = 60,
	MORE_MS = 1500, /* a form that has some of the fields may still be being drawn */
	EMPTY_MS = 6000, /* and so may one that is not there yet */
};

void form_found_clear(struct form_found *found)
{
	cJSON_Delete(found->form);
	*found = (struct form_found){ 0 };
}

static cJSON *ask(struct cdp_page *page, struct cdp_frame *frame, const char *expression)
{
	const struct cdp_eval_opts opts = { .frame = frame, .timeout_ms = FRAME_MS, .isolated = true };

	return cdp_page_eval(page, expression, &opts, NULL);
}

/* In each new document the script is put in anew.  A frame that goes away or hangs has nothing to say. */
static cJSON *ask_script(struct cdp_page *page, struct cdp_frame *frame, const char *call)
{
	AUTO(text) char *short_one = xasprintf("globalThis.gabbaiForm ? gabbaiForm.%s : 'absent'", call);
	AUTO(json) cJSON *answer = ask(page, frame, short_one);

	if (!cJSON_IsString(answer) || strcmp(answer->valuestring, "absent") != 0)
		return TAKE(answer);
	AUTO(text) char *whole = xasprintf("%s\n%s", form_script, short_one);
	return ask(page, frame, whole);
}

bool form_look(struct cdp_page *page, const cJSON *keys, const char *selector, struct form_found *out, struct error *err)
{
	struct cdp_frame *frames[FRAMES_MAX];
	const size_t count = cdp_page_frames(page, frames, FRAMES_MAX);
	AUTO(json) cJSON *css = selector ? cJSON_CreateString(selector) : cJSON_CreateNull();
	AUTO(text) char *list = json_print(keys);
	AUTO(text) char *quoted = json_print(css);
	AUTO(text) char *call = xasprintf("find(%s, %s)", list, quoted);
	double best = -1;

	form_found_clear(out);
	for (size_t i = 0; i < count && i < FRAMES_MAX; i++) {
		AUTO(json) cJSON *said = ask_script(page, frames[i], call);
		int64_t matched = 0;
		double score = 0;
		if (!json_int(said, "matched", &matched) || !json_num(said, "score", &score) || !cJSON_IsObject(json_at(said, "form")))
			continue;
		if (matched < out->matched || (matched == out->matched && score <= best))
			continue;
		form_found_clear(out);
		*out = (struct form_found){ .frame = frames[i], .form = json_take(said, "form"), .matched = (int)matched };
		best = score;
	}
	return !cdp_page_is_closed(page) || fail(err, ERR_CLOSED, "the page was closed");
}

static bool has_key(const cJSON *form, const char *key)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, json_list(form, "fields"))
		if (json_str(field, "key") && !strcmp(json_str(field, "key"), key))
			return true;
	return false;
}

static bool fail_missing(const struct form_found *found, const cJSON *keys, struct error *err)
{
	const cJSON *key;

	cJSON_ArrayForEach(key, keys)
		if (!has_key(found->form, key->valuestring))
			return fail(err, ERR_INPUT, "the form has no field \"%s\"; nothing was submitted", key->valuestring);
	return true;
}

bool form_find(struct cdp_page *page, const cJSON *keys, const char *selector, bool partly, struct deadline until,
	struct form_found *out, struct error *err)
{
	const int wanted = cJSON_GetArraySize(keys);
	const struct deadline empty = deadline_sooner(until, deadline_in_ms(EMPTY_MS));
	struct deadline more = DEADLINE_NEVER;
	int best = 0;

	for (;;) {
		struct error why = { 0 };
		if (!form_look(page, keys, selector, out, err))
			return false;
		if (out->form && out->matched == wanted)
			return true;
		if (out->matched > best) {
			best = out->matched;
			more = deadline_sooner(until, deadline_in_ms(MORE_MS));
		}
		if (deadline_passed(more) || deadline_passed(empty))
			break;
		if (!cdp_conn_wait(cdp_page_conn(page), deadline_in_ms(LOOK_MS), &why) && why.code != ERR_TIMEOUT) {
			if (err)
				*err = why;
			return false;
		}
	}
	if (!out->form || (!out->matched && !json_list(out->form, "fields")))
		return fail(err, ERR_LAYOUT, "No form found on page");
	return (partly && out->matched) || fail_missing(out, keys, err);
}

/* ---- filling ---- */

static bool is_on(const char *value)
{
	static const char *const off[] = { "", "0", "false", "off", "no", "null" };

	for (size_t i = 0; i < sizeof off / sizeof *off; i++)
		if (!strcasecmp(value, off[i]))
			return false;
	return true;
}

static bool is_option(const cJSON *option, const char *value)
{
	const char *own = json_str(option, "value"), *label = json_str(option, "label");

	return (own && !strcmp(own, value)) || (label && *label && !strcasecmp(label, value));
}

/* Whether one of the values given for KEY means OPTION. */
static bool is_chosen(const struct form_request *r, const char *key, const cJSON *option)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (!strcmp(r->fields[i].name, key) && is_option(option, secret_reveal(r->fields[i].value)))
			return true;
	return false;
}

struct filling {
	struct cdp_page *page;
	const struct form_found *found;
	const struct form_request *request;
	int timeout_ms;
};

static bool check_one(const struct filling *f, const cJSON *option, bool checked, struct error *err)
{
	AUTO(text) char *at = cdp_frame_locator(f->found->frame, json_str(option, "selector"));

	return cdp_page_check(f->page, at, checked, f->timeout_ms, err);
}

static bool fill_choices(const struct filling *f, const cJSON *field, const char *key, const char *value, struct error *err)
{
	const cJSON *options = json_list(field, "options"), *option;
	const bool radio = !strcmp(json_str(field, "kind"), "radio");
	bool any = false;

	cJSON_ArrayForEach(option, options) {
		const bool chosen = is_chosen(f->request, key, option);
		any = any || chosen;
		if ((chosen || (!radio && cJSON_GetArraySize(options) > 1)) && !check_one(f, option, chosen, err))
			return false;
	}
	if (any)
		return true;
	if (radio || cJSON_GetArraySize(options) > 1)
		return fail(err, ERR_INPUT, "the field \"%s\" has no such choice; nothing was submitted", key);
	return check_one(f, cJSON_GetArrayItem(options, 0), is_on(value), err);
}

static bool fill_select(const struct filling *f, const cJSON *field, const char *key, const char *at, struct error *err)
{
	struct cdp_choice choices[FORM_FIELDS_MAX];
	size_t count = 0;
	const cJSON *option;

	for (size_t i = 0; i < f->request->field_count; i++) {
		const char *value = secret_reveal(f->request->fields[i].value);
		if (strcmp(f->request->fields[i].name, key) != 0)
			continue;
		struct cdp_choice choice = { .value = value };
		cJSON_ArrayForEach(option, json_list(field, "options"))
			if (strcmp(json_str(option, "value"), value) != 0 && is_option(option, value))
				choice = (struct cdp_choice){ .label = json_str(option, "label") };
		choices[count++] = choice;
	}
	return cdp_page_select(f->page, at, choices, count, f->timeout_ms, err);
}

static bool fill_files(const struct filling *f, const char *key, const char *at, struct error *err)
{
	const char *paths[FORM_FILES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < f->request->file_count; i++)
		if (!strcmp(f->request->files[i].name, key))
			paths[count++] = f->request->files[i].path;
	return cdp_page_upload(f->page, at, paths, count, f->timeout_ms, err);
}

static bool fill_one(const struct filling *f, const cJSON *field, struct error *err)
{
	const char *key = json_str(field, "key"), *kind = json_str(field, "kind");
	const struct form_field *given = form_request_field(f->request, key);
	AUTO(text) char *at = cdp_frame_locator(f->found->frame, json_str(field, "selector"));
	const struct cdp_type_opts opts = { .timeout_ms = f->timeout_ms, .calm_ms = -1 };

	if (!strcmp(kind, "file"))
		return fill_files(f, key, at, err);
	if (!given)
		return fail(err, ERR_INPUT, "the field \"%s\" takes no file; nothing was submitted", key);
	if (!strcmp(kind, "select"))
		return fill_select(f, field, key, at, err);
	if (!strcmp(kind, "radio") || !strcmp(kind, "checkbox"))
		return fill_choices(f, field, key, secret_reveal(given->value), err);
	if (!strcmp(kind, "area") || !strcmp(kind, "set"))
		return cdp_page_fill(f->page, at, secret_reveal(given->value), &opts, err);
	return cdp_page_type_secret(f->page, at, given->value, &opts, err);
}

bool form_fill(struct cdp_page *page, const struct form_found *found, const struct form_request *request, int timeout_ms,
	struct error *err)
{
	const struct filling filling = { page, found, request, timeout_ms };
	const cJSON *field;

	if (json_true(found->form, "needsFiles"))
		return fail(err, ERR_INPUT, "This form requires file uploads, but no files were provided. Please include files in the"
			" submission data.");
	cJSON_ArrayForEach(field, json_list(found->form, "fields"))
		if (!fill_one(&filling, field, err))
			return error_wrap(err, "the field \"%s\"", json_str(field, "key"));
	return true;
}

bool form_press(struct cdp_page *page, const struct form_found *found, int timeout_ms, struct error *err)
{
	const char *submit = json_str(found->form, "submit");

	if (!submit)
		return cdp_page_press(page, "Enter", err);
	AUTO(text) char *at = cdp_frame_locator(found->frame, submit);
	return cdp_page_click(page, at, &(struct cdp_click_opts){ .timeout_ms = timeout_ms }, err);
}

char *form_invalid(struct cdp_page *page, const struct form_found *found)
{
	AUTO(json) cJSON *said = cdp_frame_is_detached(found->frame) ? NULL : ask_script(page, found->frame, "invalid()");

	return cJSON_IsString(said) ? xstrdup(said->valuestring) : NULL;
}
