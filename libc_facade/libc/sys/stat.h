/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/stat.h>: what a file is, and its mode.
 */
#ifndef _HC_LIBC_SYS_STAT_H
#define _HC_LIBC_SYS_STAT_H

#include "../bits/types.h"

struct stat {
    dev_t st_dev;
    ino_t st_ino;
    nlink_t st_nlink;
    mode_t st_mode;
    uid_t st_uid;
    gid_t st_gid;
    unsigned int __pad0;
    dev_t st_rdev;
    off_t st_size;
    blksize_t st_blksize;
    blkcnt_t st_blocks;
    struct timespec st_atim, st_mtim, st_ctim;
    long __reserved[3];
};
#include "../../include/hc/codes/stat.h"

#define S_IREAD S_IRUSR
#define S_IWRITE S_IWUSR
#define S_IEXEC S_IXUSR
#define ACCESSPERMS 0777
#define ALLPERMS 07777
#define DEFFILEMODE 0666

#ifdef __cplusplus
extern "C" {
#endif

int stat(const char *__restrict __path, struct stat *__restrict __st);
int lstat(const char *__restrict __path, struct stat *__restrict __st);
int fstat(int __fd, struct stat *__st);
int fstatat(int __dir, const char *__restrict __path, struct stat *__restrict __st, int __flags);
int mkdir(const char *__path, mode_t __mode);
int mkdirat(int __dir, const char *__path, mode_t __mode);
int mkfifo(const char *__path, mode_t __mode);
int mkfifoat(int __dir, const char *__path, mode_t __mode);
int mknod(const char *__path, mode_t __mode, dev_t __device);
int mknodat(int __dir, const char *__path, mode_t __mode, dev_t __device);
int chmod(const char *__path, mode_t __mode);
int fchmod(int __fd, mode_t __mode);
int fchmodat(int __dir, const char *__path, mode_t __mode, int __flags);
mode_t umask(mode_t __mask);
int utimensat(int __dir, const char *__path, const struct timespec __times[2], int __flags);
int futimens(int __fd, const struct timespec __times[2]);
#ifdef __cplusplus
}
#endif

#endif
