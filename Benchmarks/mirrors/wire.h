// Protobuf as it goes on the wire, as much of it as the LMDB mirror needs beside protobuf-c: it takes replies apart
// when it loads them, and puts further fields behind stored bytes when it answers.
#pragma once
#include "dump.h"

typedef struct {
    const uint8_t *start;    // of the tag
    uint32_t number, type;   // 0 varint, 2 length-delimited
    uint64_t value;          // of a varint
    Bytes bytes;             // of a length-delimited field
} Field;

static inline uint64_t varint_read(Bytes *rest) {
    uint64_t value = 0;
    for (int shift = 0; rest->count && shift < 64; shift += 7) {
        uint8_t byte = *rest->bytes;
        rest->bytes++, rest->count--;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return value;
    }
    stop("dump", "a number without an end");
    return 0;
}

// Takes the next field off `rest`; 0 at the end.
static inline int field_read(Bytes *rest, Field *field) {
    if (!rest->count) return 0;
    field->start = rest->bytes;
    uint64_t tag = varint_read(rest);
    field->number = (uint32_t)(tag >> 3);
    field->type = tag & 7;
    field->value = varint_read(rest);
    field->bytes = (Bytes){rest->bytes, 0};
    if (field->type == 0) return 1;
    if (field->type != 2 || field->value > rest->count) stop("dump", "a field of an unknown kind");
    field->bytes.count = (size_t)field->value;
    rest->bytes += field->value, rest->count -= field->value;
    return 1;
}

static inline uint8_t *varint_put(uint8_t *at, uint64_t value) {
    for (; value > 127; value >>= 7) *at++ = (uint8_t)(value | 128);
    *at++ = (uint8_t)value;
    return at;
}

static inline uint8_t *number_put(uint8_t *at, uint32_t number, uint64_t value) {
    return varint_put(varint_put(at, number << 3), value);
}

static inline uint8_t *bytes_put(uint8_t *at, uint32_t number, const void *bytes, size_t count) {
    at = varint_put(varint_put(at, number << 3 | 2), count);
    memcpy(at, bytes, count);
    return at + count;
}
