/* SPDX-License-Identifier: Apache-2.0
 *
 * Making, moving and removing names. All of them act on a directory beneath a root that may be written, and on a last
 * component that is not followed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t mkdir_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    hc_parent parent;
    int rc = hc_fs_take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    rc = hc_paths_parent(&fs->paths, start, path, &parent);
    if (rc == 0) {
        if (parent.dots) rc = -EEXIST;
        else rc = mkdirat(parent.fd, parent.last, hc_fs_masked(fs, (mode_t)c->arg[2][rank] & 07777)) < 0 ? -errno : 0;
        hc_paths_parent_release(&parent);
    }
    hc_fs_drop(held);
    return rc;
}

static int64_t unlink_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    hc_parent parent;
    if (c->arg[2][rank] & ~(int64_t)HC_WIRE_REMOVEDIR) return -EINVAL;
    bool directory = c->arg[2][rank] & HC_WIRE_REMOVEDIR;
    int rc = hc_fs_take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    rc = hc_paths_parent(&fs->paths, start, path, &parent);
    if (rc == 0) {
        if (parent.dots) rc = !directory ? -EISDIR : parent.last[1] ? -ENOTEMPTY : -EINVAL;
        else rc = unlinkat(parent.fd, parent.last, directory ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
        hc_paths_parent_release(&parent);
    }
    hc_fs_drop(held);
    return rc;
}

static int64_t rename_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char from[PATH_MAX], to[PATH_MAX];
    hc_start from_start, to_start;
    hc_file *from_held = NULL, *to_held = NULL;
    hc_parent from_parent, to_parent;
    int64_t total = c->arg[0][rank], first = c->arg[3][rank];
    if (total < 0 || first < 0 || first > total) return -EINVAL;
    int rc = hc_fs_take_path(c, rank, 0, first, from);
    /* The second path begins at the next multiple of 16 (channel.h). */
    if (rc == 0 && (int64_t)hc_round16((uint64_t)first) > total) rc = -EINVAL;
    if (rc == 0) rc = hc_fs_take_path(c, rank, hc_round16((uint64_t)first), total - (int64_t)hc_round16((uint64_t)first), to);
    if (rc == -ENOENT && from[0]) rc = 0; /* an empty one is not there, which is found out when its turn comes */
    if (rc == 0) rc = hc_fs_take_start(fs, c->arg[1][rank], from, &from_start, &from_held);
    if (rc == 0) rc = hc_fs_take_start(fs, c->arg[2][rank], to, &to_start, &to_held);
    if (rc == 0 && (rc = hc_paths_parent(&fs->paths, from_start, from, &from_parent)) == 0) {
        if ((rc = hc_paths_parent(&fs->paths, to_start, to, &to_parent)) == 0) {
            if (from_parent.dots || to_parent.dots) rc = -EBUSY;
            else rc = renameat(from_parent.fd, from_parent.last, to_parent.fd, to_parent.last) < 0 ? -errno : 0;
            hc_paths_parent_release(&to_parent);
        } else if (rc == -ENAMETOOLONG) { /* which is seen only once there is something to be renamed */
            struct stat st;
            if (from_parent.dots) rc = -EBUSY;
            else if (fstatat(from_parent.fd, from_parent.last, &st, AT_SYMLINK_NOFOLLOW) < 0) rc = -errno;
        }
        hc_paths_parent_release(&from_parent);
    }
    hc_fs_drop(from_held);
    hc_fs_drop(to_held);
    return rc;
}

static int64_t truncate_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    struct stat st;
    if (c->arg[2][rank] < 0) return -EINVAL;
    int rc = hc_fs_take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    int fd = hc_paths_open(&fs->paths, start, path, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0, true, NULL);
    hc_fs_drop(held);
    if (fd < 0) return fd == -ENXIO ? -EINVAL : fd;
    int64_t r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? hc_fs_shorten(fd, c->arg[2][rank]) : -EINVAL;
    close(fd);
    return r;
}

HC_FS_SERVICE(mkdir, hc_fs_each_lane_may_block)
HC_FS_SERVICE(unlink, hc_fs_each_lane_may_block)
HC_FS_SERVICE(rename, hc_fs_each_lane_may_block)
HC_FS_SERVICE(truncate, hc_fs_each_lane_may_block)
