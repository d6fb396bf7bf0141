/* Sealing: see crypt.h. */
#include "src/crypt.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "src/place.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>

enum {
	VERSION = 1,
	KEY_BYTES = 32,
	KEY_DIGITS = 2 * KEY_BYTES,
	NONCE_BYTES = 12,
	TAG_BYTES = 16,
	KEYS_MAX = 16,
	KEY_FILE_MAX = KEYS_MAX * (KEY_DIGITS + 2),
	FINGERPRINT_BYTES = 8,
};

AUTO_KIND(cipher, EVP_CIPHER_CTX *, EVP_CIPHER_CTX_free);

struct key {
	char id[KEY_ID_SIZE + 1];
	struct secret *text; /* KEY_DIGITS digits */
};

struct keyring {
	struct key keys[KEYS_MAX]; /* the first one seals */
	size_t count;
};

/* ---- keys ---- */

static void key_bytes(const struct key *key, unsigned char bytes[KEY_BYTES])
{
	const char *text = secret_reveal(key->text);

	for (size_t i = 0; i < KEY_BYTES; i++) {
		const char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };
		bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
}

static void hex(const unsigned char *bytes, size_t size, char *out)
{
	for (size_t i = 0; i < size; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* An id says which key it was without saying anything of the key. */
static void set_id(struct key *key)
{
	static const char label[] = "gabbai key id";
	unsigned char bytes[KEY_BYTES], digest[EVP_MAX_MD_SIZE];
	unsigned size = sizeof digest;

	key_bytes(key, bytes);
	(void)HMAC(EVP_sha256(), bytes, sizeof bytes, (const unsigned char *)label, sizeof label - 1, digest, &size);
	hex(digest, KEY_ID_SIZE / 2, key->id);
	secret_wipe(bytes, sizeof bytes);
}

static bool add_key(struct keyring *ring, const char *text, size_t size, const char *from, struct error *err)
{
	while (size && isspace((unsigned char)text[size - 1]))
		size--;
	while (size && isspace((unsigned char)*text))
		text++, size--;
	bool ok = size == KEY_DIGITS;
	for (size_t i = 0; ok && i < size; i++)
		ok = isxdigit((unsigned char)text[i]) != 0;
	if (!ok)
		return fail(err, ERR_KEY, "%s is no key: %d hexadecimal digits are wanted; gabbai key new makes one", from, KEY_DIGITS);
	if (ring->count == KEYS_MAX)
		return fail(err, ERR_KEY, "more than %d keys", KEYS_MAX);
	struct key *key = &ring->keys[ring->count++];
	key->text = secret_new(text, size);
	set_id(key);
	return true;
}

/* Keys with commas between. */
static bool add_keys(struct keyring *ring, const char *text, const char *from, struct error *err)
{
	for (;;) {
		const size_t size = strcspn(text, ",");
		if (!add_key(ring, text, size, from, err))
			return false;
		if (!text[size])
			return true;
		text += size + 1;
	}
}

static bool add_from_file(struct keyring *ring, const char *path, struct error *err)
{
	char text[KEY_FILE_MAX + 1];
	struct stat st;
	AUTO(file) FILE *f = fopen(path, "re");

	if (!f)
		return fail(err, ERR_KEY, "the key in %s: %s", path, strerror(errno));
	if (fstat(fileno(f), &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO))
		return fail(err, ERR_KEY, "the key in %s can be read by others: chmod 600 it", path);
	text[fread(text, 1, KEY_FILE_MAX, f)] = '\0';
	const bool ok = add_keys(ring, text, path, err);
	secret_wipe(text, sizeof text);
	return ok;
}

/* From VARIABLE_FILE's file or VARIABLE; *FOUND tells whether either was set. */
static bool add_from_environment(struct keyring *ring, const char *variable, bool *found, struct error *err)
{
	AUTO(text) char *file = xasprintf("%s_FILE", variable);
	const char *path = getenv(file);

	*found = true;
	if (path && *path)
		return add_from_file(ring, path, err);
	AUTO(secret) struct secret *value = secret_from_environment(variable);
	if (value)
		return add_keys(ring, secret_reveal(value), variable, err);
	*found = false;
	return true;
}

/* The file is there with the whole key in it, or not at all; whoever came first has made it. */
static bool write_key(const char *path, const struct secret *key, struct error *err)
{
	AUTO(text) char *own = xasprintf("%s.%d", path, (int)getpid());
	(void)unlink(own); /* of a process of that number that was killed here */
	const int fd = open(own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	AUTO(file) FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	const bool ok = f && fprintf(f, "%s\n", secret_reveal(key)) >= 0 && fflush(f) == 0 && fsync(fd) == 0
		&& (link(own, path) == 0 || errno == EEXIST);
	if (!ok)
		fail_system(err, "writing the key %s", path);
	(void)unlink(own);
	return ok;
}

/* The user's own file, made on first use. */
static bool add_own(struct keyring *ring, struct error *err)
{
	AUTO(text) char *path = place_of_config("key", err);

	if (!path)
		return false;
	if (access(path, F_OK) == 0)
		return add_from_file(ring, path, err);
	AUTO(secret) struct secret *key = key_new(err);
	if (!key || !write_key(path, key, err) || !add_from_file(ring, path, err))
		return false;
	log_line(LOG_WARN, "a new key is in %s: keep a copy, for nothing that is saved opens without it", path);
	return true;
}

static bool add_current(struct keyring *ring, struct error *err)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	AUTO(text) char *path = directory ? xasprintf("%s/session-encryption-key", directory) : NULL;
	bool found;

	if (path && access(path, F_OK) == 0)
		return add_from_file(ring, path, err);
	return add_from_environment(ring, "SESSION_ENCRYPTION_KEY", &found, err) && (found || add_own(ring, err));
}

struct keyring *keyring_open(struct error *err)
{
	AUTO(keyring) struct keyring *ring = xcalloc(1, sizeof *ring);
	bool found;

	if (!add_current(ring, err) || !add_from_environment(ring, "SESSION_ENCRYPTION_KEY_OLD", &found, err))
		return NULL;
	return TAKE(ring);
}

void keyring_free(struct keyring *ring)
{
	for (size_t i = 0; ring && i < ring->count; i++)
		secret_free(ring->keys[i].text);
	free(ring);
}

const char *keyring_id(const struct keyring *ring)
{
	return ring->keys[0].id;
}

size_t keyring_count(const struct keyring *ring)
{
	return ring->count;
}

struct secret *key_new(struct error *err)
{
	unsigned char bytes[KEY_BYTES];
	char text[KEY_DIGITS + 1];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return fail(err, ERR_SYSTEM, "OpenSSL has no random bytes"), NULL;
	hex(bytes, sizeof bytes, text);
	struct secret *key = secret_new(text, KEY_DIGITS);
	secret_wipe(bytes, sizeof bytes);
	secret_wipe(text, sizeof text);
	return key;
}

static const struct key *key_by_id(const struct keyring *ring, const char *id)
{
	for (size_t i = 0; i < ring->count; i++)
		if (!strcmp(ring->keys[i].id, id))
			return &ring->keys[i];
	return NULL;
}

char *key_fingerprint(const struct keyring *ring, const void *text, size_t size)
{
	unsigned char bytes[KEY_BYTES], digest[EVP_MAX_MD_SIZE];
	unsigned digest_size = sizeof digest;
	char out[2 * FINGERPRINT_BYTES + 1];

	key_bytes(&ring->keys[0], bytes);
	(void)HMAC(EVP_sha256(), bytes, sizeof bytes, text, size, digest, &digest_size);
	secret_wipe(bytes, sizeof bytes);
	hex(digest, FINGERPRINT_BYTES, out);
	return xstrdup(out);
}

/* ---- sealing ---- */

static void additional_data(const struct sealed_for *row, const char *key_id, struct buf *out)
{
	const char *parts[] = { row->table, row->platform, row->account, key_id };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_append(out, parts[i], strlen(parts[i]) + 1);
	buf_putc(out, VERSION);
}

/* A context that has the key, the nonce and the additional data. */
static EVP_CIPHER_CTX *begin(const struct key *key, const struct sealed_for *row, const unsigned char *nonce, bool sealing)
{
	AUTO(buf) struct buf data = { 0 };
	AUTO(cipher) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char bytes[KEY_BYTES];
	int n;

	additional_data(row, key->id, &data);
	key_bytes(key, bytes);
	const bool ok = c && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, bytes, nonce, sealing) == 1
		&& EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)data.data, (int)data.size) == 1;
	secret_wipe(bytes, sizeof bytes);
	return ok ? TAKE(c) : NULL;
}

