/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a file is, who may do what with it, and when it was used; and what files are made with. All of it changes the
 * file, so it needs a root that may be written, also through a descriptor that was opened for reading.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------------------ umask */
static mode_t process_umask(void) {
    char line[128];
    unsigned mask = 022;
    FILE *f = fopen("/proc/self/status", "re"); /* asking by umask(2) would change it for a moment, for every thread */
    if (!f) return mask;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "Umask: %o", &mask) == 1) break;
    fclose(f);
    return mask;
}

mode_t hc_fs_masked(hc_fs *fs, mode_t mode) {
    static _Thread_local enum { UNKNOWN, OWN, SHARED } kind;
    int mask = atomic_load(&fs->umask);
    if (mask < 0) return mode;
    /* A worker that stops sharing the process's umask has its own (and its own working directory, which nothing here
     * uses). The thread that serves a deferred channel is the caller's. */
    bool worker = !(hc_server_options_of(fs->server)->flags & HC_FLAG_DEFERRED);
    if (kind == UNKNOWN && worker) kind = unshare(CLONE_FS) == 0 ? OWN : SHARED;
    if (kind == OWN) (void)umask((mode_t)mask);
    return mode & ~(mode_t)mask; /* where there is no own one, the process's takes off more */
}

static int64_t umask_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    int64_t mask = c->arg[0][rank];
    int before = mask < 0 ? atomic_load(&fs->umask) : atomic_exchange(&fs->umask, (int)(mask & 0777));
    return before < 0 ? (int64_t)process_umask() : before;
}

/* --------------------------------------------------------------------------------------------------- files by a name */
/* What (bytes, dirfd, ..., flags) names, to be changed: a descriptor to be closed, opened by O_PATH. `from` and `bytes`
 * say where in the payload the path is. An empty path, with AT_EMPTY_PATH, is dirfd itself; *held is its file then, and
 * the descriptor belongs to it. */
typedef struct named {
    int fd;
    bool own;
    hc_file *held;
} named;

static void release(named *n) {
    if (n->own) close(n->fd);
    hc_fs_drop(n->held);
}

/* A file that was opened beneath a root that may only be read stays as it is. */
static bool may_change(hc_fs *fs, int fd) {
    char self[HC_FS_SELF], path[PATH_MAX];
    hc_fs_self(fd, self);
    ssize_t n = readlink(self, path, sizeof path - 1);
    if (n < 0) return false;
    path[n] = 0;
    if (path[0] != '/') return true; /* a pipe */
    int found = hc_paths_open(&fs->paths, (hc_start){.fd = -1}, path, O_PATH | O_NOFOLLOW, 0, true, NULL);
    struct stat a, b;
    bool same = found >= 0 && fstat(found, &a) == 0 && fstat(fd, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    if (found >= 0) close(found);
    return same;
}

static int take_named(hc_fs *fs, hc_call *c, uint32_t rank, uint64_t from, int64_t bytes, int64_t flags, named *out) {
    char path[PATH_MAX];
    hc_start start;
    *out = (named){.fd = -1};
    int rc = hc_fs_take_path(c, rank, from, bytes, path);
    if (rc == -ENOENT && (flags & HC_WIRE_EMPTY_PATH) && c->arg[1][rank] != HC_WIRE_FDCWD) {
        if (!(out->held = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]))) return -EBADF;
        out->fd = out->held->host;
        /* Standard streams are the process's own, and what was opened for writing may be changed anyway. */
        if (out->fd < 0 || out->held->foreign) rc = -EPERM;
        else rc = out->held->writes || may_change(fs, out->fd) ? 0 : -EROFS;
        if (rc < 0) hc_fs_drop(out->held);
        return rc;
    }
    if (rc < 0) return rc;
    if ((rc = hc_fs_take_start(fs, c->arg[1][rank], path, &start, &out->held)) < 0) return rc;
    out->fd = hc_paths_open(&fs->paths, start, path, O_PATH | (flags & HC_WIRE_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0, true,
                            NULL);
    out->own = out->fd >= 0;
    if (out->fd < 0) hc_fs_drop(out->held);
    return out->fd < 0 ? out->fd : 0;
}

#define NAMED_FLAGS (HC_WIRE_SYMLINK_NOFOLLOW | HC_WIRE_EMPTY_PATH)

static int64_t chmod_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char self[HC_FS_SELF];
    struct stat st;
    named n;
    int64_t flags = c->arg[3][rank];
    if (flags & ~(int64_t)NAMED_FLAGS) return -EINVAL;
    int rc = take_named(fs, c, rank, 0, c->arg[0][rank], flags, &n);
    if (rc < 0) return rc;
    if (fstat(n.fd, &st) < 0) rc = -errno;
    else if (S_ISLNK(st.st_mode)) rc = -EOPNOTSUPP;
    else {
        hc_fs_self(n.fd, self);
        rc = chmod(self, (mode_t)c->arg[2][rank] & 07777) < 0 ? -errno : 0;
    }
    release(&n);
    return rc;
}

static int64_t chown_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    named n;
    int64_t flags = c->arg[3][rank];
    uint64_t both = (uint64_t)c->arg[2][rank];
    if (flags & ~(int64_t)NAMED_FLAGS) return -EINVAL;
    int rc = take_named(fs, c, rank, 0, c->arg[0][rank], flags, &n);
    if (rc < 0) return rc;
    rc = fchownat(n.fd, "", (uid_t)(uint32_t)both, (gid_t)(uint32_t)(both >> 32), AT_EMPTY_PATH) < 0 ? -errno : 0;
    release(&n);
    return rc;
}

static int64_t utimes_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char self[HC_FS_SELF];
    int64_t wire[4], flags = c->arg[2][rank];
    named n;
    if (flags & ~(int64_t)NAMED_FLAGS) return -EINVAL;
    if (c->payload_len[rank] < sizeof wire) return -EINVAL;
    if (!c->payload[rank]) return -EFAULT;
    memcpy(wire, c->payload[rank], sizeof wire);
    int rc = take_named(fs, c, rank, sizeof wire, c->arg[3][rank], flags, &n);
    if (rc < 0) return rc;
    struct timespec times[2] = {{wire[0], wire[1]}, {wire[2], wire[3]}};
    hc_fs_self(n.fd, self); /* where that stands for a symbolic link, the link itself */
    rc = utimensat(AT_FDCWD, self, times, 0) < 0 ? -errno : 0;
    release(&n);
    return rc;
}

HC_FS_SERVICE(umask, hc_fs_each_lane_may_block)
HC_FS_SERVICE(chmod, hc_fs_each_lane_may_block)
HC_FS_SERVICE(chown, hc_fs_each_lane_may_block)
HC_FS_SERVICE(utimes, hc_fs_each_lane_may_block)
