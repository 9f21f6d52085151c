/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h>, <fcntl.h>, <sys/stat.h>, <sys/uio.h>, <sys/mman.h>: descriptors, the bytes behind them, and names of files.
 */
#include "library.h"
#include "hc/fs.h"
#include "hc/mman.h"

/* ---------------------------------------------------------------------------------------------------------------- descriptors */
HC_EXPORT int close(int fd) { return hc_close(fd); }
HC_EXPORT hc_long lseek(int fd, hc_long offset, int whence) { return hc_lseek(fd, offset, whence); }
HC_EXPORT int fsync(int fd) { return hc_fsync(fd); }
HC_EXPORT int fdatasync(int fd) { return hc_fdatasync(fd); }
HC_EXPORT int ftruncate(int fd, hc_long length) { return hc_ftruncate(fd, length); }
HC_EXPORT int dup(int fd) { return hc_dup(fd); }
HC_EXPORT int dup2(int fd, int to) { return hc_dup2(fd, to); }
HC_EXPORT int dup3(int fd, int to, int flags) { return hc_dup3(fd, to, flags); }
HC_EXPORT int isatty(int fd) { return hc_isatty(fd); }
HC_EXPORT int pipe(int *ends) { return hc_pipe(ends); }
HC_EXPORT int pipe2(int *ends, int flags) { return hc_pipe2(ends, flags); }

/* ---------------------------------------------------------------------------------------------------------------------- bytes */
HC_EXPORT hc_long read(int fd, void *p, size_t n) { return hc_read(fd, p, n); }
HC_EXPORT hc_long write(int fd, const void *p, size_t n) { return hc_write(fd, p, n); }
HC_EXPORT hc_long pread(int fd, void *p, size_t n, hc_long offset) { return hc_pread(fd, p, n, offset); }
HC_EXPORT hc_long pwrite(int fd, const void *p, size_t n, hc_long offset) { return hc_pwrite(fd, p, n, offset); }
HC_EXPORT hc_long readv(int fd, const hc_iovec_t *v, int count) { return hc_readv(fd, v, count); }
HC_EXPORT hc_long writev(int fd, const hc_iovec_t *v, int count) { return hc_writev(fd, v, count); }
HC_EXPORT void *mmap(void *wanted, size_t length, int prot, int flags, int fd, hc_long offset) {
    return hc_mmap(wanted, length, prot, flags, fd, offset);
}
HC_EXPORT int munmap(void *p, size_t length) { return hc_munmap(p, length); }
HC_EXPORT int msync(void *p, size_t length, int flags) { return hc_msync(p, length, flags); }

/* ---------------------------------------------------------------------------------------------------------------------- names */
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