bool seal(const struct keyring *ring, const struct sealed_for *row, const void *text, size_t size, struct buf *out,
	struct error *err)
{
	const struct key *key = &ring->keys[0];
	unsigned char nonce[NONCE_BYTES], tag[TAG_BYTES];
	int n = 0, rest = 0;

	if (size > INT32_MAX / 2)
		return fail(err, ERR_LIMIT, "%zu bytes are too many to seal", size);
	if (RAND_bytes(nonce, sizeof nonce) != 1)
		return fail(err, ERR_SYSTEM, "OpenSSL has no random bytes");
	AUTO(cipher) EVP_CIPHER_CTX *c = begin(key, row, nonce, true);
	buf_putc(out, VERSION);
	buf_append(out, key->id, KEY_ID_SIZE);
	buf_append(out, nonce, sizeof nonce);
	if (!buf_reserve(out, size + TAG_BYTES))
		return fail(err, ERR_LIMIT, "%zu bytes are too many to seal", size);
	unsigned char *cipher = (unsigned char *)out->data + out->size;
	if (!c || EVP_EncryptUpdate(c, cipher, &n, text, (int)size) != 1 || EVP_EncryptFinal_ex(c, cipher + n, &rest) != 1
			|| EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) != 1)
		return fail(err, ERR_SYSTEM, "OpenSSL did not seal");
	out->size += (size_t)(n + rest);
	buf_append(out, tag, sizeof tag);
	return true;
}

