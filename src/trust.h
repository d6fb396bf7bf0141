/* Certificates that a test site brings along (--cacert), as Chromium wants them told. */
#ifndef SRC_TRUST_H
#define SRC_TRUST_H

struct error;

/* The SHA-256 of each certificate's public key in the PEM file PATH, in Base64 with commas between: what
 * Chromium's --ignore-certificate-errors-spki-list takes.  Owned by the caller.  ERR_INPUT. */
char *trust_keys(const char *path, struct error *err);

#endif
