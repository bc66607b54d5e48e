#pragma once
#include <stddef.h>

// Blocks of `size` bytes and more come from the system and go back to it at once; free memory at the end of a heap goes
// back beyond `kept` bytes (mallopt(3)). Does nothing without glibc.
void newsrpc_give_back_blocks(size_t size, size_t kept);

/// Gives the system all pages of the heaps that are free.
void newsrpc_give_back_free(void);
