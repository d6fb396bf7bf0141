/* The server's event streams (text/event-stream, WHATWG HTML §9.2): what the table run_events says, from an id on. */
#ifndef SRC_STREAM_H
#define SRC_STREAM_H

#include "cdp/base/buf.h"
#include "cdp/base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct events_feed;
struct store;
struct stream;

/* The last events in memory, for streams that are up to date. */
struct events_feed *feed_open(struct store *store);
void feed_close(struct events_feed *feed);
/* Reads what is new.  EACH (may be NULL) is told of it.  False: nothing was. */
bool feed_read(struct events_feed *feed, void (*each)(void *owner, int64_t run, const char *name, const cJSON *data),
	void *owner);
int64_t feed_last(const struct events_feed *feed);

struct stream_opts {
	int64_t from;          /* the last id that is known already; -1: only what comes from now on */
	int64_t run;           /* of this run only; 0: of all */
	bool questions;        /* only what that run asks */
	cJSON *snapshot;       /* taken, said first; NULL: none */
	bool as_run_stream;    /* in the words of run-stream: progress, complete, error; ends with the run */
};

struct stream *stream_new(struct events_feed *feed, const struct stream_opts *opts);
void stream_free(struct stream *stream);
/* A stream of a run that has not begun: it says nothing until it is known. */
void stream_set_run(struct stream *stream, int64_t run);
/* Ends a run-stream whose run never began. */
void stream_fail(struct stream *stream, const char *type, const char *message);

/* Appends to OUT what there is to say, about 64 KB at most.  False: that was all, the stream is over. */
bool stream_say(struct stream *stream, struct buf *out);
/* Nothing was said for a while: a comment, so that proxies keep the connection. */
void stream_ping(struct stream *stream, struct buf *out);

#endif
