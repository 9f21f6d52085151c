/* SPDX-License-Identifier: Apache-2.0
 *
 * <pthread.h>, <threads.h>, <sched.h>, <semaphore.h>, and names that object code of other languages' runtimes asks for.
 */
#include "library.h"
#include "hc/env.h"
#include "hc/threads.h"

/* --------------------------------------------------------------------------------------------------------------------- the pool
 * What starts a program calls these: see hc/threads_pool.h. */
HC_EXPORT void hc_pool_expect(hc_u32 first_lane, unsigned long stack) { hc_threads_expect(first_lane, stack); }
HC_EXPORT void hc_pool_serve(void) { hc_threads_serve(); }
/* Thread-local variables of targets that have none: the toolchain makes the calls. */
HC_EXPORT void *__hc_tls_address(hc_local *variable) { return hc_local_address(variable); }
/* Locals that threads may see, where lanes do not reach each other's stacks: the same. */
HC_EXPORT void *__hc_locals_take(unsigned long bytes, unsigned long align) { return hc_locals_take(bytes, align); }
HC_EXPORT void __hc_locals_give(void *p) { hc_free(p); }

/* ---------------------------------------------------------------------------------------------------------------------- threads */
HC_EXPORT int pthread_create(unsigned long *thread, const hc_thread_attr *attr, void *(*function)(void *), void *argument) {
    hc_u64 handle = 0;
    int r = hc_pthread_create(&handle, attr, function, argument);
    if (r == 0) *thread = (unsigned long)handle;
    return r;
}
HC_EXPORT int pthread_join(unsigned long thread, void **result) { return hc_pthread_join(thread, result); }
HC_EXPORT int pthread_tryjoin_np(unsigned long thread, void **result) { return hc_pthread_tryjoin_np(thread, result); }
HC_EXPORT int pthread_timedjoin_np(unsigned long thread, void **result, const hc_timespec_t *at) { return hc_pthread_timedjoin_np(thread, result, at); }
HC_EXPORT int pthread_detach(unsigned long thread) { return hc_pthread_detach(thread); }
HC_EXPORT unsigned long pthread_self(void) { return (unsigned long)hc_pthread_self(); }
HC_EXPORT int pthread_equal(unsigned long one, unsigned long other) { return hc_pthread_equal(one, other); }
HC_EXPORT HC_NORETURN void pthread_exit(void *result) { hc_pthread_exit(result); }
HC_EXPORT int pthread_kill(unsigned long thread, int number) { return hc_pthread_kill(thread, number); }
HC_EXPORT int pthread_setname_np(unsigned long thread, const char *name) { return hc_pthread_setname_np(thread, name); }
HC_EXPORT int pthread_getname_np(unsigned long thread, char *name, size_t size) { return hc_pthread_getname_np(thread, name, size); }
/* Nothing interrupts a lane from outside: nobody is cancelled, and asking for it says so. */
HC_EXPORT int pthread_cancel(unsigned long thread) {
    (void)thread;
    return HC_ENOSYS;
}
HC_EXPORT int pthread_setcancelstate(int state, int *old) {
    if (state != 0 && state != 1) return HC_EINVAL;
    if (old) *old = 0;
    return 0;
}
HC_EXPORT int pthread_setcanceltype(int type, int *old) {
    if (type != 0 && type != 1) return HC_EINVAL;
    if (old) *old = 0;
    return 0;
}
HC_EXPORT void pthread_testcancel(void) {
    if (hc_is_over()) hc_leave();
}
/* There is no fork to tell them of. */
HC_EXPORT int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
    (void)prepare;
    (void)parent;
    (void)child;
    return 0;
}
HC_EXPORT int pthread_getconcurrency(void) { return 0; }
HC_EXPORT int pthread_setconcurrency(int level) { return level < 0 ? HC_EINVAL : 0; }
HC_EXPORT int pthread_getcpuclockid(unsigned long thread, int *clock) {
    (void)thread;
    (void)clock;
    return HC_ENOSYS;
}
HC_EXPORT void _pthread_cleanup_push(hc_cleanup *buffer, void (*routine)(void *), void *argument) { hc_cleanup_push(buffer, routine, argument); }
HC_EXPORT void _pthread_cleanup_pop(hc_cleanup *buffer, int execute) { hc_cleanup_pop(buffer, execute); }

