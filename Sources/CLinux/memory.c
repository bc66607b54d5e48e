#include "clinux_memory.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

void newsrpc_give_back_blocks(size_t size, size_t kept) {
    mallopt(M_MMAP_THRESHOLD, (int)size);
    mallopt(M_TRIM_THRESHOLD, (int)kept);
}

void newsrpc_give_back_free(void) { malloc_trim(0); }
#else
void newsrpc_give_back_blocks(size_t size, size_t kept) {
    (void)size;
    (void)kept;
}

void newsrpc_give_back_free(void) {}
#endif
