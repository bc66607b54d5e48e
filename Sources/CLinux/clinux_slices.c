// Apart from the other functions of threads: older versions of this header and glibc's sched.h both have sched_param.
#define _GNU_SOURCE
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clinux_threads.h"

enum { USUAL_POLICY = 0 };  // SCHED_OTHER

void newsrpc_ask_for_slices(uint64_t nanoseconds) {
    struct sched_attr attributes = {.size = sizeof attributes};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
    if (attributes.sched_policy != USUAL_POLICY) return;
    attributes.sched_runtime = nanoseconds;
    syscall(SYS_sched_setattr, 0, &attributes, 0);
}
