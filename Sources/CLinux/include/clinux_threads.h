#pragma once
#include <stdint.h>

// Names the calling thread. At most 15 bytes and a NUL (pthread_setname_np(3)); returns 0 or an errno.
int newsrpc_name_this_thread(const char *name);

// Major faults of the calling thread: times it waited for a page that had to come from the disk (getrusage(2)).
long newsrpc_major_faults(void);

// Asks for time slices of this length for the calling thread, if it has the usual policy: once woken, it then runs
// before threads whose slices are longer (sched_setattr(2), from Linux 6.12 on; before that it changes nothing).
void newsrpc_ask_for_slices(uint64_t nanoseconds);
