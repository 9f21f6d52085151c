/* SPDX-License-Identifier: Apache-2.0
 *
 * Links, the names that they stand for, and names that are no files: FIFOs. A hard link is a way to write to a file, so
 * both of its names lie where that is allowed; the text of a symbolic link is anything, since following it is checked
 * each time.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two strings in one payload, the second at the next multiple of 16 (channel.h). */
static int take_two(const hc_call *c, uint32_t rank, char first[PATH_MAX], char second[PATH_MAX]) {
    int64_t total = c->arg[0][rank], bytes = c->arg[3][rank];
    if (total < 0 || bytes < 0 || bytes > total) return -EINVAL;
    int64_t at = (int64_t)hc_round16((uint64_t)bytes);
    if (at > total) return -EINVAL;
    int rc = hc_fs_take_path(c, rank, 0, bytes, first);
    if (rc < 0) return rc;
    rc = hc_fs_take_path(c, rank, (uint64_t)at, total - at, second);
    return rc == -ENOENT ? 0 : rc; /* an empty one is not there, which is found out when its turn comes */
}

/* Makes the name `to` for a file: what a symbolic link leads to is held open as fd, else it is from. What is there is
 * looked at first, as Linux does: a link from nothing to something is ENOENT. */
static int link_names(hc_fs *fs, int fd, const hc_parent *from, hc_start start, const char *path) {
    char self[HC_FS_SELF];
    hc_parent to;
    struct stat st;
    if (from && !from->dots && fstatat(from->fd, from->last, &st, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    int rc = hc_paths_parent(&fs->paths, start, path, &to);
    if (rc < 0) return rc;
    hc_fs_self(from && from->dots ? from->fd : fd, self); /* of a directory the kernel says what is wrong first */
    if (to.dots) rc = -EEXIST;
    else if (!from || from->dots) rc = linkat(AT_FDCWD, self, to.fd, to.last, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
    else rc = linkat(from->fd, from->last, to.fd, to.last, 0) < 0 ? -errno : 0;
    hc_paths_parent_release(&to);
    return rc;
}

static int64_t link_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char from[PATH_MAX], to[PATH_MAX];
    hc_start from_start, to_start;
    hc_file *from_held = NULL, *to_held = NULL;
    hc_parent parent;
    int64_t flags = c->arg[4][rank];
    if (flags & ~(int64_t)HC_WIRE_SYMLINK_FOLLOW) return -EINVAL;
    int rc = take_two(c, rank, from, to);
    if (rc == 0) rc = hc_fs_take_start(fs, c->arg[1][rank], from, &from_start, &from_held);
    if (rc == 0) rc = hc_fs_take_start(fs, c->arg[2][rank], to, &to_start, &to_held);
    if (rc == 0 && flags) {
        int fd = rc = hc_paths_open(&fs->paths, from_start, from, O_PATH, 0, true, NULL);
        if (fd >= 0) {
            rc = link_names(fs, fd, NULL, to_start, to);
            close(fd);
        }
    } else if (rc == 0 && (rc = hc_paths_parent(&fs->paths, from_start, from, &parent)) == 0) {
        rc = link_names(fs, -1, &parent, to_start, to);
        hc_paths_parent_release(&parent);
    }
    hc_fs_drop(from_held);
    hc_fs_drop(to_held);
    return rc;
}

static int64_t symlink_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char target[PATH_MAX], path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    hc_parent parent;
    int rc = take_two(c, rank, target, path);
    if (rc == 0) rc = hc_fs_take_start(fs, c->arg[2][rank], path, &start, &held);
    if (rc == 0 && (rc = hc_paths_parent(&fs->paths, start, path, &parent)) == 0) {
        if (parent.dots) rc = -EEXIST;
        else rc = symlinkat(target, parent.fd, parent.last) < 0 ? -errno : 0;
        hc_paths_parent_release(&parent);
    }
    hc_fs_drop(held);
    return rc;
}

/* The path of (reserved bytes, dirfd, something, path bytes), opened without asking anything of it. */
static int open_named(hc_fs *fs, hc_call *c, uint32_t rank, int flags) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    int rc = hc_fs_take_path(c, rank, 0, c->arg[3][rank], path);
    if (rc < 0 || (rc = hc_fs_take_start(fs, c->arg[1][rank], path, &start, &held)) < 0) return rc;
    rc = hc_paths_open(&fs->paths, start, path, O_PATH | flags, 0, false, NULL);
    hc_fs_drop(held);
    return rc;
}

static int64_t readlink_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char text[PATH_MAX];
    uint8_t *room;
    int64_t most = c->arg[2][rank];
    if (most <= 0) return -EINVAL;
    if (most > PATH_MAX) most = PATH_MAX;
    int fd = open_named(fs, c, rank, O_NOFOLLOW);
    if (fd < 0) return fd;
    ssize_t n = readlinkat(fd, "", text, (size_t)most);
    int64_t r = n >= 0 ? n : errno == ENOENT ? -EINVAL : -errno; /* what Linux says of an empty path that is no link */
    close(fd);
    int rc = r > 0 ? hc_fs_take_room(c, rank, (uint64_t)r, &room) : 0;
    if (rc < 0) return rc;
    if (r > 0) memcpy(room, text, (size_t)r);
    return r;
}

static int64_t realpath_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char self[HC_FS_SELF], text[PATH_MAX];
    uint8_t *room;
    int fd = open_named(fs, c, rank, 0);
    if (fd < 0) return fd;
    hc_fs_self(fd, self);
    ssize_t n = readlink(self, text, sizeof text);
    int64_t r = n < 0 ? -errno : n == sizeof text ? -ENAMETOOLONG : n + 1;
    close(fd);
    if (r < 0) return r;
    text[n] = 0;
    if (r > c->arg[2][rank]) return -ERANGE;
    int rc = hc_fs_take_room(c, rank, (uint64_t)r, &room);
    if (rc < 0) return rc;
    memcpy(room, text, (size_t)r);
    return r;
}

static int64_t mknod_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    hc_parent parent;
    mode_t mode = (mode_t)c->arg[2][rank] & 07777, type = (mode_t)c->arg[2][rank] & S_IFMT;
    if (type == S_IFDIR) return -EPERM;
    if (type == S_IFCHR || type == S_IFBLK || type == S_IFSOCK) return -EPERM; /* devices are not for device code */
    if (type && type != S_IFREG && type != S_IFIFO) return -EINVAL;
    int rc = hc_fs_take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    if ((rc = hc_paths_parent(&fs->paths, start, path, &parent)) == 0) {
        if (parent.dots) rc = -EEXIST;
        else rc = mknodat(parent.fd, parent.last, hc_fs_masked(fs, mode) | type, 0) < 0 ? -errno : 0;
        hc_paths_parent_release(&parent);
    }
    hc_fs_drop(held);
    return rc;
}

HC_FS_SERVICE(link, hc_fs_each_lane_may_block)
HC_FS_SERVICE(symlink, hc_fs_each_lane_may_block)
HC_FS_SERVICE(readlink, hc_fs_each_lane_may_block)
HC_FS_SERVICE(realpath, hc_fs_each_lane_may_block)
HC_FS_SERVICE(mknod, hc_fs_each_lane_may_block)
