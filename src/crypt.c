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
#include <sys/file.h>
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
	char *file;                /* the user's own, if the key is from there */
	size_t file_count;         /* so many are from there: the first ones */
	const char *source;        /* NULL: there is no key */
	int folder;                /* of the file, locked while that is changed; else -1 */
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

static bool add_from_descriptor(struct keyring *ring, int fd, const char *path, struct error *err)
{
	char text[KEY_FILE_MAX + 1] = "";
	const ssize_t size = read(fd, text, KEY_FILE_MAX);
	const bool ok = size < 0 ? fail(err, ERR_KEY, "the key in %s: %s", path, strerror(errno))
		: add_keys(ring, text, path, err);

	secret_wipe(text, sizeof text);
	return ok;
}

/* A file of the user's, which nobody else may read. */
static bool add_from_file(struct keyring *ring, const char *path, struct error *err)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail(err, ERR_KEY, "the key in %s: %s", path, strerror(errno));
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return fail(err, ERR_KEY, "the key in %s can be read by others: chmod 600 it", path);
	return add_from_descriptor(ring, fd, path, err);
}

/* systemd lets the service in by an access list, which looks like a group's right; the folder guards it. */
static bool add_from_service(struct keyring *ring, const char *path, struct error *err)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fail(err, ERR_KEY, "the key in %s: %s", path, strerror(errno)) : add_from_descriptor(ring, fd, path, err);
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

/* PATH is new, and on the disk when this returns. */
static bool write_keys(const char *path, const struct key *keys, size_t count, struct error *err)
{
	char text[KEY_FILE_MAX + 1];
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(text + size, secret_reveal(keys[i].text), KEY_DIGITS);
		text[size + KEY_DIGITS] = i + 1 < count ? ',' : '\n';
		size += KEY_DIGITS + 1;
	}
	(void)unlink(path); /* what a process that ended left behind */
	AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const bool ok = fd >= 0 && write(fd, text, size) == (ssize_t)size && fsync(fd) == 0;
	secret_wipe(text, sizeof text);
	if (ok)
		return true;
	fail_system(err, "writing the key %s", path);
	(void)unlink(path); /* a part of it is of no use */
	return false;
}

/* The folder of PATH. */
static int open_folder(const char *path, struct error *err)
{
	AUTO(text) char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail_system(err, "opening %s", folder);
	return fd;
}

/* A new key in PATH, unless another process is quicker: then it is that one's. */
static bool make_key_file(const char *path, struct error *err)
{
	AUTO(secret) struct secret *text = key_new(err);
	AUTO(text) char *part = xasprintf("%s.new-%d", path, (int)getpid());
	AUTO(fd) int folder = open_folder(path, err);
	const struct key key = { .text = text };

	if (!text || folder < 0 || !write_keys(part, &key, 1, err))
		return false;
	const bool made = link(part, path) == 0;
	const bool ok = made || errno == EEXIST || fail_system(err, "writing the key %s", path);
	(void)unlink(part);
	if (made && fsync(folder) == 0)
		log_line(LOG_WARN, "a new key is in %s: keep a copy, for nothing that is saved opens without it", path);
	return ok;
}

/* The user's own file, made on first use. */
static bool add_own(struct keyring *ring, bool make, struct error *err)
{
	ring->file = place_of_config("key", err);
	if (!ring->file)
		return false;
	const bool there = access(ring->file, F_OK) == 0;
	if (!there && !make)
		return true;
	if ((!there && !make_key_file(ring->file, err)) || !add_from_file(ring, ring->file, err))
		return false;
	ring->file_count = ring->count;
	ring->source = "file";
	return true;
}

static bool add_current(struct keyring *ring, bool make, struct error *err)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	AUTO(text) char *path = directory ? xasprintf("%s/session-encryption-key", directory) : NULL;
	bool found;

	ring->source = path && access(path, F_OK) == 0 ? "service" : NULL;
	if (ring->source)
		return add_from_service(ring, path, err);
	if (!add_from_environment(ring, "SESSION_ENCRYPTION_KEY", &found, err))
		return false;
	ring->source = found ? "environment" : NULL;
	return found || add_own(ring, make, err);
}

static struct keyring *keyring_new(void)
{
	struct keyring *ring = xcalloc(1, sizeof *ring);

	ring->folder = -1;
	return ring;
}

static struct keyring *open_ring(bool make, struct error *err)
{
	AUTO(keyring) struct keyring *ring = keyring_new();
	bool found;

	if (!add_current(ring, make, err) || !add_from_environment(ring, "SESSION_ENCRYPTION_KEY_OLD", &found, err))
		return NULL;
	return TAKE(ring);
}

struct keyring *keyring_open(struct error *err)
{
	return open_ring(true, err);
}

struct keyring *keyring_open_known(struct error *err)
{
	return open_ring(false, err);
}

void keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->count; i++)
		secret_free(ring->keys[i].text);
	if (ring->folder >= 0)
		close(ring->folder); /* which unlocks it */
	free(ring->file);
	free(ring);
}

const char *keyring_id(const struct keyring *ring)
{
	return ring->source ? ring->keys[0].id : NULL;
}

const char *keyring_source(const struct keyring *ring)
{
	return ring->source;
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

/* ---- another key ---- */

/* Nobody else changes the file from now on; ERR_LOCKED when somebody has since we read it. */
static bool lock_file(struct keyring *ring, struct error *err)
{
	AUTO(keyring) struct keyring *now = keyring_new();

	ring->folder = open_folder(ring->file, err);
	if (ring->folder < 0)
		return false;
	if (flock(ring->folder, LOCK_EX) != 0)
		return fail_system(err, "locking the folder of %s", ring->file);
	if (!add_from_file(now, ring->file, err))
		return false;
	bool same = now->count == ring->file_count;
	for (size_t i = 0; same && i < now->count; i++)
		same = !strcmp(now->keys[i].id, ring->keys[i].id);
	return same || fail(err, ERR_LOCKED, "another process has changed %s just now", ring->file);
}

/* The first COUNT keys are the file's.  In one step: who reads it sees the old ones or the new ones. */
static bool replace_file(struct keyring *ring, size_t count, struct error *err)
{
	AUTO(text) char *part = xasprintf("%s.new", ring->file);

	if (!write_keys(part, ring->keys, count, err))
		return false;
	if (rename(part, ring->file) != 0 || fsync(ring->folder) != 0)
		return fail_system(err, "writing the key %s", ring->file);
	ring->file_count = count;
	return true;
}

bool keyring_renew(struct keyring *ring, struct error *err)
{
	if (!ring->file)
		return true;
	if (!lock_file(ring, err))
		return false;
	if (ring->file_count > 1)
		return true;
	if (ring->count == KEYS_MAX)
		return fail(err, ERR_KEY, "more than %d keys", KEYS_MAX);
	struct key key = { .text = key_new(err) };
	if (!key.text)
		return false;
	set_id(&key);
	memmove(ring->keys + 1, ring->keys, ring->count * sizeof *ring->keys);
	ring->keys[0] = key;
	ring->count++;
	return replace_file(ring, 2, err);
}

bool keyring_settle(struct keyring *ring, struct error *err)
{
	for (size_t i = 1; i < ring->file_count; i++) {
		AUTO(text) char *old = xasprintf("%s.%s", ring->file, ring->keys[i].id);
		if (!write_keys(old, &ring->keys[i], 1, err))
			return false;
		log_line(LOG_INFO, "the old key is in %s now: backups from before open with it", old);
	}
	return ring->file_count < 2 || replace_file(ring, 1, err);
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
