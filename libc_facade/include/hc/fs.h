/* SPDX-License-Identifier: Apache-2.0
 *
 * Files, directories and descriptors. Every call here goes to the host and returns what the host says; nothing is kept on the device but
 * the entries that a directory stream has read ahead.
 */
#ifndef HC_FS_H
#define HC_FS_H
#include "posix.h"
#include "heap.h" /* which wants lane_state.h before it */

/* ---------------------------------------------------------------------------------------------------------------- descriptors */
HC_DEFINE_WORDS_CALL(hc_do_close, HC_OP_CLOSE, 1)
HC_DEFINE_WORDS_CALL(hc_do_lseek, HC_OP_LSEEK, 3)
HC_DEFINE_WORDS_CALL(hc_do_fsync, HC_OP_FSYNC, 2)
HC_DEFINE_WORDS_CALL(hc_do_ftruncate, HC_OP_FTRUNCATE, 2)
HC_DEFINE_WORDS_CALL(hc_do_dup, HC_OP_DUP, 3)
HC_DEFINE_WORDS_CALL(hc_do_isatty, HC_OP_ISATTY, 1)
HC_DEFINE_WORDS_CALL(hc_do_pipe, HC_OP_PIPE, 1)
HC_DEFINE_WORDS_CALL(hc_do_fchdir, HC_OP_CHDIR, 2)

HC_API int hc_close(int fd) { HC_SPLIT((int)hc_posix(hc_do_close(fd, 0, 0)), ::close(fd)) }
HC_API hc_long hc_lseek(int fd, hc_long offset, int whence) { HC_SPLIT((hc_long)hc_posix(hc_do_lseek(fd, offset, whence)), ::lseek(fd, offset, whence)) }
HC_API int hc_fsync(int fd) { HC_SPLIT((int)hc_posix(hc_do_fsync(fd, 0, 0)), ::fsync(fd)) }
HC_API int hc_fdatasync(int fd) { HC_SPLIT((int)hc_posix(hc_do_fsync(fd, 1, 0)), ::fdatasync(fd)) }
HC_API int hc_ftruncate(int fd, hc_long length) { HC_SPLIT((int)hc_posix(hc_do_ftruncate(fd, length, 0)), ::ftruncate(fd, length)) }
HC_API int hc_dup(int fd) { HC_SPLIT((int)hc_posix(hc_do_dup(fd, -1, 0)), ::dup(fd)) }
/* dup2 of a number onto itself only asks whether it is open; dup3 refuses it. */
HC_API int hc_dup2(int fd, int to) { HC_SPLIT((int)hc_posix(to < 0 ? -HC_EBADF : hc_do_dup(fd, to, 0)), ::dup2(fd, to)) }
#define HC_DUP_AT_LEAST 1 /* the number is a lower bound */
#define HC_DUP_CLOEXEC 2
HC_FN hc_i64 hc_dup3_checked(int fd, int to, int flags) {
    if (fd == to || (flags & ~HC_O_CLOEXEC)) return -HC_EINVAL;
    return to < 0 ? -HC_EBADF : hc_do_dup(fd, to, flags & HC_O_CLOEXEC ? HC_DUP_CLOEXEC : 0);
}
HC_API int hc_dup3(int fd, int to, int flags) { HC_SPLIT((int)hc_posix(hc_dup3_checked(fd, to, flags)), ::dup3(fd, to, flags)) }
HC_API int hc_isatty(int fd) { HC_SPLIT(hc_posix(hc_do_isatty(fd, 0, 0)) > 0, ::isatty(fd)) }
HC_API int hc_fchdir(int fd) { HC_SPLIT((int)hc_posix(fd < 0 ? -HC_EBADF : hc_do_fchdir(0, fd, 0)), ::fchdir(fd)) }

