/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/resource.h>: what the host's process has used, and limits.
 */
#ifndef _HC_LIBC_SYS_RESOURCE_H
#define _HC_LIBC_SYS_RESOURCE_H

#include "../bits/types.h"

struct rusage {
    struct timeval ru_utime, ru_stime;
    long ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals,
        ru_nvcsw, ru_nivcsw;
};
typedef unsigned long rlim_t;
struct rlimit {
    rlim_t rlim_cur, rlim_max;
};
#include "../../include/hc/codes/resource.h"
#define RLIM_SAVED_CUR RLIM_INFINITY
#define RLIM_SAVED_MAX RLIM_INFINITY
#define RLIM_NLIMITS 16
#define PRIO_PROCESS 0
#define PRIO_PGRP 1
#define PRIO_USER 2

#ifdef __cplusplus
extern "C" {
#endif
int getrusage(int __who, struct rusage *__to);
int getrlimit(int __resource, struct rlimit *__to);
int setrlimit(int __resource, const struct rlimit *__wanted);
int getpriority(int __which, id_t __who);
int setpriority(int __which, id_t __who, int __priority);
#ifdef __cplusplus
}
#endif

#endif
