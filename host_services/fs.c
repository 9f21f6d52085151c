/* SPDX-License-Identifier: Apache-2.0
 *
 * The file-system services: opening, naming and describing files. Bytes are moved in transfer.c, paths resolved in
 * paths.c, descriptors kept in descriptors.c. Whatever can sleep runs on a worker.
 *
 * A FIFO opened for reading opens at once, and the first read waits for the first writer; opened for writing, the call
 * waits for a reader, as POSIX has it. Devices other than /dev/null are refused.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEFAULT_QUOTA 1024u
#define MOST_QUOTA (1u << 20)
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

typedef int64_t (*lane_fn)(hc_fs *fs, hc_call *c, uint32_t rank);

static int each_lane(hc_call *c, lane_fn fn) {
    hc_fs *fs = hc_fs_of(c);
    for (uint32_t i = 0; i < c->lanes;
         i++) /* only reads and writes carry an address: there argument 1 is something else */
        c->result[i] = c->kind == HC_PAY_BYREF ? -EINVAL : fn(fs, c, i);
    return HC_SERVED;
}

static int each_lane_may_block(hc_call *c, lane_fn fn) { return hc_on_worker() ? each_lane(c, fn) : HC_WORKER; }

/* -------------------------------------------------------------------------------------------------------- arguments */
/* Copies a path out of the lane's payload. A NUL may end it; -ENOENT where it is empty. */
static int take_path(const hc_call *c, uint32_t rank, uint64_t from, int64_t bytes, char out[PATH_MAX]) {
    if (bytes < 0 || from > c->payload_len[rank] || (uint64_t)bytes > c->payload_len[rank] - from) return -EINVAL;
    out[0] = 0;
    if (bytes == 0) return -ENOENT;
    if (!c->payload[rank]) return -EFAULT;
    if (bytes > PATH_MAX) return -ENAMETOOLONG;
    memcpy(out, c->payload[rank] + from, (size_t)bytes);
    size_t n = strnlen(out, (size_t)bytes);
    if (n + 1 < (size_t)bytes) return -EINVAL;
    if (n == PATH_MAX) return -ENAMETOOLONG;
    out[n] = 0;
    return n ? 0 : -ENOENT;
}

/* Where a path starts. *held, if set, is a reference to give back. */
static int take_start(hc_fs *fs, int64_t dirfd, const char *path, hc_start *start, hc_file **held) {
    *held = NULL;
    *start = (hc_start){.fd = -1};
    if (*path == '/' || dirfd == HC_WIRE_FDCWD) return 0;
    hc_file *file = hc_descriptor_get(&fs->descriptors, dirfd);
    if (!file) return -EBADF;
    if (file->kind != HC_FILE_DIRECTORY) {
        hc_file_put(file);
        return -ENOTDIR;
    }
    *held = file;
    *start = (hc_start){.fd = file->host, .root = file->root};
    return 0;
}

static void drop(hc_file *held) {
    if (held) hc_file_put(held);
}

/* The common beginning of everything that takes (bytes, dirfd, ...). */
static int take_name(hc_fs *fs, const hc_call *c, uint32_t rank, char path[PATH_MAX], hc_start *start, hc_file **held) {
    int rc = take_path(c, rank, 0, c->arg[0][rank], path);
    return rc < 0 ? rc : take_start(fs, c->arg[1][rank], path, start, held);
}

/* Where an answer of this size goes. Inline payload is a private copy: no lane would see what is written there. */
static int take_room(const hc_call *c, uint32_t rank, uint64_t bytes, uint8_t **room) {
    *room = c->payload[rank];
    return c->kind != HC_PAY_STAGED || !*room ? -EFAULT : c->payload_len[rank] < bytes ? -EINVAL : 0;
}

