/* SPDX-License-Identifier: Apache-2.0
 *
 * <pthread.h>: threads on the lanes that the program was launched with beside those of main.
 */
#ifndef _PTHREAD_H
#define _PTHREAD_H

#include <bits/threads.h>
#include <bits/time.h>
#include <features.h>
#include <sched.h>
#include <time.h>

#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL
#define PTHREAD_MUTEX_STALLED 0
#define PTHREAD_MUTEX_ROBUST 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
#define PTHREAD_PRIO_NONE 0
#define PTHREAD_PRIO_INHERIT 1
#define PTHREAD_PRIO_PROTECT 2
#define PTHREAD_INHERIT_SCHED 0
#define PTHREAD_EXPLICIT_SCHED 1
#define PTHREAD_SCOPE_SYSTEM 0
#define PTHREAD_SCOPE_PROCESS 1
#define PTHREAD_CANCEL_ENABLE 0
#define PTHREAD_CANCEL_DISABLE 1
#define PTHREAD_CANCEL_DEFERRED 0
#define PTHREAD_CANCEL_ASYNCHRONOUS 1
#define PTHREAD_CANCELED ((void *)-1)
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)
#define PTHREAD_ONCE_INIT 0
#define PTHREAD_MUTEX_INITIALIZER {{0}}
#define PTHREAD_COND_INITIALIZER {{0}}
#define PTHREAD_RWLOCK_INITIALIZER {{0}}
#ifdef __HC_GNU
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP {{0, 0, 0, PTHREAD_MUTEX_RECURSIVE}}
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP {{0, 0, 0, PTHREAD_MUTEX_ERRORCHECK}}
#endif
#ifndef PTHREAD_KEYS_MAX
#define PTHREAD_KEYS_MAX 128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define PTHREAD_STACK_MIN 2048
#endif

__HC_BEGIN
int pthread_create(pthread_t *__HC_RESTRICT __thread_id, const pthread_attr_t *__HC_RESTRICT __attr, void *(*__function)(void *),
                   void *__HC_RESTRICT __argument);
int pthread_join(pthread_t __thread_id, void **__result);
int pthread_detach(pthread_t __thread_id);
pthread_t pthread_self(void);
int pthread_equal(pthread_t __one, pthread_t __other);
void pthread_exit(void *__result) __HC_NORETURN;
int pthread_cancel(pthread_t __thread_id);
int pthread_setcancelstate(int __state, int *__old);
int pthread_setcanceltype(int __type, int *__old);
void pthread_testcancel(void);
int pthread_kill(pthread_t __thread_id, int __number);
int pthread_atfork(void (*__prepare)(void), void (*__parent)(void), void (*__child)(void));
int pthread_getconcurrency(void);
int pthread_setconcurrency(int __level);

int pthread_attr_init(pthread_attr_t *__attr);
int pthread_attr_destroy(pthread_attr_t *__attr);
int pthread_attr_setstacksize(pthread_attr_t *__attr, size_t __bytes);
int pthread_attr_getstacksize(const pthread_attr_t *__HC_RESTRICT __attr, size_t *__HC_RESTRICT __bytes);
int pthread_attr_setdetachstate(pthread_attr_t *__attr, int __state);
int pthread_attr_getdetachstate(const pthread_attr_t *__attr, int *__state);
int pthread_attr_setguardsize(pthread_attr_t *__attr, size_t __bytes);
int pthread_attr_getguardsize(const pthread_attr_t *__HC_RESTRICT __attr, size_t *__HC_RESTRICT __bytes);
int pthread_attr_getstack(const pthread_attr_t *__HC_RESTRICT __attr, void **__HC_RESTRICT __base, size_t *__HC_RESTRICT __bytes);
int pthread_attr_setstack(pthread_attr_t *__attr, void *__base, size_t __bytes);
int pthread_attr_setinheritsched(pthread_attr_t *__attr, int __inherit);
int pthread_attr_getinheritsched(const pthread_attr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __inherit);
int pthread_attr_setschedpolicy(pthread_attr_t *__attr, int __policy);
int pthread_attr_getschedpolicy(const pthread_attr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __policy);
int pthread_attr_setschedparam(pthread_attr_t *__HC_RESTRICT __attr, const struct sched_param *__HC_RESTRICT __parameters);
int pthread_attr_getschedparam(const pthread_attr_t *__HC_RESTRICT __attr, struct sched_param *__HC_RESTRICT __parameters);
int pthread_attr_setscope(pthread_attr_t *__attr, int __scope);
int pthread_attr_getscope(const pthread_attr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __scope);
int pthread_getschedparam(pthread_t __thread_id, int *__HC_RESTRICT __policy, struct sched_param *__HC_RESTRICT __parameters);
int pthread_setschedparam(pthread_t __thread_id, int __policy, const struct sched_param *__parameters);

