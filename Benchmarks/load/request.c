// Request headers as a gRPC client in steady state sends them: literals with indexing on the first request of a
// connection, six indexed bytes after that. No Huffman coding.
#include "blast.h"

#include <string.h>

typedef struct {
    int static_index;  // of the name, in HPACK's static table (RFC 7541, Appendix A); 0: a name of our own
    const char *name, *value;
} HeaderField;

enum { FIELD_MAX = 6, FIRST_DYNAMIC = 62 };

static uint8_t first_block[REQUEST_BLOCK_MAX], indexed_block[64], literal_block[REQUEST_BLOCK_MAX];
static size_t first_count, indexed_count, literal_count, table_needed;

static uint8_t *put_integer(uint8_t *at, int pattern, int bits, uint32_t value) {
    uint32_t most = (1u << bits) - 1;
    if (value < most) {
        *at++ = pattern | value;
        return at;
    }
    *at++ = pattern | most;
    for (value -= most; value > 127; value >>= 7) *at++ = 128 | (value & 127);
    *at++ = value;
    return at;
}

static uint8_t *put_text(uint8_t *at, const char *text) {
    size_t count = strlen(text);
    at = put_integer(at, 0, 7, count);
    memcpy(at, text, count);
    return at + count;
}

static uint8_t *put_literal(uint8_t *at, const HeaderField *field, int with_indexing) {
    at = put_integer(at, with_indexing ? 0x40 : 0, with_indexing ? 6 : 4, field->static_index);
    if (!field->static_index) at = put_text(at, field->name);
    return put_text(at, field->value);
}

static uint8_t *put_method_and_scheme(uint8_t *at) {
    *at++ = 0x83;  // :method POST
    *at++ = 0x86;  // :scheme http
    return at;
}

void request_prepare(const char *path, const char *authority, const char *authorization) {
    const HeaderField fields[FIELD_MAX] = {
        {4, ":path", path},
        {1, ":authority", authority},
        {31, "content-type", "application/grpc"},
        {0, "te", "trailers"},
        {58, "user-agent", "blast"},
        {23, "authorization", authorization},
    };
    const int field_count = authorization ? FIELD_MAX : FIELD_MAX - 1;
    size_t total = 0;
    for (int i = 0; i < field_count; i++) total += strlen(fields[i].name) + strlen(fields[i].value) + 16;
    if (total > REQUEST_BLOCK_MAX) fail(2, NULL, 0, "request headers too long");
    table_needed = total + 16 * field_count;  // RFC 7541, 4.1: 32 bytes for each entry
    uint8_t *first = put_method_and_scheme(first_block), *literal = put_method_and_scheme(literal_block);
    uint8_t *indexed = put_method_and_scheme(indexed_block);
    for (int i = 0; i < field_count; i++) {
        first = put_literal(first, fields + i, 1);
        literal = put_literal(literal, fields + i, 0);
        *indexed++ = 0x80 | (FIRST_DYNAMIC + field_count - 1 - i);  // The newest entry comes first.
    }
    first_count = first - first_block, literal_count = literal - literal_block, indexed_count = indexed - indexed_block;
}

uint8_t *request_put(uint8_t *at, Connection *connection) {
    int fits = connection->table_size >= (int64_t)table_needed;
    if (connection->is_first && connection->table_size < 4096) {
        at = put_integer(at, 0x20, 5, connection->table_size);  // dynamic table size update
    }
    const uint8_t *block = !fits ? literal_block : connection->is_first ? first_block : indexed_block;
    size_t count = !fits ? literal_count : connection->is_first ? first_count : indexed_count;
    connection->is_first = 0;
    memcpy(at, block, count);
    return at + count;
}
