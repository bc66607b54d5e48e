// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor where it can.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C of `count` bytes, continuing from `crc` (0 at the start).
uint32_t newsrpc_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by table, on any processor. For the tests that compare the two.
uint32_t newsrpc_crc32c_portable(uint32_t crc, const void *bytes, size_t count);
