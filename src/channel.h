/* How a process that waits is reached from others of the same user: a Unix socket in the data folder, 0600.  Messages
 * go both ways; one is four bytes of its size, little-endian, and then JSON, or a picture of the live view, which
 * does not begin with '{'.
 *
 * The process that waits has the channel; whoever answers is a peer of it: the server, or gabbai otp submit. */
#ifndef SRC_CHANNEL_H
#define SRC_CHANNEL_H

#include "cdp/base/buf.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct error;

enum {
	CHANNEL_MESSAGE_MAX = 4 << 20, /* a picture of a large page is 1 MB */
	CHANNEL_PEERS_MAX = 8,
};

/* Listens at NAME among the data; NULL: any.  NULL with ERR_SYSTEM. */
struct channel *channel_open_at(const char *name, struct error *err);
static inline struct channel *channel_open(struct error *err)
{
	return channel_open_at(NULL, err);
}
void channel_close(struct channel *channel); /* NULL: nothing */

static inline void auto_channel(struct channel **channel)
{
	channel_close(*channel);
}

/* For others to find it: a path, as the table otp_requests has it. */
const char *channel_path(const struct channel *channel);

/* Readable when channel_next() has something to do. */
int channel_fd(const struct channel *channel);

/* The next JSON message, owned by the caller, and the number of its *PEER; NULL: none now.  Never waits. */
cJSON *channel_next(struct channel *channel, int *peer);

/* Whether the peer is still there. */
bool channel_has(const struct channel *channel, int peer);

/* Lets a peer go: it learns from the store what became of its question. */
void channel_hang_up(struct channel *channel, int peer);

/* Sends to a peer.  False: it is gone, or so slow that it was let go. */
bool channel_send(struct channel *channel, int peer, const void *data, size_t size);
bool channel_send_json(struct channel *channel, int peer, const cJSON *json);

/* ---- the peer ---- */

/* Connects to the channel at PATH: a descriptor that does not block, -1 with ERR_CLOSED when nobody is there. */
int channel_connect(const char *path, struct error *err);

/* Frames a message for the socket. */
void channel_frame(struct buf *out, const void *data, size_t size);

/* The first message of what has come, taken out of IN; false: it is not all there.  *BROKEN: no message will come. */
bool channel_unframe(struct buf *in, struct buf *message, bool *broken);

/* Asks and waits for the answer. */
cJSON *channel_ask(const char *path, const cJSON *question, int timeout_ms, struct error *err);

#endif
