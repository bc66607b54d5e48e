// Checks replies: status, content type, one whole message of the right length, trailers.
#include "blast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Stream *open_stream(Connection *connection, uint32_t id) {
    Stream *stream = connection->ring + ((id >> 1) & (STREAM_RING - 1));
    if (!id || stream->id != id) {
        fail(1, connection, id, "frame type %d on a stream that is not open", connection->type);
    }
    return stream;
}

// HPACK integer (RFC 7541, 5.1). NULL: the block ends inside of it.
static const uint8_t *integer_read(const uint8_t *at, const uint8_t *end, int bits, uint32_t *value) {
    if (at >= end) return NULL;
    uint32_t most = (1u << bits) - 1;
    *value = *at++ & most;
    if (*value < most) return at;
    for (int shift = 0; at < end && shift < 28; shift += 7) {
        uint8_t byte = *at++;
        *value += (uint32_t)(byte & 127) << shift;
        if (!(byte & 128)) return at;
    }
    return NULL;
}

// A block made only of indexed fields and of literals without indexing leaves the dynamic table as it is: the same
// bytes then mean the same headers until the next block that does change it. That makes checking cheap in steady state.
static int changes_table(const uint8_t *at, size_t count) {
    const uint8_t *end = at + count;
    uint32_t value;
    while (at && at < end) {
        if (*at & 0x80) {
            at = integer_read(at, end, 7, &value);
            continue;
        }
        if (*at & 0x60) return 1;  // with indexing, or a table size update
        at = integer_read(at, end, 4, &value);
        for (int text = at && value ? 1 : 0; at && text < 2; text++) {
            at = integer_read(at, end, 7, &value);
            if (!at || value > (size_t)(end - at)) return 1;
            at += value;
        }
    }
    return at == NULL;
}

static int is_named(const nghttp2_nv *field, const char *name) {
    return field->namelen == strlen(name) && !memcmp(field->name, name, field->namelen);
}

// The last grpc-message, to be shown when the status is not the one wanted.
static char grpc_message[256];

static void note(HeaderBlock *block, const nghttp2_nv *field) {
    char value[32];
    size_t count = field->valuelen < 31 ? field->valuelen : 31;
    memcpy(value, field->value, count);
    value[count] = 0;
    if (is_named(field, ":status")) block->status = atoi(value);
    else if (is_named(field, "grpc-status")) block->grpc_status = value[0] >= '0' && value[0] <= '9' ? atoi(value) : -2;
    else if (is_named(field, "content-type")) block->is_grpc = !strncmp(value, "application/grpc", 16);
    else if (is_named(field, "grpc-message"))
        snprintf(grpc_message, sizeof grpc_message, "%.*s", (int)field->valuelen, (const char *)field->value);
}

static HeaderBlock decode(Connection *connection, uint32_t id, const uint8_t *bytes, size_t count) {
    for (int i = 0; i < BLOCK_CACHE_COUNT; i++) {
        CachedBlock *cached = connection->cache + i;
        if (!count || cached->count != count || cached->generation != connection->generation) continue;
        if (!memcmp(cached->bytes, bytes, count)) return cached->block;
    }
    HeaderBlock block = {-1, -1, 0};
    const uint8_t *at = bytes;
    size_t left = count;
    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(connection->inflater, &field, &flags, at, left, 1);
        if (used < 0) fail(1, connection, id, "HPACK: %s", nghttp2_strerror((int)used));
        at += used, left -= used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT) note(&block, &field);
        if (flags & NGHTTP2_HD_INFLATE_FINAL) {
            nghttp2_hd_inflate_end_headers(connection->inflater);
            break;
        }
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && !left) break;
    }
    if (changes_table(bytes, count)) {
        connection->generation++;
    } else if (count <= BLOCK_CACHED_MAX) {
        CachedBlock *cached = connection->cache + connection->next_cached++ % BLOCK_CACHE_COUNT;
        cached->generation = connection->generation;
        cached->count = count;
        memcpy(cached->bytes, bytes, count);
        cached->block = block;
    }
    return block;
}

void reply_headers(Connection *connection, uint32_t id, int flags, const uint8_t *bytes, size_t count, uint64_t time) {
    Stream *stream = open_stream(connection, id);
    HeaderBlock block = decode(connection, id, bytes, count);
    if (stream->header_block_count++ == 0) {
        if (block.status != 200) fail(1, connection, id, ":status %d, want 200", block.status);
        if (!block.is_grpc) fail(1, connection, id, "content-type is not application/grpc");
        if (!(flags & END_STREAM)) return;
    } else if (!(flags & END_STREAM)) {
        fail(1, connection, id, "a second HEADERS without END_STREAM");
    }
    if (block.grpc_status != 0) {
        fail(1, connection, id, "grpc-status %d (-1: none), want 0: %s", block.grpc_status, grpc_message);
    }
    Message *message = run.messages + stream->message;
    if (stream->received < 5) fail(1, connection, id, "no message: %u bytes of DATA", stream->received);
    if (stream->received != (uint64_t)message->reply_count + 5) {
        fail(1, connection, id, "%u bytes of DATA, want 5 + %lld", stream->received, (long long)message->reply_count);
    }
    stream->id = 0;
    connection->in_flight--;
    run.latencies[run.done++] = time - stream->start;
}

// The prefix has arrived.
static void begin_message(Connection *connection, Stream *stream, Message *message) {
    int64_t count = read32(stream->prefix + 1);
    if (stream->prefix[0]) fail(1, connection, stream->id, "compressed message (flag %d)", stream->prefix[0]);
    if (message->reply_count < 0) message->reply_count = count;
    if (count != message->reply_count) {
        fail(1, connection, stream->id, "message of %lld bytes, want %lld", (long long)count,
             (long long)message->reply_count);
    }
    if (run.keeps_replies && !message->reply) message->reply = malloc(count + 1);
    run.message_bytes += count;
}

void reply_data(Connection *connection, const uint8_t *bytes, size_t count) {
    Stream *stream = open_stream(connection, connection->id);
    Message *message = run.messages + stream->message;
    if (!stream->header_block_count) fail(1, connection, stream->id, "DATA before HEADERS");
    while (stream->received < 5 && count) {
        stream->prefix[stream->received++] = *bytes++;
        count--;
        if (stream->received == 5) begin_message(connection, stream, message);
    }
    if (!count) return;
    size_t offset = stream->received - 5;
    if (offset + count > (uint64_t)message->reply_count) {
        fail(1, connection, stream->id, "more DATA than the message's %lld bytes", (long long)message->reply_count);
    }
    if (run.expected && memcmp(bytes, run.expected + offset, count)) {
        fail(1, connection, stream->id, "the message differs from -e between %zu and %zu", offset, offset + count);
    }
    if (message->reply) memcpy(message->reply + offset, bytes, count);
    stream->received += count;
}
