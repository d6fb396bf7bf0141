/* Secrets: see secret.h.  Each is a mapping of its own, because memory is locked by the page. */
#include "cdp/base/secret.h"

#include "cdp/base/auto.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { REDACT_MIN = 4, FORMS = 3 };

struct secret {
	struct secret *next; /* struct secret, known below */
	size_t size;
	size_t mapped;
	char *forms[FORMS]; /* plain, JSON-escaped, URL-escaped; those that equal the plain one are NULL */
	char text[];
};

/* A bench may run connections in several threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards known */
static struct secret *known;

static char *json_escaped(const char *text)
{
	char *out = xmalloc(strlen(text) * 6 + 1), *o = out;

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			*o++ = '\\';
		if (*c >= 0x20)
			*o++ = (char)*c;
		else
			o += sprintf(o, "\\u%04x", *c); /* lint: room for 6 was made above */
	}
	*o = '\0';
	return out;
}

static char *url_escaped(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
	static const char hex[] = "0123456789ABCDEF";
	char *out = xmalloc(strlen(text) * 3 + 1), *o = out;

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (strchr(plain, *c)) {
			*o++ = (char)*c;
			continue;
		}
		*o++ = '%';
		*o++ = hex[*c >> 4];
		*o++ = hex[*c & 15];
	}
	*o = '\0';
	return out;
}

static char *unless_same(char *form, const char *text)
{
	if (strcmp(form, text) != 0)
		return form;
	secret_wipe(form, strlen(form));
	free(form);
	return NULL;
}

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
	s->forms[0] = NULL;
	s->forms[1] = unless_same(json_escaped(s->text), s->text);
	s->forms[2] = unless_same(url_escaped(s->text), s->text);

	pthread_mutex_lock(&lock);
	s->next = known;
	known = s;
	pthread_mutex_unlock(&lock);
	return s;
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

	for (int i = 0; i < FORMS; i++) {
		if (secret->forms[i])
			secret_wipe(secret->forms[i], strlen(secret->forms[i]));
		free(secret->forms[i]);
	}
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

static void mask(char *text, size_t size, const char *form, size_t form_size)
{
	char *end = text + size;

	if (form_size < REDACT_MIN)
		return;
	for (char *hit = text; (hit = memmem(hit, (size_t)(end - hit), form, form_size)); hit += form_size)
		memset(hit, '*', form_size);
}

void secret_redact(char *text, size_t size)
{
	pthread_mutex_lock(&lock);
	for (const struct secret *s = known; s; s = s->next) {
		mask(text, size, s->text, s->size);
		for (int i = 0; i < FORMS; i++)
			if (s->forms[i])
				mask(text, size, s->forms[i], strlen(s->forms[i]));
	}
	pthread_mutex_unlock(&lock);
}