/* ------------------------------------------------------------------------------------------------------------------- attributes */
HC_EXPORT int pthread_attr_init(hc_thread_attr *attr) { return hc_pthread_attr_init(attr); }
HC_EXPORT int pthread_attr_destroy(hc_thread_attr *attr) {
    (void)attr;
    return 0;
}
HC_EXPORT int pthread_attr_setstacksize(hc_thread_attr *attr, size_t bytes) { return hc_pthread_attr_setstacksize(attr, bytes); }
HC_EXPORT int pthread_attr_getstacksize(const hc_thread_attr *attr, size_t *bytes) {
    hc_size n;
    (void)hc_pthread_attr_getstacksize(attr, &n);
    *bytes = n;
    return 0;
}
HC_EXPORT int pthread_attr_setdetachstate(hc_thread_attr *attr, int state) { return hc_pthread_attr_setdetachstate(attr, state); }
HC_EXPORT int pthread_attr_getdetachstate(const hc_thread_attr *attr, int *state) {
    *state = (int)attr->detached;
    return 0;
}
/* Lanes have the guard that they have. */
HC_EXPORT int pthread_attr_setguardsize(hc_thread_attr *attr, size_t bytes) {
    attr->guard = bytes;
    return 0;
}
HC_EXPORT int pthread_attr_getguardsize(const hc_thread_attr *attr, size_t *bytes) {
    *bytes = attr->guard;
    return 0;
}
HC_EXPORT int pthread_attr_getstack(const hc_thread_attr *attr, void **base, size_t *bytes) {
    *base = (void *)(hc_size)attr->stack_base;
    return pthread_attr_getstacksize(attr, bytes);
}
HC_EXPORT int pthread_attr_setstack(hc_thread_attr *attr, void *base, size_t bytes) {
    (void)attr;
    (void)base;
    (void)bytes;
    return HC_ENOSYS; /* a lane runs on its own stack */
}
HC_EXPORT int pthread_getattr_np(unsigned long thread, hc_thread_attr *attr) { return hc_pthread_getattr_np(thread, attr); }

/* Scheduling: lanes are not scheduled. What asks for the default gets it. */
HC_EXPORT int pthread_attr_setinheritsched(hc_thread_attr *attr, int inherit) {
    (void)attr;
    return inherit == 0 || inherit == 1 ? 0 : HC_EINVAL;
}
HC_EXPORT int pthread_attr_getinheritsched(const hc_thread_attr *attr, int *inherit) {
    (void)attr;
    *inherit = 0;
    return 0;
}
HC_EXPORT int pthread_attr_setschedpolicy(hc_thread_attr *attr, int policy) {
    (void)attr;
    return policy == 0 ? 0 : policy == 1 || policy == 2 ? HC_ENOTSUP : HC_EINVAL;
}
HC_EXPORT int pthread_attr_getschedpolicy(const hc_thread_attr *attr, int *policy) {
    (void)attr;
    *policy = 0;
    return 0;
}
HC_EXPORT int pthread_attr_setschedparam(hc_thread_attr *attr, const int *priority) {
    (void)attr;
    return *priority == 0 ? 0 : HC_EINVAL;
}
HC_EXPORT int pthread_attr_getschedparam(const hc_thread_attr *attr, int *priority) {
    (void)attr;
    *priority = 0;
    return 0;
}
HC_EXPORT int pthread_attr_setscope(hc_thread_attr *attr, int scope) {
    (void)attr;
    return scope == 0 ? 0 : scope == 1 ? HC_ENOTSUP : HC_EINVAL;
}
HC_EXPORT int pthread_attr_getscope(const hc_thread_attr *attr, int *scope) {
    (void)attr;
    *scope = 0;
    return 0;
}
HC_EXPORT int pthread_getschedparam(unsigned long thread, int *policy, int *priority) {
    (void)thread;
    *policy = 0;
    *priority = 0;
    return 0;
}
HC_EXPORT int pthread_setschedparam(unsigned long thread, int policy, const int *priority) {
    (void)thread;
    return policy == 0 && *priority == 0 ? 0 : policy >= 0 && policy <= 2 ? HC_EPERM : HC_EINVAL;
}

/* ------------------------------------------------------------------------------------------------------------------------ locks */
HC_EXPORT int pthread_mutex_init(hc_mutex *mutex, const hc_u32 *attr) { return hc_pthread_mutex_init(mutex, attr); }
HC_EXPORT int pthread_mutex_destroy(hc_mutex *mutex) { return hc_pthread_mutex_destroy(mutex); }
HC_EXPORT int pthread_mutex_lock(hc_mutex *mutex) { return hc_pthread_mutex_lock(mutex); }
HC_EXPORT int pthread_mutex_trylock(hc_mutex *mutex) { return hc_pthread_mutex_trylock(mutex); }
HC_EXPORT int pthread_mutex_timedlock(hc_mutex *mutex, const hc_timespec_t *at) { return hc_pthread_mutex_timedlock(mutex, at); }
HC_EXPORT int pthread_mutex_clocklock(hc_mutex *mutex, int clock, const hc_timespec_t *at) { return hc_pthread_mutex_clocklock(mutex, clock, at); }
HC_EXPORT int pthread_mutex_unlock(hc_mutex *mutex) { return hc_pthread_mutex_unlock(mutex); }

