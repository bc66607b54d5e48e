// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor where it can.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C of `count` bytes, continuing from `crc` (0 at the start).
uint32_t newsrpc_crc32c(uint32_t crc, const void *bytes, size_t count);

/// CRC-32C over two pieces that lie apart, the first before the second.
uint32_t newsrpc_crc32c_joined(uint32_t crc, const void *first, size_t first_count, const void *second,
                               size_t second_count);

/// The same by table, on any processor. For the tests that compare the two.
uint32_t newsrpc_crc32c_portable(uint32_t crc, const void *bytes, size_t count);
