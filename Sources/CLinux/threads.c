#define _GNU_SOURCE
#include "clinux_threads.h"

#include <pthread.h>
#include <sys/resource.h>

int newsrpc_name_this_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

long newsrpc_major_faults(void) {
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_majflt : 0;
}
