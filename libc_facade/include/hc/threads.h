/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads: all of it. See threads_pool.h for how a launch brings lanes that become threads, and docs/libc/threads.md for what they promise.
 */
#ifndef HC_THREADS_H
#define HC_THREADS_H
#if !defined(HC_OPENCL)
#include "posix.h"
#include "threads_cond.h"
#include "threads_futex.h"
#include "threads_lock.h"
#include "threads_pool.h"
#include "threads_rwlock.h"
#endif
#endif