#define HC_DEFINE_PIPE(SPACE, ATTR, BODY)                                                                                                \
    HC_FN ATTR int hc_pipe_ends(SPACE int *ends, int flags) {                                                                            \
        hc_i64 r = hc_posix(hc_do_pipe(flags, 0, 0));                                                                                    \
        if (r < 0) return -1;                                                                                                            \
        ends[0] = (int)(hc_u32)r;                                                                                                        \
        ends[1] = (int)(hc_u32)((hc_u64)r >> 32);                                                                                        \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_pipe2(SPACE int *ends, int flags) { HC_SPLIT(hc_pipe_ends(ends, flags), ::pipe2(ends, flags)) }                   \
    HC_API ATTR int hc_pipe(SPACE int *ends) { HC_SPLIT(hc_pipe_ends(ends, 0), ::pipe(ends)) }
HC_FOR_OUT(HC_DEFINE_PIPE)

/* --------------------------------------------------------------------------------------------------------------- read and write */
HC_REF_BODY(hc_read_ref, HC_OP_READ, 3, hc_fence_from_host())
HC_REF_BODY(hc_pread_ref, HC_OP_PREAD, 4, hc_fence_from_host())
HC_REF_BODY(hc_write_ref, HC_OP_WRITE, 3, (void)0)
HC_REF_BODY(hc_pwrite_ref, HC_OP_PWRITE, 4, (void)0)

/* Only memory that a plain address names can be in a registered range: in OpenCL C that is __global memory. */
#define HC_CHOOSE_SHARED(staged, by_reference, p, n, fd, offset)                                                                         \
    (hc_goes_by_reference((hc_u64)(size_t)(p), n) ? by_reference((hc_u64)(size_t)(p), n, fd, offset) : staged(p, n, fd, offset))
#define HC_CHOOSE_STAGED(staged, by_reference, p, n, fd, offset) staged(p, n, fd, offset)

#define HC_READS(SPACE, ATTR, BODY, CHOOSE)                                                                                              \
    HC_GET_BODY(hc_read_staged, HC_OP_READ, 3, SPACE, ATTR, BODY)                                                                        \
    HC_GET_BODY(hc_pread_staged, HC_OP_PREAD, 4, SPACE, ATTR, BODY)                                                                      \
    HC_FN ATTR hc_i64 hc_read_any(int fd, SPACE void *p, hc_u64 n) {                                                                     \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        if (wrong) return wrong;                                                                                                         \
        return CHOOSE(hc_read_staged, hc_read_ref, p, n, fd, 0);                                                                         \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_pread_any(int fd, SPACE void *p, hc_u64 n, hc_i64 offset) {                                                     \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        if (wrong) return wrong;                                                                                                         \
        return CHOOSE(hc_pread_staged, hc_pread_ref, p, n, fd, offset);                                                                  \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_read(int fd, SPACE void *p, size_t n) { HC_SPLIT((hc_long)hc_posix(hc_read_any(fd, p, n)), ::read(fd, p, n)) } \
    HC_API ATTR hc_long hc_pread(int fd, SPACE void *p, size_t n, hc_long offset) {                                                      \
        HC_SPLIT((hc_long)hc_posix(hc_pread_any(fd, p, n, offset)), ::pread(fd, p, n, offset))                                           \
    }
#define HC_WRITES(SPACE, ATTR, BODY, CHOOSE)                                                                                             \
    HC_PUT_BODY(hc_write_staged, HC_OP_WRITE, 3, SPACE, ATTR, BODY)                                                                      \
    HC_PUT_BODY(hc_pwrite_staged, HC_OP_PWRITE, 4, SPACE, ATTR, BODY)                                                                    \
    HC_FN ATTR hc_i64 hc_write_any(int fd, SPACE const void *p, hc_u64 n) {                                                              \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        if (wrong) return wrong;                                                                                                         \
        return CHOOSE(hc_write_staged, hc_write_ref, p, n, fd, 0);                                                                       \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_pwrite_any(int fd, SPACE const void *p, hc_u64 n, hc_i64 offset) {                                              \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        if (wrong) return wrong;                                                                                                         \
        return CHOOSE(hc_pwrite_staged, hc_pwrite_ref, p, n, fd, offset);                                                                \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_write(int fd, SPACE const void *p, size_t n) {                                                                \
        HC_SPLIT((hc_long)hc_posix(hc_write_any(fd, p, n)), ::write(fd, p, n))                                                           \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_pwrite(int fd, SPACE const void *p, size_t n, hc_long offset) {                                               \
        HC_SPLIT((hc_long)hc_posix(hc_pwrite_any(fd, p, n, offset)), ::pwrite(fd, p, n, offset))                                         \
    }

#if defined(HC_OPENCL)
HC_READS(__private, HC_OVERLOAD, HC_BODY, HC_CHOOSE_STAGED)
HC_READS(__global, HC_OVERLOAD, HC_BODY, HC_CHOOSE_SHARED)
HC_READS(__local, HC_OVERLOAD, HC_LOCAL_BODY, HC_CHOOSE_STAGED)
HC_WRITES(__private, HC_OVERLOAD, HC_BODY, HC_CHOOSE_STAGED)
HC_WRITES(__global, HC_OVERLOAD, HC_BODY, HC_CHOOSE_SHARED)
HC_WRITES(__constant, HC_OVERLOAD, HC_BODY, HC_CHOOSE_STAGED)
HC_WRITES(__local, HC_OVERLOAD, HC_LOCAL_BODY, HC_CHOOSE_STAGED)
#else
HC_READS(, , HC_BODY, HC_CHOOSE_SHARED)
HC_WRITES(, , HC_BODY, HC_CHOOSE_SHARED)
#endif

/* ---------------------------------------------------------------------------------------------------------------------- vectors
 * The pieces travel as one payload, so that a writev is one write on the host. */
#define HC_WRITE_VECTOR_BODY(name, op, nargs, SPACE, ATTR, BODY)                                                                         \
    BODY ATTR hc_i64 name(int fd, SPACE const hc_iovec_t *v, int count, hc_i64 offset) {                                                 \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_iovec_bytes(v, count), r;                                                                                          \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        hc_posix_begin(&t, op, nargs, (hc_u64)n, HC_IN | HC_SHRINK);                                                                     \
        if (!t.err) {                                                                                                                    \
            hc_payload_writer w;                                                                                                         \
            int i;                                                                                                                       \
            hc_payload_begin(&w, &t);                                                                                                    \
            HC_ROLLED for (i = 0; i < count && w.off < t.bytes; i++) {                                                                   \
                HC_GLOBAL const hc_u8 *p = (HC_GLOBAL const hc_u8 *)v[i].iov_base;                                                       \
                hc_u64 k;                                                                                                                \
                HC_ROLLED for (k = 0; k < v[i].iov_len && w.off < t.bytes; k++) hc_payload_byte(&w, p[k]);                               \
            }                                                                                                                            \
            hc_payload_end(&w);                                                                                                          \
            hc_warp_sync(t.mask);                                                                                                        \
        }                                                                                                                                \
        r = hc_posix_send(&t, (hc_i64)t.bytes, 0, fd, offset);                                                                           \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
#define HC_READ_VECTOR_BODY(name, op, nargs, SPACE, ATTR, BODY)                                                                          \
    BODY ATTR hc_i64 name(int fd, SPACE const hc_iovec_t *v, int count, hc_i64 offset) {                                                 \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_iovec_bytes(v, count), r;                                                                                          \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        hc_posix_begin(&t, op, nargs, (hc_u64)n, HC_OUT | HC_SHRINK);                                                                    \
        r = hc_posix_send(&t, (hc_i64)t.bytes, 0, fd, offset);                                                                           \
        if (!t.err && r > 0) {                                                                                                           \
            hc_u64 word = 0, at = 0, k;                                                                                                  \
            int i;                                                                                                                       \
            HC_ROLLED for (i = 0; i < count && at < (hc_u64)r; i++) {                                                                    \
                HC_GLOBAL hc_u8 *p = (HC_GLOBAL hc_u8 *)v[i].iov_base;                                                                   \
                HC_ROLLED for (k = 0; k < v[i].iov_len && at < (hc_u64)r; k++, at++, word >>= 8) {                                       \
                    if ((at & 7u) == 0) word = hc_arena_load(hc_part_at(&t) + at);                                                       \
                    p[k] = (hc_u8)word;                                                                                                  \
                }                                                                                                                        \
            }                                                                                                                            \
        }                                                                                                                                \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
#define HC_DEFINE_VECTORS(SPACE, ATTR, BODY)                                                                                             \
    /* Bytes of all pieces, or what is wrong with them. */                                                                               \
    HC_FN ATTR hc_i64 hc_iovec_bytes(SPACE const hc_iovec_t *v, int count) {                                                             \
        hc_u64 sum = 0;                                                                                                                  \
        int i;                                                                                                                           \
        if (count < 0 || count > HC_IOV_MAX) return -HC_EINVAL;                                                                          \
        if (count && !v) return -HC_EFAULT;                                                                                              \
        HC_ROLLED for (i = 0; i < count; i++) {                                                                                          \
            if (v[i].iov_len > HC_SSIZE_MAX - sum) return -HC_EINVAL;                                                                    \
            if (v[i].iov_len && !v[i].iov_base) return -HC_EFAULT;                                                                       \
            sum += v[i].iov_len;                                                                                                         \
        }                                                                                                                                \
        return (hc_i64)sum;                                                                                                              \
    }                                                                                                                                    \
    HC_WRITE_VECTOR_BODY(hc_writev_any, HC_OP_WRITE, 3, SPACE, ATTR, BODY)                                                               \
    HC_WRITE_VECTOR_BODY(hc_pwritev_any, HC_OP_PWRITE, 4, SPACE, ATTR, BODY)                                                             \
    HC_READ_VECTOR_BODY(hc_readv_any, HC_OP_READ, 3, SPACE, ATTR, BODY)                                                                  \
    HC_READ_VECTOR_BODY(hc_preadv_any, HC_OP_PREAD, 4, SPACE, ATTR, BODY)                                                                \
    HC_API ATTR hc_long hc_writev(int fd, SPACE const hc_iovec_t *v, int count) {                                                        \
        HC_SPLIT((hc_long)hc_posix(hc_writev_any(fd, v, count, 0)), ::writev(fd, v, count))                                              \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_readv(int fd, SPACE const hc_iovec_t *v, int count) {                                                         \
        HC_SPLIT((hc_long)hc_posix(hc_readv_any(fd, v, count, 0)), ::readv(fd, v, count))                                                \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_pwritev(int fd, SPACE const hc_iovec_t *v, int count, hc_long offset) {                                       \
        HC_SPLIT((hc_long)hc_posix(hc_pwritev_any(fd, v, count, offset)), ::pwritev(fd, v, count, offset))                               \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_preadv(int fd, SPACE const hc_iovec_t *v, int count, hc_long offset) {                                        \
        HC_SPLIT((hc_long)hc_posix(hc_preadv_any(fd, v, count, offset)), ::preadv(fd, v, count, offset))                                 \
    }
HC_FOR_OUT(HC_DEFINE_VECTORS)

/* ------------------------------------------------------------------------------------------------------------------------ paths */
#define HC_DEFINE_PATHS(SPACE, ATTR, BODY)                                                                                               \
    HC_PATH_BODY(hc_do_open, HC_OP_OPEN, 4, SPACE, ATTR, BODY)                                                                           \
    HC_PATH_BODY(hc_do_access, HC_OP_ACCESS, 4, SPACE, ATTR, BODY)                                                                       \
    HC_PATH_BODY(hc_do_mkdir, HC_OP_MKDIR, 3, SPACE, ATTR, BODY)                                                                         \
    HC_PATH_BODY(hc_do_unlink, HC_OP_UNLINK, 3, SPACE, ATTR, BODY)                                                                       \
    HC_PATH_BODY(hc_do_rmdir, HC_OP_UNLINK, 3, SPACE, ATTR, BODY)                                                                        \
    HC_PATH_BODY(hc_do_truncate, HC_OP_TRUNCATE, 3, SPACE, ATTR, BODY)                                                                   \
    HC_PATH_BODY(hc_do_chdir, HC_OP_CHDIR, 2, SPACE, ATTR, BODY)                                                                         \
    HC_FN ATTR hc_i64 hc_remove_any(SPACE const char *path) {                                                                            \
        hc_i64 r = hc_do_unlink(path, HC_AT_FDCWD, 0, 0);                                                                                \
        return r == -HC_EISDIR ? hc_do_rmdir(path, HC_AT_FDCWD, HC_AT_REMOVEDIR, 0) : r;                                                 \
    }                                                                                                                                    \
    HC_API ATTR int hc_creat(SPACE const char *path, hc_u32 mode) {                                                                      \
        HC_SPLIT((int)hc_posix(hc_do_open(path, HC_AT_FDCWD, 01101, mode)), ::creat(path, mode))                                         \
    }                                                                                                                                    \
    HC_API ATTR int hc_access(SPACE const char *path, int mode) {                                                                        \
        HC_SPLIT((int)hc_posix(hc_do_access(path, HC_AT_FDCWD, mode, 0)), ::access(path, mode))                                          \
    }                                                                                                                                    \
    HC_API ATTR int hc_faccessat(int dir, SPACE const char *path, int mode, int flags) {                                                 \
        HC_SPLIT((int)hc_posix(hc_do_access(path, dir, mode, flags)), ::faccessat(dir, path, mode, flags))                               \
    }                                                                                                                                    \
    HC_API ATTR int hc_mkdir(SPACE const char *path, hc_u32 mode) {                                                                      \
        HC_SPLIT((int)hc_posix(hc_do_mkdir(path, HC_AT_FDCWD, mode, 0)), ::mkdir(path, mode))                                            \
    }                                                                                                                                    \
    HC_API ATTR int hc_mkdirat(int dir, SPACE const char *path, hc_u32 mode) {                                                           \
        HC_SPLIT((int)hc_posix(hc_do_mkdir(path, dir, mode, 0)), ::mkdirat(dir, path, mode))                                             \
    }                                                                                                                                    \
    HC_API ATTR int hc_rmdir(SPACE const char *path) {                                                                                   \
        HC_SPLIT((int)hc_posix(hc_do_rmdir(path, HC_AT_FDCWD, HC_AT_REMOVEDIR, 0)), ::rmdir(path))                                       \
    }                                                                                                                                    \
    HC_API ATTR int hc_unlink(SPACE const char *path) {                                                                                  \
        HC_SPLIT((int)hc_posix(hc_do_unlink(path, HC_AT_FDCWD, 0, 0)), ::unlink(path))                                                   \
    }                                                                                                                                    \
    HC_API ATTR int hc_unlinkat(int dir, SPACE const char *path, int flags) {                                                            \
        HC_SPLIT((int)hc_posix(hc_do_unlink(path, dir, flags, 0)), ::unlinkat(dir, path, flags))                                         \
    }                                                                                                                                    \
    HC_API ATTR int hc_remove(SPACE const char *path) { HC_SPLIT((int)hc_posix(hc_remove_any(path)), ::remove(path)) }                   \
    HC_API ATTR int hc_truncate(SPACE const char *path, hc_long length) {                                                                \
        HC_SPLIT((int)hc_posix(hc_do_truncate(path, HC_AT_FDCWD, length, 0)), ::truncate(path, length))                                  \
    }                                                                                                                                    \
    HC_API ATTR int hc_chdir(SPACE const char *path) { HC_SPLIT((int)hc_posix(hc_do_chdir(path, HC_AT_FDCWD, 0, 0)), ::chdir(path)) }
HC_FOR_IN(HC_DEFINE_PATHS)

/* The mode is read only where a file may be made: without it there is no third argument to read. */
#define HC_OPEN_MAKES(flags) (((flags) & HC_O_CREAT) || ((flags) & HC_O_TMPFILE) == HC_O_TMPFILE)
#if defined(HC_OPENCL)
#define HC_DEFINE_OPEN(SPACE, ATTR, BODY)                                                                                                \
    HC_FN ATTR int hc_openat(int dir, SPACE const char *path, int flags, hc_u32 mode) {                                                  \
        return (int)hc_posix(hc_do_open(path, dir, flags, HC_OPEN_MAKES(flags) ? mode : 0));                                             \
    }                                                                                                                                    \
    HC_FN ATTR int hc_openat(int dir, SPACE const char *path, int flags) { return hc_openat(dir, path, flags, 0u); }                     \
    HC_FN ATTR int hc_open(SPACE const char *path, int flags, hc_u32 mode) { return hc_openat(HC_AT_FDCWD, path, flags, mode); }         \
    HC_FN ATTR int hc_open(SPACE const char *path, int flags) { return hc_openat(HC_AT_FDCWD, path, flags, 0u); }
HC_FOR_IN(HC_DEFINE_OPEN)
#else
#if defined(HC_NVCC)
#define HC_VARIADIC static __host__ __device__ __attribute__((unused))
#elif defined(HC_CUDA)
#define HC_VARIADIC static __device__ __attribute__((unused))
#else
#define HC_VARIADIC static __attribute__((unused))
#endif
HC_VARIADIC int hc_open(const char *path, int flags, ...) {
    hc_u32 mode = 0;
    if (HC_OPEN_MAKES(flags)) {
        HC_VA_LIST list;
        HC_VA_START(list, flags);
        mode = HC_VA_ARG(list, hc_u32);
        HC_VA_END(list);
    }
    HC_SPLIT((int)hc_posix(hc_do_open(path, HC_AT_FDCWD, flags, mode)), ::open(path, flags, mode))
}
HC_VARIADIC int hc_openat(int dir, const char *path, int flags, ...) {
    hc_u32 mode = 0;
    if (HC_OPEN_MAKES(flags)) {
        HC_VA_LIST list;
        HC_VA_START(list, flags);
        mode = HC_VA_ARG(list, hc_u32);
        HC_VA_END(list);
    }
    HC_SPLIT((int)hc_posix(hc_do_open(path, dir, flags, mode)), ::openat(dir, path, flags, mode))
}
#endif

#define HC_DEFINE_RENAME(FROM, TO, ATTR, BODY)                                                                                           \
    HC_TWO_PATHS_BODY(hc_do_rename, HC_OP_RENAME, 4, FROM, TO, ATTR, BODY)                                                               \
    HC_API ATTR int hc_rename(FROM const char *from, TO const char *to) {                                                                \
        HC_SPLIT((int)hc_posix(hc_do_rename(from, to, HC_AT_FDCWD, HC_AT_FDCWD, 0)), ::rename(from, to))                                 \
    }                                                                                                                                    \
    HC_API ATTR int hc_renameat(int dir, FROM const char *from, int dir2, TO const char *to) {                                           \
        HC_SPLIT((int)hc_posix(hc_do_rename(from, to, dir, dir2, 0)), ::renameat(dir, from, dir2, to))                                   \
    }
HC_FOR_IN_IN(HC_DEFINE_RENAME)

/* ------------------------------------------------------------------------------------------------------------------------- stat */
#define HC_DEFINE_STAT_OUT(SPACE, ATTR, BODY)                                                                                            \
    HC_FN ATTR void hc_stat_fill(SPACE struct hc_stat *st, HC_PRIVATE const hc_stat_wire *w) {                                           \
        st->st_dev = w->dev;                                                                                                             \
        st->st_ino = w->ino;                                                                                                             \
        st->st_nlink = w->nlink;                                                                                                         \
        st->st_mode = (hc_u32)w->mode;                                                                                                   \
        st->st_uid = (hc_u32)w->uid;                                                                                                     \
        st->st_gid = (hc_u32)w->gid;                                                                                                     \
        st->st_rdev = w->rdev;                                                                                                           \
        st->st_size = (hc_long)w->size;                                                                                                  \
        st->st_blksize = (hc_long)w->blksize;                                                                                            \
        st->st_blocks = (hc_long)w->blocks;                                                                                              \
        st->st_atim.tv_sec = (hc_long)w->atime_s;                                                                                        \
        st->st_atim.tv_nsec = (hc_long)w->atime_ns;                                                                                      \
        st->st_mtim.tv_sec = (hc_long)w->mtime_s;                                                                                        \
        st->st_mtim.tv_nsec = (hc_long)w->mtime_ns;                                                                                      \
        st->st_ctim.tv_sec = (hc_long)w->ctime_s;                                                                                        \
        st->st_ctim.tv_nsec = (hc_long)w->ctime_ns;                                                                                      \
    }
HC_FOR_OUT(HC_DEFINE_STAT_OUT)

HC_BODY hc_i64 hc_do_fstat(int fd, HC_PRIVATE hc_stat_wire *w) {
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_FSTAT, 2, sizeof(hc_stat_wire), HC_OUT);
    r = hc_posix_send(&t, sizeof(hc_stat_wire), fd, 0, 0);
    if (!t.err) hc_get(&t, 0, w, r < 0 ? 0 : sizeof(hc_stat_wire));
    hc_posix_end(&t);
    return r;
}
#define HC_DEFINE_STAT_IN(SPACE, ATTR, BODY)                                                                                             \
    BODY ATTR hc_i64 hc_do_stat(SPACE const char *path, HC_PRIVATE hc_stat_wire *w, int dir, int flags) {                                \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_path_length(path), r, bytes;                                                                                       \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        bytes = n > (hc_i64)sizeof(hc_stat_wire) ? n : (hc_i64)sizeof(hc_stat_wire);                                                     \
        hc_posix_begin(&t, HC_OP_STAT, 4, (hc_u64)bytes, HC_IN | HC_OUT);                                                                            \
        if (!t.err) hc_put(&t, 0, path, (hc_u64)n);                                                                                      \
        r = hc_posix_send(&t, bytes, dir, flags, n);                                                                         \
        if (!t.err) hc_get(&t, 0, w, r < 0 ? 0 : sizeof(hc_stat_wire));                                                                  \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
HC_FOR_IN(HC_DEFINE_STAT_IN)

#define HC_DEFINE_FSTAT(SPACE, ATTR, BODY)                                                                                               \
    HC_FN ATTR int hc_fstat_into(int fd, SPACE struct hc_stat *st) {                                                                     \
        hc_stat_wire w;                                                                                                                  \
        hc_i64 r = hc_posix(st ? hc_do_fstat(fd, &w) : -HC_EFAULT);                                                                      \
        if (r < 0) return -1;                                                                                                            \
        hc_stat_fill(st, &w);                                                                                                            \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_fstat(int fd, SPACE struct hc_stat *st) { HC_SPLIT(hc_fstat_into(fd, st), ::fstat(fd, st)) }
HC_FOR_OUT(HC_DEFINE_FSTAT)

#define HC_DEFINE_STAT(SPACE, OUT, ATTR)                                                                                                 \
    HC_FN ATTR int hc_stat_into(int dir, SPACE const char *path, OUT struct hc_stat *st, int flags) {                                    \
        hc_stat_wire w;                                                                                                                  \
        hc_i64 r = hc_posix(st ? hc_do_stat(path, &w, dir, flags) : -HC_EFAULT);                                                         \
        if (r < 0) return -1;                                                                                                            \
        hc_stat_fill(st, &w);                                                                                                            \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_stat(SPACE const char *path, OUT struct hc_stat *st) { HC_SPLIT(hc_stat_into(HC_AT_FDCWD, path, st, 0), ::stat(path, st)) } \
    HC_API ATTR int hc_lstat(SPACE const char *path, OUT struct hc_stat *st) {                                                           \
        HC_SPLIT(hc_stat_into(HC_AT_FDCWD, path, st, HC_AT_SYMLINK_NOFOLLOW), ::lstat(path, st))                                         \
    }                                                                                                                                    \
    HC_API ATTR int hc_fstatat(int dir, SPACE const char *path, OUT struct hc_stat *st, int flags) {                                     \
        HC_SPLIT(hc_stat_into(dir, path, st, flags), ::fstatat(dir, path, st, flags))                                                    \
    }
#if defined(HC_OPENCL)
#define HC_DEFINE_STAT_SPACES(SPACE, ATTR, BODY)                                                                                         \
    HC_DEFINE_STAT(SPACE, __private, ATTR) HC_DEFINE_STAT(SPACE, __global, ATTR) HC_DEFINE_STAT(SPACE, __local, ATTR)
HC_FOR_IN(HC_DEFINE_STAT_SPACES)
#else
HC_DEFINE_STAT(, , )
#endif

/* ------------------------------------------------------------------------------------------------------------------ directories
 * A stream reads entries ahead, a payload page at a time. */
#define HC_DIR_BYTES 4096u
typedef struct hc_dir {
    int fd;
    hc_u32 at, end; /* unread records lie in [at, end) */
    hc_u32 reserved;
    hc_i64 place;   /* behind the entry read last, as the host counts: what telldir says */
    hc_dirent_t entry;
    hc_u64 records[HC_DIR_BYTES / 8u];
} hc_dir;
#if defined(HC_NVCC)
typedef DIR hc_dir_t;
#else
typedef HC_GLOBAL hc_dir hc_dir_t;
#endif
#define HC_DIR_OF(stream) ((HC_GLOBAL hc_dir *)(stream))

HC_BODY hc_i64 hc_do_getdents(HC_GLOBAL hc_u64 *to, hc_u64 n, int fd) {
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_GETDENTS, 2, n, HC_OUT);
    r = hc_posix_send(&t, (hc_i64)n, fd, 0, 0);
    if (!t.err) hc_get(&t, 0, to, r > 0 ? (hc_u64)r : 0);
    hc_posix_end(&t);
    return r;
}
HC_BODY hc_dir_t *hc_dir_begin(int fd) {
    HC_GLOBAL hc_dir *d = (HC_GLOBAL hc_dir *)hc_malloc(sizeof(hc_dir));
    if (!d) return (hc_dir_t *)0;
    d->fd = fd;
    d->at = 0;
    d->end = 0;
    d->place = 0;
    return (hc_dir_t *)d;
}
/* The next record, or null at the end and after an error; errno is left alone at the end. */
HC_BODY HC_GLOBAL hc_dirent_t *hc_dir_next(HC_GLOBAL hc_dir *d) {
    HC_GLOBAL const hc_dirent_wire *w;
    HC_GLOBAL const char *name;
    hc_u32 i;
    if (d->at >= d->end) {
        hc_i64 r = hc_posix(hc_do_getdents(d->records, HC_DIR_BYTES, d->fd));
        d->at = 0;
        d->end = r > 0 ? (hc_u32)r : 0;
        if (r <= 0) return (HC_GLOBAL hc_dirent_t *)0;
    }
    w = (HC_GLOBAL const hc_dirent_wire *)(d->records + d->at / 8u);
    name = (HC_GLOBAL const char *)(w + 1);
    d->entry.d_ino = w->ino;
    d->entry.d_off = w->off;
    d->place = w->off;
    d->entry.d_reclen = w->reclen;
    d->entry.d_type = w->type;
    HC_ROLLED for (i = 0; i < w->namelen; i++) d->entry.d_name[i] = name[i];
    d->entry.d_name[i] = 0;
    d->at += w->reclen;
    return &d->entry;
}
HC_FN int hc_dir_end(HC_GLOBAL hc_dir *d) {
    int fd = d->fd;
    hc_free(d);
    return (int)hc_posix(hc_do_close(fd, 0, 0));
}
HC_FN void hc_dir_seek(HC_GLOBAL hc_dir *d, hc_i64 place) {
    (void)hc_do_lseek(d->fd, place, 0);
    d->at = 0;
    d->end = 0;
    d->place = place;
}
HC_FN hc_dir_t *hc_dir_open(int fd) {
    hc_dir_t *d;
    if (fd < 0) return (hc_dir_t *)0;
    d = hc_dir_begin(fd);
    if (!d) (void)hc_do_close(fd, 0, 0); /* errno stays ENOMEM */
    return d;
}
/* The descriptor has to be a directory's now, not at the first readdir. */
HC_FN hc_dir_t *hc_dir_adopt(int fd) {
    hc_stat_wire w;
    if (hc_posix(hc_do_fstat(fd, &w)) < 0) return (hc_dir_t *)0;
    if ((w.mode & 0170000u) != 0040000u) {
        hc_errno_set(20); /* ENOTDIR */
        return (hc_dir_t *)0;
    }
    return hc_dir_begin(fd);
}

#define HC_DEFINE_OPENDIR(SPACE, ATTR, BODY)                                                                                             \
    HC_API ATTR hc_dir_t *hc_opendir(SPACE const char *path) {                                                                           \
        HC_SPLIT(hc_dir_open((int)hc_posix(hc_do_open(path, HC_AT_FDCWD, HC_O_DIRECTORY | HC_O_CLOEXEC, 0))), ::opendir(path))           \
    }
HC_FOR_IN(HC_DEFINE_OPENDIR)
HC_API hc_dir_t *hc_fdopendir(int fd) { HC_SPLIT(hc_dir_adopt(fd), ::fdopendir(fd)) }
HC_API int hc_dirfd(hc_dir_t *d) { HC_SPLIT(HC_DIR_OF(d)->fd, ::dirfd(d)) }
HC_API HC_GLOBAL hc_dirent_t *hc_readdir(hc_dir_t *d) { HC_SPLIT(hc_dir_next(HC_DIR_OF(d)), ::readdir(d)) }
HC_API void hc_rewinddir(hc_dir_t *d) { HC_SPLIT_VOID(hc_dir_seek(HC_DIR_OF(d), 0), ::rewinddir(d)) }
HC_API void hc_seekdir(hc_dir_t *d, hc_long place) { HC_SPLIT_VOID(hc_dir_seek(HC_DIR_OF(d), place), ::seekdir(d, place)) }
HC_API hc_long hc_telldir(hc_dir_t *d) { HC_SPLIT((hc_long)HC_DIR_OF(d)->place, ::telldir(d)) }
HC_API int hc_closedir(hc_dir_t *d) { HC_SPLIT(hc_dir_end(HC_DIR_OF(d)), ::closedir(d)) }

/* ----------------------------------------------------------------------------------------------------------- working directory */
#define HC_DEFINE_CWD(SPACE, ATTR, BODY)                                                                                                 \
    BODY ATTR hc_i64 hc_do_getcwd(SPACE char *to, hc_u64 n) {                                                                            \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_u64 bytes = n < HC_PATH_MAX ? n : HC_PATH_MAX;                                                                                \
        if (!n) return -HC_EINVAL;                                                                                                       \
        hc_posix_begin(&t, HC_OP_GETCWD, 1, bytes, HC_OUT);                                                                                            \
        r = hc_posix_send(&t, (hc_i64)bytes, 0, 0, 0);                                                                     \
        if (!t.err) hc_get(&t, 0, (SPACE void *)to, r > 0 ? (hc_u64)r : 0);                                                              \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
HC_FOR_OUT(HC_DEFINE_CWD)
/* A null buffer asks for one from malloc, of the given size or, for 0, large enough for any path. */
HC_FN HC_GLOBAL char *hc_getcwd_new(size_t size) {
    size_t bytes = size ? size : HC_PATH_MAX;
    HC_GLOBAL char *to = (HC_GLOBAL char *)hc_malloc(bytes);
    if (to && hc_posix(hc_do_getcwd(to, bytes)) < 0) {
        hc_free(to);
        return (HC_GLOBAL char *)0;
    }
    return to;
}
#if defined(HC_OPENCL)
HC_FN HC_OVERLOAD __private char *hc_getcwd(__private char *to, size_t size) { return hc_posix(hc_do_getcwd(to, size)) < 0 ? 0 : to; }
HC_FN HC_OVERLOAD __local char *hc_getcwd(__local char *to, size_t size) { return hc_posix(hc_do_getcwd(to, size)) < 0 ? 0 : to; }
HC_FN HC_OVERLOAD __global char *hc_getcwd(__global char *to, size_t size) {
    if (!to) return hc_getcwd_new(size);
    return hc_posix(hc_do_getcwd(to, size)) < 0 ? 0 : to;
}
/* NULL is a pointer to void. */
HC_FN HC_OVERLOAD __global char *hc_getcwd(__private void *null, size_t size) {
    (void)null;
    return hc_getcwd_new(size);
}
#else
HC_FN char *hc_getcwd_any(char *to, size_t size) {
    if (!to) return hc_getcwd_new(size);
    return hc_posix(hc_do_getcwd(to, size)) < 0 ? (char *)0 : to;
}
HC_API char *hc_getcwd(char *to, size_t size) { HC_SPLIT(hc_getcwd_any(to, size), ::getcwd(to, size)) }
#endif

#endif
