/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/stat.h> for device code: one macro serves the struct, the function and any member of that name.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/stat.h>
#endif
#if !defined(HC_STD_SYS_STAT_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_STAT_H

#include "sys/types.h"
#include "../hc/fs.h"
#include "../hc/links.h"
#include "../hc/modes.h"

#if !defined(HC_NVCC)
#define timespec hc_timespec
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
#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe
#define S_ISSOCK(mode) (((mode) & S_IFMT) == S_IFSOCK)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)
#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISBLK(mode) (((mode) & S_IFMT) == S_IFBLK)
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISCHR(mode) (((mode) & S_IFMT) == S_IFCHR)
#define S_ISFIFO(mode) (((mode) & S_IFMT) == S_IFIFO)
#endif

#undef stat
#define stat hc_stat
#undef lstat
#define lstat hc_lstat
#undef fstat
#define fstat hc_fstat
#undef fstatat
#define fstatat hc_fstatat
#undef mkdir
#define mkdir hc_mkdir
#undef mkdirat
#define mkdirat hc_mkdirat
#undef mkfifo
#define mkfifo hc_mkfifo
#undef mkfifoat
#define mkfifoat hc_mkfifoat
#undef mknod
#define mknod hc_mknod
#undef mknodat
#define mknodat hc_mknodat
#undef chmod
#define chmod hc_chmod
#undef fchmod
#define fchmod hc_fchmod
#undef fchmodat
#define fchmodat hc_fchmodat
#undef umask
#define umask hc_umask
#undef utimensat
#define utimensat hc_utimensat
#undef futimens
#define futimens hc_futimens

#endif
