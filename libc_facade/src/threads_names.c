/* SPDX-License-Identifier: Apache-2.0
 *
 * <sched.h>, syscall, and the names that runtimes of other languages take for granted. Part of threads.c.
 */
/* Late in the sequence of pauses: the core goes to somebody else, and the lane does not sleep. */
#define HC_YIELD_ROUND 96u
HC_FN void hc_yield(void) {
    if (hc_is_over()) hc_leave();
    hc_relax(HC_YIELD_ROUND);
}
HC_EXPORT int sched_yield(void) {
    hc_yield();
    return 0;
}
HC_EXPORT int pthread_yield(void) {
    hc_yield();
    return 0;
}
HC_EXPORT int sched_get_priority_max(int policy) {
    if (policy == 0 || policy == 3 || policy == 5) return 0;
    return policy == 1 || policy == 2 ? 99 : (int)hc_posix(-HC_EINVAL);
}
HC_EXPORT int sched_get_priority_min(int policy) {
    if (policy == 0 || policy == 3 || policy == 5) return 0;
    return policy == 1 || policy == 2 ? 1 : (int)hc_posix(-HC_EINVAL);
}
HC_EXPORT int sched_getscheduler(int process) { return process < 0 ? (int)hc_posix(-HC_EINVAL) : 0; }
HC_EXPORT int sched_setscheduler(int process, int policy, const int *priority) {
    if (process < 0 || !priority || policy < 0 || policy > 2 || (policy == 0) != (*priority == 0)) return (int)hc_posix(-HC_EINVAL);
    return policy == 0 ? 0 : (int)hc_posix(-HC_EPERM);
}
HC_EXPORT int sched_getparam(int process, int *priority) {
    if (process < 0 || !priority) return (int)hc_posix(-HC_EINVAL);
    *priority = 0;
    return 0;
}
HC_EXPORT int sched_setparam(int process, const int *priority) {
    return process < 0 || !priority || *priority ? (int)hc_posix(-HC_EINVAL) : 0;
}
HC_EXPORT int sched_rr_get_interval(int process, hc_timespec_t *interval) {
    if (process < 0) return (int)hc_posix(-HC_EINVAL);
    interval->tv_sec = interval->tv_nsec = 0;
    return 0;
}

/* Processors are lanes: one for main and those of the pool. */
HC_FN hc_u32 hc_lanes_for_threads(void) { return hc_pool_size() + 1u; }
HC_FN int hc_affinity(hc_size size, hc_u8 *set) {
    hc_u32 n = hc_lanes_for_threads(), i;
    if (size == 0 || size % 8u) return HC_EINVAL;
    for (i = 0; i < size; i++) set[i] = 0;
    for (i = 0; i < n && i < 8u * size; i++) set[i / 8u] |= (hc_u8)(1u << i % 8u);
    return 0;
}
HC_EXPORT int sched_getaffinity(int process, size_t size, void *set) {
    return (int)hc_posix(process < 0 ? -HC_ESRCH : -hc_affinity(size, (hc_u8 *)set));
}
HC_EXPORT int sched_setaffinity(int process, size_t size, const void *set) {
    (void)process;
    (void)size;
    (void)set;
    return (int)hc_posix(-HC_ENOSYS);
}
HC_EXPORT int pthread_getaffinity_np(unsigned long thread, size_t size, void *set) {
    (void)thread;
    return hc_affinity(size, (hc_u8 *)set);
}
HC_EXPORT int pthread_setaffinity_np(unsigned long thread, size_t size, const void *set) {
    (void)thread;
    (void)size;
    (void)set;
    return HC_ENOSYS;
}
HC_EXPORT int __sched_cpucount(size_t size, const void *set) {
    size_t i;
    int n = 0;
    for (i = 0; i < 8u * size; i++) n += ((const hc_u8 *)set)[i / 8u] >> i % 8u & 1;
    return n;
}
HC_EXPORT int sched_getcpu(void) { return (int)((hc_u32)hc_thread_id() % hc_lanes_for_threads()); }