/* ------------------------------------------------------------------------------------------------------------- open */
static int host_flags(uint32_t wire) {
    static const struct {
        uint32_t wire;
        int host;
    } table[] = {{HC_WIRE_CREAT, O_CREAT},     {HC_WIRE_EXCL, O_EXCL},           {HC_WIRE_TRUNC, O_TRUNC},
                 {HC_WIRE_APPEND, O_APPEND},   {HC_WIRE_DSYNC, O_DSYNC},         {HC_WIRE_SYNC, O_SYNC},
                 {HC_WIRE_DIRECT, O_DIRECT},   {HC_WIRE_DIRECTORY, O_DIRECTORY}, {HC_WIRE_NOFOLLOW, O_NOFOLLOW},
                 {HC_WIRE_NOATIME, O_NOATIME}, {HC_WIRE_TMPFILE, O_TMPFILE}};
    if (wire & HC_WIRE_PATH) wire &= HC_WIRE_DIRECTORY | HC_WIRE_NOFOLLOW;
    int host = (wire & HC_WIRE_ACCMODE) == HC_WIRE_WRONLY ? O_WRONLY
               : (wire & HC_WIRE_ACCMODE) == HC_WIRE_RDWR ? O_RDWR
                                                          : O_RDONLY;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((wire & table[i].wire) == table[i].wire) host |= table[i].host;
    return host | O_CLOEXEC | O_NOCTTY;
}

/* Makes a file of a host descriptor that was opened with O_NONBLOCK; takes the descriptor over. */
static int adopt(int fd, uint32_t wire, int flags, uint32_t root, hc_file **out) {
    struct stat st;
    hc_file_kind kind = HC_FILE_PLAIN;
    int rc = 0;
    if (fstat(fd, &st) < 0) rc = -errno;
    else if (S_ISDIR(st.st_mode)) kind = HC_FILE_DIRECTORY;
    else if (wire & HC_WIRE_PATH) kind = HC_FILE_PLAIN;
    else if (S_ISFIFO(st.st_mode)) kind = HC_FILE_WAITS;
    else if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) kind = HC_FILE_PLAIN;
    else if (!S_ISREG(st.st_mode)) rc = -EACCES;
    else if (fcntl(fd, F_SETFL, flags & (O_APPEND | O_DIRECT | O_NOATIME)) < 0)
        rc = -errno; /* some file systems heed O_NONBLOCK */
    hc_file *file = rc == 0 ? hc_file_new(kind, fd) : NULL;
    if (!file) {
        close(fd);
        return rc < 0 ? rc : -ENOMEM;
    }
    if (!(wire & HC_WIRE_PATH)) {
        file->reads = (wire & HC_WIRE_ACCMODE) != HC_WIRE_WRONLY;
        file->writes = (wire & HC_WIRE_ACCMODE) != HC_WIRE_RDONLY;
    }
    file->nonblock = wire & HC_WIRE_NONBLOCK;
    file->direct = (flags & O_DIRECT) != 0;
    file->appends = (flags & O_APPEND) != 0;
    file->host_nonblock = kind == HC_FILE_WAITS;
    if (kind == HC_FILE_WAITS && !file->writes && !file->nonblock) atomic_store(&file->peer_seen, false);
    file->root = root;
    *out = file;
    return 0;
}

/* Opens for writing of FIFOs that nobody reads yet. There is no event for "a reader came", so a timer looks, 1 to 50 ms
 * apart. */
typedef struct opening {
    atomic_uint left;
    struct {
        int fifo, number; /* fifo: O_PATH */
        uint32_t wire;
        uint64_t delay_ns;
    } lane[HC_MAX_LANES];
} opening;

static void opening_one_less(hc_call *c, opening *o) {
    if (atomic_fetch_sub(&o->left, 1) == 1) hc_call_finish(c);
}

static void opening_end(hc_call *c, uint32_t rank, int64_t result) {
    opening *o = c->scratch;
    close(o->lane[rank].fifo);
    if (result < 0) hc_descriptor_cancel(&hc_fs_of(c)->descriptors, o->lane[rank].number);
    hc_call_finish_rank(c, rank, result);
    opening_one_less(c, o);
}

static void opening_again(hc_call *c, uint32_t rank, uint32_t events);

static void opening_later(hc_call *c, uint32_t rank) {
    opening *o = c->scratch;
    uint64_t delay = o->lane[rank].delay_ns;
    if (o->lane[rank].delay_ns < 50000000u) o->lane[rank].delay_ns *= 2;
    int rc = hc_watch_time(c->server, hc_now_ns() + delay, opening_again, c, rank);
    if (rc < 0) opening_end(c, rank, rc);
}

static void opening_again(hc_call *c, uint32_t rank, uint32_t events) {
    opening *o = c->scratch;
    hc_file *file = NULL;
    char link[40];
    (void)events;
    if (hc_server_stopped(c->server)) {
        opening_end(c, rank, -ESHUTDOWN);
        return;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", o->lane[rank].fifo);
    int fd = hc_fd_above_stdio(open(link, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (fd < 0 && (errno == ENXIO || errno == EINTR)) {
        opening_later(c, rank);
        return;
    }
    int rc = fd < 0 ? -errno : adopt(fd, o->lane[rank].wire, 0, 0, &file);
    if (rc == 0) hc_descriptor_install(&hc_fs_of(c)->descriptors, rc = o->lane[rank].number, file);
    opening_end(c, rank, rc);
}

/* *fifo: an O_PATH descriptor where the lane has to wait for a reader; the number returned is reserved then. */
static int64_t open_lane(hc_fs *fs, hc_call *c, uint32_t rank, int *fifo) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL, *file = NULL;
    uint32_t wire = (uint32_t)c->arg[2][rank], root = 0;
    int flags = host_flags(wire), rc = take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    bool path_only = wire & HC_WIRE_PATH;
    bool temporary = !path_only && (wire & HC_WIRE_TMPFILE) == HC_WIRE_TMPFILE;
    bool write = !path_only && ((wire & (HC_WIRE_ACCMODE | HC_WIRE_CREAT | HC_WIRE_TRUNC)) || temporary);
    int number = hc_descriptor_reserve(&fs->descriptors, 0);
    if (!path_only && (wire & HC_WIRE_ACCMODE) == HC_WIRE_ACCMODE) rc = -EINVAL;
    else if (number < 0) rc = number;
    else {
        mode_t mode = (mode_t)c->arg[3][rank] & 07777;
        int fd =
            hc_paths_open(&fs->paths, start, path, path_only ? flags | O_PATH : flags | O_NONBLOCK, mode, write, &root);
        if (fd == -EAGAIN)
            fd = hc_paths_open(&fs->paths, start, path, flags, mode, write, &root); /* a lease is being given up */
        if (fd == -ENXIO && (flags & O_ACCMODE) == O_WRONLY && !(wire & HC_WIRE_NONBLOCK)) {
            struct stat st;
            *fifo = hc_paths_open(&fs->paths, start, path, O_PATH | (flags & O_NOFOLLOW), 0, true, NULL);
            if (*fifo >= 0 &&
                (fstat(*fifo, &st) < 0 || !S_ISFIFO(st.st_mode))) { /* a socket, or a device without a driver */
                close(*fifo);
                *fifo = -1;
            }
        }
        rc = fd < 0 ? fd : adopt(fd, wire, flags, root, &file);
    }
    drop(held);
    if (rc == 0) hc_descriptor_install(&fs->descriptors, number, file);
    else if (number >= 0 && *fifo < 0) hc_descriptor_cancel(&fs->descriptors, number);
    return rc == 0 || *fifo >= 0 ? number : rc;
}

static int fs_open(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    hc_fs *fs = hc_fs_of(c);
    opening *o = NULL;
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < c->lanes; i++) {
        int fifo = -1;
        c->result[i] = c->kind == HC_PAY_BYREF ? -EINVAL : open_lane(fs, c, i, &fifo);
        if (fifo < 0) continue;
        if (!o && !(o = calloc(1, sizeof *o))) {
            close(fifo);
            hc_descriptor_cancel(&fs->descriptors, (int)c->result[i]);
            c->result[i] = -ENOMEM;
            continue;
        }
        o->lane[i].fifo = fifo;
        o->lane[i].number = (int)c->result[i];
        o->lane[i].wire = (uint32_t)c->arg[2][i];
        o->lane[i].delay_ns = 1000000;
        waiting |= 1u << i;
    }
    if (!waiting) return HC_SERVED;
    int rc = hc_call_park(c, waiting);
    if (rc < 0) {
        for (uint32_t i = 0; i < c->lanes; i++) {
            if (!(waiting >> i & 1)) continue;
            close(o->lane[i].fifo);
            hc_descriptor_cancel(&fs->descriptors, o->lane[i].number);
            c->result[i] = rc;
        }
        free(o);
        return HC_SERVED;
    }
    const uint32_t lanes = c->lanes;
    atomic_init(&o->left, (uint32_t)__builtin_popcount(waiting) + 1);
    c->scratch = o;
    for (uint32_t i = 0; i < lanes; i++)
        if (waiting >> i & 1) opening_later(c, i);
    opening_one_less(c, o);
    return HC_TAKEN;
}

/* ------------------------------------------------------------------------------------------------------ descriptors */
static int64_t close_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    return hc_descriptor_close(&fs->descriptors, c->arg[0][rank]);
}

