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
#include <sys/statvfs.h>
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

/* ------------------------------------------------------------------------------------- the file system behind a name */
/* The path of (..., dirfd, ...), or, where there is none, what dirfd stands for. */
static int open_subject(hc_fs *fs, hc_call *c, uint32_t rank, int64_t bytes) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    if (bytes == 0 && c->arg[1][rank] != HC_WIRE_FDCWD) {
        if (!(held = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]))) return -EBADF;
        int fd = held->host < 0 ? open("/dev/null", O_PATH | O_CLOEXEC) : fcntl(held->host, F_DUPFD_CLOEXEC, 3);
        int rc = fd < 0 ? -errno : fd; /* of a sink nothing else is known */
        hc_file_put(held);
        return rc;
    }
    int rc = hc_fs_take_path(c, rank, 0, bytes, path);
    if (rc < 0 || (rc = hc_fs_take_start(fs, c->arg[1][rank], path, &start, &held)) < 0) return rc;
    rc = hc_paths_open(&fs->paths, start, path, O_PATH, 0, false, NULL);
    hc_fs_drop(held);
    return rc;
}

static int64_t statvfs_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    struct statvfs v;
    uint8_t *room;
    int fd = open_subject(fs, c, rank, c->arg[3][rank]);
    if (fd < 0) return fd;
    int rc = fstatvfs(fd, &v) < 0 ? -errno : hc_fs_take_room(c, rank, sizeof(hc_statvfs_wire), &room);
    close(fd);
    if (rc < 0) return rc;
    hc_statvfs_wire w = {.bsize = v.f_bsize,
                         .frsize = v.f_frsize,
                         .blocks = v.f_blocks,
                         .bfree = v.f_bfree,
                         .bavail = v.f_bavail,
                         .files = v.f_files,
                         .ffree = v.f_ffree,
                         .favail = v.f_favail,
                         .fsid = v.f_fsid,
                         .flag = v.f_flag,
                         .namemax = v.f_namemax};
    memcpy(room, &w, sizeof w);
    return sizeof w;
}

/* A limit that does not exist is -1 without an error, which no result here can be: INT64_MAX stands for it. */
static int64_t pathconf_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    int64_t name = c->arg[2][rank];
    if (name < 0 || name > _PC_2_SYMLINKS) return -EINVAL;
    int fd = open_subject(fs, c, rank, c->arg[0][rank]);
    if (fd < 0) return fd;
    errno = 0;
    long value = fpathconf(fd, (int)name);
    int64_t r = value >= 0 ? value : errno ? -errno : INT64_MAX;
    close(fd);
    return r;
}

HC_FS_SERVICE(fstat, hc_fs_each_lane_may_block)
HC_FS_SERVICE(stat, hc_fs_each_lane_may_block)
HC_FS_SERVICE(access, hc_fs_each_lane_may_block)
HC_FS_SERVICE(statvfs, hc_fs_each_lane_may_block)
HC_FS_SERVICE(pathconf, hc_fs_each_lane_may_block)