/* --------------------------------------------------------------------------------------------------------------- system calls */
#define HC_SYS_READ 0
#define HC_SYS_WRITE 1
#define HC_SYS_CLOSE 3
#define HC_SYS_SCHED_YIELD 24
#define HC_SYS_GETPID 39
#define HC_SYS_GETTID 186
#define HC_SYS_FUTEX 202
#define HC_SYS_GETRANDOM 318

/* Arguments are taken with the types that callers give them: on a GPU they lie one after another, each aligned to its size. */
#define HC_NEXT(type) HC_VA_ARG(given, type)
typedef void *hc_given_pointer;
HC_EXPORT hc_long syscall(hc_long number, HC_DOTS) {
    hc_long r = -1;
    HC_VA_LIST given;
    HC_DOTS_START(given, number);
    switch (number) {
    case HC_SYS_FUTEX: {
        hc_u32 *word = (hc_u32 *)HC_NEXT(hc_given_pointer);
        int operation = HC_NEXT(int);
        hc_u32 value = HC_NEXT(hc_u32), bits = 0;
        const hc_timespec_t *timeout = 0;
        if (!hc_futex_is_wake(operation)) timeout = (const hc_timespec_t *)HC_NEXT(hc_given_pointer);
        if (hc_futex_has_bits(operation)) {
            if (hc_futex_is_wake(operation)) (void)HC_NEXT(hc_given_pointer);
            (void)HC_NEXT(hc_given_pointer);
            bits = HC_NEXT(hc_u32);
        }
        r = (hc_long)hc_posix(hc_futex(word, operation, value, timeout, bits));
        break;
    }
    case HC_SYS_READ:
    case HC_SYS_WRITE: {
        int fd = HC_NEXT(int);
        void *p = HC_NEXT(hc_given_pointer);
        size_t n = HC_NEXT(size_t);
        r = number == HC_SYS_READ ? hc_read(fd, p, n) : hc_write(fd, p, n);
        break;
    }
    case HC_SYS_GETRANDOM: {
        void *p = HC_NEXT(hc_given_pointer);
        size_t n = HC_NEXT(size_t);
        r = hc_getrandom(p, n, HC_NEXT(hc_u32));
        break;
    }
    case HC_SYS_CLOSE: r = hc_close(HC_NEXT(int)); break;
    case HC_SYS_SCHED_YIELD: r = sched_yield(); break;
    case HC_SYS_GETPID: r = hc_getpid(); break;
    case HC_SYS_GETTID: r = hc_gettid(); break;
    default: hc_errno_set(HC_ENOSYS);
    }
    HC_VA_END(given);
    return r;
}

/* -------------------------------------------------------------------------------------------------------- for other languages */
#define HC_AT_PAGESZ 6
#define HC_AT_CLKTCK 17
#define HC_AT_SECURE 23
HC_EXPORT unsigned long getauxval(unsigned long type) {
    if (type == HC_AT_PAGESZ) return HC_PAGE;
    if (type == HC_AT_CLKTCK) return 100;
    if (type != HC_AT_SECURE) hc_errno_set(HC_ENOENT);
    return 0;
}
/* No signal comes: waits until the program is over. */
HC_EXPORT int pause(void) {
    hc_u32 never = 0;
    hc_turns w;
    hc_turns_begin(&w, 0);
    for (;;) (void)hc_turn_or_leave(&w, &never, 0);
}
/* For C++ and Rust: runs when this thread ends. */
HC_EXPORT int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *object) {
    (void)object; /* a program is one object */
    return hc_thread_atexit(function, argument);
}
HC_EXPORT int __cxa_thread_atexit(void (*function)(void *), void *argument, void *object) {
    (void)object;
    return hc_thread_atexit(function, argument);
}
#if defined(HC_CUDA)
HC_EXTERN_C __device__ __attribute__((weak, used)) void *__dso_handle = 0;
#else
__attribute__((weak, used, visibility("hidden"))) void *__dso_handle = 0;
#endif