static int64_t dup_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    int64_t from = c->arg[0][rank], wanted = c->arg[1][rank];
    bool at_least = c->arg[2][rank] & HC_DUP_AT_LEAST;
    hc_file *file = hc_descriptor_get(&fs->descriptors, from), *copy = NULL;
    if (!file) return -EBADF;
    int64_t result;
    int rc = 0, number = -1;
    if (wanted < -1 || wanted >= fs->descriptors.quota) {
        result = at_least ? -EINVAL : -EBADF;
    } else if (wanted == from && !at_least) {
        result = wanted;
    } else if (wanted < 0 || at_least) {
        number = hc_descriptor_reserve(&fs->descriptors, wanted < 0 ? 0 : (uint32_t)wanted);
        if (number >= 0 && (copy = hc_file_dup(file, &rc))) hc_descriptor_install(&fs->descriptors, number, copy);
        else if (number >= 0) hc_descriptor_cancel(&fs->descriptors, number);
        result = copy || number < 0 ? number : rc;
    } else if (!(copy = hc_file_dup(file, &rc))) {
        result = rc;
    } else if ((result = hc_descriptor_replace(&fs->descriptors, wanted, copy)) < 0) {
        hc_file_put(copy);
    }
    hc_file_put(file);
    return result;
}

static hc_file *end_of_pipe(int fd, bool writes, bool nonblock) {
    hc_file *file = hc_file_new(HC_FILE_WAITS, fd);
    if (!file) return NULL;
    file->reads = !writes;
    file->writes = writes;
    file->nonblock = nonblock;
    file->host_nonblock = true;
    return file;
}

static int64_t pipe_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    bool nonblock = (uint32_t)c->arg[0][rank] & HC_WIRE_NONBLOCK;
    if ((uint64_t)c->arg[0][rank] & ~(uint64_t)(HC_WIRE_NONBLOCK | HC_WIRE_CLOEXEC)) return -EINVAL;
    int ends[2], in = hc_descriptor_reserve(&fs->descriptors, 0),
                 out = in < 0 ? in : hc_descriptor_reserve(&fs->descriptors, 0), rc = 0;
    if (out < 0) {
        if (in >= 0) hc_descriptor_cancel(&fs->descriptors, in);
        return out;
    }
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        rc = -errno;
    } else {
        for (int i = 0; i < 2; i++)
            if ((ends[i] = hc_fd_above_stdio(ends[i])) < 0) rc = -errno;
        hc_file *reader = rc == 0 ? end_of_pipe(ends[0], false, nonblock) : NULL,
                *writer = reader ? end_of_pipe(ends[1], true, nonblock) : NULL;
        if (writer) {
            hc_descriptor_install(&fs->descriptors, in, reader);
            hc_descriptor_install(&fs->descriptors, out, writer);
            return (int64_t)in | (int64_t)out << 32;
        }
        if (reader) hc_file_put(reader);
        else if (ends[0] >= 0) close(ends[0]);
        if (ends[1] >= 0) close(ends[1]);
        if (rc == 0) rc = -ENOMEM;
    }
    hc_descriptor_cancel(&fs->descriptors, out);
    hc_descriptor_cancel(&fs->descriptors, in);
    return rc;
}

static int64_t isatty_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    bool terminal = file->kind == HC_FILE_SINK ? hc_stdio_isatty(c->server, file->stream) : isatty(file->host);
    hc_file_put(file);
    return terminal ? 1 : -ENOTTY;
}

static int64_t lseek_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t r = -ESPIPE;
    if (c->arg[2][rank] < 0 || c->arg[2][rank] > SEEK_HOLE) r = -EINVAL;
    else if (file->host >= 0 && (r = lseek(file->host, c->arg[1][rank], (int)c->arg[2][rank])) < 0) r = -errno;
    hc_file_put(file);
    return r;
}

static int64_t fsync_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t r;
    if (file->kind == HC_FILE_SINK) r = hc_stdio_flush(c->server);
    else r = (c->arg[1][rank] ? fdatasync(file->host) : fsync(file->host)) < 0 ? -errno : 0;
    hc_file_put(file);
    return r;
}

static int64_t shorten(int fd, int64_t length) {
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    int rc;
    do rc = ftruncate(fd, length);
    while (rc < 0 && errno == EINTR);
    int64_t r = rc < 0 ? -errno : 0;
    hc_quiet_end(&quiet);
    return r;
}

static int64_t ftruncate_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t r = file->kind == HC_FILE_SINK ? -EINVAL : shorten(file->host, c->arg[1][rank]);
    hc_file_put(file);
    return r;
}

/* ------------------------------------------------------------------------------------------------------------- stat */
static void put_stat(uint8_t *to, const struct stat *st) {
    hc_stat_wire w = {
        .dev = st->st_dev,
        .ino = st->st_ino,
        .mode = st->st_mode,
        .nlink = st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .rdev = st->st_rdev,
        .size = (hc_u64)st->st_size,
        .blksize = (hc_u64)st->st_blksize,
        .blocks = (hc_u64)st->st_blocks,
        .atime_s = st->st_atim.tv_sec,
        .atime_ns = st->st_atim.tv_nsec,
        .mtime_s = st->st_mtim.tv_sec,
        .mtime_ns = st->st_mtim.tv_nsec,
        .ctime_s = st->st_ctim.tv_sec,
        .ctime_ns = st->st_ctim.tv_nsec,
    };
    memcpy(to, &w, sizeof w);
}

static int64_t stat_descriptor(hc_fs *fs, hc_call *c, uint32_t rank, int64_t number) {
    struct stat st;
    uint8_t *room;
    hc_file *file = hc_descriptor_get(&fs->descriptors, number);
    if (!file) return -EBADF;
    int64_t r = take_room(c, rank, sizeof(hc_stat_wire), &room);
    if (r == 0 && file->kind == HC_FILE_SINK) r = hc_stdio_stat(c->server, file->stream, &st);
    else if (r == 0) r = fstat(file->host, &st) < 0 ? -errno : 0;
    if (r == 0) put_stat(room, &st);
    hc_file_put(file);
    return r;
}

static int64_t fstat_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    return stat_descriptor(fs, c, rank, c->arg[1][rank]);
}

static int64_t stat_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    int64_t dirfd = c->arg[1][rank], flags = c->arg[2][rank];
    int rc = take_path(c, rank, 0, c->arg[3][rank], path);
    if (rc == -ENOENT && (flags & HC_WIRE_EMPTY_PATH)) {
        if (dirfd != HC_WIRE_FDCWD) return stat_descriptor(fs, c, rank, dirfd);
        memcpy(path, ".", 2);
        rc = 0;
    }
    if (rc < 0) return rc;
    uint8_t *room;
    if ((rc = take_room(c, rank, sizeof(hc_stat_wire), &room)) < 0) return rc;
    if ((rc = take_start(fs, dirfd, path, &start, &held)) < 0) return rc;
    struct stat st;
    int fd = hc_paths_open(&fs->paths, start, path, O_PATH | (flags & HC_WIRE_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0,
                           false, NULL);
    drop(held);
    if (fd < 0) return fd;
    rc = fstat(fd, &st) < 0 ? -errno : 0;
    close(fd);
    if (rc == 0) put_stat(room, &st);
    return rc;
}

static int64_t access_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    int64_t mode = c->arg[2][rank], flags = c->arg[3][rank];
    if (mode & ~(int64_t)(R_OK | W_OK | X_OK)) return -EINVAL;
    int rc = take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    int follow = flags & HC_WIRE_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;
    int fd = hc_paths_open(&fs->paths, start, path, O_PATH | follow, 0, mode & W_OK, NULL);
    drop(held);
    if (fd < 0) return fd;
    int how = flags & HC_WIRE_EACCESS ? AT_EACCESS : 0;
    rc = (int)syscall(SYS_faccessat2, fd, "", (int)mode, AT_EMPTY_PATH | how);
    if (rc < 0 && (errno == ENOSYS || errno == EPERM)) {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        rc = faccessat(AT_FDCWD, link, (int)mode, how);
    }
    rc = rc < 0 ? -errno : 0;
    close(fd);
    return rc;
}

