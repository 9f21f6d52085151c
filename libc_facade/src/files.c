/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h>, <fcntl.h>, <sys/stat.h>, <sys/uio.h>, <sys/mman.h>: descriptors, the bytes behind them, and names of files.
 */
#include "library.h"
#include "hc/control.h"
#include "hc/fs.h"
#include "hc/mman.h"
#include "hc/system.h"

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
HC_EXPORT hc_long preadv(int fd, const hc_iovec_t *v, int count, hc_long offset) { return hc_preadv(fd, v, count, offset); }
HC_EXPORT hc_long pwritev(int fd, const hc_iovec_t *v, int count, hc_long offset) { return hc_pwritev(fd, v, count, offset); }
HC_EXPORT hc_long sendfile(int to, int from, hc_long *offset, size_t n) { return hc_sendfile(to, from, offset, n); }
HC_EXPORT hc_long copy_file_range(int from, hc_long *at, int to, hc_long *to_at, size_t n, hc_u32 flags) {
    return hc_copy_file_range(from, at, to, to_at, n, flags);
}
HC_EXPORT void *mmap(void *wanted, size_t length, int prot, int flags, int fd, hc_long offset) {
    return hc_mmap(wanted, length, prot, flags, fd, offset);
}
HC_EXPORT int munmap(void *p, size_t length) { return hc_munmap(p, length); }
HC_EXPORT int msync(void *p, size_t length, int flags) { return hc_msync(p, length, flags); }
/* A mapping stays where and as long as it is; who is told so maps anew. */
HC_EXPORT void *mremap(void *p, size_t length, size_t wanted, int flags, HC_DOTS) {
    (void)p, (void)length, (void)wanted, (void)flags, (void)hc_posix(-HC_ENOSYS);
    return (void *)-1;
}
/* Pages of a mapping are all as they were mapped: what asks for less, or gives a hint, has it. */
HC_EXPORT int mprotect(void *p, size_t length, int prot) {
    (void)p, (void)length;
    if (prot & ~7) return (int)hc_posix(-HC_EINVAL);
    return prot & 4 ? (int)hc_posix(-HC_ENOTSUP) : 0;
}
HC_EXPORT int madvise(void *p, size_t length, int advice) {
    (void)p, (void)length;
    return advice < 0 || advice > 4 ? (int)hc_posix(-HC_EINVAL) : advice == 4 ? (int)hc_posix(-HC_ENOTSUP) : 0; /* MADV_DONTNEED would clear */
}
HC_EXPORT int posix_madvise(void *p, size_t length, int advice) {
    (void)p, (void)length;
    return advice < 0 || advice > 4 ? HC_EINVAL : 0;
}
HC_EXPORT int mlock(const void *p, size_t length) { return (void)p, (void)length, 0; }
HC_EXPORT int munlock(const void *p, size_t length) { return (void)p, (void)length, 0; }

/* -------------------------------------------------------------------------------------------------------------------- control */
HC_EXPORT int lockf(int fd, int command, hc_long length) { return hc_lockf(fd, command, length); }
HC_EXPORT int flock(int fd, int operation) { return hc_flock(fd, operation); }
HC_EXPORT int posix_fadvise(int fd, hc_long offset, hc_long length, int advice) { return hc_posix_fadvise(fd, offset, length, advice); }
HC_EXPORT int posix_fallocate(int fd, hc_long offset, hc_long length) { return hc_posix_fallocate(fd, offset, length); }
HC_EXPORT int fallocate(int fd, int mode, hc_long offset, hc_long length) { return hc_fallocate(fd, mode, offset, length); }
HC_EXPORT void sync(void) { hc_sync(); }
HC_EXPORT int syncfs(int fd) { return hc_syncfs(fd); }
HC_EXPORT int ttyname_r(int fd, char *to, size_t n) { return hc_ttyname_r(fd, to, n); }
HC_PROGRAM_STATE char hc_the_tty[HC_TTY_NAME_MAX];
HC_EXPORT char *ttyname(int fd) {
    int error = hc_ttyname_r(fd, hc_the_tty, sizeof hc_the_tty);
    if (error) hc_errno_set(error);
    return error ? (char *)0 : hc_the_tty;
}
#if !defined(__cplusplus) /* C's variadic functions: how they are called in C++ differs between the device compilers */
HC_EXPORT int fcntl(int fd, int command, ...) {
    HC_VA_LIST list;
    int number = 0;
    struct hc_flock *lock = (struct hc_flock *)0;
    HC_VA_START(list, command);
    if (hc_fcntl_has_int(command)) number = HC_VA_ARG(list, int);
    if (hc_fcntl_has_lock(command)) lock = HC_VA_ARG(list, struct hc_flock *);
    HC_VA_END(list);
    return (int)hc_posix(hc_fcntl_has_lock(command) ? hc_record_lock(fd, command, lock) : hc_fcntl_int(fd, command, number));
}
HC_EXPORT int ioctl(int fd, unsigned long request, ...) {
    HC_VA_LIST list;
    void *argument;
    HC_VA_START(list, request);
    argument = HC_VA_ARG(list, void *);
    HC_VA_END(list);
    return (int)hc_posix(hc_ioctl_any(fd, request, argument));
}
#endif

/* <termios.h>: modes may be read. Linux's requests by tcgetattr; there is nothing to wait for or to throw away. */
struct hc_termios {
    hc_u32 flags[4];
    hc_u8 line, characters[32];
    hc_u32 speeds[2];
};
HC_STATIC_ASSERT(sizeof(struct hc_termios) == 60, hc_termios_size);
HC_EXPORT int tcgetattr(int fd, struct hc_termios *to) { return (int)hc_posix(hc_ioctl_any(fd, HC_TCGETS, to)); }
HC_FN int hc_terminal_or(int fd, int error) { return hc_isatty(fd) ? (int)hc_posix(-error) : -1; }
HC_EXPORT int tcsetattr(int fd, int when, const struct hc_termios *wanted) { return (void)when, (void)wanted, hc_terminal_or(fd, HC_EPERM); }
HC_EXPORT int tcflush(int fd, int queue) { return (void)queue, hc_terminal_or(fd, HC_EPERM); }
HC_EXPORT int tcdrain(int fd) { return hc_isatty(fd) ? hc_fsync(fd) : -1; }
HC_EXPORT int tcgetpgrp(int fd) { return hc_isatty(fd) ? hc_getpgrp() : -1; }
HC_EXPORT int tcsetpgrp(int fd, int group) { return (void)group, hc_terminal_or(fd, HC_EPERM); }
HC_EXPORT hc_u32 cfgetispeed(const struct hc_termios *modes) { return modes->speeds[0]; }
HC_EXPORT hc_u32 cfgetospeed(const struct hc_termios *modes) { return modes->speeds[1]; }