bool unseal(const struct keyring *ring, const struct sealed_for *row, const void *blob, size_t size, struct buf *out,
	struct error *err)
{
	const unsigned char *at = blob;
	char id[KEY_ID_SIZE + 1] = "";
	int n = 0, rest = 0;

	if (size < SEALED_EXTRA || size > INT32_MAX / 2 || *at != VERSION)
		return fail(err, ERR_TAMPERED, "what is saved of %s/%s is damaged", row->platform, row->account);
	memcpy(id, at + 1, KEY_ID_SIZE);
	for (char *p = id; *p; p++)
		if (!isxdigit((unsigned char)*p))
			return fail(err, ERR_TAMPERED, "what is saved of %s/%s is damaged", row->platform, row->account);
	const struct key *key = key_by_id(ring, id);
	if (!key)
		return fail(err, ERR_KEY, "what is saved of %s/%s was sealed with the key %s, and the key here is %s: set the old one "
			"as SESSION_ENCRYPTION_KEY_OLD", row->platform, row->account, id, keyring_id(ring));

	const unsigned char *nonce = at + 1 + KEY_ID_SIZE, *cipher = nonce + NONCE_BYTES;
	const size_t length = size - SEALED_EXTRA;
	unsigned char tag[TAG_BYTES];
	memcpy(tag, cipher + length, TAG_BYTES);
	AUTO(cipher) EVP_CIPHER_CTX *c = begin(key, row, nonce, false);
	struct buf text = { 0 };
	(void)buf_reserve(&text, length + TAG_BYTES);
	unsigned char *plain = (unsigned char *)text.data;
	if (!c || EVP_DecryptUpdate(c, plain, &n, cipher, (int)length) != 1
			|| EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) != 1
			|| EVP_DecryptFinal_ex(c, plain + n, &rest) != 1) {
		OPENSSL_cleanse(text.data, text.room);
		buf_clear(&text);
		return fail(err, ERR_TAMPERED, "what is saved of %s/%s was changed by somebody, or is another account's", row->platform,
			row->account);
	}
	text.size = length;
	text.data[length] = '\0';
	buf_wipe(out);
	*out = text;
	return true;
}
