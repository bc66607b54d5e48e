#define _GNU_SOURCE
#include "clinux_threads.h"

#include <pthread.h>

int newsrpc_name_this_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }
