/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors as such: flags, locks, room on the disk, hints, and copies that never leave the host. Nothing here waits
 * for somebody else: a lock that is taken is EAGAIN, and the lane that wants to wait asks again.
 *
 * Record locks (F_SETLK) are this process's, as POSIX has them: lanes, and runtimes of the same process, do not lock
 * each other out. Locks of a description (F_OFD_SETLK, flock) do.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* Linux's numbers, which are the wire's. */
enum { GETFD = 1, SETFD = 2, GETFL = 3, SETFL = 4, GETLK = 5, SETLK = 6, OFD_GETLK = 36, OFD_SETLK = 37, SETPIPE_SZ = 1031, GETPIPE_SZ = 1032 };
#define SETTABLE (HC_WIRE_APPEND | HC_WIRE_NONBLOCK | HC_WIRE_DIRECT | HC_WIRE_NOATIME)

/* ------------------------------------------------------------------------------------------------------------ fcntl */
static int64_t get_flags(const hc_file *file) {
    uint32_t wire;
    if (file->host < 0) { /* a sink takes bytes and gives none */
        wire = HC_WIRE_WRONLY;
    } else {
        int host = fcntl(file->host, F_GETFL);
        if (host < 0) return -errno;
        wire = hc_fs_wire_flags(host & ~O_NONBLOCK);
    }
    wire &= ~(HC_WIRE_APPEND | HC_WIRE_NONBLOCK);
    if (atomic_load(&file->appends)) wire |= HC_WIRE_APPEND;
    if (atomic_load(&file->nonblock)) wire |= HC_WIRE_NONBLOCK;
    return wire;
}

static int64_t set_flags(hc_fs *fs, hc_file *file, uint32_t wire) {
    bool nonblock = wire & HC_WIRE_NONBLOCK, appends = wire & HC_WIRE_APPEND;
    if (file->host >= 0 && !file->foreign && !file->socket) {
        int flags = (appends ? O_APPEND : 0) | (wire & HC_WIRE_DIRECT ? O_DIRECT : 0) |
                    ((wire & HC_WIRE_NOATIME) == HC_WIRE_NOATIME ? O_NOATIME : 0) | (file->host_nonblock ? O_NONBLOCK : 0);
        if (fcntl(file->host, F_SETFL, flags) < 0) return -errno;
    }
    hc_descriptor_flags(&fs->descriptors, file, nonblock, appends);
    return 0;
}

static int64_t fcntl_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t argument = c->arg[2][rank], r = -EINVAL;
    bool path_only = file->host >= 0 && !file->reads && !file->writes;
    switch (c->arg[1][rank]) {
    case GETFD: r = atomic_load(&file->cloexec); break;
    case SETFD: atomic_store(&file->cloexec, argument & 1), r = 0; break;
    case GETFL: r = get_flags(file); break;
    case SETFL: r = path_only ? -EBADF : set_flags(fs, file, (uint32_t)argument & SETTABLE); break;
    case GETPIPE_SZ:
        if (file->host >= 0 && (r = fcntl(file->host, F_GETPIPE_SZ)) < 0) r = -errno;
        break;
    case SETPIPE_SZ:
        if (argument >= 0 && argument <= INT_MAX && file->host >= 0 && !file->foreign &&
            (r = fcntl(file->host, F_SETPIPE_SZ, (int)argument)) < 0)
            r = -errno;
        break;
    default: break;
    }
    hc_file_put(file);
    return r;
}

/* ------------------------------------------------------------------------------------------------------------ locks */
static int64_t lock_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_lock_wire wire;
    uint8_t *room;
    int64_t command = c->arg[2][rank];
    int host = command == GETLK ? F_GETLK : command == SETLK ? F_SETLK : command == OFD_GETLK ? F_OFD_GETLK : F_OFD_SETLK;
    if (command != GETLK && command != SETLK && command != OFD_GETLK && command != OFD_SETLK) return -EINVAL;
    int rc = hc_fs_take_room(c, rank, sizeof wire, &room);
    if (rc < 0) return rc;
    memcpy(&wire, room, sizeof wire);
    if (wire.type < 0 || wire.type > 2 || wire.whence < 0 || wire.whence > 2) return -EINVAL;
    static const short types[] = {F_RDLCK, F_WRLCK, F_UNLCK};
    struct flock lock = {.l_type = types[wire.type],
                         .l_whence = (short)wire.whence,
                         .l_start = wire.start,
                         .l_len = wire.length,
                         .l_pid = (pid_t)(host == F_OFD_GETLK || host == F_OFD_SETLK ? wire.pid : 0)};
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]);
    if (!file) return -EBADF;
    rc = file->host < 0 ? -EINVAL : fcntl(file->host, host, &lock) < 0 ? -errno : 0;
    hc_file_put(file);
    if (rc == -EACCES) rc = -EAGAIN;
    if (rc < 0) return rc;
    wire = (hc_lock_wire){.type = lock.l_type == F_RDLCK ? 0 : lock.l_type == F_WRLCK ? 1 : 2,
                          .whence = lock.l_whence,
                          .start = lock.l_start,
                          .length = lock.l_len,
                          .pid = lock.l_pid};
    memcpy(room, &wire, sizeof wire);
    return 0;
}