int pthread_mutex_init(pthread_mutex_t *__HC_RESTRICT __mutex, const pthread_mutexattr_t *__HC_RESTRICT __attr);
int pthread_mutex_destroy(pthread_mutex_t *__mutex);
int pthread_mutex_lock(pthread_mutex_t *__mutex);
int pthread_mutex_trylock(pthread_mutex_t *__mutex);
int pthread_mutex_timedlock(pthread_mutex_t *__HC_RESTRICT __mutex, const struct timespec *__HC_RESTRICT __at);
int pthread_mutex_unlock(pthread_mutex_t *__mutex);
int pthread_mutexattr_init(pthread_mutexattr_t *__attr);
int pthread_mutexattr_destroy(pthread_mutexattr_t *__attr);
int pthread_mutexattr_settype(pthread_mutexattr_t *__attr, int __type);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __type);
int pthread_mutexattr_setpshared(pthread_mutexattr_t *__attr, int __shared);
int pthread_mutexattr_getpshared(const pthread_mutexattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __shared);
int pthread_mutexattr_setrobust(pthread_mutexattr_t *__attr, int __robust);
int pthread_mutexattr_getrobust(const pthread_mutexattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __robust);
int pthread_mutexattr_setprotocol(pthread_mutexattr_t *__attr, int __protocol);
int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __protocol);

int pthread_cond_init(pthread_cond_t *__HC_RESTRICT __cond, const pthread_condattr_t *__HC_RESTRICT __attr);
int pthread_cond_destroy(pthread_cond_t *__cond);
int pthread_cond_wait(pthread_cond_t *__HC_RESTRICT __cond, pthread_mutex_t *__HC_RESTRICT __mutex);
int pthread_cond_timedwait(pthread_cond_t *__HC_RESTRICT __cond, pthread_mutex_t *__HC_RESTRICT __mutex,
                           const struct timespec *__HC_RESTRICT __at);
int pthread_cond_signal(pthread_cond_t *__cond);
int pthread_cond_broadcast(pthread_cond_t *__cond);
int pthread_condattr_init(pthread_condattr_t *__attr);
int pthread_condattr_destroy(pthread_condattr_t *__attr);
int pthread_condattr_setclock(pthread_condattr_t *__attr, clockid_t __clock);
int pthread_condattr_getclock(const pthread_condattr_t *__HC_RESTRICT __attr, clockid_t *__HC_RESTRICT __clock);
int pthread_condattr_setpshared(pthread_condattr_t *__attr, int __shared);
int pthread_condattr_getpshared(const pthread_condattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __shared);

int pthread_rwlock_init(pthread_rwlock_t *__HC_RESTRICT __lock, const pthread_rwlockattr_t *__HC_RESTRICT __attr);
int pthread_rwlock_destroy(pthread_rwlock_t *__lock);
int pthread_rwlock_rdlock(pthread_rwlock_t *__lock);
int pthread_rwlock_wrlock(pthread_rwlock_t *__lock);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *__lock);
int pthread_rwlock_trywrlock(pthread_rwlock_t *__lock);
int pthread_rwlock_timedrdlock(pthread_rwlock_t *__HC_RESTRICT __lock, const struct timespec *__HC_RESTRICT __at);
int pthread_rwlock_timedwrlock(pthread_rwlock_t *__HC_RESTRICT __lock, const struct timespec *__HC_RESTRICT __at);
int pthread_rwlock_unlock(pthread_rwlock_t *__lock);
int pthread_rwlockattr_init(pthread_rwlockattr_t *__attr);
int pthread_rwlockattr_destroy(pthread_rwlockattr_t *__attr);
int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *__attr, int __shared);
int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __shared);

