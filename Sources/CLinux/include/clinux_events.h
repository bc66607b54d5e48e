#pragma once
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

// Each returns a descriptor that is non-blocking and closed on exec, or -1 and errno.
int newsrpc_accept(int listener, struct sockaddr *peer, socklen_t *peer_size);
int newsrpc_eventfd(void);
int newsrpc_signalfd(const sigset_t *signals);

// The number of the next signal that waits at `descriptor`, 0 when none does, -1 and errno.
int newsrpc_next_signal(int descriptor);

// Processors that this process may run on (sched_getaffinity(2)); at least 1.
int newsrpc_processor_count(void);

// strerror_r as POSIX has it: the name of `code` in `text`, always with a NUL.
void newsrpc_error_text(int code, char *text, size_t size);