/* ------------------------------------------------------------------------------------------------------------ names */
static int64_t mkdir_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    hc_parent parent;
    int rc = take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    rc = hc_paths_parent(&fs->paths, start, path, &parent);
    if (rc == 0) {
        if (parent.dots) rc = -EEXIST;
        else rc = mkdirat(parent.fd, parent.last, (mode_t)c->arg[2][rank] & 07777) < 0 ? -errno : 0;
        hc_paths_parent_release(&parent);
    }
    drop(held);
    return rc;
}

static int64_t unlink_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    hc_parent parent;
    if (c->arg[2][rank] & ~(int64_t)HC_WIRE_REMOVEDIR) return -EINVAL;
    bool directory = c->arg[2][rank] & HC_WIRE_REMOVEDIR;
    int rc = take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    rc = hc_paths_parent(&fs->paths, start, path, &parent);
    if (rc == 0) {
        if (parent.dots) rc = !directory ? -EISDIR : parent.last[1] ? -ENOTEMPTY : -EINVAL;
        else rc = unlinkat(parent.fd, parent.last, directory ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
        hc_paths_parent_release(&parent);
    }
    drop(held);
    return rc;
}

static int64_t rename_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char from[PATH_MAX], to[PATH_MAX];
    hc_start from_start, to_start;
    hc_file *from_held = NULL, *to_held = NULL;
    hc_parent from_parent, to_parent;
    int64_t total = c->arg[0][rank], first = c->arg[3][rank];
    if (total < 0 || first < 0 || first > total) return -EINVAL;
    int rc = take_path(c, rank, 0, first, from);
    /* The second path begins at the next multiple of 16 (channel.h). */
    if (rc == 0 && (int64_t)hc_round16((uint64_t)first) > total) rc = -EINVAL;
    if (rc == 0) rc = take_path(c, rank, hc_round16((uint64_t)first), total - (int64_t)hc_round16((uint64_t)first), to);
    if (rc == 0) rc = take_start(fs, c->arg[1][rank], from, &from_start, &from_held);
    if (rc == 0) rc = take_start(fs, c->arg[2][rank], to, &to_start, &to_held);
    if (rc == 0 && (rc = hc_paths_parent(&fs->paths, from_start, from, &from_parent)) == 0) {
        if ((rc = hc_paths_parent(&fs->paths, to_start, to, &to_parent)) == 0) {
            if (from_parent.dots || to_parent.dots) rc = -EBUSY;
            else rc = renameat(from_parent.fd, from_parent.last, to_parent.fd, to_parent.last) < 0 ? -errno : 0;
            hc_paths_parent_release(&to_parent);
        }
        hc_paths_parent_release(&from_parent);
    }
    drop(from_held);
    drop(to_held);
    return rc;
}

static int64_t truncate_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    struct stat st;
    if (c->arg[2][rank] < 0) return -EINVAL;
    int rc = take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    int fd = hc_paths_open(&fs->paths, start, path, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0, true, NULL);
    drop(held);
    if (fd < 0) return fd == -ENXIO ? -EINVAL : fd;
    int64_t r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? shorten(fd, c->arg[2][rank]) : -EINVAL;
    close(fd);
    return r;
}

static int64_t chdir_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    uint32_t root = 0;
    int rc = take_path(c, rank, 0, c->arg[0][rank], path);
    if (rc == -ENOENT && c->arg[0][rank] == 0) {
        if (c->arg[1][rank] == HC_WIRE_FDCWD) return rc;
        memcpy(path, ".", 2);
        rc = 0;
    }
    if (rc < 0 || (rc = take_start(fs, c->arg[1][rank], path, &start, &held)) < 0) return rc;
    int fd = hc_paths_open(&fs->paths, start, path, O_PATH | O_DIRECTORY, 0, false, &root);
    drop(held);
    if (fd < 0) return fd;
    if (faccessat(fd, ".", X_OK, 0) < 0) { /* opening a directory by O_PATH does not ask whether it may be searched */
        rc = -errno;
        close(fd);
        return rc;
    }
    return hc_paths_enter(&fs->paths, fd, root);
}