/* Attributes of one word: bits that the engine reads, and for all but mutexes' types whether processes share it: there is one. */
#define HC_ATTR_SHARED 0x80000000u
#define HC_EXPORT_ATTRIBUTE(name)                                              \
    HC_EXPORT int name##_init(hc_u32 *attr) {                                  \
        *attr = 0;                                                             \
        return 0;                                                              \
    }                                                                          \
    HC_EXPORT int name##_destroy(hc_u32 *attr) {                               \
        (void)attr;                                                            \
        return 0;                                                              \
    }                                                                          \
    HC_EXPORT int name##_setpshared(hc_u32 *attr, int shared) {                \
        if (shared != 0 && shared != 1) return HC_EINVAL;                      \
        *attr = (*attr & ~HC_ATTR_SHARED) | (shared ? HC_ATTR_SHARED : 0);     \
        return 0;                                                              \
    }                                                                          \
    HC_EXPORT int name##_getpshared(const hc_u32 *attr, int *shared) {         \
        *shared = (*attr & HC_ATTR_SHARED) != 0;                               \
        return 0;                                                              \
    }
HC_EXPORT_ATTRIBUTE(pthread_mutexattr)
HC_EXPORT_ATTRIBUTE(pthread_condattr)
HC_EXPORT_ATTRIBUTE(pthread_rwlockattr)
HC_EXPORT_ATTRIBUTE(pthread_barrierattr)

HC_EXPORT int pthread_mutexattr_settype(hc_u32 *attr, int type) { return hc_pthread_mutexattr_settype(attr, type); }
HC_EXPORT int pthread_mutexattr_gettype(const hc_u32 *attr, int *type) {
    *type = (int)(*attr & 3u);
    return 0;
}
/* No thread dies with a lock in its hand without the program: robust is what they cannot be. */
HC_EXPORT int pthread_mutexattr_setrobust(hc_u32 *attr, int robust) {
    (void)attr;
    return robust == 0 ? 0 : robust == 1 ? HC_ENOTSUP : HC_EINVAL;
}
HC_EXPORT int pthread_mutexattr_getrobust(const hc_u32 *attr, int *robust) {
    (void)attr;
    *robust = 0;
    return 0;
}
HC_EXPORT int pthread_mutexattr_setprotocol(hc_u32 *attr, int protocol) {
    (void)attr;
    return protocol == 0 ? 0 : protocol == 1 || protocol == 2 ? HC_ENOTSUP : HC_EINVAL;
}
HC_EXPORT int pthread_mutexattr_getprotocol(const hc_u32 *attr, int *protocol) {
    (void)attr;
    *protocol = 0;
    return 0;
}

HC_EXPORT int pthread_cond_init(hc_cond *cond, const hc_u32 *attr) { return hc_pthread_cond_init(cond, attr); }
HC_EXPORT int pthread_cond_destroy(hc_cond *cond) { return hc_pthread_cond_destroy(cond); }
HC_EXPORT int pthread_cond_wait(hc_cond *cond, hc_mutex *mutex) { return hc_pthread_cond_wait(cond, mutex); }
HC_EXPORT int pthread_cond_timedwait(hc_cond *cond, hc_mutex *mutex, const hc_timespec_t *at) { return hc_pthread_cond_timedwait(cond, mutex, at); }
HC_EXPORT int pthread_cond_clockwait(hc_cond *cond, hc_mutex *mutex, int clock, const hc_timespec_t *at) {
    return hc_pthread_cond_clockwait(cond, mutex, clock, at);
}
HC_EXPORT int pthread_cond_signal(hc_cond *cond) { return hc_pthread_cond_signal(cond); }
HC_EXPORT int pthread_cond_broadcast(hc_cond *cond) { return hc_pthread_cond_broadcast(cond); }
HC_EXPORT int pthread_condattr_setclock(hc_u32 *attr, int clock) { return hc_pthread_condattr_setclock(attr, clock); }
HC_EXPORT int pthread_condattr_getclock(const hc_u32 *attr, int *clock) {
    *clock = (int)(*attr & 1u);
    return 0;
}

