/* SPDX-License-Identifier: Apache-2.0
 *
 * <threads.h>: the same things under C11's names and results. Part of threads.c.
 */
#define HC_THRD_SUCCESS 0
#define HC_THRD_BUSY 1
#define HC_THRD_ERROR 2
#define HC_THRD_NOMEM 3
#define HC_THRD_TIMEDOUT 4
#define HC_MTX_RECURSIVE 1
HC_FN int hc_thrd(int error) {
    return error == 0 ? HC_THRD_SUCCESS : error == HC_EBUSY ? HC_THRD_BUSY : error == HC_ETIMEDOUT ? HC_THRD_TIMEDOUT : HC_THRD_ERROR;
}

/* No free lane is what C11 calls no memory. */
HC_EXPORT int thrd_create(unsigned long *thread, int (*function)(void *), void *argument) {
    hc_u64 handle = 0;
    int r = hc_thread_start(&handle, 0, (void *(*)(void *))(hc_size)function, argument, 1);
    if (r == 0) *thread = (unsigned long)handle;
    return r == HC_EAGAIN ? HC_THRD_NOMEM : hc_thrd(r);
}
HC_EXPORT int thrd_join(unsigned long thread, int *result) {
    void *value = 0;
    int r = hc_pthread_join(thread, &value);
    if (r == 0 && result) *result = (int)(hc_i64)(hc_size)value;
    return hc_thrd(r);
}
HC_EXPORT int thrd_detach(unsigned long thread) { return hc_thrd(hc_pthread_detach(thread)); }
HC_EXPORT unsigned long thrd_current(void) { return (unsigned long)hc_pthread_self(); }
HC_EXPORT int thrd_equal(unsigned long one, unsigned long other) { return one == other; }
HC_EXPORT HC_NORETURN void thrd_exit(int result) { hc_pthread_exit((void *)(hc_size)(hc_i64)result); }
HC_EXPORT void thrd_yield(void) {
    (void)sched_yield();
}
/* -1: cut short; another negative number: refused. */
HC_EXPORT int thrd_sleep(const hc_timespec_t *span, hc_timespec_t *rest) {
    hc_i64 ns = span ? hc_span_ns(span->tv_sec, span->tv_nsec) : -HC_EINVAL;
    hc_u64 left = 0;
    if (ns < 0) return -2;
    if (hc_pause_ns((hc_u64)ns, &left) == 0) return 0;
    if (rest) {
        rest->tv_sec = (hc_long)(left / HC_BILLION_NS);
        rest->tv_nsec = (hc_long)(left % HC_BILLION_NS);
    }
    return -1;
}

HC_EXPORT int mtx_init(hc_mutex *mutex, int type) {
    hc_u32 kind = type & HC_MTX_RECURSIVE ? HC_MUTEX_RECURSIVE : HC_MUTEX_NORMAL;
    if (type & ~3) return HC_THRD_ERROR;
    return hc_thrd(hc_pthread_mutex_init(mutex, &kind));
}
HC_EXPORT void mtx_destroy(hc_mutex *mutex) { (void)mutex; }
HC_EXPORT int mtx_lock(hc_mutex *mutex) { return hc_thrd(hc_pthread_mutex_lock(mutex)); }
HC_EXPORT int mtx_trylock(hc_mutex *mutex) { return hc_thrd(hc_pthread_mutex_trylock(mutex)); }
HC_EXPORT int mtx_timedlock(hc_mutex *mutex, const hc_timespec_t *at) { return hc_thrd(hc_pthread_mutex_timedlock(mutex, at)); }
HC_EXPORT int mtx_unlock(hc_mutex *mutex) { return hc_thrd(hc_pthread_mutex_unlock(mutex)); }

HC_EXPORT int cnd_init(hc_cond *cond) { return hc_thrd(hc_pthread_cond_init(cond, 0)); }
HC_EXPORT void cnd_destroy(hc_cond *cond) { (void)hc_pthread_cond_destroy(cond); }
HC_EXPORT int cnd_wait(hc_cond *cond, hc_mutex *mutex) { return hc_thrd(hc_pthread_cond_wait(cond, mutex)); }
HC_EXPORT int cnd_timedwait(hc_cond *cond, hc_mutex *mutex, const hc_timespec_t *at) { return hc_thrd(hc_pthread_cond_timedwait(cond, mutex, at)); }
HC_EXPORT int cnd_signal(hc_cond *cond) { return hc_thrd(hc_pthread_cond_signal(cond)); }
HC_EXPORT int cnd_broadcast(hc_cond *cond) { return hc_thrd(hc_pthread_cond_broadcast(cond)); }

HC_EXPORT int tss_create(hc_u32 *key, void (*destructor)(void *)) { return hc_thrd(hc_pthread_key_create(key, destructor)); }
HC_EXPORT void tss_delete(hc_u32 key) { (void)hc_pthread_key_delete(key); }
HC_EXPORT void *tss_get(hc_u32 key) { return hc_pthread_getspecific(key); }
HC_EXPORT int tss_set(hc_u32 key, void *value) { return hc_thrd(hc_pthread_setspecific(key, value)); }
HC_EXPORT void call_once(hc_u32 *once, void (*function)(void)) { (void)hc_pthread_once(once, function); }
