/* SPDX-License-Identifier: Apache-2.0
 *
 * <sched.h>: lanes run side by side and are never scheduled; what asks about it gets the plainest answer.
 */
#ifndef _SCHED_H
#define _SCHED_H

#include <bits/size.h>
#include <bits/time.h>
#include <bits/types.h>
#include <features.h>

#define SCHED_OTHER 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#ifdef __HC_GNU
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#endif

struct sched_param {
    int sched_priority;
};

#ifdef __HC_GNU
#define CPU_SETSIZE 1024
typedef struct {
    unsigned long __bits[CPU_SETSIZE / (8 * sizeof(long))];
} cpu_set_t;
#define __HC_CPU_WORD(cpu) ((size_t)(cpu) / (8 * sizeof(long)))
#define __HC_CPU_BIT(cpu) (1ul << ((size_t)(cpu) % (8 * sizeof(long))))
#define CPU_ZERO(set) ((void)__builtin_memset((set), 0, sizeof(cpu_set_t)))
#define CPU_SET(cpu, set) ((size_t)(cpu) < CPU_SETSIZE ? (void)((set)->__bits[__HC_CPU_WORD(cpu)] |= __HC_CPU_BIT(cpu)) : (void)0)
#define CPU_CLR(cpu, set) ((size_t)(cpu) < CPU_SETSIZE ? (void)((set)->__bits[__HC_CPU_WORD(cpu)] &= ~__HC_CPU_BIT(cpu)) : (void)0)
#define CPU_ISSET(cpu, set) ((size_t)(cpu) < CPU_SETSIZE && ((set)->__bits[__HC_CPU_WORD(cpu)] & __HC_CPU_BIT(cpu)) != 0)
#define CPU_COUNT(set) __sched_cpucount(sizeof(cpu_set_t), (set))
#define CPU_EQUAL(one, other) (__builtin_memcmp((one), (other), sizeof(cpu_set_t)) == 0)
#endif

__HC_BEGIN
int sched_yield(void);
int sched_get_priority_max(int __policy);
int sched_get_priority_min(int __policy);
int sched_getscheduler(pid_t __process);
int sched_setscheduler(pid_t __process, int __policy, const struct sched_param *__parameters);
int sched_getparam(pid_t __process, struct sched_param *__parameters);
int sched_setparam(pid_t __process, const struct sched_param *__parameters);
int sched_rr_get_interval(pid_t __process, struct timespec *__interval);
#ifdef __HC_GNU
int sched_getcpu(void);
int __sched_cpucount(size_t __size, const cpu_set_t *__set);
int sched_getaffinity(pid_t __process, size_t __size, cpu_set_t *__set);
int sched_setaffinity(pid_t __process, size_t __size, const cpu_set_t *__set);
#endif
__HC_END

#endif
