/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors as such: flags, locks, terminals, room on the disk, hints, and copies that need no lane. What waits for somebody else's lock asks
 * again, further and further apart: no worker of the host waits for it.
 */
#ifndef HC_CONTROL_H
#define HC_CONTROL_H
#include "fs.h"
#include "time.h"

#define HC_F_DUPFD 0
#define HC_F_GETFD 1
#define HC_F_SETFD 2
#define HC_F_GETFL 3
#define HC_F_SETFL 4
#define HC_F_GETLK 5
#define HC_F_SETLK 6
#define HC_F_SETLKW 7
#define HC_F_OFD_GETLK 36
#define HC_F_OFD_SETLK 37
#define HC_F_OFD_SETLKW 38
#define HC_F_DUPFD_CLOEXEC 1030
#define HC_F_SETPIPE_SZ 1031
#define HC_F_GETPIPE_SZ 1032

#if defined(HC_NVCC)
struct hc_flock : public flock {};
#else
struct hc_flock {
    short l_type, l_whence;
    hc_long l_start, l_len;
    int l_pid;
};
#endif

/* ---------------------------------------------------------------------------------------------------------------------- fcntl */
HC_DEFINE_WORDS_CALL(hc_do_fcntl, HC_OP_FCNTL, 3)
HC_FN hc_i64 hc_fcntl_int(int fd, int command, int argument) {
    if (fd < 0) return -HC_EBADF;
    if (command == HC_F_DUPFD || command == HC_F_DUPFD_CLOEXEC) {
        if (argument < 0) return -HC_EINVAL;
        return hc_do_dup(fd, argument, HC_DUP_AT_LEAST | (command == HC_F_DUPFD ? 0 : HC_DUP_CLOEXEC));
    }
    return hc_do_fcntl(fd, command, argument);
}
HC_API int hc_fcntl_has_int(int command) {
    return command == HC_F_DUPFD || command == HC_F_DUPFD_CLOEXEC || command == HC_F_SETFD || command == HC_F_SETFL || command == HC_F_SETPIPE_SZ;
}
HC_API int hc_fcntl_has_lock(int command) {
    return (command >= HC_F_GETLK && command <= HC_F_SETLKW) || (command >= HC_F_OFD_GETLK && command <= HC_F_OFD_SETLKW);
}

#if defined(HC_OPENCL)
HC_FN HC_OVERLOAD int hc_fcntl(int fd, int command) { return (int)hc_posix(hc_fcntl_int(fd, command, 0)); }
HC_FN HC_OVERLOAD int hc_fcntl(int fd, int command, int argument) { return (int)hc_posix(hc_fcntl_int(fd, command, argument)); }
#else
HC_EXCHANGE_BODY(hc_do_lock, HC_OP_LOCK, 3)
/* Asks until nobody else has it, up to 50 ms apart; ends with the server. */
#define HC_LOCK_WAIT_NS 50000000u
HC_FN hc_i64 hc_lock_pause(hc_u64 *ns) {
    hc_u64 left = 0;
    hc_i64 r = hc_pause_ns(*ns, &left);
    if (*ns < HC_LOCK_WAIT_NS) *ns *= 2u;
    return r;
}
HC_FN hc_i64 hc_record_lock(int fd, int command, struct hc_flock *lock) {
    int waits = command == HC_F_SETLKW || command == HC_F_OFD_SETLKW;
    hc_u64 ns = 100000u;
    hc_i64 r;
    if (fd < 0) return -HC_EBADF;
    if (!lock) return -HC_EFAULT;
    for (;;) {
        hc_lock_wire w;
        w.type = lock->l_type;
        w.whence = lock->l_whence;
        w.start = lock->l_start;
        w.length = lock->l_len;
        w.pid = lock->l_pid;
        r = hc_do_lock(&w, sizeof w, fd, waits ? command - 1 : command);
        if (r == 0 && (command == HC_F_GETLK || command == HC_F_OFD_GETLK)) {
            lock->l_type = (short)w.type;
            if (w.type != 2) { /* else nothing but the type is said */
                lock->l_whence = (short)w.whence;
                lock->l_start = w.start;
                lock->l_len = w.length;
                lock->l_pid = (int)w.pid;
            }
        }
        if (!waits || r != -HC_EAGAIN) return r;
        r = hc_lock_pause(&ns);
        if (r < 0) return r;
    }
}
HC_VARIADIC int hc_fcntl(int fd, int command, ...) {
    HC_VA_LIST list;
    int number = 0;
    struct hc_flock *lock = (struct hc_flock *)0;
    HC_VA_START(list, command);
    if (hc_fcntl_has_int(command)) number = HC_VA_ARG(list, int);
    if (hc_fcntl_has_lock(command)) lock = HC_VA_ARG(list, struct hc_flock *);
    HC_VA_END(list);
    if (hc_fcntl_has_lock(command)) {
        HC_SPLIT((int)hc_posix(hc_record_lock(fd, command, lock)), ::fcntl(fd, command, lock))
    }
    HC_SPLIT((int)hc_posix(hc_fcntl_int(fd, command, number)), ::fcntl(fd, command, number))
}
/* A section from the position on, as POSIX's lockf. */
HC_FN hc_i64 hc_lockf_any(int fd, int command, hc_long length) {
    struct hc_flock lock;
    hc_i64 r;
    lock.l_type = command == 0 ? 2 : 1;
    lock.l_whence = 1;
    lock.l_start = 0;
    lock.l_len = length;
    lock.l_pid = 0;
    if (command < 0 || command > 3) return -HC_EINVAL;
    if (command != 3) return hc_record_lock(fd, command == 1 ? HC_F_SETLKW : HC_F_SETLK, &lock);
    r = hc_record_lock(fd, HC_F_GETLK, &lock);
    return r < 0 ? r : lock.l_type == 2 ? 0 : -13; /* EACCES: somebody else's */
}
HC_API int hc_lockf(int fd, int command, hc_long length) { HC_SPLIT((int)hc_posix(hc_lockf_any(fd, command, length)), ::lockf(fd, command, length)) }

