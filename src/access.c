#include "src/access.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/place.h"

#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { TOKEN_BYTES = 24, TOKEN_MIN = 32, TOKEN_MAX = 256, MAC_HEX = 64, SEALED_MAX = 400 };

struct access {
	struct secret *token;
	char start[2 * TOKEN_BYTES + 1]; /* "": none, or used */
	int64_t start_until;
};

static void to_hex(const unsigned char *bytes, size_t size, char *out)
{
	for (size_t i = 0; i < size; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool random_hex(char out[2 * TOKEN_BYTES + 1])
{
	unsigned char bytes[TOKEN_BYTES];
	const bool ok = RAND_bytes(bytes, sizeof bytes) == 1;

	to_hex(bytes, sizeof bytes, out);
	return ok;
}

/* ---- the token ---- */

static struct secret *read_token(const char *path, struct error *err)
{
	char text[TOKEN_MAX + 2] = "";
	AUTO(file) FILE *f = fopen(path, "re");

	if (!f || !fgets(text, sizeof text, f))
		return fail_system(err, "reading the token in %s", path), NULL;
	const size_t size = strcspn(text, "\r\n");
	struct secret *token = size < TOKEN_MIN || size > TOKEN_MAX ? NULL : secret_new(text, size);
	secret_wipe(text, sizeof text);
	if (!token)
		fail(err, ERR_INPUT, "%s: a token has %d to %d characters", path, TOKEN_MIN, TOKEN_MAX);
	return token;
}

static bool make_token(const char *path, struct error *err)
{
	char text[2 * TOKEN_BYTES + 1];
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	AUTO(file) FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	const bool ok = f && random_hex(text) && fprintf(f, "%s\n", text) > 0 && fflush(f) == 0;

	secret_wipe(text, sizeof text);
	return ok || fail_system(err, "writing %s", path);
}

struct access *access_open(const char *token_file, struct error *err)
{
	AUTO(text) char *path = token_file ? xstrdup(token_file) : place_of_data("server-token", err);

	if (!path || (!token_file && access(path, F_OK) != 0 && !make_token(path, err)))
		return NULL;
	struct secret *token = read_token(path, err);
	if (!token)
		return NULL;
	struct access *a = xcalloc(1, sizeof *a);
	a->token = token;
	return a;
}

void access_close(struct access *a)
{
	if (!a)
		return;
	secret_free(a->token);
	secret_wipe(a->start, sizeof a->start);
	free(a);
}

static bool same(const char *a, size_t a_size, const char *b, size_t b_size)
{
	return a_size == b_size && a_size > 0 && CRYPTO_memcmp(a, b, a_size) == 0;
}

char *access_start_link(struct access *a)
{
	a->start_until = time(NULL) + START_S;
	return random_hex(a->start) ? xasprintf("t=%s", a->start) : xstrdup("");
}

bool access_begin(struct access *a, const char *token)
{
	const size_t size = strlen(token);

	if (same(token, size, secret_reveal(a->token), secret_size(a->token)))
		return true;
	const bool ok = time(NULL) < a->start_until && same(token, size, a->start, strlen(a->start));
	if (ok)
		a->start[0] = '\0';
	return ok;
}

/* ---- sealed: "scope.until.subject.mac" ---- */

static void mac_of(const struct access *a, const char *text, size_t size, char out[MAC_HEX + 1])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int mac_size = 0;

	HMAC(EVP_sha256(), secret_reveal(a->token), (int)secret_size(a->token), (const unsigned char *)text, size, mac, &mac_size);
	to_hex(mac, MAC_HEX / 2, out);
}

char *access_seal(const struct access *a, enum access_scope scope, const char *subject, int seconds)
{
	char mac[MAC_HEX + 1];
	AUTO(text) char *text = xasprintf("%d.%" PRId64 ".%s", scope, (int64_t)time(NULL) + seconds, subject);

	mac_of(a, text, strlen(text), mac);
	return xasprintf("%s.%s", text, mac);
}

struct access_grant access_of(const struct access *a, const char *text, size_t size)
{
	struct access_grant grant = { SCOPE_NONE };
	char copy[SEALED_MAX], mac[MAC_HEX + 1];
	int scope, subject_at = 0;
	int64_t until;

	if (same(text, size, secret_reveal(a->token), secret_size(a->token))) {
		grant.scope = SCOPE_ALL;
		return grant;
	}
	if (size <= MAC_HEX + 1 || size >= sizeof copy)
		return grant;
	memcpy(copy, text, size);
	copy[size] = '\0';
	char *dot = copy + size - MAC_HEX - 1;
	mac_of(a, copy, (size_t)(dot - copy), mac);
	if (*dot != '.' || CRYPTO_memcmp(mac, dot + 1, MAC_HEX) != 0)
		return grant;
	grant.bearer = (uint32_t)strtoul((char[]){ mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mac[6], '\0' }, NULL, 16) + 1;
	*dot = '\0';
	if (sscanf(copy, "%d.%" SCNd64 ".%n", &scope, &until, &subject_at) != 2 || !subject_at)
		return grant;
	(void)snprintf(grant.subject, sizeof grant.subject, "%s", copy + subject_at);
	grant.expired = until <= time(NULL);
	if (!grant.expired)
		grant.scope = (enum access_scope)scope;
	return grant;
}