HC_EXPORT int pthread_rwlock_init(hc_rwlock *lock, const void *attr) {
    (void)attr;
    return hc_pthread_rwlock_init(lock);
}
HC_EXPORT int pthread_rwlock_destroy(hc_rwlock *lock) { return hc_pthread_rwlock_destroy(lock); }
HC_EXPORT int pthread_rwlock_rdlock(hc_rwlock *lock) { return hc_pthread_rwlock_rdlock(lock); }
HC_EXPORT int pthread_rwlock_wrlock(hc_rwlock *lock) { return hc_pthread_rwlock_wrlock(lock); }
HC_EXPORT int pthread_rwlock_tryrdlock(hc_rwlock *lock) { return hc_pthread_rwlock_tryrdlock(lock); }
HC_EXPORT int pthread_rwlock_trywrlock(hc_rwlock *lock) { return hc_pthread_rwlock_trywrlock(lock); }
HC_EXPORT int pthread_rwlock_timedrdlock(hc_rwlock *lock, const hc_timespec_t *at) { return hc_pthread_rwlock_timedrdlock(lock, at); }
HC_EXPORT int pthread_rwlock_timedwrlock(hc_rwlock *lock, const hc_timespec_t *at) { return hc_pthread_rwlock_timedwrlock(lock, at); }
HC_EXPORT int pthread_rwlock_clockrdlock(hc_rwlock *lock, int clock, const hc_timespec_t *at) { return hc_pthread_rwlock_clockrdlock(lock, clock, at); }
HC_EXPORT int pthread_rwlock_clockwrlock(hc_rwlock *lock, int clock, const hc_timespec_t *at) { return hc_pthread_rwlock_clockwrlock(lock, clock, at); }
HC_EXPORT int pthread_rwlock_unlock(hc_rwlock *lock) { return hc_pthread_rwlock_unlock(lock); }

HC_EXPORT int pthread_barrier_init(hc_barrier *barrier, const void *attr, unsigned count) {
    (void)attr;
    return hc_pthread_barrier_init(barrier, count);
}
HC_EXPORT int pthread_barrier_destroy(hc_barrier *barrier) { return hc_pthread_barrier_destroy(barrier); }
HC_EXPORT int pthread_barrier_wait(hc_barrier *barrier) { return hc_pthread_barrier_wait(barrier); }

HC_EXPORT int pthread_spin_init(hc_u32 *lock, int shared) {
    (void)shared;
    hc_sync_publish(lock, 0);
    return 0;
}
HC_EXPORT int pthread_spin_destroy(hc_u32 *lock) {
    (void)lock;
    return 0;
}
HC_EXPORT int pthread_spin_lock(hc_u32 *lock) { return hc_pthread_spin_lock(lock); }
HC_EXPORT int pthread_spin_trylock(hc_u32 *lock) { return hc_pthread_spin_trylock(lock); }
HC_EXPORT int pthread_spin_unlock(hc_u32 *lock) { return hc_pthread_spin_unlock(lock); }

HC_EXPORT int pthread_once(hc_u32 *once, void (*function)(void)) { return hc_pthread_once(once, function); }
HC_EXPORT int pthread_key_create(hc_u32 *key, void (*destructor)(void *)) { return hc_pthread_key_create(key, destructor); }
HC_EXPORT int pthread_key_delete(hc_u32 key) { return hc_pthread_key_delete(key); }
HC_EXPORT void *pthread_getspecific(hc_u32 key) { return hc_pthread_getspecific(key); }
HC_EXPORT int pthread_setspecific(hc_u32 key, const void *value) { return hc_pthread_setspecific(key, value); }

/* ------------------------------------------------------------------------------------------------------------------- semaphores */
HC_EXPORT int sem_init(hc_semaphore *sem, int shared, unsigned value) { return hc_sem_init(sem, shared, value); }
HC_EXPORT int sem_destroy(hc_semaphore *sem) {
    (void)sem;
    return 0;
}
HC_EXPORT int sem_post(hc_semaphore *sem) { return hc_sem_post(sem); }
HC_EXPORT int sem_wait(hc_semaphore *sem) { return hc_sem_wait(sem); }
HC_EXPORT int sem_trywait(hc_semaphore *sem) { return hc_sem_trywait(sem); }
HC_EXPORT int sem_timedwait(hc_semaphore *sem, const hc_timespec_t *at) { return hc_sem_timedwait(sem, at); }
HC_EXPORT int sem_clockwait(hc_semaphore *sem, int clock, const hc_timespec_t *at) { return hc_sem_clockwait(sem, clock, at); }
HC_EXPORT int sem_getvalue(hc_semaphore *sem, int *value) { return hc_sem_getvalue(sem, value); }
/* A name is for other processes, of which there are none. */
HC_EXPORT hc_semaphore *sem_open(const char *name, int flags, HC_DOTS) {
#if defined(__CUDACC__)
    (void)hc_dots;
#endif
    (void)name;
    (void)flags;
    hc_errno_set(HC_ENOSYS);
    return 0;
}
HC_EXPORT int sem_close(hc_semaphore *sem) {
    (void)sem;
    return (int)hc_posix(-HC_EINVAL);
}
HC_EXPORT int sem_unlink(const char *name) {
    (void)name;
    return (int)hc_posix(-HC_ENOSYS);
}

#include "threads_names.c"
#include "threads_c11.c"