static int64_t getcwd_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    int64_t n = c->arg[0][rank];
    uint8_t *room;
    if (n <= 0) return -EINVAL;
    int r = take_room(c, rank, (uint64_t)n, &room);
    if (r == 0) r = hc_paths_current(&fs->paths, path, (size_t)n < sizeof path ? (size_t)n : sizeof path);
    if (r > 0) memcpy(room, path, (size_t)r);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ directories */
struct kernel_dirent { /* linux_dirent64 */
    uint64_t ino;
    int64_t off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};
#define LARGEST_KERNEL_DIRENT 280u /* 19 + NAME_MAX + 1, rounded up to 8 */

/* Our records are at most a third larger than the kernel's: asking for three quarters of the room fills it without
 * overflow. */
static int64_t getdents_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    _Alignas(8) uint8_t from[32768];
    int64_t n = c->arg[0][rank];
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]);
    if (!file) return -EBADF;
    uint8_t *room = NULL;
    int64_t r = file->kind != HC_FILE_DIRECTORY ? -ENOTDIR : n < 0 ? -EINVAL : take_room(c, rank, (uint64_t)n, &room);
    uint64_t used = 0;
    while (r == 0) {
        uint64_t want = ((uint64_t)n - used) / 4 * 3 & ~7ull;
        if (want > sizeof from) want = sizeof from;
        if (used && want < LARGEST_KERNEL_DIRENT) break; /* a record that does not fit would come back as EINVAL */
        long got = syscall(SYS_getdents64, file->host, from, (unsigned)want);
        if (got < 0 && !used) r = -errno;
        if (got <= 0) break;
        for (long at = 0; at < got;) {
            const struct kernel_dirent *k = (const void *)(from + at);
            size_t length = strlen(k->name);
            hc_dirent_wire w = {.ino = k->ino,
                                .off = k->off,
                                .reclen = (hc_u16)((sizeof w + length + 1 + 7) & ~(size_t)7),
                                .type = k->type,
                                .namelen = (hc_u8)length};
            uint8_t *to = room + used;
            memset(to, 0, w.reclen);
            memcpy(to, &w, sizeof w);
            memcpy(to + sizeof w, k->name, length);
            used += w.reclen;
            at += k->reclen;
        }
    }
    hc_file_put(file);
    return r < 0 ? r : (int64_t)used;
}

/* ------------------------------------------------------------------------------------------------------- the family */
#define SERVICES(X)                                                                                            \
    X(close, each_lane_may_block)                                                                              \
    X(dup, each_lane) X(pipe, each_lane) X(isatty, each_lane) X(lseek, each_lane_may_block)                    \
        X(fsync, each_lane_may_block) X(ftruncate, each_lane_may_block) X(fstat, each_lane_may_block)          \
            X(stat, each_lane_may_block) X(access, each_lane_may_block) X(mkdir, each_lane_may_block)          \
                X(unlink, each_lane_may_block) X(rename, each_lane_may_block) X(truncate, each_lane_may_block) \
                    X(chdir, each_lane_may_block) X(getcwd, each_lane) X(getdents, each_lane_may_block)
#define DEFINE(name, run) \
    static int fs_##name(hc_call *c) { return run(c, name##_lane); }
SERVICES(DEFINE)

