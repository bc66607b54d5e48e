#define _GNU_SOURCE
#include "clinux_faults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Only functions that signal-safety(7) lists are called from the handler, and those of <string.h> that take counts.

static atomic_int noted_descriptor = -1;
static char noted_suffix[64];
_Thread_local const char *volatile newsrpc_file_in_use;

static const int signals[] = {SIGSEGV, SIGBUS};
static struct sigaction previous[2];

static size_t length(const char *text) {
    size_t count = 0;
    while (text[count] != 0) count++;
    return count;
}

void newsrpc_note_fault(const char *path) {
    // The first fault is the cause of the others.
    int descriptor = atomic_exchange(&noted_descriptor, -1);
    if (descriptor < 0 || path == NULL) return;
    char line[PATH_MAX + 1];
    size_t count = length(path);
    if (count > PATH_MAX) return;
    memcpy(line, path, count);
    line[count] = '\n';
    // Nothing can be done about a failure: the process ends.
    ssize_t written = write(descriptor, line, count + 1);
    (void)written;
    fsync(descriptor);
}

static int has_suffix(const char *text, const char *suffix) {
    size_t count = length(text), end = length(suffix);
    return count >= end && memcmp(text + count - end, suffix, end) == 0;
}

// Finds the file that is mapped at an address: a line of /proc/self/maps is
// "7f1c00000000-7f1c00400000 r--s 00000000 fe:01 1234        /data/shards/2026-02/data.mdb".
static int find_mapped(uintptr_t address, char *path, size_t room) {
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (maps < 0) return 0;
    char buffer[4096];
    uintptr_t bounds[2] = {0, 0};
    int part = 0;  // 0, 1: the bounds; 2: up to the path; 3: the path
    size_t count = 0;
    int found = 0;
    for (;;) {
        ssize_t got = read(maps, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        for (ssize_t index = 0; index < got && !found; index++) {
            char byte = buffer[index];
            if (byte == '\n') {
                if (part == 3 && bounds[0] <= address && address < bounds[1]) found = 1;
                if (found) break;
                part = 0;
                count = 0;
                bounds[0] = bounds[1] = 0;
            } else if (part < 2) {
                if (byte == '-' || byte == ' ') {
                    part++;
                } else {
                    bounds[part] = bounds[part] << 4 | (uintptr_t)(byte <= '9' ? byte - '0' : byte - 'a' + 10);
                }
            } else if (part == 2 && byte == '/') {
                part = 3;
                path[count++] = byte;
            } else if (part == 3 && count + 1 < room) {
                path[count++] = byte;
            }
        }
        if (found) break;
    }
    close(maps);
    path[count] = 0;
    return found;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    static atomic_int is_running;
    if (atomic_exchange(&is_running, 1)) {
        // Another thread is noting its own: it must not be ended before it has.
        struct timespec second = {1, 0};
        nanosleep(&second, NULL);
    }
    char path[PATH_MAX];
    if (find_mapped((uintptr_t)info->si_addr, path, sizeof path) && has_suffix(path, noted_suffix)) {
        newsrpc_note_fault(path);
    } else {
        newsrpc_note_fault(newsrpc_file_in_use);
    }
    errno = error;
    // The instruction faults again, this time into whatever was there before. A signal that was sent is sent again.
    sigaction(signal, &previous[signal == SIGBUS], NULL);
    if (info->si_code <= 0) raise(signal);
}

int newsrpc_note_faults(int descriptor, const char *suffix) {
    static atomic_int is_installed;
    size_t count = length(suffix);
    if (count >= sizeof noted_suffix) {
        errno = EINVAL;
        return -1;
    }
    if (descriptor >= 0) memcpy(noted_suffix, suffix, count + 1);
    atomic_store(&noted_descriptor, descriptor);
    if (descriptor < 0 || atomic_exchange(&is_installed, 1)) return 0;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    // A fault in the handler itself ends the process, as its signal is blocked.
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < 2; index++) sigaddset(&action.sa_mask, signals[index]);
    for (int index = 0; index < 2; index++) {
        if (sigaction(signals[index], &action, &previous[index]) != 0) return -1;
    }
    return 0;
}