int pthread_barrier_init(pthread_barrier_t *__HC_RESTRICT __barrier, const pthread_barrierattr_t *__HC_RESTRICT __attr, unsigned __count);
int pthread_barrier_destroy(pthread_barrier_t *__barrier);
int pthread_barrier_wait(pthread_barrier_t *__barrier);
int pthread_barrierattr_init(pthread_barrierattr_t *__attr);
int pthread_barrierattr_destroy(pthread_barrierattr_t *__attr);
int pthread_barrierattr_setpshared(pthread_barrierattr_t *__attr, int __shared);
int pthread_barrierattr_getpshared(const pthread_barrierattr_t *__HC_RESTRICT __attr, int *__HC_RESTRICT __shared);

int pthread_spin_init(pthread_spinlock_t *__lock, int __shared);
int pthread_spin_destroy(pthread_spinlock_t *__lock);
int pthread_spin_lock(pthread_spinlock_t *__lock);
int pthread_spin_trylock(pthread_spinlock_t *__lock);
int pthread_spin_unlock(pthread_spinlock_t *__lock);

int pthread_once(pthread_once_t *__once, void (*__function)(void));
int pthread_key_create(pthread_key_t *__key, void (*__destructor)(void *));
int pthread_key_delete(pthread_key_t __key);
void *pthread_getspecific(pthread_key_t __key);
int pthread_setspecific(pthread_key_t __key, const void *__value);
/* Behind pthread_cleanup_push and pthread_cleanup_pop. */
struct _pthread_cleanup_buffer {
    void (*__routine)(void *);
    void *__argument;
    struct _pthread_cleanup_buffer *__outer;
};
void _pthread_cleanup_push(struct _pthread_cleanup_buffer *__buffer, void (*__routine)(void *), void *__argument);
void _pthread_cleanup_pop(struct _pthread_cleanup_buffer *__buffer, int __execute);
int pthread_getcpuclockid(pthread_t __thread_id, clockid_t *__clock);

#ifdef __HC_GNU
int pthread_setname_np(pthread_t __thread_id, const char *__name);
int pthread_getname_np(pthread_t __thread_id, char *__name, size_t __size);
int pthread_getattr_np(pthread_t __thread_id, pthread_attr_t *__attr);
int pthread_tryjoin_np(pthread_t __thread_id, void **__result);
int pthread_timedjoin_np(pthread_t __thread_id, void **__result, const struct timespec *__at);
int pthread_yield(void);
int pthread_setaffinity_np(pthread_t __thread_id, size_t __size, const cpu_set_t *__set);
int pthread_getaffinity_np(pthread_t __thread_id, size_t __size, cpu_set_t *__set);
int pthread_mutex_clocklock(pthread_mutex_t *__HC_RESTRICT __mutex, clockid_t __clock, const struct timespec *__HC_RESTRICT __at);
int pthread_cond_clockwait(pthread_cond_t *__HC_RESTRICT __cond, pthread_mutex_t *__HC_RESTRICT __mutex, clockid_t __clock,
                           const struct timespec *__HC_RESTRICT __at);
int pthread_rwlock_clockrdlock(pthread_rwlock_t *__HC_RESTRICT __lock, clockid_t __clock, const struct timespec *__HC_RESTRICT __at);
int pthread_rwlock_clockwrlock(pthread_rwlock_t *__HC_RESTRICT __lock, clockid_t __clock, const struct timespec *__HC_RESTRICT __at);
#endif
__HC_END

#define pthread_cleanup_push(routine, argument)     \
    do {                                            \
        struct _pthread_cleanup_buffer __hc_buffer; \
        _pthread_cleanup_push(&__hc_buffer, (routine), (argument));
#define pthread_cleanup_pop(execute)                \
        _pthread_cleanup_pop(&__hc_buffer, (execute)); \
    } while (0)

#endif
