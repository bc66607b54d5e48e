#pragma once
#include <stdint.h>

// Gives the first `size` bytes of a file their blocks on the disk, and leaves its length as it is (fallocate(2)).
// Returns 0 or an errno: ENOSPC when there is no room, EOPNOTSUPP where the file system cannot.
int newsrpc_reserve(int descriptor, int64_t size);
