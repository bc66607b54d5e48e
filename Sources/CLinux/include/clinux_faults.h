#pragma once

// Notes which mapped file a fatal signal was about, so that the next start of the process knows.
//
// From newsrpc_note_faults on, a SIGSEGV or SIGBUS at an address that lies in the mapping of a file whose name ends
// with `suffix` appends the file's path and a line feed to `descriptor`; then the signal takes its course, as it would
// have without. At most one file is noted. `descriptor` -1 ends it. `suffix` has at most 63 bytes. Returns 0, or -1 and
// errno.
int newsrpc_note_faults(int descriptor, const char *suffix);

// The path that this thread is working on, for faults at addresses that lie in no file: a null pointer, or a copy of a
// page on the heap. Thread-local, so that setting it costs two moves.
extern _Thread_local const char *volatile newsrpc_file_in_use;

// `path` must stay where it is until the next call; NULL: none. Returns what it was before.
static inline const char *newsrpc_set_file_in_use(const char *path) {
    const char *earlier = newsrpc_file_in_use;
    newsrpc_file_in_use = path;
    return earlier;
}

// Notes `path` as a fault does, for failed assertions of a library. The caller ends the process.
void newsrpc_note_fault(const char *path);
