/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a file is, who may use it how, when it was used, and what it lies on.
 */
#ifndef HC_MODES_H
#define HC_MODES_H
#include "fs.h"

#define HC_AT_EMPTY_PATH 0x1000
#define HC_UTIME_NOW 0x3fffffff
#define HC_UTIME_OMIT 0x3ffffffe

#if defined(HC_NVCC)
struct hc_statvfs : public statvfs {};
typedef struct utimbuf hc_utimbuf_t;
#else
struct hc_statvfs {
    hc_u64 f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_fsid, f_flag, f_namemax;
    hc_u32 reserved[6];
};
typedef struct hc_utimbuf {
    hc_long actime, modtime;
} hc_utimbuf_t;
#endif

HC_DEFINE_WORDS_CALL(hc_do_umask, HC_OP_UMASK, 1)
HC_API hc_u32 hc_umask(hc_u32 mask) { HC_SPLIT((hc_u32)hc_posix(hc_do_umask(mask & 0777u, 0, 0)), ::umask(mask)) }

/* No path: the descriptor itself. Its own opcode body, so that these never share a packet with calls that have one. */
HC_DEFINE_WORDS_CALL_4(hc_do_fchmod, HC_OP_CHMOD)
HC_DEFINE_WORDS_CALL_4(hc_do_fchown, HC_OP_CHOWN)
#define HC_OWNERS(owner, group) ((hc_i64)((hc_u64)(hc_u32)(owner) | (hc_u64)(hc_u32)(group) << 32))
HC_FN hc_i64 hc_checked_fd(int fd) { return fd < 0 ? -HC_EBADF : 0; }
HC_FN hc_i64 hc_fchmod_any(int fd, hc_u32 mode) {
    hc_i64 wrong = hc_checked_fd(fd);
    return wrong ? wrong : hc_do_fchmod(0, fd, mode, HC_AT_EMPTY_PATH);
}
HC_FN hc_i64 hc_fchown_any(int fd, hc_u32 owner, hc_u32 group) {
    hc_i64 wrong = hc_checked_fd(fd);
    return wrong ? wrong : hc_do_fchown(0, fd, HC_OWNERS(owner, group), HC_AT_EMPTY_PATH);
}
HC_API int hc_fchmod(int fd, hc_u32 mode) { HC_SPLIT((int)hc_posix(hc_fchmod_any(fd, mode)), ::fchmod(fd, mode)) }
HC_API int hc_fchown(int fd, hc_u32 owner, hc_u32 group) { HC_SPLIT((int)hc_posix(hc_fchown_any(fd, owner, group)), ::fchown(fd, owner, group)) }

#define HC_DEFINE_CHMOD(SPACE, ATTR, BODY)                                                                                               \
    HC_PATH_BODY(hc_do_chmod, HC_OP_CHMOD, 4, SPACE, ATTR, BODY)                                                                         \
    HC_PATH_BODY(hc_do_chown, HC_OP_CHOWN, 4, SPACE, ATTR, BODY)                                                                         \
    HC_API ATTR int hc_chmod(SPACE const char *path, hc_u32 mode) {                                                                      \
        HC_SPLIT((int)hc_posix(hc_do_chmod(path, HC_AT_FDCWD, mode, 0)), ::chmod(path, mode))                                            \
    }                                                                                                                                    \
    HC_API ATTR int hc_fchmodat(int dir, SPACE const char *path, hc_u32 mode, int flags) {                                               \
        HC_SPLIT((int)hc_posix(hc_do_chmod(path, dir, mode, flags)), ::fchmodat(dir, path, mode, flags))                                 \
    }                                                                                                                                    \
    HC_API ATTR int hc_chown(SPACE const char *path, hc_u32 owner, hc_u32 group) {                                                       \
        HC_SPLIT((int)hc_posix(hc_do_chown(path, HC_AT_FDCWD, HC_OWNERS(owner, group), 0)), ::chown(path, owner, group))                 \
    }                                                                                                                                    \
    HC_API ATTR int hc_lchown(SPACE const char *path, hc_u32 owner, hc_u32 group) {                                                      \
        HC_SPLIT((int)hc_posix(hc_do_chown(path, HC_AT_FDCWD, HC_OWNERS(owner, group), HC_AT_SYMLINK_NOFOLLOW)), ::lchown(path, owner, group)) \
    }                                                                                                                                    \
    HC_API ATTR int hc_fchownat(int dir, SPACE const char *path, hc_u32 owner, hc_u32 group, int flags) {                                \
        HC_SPLIT((int)hc_posix(hc_do_chown(path, dir, HC_OWNERS(owner, group), flags)), ::fchownat(dir, path, owner, group, flags))      \
    }