static int64_t flock_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t operation = c->arg[1][rank], r = -EINVAL;
    if (operation >= 0 && operation < 16 && file->host >= 0)
        r = flock(file->host, (int)operation | LOCK_NB) < 0 ? -errno : 0;
    hc_file_put(file);
    return r;
}

/* ------------------------------------------------------------------------------------------------- room, hints, sync */
static int64_t allocate_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t mode = c->arg[1][rank], offset = c->arg[2][rank], length = c->arg[3][rank], r;
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    if (!file->writes) r = -EBADF;
    else if (file->kind == HC_FILE_WAITS || file->host < 0) r = -ESPIPE;
    else if (mode < -1 || mode > INT_MAX) r = -EOPNOTSUPP;
    else if (mode < 0) r = -posix_fallocate(file->host, offset, length);
    else r = fallocate(file->host, (int)mode, offset, length) < 0 ? -errno : 0;
    hc_quiet_end(&quiet);
    hc_file_put(file);
    return r;
}

static int64_t advise_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t advice = c->arg[3][rank], r = -ESPIPE;
    if (advice < 0 || advice > 5) r = -EINVAL;
    else if (file->host >= 0) r = -posix_fadvise(file->host, c->arg[1][rank], c->arg[2][rank], (int)advice);
    hc_file_put(file);
    return r;
}

