/* SPDX-License-Identifier: Apache-2.0
 *
 * Types that several of the plain headers need, as Linux has them on x86-64. Plain headers are what a program sees that is linked with
 * the library; kernels that are compiled from source use ../include instead.
 */
#ifndef _HC_BITS_TYPES_H
#define _HC_BITS_TYPES_H

#include <bits/size.h>
#include <bits/time.h>

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
typedef unsigned int useconds_t;
typedef unsigned int socklen_t;
typedef unsigned int id_t;
typedef unsigned long fsblkcnt_t;
typedef unsigned long fsfilcnt_t;

struct iovec {
    void *iov_base;
    size_t iov_len;
};

#endif
