#pragma once

// Names the calling thread. At most 15 bytes and a NUL (pthread_setname_np(3)); returns 0 or an errno.
int newsrpc_name_this_thread(const char *name);
