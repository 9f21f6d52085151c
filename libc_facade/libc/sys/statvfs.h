/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/statvfs.h>: the file system that a file lies on.
 */
#ifndef _HC_LIBC_SYS_STATVFS_H
#define _HC_LIBC_SYS_STATVFS_H

#include "../bits/types.h"

struct statvfs {
    unsigned long f_bsize, f_frsize;
    fsblkcnt_t f_blocks, f_bfree, f_bavail;
    fsfilcnt_t f_files, f_ffree, f_favail;
    unsigned long f_fsid, f_flag, f_namemax;
    int __f_spare[6];
};
#define ST_RDONLY 1
#define ST_NOSUID 2

#ifdef __cplusplus
extern "C" {
#endif
int statvfs(const char *__restrict __path, struct statvfs *__restrict __to);
int fstatvfs(int __fd, struct statvfs *__to);
#ifdef __cplusplus
}
#endif

#endif
