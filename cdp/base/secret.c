/* Secrets: see secret.h.  Each is a mapping of its own, because memory is locked by the page. */
#include "cdp/base/secret.h"

#include "cdp/base/auto.h"
#include "cdp/base/json.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

enum { REDACT_MIN = 4 };

struct secret {
	struct secret *next; /* struct secret, known below */
	size_t size;
	size_t mapped;
	char text[];
};

/* A bench may run connections in several threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards known */
static struct secret *known;

struct secret *secret_new(const char *text, size_t size)
{
	if (size > SECRET_SIZE_MAX)
		return NULL;

	const size_t mapped = (sizeof(struct secret) + size + 1 + 4095) & ~(size_t)4095;
	struct secret *s = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		abort();
	(void)mlock(s, mapped);                  /* over RLIMIT_MEMLOCK it may be swapped; still works */
	(void)madvise(s, mapped, MADV_DONTDUMP); /* an old kernel dumps it; RLIMIT_CORE is 0 as well */

	s->size = size;
	s->mapped = mapped;
	memcpy(s->text, text, size);

	pthread_mutex_lock(&lock);
	s->next = known;
	known = s;
	pthread_mutex_unlock(&lock);
	return s;
}

struct secret *secret_from_environment(const char *variable)
{
	char *value = getenv(variable);
	const size_t size = value ? strlen(value) : 0;
	struct secret *secret = size ? secret_new(value, size) : NULL;

	if (size)
		secret_wipe(value, size);
	(void)unsetenv(variable);
	return secret;
}

void secret_free(struct secret *secret)
{
	if (!secret)
		return;

	pthread_mutex_lock(&lock);
	struct secret **at = &known;
	while (*at && *at != secret)
		at = &(*at)->next;
	if (*at)
		*at = secret->next;
	pthread_mutex_unlock(&lock);

	const size_t mapped = secret->mapped;
	secret_wipe(secret, mapped);
	munmap(secret, mapped);
}

const char *secret_reveal(const struct secret *secret)
{
	return secret->text;
}

size_t secret_size(const struct secret *secret)
{
	return secret->size;
}

void secret_wipe(void *data, size_t size)
{
	explicit_bzero(data, size);
}

/* ---- redaction ---- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A character of a text, however it is written there: the bytes it takes, and the bytes it means. */
struct written {
	size_t taken, meant;
	char bytes[4];
};

static struct written json_escape(const char *at, const char *end)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *letter = end - at >= 2 && at[1] ? strchr(letters, at[1]) : NULL;
	struct written w = { 0 };

	if (letter)
		return (struct written){ 2, 1, { bytes[letter - letters] } };
	if (end - at >= 6 && at[1] == 'u') {
		w.meant = json_utf8(at, end, w.bytes);
		w.taken = json_is_pair(at, end) ? 12 : 6;
	}
	return w;
}

/* What stands AT as JSON or a URL would write it; nothing meant when neither would. */
static struct written read_escape(const char *at, const char *end)
{
	if (*at == '\\')
		return json_escape(at, end);
	if (*at == '+')
		return (struct written){ 1, 1, { ' ' } };
	if (*at == '%' && end - at >= 3 && hex(at[1]) >= 0 && hex(at[2]) >= 0)
		return (struct written){ 3, 1, { (char)(hex(at[1]) * 16 + hex(at[2])) } };
	return (struct written){ 0 };
}

/* How many bytes AT are the secret, plain or escaped; 0: it is not there. */
static size_t stands_at(const char *at, const char *end, const struct secret *s)
{
	const char *p = at;

	for (size_t i = 0; i < s->size;) {
		if (p < end && *p == s->text[i] && !(*p == '\\' && p + 1 < end && p[1] == '\\' && s->text[i + 1] != '\\')) {
			p++;
			i++;
			continue;
		}
		const struct written w = p < end ? read_escape(p, end) : (struct written){ 0 };
		if (!w.meant || s->size - i < w.meant || memcmp(w.bytes, s->text + i, w.meant) != 0)
			return 0;
		p += w.taken;
		i += w.meant;
	}
	return (size_t)(p - at);
}

static bool may_begin(char c, char first)
{
	return c == first || c == '\\' || c == '%' || (c == '+' && first == ' ');
}

/* Places are collected first and masked then, so that secrets that overlap do not hide each other. */
void secret_redact(char *text, size_t size)
{
	const char *end = text + size;
	AUTO(text) char *hidden = NULL;

	pthread_mutex_lock(&lock);
	for (const struct secret *s = known; s; s = s->next) {
		for (size_t i = 0; s->size >= REDACT_MIN && i < size; i++) {
			const size_t length = may_begin(text[i], s->text[0]) ? stands_at(text + i, end, s) : 0;
			if (length && !hidden)
				hidden = xcalloc(size, 1);
			if (length)
				memset(hidden + i, 1, length);
		}
	}
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; hidden && i < size; i++)
		if (hidden[i])
			text[i] = '*';
}