static int64_t sync_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    if (c->arg[0][rank] >= 0) {
        hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
        if (!file) return -EBADF;
        int64_t r = file->host < 0 ? hc_stdio_flush(c->server) : syncfs(file->host) < 0 ? -errno : 0;
        hc_file_put(file);
        return r;
    }
    (void)hc_stdio_flush(c->server); /* sync returns nothing: its errors show at fsync */
    uint32_t count = atomic_load(&fs->paths.count);
    for (uint32_t i = 0; i < count; i++) {
        int fd = openat(fs->paths.roots[i].fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) continue;
        (void)syncfs(fd);
        close(fd);
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------- copy */
#define COPY_MOST (1ll << 30)
#define COPY_PIECE (256u << 10)

/* Where the kernel copies between these two files only through memory. */
static int64_t copy_pieces(int from, int64_t *at, int to, int64_t *to_at, int64_t n) {
    uint8_t *piece = malloc(COPY_PIECE);
    int64_t done = 0, r = 0;
    if (!piece) return -ENOMEM;
    while (done < n) {
        size_t want = n - done < (int64_t)COPY_PIECE ? (size_t)(n - done) : COPY_PIECE;
        ssize_t got = at ? pread(from, piece, want, *at) : read(from, piece, want);
        if (got <= 0) {
            r = got < 0 ? -errno : 0;
            break;
        }
        if (at) *at += got;
        ssize_t put = to_at ? pwrite(to, piece, (size_t)got, *to_at) : write(to, piece, (size_t)got);
        if (put < 0) r = -errno;
        if (put > 0 && to_at) *to_at += put;
        if (put > 0) done += put;
        if (put < got) { /* what was not written was not read either */
            if (!at) (void)lseek(from, -(got - (put > 0 ? put : 0)), SEEK_CUR);
            break;
        }
    }
    free(piece);
    return done ? done : r;
}

static int64_t copy_between(hc_file *in, hc_file *out, int64_t from_at, int64_t to_at, int64_t n) {
    if (!in || !out || !in->reads || !out->writes) return -EBADF;
    if (in->kind == HC_FILE_DIRECTORY || out->kind == HC_FILE_DIRECTORY) return -EISDIR;
    if (in->kind != HC_FILE_PLAIN || out->kind != HC_FILE_PLAIN || atomic_load(&out->appends)) return -ENOTSUP;
    if (from_at < -1 || to_at < -1 || n < 0) return -EINVAL;
    if (n > COPY_MOST) n = COPY_MOST;
    int64_t done = 0;
    while (done < n) {
        loff_t in_off = from_at + done, out_off = to_at + done;
        ssize_t r = copy_file_range(in->host, from_at < 0 ? NULL : &in_off, out->host, to_at < 0 ? NULL : &out_off,
                                    (size_t)(n - done), 0);
        if (r > 0) {
            done += r;
            continue;
        }
        if (r < 0 && errno == EINTR) continue;
        if (done) return done;
        /* Nothing was copied: not between these, or a file whose size is not known (0 then). */
        if (r < 0 && errno != EXDEV && errno != ENOSYS && errno != EOPNOTSUPP && errno != EINVAL && errno != EPERM) return -errno;
        int64_t in_at = from_at, out_at = to_at;
        return copy_pieces(in->host, from_at < 0 ? NULL : &in_at, out->host, to_at < 0 ? NULL : &out_at, n);
    }
    return done;
}

static int64_t copy_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *in = hc_descriptor_get(&fs->descriptors, c->arg[2][rank]);
    hc_file *out = hc_descriptor_get(&fs->descriptors, c->arg[3][rank]);
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    int64_t r = copy_between(in, out, c->arg[4][rank], c->arg[5][rank], c->arg[0][rank]);
    hc_quiet_end(&quiet);
    hc_fs_drop(in);
    hc_fs_drop(out);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- ioctl, ttyname */
#define REQUEST_TCGETS 0x5401
#define REQUEST_TIOCGWINSZ 0x5413
#define REQUEST_FIONREAD 0x541b
#define REQUEST_FIONBIO 0x5421
#define TERMIOS_BYTES 60u /* flags, line, 32 characters, padding, speeds: the layout of x86-64 */

static int64_t terminal_modes(int fd, uint8_t *room) {
    struct termios t;
    if (tcgetattr(fd, &t) < 0) return -errno;
    uint32_t flags[4] = {t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag};
    memset(room, 0, TERMIOS_BYTES);
    memcpy(room, flags, sizeof flags);
    memcpy(room + 17, t.c_cc, sizeof t.c_cc < 32 ? sizeof t.c_cc : 32);
    uint32_t speeds[2] = {(uint32_t)cfgetispeed(&t), (uint32_t)cfgetospeed(&t)};
    memcpy(room + 52, speeds, sizeof speeds);
    return 0;
}

static int64_t control(hc_call *c, uint32_t rank, hc_file *file, int fd) {
    uint8_t *room;
    int64_t request = c->arg[2][rank];
    int rc;
    if (request == REQUEST_TCGETS || request == REQUEST_TIOCGWINSZ) {
        struct winsize size;
        uint64_t bytes = request == REQUEST_TCGETS ? TERMIOS_BYTES : sizeof size;
        if (fd < 0 || !isatty(fd)) return -ENOTTY;
        if ((rc = hc_fs_take_room(c, rank, bytes, &room)) < 0) return rc;
        if (request == REQUEST_TCGETS) return terminal_modes(fd, room);
        if (ioctl(fd, TIOCGWINSZ, &size) < 0) return -errno;
        memcpy(room, &size, sizeof size);
        return 0;
    }
    int number = 0;
    if (request != REQUEST_FIONREAD && request != REQUEST_FIONBIO) return -ENOTTY;
    if ((rc = hc_fs_take_room(c, rank, sizeof number, &room)) < 0) return rc;
    if (request == REQUEST_FIONBIO) {
        memcpy(&number, room, sizeof number);
        hc_descriptor_flags(&hc_fs_of(c)->descriptors, file, number != 0, atomic_load(&file->appends));
        return 0;
    }
    if (file->host < 0 || ioctl(file->host, FIONREAD, &number) < 0) return file->host < 0 ? -ENOTTY : -errno;
    memcpy(room, &number, sizeof number);
    return 0;
}

/* A descriptor for what the file is on the host; *own: to be closed. A sink's is the process's stream. */
static int host_of(hc_call *c, const hc_file *file, bool *own) {
    *own = file->kind == HC_FILE_SINK;
    return *own ? hc_stdio_descriptor(c->server, file->stream) : file->host;
}

static int64_t ioctl_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    bool own;
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]);
    if (!file) return -EBADF;
    int fd = host_of(c, file, &own);
    int64_t r = control(c, rank, file, fd);
    if (own && fd >= 0) close(fd);
    hc_file_put(file);
    return r;
}

static int64_t ttyname_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char name[PATH_MAX];
    uint8_t *room;
    bool own;
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]);
    if (!file) return -EBADF;
    int fd = host_of(c, file, &own), rc = fd < 0 ? ENOTTY : ttyname_r(fd, name, sizeof name);
    if (own && fd >= 0) close(fd);
    hc_file_put(file);
    if (rc) return -rc;
    uint64_t n = strlen(name) + 1;
    if ((int64_t)n > c->arg[0][rank]) return -ERANGE;
    if ((rc = hc_fs_take_room(c, rank, n, &room)) < 0) return rc;
    memcpy(room, name, n);
    return (int64_t)n;
}

HC_FS_SERVICE(fcntl, hc_fs_each_lane_may_block)
HC_FS_SERVICE(lock, hc_fs_each_lane_may_block)
HC_FS_SERVICE(flock, hc_fs_each_lane_may_block)
HC_FS_SERVICE(allocate, hc_fs_each_lane_may_block)
HC_FS_SERVICE(advise, hc_fs_each_lane_may_block)
HC_FS_SERVICE(sync, hc_fs_each_lane_may_block)
HC_FS_SERVICE(copy, hc_fs_each_lane_may_block)
HC_FS_SERVICE(ioctl, hc_fs_each_lane_may_block)
HC_FS_SERVICE(ttyname, hc_fs_each_lane_may_block)
