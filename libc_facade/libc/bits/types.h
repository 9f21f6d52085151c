/* SPDX-License-Identifier: Apache-2.0
 *
 * Types that several of the plain headers need, as Linux has them on x86-64. Plain headers are what a program sees that is linked with
 * the library; kernels that are compiled from source use ../include instead.
 */
#ifndef _HC_BITS_TYPES_H
#define _HC_BITS_TYPES_H

typedef __SIZE_TYPE__ size_t;
typedef long ssize_t;
typedef long off_t;
typedef unsigned int mode_t;
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned long dev_t;
typedef unsigned long ino_t;
typedef unsigned long nlink_t;
typedef long blksize_t;
typedef long blkcnt_t;
typedef long time_t;
typedef long clock_t;
typedef int clockid_t;
typedef long suseconds_t;
typedef unsigned int useconds_t;
typedef unsigned int socklen_t;
typedef unsigned int id_t;
typedef unsigned long fsblkcnt_t;
typedef unsigned long fsfilcnt_t;

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};
struct iovec {
    void *iov_base;
    size_t iov_len;
};

#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif

#endif
