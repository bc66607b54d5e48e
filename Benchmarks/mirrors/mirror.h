// What the two mirrors share: an HTTP/2 server over nghttp2 that is written as newsrpc's is, in C. A mirror keeps its
// data in one way or another and says how a request is answered; its distance to newsrpc is what Swift, and everything
// that a product has and a mirror has not, cost together.
//
// No limits, no timeouts, no errors but the most needed: programs for measuring, not servers.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum Method { GET_ARTICLE = 1, LIST_ARTICLES = 2 };

// A reply message behind its 5-byte prefix. Valid until the turn ends.
typedef struct {
    const uint8_t *bytes;
    size_t count;
} Reply;

// To be defined by a mirror.
void store_open(int argument_count, char **arguments);
int store_answer(enum Method method, const uint8_t *message, size_t count, Reply *reply);  // a grpc-status, 0 is OK
void store_turn_ended(void);

// Room for a reply of at most `most` bytes besides its prefix. `reply_end` gives it its prefix and its real length.
uint8_t *reply_begin(size_t most);
Reply reply_end(uint8_t *start, size_t count);

// Where protobuf-c puts what it decodes; forgotten with each request.
extern struct ProtobufCAllocator message_allocator;
void message_reset(void);
