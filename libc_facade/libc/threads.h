/* SPDX-License-Identifier: Apache-2.0
 *
 * <threads.h> of C11, on what <pthread.h> stands on.
 */
#ifndef _THREADS_H
#define _THREADS_H

#include <bits/threads.h>
#include <bits/time.h>
#include <features.h>
#include <time.h>

#ifndef __cplusplus
#define thread_local _Thread_local
#endif
#define ONCE_FLAG_INIT 0
#define TSS_DTOR_ITERATIONS 4

typedef pthread_t thrd_t;
typedef pthread_mutex_t mtx_t;
typedef pthread_cond_t cnd_t;
typedef pthread_key_t tss_t;
typedef pthread_once_t once_flag;
typedef int (*thrd_start_t)(void *);
typedef void (*tss_dtor_t)(void *);

enum { thrd_success = 0, thrd_busy = 1, thrd_error = 2, thrd_nomem = 3, thrd_timedout = 4 };
enum { mtx_plain = 0, mtx_recursive = 1, mtx_timed = 2 };

__HC_BEGIN
int thrd_create(thrd_t *__thread_id, thrd_start_t __function, void *__argument);
int thrd_join(thrd_t __thread_id, int *__result);
int thrd_detach(thrd_t __thread_id);
thrd_t thrd_current(void);
int thrd_equal(thrd_t __one, thrd_t __other);
void thrd_exit(int __result) __HC_NORETURN;
void thrd_yield(void);
int thrd_sleep(const struct timespec *__span, struct timespec *__rest);
int mtx_init(mtx_t *__mutex, int __type);
void mtx_destroy(mtx_t *__mutex);
int mtx_lock(mtx_t *__mutex);
int mtx_trylock(mtx_t *__mutex);
int mtx_timedlock(mtx_t *__HC_RESTRICT __mutex, const struct timespec *__HC_RESTRICT __at);
int mtx_unlock(mtx_t *__mutex);
int cnd_init(cnd_t *__cond);
void cnd_destroy(cnd_t *__cond);
int cnd_wait(cnd_t *__cond, mtx_t *__mutex);
int cnd_timedwait(cnd_t *__HC_RESTRICT __cond, mtx_t *__HC_RESTRICT __mutex, const struct timespec *__HC_RESTRICT __at);
int cnd_signal(cnd_t *__cond);
int cnd_broadcast(cnd_t *__cond);
int tss_create(tss_t *__key, tss_dtor_t __destructor);
void tss_delete(tss_t __key);
void *tss_get(tss_t __key);
int tss_set(tss_t __key, void *__value);
void call_once(once_flag *__once, void (*__function)(void));
__HC_END

#endif
