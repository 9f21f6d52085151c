/* SPDX-License-Identifier: Apache-2.0
 *
 * <fcntl.h>, <unistd.h>, <sys/stat.h>, <sys/statvfs.h>, <utime.h> and of <stdlib.h> what makes files: calls that take a path.
 */
#include "library.h"
#include "hc/links.h"
#include "hc/modes.h"
#include "hc/temporary.h"

/* ----------------------------------------------------------------------------------------------------------------------- open */
HC_EXPORT int open(const char *path, int flags, HC_DOTS) {
    hc_u32 mode = 0;
    if (HC_OPEN_MAKES(flags)) {
        HC_VA_LIST list;
        HC_DOTS_START(list, flags);
        mode = HC_VA_ARG(list, hc_u32);
        HC_VA_END(list);
    }
    return (int)hc_posix(hc_do_open(path, HC_AT_FDCWD, flags, mode));
}
HC_EXPORT int openat(int dir, const char *path, int flags, HC_DOTS) {
    hc_u32 mode = 0;
    if (HC_OPEN_MAKES(flags)) {
        HC_VA_LIST list;
        HC_DOTS_START(list, flags);
        mode = HC_VA_ARG(list, hc_u32);
        HC_VA_END(list);
    }
    return (int)hc_posix(hc_do_open(path, dir, flags, mode));
}
HC_EXPORT int creat(const char *path, hc_u32 mode) { return hc_creat(path, mode); }
HC_EXPORT int access(const char *path, int mode) { return hc_access(path, mode); }
HC_EXPORT int faccessat(int dir, const char *path, int mode, int flags) { return hc_faccessat(dir, path, mode, flags); }
HC_EXPORT int unlink(const char *path) { return hc_unlink(path); }
HC_EXPORT int unlinkat(int dir, const char *path, int flags) { return hc_unlinkat(dir, path, flags); }
HC_EXPORT int remove(const char *path) { return hc_remove(path); }
HC_EXPORT int truncate(const char *path, hc_long length) { return hc_truncate(path, length); }
HC_EXPORT int rename(const char *from, const char *to) { return hc_rename(from, to); }
HC_EXPORT int renameat(int dir, const char *from, int dir2, const char *to) { return hc_renameat(dir, from, dir2, to); }
HC_EXPORT int stat(const char *path, struct hc_stat *st) { return hc_stat(path, st); }
HC_EXPORT int lstat(const char *path, struct hc_stat *st) { return hc_lstat(path, st); }
HC_EXPORT int fstat(int fd, struct hc_stat *st) { return hc_fstat(fd, st); }
HC_EXPORT int fstatat(int dir, const char *path, struct hc_stat *st, int flags) { return hc_fstatat(dir, path, st, flags); }

/* ---------------------------------------------------------------------------------------------------------------------- links */
HC_EXPORT int euidaccess(const char *path, int mode) { return hc_faccessat(HC_AT_FDCWD, path, mode, 0x200); }
HC_EXPORT int eaccess(const char *path, int mode) { return hc_faccessat(HC_AT_FDCWD, path, mode, 0x200); }
HC_EXPORT int link(const char *from, const char *to) { return hc_link(from, to); }
HC_EXPORT int linkat(int dir, const char *from, int dir2, const char *to, int flags) { return hc_linkat(dir, from, dir2, to, flags); }
HC_EXPORT int symlink(const char *target, const char *path) { return hc_symlink(target, path); }
HC_EXPORT int symlinkat(const char *target, int dir, const char *path) { return hc_symlinkat(target, dir, path); }
HC_EXPORT hc_long readlink(const char *path, char *to, size_t n) { return hc_readlink(path, to, n); }
HC_EXPORT hc_long readlinkat(int dir, const char *path, char *to, size_t n) { return hc_readlinkat(dir, path, to, n); }
HC_EXPORT char *realpath(const char *path, char *to) { return hc_realpath(path, to); }
HC_EXPORT int mkfifo(const char *path, hc_u32 mode) { return hc_mkfifo(path, mode); }
HC_EXPORT int mkfifoat(int dir, const char *path, hc_u32 mode) { return hc_mkfifoat(dir, path, mode); }
HC_EXPORT int mknod(const char *path, hc_u32 mode, unsigned long device) { return hc_mknod(path, mode, device); }
HC_EXPORT int mknodat(int dir, const char *path, hc_u32 mode, unsigned long device) { return hc_mknodat(dir, path, mode, device); }
HC_EXPORT int mkstemp(char *name) { return hc_mkstemp(name); }
HC_EXPORT int mkostemp(char *name, int flags) { return hc_mkostemp(name, flags); }
HC_EXPORT int mkstemps(char *name, int suffix) { return hc_mkstemps(name, suffix); }
HC_EXPORT int mkostemps(char *name, int suffix, int flags) { return hc_mkostemps(name, suffix, flags); }
HC_EXPORT char *mkdtemp(char *name) { return hc_mkdtemp(name); }

/* ---------------------------------------------------------------------------------------------------------------------- modes */
HC_EXPORT hc_u32 umask(hc_u32 mask) { return hc_umask(mask); }
HC_EXPORT int chmod(const char *path, hc_u32 mode) { return hc_chmod(path, mode); }
HC_EXPORT int fchmod(int fd, hc_u32 mode) { return hc_fchmod(fd, mode); }
HC_EXPORT int fchmodat(int dir, const char *path, hc_u32 mode, int flags) { return hc_fchmodat(dir, path, mode, flags); }
HC_EXPORT int chown(const char *path, hc_u32 owner, hc_u32 group) { return hc_chown(path, owner, group); }
HC_EXPORT int fchown(int fd, hc_u32 owner, hc_u32 group) { return hc_fchown(fd, owner, group); }
HC_EXPORT int lchown(const char *path, hc_u32 owner, hc_u32 group) { return hc_lchown(path, owner, group); }
HC_EXPORT int fchownat(int dir, const char *path, hc_u32 owner, hc_u32 group, int flags) { return hc_fchownat(dir, path, owner, group, flags); }
HC_EXPORT int utimensat(int dir, const char *path, const hc_timespec_t *times, int flags) { return hc_utimensat(dir, path, times, flags); }
HC_EXPORT int futimens(int fd, const hc_timespec_t *times) { return hc_futimens(fd, times); }
HC_EXPORT int utimes(const char *path, const hc_timeval_t *times) { return hc_utimes(path, times); }
HC_EXPORT int lutimes(const char *path, const hc_timeval_t *times) { return hc_lutimes(path, times); }
HC_EXPORT int futimes(int fd, const hc_timeval_t *times) { return hc_futimes(fd, times); }
HC_EXPORT int utime(const char *path, const hc_utimbuf_t *times) { return hc_utime(path, times); }
HC_EXPORT int statvfs(const char *path, struct hc_statvfs *to) { return hc_statvfs(path, to); }
HC_EXPORT int fstatvfs(int fd, struct hc_statvfs *to) { return hc_fstatvfs(fd, to); }
HC_EXPORT hc_long pathconf(const char *path, int name) { return hc_pathconf(path, name); }
HC_EXPORT hc_long fpathconf(int fd, int name) { return hc_fpathconf(fd, name); }
