/* An e-mail by SMTP (RFC 5321), over libcurl. */
#ifndef SRC_MAIL_H
#define SRC_MAIL_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct fetch_network;
struct secret;

struct mail {
	const char *server;   /* "smtps://me@smtp.example.org:465", "smtp://127.0.0.1:2525" */
	const struct secret *password; /* NULL: none */
	const char *from, *to;
	const char *subject, *text;
	const char *name, *type, *attached; /* one file; ATTACHED NULL: none */
	size_t attached_size;
};

/* Sends it.  smtp:// to another machine is only used when it can be made secret (STARTTLS).  ERR_NETWORK, ERR_INPUT. */
bool mail_send(const struct fetch_network *network, const struct mail *mail, struct error *err);

#endif
