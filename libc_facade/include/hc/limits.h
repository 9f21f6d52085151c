/* SPDX-License-Identifier: Apache-2.0
 *
 * sysconf: what a program may count on, answered where the lane is but for the number of descriptors, which is the policy's.
 */
#ifndef HC_LIMITS_H
#define HC_LIMITS_H
#include "process.h"

/* Names that have an answer; the numbers are Linux's. */
#define HC_SC_ARG_MAX 0
#define HC_SC_CLK_TCK 2
#define HC_SC_NGROUPS_MAX 3
#define HC_SC_OPEN_MAX 4
#define HC_SC_STREAM_MAX 5
#define HC_SC_TZNAME_MAX 6
#define HC_SC_FSYNC 15
#define HC_SC_MAPPED_FILES 16
#define HC_SC_VERSION 29
#define HC_SC_PAGESIZE 30
#define HC_SC_LINE_MAX 43
#define HC_SC_IOV_MAX 60
#define HC_SC_THREADS 67
#define HC_SC_THREAD_SAFE_FUNCTIONS 68
#define HC_SC_GETGR_R_SIZE_MAX 69
#define HC_SC_GETPW_R_SIZE_MAX 70
#define HC_SC_LOGIN_NAME_MAX 71
#define HC_SC_TTY_NAME_MAX 72
#define HC_SC_THREAD_DESTRUCTOR_ITERATIONS 73
#define HC_SC_THREAD_KEYS_MAX 74
#define HC_SC_THREAD_STACK_MIN 75
#define HC_SC_NPROCESSORS_CONF 83
#define HC_SC_NPROCESSORS_ONLN 84
#define HC_SC_PHYS_PAGES 85
#define HC_SC_AVPHYS_PAGES 86
#define HC_SC_ATEXIT_MAX 87
#define HC_SC_XOPEN_VERSION 89
#define HC_SC_MONOTONIC_CLOCK 149
#define HC_SC_HOST_NAME_MAX 180
#define HC_SC_LAST 248 /* the largest name that Linux's libraries know */

HC_DEFINE_WORDS_CALL(hc_do_number, HC_OP_NUMBER, 1)

/* -1 with errno as it was: there is no limit, or no such thing here. */
HC_FN hc_long hc_sysconf_any(int name) {
    hc_u64 c;
    switch (name) {
    case HC_SC_PAGESIZE: return HC_PAGE;
    case HC_SC_CLK_TCK: return 100;
    case HC_SC_IOV_MAX: return HC_IOV_MAX;
    case HC_SC_OPEN_MAX: return (hc_long)hc_posix(hc_do_number(HC_NUMBER_OPEN_MAX, 0, 0));
    case HC_SC_NPROCESSORS_CONF:
    case HC_SC_NPROCESSORS_ONLN: return hc_thread_count(); /* the lanes of this launch: what can run at once */
    case HC_SC_PHYS_PAGES:
    case HC_SC_AVPHYS_PAGES: /* the memory that a program has is its heap */
        c = hc_client_address();
        return c ? (hc_long)(HC_C(c)->heap_bytes / HC_PAGE) : 0;
    case HC_SC_ARG_MAX: return 2097152;
    case HC_SC_NGROUPS_MAX: return 65536;
    case HC_SC_STREAM_MAX: return 16;
    case HC_SC_TZNAME_MAX: return 6;
    case HC_SC_LINE_MAX: return 2048;
    case HC_SC_LOGIN_NAME_MAX: return 256;
    case HC_SC_TTY_NAME_MAX: return 32;
    case HC_SC_HOST_NAME_MAX: return 64;
    case HC_SC_GETGR_R_SIZE_MAX:
    case HC_SC_GETPW_R_SIZE_MAX: return 1024;
    case HC_SC_THREAD_DESTRUCTOR_ITERATIONS: return 4;
    case HC_SC_THREAD_KEYS_MAX: return 1024;
    case HC_SC_THREAD_STACK_MIN: return 16384;
    case HC_SC_ATEXIT_MAX: return 2147483647;
    case HC_SC_XOPEN_VERSION: return 700;
    case HC_SC_FSYNC:
    case HC_SC_MAPPED_FILES:
    case HC_SC_VERSION:
    case HC_SC_THREADS:
    case HC_SC_THREAD_SAFE_FUNCTIONS:
    case HC_SC_MONOTONIC_CLOCK: return 200809;
    default: break;
    }
    if (name < 0 || name > HC_SC_LAST) hc_errno_set(HC_EINVAL);
    return -1;
}
HC_API hc_long hc_sysconf(int name) { HC_SPLIT(hc_sysconf_any(name), ::sysconf(name)) }

#endif
