/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening. A FIFO opened for reading opens at once, and the first read waits for the first writer; opened for writing,
 * the call waits for a reader, as POSIX has it. Devices other than /dev/null are refused.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What fcntl tells and no header names where every file may be large. */
#if defined(__aarch64__)
#define KERNEL_LARGEFILE 0400000
#else
#define KERNEL_LARGEFILE 0100000
#endif

static const struct {
    uint32_t wire;
    int host;
} flag_table[] = {
    {HC_WIRE_CREAT, O_CREAT},     {HC_WIRE_EXCL, O_EXCL},           {HC_WIRE_TRUNC, O_TRUNC},
    {HC_WIRE_APPEND, O_APPEND},   {HC_WIRE_DSYNC, O_DSYNC},         {HC_WIRE_SYNC, O_SYNC},
    {HC_WIRE_DIRECT, O_DIRECT},   {HC_WIRE_DIRECTORY, O_DIRECTORY}, {HC_WIRE_NOFOLLOW, O_NOFOLLOW},
    {HC_WIRE_NOATIME, O_NOATIME}, {HC_WIRE_TMPFILE, O_TMPFILE}};

static int host_flags(uint32_t wire) {
    if (wire & HC_WIRE_PATH) wire &= HC_WIRE_DIRECTORY | HC_WIRE_NOFOLLOW;
    int host = (wire & HC_WIRE_ACCMODE) == HC_WIRE_WRONLY ? O_WRONLY
               : (wire & HC_WIRE_ACCMODE) == HC_WIRE_RDWR ? O_RDWR
                                                          : O_RDONLY;
    for (size_t i = 0; i < sizeof flag_table / sizeof *flag_table; i++)
        if ((wire & flag_table[i].wire) == flag_table[i].wire) host |= flag_table[i].host;
    return host | O_CLOEXEC | O_NOCTTY;
}

uint32_t hc_fs_wire_flags(int host) {
    uint32_t wire = (host & O_ACCMODE) == O_WRONLY ? HC_WIRE_WRONLY
                    : (host & O_ACCMODE) == O_RDWR ? HC_WIRE_RDWR
                                                   : HC_WIRE_RDONLY;
    for (size_t i = 0; i < sizeof flag_table / sizeof *flag_table; i++)
        if ((host & flag_table[i].host) == flag_table[i].host) wire |= flag_table[i].wire;
    if (host & O_PATH) wire |= HC_WIRE_PATH;
    if (host & KERNEL_LARGEFILE) wire |= HC_WIRE_LARGEFILE;
    return wire;
}

/* Makes a file of a host descriptor that was opened with O_NONBLOCK; takes the descriptor over. */
int hc_fs_adopt(int fd, uint32_t wire, int flags, uint32_t root, hc_file **out) {
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
    file->cloexec = wire & HC_WIRE_CLOEXEC;
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
    int rc = fd < 0 ? -errno : hc_fs_adopt(fd, o->lane[rank].wire, 0, 0, &file);
    if (rc == 0) hc_descriptor_install(&hc_fs_of(c)->descriptors, rc = o->lane[rank].number, file);
    opening_end(c, rank, rc);
}

/* *fifo: an O_PATH descriptor where the lane has to wait for a reader; the number returned is reserved then. */
static int64_t open_lane(hc_fs *fs, hc_call *c, uint32_t rank, int *fifo) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL, *file = NULL;
    uint32_t wire = (uint32_t)c->arg[2][rank], root = 0;
    int flags = host_flags(wire), rc = hc_fs_take_name(fs, c, rank, path, &start, &held);
    if (rc == -ENOENT && !path[0]) { /* no name: flags that do not go together are still the first thing wrong */
        int none = open("", flags, 0600);
        rc = none < 0 ? -errno : rc;
    }
    if (rc < 0) return rc;
    bool path_only = wire & HC_WIRE_PATH;
    bool temporary = !path_only && (wire & HC_WIRE_TMPFILE) == HC_WIRE_TMPFILE;
    bool write = !path_only && ((wire & (HC_WIRE_ACCMODE | HC_WIRE_CREAT | HC_WIRE_TRUNC)) || temporary);
    int number = hc_descriptor_reserve(&fs->descriptors, 0);
    if (!path_only && (wire & HC_WIRE_ACCMODE) == HC_WIRE_ACCMODE) rc = -EINVAL;
    else if (number < 0) rc = number;
    else {
        mode_t mode = hc_fs_masked(fs, (mode_t)c->arg[3][rank] & 07777);
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
        rc = fd < 0 ? fd : hc_fs_adopt(fd, wire, flags, root, &file);
    }
    hc_fs_drop(held);
    if (rc == 0) hc_descriptor_install(&fs->descriptors, number, file);
    else if (number >= 0 && *fifo < 0) hc_descriptor_cancel(&fs->descriptors, number);
    return rc == 0 || *fifo >= 0 ? number : rc;
}

int hc_fs_open(hc_call *c) {
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
