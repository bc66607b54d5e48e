// Makes the n-th write, flush or change of a name of a store's file fail, or ends the process there. For LD_PRELOAD:
//
//   NEWSRPC_FAULT_AT      which call, from 1
//   NEWSRPC_FAULT_ACTION  "kill": SIGKILL before the call; "torn": SIGKILL after half of a write; else the errno that
//                         it fails with
//   NEWSRPC_FAULT_KIND    "write", "sync", "name", "any" (a write or a flush, also when left out) or "all"
//   NEWSRPC_FAULT_MARK    a file that is made when the call came
//   NEWSRPC_FAULT_FILE    what the path begins with of files that count; in place of those named data.mdb
//
// Counted are calls on files named data.mdb, unless said otherwise. A failed write writes nothing; a failed flush
// flushes nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC = 2, NAME = 3 };

static atomic_long call_count;

static int is_store_path(const char *path) {
    const char *wanted = getenv("NEWSRPC_FAULT_FILE");
    if (wanted != NULL) return strncmp(path, wanted, strlen(wanted)) == 0;
    // lock.mdb is no part of what is stored.
    size_t count = strlen(path);
    return count >= 9 && strcmp(path + count - 9, "/data.mdb") == 0;
}

static int is_store_file(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return is_store_path(path);
}

// Returns 0 when the call is to go on, else its errno; -1 for half a write. The file is told by its descriptor, or by
// its path where that is not NULL.
static int fault(enum kind kind, int descriptor, const char *path) {
    static const char *at, *action, *wanted;
    if (at == NULL) {
        at = getenv("NEWSRPC_FAULT_AT");
        action = getenv("NEWSRPC_FAULT_ACTION");
        wanted = getenv("NEWSRPC_FAULT_KIND");
    }
    if (at == NULL || action == NULL) return 0;
    if (wanted != NULL && strcmp(wanted, "write") == 0 && kind != WRITE) return 0;
    if (wanted != NULL && strcmp(wanted, "sync") == 0 && kind != SYNC) return 0;
    if (wanted != NULL && strcmp(wanted, "name") == 0 && kind != NAME) return 0;
    if ((wanted == NULL || strcmp(wanted, "any") == 0) && kind == NAME) return 0;
    if (path != NULL ? !is_store_path(path) : !is_store_file(descriptor)) return 0;
    if (atomic_fetch_add(&call_count, 1) + 1 != atol(at)) return 0;
    const char *mark = getenv("NEWSRPC_FAULT_MARK");
    if (mark != NULL) close(open(mark, O_CREAT | O_WRONLY, 0644));
    if (strcmp(action, "kill") == 0) kill(getpid(), SIGKILL);
    if (strcmp(action, "torn") == 0) {
        if (kind == WRITE) return -1;
        kill(getpid(), SIGKILL);
    }
    return atoi(action);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static ssize_t torn(int descriptor, const void *bytes, size_t count, off_t offset) {
    ssize_t written = NEXT(pwrite)(descriptor, bytes, count / 2, offset);
    kill(getpid(), SIGKILL);
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    int error = fault(WRITE, descriptor, NULL);
    if (error < 0) return torn(descriptor, bytes, count, offset);
    if (error > 0) return errno = error, -1;
    return NEXT(pwrite)(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    int error = fault(WRITE, descriptor, NULL);
    if (error < 0) return torn(descriptor, parts[0].iov_base, parts[0].iov_len, offset);
    if (error > 0) return errno = error, -1;
    return NEXT(pwritev)(descriptor, parts, count, offset);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off_t offset) {
    return pwritev(descriptor, parts, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    int error = fault(WRITE, descriptor, NULL);
    if (error < 0) {
        NEXT(write)(descriptor, parts[0].iov_base, parts[0].iov_len / 2);
        kill(getpid(), SIGKILL);
    }
    if (error > 0) return errno = error, -1;
    return NEXT(writev)(descriptor, parts, count);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    int error = fault(WRITE, descriptor, NULL);
    if (error < 0) {
        NEXT(write)(descriptor, bytes, count / 2);
        kill(getpid(), SIGKILL);
    }
    if (error > 0) return errno = error, -1;
    return NEXT(write)(descriptor, bytes, count);
}

int fdatasync(int descriptor) {
    int error = fault(SYNC, descriptor, NULL);
    if (error > 0) return errno = error, -1;
    return NEXT(fdatasync)(descriptor);
}

int fsync(int descriptor) {
    int error = fault(SYNC, descriptor, NULL);
    if (error > 0) return errno = error, -1;
    return NEXT(fsync)(descriptor);
}

int rename(const char *from, const char *to) {
    int error = fault(NAME, -1, to);
    if (error > 0) return errno = error, -1;
    return NEXT(rename)(from, to);
}

int link(const char *from, const char *to) {
    int error = fault(NAME, -1, to);
    if (error > 0) return errno = error, -1;
    return NEXT(link)(from, to);
}

int unlink(const char *path) {
    int error = fault(NAME, -1, path);
    if (error > 0) return errno = error, -1;
    return NEXT(unlink)(path);
}

int remove(const char *path) {
    int error = fault(NAME, -1, path);
    if (error > 0) return errno = error, -1;
    return NEXT(remove)(path);
}

int rmdir(const char *path) {
    int error = fault(NAME, -1, path);
    if (error > 0) return errno = error, -1;
    return NEXT(rmdir)(path);
}

int mkdir(const char *path, mode_t mode) {
    int error = fault(NAME, -1, path);
    if (error > 0) return errno = error, -1;
    return NEXT(mkdir)(path, mode);
}
