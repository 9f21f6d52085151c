/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of <pthread.h>, <threads.h> and <semaphore.h>, as large as Linux has them on x86-64.
 */
#ifndef _HC_BITS_THREADS_H
#define _HC_BITS_THREADS_H

#include <bits/size.h>

typedef unsigned long pthread_t;
typedef unsigned int pthread_key_t;
typedef int pthread_once_t;
typedef int pthread_spinlock_t;

typedef union {
    char __bytes[56];
    long __align;
} pthread_attr_t;
typedef union {
    int __words[10];
    long __align;
} pthread_mutex_t;
typedef union {
    int __words[12];
    long long __align;
} pthread_cond_t;
typedef union {
    int __words[14];
    long __align;
} pthread_rwlock_t;
typedef union {
    int __words[8];
    long __align;
} pthread_barrier_t;
typedef union {
    char __bytes[4];
    int __align;
} pthread_mutexattr_t;
typedef union {
    char __bytes[4];
    int __align;
} pthread_condattr_t;
typedef union {
    char __bytes[8];
    long __align;
} pthread_rwlockattr_t;
typedef union {
    char __bytes[4];
    int __align;
} pthread_barrierattr_t;

#endif
