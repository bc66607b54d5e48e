#pragma once

// Names the calling thread. At most 15 bytes and a NUL (pthread_setname_np(3)); returns 0 or an errno.
int newsrpc_name_this_thread(const char *name);

// Major faults of the calling thread: times it waited for a page that had to come from the disk (getrusage(2)).
long newsrpc_major_faults(void);
