/* A websocket to a site (RFC 6455), as a page's: with the cookies of a client, over libcurl's connection.  Texts only. */
#ifndef SCRAPERS_SOCKET_H
#define SCRAPERS_SOCKET_H

#include "cdp/base/auto.h"
#include "cdp/base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct error;
struct fetch_network;
struct socket;

enum { SOCKET_TEXT_MAX = 1 << 20 };

/* Opens URL ("wss://…", "ws://…") as a page of ORIGIN.  ERR_NETWORK, ERR_HTTP: it is no websocket; ERR_INPUT. */
struct socket *socket_open(const struct fetch_network *network, struct client *client, const char *url, const char *origin,
	struct deadline until, struct error *err);
void socket_free(struct socket *socket);
AUTO_KIND(socket, struct socket *, socket_free);

bool socket_send(struct socket *socket, const char *text, struct deadline until, struct error *err);

/* The next text, owned by the caller; pings are answered.  ERR_TIMEOUT, ERR_CLOSED, ERR_LIMIT. */
char *socket_receive(struct socket *socket, struct deadline until, struct error *err);

#endif