HC_DEFINE_WORDS_CALL(hc_do_flock, HC_OP_FLOCK, 2)
#define HC_LOCK_NB 4
HC_FN hc_i64 hc_flock_any(int fd, int operation) {
    hc_u64 ns = 100000u;
    for (;;) {
        hc_i64 r = fd < 0 ? -HC_EBADF : hc_do_flock(fd, operation, 0);
        if (r != -HC_EAGAIN || (operation & HC_LOCK_NB)) return r;
        r = hc_lock_pause(&ns);
        if (r < 0) return r;
    }
}
HC_API int hc_flock(int fd, int operation) { HC_SPLIT((int)hc_posix(hc_flock_any(fd, operation)), ::flock(fd, operation)) }

/* ------------------------------------------------------------------------------------------------------------------ terminals */
#define HC_FIONREAD 0x541bu
#define HC_FIONBIO 0x5421u
#define HC_TIOCGWINSZ 0x5413u
#define HC_TCGETS 0x5401u
HC_EXCHANGE_BODY(hc_do_ioctl, HC_OP_IOCTL, 3)
HC_FN hc_i64 hc_ioctl_any(int fd, hc_u64 request, void *argument) {
    hc_u64 n = request == HC_TIOCGWINSZ ? 8u : request == HC_TCGETS ? 60u : 4u;
    hc_u8 bytes[64];
    hc_i64 r;
    hc_u64 i;
    if (fd < 0) return -HC_EBADF;
    if (request == HC_FIONREAD || request == HC_FIONBIO || request == HC_TIOCGWINSZ || request == HC_TCGETS) {
        if (!argument) return -HC_EFAULT;
    } else {
        argument = (void *)0; /* the host refuses it, after it has looked at the descriptor */
    }
    HC_ROLLED for (i = 0; i < n; i++) bytes[i] = argument ? ((hc_u8 *)argument)[i] : 0;
    r = hc_do_ioctl(bytes, n, fd, (hc_i64)request);
    HC_ROLLED for (i = 0; r == 0 && argument && i < n; i++) ((hc_u8 *)argument)[i] = bytes[i];
    return r;
}
HC_VARIADIC int hc_ioctl(int fd, hc_size request, ...) {
    HC_VA_LIST list;
    void *argument;
    HC_VA_START(list, request);
    argument = HC_VA_ARG(list, void *);
    HC_VA_END(list);
    HC_SPLIT((int)hc_posix(hc_ioctl_any(fd, request, argument)), ::ioctl(fd, request, argument))
}
HC_EXCHANGE_BODY(hc_do_ttyname, HC_OP_TTYNAME, 2)
#define HC_TTY_NAME_MAX 32u
HC_FN int hc_ttyname_into(int fd, char *to, hc_u64 n) {
    char name[HC_TTY_NAME_MAX];
    hc_i64 r = fd < 0 ? -HC_EBADF : hc_do_ttyname(name, sizeof name, fd, 0), i;
    if (r >= 0 && (hc_u64)r > n) r = -HC_ERANGE;
    HC_ROLLED for (i = 0; i < r; i++) to[i] = name[i];
    return r < 0 ? (int)-r : 0;
}
HC_API int hc_ttyname_r(int fd, char *to, size_t n) { HC_SPLIT(hc_ttyname_into(fd, to, n), ::ttyname_r(fd, to, n)) }
#endif

