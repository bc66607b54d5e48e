// The floor: every request that will come is in a hash table beside its reply, as it goes on the wire. What this costs
// is the sockets, nghttp2, decoding the request, and one copy.
//
//   memory PORT REQUESTS REPLIES [REQUESTS REPLIES ...]
#include "dump.h"
#include "mirror.h"

#include <news/v1/news_service.pb-c.h>

typedef struct {
    uint64_t hash;
    Bytes request;
    uint8_t *reply;  // with its prefix
    size_t reply_count;
} Slot;

enum { SLOT_COUNT = 1 << 16 };
static Slot slots[SLOT_COUNT];

static uint64_t hash(const uint8_t *bytes, size_t count) {
    uint64_t value = 0x9E3779B97F4A7C15ull ^ count;
    for (size_t i = 0; i < count; i++) value = (value ^ bytes[i]) * 0xD6E8FEB86659FD93ull;
    return value ^ value >> 29;
}

static Slot *find(const uint8_t *bytes, size_t count) {
    uint64_t value = hash(bytes, count);
    for (size_t i = value % SLOT_COUNT;; i = (i + 1) % SLOT_COUNT) {
        Slot *slot = slots + i;
        if (!slot->reply) return slot->hash = value, slot;
        if (slot->hash != value || slot->request.count != count) continue;
        if (!memcmp(slot->request.bytes, bytes, count)) return slot;
    }
}

void store_open(int argument_count, char **arguments) {
    size_t total = 0;
    for (int i = 0; i + 1 < argument_count; i += 2) {
        Dump requests = dump_open(arguments[i]), replies = dump_open(arguments[i + 1]);
        Bytes request, reply;
        while (dump_next(&requests, &request) && dump_next(&replies, &reply)) {
            if (++total > SLOT_COUNT / 2) stop(arguments[i], "has more requests than fit");
            Slot *slot = find(request.bytes, request.count);
            slot->request = request;
            slot->reply = (uint8_t *)reply.bytes - 5;  // The prefix stands before it in the file.
            slot->reply_count = reply.count + 5;
        }
    }
}

int store_answer(enum Method method, const uint8_t *message, size_t count, Reply *reply) {
    // Decoded as newsrpc has to, though the table asks for the bytes alone.
    message_reset();
    const ProtobufCMessageDescriptor *descriptor = method == GET_ARTICLE ? &news__v1__get_article_request__descriptor
                                                                         : &news__v1__list_articles_request__descriptor;
    if (!protobuf_c_message_unpack(descriptor, &message_allocator, count, message)) return 13;
    Slot *slot = find(message, count);
    if (!slot->reply) return 5;
    *reply = (Reply){slot->reply, slot->reply_count};
    return 0;
}

void store_turn_ended(void) {}
