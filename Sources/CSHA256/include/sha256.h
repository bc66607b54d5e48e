#ifndef NEWSRPC_SHA256_H
#define NEWSRPC_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// SHA-256 over `count` blocks of 64 bytes at `text`, then `last_count` at `last`, which hold the padding. The eight
// words of the hash go to `state`. False, and nothing done, when the processor has no instructions for it.
bool newsrpc_sha256(uint32_t *state, const void *text, size_t count, const void *last, size_t last_count);

#endif
