/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/types.h> for device code. The widths are Linux's on x86-64.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/types.h>
#else
#ifndef HC_STD_SYS_TYPES_H
#define HC_STD_SYS_TYPES_H

#include "../stddef.h"
#include "../hc/errno.h"

typedef hc_long ssize_t;
typedef hc_long off_t;
typedef hc_long time_t;
typedef hc_long suseconds_t;
typedef hc_long blksize_t;
typedef hc_long blkcnt_t;
typedef hc_u64 dev_t;
typedef hc_u64 ino_t;
typedef hc_u64 nlink_t;
typedef hc_u32 mode_t;
typedef hc_u32 uid_t;
typedef hc_u32 gid_t;
typedef hc_u32 id_t;
typedef hc_u32 useconds_t;
typedef int pid_t;
typedef int clockid_t;
#if !defined(__CUDACC_RTC__) /* predeclared */
typedef hc_long clock_t;
#endif

#endif
#endif
