/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file is, and what may be done with it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

static void hc_fs_put_stat(uint8_t *to, const struct stat *st) {
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
    int64_t r = hc_fs_take_room(c, rank, sizeof(hc_stat_wire), &room);
    if (r == 0 && file->kind == HC_FILE_SINK) r = hc_stdio_stat(c->server, file->stream, &st);
    else if (r == 0) r = fstat(file->host, &st) < 0 ? -errno : 0;
    if (r == 0) hc_fs_put_stat(room, &st);
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
    int rc = hc_fs_take_path(c, rank, 0, c->arg[3][rank], path);
    if (rc == -ENOENT && (flags & HC_WIRE_EMPTY_PATH)) {
        if (dirfd != HC_WIRE_FDCWD) return stat_descriptor(fs, c, rank, dirfd);
        memcpy(path, ".", 2);
        rc = 0;
    }
    if (rc < 0) return rc;
    uint8_t *room;
    if ((rc = hc_fs_take_room(c, rank, sizeof(hc_stat_wire), &room)) < 0) return rc;
    if ((rc = hc_fs_take_start(fs, dirfd, path, &start, &held)) < 0) return rc;
    struct stat st;
    int fd = hc_paths_open(&fs->paths, start, path, O_PATH | (flags & HC_WIRE_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0,
                           false, NULL);
    hc_fs_drop(held);
    if (fd < 0) return fd;
    rc = fstat(fd, &st) < 0 ? -errno : 0;
    close(fd);
    if (rc == 0) hc_fs_put_stat(room, &st);
    return rc;
}

static int64_t access_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    int64_t mode = c->arg[2][rank], flags = c->arg[3][rank];
    if (mode & ~(int64_t)(R_OK | W_OK | X_OK)) return -EINVAL;
    int rc = hc_fs_take_name(fs, c, rank, path, &start, &held);
    if (rc < 0) return rc;
    int follow = flags & HC_WIRE_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;
    int fd = hc_paths_open(&fs->paths, start, path, O_PATH | follow, 0, mode & W_OK, NULL);
    hc_fs_drop(held);
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

HC_FS_SERVICE(fstat, hc_fs_each_lane_may_block)
HC_FS_SERVICE(stat, hc_fs_each_lane_may_block)
HC_FS_SERVICE(access, hc_fs_each_lane_may_block)
