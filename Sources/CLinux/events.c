#define _GNU_SOURCE
#include "clinux_events.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

int newsrpc_accept(int listener, struct sockaddr *peer, socklen_t *peer_size) {
    return accept4(listener, peer, peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int newsrpc_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int newsrpc_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC); }

int newsrpc_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count;
    do {
        count = read(descriptor, &info, sizeof info);
    } while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof info) return (int)info.ssi_signo;
    return count < 0 && errno != EAGAIN ? -1 : 0;
}

int newsrpc_processor_count(void) {
    cpu_set_t set;
    // More than 1,024 processors do not fit the set and give EINVAL; the count of the machine is right then.
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

void newsrpc_error_text(int code, char *text, size_t size) {
    // The GNU form may return a string of its own and leave `text` alone.
    const char *found = strerror_r(code, text, size);
    if (found != text) snprintf(text, size, "%s", found);
}
