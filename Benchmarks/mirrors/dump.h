// What prepare.py has asked a real server and heard from it: two files of gRPC messages, each behind its 5-byte prefix,
// the n-th reply to the n-th request.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t count;
} Bytes;

typedef struct {
    uint8_t *bytes;
    size_t count, next;
} Dump;

static inline void stop(const char *what, const char *why) {
    fprintf(stderr, "mirror: %s: %s\n", what, why);
    exit(1);
}

static inline Dump dump_open(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) stop(path, "cannot be opened");
    fseek(file, 0, SEEK_END);
    Dump dump = {NULL, (size_t)ftell(file), 0};
    rewind(file);
    dump.bytes = malloc(dump.count + 1);
    if (fread(dump.bytes, 1, dump.count, file) != dump.count) stop(path, "cannot be read");
    fclose(file);
    return dump;
}

// The next message without its prefix; 0 at the end. The bytes stay where they are.
static inline int dump_next(Dump *dump, Bytes *message) {
    if (dump->next + 5 > dump->count) return 0;
    const uint8_t *prefix = dump->bytes + dump->next;
    size_t count = (size_t)prefix[1] << 24 | prefix[2] << 16 | prefix[3] << 8 | prefix[4];
    if (dump->next + 5 + count > dump->count) stop("dump", "ends inside of a message");
    *message = (Bytes){prefix + 5, count};
    dump->next += 5 + count;
    return 1;
}
