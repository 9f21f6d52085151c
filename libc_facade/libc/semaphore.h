/* SPDX-License-Identifier: Apache-2.0
 *
 * <semaphore.h>: without names; those would belong to several processes.
 */
#ifndef _SEMAPHORE_H
#define _SEMAPHORE_H

#include <bits/time.h>
#include <features.h>

typedef union {
    int __words[8];
    long __align;
} sem_t;
#define SEM_FAILED ((sem_t *)0)
#ifndef SEM_VALUE_MAX
#define SEM_VALUE_MAX 2147483647
#endif

__HC_BEGIN
int sem_init(sem_t *__sem, int __shared, unsigned __value);
int sem_destroy(sem_t *__sem);
int sem_post(sem_t *__sem);
int sem_wait(sem_t *__sem);
int sem_trywait(sem_t *__sem);
int sem_timedwait(sem_t *__HC_RESTRICT __sem, const struct timespec *__HC_RESTRICT __at);
int sem_getvalue(sem_t *__HC_RESTRICT __sem, int *__HC_RESTRICT __value);
#ifdef __HC_GNU
int sem_clockwait(sem_t *__HC_RESTRICT __sem, clockid_t __clock, const struct timespec *__HC_RESTRICT __at);
#endif
sem_t *sem_open(const char *__name, int __flags, ...);
int sem_close(sem_t *__sem);
int sem_unlink(const char *__name);
__HC_END

#endif
