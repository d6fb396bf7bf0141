/* What is to be submitted: see form.h. */
#include "src/form.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_SIZE = 256, URL_MAX_SIZE = 8192, INLINE_FILE_MAX = 16 << 20 };

bool form_request_add(struct form_request *r, const char *name, const char *value, struct error *err)
{
	if (r->field_count == FORM_FIELDS_MAX)
		return fail(err, ERR_LIMIT, "a form has at most %d fields", FORM_FIELDS_MAX);
	if (!*name || strlen(name) > NAME_MAX_SIZE || strpbrk(name, "\r\n"))
		return fail(err, ERR_INPUT, "a field's name has 1 to %d characters", NAME_MAX_SIZE);
	struct secret *secret = secret_new(value, strlen(value));
	if (!secret)
		return fail(err, ERR_LIMIT, "the field \"%s\" has more than %d bytes", name, SECRET_SIZE_MAX);
	r->fields[r->field_count++] = (struct form_field){ xstrdup(name), secret };
	return true;
}

bool form_request_add_file(struct form_request *r, const char *name, const char *path, const char *filename, const char *type,
	struct error *err)
{
	if (r->file_count == FORM_FILES_MAX)
		return fail(err, ERR_LIMIT, "a form has at most %d files", FORM_FILES_MAX);
	if (!*name || strlen(name) > NAME_MAX_SIZE || (type && strpbrk(type, "\r\n")))
		return fail(err, ERR_INPUT, "a file's field has a name of 1 to %d characters", NAME_MAX_SIZE);
	/* The browser runs elsewhere, so it is told the whole path. */
	char *whole = realpath(path, NULL);
	if (!whole)
		return fail_system(err, "reading %s", path);
	r->files[r->file_count++] = (struct form_file){ .name = xstrdup(name), .path = whole, .filename = copy_of(filename),
		.type = copy_of(type) };
	return true;
}

/* A file of ours, and its folder. */
static void remove_file(const struct form_file *file)
{
	AUTO(text) char *folder = xstrndup(file->path, (size_t)(strrchr(file->path, '/') - file->path));

	(void)unlink(file->path);
	(void)rmdir(folder);
}

void form_request_clear(struct form_request *r)
{
	for (size_t i = 0; i < r->field_count; i++) {
		free(r->fields[i].name);
		secret_free(r->fields[i].value);
	}
	for (size_t i = 0; i < r->file_count; i++) {
		if (r->files[i].ours)
			remove_file(&r->files[i]);
		free(r->files[i].name);
		free(r->files[i].path);
		free(r->files[i].filename);
		free(r->files[i].type);
	}
	free(r->url);
	free(r->selector);
	free(r->previous);
	*r = (struct form_request){ 0 };
}

const struct form_field *form_request_field(const struct form_request *r, const char *name)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (!strcmp(r->fields[i].name, name))
			return &r->fields[i];
	return NULL;
}

const struct form_file *form_request_file(const struct form_request *r, const char *name)
{
	for (size_t i = 0; i < r->file_count; i++)
		if (!strcmp(r->files[i].name, name))
			return &r->files[i];
	return NULL;
}

/* ---- from JSON ---- */

static bool add_value(struct form_request *r, const char *name, const cJSON *value, struct error *err)
{
	char number[32];

	if (cJSON_IsString(value))
		return form_request_add(r, name, value->valuestring, err);
	if (cJSON_IsBool(value))
		return form_request_add(r, name, cJSON_IsTrue(value) ? "true" : "false", err);
	if (!cJSON_IsNumber(value))
		return fail(err, ERR_INPUT, "the field \"%s\" is neither a text nor a number", name);
	(void)snprintf(number, sizeof number, "%.15g", value->valuedouble);
	return form_request_add(r, name, number, err);
}

static bool add_values(struct form_request *r, const cJSON *fields, struct error *err)
{
	const cJSON *field, *one;

	cJSON_ArrayForEach(field, fields) {
		if (!cJSON_IsArray(field) && !add_value(r, field->string, field, err))
			return false;
		if (cJSON_IsArray(field))
			cJSON_ArrayForEach(one, field)
				if (!add_value(r, field->string, one, err))
					return false;
	}
	return true;
}

/* Files without a place get one below FOLDER, a folder each, since browsers tell a file's own name. */
static char *write_file(const char *folder, const char *name, const char *base64, struct error *err)
{
	const size_t size = strlen(base64);
	AUTO(text) char *bytes = size <= INLINE_FILE_MAX ? xmalloc(size / 4 * 3 + 4) : NULL;
	int got = bytes ? EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)base64, (int)size) : -1;
	AUTO(text) char *own = xasprintf("%s/gabbai-file-XXXXXX", folder ? folder : "/tmp");

	if (got < 0)
		return fail(err, ERR_INPUT, "a file's base64 is none, or has more than %d MB", INLINE_FILE_MAX >> 20), NULL;
	for (size_t i = size; i > 0 && base64[i - 1] == '=' && got > 0; i--)
		got--;
	if (!mkdtemp(own))
		return fail_system(err, "making a folder in %s", folder ? folder : "/tmp"), NULL;
	AUTO(text) char *path = xasprintf("%s/%s", own, name);
	AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, bytes, (size_t)got) != got)
		return fail_system(err, "writing %s", path), NULL;
	return TAKE(path);
}

static bool is_file_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) < NAME_MAX_SIZE;
}

static bool add_file(struct form_request *r, const char *name, const cJSON *file, const char *folder, struct error *err)
{
	const char *path = json_str(file, "filePath"), *base64 = json_str(file, "base64");
	const char *filename = json_str(file, "filename"), *type = json_str(file, "mimeType");

	if (path)
		return form_request_add_file(r, name, path, filename, type, err);
	base64 = base64 ? base64 : json_str(file, "buffer");
	if (!base64)
		return fail(err, ERR_INPUT, "File upload for field \"%s\" must provide either buffer, base64, or filePath", name);
	AUTO(text) char *written = write_file(folder, filename && is_file_name(filename) ? filename : "file", base64, err);
	if (!written || !form_request_add_file(r, name, written, filename ? filename : name, type, err))
		return false;
	r->files[r->file_count - 1].ours = true;
	return true;
}

static bool add_files(struct form_request *r, const cJSON *files, const char *folder, struct error *err)
{
	const cJSON *file, *one;

	cJSON_ArrayForEach(file, files) {
		if (!cJSON_IsArray(file) && !add_file(r, file->string, file, folder, err))
			return false;
		if (cJSON_IsArray(file))
			cJSON_ArrayForEach(one, file)
				if (!add_file(r, file->string, one, folder, err))
					return false;
	}
	return true;
}

bool form_request_read(struct form_request *r, const cJSON *json, const char *folder, struct error *err)
{
	const char *url = json_str(json, "url"), *previous = json_str(json, "previousStepData.state");

	if (!r->url && (!url || strlen(url) > URL_MAX_SIZE))
		return fail(err, ERR_INPUT, "url is wanted: the form's address");
	if (!r->url)
		r->url = xstrdup(url);
	if (json_str(json, "formSelector") && !r->selector)
		r->selector = xstrdup(json_str(json, "formSelector"));
	r->is_step = r->is_step || json_true(json, "isMultiStep");
	if (previous && !r->previous)
		r->previous = xstrdup(previous);
	return add_values(r, json_at(json, "fields"), err) && add_files(r, json_at(json, "files"), folder, err);
}