static const struct hc_family_op fs_ops[] = {
    {HC_OP_OPEN, fs_open, "open", 4},
    {HC_OP_CLOSE, fs_close, "close", 1},
    {HC_OP_READ, hc_fs_transfer, "read", 3},
    {HC_OP_WRITE, hc_fs_transfer, "write", 3},
    {HC_OP_PREAD, hc_fs_transfer, "pread", 4},
    {HC_OP_PWRITE, hc_fs_transfer, "pwrite", 4},
    {HC_OP_LSEEK, fs_lseek, "lseek", 3},
    {HC_OP_FSYNC, fs_fsync, "fsync", 2},
    {HC_OP_FTRUNCATE, fs_ftruncate, "ftruncate", 2},
    {HC_OP_DUP, fs_dup, "dup", 3},
    {HC_OP_FSTAT, fs_fstat, "fstat", 2},
    {HC_OP_STAT, fs_stat, "stat", 4},
    {HC_OP_ACCESS, fs_access, "access", 4},
    {HC_OP_MKDIR, fs_mkdir, "mkdir", 3},
    {HC_OP_UNLINK, fs_unlink, "unlink", 3},
    {HC_OP_RENAME, fs_rename, "rename", 4},
    {HC_OP_GETDENTS, fs_getdents, "getdents", 2},
    {HC_OP_GETCWD, fs_getcwd, "getcwd", 1},
    {HC_OP_PIPE, fs_pipe, "pipe", 1},
    {HC_OP_ISATTY, fs_isatty, "isatty", 1},
    {HC_OP_CHDIR, fs_chdir, "chdir", 2},
    {HC_OP_TRUNCATE, fs_truncate, "truncate", 3},
    {HC_OP_READ_AT, hc_fs_batch, "read_at", 4},
    {HC_OP_WRITE_AT, hc_fs_batch, "write_at", 4},
};

/* Descriptor 0: the process's standard input, or an empty one. A pipe or terminal is opened anew where that can be
 * done, so that it can be read without waiting while the process's own description keeps its flags. */
static int preopen_stdin(hc_fs *fs) {
    struct stat st;
    int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) fd = hc_fd_above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (fd < 0 || fstat(fd, &st) < 0) return -errno;
    bool plain = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
    bool socket = S_ISSOCK(st.st_mode), own = false;
    if (!plain && !socket && !S_ISDIR(st.st_mode)) {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int anew = hc_fd_above_stdio(open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (anew >= 0) {
            close(fd);
            fd = anew;
            own = true;
        }
    }
    hc_file *file = hc_file_new(plain ? HC_FILE_PLAIN : S_ISDIR(st.st_mode) ? HC_FILE_DIRECTORY : HC_FILE_WAITS, fd);
    if (!file) {
        close(fd);
        return -ENOMEM;
    }
    file->reads = true;
    file->socket = socket;
    file->host_nonblock = own;
    hc_descriptor_install(&fs->descriptors, 0, file);
    return 0;
}

static void *fs_create(hc_server *s) {
    hc_fs *fs = calloc(1, sizeof *fs);
    if (!fs) return NULL;
    uint32_t quota = hc_server_options_of(s)->max_open;
    if (quota == 0) quota = DEFAULT_QUOTA;
    if (quota < 3) quota = 3;
    if (quota > MOST_QUOTA) quota = MOST_QUOTA;
    fs->server = s;
    if (hc_descriptors_init(&fs->descriptors, quota) < 0) {
        free(fs);
        return NULL;
    }
    hc_paths_init(&fs->paths);
    for (int i = 0; i < 3; i++) (void)hc_descriptor_reserve(&fs->descriptors, 0);
    int rc = preopen_stdin(fs);
    if (rc < 0) hc_descriptor_cancel(&fs->descriptors, 0);
    for (uint32_t stream = HC_STREAM_STDOUT; stream <= HC_STREAM_STDERR; stream++) {
        hc_file *sink = hc_file_new(HC_FILE_SINK, -1);
        if (!sink) {
            rc = -ENOMEM;
            continue;
        }
        sink->writes = true;
        sink->stream = stream;
        hc_descriptor_install(&fs->descriptors, (int)stream, sink);
    }
    if (rc < 0) {
        hc_descriptors_free(&fs->descriptors);
        hc_paths_free(&fs->paths);
        free(fs);
        return NULL;
    }
    return fs;
}

static void fs_destroy(hc_server *s, void *part) {
    hc_fs *fs = part;
    (void)s;
    hc_descriptors_free(&fs->descriptors);
    hc_paths_free(&fs->paths);
    free(fs);
}

const hc_family hc_family_fs = {
    .name = "fs",
    .part = HC_PART_FS,
    .create = fs_create,
    .destroy = fs_destroy,
    .ops = fs_ops,
    .nops = sizeof fs_ops / sizeof *fs_ops,
};

int hc_fs_root_add(hc_server *s, const char *path, int writable) {
    hc_fs *fs = hc_server_part(s, HC_PART_FS);
    return hc_paths_root_add(&fs->paths, path, writable != 0);
}

void hc_fs_force_fallback(int on) { hc_paths_force_walk(on); }