HC_FOR_IN(HC_DEFINE_CHMOD)

/* ----------------------------------------------------------------------------------------------------------------------- times */
typedef struct hc_two_times { /* of access and of change: seconds and nanoseconds */
    hc_i64 v[4];
} hc_two_times;
HC_FN hc_two_times hc_times_now(void) {
    hc_two_times now;
    now.v[0] = now.v[2] = 0;
    now.v[1] = now.v[3] = HC_UTIME_NOW;
    return now;
}
#define HC_DEFINE_UTIMES_FROM(SPACE, ATTR, BODY)                                                                                         \
    HC_FN ATTR hc_two_times hc_times_of(SPACE const hc_timespec_t *times) {                                                              \
        hc_two_times t;                                                                                                                  \
        if (!times) return hc_times_now();                                                                                               \
        t.v[0] = times[0].tv_sec;                                                                                                        \
        t.v[1] = times[0].tv_nsec;                                                                                                       \
        t.v[2] = times[1].tv_sec;                                                                                                        \
        t.v[3] = times[1].tv_nsec;                                                                                                       \
        return t;                                                                                                                        \
    }
HC_FOR_IN(HC_DEFINE_UTIMES_FROM)
#define HC_DEFINE_UTIMES(SPACE, ATTR, BODY)                                                                                              \
    BODY ATTR hc_i64 hc_do_utimes(SPACE const char *path, HC_PRIVATE const hc_two_times *times, hc_i64 dir, hc_i64 flags) {              \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = path ? hc_path_length(path) : 0, r;                                                                                   \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        hc_posix_begin(&t, HC_OP_UTIMES, 4, sizeof(hc_two_times) + (hc_u64)n, HC_IN);                                                    \
        if (!t.err) {                                                                                                                    \
            hc_put(&t, 0, times->v, sizeof(hc_two_times));                                                                               \
            if (n) hc_put(&t, sizeof(hc_two_times), path, (hc_u64)n);                                                                    \
        }                                                                                                                                \
        r = hc_posix_send(&t, (hc_i64)sizeof(hc_two_times) + n, dir, flags, n);                                                          \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
HC_FOR_IN(HC_DEFINE_UTIMES)
#define HC_DEFINE_UTIMENSAT(PATH, TIMES, ATTR)                                                                                           \
    HC_FN ATTR hc_i64 hc_utimensat_any(int dir, PATH const char *path, TIMES const hc_timespec_t *times, int flags) {                    \
        hc_two_times t = hc_times_of(times);                                                                                             \
        if (!path) return dir == HC_AT_FDCWD ? -HC_EFAULT : flags ? -HC_EINVAL : hc_do_utimes(path, &t, dir, HC_AT_EMPTY_PATH);          \
        return hc_do_utimes(path, &t, dir, flags);                                                                                       \
    }                                                                                                                                    \
    HC_API ATTR int hc_utimensat(int dir, PATH const char *path, TIMES const hc_timespec_t *times, int flags) {                          \
        HC_SPLIT((int)hc_posix(hc_utimensat_any(dir, path, times, flags)), ::utimensat(dir, path, times, flags))                         \
    }
#if defined(HC_OPENCL)
#define HC_DEFINE_UTIMENSAT_FROM(SPACE, ATTR, BODY) HC_DEFINE_UTIMENSAT(SPACE, __private, ATTR) HC_DEFINE_UTIMENSAT(SPACE, __global, ATTR)
HC_FOR_IN(HC_DEFINE_UTIMENSAT_FROM)
#else
HC_DEFINE_UTIMENSAT(, , )
#endif
#define HC_DEFINE_FUTIMENS(SPACE, ATTR, BODY)                                                                                            \
    HC_FN ATTR hc_i64 hc_futimens_any(int fd, SPACE const hc_timespec_t *times) {                                                        \
        hc_two_times t = hc_times_of(times);                                                                                             \
        return fd < 0 ? -HC_EBADF : hc_do_utimes((HC_GLOBAL const char *)0, &t, fd, HC_AT_EMPTY_PATH);                                   \
    }                                                                                                                                    \
    HC_API ATTR int hc_futimens(int fd, SPACE const hc_timespec_t *times) { HC_SPLIT((int)hc_posix(hc_futimens_any(fd, times)), ::futimens(fd, times)) }
HC_FOR_IN(HC_DEFINE_FUTIMENS)

#if !defined(HC_OPENCL)
/* Whole microseconds, which a timespec could not tell from a bad number of nanoseconds. */
HC_FN hc_i64 hc_utimes_of(hc_two_times *t, const hc_timeval_t *times) {
    int i;
    *t = hc_times_now();
    if (!times) return 0;
    for (i = 0; i < 2; i++) {
        if (times[i].tv_usec < 0 || times[i].tv_usec > 999999) return -HC_EINVAL;
        t->v[2 * i] = times[i].tv_sec;
        t->v[2 * i + 1] = times[i].tv_usec * 1000;
    }
    return 0;
}
HC_FN hc_i64 hc_utimes_any(const char *path, const hc_timeval_t *times, int flags) {
    hc_two_times t;
    hc_i64 wrong = path ? hc_utimes_of(&t, times) : -HC_EFAULT;
    return wrong ? wrong : hc_do_utimes(path, &t, HC_AT_FDCWD, flags);
}
HC_FN hc_i64 hc_futimes_any(int fd, const hc_timeval_t *times) {
    hc_two_times t;
    hc_i64 wrong = fd < 0 ? -HC_EBADF : hc_utimes_of(&t, times);
    return wrong ? wrong : hc_do_utimes((const char *)0, &t, fd, HC_AT_EMPTY_PATH);
}
HC_FN hc_i64 hc_utime_any(const char *path, const hc_utimbuf_t *times) {
    hc_two_times t = hc_times_now();
    if (!path) return -HC_EFAULT;
    if (times) {
        t.v[0] = times->actime;
        t.v[2] = times->modtime;
        t.v[1] = t.v[3] = 0;
    }
    return hc_do_utimes(path, &t, HC_AT_FDCWD, 0);
}
HC_API int hc_utimes(const char *path, const hc_timeval_t *times) { HC_SPLIT((int)hc_posix(hc_utimes_any(path, times, 0)), ::utimes(path, times)) }
HC_API int hc_lutimes(const char *path, const hc_timeval_t *times) {
    HC_SPLIT((int)hc_posix(hc_utimes_any(path, times, HC_AT_SYMLINK_NOFOLLOW)), ::lutimes(path, times))
}
HC_API int hc_futimes(int fd, const hc_timeval_t *times) { HC_SPLIT((int)hc_posix(hc_futimes_any(fd, times)), ::futimes(fd, times)) }
HC_API int hc_utime(const char *path, const hc_utimbuf_t *times) { HC_SPLIT((int)hc_posix(hc_utime_any(path, times)), ::utime(path, times)) }
#endif

/* ------------------------------------------------------------------------------------------------------------ the file system */
#define HC_DEFINE_STATVFS_OUT(SPACE, ATTR, BODY)                                                                                         \
    HC_FN ATTR void hc_statvfs_fill(SPACE struct hc_statvfs *v, HC_PRIVATE const hc_statvfs_wire *w) {                                   \
        v->f_bsize = w->bsize;                                                                                                           \
        v->f_frsize = w->frsize;                                                                                                         \
        v->f_blocks = w->blocks;                                                                                                         \
        v->f_bfree = w->bfree;                                                                                                           \
        v->f_bavail = w->bavail;                                                                                                         \
        v->f_files = w->files;                                                                                                           \
        v->f_ffree = w->ffree;                                                                                                           \
        v->f_favail = w->favail;                                                                                                         \
        v->f_fsid = w->fsid;                                                                                                             \
        v->f_flag = w->flag;                                                                                                             \
        v->f_namemax = w->namemax;                                                                                                       \
    }
HC_FOR_OUT(HC_DEFINE_STATVFS_OUT)
#define HC_DEFINE_STATVFS_IN(SPACE, ATTR, BODY) HC_PATH_REPLY_BODY(hc_do_statvfs, HC_OP_STATVFS, SPACE, HC_PRIVATE, ATTR, BODY)
HC_FOR_IN(HC_DEFINE_STATVFS_IN)
#define HC_DEFINE_STATVFS(IN, OUT, ATTR, BODY)                                                                                           \
    HC_FN ATTR int hc_statvfs_into(IN const char *path, OUT struct hc_statvfs *v) {                                                      \
        hc_statvfs_wire w;                                                                                                               \
        if (hc_posix(v ? hc_do_statvfs(path, &w, sizeof w, HC_AT_FDCWD, 0) : -HC_EFAULT) < 0) return -1;                                 \
        hc_statvfs_fill(v, &w);                                                                                                          \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_statvfs(IN const char *path, OUT struct hc_statvfs *v) { HC_SPLIT(hc_statvfs_into(path, v), ::statvfs(path, v)) }
HC_FOR_IN_OUT(HC_DEFINE_STATVFS)
HC_BODY hc_i64 hc_do_fstatvfs(int fd, HC_PRIVATE hc_statvfs_wire *w) {
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_STATVFS, 4, sizeof(hc_statvfs_wire), HC_OUT);
    r = hc_posix_send(&t, sizeof(hc_statvfs_wire), fd, 0, 0);
    if (!t.err) hc_get(&t, 0, w, r < 0 ? 0 : sizeof(hc_statvfs_wire));
    hc_posix_end(&t);
    return r;
}
#define HC_DEFINE_FSTATVFS(SPACE, ATTR, BODY)                                                                                            \
    HC_FN ATTR int hc_fstatvfs_into(int fd, SPACE struct hc_statvfs *v) {                                                                \
        hc_statvfs_wire w;                                                                                                               \
        if (hc_posix(fd < 0 ? -HC_EBADF : v ? hc_do_fstatvfs(fd, &w) : -HC_EFAULT) < 0) return -1;                                       \
        hc_statvfs_fill(v, &w);                                                                                                          \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_fstatvfs(int fd, SPACE struct hc_statvfs *v) { HC_SPLIT(hc_fstatvfs_into(fd, v), ::fstatvfs(fd, v)) }
HC_FOR_OUT(HC_DEFINE_FSTATVFS)

/* -1 with errno as it was stands for "no limit". */
HC_DEFINE_WORDS_CALL(hc_do_fpathconf, HC_OP_PATHCONF, 3)
HC_FN hc_long hc_limit_result(hc_i64 r) { return r == 0x7fffffffffffffffll ? -1 : (hc_long)hc_posix(r); }
HC_API hc_long hc_fpathconf(int fd, int name) { HC_SPLIT(hc_limit_result(fd < 0 ? -HC_EBADF : hc_do_fpathconf(0, fd, name)), ::fpathconf(fd, name)) }
#define HC_DEFINE_PATHCONF(SPACE, ATTR, BODY)                                                                                            \
    HC_PATH_BODY(hc_do_pathconf, HC_OP_PATHCONF, 3, SPACE, ATTR, BODY)                                                                   \
    HC_API ATTR hc_long hc_pathconf(SPACE const char *path, int name) { HC_SPLIT(hc_limit_result(hc_do_pathconf(path, HC_AT_FDCWD, name, 0)), ::pathconf(path, name)) }
HC_FOR_IN(HC_DEFINE_PATHCONF)

#endif
