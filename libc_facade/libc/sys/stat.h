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
#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000
#define S_IRWXU 0700
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRWXG 070
#define S_IRGRP 040
#define S_IWGRP 020
#define S_IXGRP 010
#define S_IRWXO 07
#define S_IROTH 04
#define S_IWOTH 02
#define S_IXOTH 01
#define S_IREAD S_IRUSR
#define S_IWRITE S_IWUSR
#define S_IEXEC S_IXUSR
#define ACCESSPERMS 0777
#define ALLPERMS 07777
#define DEFFILEMODE 0666
#define S_ISSOCK(mode) (((mode) & S_IFMT) == S_IFSOCK)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)
#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISBLK(mode) (((mode) & S_IFMT) == S_IFBLK)
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISCHR(mode) (((mode) & S_IFMT) == S_IFCHR)
#define S_ISFIFO(mode) (((mode) & S_IFMT) == S_IFIFO)

#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe

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