/* ------------------------------------------------------------------------------------------------------ room, hints, sync, copies */
HC_DEFINE_WORDS_CALL_4(hc_do_allocate, HC_OP_ALLOCATE)
HC_DEFINE_WORDS_CALL_4(hc_do_advise, HC_OP_ADVISE)
HC_DEFINE_WORDS_CALL(hc_do_sync, HC_OP_SYNC, 1)
/* These two return the error, and leave errno alone. */
HC_FN int hc_error_of(hc_i64 r) { return r < 0 ? (int)-r : 0; }
HC_API int hc_posix_fallocate(int fd, hc_long offset, hc_long length) {
    HC_SPLIT(hc_error_of(hc_do_allocate(fd, -1, offset, length)), ::posix_fallocate(fd, offset, length))
}
HC_API int hc_posix_fadvise(int fd, hc_long offset, hc_long length, int advice) {
    HC_SPLIT(hc_error_of(hc_do_advise(fd, offset, length, advice)), ::posix_fadvise(fd, offset, length, advice))
}
HC_FN hc_i64 hc_fallocate_any(int fd, int mode, hc_long offset, hc_long length) {
    return mode < 0 ? -HC_ENOTSUP : hc_do_allocate(fd, mode, offset, length);
}
HC_API int hc_fallocate(int fd, int mode, hc_long offset, hc_long length) {
    HC_SPLIT((int)hc_posix(hc_fallocate_any(fd, mode, offset, length)), ::fallocate(fd, mode, offset, length))
}
HC_API void hc_sync(void) { HC_SPLIT_VOID((void)hc_do_sync(-1, 0, 0), ::sync()) }
HC_API int hc_syncfs(int fd) { HC_SPLIT((int)hc_posix(fd < 0 ? -HC_EBADF : hc_do_sync(fd, 0, 0)), ::syncfs(fd)) }

HC_BODY hc_i64 hc_do_copy(hc_i64 n, hc_i64 from, hc_i64 to, hc_i64 from_offset, hc_i64 to_offset) {
    hc_txn t;
    hc_posix_begin(&t, HC_OP_COPY, 6, 0, 0);
    return hc_send(&t, n, 0, from, to, from_offset, to_offset);
}
#define HC_COPY_BYTES 65536u
/* Through the heap, where the host does not copy between these two: pipes, sockets, standard streams. A reader's bytes that no writer took
 * are given back where the position can be moved. */
HC_BODY hc_i64 hc_copy_by_lane(hc_u64 n, int from, int to, hc_i64 at) {
    hc_u64 room = n < HC_COPY_BYTES ? n : HC_COPY_BYTES;
    HC_GLOBAL hc_u8 *piece = (HC_GLOBAL hc_u8 *)hc_malloc((size_t)(room ? room : 1));
    hc_i64 done = 0, r = 0;
    if (!piece) return -HC_ENOMEM;
    HC_ROLLED while ((hc_u64)done < n) {
        hc_u64 want = n - (hc_u64)done < room ? n - (hc_u64)done : room;
        hc_i64 got = at >= 0 ? hc_pread_any(from, piece, want, at + done) : hc_read_any(from, piece, want);
        if (got <= 0) {
            r = got;
            break;
        }
        r = hc_write_any(to, piece, (hc_u64)got);
        if (r > 0) done += r;
        if (r < got) {
            if (at < 0) (void)hc_do_lseek(from, (r > 0 ? r : 0) - got, 1);
            break;
        }
    }
    hc_free(piece);
    return done ? done : r;
}
HC_FN hc_i64 hc_copy_any(hc_u64 n, int from, int to, hc_i64 from_offset, hc_i64 to_offset) {
    return n > HC_SSIZE_MAX ? -HC_EINVAL : hc_do_copy((hc_i64)n, from, to, from_offset, to_offset);
}
#define HC_DEFINE_COPY(SPACE, ATTR, BODY)                                                                                                \
    HC_FN ATTR hc_i64 hc_sendfile_any(int to, int from, SPACE hc_long *offset, hc_u64 n) {                                               \
        hc_i64 r;                                                                                                                        \
        if (offset && *offset < 0) return -HC_EINVAL;                                                                                    \
        r = hc_copy_any(n, from, to, offset ? *offset : -1, -1);                                                                         \
        if (r == -HC_ENOTSUP) r = hc_copy_by_lane(n, from, to, offset ? *offset : -1);                                                   \
        if (r > 0 && offset) *offset += (hc_long)r;                                                                                      \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_sendfile(int to, int from, SPACE hc_long *offset, size_t n) {                                                 \
        HC_SPLIT((hc_long)hc_posix(hc_sendfile_any(to, from, offset, n)), ::sendfile(to, from, offset, n))                               \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_copy_range_any(int from, SPACE hc_long *at, int to, SPACE hc_long *to_at, hc_u64 n, hc_u32 flags) {             \
        hc_i64 r;                                                                                                                        \
        if (flags || (at && *at < 0) || (to_at && *to_at < 0)) return -HC_EINVAL;                                                        \
        r = hc_copy_any(n, from, to, at ? *at : -1, to_at ? *to_at : -1);                                                                \
        if (r == -HC_ENOTSUP) r = -HC_EINVAL; /* only between files */                                                                   \
        if (r > 0 && at) *at += (hc_long)r;                                                                                              \
        if (r > 0 && to_at) *to_at += (hc_long)r;                                                                                        \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_copy_file_range(int from, SPACE hc_long *at, int to, SPACE hc_long *to_at, size_t n, hc_u32 flags) {          \
        HC_SPLIT((hc_long)hc_posix(hc_copy_range_any(from, at, to, to_at, n, flags)), ::copy_file_range(from, at, to, to_at, n, flags))  \
    }
HC_FOR_OUT(HC_DEFINE_COPY)

#endif
