// Tells the thread sanitizer what Swift's Mutex does when threads meet.
//
// A Mutex that is free is taken by an atomic exchange in the code that uses it, which is instrumented. One that is
// taken is waited for, and handed on, inside libswiftSynchronization, which is not: the sanitizer would see the next
// owner follow nobody, and report what the lock protects. The two functions here stand before the library's
// (LD_PRELOAD by scripts/sanitize.sh), call them, and say what they did. Other programs are not changed.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The sanitizer's, where the program has it.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

// Of Synchronization._MutexHandle, whose address comes in the register of `self`.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void lock_function(uint32_t thread, __attribute__((swift_context)) void *handle);
typedef __attribute__((swiftcall)) void unlock_function(__attribute__((swift_context)) void *handle);

static void *next(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

__attribute__((swiftcall)) void lock(uint32_t thread, __attribute__((swift_context)) void *handle) __asm__(LOCK);
__attribute__((swiftcall)) void unlock(__attribute__((swift_context)) void *handle) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock(uint32_t thread, __attribute__((swift_context)) void *handle) {
    static lock_function *real;
    lock_function *function = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!function) {
        function = (lock_function *)next(LOCK);
        __atomic_store_n(&real, function, __ATOMIC_RELAXED);
    }
    function(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

__attribute__((swiftcall)) void unlock(__attribute__((swift_context)) void *handle) {
    static unlock_function *real;
    unlock_function *function = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!function) {
        function = (unlock_function *)next(UNLOCK);
        __atomic_store_n(&real, function, __ATOMIC_RELAXED);
    }
    if (__tsan_release) __tsan_release(handle);
    function(handle);
}
