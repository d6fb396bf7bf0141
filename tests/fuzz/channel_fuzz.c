/* What another process sends through a channel: messages come out whole, in order, or none. */
#include "tests/fuzz/target.h"

#include "src/channel.h"

#include <assert.h>
#include <string.h>

void fuzz_channel(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf in = { 0 }, framed = { 0 };
	bool broken = false;

	if (size > CHANNEL_MESSAGE_MAX)
		return;
	buf_append(&in, data, size);
	for (;;) {
		AUTO(buf) struct buf message = { 0 };
		const size_t before = in.size;
		if (!channel_unframe(&in, &message, &broken))
			break;
		assert(!broken && in.size + message.size < before && message.size <= CHANNEL_MESSAGE_MAX);
	}
	channel_frame(&framed, data, size);
	AUTO(buf) struct buf same = { 0 };
	const bool whole = channel_unframe(&framed, &same, &broken);
	assert(!whole || (same.size == size && (!size || !memcmp(same.data, data, size))));
}

FUZZ_TARGET(fuzz_channel)
