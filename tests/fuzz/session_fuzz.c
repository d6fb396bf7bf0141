/* A session's file: what is taken is of the site alone, and what is written can be read again. */
#include "tests/fuzz/target.h"

#include "cdp/base/error.h"
#include "src/session_file.h"

#include <assert.h>
#include <string.h>

static void check_written(const cJSON *state, enum session_format format, const cJSON *domains)
{
	AUTO(buf) struct buf out = { 0 };
	const char *lost = NULL;
	struct error err = { 0 };
	int dropped = 0;

	session_file_write(state, format, &out, &lost);
	assert(lost);
	AUTO(json) cJSON *again = session_file_read(buf_text(&out), out.size, domains, &dropped, &err);
	if (format == SESSION_GABBAI) {
		assert(again);
		assert(dropped == 0);
	}
}

void fuzz_session(const uint8_t *data, size_t size)
{
	AUTO(json) cJSON *domains = json_array(JSON_STR(NULL, "example.com"), JSON_STR(NULL, "example.org"));
	AUTO(text) char *text = xmalloc(size + 1); /* as a file is read: with a NUL behind */
	struct error err = { 0 };
	int dropped = 0;

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	AUTO(json) cJSON *state = session_file_read(text, size, domains, &dropped, &err);
	assert(state || err.code == ERR_INPUT);
	assert(dropped >= 0);
	if (!state)
		return;
	for (int format = SESSION_STORAGE_STATE; format <= SESSION_GABBAI; format++)
		check_written(state, (enum session_format)format, domains);
}

FUZZ_TARGET(fuzz_session)
