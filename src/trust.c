#include "src/trust.h"

#include "cdp/base/auto.h"
#include "cdp/base/buf.h"
#include "cdp/base/error.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

AUTO_KIND(x509, X509 *, X509_free);

static bool append_key(const X509 *cert, struct buf *out)
{
	unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
	unsigned digest_size = 0;
	const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	const bool ok = size > 0 && EVP_Digest(der, (size_t)size, digest, &digest_size, EVP_sha256(), NULL);

	OPENSSL_free(der);
	if (!ok)
		return false;
	EVP_EncodeBlock(text, digest, (int)digest_size);
	return buf_printf(out, "%s%s", out->size ? "," : "", (const char *)text);
}

char *trust_keys(const char *path, struct error *err)
{
	AUTO(file) FILE *f = fopen(path, "re");
	AUTO(buf) struct buf keys = { 0 };

	if (!f)
		return fail(err, ERR_INPUT, "--cacert %s: %s", path, strerror(errno)), NULL;
	for (;;) {
		AUTO(x509) X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
		if (!cert || !append_key(cert, &keys))
			break;
	}
	if (!keys.size)
		return fail(err, ERR_INPUT, "--cacert %s: no certificate in PEM form in it", path), NULL;
	return buf_take(&keys);
}
